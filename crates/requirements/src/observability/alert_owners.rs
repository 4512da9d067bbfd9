//! Every alert has an owner and routes to a receiver that reaches one.

use crate::outcome::condensed;
use crate::prelude::*;
use crate::signal::{is_silent, labels, own, routers, without_own};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-owners",
    title: "every alert has an owner and routes to a receiver that reaches one",
    why: "An alert that no receiver delivers, or that nobody owns, fires for nobody.",
    remedy: "Label each alert with its owner, and route that label to a receiver with an integration.",
    references: &[
        Reference {
            title: "Alertmanager: configuration",
            url: "https://prometheus.io/docs/alerting/latest/configuration/",
        },
        Reference {
            title: "Alertmanager: routing",
            url: "https://prometheus.io/docs/alerting/latest/alertmanager/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring, Change::Owner],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Routes],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "Alertmanager (`/api/v2/status` and `/api/v2/receivers`): the receivers of each alert as it is configured now",
        ),
    ],
    cases: include_str!("alert_owners.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let routers = routers(scope);
    // What says itself that nobody has to see it may go nowhere.
    let loud = |alert: &&Alert| !is_silent(alert, &["none", "info", "informational"]);
    let alerts: Vec<&Alert> = own(scope).iter().copied().filter(loud).collect();
    let Some(first) = alerts.first() else {
        return Outcome::unknown(without_own(scope));
    };
    if routers.is_empty() {
        let owned = alerts.iter().filter(|alert| owner(alert).is_some()).count();
        return Outcome::Unknown(format!(
            "no Alertmanager configuration was found in the tree that tells where `{}` and its \
             like go; {owned} of {} alerts name an owner",
            first.name.value,
            alerts.len()
        ));
    }
    let each: Vec<Outcome> = alerts.iter().map(|alert| routed(alert, &routers, scope)).collect();
    Outcome::all(condensed(by_receiver(each)))
        .unwrap_or_else(|| Outcome::unknown(without_own(scope)))
}

/// Alerts that end at the same receiver or route have one cause, told at the first of them.
fn by_receiver(outcomes: Vec<Outcome>) -> Vec<Outcome> {
    let mut kept = Vec::new();
    let mut ends: Vec<(Finding, usize)> = Vec::new();
    for outcome in outcomes {
        let Outcome::Unmet(findings) = outcome else {
            kept.push(outcome);
            continue;
        };
        for finding in findings {
            let same = |(known, _): &&mut (Finding, usize)| {
                !finding.related.is_empty() && known.related == finding.related
            };
            match ends.iter_mut().find(same) {
                Some((_, more)) => *more += 1,
                None => ends.push((finding, 0)),
            }
        }
    }
    kept.extend(ends.into_iter().map(|(mut finding, more)| {
        match more {
            0 => {}
            1 => finding.message.push_str("; so does one more alert"),
            more => finding.message = format!("{}; so do {more} more alerts", finding.message),
        }
        Outcome::from(finding)
    }));
    kept
}

/// Where the alert goes by each of the configurations; which of them is in force is not known.
fn routed(alert: &Alert, routers: &[Router<'_>], scope: &Scope<'_>) -> Outcome {
    let labels = labels(alert);
    let all: Vec<Routed<'_>> = routers.iter().map(|it| it.receivers_of(&labels)).collect();
    let name = &alert.name.value;
    if let Some(matcher) = all.iter().flat_map(|routed| &routed.unjudged).next() {
        return Outcome::Unknown(format!(
            "a matcher on the way of `{name}` is no regular expression: `{}` (`{}` line {})",
            matcher.value, matcher.place.path, matcher.place.line
        ));
    }
    let lost: Vec<Finding> = all.iter().filter_map(|routed| lost(alert, routed)).collect();
    if lost.len() < all.len() {
        if lost.is_empty() {
            return owned(alert, &all, scope);
        }
        return Outcome::Unknown(format!(
            "one of the {} Alertmanager configurations of the tree delivers `{name}`, and another \
             does not",
            all.len()
        ));
    }
    let mut roots = scope.all.alertmanagers.iter().filter_map(|config| config.route.as_ref());
    if let Some(matcher) = roots.find_map(|route| open_matcher(route, &labels, 0)) {
        return Outcome::Unknown(format!(
            "by its labels `{name}` reaches nobody, unless its series bring the label `{}` that \
             a route asks for (`{}` line {})",
            matcher.label, matcher.place.path, matcher.place.line
        ));
    }
    Outcome::Unmet(lost.into_iter().take(1).collect())
}

/// The finding that nobody gets the alert, where it is so.
fn lost(alert: &Alert, routed: &Routed<'_>) -> Option<Finding> {
    let name = &alert.name;
    if routed.receivers.iter().any(|receiver| !receiver.integrations.is_empty()) {
        return None;
    }
    let help = "route it to a receiver that has an integration:\n\nreceivers:\n  \
                - name: <team>\n    pagerduty_configs:\n      - routing_key_file: <path>";
    if let Some(receiver) = routed.receivers.first() {
        let receiver = &receiver.name;
        let message = format!(
            "`{}` goes to receiver `{}`, which notifies nobody",
            name.value, receiver.value
        );
        return Some(
            Finding::at(&name.place, message).help(help).related(&receiver.place, "the receiver"),
        );
    }
    let finding = match routed.undeclared.first() {
        Some(receiver) => {
            let message = format!(
                "`{}` goes to receiver `{}`, which is not declared",
                name.value, receiver.value
            );
            Finding::at(&name.place, message).related(&receiver.place, "the route")
        }
        None => {
            Finding::at(&name.place, format!("no route of Alertmanager takes `{}`", name.value))
        }
    };
    Some(finding.help(help))
}

/// Labels that a rule sets and that no series brings.
static OF_RULES: &[&str] =
    &["alertname", "owner", "priority", "severity", "squad", "team", "urgency"];

/// Routes that are looked through, one inside the other.
const MOST_ROUTES_DEEP: usize = 32;

/// A condition of some route on a label that the alert may get from its series.
fn open_matcher<'a>(
    route: &'a Route,
    labels: &[(&str, &str)],
    depth: usize,
) -> Option<&'a Matcher> {
    let is_open = |matcher: &&Matcher| {
        let label = matcher.label.as_str();
        let value = labels.iter().find(|(known, _)| *known == label).map(|(_, value)| value);
        value.map_or(!OF_RULES.contains(&label), |value| value.contains("{{"))
    };
    // A route whose fixed conditions fail is closed, whatever the series bring.
    let is_closed = route.matchers.iter().any(|matcher| {
        !is_open(&matcher) && !matcher.is_regex && {
            let value = labels.iter().find(|(known, _)| *known == matcher.label);
            (value.map_or("", |(_, value)| value) == matcher.value) == matcher.is_negated
        }
    });
    if depth > MOST_ROUTES_DEEP || is_closed {
        return None;
    }
    let own = route.matchers.iter().find(is_open);
    own.or_else(|| route.routes.iter().find_map(|route| open_matcher(route, labels, depth + 1)))
}

static OWNERS: &[&str] = &["owner", "squad", "team", "tribe", "oncall", "on_call", "pagerduty"];

/// The label or annotation by which the alert names its owner.
fn owner(alert: &Alert) -> Option<&Placed<String>> {
    let texts = alert.labels.iter().chain(&alert.annotations);
    let is_owner = |key: &str| OWNERS.contains(&key.to_lowercase().as_str());
    texts
        .filter(|(key, _)| is_owner(key))
        .map(|(_, value)| value)
        .find(|value| !prose::is_placeholder(value))
}

/// The alert is delivered; somebody has to be its owner.
fn owned(alert: &Alert, routed: &[Routed<'_>], scope: &Scope<'_>) -> Outcome {
    let name = &alert.name;
    let receivers = routed.iter().flat_map(|routed| &routed.receivers);
    let receivers: Vec<String> = receivers.map(|it| format!("`{}`", it.name.value)).collect();
    let declared = scope.declaration.and_then(|declaration| declaration.owner.as_ref());
    let catalogued = scope.entries.iter().find_map(|entry| entry.owners.first());
    let owner = owner(alert).or(declared).or(catalogued);
    if let Some(owner) = owner {
        let message = format!(
            "`{}` belongs to `{}` and goes to {}",
            name.value,
            owner.value,
            receivers.join(", ")
        );
        return Outcome::met(&name.place, message);
    }
    let rules = Codeowners::in_force(&scope.all.codeowners);
    let rule = rules.and_then(|file| file.owners_of(&alert.place.path));
    match rule.filter(|rule| !rule.owners.is_empty()) {
        Some(rule) => Outcome::met(
            &rule.pattern.place,
            format!(
                "CODEOWNERS gives the file of `{}` to its owner, and it goes to {}",
                name.value,
                receivers.join(", ")
            ),
        ),
        None => Finding::at(
            &name.place,
            format!(
                "`{}` goes to {}, and nothing names its owner",
                name.value,
                receivers.join(", ")
            ),
        )
        .help("name the owner:\n\nlabels:\n  team: <team>")
        .into(),
    }
}
