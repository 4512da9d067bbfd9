//! Sites on which the documentation of a tree is published.

use super::linked::is_badge;
use crate::prelude::*;
use crate::topic::COMMON;

/// Where the documentation of a product is published: under a heading for it the README leads to a
/// host that is called like the service or serves pages of a repository; anywhere, to a host or to
/// pages of documents that are called like the service, like the tree or like who keeps that; and,
/// where the words around say that it is the documentation, to what is called like the tree.
pub(super) fn own_site<'a>(readme: &'a Document, scope: &Scope<'_>) -> Option<&'a Placed<String>> {
    let name = joined(&scope.service.name);
    let is_of_pages = |text: &str| PAGES.iter().any(|word| text.contains(word));
    let is_named =
        |host: &str| name.len() >= SHORTEST_NAME && host.replace('-', "").contains(&name);
    let is_own = |link: &&Placed<String>| {
        let (host, path) = address(link);
        let is_published = PUBLISHERS.iter().any(|publisher| host.ends_with(publisher));
        (is_named(&host) && (path.is_empty() || is_of_pages(&host) || is_of_pages(&path)))
            || (is_published && (is_of_pages(&path) || host.contains(".readthedocs.")))
    };
    let remotes = &scope.all.remotes;
    let is_of_documents = |link: &&Placed<String>| {
        let (host, path) = address(link);
        let is_host = host.split('.').any(|part| DOCUMENTS.contains(&part));
        let is_path = opens_documents(&path);
        let is_ours = || is_of_keeper(&host, remotes) || is_of_tree(&host, remotes);
        ((is_host && (is_named(&host) || is_ours())) || (is_path && is_ours()))
            && !path.contains("badge")
    };
    let documentation = ["doc", "documentation"];
    let called = |link: &&Placed<String>| {
        (is_site_of_tree(link, remotes) || is_called_like_tree(link, &name, remotes))
            && is_called_documentation(link, readme)
            || (is_wiki_of_tree(link, remotes) && is_on_setting_up(link, readme))
    };
    chapters(readme)
        .filter(|chapter| prose::mentions(chapter.title(), &documentation))
        .find_map(|chapter| chapter.links().find(is_own))
        .or_else(|| readme.links.iter().find(is_of_documents))
        .or_else(|| readme.links.iter().find(called))
}

/// Whether a path is that of all documentation of its host, or of how something is set up there: a
/// host that documents several products says no more of one.
fn opens_documents(path: &str) -> bool {
    let mut parts = path.split(['/', '#', '?']).filter(|part| !part.is_empty());
    let ways =
        ["config*", "deploy*", "getting started", "host*", "install*", "self host*", "setup"];
    parts.next().is_some_and(|part| DOCUMENTS.contains(&part))
        && parts.next().is_none_or(|part| prose::mentions(part, &ways))
}

/// A name in lower case, without what stands between its words.
fn joined(name: &str) -> String {
    name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect()
}

/// The section of the README in which a link stands.
fn around<'a>(link: &Placed<String>, readme: &'a Document) -> Option<&'a Section> {
    readme.sections.iter().rfind(|section| section.title.place.line <= link.place.line)
}

/// Whether what is said around a link says how it is set up.
fn is_on_setting_up(link: &Placed<String>, readme: &Document) -> bool {
    let words = ["configur*", "deploy*", "install*", "self host*", "set up", "setup"];
    around(link, readme).is_some_and(|section| prose::mentions(&section.text, &words))
}

/// Whether a link leads to the wiki that the host of the tree keeps beside it.
fn is_wiki_of_tree(link: &str, remotes: &[String]) -> bool {
    let (host, path) = address(link);
    let address = format!("{host}/{path}");
    let is_it = |remote: &String| {
        let rest = address.strip_prefix(&remote.to_lowercase());
        rest.is_some_and(|rest| rest.starts_with("/wiki") || rest.starts_with("/-/wikis"))
    };
    remotes.iter().any(is_it)
}

/// Whether a link leads to a host that is called like the service or the tree, or to pages that a
/// host keeps under its name.
fn is_called_like_tree(link: &str, service: &str, remotes: &[String]) -> bool {
    let (host, path) = address(link);
    let first = joined(path.split(['/', '#', '?']).next().unwrap_or_default());
    let domain = joined(label(&host));
    let of_tree = remotes.iter().filter_map(|remote| remote.rsplit('/').next()).map(joined);
    let mut names = of_tree.chain([service.to_owned()]);
    let is_name = |name: &String| {
        let is_known = name.len() >= SHORTEST_NAME && !COMMON.contains(&name.as_str());
        is_known && (domain == *name || first == *name)
    };
    !is_badge(link) && names.any(|name| is_name(&name))
}

/// Whether what is said around a link calls what it leads to the documentation, and not that of its
/// tables or of its code alone.
fn is_called_documentation(link: &Placed<String>, readme: &Document) -> bool {
    let Some(section) = around(link, readme) else { return false };
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
    let label = joined(label(host));
    let keepers = remotes.iter().flat_map(|remote| remote.split('/').skip(1));
    label.len() >= SHORTEST_NAME && keepers.map(joined).any(|keeper| keeper.starts_with(&label))
}

/// Whether a host is called like the tree, with a word before or after: `docs.gettill.example`.
fn is_of_tree(host: &str, remotes: &[String]) -> bool {
    let label = joined(label(host));
    let names = remotes.iter().filter_map(|remote| remote.rsplit('/').next()).map(joined);
    let mut names =
        names.filter(|name| name.len() >= SHORTEST_NAME && !COMMON.contains(&name.as_str()));
    names.any(|name| label.starts_with(&name) || label.ends_with(&name))
}

/// What a host is called before the last part: `tills` of `docs.tills.example`.
fn label(host: &str) -> &str {
    let domain = host.rsplit_once('.').map_or("", |(domain, _)| domain);
    domain.rsplit('.').next().unwrap_or_default()
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

/// Parts of addresses that say that all below is documentation.
static DOCUMENTS: &[&str] = &["docs", "documentation"];

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

    #[test]
    fn names_with_hyphens_are_those_without() {
        let remotes = ["github.com/till-ng/till-ng".to_owned()];
        assert!(is_of_keeper("docs.till-ng.example", &remotes));
        let remotes = ["github.com/gettills/receipts".to_owned()];
        assert!(is_of_tree("docs.tryreceipts.example", &remotes));
        assert!(!is_of_tree("docs.python.example", &remotes));
        assert!(!is_of_tree("docs.sqlserver.example", &["github.com/till/server".to_owned()]));
    }

    #[test]
    fn a_host_or_the_first_part_of_a_path_is_called_like_the_tree() {
        let remotes = ["github.com/tillsquad/self-run".to_owned()];
        let is = |link: &str| is_called_like_tree(link, "till", &remotes);
        assert!(
            is("https://develop.tills.example/self-run/") && is("https://till.example/stable/")
        );
        assert!(!is("https://hub.example/r/self-run") && !is("https://tills.example/till.svg"));
    }

    #[test]
    fn the_wiki_is_that_of_the_tree_itself() {
        let remotes = ["github.com/TillSquad/till".to_owned()];
        assert!(is_wiki_of_tree("https://github.com/tillsquad/till/wiki/Install", &remotes));
        assert!(!is_wiki_of_tree("https://github.com/others/till/wiki", &remotes));
        assert!(!is_wiki_of_tree("https://github.com/TillSquad/till/issues", &remotes));
    }
}
