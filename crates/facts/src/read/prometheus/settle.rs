//! What alerts read through recording rules.

use std::collections::{HashMap, HashSet};

use model::Place;

use crate::promql::{Query, duration_s, read_query};
use crate::{Alert, Facts, Gap, Subject};

/// Recordings that are followed one behind the other.
const MAX_DEPTH: usize = 3;

/// Recordings that are followed for one alert.
const MAX_FOLLOWED: usize = 64;

/// Metrics and windows of one recording that are taken over.
const MAX_READ: usize = 64;

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
    if facts.alerts.is_empty() {
        facts.gaps.extend(facts.paths.iter().find(|path| is_mixin(path)).map(|path| Gap {
            subject: Some(Subject::Alerts),
            place: Place::file(path.clone()),
            reason: "is Jsonnet, which was not rendered".to_owned(),
            name: None,
        }));
    }
}

/// Whether alert rules are probably made from the file.
fn is_mixin(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let is_jsonnet = [".jsonnet", ".libsonnet"].iter().any(|end| name.ends_with(end));
    is_jsonnet && ["alert", "rule", "mixin"].iter().any(|word| name.contains(word))
}

fn follow(alert: &mut Alert, recordings: &Recordings) {
    let own = std::mem::take(&mut alert.metrics);
    let mut known: HashSet<&str> = own.iter().map(String::as_str).collect();
    let mut layer: Vec<&str> = own.iter().map(String::as_str).collect();
    let mut found = Vec::new();
    let mut windows = Query { windows_s: std::mem::take(&mut alert.windows_s), ..Query::default() };
    let mut left = MAX_FOLLOWED;
    for _ in 0..MAX_DEPTH {
        let mut next = Vec::new();
        for metric in layer {
            let Some(recorded) = recordings.get(metric) else {
                if let Some(window_s) = told_window_s(metric) {
                    windows.take_window(window_s);
                }
                continue;
            };
            if left == 0 {
                continue;
            }
            left -= 1;
            let read = recorded.metrics.iter().take(MAX_READ).map(String::as_str);
            next.extend(read.filter(|metric| known.insert(metric)));
            recorded.windows_s.iter().take(MAX_READ).for_each(|s| windows.take_window(*s));
        }
        found.extend(next.iter().map(|metric| (*metric).to_owned()));
        layer = next;
    }
    alert.windows_s = windows.windows_s;
    alert.metrics = own;
    alert.metrics.extend(found);
}

/// The window that the name of a recording tells by the convention `level:metric:operations`.
fn told_window_s(metric: &str) -> Option<f64> {
    let (_, operations) = metric.rsplit_once(':')?;
    let digits = operations.find(|c: char| c.is_ascii_digit())?;
    duration_s(operations.get(digits..)?)
}
