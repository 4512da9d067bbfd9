//! Copies of anchored nodes, within a budget that no alias bomb can exceed.

use std::collections::HashMap;

use model::Place;

use super::build::Refusal;
use super::{MAX_DEPTH, Node, Value};

/// Nodes that may be copied for the aliases of one file, lost documents included.
const MAX_COPIED_NODES: usize = 100_000;

/// Bytes of text that may be copied for the aliases of one file, lost documents included.
const MAX_COPIED_BYTES: usize = 16 << 20;

/// The anchored nodes of the document at hand.
#[derive(Default)]
pub(super) struct Anchors {
    nodes: HashMap<usize, Anchored>,
    copied: Size,
}

struct Anchored {
    node: Node,
    size: Size,
}

/// What a node and all nodes in it amount to.
#[derive(Clone, Copy, Default)]
struct Size {
    nodes: usize,
    bytes: usize,
    height: usize,
}

impl Anchors {
    /// Keeps a copy of `node` for the aliases that name it.
    pub(super) fn remember(&mut self, anchor: usize, node: &Node) -> Result<(), Refusal> {
        let size = size_of(node);
        self.spend(size, &node.place)?;
        let node = node.clone();
        self.nodes.insert(anchor, Anchored { node, size });
        Ok(())
    }

    /// A copy of the node with this anchor, for an alias with `depth` collections around it, and
    /// the number of nodes in it.
    pub(super) fn copy(
        &mut self,
        anchor: usize,
        depth: usize,
        alias: &Place,
    ) -> Result<(Node, usize), Refusal> {
        let refuse = |reason: &str| Err(Refusal::new(alias.clone(), reason));
        let Some(size) = self.nodes.get(&anchor).map(|anchored| anchored.size) else {
            return refuse("an alias stands inside the node that it names");
        };
        if depth + size.height > MAX_DEPTH {
            return Err(Refusal::too_deep(alias.clone()));
        }
        self.spend(size, alias)?;
        match self.nodes.get(&anchor) {
            Some(anchored) => Ok((anchored.node.clone(), size.nodes)),
            None => refuse("an alias names nothing"),
        }
    }

    /// Drops the anchors of a document; what was copied stays spent.
    pub(super) fn forget(&mut self) {
        self.nodes.clear();
    }

    fn spend(&mut self, size: Size, place: &Place) -> Result<(), Refusal> {
        self.copied.nodes = self.copied.nodes.saturating_add(size.nodes);
        self.copied.bytes = self.copied.bytes.saturating_add(size.bytes);
        if self.copied.nodes > MAX_COPIED_NODES || self.copied.bytes > MAX_COPIED_BYTES {
            return Err(Refusal::new(
                place.clone(),
                "the aliases of the file stand for too many values",
            ));
        }
        Ok(())
    }
}

/// Measures `node`; its depth is bounded, so is the recursion.
fn size_of(node: &Node) -> Size {
    let own = node.tag.as_ref().map_or(0, |tag| tag.len());
    let mut size = Size { nodes: 1, bytes: own, height: 0 };
    match &node.value {
        Value::Scalar(scalar) => size.bytes += scalar.text.len(),
        Value::Sequence(items) => items.iter().for_each(|item| size.hold(size_of(item))),
        Value::Mapping(entries) => entries.iter().for_each(|(key, value)| {
            size.hold(size_of(key));
            size.hold(size_of(value));
        }),
    }
    if !matches!(node.value, Value::Scalar(_)) {
        size.height += 1;
    }
    size
}

impl Size {
    fn hold(&mut self, inner: Size) {
        self.nodes += inner.nodes;
        self.bytes += inner.bytes;
        self.height = self.height.max(inner.height);
    }
}
