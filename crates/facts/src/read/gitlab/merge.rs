//! Merges configurations as GitLab does: mappings key by key, all else is replaced.

use std::collections::HashMap;

use crate::tree::{Node, Value};

/// `base` with everything that `over` says otherwise.
///
/// The depth of both is bounded, so is the recursion.
pub(super) fn merge(base: Node, over: Node) -> Node {
    let Node { place, tag, value } = over;
    let value = match (base.value, value) {
        (Value::Mapping(base), Value::Mapping(over)) => Value::Mapping(merge_entries(base, over)),
        (_, value) => value,
    };
    Node { place, tag, value }
}

fn merge_entries(base: Vec<(Node, Node)>, over: Vec<(Node, Node)>) -> Vec<(Node, Node)> {
    let mut known = HashMap::new();
    for (index, (key, _)) in base.iter().enumerate() {
        known.insert(text_of(key).to_owned(), index);
    }
    let mut merged: Vec<_> = base.into_iter().map(Some).collect();
    for (key, value) in over {
        let Some(slot) = known.get(text_of(&key)).and_then(|index| merged.get_mut(*index)) else {
            merged.push(Some((key, value)));
            continue;
        };
        let value = match slot.take() {
            Some((_, base)) => merge(base, value),
            None => value,
        };
        *slot = Some((key, value));
    }
    merged.into_iter().flatten().collect()
}

fn text_of(key: &Node) -> &str {
    key.scalar().map_or("", |scalar| scalar.text.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::read_yaml;

    fn node(path: &str, text: &str) -> Node {
        read_yaml(&path.into(), text).documents.remove(0).root
    }

    #[test]
    fn mappings_are_merged_and_lists_replaced() {
        let base = node("a", "job: {script: [a, b], variables: {X: 1, Y: 2}}\n");
        let over = node("b", "job: {script: [c], variables: {Y: 3}}\nnew: 1\n");
        let merged = merge(base, over);
        let job = merged.get("job").unwrap();
        assert_eq!(job.get("script").unwrap().items().len(), 1);
        assert_eq!(job.at(&["variables", "X"]).unwrap().place.to_string(), "a:1:38");
        assert_eq!(job.at(&["variables", "Y"]).unwrap().int(), Some(3));
        assert_eq!(merged.entries().count(), 2);
    }
}
