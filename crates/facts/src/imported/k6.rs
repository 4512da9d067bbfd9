//! k6's summaries in their three forms: `--summary-export`, what `handleSummary` is given, and the machine-readable one.
//!
//! Their traps: the exported form writes `true` at a threshold that *failed*, and calls requests that did not fail `fails`; the
//! machine-readable form drops every quantile above p(95) and all thresholds.

use std::collections::BTreeMap;

use jiff::Timestamp;
use model::Place;

use super::{Refused, amount, moment};
use crate::tree::{Node, Value};

/// Metrics that are read of one summary at most.
const METRICS: usize = 10_000;
/// How far count, rate and duration may be apart.
const FIT: f64 = 0.1;

/// Which of k6's summaries it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `--summary-export`.
    Export,
    /// The object that `handleSummary` is given, written as JSON.
    Handled,
    /// `--new-machine-readable-summary`.
    MachineReadable,
}

impl Form {
    /// How it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Export => "summary export",
            Self::Handled => "summary of handleSummary",
            Self::MachineReadable => "machine-readable summary",
        }
    }
}

/// A summary of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    /// Its form.
    pub form: Form,
    /// When the run ended, where the summary says so.
    pub ended_at: Option<Timestamp>,
    /// How long the run lasted, where the summary says so.
    pub lasted_s: Option<f64>,
    /// Its metrics, those with tags included.
    pub metrics: Vec<Metric>,
    /// Checks of the script, passed and failed.
    pub checks: (u64, u64),
    /// Where it starts.
    pub place: Place,
}

/// One metric, or the part of it that bears some tags.
#[derive(Clone, Debug, PartialEq)]
pub struct Metric {
    /// Its name without tags, such as `http_req_duration`.
    pub name: String,
    /// The tags that its samples bear, as `http_req_duration{name:home}` writes them.
    pub tags: Vec<(String, String)>,
    /// What was counted: `count`, `rate`, `p(99)`, `max` … always in the words of `handleSummary`.
    pub values: BTreeMap<String, f64>,
    /// Its thresholds, and whether each was kept.
    pub thresholds: Vec<(String, bool)>,
    /// Where it stands.
    pub place: Place,
}

impl Summary {
    /// The metric called `name` with exactly the tag `(tag, value)`, or without tags.
    pub fn metric(&self, name: &str, tag: Option<(&str, &str)>) -> Option<&Metric> {
        self.metrics.iter().filter(|metric| metric.name == name).find(|metric| match tag {
            None => metric.tags.is_empty(),
            Some((tag, value)) => {
                matches!(metric.tags.as_slice(), [(name, held)] if name == tag && held == value)
            }
        })
    }

    /// One value of a metric without tags.
    pub fn value(&self, name: &str, value: &str) -> Option<f64> {
        self.metric(name, None)?.values.get(value).copied()
    }
}

impl Metric {
    /// The quantiles that it tells, each from 0 to 1 with its value in milliseconds, lowest first; `max` is the last.
    pub fn quantiles(&self) -> Vec<(f64, f64)> {
        let mut quantiles: Vec<_> = self
            .values
            .iter()
            .filter_map(|(name, value)| Some((quantile(name)?, *value)))
            .collect();
        quantiles.sort_by(|a, b| a.0.total_cmp(&b.0));
        quantiles
    }
}

/// The share that the trend statistic `name` speaks of.
fn quantile(name: &str) -> Option<f64> {
    match name {
        "min" => Some(0.0),
        "med" => Some(0.5),
        "max" => Some(1.0),
        _ => {
            let percent = name.strip_prefix("p(")?.strip_suffix(')')?.parse::<f64>().ok()?;
            (0.0..=100.0).contains(&percent).then_some(percent / 100.0)
        }
    }
}

/// Reads a summary.
pub(super) fn read(root: &Node) -> Result<Summary, Refused> {
    let summary = match (root.get("metrics"), root.get("results")) {
        (Some(_), Some(_)) => {
            return Err(Refused::at(
                &root.place,
                "has `metrics` and `results`: which of them counts?",
            ));
        }
        (Some(metrics), None) => read_named(root, metrics)?,
        (None, Some(results)) => read_machine_readable(root, results)?,
        (None, None) => {
            return Err(Refused::at(&root.place, "has no `metrics`: it is no summary of k6"));
        }
    };
    fits(&summary)?;
    Ok(summary)
}

fn read_named(root: &Node, metrics: &Node) -> Result<Summary, Refused> {
    let wrapped = metrics.entries().filter(|(_, _, metric)| metric.get("values").is_some()).count();
    let all = metrics.entries().count();
    let form = match wrapped {
        0 => Form::Export,
        wrapped if wrapped == all => Form::Handled,
        _ => {
            let reason = "some metrics have `values` and others have not: that is no form of k6's";
            return Err(Refused::at(&metrics.place, reason));
        }
    };
    if all > METRICS {
        return Err(Refused::at(&metrics.place, format!("has more than {METRICS} metrics")));
    }
    let lasted_s = root.at(&["state", "testRunDurationMs"]).map(amount).transpose()?;
    Ok(Summary {
        form,
        ended_at: None,
        lasted_s: lasted_s.map(|ms| ms / 1e3),
        metrics: metrics
            .entries()
            .map(|(name, key, metric)| named(name, &key.place, metric))
            .collect::<Result<_, _>>()?,
        checks: root.get("root_group").map_or(Ok((0, 0)), checks)?,
        place: root.place.start(),
    })
}

fn named(written: &str, place: &Place, metric: &Node) -> Result<Metric, Refused> {
    let (name, tags) = tagged(written)
        .ok_or_else(|| Refused::at(place, format!("`{written}` is no name of a metric")))?;
    let values = metric.get("values").unwrap_or(metric);
    if !matches!(values.value, Value::Mapping(_)) {
        return Err(Refused::at(&values.place, format!("`{written}` has no values")));
    }
    let mut numbers = BTreeMap::new();
    for (name, _, value) in values.entries().filter(|(name, ..)| *name != "thresholds") {
        // The exported form calls the rate of a rate its value.
        let is_rate = name == "value" && values.get("passes").is_some();
        let key = if is_rate { "rate" } else { name }.to_owned();
        // What a script counts by itself may be negative, and is not judged.
        match (is_built_in(written), value.float()) {
            (true, _) => numbers.insert(key, amount(value)?),
            (false, Some(number)) if number.is_finite() => numbers.insert(key, number),
            (false, _) => None,
        };
    }
    let thresholds = metric.get("thresholds").map(thresholds).transpose()?.unwrap_or_default();
    Ok(Metric { name, tags, values: numbers, thresholds, place: place.clone() })
}

fn is_built_in(name: &str) -> bool {
    ["http_", "vus", "iteration", "dropped_iterations", "checks", "data_"]
        .iter()
        .any(|known| name.starts_with(known))
}

/// Name and tags of `http_req_duration{name:home,method:GET}`.
fn tagged(written: &str) -> Option<(String, Vec<(String, String)>)> {
    let Some((name, rest)) = written.split_once('{') else {
        return Some((written.to_owned(), Vec::new()));
    };
    let inner = rest.strip_suffix('}')?;
    let unquoted = |text: &str| text.trim().trim_matches(['"', '\'']).to_owned();
    let tags = inner.split(',').map(|tag| {
        let (name, value) = tag.split_once(':')?;
        Some((unquoted(name), unquoted(value)))
    });
    Some((name.trim().to_owned(), tags.collect::<Option<_>>()?))
}

/// Thresholds and whether each was kept: `{"ok": true}`, or in the exported form whether it was crossed.
fn thresholds(node: &Node) -> Result<Vec<(String, bool)>, Refused> {
    node.entries()
        .map(|(name, key, value)| {
            let kept = match value.get("ok") {
                Some(ok) => ok.bool(),
                None => value.bool().map(|is_crossed| !is_crossed),
            };
            let kept = kept.ok_or_else(|| {
                Refused::at(
                    &key.place,
                    format!("the threshold `{name}` does not say whether it was kept"),
                )
            })?;
            Ok((name.to_owned(), kept))
        })
        .collect()
}

/// Checks that passed and failed, in all groups.
fn checks(group: &Node) -> Result<(u64, u64), Refused> {
    let (mut passed, mut failed) = (0, 0);
    // The exported form names groups and checks in mappings, the other lists them.
    let each = |node: &Node| -> Vec<Node> {
        let mapped = node.entries().map(|(_, _, value)| value.clone());
        mapped.chain(node.items().iter().cloned()).collect()
    };
    for check in group.get("checks").map(each).unwrap_or_default() {
        passed += check.get("passes").map_or(Ok(0), count)?;
        failed += check.get("fails").map_or(Ok(0), count)?;
    }
    // The tree is at most as deep as its reader allows.
    for inner in group.get("groups").map(each).unwrap_or_default() {
        let of_inner = checks(&inner)?;
        (passed, failed) = (passed + of_inner.0, failed + of_inner.1);
    }
    Ok((passed, failed))
}

fn count(node: &Node) -> Result<u64, Refused> {
    let amount = amount(node)?;
    if amount > 1e15 {
        return Err(Refused::at(&node.place, "is more than any run counts"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked above")]
    Ok(amount as u64)
}

fn read_machine_readable(root: &Node, results: &Node) -> Result<Summary, Refused> {
    let metrics = results.get("metrics").map(Node::items).unwrap_or_default();
    if metrics.is_empty() {
        return Err(Refused::at(&results.place, "has no metrics"));
    }
    if metrics.len() > METRICS {
        return Err(Refused::at(&results.place, format!("has more than {METRICS} metrics")));
    }
    let mut checks = (0, 0);
    for check in results.at(&["checks", "results"]).map(Node::items).unwrap_or_default() {
        checks.0 += check.get("passes").map_or(Ok(0), count)?;
        checks.1 += check.get("fails").map_or(Ok(0), count)?;
    }
    Ok(Summary {
        form: Form::MachineReadable,
        ended_at: root.at(&["metadata", "generated_at"]).map(moment).transpose()?,
        lasted_s: root.at(&["config", "duration"]).map(amount).transpose()?,
        metrics: metrics.iter().map(machine_readable).collect::<Result<_, _>>()?,
        checks,
        place: root.place.start(),
    })
}

fn machine_readable(node: &Node) -> Result<Metric, Refused> {
    let missing = |what: &str| Refused::at(&node.place, format!("a metric has no {what}"));
    let written = node.get("name").and_then(Node::str).ok_or_else(|| missing("`name`"))?;
    let values = node.get("values").ok_or_else(|| missing("`values`"))?;
    let mut metric = named(written, &node.place, values)?;
    let renamed = [("p90", "p(90)"), ("p95", "p(95)"), ("p99", "p(99)"), ("matches", "passes")];
    for (from, to) in renamed {
        if let Some(value) = metric.values.remove(from) {
            metric.values.insert(to.to_owned(), value);
        }
    }
    if let (Some(total), Some(passes)) =
        (metric.values.remove("total"), metric.values.get("passes"))
    {
        metric.values.insert("fails".to_owned(), (total - passes).max(0.0));
    }
    Ok(metric)
}

/// Refuses what cannot have been measured: shares above one, quantiles out of order, counts that do not fit the duration.
fn fits(summary: &Summary) -> Result<(), Refused> {
    for metric in &summary.metrics {
        let wrong = |reason: String| {
            Err(Refused::at(&metric.place, format!("`{}`: {reason}", metric.name)))
        };
        let is_share = metric.values.contains_key("passes");
        if is_share && metric.values.get("rate").is_some_and(|rate| *rate > 1.0) {
            return wrong("a share above one".to_owned());
        }
        let quantiles = metric.quantiles();
        if let Some(pair) = quantiles.windows(2).find(|pair| pair[0].1 > pair[1].1) {
            let reason = format!(
                "{} ms at the {} % quantile, and {} ms at the {} % quantile",
                pair[0].1,
                pair[0].0 * 100.0,
                pair[1].1,
                pair[1].0 * 100.0
            );
            return wrong(reason);
        }
        let figure = |name: &str| metric.values.get(name).copied();
        if let (Some(count), Some(rate), Some(lasted_s)) =
            (figure("count"), figure("rate"), summary.lasted_s)
            && (rate * lasted_s - count).abs() > count * FIT + 1.0
        {
            return wrong(format!("{count} in {lasted_s} s are not {rate} a second"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::{Report, read_report};
    use super::*;

    fn summary(text: &str) -> Result<Summary, Refused> {
        match read_report(&"summary.json".into(), text.as_bytes(), None)? {
            Report::K6(summary) => Ok(summary),
            other => panic!("{other:?}"),
        }
    }

    const EXPORT: &str = r#"{
  "root_group": {"name": "", "groups": {"cart": {"groups": {}, "checks": {"added": {"passes": 5, "fails": 1}}}},
    "checks": {"is 200": {"name": "is 200", "passes": 90, "fails": 2}}},
  "metrics": {
    "http_reqs": {"count": 100, "rate": 10},
    "http_req_failed": {"passes": 3, "fails": 97, "value": 0.03, "thresholds": {"rate<0.01": true}},
    "http_req_duration": {"avg": 5, "min": 1, "med": 4, "max": 90.5, "p(90)": 8, "p(95)": 9, "p(99)": 40, "thresholds": {"p(95)<500": false}},
    "http_req_duration{name:home}": {"avg": 5, "p(99)": 30},
    "vus": {"value": 5, "min": 1, "max": 5}
  }
}"#;

    #[test]
    fn the_exported_form_says_true_where_a_threshold_failed() {
        let summary = summary(EXPORT).unwrap();
        assert_eq!((summary.form, summary.checks), (Form::Export, (95, 3)));
        let duration = summary.metric("http_req_duration", None).unwrap();
        assert_eq!(duration.thresholds, [("p(95)<500".to_owned(), true)]);
        assert_eq!(duration.quantiles().last(), Some(&(1.0, 90.5)));
        let failed = summary.metric("http_req_failed", None).unwrap();
        assert_eq!(failed.thresholds, [("rate<0.01".to_owned(), false)]);
        assert_eq!((failed.values["rate"], failed.values["passes"]), (0.03, 3.0));
        let home = summary.metric("http_req_duration", Some(("name", "home"))).unwrap();
        assert_eq!(home.values.get("p(99)"), Some(&30.0));
        assert_eq!((summary.value("vus", "max"), summary.ended_at), (Some(5.0), None));
    }

    #[test]
    fn what_handle_summary_is_given_says_ok_where_a_threshold_was_kept() {
        let text = r#"{"root_group": {"groups": [{"groups": [], "checks": [{"passes": 1, "fails": 0}]}], "checks": []},
            "options": {"summaryTrendStats": []}, "state": {"testRunDurationMs": 10000.5},
            "metrics": {
              "http_reqs": {"type": "counter", "contains": "default", "values": {"count": 100, "rate": 9.9995}},
              "http_req_failed": {"type": "rate", "contains": "default", "values": {"rate": 0, "passes": 0, "fails": 100},
                "thresholds": {"rate<0.01": {"ok": true}, "rate<0.001": {"ok": false}}}}}"#;
        let summary = summary(text).unwrap();
        assert_eq!((summary.form, summary.checks), (Form::Handled, (1, 0)));
        assert_eq!(summary.lasted_s, Some(10.0005));
        let failed = summary.metric("http_req_failed", None).unwrap();
        assert_eq!(failed.thresholds.iter().map(|kept| kept.1).collect::<Vec<_>>(), [true, false]);
    }

    #[test]
    fn the_machine_readable_form_tells_when_it_was() {
        let text = r#"{"version": "1.0.0", "config": {"duration": 10, "execution": "local", "script": "a.js"},
            "metadata": {"generated_at": "2026-11-20T12:00:00+01:00", "k6_version": "2.2.0"},
            "results": {"metrics": [
              {"name": "http_reqs", "type": "counter", "contains": "default", "values": {"count": 100}},
              {"name": "http_req_failed", "type": "rate", "contains": "default", "values": {"matches": 2, "total": 100, "rate": 0.02}},
              {"name": "http_req_duration", "type": "trend", "contains": "time", "values": {"avg": 1, "max": 9, "med": 1, "min": 1, "p90": 2, "p95": 3}}],
              "checks": {"metrics": [], "results": [{"name": "a", "passes": 4, "fails": 1}]}}}"#;
        let summary = summary(text).unwrap();
        assert_eq!((summary.form, summary.checks), (Form::MachineReadable, (4, 1)));
        assert_eq!(summary.ended_at.unwrap().to_string(), "2026-11-20T11:00:00Z");
        let failed = summary.metric("http_req_failed", None).unwrap();
        assert_eq!((failed.values["passes"], failed.values["fails"]), (2.0, 98.0));
        let duration = summary.metric("http_req_duration", None).unwrap();
        assert!(duration.quantiles().contains(&(0.95, 3.0)), "{duration:?}");
    }

    #[test]
    fn what_cannot_have_been_measured_is_refused_with_its_place() {
        let cases = [
            (EXPORT.replace("\"p(99)\": 40", "\"p(99)\": 4"), 7),
            (EXPORT.replace("\"value\": 0.03", "\"value\": 3"), 6),
            (EXPORT.replace("\"count\": 100", "\"count\": -100"), 5),
            (EXPORT.replace("\"count\": 100", "\"count\": 1e999"), 5),
            (EXPORT.replace("\"count\": 100", "\"count\": \"100\""), 5),
            (EXPORT.replace("\"count\": 100", "\"count\": null"), 5),
            (EXPORT.replace("\"rate<0.01\": true", "\"rate<0.01\": \"x\""), 6),
            (EXPORT.replace("{name:home}", "{name:home"), 8),
            (EXPORT.replace("{\"value\": 5, \"min\": 1, \"max\": 5}", "7"), 9),
            (EXPORT.replace("{\"value\": 5, \"min\": 1, \"max\": 5}", "{\"values\": {}}"), 4),
        ];
        for (text, line) in cases {
            let refused = summary(&text).unwrap_err();
            assert_eq!(refused.place.line, line, "{refused}\n{text}");
        }
        let text = r#"{"state": {"testRunDurationMs": 1000}, "metrics": {"http_reqs": {"values": {"count": 10, "rate": 1000}}}}"#;
        assert!(summary(text).unwrap_err().reason.contains("not 1000 a second"));
    }
}
