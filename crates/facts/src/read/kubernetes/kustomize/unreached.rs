//! Manifests to which nothing that Flux applies leads, where the tree tells all that it applies, and
//! Applications of Argo CD to which no other one leads.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::Place;

use crate::discover::name::{folder_of, last_part};
use crate::path::{is_below, join};
use crate::{Delivery, Facts, Platform};

use super::super::field;
use super::graph::{Graph, Lead};
use super::overlay;

/// Why such a file is set aside.
pub(super) const UNREACHED: &str = "is applied by nothing: no Kustomization of Flux leads to it";

/// Why such an Application brings nothing.
pub(super) const UNAPPLIED: &str =
    "none of the Applications that bring others leads to it, and no page or script applies it";

/// One in so many workloads at least is reached where Flux brings what the tree holds.
const REACHED: usize = 3;

/// Flux itself, as its command writes it into each tree.
const FLUX: &str = "gotk-components.yaml";

/// Steps from file to file that are gone in all, so that no tree of files takes for ever.
const MAX_STEPS: usize = 1_000_000;

/// The manifests in or beside the folders that Kustomizations of Flux take, which none of them brings
/// and nobody applies by hand. `built`: objects of Argo CD and Flux as overlays leave them.
///
/// Empty where one Kustomization cannot be followed, as it may lead to any of them.
pub(super) fn files(graph: &Graph<'_>, built: &[Delivery]) -> BTreeSet<Arc<str>> {
    let facts = graph.facts();
    let all = facts.cluster.deliveries.iter().chain(built);
    let all: Vec<&Delivery> = all.filter(|delivery| delivery.kind != "HelmRelease").collect();
    let Some((reached, area)) = reached(graph, &all) else { return BTreeSet::new() };
    let by_hand = applied_by_hand(facts);
    let left = graph.texts().map(|(path, _)| path).filter(|path| {
        let is_of_chart = facts.charts.iter().any(|chart| is_below(path, chart.place.folder()));
        area.iter().any(|folder| is_below(path, folder))
            && !reached.contains(*path)
            && !is_of_chart
            && !by_hand.iter().any(|target| is_target(path, target))
    });
    left.cloned().collect()
}

/// Where Applications stand that none of those brings which bring others, and nobody applies by hand.
/// One that brings others may be where a cluster starts.
///
/// Empty where no Application brings others, or one cannot be followed.
pub(super) fn applications(graph: &Graph<'_>, built: &[Delivery]) -> BTreeSet<Place> {
    let facts = graph.facts();
    let all = || facts.cluster.deliveries.iter().chain(built).filter(|one| is_of_argo(one));
    let files: BTreeSet<&Arc<str>> = all().map(|one| &one.name.place.path).collect();
    if files.len() < 2 || !graph.is_whole() {
        return BTreeSet::new();
    }
    let mut reach = Reach::new(graph);
    let mut brought = BTreeSet::new();
    let mut roots = BTreeSet::new();
    for one in all() {
        reach.forget();
        for path in &one.paths {
            let folder = join("", path).filter(|path| facts.has_folder(path));
            let is_told = match folder {
                Some(folder) => reach.follow(&folder).is_some(),
                None => !is_filled_in(path),
            };
            if !is_told {
                return BTreeSet::new();
            }
        }
        let own = &one.name.place.path;
        let others = reach.files.iter().filter(|path| *path != own && files.contains(path));
        let others: Vec<Arc<str>> = others.cloned().collect();
        if !others.is_empty() {
            roots.insert(own.clone());
        }
        brought.extend(others);
    }
    let by_hand = applied_by_hand(facts);
    let is_left = |one: &&Delivery| {
        let path = &one.name.place.path;
        !roots.is_empty()
            && !brought.contains(path)
            && !roots.contains(path)
            && !facts.charts.iter().any(|chart| is_below(path, chart.place.folder()))
            && !by_hand.iter().any(|target| is_target(path, target))
    };
    all().filter(is_left).map(|one| one.name.place.clone()).collect()
}

fn is_of_argo(delivery: &Delivery) -> bool {
    matches!(&*delivery.kind, "Application" | "ApplicationSet")
}

/// All files that are brought, and the folders in which what is not brought is left over.
fn reached(graph: &Graph<'_>, all: &[&Delivery]) -> Option<(BTreeSet<Arc<str>>, BTreeSet<String>)> {
    let facts = graph.facts();
    if !all.iter().any(|one| is_of_flux(one)) || !graph.is_whole() {
        return None;
    }
    let mut reach = Reach::new(graph);
    let mut area = BTreeSet::new();
    for delivery in all {
        let is_own = is_of_flux(delivery) && !delivery.is_elsewhere(facts);
        for folder in folders(delivery)? {
            if facts.has_folder(&folder) || (folder.is_empty() && is_own) {
                reach.follow(&folder)?;
                let around = folder.rsplit_once('/').map_or(&*folder, |(around, _)| around);
                area.extend((is_own && !folder.is_empty()).then(|| around.to_owned()));
            } else if is_own {
                return None;
            }
        }
    }
    // What brings others and is brought by none may be where a cluster starts.
    for place in all.iter().map(|delivery| &delivery.name.place) {
        if !reach.files.contains(&place.path) && !place.folder().is_empty() {
            reach.follow(place.folder())?;
        }
    }
    brings_most(&reach.files, facts).then_some((reach.files, area))
}

fn is_of_flux(delivery: &Delivery) -> bool {
    delivery.kind == "Kustomization"
}

/// Whether enough of the workloads are brought for the others to be left over.
fn brings_most(reached: &BTreeSet<Arc<str>>, facts: &Facts) -> bool {
    let workloads = facts.workloads.iter().filter(|w| w.platform == Platform::Kubernetes);
    let paths = workloads.map(|workload| &workload.name.place.path);
    let (brought, left): (Vec<_>, Vec<_>) =
        paths.filter(|path| last_part(path) != FLUX).partition(|path| reached.contains(*path));
    !brought.is_empty() && brought.len() * REACHED >= brought.len() + left.len()
}

/// The folders that an object takes; `None` where they are not told.
fn folders(delivery: &Delivery) -> Option<Vec<String>> {
    if is_of_flux(delivery) && (delivery.source.is_none() || delivery.paths.is_empty()) {
        return None;
    }
    delivery.paths.iter().map(|path| join("", path).filter(|path| !is_filled_in(path))).collect()
}

fn is_filled_in(path: &str) -> bool {
    path.contains(['$', '{', '*'])
}

/// What is brought, while it is followed.
struct Reach<'g, 'f> {
    graph: &'g Graph<'f>,
    files: BTreeSet<Arc<str>>,
    known: BTreeSet<usize>,
    steps: usize,
}

impl<'g, 'f> Reach<'g, 'f> {
    fn new(graph: &'g Graph<'f>) -> Self {
        Self { graph, files: BTreeSet::new(), known: BTreeSet::new(), steps: 0 }
    }

    /// Begins anew; the steps that were gone stay gone.
    fn forget(&mut self) {
        self.files.clear();
        self.known.clear();
    }

    /// Takes the overlay in `folder`, else all that stands below it; `None`: that is not told.
    fn follow(&mut self, folder: &str) -> Option<()> {
        if let Some(overlay) = self.graph.overlay_in(folder) {
            return self.take(overlay);
        }
        for (path, _) in self.graph.texts() {
            self.step()?;
            if !is_below(path, folder) {
                continue;
            }
            let around = path.match_indices('/').filter(|(at, _)| *at > folder.len());
            let mut around = around.filter_map(|(at, _)| path.get(..at));
            match around.find_map(|folder| self.graph.overlay_in(folder)) {
                Some(overlay) => self.take(overlay)?,
                None => drop(self.files.insert(path.clone())),
            }
        }
        Some(())
    }

    fn take(&mut self, root: usize) -> Option<()> {
        let mut open = vec![root];
        while let Some(at) = open.pop() {
            let Some(overlay) = self.graph.overlays.get(at).filter(|_| self.known.insert(at))
            else {
                continue;
            };
            if !field::items(&overlay.root, &["generators"]).is_empty() {
                return None;
            }
            self.files.insert(overlay.path.clone());
            let taken = overlay.references().map(|reference| (reference.value, true));
            let patches = overlay.patch_files().map(|file| (file.value, false));
            for (reference, is_taken) in taken.chain(patches) {
                self.step()?;
                match self.graph.lead(overlay, &reference) {
                    Lead::Overlay(other) => open.push(other),
                    Lead::File(path) => drop(self.files.insert(path)),
                    Lead::Away if is_taken && !self.is_of_others(&reference) => return None,
                    Lead::Silent | Lead::Away => {}
                }
            }
        }
        Some(())
    }

    /// Whether a reference leads into another repository than the tree's own.
    fn is_of_others(&self, reference: &str) -> bool {
        let address = reference.to_ascii_lowercase();
        let mut own = self.graph.facts().remotes.iter().map(|remote| remote.to_ascii_lowercase());
        overlay::is_remote(reference) && !own.any(|own| address.contains(&own))
    }

    fn step(&mut self) -> Option<()> {
        self.steps += 1;
        (self.steps <= MAX_STEPS).then_some(())
    }
}

/// What pages, scripts and pipelines hand to the command that applies manifests.
pub(super) fn applied_by_hand(facts: &Facts) -> BTreeSet<&str> {
    let steps = facts.steps().flat_map(|step| &step.lines);
    let scripts = facts.scripts.iter().flat_map(|script| &script.lines);
    let sections = facts.documents.iter().flat_map(|document| &document.sections);
    let texts = steps.chain(scripts).map(|line| line.as_str());
    let lines = texts.chain(sections.map(|section| section.text.as_str())).flat_map(str::lines);
    let commands = lines.filter(|line| line.contains("kubectl") || line.contains("kustomize"));
    let mut targets = BTreeSet::new();
    for line in commands {
        let words = || line.split([' ', '\t', '=', ',', '`', '"', '\'']).filter(|w| !w.is_empty());
        let pairs = words().zip(words().skip(1));
        let named = pairs.filter(|(before, _)| OPTIONS.contains(before)).map(|(_, target)| target);
        targets.extend(named.map(|target| target.trim_start_matches("./").trim_end_matches('/')));
    }
    targets
}

/// Words of commands that stand before manifests or their folder.
const OPTIONS: [&str; 5] = ["--filename", "--kustomize", "-f", "-k", "build"];

/// Whether what a command names is the file or a folder around it, from wherever it was called.
pub(super) fn is_target(path: &str, target: &str) -> bool {
    if matches!(target.rsplit_once('.'), Some((_, "yaml" | "yml"))) {
        return last_part(path) == last_part(target);
    }
    let folder = format!("/{}/", folder_of(path));
    !matches!(target, "" | "-")
        && folder.contains(&format!("/{}/", target.trim_start_matches("../")))
}
