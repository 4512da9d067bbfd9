//! Charts that only bring other charts of the tree into a cluster: those are the services.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use model::Place;

use super::candidate::{Candidate, Fact, Standing};
use super::charts::Installing;
use super::name::{ancestors, folder_of, stem};
use crate::Facts;

/// Sets back such charts.
pub(super) fn set_back(
    candidates: &mut [Candidate<'_>],
    facts: &Facts,
    installing: &Installing<'_>,
) {
    let umbrellas = umbrellas(facts, installing);
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let Fact::Chart(chart) = candidate.fact else { continue };
        if umbrellas.contains(&*chart.place.path) {
            candidate.standing = Standing::Follows("only brings other charts of the tree".into());
        }
    }
}

/// Folders below which stands a template of something that is there for good, judged by its file: a
/// chart around others brings their backups and what is done before they start as well.
fn lasting(facts: &Facts) -> HashSet<&str> {
    const WORDS: &[&str] = &["backup", "cronjob", "job", "migrate", "migration", "migrations"];
    let lasts = |place: &&Place| !stem(place).split('-').any(|word| WORDS.contains(&word));
    let templates = facts.templates.iter().map(|template| &template.place).filter(lasts);
    let workloads = facts.workloads.iter().filter(|workload| workload.is_long_running());
    let workloads = workloads.map(|workload| &workload.name.place);
    templates.chain(workloads).flat_map(|place| ancestors(place.folder())).collect()
}

/// The paths of charts that keep nothing running by themselves and take two charts or more of the tree that
/// do and that no other chart takes: what several take is a mould of services, and not one.
fn umbrellas<'f>(facts: &'f Facts, installing: &Installing<'_>) -> HashSet<&'f str> {
    let starting = facts.charts.iter().filter(|chart| installing.starts(chart));
    let starting: HashSet<&str> = starting.map(|chart| chart.place.folder()).collect();
    let mut takers: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for inner in &facts.inner_charts {
        let taker = &*inner.place.path;
        if starting.contains(inner.as_str()) {
            takers.entry(inner).or_default().insert(taker);
        }
    }
    let mut taken: BTreeMap<&str, usize> = BTreeMap::new();
    for taker in takers.into_values().filter(|takers| takers.len() == 1).flatten() {
        *taken.entry(taker).or_default() += 1;
    }
    let lasting = lasting(facts);
    let is_alone = |path: &&str| !lasting.contains(folder_of(path));
    let several = taken.into_iter().filter(|(_, count)| *count > 1).map(|(path, _)| path);
    several.filter(is_alone).collect()
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::tree;

    const TEMPLATE: &str = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ .x }}}\nspec: {{ .Values.x }}\n";

    fn chart(name: &str, inner: &[&str]) -> String {
        let inner = inner.iter().map(|inner| {
            format!("- {{name: {inner}, version: 1.0.0, repository: 'file://../{inner}'}}\n")
        });
        format!(
            "apiVersion: v2\nname: {name}\nversion: 1.0.0\ndependencies:\n{}",
            inner.collect::<String>()
        )
    }

    fn services(charts: &[(&str, String)]) -> Vec<String> {
        let mut files = vec![
            ("helm/till/templates/a.yaml".to_owned(), TEMPLATE.to_owned()),
            ("helm/stock/templates/a.yaml".to_owned(), TEMPLATE.to_owned()),
            ("helm/till/Chart.yaml".to_owned(), chart("till", &[])),
            ("helm/stock/Chart.yaml".to_owned(), chart("stock", &[])),
        ];
        for (name, text) in charts {
            files.push((format!("helm/{name}/Chart.yaml"), text.clone()));
            files.push((format!("helm/{name}/templates/stock-backup.yaml"), TEMPLATE.to_owned()));
        }
        let files: Vec<(&str, &str)> =
            files.iter().map(|(p, t)| (p.as_str(), t.as_str())).collect();
        discover(&tree(&files)).services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn a_chart_around_charts_of_the_tree_is_those() {
        assert_eq!(services(&[("main", chart("shop", &["till", "stock"]))]), ["stock", "till"]);
    }

    #[test]
    fn what_several_charts_take_is_the_mould_of_those() {
        let taking = |name: &str| chart(name, &["till", "stock"]);
        let found = services(&[("wages", taking("wages")), ("tax", taking("tax"))]);
        assert!(
            found.contains(&"wages".to_owned()) && found.contains(&"tax".to_owned()),
            "{found:?}"
        );
        let one = services(&[("wages", chart("wages", &["till"]))]);
        assert!(one.contains(&"wages".to_owned()), "{one:?}");
    }
}
