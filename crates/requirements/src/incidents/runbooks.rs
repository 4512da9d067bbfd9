//! The likeliest failures have runbooks, linked from their alerts.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::runbook::{naming, outside, runbooks, says_something};
use crate::outcome::condensed;
use crate::prelude::*;
use crate::runbook_link::runbook_link;
use crate::signal::{is_on_pods, own};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbooks",
    title: "the likeliest failures have runbooks, linked from their alerts",
    why: "At 2 AM nobody should have to work out from scratch what to do about a failure that \
          everybody saw coming.",
    remedy: "Write a runbook for each alert and for the loss of each dependency, and link it \
             from the alert's `runbook_url`.",
    references: &[
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
        Reference {
            title: "Prometheus Operator: runbooks",
            url: "https://runbooks.prometheus-operator.dev/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Document, Change::Monitoring, Change::Dependency],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents, Subject::Alerts, Subject::Declaration],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("runbooks.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let runbooks = runbooks(scope);
    let outside = outside(scope);
    let alerts = scope.alerts.iter().copied();
    let own: HashSet<&Place> = own(scope).iter().map(|alert| &alert.place).collect();
    let is_its = |alert: &&Alert| is_on_pods(alert) || own.contains(&alert.place);
    let paging = alerts.filter(is_its).filter(|alert| !is_informative(alert));
    let (by_alert, bare) = by_alert(paging, scope);
    let dependencies = scope.declaration.and_then(|declaration| declaration.dependencies.as_ref());
    let by_dependency = dependencies.into_iter().flatten();
    let by_dependency = by_dependency.map(|d| of_dependency(d, &runbooks, outside));
    let by_dependency: Vec<Outcome> = by_dependency.collect();
    let nothing_to_cover = by_alert.is_empty() && bare.is_empty() && dependencies.is_none();
    let judged = [by_alert, by_dependency].into_iter().flat_map(condensed).chain(bare);
    let judged = Outcome::all(judged);
    judged.unwrap_or_else(|| match (runbooks.as_slice(), outside) {
        ([], Some(link)) => Outcome::Unknown(format!("{}, which was not read", points_to(link))),
        ([], None) => Outcome::unknown(
            "no runbook was found: write them under docs/runbooks/, or say under `links: \
             {runbooks: …}` in gonogo.yaml where they stand",
        ),
        ([first, ..], _) if nothing_to_cover => Outcome::Unknown(format!(
            "`{}` is there, but neither alerts nor dependencies are known that runbooks have to \
             cover: list the dependencies in gonogo.yaml",
            first.place.path
        )),
        ([first, ..], _) => Outcome::met(&first.place, counted(runbooks.len(), "runbook")),
    })
}

fn points_to(link: &Placed<String>) -> String {
    format!("`{}` (line {}) points to {}", link.place.path, link.place.line, link.value)
}

/// Alerts that wake nobody, and those that fire all the time to show that alerting works.
fn is_informative(alert: &Alert) -> bool {
    let severity = alert.labels.iter().find(|(key, _)| key == "severity");
    severity.is_some_and(|(_, value)| {
        ["none", "info", "informational", "debug"].contains(&value.to_lowercase().as_str())
    })
}

/// What is said of each alert that leads to a runbook, and of the others: that each of these links none
/// is told by `observability/alert-runbooks`, here they are told once for each file.
fn by_alert<'a>(
    alerts: impl Iterator<Item = &'a Alert>,
    scope: &Scope<'a>,
) -> (Vec<Outcome>, Vec<Outcome>) {
    let mut judged = Vec::new();
    let mut told: HashSet<&str> = HashSet::new();
    let mut bare: BTreeMap<&str, Vec<&Alert>> = BTreeMap::new();
    // Many alerts link to few pages.
    let mut speaking: HashMap<&str, bool> = HashMap::new();
    let mut says = |runbook: &'a Document| {
        *speaking.entry(&runbook.place.path).or_insert_with(|| says_something(runbook))
    };
    for alert in alerts {
        match of_alert(alert, scope, &mut says) {
            Some(outcome) => judged.push(outcome),
            None if told.insert(&alert.name.value) => {
                bare.entry(&alert.name.place.path).or_default().push(alert);
            }
            None => {}
        }
    }
    (judged, bare.into_values().filter_map(|alerts| of_file(&alerts)).collect())
}

/// The alerts of a file that lead to no runbook. How many they are is left out of the message, so that
/// it stays the same while they become fewer.
fn of_file(alerts: &[&Alert]) -> Option<Outcome> {
    let (first, others) = alerts.split_first()?;
    let message = "no runbook is linked from, or names, alerts of this file";
    let finding = Finding::at(&first.name.place, message).help(HELP);
    let finding = others.iter().take(MOST_NAMED).fold(finding, |finding, alert| {
        finding.related(&alert.name.place, format!("nor `{}`", alert.name.value))
    });
    Some(finding.into())
}

/// Alerts of a file that are named beside the first which leads to no runbook.
const MOST_NAMED: usize = 5;

const HELP: &str = "write the runbook and link it:\n\nannotations:\n  runbook_url: <address>";

/// Whether the alert leads to a runbook that `says` something: by its link, or by a runbook that names it;
/// `None`: it leads to none.
fn of_alert<'a>(
    alert: &Alert,
    scope: &Scope<'a>,
    says: &mut dyn FnMut(&'a Document) -> bool,
) -> Option<Outcome> {
    let name = &alert.name.value;
    let link = runbook_link(alert).filter(|(_, link)| !prose::is_placeholder(link));
    let finding = |place: &Place, message: String| -> Outcome {
        Finding::at(place, message).help(HELP).into()
    };
    let Some((_, link)) = link else {
        let runbook = naming(alert, scope).find(|runbook| covers(runbook, &[name]))?;
        return Some(Outcome::met(&runbook.place, format!("a runbook names `{name}`")));
    };
    Some(match follow(&link, alert.place.folder(), &scope.sitemap) {
        Target::Document(runbook) if !says(runbook) => {
            finding(&link.place, format!("the runbook of alert `{name}` says nothing"))
        }
        Target::NoAnchor(runbook) => finding(
            &link.place,
            format!(
                "the runbook of alert `{name}` has no such heading in `{}`",
                runbook.place.path
            ),
        ),
        Target::Nowhere => finding(
            &link.place,
            format!("the runbook of alert `{name}` does not exist: `{}`", link.value),
        ),
        Target::Document(_) | Target::File | Target::Outside | Target::Unclear => {
            Outcome::met(&link.place, format!("alert `{name}` links `{}`", link.value))
        }
    })
}

/// Whether some runbook is about the failure of the dependency.
fn of_dependency(
    dependency: &Dependency,
    runbooks: &[&Document],
    outside: Option<&Placed<String>>,
) -> Outcome {
    let name = &dependency.name.value;
    let kind = dependency.kind.as_ref().map_or("", |kind| kind.value.as_str());
    let covering = runbooks
        .iter()
        .find(|runbook| covers(runbook, &[name]) || is_titled(runbook, other_names(kind)));
    match (covering, outside, runbooks) {
        (Some(runbook), ..) => {
            Outcome::met(&runbook.place, format!("a runbook covers dependency `{name}`"))
        }
        (None, Some(link), _) => Outcome::Unknown(format!(
            "no runbook here covers dependency `{name}`; {}, which was not read",
            points_to(link)
        )),
        (None, None, []) => Outcome::Unknown(format!(
            "no runbook was found that covers dependency `{name}`: write it under docs/runbooks/, \
             or say under `links: {{runbooks: …}}` in gonogo.yaml where it stands"
        )),
        (None, None, _) => {
            let message = format!("no runbook covers dependency `{name}`");
            Finding::at(&dependency.name.place, message)
                .help("write what to do when it is down, slow, or out of connections")
                .into()
        }
    }
}

/// What a datastore is called in a runbook's title beside its name.
fn other_names(kind: &str) -> &'static [&'static str] {
    match kind {
        "postgres" => &["database", "postgres", "postgresql"],
        "mysql" => &["database", "mariadb", "mysql"],
        "redis" => &["cache", "redis", "valkey"],
        "amqp" => &["amqp", "broker", "rabbitmq"],
        "kafka" => &["broker", "kafka"],
        "nats" => &["broker", "nats"],
        _ => &[],
    }
}

/// Whether the runbook is about `names`: in its title, a heading, or a sentence about a failure.
fn covers(runbook: &Document, names: &[&str]) -> bool {
    let names: Vec<String> = names.iter().map(|name| prose::plain(name)).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let is_about = |text: &str| prose::mentions(text, &names) && prose::mentions(text, FAILURES);
    is_titled(runbook, &names)
        || runbook.sections.iter().any(|section| {
            prose::mentions(&section.title, &names) || prose::sentences(&section.text).any(is_about)
        })
}

fn is_titled(runbook: &Document, names: &[&str]) -> bool {
    let title = runbook.title.as_ref().is_some_and(|title| prose::mentions(title, names));
    says_something(runbook) && (title || prose::mentions(runbook.place.file_name(), names))
}

static FAILURES: &[&str] = &[
    "alert*",
    "connection",
    "crash*",
    "degrad*",
    "down",
    "error",
    "fail*",
    "fires",
    "firing",
    "full",
    "lag",
    "latency",
    "lost",
    "outage",
    "restart*",
    "restor*",
    "slow",
    "stuck",
    "timeout",
    "timed out",
    "unavailable",
    "unreachable",
];
