//! What a probe asks, and what is wrong with it.

use facts::{Container, Platform, Probe, ProbeAction, Scope, Workload};
use model::{Finding, Kind, Placed};

use super::script::cannot_fail;
use crate::contradiction;
use crate::pod::is_port;

/// What is wrong with the probes of a container.
pub(super) fn faults(
    container: &Container,
    workload: &Workload,
    scope: &Scope<'_>,
) -> Vec<Finding> {
    let role = |role: &'static str, probe| Asked { role, probe, container };
    let readiness = match workload.platform {
        Platform::Kubernetes => "readiness probe",
        Platform::Compose | Platform::Systemd => "health check",
    };
    let asked = [
        container.readiness.as_ref().map(|probe| role(readiness, probe)),
        container.liveness.as_ref().map(|probe| role("liveness probe", probe)),
        container.startup.as_ref().map(|probe| role("startup probe", probe)),
    ];
    let each = asked.into_iter().flatten().filter_map(|asked| {
        asked.asks_nothing().or_else(|| asked.misses_port(workload)).or_else(|| asked.never_fails())
    });
    each.chain(restarts_for_others(container, scope)).collect()
}

/// What a probe asks, for people.
pub(super) fn description(probe: &Probe) -> String {
    let on = |port: &Option<Placed<String>>| {
        port.as_ref().map_or_else(String::new, |port| format!(" on port {}", port.value))
    };
    match &probe.action {
        ProbeAction::Http { path, port } => format!("GET {}{}", path.value, on(port)),
        ProbeAction::Tcp { port } => format!("a connection{}", on(port)),
        ProbeAction::Grpc { port } => format!("gRPC health{}", on(port)),
        ProbeAction::Exec { command } => format!("`{}`", command.value),
        ProbeAction::Notify => "it reports by itself".to_owned(),
        ProbeAction::None => "nothing".to_owned(),
    }
}

/// A probe in its role.
struct Asked<'a> {
    role: &'static str,
    probe: &'a Probe,
    container: &'a Container,
}

impl Asked<'_> {
    fn asks_nothing(&self) -> Option<Finding> {
        let is_nothing = self.probe.action == ProbeAction::None;
        let message = format!("the {} of `{}` checks nothing", self.role, *self.container.name);
        let help = "give it an `httpGet`, `grpc`, `tcpSocket` or a command";
        is_nothing.then(|| Finding::at(&self.probe.place, message).help(help))
    }

    /// Whether it asks where a manager of controller-runtime answers by default, which opens that port
    /// without a word in the manifest.
    /// <https://pkg.go.dev/sigs.k8s.io/controller-runtime/pkg/manager#Options>
    fn asks_a_manager(&self, port: &str) -> bool {
        let ProbeAction::Http { path, .. } = &self.probe.action else { return false };
        port == "8081" && matches!(path.value.as_str(), "/healthz" | "/readyz")
    }

    /// A name has to be that of a port of its own container; a number may be any container's.
    fn misses_port(&self, workload: &Workload) -> Option<Finding> {
        let (ProbeAction::Http { port, .. }
        | ProbeAction::Tcp { port }
        | ProbeAction::Grpc { port }) = &self.probe.action
        else {
            return None;
        };
        let port = port.as_ref()?;
        let is_number = port.parse::<i64>().is_ok();
        let is_name = !is_number && port.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        let own = self.container.ports.iter();
        let all = workload.containers.iter().flat_map(|container| &container.ports);
        let is_open = all.clone().any(|open| is_port(open, port) || open.number.is_none());
        let is_missed = if is_number {
            own.len() > 0 && !is_open && !self.asks_a_manager(port)
        } else {
            is_name && !own.clone().any(|open| is_port(open, port))
        };
        if !is_missed {
            return None;
        }
        let (role, name) = (self.role, self.container.name.as_str());
        let message =
            format!("the {role} of `{name}` asks port `{}`, which is not declared", **port);
        let open: Vec<String> = own
            .map(|open| {
                let number = open.number.map(|number| number.to_string());
                open.name.clone().or(number).unwrap_or_default()
            })
            .collect();
        let help = match open.as_slice() {
            [] => format!("declare it under `ports:` of the container:\n\n- name: {}", **port),
            open => format!(
                "ask a port that the container declares ({}), or declare this one under `ports:`",
                open.join(", ")
            ),
        };
        Some(Finding::at(&port.place, message).help(help))
    }

    fn never_fails(&self) -> Option<Finding> {
        let ProbeAction::Exec { command } = &self.probe.action else { return None };
        let message = never_fails(self.role, &self.container.name, command);
        let help = "run a command that fails when the service cannot do its work";
        cannot_fail(command).then(|| Finding::at(&command.place, message).help(help))
    }
}

/// What to say of a check that cannot fail.
pub(super) fn never_fails(role: &str, name: &str, command: &str) -> String {
    format!("the {role} of `{name}` runs `{command}`, which cannot fail")
}

/// A liveness probe that fails with a dependency, or acts before traffic is taken away.
fn restarts_for_others(container: &Container, scope: &Scope<'_>) -> Option<Finding> {
    let liveness = container.liveness.as_ref()?;
    let path = match &liveness.action {
        ProbeAction::Http { path, .. } => Some(path),
        _ => None,
    };
    if let Some(path) = path.filter(|path| asks_dependencies(path)) {
        let name = container.name.as_str();
        let message =
            format!("liveness of `{name}` asks `{}`, which says whether it is ready", **path);
        return Some(Finding::at(&path.place, message).help(
            "ask a path that fails only where a restart would help, such as `/livez`, and leave \
             dependencies to the readiness probe",
        ));
    }
    let readiness = container.readiness.as_ref()?;
    if !is_same_action(&liveness.action, &readiness.action) {
        return None;
    }
    path.and_then(|path| asks_all_of_spring(path, container, scope))
        .or_else(|| restarts_first(liveness, readiness, container))
}

/// Spring's health fails with each dependency that it knows, where it is not asked by group.
fn asks_all_of_spring(
    path: &Placed<String>,
    container: &Container,
    scope: &Scope<'_>,
) -> Option<Finding> {
    let is_whole = path.trim_end_matches('/').ends_with("/actuator/health");
    let message = format!(
        "liveness of `{}` asks `{}` as readiness does, which fails with any dependency",
        *container.name, **path
    );
    let help = "ask `/actuator/health/liveness` and `/actuator/health/readiness`";
    (is_whole && !calls_nothing(scope)).then(|| Finding::at(&path.place, message).help(help))
}

/// Whether gonogo.yaml says that the service depends on nothing, and nothing says otherwise.
fn calls_nothing(scope: &Scope<'_>) -> bool {
    let dependencies = scope.declaration.and_then(|declared| declared.dependencies.as_ref());
    dependencies.is_some_and(Vec::is_empty) && contradiction::dependency(scope).is_none()
}

/// The path that liveness and readiness both ask, where its name does not say that it is on the process
/// alone. What only shows files to browsers has nothing that it could ask.
pub(super) fn shared_path<'c>(
    container: &'c Container,
    scope: &Scope<'_>,
) -> Option<&'c Placed<String>> {
    let (liveness, readiness) = (container.liveness.as_ref()?, container.readiness.as_ref()?);
    let ProbeAction::Http { path, .. } = &liveness.action else { return None };
    let is_open = is_same_action(&liveness.action, &readiness.action)
        && !tells_of_life(path)
        && scope.service.kind != Kind::Frontend
        && !calls_nothing(scope);
    is_open.then_some(path)
}

/// Whether the last part of a path says that it is on being alive: `/livez`, `/ping`.
fn tells_of_life(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default().trim_end_matches('/').to_lowercase();
    let last = path.rsplit('/').next().unwrap_or_default();
    last.split(['-', '_', '.', ':']).any(|word| {
        ["alive", "up"].contains(&word)
            || ["live", "ping"].iter().any(|start| word.starts_with(start))
    })
}

fn restarts_first(liveness: &Probe, readiness: &Probe, container: &Container) -> Option<Finding> {
    let (restarted, taken_out) = (patience_s(liveness), patience_s(readiness));
    let message = format!(
        "liveness restarts `{}` after {restarted} s, before readiness by the same check takes it \
         out of traffic after {taken_out} s",
        *container.name
    );
    let help = "raise its `failureThreshold`, or ask another path";
    (restarted < taken_out).then(|| Finding::at(&liveness.place, message).help(help))
}

/// Whether a path by its name tells of more than the process itself.
fn asks_dependencies(path: &str) -> bool {
    let path = path.split('?').next().unwrap_or_default().to_lowercase();
    path.split('/').any(|part| {
        let words = || part.split(['-', '_', '.', ':']);
        let is_about = |word: &str| AMBIGUOUS.contains(&word) || HEALTH.contains(&word);
        words().any(|word| DEPENDENT.contains(&word))
            || (words().any(|word| AMBIGUOUS.contains(&word)) && words().all(is_about))
    })
}

/// What is also part of a name, where anything but health stands beside it: `/deps.rs`.
static AMBIGUOUS: &[&str] = &["database", "db", "deep", "dependencies", "deps"];

static HEALTH: &[&str] =
    &["check", "checks", "health", "healthcheck", "healthz", "live", "ping", "probe", "status"];

static DEPENDENT: &[&str] = &["isready", "readiness", "ready", "readycheck", "readyz"];

fn is_same_action(one: &ProbeAction, other: &ProbeAction) -> bool {
    let is_same = |a: &Option<Placed<String>>, b: &Option<Placed<String>>| {
        a.as_ref().map(|port| &port.value) == b.as_ref().map(|port| &port.value)
    };
    match (one, other) {
        (ProbeAction::Http { path: a, port: p }, ProbeAction::Http { path: b, port: q }) => {
            a.value == b.value && is_same(p, q)
        }
        (ProbeAction::Tcp { port: p }, ProbeAction::Tcp { port: q })
        | (ProbeAction::Grpc { port: p }, ProbeAction::Grpc { port: q }) => is_same(p, q),
        (ProbeAction::Exec { command: a }, ProbeAction::Exec { command: b }) => a.value == b.value,
        _ => false,
    }
}

/// Seconds of failing until the probe acts, by the defaults of Kubernetes where it is silent.
fn patience_s(probe: &Probe) -> f64 {
    let failures =
        f64::from(i32::try_from(probe.failure_threshold.unwrap_or(3)).unwrap_or(i32::MAX));
    probe.period_s.unwrap_or(10.0) * failures
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_tell_of_dependencies_are_known_by_their_words() {
        for path in [
            "/ready",
            "/readyz",
            "/health/ready",
            "/-/ready",
            "/health/db?x=1",
            "/db_health",
            "/deps",
        ] {
            assert!(asks_dependencies(path), "{path}");
        }
        for path in ["/livez", "/health", "/already", "/dashboard", "/repo/deps-rs/deps.rs"] {
            assert!(!asks_dependencies(path), "{path}");
        }
    }
}
