//! Changes of trees, each paid for, so that no overlay takes for ever.

use model::Place;

use crate::tree::{Node, Scalar, Value};

/// What may still be spent on a build: nodes copied, and entries looked at.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) fn new(amount: usize) -> Self {
        Self(amount)
    }

    /// Spends; `false`: there is not that much.
    pub(super) fn spend(&mut self, amount: usize) -> bool {
        let left = self.0.checked_sub(amount);
        self.0 = left.unwrap_or(0);
        left.is_some()
    }

    pub(super) fn is_spent(&self) -> bool {
        self.0 == 0
    }
}

/// How many nodes stand in a tree, itself included.
pub(super) fn size(node: &Node) -> usize {
    let inside: usize = match &node.value {
        Value::Scalar(_) => 0,
        Value::Sequence(items) => items.iter().map(size).sum(),
        Value::Mapping(entries) => entries.iter().map(|(key, value)| size(key) + size(value)).sum(),
    };
    inside + 1
}

/// How many children a node has.
pub(super) fn width(node: &Node) -> usize {
    match &node.value {
        Value::Scalar(_) => 0,
        Value::Sequence(items) => items.len(),
        Value::Mapping(entries) => entries.len(),
    }
}

/// The value under `key`, to be changed.
pub(super) fn get_mut<'n>(node: &'n mut Node, key: &str) -> Option<&'n mut Node> {
    let Value::Mapping(entries) = &mut node.value else { return None };
    find_mut(entries, key)
}

/// The value under `key` among the entries of a mapping, to be changed.
pub(super) fn find_mut<'n>(entries: &'n mut [(Node, Node)], key: &str) -> Option<&'n mut Node> {
    let is_it = |node: &Node| node.scalar().is_some_and(|scalar| scalar.text == key);
    entries.iter_mut().find(|(node, _)| is_it(node)).map(|(_, value)| value)
}

/// Puts a value under a key of a mapping, in the place of the one that is there.
pub(super) fn set(node: &mut Node, key: Node, value: Node) {
    let Some(text) = key.scalar().map(|scalar| scalar.text.clone()) else { return };
    if let Some(known) = get_mut(node, &text) {
        *known = value;
    } else if let Value::Mapping(entries) = &mut node.value {
        entries.push((key, value));
    }
}

/// Takes the value under `key` away.
pub(super) fn remove(node: &mut Node, key: &str) -> bool {
    let Value::Mapping(entries) = &mut node.value else { return false };
    let before = entries.len();
    entries.retain(|(node, _)| node.scalar().is_none_or(|scalar| scalar.text != key));
    entries.len() < before
}

/// The mapping that `path` leads to; what is missing is made at `place`.
pub(super) fn ensure<'n>(node: &'n mut Node, path: &[&str], place: &Place) -> Option<&'n mut Node> {
    path.iter().try_fold(node, |node, key| {
        if node.get(key).is_none_or(Node::is_null) {
            set(node, text(key, place), mapping(Vec::new(), place));
        }
        get_mut(node, key)
    })
}

/// A text at `place`.
pub(super) fn text(text: &str, place: &Place) -> Node {
    let mut scalar = Scalar::default();
    text.clone_into(&mut scalar.text);
    Node { place: place.clone(), tag: None, value: Value::Scalar(scalar) }
}

/// A mapping at `place`.
pub(super) fn mapping(entries: Vec<(Node, Node)>, place: &Place) -> Node {
    Node { place: place.clone(), tag: None, value: Value::Mapping(entries) }
}
