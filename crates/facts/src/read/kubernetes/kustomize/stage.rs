//! Which overlays speak for production.

use std::collections::BTreeSet;
use std::sync::Arc;

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
            "local",
            "minikube",
            "preview",
            "sandbox",
            "template",
            "templates",
            "test",
            "testing",
            "tests",
        ],
    ),
    (1, &["dev", "develop", "development"]),
    (2, &["alpha", "int", "integration", "preprod", "qa", "stage", "staging", "stg", "uat"]),
];

/// Words of overlays that are for few people, where another overlay beside them is called production.
const BESIDE_PRODUCTION: &[&str] = &["beta", "internal", "nightly"];

/// The rank of overlays for production.
const PRODUCTION: u8 = 3;

/// An overlay is a variant of those nearer to production when more than one in so many of its
/// files is theirs too.
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
    for root in graph.roots() {
        let Some(overlay) = graph.overlays.get(root) else { continue };
        let files = graph.files(root, &mut steps)?;
        roots.files.extend(files.resources.iter().chain(&files.patches).cloned());
        if overlay.is_component() {
            roots.passed_over.push((root, "is a Kustomize component that no overlay here uses"));
        } else if let Some(rank) = ranked.get_mut(usize::from(rank(overlay.folder(), &productive)))
        {
            rank.push((root, files));
        }
    }
    let mut taken: BTreeSet<Arc<str>> = BTreeSet::new();
    for rank in ranked.iter_mut().rev() {
        let before = taken.clone();
        for (overlay, Files { resources, .. }) in std::mem::take(rank) {
            let elsewhere: BTreeSet<_> = resources.intersection(&before).cloned().collect();
            if elsewhere.len() * SHARED <= resources.len() {
                taken.extend(resources);
                roots.built.push(Root { overlay, elsewhere });
            } else {
                roots.passed_over.push((overlay, "is a variant of overlays nearer to production"));
            }
        }
    }
    roots.built.sort_unstable_by_key(|root| root.overlay);
    Some(roots)
}

/// Folders that hold an overlay called production.
fn beside_production<'g>(graph: &'g Graph<'_>) -> BTreeSet<&'g str> {
    let split = graph.overlays.iter().filter_map(|overlay| overlay.folder().rsplit_once('/'));
    let named = split.filter(|(_, own)| matches!(*own, "prd" | "prod" | "production"));
    named.map(|(around, _)| around).collect()
}

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
    let words = folder.split(|c: char| !c.is_ascii_alphanumeric()).map(str::to_ascii_lowercase);
    let rank = |word: String| {
        let known = RANKS.iter().find(|(_, words)| words.contains(&word.as_str()));
        known.map_or(PRODUCTION, |(rank, _)| *rank)
    };
    words.map(rank).min().unwrap_or(PRODUCTION)
}
