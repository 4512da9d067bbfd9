//! Strategic merge: a patch that looks like the object and says only what it changes.

use std::collections::HashMap;

use crate::tree::{Node, Value};

use super::edit::{Budget, get_mut, remove, set, size, width};

/// The key of directives in patches.
pub(super) const DIRECTIVE: &str = "$patch";

/// Merges `patch` into `base`.
///
/// Lists of kinds with a known schema are merged item by item; those of others are replaced.
pub(super) fn merge(base: &mut Node, patch: &Node, has_schema: bool, budget: &mut Budget) {
    merge_value(base, patch, None, has_schema, budget);
}

/// The directive of a patch or of a part of one.
pub(super) fn directive(patch: &Node) -> Option<&str> {
    patch.get(DIRECTIVE)?.str()
}

/// Goes as deep as the trees, which are bounded where they are built.
fn merge_value(
    base: &mut Node,
    patch: &Node,
    key: Option<&str>,
    has_schema: bool,
    budget: &mut Budget,
) {
    if !budget.spend(width(base) + 1) {
        return;
    }
    let list_key = key.filter(|_| has_schema).and_then(|key| merge_key(key, base, patch));
    match (&mut base.value, &patch.value, list_key) {
        (Value::Mapping(_), Value::Mapping(_), _) if directive(patch) != Some("replace") => {
            merge_mapping(base, patch, has_schema, budget);
        }
        (Value::Sequence(items), Value::Sequence(patches), Some(key)) => {
            merge_list(items, patches, key, budget);
        }
        _ => replace(base, patch, budget),
    }
}

fn merge_mapping(base: &mut Node, patch: &Node, has_schema: bool, budget: &mut Budget) {
    for (text, key, value) in patch.entries() {
        if text.starts_with('$') || !budget.spend(width(base) + 1) {
            continue;
        }
        if value.is_null() || directive(value) == Some("delete") {
            remove(base, text);
        } else if let Some(known) = get_mut(base, text) {
            // A patch only repeats the name that it is found by: it was given in the base.
            if text == "name" && known.scalar().is_some() && known.scalar() == value.scalar() {
                continue;
            }
            merge_value(known, value, Some(text), has_schema, budget);
        } else if budget.spend(size(value)) {
            set(base, key.clone(), cleaned(value));
        }
    }
}

fn merge_list(items: &mut Vec<Node>, patches: &[Node], key: &str, budget: &mut Budget) {
    if patches.iter().any(|patch| directive(patch) == Some("replace")) {
        items.clear();
    }
    let name = |node: &Node| node.get(key).and_then(Node::str).map(str::to_owned);
    let mut known: HashMap<String, usize> =
        items.iter().enumerate().filter_map(|(n, item)| Some((name(item)?, n))).collect();
    let mut gone = Vec::new();
    for patch in patches {
        let Some(name) = name(patch) else { continue };
        match (directive(patch), known.get(&name)) {
            (Some("delete"), at) => gone.extend(at.copied()),
            (_, Some(at)) => {
                if let Some(item) = items.get_mut(*at) {
                    merge_value(item, patch, None, true, budget);
                }
            }
            (_, None) => {
                if budget.spend(size(patch)) {
                    known.insert(name, items.len());
                    items.push(cleaned(patch));
                }
            }
        }
    }
    gone.sort_unstable();
    let mut at = 0..;
    items.retain(|_| at.next().is_none_or(|at| gone.binary_search(&at).is_err()));
}

fn replace(base: &mut Node, patch: &Node, budget: &mut Budget) {
    if budget.spend(size(patch)) {
        *base = cleaned(patch);
    }
}

/// A copy without directives.
fn cleaned(node: &Node) -> Node {
    let value = match &node.value {
        Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
        Value::Sequence(items) => {
            let is_order = |item: &&Node| directive(item).is_none();
            Value::Sequence(items.iter().filter(is_order).map(cleaned).collect())
        }
        Value::Mapping(entries) => {
            let is_own = |key: &Node| !key.str().is_some_and(|key| key.starts_with('$'));
            let own = entries.iter().filter(|(key, value)| is_own(key) && !value.is_null());
            Value::Mapping(own.map(|(key, value)| (key.clone(), cleaned(value))).collect())
        }
    };
    Node { value, ..node.clone() }
}

/// The key that tells the items of a list apart; `None`: such lists are replaced.
fn merge_key(list: &str, base: &Node, patch: &Node) -> Option<&'static str> {
    match list {
        "containers"
        | "initContainers"
        | "ephemeralContainers"
        | "env"
        | "volumes"
        | "imagePullSecrets" => Some("name"),
        "volumeMounts" => Some("mountPath"),
        "volumeDevices" => Some("devicePath"),
        "hostAliases" => Some("ip"),
        "topologySpreadConstraints" => Some("topologyKey"),
        "ports" => {
            let items = || base.items().iter().chain(patch.items());
            let of_container = items().any(|item| item.get("containerPort").is_some());
            Some(if of_container { "containerPort" } else { "port" })
        }
        _ => None,
    }
}
