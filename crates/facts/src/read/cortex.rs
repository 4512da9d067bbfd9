//! Cortex's cortex.yaml: an OpenAPI description whose `info` describes the service.

use model::Placed;

use crate::catalog::repository_at;
use crate::read::Source;
use crate::tree::{Node, Value};
use crate::{CatalogEntry, CatalogFormat, Facts, Link, Party, Topic, tier_of};

/// Names of the systems that on-call schedules are kept in.
const PAGERS: [&str; 4] = ["pagerduty", "opsgenie", "victorops", "xmatters"];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let is_descriptor = matches!(name, "cortex.yaml" | "cortex.yml");
    let is_yaml = matches!(name.rsplit_once('.'), Some((_, "yaml" | "yml")));
    is_descriptor || is_yaml && (path.starts_with(".cortex/") || path.contains("/.cortex/"))
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let Some(info) = document.get("info").filter(|_| is_named(source.path, source.name)) else {
        return false;
    };
    // Other programs called cortex name their settings so too.
    if !info.entries().any(|(key, ..)| key.starts_with("x-cortex-")) {
        return false;
    }
    match info.get("x-cortex-type").and_then(Node::str) {
        Some("team") => facts.parties.extend(team(info)),
        Some("domain") => {}
        _ => facts.catalog.push(entry(source, document, info)),
    }
    // What else it describes is for the reader of OpenAPI.
    document.get("paths").is_none()
}

fn team(info: &Node) -> Option<Party> {
    let name = info.string("x-cortex-tag")?;
    let members = info.at(&["x-cortex-team", "members"]).map_or(&[][..], Node::items);
    let members = members.iter().filter_map(|member| member.string("name"));
    Some(Party { name, is_group: true, kind: None, members: members.collect() })
}

fn entry(source: Source<'_>, document: &Node, info: &Node) -> CatalogEntry {
    let place = document.place.start();
    let title = info.string("title");
    let tag = info.string("x-cortex-tag");
    let name = tag.clone().or_else(|| title.clone());
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::Cortex, name, place);
    if tag.is_none() {
        missing(document, info, "x-cortex-tag", &mut entry);
    }
    if title.is_none() {
        missing(document, info, "title", &mut entry);
    }
    entry.title = title;
    entry.description = info.string("description");
    entry.kind = command_line_tool(info).or_else(|| info.string("x-cortex-type"));
    entry.lifecycle = lifecycle(info);
    read_owners(info, &mut entry);
    read_groups(info, &mut entry);
    read_on_call(info, &mut entry);
    read_links(info, &mut entry);
    let dependencies = items(info, "x-cortex-dependency", &mut entry);
    let tags = dependencies
        .iter()
        .filter_map(|item| item.string("tag").or_else(|| item.string("cortexTag")));
    entry.depends_on.extend(tags);
    entry.troubles.sort_by_key(|trouble| (trouble.place.line, trouble.place.column));
    entry
}

fn missing(document: &Node, info: &Node, key: &str, entry: &mut CatalogEntry) {
    let written = info.key(key).or_else(|| document.key("info"));
    let place = written.map_or_else(|| info.place.start(), |key| key.place.clone());
    entry.complain(&place, format!("`info.{key}` is missing"));
}

/// The kind `cli` where fields or groups that an organisation made up say that it is a tool which
/// people run, and not a service as well.
fn command_line_tool(info: &Node) -> Option<Placed<String>> {
    let field = |name| {
        let node = info.at(&["x-cortex-custom-metadata", name])?;
        let node = node.get("value").unwrap_or(node);
        (node.bool() == Some(true)).then(|| node.place.clone())
    };
    let groups = info.get("x-cortex-groups").into_iter().flat_map(Node::strings);
    let grouped = groups.filter(|group| group.value == "type:cli").map(|group| group.place).next();
    let place = field("cli").or(grouped).filter(|_| field("service").is_none())?;
    Some(Placed::new("cli".to_owned(), place))
}

/// `x-cortex-lifecycle`, else a custom field of that name.
fn lifecycle(info: &Node) -> Option<Placed<String>> {
    let custom = ["x-cortex-custom-metadata", "lifecycle"];
    let node = info.get("x-cortex-lifecycle").or_else(|| info.at(&custom))?;
    let node = node.get("value").unwrap_or(node);
    Some(Placed::new(node.str()?.to_owned(), node.place.clone()))
}

fn read_owners(info: &Node, entry: &mut CatalogEntry) {
    for owner in items(info, "x-cortex-owners", entry) {
        let kind = owner.get("type").and_then(Node::str).unwrap_or_default().to_ascii_lowercase();
        let name = match kind.as_str() {
            "email" | "user" => owner.string("email"),
            "slack" => {
                entry.escalation.extend(owner.string("channel"));
                continue;
            }
            _ => owner.string("name"),
        };
        if name.is_none() {
            entry.complain(&owner.place.start(), "an owner names nobody");
        }
        entry.owners.extend(name);
    }
    let channels = info.at(&["x-cortex-slack", "channels"]).map_or(&[][..], Node::items);
    entry.escalation.extend(channels.iter().filter_map(|channel| channel.string("name")));
}

/// Groups are free words, of which one may tell the tier.
fn read_groups(info: &Node, entry: &mut CatalogEntry) {
    for key in ["x-cortex-groups", "x-cortex-service-groups"] {
        let Some(node) = info.get(key) else { continue };
        let tiers = node.strings().filter_map(|group| {
            let word = group.value.strip_prefix("tier:").unwrap_or(&group.value).trim().to_owned();
            let is_tier = group.value.to_ascii_lowercase().starts_with("tier");
            (is_tier && tier_of(&word).is_some()).then(|| Placed::new(word, group.place))
        });
        entry.tier = entry.tier.take().or_else(|| tiers.into_iter().next());
    }
}

fn read_on_call(info: &Node, entry: &mut CatalogEntry) {
    let Some(on_call) = info.get("x-cortex-oncall") else { return };
    for pager in PAGERS.iter().filter_map(|pager| on_call.get(pager)) {
        let Some(id) = pager.string("id") else {
            entry.complain(&pager.place, "the on-call entry has no `id`");
            continue;
        };
        if pager.get("type").and_then(Node::str) == Some("ESCALATION_POLICY") {
            entry.escalation.push(id.clone());
        }
        entry.on_call = entry.on_call.take().or(Some(id));
    }
}

fn read_links(info: &Node, entry: &mut CatalogEntry) {
    for link in items(info, "x-cortex-link", entry) {
        match link.string("url") {
            Some(url) => {
                let text = |key| link.get(key).and_then(Node::str);
                entry.add_link(text("type"), text("name"), url);
            }
            None => entry.complain(&link.place.start(), "a link has no `url`"),
        }
    }
    let embeds = info.at(&["x-cortex-dashboards", "embeds"]).map_or(&[][..], Node::items);
    for url in embeds.iter().filter_map(|embed| embed.string("url")) {
        entry.add_link(Some("dashboard"), None, url);
    }
    let hosts = info.get("x-cortex-git").into_iter().flat_map(Node::entries);
    for (host, _, repository) in hosts {
        if let Some(name) = repository.string("repository") {
            let url = repository_at(host, name);
            entry.links.push(Link { topic: Topic::Repository, title: Some(host.to_owned()), url });
        }
    }
    read_objectives(info, entry);
}

/// Objectives are kept by the systems that measure them: an entry for each.
fn read_objectives(info: &Node, entry: &mut CatalogEntry) {
    let systems = info.get("x-cortex-slos").into_iter().flat_map(Node::entries);
    for (system, _, objectives) in systems {
        for objective in objectives.items() {
            let known = ["id", "name", "errorQuery", "streamId"];
            let text = known.iter().find_map(|key| objective.string(key));
            let url =
                text.unwrap_or_else(|| Placed::new(system.to_owned(), objective.place.start()));
            entry.links.push(Link { topic: Topic::Objective, title: Some(system.to_owned()), url });
        }
    }
}

/// The nodes of the list under `key`, which may be left empty.
fn items<'n>(info: &'n Node, key: &str, entry: &mut CatalogEntry) -> &'n [Node] {
    let Some(node) = info.get(key).filter(|node| !node.is_null()) else { return &[] };
    if !matches!(node.value, Value::Sequence(_)) {
        entry.complain(&node.place, format!("`info.{key}` is not a list"));
    }
    node.items()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::read;

    const FULL: &str = r#"openapi: 3.0.1
info:
  title: Payout API
  description: pays out
  x-cortex-tag: payout-api
  x-cortex-type: service
  x-cortex-groups: [backend, tier-1]
  x-cortex-owners:
    - {type: group, name: acme/payments, provider: GITHUB}
    - {type: EMAIL, email: payments@acme.example}
    - {type: slack, channel: payments-help}
  x-cortex-oncall: {pagerduty: {id: P1, type: SCHEDULE}}
  x-cortex-slos:
    datadog: [{id: abc}]
    prometheus: [{errorQuery: "sum(e)", totalQuery: "sum(t)", slo: 99.9}]
  x-cortex-link:
    - {name: What to do, type: runbook, url: "https://wiki.example/rb"}
  x-cortex-git: {github: {repository: acme/payout}}
  x-cortex-dependency: [{tag: ledger}]
"#;

    fn facts(text: &str) -> Facts {
        read(&Arc::from("cortex.yaml"), text.as_bytes())
    }

    #[test]
    fn a_descriptor_is_an_entry() {
        let facts = facts(FULL);
        let [entry] = facts.catalog.as_slice() else { panic!("{facts:?}") };
        assert_eq!((entry.troubles.len(), facts.gaps.len()), (0, 0));
        assert_eq!((entry.name.value.as_str(), entry.name.place.line), ("payout-api", 5));
        assert_eq!(entry.title.as_ref().unwrap().value, "Payout API");
        let owners: Vec<_> = entry.owners.iter().map(|owner| owner.as_str()).collect();
        assert_eq!(owners, ["acme/payments", "payments@acme.example"]);
        assert_eq!(entry.escalation[0].value, "payments-help");
        assert_eq!(entry.tier.as_ref().unwrap().value, "tier-1");
        assert_eq!(entry.on_call.as_ref().unwrap().value, "P1");
        assert_eq!(entry.depends_on[0].value, "ledger");
        let topics: Vec<_> = entry.links.iter().map(|link| link.topic).collect();
        let objective = Topic::Objective;
        assert_eq!(topics, [Topic::Runbook, Topic::Repository, objective, objective]);
    }

    #[test]
    fn what_does_not_conform_is_a_trouble_at_its_place() {
        let text = "openapi: 3.0.1\ninfo:\n  title: a\n  x-cortex-tag:\n  x-cortex-link:\n  x-cortex-owners:\n    x-cortex-owners: [{type: EMAIL}]\n  x-cortex-oncall: {opsgenie: {type: SCHEDULE}}\n";
        let facts = facts(text);
        let said: Vec<_> = facts.catalog[0]
            .troubles
            .iter()
            .map(|t| (t.place.line, t.place.column, t.value.as_str()))
            .collect();
        let expected = [
            (4, 3, "`info.x-cortex-tag` is missing"),
            (7, 5, "`info.x-cortex-owners` is not a list"),
            (8, 31, "the on-call entry has no `id`"),
        ];
        assert_eq!(said, expected);
        assert_eq!(facts.catalog[0].name.value, "a");
    }

    #[test]
    fn groups_may_be_one_word_in_older_files() {
        let text = "info:\n  x-cortex-tag: a\n  title: a\n  x-cortex-service-groups: tier:2\n";
        assert_eq!(facts(text).catalog[0].tier.as_ref().unwrap().value, "2");
    }

    #[test]
    fn teams_are_parties_domains_are_nothing_and_settings_of_others_are_not_read() {
        let team = facts(
            "info: {title: P, x-cortex-tag: p, x-cortex-type: team, x-cortex-team: {members: [{name: kim}]}}\n",
        );
        assert_eq!((team.catalog.len(), team.parties[0].members.len()), (0, 1));
        assert_eq!(facts("info: {x-cortex-tag: p, x-cortex-type: domain}\n"), Facts::default());
        assert_eq!(facts("storage: {path: /x}\ninfo: {title: x}\n"), Facts::default());
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

    #[test]
    fn a_field_of_ones_own_may_tell_a_tool_from_a_service() {
        let kind = |fields: &str| {
            let text = format!(
                "openapi: 3.0.0\ninfo:\n  title: A\n  x-cortex-tag: a\n  x-cortex-type: \
                 service\n  x-cortex-custom-metadata: {fields}\n"
            );
            let facts = read(&Arc::from("cortex.yaml"), text.as_bytes());
            facts.catalog[0].kind.as_ref().unwrap().value.clone()
        };
        assert_eq!(kind("{cli: true, service: false}"), "cli");
        assert_eq!(kind("{cli: {value: true}}"), "cli");
        assert_eq!(kind("{cli: true, service: true}"), "service");
        assert_eq!(kind("{cli: false}"), "service");
    }
}
