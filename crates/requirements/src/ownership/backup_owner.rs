//! A second owner is named, and is not the first.

use super::claim::{Claim, Source, claims, is_bot, is_stranger, names_nobody, same};
use super::code_owner::coverage;
use super::maintained::unknown_second;
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
    reads: &[Subject::Declaration, Subject::Catalog],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("backup_owner.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let claims = claims(scope);
    let first = claims.first().map(|claim| claim.owner);
    let seconds = seconds(scope);
    let findings: Vec<Finding> =
        seconds.iter().filter_map(|second| wrong(second, first, scope)).collect();
    Outcome::unmet_or(findings, || match seconds.first() {
        Some(second) => {
            let owner = &second.owner;
            Outcome::met(&owner.place, format!("backup owner `{}`", owner.value))
        }
        None => unknown_second(scope)
            .or_else(|| claims.is_empty().then(|| several_owners(scope)).flatten())
            .unwrap_or_else(|| no_second(scope)),
    })
}

/// What cannot be told where CODEOWNERS alone says who owns the service, and names several.
fn several_owners(scope: &Scope<'_>) -> Option<Outcome> {
    let rule = coverage(scope)?.rule?;
    let count = rule.owners.iter().filter(|owner| !is_bot(owner)).count();
    (count > 1).then(|| {
        Outcome::unknown(format!(
            "CODEOWNERS names {count} owners: whether one of them is the second, write as \
             `backup-owner` in gonogo.yaml"
        ))
    })
}

/// `backup-owner` of gonogo.yaml, else the owners that catalog entries name beside the first.
fn seconds<'a>(scope: &Scope<'a>) -> Vec<Claim<'a>> {
    let declared = scope.declaration.and_then(|declaration| declaration.backup_owner.as_ref());
    if let Some(owner) = declared {
        return vec![Claim::new(owner, Source::Declaration)];
    }
    let entries = scope.entries.iter();
    let others = entries.filter_map(|entry| {
        let owner = entry.owners.get(1)?;
        Some(Claim::of_entry(owner, entry))
    });
    others.collect()
}

fn wrong(second: &Claim<'_>, first: Option<&Placed<String>>, scope: &Scope<'_>) -> Option<Finding> {
    let owner = second.owner;
    let finding = |message: String| Finding::at(&owner.place, message);
    if names_nobody(owner) {
        let message = format!("backup owner `{}` names nobody", owner.value);
        return Some(finding(message).help("name a second group"));
    }
    if let Some(first) = first.filter(|first| same(first, owner)) {
        let message = format!("backup owner `{}` is the owner", owner.value);
        let help = "name another group, or another person where one person owns the service";
        return Some(finding(message).help(help).related(&first.place, "the owner"));
    }
    is_stranger(owner, second.source, scope).then(|| {
        let message =
            format!("backup owner `{}` is not known to the catalog of this tree", owner.value);
        finding(message).help("name a group that exists, or add the group to the catalog")
    })
}

fn no_second(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.map(|declaration| &declaration.service.place);
    let entry = || scope.entries.first().map(|entry| &entry.name.place);
    let place = declared.or_else(entry).cloned().unwrap_or_else(|| scope.place());
    let finding = Finding::at(&place, format!("`{}` has no backup owner", scope.service.name))
        .help("name one in gonogo.yaml:\n\nbackup-owner: group:<another team>");
    Outcome::missing(finding, &[Subject::Declaration, Subject::Catalog], scope)
}
