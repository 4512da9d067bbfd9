//! Alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage.

use crate::prelude::*;
use crate::signal::{
    Signal, concerning, counts_others, has_word, is_availability, names_service, signal,
    without_own,
};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/degradation-alerts",
    title: "alerts fire on degradation (p99 up by half, errors over 1 %), not only on outage",
    why: "Most outages begin as a degradation; an alert that waits until everything is down gives that time away.",
    remedy: "Alert while it is only getting worse: on a quantile of latency, and on an error ratio of a few percent or less.",
    references: &[
        Reference {
            title: "Google SRE workbook: alerting on SLOs",
            url: "https://sre.google/workbook/alerting-on-slos/",
        },
        Reference {
            title: "Google SRE book: monitoring distributed systems",
            url: "https://sre.google/sre-book/monitoring-distributed-systems/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("degradation_alerts.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let alerts = concerning(scope);
    let mut seen: Vec<Sighting> = alerts
        .iter()
        .filter_map(|alert| match degree(alert) {
            Degree::Degradation(what) => Some(Sighting::at(&alert.expression.place, what)),
            Degree::Outage(_) | Degree::Unclear => None,
        })
        .collect();
    let generated = scope.objectives.iter().filter(|objective| objective.generates_alerts);
    seen.extend(generated.map(|objective| {
        let name = &objective.name;
        Sighting::at(&name.place, format!("objective `{}` alerts on its burn rate", name.value))
    }));
    if seen.is_empty() { only_outages(scope, &alerts) } else { Outcome::Met(seen) }
}

fn only_outages(scope: &Scope<'_>, alerts: &[&Alert]) -> Outcome {
    if scope.alerts.is_empty() {
        return Outcome::unknown(without_own(scope));
    }
    let is_unclear = |alert: &&&Alert| {
        matches!(degree(alert), Degree::Unclear)
            && matches!(signal(alert), Signal::Symptom | Signal::Unclear)
    };
    if let Some(alert) = alerts.iter().find(is_unclear) {
        return Outcome::Unknown(format!(
            "nothing tells whether `{}` fires before an outage (`{}` line {})",
            alert.name.value, alert.place.path, alert.place.line
        ));
    }
    // An outage of what all share says nothing of how this service is watched.
    let own = alerts.iter().filter(|alert| scope.is_only_one || names_service(alert, scope));
    let outage = own.into_iter().find_map(|alert| match degree(alert) {
        Degree::Outage(what) => Some((alert, what)),
        Degree::Degradation(_) | Degree::Unclear => None,
    });
    let Some((alert, what)) = outage else {
        return Outcome::unknown(
            "no alert on errors, latency or availability of it was found in the tree",
        );
    };
    let message = format!("no alert fires on degradation: {what}");
    Finding::at(&alert.expression.place.start(), message).help(HELP).into()
}

const HELP: &str = "alert while it is only getting worse:\n\n- alert: SlowRequests\n  expr: |\n    \
    histogram_quantile(0.99, sum by (le) (rate(http_request_duration_seconds_bucket[5m]))) > 0.5\n\
    - alert: Errors\n  expr: |\n    sum(rate(http_requests_total{code=~\"5..\"}[5m])) / \
    sum(rate(http_requests_total[5m])) > 0.01";

/// How bad it is when an alert fires, as a clause.
enum Degree {
    Degradation(String),
    Outage(String),
    Unclear,
}

/// The largest share of failed requests that is a degradation and not an outage.
const LARGEST_SHARE: f64 = 0.05;

fn degree(alert: &Alert) -> Degree {
    let name = &alert.name.value;
    if signal(alert) != Signal::Symptom {
        return Degree::Unclear;
    }
    let has = |words: &[&str]| alert.metrics.iter().any(|metric| has_word(metric, words));
    if has(&["slo", "sli", "burn", "burnrate", "budget"])
        || alert.windows_s.len() > 1 && is_ratio(alert)
    {
        return Degree::Degradation(format!("`{name}` fires on a burn rate"));
    }
    if is_latency(alert) {
        return Degree::Degradation(format!("`{name}` fires on latency"));
    }
    if has(&["up"]) || alert.metrics.iter().all(|metric| metric == "probe_success") {
        return Degree::Outage(format!("`{name}` fires only when it is down"));
    }
    if let Some(share) = share(alert) {
        let percent = percent(share);
        return if share <= LARGEST_SHARE {
            Degree::Degradation(format!("`{name}` fires on errors over {percent} %"))
        } else {
            Degree::Outage(format!("`{name}` waits until {percent} % of the requests fail"))
        };
    }
    let is_availability = alert.metrics.iter().all(|metric| is_availability(metric));
    let is_absence = alert.expression.contains("absent");
    if is_absence || is_availability {
        return Degree::Outage(format!("`{name}` fires only when it is down"));
    }
    Degree::Unclear
}

fn is_ratio(alert: &Alert) -> bool {
    alert.expression.contains('/')
        || alert.metrics.iter().any(|m| has_word(m, &["percent", "percentage", "ratio", "share"]))
}

/// Whether it reads a time that requests take or that work waits for.
fn is_latency(alert: &Alert) -> bool {
    let is_time = |metric: &String| {
        let is_count = metric.ends_with("_count") || metric.ends_with("_total");
        !is_count && !counts_others(metric) && is_time_of_users(metric)
    };
    alert.expression.contains("quantile") || alert.metrics.iter().any(is_time)
}

fn is_time_of_users(metric: &str) -> bool {
    let is_of_requests = ["request", "requests", "response", "responses", "probe"];
    let is_probe_of_certificates = metric.starts_with("probe_ssl");
    has_word(metric, TIMES)
        || has_word(metric, &["milliseconds", "ms", "seconds"])
            && has_word(metric, &is_of_requests)
            && !is_probe_of_certificates
}

static TIMES: &[&str] =
    &["age", "apdex", "delay", "duration", "lag", "latencies", "latency", "oldest", "staleness"];

/// The share of requests that have to fail for it to fire.
fn share(alert: &Alert) -> Option<f64> {
    let is_below = alert.expression.contains('<');
    let limits = alert.thresholds.iter().copied().filter(|limit| *limit > 0.0);
    let limits: Vec<f64> = limits.filter(|_| is_ratio(alert)).collect();
    let is_percentage = alert.expression.contains("100")
        || alert.metrics.iter().any(|metric| has_word(metric, &["percent", "percentage"]));
    let shares = limits.into_iter().filter_map(|limit| {
        let limit = if is_percentage && limit >= 0.1 { limit / 100.0 } else { limit };
        let limit = if is_below && limit >= 0.5 { 1.0 - limit } else { limit };
        (limit > 0.0 && limit < 1.0).then_some(limit)
    });
    shares.reduce(f64::min)
}

/// A share in percent, without noise behind the third digit.
fn percent(share: f64) -> f64 {
    (share * 100_000.0).round() / 1_000.0
}
