//! Prometheus rules: plain rule files, `PrometheusRule` objects and their relatives, rule files
//! inside a `ConfigMap`, and the alert rules that Grafana is provisioned with.

mod rule;
mod settle;

use super::{Source, embedded};
use crate::tree::Node;
use crate::{Facts, Subject};

pub(super) use settle::settle;

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    let has = |signs: &[&str]| signs.iter().any(|sign| text.contains(sign));
    has(&["groups:", "\"groups\""])
        && has(&["alert:", "\"alert\"", "record:", "\"record\"", "condition:", "\"condition\""])
        && has(&["expr"])
}

/// Reads the document; `false`: it is not of this kind, or holds more than rules.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if take_groups(document.get("groups"), facts) {
        return true;
    }
    for object in embedded::objects(document) {
        if take_groups(object.at(&["spec", "groups"]), facts) {
            continue;
        }
        for (name, text) in embedded::files(object) {
            if !text.str().is_some_and(is_like) {
                continue;
            }
            for root in embedded::documents(name, text, Subject::Alerts, facts) {
                take_groups(root.get("groups"), facts);
            }
        }
    }
    document.at(&["spec", "groups"]).is_some_and(|groups| groups.items().iter().any(is_group))
}

/// Takes the rules of all groups; whether there is a group of rules at all.
fn take_groups(groups: Option<&Node>, facts: &mut Facts) -> bool {
    let groups = groups.map(Node::items).unwrap_or_default();
    for group in groups {
        let name = group.get("name").and_then(Node::str).unwrap_or_default();
        let rules = group.get("rules").map(Node::items).unwrap_or_default();
        for rule in rules {
            rule::take(name, rule, facts);
        }
    }
    groups.iter().any(is_group)
}

/// Whether rules stand in the group.
fn is_group(group: &Node) -> bool {
    let rules = group.get("rules").map(Node::items).unwrap_or_default();
    rules.iter().any(rule::is_rule)
}

#[cfg(test)]
mod tests;
