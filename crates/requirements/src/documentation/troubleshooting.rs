//! Common problems have documented solutions.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/troubleshooting",
    title: "common problems have documented solutions",
    why: "A problem that was solved once and not written down is solved again, by somebody \
          else, from the beginning.",
    remedy: "Write a troubleshooting page: for each problem that came up more than once what it \
             looks like, why it happens and what to do.",
    references: &[
        Reference {
            title: "Google SRE book: effective troubleshooting",
            url: "https://sre.google/sre-book/effective-troubleshooting/",
        },
        Reference {
            title: "Diátaxis: a systematic approach to documentation",
            url: "https://diataxis.fr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Incident],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("troubleshooting")],
    cases: include_str!("troubleshooting.md"),
};
