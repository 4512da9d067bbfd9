//! Where the documents of a tree stand: by their paths, and by the ends of the addresses that they
//! are browsed and published at.

use std::collections::{HashMap, HashSet};

use super::site;
use crate::{Document, Facts};

/// Finds the documents of a tree, however many there are, by where links lead.
#[derive(Debug)]
pub struct Sitemap<'a> {
    facts: &'a Facts,
    /// Positions of documents by their paths, the first of each.
    paths: HashMap<&'a str, usize>,
    /// Documents by the last parts of their addresses, in order.
    ends: HashMap<String, Vec<&'a Document>>,
    /// Folders whose pages are published as the documentation of a product.
    published: HashSet<&'a str>,
}

impl<'a> Sitemap<'a> {
    /// The documents of `facts`.
    pub fn of(facts: &'a Facts) -> Self {
        let mut paths = HashMap::new();
        let mut ends: HashMap<String, Vec<&Document>> = HashMap::new();
        for (at, document) in facts.documents.iter().enumerate() {
            paths.entry(&*document.place.path).or_insert(at);
            let parts: Vec<&str> = parts_of(stem(&document.place.path)).collect();
            ends.entry(end(&parts)).or_default().push(document);
        }
        Self { facts, paths, ends, published: site::folders(facts) }
    }

    /// Whether a file stands at `path`, or below it.
    pub fn has(&self, path: &str) -> bool {
        self.facts.has_path(path) || self.facts.has_folder(path)
    }

    /// Whether a document is a page of a site that is made for those who use what the tree holds.
    pub fn is_of_site(&self, document: &Document) -> bool {
        let mut folder = Some(document.place.folder());
        let mut around = std::iter::from_fn(|| {
            let here = folder?;
            folder = (!here.is_empty()).then(|| here.rsplit_once('/').map_or("", |(up, _)| up));
            Some(here)
        });
        site::is_marked(document) || around.any(|folder| self.published.contains(folder))
    }

    /// The document at `path`, or the one that speaks for the folder `path`.
    pub fn at(&self, path: &str) -> Option<&'a Document> {
        let spellings = [
            path.to_owned(),
            format!("{path}.md"),
            join_name(path, "README.md"),
            join_name(path, "index.md"),
        ];
        let found = spellings.iter().filter_map(|path| self.paths.get(path.as_str()));
        self.facts.documents.get(*found.min()?)
    }

    /// The document of the tree that is browsed or published at the path of an address.
    pub fn published(&self, path: &str) -> Option<&'a Document> {
        let parts: Vec<&str> = parts_of(stem(path)).collect();
        let browsed = parts.iter().position(|part| BROWSERS.contains(part));
        if let Some(path) = browsed.and_then(|at| parts.get(at + 2..)) {
            return self.ending_in(path).find(|document| {
                let known = stem(&document.place.path);
                let count = shared(known, path);
                count == parts_of(known).count() && (count == path.len() || count >= 2)
            });
        }
        let best = |best: Option<(usize, &'a Document)>, document: &'a Document| {
            let count = shared(stem(&document.place.path), &parts);
            let is_better = count >= 2 && best.is_none_or(|(most, _)| count > most);
            if is_better { Some((count, document)) } else { best }
        };
        self.ending_in(&parts).fold(None, best).map(|(_, document)| document)
    }

    /// Documents whose addresses end as `parts` do, in two parts where there are two.
    fn ending_in(&self, parts: &[&str]) -> impl Iterator<Item = &'a Document> + use<'a, '_> {
        self.ends.get(&end(parts)).into_iter().flatten().copied()
    }
}

/// What stands before branch and path where hosts show a file of a repository.
static BROWSERS: &[&str] = &["blob", "tree", "raw", "blame"];

/// The last two parts in lower case, or what there is of them.
fn end(parts: &[&str]) -> String {
    let last = parts.get(parts.len().saturating_sub(2)..).unwrap_or_default();
    last.join("/").to_ascii_lowercase()
}

/// How many parts at the end of `known` and of `parts` are the same.
fn shared(known: &str, parts: &[&str]) -> usize {
    let pairs = parts_of(known).rev().zip(parts.iter().rev());
    pairs.take_while(|(known, part)| known.eq_ignore_ascii_case(part)).count()
}

fn parts_of(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

/// `path` without what publishing takes away: the extension, and a name that speaks for the folder.
fn stem(path: &str) -> &str {
    let path = path.trim_matches('/');
    let path = [".md", ".html"].iter().find_map(|end| path.strip_suffix(end)).unwrap_or(path);
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let speaks_for_folder =
        name.eq_ignore_ascii_case("readme") || name.eq_ignore_ascii_case("index");
    if speaks_for_folder { folder } else { path }
}

fn join_name(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}
