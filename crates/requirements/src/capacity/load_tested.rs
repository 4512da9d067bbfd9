//! At two to three times the expected peak the SLO holds.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/load-tested",
    title: "at two to three times the expected peak the SLO holds",
    why: "What was never carried is a guess: most launches that fail, fail in their first peak.",
    remedy: "Declare each journey with its peak in gonogo.yaml and drive two to three times that rate against a production-like instance.",
    references: &[Reference {
        title: "Site Reliability Engineering: software engineering in SRE, capacity planning",
        url: "https://sre.google/sre-book/software-engineering-in-sre/",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Image, Change::Dependency, Change::Migration],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[
        Proof::Live(
            "the report of a load test by k6, which `gonogo drill import` reads: rate, duration, latency and errors",
        ),
        Proof::Drill("load"),
    ],
    cases: include_str!("load_tested.md"),
};
