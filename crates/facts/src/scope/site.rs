//! Sites that are made of the pages of a tree, known by the files that their makers read.

use std::collections::HashSet;

use crate::{Document, Facts};

/// Files by which a maker of sites knows a folder, with what comes before the ending.
static MAKERS: &[&str] =
    &["antora.yml", "book.toml", "docusaurus.config.", "hugo.", "mkdocs.", "zensical.toml"];

/// Endings of such files.
static ENDINGS: &[&str] = &["cjs", "js", "json", "mjs", "mts", "toml", "ts", "yaml", "yml"];

/// Folders in which a maker keeps what it reads, right inside of the folder of the site.
static SETTINGS: &[&str] = &[".vitepress", "config/_default"];

/// What is written at the head of pages that a site sorts and shows in its menus.
static MARKS: &[&str] =
    &["nav_icon", "nav_order", "seo", "sidebar_label", "sidebar_position", "sort_rank", "weight"];

/// What folders are called that hold a site and nothing else.
static OF_SITES: &[&str] = &["doc", "docs", "documentation", "site", "website", "www"];

/// The folders whose pages are published: that of a site, and all around it where it is kept apart.
/// What stands beside an entry of a catalog is shown by that to the organisation, and to no customer.
pub(super) fn folders(facts: &Facts) -> HashSet<&str> {
    let is_of_catalog = |folder: &str| {
        let beside = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let mut endings = ["yaml", "yml"].iter();
        endings.any(|ending| facts.has_path(&format!("{beside}catalog-info.{ending}")))
    };
    let all = facts.paths.iter().filter_map(|path| made_in(path));
    all.filter(|folder| !is_of_catalog(folder)).map(around).collect()
}

/// Whether the head of a page is that of one in a site.
pub(super) fn is_marked(document: &Document) -> bool {
    document.front_matter.iter().any(|(key, _)| MARKS.contains(&key.as_str()))
}

/// The folder of the site that the file at `path` makes one.
fn made_in(path: &str) -> Option<&str> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of_settings = SETTINGS.iter().find_map(|settings| folder.strip_suffix(settings));
    if let Some(site) = of_settings {
        return (site.is_empty() || site.ends_with('/')).then(|| site.trim_end_matches('/'));
    }
    let is_maker = MAKERS.iter().any(|maker| {
        let rest = name.strip_prefix(maker);
        rest.is_some_and(|rest| rest.is_empty() || ENDINGS.contains(&rest))
    });
    is_maker.then_some(folder)
}

fn around(folder: &str) -> &str {
    let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
    if OF_SITES.contains(&name) { above } else { folder }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(paths: &[&str]) -> Vec<String> {
        let mut facts =
            Facts { paths: paths.iter().map(|path| (*path).into()).collect(), ..Facts::default() };
        facts.paths.sort_unstable();
        let mut found: Vec<String> = folders(&facts).into_iter().map(str::to_owned).collect();
        found.sort();
        found
    }

    #[test]
    fn a_site_is_known_by_what_its_maker_reads() {
        assert_eq!(of(&["mkdocs.yml", "docs/index.md"]), [""]);
        assert_eq!(of(&["till/docs/docusaurus.config.ts"]), ["till"]);
        assert_eq!(of(&["website/hugo.yaml"]), [""]);
        assert_eq!(of(&["docs/config/_default/params.toml"]), [""]);
        assert_eq!(of(&["web/manual/.vitepress/config.mts"]), ["web/manual"]);
        let none = ["src/hugo.go", "myconfig/_default/a.toml", "mkdocs.yml.bak", "hugo.mod"];
        assert!(of(&none).is_empty());
    }

    #[test]
    fn what_a_catalog_shows_is_for_the_organisation() {
        assert!(of(&["catalog-info.yaml", "mkdocs.yml"]).is_empty());
        assert_eq!(of(&["a/catalog-info.yml", "a/mkdocs.yml", "b/mkdocs.yml"]), ["b"]);
    }
}
