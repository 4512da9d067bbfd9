//! A component: what it says, and what Backstage would refuse.

use model::Placed;

use super::{rules, spec, texts};
use crate::catalog::repository_at;
use crate::read::Source;
use crate::tree::{Node, Value};
use crate::{CatalogEntry, CatalogFormat, Link, Topic, tier_of};

/// Annotations that link to what they are about, the most telling first.
const LINKS: &[(&str, Topic)] = &[
    ("grafana/dashboard-selector", Topic::Dashboard),
    ("grafana/overview-dashboard", Topic::Dashboard),
    ("grafana/dashboard-url", Topic::Dashboard),
    ("datadoghq.com/dashboard-url", Topic::Dashboard),
    ("datadoghq.com/slo_tag", Topic::Objective),
    ("backstage.io/techdocs-ref", Topic::Documentation),
    ("backstage.io/source-location", Topic::Repository),
    ("github.com/project-slug", Topic::Repository),
    ("gitlab.com/project-slug", Topic::Repository),
    ("bitbucket.org/project-slug", Topic::Repository),
    ("dev.azure.com/project-repo", Topic::Repository),
];

/// Annotations that name who is called. `opsgenie.com/component-selector` selects alerts to show, and
/// names nobody.
const ON_CALL: &[&str] =
    &["pagerduty.com/service-id", "opsgenie.com/team", "splunk.com/on-call-team"];

/// The annotation that selects the workloads of a component.
const SELECTOR: &str = "backstage.io/kubernetes-label-selector";

/// A key that lets whoever knows it raise alarms: that it is there says enough.
const INTEGRATION_KEY: &str = "pagerduty.com/integration-key";

/// Last parts of labels and annotations that tell the tier.
const TIERS: [&str; 4] = ["tier", "service-tier", "criticality", "business-criticality"];

/// The entry of a component.
pub(super) fn component(source: Source<'_>, document: &Node) -> CatalogEntry {
    let place = document.place.start();
    let metadata = document.get("metadata");
    let name = metadata.and_then(|metadata| metadata.string("name"));
    let is_named = name.is_some();
    let name =
        name.unwrap_or_else(|| Placed::new(source.fallback_name().to_owned(), place.clone()));
    let mut entry = CatalogEntry::new(CatalogFormat::Backstage, name, place.clone());
    let version = document.get("apiVersion").and_then(Node::str).unwrap_or_default();
    if !version.starts_with("backstage.io/") {
        entry.complain(&place, "`apiVersion` is not one of Backstage: `backstage.io/v1alpha1`");
    }
    if let Some(kind) = document.get("kind").filter(|kind| is_blank(kind)) {
        entry.complain(&kind.place, "`kind` is empty: write `Component`");
    }
    if !is_named {
        let place = document.key("metadata").map_or(&place, |key| &key.place);
        entry.complain(place, "`metadata.name` is missing");
    }
    if let Some(metadata) = metadata {
        read_metadata(metadata, &mut entry);
    }
    match document.get("spec") {
        Some(node) if matches!(node.value, Value::Mapping(_)) => {
            spec::read(document, node, &mut entry);
        }
        _ => {
            let place = document.key("spec").map_or(&place, |key| &key.place);
            entry.complain(place, "`spec` is missing, with `type`, `lifecycle` and `owner`");
        }
    }
    entry.troubles.sort_by_key(|trouble| (trouble.place.line, trouble.place.column));
    entry
}

/// Whether `kind` was left empty in what reads like a component: it has an owner and a lifecycle.
pub(super) fn lacks_kind(document: &Node) -> bool {
    let has = |key: &str| document.get("spec").is_some_and(|spec| spec.get(key).is_some());
    document.get("kind").is_some_and(is_blank) && has("owner") && has("lifecycle")
}

fn is_blank(node: &Node) -> bool {
    node.is_null() || node.str().is_some_and(|text| text.trim().is_empty())
}

/// `a` and `b` of `a=b,c=d`; other comparisons tell of no label for sure.
fn equalities(selector: &str) -> Vec<(String, String)> {
    let pairs = selector.split(',').filter_map(|pair| pair.split_once('='));
    pairs
        .map(|(label, value)| (label.trim(), value.trim_start_matches('=').trim()))
        .filter(|(label, _)| !label.is_empty() && !label.ends_with('!'))
        .map(|(label, value)| (label.to_owned(), value.to_owned()))
        .collect()
}

fn read_metadata(metadata: &Node, entry: &mut CatalogEntry) {
    entry.title = metadata.string("title");
    entry.description = metadata.string("description");
    let name = &entry.name;
    let is_number = metadata.get("name").is_some_and(|name| name.float().is_some());
    let trouble = if is_number {
        Some(format!("`metadata.name` is a number: put `{}` in quotes", **name))
    } else {
        // A fallback is none of the file's doing.
        let is_written = metadata.get("name").is_some_and(|name| name.str().is_some());
        (is_written && !rules::is_name(name)).then(|| {
            format!("`{}` is no name: at most 63 letters, digits, `-`, `_` and `.`", **name)
        })
    };
    if let Some(trouble) = trouble {
        let place = entry.name.place.clone();
        entry.complain(&place, trouble);
    }
    let namespace = metadata.string("namespace");
    if let Some(wrong) = namespace.as_ref().filter(|text| !rules::is_namespace(text)) {
        let trouble = format!("`{}` is no namespace: lower-case letters, digits and `-`", **wrong);
        entry.complain(&wrong.place, trouble);
    }
    entry.namespace = namespace.map(|namespace| namespace.value).filter(|name| name != "default");
    for tag in texts(metadata, "tags") {
        if !rules::is_tag(&tag) {
            let trouble =
                format!("`{}` is no tag: lower-case letters, digits, `+`, `#`, `:` and `-`", *tag);
            entry.complain(&tag.place, trouble);
        }
        if entry.tier.is_none() && tag.starts_with("tier") && tier_of(&tag).is_some() {
            entry.tier = Some(tag);
        }
    }
    if let Some(selector) = metadata.at(&["annotations", SELECTOR]).and_then(Node::str) {
        entry.selector = equalities(selector);
    }
    for key in ["labels", "annotations"] {
        let Some(node) = metadata.get(key) else { continue };
        for (name, _, value) in node.entries() {
            read_annotation(key, name, value, entry);
        }
    }
    read_links(metadata, entry);
}

fn read_annotation(kind: &str, name: &str, value: &Node, entry: &mut CatalogEntry) {
    let Some(text) = value.str() else {
        let trouble = format!("`{name}` in {kind} is not a text");
        entry.complain(&value.place, trouble);
        return;
    };
    if value.float().is_some() || matches!(text, "true" | "false") && value.bool().is_some() {
        let trouble = format!("`{name}` in {kind} is not a text: put `{text}` in quotes");
        entry.complain(&value.place, trouble);
    }
    let placed = Placed::new(text.to_owned(), value.place.clone());
    let last = name.rsplit('/').next().unwrap_or(name);
    if TIERS.contains(&last) && entry.tier.as_ref().is_none_or(|tier| tier_of(tier).is_none()) {
        entry.tier = Some(placed.clone());
    }
    if name.ends_with("/project-slug") {
        // The plug-in reads no more than the first two; people write on.
        let folder = text.splitn(3, '/').nth(2).map(|folder| folder.trim_matches('/'));
        entry.folder = folder.filter(|folder| !folder.is_empty()).map(str::to_owned);
    }
    if let Some((_, topic)) = LINKS.iter().find(|(known, _)| *known == name) {
        let url = address(name, placed);
        entry.links.push(Link { topic: *topic, title: Some(name.to_owned()), url });
    } else if ON_CALL.contains(&name) {
        entry.on_call = Some(placed);
    } else if name == INTEGRATION_KEY && entry.on_call.is_none() {
        entry.on_call = Some(Placed::new("PagerDuty integration".to_owned(), placed.place));
    } else if last == "runbook" || last == "runbook-url" {
        entry.links.push(Link { topic: Topic::Runbook, title: Some(name.to_owned()), url: placed });
    }
}

/// Where an annotation points to: `dir:./docs` and `url:https://…` without what they start with,
/// and a repository at its host.
fn address(name: &str, value: Placed<String>) -> Placed<String> {
    let Placed { value: text, place } = value;
    let bare = text.strip_prefix("dir:").or_else(|| text.strip_prefix("url:")).unwrap_or(&text);
    let value = Placed::new(bare.to_owned(), place);
    match name.split_once('/') {
        Some((host, "project-slug")) => repository_at(host, value),
        _ => value,
    }
}

fn read_links(metadata: &Node, entry: &mut CatalogEntry) {
    for link in metadata.get("links").map_or(&[][..], Node::items) {
        let Some(url) = link.string("url") else {
            entry.complain(&link.place.start(), "a link has no `url`");
            continue;
        };
        let kind = link.get("type").or_else(|| link.get("icon")).and_then(Node::str);
        entry.add_link(kind, link.get("title").and_then(Node::str), url);
    }
}
