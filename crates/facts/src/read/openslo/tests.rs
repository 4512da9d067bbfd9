//! Objectives as they are found in repositories.

use proptest::prelude::*;

use crate::{Facts, Indicator, read, settle};

const V1: &str = r"apiVersion: openslo/v1
kind: SLO
metadata: {name: orders-latency}
spec:
  service: orders
  indicator:
    metadata: {name: fast}
    spec:
      thresholdMetric:
        metricSource:
          type: Prometheus
          spec: {query: 'histogram_quantile(0.99, rate(orders_seconds_bucket[5m]))'}
  timeWindow:
    - duration: 4w
      isRolling: true
  objectives:
    - displayName: p99
      op: lte
      value: 0.3
      target: 0.99
---
apiVersion: openslo/v1
kind: SLO
metadata: {name: orders}
spec:
  service: orders
  indicatorRef: good
  timeWindow: [{duration: 1M}]
  objectives: [{targetPercent: 99.9}]
";

const SLI: &str = r#"apiVersion: openslo/v1
kind: SLI
metadata: {name: good}
spec:
  ratioMetric:
    good: {metricSource: {spec: {query: 'requests_total{code!~"5.."}'}}}
    total: {metricSource: {spec: {query: requests_total}}}
"#;

fn facts(files: &[(&str, &str)]) -> Facts {
    let mut facts = Facts::default();
    for (path, text) in files {
        facts.append(read(&(*path).into(), text.as_bytes()));
    }
    settle(&mut facts);
    facts
}

#[test]
fn objectives_are_read_with_places_and_with_indicators_of_other_files() {
    let facts = facts(&[("slo.yaml", V1), ("sli.yaml", SLI)]);
    assert_eq!(facts.gaps, []);
    let [latency, good] = facts.objectives.as_slice() else { panic!("{facts:?}") };
    assert_eq!(latency.place.to_string(), "slo.yaml:17:7");
    assert_eq!(latency.name.place.to_string(), "slo.yaml:3:18");
    assert_eq!(latency.service.as_ref().unwrap().value, "orders");
    assert_eq!(latency.indicator, Indicator::Latency);
    let at = |placed: &model::Placed<f64>| (placed.value, placed.place.line, placed.place.column);
    assert_eq!(latency.threshold_ms.as_ref().map(at), Some((300.0, 19, 14)));
    assert_eq!(latency.target.as_ref().map(at), Some((0.99, 20, 15)));
    assert_eq!(latency.window_d.as_ref().map(at), Some((28.0, 14, 17)));
    assert_eq!(good.indicator, Indicator::Availability);
    assert_eq!(good.target.as_ref().map(|it| it.value), Some(0.999));
    assert_eq!(good.window_d.as_ref().map(|it| it.value), Some(30.0));
    assert!(!good.generates_alerts);
}

#[test]
fn an_indicator_in_no_file_is_a_gap() {
    let facts = facts(&[("slo.yaml", V1)]);
    assert_eq!(facts.gaps.len(), 1);
    assert_eq!(facts.gaps[0].place.to_string(), "slo.yaml:27:17");
    assert_eq!(facts.objectives[1].indicator, Indicator::Other);
}

#[test]
fn the_first_version_is_read_too() {
    let facts = facts(&[(
        "slo.yaml",
        "apiVersion: openslo/v1alpha\nkind: SLO\nmetadata: {name: a}\nspec:\n  service: s\n  objectives:\n    \
         - ratioMetrics: {good: {query: 'x_total{status!~\"5..\"}'}, total: {query: x_total}}\n      target: 0.999\n  \
         timeWindows: [{count: 1, unit: Quarter}]\n",
    )]);
    let [objective] = facts.objectives.as_slice() else { panic!("{facts:?}") };
    assert_eq!(objective.indicator, Indicator::Availability);
    assert_eq!(objective.window_d.as_ref().map(|it| it.value), Some(90.0));
}

proptest! {
    #[test]
    fn changed_objectives_never_make_the_reader_panic(
        at in 0_usize..800,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|\"'. \n0-9a-zé]{0,6}",
    ) {
        let mut chars: Vec<char> = V1.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        for objective in facts(&[("slo.yaml", &text), ("sli.yaml", SLI)]).objectives {
            prop_assert!(objective.place.line as usize <= text.lines().count());
        }
    }
}
