//! What all copies made while configurations are put together may cost.

use crate::tree::{Node, Value};

/// Bytes of all copies.
const MAX_BYTES: usize = 128 << 20;

/// Counts down what may still be copied. Once something was too much, nothing more is copied.
pub(super) struct Budget {
    left: usize,
}

impl Budget {
    pub(super) fn new() -> Self {
        Self { left: MAX_BYTES }
    }

    /// A copy of the node; `None` when there is no budget left for it.
    pub(super) fn copy(&mut self, node: &Node) -> Option<Node> {
        (self.left > 0 && self.spend(weight_of(node))).then(|| node.clone())
    }

    /// Whether `bytes` could be spent.
    pub(super) fn spend(&mut self, bytes: usize) -> bool {
        self.left = self.left.saturating_sub(bytes);
        !self.is_spent()
    }

    /// Whether something was too much.
    pub(super) fn is_spent(&self) -> bool {
        self.left == 0
    }
}

/// Bytes of a node and all in it; its depth is bounded, so is the recursion.
fn weight_of(node: &Node) -> usize {
    let inner = match &node.value {
        Value::Scalar(scalar) => scalar.text.len(),
        Value::Sequence(items) => items.iter().map(weight_of).sum(),
        Value::Mapping(entries) => {
            entries.iter().map(|(key, value)| weight_of(key) + weight_of(value)).sum()
        }
    };
    size_of::<Node>() + inner
}
