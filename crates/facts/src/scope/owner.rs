//! Which service a name, a path or a place belongs to.

use std::collections::HashMap;

use model::Place;

use crate::discover::name::{ancestors, is_generic, key, last_part, runs};
use crate::path::is_below;
use crate::{Reason, Service};

/// Words in names of files that say what the file does and not whom it is about.
const VERBS: &[&str] = &["build", "ci", "deploy", "lint", "main", "release", "test", "tests"];

/// Folders that the host of the code looks in, which are named after no service.
const OF_HOST: &[&str] = &[".github/actions", ".github/workflows"];

/// Whom a fact belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Owner {
    /// No service in particular: all of them.
    All,
    /// These services, by index, in order.
    These(Vec<usize>),
}

impl Owner {
    /// `services`, in order; all where there are none.
    pub(super) fn these(mut services: Vec<usize>) -> Self {
        services.sort_unstable();
        services.dedup();
        if services.is_empty() { Self::All } else { Self::These(services) }
    }
}

/// Finds whom facts belong to.
pub(super) struct Owners<'a> {
    count: usize,
    names: HashMap<String, Option<usize>>,
    aliases: HashMap<&'a str, Option<usize>>,
    folders: HashMap<&'a str, Option<usize>>,
    /// Last parts of the folders, which files elsewhere are named after.
    parts: HashMap<String, Option<usize>>,
    reasons: HashMap<(&'a str, u32, u32), usize>,
}

impl<'a> Owners<'a> {
    pub(super) fn new(services: &'a [Service]) -> Self {
        let mut names = HashMap::new();
        let mut aliases = HashMap::new();
        let mut folders = HashMap::new();
        let mut parts = HashMap::new();
        let mut reasons = HashMap::new();
        for (at, service) in services.iter().enumerate() {
            enter(&mut names, key(&service.name), at);
            for alias in &service.aliases {
                enter(&mut aliases, alias.as_str(), at);
            }
            if !service.folder.is_empty() {
                enter(&mut folders, service.folder.as_str(), at);
                let part = key(last_part(&service.folder));
                if !is_generic(&part) {
                    enter(&mut parts, part, at);
                }
            }
            for Reason { place, .. } in &service.reasons {
                reasons.insert((&*place.path, place.line, place.column), at);
                if place.file_name() == "Chart.yaml" && !place.folder().is_empty() {
                    enter(&mut folders, place.folder(), at);
                }
            }
        }
        Self { count: services.len(), names, aliases, folders, parts, reasons }
    }

    /// The service that what stands at `place` is a reason of.
    pub(super) fn of_reason(&self, place: &Place) -> Option<usize> {
        self.reasons.get(&(&*place.path, place.line, place.column)).copied()
    }

    /// The service that is called so, else the one that also goes by this name.
    pub(super) fn of_name(&self, name: &str) -> Option<usize> {
        let name = key(name);
        let own = self.names.get(&name).copied().flatten();
        own.or_else(|| self.aliases.get(name.as_str()).copied().flatten())
    }

    /// The service whose folder `path` stands in, the deepest first, else the one that a folder of
    /// `path` is named after.
    pub(super) fn of_path(&self, path: &str) -> Option<usize> {
        let folder = || ancestors(crate::discover::name::folder_of(path));
        let by_folder = folder().find_map(|folder| self.folders.get(folder).copied());
        let named = || folder().filter(|folder| !OF_HOST.contains(folder));
        by_folder.unwrap_or_else(|| named().find_map(|folder| self.of_part(last_part(folder))))
    }

    fn of_part(&self, part: &str) -> Option<usize> {
        let part = key(part);
        if is_generic(&part) { None } else { self.of_name(&part) }
    }

    /// The service that a title or the name of a file is about: the longest name of one in it.
    pub(super) fn of_words(&self, text: &str) -> Option<usize> {
        if self.count < 2 {
            return None;
        }
        let text = key(text);
        let known = runs(&text).filter(|run| !VERBS.contains(run));
        let named =
            |run: &str| self.of_name(run).or_else(|| self.parts.get(run).copied().flatten());
        let known = known.filter_map(|run| Some((run, named(run)?)));
        known.max_by_key(|(run, _)| run.len()).map(|(_, service)| service)
    }

    /// The service that the file's name is about.
    pub(super) fn of_file(&self, path: &str) -> Option<usize> {
        let name = last_part(path);
        self.of_words(name.split_once('.').map_or(name, |(stem, _)| stem))
    }

    /// The services whose folder, or something that they were found by, stands in `folder`.
    pub(super) fn below(&self, folder: &str) -> Vec<usize> {
        let inside = |path: &str| is_below(path, folder);
        let folders = self.folders.iter().filter(|(path, _)| inside(path));
        let reasons = self.reasons.iter().filter(|((path, ..), _)| inside(path));
        let mut services: Vec<usize> = folders
            .filter_map(|(_, service)| *service)
            .chain(reasons.map(|(_, service)| *service))
            .collect();
        services.sort_unstable();
        services.dedup();
        services
    }

    /// Whether there is but one service, to which all belongs.
    pub(super) fn is_only_one(&self) -> bool {
        self.count < 2
    }
}

/// A name that several services go by tells of none.
fn enter<K: std::hash::Hash + Eq>(known: &mut HashMap<K, Option<usize>>, key: K, service: usize) {
    let entry = known.entry(key).or_insert(Some(service));
    if *entry != Some(service) {
        *entry = None;
    }
}
