//! Alertmanager configurations: plain files, those inside a Secret, a `ConfigMap` or the values
//! of a chart, and `AlertmanagerConfig` objects.

mod matcher;
mod route;

use model::Placed;

use super::{Source, embedded};
use crate::tree::Node;
use crate::{Alertmanager, Facts, Gap, Receiver, Subject};

/// Mappings of a chart's values that are looked through, one inside the other.
const MAX_DEPTH: usize = 4;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    matches!(name, "alertmanager.yml" | "alertmanager.yaml")
}

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    let has = |key: &str| {
        text.match_indices(key).any(|(at, _)| {
            let after = text.get(at + key.len()..).unwrap_or_default();
            after.starts_with(':') || after.starts_with("\":")
        })
    };
    has("receivers") && has("route") && has("receiver")
}

/// Reads the document; `false`: it is not of this kind, or holds more.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if is_configuration(document) {
        take(document, facts);
        return true;
    }
    let mut is_own = false;
    for object in embedded::objects(document) {
        match object.get("kind").and_then(Node::str) {
            Some("AlertmanagerConfig") => {
                take(object.get("spec").unwrap_or(object), facts);
                is_own = true;
            }
            Some("Secret" | "ConfigMap") => take_files(object, facts),
            Some(_) => {}
            None => take_values(object, MAX_DEPTH, facts),
        }
    }
    is_own && document.get("items").is_none()
}

fn is_configuration(node: &Node) -> bool {
    let has_receivers = node.get("receivers").is_some_and(|it| !it.items().is_empty());
    has_receivers && node.at(&["route", "receiver"]).is_some()
}

fn take_files(object: &Node, facts: &mut Facts) {
    for (name, text) in embedded::files(object) {
        if !text.str().is_some_and(is_like) {
            continue;
        }
        for root in embedded::documents(name, text, Subject::Routes, facts) {
            if is_configuration(&root) {
                take(&root, facts);
            }
        }
    }
    let encoded = object.get("data").filter(|_| object.get("stringData").is_none());
    let encoded = encoded.filter(|_| object.get("kind").and_then(Node::str) == Some("Secret"));
    for (name, key, _) in encoded.into_iter().flat_map(Node::entries) {
        if is_named("", name) {
            facts.gaps.push(Gap {
                subject: Some(Subject::Routes),
                place: key.place.clone(),
                reason: format!("`{name}` is encoded and was not read"),
                name: None,
            });
        }
    }
}

/// Takes the configurations that stand somewhere in a chart's values.
fn take_values(node: &Node, depth: usize, facts: &mut Facts) {
    if is_configuration(node) {
        take(node, facts);
    } else if depth > 0 {
        for (_, _, value) in node.entries() {
            take_values(value, depth - 1, facts);
        }
    }
}

fn take(config: &Node, facts: &mut Facts) {
    let mut unread = Vec::new();
    let first = config.entries().next().map_or(config, |(_, key, _)| key);
    let receivers = config.get("receivers").map(Node::items).unwrap_or_default();
    facts.alertmanagers.push(Alertmanager {
        place: first.place.clone(),
        route: config.get("route").map(|route| route::read(route, &mut unread)),
        receivers: receivers.iter().filter_map(receiver).collect(),
    });
    facts.gaps.extend(unread.into_iter().map(|text: Placed<String>| Gap {
        subject: Some(Subject::Routes),
        reason: format!("the matcher `{}` could not be read", text.value),
        place: text.place,
        name: None,
    }));
}

fn receiver(node: &Node) -> Option<Receiver> {
    let name = name_of(node.get("name")?)?;
    let kinds = node.entries().filter_map(|(key, _, items)| Some((kind(key)?, items.items())));
    let integrations = kinds.flat_map(|(kind, items)| {
        let written = items.iter().filter(|item| !item.is_null());
        written.map(move |item| Placed::new(kind.to_owned(), item.place.clone()))
    });
    Some(Receiver { name, integrations: integrations.collect() })
}

/// The kind of integration whose list stands under `key`.
fn kind(key: &str) -> Option<&str> {
    key.strip_suffix("_configs").or_else(|| key.strip_suffix("Configs"))
}

/// The name of a receiver; `null` is one, with and without quotes.
fn name_of(node: &Node) -> Option<Placed<String>> {
    Some(Placed::new(node.scalar()?.text.clone(), node.place.clone()))
}

#[cfg(test)]
mod tests;
