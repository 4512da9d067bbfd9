//! Someone is on call at every minute of the next 30 days.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call",
    title: "someone is on call at every minute of the next 30 days",
    why: "An hour that nobody is on call for is an hour in which an outage lasts as long as it \
          likes.",
    remedy: "Put the team's members on a schedule without gaps, and link it: `on-call` under \
             `links:` in gonogo.yaml, or the pager's service in the catalog file.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "Google SRE workbook: on-call",
            url: "https://sre.google/workbook/on-call/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Owner],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread("the schedule that gonogo.yaml or the catalog file links"),
        Proof::Live(
            "the pager (PagerDuty, Grafana IRM, Opsgenie) or an iCal feed: who is on call \
             during the next 30 days, and in which minutes nobody is",
        ),
        Proof::Drill("page"),
    ],
    cases: include_str!("on_call.md"),
};
