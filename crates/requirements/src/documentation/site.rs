//! Sites on which the documentation of a tree is published.

use super::linked::is_badge;
use crate::prelude::*;

/// Where the documentation of a product is published: under a heading for it the README leads to a
/// host that is called like the service or serves pages of a repository; anywhere, to a host of
/// documents that is called like the service or like who keeps the tree.
pub(super) fn own_site<'a>(readme: &'a Document, scope: &Scope<'_>) -> Option<&'a Placed<String>> {
    let is_of_name = |c: &char| c.is_alphanumeric();
    let name: String = scope.service.name.to_lowercase().chars().filter(is_of_name).collect();
    let is_of_pages = |text: &str| PAGES.iter().any(|word| text.contains(word));
    let is_own = |link: &&Placed<String>| {
        let (host, path) = address(link);
        let is_named = name.len() >= SHORTEST_NAME && host.replace('-', "").contains(&name);
        let is_published = PUBLISHERS.iter().any(|publisher| host.ends_with(publisher));
        (is_named && (path.is_empty() || is_of_pages(&host) || is_of_pages(&path)))
            || (is_published && (is_of_pages(&path) || host.contains(".readthedocs.")))
    };
    let is_host_of_documents = |link: &&Placed<String>| {
        let (host, path) = address(link);
        let is_of_documents = host.split('.').any(|part| matches!(part, "docs" | "documentation"));
        let is_named = name.len() >= SHORTEST_NAME && host.replace('-', "").contains(&name);
        is_of_documents
            && (is_named || is_of_keeper(&host, &scope.all.remotes))
            && !path.contains("badge")
    };
    let documentation = ["doc", "documentation"];
    chapters(readme)
        .filter(|chapter| prose::mentions(chapter.title(), &documentation))
        .find_map(|chapter| chapter.links().find(is_own))
        .or_else(|| readme.links.iter().find(is_host_of_documents))
        .or_else(|| {
            let remotes = &scope.all.remotes;
            let mut links = readme.links.iter().filter(|link| is_site_of_tree(link, remotes));
            links.find(|link| is_called_documentation(link, readme))
        })
}

/// Whether what is said around a link calls what it leads to the documentation, and not that of its
/// tables or of its code alone.
fn is_called_documentation(link: &Placed<String>, readme: &Document) -> bool {
    let mut sections = readme.sections.iter();
    let around = sections.rfind(|section| section.title.place.line <= link.place.line);
    let Some(section) = around else { return false };
    let mut cells = section.rows.iter().flatten().map(|cell| cell.value.as_str());
    let documentation = ["docs", "documentation", "explanations"];
    let is_of_part = prose::mentions(&section.title, &["api", "database", "schema", "storybook"]);
    let says = prose::mentions(&section.text, &documentation)
        || cells.any(|cell| prose::mentions(cell, &documentation));
    says && !is_of_part
}

/// Whether a link leads to the pages that the host of the tree publishes for it:
/// `tillsquad.github.io/till` of `github.com/TillSquad/till`.
fn is_site_of_tree(link: &str, remotes: &[String]) -> bool {
    let (host, path) = address(link);
    let publisher = [".github.io", ".gitlab.io"].iter().find_map(|end| host.strip_suffix(end));
    let (Some(keeper), Some(tree)) = (publisher, path.split('/').next()) else { return false };
    let is_it = |remote: &String| {
        let of_keeper = remote.split('/').nth(1);
        of_keeper.is_some_and(|part| part.eq_ignore_ascii_case(keeper))
            && remote.rsplit('/').next().is_some_and(|part| part.eq_ignore_ascii_case(tree))
    };
    !is_badge(link) && remotes.iter().any(is_it)
}

/// Whether a host is called like who keeps the tree: `docs.tills.example` and `tillsquad/recipes`.
fn is_of_keeper(host: &str, remotes: &[String]) -> bool {
    let domain = host.rsplit_once('.').map_or("", |(domain, _)| domain);
    let label = domain.rsplit('.').next().unwrap_or_default();
    let keepers = remotes.iter().flat_map(|remote| remote.split('/').skip(1));
    label.len() >= SHORTEST_NAME
        && keepers.map(str::to_lowercase).any(|keeper| keeper.replace('-', "").starts_with(label))
}

/// Host and path of an address, in lower case; empty for a path of the tree.
fn address(link: &str) -> (String, String) {
    let address = link.split_once("://").map_or("", |(_, rest)| rest).to_lowercase();
    let (host, path) = address.split_once('/').unwrap_or((&address, ""));
    (host.to_owned(), path.to_owned())
}

/// Hosts that publish the pages of a repository.
static PUBLISHERS: &[&str] =
    &[".gitbook.io", ".github.io", ".gitlab.io", ".readthedocs.io", ".readthedocs.org"];

/// Parts of addresses of documentation.
static PAGES: &[&str] = &["doc", "guide", "learn", "manual", "wiki"];

/// Shorter names stand in the names of hosts by chance.
const SHORTEST_NAME: usize = 4;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_a_tree_are_called_like_it_and_like_who_keeps_it() {
        let remotes = ["github.com/TillSquad/till".to_owned()];
        for link in ["https://tillsquad.github.io/till", "https://TillSquad.github.io/till/start"] {
            assert!(is_site_of_tree(link, &remotes), "{link}");
        }
        for link in [
            "https://tillsquad.github.io/shelf",
            "https://others.github.io/till",
            "https://tillsquad.example/till",
            "https://tillsquad.github.io/till/badge.svg",
        ] {
            assert!(!is_site_of_tree(link, &remotes), "{link}");
        }
        assert!(!is_site_of_tree("https://tillsquad.github.io/till", &[]));
    }

    #[test]
    fn a_host_is_called_like_who_keeps_the_tree() {
        let remotes = ["github.com/TillSquad/recipes".to_owned()];
        assert!(is_of_keeper("docs.till.example", &remotes));
        assert!(!is_of_keeper("docs.python.example", &remotes));
        assert!(!is_of_keeper("docs.til.example", &remotes), "too short to tell");
        assert!(!is_of_keeper("docs.till.example", &[]));
    }
}
