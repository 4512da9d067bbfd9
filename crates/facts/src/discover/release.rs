//! Releases of charts by Flux: which are of the team's own software.

use std::collections::{BTreeMap, BTreeSet};

use super::candidate::{Candidate, Fact, Origin};
use super::name::{image_name, key, last_part};
use super::provenance::Ties;
use super::third_party::{named, third_party};
use super::workload::folder_of_image;
use crate::{ChartRelease, Facts};

/// Last words of what a release brings that starts nothing.
const SETTINGS: &[&str] = &[
    "alerts",
    "certificate",
    "certificates",
    "config",
    "configs",
    "configuration",
    "crd",
    "crds",
    "dashboards",
    "issuer",
    "issuers",
    "namespace",
    "namespaces",
    "policies",
    "rbac",
    "rules",
    "secrets",
    "settings",
];

/// Releases of charts that those publish who keep the tree, and of images that they do.
pub(super) fn candidates<'f>(facts: &'f Facts, ties: &Ties) -> Vec<Candidate<'f>> {
    let mut sources: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for source in &facts.cluster.chart_sources {
        let known = sources.entry((&source.kind, &source.name)).or_default();
        known.insert(&source.url);
    }
    let urls = |release: &'f ChartRelease| {
        let (kind, name) = release.source.as_ref()?;
        sources.get(&(kind.as_str(), name.as_str()))
    };
    let releases = facts.cluster.releases.iter();
    releases.filter_map(|release| candidate(release, urls(release), ties)).collect()
}

fn candidate<'f>(
    release: &ChartRelease,
    urls: Option<&BTreeSet<&str>>,
    ties: &Ties,
) -> Option<Candidate<'f>> {
    let is_own = |image: &&String| {
        ties.is_own_image(image) && third_party(image).is_none() && !is_known(image)
    };
    let images = release.images.iter().filter(is_own);
    let own: BTreeMap<String, &String> =
        images.filter_map(|image| Some((image_name(image)?, image))).collect();
    let has_own_chart = urls.is_some_and(|urls| urls.iter().all(|url| ties.is_own_chart(url)));
    let of_source = urls.and_then(BTreeSet::first).map(|url| last_part(url));
    let chart = key(release.chart.as_deref().map_or(of_source.unwrap_or_default(), last_part));
    let name = key(&release.name);
    let is_strange = named(&name).is_some() || named(&chart).is_some() || brings_settings(&name);
    if is_strange || (own.is_empty() && !has_own_chart) {
        return None;
    }
    let what = format!("HelmRelease `{}`", *release.name);
    let mut candidate = Candidate::new(Fact::Release, Origin::Helm, &release.name, what);
    if let Some((name, image)) = own.first_key_value().filter(|_| own.len() == 1) {
        candidate.image = Some(name.clone());
        candidate.image_folder = folder_of_image(image);
        candidate.aliases.push(name.clone());
    }
    Some(candidate)
}

fn is_known(image: &str) -> bool {
    image_name(image).is_some_and(|name| named(&name).is_some())
}

fn brings_settings(name: &str) -> bool {
    name.rsplit('-').next().is_some_and(|last| SETTINGS.contains(&last))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    /// Names of what is judged and what is told of a tree of acme that runs `tax` and releases `name`
    /// of a chart at `url` with `values`.
    fn found(name: &str, url: &str, values: &str) -> (Vec<String>, Vec<String>) {
        let tax = deployment("tax", "ghcr.io/acme/tax:1");
        let release = format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}}}\nspec:\n  \
             chartRef: {{kind: OCIRepository, name: a}}\n  values: {values}\n---\n\
             apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {{name: a}}\n\
             spec: {{url: '{url}'}}\n"
        );
        let mut facts = tree(&[("tax.yaml", &tax), ("apps/a.yaml", &release)]);
        facts.remotes = vec!["github.com/acme/clusters".into()];
        let found = discover(&facts);
        let judged = found.services.iter().filter(|service| service.is_judged());
        let judged = judged.map(|service| service.name.clone()).filter(|name| name != "tax");
        (judged.collect(), found.possible.into_iter().map(|reason| reason.what).collect())
    }

    const OTHERS: &str = "oci://ghcr.io/charters/charts/web";
    const OWN: &str = "oci://ghcr.io/acme/charts/web";

    #[test]
    fn a_release_of_an_image_of_the_team_is_a_service() {
        let own = "{image: {repository: ghcr.io/acme/till}}";
        assert_eq!(found("till", OTHERS, own), (vec!["till".to_owned()], Vec::new()));
        for values in ["{}", "{image: {repository: ghcr.io/others/till}}", "{image: 'postgres:17'}"]
        {
            assert_eq!(found("till", OTHERS, values), (Vec::new(), Vec::new()), "{values}");
        }
        assert_eq!(found("postgres", OTHERS, own), (Vec::new(), Vec::new()));
    }

    #[test]
    fn a_release_of_a_chart_of_the_team_is_told() {
        let (judged, told) = found("till", OWN, "{}");
        assert_eq!(judged, [""; 0]);
        assert!(told[0].starts_with("`till`: nothing but a release of a chart"), "{told:?}");
        let public = "https://acme.github.io/charts";
        assert_eq!(found("till", public, "{}").1.len(), 1);
        for (name, url) in [
            ("redis", OWN),
            ("till-config", OWN),
            ("till", OTHERS),
            ("till", "https://charters.github.io/charts"),
            ("till", "oci://${registry}/charts/till"),
        ] {
            assert_eq!(found(name, url, "{}"), (Vec::new(), Vec::new()), "{name} {url}");
        }
    }

    #[test]
    fn a_release_of_a_chart_of_the_tree_is_as_firm_as_what_flux_keeps_running() {
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let tax = deployment("tax", "ghcr.io/acme/tax:1");
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: till}\nspec:\n  \
             chart: {spec: {chart: ./charts/till, sourceRef: {kind: GitRepository, name: a}}}\n---\n\
             apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {name: a}\n\
             spec: {url: 'ssh://git@github.com/acme/clusters'}\n";
        let chart = ("charts/till/Chart.yaml", "apiVersion: v2\nname: till\nversion: 1.0.0\n");
        let files = [
            ("tax.yaml", tax.as_str()),
            chart,
            ("charts/till/templates/a.yaml", template),
            ("apps/a.yaml", release),
        ];
        let judged = |files: &[(&str, &str)]| {
            let mut facts = tree(files);
            facts.remotes = vec!["github.com/acme/clusters".into()];
            let services = discover(&facts).services.into_iter();
            let judged = services.filter(crate::Service::is_judged);
            judged.map(|service| service.name).collect::<Vec<_>>()
        };
        assert_eq!(judged(&files), ["tax", "till"]);
        assert_eq!(judged(&files[..3]), ["tax"]);
    }
}
