//! Migrations were timed on production-sized data.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/migrations-at-scale",
    title: "migrations were timed on production-sized data",
    why: "A migration that takes a second on a laptop can hold a lock for an hour on the \
          table of production.",
    remedy: "Run the migrations on as many rows as production holds, and write down run \
             time and longest lock.",
    references: &[Reference {
        title: "PostgreSQL: explicit locking",
        url: "https://www.postgresql.org/docs/current/explicit-locking.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion],
    demands: [Demand::within(Grade::Proven, 180), None, None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("migrate")],
    cases: include_str!("migrations_at_scale.md"),
};
