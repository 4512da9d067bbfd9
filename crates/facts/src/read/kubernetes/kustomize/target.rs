//! Which objects a patch is for.

use regex::{Regex, RegexBuilder};

use crate::tree::Node;

use super::super::field;
use super::build::Object;
use super::selector::Selector;

/// Bytes that a pattern may take when it is compiled.
const MAX_PATTERN: usize = 1 << 16;

/// What `target` of a patch asks for; an empty one asks for everything.
pub(super) struct Target {
    kind: Option<Regex>,
    name: Option<Regex>,
    namespace: Option<Regex>,
    group: Option<String>,
    labels: Selector,
    annotations: Selector,
}

impl Target {
    /// `None`: it asks for something that is not understood.
    pub(super) fn of(node: &Node) -> Option<Self> {
        let text = |key| node.get(key).and_then(Node::str).filter(|text| !text.is_empty());
        let pattern = |key| text(key).map_or(Some(None), |text| Some(Some(whole(text)?)));
        let selector = |key| text(key).map_or(Some(Selector::default()), Selector::of);
        Some(Self {
            kind: pattern("kind")?,
            name: pattern("name")?,
            namespace: pattern("namespace")?,
            group: text("group").map(str::to_owned),
            labels: selector("labelSelector")?,
            annotations: selector("annotationSelector")?,
        })
    }

    pub(super) fn is_for(&self, object: &Object) -> bool {
        let is_in = |pattern: &Option<Regex>, text: &str| {
            pattern.as_ref().is_none_or(|pattern| pattern.is_match(text))
        };
        let is_named = |name: &String| is_in(&self.name, name);
        is_in(&self.kind, object.kind())
            && object.names.iter().any(is_named)
            && self.is_in_namespace(object)
            && self.group.as_ref().is_none_or(|group| group == object.group())
            && self.labels.is_met(object.node.at(&["metadata", "labels"]))
            && self.annotations.is_met(object.node.at(&["metadata", "annotations"]))
    }

    /// An object without a namespace is in the one of no name.
    fn is_in_namespace(&self, object: &Object) -> bool {
        let Some(pattern) = &self.namespace else { return true };
        if object.namespaces.is_empty() {
            return pattern.is_match("");
        }
        object.namespaces.iter().any(|namespace| pattern.is_match(namespace))
    }
}

/// Whether a patch without a target is for `object`: it says so itself.
pub(super) fn names(patch: &Node, object: &Object) -> bool {
    let text = |path: &[&str]| field::text(patch, path).map(|text| text.value);
    let namespace = text(&["metadata", "namespace"]);
    text(&["kind"]).is_some_and(|kind| kind == object.kind())
        && text(&["metadata", "name"]).is_some_and(|name| object.names.contains(&name))
        && namespace.is_none_or(|wanted| {
            wanted == "default" || is_beside(object, |namespace| namespace == wanted)
        })
}

/// Whether some namespace of the object is the one that is wanted; one without any may be in it.
fn is_beside(object: &Object, is_wanted: impl Fn(&str) -> bool) -> bool {
    object.namespaces.is_empty() || object.namespaces.iter().any(|name| is_wanted(name))
}

fn whole(pattern: &str) -> Option<Regex> {
    let pattern = format!("^(?:{pattern})$");
    RegexBuilder::new(&pattern).size_limit(MAX_PATTERN).build().ok()
}
