//! OpenSLO objectives of versions 1alpha, 1 and 2alpha.

mod settle;

use model::Placed;

use super::indicator::{Judged, judge, percentage, unit_ms};
use super::{Source, embedded};
use crate::tree::Node;
use crate::{Facts, Indicator, Objective};

pub(super) use settle::{Awaited, Sli, settle};

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    text.contains("openslo/v1") || text.contains("openslo.com/v")
}

/// Reads the document; `false`: it is not of this kind, or a list that may hold more.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    for object in embedded::objects(document).iter().filter(|object| is_own(object)) {
        match object.get("kind").and_then(Node::str) {
            Some("SLO") => take_objectives(object, facts),
            Some("SLI") => facts.fragments.slis.extend(sli(object)),
            _ => {}
        }
    }
    is_own(document)
}

fn is_own(object: &Node) -> bool {
    let version = object.get("apiVersion").and_then(Node::str).unwrap_or_default();
    version.starts_with("openslo/") || version.starts_with("openslo.com/")
}

fn take_objectives(object: &Node, facts: &mut Facts) {
    let (Some(name), Some(spec)) = (name_of(object), object.get("spec")) else {
        return;
    };
    let items = spec.get("objectives").map(Node::items).unwrap_or_default();
    for item in items {
        let holders = [item, spec];
        let reference =
            holders.iter().find_map(|it| either(it, ["indicatorRef", "sliRef"])?.strings().next());
        let metric = holders.iter().find_map(|it| metric(it));
        facts
            .fragments
            .awaited
            .extend(reference.map(|sli| Awaited { objective: item.place.clone(), sli }));
        let Judged { indicator, threshold_ms } = judged(metric, &hints(&name, item));
        facts.objectives.push(Objective {
            name: name.clone(),
            service: spec.string("service").or_else(|| spec.string("serviceRef")),
            indicator,
            target: target(item),
            threshold_ms: threshold_ms.or_else(|| threshold(item, metric, indicator)),
            window_d: window_d(spec),
            journey: None,
            format: "OpenSLO",
            generates_alerts: false,
            pages: false,
            place: item.place.clone(),
        });
    }
}

fn name_of(object: &Node) -> Option<Placed<String>> {
    object.get("metadata")?.string("name")
}

fn sli(object: &Node) -> Option<Sli> {
    let name = name_of(object)?;
    let metric = metric_in(object.get("spec")?);
    Some(Sli { judged: judged(metric, &name), name: name.value })
}

fn either<'a>(node: &'a Node, keys: [&str; 2]) -> Option<&'a Node> {
    keys.iter().find_map(|key| node.get(key))
}

/// The metric that an objective or specification holds itself.
fn metric(holder: &Node) -> Option<&Node> {
    let indicator = either(holder, ["indicator", "sli"]);
    let inside = indicator.and_then(|it| metric_in(it.get("spec").unwrap_or(it)));
    inside.or_else(|| either(holder, ["ratioMetrics", "ratioMetric"]))
}

fn metric_in(spec: &Node) -> Option<&Node> {
    either(spec, ["ratioMetric", "thresholdMetric"])
}

fn hints(name: &str, item: &Node) -> String {
    let shown = item.get("displayName").and_then(Node::str).unwrap_or_default();
    format!("{name} {shown}")
}

fn judged(metric: Option<&Node>, name: &str) -> Judged {
    let mut queries = Vec::new();
    if let Some(metric) = metric {
        texts(metric, &mut queries);
    }
    judge(&queries, name)
}

/// All texts in a node; its depth is bounded, so is the recursion.
fn texts(node: &Node, found: &mut Vec<Placed<String>>) {
    found.extend(node.strings());
    node.items().iter().filter(|item| item.scalar().is_none()).for_each(|item| texts(item, found));
    node.entries().for_each(|(_, _, value)| texts(value, found));
}

/// The value that a latency is compared with, where the unit is known.
fn threshold(item: &Node, metric: Option<&Node>, indicator: Indicator) -> Option<Placed<f64>> {
    let value = item.get("value").filter(|_| indicator == Indicator::Latency)?;
    let mut queries = Vec::new();
    texts(metric?, &mut queries);
    let unit = queries.iter().find_map(|query| unit_ms(query))?;
    Some(Placed::new(value.float()? * unit, value.place.clone()))
}

fn target(item: &Node) -> Option<Placed<f64>> {
    let ratio = item.get("target").and_then(|it| Some(Placed::new(it.float()?, it.place.clone())));
    ratio.or_else(|| item.get("targetPercent").and_then(percentage))
}

/// The first window, in days.
fn window_d(spec: &Node) -> Option<Placed<f64>> {
    let window = either(spec, ["timeWindow", "timeWindows"])?.items().first()?;
    if let Some(duration) = window.string("duration") {
        let end = duration.find(|c: char| !c.is_ascii_digit())?;
        let (count, unit) = duration.split_at(end);
        let days = count.parse::<f64>().ok()? * days_of(unit)?;
        return Some(Placed::new(days, duration.place));
    }
    let count = window.get("count")?;
    let days = count.float()? * days_of(window.get("unit")?.str()?)?;
    Some(Placed::new(days, count.place.clone()))
}

/// Days of a unit, of the shorthand or of version 1alpha.
fn days_of(unit: &str) -> Option<f64> {
    Some(match unit {
        "m" | "Minute" => 1.0 / 1_440.0,
        "h" | "Hour" => 1.0 / 24.0,
        "d" | "Day" => 1.0,
        "w" | "Week" => 7.0,
        "M" | "Month" => 30.0,
        "Q" | "Quarter" => 90.0,
        "Y" | "Year" => 365.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
