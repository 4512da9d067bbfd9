//! `ConfigMap`s and Secrets that an overlay makes of literals and of files of variables.

use model::{Place, Placed};

use crate::discover::name::last_part;
use crate::tree::Node;

use super::super::field;
use super::build::Object;
use super::edit::{self, Budget, ensure, mapping, set, text, width};
use super::graph::Graph;
use super::overlay::Overlay;

/// The generators, the kinds they make, and where these hold plain text.
const GENERATORS: &[(&str, &str, &str)] =
    &[("configMapGenerator", "ConfigMap", "data"), ("secretGenerator", "Secret", "stringData")];

/// Adds what the overlay generates, or changes what its bases have generated.
///
/// Names are left without the hash that they get: so do those write them who refer to them.
pub(super) fn generate(
    graph: &Graph<'_>,
    overlay: &Overlay,
    objects: &mut Vec<Object>,
    budget: &mut Budget,
) {
    for (generator, kind, data) in GENERATORS {
        for entry in field::items(&overlay.root, &[generator]) {
            let Some(name) = entry.string("name") else { continue };
            if !budget.spend(objects.len()) {
                return;
            }
            let behavior = entry.get("behavior").and_then(Node::str).unwrap_or("create");
            let values = values(entry, overlay, graph);
            let known = objects
                .iter_mut()
                .find(|object| object.kind() == *kind && object.names.contains(&name.value));
            match known {
                Some(object) if behavior != "create" => {
                    if behavior == "replace" {
                        edit::remove(&mut object.node, data);
                    }
                    fill(&mut object.node, data, values, budget);
                }
                _ => {
                    let mut object = made(entry, kind, &name);
                    fill(&mut object, data, values, budget);
                    objects.extend(Object::of(object));
                }
            }
        }
    }
}

fn made(entry: &Node, kind: &str, name: &Placed<String>) -> Node {
    let place = &entry.place;
    let pair = |key: &str, value: &str, place: &Place| (text(key, place), text(value, place));
    let mut metadata = vec![pair("name", &name.value, &name.place)];
    if let Some(namespace) = entry.string("namespace") {
        metadata.push(pair("namespace", &namespace.value, &namespace.place));
    }
    mapping(
        vec![
            pair("apiVersion", "v1", place),
            pair("kind", kind, place),
            (text("metadata", place), mapping(metadata, place)),
        ],
        place,
    )
}

/// A key with its value; `None` where the value was not read, or the keys of the file that is named.
type Entry = (Placed<String>, Option<Placed<String>>);

/// What an entry generates: literals and lines of files as `KEY=VALUE` each, where they stand. Of a
/// file that becomes one value only the key is told: it is scanned for itself.
fn values<'a>(
    entry: &Node,
    overlay: &'a Overlay,
    graph: &'a Graph<'a>,
) -> impl Iterator<Item = Entry> + use<'a> {
    let settings = field::list(entry, "envs").into_iter().chain(entry.string("env"));
    let settings = settings.flat_map(|file| lines(file, overlay, graph));
    let files = field::list(entry, "files").into_iter().map(|file| {
        let (key, path) = file.value.split_once('=').unwrap_or((&file.value, &file.value));
        let key = if key == path { last_part(path) } else { key };
        (Placed::new(key.to_owned(), file.place.clone()), None)
    });
    let literals = field::list(entry, "literals").into_iter().filter_map(|literal| {
        let (key, value) = literal.value.split_once('=')?;
        let placed = |text: &str| Placed::new(text.to_owned(), literal.place.clone());
        Some((placed(key), Some(placed(value.trim_matches(['"', '\''])))))
    });
    settings.chain(files).chain(literals)
}

/// The variables of a file; where it was not read, it stands for them.
fn lines(file: Placed<String>, overlay: &Overlay, graph: &Graph<'_>) -> Vec<Entry> {
    let path = overlay.resolve(&file.value);
    let mut files = graph.facts().environment_files.iter();
    let Some(read) = files.find(|read| path.as_deref() == Some(&*read.place.path)) else {
        return vec![(file, None)];
    };
    let values = read
        .values
        .iter()
        .map(|(name, value)| (Placed::new(name.clone(), value.place.clone()), Some(value.clone())));
    values.collect()
}

/// Puts the values into the object; what was not read becomes a key that holds no text.
fn fill(object: &mut Node, data: &str, values: impl Iterator<Item = Entry>, budget: &mut Budget) {
    for (key, value) in values {
        let Some(entries) = ensure(object, &[data], &key.place) else { return };
        if !budget.spend(width(entries) + 1) {
            return;
        }
        let value = match value {
            Some(value) => text(&value.value, &value.place),
            None => mapping(Vec::new(), &key.place),
        };
        set(entries, text(&key.value, &key.place), value);
    }
}
