//! Entries of a catalog as candidates.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Origin};
use super::code::coded;
use super::kind::of_entry;
use super::name::{ancestors, folder_of, key, last_part};
use crate::path::is_below;
use crate::{CatalogEntry, Dockerfile, Facts};
use model::Kind;

/// The entries of all catalog files, in their order.
pub(super) fn candidates(facts: &Facts) -> Vec<Candidate<'_>> {
    let coded = coded(facts);
    let homes: Vec<&str> = facts.catalog.iter().map(|entry| home(entry, facts)).collect();
    let all = || facts.catalog.iter().zip(homes.iter().copied());
    // Homes of entries that speak of something that runs, or is linked into it.
    let told = all().filter(|(entry, _)| !names_nothing_that_runs(entry));
    let told: BTreeSet<&str> = told.map(|(_, home)| home).collect();
    let candidate = |(entry, home)| {
        let is_backed = coded.contains(home) && !told.contains(home);
        candidate(entry, home, is_backed)
    };
    all().map(candidate).collect()
}

fn candidate<'f>(entry: &'f CatalogEntry, home: &str, is_backed: bool) -> Candidate<'f> {
    let what = format!("{} entry `{}`", entry.format.name(), *entry.name);
    Candidate {
        home: Some(home.to_owned()),
        is_library: of_entry(entry) == Some(Kind::Library),
        is_vague: names_nothing_that_runs(entry) && !is_backed,
        ..Candidate::new(Fact::Entry(entry), Origin::Catalog, &entry.name, what)
    }
}

fn home<'f>(entry: &'f CatalogEntry, facts: &Facts) -> &'f str {
    // One entry for all programs of a folder is the home of none of them.
    let holds_one = |folder: &&str| {
        let below = |file: &&Dockerfile| is_below(file.place.folder(), folder);
        facts.has_folder(folder) && facts.dockerfiles.iter().filter(below).count() < 2
    };
    let said = entry.folder.as_deref().filter(holds_one);
    let folder = said.unwrap_or_else(|| entry.place.folder());
    // Tools keep their files in a hidden folder beside the code: `.backstage/`, `.datadog/`.
    let is_hidden = |folder: &&str| last_part(folder).starts_with('.');
    ancestors(folder).filter(is_hidden).last().map_or(folder, folder_of)
}

/// Whether an entry has a word for what it is, and that is none for a program: `repository`,
/// `public-api`. Organisations make such words up.
fn names_nothing_that_runs(entry: &CatalogEntry) -> bool {
    const PROGRAMS: &[&str] = &[
        "app",
        "application",
        "backend",
        "bff",
        "bot",
        "controller",
        "custom",
        "function",
        "gateway",
        "lambda",
        "microservice",
        "operator",
        "other",
        "portal",
        "product",
        "proxy",
        "server",
        "service",
        "site",
        "system",
        "ui",
        "web",
        "webapp",
        "webservice",
        "worker",
    ];
    let Some(word) = entry.kind.as_ref().map(|word| key(word)).filter(|word| !word.is_empty())
    else {
        return false;
    };
    of_entry(entry).is_none() && !word.split('-').any(|part| PROGRAMS.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const SERVER: &str = "FROM rust:1.95\nEXPOSE 8080\nCMD [\"/serve\"]\n";

    fn entry(name: &str, kind: &str) -> String {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {{name: {name}}}\n\
             spec: {{type: {kind}, lifecycle: live, owner: tills}}\n"
        )
    }

    /// Names and folders of the services that are judged, and how many more are only told.
    fn judged(files: &[(&str, &str)]) -> (Vec<(String, String)>, usize) {
        let found = discover(&tree(files));
        let judged = found.services.into_iter().filter(crate::Service::is_judged);
        let judged = judged.map(|service| (service.name, service.folder)).collect();
        (judged, found.possible.len())
    }

    #[test]
    fn an_entry_of_what_does_not_run_is_told_where_no_code_is_its_own() {
        let till = [
            ("till/catalog-info.yaml", entry("till", "service")),
            ("till/Dockerfile", SERVER.into()),
        ];
        for (path, kind, count) in [
            ("catalog/catalog-info.yaml", "repository", (1, 1)),
            ("till/.meta/public.yaml", "PublicApi", (1, 1)),
            ("catalog/catalog-info.yaml", "web-service", (2, 0)),
            ("catalog/catalog-info.yaml", "library", (2, 0)),
            ("stock/catalog-info.yaml", "repository", (2, 0)),
        ] {
            let other = entry("stock", kind);
            let files: Vec<(&str, &str)> = till
                .iter()
                .map(|(path, text)| (*path, text.as_str()))
                .chain([(path, other.as_str()), ("stock/go.mod", "module acme.example/stock\n")])
                .collect();
            let (judged, told) = judged(&files);
            assert_eq!((judged.len(), told), count, "{path} {kind} {judged:?}");
        }
        let alone = entry("stock", "repository");
        assert_eq!(judged(&[("catalog/catalog-info.yaml", &alone)]), (Vec::new(), 1));
    }

    #[test]
    fn an_entry_is_at_home_beside_the_code_and_not_in_a_hidden_folder() {
        let till = entry("till", "service");
        for (path, dockerfile, home) in [
            (".meta/.backstage/component/till.yaml", "Dockerfile", ""),
            ("web/.meta/component/till.yaml", "web/Dockerfile", "web"),
            ("catalog/till.yaml", "Dockerfile", ""),
            ("till/catalog-info.yaml", "till/Dockerfile", "till"),
        ] {
            let files = [
                (path, till.as_str()),
                ("catalog-info.yaml", till.as_str()),
                (dockerfile, SERVER),
                ("main.go", ""),
            ];
            let expected = vec![("till".to_owned(), home.to_owned())];
            assert_eq!(judged(&files).0, expected, "{path}");
        }
    }
}
