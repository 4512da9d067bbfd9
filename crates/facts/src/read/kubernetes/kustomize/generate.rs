//! `ConfigMap`s and Secrets that an overlay makes of literals.

use model::{Place, Placed};

use crate::tree::Node;

use super::super::field;
use super::build::Object;
use super::edit::{self, Budget, ensure, mapping, set, text, width};
use super::overlay::Overlay;

/// The generators, the kinds they make, and where these hold plain text.
const GENERATORS: &[(&str, &str, &str)] =
    &[("configMapGenerator", "ConfigMap", "data"), ("secretGenerator", "Secret", "stringData")];

/// Adds what the overlay generates, or changes what its bases have generated.
///
/// Entries that come from files are left out: the files are scanned for themselves.
pub(super) fn generate(overlay: &Overlay, objects: &mut Vec<Object>, budget: &mut Budget) {
    for (generator, kind, data) in GENERATORS {
        for entry in field::items(&overlay.root, &[generator]) {
            let Some(name) = entry.string("name") else { continue };
            if !budget.spend(objects.len()) {
                return;
            }
            let behavior = entry.get("behavior").and_then(Node::str).unwrap_or("create");
            let known = objects
                .iter_mut()
                .find(|object| object.kind() == *kind && object.names.contains(&name.value));
            match known {
                Some(object) if behavior != "create" => {
                    if behavior == "replace" {
                        edit::remove(&mut object.node, data);
                    }
                    fill(&mut object.node, data, entry, budget);
                }
                _ => objects.extend(Object::of(made(entry, kind, data, &name, budget))),
            }
        }
    }
}

fn made(entry: &Node, kind: &str, data: &str, name: &Placed<String>, budget: &mut Budget) -> Node {
    let place = &entry.place;
    let pair = |key: &str, value: &str, place: &Place| (text(key, place), text(value, place));
    let mut metadata = vec![pair("name", &name.value, &name.place)];
    if let Some(namespace) = entry.string("namespace") {
        metadata.push(pair("namespace", &namespace.value, &namespace.place));
    }
    let mut object = mapping(
        vec![
            pair("apiVersion", "v1", place),
            pair("kind", kind, place),
            (text("metadata", place), mapping(metadata, place)),
        ],
        place,
    );
    fill(&mut object, data, entry, budget);
    object
}

/// Puts the literals, `KEY=VALUE` each, into the object; a value stands where its literal does.
fn fill(object: &mut Node, data: &str, entry: &Node, budget: &mut Budget) {
    for literal in field::list(entry, "literals") {
        let Some((key, value)) = literal.value.split_once('=') else { continue };
        let value = value.trim_matches(['"', '\'']);
        if let Some(entries) = ensure(object, &[data], &literal.place)
            && budget.spend(width(entries) + 1)
        {
            set(entries, text(key, &literal.place), text(value, &literal.place));
        }
    }
}
