//! Requests and limits are set.

use crate::decide::not_operated;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/resource-limits",
    title: "requests and limits are set",
    why: "A container without requests is placed where there is no room, and one without a memory limit takes its neighbours down with it.",
    remedy: "Set CPU and memory requests and a memory limit on every container, from what it uses under its expected peak.",
    references: &[
        Reference {
            title: "Kubernetes: resource management for pods and containers",
            url: "https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/",
        },
        Reference {
            title: "Docker: Compose Deploy Specification, resources",
            url: "https://docs.docker.com/reference/compose-file/deploy/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Minutes(30),
    invalidated_by: &[Change::Manifest],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::EachWorkload(judge)],
    cases: include_str!("resource_limits.md"),
};

fn judge(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    if !scope.is_operated(workload) {
        return not_operated(workload);
    }
    let outcomes = workload.containers.iter().map(|container| bounded(container, workload, scope));
    Outcome::all(outcomes).unwrap_or_else(|| {
        Outcome::unknown(format!("`{}` names no container", workload.name.value))
    })
}

fn bounded(container: &Container, workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let platform = workload.platform;
    let missing = missing(platform, container);
    let name = &container.name;
    let Some((last, others)) = missing.split_last() else {
        let memory = container.limits.memory.as_ref();
        let place = memory.map_or(&name.place, |limit| &limit.place);
        let limit = memory.map_or("", |limit| limit.value.as_str());
        return Outcome::met(place, format!("`{}` may use {limit} of memory", name.value));
    };
    let words = if others.is_empty() {
        (*last).to_owned()
    } else {
        format!("{} and no {last}", others.join(", no "))
    };
    let place = if missing.len() > 2 || platform != Platform::Kubernetes {
        &name.place
    } else {
        container.limits.place.as_ref().or(container.requests.place.as_ref()).unwrap_or(&name.place)
    };
    let message = format!("`{}` has no {words}", name.value);
    match unread(workload, scope) {
        Some(gap) => {
            Outcome::Unknown(format!("{message}, but `{}` {}", gap.place.path, gap.reason))
        }
        None => Finding::at(place, message).help(help(platform)).into(),
    }
}

/// A patch of this workload that was not read or not applied: what else was not read, of it or beside
/// it, sets no limits here.
fn unread<'a>(workload: &Workload, scope: &Scope<'a>) -> Option<&'a Gap> {
    let name = workload.name.as_str();
    let is_its = |gap: &&Gap| gap.name.as_deref() == Some(name) && gap.reason.contains("patch");
    scope.gaps_of(Subject::Workloads).find(is_its)
}

/// What is not set. A CPU limit is not asked for: it throttles a container that could have used
/// idle time, and protects nobody whose CPU is requested.
fn missing(platform: Platform, container: &Container) -> Vec<&'static str> {
    let is_asked = |is_set: bool, name| (!is_set).then_some(name);
    let memory_limit = is_asked(container.limits.memory.is_some(), "memory limit");
    if platform != Platform::Kubernetes {
        return memory_limit.into_iter().collect();
    }
    // A limit without a request stands for the request too.
    let has = |request: &Option<Placed<String>>, limit: &Option<Placed<String>>| {
        request.is_some() || limit.is_some()
    };
    let (requests, limits) = (&container.requests, &container.limits);
    [
        is_asked(has(&requests.cpu, &limits.cpu), "CPU request"),
        is_asked(has(&requests.memory, &limits.memory), "memory request"),
        memory_limit,
    ]
    .into_iter()
    .flatten()
    .collect()
}

const fn help(platform: Platform) -> &'static str {
    match platform {
        Platform::Kubernetes => {
            "set them from what the container uses at its peak:\n\nresources:\n  \
             requests: {cpu: 100m, memory: 128Mi}\n  limits: {memory: 256Mi}"
        }
        Platform::Compose => {
            "limit its memory:\n\ndeploy:\n  resources:\n    limits: {memory: 256M}"
        }
        Platform::Systemd => "limit its memory:\n\n[Service]\nMemoryMax=256M",
    }
}
