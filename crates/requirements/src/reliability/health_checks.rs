//! Liveness and readiness checks exist and the orchestrator routes by them.

use super::{compose, probe};
use crate::pod;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/health-checks",
    title: "liveness and readiness checks exist and the orchestrator routes by them",
    why: "Without a readiness check users are sent to instances that cannot serve them; without \
          a liveness check a process that hangs stays that way until a person notices.",
    remedy: "Give each container that takes traffic a readiness check of what a request needs, \
             and a liveness check that fails only where a restart would help.",
    references: &[
        Reference {
            title: "Kubernetes: liveness, readiness and startup probes",
            url: "https://kubernetes.io/docs/concepts/workloads/pods/probes/",
        },
        Reference {
            title: "Compose file: healthcheck",
            url: "https://docs.docker.com/reference/compose-file/services/#healthcheck",
        },
        Reference {
            title: "systemd: watchdog and notification of services",
            url: "https://www.freedesktop.org/software/systemd/man/latest/systemd.service.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Manifest, Change::Code, Change::Dependency],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALWAYS_ON,
    reads: &[],
    proofs: &[Proof::EachWorkload(judge), Proof::Drill("lifecycle")],
    cases: include_str!("health_checks.md"),
};

fn judge(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    if !workload.is_long_running() {
        return Outcome::not_applicable(format!("`{}` is a job that ends", *workload.name));
    }
    match workload.platform {
        Platform::Kubernetes => on_cluster(workload, scope),
        Platform::Compose => compose::health(workload, scope),
        Platform::Systemd => as_unit(workload),
    }
}

fn on_cluster(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let wrong = workload.containers.iter().flat_map(|c| probe::faults(c, workload, scope));
    let serving = pod::serving(workload, scope);
    let wrong: Vec<Finding> =
        wrong.chain(serving.iter().flat_map(|c| disagreements(c, scope))).collect();
    let missing = match serving.as_slice() {
        [] => hangs_unseen(workload).into_iter().collect(),
        serving => serving.iter().filter_map(|c| unchecked(c, scope)).collect::<Vec<_>>(),
    };
    let missing = missing.into_iter().map(|f| Outcome::missing(f, &[Subject::Workloads], scope));
    let wrong = (!wrong.is_empty()).then_some(Outcome::Unmet(wrong));
    let untold = || serving.iter().find_map(|container| untold(container, scope));
    Outcome::all(wrong.into_iter().chain(missing)).or_else(untold).unwrap_or_else(|| seen(workload))
}

/// That one path decides over restarts and over traffic, and its name leaves open whether it fails with
/// what the service depends on: then all instances would be restarted at once.
fn untold(container: &Container, scope: &Scope<'_>) -> Option<Outcome> {
    let path = probe::shared_path(container, scope)?;
    Some(Outcome::Unknown(format!(
        "liveness and readiness of `{}` both ask `{}`: whether that fails with a dependency is not told; \
         have liveness ask a path such as `/livez`, and let `gonogo drill fault` show what each answers",
        *container.name, **path
    )))
}

/// What is missing at a container that takes traffic.
fn unchecked(container: &Container, scope: &Scope<'_>) -> Option<Finding> {
    let run = scope.declaration.and_then(|declaration| declaration.run.as_ref());
    let path = |declared: Option<&Placed<String>>, usual: &str| {
        declared.map_or(usual, |path| path.value.as_str()).to_owned()
    };
    let lines = |key: &str, path: &str| {
        format!("{key}:\n  httpGet: {{path: {path}, port: {}}}", port_of(container))
    };
    let readiness =
        || lines("readinessProbe", &path(run.and_then(|r| r.ready.as_ref()), "/readyz"));
    let liveness = || lines("livenessProbe", &path(run.and_then(|r| r.live.as_ref()), "/livez"));
    let (what, lines) = match (&container.readiness, &container.liveness) {
        (None, None) => {
            ("neither a readiness nor a liveness probe", format!("{}\n{}", readiness(), liveness()))
        }
        (None, Some(_)) => ("no readiness probe", readiness()),
        (Some(_), None) => ("no liveness probe", liveness()),
        (Some(_), Some(_)) => return None,
    };
    let name = &container.name;
    Some(
        Finding::at(&name.place, format!("container `{}` has {what}", **name))
            .help(format!("add to the container:\n\n{lines}")),
    )
}

/// Probes that ask for other paths than gonogo.yaml names. Where several workloads run, it speaks
/// of one of them, and which is not to be told.
fn disagreements(container: &Container, scope: &Scope<'_>) -> Vec<Finding> {
    let mut pairs = scope.workloads.windows(2);
    let is_of_one = pairs.all(|pair| matches!(pair, [a, b] if a.name.value == b.name.value));
    let run = scope.declaration.and_then(|declaration| declaration.run.as_ref());
    let Some(run) = run.filter(|_| is_of_one) else { return Vec::new() };
    let pairs = [
        ("readiness", &container.readiness, &run.ready),
        ("liveness", &container.liveness, &run.live),
    ];
    let differing = pairs.into_iter().filter_map(|(role, probe, declared)| {
        let ProbeAction::Http { path, .. } = &probe.as_ref()?.action else { return None };
        let declared = declared.as_ref()?;
        let is_same = path.trim_end_matches('/') == declared.trim_end_matches('/');
        let name = container.name.as_str();
        let message =
            format!("{role} of `{name}` asks `{}`, and gonogo.yaml says `{}`", **path, **declared);
        let finding = Finding::at(&path.place, message).help("make both name the same path");
        (!is_same).then(|| finding.related(&declared.place, "what gonogo.yaml says"))
    });
    differing.collect()
}

/// What to call a port of the container in a probe.
fn port_of(container: &Container) -> String {
    let port = container.ports.first();
    let name = port.and_then(|port| port.name.clone());
    let number = port.and_then(|port| port.number);
    name.or_else(|| number.map(|number| number.to_string())).unwrap_or_else(|| "8080".to_owned())
}

/// What is missing where nobody sends requests: some check that finds it hanging.
fn hangs_unseen(workload: &Workload) -> Option<Finding> {
    let has_check = |container: &Container| {
        container.liveness.is_some() || container.startup.is_some() || container.readiness.is_some()
    };
    if workload.containers.iter().any(has_check) {
        return None;
    }
    let name = workload.containers.first().map_or(&workload.name, |container| &container.name);
    let message = format!("container `{}` has no probe: nothing restarts it when it hangs", **name);
    Some(Finding::at(&name.place, message).help(
        "add to the container, with a command that fails when work stands still:\n\n\
         livenessProbe:\n  exec: {command: [/app/healthy]}\n  periodSeconds: 30",
    ))
}

fn seen(workload: &Workload) -> Outcome {
    let seen = workload.containers.iter().flat_map(|container| {
        let probes = [
            ("readiness", container.readiness.as_ref()),
            ("liveness", container.liveness.as_ref()),
            ("startup", container.startup.as_ref()),
        ];
        let name = container.name.as_str();
        probes.into_iter().filter_map(move |(role, probe)| {
            let probe = probe?;
            let what = probe::description(probe);
            Some(Sighting::at(&probe.place, format!("{role} of `{name}`: {what}")))
        })
    });
    Outcome::Met(seen.collect())
}

fn as_unit(workload: &Workload) -> Outcome {
    let name = &workload.name;
    let container = workload.containers.first();
    let probes = container.into_iter().flat_map(|c| [&c.liveness, &c.readiness]).flatten();
    let check = probes.into_iter().next().map_or_else(
        || {
            let message =
                format!("unit `{}` tells systemd neither that it is ready nor alive", **name);
            let help = "call sd_notify in the service, and add:\n\n[Service]\nType=notify\n\
                        WatchdogSec=30s";
            Outcome::from(Finding::at(&workload.specification, message).help(help))
        },
        |probe| Outcome::met(&probe.place, format!("`{}` reports to systemd", **name)),
    );
    let restart = match &workload.restart {
        Some(policy) if policy.value != "no" => {
            Outcome::met(&policy.place, format!("`{}` restarts: {}", **name, **policy))
        }
        policy => {
            let place = policy.as_ref().map_or(&workload.specification, |policy| &policy.place);
            let message = format!("unit `{}` is not restarted when it dies", **name);
            Finding::at(place, message).help("[Service]\nRestart=on-failure").into()
        }
    };
    Outcome::all([check, restart]).unwrap_or_else(|| Outcome::unknown("nothing is said of it"))
}
