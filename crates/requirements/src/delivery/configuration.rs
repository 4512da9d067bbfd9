//! Configuration is outside the code, documented and complete, with sensible defaults.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/configuration",
    title: "configuration is outside the code, documented and complete, with sensible defaults",
    why: "A setting that nobody wrote down is found out by reading code during an \
          incident. One that sits in the code needs a release to change.",
    remedy: "Read all settings from the environment or files, refuse to start with bad \
             ones, and keep one list of them with meaning, default and example.",
    references: &[
        Reference { title: "The Twelve-Factor App: config", url: "https://12factor.net/config" },
        Reference {
            title: "Google SRE workbook: configuration design and best practices",
            url: "https://sre.google/workbook/configuration-design/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Configuration, Change::Code, Change::Document],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[],
    proofs: &[
        Proof::Unread(
            "the code, the manifests and the documents: the settings that the code reads \
             against those that are documented",
        ),
        Proof::Drill("lifecycle"),
    ],
    cases: include_str!("configuration.md"),
};
