//! Labels and annotations that an overlay gives to all its objects.

use crate::tree::Node;

use super::super::field;
use super::build::Object;
use super::edit::{Budget, ensure, set, width};

/// Where labels and annotations stand in an object.
#[derive(Clone, Copy)]
enum Spot {
    Own(&'static [&'static str]),
    OfPods(&'static [&'static str]),
    Selector,
}

const LABELS: Spot = Spot::Own(&["metadata", "labels"]);
const ANNOTATIONS: Spot = Spot::Own(&["metadata", "annotations"]);
const POD_LABELS: Spot = Spot::OfPods(&["spec", "template", "metadata", "labels"]);
const POD_ANNOTATIONS: Spot = Spot::OfPods(&["spec", "template", "metadata", "annotations"]);

impl Spot {
    /// The path to it; `None`: objects of this kind have no such.
    fn path(self, object: &Object) -> Option<&'static [&'static str]> {
        let has_pods = || object.node.at(&["spec", "template"]).is_some();
        match self {
            Self::Own(path) => Some(path),
            Self::OfPods(path) => has_pods().then_some(path),
            Self::Selector => match (object.kind(), object.group()) {
                ("Service", "") => Some(&["spec", "selector"]),
                (_, "apps" | "extensions") if has_pods() => {
                    Some(&["spec", "selector", "matchLabels"])
                }
                _ => None,
            },
        }
    }
}

/// Adds the labels and annotations of the overlay to all objects.
pub(super) fn apply(root: &Node, objects: &mut [Object], budget: &mut Budget) {
    add(root.get("commonLabels"), &[LABELS, POD_LABELS, Spot::Selector], objects, budget);
    add(root.get("commonAnnotations"), &[ANNOTATIONS, POD_ANNOTATIONS], objects, budget);
    for labels in field::items(root, &["labels"]) {
        let is_on = |key| labels.get(key).and_then(Node::bool) == Some(true);
        let spots: &[Spot] = match (is_on("includeSelectors"), is_on("includeTemplates")) {
            (true, _) => &[LABELS, POD_LABELS, Spot::Selector],
            (false, true) => &[LABELS, POD_LABELS],
            (false, false) => &[LABELS],
        };
        add(labels.get("pairs"), spots, objects, budget);
    }
}

fn add(pairs: Option<&Node>, spots: &[Spot], objects: &mut [Object], budget: &mut Budget) {
    for (_, key, value) in pairs.into_iter().flat_map(Node::entries) {
        for object in objects.iter_mut() {
            for path in spots.iter().filter_map(|spot| spot.path(object)).collect::<Vec<_>>() {
                if let Some(mapping) = ensure(&mut object.node, path, &key.place)
                    && budget.spend(width(mapping) + 1)
                {
                    set(mapping, key.clone(), value.clone());
                }
            }
        }
    }
}
