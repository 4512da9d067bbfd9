//! How firmly a service stands, and which are only told as ones that there may be.
//!
//! # Firm
//!
//! A person declared it; a cluster, a platform or an init system keeps it running; Compose builds it
//! and says that it listens or lasts; a pipeline ships its image and that listens; a schedule starts
//! an image that bears its name.
//!
//! # Not firm
//!
//! One sign that others leave as well: an image that only somebody's machine builds, a chart
//! without anything that it installs, a job that runs once, a schedule of a script in an image of
//! tools, what Compose starts and nothing keeps, a name that says tool, a manifest as it is
//! published. Such things are services in some trees, and recipes, tools, stand-ins and chores in more.
//! Beside services that stand firmly they are told with what would make them ones and are not
//! judged; in a tree that has nothing firmer the firmest of them are what there is to judge, unless they
//! are a tool that nobody seems to run there, or somebody else's release.

use std::collections::{BTreeSet, HashSet};

use model::Place;

use super::candidate::{Candidate, Fact, Origin};
use super::charts::Installing;
use super::collection::{is_collection, is_word_for_example};
use super::describe::common;
use super::doubt::{Doubt, doubt};
use super::group::{Group, Groups};
use super::name::{ancestors, folder_of, key};
use super::operated::is_operated;
use super::shipped::Shipped;
use crate::scope::{developed, is_rehearsal};
use crate::{Container, Document, Facts, Platform, Reason, Role, Service, Workload};

/// Why each of `taken` may be no service, in their order; `None` for those that stand firmly, and for
/// the firmest where none does.
pub(super) fn doubts(
    groups: &Groups<'_>,
    taken: &[&Group<'_>],
    facts: &Facts,
) -> Vec<Option<Doubt>> {
    let mut shipped = Shipped::of(facts);
    let is_homeless = |group: &Group<'_>| group.has(Origin::Kubernetes) && !group.has_code();
    shipped.has_homeless = taken.iter().any(|group| is_homeless(group));
    let members: Vec<Vec<&Candidate<'_>>> =
        taken.iter().map(|group| groups.members(group).filter(|c| c.founds()).collect()).collect();
    (shipped.tried, shipped.tried_recipes) = tried(&members, &shipped, facts);
    let examples = examples(facts);
    let example = |members: &[&Candidate<'_>]| {
        let is_example = |member: &&Candidate<'_>| {
            let mut around = member.home.as_deref().into_iter().flat_map(ancestors);
            !member.source.is_declared() && around.any(|folder| examples.contains(folder))
        };
        (!members.is_empty() && members.iter().all(is_example)).then_some(Doubt::Example)
    };
    let mut doubts: Vec<Option<Doubt>> =
        members.iter().map(|all| doubt(all, &shipped).or_else(|| example(all))).collect();
    if !facts.charts.is_empty() {
        lift_charts(&members, &mut doubts, &Shelves::of(facts));
    }
    if is_collection(facts) {
        for (members, doubt) in members.iter().zip(&mut doubts) {
            let is_declared = members.iter().any(|member| member.source.is_declared());
            *doubt = (!is_declared).then_some(Doubt::Collected);
        }
    }
    if doubts.iter().all(Option::is_some) {
        let least = doubts.iter().flatten().map(|doubt| doubt.rank()).min();
        let is_run = is_operated(facts);
        for doubt in &mut doubts {
            *doubt = doubt.filter(|doubt| Some(doubt.rank()) != least || !doubt.is_enough(is_run));
        }
    }
    doubts
}

/// Where Compose files by which people only develop and test name what they start and no other Compose
/// file does, where something of `members` runs for users; and the recipes that only these build. Where a
/// pipeline was not read, which may ship any, only what is tagged for developing.
fn tried<'f>(
    members: &[Vec<&Candidate<'_>>],
    shipped: &Shipped<'_>,
    facts: &'f Facts,
) -> (HashSet<&'f Place>, HashSet<String>) {
    let developed = developed(facts);
    let is_tried = |workload: &Workload| {
        let path = &*workload.name.place.path;
        developed.contains(path) || is_rehearsal(path) || is_tagged_for_developing(workload)
    };
    let is_run = |member: &&Candidate<'_>| match member.fact {
        Fact::Workload(workload) => !(workload.platform == Platform::Compose && is_tried(workload)),
        Fact::Dockerfile(file) => shipped.shows(member, file),
        Fact::Declaration(_) | Fact::Entry(_) => false,
        Fact::Chart(_) | Fact::Template | Fact::Platform | Fact::Release => true,
    };
    if !members.iter().flatten().any(is_run) {
        return (HashSet::new(), HashSet::new());
    }
    let composed = facts.workloads.iter().filter(|w| w.platform == Platform::Compose);
    let (tried, others): (Vec<&Workload>, Vec<&Workload>) = composed.partition(|w| is_tried(w));
    let is_partial = !facts.unread_pipelines.is_empty();
    let is_for_it = |workload: &Workload| !is_partial || is_tagged_for_developing(workload);
    let recipes = |all: &[&Workload]| -> HashSet<String> {
        let containers = all.iter().flat_map(|workload| &workload.containers);
        containers.filter_map(Container::recipe).collect()
    };
    let named: HashSet<&str> = others.iter().map(|workload| &*workload.name.value).collect();
    let only: Vec<&Workload> =
        tried.into_iter().filter(|w| !named.contains(&*w.name.value) && is_for_it(w)).collect();
    let built = &recipes(&only) - &recipes(&others);
    (only.iter().map(|workload| &workload.name.place).collect(), built)
}

/// Whether the image that it runs is called after developing: `shop:dev`, `shop-dev:1`.
fn is_tagged_for_developing(workload: &Workload) -> bool {
    let is_last = |part: &str| {
        part.rsplit(['-', '_']).next().is_some_and(|word| matches!(word, "dev" | "development"))
    };
    workload
        .images()
        .any(|image| image.rsplit('/').next().is_some_and(|name| name.split(':').any(is_last)))
}

/// Folders below the root whose README is headed by a word for an example.
fn examples(facts: &Facts) -> BTreeSet<&str> {
    let is_example = |document: &&Document| {
        let title = document.title.as_ref().filter(|_| document.role == Role::Readme);
        title.is_some_and(|title| key(title).split('-').any(is_word_for_example))
    };
    let found = facts.documents.iter().filter(is_example);
    found.map(|document| document.place.folder()).filter(|folder| !folder.is_empty()).collect()
}

/// Takes the doubt from charts that stand on one shelf with those of services that stand firmly.
fn lift_charts(
    members: &[Vec<&Candidate<'_>>],
    doubts: &mut [Option<Doubt>],
    shelves: &Shelves<'_>,
) {
    let firm: BTreeSet<&str> = members
        .iter()
        .zip(doubts.iter())
        .filter(|(_, doubt)| doubt.is_none())
        .flat_map(|(members, _)| members.iter().filter_map(|member| shelves.of_chart(member)))
        .collect();
    for (members, doubt) in members.iter().zip(doubts) {
        let mut shelf = members.iter().filter_map(|member| shelves.of_chart(member));
        if shelf.any(|shelf| firm.contains(shelf)) {
            *doubt = None;
        }
    }
}

/// Why a service may be none, and how it becomes one; `None` for those that stand firmly.
pub(super) fn told(service: &Service) -> Option<Reason> {
    let Reason { what: doubt, place } = service.doubt.clone()?;
    let folder = match service.folder.as_str() {
        "" => place.folder(),
        folder => folder,
    };
    let path = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let name = &service.name;
    let what = format!("`{name}`: {doubt}; `service: {name}` in `{path}gonogo.yaml` makes it one");
    Some(Reason { what, place })
}

/// Where charts are kept: those of services on one shelf, those of tools on another.
struct Shelves<'f> {
    /// The folder that holds all charts of the tree.
    all: &'f str,
    installing: Installing<'f>,
}

impl<'f> Shelves<'f> {
    fn of(facts: &'f Facts) -> Self {
        let folders = facts.charts.iter().map(|chart| folder_of(folder_of(&chart.place.path)));
        let all = folders.reduce(common).unwrap_or_default();
        Self { all, installing: Installing::of(facts) }
    }

    /// The shelf of a chart: the folder next below that of all charts. What only takes the charts of
    /// others may stand on any.
    fn of_chart<'c>(&self, candidate: &Candidate<'c>) -> Option<&'c str> {
        let Fact::Chart(chart) = candidate.fact else { return None };
        if !self.installing.starts(chart) {
            return None;
        }
        let kept_in = folder_of(folder_of(&chart.place.path));
        let is_next = |folder: &&str| folder_of(folder) == self.all;
        Some(ancestors(kept_in).find(is_next).unwrap_or(kept_in))
    }
}

#[cfg(test)]
mod tests;
