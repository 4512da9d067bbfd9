//! A component's `spec`: its owner, and what it stands in relation to.

use model::Placed;

use super::reference::parse;
use crate::CatalogEntry;
use crate::tree::{Node, Value};

/// Reads the `spec` of a component.
pub(super) fn read(document: &Node, spec: &Node, entry: &mut CatalogEntry) {
    entry.kind = required(document, spec, "type", entry);
    entry.lifecycle = required(document, spec, "lifecycle", entry);
    if let Some(owner) = required(document, spec, "owner", entry) {
        check("owner", &owner, false, entry);
        entry.owners.push(owner);
    }
    for key in ["system", "subcomponentOf"] {
        if let Some(reference) = spec.string(key) {
            check(key, &reference, false, entry);
        }
    }
    for (key, needs_kind, is_needed) in [
        ("dependsOn", true, true),
        ("consumesApis", false, true),
        ("dependencyOf", true, false),
        ("providesApis", false, false),
    ] {
        let references = list(spec, key, entry);
        for reference in &references {
            check(key, reference, needs_kind, entry);
        }
        if is_needed {
            // What names nothing is no dependency.
            entry.depends_on.extend(references.into_iter().filter(|text| parse(text).is_some()));
        }
    }
}

/// The text that must stand under `key`.
fn required(
    document: &Node,
    spec: &Node,
    key: &str,
    entry: &mut CatalogEntry,
) -> Option<Placed<String>> {
    let text = spec.string(key).filter(|text| !text.trim().is_empty());
    if text.is_some() {
        return text;
    }
    let place = match (spec.get(key), spec.key(key)) {
        // `$text` and its like name a file that holds the value.
        (Some(node), _) if node.entries().any(|(name, ..)| name.starts_with('$')) => return None,
        (Some(node), Some(_)) if node.scalar().is_none() => {
            entry.complain(&node.place, format!("`spec.{key}` is not a text"));
            return None;
        }
        (_, Some(written)) => written.place.clone(),
        _ => document.key("spec").map_or_else(|| spec.place.start(), |spec| spec.place.clone()),
    };
    entry.complain(&place, format!("`spec.{key}` is missing"));
    None
}

fn list(spec: &Node, key: &str, entry: &mut CatalogEntry) -> Vec<Placed<String>> {
    let Some(node) = spec.get(key).filter(|node| !node.is_null()) else { return Vec::new() };
    if !matches!(node.value, Value::Sequence(_)) {
        entry.complain(&node.place, format!("`spec.{key}` is not a list"));
    }
    node.strings().collect()
}

/// Notes a reference that Backstage cannot resolve.
fn check(key: &str, reference: &Placed<String>, needs_kind: bool, entry: &mut CatalogEntry) {
    let text = &reference.value;
    match parse(text) {
        None if is_placeholder(text) => {
            let trouble =
                format!("`{text}` in `spec.{key}` is a placeholder that nobody filled in");
            entry.complain(&reference.place, trouble);
        }
        None => {
            let form = "`kind:namespace/name`, of which the name alone may be enough";
            let trouble = format!("`{text}` in `spec.{key}` is no reference such as {form}");
            entry.complain(&reference.place, trouble);
        }
        Some(parts) if needs_kind && parts.kind.is_none() => {
            let trouble =
                format!("`{text}` in `spec.{key}` names no kind: write `component:{text}`");
            entry.complain(&reference.place, trouble);
        }
        Some(_) => {}
    }
}

/// `<name_of_a_component>`, as templates leave it to be replaced.
fn is_placeholder(text: &str) -> bool {
    text.starts_with('<') && text.ends_with('>')
}
