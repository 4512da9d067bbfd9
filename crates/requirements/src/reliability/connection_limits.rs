//! Database connections are pooled, and the limit holds.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/connection-limits",
    title: "database connections are pooled, and the limit holds",
    why: "A database takes a fixed number of connections: one service that opens them without \
          a limit locks out itself and all others at the worst moment.",
    remedy: "Use a connection pool with a maximum, such that the maximum times the most \
             instances stays below what the database takes.",
    references: &[
        Reference {
            title: "PostgreSQL: connections and authentication",
            url: "https://www.postgresql.org/docs/current/runtime-config-connection.html",
        },
        Reference {
            title: "PgBouncer: configuration",
            url: "https://www.pgbouncer.org/config.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[
        Change::Code,
        Change::Configuration,
        Change::Manifest,
        Change::DatastoreVersion,
    ],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the settings of its connection pool: the most connections of one instance, times \
             the most instances, against what the database takes",
        ),
        Proof::Drill("load"),
    ],
    cases: include_str!("connection_limits.md"),
};
