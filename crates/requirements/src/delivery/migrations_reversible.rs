//! Every migration can be undone.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/migrations-reversible",
    title: "every migration can be undone",
    why: "A migration that cannot be undone turns a bad release into a restore from \
          backup.",
    remedy: "Write for each migration how it is undone, and run up, down and up again in \
             the pipeline. Where data would be lost, say so and how it is kept.",
    references: &[Reference {
        title: "Evolutionary database design",
        url: "https://martinfowler.com/articles/evodb.html",
    }],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Migration, Change::DatastoreVersion],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread("the folder of the migrations: a step back for each step"),
        Proof::Drill("migrate"),
    ],
    cases: include_str!("migrations_reversible.md"),
};
