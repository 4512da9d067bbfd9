//! Where an error shows itself: in log lines, in metrics and in spans, and how soon.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::super::telling;
use crate::harness::{Line, Stream, Ticker};
use crate::telemetry::lines::{self, Entry, Level, Schema};
use crate::telemetry::{Collected, Exposition, Kind, Receiver, Span, read_exposition};
use crate::{Service, Speech};

const INTERVAL: Duration = Duration::from_millis(250);
/// An answer of the metrics that takes longer is passed over.
const LIMIT: Duration = Duration::from_secs(1);

/// One look at what the service counts and exports.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Count {
    /// When.
    pub(super) at: Instant,
    /// Errors counted so far by all series of metrics; `None`: there was no metric of any kind.
    pub(super) errors: Option<f64>,
    /// Records of errors that were exported so far.
    pub(super) logs: u64,
    /// Spans of errors so far; `None`: there was no span of any kind.
    pub(super) spans: Option<u64>,
}

/// Looks until it is finished.
#[derive(Debug)]
pub(super) struct Counts {
    source: Arc<Source>,
    looks: Arc<Mutex<Vec<Count>>>,
    ticker: Ticker,
}

/// Where errors are counted.
#[derive(Debug)]
struct Source {
    speech: Speech,
    address: SocketAddr,
    path: Option<String>,
    receiver: Arc<Receiver>,
}

impl Counts {
    /// Reads the page of metrics of `service` at `address`, and what came to `receiver` from now on, four times a second.
    pub(super) fn watch(service: &Service, address: SocketAddr, receiver: Arc<Receiver>) -> Self {
        let _before = receiver.take();
        let (speech, path) = (service.speech.clone(), service.metrics.clone());
        let source = Arc::new(Source { speech, address, path, receiver });
        let looks: Arc<Mutex<Vec<Count>>> = Arc::default();
        let ticker = Ticker::start({
            let (source, looks) = (source.clone(), looks.clone());
            move || {
                let count = source.count();
                looks.lock().unwrap_or_else(PoisonError::into_inner).push(count);
                Some(INTERVAL.saturating_sub(count.at.elapsed()))
            }
        });
        Self { source, looks, ticker }
    }

    /// All looks, and one more, so that what was exported late is seen.
    pub(super) fn finish(self) -> Vec<Count> {
        drop(self.ticker);
        let mut looks =
            std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner));
        looks.push(self.source.count());
        looks
    }
}

impl Source {
    fn count(&self) -> Count {
        let at = Instant::now();
        let page = self.page();
        self.receiver.look(|collected| look(at, page.as_ref(), collected))
    }

    fn page(&self) -> Option<Exposition> {
        let text = telling::metrics(self.speech.at(self.address), self.path.as_deref(), LIMIT)?;
        Some(read_exposition(&text))
    }
}

fn look(at: Instant, page: Option<&Exposition>, collected: &Collected) -> Count {
    let scraped = page.map(|page| {
        let errors = page.samples.iter().filter(|sample| {
            is_error_series(&sample.name, &sample.labels, page.kind(&sample.name))
        });
        errors.map(|sample| sample.value).filter(|value| value.is_finite()).sum::<f64>()
    });
    let points = &collected.batch.points;
    // Of a series that tells all so far the last value counts, of one that tells what is new all of them.
    let mut series: BTreeMap<(&str, String), f64> = BTreeMap::new();
    for point in points.iter().filter(|point| is_error_series(&point.name, &point.attributes, None))
    {
        #[expect(clippy::cast_precision_loss, reason = "a count to compare")]
        let value = point.count.map_or(point.value, |count| count as f64);
        let slot = series.entry((&point.name, format!("{:?}", point.attributes))).or_default();
        *slot = if point.is_delta { *slot + value } else { value };
    }
    let exported = (!points.is_empty()).then(|| series.values().sum::<f64>());
    let errors = match (scraped, exported) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or(0.0) + other.unwrap_or(0.0)),
    };
    let spans = &collected.batch.spans;
    let failed = spans.iter().filter(|span| is_error_span(span)).count() as u64;
    let logs = &collected.batch.logs;
    let logs = logs.iter().map(Entry::of_record).filter(tells_of_error).count() as u64;
    Count { at, errors, logs, spans: (!spans.is_empty()).then_some(failed) }
}

/// Whether a series counts errors: by its name, or by a label that says how requests ended.
fn is_error_series(name: &str, labels: &[(String, String)], kind: Option<Kind>) -> bool {
    let ends = |ends: &[&str]| ends.iter().any(|end| name.ends_with(end));
    if matches!(kind, Some(Kind::Gauge)) || ends(&["_bucket", "_sum", "_created"]) {
        return false;
    }
    let has = |text: &str, words: &[&str]| {
        let text = text.to_ascii_lowercase();
        words.iter().any(|word| text.contains(word))
    };
    has(name, &["error", "fail", "exception", "timeout", "unavailable", "5xx"])
        || labels.iter().any(|(label, value)| {
            let is_status = has(label, &["status", "code"]);
            let is_5xx = value.len() == 3 && value.starts_with('5');
            let says_how = has(label, &["status", "code", "outcome", "result", "type"]);
            let is_told = has(label, &["error", "exception"])
                && !["", "none", "false", "0", "null"].contains(&&*value.to_ascii_lowercase());
            is_told
                || (is_status && is_5xx)
                || (says_how && has(value, &["error", "fail", "exception", "unavailable"]))
                || (has(label, &["success"]) && value.eq_ignore_ascii_case("false"))
        })
}

fn is_error_span(span: &Span) -> bool {
    let is_5xx = |(name, value): &(String, String)| {
        matches!(name.as_str(), "http.response.status_code" | "http.status_code")
            && value.len() == 3
            && value.starts_with('5')
    };
    span.is_error
        || span.attributes.iter().any(is_5xx)
        || span.events.iter().any(|event| event.name == "exception")
}

/// How long after `from` the first of `counts` shows more than there was until then. What grows without any fault shows nothing, unless it
/// grows more than twice as fast.
pub(super) fn grew_after(counts: &[(Instant, f64)], from: Instant) -> Option<Duration> {
    let before: Vec<_> = counts.iter().filter(|(at, _)| *at <= from).collect();
    let (first, last) = (before.first().copied(), before.last().copied());
    let base = last.map_or(0.0, |(_, value)| *value);
    let usual_per_s = match (first, last) {
        (Some((began, low)), Some((ended, high))) if ended > began => {
            (high - low) / ended.duration_since(*began).as_secs_f64()
        }
        _ => 0.0,
    };
    let since = last.map_or(from, |(at, _)| *at);
    let told = counts.iter().filter(|(at, _)| *at > from).find(|(at, value)| {
        let usual = usual_per_s.max(0.0) * at.duration_since(since).as_secs_f64();
        *value > base + 2.0 * usual
    });
    told.map(|(at, _)| at.duration_since(from))
}

/// When the first line from `from` on told of an error. Lines without any level tell of one by their words, where no such line did before.
pub(super) fn logged_at(printed: &[Line], from: Instant) -> Option<Instant> {
    let mut first: Option<Instant> = None;
    for stream in [Stream::Out, Stream::Error, Stream::File] {
        let lines: Vec<&Line> = printed.iter().filter(|line| line.stream == stream).collect();
        let entries = lines::read(lines.iter().map(|line| line.text.as_str()));
        let at = |entry: &Entry| lines.get(entry.line).map(|line| line.at);
        let worded = |entry: &Entry| entry.level.is_none() && speaks_of_error(entry);
        let is_usual =
            entries.iter().any(|entry| worded(entry) && at(entry).is_some_and(|at| at < from));
        let told = entries
            .iter()
            .filter(|entry| {
                entry.level.is_some_and(|level| level >= Level::Warn)
                    || (worded(entry) && !is_usual)
            })
            .filter_map(at)
            .find(|at| *at >= from);
        first = first.into_iter().chain(told).min();
    }
    first
}

/// Whether a record that was exported tells of an error.
fn tells_of_error(entry: &Entry) -> bool {
    entry.level.map_or_else(|| speaks_of_error(entry), |level| level >= Level::Warn)
}

/// Whether a record without a level tells of an error.
fn speaks_of_error(entry: &Entry) -> bool {
    let speaks = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["error", "fatal", "panic", "critical", "exception", "fail", "timed out", "refused"]
            .iter()
            .any(|word| text.contains(word))
    };
    match entry.schema {
        // That a request was answered with 503 does not say what failed.
        Schema::Access => false,
        schema if schema.is_structured() => {
            let is_told = |(name, value): &(String, String)| {
                let name = name.to_ascii_lowercase();
                ["err", "error", "exception"].iter().any(|known| name.ends_with(known))
                    && !["", "null", "none", "false", "0"].contains(&value.as_str())
            };
            speaks(&entry.message) || entry.fields.iter().any(is_told)
        }
        _ => speaks(&entry.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::{Batch, Point};

    fn line(at: Instant, text: &str) -> Line {
        Line { at, stream: Stream::Out, text: text.into() }
    }

    #[test]
    fn a_field_called_error_that_holds_none_is_no_error() {
        let from = Instant::now();
        let told = |text: &str| logged_at(&[line(from, text)], from).is_some();
        assert!(!told(r#"{"level":"info","msg":"served","error":null,"errors":0}"#));
        assert!(!told("level=info msg=\"error budget is fine\""));
        assert!(!told(r#"{"msg":"served","error":""}"#));
        assert!(told(r#"{"level":"warn","msg":"payments did not answer"}"#));
        assert!(told(r#"{"msg":"served","err":"connection refused"}"#));
        assert!(told("Error: connection refused"));
        assert!(!told("127.0.0.1 - - [21/Nov/2026:07:00:00 +0000] \"GET /x HTTP/1.1\" 503 12"));
    }

    #[test]
    fn words_that_were_there_before_tell_nothing() {
        let from = Instant::now() + Duration::from_secs(1);
        let text = "GET /orders error=0";
        let before = line(from.checked_sub(Duration::from_millis(500)).unwrap(), text);
        let during = line(from + Duration::from_millis(50), text);
        assert_eq!(logged_at(&[before.clone(), during.clone()], from), None);
        let level = line(from + Duration::from_millis(90), "level=error msg=\"no\"");
        let found = logged_at(&[before, during, level], from);
        assert_eq!(found, Some(from + Duration::from_millis(90)));
    }

    #[test]
    fn growth_counts_from_the_fault_on() {
        let from = Instant::now() + Duration::from_secs(2);
        let at = |ms: u64| from + Duration::from_millis(ms);
        let before = |ms: u64| from.checked_sub(Duration::from_millis(ms)).unwrap();
        let counts = [(before(500), 3.0), (at(250), 3.0), (at(500), 4.0)];
        assert_eq!(grew_after(&counts, from), Some(Duration::from_millis(500)));
        assert_eq!(grew_after(&counts[..2], from), None);
        // Four a second is what it always did.
        let usual = [(before(1000), 0.0), (before(0), 4.0), (at(500), 6.0), (at(1000), 8.0)];
        assert_eq!(grew_after(&usual, from), None);
    }

    #[test]
    fn errors_are_told_from_other_series() {
        let page = read_exposition(
            "# TYPE http_requests_total counter\nhttp_requests_total{status=\"200\"} 50\nhttp_requests_total{status=\"503\"} 4\n\
             # TYPE calls_failed_total counter\ncalls_failed_total 2\n# TYPE error_budget gauge\nerror_budget 9\n\
             rpc_total{grpc_code=\"Unavailable\"} 1\nother_total{error=\"none\"} 70\n",
        );
        let count = look(Instant::now(), Some(&page), &Collected::default());
        assert_eq!((count.errors, count.spans), (Some(7.0), None));
        let none = look(Instant::now(), None, &Collected::default());
        assert_eq!((none.errors, none.spans), (None, None));
    }

    #[test]
    fn exported_points_and_spans_count_too() {
        let point = |value: f64, is_delta| Point {
            name: "requests.failed".into(),
            value,
            is_delta,
            ..Point::default()
        };
        let span = |is_error| Span { is_error, ..Span::default() };
        let batch =
            |points| Batch { points, spans: vec![span(false), span(true)], logs: Vec::new() };
        let looked = |points| {
            look(Instant::now(), None, &Collected { batch: batch(points), ..Collected::default() })
        };
        let count = looked(vec![point(2.0, false), point(5.0, false)]);
        assert_eq!((count.errors, count.spans), (Some(5.0), Some(1)));
        assert_eq!(looked(vec![point(2.0, true), point(5.0, true)]).errors, Some(7.0));
    }
}
