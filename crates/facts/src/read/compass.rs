//! Atlassian Compass's compass.yml.

use model::Placed;

use crate::read::Source;
use crate::tree::Node;
use crate::{CatalogEntry, CatalogFormat, Facts};

/// Types of components that nobody runs or links.
const OTHERS: [&str; 4] = ["CAPABILITY", "CLOUD_RESOURCE", "TEMPLATE", "UI_ELEMENT"];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    matches!(name, "compass.yml" | "compass.yaml")
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let is_compass = document.get("configVersion").or_else(|| document.get("typeId")).is_some();
    if !is_named(source.path, source.name) || !is_compass {
        return false;
    }
    let kind = document.get("typeId").and_then(Node::str).unwrap_or_default();
    if !OTHERS.contains(&kind.to_ascii_uppercase().as_str()) {
        facts.catalog.push(entry(source, document));
    }
    true
}

fn entry(source: Source<'_>, document: &Node) -> CatalogEntry {
    let place = document.place.start();
    let name = document.string("name");
    let is_named = name.is_some();
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::Compass, name, place.clone());
    if !is_named {
        let written = document.key("name").map_or(&place, |key| &key.place).clone();
        entry.complain(&written, "`name` is missing");
    }
    if document.get("configVersion").and_then(Node::int) != Some(1) {
        let written =
            document.get("configVersion").map_or(&place, |version| &version.place).clone();
        entry.complain(&written, "`configVersion` is not 1");
    }
    if document.get("typeId").is_none_or(Node::is_null) {
        entry.complain(&place, "`typeId` is missing, such as `SERVICE`");
    }
    entry.description = document.string("description");
    entry.kind = document.string("typeId");
    entry.owners.extend(document.string("ownerId"));
    let fields = document.get("fields");
    entry.tier = fields.and_then(|fields| fields.string("tier"));
    entry.lifecycle = fields.and_then(|fields| fields.string("lifecycle"));
    let depends_on = document.at(&["relationships", "DEPENDS_ON"]).into_iter();
    entry.depends_on.extend(depends_on.flat_map(Node::strings));
    read_links(document, &mut entry);
    entry
}

fn read_links(document: &Node, entry: &mut CatalogEntry) {
    for link in document.get("links").map_or(&[][..], Node::items) {
        let Some(url) = link.string("url") else {
            entry.complain(&link.place.start(), "a link has no `url`");
            continue;
        };
        let text = |key| link.get(key).and_then(Node::str);
        entry.add_link(text("type"), text("name"), url);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Topic, read};

    fn facts(text: &str) -> Facts {
        read(&Arc::from("compass.yml"), text.as_bytes())
    }

    #[test]
    fn a_component_is_an_entry() {
        let text = r#"name: payout-api
id: ari:cloud:compass:x:component/y/z
description: null
configVersion: 1
typeId: SERVICE
ownerId: ari:cloud:identity::team/1
fields: {tier: 4, lifecycle: Active}
links:
  - {name: null, type: REPOSITORY, url: "https://git.example/payout"}
  - {name: Rota, type: ON_CALL, url: "https://acme.pagerduty.com/P1"}
relationships: {DEPENDS_ON: ["ari:cloud:compass:x:component/y/w"]}
"#;
        let facts = facts(text);
        let [entry] = facts.catalog.as_slice() else { panic!("{facts:?}") };
        assert_eq!(entry.troubles, []);
        assert_eq!((entry.name.value.as_str(), entry.name.place.line), ("payout-api", 1));
        assert_eq!(entry.description, None);
        assert_eq!(entry.tier.as_ref().unwrap().value, "4");
        assert_eq!(entry.lifecycle.as_ref().unwrap().value, "Active");
        assert_eq!(entry.owners[0].value, "ari:cloud:identity::team/1");
        assert_eq!((entry.depends_on.len(), entry.links[0].topic), (1, Topic::Repository));
        assert_eq!(entry.on_call.as_ref().unwrap().place.line, 10);
    }

    #[test]
    fn what_does_not_conform_is_a_trouble_and_what_is_no_service_no_entry() {
        let wrong = facts("name:\nconfigVersion: 2\nlinks: [{type: OTHER}]\n");
        let said: Vec<_> =
            wrong.catalog[0].troubles.iter().map(|t| (t.place.line, t.value.as_str())).collect();
        let expected = [
            (1, "`name` is missing"),
            (2, "`configVersion` is not 1"),
            (1, "`typeId` is missing, such as `SERVICE`"),
            (3, "a link has no `url`"),
        ];
        assert_eq!(said, expected);
        assert_eq!(facts("configVersion: 1\nname: a\ntypeId: CAPABILITY\n"), Facts::default());
        assert_eq!(facts("components: [{name: a}]\n"), Facts::default());
    }
}
