//! Values of manifests with their places.

use model::Placed;

use crate::tree::Node;

/// The whole number under `key`.
pub(super) fn int(node: &Node, key: &str) -> Option<Placed<i64>> {
    let node = node.get(key)?;
    Some(Placed::new(node.int()?, node.place.clone()))
}

/// The number under `key`.
pub(super) fn float(node: &Node, key: &str) -> Option<Placed<f64>> {
    let node = node.get(key)?;
    Some(Placed::new(node.float()?, node.place.clone()))
}

/// The boolean under `key`.
pub(super) fn boolean(node: &Node, key: &str) -> Option<Placed<bool>> {
    let node = node.get(key)?;
    Some(Placed::new(node.bool()?, node.place.clone()))
}

/// The text under the keys in `path`.
pub(super) fn text(node: &Node, path: &[&str]) -> Option<Placed<String>> {
    let node = node.at(path)?;
    Some(Placed::new(node.str()?.to_owned(), node.place.clone()))
}

/// The text of a scalar.
pub(super) fn scalar(node: &Node) -> Option<Placed<String>> {
    Some(Placed::new(node.str()?.to_owned(), node.place.clone()))
}

/// Names and texts of a mapping, such as labels; each at the text.
pub(super) fn texts(node: Option<&Node>) -> impl Iterator<Item = (String, Placed<String>)> {
    let entries = node.into_iter().flat_map(Node::entries);
    entries.filter_map(|(key, _, value)| Some((key.to_owned(), scalar(value)?)))
}

/// The texts in the sequence under `key`, also where a single text stands there.
pub(super) fn list(node: &Node, key: &str) -> Vec<Placed<String>> {
    node.get(key).into_iter().flat_map(Node::strings).collect()
}

/// The nodes in the sequence under the keys in `path`.
pub(super) fn items<'a>(node: &'a Node, path: &[&str]) -> &'a [Node] {
    node.at(path).map_or(&[], Node::items)
}

/// Texts joined by blanks, at the place of the first key that has some.
pub(super) fn joined(node: &Node, keys: &[&str]) -> Option<Placed<String>> {
    let found: Vec<_> = keys.iter().filter_map(|key| node.get(key)).collect();
    let words: Vec<_> = found.iter().flat_map(|node| node.strings()).map(|t| t.value).collect();
    let place = found.first()?.place.clone();
    (!words.is_empty()).then(|| Placed::new(words.join(" "), place))
}

/// Whether a node is there and holds something.
pub(super) fn is_filled(node: &Node) -> bool {
    !node.items().is_empty() || node.entries().next().is_some()
}

/// Labels that a selector asks for.
///
/// What is no equality is kept as an entry that no label equals, so that a selector never seems
/// wider than it is.
pub(super) fn selector(node: Option<&Node>) -> Vec<(String, String)> {
    let Some(node) = node else { return Vec::new() };
    let mut labels = plain_selector(node.get("matchLabels"));
    for expression in items(node, &["matchExpressions"]) {
        let operator = expression.get("operator").and_then(Node::str).unwrap_or_default();
        let values: Vec<_> = list(expression, "values").into_iter().map(|v| v.value).collect();
        let value = match (operator, values.as_slice()) {
            ("In", [value]) => value.clone(),
            _ => format!("{operator} {}", values.join(",")),
        };
        labels.push((text(expression, &["key"]).map_or_else(String::new, |key| key.value), value));
    }
    labels
}

/// Labels of a selector that is a plain mapping.
pub(super) fn plain_selector(node: Option<&Node>) -> Vec<(String, String)> {
    texts(node).map(|(key, value)| (key, value.value)).collect()
}
