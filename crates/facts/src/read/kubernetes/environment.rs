//! Environment variables of containers.

use model::Placed;

use crate::tree::Node;
use crate::{Variable, VariableValue};

use super::field;

/// Values that something in the cluster replaces by a secret before the process starts.
const INJECTED: &[&str] = &["vault:", ">>vault:", "op://", "sm://", "ref+", "gcp:secretmanager:"];

/// Reads `env`.
pub(super) fn variables(container: &Node) -> Vec<Variable> {
    let items = field::items(container, &["env"]).iter();
    items
        .filter_map(|item| Some(Variable { name: item.string("name")?, value: value(item) }))
        .collect()
}

/// Names of what `envFrom` takes whole: of secrets (`secretRef`) or of configuration.
pub(super) fn taken_whole(container: &Node, reference: &str) -> Vec<Placed<String>> {
    let items = field::items(container, &["envFrom"]).iter();
    items.filter_map(|item| field::text(item, &[reference, "name"])).collect()
}

fn value(item: &Node) -> VariableValue {
    if let Some(literal) = item.get("value") {
        return literal_of(literal);
    }
    let Some(source) = item.get("valueFrom") else { return VariableValue::Other };
    let key_of = |reference| source.get(reference).and_then(key);
    if let Some(secret) = key_of("secretKeyRef") {
        return VariableValue::Secret(secret);
    }
    key_of("configMapKeyRef").map_or(VariableValue::Other, VariableValue::Config)
}

fn literal_of(node: &Node) -> VariableValue {
    let Some(literal) = field::scalar(node) else { return VariableValue::Other };
    if INJECTED.iter().any(|sign| literal.starts_with(sign)) {
        return VariableValue::Secret(literal);
    }
    if is_outer(&literal) { VariableValue::Outer } else { VariableValue::Literal(literal) }
}

/// Whether the whole text is a variable for whoever applies the manifest to fill in.
fn is_outer(text: &str) -> bool {
    let name = text.strip_prefix("${").and_then(|rest| rest.strip_suffix('}'));
    name.or_else(|| text.strip_prefix('$')).is_some_and(|name| {
        let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        !name.is_empty() && name.chars().all(is_word)
    })
}

/// A key inside a named object, as `NAME/KEY` at the name.
fn key(reference: &Node) -> Option<Placed<String>> {
    let name = reference.string("name")?;
    let key = reference.get("key").and_then(Node::str).unwrap_or_default();
    Some(Placed::new(format!("{}/{key}", name.value), name.place))
}
