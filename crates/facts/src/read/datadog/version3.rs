//! Version 3: entities of several kinds, of which services count here.

use model::Placed;

use super::{items, read_contacts, read_links, read_on_call, text};
use crate::read::Source;
use crate::tree::Node;
use crate::{CatalogEntry, CatalogFormat};

/// The entry of a service; none for systems, datastores, queues, repositories and such.
pub(super) fn entry(source: Source<'_>, document: &Node) -> Option<CatalogEntry> {
    let kind = document.get("kind").and_then(Node::str);
    if kind.is_some_and(|kind| kind != "service") {
        return None;
    }
    let place = document.place.start();
    let metadata = document.get("metadata");
    let name = metadata.and_then(|metadata| metadata.string("name"));
    let is_named = name.is_some();
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::Datadog, name, place.clone());
    if kind.is_none() {
        entry.complain(&place, "`kind` is missing, such as `service`");
    }
    if document.get("apiVersion").and_then(Node::str) != Some("v3") {
        let written = document.get("apiVersion").map_or(&place, |version| &version.place).clone();
        entry.complain(&written, "`apiVersion` is not `v3`");
    }
    if !is_named {
        let written = document.key("metadata").map_or(&place, |key| &key.place).clone();
        entry.complain(&written, "`metadata.name` is missing");
    }
    if let Some(metadata) = metadata {
        read_metadata(metadata, &mut entry);
    }
    if let Some(spec) = document.get("spec") {
        entry.kind = spec.string("type");
        entry.lifecycle = text(spec, "lifecycle", &mut entry);
        entry.tier = text(spec, "tier", &mut entry);
        entry.depends_on.extend(spec.get("dependsOn").into_iter().flat_map(Node::strings));
    }
    read_on_call(document, "serviceURL", &mut entry);
    Some(entry)
}

fn read_metadata(metadata: &Node, entry: &mut CatalogEntry) {
    entry.title = metadata.string("displayName");
    entry.description = metadata.string("description");
    entry.owners.extend(metadata.string("owner"));
    for owner in items(metadata, "additionalOwners") {
        match owner.string("name") {
            Some(name) => entry.owners.push(name),
            None => entry.complain(&owner.place.start(), "an owner has no `name`"),
        }
    }
    read_contacts(metadata, entry);
    read_links(metadata, "links", None, entry);
}
