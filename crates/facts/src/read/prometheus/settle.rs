//! What alerts read through recording rules.

use std::collections::{HashMap, HashSet};

use crate::promql::{Query, duration_s, read_query};
use crate::{Alert, Facts};

/// Recordings that are followed one behind the other.
const MAX_DEPTH: usize = 3;

/// Metrics that are followed for one alert.
const MAX_FOLLOWED: usize = 256;

/// Queries by the name of the series that they are recorded as.
type Recordings = HashMap<String, Query>;

/// Adds to each alert what the recordings that it reads are made from.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let mut recordings = Recordings::new();
    for recording in &facts.recordings {
        let query = read_query(&recording.expression).unwrap_or_default();
        recordings.entry(recording.name.value.clone()).or_default().join(query);
    }
    facts.alerts.iter_mut().for_each(|alert| follow(alert, &recordings));
}

fn follow(alert: &mut Alert, recordings: &Recordings) {
    let mut query = Query {
        metrics: std::mem::take(&mut alert.metrics),
        windows_s: std::mem::take(&mut alert.windows_s),
        thresholds: Vec::new(),
    };
    let mut followed: HashSet<String> = HashSet::new();
    let mut layer = query.metrics.clone();
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for metric in layer {
            if followed.len() >= MAX_FOLLOWED || followed.contains(&metric) {
                continue;
            }
            match recordings.get(&metric) {
                Some(recorded) => {
                    next.extend(recorded.metrics.iter().take(MAX_FOLLOWED).cloned());
                    query.join(recorded.clone());
                }
                None => told_window_s(&metric).into_iter().for_each(|s| query.take_window(s)),
            }
            followed.insert(metric);
        }
        layer = next;
    }
    alert.metrics = query.metrics;
    alert.windows_s = query.windows_s;
}

/// The window that the name of a recording tells by the convention `level:metric:operations`.
fn told_window_s(metric: &str) -> Option<f64> {
    let (_, operations) = metric.rsplit_once(':')?;
    let digits = operations.find(|c: char| c.is_ascii_digit())?;
    duration_s(operations.get(digits..)?)
}
