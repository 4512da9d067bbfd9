//! `!reference [job, key]`: what stands at another place of the configuration.

use std::collections::HashMap;
use std::sync::Arc;

use model::Place;

use super::budget::Budget;
use crate::tree::{Node, Value};

/// References that are followed one behind the other; GitLab has the same limit.
const MAX_DEPTH: usize = 10;

/// What the tag of a reference begins with.
const TAG: &str = "!reference";

/// A reference or base that leads nowhere.
pub(super) struct Missing {
    pub(super) place: Place,
    pub(super) name: String,
}

/// The configuration with its references replaced by what they lead to. One that leads nowhere
/// becomes an empty list whose tag tells its name.
pub(super) fn expand(config: &Node, budget: &mut Budget) -> Node {
    let top = config.entries().map(|(key, _, value)| (key, value)).collect();
    Expander { top, budget }.expand(config, MAX_DEPTH)
}

/// The references in a node that lead nowhere. The depth of what [`expand`] makes is bounded, so
/// is the recursion.
pub(super) fn find_missing(node: &Node, missing: &mut Vec<Missing>) {
    if let Some(name) = node.tag.as_ref().and_then(|tag| tag.strip_prefix(TAG)) {
        missing.push(Missing { place: node.place.clone(), name: name.trim().to_owned() });
    }
    node.items().iter().for_each(|item| find_missing(item, missing));
    node.entries().for_each(|(_, _, value)| find_missing(value, missing));
}

struct Expander<'a, 'b> {
    top: HashMap<&'a str, &'a Node>,
    budget: &'b mut Budget,
}

impl<'a> Expander<'a, '_> {
    /// The depth of the tree and the number of references behind one another are bounded, so is
    /// the recursion.
    fn expand(&mut self, node: &Node, depth: usize) -> Node {
        let bytes = size_of::<Node>() + node.scalar().map_or(0, |scalar| scalar.text.len());
        if !self.budget.spend(bytes) {
            return empty(&node.place, None);
        }
        if node.tag.as_deref() == Some(TAG) {
            return self.follow(node, depth);
        }
        let value = match &node.value {
            Value::Scalar(scalar) => Value::Scalar(scalar.clone()),
            Value::Sequence(items) => {
                Value::Sequence(items.iter().map(|item| self.expand(item, depth)).collect())
            }
            Value::Mapping(entries) => {
                let entries =
                    entries.iter().map(|(key, value)| (key.clone(), self.expand(value, depth)));
                Value::Mapping(entries.collect())
            }
        };
        Node { place: node.place.clone(), tag: node.tag.clone(), value }
    }

    fn follow(&mut self, reference: &Node, depth: usize) -> Node {
        let target = self.target(reference).filter(|_| depth > 0);
        if let Some(target) = target {
            return self.expand(target, depth - 1);
        }
        let keys = reference.items().iter().filter_map(Node::str);
        let name = keys.fold(TAG.to_owned(), |name, key| format!("{name} {key}"));
        empty(&reference.place, Some(name.into()))
    }

    fn target(&mut self, reference: &Node) -> Option<&'a Node> {
        let mut keys = reference.items().iter().filter_map(Node::str);
        let mut target = *self.top.get(keys.next()?)?;
        for key in keys {
            self.budget.spend(target.entries().count());
            target = target.get(key)?;
        }
        Some(target)
    }
}

fn empty(place: &Place, tag: Option<Arc<str>>) -> Node {
    Node { place: place.clone(), tag, value: Value::Sequence(Vec::new()) }
}
