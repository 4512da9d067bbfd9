//! Environment, secrets and labels of a Compose service.

use model::Placed;

use super::develop::mount;
use crate::read::variable;
use crate::tree::Node;
use crate::{Variable, VariableValue};

/// Where Compose mounts secrets.
const SECRETS_FOLDER: &str = "/run/secrets/";

/// `environment`, a mapping or a list of `NAME=value`.
pub(super) fn variables(service: &Node) -> Vec<Variable> {
    let Some(environment) = service.get("environment") else { return Vec::new() };
    pairs(environment)
        .map(|(name, text)| {
            let value = text.map_or(VariableValue::Outer, value);
            Variable { name, value }
        })
        .collect()
}

/// `env_file`: a path, a list of paths, or a list of mappings with a `path`.
pub(super) fn files(service: &Node) -> Vec<Placed<String>> {
    let files = service.get("env_file");
    let long = files.map(Node::items).unwrap_or_default().iter();
    let long = long.filter_map(|file| file.string("path"));
    files.into_iter().flat_map(Node::strings).chain(long).chain(mounted(service)).collect()
}

/// Files of settings (`.env`) that are mounted for the program to read by itself.
fn mounted(service: &Node) -> Vec<Placed<String>> {
    let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
    let is_settings = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or(path);
        name == ".env" || name.starts_with(".env.")
    };
    let mounted = volumes.iter().filter_map(|volume| {
        let (source, target) = mount(volume)?;
        is_settings(&target).then(|| Placed::new(source, volume.place.clone()))
    });
    mounted.collect()
}

/// Names of the secrets that the service is given.
pub(super) fn secrets(service: &Node) -> Vec<Placed<String>> {
    let Some(secrets) = service.get("secrets") else { return Vec::new() };
    let long = secrets.items().iter().filter_map(|secret| secret.string("source"));
    secrets.strings().chain(long).collect()
}

/// A mapping of labels or a list of `NAME=value`; labels without a value are empty.
pub(super) fn labels(labels: Option<&Node>) -> Vec<(String, Placed<String>)> {
    let Some(labels) = labels else { return Vec::new() };
    pairs(labels)
        .map(|(name, value)| {
            let place = name.place;
            (name.value, value.unwrap_or_else(|| Placed::new(String::new(), place)))
        })
        .collect()
}

/// Names and values of a mapping, or of a list of `NAME=value`, whose items are the places of
/// both.
pub(super) fn pairs(node: &Node) -> impl Iterator<Item = (Placed<String>, Option<Placed<String>>)> {
    let mapped = node.entries().map(|(name, key, value)| {
        let value = value.str().map(|text| Placed::new(text.to_owned(), value.place.clone()));
        (Placed::new(name.to_owned(), key.place.clone()), value)
    });
    let listed = node.strings().map(|item| {
        let placed = |text: &str| Placed::new(text.to_owned(), item.place.clone());
        match item.split_once('=') {
            Some((name, value)) => (placed(name), Some(placed(value))),
            None => (placed(&item), None),
        }
    });
    mapped.chain(listed)
}

fn value(text: Placed<String>) -> VariableValue {
    if variable::is_outer(&text) {
        return VariableValue::Outer;
    }
    match text.strip_prefix(SECRETS_FOLDER) {
        Some(name) => VariableValue::Secret(Placed::new(name.to_owned(), text.place.clone())),
        None => VariableValue::Literal(text),
    }
}
