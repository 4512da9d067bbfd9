//! An escalation path has at least two levels and ends in a person.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/escalation",
    title: "an escalation path has at least two levels and ends in a person",
    why: "The first person sleeps through the page, is on a train or is out of their depth. \
          Without a next one the incident ends there.",
    remedy: "Write the escalation path: at least two levels, each with the time after which the \
             next is called, and a person at its end.",
    references: &[
        Reference {
            title: "Google SRE workbook: on-call",
            url: "https://sre.google/workbook/on-call/",
        },
        Reference {
            title: "PagerDuty incident response: being on-call",
            url: "https://response.pagerduty.com/oncall/being_oncall/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Owner, Change::Document],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread("the escalation path in the catalog file and in the on-call document"),
        Proof::Live(
            "the pager's escalation policy: its levels, their delays, and who stands at its end",
        ),
    ],
    cases: include_str!("escalation.md"),
};
