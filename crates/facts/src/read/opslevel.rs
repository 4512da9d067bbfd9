//! OpsLevel's opslevel.yml.

use model::Placed;

use crate::catalog::repository_at;
use crate::read::Source;
use crate::tree::{Node, Value};
use crate::{CatalogEntry, CatalogFormat, Facts};

/// Alert sources that page somebody.
const PAGERS: [&str; 4] = ["pagerduty", "opsgenie", "splunk_on_call", "victorops"];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    matches!(name, "opslevel.yml" | "opslevel.yaml")
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) {
        return false;
    }
    let known = ["service", "component", "repository"];
    if !known.iter().any(|key| document.get(key).is_some()) {
        return false;
    }
    // Where only the repository is described, there is no service.
    if let Some(key) = known.iter().take(2).find(|key| document.get(key).is_some())
        && let Some(service) = document.get(key)
    {
        facts.catalog.push(entry(source, document, key, service));
    } else if let Some(repository) = document.get("repository") {
        facts.repository_owners.extend(repository.string("owner"));
    }
    true
}

fn entry(source: Source<'_>, document: &Node, key: &str, service: &Node) -> CatalogEntry {
    let place = document.key(key).map_or_else(|| service.place.start(), |key| key.place.clone());
    let name = service.string("name");
    let is_named = name.is_some();
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::OpsLevel, name, place.clone());
    if source.name == "opslevel.yaml" {
        entry.complain(&place, "OpsLevel looks for `opslevel.yml`, not for `opslevel.yaml`");
    }
    if document.get("version").and_then(Node::int) != Some(1) {
        let written = document.get("version").map_or(&document.place, |version| &version.place);
        entry.complain(&written.start(), "`version` is not 1");
    }
    if !matches!(service.value, Value::Mapping(_)) {
        entry.complain(&place, format!("`{key}` is not a mapping"));
    } else if !is_named {
        let written = service.key("name").map_or(&place, |key| &key.place).clone();
        entry.complain(&written, format!("`{key}.name` is missing"));
    }
    entry.description = service.string("description");
    entry.kind = service.string("type");
    entry.owners.extend(service.string("owner"));
    entry.tier = service.string("tier").map(trimmed);
    entry.lifecycle = service.string("lifecycle").map(trimmed);
    let dependencies = items(service, "dependencies");
    entry.depends_on.extend(dependencies.iter().filter_map(|item| item.string("alias")));
    read_links(service, &mut entry);
    entry
}

fn trimmed(text: Placed<String>) -> Placed<String> {
    Placed::new(text.value.trim().to_owned(), text.place)
}

fn read_links(service: &Node, entry: &mut CatalogEntry) {
    for tool in items(service, "tools") {
        let Some(url) = tool.string("url") else {
            entry.complain(&tool.place.start(), "a tool has no `url`");
            continue;
        };
        let text = |key| tool.get(key).and_then(Node::str);
        entry.add_link(text("category"), text("name"), url);
    }
    for repository in items(service, "repositories") {
        if let Some(name) = repository.string("name") {
            let host = repository.get("provider").and_then(Node::str).unwrap_or_default();
            entry.add_link(Some("repository"), None, repository_at(host, name));
        }
    }
    let paging = items(service, "alert_sources").iter().find(|source| {
        source.get("type").and_then(Node::str).is_some_and(|kind| PAGERS.contains(&kind))
    });
    let paged = paging.and_then(|source| source.string("external_id"));
    entry.on_call = paged.or_else(|| entry.on_call.take());
}

fn items<'n>(service: &'n Node, key: &str) -> &'n [Node] {
    service.get(key).map_or(&[][..], Node::items)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::{Topic, read};

    fn facts(path: &str, text: &str) -> Facts {
        read(&Arc::from(path), text.as_bytes())
    }

    #[test]
    fn a_service_is_an_entry() {
        let text = r#"---
version: 1
service:
  name: Payout API
  lifecycle: generally_available
  tier: tier_1
  product:
  owner: payments
  description: pays out
  dependencies: [{alias: ledger, notes: events}]
  tools:
    - {name: Confluence, category: runbooks, url: "https://wiki.example/rb"}
    - {name: Datadog, category: metrics, url: "https://dd.example/1"}
    - {name: Sentry, category: errors, url: "https://sentry.example/1", environment: }
  repositories: [{name: acme/payout, path: "/", provider: github}]
  alert_sources: [{type: datadog, external_id: 1}, {type: pagerduty, external_id: P1}]
"#;
        let facts = facts("opslevel.yml", text);
        let [entry] = facts.catalog.as_slice() else { panic!("{facts:?}") };
        assert_eq!(entry.troubles, []);
        assert_eq!((entry.name.value.as_str(), entry.name.place.line), ("Payout API", 4));
        assert_eq!(entry.owners[0].value, "payments");
        assert_eq!(entry.on_call.as_ref().unwrap().value, "P1");
        assert_eq!(entry.depends_on[0].value, "ledger");
        let topics: Vec<_> = entry.links.iter().map(|link| link.topic).collect();
        assert_eq!(topics, [Topic::Runbook, Topic::Dashboard, Topic::Other, Topic::Repository]);
    }

    #[test]
    fn a_component_is_an_entry_too_and_a_repository_is_none() {
        let component = facts("opslevel.yml", "version: 1\ncomponent: {name: a, type: service}\n");
        assert_eq!(component.catalog[0].kind.as_ref().unwrap().value, "service");
        let repository = facts("opslevel.yml", "version: 1\nrepository: {owner: x}\n");
        assert_eq!(repository.catalog, []);
        assert_eq!(repository.repository_owners[0].value, "x");
    }

    #[test]
    fn what_does_not_conform_is_a_trouble_at_its_place() {
        let facts =
            facts("shop/opslevel.yaml", "version: 2\nservice:\n  name:\n  tools: [{name: x}]\n");
        let said: Vec<_> = facts.catalog[0]
            .troubles
            .iter()
            .map(|t| (t.place.line, t.place.column, t.value.as_str()))
            .collect();
        let expected = [
            (2, 1, "OpsLevel looks for `opslevel.yml`, not for `opslevel.yaml`"),
            (1, 10, "`version` is not 1"),
            (3, 3, "`service.name` is missing"),
            (4, 11, "a tool has no `url`"),
        ];
        assert_eq!(said, expected);
        assert_eq!(facts.catalog[0].name.value, "shop");
    }
}
