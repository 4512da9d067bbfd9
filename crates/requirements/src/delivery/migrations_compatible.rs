//! Schema changes work with the version before, and take no long locks.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/migrations-compatible",
    title: "schema changes work with the version before, and take no long locks",
    why: "While a deploy runs, and after a rollback, two versions of the code work on \
          one schema. A change that breaks the older one, or that locks a busy table, is \
          an outage with data in it.",
    remedy: "Expand first and contract later: add columns that may be empty, fill them \
             in small batches, and remove the old ones a release after nothing uses \
             them. Set a lock timeout.",
    references: &[
        Reference {
            title: "Evolutionary database design",
            url: "https://martinfowler.com/articles/evodb.html",
        },
        Reference {
            title: "PostgreSQL: explicit locking",
            url: "https://www.postgresql.org/docs/current/explicit-locking.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion, Change::Code],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the SQL of the migrations: statements that break the version before or that \
             lock a table for long",
        ),
        Proof::Drill("migrate"),
    ],
    cases: include_str!("migrations_compatible.md"),
};
