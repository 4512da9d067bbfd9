//! Requests counted and timed, in the Prometheus text format.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Upper bounds of the latency buckets, in seconds.
const BOUNDS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0];

/// All that is counted.
#[derive(Debug, Default)]
pub(crate) struct Metrics {
    served: Mutex<BTreeMap<(&'static str, u16), Latency>>,
    /// Requests being served.
    pub(crate) in_flight: AtomicI64,
    /// Calls to downstream services and the database that failed.
    pub(crate) failed_calls: AtomicU64,
}

#[derive(Debug, Default)]
struct Latency {
    buckets: [u64; BOUNDS.len()],
    count: u64,
    sum_s: f64,
}

impl Metrics {
    /// Counts one served request.
    pub(crate) fn served(&self, route: &'static str, status: u16, took: Duration) {
        let mut served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        let latency = served.entry((route, status)).or_default();
        latency.count += 1;
        latency.sum_s += took.as_secs_f64();
        for (bucket, bound) in latency.buckets.iter_mut().zip(BOUNDS) {
            *bucket += u64::from(took.as_secs_f64() <= bound);
        }
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        let mut text = String::from(
            "# HELP http_request_duration_seconds Time to serve a request.\n# TYPE http_request_duration_seconds histogram\n",
        );
        let served = self.served.lock().unwrap_or_else(PoisonError::into_inner);
        for ((route, status), latency) in served.iter() {
            let labels = format!("route=\"{route}\",status=\"{status}\"");
            for (bound, count) in BOUNDS.iter().zip(latency.buckets) {
                let _infallible = writeln!(
                    text,
                    "http_request_duration_seconds_bucket{{{labels},le=\"{bound}\"}} {count}"
                );
            }
            let (count, sum) = (latency.count, latency.sum_s);
            let _infallible = writeln!(
                text,
                "http_request_duration_seconds_bucket{{{labels},le=\"+Inf\"}} {count}"
            );
            let _infallible = writeln!(text, "http_request_duration_seconds_sum{{{labels}}} {sum}");
            let _infallible =
                writeln!(text, "http_request_duration_seconds_count{{{labels}}} {count}");
        }
        text.push_str(
            "# HELP http_requests_total Requests served.\n# TYPE http_requests_total counter\n",
        );
        for ((route, status), latency) in served.iter() {
            let _infallible = writeln!(
                text,
                "http_requests_total{{route=\"{route}\",status=\"{status}\"}} {}",
                latency.count
            );
        }
        let (in_flight, failed) =
            (self.in_flight.load(Ordering::Relaxed), self.failed_calls.load(Ordering::Relaxed));
        let _infallible = write!(
            text,
            "# HELP http_requests_in_flight Requests being served.\n# TYPE http_requests_in_flight gauge\nhttp_requests_in_flight {in_flight}\n\
             # HELP dependency_errors_total Calls to dependencies that failed.\n# TYPE dependency_errors_total counter\ndependency_errors_total {failed}\n"
        );
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_in_every_bucket_above_its_time() {
        let metrics = Metrics::default();
        metrics.served("/orders", 201, Duration::from_millis(30));
        let text = metrics.text();
        assert!(
            text.contains("bucket{route=\"/orders\",status=\"201\",le=\"0.025\"} 0\n"),
            "{text}"
        );
        assert!(
            text.contains("bucket{route=\"/orders\",status=\"201\",le=\"0.05\"} 1\n"),
            "{text}"
        );
        assert!(
            text.contains("http_requests_total{route=\"/orders\",status=\"201\"} 1\n"),
            "{text}"
        );
    }
}
