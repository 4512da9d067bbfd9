//! A team, with a named person, owns the service.

use super::claim::{
    Claim, OwnerKind, Source, akin, claims, contact, differ, is_bot, is_stranger, kind_of, members,
    names_nobody, source_words,
};
use super::code_owner::{Coverage, coverage};
use super::maintained::unknown_owner;
use crate::about;
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
    reads: &[Subject::Declaration, Subject::Catalog, Subject::Owners],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the identity provider or the Git host: whether the owning group exists and who is \
             in it today",
        ),
    ],
    cases: include_str!("owner.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let claims = claims(scope);
    let coverage = coverage(scope);
    let wrong = claims.iter().filter_map(|claim| wrong(claim, scope));
    let parties = &scope.all.parties;
    let mut findings: Vec<Finding> = wrong.chain(contradictions(&claims, parties)).collect();
    if let Some(coverage) = &coverage {
        findings.extend(broken(coverage));
        findings.extend(other_code_owner(coverage, &claims, scope));
    }
    Outcome::unmet_or(findings, || {
        let named = named(&claims, coverage.as_ref(), scope);
        let other = || coverage.as_ref().and_then(|coverage| reviewers(coverage, &claims, scope));
        match named {
            Outcome::Met(seen) => other().map_or(Outcome::Met(seen), Outcome::Unknown),
            named => named,
        }
    })
}

/// An owner who is nobody, or nobody whom the catalog knows.
fn wrong(claim: &Claim<'_>, scope: &Scope<'_>) -> Option<Finding> {
    let owner = claim.owner;
    if names_nobody(owner) {
        let message = format!("owner `{}` names nobody", owner.value);
        return Some(Finding::at(&owner.place, message).help("name the group that owns it"));
    }
    is_stranger(owner, claim.source, scope).then(|| {
        let message = format!("owner `{}` is not known to the catalog of this tree", owner.value);
        Finding::at(&owner.place, message)
            .help("name a group that exists, or add the group to the catalog")
    })
}

/// Two files that name two owners.
fn contradictions<'a>(
    claims: &'a [Claim<'_>],
    parties: &'a [Party],
) -> impl Iterator<Item = Finding> + 'a {
    let (first, others) = claims.split_first().map_or((None, claims), |(f, o)| (Some(f), o));
    let is_other = move |other: &&Claim<'_>| {
        first.is_some_and(|first| {
            differ(first.owner, other.owner, parties) && !first.is_of_another(other)
        })
    };
    others.iter().filter(is_other).filter_map(move |other| {
        let first = first?;
        let elsewhere = source_words(first.source);
        let message = format!(
            "owner is `{}`, but {elsewhere} says `{}`",
            other.owner.value, first.owner.value
        );
        let finding = Finding::at(&other.owner.place, message)
            .help("name the same owner in both")
            .related(&first.owner.place, format!("the owner in {elsewhere}"));
        Some(finding)
    })
}

/// A CODEOWNERS file that hosts do not read as it was meant.
fn broken(coverage: &Coverage<'_>) -> Vec<Finding> {
    let file = coverage.file;
    let troubles = file.troubles.iter().take(MOST_FINDINGS);
    let mut findings: Vec<Finding> = troubles
        .map(|trouble| Finding::at(&trouble.place, format!("CODEOWNERS: {}", trouble.value)))
        .collect();
    if findings.is_empty() && !coverage.covers_anything {
        let message = "CODEOWNERS gives no file of the tree to anybody";
        findings.push(Finding::at(&file.place, message).help("add a rule: `* @organisation/team`"));
    }
    findings
}

const MOST_FINDINGS: usize = 10;

/// Teams in CODEOWNERS none of which is the owner that gonogo.yaml names.
fn other_code_owner(
    coverage: &Coverage<'_>,
    claims: &[Claim<'_>],
    scope: &Scope<'_>,
) -> Option<Finding> {
    let first = claims.first().filter(|first| first.source == Source::Declaration)?;
    let code_owner = stranger_to(coverage, claims, scope)?;
    let elsewhere = source_words(first.source);
    let message = format!(
        "CODEOWNERS says `{}`, but {elsewhere} says `{}`",
        code_owner.value, first.owner.value
    );
    let finding = Finding::at(&code_owner.place, message)
        .help("name the same owner in both")
        .related(&first.owner.place, format!("the owner in {elsewhere}"));
    Some(finding)
}

/// What cannot be told where CODEOWNERS and the catalog name two teams: the Git host and the
/// catalog keep lists of their own, and two names may stand for the same people.
fn reviewers(coverage: &Coverage<'_>, claims: &[Claim<'_>], scope: &Scope<'_>) -> Option<String> {
    let first = claims.first()?;
    let code_owner = stranger_to(coverage, claims, scope)?;
    let elsewhere = source_words(first.source);
    Some(format!(
        "{elsewhere} says `{}` and CODEOWNERS `{}`: whether they are the same people is not \
         written",
        first.owner.value, code_owner.value
    ))
}

/// A team in CODEOWNERS where none of them is an owner that others name. A rule for all files of a
/// repository that holds several services is taken as a fallback, and contradicts nothing.
fn stranger_to<'a>(
    coverage: &Coverage<'a>,
    claims: &[Claim<'_>],
    scope: &Scope<'_>,
) -> Option<&'a Placed<String>> {
    let (rule, first) = (coverage.rule?, claims.first()?);
    let is_fallback = rule.pattern.value == "*" && !scope.service.folder.is_empty();
    let parties = &scope.all.parties;
    let is_group = |owner: &str| kind_of(owner, parties) == OwnerKind::Group;
    let are_teams = rule.owners.iter().all(|owner| is_group(owner));
    let is_owner = |owner: &str| {
        let backup = scope.declaration.and_then(|declaration| declaration.backup_owner.as_ref());
        claims.iter().map(|claim| claim.owner).chain(backup).any(|known| akin(known, owner))
    };
    if is_fallback || !are_teams || !is_group(first.owner) {
        return None;
    }
    rule.owners.first().filter(|_| !rule.owners.iter().any(|owner| is_owner(owner)))
}

/// Whether a team and a person are named, where nothing that is written is wrong.
fn named(claims: &[Claim<'_>], coverage: Option<&Coverage<'_>>, scope: &Scope<'_>) -> Outcome {
    let rule = coverage.and_then(|coverage| coverage.rule);
    let by_rule = rule.iter().flat_map(|rule| rule.owners.iter());
    let owners = by_rule.map(|owner| Claim::new(owner, Source::Codeowners));
    let mut owners: Vec<Claim<'_>> = claims.iter().copied().chain(owners).collect();
    // A bot that reviews changes answers no call; where nobody else stands, it is named.
    if owners.iter().any(|claim| !is_bot(claim.owner)) {
        owners.retain(|claim| !is_bot(claim.owner));
    }
    let parties = &scope.all.parties;
    let kinds: Vec<OwnerKind> = owners.iter().map(|c| kind_of(c.owner, parties)).collect();
    let people = kinds.iter().filter(|kind| **kind == OwnerKind::Person).count();
    let Some(first) = owners.first() else { return nobody(coverage, scope) };
    let has_team = people < kinds.len() || people > 1;
    if !has_team {
        let message = format!("`{}` owns it alone: no team is named", first.owner.value);
        let help = "name the group that takes over when this person is away";
        return Finding::at(&first.owner.place, message).help(help).into();
    }
    let members = owners.iter().find_map(|c| members(c.owner, parties).into_iter().next());
    let contact = || contact(scope).map(|contact| (contact.value.as_str(), &contact.place));
    let member = members.or_else(contact);
    if people == 0 && member.is_none() {
        return Outcome::unknown(format!(
            "`{}` owns it, and no person of it is named: give the group its members in the \
             catalog, name a person beside the team in CODEOWNERS, or one as `contact` under \
             `links:` in gonogo.yaml",
            first.owner.value
        ));
    }
    let seen = owners.iter().map(|claim| {
        let message = format!("owner `{}` in {}", claim.owner.value, source_words(claim.source));
        Sighting::at(&claim.owner.place, message)
    });
    let member = member.map(|(name, place)| Sighting::at(place, format!("person `{name}`")));
    Outcome::Met(seen.chain(member).collect())
}

fn nobody(coverage: Option<&Coverage<'_>>, scope: &Scope<'_>) -> Outcome {
    let name = &scope.service.name;
    if let Some(unknown) = unknown_owner(scope) {
        return unknown;
    }
    if let Some(maintainer) = maintainer(scope).filter(|_| coverage.is_none()) {
        return Outcome::unknown(format!(
            "`{}` maintains its chart: whether it owns `{name}` too, write as `owner` in gonogo.yaml",
            maintainer.value
        ));
    }
    if let Some(team) = team(scope).filter(|_| coverage.is_none()) {
        return Outcome::unknown(format!(
            "a label in `{}` names `{}`: whether they own `{name}`, write as `owner` in gonogo.yaml",
            team.place.path, team.value
        ));
    }
    if coverage.is_some_and(|coverage| coverage.is_divided) {
        return Outcome::unknown(format!(
            "CODEOWNERS gives the files of `{name}` to several, and none of them most: write as \
             `owner` in gonogo.yaml which of them owns it"
        ));
    }
    if let Some((path, rule)) = coverage.and_then(|coverage| coverage.in_part) {
        let owners: Vec<&str> = rule.owners.iter().map(|owner| owner.as_str()).collect();
        return Outcome::unknown(format!(
            "CODEOWNERS gives only some files of `{name}` to somebody (`{path}` to `{}`, line {}): \
             write as `owner` in gonogo.yaml who owns all of it",
            owners.join(" "),
            rule.pattern.place.line
        ));
    }
    let finding = match coverage {
        Some(coverage) => {
            let message = format!("CODEOWNERS gives the files of `{name}` to nobody");
            Finding::at(&coverage.file.place, message)
        }
        None => Finding::at(&scope.place(), format!("`{name}` has no owner")),
    };
    let finding = finding.help("name the group in gonogo.yaml:\n\nowner: group:<team>");
    Outcome::missing(finding, &[Subject::Declaration, Subject::Catalog, Subject::Owners], scope)
}

/// Who maintains a chart that the service was found by.
fn maintainer<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let paths = || scope.service.reasons.iter().map(|reason| &reason.place.path);
    let named = scope.all.maintainers.iter().filter(|one| !names_nobody(one));
    named.into_iter().find(|one| paths().any(|path| *path == one.place.path))
}

/// Overlays whose labels are looked through for one service.
const MOST_OVERLAYS: usize = 1000;

/// The team that labels name for what an overlay of Kustomize brings of the service.
fn team<'a>(scope: &Scope<'a>) -> Option<&'a Placed<String>> {
    let own = about::names(scope.service);
    let is_own = |name: &Option<String>| match name {
        Some(name) => own.contains(&prose::plain(name)),
        None => scope.is_only_one,
    };
    let mut teams = scope.all.teams.iter().take(MOST_OVERLAYS);
    teams.find(|(team, name)| !names_nobody(team) && is_own(name)).map(|(team, _)| team)
}
