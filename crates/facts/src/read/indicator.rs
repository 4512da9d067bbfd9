//! What an objective measures, judged by its queries and its name.

use std::sync::LazyLock;

use model::Placed;
use regex::Regex;

use crate::Indicator;
use crate::tree::Node;

/// The bound of a histogram's bucket.
static BOUND: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"\ble\s*=~?\s*["']([0-9.]+)["']"#).ok());

/// Labels that tell how a request ended, and metrics that count how it did.
static ENDING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let label = r"(code|status|status_class|result|outcome|severity)[a-z_]*\s*(=|!)";
    let metric = r"error|fail|success|5xx|exception|\bup\b|dropped|rejected";
    Regex::new(&format!("(?i){label}|{metric}")).ok()
});

/// Words for how long something takes.
const SLOW: [&str; 6] =
    ["latency", "latencies", "duration", "response time", "response-time", "slow"];

/// Words for whether something works.
const WORKING: [&str; 6] = ["availab", "error", "success", "uptime", "failure", "5xx"];

/// What an objective measures.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Judged {
    pub(super) indicator: Indicator,
    /// Bound of the histogram's bucket that counts as fast enough, in milliseconds.
    pub(super) threshold_ms: Option<Placed<f64>>,
}

/// Judges by the queries, and by the name where they tell nothing.
pub(super) fn judge(queries: &[Placed<String>], name: &str) -> Judged {
    let bound = queries.iter().find_map(bound);
    let is_bucket = bound.is_some() && queries.iter().any(|query| query.contains("_bucket"));
    let is_quantile = queries.iter().any(|query| query.contains("histogram_quantile"));
    let name = name.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let is_ending = |query: &Placed<String>| ENDING.as_ref().is_some_and(|it| it.is_match(query));
    let indicator = if is_bucket || is_quantile || says(&SLOW) {
        Indicator::Latency
    } else if says(&WORKING) || queries.iter().any(is_ending) {
        Indicator::Availability
    } else {
        Indicator::Other
    };
    let threshold_ms = bound.filter(|_| indicator == Indicator::Latency);
    Judged { indicator, threshold_ms }
}

/// The bucket's bound that a query asks for, where its unit is known.
fn bound(query: &Placed<String>) -> Option<Placed<f64>> {
    let bound: f64 = BOUND.as_ref()?.captures(query)?.get(1)?.as_str().parse().ok()?;
    Some(Placed::new(bound * unit_ms(query)?, query.place.clone()))
}

/// Milliseconds of the unit that a metric's name ends with.
pub(super) fn unit_ms(metric: &str) -> Option<f64> {
    let units = [("microseconds", 0.001), ("milliseconds", 1.0), ("_ms", 1.0), ("seconds", 1000.0)];
    units.iter().find(|(unit, _)| metric.contains(unit)).map(|(_, ms)| *ms)
}

/// A percentage such as `99.9` as a ratio, without the noise of a division.
pub(super) fn percentage(node: &Node) -> Option<Placed<f64>> {
    let text = node.str()?.trim().trim_end_matches('%').trim_end();
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let ratio = format!("{text}e-2").parse().ok().filter(|_| is_number)?;
    Some(Placed::new(ratio, node.place.clone()))
}

#[cfg(test)]
mod tests {
    use model::Place;

    use super::*;
    use crate::tree::read_yaml;

    fn judged(query: &str, name: &str) -> (Indicator, Option<f64>) {
        let judged = judge(&[Placed::new(query.to_owned(), Place::file("a"))], name);
        (judged.indicator, judged.threshold_ms.map(|it| it.value))
    }

    #[test]
    fn queries_tell_latency_from_availability() {
        let errors = "sum(rate(http_request_duration_seconds_count{code=~\"5..\"}[5m]))";
        assert_eq!(judged(errors, "orders"), (Indicator::Availability, None));
        let fast = "sum(rate(http_request_duration_seconds_bucket{le=\"0.3\"}[5m]))";
        assert_eq!(judged(fast, "orders"), (Indicator::Latency, Some(300.0)));
        let fast = "rate(request_ms_bucket{le='250'}[5m])";
        assert_eq!(judged(fast, ""), (Indicator::Latency, Some(250.0)));
        assert_eq!(judged("rate(size_bucket{le=\"100\"}[5m])", "").1, None);
        assert_eq!(judged("avg(wifi_satisfaction)", "wifi"), (Indicator::Other, None));
    }

    #[test]
    fn names_tell_where_queries_do_not() {
        assert_eq!(judged("", "Checkout latency").0, Indicator::Latency);
        assert_eq!(judged("", "checkout-availability").0, Indicator::Availability);
    }

    #[test]
    fn percentages_become_the_nearest_ratio() {
        let percentage = |text: &str| {
            let root = read_yaml(&"a".into(), text).documents.remove(0).root;
            percentage(&root).map(|it| it.value)
        };
        assert_eq!(percentage("99.9"), Some(0.999));
        assert_eq!(percentage("'99.95 %'"), Some(0.9995));
        assert_eq!(percentage("1e9"), None);
        assert_eq!(percentage("high"), None);
    }
}
