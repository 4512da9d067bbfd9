//! The prefixes and suffixes that an overlay gives to the names of its objects.

use std::collections::{HashMap, HashSet};

use crate::tree::{Node, Value};

use super::build::Object;
use super::edit::{Budget, size};

/// Keys whose value is the name of another object, wherever they stand.
const NAMING: &[&str] = &["claimName", "secretName", "serviceAccountName", "serviceName"];

/// Keys of what refers to another object by its `name`.
const REFERRING: &[&str] = &[
    "backendRefs",
    "configMap",
    "configMapKeyRef",
    "configMapRef",
    "roleRef",
    "scaleTargetRef",
    "secretKeyRef",
    "secretRef",
    "service",
    "services",
    "subjects",
    "targetRef",
];

/// Notes the names that overlays further out may know the objects by, and leads references that
/// write the prefix or suffix out back to the names of the base, which all objects keep.
pub(super) fn apply(root: &Node, objects: &mut [Object], budget: &mut Budget) {
    let text = |key| root.get(key).and_then(Node::str).unwrap_or_default();
    let (prefix, suffix) = (text("namePrefix"), text("nameSuffix"));
    if prefix.is_empty() && suffix.is_empty() {
        return;
    }
    for object in objects.iter_mut() {
        let longest = object.names.last().map(|name| format!("{prefix}{name}{suffix}"));
        object.names.extend(longest);
    }
    let first = |object: &Object| object.names.first().cloned();
    let taken: HashSet<String> = objects.iter().filter_map(first).collect();
    let changed = objects.iter().filter_map(|object| Some((object.names.last()?, first(object)?)));
    // A reference to an object of the very name that another one gets means the former.
    let changed = changed.filter(|(name, _)| !taken.contains(*name));
    let names: HashMap<String, String> = changed.map(|(name, base)| (name.clone(), base)).collect();
    for object in objects {
        if budget.spend(size(&object.node)) {
            lead_back(&mut object.node, "", &names);
        }
    }
}

/// Goes as deep as the tree, which is bounded; `under` is the key that the node stands under.
fn lead_back(node: &mut Node, under: &str, names: &HashMap<String, String>) {
    match &mut node.value {
        Value::Scalar(_) => {}
        Value::Sequence(items) => {
            for item in items {
                lead_back(item, under, names);
            }
        }
        Value::Mapping(entries) => {
            for (key, value) in entries {
                let Some(key) = key.scalar().map(|scalar| scalar.text.as_str()) else { continue };
                let refers = NAMING.contains(&key) || (key == "name" && REFERRING.contains(&under));
                match &mut value.value {
                    Value::Scalar(scalar) if refers => {
                        if let Some(base) = names.get(&scalar.text) {
                            scalar.text.clone_from(base);
                        }
                    }
                    _ => lead_back(value, key, names),
                }
            }
        }
    }
}
