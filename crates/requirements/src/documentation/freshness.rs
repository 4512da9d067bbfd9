//! Documents are changed with the releases that make them wrong.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/freshness",
    title: "documents are changed with the releases that make them wrong",
    why: "A document that was right once is followed until it does harm.",
    remedy: "Change the documents in the same pull request as what they describe, repair dead \
             links, and put a review date on what has no code beside it.",
    references: &[Reference {
        title: "Diátaxis: a systematic approach to documentation",
        url: "https://diataxis.fr/",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Code, Change::Document],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread(
        "the history of the repository: the age of each document against the code that it \
             describes, and its links",
    )],
    cases: include_str!("freshness.md"),
};
