//! How a Compose service is kept running.

use facts::{Container, Gap, ProbeAction, Scope, Subject, Workload, WorkloadKind, never_restarts};
use model::{Finding, Placed};

use super::script::{cannot_fail, takes_any_answer};
use super::{health_port, image, probe};
use crate::decide::not_operated;
use crate::{Outcome, prose};

/// What says that a Compose service is checked, and restarted when it dies.
pub(super) fn health(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = workload.name.as_str();
    if is_task(workload) {
        return Outcome::not_applicable(format!("`{name}` is a task that ends"));
    }
    let Some(container) = workload.containers.first() else {
        return Outcome::unknown(format!("`{name}` has no container"));
    };
    let both = [check_in_compose(container, workload, scope), restart(workload, scope)];
    let judged = Outcome::all(both).unwrap_or_else(|| Outcome::unknown("nothing is said of it"));
    match judged {
        Outcome::Unmet(findings) => lacking(findings, workload, scope),
        judged => judged,
    }
}

/// What is wrong is wrong; what it lacks may stand elsewhere, or be lacking on purpose.
fn lacking(findings: Vec<Finding>, workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = workload.name.as_str();
    if findings.iter().any(|finding| finding.place != workload.name.place) {
        return Outcome::Unmet(findings);
    }
    // A gap of another service of the file says nothing about this one.
    let is_its = |gap: &&Gap| gap.name.as_ref().is_none_or(|named| named == name);
    if let Some(gap) = scope.gaps_of(Subject::Workloads).find(is_its) {
        return Outcome::Unknown(format!(
            "how `{name}` is checked and restarted: `{}` {}",
            gap.place.path, gap.reason
        ));
    }
    if !scope.is_operated(workload) {
        return not_operated(workload);
    }
    Outcome::Unmet(findings)
}

fn restart(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = &workload.name;
    let is_kept = |over: &Workload| {
        let policy = over.restart.as_ref();
        over.replicas.is_some() || policy.is_some_and(|policy| !never_restarts(policy))
    };
    match &workload.restart {
        Some(policy) if never_restarts(policy) => {
            let message = format!("service `{}` is not restarted when it dies", **name);
            Finding::at(&policy.place, message).help("restart: unless-stopped").into()
        }
        Some(policy) => Outcome::met(&policy.place, format!("`{}` restarts: {}", **name, **policy)),
        None if workload.replicas.is_some() => {
            Outcome::met(&name.place, format!("a Swarm restarts `{}` whenever it ends", **name))
        }
        None if scope.in_production(workload).any(is_kept) => Outcome::not_applicable(format!(
            "a file for production says when `{}` restarts",
            **name
        )),
        None => Finding::at(&name.place, format!("service `{}` has no restart policy", **name))
            .help("add to the service:\n\nrestart: unless-stopped")
            .into(),
    }
}

fn check_in_compose(container: &Container, workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = &workload.name;
    if let Some(check) = &container.readiness {
        let wrong = probe::faults(container, workload, scope);
        let what = probe::description(check);
        let stages = image::stages(container, workload, scope);
        let asked = match &check.action {
            ProbeAction::Exec { command } => health_port::not_opened(command, container, &stages),
            _ => None,
        };
        if let Some(port) = asked.filter(|_| wrong.is_empty()) {
            return asks_elsewhere(name, &port);
        }
        let met = || match &check.action {
            ProbeAction::Exec { command } if takes_any_answer(command) => any_answer(name, command),
            _ => Outcome::met(&check.place, format!("health of `{}`: {what}", **name)),
        };
        return Outcome::unmet_or(wrong, met);
    }
    let stages = image::stages(container, workload, scope);
    let written = stages.iter().find_map(|stage| stage.health_check.as_ref());
    match written {
        Some(check) if check.value.eq_ignore_ascii_case("none") => {
            let message = format!("the image of `{}` switches its health check off", **name);
            Finding::at(&check.place, message).help(HEALTHCHECK).into()
        }
        Some(check) if cannot_fail(check) => {
            Finding::at(&check.place, probe::never_fails("health check", name, check))
                .help(HEALTHCHECK)
                .into()
        }
        Some(check) => match health_port::not_opened(check, container, &stages) {
            Some(port) => asks_elsewhere(name, &port),
            None if takes_any_answer(check) => any_answer(name, check),
            None => Outcome::met(&check.place, format!("health of `{}`: `{}`", **name, **check)),
        },
        None if stages.is_empty() => Outcome::unknown(format!(
            "whether the image of `{}` brings a health check: add `healthcheck:` to the service",
            **name
        )),
        None if may_be_checked(workload, scope) => Outcome::unknown(format!(
            "whether the image of `{}` brings a health check: one stage of its recipe does, and which \
             is published was not found: add `healthcheck:` to the service",
            **name
        )),
        None if scope.in_production(workload).any(is_checked) => {
            Outcome::not_applicable(format!("a file for production checks `{}`", **name))
        }
        None => Finding::at(&name.place, format!("service `{}` has no health check", **name))
            .help(format!("add to the service:\n\n{HEALTHCHECK}"))
            .into(),
    }
}

fn is_checked(workload: &Workload) -> bool {
    workload.containers.iter().any(|container| {
        container.readiness.as_ref().is_some_and(|check| check.action != ProbeAction::None)
    })
}

/// A check that passes on an error tells a service that hangs, and none that says that it is unwell.
fn any_answer(name: &str, check: &Placed<String>) -> Outcome {
    let at = &check.place;
    Outcome::Unknown(format!(
        "the health check of `{name}` ({} line {}), `{}`, passes on an answer of 500 too: give \
         `curl` its `--fail`",
        at.path, at.line, **check
    ))
}

/// Whether an image that is taken from where it was published may be of another stage than the last,
/// which has a health check.
fn may_be_checked(workload: &Workload, scope: &Scope<'_>) -> bool {
    let mut stages = scope.dockerfiles.iter().flat_map(|file| &file.stages);
    workload.kind == WorkloadKind::ComposeImage && stages.any(|stage| stage.health_check.is_some())
}

/// A check of a port that nothing is seen to open may never pass, or ask one that settings open.
fn asks_elsewhere(name: &str, port: &str) -> Outcome {
    Outcome::Unknown(format!(
        "the health check of `{name}` asks port {port}, which neither its image nor its ports open: \
         whether the service listens there was not read"
    ))
}

const HEALTHCHECK: &str = "healthcheck:\n  test: [CMD, curl, -fsS, http://127.0.0.1:8080/readyz]\n  \
                           interval: 10s\n  timeout: 2s\n  retries: 3";

/// A Compose service that takes no traffic, and that nobody wants back when it ends.
fn is_task(workload: &Workload) -> bool {
    let is_silent = !workload.serves_traffic()
        && workload.containers.iter().all(|container| container.readiness.is_none());
    let names = ["init", "migrat*", "seed*", "setup", "bootstrap"];
    let ends = workload.restart.as_ref().map_or_else(
        || prose::mentions(&workload.name, &names),
        |policy| never_restarts(policy) || policy.value == "on-failure",
    );
    is_silent && ends
}
