//! Charts of Helm: their names, and the charts that they take from elsewhere.

use crate::tree::Node;
use crate::{Facts, Gap};

use super::field;
use super::manifest::gap;

/// The file that makes a folder a chart.
pub(super) const NAME: &str = "Chart.yaml";

/// Reads a Chart.yaml; `false`: it is something else of that name.
pub(super) fn read(document: &Node, facts: &mut Facts) -> bool {
    let Some(name) = document.string("name") else { return false };
    for dependency in field::items(document, &["dependencies"]) {
        facts
            .gaps
            .extend(unread(dependency).map(|gap| Gap { name: Some(name.value.clone()), ..gap }));
    }
    if document.get("type").and_then(Node::str) != Some("library") {
        facts.charts.push(name);
    }
    true
}

/// A chart of some registry, whose templates are not in this tree.
fn unread(dependency: &Node) -> Option<Gap> {
    let name = dependency.string("name")?;
    let repository = dependency.get("repository").and_then(Node::str).unwrap_or_default();
    if repository.is_empty() || repository.starts_with("file://") {
        return None;
    }
    let reason = format!("takes the Helm chart `{}`, which was not rendered", name.value);
    Some(gap(name.place, reason))
}
