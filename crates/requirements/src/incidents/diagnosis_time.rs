//! An engineer finds the cause of an unknown fault in under 15 minutes with what is there.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/diagnosis-time",
    title: "an engineer finds the cause of an unknown fault in under 15 minutes with what is there",
    why: "An outage lasts as long as the search for its cause. What dashboards, logs and \
          runbooks are worth shows only when somebody who does not know the answer has to use \
          them.",
    remedy: "Hold a game day with `gonogo drill gameday`, and close what kept the engineer from \
             the cause: the missing panel, log line or runbook.",
    references: &[
        Reference {
            title: "Google SRE book: effective troubleshooting",
            url: "https://sre.google/sre-book/effective-troubleshooting/",
        },
        Reference {
            title: "Principles of chaos engineering",
            url: "https://principlesofchaos.org/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Monitoring, Change::Dependency, Change::Owner],
    demands: [Demand::within(Grade::Proven, 180), None, None],
    kinds: kinds::LONG_RUNNING,
    reads: &[],
    proofs: &[Proof::Drill("gameday")],
    cases: include_str!("diagnosis_time.md"),
};
