//! What a verdict rests on by the word of whoever wrote the tree, so that no such GO passes for one
//! that gonogo saw with its own eyes.

use facts::Scope;
use ledger::History;
use model::{Decision, Placed, ServiceVerdict, State, counted_as};

use crate::Survey;
use crate::policy::{DEFAULT, STARTERS};

/// Says of a policy that the tree itself chose, who chose it.
pub(crate) fn of_policy(survey: &Survey) -> Option<String> {
    let named = survey.facts.declarations.iter().find_map(|d| d.policy.as_ref())?;
    if named.value == DEFAULT {
        return None;
    }
    Some(format!("the policy is {}; `--policy` sets another", chosen(named)))
}

fn chosen(named: &Placed<String>) -> String {
    let (policy, place) = (&named.value, &named.place);
    if STARTERS.contains(&policy.as_str()) {
        return format!("`{policy}`, as {place} asks");
    }
    let file = policy.split_once('@').map_or(policy.as_str(), |(file, _)| file);
    format!("the file `{file}`, which stands in the tree and is pinned there by {place}")
}

/// Says of a kind that gonogo.yaml gives a service, what the tree deploys against it: of the kind
/// depends what is asked at all.
pub(crate) fn of_kind(scope: &Scope<'_>) -> Option<String> {
    requirements::loose_kind(scope)
}

/// Says what of a gonogo.yaml does not count, as it cannot be what is meant: a tier among it would ask for
/// more, or for less.
pub(crate) fn of_faults(scope: &Scope<'_>) -> Option<String> {
    let faults = &scope.declaration?.troubles;
    let first = faults.first()?;
    let others = match faults.len() - 1 {
        0 => String::new(),
        others => format!(", and {}", counted_as(others, "more fault", "more faults")),
    };
    let assumed = match scope.service.tier {
        None => "; no tier is read from it, so that the policy's own was assumed",
        Some(_) => "",
    };
    Some(format!("what stands at {} does not count: {}{others}{assumed}", first.place, first.value))
}

/// Counts the answers that are met by what the tree's own ledger records: its chain shows that an
/// entry was not edited, not who wrote it.
pub(crate) fn of_record(service: &ServiceVerdict, history: &History) -> Option<String> {
    let name = service.service.as_str();
    let attested: Vec<_> = history.decisions(name).filter_map(Decision::as_evidence).collect();
    let deciding = || {
        let met = service.answers.iter().filter(|answer| answer.state == State::Met);
        met.filter_map(|answer| answer.evidence.first())
    };
    let claims = deciding().filter(|evidence| attested.contains(evidence)).count();
    let recorded = deciding()
        .filter(|evidence| history.evidence(name).any(|known| known == *evidence))
        .count();
    let what = match (claims, recorded) {
        (0, 0) => return None,
        (claims, 0) => format!("{claims} by attestation"),
        (0, recorded) => format!("{recorded} by evidence"),
        (claims, recorded) => format!("{claims} by attestation and {recorded} by evidence"),
    };
    let folder = ledger::FOLDER;
    Some(format!("of what `{name}` meets, {what} in `{folder}`, where nothing proves who wrote it"))
}
