//! Objects that bring in manifests which stand elsewhere: charts that nobody rendered here.

use model::Placed;

use crate::Facts;
use crate::tree::Node;

use super::field;
use super::manifest::Manifest;

/// Reads a generator of Kustomize that renders a chart.
pub(super) fn read_generator(manifest: &Manifest<'_>, facts: &mut Facts) {
    push(manifest, manifest.root.string("name"), facts);
}

/// Reads a `HelmRelease` of Flux or a `HelmChart` of k3s.
pub(super) fn read_release(manifest: &Manifest<'_>, facts: &mut Facts) {
    let paths: [&[&str]; 4] =
        [&["chart", "spec", "chart"], &["chart", "name"], &["chartRef", "name"], &["chart"]];
    let chart = manifest.spec().and_then(|s| paths.iter().find_map(|path| field::text(s, path)));
    push(manifest, chart, facts);
}

/// Reads an Application of Argo CD: one that takes a folder of some repository brings no gap.
pub(super) fn read_application(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let sources = spec.get("source").into_iter().chain(field::items(spec, &["sources"]));
    let charts: Vec<_> = sources.filter_map(chart).collect();
    for chart in charts {
        push(manifest, Some(chart), facts);
    }
}

/// Reads an object of which an operator makes workloads by rules of its own.
pub(super) fn read_abstract(manifest: &Manifest<'_>, facts: &mut Facts) {
    let reason = format!(
        "is a {}, of which an operator makes workloads: what it starts was not read",
        manifest.header.kind
    );
    facts.gaps.push(manifest.gap(manifest.name.place.clone(), reason));
}

fn chart(source: &Node) -> Option<Placed<String>> {
    source.string("chart")
}

fn push(manifest: &Manifest<'_>, chart: Option<Placed<String>>, facts: &mut Facts) {
    let chart = chart.unwrap_or_else(|| manifest.name.clone());
    let reason = format!("takes the Helm chart `{}`, which was not rendered", chart.value);
    let mut gap = manifest.gap(chart.place, reason);
    if OPERATORS.contains(&chart.value.as_str()) {
        gap.name = Some(chart.value);
    }
    facts.gaps.push(gap);
}

/// Charts that everybody knows and that install what looks after a cluster, whatever their release is
/// called.
const OPERATORS: &[&str] = &[
    "cert-manager",
    "cloudnative-pg",
    "external-dns",
    "external-secrets",
    "kube-prometheus-stack",
    "metrics-server",
    "velero",
];

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    #[test]
    fn what_an_operator_makes_workloads_of_is_named_as_not_read() {
        let app = "apiVersion: cloud.redhat.com/v1alpha1\nkind: ClowdApp\nmetadata: {name: till}\nspec: {}\n";
        let gap = &facts_of(app).gaps[0];
        assert_eq!((at(&gap.place), gap.name.as_deref()), ("3:18".to_owned(), Some("till")));
        let template = format!(
            "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {{name: t}}\nobjects:\n- {}",
            app.trim_end().replace('\n', "\n  ")
        );
        assert!(facts_of(&template).gaps[0].reason.starts_with("is a ClowdApp"));
    }

    #[test]
    fn charts_that_are_not_rendered_are_gaps_at_their_names() {
        let cases = [
            (
                "builtin\nkind: HelmChartInflationGenerator\nmetadata: {name: a}\nname: redis\n",
                "4:7",
            ),
            (
                "helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: redis}}}\n",
                "4:30",
            ),
            (
                "argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {chart: redis}}\n",
                "4:24",
            ),
        ];
        for (text, place) in cases {
            let facts = facts_of(&format!("apiVersion: {text}"));
            let gap = &facts.gaps[0];
            assert_eq!(
                (at(&gap.place), gap.name.as_deref()),
                (place.to_owned(), Some("a")),
                "{text}"
            );
            assert!(gap.reason.contains("`redis`"));
        }
        let quoted = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec:\n  chartRef: {name: redis}\n  values:\n    host: \"{{ .Release.Name }}.example\"\n";
        assert!(facts_of(quoted).gaps[0].reason.contains("`redis`"));
        let folder = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec: {source: {path: x}}\n";
        assert_eq!(facts_of(folder).gaps, []);
    }
}
