//! Environments that are told apart by the names of files or folders: `api-staging.yaml` beside
//! `api-production.yaml`, `api-sandbox/deployment.yaml` beside `production/deployment.yaml`.

use std::collections::HashSet;

use super::environment::{REHEARSAL, of_all_environments};
use crate::discover::name::{folder_of, last_part};
use crate::{Facts, Workload};

/// What stands for production in the names of files.
const PRODUCTION: &[&str] = &["live", "prd", "prod", "production"];

/// Words of [`REHEARSAL`] after which a part of a service is called as well, so that they tell of an
/// environment only in a file that is called the same as one for production.
const ALSO_PARTS: &[&str] = &[
    "ci",
    "debug",
    "e2e",
    "integration",
    "kind",
    "local",
    "preview",
    "sandbox",
    "test",
    "testing",
    "tests",
];

/// Files of workloads beside which stands one of the same name but for production, or any for
/// production where the names of the file and of what it starts both say another environment; and
/// those whose folder is beside one for production that starts the same by a file of the same name.
pub(crate) fn rehearsed(facts: &Facts) -> HashSet<&str> {
    let paths: HashSet<&str> = facts.workloads.iter().map(|w| &*w.name.place.path).collect();
    let of_production =
        |path: &&&str| words(last_part(path)).any(|word| PRODUCTION.contains(&&*word));
    let shelves: HashSet<&str> = paths.iter().filter(of_production).map(|p| folder_of(p)).collect();
    let named = facts.workloads.iter().filter(|workload| {
        let path = &*workload.name.place.path;
        let is_beside = shelves.contains(folder_of(path)) && !of_production(&&path);
        is_beside && says_environment(last_part(path)) && is_called_so(workload)
    });
    let mut named: HashSet<&str> = named.map(|workload| &*workload.name.place.path).collect();
    named.extend(in_twin_folders(facts));
    paths.into_iter().filter(|path| named.contains(path) || has_twin(path, facts)).collect()
}

/// Files in a folder whose name says another environment, whatever else it says, where the same file
/// in the folder for production starts something of the same name. `test-runner/` alone may hold a
/// service of that name.
fn in_twin_folders(facts: &Facts) -> impl Iterator<Item = &str> {
    let started = |workload: &Workload| of_all_environments(workload);
    let all: HashSet<(&str, String)> =
        facts.workloads.iter().map(|w| (&*w.name.place.path, started(w))).collect();
    let is_twin = move |workload: &&Workload| {
        let twins = twin_folders(&workload.name.place.path);
        let name = started(workload);
        twins.iter().any(|twin| all.contains(&(twin.as_str(), name.clone())))
    };
    facts.workloads.iter().filter(is_twin).map(|workload| &*workload.name.place.path)
}

/// The paths that `path` would have if one of its folders were that for production: as the whole of
/// its name, or in place of the word that says another environment.
fn twin_folders(path: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut start = 0;
    for folder in folder_of(path).split('/') {
        let (at, end) = (start, start + folder.len());
        start = end + 1;
        let (Some(before), Some(after)) = (path.get(..at), path.get(end..)) else { continue };
        let is_of_production = words(folder).any(|word| PRODUCTION.contains(&&*word));
        let named = environments_in(folder).filter(|_| !is_of_production);
        for (left, right) in named {
            let whole = PRODUCTION.iter().map(|word| format!("{before}{word}{after}"));
            let part = PRODUCTION.iter().map(|word| format!("{before}{left}{word}{right}{after}"));
            found.extend(whole.chain(part));
        }
    }
    found
}

/// What stands before and after each word of `name` that says an environment before production.
fn environments_in(name: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut start = 0;
    name.split(['-', '_', '.']).filter_map(move |word| {
        let (at, end) = (start, start + word.len());
        start = end + 1;
        let is_word = REHEARSAL.binary_search(&word.to_ascii_lowercase().as_str()).is_ok();
        name.get(..at).zip(name.get(end..)).filter(|_| is_word)
    })
}

/// Whether what a workload or one of its containers is called says an environment.
fn is_called_so(workload: &Workload) -> bool {
    let containers = workload.containers.iter().map(|container| &container.name);
    containers.chain([&workload.name]).any(|name| says_environment(name))
}

fn says_environment(name: &str) -> bool {
    words(name)
        .any(|word| REHEARSAL.binary_search(&&*word).is_ok() && !ALSO_PARTS.contains(&&*word))
}

fn words(name: &str) -> impl Iterator<Item = String> {
    name.split(['-', '_', '.']).map(str::to_ascii_lowercase)
}

fn has_twin(path: &str, facts: &Facts) -> bool {
    let (folder, name) = (folder_of(path), last_part(path));
    environments_in(name).any(|(before, after)| {
        PRODUCTION.iter().any(|production| {
            let twin = format!("{before}{production}{after}");
            facts.has_path(&if folder.is_empty() { twin } else { format!("{folder}/{twin}") })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::tests::tree;

    fn pod(name: &str) -> String {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  \
             - {{name: a, image: till:1}}\n"
        )
    }

    #[test]
    fn a_file_for_staging_has_a_twin_for_production() {
        let files =
            ["k/till-staging.yaml", "k/till-production.yaml", "k/test.yaml", "qa.yml", "prod.yml"];
        let texts: Vec<(&str, String)> = files.iter().map(|file| (*file, pod("till"))).collect();
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(file, text)| (*file, text.as_str())).collect();
        let facts = tree(&texts);
        let mut found: Vec<&str> = rehearsed(&facts).into_iter().collect();
        found.sort_unstable();
        assert_eq!(found, ["k/till-staging.yaml", "qa.yml"]);
    }

    #[test]
    fn a_file_for_staging_beside_any_for_production_is_one_where_what_it_starts_is_called_so_too() {
        let found = |file: &str, name: &str, beside: &str| {
            let (own, other) = (pod(name), pod("till"));
            let facts = tree(&[(file, own.as_str()), (beside, other.as_str())]);
            rehearsed(&facts).len()
        };
        let (staging, production) =
            ("k/deployment-staging-canary.yaml", "k/deployment-production.yaml");
        assert_eq!(found(staging, "till-staging-canary", production), 1);
        assert_eq!(found(staging, "till-canary", production), 0);
        assert_eq!(found(staging, "till-staging-canary", "k/deployment.yaml"), 0);
        assert_eq!(found(staging, "till-staging-canary", "j/deployment-production.yaml"), 0);
        assert_eq!(found("k/test-runner.yaml", "test-runner", "k/prod.yaml"), 0);
    }

    #[test]
    fn a_folder_for_trying_out_beside_one_for_production_is_one_where_it_starts_the_same() {
        let found = |folder: &str, name: &str, beside: &str| {
            let (own, other) = (pod(name), pod("till"));
            let path = format!("k/{folder}/app.yaml");
            let facts = tree(&[(&path, own.as_str()), (beside, other.as_str())]);
            let found: Vec<String> = rehearsed(&facts).into_iter().map(str::to_owned).collect();
            assert!(found.iter().all(|found| *found == path), "{found:?}");
            found.len()
        };
        let production = "k/production/app.yaml";
        assert_eq!(found("api-sandbox", "till", production), 1);
        assert_eq!(found("dev-eu", "till-dev", "k/prod-eu/app.yaml"), 1);
        assert_eq!(found("test-runner", "test-runner", production), 0, "a service called so");
        assert_eq!(found("api-sandbox", "till", "k/production/other.yaml"), 0);
        assert_eq!(found("api-sandbox", "till", "j/production/app.yaml"), 0);
        assert_eq!(found("api-sandbox", "till", "k/app.yaml"), 0, "nothing is for production");
        assert_eq!(found("api", "till", production), 0);
        assert_eq!(found("test-prod", "till", production), 0);
    }
}
