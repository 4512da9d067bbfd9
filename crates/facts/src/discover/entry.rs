//! Entries of a catalog as candidates.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::coded;
use super::kind::of_entry;
use super::name::{ancestors, folder_of, key, last_part};
use crate::path::is_below;
use crate::{CatalogEntry, Dockerfile, Facts, lifecycle_of};
use model::{Kind, Lifecycle};

/// The entries of all catalog files, in their order.
pub(super) fn candidates(facts: &Facts) -> Vec<Candidate<'_>> {
    let coded = coded(facts);
    let homes: Vec<&str> = facts.catalog.iter().map(|entry| home(entry, facts)).collect();
    let all = || facts.catalog.iter().zip(homes.iter().copied());
    // Homes of entries that speak of something that runs, or is linked into it.
    let told = all().filter(|(entry, _)| !names_nothing_that_runs(entry));
    let told: BTreeSet<&str> = told.map(|(_, home)| home).collect();
    let known: BTreeSet<Known<'_>> = facts.catalog.iter().map(known).collect();
    let candidate = |(entry, home)| {
        let is_backed = coded.contains(home) && !told.contains(home);
        let mut candidate = candidate(entry, home, is_backed);
        if let Some(name) = previewed(entry, &known) {
            let doubt = format!("is the preview of `{name}`, which is not in production");
            candidate.standing = Standing::Follows(doubt);
        }
        candidate
    };
    all().map(candidate).collect()
}

/// What tells an entry from others: its format, its namespace and the key of its name.
type Known<'f> = (&'static str, Option<&'f str>, String);

fn known(entry: &CatalogEntry) -> Known<'_> {
    (entry.format.name(), entry.namespace.as_deref(), key(&entry.name))
}

/// The name of the entry beside this one that it is the preview of: it bears that name with `-preview`
/// behind it, and says itself that it is not in production.
fn previewed(entry: &CatalogEntry, all: &BTreeSet<Known<'_>>) -> Option<String> {
    let lifecycle = lifecycle_of(entry.lifecycle.as_ref()?)?;
    let (format, namespace, name) = known(entry);
    let name = name.strip_suffix("-preview")?.to_owned();
    let other = (format, namespace, name);
    let is_one = lifecycle == Lifecycle::Experimental && all.contains(&other);
    is_one.then_some(other.2)
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
    fn the_preview_of_another_entry_is_no_service_of_its_own() {
        let till = entry("till", "service");
        let found = |name: &str, lifecycle: &str| -> Vec<String> {
            let other = entry(name, "service").replace("live", lifecycle);
            let files = [
                ("services/till/catalog-info.yaml", till.as_str()),
                ("services/other/catalog-info.yaml", other.as_str()),
            ];
            judged(&files).0.into_iter().map(|(name, _)| name).collect()
        };
        assert_eq!(found("till-preview", "development"), ["till"]);
        assert_eq!(found("till-preview", "experimental"), ["till"]);
        assert_eq!(found("till-preview", "production"), ["till", "till-preview"]);
        assert_eq!(found("stock-preview", "development"), ["stock-preview", "till"]);
        assert_eq!(found("till-stock", "development"), ["till", "till-stock"]);
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
