//! The catalog knows its name, owner, tier, description, lifecycle, dependencies, and links to
//! SLOs, runbooks, dashboards and on-call.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/catalog-entry",
    title: "the catalog knows its name, owner, tier, description, lifecycle, dependencies, and \
            links to SLOs, runbooks, dashboards and on-call",
    why: "Whoever is woken by a neighbouring service needs to find out within a minute what \
          this one is, who owns it and what it stands on. What the catalog does not know, \
          everybody has to ask for.",
    remedy: "Complete gonogo.yaml or the catalog file: name, owner, tier, description, \
             lifecycle, dependencies, and links to objectives, runbooks, dashboards and the \
             on-call schedule.",
    references: &[
        Reference {
            title: "Backstage: descriptor format of catalog entities",
            url: "https://backstage.io/docs/features/software-catalog/descriptor-format",
        },
        Reference {
            title: "Backstage: system model",
            url: "https://backstage.io/docs/features/software-catalog/system-model",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Owner, Change::Dependency],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[
        Proof::Unread("catalog-info.yaml and gonogo.yaml"),
        Proof::Live(
            "the catalog's own API: whether it has taken the entry in, and knows every entity \
             that the entry refers to",
        ),
    ],
    cases: include_str!("catalog_entry.md"),
};
