//! What the tree already says of a service, as far as a first gonogo.yaml can repeat it.

use facts::{Api, Container, Dockerfile, ProbeAction, Scope, VariableValue, Workload};
use model::{Kind, Place, Placed, Tier};
use requirements::calls;

/// What is known of a service before anybody was asked.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) is_kind_assumed: bool,
    pub(super) tier: Option<Placed<Tier>>,
    pub(super) owner: Option<Placed<String>>,
    /// Why it may be no service.
    pub(super) doubt: Option<String>,
    pub(super) calls: Vec<Call>,
    /// Name, path and place of something that can be asked for without knowing more.
    pub(super) journey: Option<(String, Placed<String>)>,
    /// What starts it, as words.
    pub(super) command: Option<Placed<Vec<String>>>,
    /// Its variables, with what drills put into them where that is known.
    pub(super) variables: Vec<(String, Option<String>)>,
    pub(super) ready: Option<Placed<String>>,
    pub(super) live: Option<Placed<String>>,
    pub(super) stop_within_s: Option<Placed<f64>>,
}

/// Something that the service calls or stores in.
#[derive(Clone, Debug)]
pub(super) struct Call {
    pub(super) name: String,
    /// A word of `kind:`, where it is known what it speaks.
    pub(super) kind: Option<&'static str>,
    /// What shows it, and where.
    pub(super) seen: String,
}

impl Draft {
    /// A service of which only the name is known.
    pub(super) fn named(name: String) -> Self {
        Self {
            name,
            kind: Kind::Web,
            is_kind_assumed: true,
            tier: None,
            owner: None,
            doubt: None,
            calls: Vec::new(),
            journey: None,
            command: None,
            variables: Vec::new(),
            ready: None,
            live: None,
            stop_within_s: None,
        }
    }

    /// What the facts of `scope` tell.
    pub(super) fn of(scope: &Scope<'_>) -> Self {
        let service = scope.service;
        let calls = calls_of(scope);
        let main = main_container(scope);
        let port =
            main.and_then(port_of).or_else(|| scope.dockerfiles.iter().copied().find_map(exposed));
        let path = |of: fn(&Container) -> &Option<facts::Probe>| {
            main.and_then(|container| http_path(of(container).as_ref()?))
        };
        Self {
            kind: service.kind,
            is_kind_assumed: service.is_kind_assumed,
            tier: service.tier.clone(),
            owner: scope
                .entries
                .iter()
                .find_map(|entry| entry.owners.first())
                .map(|owner| Placed { value: owner.value.clone(), place: owner.place.clone() }),
            doubt: service.doubt.as_ref().map(|doubt| doubt.what.clone()),
            journey: scope.apis.iter().find_map(|api| plain_get(api)),
            command: command_of(scope, main, port),
            variables: main.map_or_else(Vec::new, |main| variables_of(main, port, &calls)),
            ready: path(|container| &container.readiness),
            live: path(|container| &container.liveness),
            stop_within_s: scope.workloads.iter().find_map(|one| one.grace_period_s.clone()),
            calls,
            ..Self::named(service.name.clone())
        }
    }
}

/// What the files that run it show, and what its catalog entries name.
fn calls_of(scope: &Scope<'_>) -> Vec<Call> {
    let mut calls: Vec<Call> = Vec::new();
    let mut add = |name: &str, kind: Option<&'static str>, seen: String| {
        let name = super::name_of(name);
        if !calls.iter().any(|known| known.name == name) {
            calls.push(Call { name, kind, seen });
        }
    };
    for seen in calls::seen(scope) {
        add(seen.name, speaks(seen.kind), format!("{}, {}", seen.what, seen.place));
    }
    for name in scope.entries.iter().flat_map(|entry| &entry.depends_on) {
        add(calls::bare(name), None, format!("named in {}", name.place));
    }
    calls
}

/// The word of `kind:` for a kind of datastore.
fn speaks(kind: &'static str) -> Option<&'static str> {
    match kind {
        "" => None,
        "elasticsearch" => Some("http"),
        "mongodb" | "memcached" => Some("tcp"),
        known => Some(known),
    }
}

/// The container that takes requests, else the first.
fn main_container<'a>(scope: &Scope<'a>) -> Option<&'a Container> {
    let serves = |workload: &&&Workload| workload.serves_traffic();
    let workload = scope.workloads.iter().find(serves).or_else(|| scope.workloads.first())?;
    let opens = |container: &&Container| !container.ports.is_empty();
    workload.containers.iter().find(opens).or_else(|| workload.containers.first())
}

fn port_of(container: &Container) -> Option<i64> {
    container.ports.iter().find_map(|port| port.number)
}

fn exposed(dockerfile: &Dockerfile) -> Option<i64> {
    let mut ports = dockerfile.lineage().flat_map(|stage| &stage.ports);
    ports.find_map(|port| port.split('/').next()?.parse().ok())
}

/// The path that a probe asks for.
fn http_path(probe: &facts::Probe) -> Option<Placed<String>> {
    match &probe.action {
        ProbeAction::Http { path, .. } => Some(path.clone()),
        _ => None,
    }
}

/// What is asked for by GET without an id.
fn plain_get(api: &Api) -> Option<(String, Placed<String>)> {
    let is_plain = |path: &str| path.starts_with('/') && !path.contains(['{', ' ', ':']);
    let found = api.operations.iter().find(|one| one.method == "GET" && is_plain(&one.path))?;
    let name = found.id.as_deref().unwrap_or(&found.path);
    Some((super::name_of(name), Placed { value: found.path.clone(), place: found.place.clone() }))
}

/// What the container runs, else what its image does, with `{port}` where its port stands.
fn command_of(
    scope: &Scope<'_>,
    main: Option<&Container>,
    port: Option<i64>,
) -> Option<Placed<Vec<String>>> {
    let own = main.and_then(|container| container.command.as_ref());
    let built = || {
        let mut stages = scope.dockerfiles.iter().flat_map(|file| file.lineage());
        stages.find_map(|stage| stage.entry.as_ref()).map(|(entry, _)| entry)
    };
    let command = own.or_else(built)?;
    let words = words(command).into_iter().map(|word| with_port(&word, port)).collect();
    Some(Placed { value: words, place: command.place.clone() })
}

/// The words of a command line; one that only a shell understands is left to a shell.
fn words(command: &str) -> Vec<String> {
    if let Some((shell, line)) = command.split_once(" -c ").filter(|(s, _)| s.ends_with("sh")) {
        let line = line.trim().trim_matches(['"', '\'']);
        return vec![shell.to_owned(), "-c".to_owned(), line.to_owned()];
    }
    if command.contains(['"', '\'', '$', '|', '&', ';', '<', '>', '`', '\\', '\n', '*', '(']) {
        return vec!["sh".to_owned(), "-c".to_owned(), command.to_owned()];
    }
    command.split_whitespace().map(str::to_owned).collect()
}

fn with_port(word: &str, port: Option<i64>) -> String {
    let Some(port) = port.map(|port| port.to_string()) else { return word.to_owned() };
    match word.strip_suffix(&port) {
        Some("") => "{port}".to_owned(),
        Some(before) if before.ends_with([':', '=']) => format!("{before}{{port}}"),
        _ => word.to_owned(),
    }
}

/// The variables that its manifests set, without what only the platform can put in.
fn variables_of(
    container: &Container,
    port: Option<i64>,
    calls: &[Call],
) -> Vec<(String, Option<String>)> {
    let port = port.map(|port| port.to_string());
    let known = container.environment.iter().filter_map(|variable| {
        let value = match &variable.value {
            VariableValue::Other => return None,
            VariableValue::Literal(text) if Some(&text.value) == port.as_ref() => {
                Some("{port}".to_owned())
            }
            VariableValue::Literal(text) => at_call(text, calls),
            _ => None,
        };
        Some((variable.name.value.clone(), value))
    });
    let mut variables: Vec<_> = known.collect();
    variables.sort();
    variables.dedup_by(|a, b| a.0 == b.0);
    variables
}

/// An address without its credentials, with `{NAME}` in place of the host that `calls` name.
fn at_call(address: &str, calls: &[Call]) -> Option<String> {
    let host = calls::host_of(address)?;
    let name = super::name_of(host);
    let call = calls.iter().find(|call| call.name == name)?;
    let (scheme, rest) = address.split_once("://").map_or(("", address), |(s, rest)| (s, rest));
    let separator = if scheme.is_empty() { "" } else { "://" };
    let (user, rest) = rest.rsplit_once('@').map_or(("", rest), |(_, rest)| ("…@", rest));
    let path = rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or_default();
    let path = path.split('?').next().unwrap_or_default();
    Some(format!("{scheme}{separator}{user}{{{}}}{path}", call.name))
}

/// Where something stands, as it is told in a comment.
pub(super) fn told(place: &Place) -> String {
    format!("{}:{}", place.path, place.line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_taken_apart_or_left_to_its_shell() {
        assert_eq!(words("python -m notes"), ["python", "-m", "notes"]);
        assert_eq!(words("bash -c 'a && b'"), ["bash", "-c", "a && b"]);
        assert_eq!(words("a && b"), ["sh", "-c", "a && b"]);
        assert_eq!(with_port("0.0.0.0:8080", Some(8080)), "0.0.0.0:{port}");
        assert_eq!(with_port("18080", Some(8080)), "18080");
    }
}
