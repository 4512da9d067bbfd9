//! A team, with a named person, owns the service.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/owner",
    title: "a team, with a named person, owns the service",
    why: "An alert, a security report or an upgrade that belongs to nobody waits until it hurts \
          somebody. A team without a face is nobody as well.",
    remedy: "Name the owning group in gonogo.yaml, in the catalog file and in CODEOWNERS, alike \
             in all of them, and name at least one person of it.",
    references: &[
        Reference {
            title: "GitHub: about code owners",
            url: "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners",
        },
        Reference {
            title: "Backstage: descriptor format of catalog entities",
            url: "https://backstage.io/docs/features/software-catalog/descriptor-format",
        },
    ],
    since: "0.1.0",
    effort: Effort::Minutes(15),
    invalidated_by: &[Change::Owner, Change::Document],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[
        Proof::Unread("catalog files, gonogo.yaml and CODEOWNERS name the owner"),
        Proof::Live(
            "the identity provider or the Git host: whether the owning group exists and who is \
             in it today",
        ),
    ],
    cases: include_str!("owner.md"),
};
