//! Overlays of one base: what holds of only some of them may not be so where users are.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use facts::{Scope, Workload, is_called_production};
use model::{Finding, Place};

use crate::decide::{self, OutOfTime};
use crate::{Outcome, Proof};

/// Ways in which workloads are left that are asked one by one.
const MOST: usize = 32;

/// What is answered by all overlays together. Of what is found those called production tell all,
/// and the others only what each of them shows.
pub(crate) fn ask(
    proof: &Proof,
    scope: &Scope<'_>,
    is_over: &dyn Fn() -> bool,
) -> Result<Option<Outcome>, OutOfTime> {
    let outcome = decide::ask(proof, scope, is_over)?;
    let Some(Outcome::Unmet(findings)) = outcome else { return Ok(outcome) };
    let folders = unlike(scope);
    if folders.is_empty() {
        return Ok(Some(Outcome::Unmet(findings)));
    }
    let (named, others): (Vec<&str>, Vec<&str>) =
        folders.iter().map(|folder| &**folder).partition(|folder| is_called_production(folder));
    let outcome = if named.is_empty() {
        let alone =
            others.iter().map(|folder| Ok((*folder, found(proof, scope, &[folder], is_over)?)));
        of_equals(&findings, &alone.collect::<Result<Vec<_>, OutOfTime>>()?)
    } else {
        match found(proof, scope, &named, is_over)? {
            own if own.is_empty() => beside_production(&findings, &named, &others),
            own => Outcome::Unmet(own),
        }
    };
    Ok(Some(outcome))
}

/// What is found of the service as the overlays in `folders` leave it.
fn found(
    proof: &Proof,
    scope: &Scope<'_>,
    folders: &[&str],
    is_over: &dyn Fn() -> bool,
) -> Result<Vec<Finding>, OutOfTime> {
    Ok(match decide::ask(proof, &of_overlays(scope, folders), is_over)? {
        Some(Outcome::Unmet(findings)) => findings,
        _ => Vec::new(),
    })
}

/// What is said where no overlay is called production: what all show, else what each shows.
fn of_equals(findings: &[Finding], alone: &[(&str, Vec<Finding>)]) -> Outcome {
    let message = findings.first().map_or("it falls short", |finding| &finding.message);
    if let Some((folder, _)) = alone.iter().find(|(_, found)| found.is_empty()) {
        let folders: Vec<&str> = alone.iter().map(|(folder, _)| *folder).collect();
        return Outcome::unknown(format!(
            "which overlay is for production: {message}, but that is not so in `{folder}`, and \
             none of {} says that it is",
            quoted(&folders)
        ));
    }
    let is_in = |finding: &Finding, found: &[Finding]| {
        found.iter().any(|other| other.message == finding.message)
    };
    let shared = findings.iter().filter(|f| alone.iter().all(|(_, found)| is_in(f, found)));
    let shared: Vec<Finding> = shared.cloned().collect();
    let each = alone.iter().flat_map(|(folder, found)| {
        found.iter().map(move |finding| {
            let message = format!("{}, in the overlay `{folder}`", finding.message);
            Finding { message, ..finding.clone() }
        })
    });
    Outcome::Unmet(if shared.is_empty() { each.collect() } else { shared })
}

/// What is said where the overlays called production show none of it.
fn beside_production(findings: &[Finding], named: &[&str], others: &[&str]) -> Outcome {
    let message = findings.first().map_or("it falls short", |finding| &finding.message);
    Outcome::unknown(format!(
        "whether users are served by {} too: {message} there, and not so in {}",
        quoted(others),
        quoted(named)
    ))
}

fn quoted(folders: &[&str]) -> String {
    let names: Vec<String> = folders.iter().map(|folder| format!("`{folder}`")).collect();
    names.join(", ")
}

/// The folder of an overlay for each way in which some workload of the service is left, that of one
/// called production where there is one.
fn unlike(scope: &Scope<'_>) -> BTreeSet<Arc<str>> {
    let all = scope.workloads.iter().chain(&scope.datastores);
    let speaking = all.filter_map(|workload| {
        let mut overlays = workload.overlays.iter();
        let named = overlays.find(|folder| is_called_production(folder));
        named.or(workload.overlays.first())
    });
    speaking.take(MOST).cloned().collect()
}

/// The service as the overlays in `folders` leave it. What none of them brings stays.
fn of_overlays<'a>(scope: &Scope<'a>, folders: &[&str]) -> Scope<'a> {
    let is_own =
        |workload: &Workload| workload.overlays.iter().any(|own| folders.contains(&&**own));
    let all = scope.workloads.iter().chain(&scope.datastores);
    let own = all.copied().filter(|workload| is_own(workload));
    let brought: HashSet<&Place> = own.map(|workload| &workload.name.place).collect();
    let stays = |workload: &Workload| is_own(workload) || !brought.contains(&workload.name.place);
    let mut alone = scope.clone();
    alone.workloads.retain(|workload| stays(workload));
    alone.datastores.retain(|workload| stays(workload));
    alone
}
