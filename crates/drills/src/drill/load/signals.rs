//! observability/golden-signals: throughput, errors, latency and saturation are in the service's own metrics, and agree with what was sent.

use std::collections::BTreeMap;

use model::counted_as;

use super::promise::{float, percent};
use crate::telemetry::{Exposition, Kind, Sample};
use crate::{Proof, Shortfall, Subject};

const REQUIREMENT: &str = "observability/golden-signals";
/// How far the service's own count may be from what was sent.
const AGREES: f64 = 0.02;
/// Requests without which a count says nothing.
const FEWEST: u64 = 200;

/// What the service counted and what was sent between two scrapes.
#[derive(Debug)]
pub(super) struct Counted<'a> {
    /// Before the load.
    pub(super) before: &'a Exposition,
    /// While it ran.
    pub(super) meanwhile: &'a Exposition,
    /// After it.
    pub(super) after: &'a Exposition,
    /// Requests that were sent and answered.
    pub(super) sent: u64,
}

/// Judges what the metrics say.
pub(super) fn golden_signals(counted: &Counted<'_>) -> Proof {
    if counted.sent < FEWEST {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{} too few to compare counts",
                counted_as(counted.sent, "request is", "requests are")
            ),
        );
    }
    let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
    let mut short = |message: String, help: &str| {
        shortfalls.push(Shortfall { about: Subject::Service, message, help: help.to_owned() });
    };
    let increases = increases(counted);
    match closest(&increases, counted.sent) {
        Some((name, by)) if (by - float(counted.sent)).abs() <= AGREES * float(counted.sent) => {
            seen.push(format!(
                "throughput: `{name}` grew by {by:.0} while {} requests were sent",
                counted.sent
            ));
        }
        Some((name, by)) => short(
            format!(
                "no count of requests agrees with what was sent: `{name}` comes closest and grew by {by:.0} while {} were sent, {} % off",
                counted.sent,
                percent((by / float(counted.sent) - 1.0).abs())
            ),
            "count each request once, at its end, whatever its path and status",
        ),
        None => short(
            "no counter of requests moved under load".to_owned(),
            "count requests in a counter by route and status, such as `http_requests_total`",
        ),
    }
    match histogram(counted) {
        Some(name) => seen.push(format!("latency: `{name}` is a distribution that moved")),
        None => short(
            "no distribution of latency moved under load".to_owned(),
            "observe each request's time in a histogram, such as `http_request_duration_seconds`",
        ),
    }
    match errors(counted.after, &increases) {
        Some(name) => seen.push(format!("errors: {name}")),
        None => short(
            "nothing tells failed requests from good ones".to_owned(),
            "give the count of requests a label with the status, or count errors by themselves",
        ),
    }
    match saturation(counted) {
        Some(name) => seen.push(format!("saturation: `{name}`")),
        None => short(
            "no gauge tells how full the service is".to_owned(),
            "export what runs full first: requests in flight, connections in use, queue length",
        ),
    }
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

/// How much each counter of requests grew, summed over all labels.
fn increases(counted: &Counted<'_>) -> BTreeMap<String, f64> {
    let total = |scrape: &Exposition| {
        let mut totals: BTreeMap<String, f64> = BTreeMap::new();
        for sample in scrape.samples.iter().filter(|sample| is_count(scrape, sample)) {
            *totals.entry(sample.name.clone()).or_default() += sample.value;
        }
        totals
    };
    let before = total(counted.before);
    total(counted.after)
        .into_iter()
        .map(|(name, value)| {
            let by = value - before.get(&name).copied().unwrap_or(0.0);
            (name, by)
        })
        .filter(|(_, by)| *by > 0.0)
        .collect()
}

/// Whether it counts things that users do: a counter or a histogram's count whose name speaks of requests.
fn is_count(scrape: &Exposition, sample: &Sample) -> bool {
    let kind = scrape.kind(&sample.name);
    let is_counting = sample.name.ends_with("_count")
        && matches!(kind, Some(Kind::Histogram | Kind::Summary))
        || kind == Some(Kind::Counter)
        || (kind.is_none() && (sample.name.ends_with("_total") || sample.name.ends_with("_count")));
    let name = sample.name.to_ascii_lowercase();
    is_counting
        && ["request", "http", "server", "rpc", "call", "handled", "response"]
            .iter()
            .any(|word| name.contains(word))
}

fn closest(increases: &BTreeMap<String, f64>, sent: u64) -> Option<(&str, f64)> {
    let off = |by: f64| (by - float(sent)).abs();
    increases
        .iter()
        .map(|(name, by)| (name.as_str(), *by))
        .min_by(|one, other| off(one.1).total_cmp(&off(other.1)))
}

/// A histogram or summary of time that grew.
fn histogram(counted: &Counted<'_>) -> Option<String> {
    let kinds = &counted.after.kinds;
    let is_of_time = |name: &str| {
        ["duration", "latency", "seconds", "time", "millis", "_ms"]
            .iter()
            .any(|word| name.contains(word))
    };
    let total = |scrape: &Exposition, name: &str| -> f64 {
        let count = format!("{name}_count");
        scrape.samples.iter().filter(|sample| sample.name == count).map(|sample| sample.value).sum()
    };
    kinds
        .iter()
        .filter(|(name, kind)| matches!(kind, Kind::Histogram | Kind::Summary) && is_of_time(name))
        .map(|(name, _)| name)
        .find(|name| total(counted.after, name) > total(counted.before, name))
        .cloned()
}

/// What tells failures apart.
fn errors(after: &Exposition, increases: &BTreeMap<String, f64>) -> Option<String> {
    let labelled = after.samples.iter().find(|sample| {
        increases.contains_key(&sample.name)
            && sample.labels.iter().any(|(name, _)| {
                matches!(
                    name.as_str(),
                    "status"
                        | "code"
                        | "status_code"
                        | "http_status_code"
                        | "http_response_status_code"
                        | "status_class"
                        | "grpc_code"
                        | "outcome"
                        | "result"
                        | "error"
                        | "success"
                        | "exception"
                )
            })
    });
    if let Some(sample) = labelled {
        return Some(format!("`{}` has the status as a label", sample.name));
    }
    let is_error = |name: &str| {
        let name = name.to_ascii_lowercase();
        ["error", "fail", "exception", "5xx"].iter().any(|word| name.contains(word))
    };
    let counter = after
        .samples
        .iter()
        .find(|sample| is_error(&sample.name) && after.kind(&sample.name) != Some(Kind::Gauge));
    counter.map(|sample| format!("`{}`", sample.name))
}

/// A gauge that tells how full something is.
fn saturation(counted: &Counted<'_>) -> Option<String> {
    let is_fullness = |name: &str| {
        let name = name.to_ascii_lowercase();
        [
            "in_flight",
            "inflight",
            "in_progress",
            "active",
            "in_use",
            "busy",
            "pending",
            "queue",
            "pool",
            "open_fds",
            "connections",
            "utilization",
            "saturation",
            "usage",
            "goroutines",
            "threads",
            "workers",
            "resident_memory",
            "eventloop_lag",
            "memory_used",
            "heap",
        ]
        .iter()
        .any(|word| name.contains(word))
    };
    let gauges = counted.meanwhile.samples.iter().chain(&counted.after.samples);
    gauges
        .filter(|sample| {
            let kind = counted.after.kind(&sample.name);
            (kind.is_none() || matches!(kind, Some(Kind::Gauge | Kind::Other)))
                && is_fullness(&sample.name)
        })
        .map(|sample| sample.name.clone())
        .next()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn scrape(count: u32, has_rest: bool) -> Exposition {
        let count_and_errors = format!(
            "# TYPE http_requests_total counter\nhttp_requests_total{{status=\"200\"}} {count}\nhttp_requests_total{{status=\"500\"}} 0\n"
        );
        let rest = format!(
            "# TYPE http_request_duration_seconds histogram\nhttp_request_duration_seconds_bucket{{le=\"+Inf\"}} {count}\nhttp_request_duration_seconds_count {count}\n# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight 3\n"
        );
        let text = if has_rest { count_and_errors + &rest } else { count_and_errors };
        crate::telemetry::read_exposition(&text)
    }

    fn judged(by: u32, has_rest: bool) -> Proof {
        let (before, after) = (scrape(10, has_rest), scrape(10 + by, has_rest));
        golden_signals(&Counted { before: &before, meanwhile: &before, after: &after, sent: 1000 })
    }

    #[test]
    fn counts_that_agree_are_kept() {
        assert_eq!(judged(1005, true).outcome, Outcome::Kept);
    }

    #[test]
    fn a_count_of_every_second_request_is_found() {
        let Outcome::FellShort(shortfalls) = judged(500, true).outcome else { panic!() };
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].message.contains("50 % off"), "{shortfalls:?}");
    }

    #[test]
    fn each_signal_that_is_missing_is_told() {
        let Outcome::FellShort(shortfalls) = judged(1000, false).outcome else { panic!() };
        let messages: Vec<_> = shortfalls.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(
            messages,
            [
                "no distribution of latency moved under load",
                "no gauge tells how full the service is"
            ]
        );
        let empty = Exposition::default();
        let nothing = Counted { before: &empty, meanwhile: &empty, after: &empty, sent: 1000 };
        let Outcome::FellShort(shortfalls) = golden_signals(&nothing).outcome else { panic!() };
        assert_eq!(shortfalls.len(), 4);
    }
}
