//! Retries back off with jitter, are capped, and are made for idempotent operations only.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/bounded-retries",
    title: "retries back off with jitter, are capped, and are made for idempotent operations only",
    why: "Retries without a bound turn a short failure into an overload that keeps itself \
          alive, and a repeated POST charges a customer twice.",
    remedy: "Retry only calls that may be made twice, a few times at most, with exponential \
             backoff and jitter; give a POST an idempotency key before it is retried.",
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
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the code and configuration of its clients: how often each call is retried, after \
             which pause, and for which methods; `retries` of gonogo.yaml says only how often",
        ),
        Proof::Drill("fault"),
    ],
    cases: include_str!("bounded_retries.md"),
};
