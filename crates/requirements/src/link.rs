//! Where a link leads: into the tree, to nothing, or out of it.

use facts::{Document, Sitemap};

/// Where a link leads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Target<'a> {
    /// To a document of the tree, whose anchor, if one is named, exists.
    Document(&'a Document),
    /// To a document of the tree that has no heading with this anchor.
    NoAnchor(&'a Document),
    /// To a file or folder of the tree that was not read as a document.
    File,
    /// To a place in the tree where nothing stands.
    Nowhere,
    /// Out of the tree, to an address that was not read.
    Outside,
    /// To what is known only when it runs, or to no place at all: a template, a sentence.
    Unclear,
}

/// Follows `link`, which stands in a file of `folder`.
///
/// A path is looked for beside the file, then from the root. An address leads into the tree where
/// the end of its path is that of a document, with at least a folder before the file's name: that
/// is how repositories are browsed and documentation is published.
pub(crate) fn follow<'a>(link: &str, folder: &str, sitemap: &Sitemap<'a>) -> Target<'a> {
    let link = link.trim();
    if link.is_empty() || link.contains(['{', '}', '$', '<', '>', ' ', '\n']) {
        return Target::Unclear;
    }
    let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
    let path = path.split('?').next().unwrap_or_default();
    if let Some((_, rest)) = path.split_once("://") {
        let path = rest.split_once('/').map_or("", |(_, path)| path);
        return sitemap.published(path).map_or(Target::Outside, |document| at(document, anchor));
    }
    if path.starts_with("mailto:") || path.starts_with("tel:") {
        return Target::Outside;
    }
    let beside = join(folder, path);
    let from_root = join("", path);
    let candidates = [beside, from_root];
    let documents = candidates.iter().flatten().filter_map(|path| sitemap.at(path));
    if let Some(document) = documents.into_iter().next() {
        return at(document, anchor);
    }
    let exists = |path: &String| path.is_empty() || sitemap.has(path);
    match candidates.iter().flatten().any(exists) {
        true => Target::File,
        false if is_path(path) => Target::Nowhere,
        false => Target::Unclear,
    }
}

/// Whether somebody who wrote this meant a path: it has folders or an extension.
fn is_path(text: &str) -> bool {
    text.contains('/') || text.rsplit_once('.').is_some_and(|(_, end)| (1..=4).contains(&end.len()))
}

fn at<'a>(document: &'a Document, anchor: &str) -> Target<'a> {
    let anchor = anchor.to_lowercase();
    let is_line =
        anchor.strip_prefix('l').is_some_and(|n| n.starts_with(|c: char| c.is_ascii_digit()));
    let exists =
        anchor.is_empty() || is_line || document.sections.iter().any(|s| s.anchor == anchor);
    if exists { Target::Document(document) } else { Target::NoAnchor(document) }
}

/// `path` as seen from `folder`, without `.` and `..`; `None` where it leaves the tree.
fn join(folder: &str, path: &str) -> Option<String> {
    let folder = if path.starts_with('/') { "" } else { folder };
    facts::path::join(folder, path)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use facts::{Document, Facts, Role, Section};
    use model::{Place, Placed};

    use super::*;

    fn tree(paths: &[&str]) -> Facts {
        let mut facts = Facts::default();
        for path in paths {
            facts.paths.push(Arc::from(*path));
            facts.documents.extend(path.contains(".md").then(|| document(path)));
        }
        facts.paths.sort();
        facts
    }

    fn document(path: &str) -> Document {
        let place = Place::file(path);
        let section = Section {
            level: 2,
            title: Placed::new("High latency".to_owned(), place.clone()),
            anchor: "high-latency".to_owned(),
            text: String::new(),
            code: Vec::new(),
            rows: Vec::new(),
            items: Vec::new(),
        };
        Document {
            is_aside: false,
            place,
            role: Role::Runbook,
            title: None,
            front_matter: Vec::new(),
            sections: vec![section],
            links: Vec::new(),
            reviewed: None,
        }
    }

    #[test]
    fn a_path_is_looked_for_beside_the_file_and_from_the_root() {
        let facts = tree(&["docs/runbooks/api.md", "ops/rules.yaml"]);
        let sitemap = Sitemap::of(&facts);
        for link in
            ["docs/runbooks/api.md", "../docs/runbooks/api.md#high-latency", "/docs/runbooks/api"]
        {
            assert!(matches!(follow(link, "ops", &sitemap), Target::Document(_)), "{link}");
        }
        assert_eq!(follow("docs/runbooks/gone.md", "ops", &sitemap), Target::Nowhere);
        assert_eq!(follow("rules.yaml", "ops", &sitemap), Target::File);
        assert!(matches!(follow("docs/runbooks/api.md#gone", "", &sitemap), Target::NoAnchor(_)));
        assert_eq!(follow("../../etc/passwd", "ops", &sitemap), Target::Nowhere);
    }

    #[test]
    fn an_address_of_this_repository_or_of_its_published_pages_leads_into_the_tree() {
        let facts = tree(&["docs/runbooks/api.md", "README.md"]);
        let sitemap = Sitemap::of(&facts);
        for link in [
            "https://github.com/acme/shop/blob/main/docs/runbooks/api.md#high-latency",
            "https://docs.acme.example/runbooks/api/",
            "https://docs.acme.example/shop/runbooks/API.html?from=alert",
            "https://git.acme.example/acme/shop/-/blob/main/README.md",
        ] {
            assert!(matches!(follow(link, "", &sitemap), Target::Document(_)), "{link}");
        }
        for link in [
            "https://docs.acme.example/api",
            "https://wiki.acme.example/x/runbooks/gone",
            "https://github.com/acme/other/blob/main/runbooks/api.md",
            "https://github.com/acme/other/blob/main/charts/README.md",
            "https://docs.acme.example/",
        ] {
            assert_eq!(follow(link, "", &sitemap), Target::Outside, "{link}");
        }
    }

    #[test]
    fn what_only_the_running_system_knows_is_unclear() {
        let facts = tree(&["docs/runbooks/api.md"]);
        let sitemap = Sitemap::of(&facts);
        for link in ["https://x.example/{{ $labels.alertname }}", "see the wiki", "", "ask-ada"] {
            assert_eq!(follow(link, "", &sitemap), Target::Unclear, "{link}");
        }
    }
}
