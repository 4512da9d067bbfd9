//! Customers' reports have an intake path and a response playbook.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/support-intake",
    title: "customers' reports have an intake path and a response playbook",
    why: "Users notice what no alert sees. Reports without a place to go and somebody to answer \
          them are lost, and so are the users.",
    remedy: "Write SUPPORT.md: where customers report problems, who reads the reports, how soon \
             they are answered, and how they become incidents.",
    references: &[
        Reference {
            title: "GitHub: adding support resources to your project",
            url: "https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions/adding-support-resources-to-your-project",
        },
        Reference {
            title: "Google SRE book: dealing with interrupts",
            url: "https://sre.google/sre-book/dealing-with-interrupts/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[Proof::Unread("SUPPORT.md")],
    cases: include_str!("support_intake.md"),
};
