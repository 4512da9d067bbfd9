//! Severity levels, roles, escalation and handoff between teams are defined.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/playbook",
    title: "severity levels, roles, escalation and handoff between teams are defined",
    why: "Without agreed severities and roles the first half hour of an incident goes to \
          finding out who decides, and teams hand the problem back and forth.",
    remedy: "Write an incident playbook: severity levels with examples, roles and who fills \
             them, when and to whom to escalate, and how an incident is handed to another team.",
    references: &[
        Reference {
            title: "Google SRE book: managing incidents",
            url: "https://sre.google/sre-book/managing-incidents/",
        },
        Reference {
            title: "PagerDuty incident response: severity levels",
            url: "https://response.pagerduty.com/before/severity_levels/",
        },
        Reference {
            title: "PagerDuty incident response: roles",
            url: "https://response.pagerduty.com/before/different_roles/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("the incident playbook")],
    cases: include_str!("playbook.md"),
};
