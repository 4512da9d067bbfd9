//! All of Kustomize's files, and how they stand on one another.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use crate::Facts;
use crate::discover::name::last_part;
use crate::tree::{self, Node};

use super::kept::KeptManifests;
use super::overlay::{self, Overlay};

/// Steps from file to file that are gone in all, so that no tree of files takes for ever.
const MAX_STEPS: usize = 1_000_000;

/// What a reference of an overlay leads to.
#[derive(Clone, Debug)]
pub(super) enum Lead {
    Overlay(usize),
    File(Arc<str>),
    /// A file of the tree that brings no facts.
    Silent,
    /// Another repository, or nowhere.
    Away,
}

/// The files that an overlay is built from.
#[derive(Debug, Default)]
pub(super) struct Files {
    pub(super) resources: BTreeSet<Arc<str>>,
    pub(super) patches: BTreeSet<Arc<str>>,
}

/// All overlays of the tree.
pub(super) struct Graph<'a> {
    pub(super) overlays: Vec<Overlay>,
    by_folder: HashMap<String, usize>,
    texts: HashMap<&'a str, &'a (Arc<str>, Arc<str>)>,
    facts: &'a Facts,
}

impl<'a> Graph<'a> {
    pub(super) fn of(kept: &'a KeptManifests, facts: &'a Facts) -> Self {
        let overlays: Vec<_> =
            kept.texts.iter().filter_map(|(path, text)| parse(path, text)).collect();
        let by_folder =
            overlays.iter().enumerate().map(|(n, o)| (o.folder().to_owned(), n)).collect();
        let texts = kept.texts.iter().map(|text| (&*text.0, text)).collect();
        Self { overlays, by_folder, texts, facts }
    }

    /// All that was read.
    pub(super) fn facts(&self) -> &'a Facts {
        self.facts
    }

    /// The overlay whose file stands in `folder`.
    pub(super) fn overlay_in(&self, folder: &str) -> Option<usize> {
        self.by_folder.get(folder).copied()
    }

    /// Whether each file that is called like one of Kustomize's was read.
    pub(super) fn is_whole(&self) -> bool {
        let mut paths = self.facts.paths.iter().filter(|path| overlay::is_named(last_part(path)));
        paths.all(|path| self.texts.contains_key(&**path))
    }

    /// Where `reference` in `overlay` leads.
    pub(super) fn lead(&self, overlay: &Overlay, reference: &str) -> Lead {
        if overlay::is_remote(reference) {
            return Lead::Away;
        }
        let Some(path) = overlay.resolve(reference) else { return Lead::Away };
        if let Some(overlay) = self.by_folder.get(&path) {
            return Lead::Overlay(*overlay);
        }
        if let Some((path, _)) = self.texts.get(path.as_str()) {
            return Lead::File(path.clone());
        }
        if self.facts.has_path(&path) { Lead::Silent } else { Lead::Away }
    }

    /// The documents of a file.
    pub(super) fn documents(&self, path: &str) -> Vec<Node> {
        let Some((path, text)) = self.texts.get(path) else { return Vec::new() };
        documents(path, text)
    }

    /// The text of a manifest or overlay; empty where there is none.
    pub(super) fn text(&self, path: &str) -> &'a str {
        self.texts.get(path).map_or("", |(_, text)| &**text)
    }

    /// Paths and texts of all manifests and overlays.
    pub(super) fn texts(&self) -> impl Iterator<Item = &'a (Arc<str>, Arc<str>)> + '_ {
        self.texts.values().copied()
    }

    /// Overlays that no other one stands on.
    pub(super) fn roots(&self) -> Vec<usize> {
        let mut used = vec![false; self.overlays.len()];
        for overlay in &self.overlays {
            for reference in overlay.references() {
                if let Lead::Overlay(other) = self.lead(overlay, &reference.value)
                    && let Some(used) = used.get_mut(other)
                {
                    *used = true;
                }
            }
        }
        (0..used.len()).filter(|n| used.get(*n) == Some(&false)).collect()
    }

    /// The overlays that `root` itself names, components left out.
    pub(super) fn beneath(&self, root: usize) -> Vec<usize> {
        let Some(overlay) = self.overlays.get(root) else { return Vec::new() };
        let leads = overlay.references().map(|reference| self.lead(overlay, &reference.value));
        let overlays = leads.filter_map(|lead| match lead {
            Lead::Overlay(other) => Some(other),
            Lead::File(_) | Lead::Silent | Lead::Away => None,
        });
        overlays.filter(|n| self.overlays.get(*n).is_some_and(|o| !o.is_component())).collect()
    }

    /// The files that `root` is built from; `None` when that takes too long to tell.
    pub(super) fn files(&self, root: usize, steps: &mut usize) -> Option<Files> {
        let mut files = Files::default();
        let mut known = BTreeSet::from([root]);
        let mut open = vec![root];
        while let Some(overlay) = open.pop().and_then(|n| self.overlays.get(n)) {
            let references = overlay.references().map(|reference| (reference, false));
            let patches = overlay.patch_files().map(|file| (file, true));
            for (reference, is_patch) in references.chain(patches) {
                *steps += 1;
                if *steps > MAX_STEPS {
                    return None;
                }
                match self.lead(overlay, &reference.value) {
                    Lead::Overlay(other) if known.insert(other) => open.push(other),
                    Lead::File(path) if is_patch => drop(files.patches.insert(path)),
                    Lead::File(path) => drop(files.resources.insert(path)),
                    Lead::Overlay(_) | Lead::Silent | Lead::Away => {}
                }
            }
        }
        Some(files)
    }
}

/// Paths that the overlays whose own is wanted take or apply, before any was built.
pub(crate) fn taken_by_overlays(facts: &Facts, is_wanted: impl Fn(&str) -> bool) -> Vec<String> {
    let texts = facts.manifests.texts.iter().filter(|(path, _)| is_wanted(path));
    let overlays = texts.filter_map(|(path, text)| parse(path, text));
    let taken = overlays.flat_map(|overlay| {
        let named: Vec<_> = overlay.references().chain(overlay.patch_files()).collect();
        named.into_iter().filter_map(move |reference| overlay.resolve(&reference.value))
    });
    taken.collect()
}

fn parse(path: &Arc<str>, text: &str) -> Option<Overlay> {
    let name = path.rsplit_once('/').map_or(&**path, |(_, name)| name);
    if !overlay::is_named(name) {
        return None;
    }
    let root = documents(path, text).into_iter().find(overlay::is_one)?;
    Some(Overlay { path: path.clone(), root })
}

fn documents(path: &Arc<str>, text: &str) -> Vec<Node> {
    let is_json = path.to_ascii_lowercase().ends_with(".json");
    let read = if is_json { tree::read_json } else { tree::read_yaml };
    read(path, text).documents.into_iter().map(|document| document.root).collect()
}
