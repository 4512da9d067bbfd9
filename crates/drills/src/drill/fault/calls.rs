//! Calls of the service to one dependency, grouped into the attempts of one operation.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::proxy::{Call, Event, Exchange, Happening};

/// What was seen of the calls to a dependency without any fault.
#[derive(Clone, Debug, Default)]
pub(super) struct Usual {
    /// How many in a second.
    pub(super) per_s: f64,
    /// What they asked for.
    pub(super) shapes: BTreeSet<String>,
    /// Those of them of which calls of several users are equal in all, so that one more is no attempt for sure.
    pub(super) alike: BTreeSet<String>,
    /// Bytes of the longest answer; 0 where none was understood.
    pub(super) longest_answer: u64,
}

impl Usual {
    /// What `events` of so long tell.
    pub(super) fn of(events: &[Event], lasted: Duration) -> Self {
        let calls: Vec<&Exchange> = events
            .iter()
            .filter_map(|event| match &event.what {
                Happening::Exchange(exchange) => Some(exchange),
                _ => None,
            })
            .collect();
        #[expect(clippy::cast_precision_loss, reason = "calls of some seconds")]
        let count = calls.len() as f64;
        Self {
            per_s: count / lasted.as_secs_f64(),
            shapes: calls.iter().map(|call| shape(call)).collect(),
            alike: alike(&calls),
            longest_answer: calls.iter().map(|call| call.answer_bytes).max().unwrap_or(0),
        }
    }
}

/// The attempts of one operation, in the order of their start.
#[derive(Clone, Debug)]
pub(super) struct Operation<'a> {
    /// At least one.
    pub(super) attempts: Vec<&'a Exchange>,
}

impl Operation<'_> {
    /// From the end of each attempt to the start of the next.
    pub(super) fn gaps(&self) -> Vec<Duration> {
        self.attempts
            .windows(2)
            .filter_map(|pair| {
                let [one, next] = pair else { return None };
                Some(next.started.saturating_duration_since(one.started + one.duration))
            })
            .collect()
    }

    /// `POST /charges`, when it is one that must not simply be tried again: not idempotent, and without a key that makes it so.
    pub(super) fn unsafe_subject(&self) -> Option<String> {
        let call = self.attempts.first()?;
        match &*call.call {
            Call::Http(http)
                if matches!(http.method.as_str(), "POST" | "PATCH")
                    && http.idempotency_key.is_none() =>
            {
                Some(call.call.subject())
            }
            _ => None,
        }
    }
}

/// What tells calls of one operation: the idempotency key, else the trace, else method, path and body. With it comes whether it is the last, which
/// is sure only where bodies differ from user to user.
fn key(call: &Exchange) -> Option<(String, bool)> {
    let Call::Http(http) = &*call.call else { return None };
    let (method, path) = (&http.method, &http.path);
    match (&http.idempotency_key, trace(http.traceparent.as_deref()), http.body_digest) {
        (Some(key), _, _) => Some((format!("key {key}"), false)),
        (None, Some(trace), _) => Some((format!("trace {trace} {method} {path}"), false)),
        (None, None, Some(digest)) => Some((format!("body {method} {path} {digest}"), true)),
        (None, None, None) => None,
    }
}

/// The shapes of which two of `calls` cannot be told apart although no fault made the service try again.
fn alike(calls: &[&Exchange]) -> BTreeSet<String> {
    let mut known = BTreeSet::new();
    let is_again = |call: &&&Exchange| match key(call) {
        Some((key, true)) => !known.insert(key),
        _ => false,
    };
    calls.iter().filter(is_again).map(|call| shape(call)).collect()
}

/// HTTP calls that belong together, by their [`key`]; `None` where equal bodies are sent by several users at the same time, so that nobody can tell
/// an attempt from another user's request.
pub(super) fn operations(calls: &[Exchange]) -> Option<Vec<Operation<'_>>> {
    let mut groups: BTreeMap<String, Vec<&Exchange>> = BTreeMap::new();
    for call in calls {
        if !matches!(&*call.call, Call::Http(_)) {
            continue;
        }
        let (key, _) = key(call)?;
        groups.entry(key).or_default().push(call);
    }
    let mut operations: Vec<_> =
        groups.into_values().map(|attempts| Operation { attempts }).collect();
    for operation in &mut operations {
        operation.attempts.sort_by_key(|call| call.started);
        let overlap = operation
            .attempts
            .windows(2)
            .any(|pair| matches!(pair, [one, next] if next.started < one.started + one.duration));
        if overlap {
            return None;
        }
    }
    Some(operations)
}

/// The trace id in a `traceparent`.
fn trace(traceparent: Option<&str>) -> Option<&str> {
    traceparent?.split('-').nth(1).filter(|id| id.len() == 32)
}

/// What a call asks for, without what differs from request to request: path segments with a digit become `*`, and the query is left out.
///
/// By it the calls that users cause are told from those that only a look at the service's health does.
pub(super) fn shape(call: &Exchange) -> String {
    let Call::Http(http) = &*call.call else { return call.call.subject() };
    let path = http.path.split('?').next().unwrap_or_default();
    let has_digit = |part: &str| part.bytes().any(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> =
        path.split('/').map(|part| if has_digit(part) { "*" } else { part }).collect();
    format!("{} {}", http.method, parts.join("/"))
}

/// Calls a second that began between `from` and `until`.
pub(super) fn rate(calls: &[Exchange], from: Instant, until: Instant) -> f64 {
    let count = calls.iter().filter(|call| call.started >= from && call.started < until).count();
    let span_s = until.saturating_duration_since(from).as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "calls of some seconds")]
    let count = count as f64;
    if span_s > 0.0 { count / span_s } else { 0.0 }
}

/// Standard deviation over mean of `durations`: 0 where all are alike.
pub(super) fn variation(durations: &[Duration]) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a handful")]
    let count = durations.len().max(1) as f64;
    let mean = durations.iter().map(Duration::as_secs_f64).sum::<f64>() / count;
    let square =
        durations.iter().map(|gap| (gap.as_secs_f64() - mean).powi(2)).sum::<f64>() / count;
    if mean > 0.0 { square.sqrt() / mean } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::super::menu::Purpose;
    use super::super::sample::trial;
    use super::*;

    #[test]
    fn calls_are_alike_where_neither_key_nor_body_tells_them_apart() {
        let alike_of = |keys: [Option<&str>; 2], digests: [u64; 2]| {
            let mut trial = trial(Purpose::Failing);
            for (index, (key, digest)) in keys.into_iter().zip(digests).enumerate() {
                trial.call(index as u64 * 100, 1, key, digest);
            }
            alike(&trial.calls.iter().collect::<Vec<_>>())
        };
        assert_eq!(alike_of([None, None], [7, 7]), ["POST /charges".to_owned()].into());
        assert_eq!(alike_of([None, None], [7, 8]), BTreeSet::new());
        assert_eq!(alike_of([Some("a"), Some("b")], [7, 7]), BTreeSet::new());
    }
}
