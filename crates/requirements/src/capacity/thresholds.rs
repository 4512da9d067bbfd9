//! Capacity thresholds scale or alert before they are reached.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/thresholds",
    title: "capacity thresholds scale or alert before they are reached",
    why: "A limit that nobody watches is found by users.",
    remedy: "Alert on each capacity limit (disk, connections, quota, queue length) well before it is reached, or scale on it.",
    references: &[Reference {
        title: "Site Reliability Engineering: software engineering in SRE, capacity planning",
        url: "https://sre.google/sre-book/software-engineering-in-sre/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring, Change::Manifest],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread(
        "alert rules on saturation (disk, connections, queue, quota) and the triggers of autoscalers",
    )],
    cases: include_str!("thresholds.md"),
};
