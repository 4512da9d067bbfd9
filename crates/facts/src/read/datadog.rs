//! Datadog's service.datadog.yaml, of version 3 and of those before.

mod version2;
mod version3;

use model::Placed;

use crate::read::Source;
use crate::tree::{Node, Value};
use crate::{CatalogEntry, Facts};

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    let stem = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml"));
    stem.is_some_and(|stem| {
        ["service.datadog", "entity.datadog"].iter().any(|known| stem.ends_with(known))
    })
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) || !matches!(document.value, Value::Mapping(_)) {
        return false;
    }
    let is_version_3 = document.get("apiVersion").is_some() || document.get("metadata").is_some();
    let entry = if is_version_3 {
        version3::entry(source, document)
    } else {
        Some(version2::entry(source, document))
    };
    facts.catalog.extend(entry.map(|mut entry| {
        if let Some(description) = entry.description.clone().filter(|text| is_of_sample(text)) {
            let trouble =
                "the description is still that of Datadog's sample: write your own, and the tier";
            entry.complain(&description.place, trouble);
            (entry.tier, entry.description) = (None, None);
        }
        entry.troubles.sort_by_key(|trouble| (trouble.place.line, trouble.place.column));
        entry
    }));
    true
}

/// The text under `key`; a trouble if a number stands there, which Datadog refuses.
fn text(node: &Node, key: &str, entry: &mut CatalogEntry) -> Option<Placed<String>> {
    let text = node.string(key)?;
    if node.get(key).is_some_and(|value| value.float().is_some()) {
        let trouble = format!("`{key}` is a number: put `{}` in quotes", *text);
        entry.complain(&text.place, trouble);
    }
    Some(text)
}

/// Whether a text is of the sample that Datadog gives to begin with.
fn is_of_sample(text: &str) -> bool {
    ["/archives/XXXX", "datadoghq.atlassian.net", "for shopist "]
        .iter()
        .any(|own| text.contains(own))
}

fn items<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).map_or(&[][..], Node::items)
}

/// Who can be reached, and by what.
fn read_contacts(node: &Node, entry: &mut CatalogEntry) {
    for contact in items(node, "contacts") {
        let Some(address) = contact.string("contact") else {
            entry.complain(&contact.place.start(), "a contact has no `contact`");
            continue;
        };
        let kind = contact.get("type").and_then(Node::str);
        if kind.is_none() {
            entry.complain(&contact.place.start(), "a contact has no `type`");
        }
        if is_of_sample(&address) {
            entry.complain(&address.place, "a contact is still that of Datadog's sample");
            continue;
        }
        if kind == Some("email") && !address.contains('@') {
            let trouble = format!("`{}` is no e-mail address", *address);
            entry.complain(&address.place, trouble);
        }
        entry.escalation.push(address);
    }
}

fn read_links(node: &Node, key: &str, kind: Option<&str>, entry: &mut CatalogEntry) {
    for link in items(node, key) {
        let text = |key| link.get(key).and_then(Node::str);
        let Some(url) = link.string("url") else {
            entry.complain(&link.place.start(), "a link has no `url`");
            continue;
        };
        if text("name").is_none() {
            entry.complain(&link.place.start(), "a link has no `name`");
        }
        if is_of_sample(&url) {
            entry.complain(&url.place, "a link is still that of Datadog's sample");
            continue;
        }
        if !url.contains("://") {
            entry.complain(&url.place, format!("`{}` is no address", *url));
        }
        entry.add_link(kind.or_else(|| text("type")), text("name"), url);
    }
}

/// The pager's service: an address, or a mapping that holds it under `key`.
fn read_on_call(document: &Node, key: &str, entry: &mut CatalogEntry) {
    let Some(integrations) = document.get("integrations") else { return };
    let pagers = ["pagerduty", "opsgenie"].iter().filter_map(|name| integrations.get(name));
    let mut addresses = pagers.filter_map(|pager| {
        let node = pager.get(key).unwrap_or(pager);
        Some(Placed::new(node.str()?.to_owned(), node.place.clone()))
    });
    entry.on_call = addresses.next().or_else(|| entry.on_call.take());
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::{Topic, read};

    const FULL: &str = r#"apiVersion: v3
kind: service
metadata:
  name: payout-api
  displayName: Payout API
  description: pays out
  owner: payments
  additionalOwners: [{name: platform, type: operator}]
  contacts:
    - {name: Help, type: slack, contact: "https://slack.example/1"}
  links:
    - {name: What to do, type: runbook, url: "https://wiki.example/rb"}
spec:
  tier: "1"
  lifecycle: production
  type: web
  dependsOn: [service:ledger, datastore:payout-db]
integrations:
  pagerduty: {serviceURL: "https://acme.pagerduty.com/service-directory/P1"}
---
schema-version: v2.2
dd-service: ledger
team: payments
tier: High
type: web
contacts: [{type: email, contact: payments@acme.example}]
links: [{name: Code, type: repo, provider: github, url: "https://git.example/l"}]
integrations: {opsgenie: {service-url: "https://acme.opsgenie.com/service/1", region: EU}}
---
apiVersion: v3
kind: datastore
metadata: {name: payout-db}
"#;

    fn facts(text: &str) -> Facts {
        read(&Arc::from("shop/service.datadog.yaml"), text.as_bytes())
    }

    fn troubles(text: &str) -> Vec<(u32, u32, String)> {
        let troubles = facts(text).catalog.remove(0).troubles.into_iter();
        troubles.map(|t| (t.place.line, t.place.column, t.value)).collect()
    }

    #[test]
    fn services_of_both_versions_are_entries_and_other_kinds_are_not() {
        let facts = facts(FULL);
        let [new, old] = facts.catalog.as_slice() else { panic!("{facts:?}") };
        assert_eq!((new.troubles.len(), old.troubles.len()), (0, 0));
        assert_eq!((new.name.value.as_str(), new.name.place.line), ("payout-api", 4));
        let owners: Vec<_> = new.owners.iter().map(|owner| owner.as_str()).collect();
        assert_eq!(owners, ["payments", "platform"]);
        assert_eq!(new.depends_on.len(), 2);
        assert_eq!(new.tier.as_ref().unwrap().value, "1");
        assert_eq!(new.on_call.as_ref().unwrap().place.line, 19);
        assert_eq!(new.links[0].topic, Topic::Runbook);
        assert_eq!((old.name.value.as_str(), old.place.line), ("ledger", 21));
        assert_eq!(old.escalation[0].value, "payments@acme.example");
        assert_eq!(old.on_call.as_ref().unwrap().value, "https://acme.opsgenie.com/service/1");
        assert_eq!(old.links[0].topic, Topic::Repository);
    }

    #[test]
    fn nothing_is_taken_from_the_sample_of_datadog() {
        let text = "schema-version: v2.1\ndd-service: a\nteam: x\ntier: tier1\ndescription: important cron job for shopist backend\ncontacts: [{type: slack, contact: 'https://acme.slack.com/archives/XXXXX'}, {type: email, contact: x@y.example}]\nlinks: [{name: Rb, type: runbook, url: 'https://datadoghq.atlassian.net/wiki/'}]\n";
        let entry = facts(text).catalog.remove(0);
        assert_eq!((entry.tier, entry.links.len(), entry.escalation.len()), (None, 0, 1));
        assert_eq!(entry.owners[0].as_str(), "x");
        assert_eq!(entry.troubles.len(), 3, "{:?}", entry.troubles);
        let own = text.replace("cron job for shopist backend", "till");
        assert_eq!(facts(&own).catalog[0].tier.as_ref().unwrap().value, "tier1");
    }

    #[test]
    fn older_versions_keep_links_and_owners_elsewhere() {
        let text = "schema-version: v1\ninfo: {dd-service: a, service-tier: Tier 1}\norg: {team: x}\ncontact: {email: x@y.example}\nexternal-resources: [{name: Rb, type: runbook, url: 'https://r.example'}]\nintegrations: {pagerduty: 'https://acme.pagerduty.com/P1'}\n";
        let entry = facts(text).catalog.remove(0);
        assert_eq!(entry.troubles, []);
        assert_eq!((entry.name.value.as_str(), entry.owners[0].as_str()), ("a", "x"));
        assert_eq!(entry.links[0].topic, Topic::Runbook);
        assert_eq!(entry.escalation.len(), 1);
        assert_eq!(entry.on_call.unwrap().value, "https://acme.pagerduty.com/P1");
    }

    #[test]
    fn what_datadog_refuses_is_a_trouble_at_its_place() {
        let old = "schema-version: v9\nteam: x\ntier: 1\ntype: rocket\nlinks: [{name: a, type: doc, url: undefined}, {}]\ncontacts: [{type: email, contact: me}]\n";
        let expected = vec![
            (1, 1, "`dd-service` is missing".to_owned()),
            (1, 17, "`schema-version` is none of v1, v2, v2.1 and v2.2".to_owned()),
            (3, 7, "`tier` is a number: put `1` in quotes".to_owned()),
            (5, 35, "`undefined` is no address".to_owned()),
            (5, 47, "a link has no `url`".to_owned()),
            (6, 35, "`me` is no e-mail address".to_owned()),
        ];
        assert_eq!(troubles(old), expected);
        assert_eq!(facts(old).catalog[0].name.value, "shop");
        let new = "apiVersion: v4\nkind: service\nmetadata: {owner: x}\nspec: {tier: 0}\n";
        let expected = vec![
            (1, 13, "`apiVersion` is not `v3`".to_owned()),
            (3, 1, "`metadata.name` is missing".to_owned()),
            (4, 14, "`tier` is a number: put `0` in quotes".to_owned()),
        ];
        assert_eq!(troubles(new), expected);
        let (.., said) = troubles("schema-version: v2.2\ndd-service: a\ntype: rocket\n").remove(0);
        assert!(said.starts_with("`rocket` is none of web, db"), "{said}");
    }

    #[test]
    fn version_2_calls_the_team_by_another_name() {
        let entry = &facts("schema-version: v2\ndd-service: a\ndd-team: payments\n").catalog[0];
        assert_eq!(entry.owners[0].value, "payments");
    }

    #[test]
    fn other_files_of_datadog_are_not_read() {
        let text = "schema-version: v1\nrulesets: [go-security]\n";
        let read = read(&Arc::from("static-analysis.datadog.yml"), text.as_bytes());
        assert_eq!(read, Facts::default());
    }

    proptest! {
        #[test]
        fn mutated_files_never_panic(
            at in 0..FULL.len(), length in 0..40_usize, put in "[\\[\\]{}:,\"'&*|>#\n a-z0-9é-]{0,6}"
        ) {
            let end = (at + length).min(FULL.len());
            let _ = facts(&format!("{}{put}{}", &FULL[..at], &FULL[end..]));
        }
    }
}
