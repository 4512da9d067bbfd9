//! It is written who owns the data, how long it is kept and how it is deleted, and deletion works.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/retention",
    title: "it is written who owns the data, how long it is kept and how it is deleted, and \
            deletion works",
    why: "Data that nobody owns is kept for ever, leaks years later, and cannot be deleted for \
          the person who asks.",
    remedy: "Declare `owner`, `retention` and `deletion` for each store under `data:` in \
             gonogo.yaml, or write a retention page that says the same.",
    references: &[
        Reference {
            title: "GDPR article 5: principles of processing personal data",
            url: "https://gdpr-info.eu/art-5-gdpr/",
        },
        Reference {
            title: "GDPR article 17: right to erasure",
            url: "https://gdpr-info.eu/art-17-gdpr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Migration, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Unread("retention"), Proof::Drill("restore")],
    cases: include_str!("retention.md"),
};
