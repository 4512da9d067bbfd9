//! Kustomize's own files.

use crate::Facts;
use crate::tree::Node;

use super::manifest::gap;

/// Keys that change what runs.
const CHANGES: &[&str] = &[
    "patches",
    "patchesStrategicMerge",
    "patchesJson6902",
    "replicas",
    "images",
    "components",
    "helmCharts",
    "helmChartInflationGenerator",
    "transformers",
    "generators",
    "configMapGenerator",
    "secretGenerator",
    "replacements",
    "vars",
    "namePrefix",
    "nameSuffix",
];

/// Whether a file of this name is Kustomize's.
pub(super) fn is_named(name: &str) -> bool {
    matches!(name, "kustomization.yaml" | "kustomization.yml" | "Kustomization")
}

/// Names what the file changes as not read.
pub(super) fn read(document: &Node, facts: &mut Facts) -> bool {
    if let Some(key) = CHANGES.iter().find_map(|key| document.key(key)) {
        let reason = "is a Kustomize overlay that was not built: \
                      the manifests it patches were read as they stand";
        facts.gaps.push(gap(key.place.clone(), reason));
    }
    true
}
