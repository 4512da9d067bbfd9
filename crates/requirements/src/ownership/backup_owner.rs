//! A second owner is named, and is not the first.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/backup-owner",
    title: "a second owner is named, and is not the first",
    why: "Teams are reorganised, go on leave and forget. A second owner keeps decisions, access \
          and knowledge reachable when the first is gone.",
    remedy: "Agree with another team, or with a second person where one person owns the \
             service, and name it as `backup-owner:` in gonogo.yaml.",
    references: &[Reference {
        title: "Google SRE book: the evolving SRE engagement model",
        url: "https://sre.google/sre-book/evolving-sre-engagement-model/",
    }],
    since: "0.1.0",
    effort: Effort::Minutes(30),
    invalidated_by: &[Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[],
    proofs: &[Proof::Unread("the second owner in gonogo.yaml or the catalog file")],
    cases: include_str!("backup_owner.md"),
};
