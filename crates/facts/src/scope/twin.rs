//! Environments that are told apart by the names of files: `api-staging.yaml` beside
//! `api-production.yaml`.

use std::collections::HashSet;

use super::environment::REHEARSAL;
use crate::Facts;
use crate::discover::name::{folder_of, last_part};

/// What stands for production in the names of files.
const PRODUCTION: &[&str] = &["live", "prd", "prod", "production"];

/// Files of workloads beside which stands one of the same name but for production.
pub(super) fn rehearsed(facts: &Facts) -> HashSet<&str> {
    let paths: HashSet<&str> = facts.workloads.iter().map(|w| &*w.name.place.path).collect();
    paths.into_iter().filter(|path| has_twin(path, facts)).collect()
}

fn has_twin(path: &str, facts: &Facts) -> bool {
    let (folder, name) = (folder_of(path), last_part(path));
    let mut start = 0;
    name.split(['-', '_', '.']).any(|word| {
        let (at, end) = (start, start + word.len());
        start = end + 1;
        let is_word = REHEARSAL.binary_search(&word.to_ascii_lowercase().as_str()).is_ok();
        let around = name.get(..at).zip(name.get(end..)).filter(|_| is_word);
        around.is_some_and(|(before, after)| {
            PRODUCTION.iter().any(|production| {
                let twin = format!("{before}{production}{after}");
                facts.has_path(&if folder.is_empty() { twin } else { format!("{folder}/{twin}") })
            })
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::tests::tree;

    #[test]
    fn a_file_for_staging_has_a_twin_for_production() {
        let pod = |name: &str| {
            format!(
                "apiVersion: v1\nkind: Pod\nmetadata: {{name: {name}}}\nspec:\n  containers:\n  \
                 - {{name: a, image: till:1}}\n"
            )
        };
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
}
