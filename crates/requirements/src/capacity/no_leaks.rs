//! Memory, descriptors, threads and connections are flat under steady load.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/no-leaks",
    title: "memory, descriptors, threads and connections are flat under steady load",
    why: "A leak restarts the service in the middle of the night, at the moment of highest load.",
    remedy: "Hold a steady load for an hour and follow memory, descriptors, threads and connections; mend what keeps rising.",
    references: &[Reference {
        title: "Site Reliability Engineering: software engineering in SRE, capacity planning",
        url: "https://sre.google/sre-book/software-engineering-in-sre/",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Image, Change::Dependency],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("load")],
    cases: include_str!("no_leaks.md"),
};
