//! Charts that Flux releases: where they are taken from, and which images their values name.

use crate::tree::Node;
use crate::{ChartRelease, ChartSource, Facts};

use super::field;
use super::manifest::Manifest;

/// Values that may stand inside one another, and images that one release may name.
const MAX_DEPTH: usize = 8;
const MAX_IMAGES: usize = 64;

/// Reads what a `HelmRelease` releases.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let text = |path: &[&str]| field::text(spec, path).map(|text| text.value);
    let source = |path: &[&str]| {
        let source = spec.at(path)?;
        Some((source.string("kind")?.value, source.string("name")?.value))
    };
    let mut images = Vec::new();
    if let Some(values) = spec.get("values") {
        note(values, MAX_DEPTH, &mut images);
    }
    facts.cluster.releases.push(ChartRelease {
        name: manifest.name.clone(),
        chart: text(&["chart", "spec", "chart"]),
        source: source(&["chartRef"]).or_else(|| source(&["chart", "spec", "sourceRef"])),
        images,
    });
}

/// Reads where charts are taken from.
pub(super) fn read_source(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(url) = manifest.spec().and_then(|spec| spec.string("url")) else { return };
    facts.cluster.chart_sources.push(ChartSource {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        url: url.value,
    });
}

/// The images below `values`: `image: acme/till:1`, `image: {registry: …, repository: acme/till}`.
fn note(values: &Node, depth: usize, images: &mut Vec<String>) {
    let Some(depth) = depth.checked_sub(1) else { return };
    for (key, _, value) in values.entries() {
        if images.len() < MAX_IMAGES && key == "image" {
            images.extend(image(value));
        }
        note(value, depth, images);
    }
    for value in values.items() {
        note(value, depth, images);
    }
}

fn image(value: &Node) -> Option<String> {
    if let Some(image) = value.str() {
        return image.contains('/').then(|| image.to_owned());
    }
    let repository = value.string("repository")?.value;
    let registry = value.get("registry").and_then(Node::str).filter(|host| !host.is_empty());
    Some(registry.map_or_else(|| repository.clone(), |host| format!("{host}/{repository}")))
}

#[cfg(test)]
mod tests {
    use super::super::facts_of;

    #[test]
    fn a_release_has_its_source_its_chart_and_the_images_of_its_values() {
        let facts = facts_of(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: till}\nspec:\n  \
             chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: acme}}}\n  values:\n    \
             image: {registry: ghcr.io, repository: acme/till}\n    sidecars:\n    - image: acme/proxy:1\n    \
             - image: {tag: 1}\n",
        );
        let release = &facts.cluster.releases[0];
        assert_eq!(release.chart.as_deref(), Some("web"));
        assert_eq!(release.source, Some(("HelmRepository".to_owned(), "acme".to_owned())));
        assert_eq!(release.images, ["ghcr.io/acme/till", "acme/proxy:1"]);
    }

    #[test]
    fn a_release_may_take_the_one_chart_of_a_registry() {
        let facts = facts_of(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: till}\nspec:\n  \
             chartRef: {kind: OCIRepository, name: till-chart}\n---\n\
             apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: till-chart}\n\
             spec: {url: 'oci://ghcr.io/acme/charts/till'}\n",
        );
        let (release, source) = (&facts.cluster.releases[0], &facts.cluster.chart_sources[0]);
        let named = (source.kind.clone(), source.name.value.clone());
        assert_eq!(release.source, Some(named));
        assert_eq!(source.url, "oci://ghcr.io/acme/charts/till");
    }
}
