//! Support has status dashboards and a summary of the commonest failure modes.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/support-brief",
    title: "support has status dashboards and a summary of the commonest failure modes",
    why: "Support that cannot see whether the service is up, and does not know its usual \
          failures, escalates everything or nothing.",
    remedy: "Write a page for support: the status dashboards, and for each of the commonest \
             failures what users see, what support may do, and when to escalate.",
    references: &[Reference {
        title: "Google SRE book: effective troubleshooting",
        url: "https://sre.google/sre-book/effective-troubleshooting/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Incident],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("the support brief")],
    cases: include_str!("support_brief.md"),
};
