//! Versions 1 to 2.2: each document is a service.

use model::Placed;

use super::{read_contacts, read_links, read_on_call, text};
use crate::read::Source;
use crate::tree::Node;
use crate::{CatalogEntry, CatalogFormat};

/// Versions that Datadog knows.
const VERSIONS: [&str; 4] = ["v1", "v2", "v2.1", "v2.2"];

/// Sorts of service that version 2.2 knows.
const TYPES: [&str; 7] = ["web", "db", "cache", "function", "browser", "mobile", "custom"];

/// The entry of a service.
pub(super) fn entry(source: Source<'_>, document: &Node) -> CatalogEntry {
    let place = document.place.start();
    // Version 1 keeps most of it in folders.
    let info = document.get("info");
    let name = document.string("dd-service").or_else(|| info?.string("dd-service"));
    let is_named = name.is_some();
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::Datadog, name, place.clone());
    if !is_named {
        let written = document.key("dd-service").map_or(&place, |key| &key.place).clone();
        entry.complain(&written, "`dd-service` is missing");
    }
    let version = document.get("schema-version");
    if !version.and_then(Node::str).is_some_and(|version| VERSIONS.contains(&version)) {
        let written = version.map_or(&place, |version| &version.place).clone();
        entry.complain(&written, "`schema-version` is none of v1, v2, v2.1 and v2.2");
    }
    entry.title = info.and_then(|info| info.string("display-name"));
    let description = document.string("description").or_else(|| info?.string("description"));
    entry.description = description;
    let organisation = document.get("org");
    // Version 2 calls the team by another name than those after it.
    let team = text(document, "team", &mut entry).or_else(|| document.string("dd-team"));
    entry.owners.extend(team.or_else(|| organisation?.string("team")));
    entry.tier = text(document, "tier", &mut entry).or_else(|| info?.string("service-tier"));
    entry.lifecycle = text(document, "lifecycle", &mut entry);
    entry.kind = document.string("type");
    check_type(version.and_then(Node::str), &mut entry);
    read_contacts(document, &mut entry);
    if let Some(contact) = document.get("contact") {
        entry.escalation.extend(["email", "slack"].iter().filter_map(|key| contact.string(key)));
    }
    read_links(document, "links", None, &mut entry);
    read_links(document, "external-resources", None, &mut entry);
    read_links(document, "repos", Some("repo"), &mut entry);
    read_links(document, "docs", Some("doc"), &mut entry);
    read_on_call(document, "service-url", &mut entry);
    entry
}

fn check_type(version: Option<&str>, entry: &mut CatalogEntry) {
    let unknown = entry.kind.clone().filter(|kind| !TYPES.contains(&kind.as_str()));
    if let Some(kind) = unknown.filter(|_| version == Some("v2.2")) {
        let trouble = format!("`{}` is none of {}", *kind, TYPES.join(", "));
        entry.complain(&kind.place, trouble);
    }
}
