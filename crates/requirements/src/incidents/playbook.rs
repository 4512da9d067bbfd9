//! Severity levels, roles, escalation and handoff between teams are defined.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/playbook",
    title: "severity levels, roles, escalation and handoff between teams are defined",
    why: "",
    remedy: "",
    references: &[],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("")],
    cases: include_str!("playbook.md"),
};
