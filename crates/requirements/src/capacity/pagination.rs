//! Large results are paged.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/pagination",
    title: "large results are paged",
    why: "An answer without a bound grows with the data until it fails, for the largest customer first.",
    remedy: "Page every operation that answers with a list, with a maximum size that the server enforces.",
    references: &[Reference {
        title: "Google AIP-158: pagination",
        url: "https://google.aip.dev/158",
    }],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Code, Change::Endpoint],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::SERVING,
    reads: &[],
    proofs: &[
        Proof::Unread("the OpenAPI description: list operations and their paging parameters"),
        Proof::Drill("load"),
    ],
    cases: include_str!("pagination.md"),
};
