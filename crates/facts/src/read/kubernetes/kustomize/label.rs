//! Labels and annotations that an overlay gives to all its objects.

use model::Placed;

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

/// The team that labels name for all that an overlay brings, and what they call that.
pub(in crate::read::kubernetes) fn team(root: &Node) -> Option<(Placed<String>, Option<String>)> {
    let listed = field::items(root, &["labels"]).iter().filter_map(|labels| labels.get("pairs"));
    let labels = listed.chain(root.get("commonLabels")).flat_map(Node::entries);
    let (mut team, mut name) = (None, None);
    for (key, _, value) in labels {
        let Some(text) = value.str() else { continue };
        if key == "app.kubernetes.io/name" {
            name = Some(text.to_owned());
        } else if is_of_team(key) {
            team = Some(Placed::new(text.to_owned(), value.place.clone()));
        }
    }
    Some((team?, name))
}

/// Whether a label names the team that its object belongs to.
fn is_of_team(key: &str) -> bool {
    matches!(key.rsplit('/').next(), Some("owner" | "squad" | "team" | "tribe"))
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
