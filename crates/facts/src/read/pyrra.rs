//! Pyrra's `ServiceLevelObjective`.

use model::Placed;

use super::indicator::{Judged, judge, percentage};
use super::{Source, embedded};
use crate::promql::duration_s;
use crate::tree::Node;
use crate::{Facts, Indicator, Objective};

/// Labels that name the service, in the order of asking.
const SERVICE_LABELS: [&str; 4] = ["pyrra.dev/service", "service", "app.kubernetes.io/name", "app"];

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    text.contains("pyrra.dev/v1alpha1") && text.contains("ServiceLevelObjective")
}

/// Reads the document; `false`: it is not of this kind, or a list that may hold more.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    let objects = embedded::objects(document).iter().filter(|object| is_objective(object));
    facts.objectives.extend(objects.filter_map(objective));
    is_objective(document)
}

fn is_objective(object: &Node) -> bool {
    let version = object.get("apiVersion").and_then(Node::str).unwrap_or_default();
    let kind = object.get("kind").and_then(Node::str);
    version.starts_with("pyrra.dev/") && kind == Some("ServiceLevelObjective")
}

fn objective(object: &Node) -> Option<Objective> {
    let spec = object.get("spec")?;
    let metadata = object.get("metadata")?;
    let name = metadata.string("name")?;
    let Judged { indicator, threshold_ms } = judged(spec, &name);
    let labels = metadata.get("labels");
    let window = spec.string("window");
    Some(Objective {
        service: SERVICE_LABELS.iter().find_map(|label| labels?.string(label)),
        name,
        indicator,
        target: spec.get("target").and_then(percentage),
        threshold_ms,
        window_d: window.and_then(|it| Some(Placed::new(duration_s(&it)? / 86_400.0, it.place))),
        journey: None,
        format: "Pyrra",
        generates_alerts: generates_alerts(spec),
        pages: generates_alerts(spec),
        place: object.entries().next().map_or(&object.place, |(_, key, _)| &key.place).clone(),
    })
}

fn judged(spec: &Node, name: &str) -> Judged {
    let indicator = |kind: &str| spec.at(&["indicator", kind]);
    if let Some(native) = indicator("latencyNative") {
        let latency = native.string("latency");
        let threshold_ms =
            latency.and_then(|it| Some(Placed::new(duration_s(&it)? * 1000.0, it.place)));
        return Judged { indicator: Indicator::Latency, threshold_ms };
    }
    if let Some(latency) = indicator("latency") {
        let success = latency.get("success").and_then(|success| success.string("metric"));
        return judge(success.as_slice(), "latency");
    }
    if indicator("bool_gauge").or_else(|| indicator("boolGauge")).is_some() {
        return Judged { indicator: Indicator::Availability, threshold_ms: None };
    }
    let errors = spec.at(&["indicator", "ratio", "errors"]);
    let errors = errors.and_then(|errors| errors.string("metric"));
    judge(errors.as_slice(), name)
}

fn generates_alerts(spec: &Node) -> bool {
    let is =
        |key: &str, value: bool| spec.at(&["alerting", key]).and_then(Node::bool) == Some(value);
    !is("disabled", true) && !is("burnrates", false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{Facts, Indicator, Objective, read};

    const RATIO: &str = r#"apiVersion: pyrra.dev/v1alpha1
kind: ServiceLevelObjective
metadata:
  name: orders-errors
  labels: {app: orders}
spec:
  target: "99.5"
  window: 2w
  indicator:
    ratio:
      errors: {metric: 'requests_total{job="orders",code=~"5.."}'}
      total: {metric: 'requests_total{job="orders"}'}
"#;

    fn facts(text: &str) -> Facts {
        read(&"slo.yaml".into(), text.as_bytes())
    }

    fn only(text: &str) -> Objective {
        let facts = facts(text);
        assert_eq!((facts.objectives.len(), facts.gaps.len()), (1, 0), "{facts:?}");
        facts.objectives[0].clone()
    }

    fn with_indicator(indicator: &str) -> Objective {
        let before = RATIO.split("  indicator:").next().unwrap();
        only(&format!("{before}  indicator: {indicator}\n  alerting: {{burnrates: false}}\n"))
    }

    #[test]
    fn an_objective_is_read_with_places() {
        let objective = only(RATIO);
        assert_eq!(objective.place.to_string(), "slo.yaml:1:1");
        assert_eq!(objective.name.place.to_string(), "slo.yaml:4:9");
        assert_eq!(objective.service.as_ref().unwrap().value, "orders");
        let target = objective.target.as_ref().unwrap();
        assert_eq!((target.value, target.place.line, target.place.column), (0.995, 7, 11));
        let window = objective.window_d.as_ref().unwrap();
        assert_eq!((window.value, window.place.line, window.place.column), (14.0, 8, 11));
        assert_eq!(objective.indicator, Indicator::Availability);
        assert!(objective.generates_alerts);
    }

    #[test]
    fn all_indicators_are_told_apart() {
        let threshold = |objective: &Objective| objective.threshold_ms.as_ref().unwrap().value;
        let latency =
            with_indicator("{latency: {success: {metric: 'a_seconds_bucket{le=\"0.2\"}'}}}");
        assert_eq!((latency.indicator, threshold(&latency)), (Indicator::Latency, 200.0));
        let native = with_indicator("{latencyNative: {latency: 1s500ms}}");
        assert_eq!((native.indicator, threshold(&native)), (Indicator::Latency, 1500.0));
        let gauge = with_indicator("{bool_gauge: {metric: probe_success}}");
        assert_eq!(gauge.indicator, Indicator::Availability);
        assert!(!gauge.generates_alerts);
        let other = with_indicator("{ratio: {errors: {metric: stale_pages}}}");
        // The name of the objective tells where the metric does not.
        assert_eq!(other.indicator, Indicator::Availability);
    }

    proptest! {
        #[test]
        fn changed_objectives_never_make_the_reader_panic(
            at in 0_usize..350,
            length in 0_usize..20,
            piece in "[-:{}\\[\\]|\"'. \n0-9a-zé]{0,6}",
        ) {
            let mut chars: Vec<char> = RATIO.chars().collect();
            let start = at.min(chars.len());
            let end = (start + length).min(chars.len());
            chars.splice(start..end, piece.chars());
            let text: String = chars.into_iter().collect();
            for objective in facts(&text).objectives {
                prop_assert!(objective.place.line as usize <= text.lines().count());
            }
        }
    }
}
