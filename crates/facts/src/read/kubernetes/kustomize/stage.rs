//! Which overlays speak for production.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::discover::name::last_part;
use crate::discover::sample::is_sample_manifest;

use super::graph::{Files, Graph};

/// How near to production an overlay is, by words in the path of its folder.
///
/// One that bears none of these words counts as production.
const RANKS: &[(u8, &[&str])] = &[
    (
        0,
        &[
            "base",
            "bases",
            "ci",
            "demo",
            "demos",
            "e2e",
            "example",
            "examples",
            "kind",
            "kindtest",
            "local",
            "minikube",
            "preview",
            "sandbox",
            "sbox",
            "template",
            "templates",
            "test",
            "testing",
            "tests",
        ],
    ),
    (DEVELOPING, &["dev", "develop", "development"]),
    (
        2,
        &["alpha", "int", "integration", "ithc", "preprod", "qa", "stage", "staging", "stg", "uat"],
    ),
];

/// Words of overlays by which something is tried out on one machine.
const TRYING_OUT: &[&str] =
    &["ci", "e2e", "kind", "kindtest", "local", "minikube", "test", "testing", "tests"];

/// Words of overlays that others are made from, wherever those run.
const BASES: &[&str] = &["base", "bases", "template", "templates"];

/// Words of overlays that are for few people, where another overlay beside them is called production
/// or holds what was released.
const BESIDE_PRODUCTION: &[&str] =
    &["beta", "edge", "internal", "latest", "next", "nightly", "review", "unstable"];

/// The overlay of what was released, beside that of what was built last.
const RELEASED: &str = "stable";

/// The rank of overlays for developers.
const DEVELOPING: u8 = 1;

/// The rank of overlays for production.
const PRODUCTION: u8 = 3;

/// An overlay is a variant of those nearer to production when more than one in so many of its
/// files is theirs too, or bears the name of one that an overlay for production beside it has.
const SHARED: usize = 4;

/// The overlays to build, and the files that are then known by what was built.
#[derive(Debug, Default)]
pub(super) struct Roots {
    pub(super) built: Vec<Root>,
    /// Overlays that are not built, each with the reason.
    pub(super) passed_over: Vec<(usize, &'static str)>,
    pub(super) files: BTreeSet<Arc<str>>,
}

/// An overlay to build.
#[derive(Debug)]
pub(super) struct Root {
    pub(super) overlay: usize,
    /// Files whose objects another overlay brings, which is nearer to production.
    pub(super) elsewhere: BTreeSet<Arc<str>>,
}

/// Chooses the overlays to build among those that no other one stands on.
///
/// Where several stand on the same files only those nearest to production speak for these; a
/// variant of them is not built at all. `None`: they stand on too many files to tell.
pub(super) fn roots(graph: &Graph<'_>) -> Option<Roots> {
    let mut steps = 0;
    let mut roots = Roots::default();
    let mut ranked: [Vec<(usize, Files)>; PRODUCTION as usize + 1] = Default::default();
    let productive = beside_production(graph);
    let apart = apart(graph, &mut roots);
    let folders: BTreeSet<&str> =
        apart.iter().filter_map(|n| Some(graph.overlays.get(*n)?.folder())).collect();
    for root in apart {
        let Some(overlay) = graph.overlays.get(root) else { continue };
        let files = graph.files(root, &mut steps)?;
        roots.files.extend(files.resources.iter().chain(&files.patches).cloned());
        if overlay.is_component() {
            roots.passed_over.push((root, "is a Kustomize component that no overlay here uses"));
        } else if graph.beneath(root).is_empty() && is_for_developing(overlay.folder(), &folders) {
            let why = "is for developing what the folder beside it runs, which bears its name without that";
            roots.passed_over.push((root, why));
        } else if let Some(rank) =
            ranked.get_mut(usize::from(rank_upon(root, overlay.folder(), graph, &productive)))
        {
            rank.push((root, files));
        }
    }
    let mut taken: BTreeSet<Arc<str>> = BTreeSet::new();
    let mut beside: BTreeSet<(&str, String)> = BTreeSet::new();
    for rank in ranked.iter_mut().rev() {
        let (before, before_beside) = (taken.clone(), beside.clone());
        for (overlay, Files { resources, .. }) in std::mem::take(rank) {
            let folder = graph.overlays.get(overlay).map_or("", |overlay| overlay.folder());
            let copies = own_files(folder, &resources);
            let elsewhere: BTreeSet<_> = resources.intersection(&before).cloned().collect();
            let shared = elsewhere.len() + copies.intersection(&before_beside).count();
            if shared * SHARED <= resources.len() {
                taken.extend(resources);
                if is_production(last_part(folder)) {
                    beside.extend(copies);
                }
                roots.built.push(Root { overlay, elsewhere });
            } else {
                roots.passed_over.push((overlay, "is a variant of overlays nearer to production"));
            }
        }
    }
    speak_for_themselves(&mut roots, graph);
    roots.built.sort_unstable_by_key(|root| root.overlay);
    Some(roots)
}

/// Whether a folder is called after one of `folders` beside it, and after developing: `shop/till-dev`.
fn is_for_developing(folder: &str, folders: &BTreeSet<&str>) -> bool {
    let Some((name, word)) = folder.rsplit_once(['-', '_']) else { return false };
    rank_of(&word.to_ascii_lowercase()) == DEVELOPING
        && folders.contains(name)
        && rank(name, &BTreeSet::new()) == PRODUCTION
}

/// The files in the folder of an overlay itself, by the folder around it and their paths inside.
fn own_files<'g>(folder: &'g str, files: &BTreeSet<Arc<str>>) -> BTreeSet<(&'g str, String)> {
    let Some((around, _)) = folder.rsplit_once('/') else { return BTreeSet::new() };
    let inside = files.iter().filter_map(|file| file.strip_prefix(folder)?.strip_prefix('/'));
    inside.map(|file| (around, file.to_owned())).collect()
}

/// The overlays that no other one stands on. One that only gathers those of several environments, as
/// no cluster runs them together, stands on none of them.
fn apart(graph: &Graph<'_>, roots: &mut Roots) -> BTreeSet<usize> {
    let mut open = graph.roots();
    let mut known: BTreeSet<usize> = open.iter().copied().collect();
    let mut apart = BTreeSet::new();
    while let Some(root) = open.pop() {
        if gathers_stages(root, graph) {
            roots.passed_over.push((root, "only gathers overlays for several environments"));
            open.extend(graph.beneath(root).into_iter().filter(|n| known.insert(*n)));
        } else {
            apart.insert(root);
        }
    }
    apart
}

/// Whether an overlay that is called after no environment takes overlays and nothing else, two of
/// which stand side by side and are called after different ones.
fn gathers_stages(root: usize, graph: &Graph<'_>) -> bool {
    let Some(overlay) = graph.overlays.get(root) else { return false };
    let folder = overlay.folder();
    if rank(folder, &BTreeSet::new()) < PRODUCTION || is_production(folder) {
        return false;
    }
    let beneath = graph.beneath(root);
    let folders = beneath.iter().filter_map(|n| Some(graph.overlays.get(*n)?.folder()));
    let mut stages: BTreeMap<&str, BTreeSet<u8>> = BTreeMap::new();
    for (around, own) in folders.map(|folder| folder.rsplit_once('/').unwrap_or(("", folder))) {
        let rank = words(own).map(|word| rank_of(&word)).min().unwrap_or(PRODUCTION);
        if is_production(own) || (1..PRODUCTION).contains(&rank) {
            stages.entry(around).or_default().insert(rank);
        }
    }
    overlay.references().count() == beneath.len() && stages.values().any(|ranks| ranks.len() > 1)
}

/// Builds what overlays for trying out stand on in their place: what they change of it holds on the
/// machine where it is tried out, and nowhere else.
fn speak_for_themselves(roots: &mut Roots, graph: &Graph<'_>) {
    let folder = |n: usize| graph.overlays.get(n).map_or("", |overlay| overlay.folder());
    let mut built: BTreeSet<usize> = roots.built.iter().map(|root| root.overlay).collect();
    for Root { overlay, elsewhere } in std::mem::take(&mut roots.built) {
        let mut beneath = graph.beneath(overlay);
        beneath.retain(|n| rank(folder(*n), &BTreeSet::new()) == PRODUCTION);
        if beneath.is_empty() || !words(folder(overlay)).any(|word| is_in(&word, TRYING_OUT)) {
            roots.built.push(Root { overlay, elsewhere });
            continue;
        }
        let why = "is for trying out what it stands on, which was built without it";
        roots.passed_over.push((overlay, why));
        for overlay in beneath.into_iter().filter(|n| built.insert(*n)) {
            roots.built.push(Root { overlay, elsewhere: elsewhere.clone() });
        }
    }
}

/// Folders that hold an overlay called production, or one of what was released.
fn beside_production<'g>(graph: &'g Graph<'_>) -> BTreeSet<&'g str> {
    let split = graph.overlays.iter().filter_map(|overlay| overlay.folder().rsplit_once('/'));
    let named = split.filter(|(_, own)| matches!(*own, "prd" | "prod" | "production" | RELEASED));
    named.map(|(around, _)| around).collect()
}

/// The rank of an overlay: one that stands only on overlays for other environments is no nearer to
/// production than those, unless it is called production.
fn rank_upon(root: usize, folder: &str, graph: &Graph<'_>, productive: &BTreeSet<&str>) -> u8 {
    let own = rank(folder, productive);
    if own < PRODUCTION || is_production(folder) {
        return own;
    }
    let beneath = graph.beneath(root).into_iter().filter_map(|n| graph.overlays.get(n));
    let ranks = beneath.map(|overlay| {
        let words = words(overlay.folder()).filter(|word| !is_in(word, BASES));
        words.map(|word| rank_of(&word)).min().unwrap_or(PRODUCTION)
    });
    ranks.max().unwrap_or(own)
}

/// Whether the folder of an overlay is called production, or after what was released.
pub fn is_called_production(folder: &str) -> bool {
    is_production(folder) || folder.rsplit('/').next() == Some(RELEASED)
}

fn is_production(folder: &str) -> bool {
    words(folder).any(|word| is_in(&word, NAMES_OF_PRODUCTION))
}

const NAMES_OF_PRODUCTION: &[&str] = &["live", "prd", "prod", "production"];

fn rank(folder: &str, productive: &BTreeSet<&str>) -> u8 {
    if is_sample_manifest(&format!("{folder}/")) {
        return 0;
    }
    let is_for_few = |(around, own): (&str, &str)| {
        BESIDE_PRODUCTION.contains(&own) && productive.contains(around)
    };
    if folder.rsplit_once('/').is_some_and(is_for_few) {
        return PRODUCTION - 1;
    }
    words(folder).map(|word| rank_of(&word)).min().unwrap_or(PRODUCTION)
}

fn rank_of(word: &str) -> u8 {
    let known = RANKS.iter().find(|(_, words)| is_in(word, words));
    known.map_or(PRODUCTION, |(rank, _)| *rank)
}

fn words(folder: &str) -> impl Iterator<Item = String> {
    folder.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase)
}

fn is_in(word: &str, words: &[&str]) -> bool {
    words.contains(&word)
}
