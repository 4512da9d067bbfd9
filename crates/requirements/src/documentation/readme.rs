//! The README says how to set up, run and deploy it.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/readme",
    title: "the README says how to set up, run and deploy it",
    why: "Whoever has to change the service on its worst day may never have built it before.",
    remedy: "Write into the README, with the commands to copy, how to set the service up, how \
             to run it and how it is deployed.",
    references: &[
        Reference {
            title: "GitHub: about READMEs",
            url: "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes",
        },
        Reference {
            title: "Diátaxis: a systematic approach to documentation",
            url: "https://diataxis.fr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document, Change::Code],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("the README"), Proof::Drill("docs")],
    cases: include_str!("readme.md"),
};
