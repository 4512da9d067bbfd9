//! Every outbound call has a timeout.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/outbound-timeouts",
    title: "every outbound call has a timeout",
    why: "A dependency that hangs holds a thread or connection of each caller: without a timeout \
          one slow service takes down all that call it.",
    remedy: "Set a timeout on every client the service makes, shorter than its own callers wait, \
             and declare it as `timeout` of the dependency in gonogo.yaml.",
    references: &[
        Reference {
            title: "Amazon Builders' Library: timeouts, retries and backoff with jitter",
            url: "https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/",
        },
        Reference {
            title: "Google SRE book: addressing cascading failures",
            url: "https://sre.google/sre-book/addressing-cascading-failures/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Dependency, Change::Configuration],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::EachDependency(judge), Proof::Drill("fault")],
    cases: include_str!("outbound_timeouts.md"),
};

/// Files can only refute it: a declared timeout is a promise, and the code is not read.
fn judge(dependency: &Dependency, _: &Scope<'_>) -> Outcome {
    let name = &dependency.name;
    match &dependency.timeout_s {
        None => Finding::at(&name.place, format!("`{}` has no timeout", **name))
            .help("add to the dependency what its calls are given:\n\ntimeout: 2s")
            .into(),
        Some(timeout) if timeout.value <= 0.0 => {
            let message = format!("the timeout of `{}` is 0, which sets no bound", **name);
            Finding::at(&timeout.place, message).help("timeout: 2s").into()
        }
        Some(timeout) => Outcome::Unknown(format!(
            "whether calls of `{}` are given up after the declared {} s: the code is not read; \
             `gonogo drill fault` measures it",
            **name, timeout.value
        )),
    }
}
