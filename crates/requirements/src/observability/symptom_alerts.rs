//! Paging alerts fire on what users feel, not only on causes such as CPU.

use crate::outcome::condensed;
use crate::prelude::*;
use crate::signal::{
    Signal, concerning, mentions_service, names_service, own, pages, routers, signal, without_own,
};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/symptom-alerts",
    title: "paging alerts fire on what users feel, not only on causes such as CPU",
    why: "A page on CPU wakes people while users are fine, and stays silent while they are not.",
    remedy: "Page on what users feel (errors, latency, availability, the age of the queue), and leave CPU and memory to dashboards and tickets.",
    references: &[
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Monitoring],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("symptom_alerts.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let routers = routers(scope);
    let paging: Vec<&Alert> =
        own(scope).iter().copied().filter(|alert| pages(alert, &routers)).collect();
    let on_resources: Vec<Outcome> = paging
        .iter()
        .filter(|alert| signal(alert) == Signal::Resource)
        .map(|alert| on_resource(alert).into())
        .collect();
    if let Some(unmet) = Outcome::all(condensed(on_resources)) {
        return unmet;
    }
    let about: Vec<&Alert> =
        concerning(scope).into_iter().filter(|alert| pages(alert, &routers)).collect();
    let mut seen: Vec<Sighting> = about
        .iter()
        .filter(|alert| signal(alert) == Signal::Symptom)
        .map(|alert| Sighting::at(&alert.name.place, on_symptom(alert)))
        .collect();
    let generated = scope.objectives.iter().filter(|objective| objective.pages);
    seen.extend(generated.map(|objective| {
        let message =
            format!("the alerts of objective `{}` page on its budget", objective.name.value);
        Sighting::at(&objective.name.place, message)
    }));
    if seen.is_empty() { without_symptoms(scope, &about) } else { Outcome::Met(seen) }
}

fn on_symptom(alert: &Alert) -> String {
    let metrics: Vec<String> =
        alert.metrics.iter().take(3).map(|metric| format!("`{metric}`")).collect();
    format!("`{}` pages on {}", alert.name.value, metrics.join(", "))
}

fn on_resource(alert: &Alert) -> Finding {
    let message =
        format!("`{}` pages on CPU or memory alone, which no user feels", alert.name.value);
    let place = alert.expression.place.start();
    Finding::at(&place, message).help(
        "page on errors or latency instead, and let this one open a ticket:\n\nlabels:\n  \
         severity: warning",
    )
}

/// Whether nothing tells what it is about: of a metric of the service's own only its authors know.
fn is_unclear(alert: &Alert, scope: &Scope<'_>) -> bool {
    let metrics = alert.metrics.iter().map(String::as_str);
    signal(alert) == Signal::Unclear || mentions_service(metrics, "", scope)
}

/// No paging alert of the service is known to fire on a symptom.
fn without_symptoms(scope: &Scope<'_>, paging: &[&Alert]) -> Outcome {
    if scope.alerts.is_empty() {
        return Outcome::unknown(without_own(scope));
    }
    if let Some(alert) = paging.iter().find(|alert| is_unclear(alert, scope)) {
        return Outcome::Unknown(format!(
            "nothing tells whether users feel what `{}` pages on (`{}` line {})",
            alert.name.value, alert.place.path, alert.place.line
        ));
    }
    let mut named = paging.iter().filter(|alert| scope.is_only_one || names_service(alert, scope));
    let Some(first) = named.next() else {
        return Outcome::unknown(
            "no alert of it says that it pages (`severity: critical` or `severity: page`), and no \
             Alertmanager configuration of the tree routes one to a pager",
        );
    };
    let message = match paging.len() {
        1 => format!("`{}`, the only paging alert, fires on a cause", first.name.value),
        count => format!(
            "`{}` and all other paging alerts ({count} in all) fire on causes",
            first.name.value
        ),
    };
    Finding::at(&first.name.place, message).help(HELP).into()
}

const HELP: &str = "page on what users feel:\n\n- alert: TooManyErrors\n  expr: |\n    \
    sum(rate(http_requests_total{code=~\"5..\"}[5m])) / sum(rate(http_requests_total[5m])) > 0.01\n  \
    for: 5m\n  labels: {severity: page}";
