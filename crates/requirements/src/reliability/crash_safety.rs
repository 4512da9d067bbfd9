//! A killed process loses no acknowledged write.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/crash-safety",
    title: "a killed process loses no acknowledged write",
    why: "A process can die at any instruction; a write that was acknowledged and then lost \
          is an order that a customer paid for and nobody ships.",
    remedy: "Acknowledge a write only after it is durable: commit before answering, use an \
             outbox for messages, and make what runs at start repeat safely.",
    references: &[
        Reference {
            title: "PostgreSQL: reliability and the write-ahead log",
            url: "https://www.postgresql.org/docs/current/wal-reliability.html",
        },
        Reference {
            title: "Microservices.io: transactional outbox",
            url: "https://microservices.io/patterns/data/transactional-outbox.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[
        Change::Code,
        Change::Configuration,
        Change::DatastoreVersion,
        Change::Migration,
    ],
    demands: [Demand::within(Grade::Proven, 90), Demand::within(Grade::Proven, 180), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[Proof::Drill("lifecycle")],
    cases: include_str!("crash_safety.md"),
};
