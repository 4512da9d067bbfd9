//! Response time, and what "acknowledge" means, are written down.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call-expectations",
    title: "response time, and what \"acknowledge\" means, are written down",
    why: "People on call who have to guess how fast to react either never rest or come too \
          late, and an acknowledged page that nobody works on looks handled.",
    remedy: "Write into the on-call document within how many minutes a page is acknowledged, \
             for each severity, and what whoever acknowledges it promises.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "PagerDuty incident response: being on-call",
            url: "https://response.pagerduty.com/oncall/being_oncall/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("response times in the on-call document")],
    cases: include_str!("on_call_expectations.md"),
};
