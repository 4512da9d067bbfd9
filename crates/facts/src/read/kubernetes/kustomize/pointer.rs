//! JSON Patch (RFC 6902): operations on paths into an object.

use crate::tree::{Node, Value};

use super::edit::{Budget, ensure, find_mut, remove, set, size, text, width};

/// Why an operation could not be carried out, as a clause.
pub(super) type Refusal = String;

/// Carries out the operations of a patch, in their order.
pub(super) fn apply(
    root: &mut Node,
    operations: &Node,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    operations.items().iter().try_for_each(|operation| carry_out(root, operation, budget))
}

/// Whether a node is a list of operations.
pub(in crate::read::kubernetes) fn is_one(node: &Node) -> bool {
    let is_operation = |item: &Node| item.get("op").is_some() && item.get("path").is_some();
    !node.items().is_empty() && node.items().iter().all(is_operation)
}

fn carry_out(root: &mut Node, operation: &Node, budget: &mut Budget) -> Result<(), Refusal> {
    let text = |key| operation.get(key).and_then(Node::str).unwrap_or_default();
    let (name, path) = (text("op"), text("path"));
    let refused = || format!("`{name}` of `{path}`");
    let tokens: Vec<String> = path.split('/').skip(1).map(unescaped).collect();
    let Some((last, parents)) = tokens.split_last() else { return Err(refused()) };
    let is_adding = name == "add";
    let step = |node, token: &String| step(node, token, is_adding.then_some(operation), budget);
    let parent = parents.iter().try_fold(root, step).ok_or_else(refused)?;
    let value = operation.get("value");
    let is_done = budget.spend(width(parent) + value.map_or(0, size))
        && match (name, value) {
            ("add", Some(value)) => add(parent, last, value, operation),
            ("replace", Some(value)) => replace(parent, last, value, operation),
            ("remove", _) => take_away(parent, last),
            ("test", _) => true,
            _ => false,
        };
    if is_done { Ok(()) } else { Err(refused()) }
}

/// One step down; where something is added the mappings on the way to it are made.
fn step<'n>(
    node: &'n mut Node,
    token: &str,
    addition: Option<&Node>,
    budget: &mut Budget,
) -> Option<&'n mut Node> {
    if !budget.spend(width(node) + 1) {
        return None;
    }
    match addition {
        Some(operation) if matches!(node.value, Value::Mapping(_)) => {
            ensure(node, &[token], &operation.place)
        }
        _ => child(node, token),
    }
}

fn child<'n>(node: &'n mut Node, token: &str) -> Option<&'n mut Node> {
    match &mut node.value {
        Value::Scalar(_) => None,
        Value::Sequence(items) => items.get_mut(token.parse::<usize>().ok()?),
        Value::Mapping(entries) => find_mut(entries, token),
    }
}

fn add(parent: &mut Node, last: &str, value: &Node, operation: &Node) -> bool {
    match &mut parent.value {
        Value::Sequence(items) => {
            let at = if last == "-" { Some(items.len()) } else { last.parse().ok() };
            let Some(at) = at.filter(|at| *at <= items.len()) else { return false };
            items.insert(at, value.clone());
            true
        }
        Value::Mapping(_) => {
            let place = operation.get("path").map_or(&operation.place, |path| &path.place);
            set(parent, text(last, place), value.clone());
            true
        }
        Value::Scalar(_) => false,
    }
}

/// Kustomize lets a key be replaced that is not there.
fn replace(parent: &mut Node, last: &str, value: &Node, operation: &Node) -> bool {
    let Some(known) = child(parent, last) else {
        let is_mapping = matches!(parent.value, Value::Mapping(_));
        return is_mapping && add(parent, last, value, operation);
    };
    *known = value.clone();
    true
}

fn take_away(parent: &mut Node, last: &str) -> bool {
    match &mut parent.value {
        Value::Sequence(items) => {
            let at = last.parse::<usize>().ok().filter(|at| *at < items.len());
            at.map(|at| items.remove(at)).is_some()
        }
        _ => remove(parent, last),
    }
}

fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}
