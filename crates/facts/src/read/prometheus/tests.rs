//! Rules as they are found in repositories.

use proptest::prelude::*;

use crate::{Alert, Facts, read, settle};

const PLAIN: &str = r#"groups:
  - name: api
    rules:
      - record: job:errors:rate5m
        expr: sum by (job) (rate(errors_total[5m]))
        labels: {team: payments}
      - alert: TooManyErrors
        expr: |
          job:errors:rate5m > 0.05
        for: 1h30m
        labels:
          severity: page
        annotations:
          summary: "{{ $labels.job }} fails"
          runbook_url: https://runbooks.example/errors
"#;

fn facts(path: &str, text: &str) -> Facts {
    let mut facts = read(&path.into(), text.as_bytes());
    settle(&mut facts);
    facts
}

fn only(facts: &Facts) -> &Alert {
    assert_eq!((facts.alerts.len(), facts.gaps.len()), (1, 0), "{facts:?}");
    &facts.alerts[0]
}

#[test]
fn a_plain_rule_file_is_read_with_places() {
    let facts = facts("ops/api.rules", PLAIN);
    let alert = only(&facts);
    assert_eq!(alert.name.place.to_string(), "ops/api.rules:7:16");
    assert_eq!(alert.expression.place.to_string(), "ops/api.rules:9:11");
    assert_eq!(alert.group, "api");
    let for_s = alert.for_s.as_ref().unwrap();
    assert_eq!((for_s.value, for_s.place.line, for_s.place.column), (5_400.0, 10, 14));
    assert_eq!(alert.labels[0].0, "severity");
    assert_eq!(alert.annotations[1].1.place.to_string(), "ops/api.rules:15:24");
    assert_eq!(alert.place.line, 7);
    assert_eq!((&alert.invalid, &alert.unjudged), (&None, &None));
    assert_eq!(facts.recordings[0].name.place.to_string(), "ops/api.rules:4:17");
}

#[test]
fn metrics_and_windows_are_found_through_recordings() {
    let facts = facts("a.yml", PLAIN);
    let alert = only(&facts);
    assert_eq!(alert.metrics, ["job:errors:rate5m", "errors_total"]);
    assert_eq!(alert.windows_s, [300.0]);
    assert_eq!(alert.thresholds, [0.05]);
}

#[test]
fn recordings_that_read_each_other_come_to_an_end() {
    let facts = facts(
        "a.yml",
        "groups: [{name: a, rules: [{record: a, expr: b}, {record: b, expr: 'a + rate(c[1m])'},\n\
         {alert: A, expr: 'a > 1'}]}]",
    );
    let alert = only(&facts);
    assert_eq!(alert.metrics, ["a", "b", "c"]);
    assert_eq!(alert.windows_s, [60.0]);
}

#[test]
fn a_recording_of_another_tree_tells_its_window_by_its_name() {
    let facts = facts(
        "a.yml",
        "groups: [{rules: [{alert: Burn, expr: 'slo:sli_error:ratio_rate1h > 0.0144 \
         and slo:sli_error:ratio_rate5m > (14.4 * 0.001)'}]}]",
    );
    assert_eq!(only(&facts).windows_s, [3_600.0, 300.0]);
    assert_eq!(only(&facts).thresholds.len(), 2);
}

#[test]
fn objects_of_the_operator_are_read_also_inside_lists_and_config_maps() {
    let object = "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nspec:\n  groups:\n  \
                  - rules:\n    - alert: Down\n      expr: up == 0\n";
    assert_eq!(only(&facts("a.yaml", object)).name.place.to_string(), "a.yaml:6:14");
    let indented = object.replace('\n', "\n    ");
    let list = format!("kind: List\nitems:\n  - {indented}");
    assert_eq!(only(&facts("a.yaml", &list)).name.place.to_string(), "a.yaml:8:18");
    let plain = PLAIN.replace('\n', "\n    ");
    let map = format!("kind: ConfigMap\ndata:\n  api.yml: |\n    {plain}");
    assert_eq!(only(&facts("a.yaml", &map)).name.place.to_string(), "a.yaml:10:20");
}

#[test]
fn an_alert_of_grafana_is_an_alert() {
    let facts = facts(
        "alerts.yaml",
        "apiVersion: 1\ngroups:\n  - name: carts\n    rules:\n      - uid: a\n        title: Slow\n        \
         condition: B\n        for: 1m\n        data:\n          - refId: A\n            model:\n              \
         expr: histogram_quantile(0.95, sum(rate(add_bucket[5m])) by (le))\n          - refId: B\n            \
         model:\n              conditions:\n                - evaluator: {params: [8000], type: gt}\n",
    );
    let alert = only(&facts);
    assert_eq!(alert.name.place.to_string(), "alerts.yaml:6:16");
    assert_eq!(alert.metrics, ["add_bucket"]);
    assert_eq!(alert.thresholds, [8_000.0]);
    assert_eq!(alert.expression.place.line, 12);
}

#[test]
fn wrong_expressions_are_invalid_and_foreign_ones_are_not_judged() {
    let facts = facts(
        "a.yml",
        "groups:\n- rules:\n  - {alert: A, expr: 'rate(x)'}\n  - {alert: B}\n  \
         - {alert: C, expr: 'sum(rate({app=\"a\"} |= \"x\" [5m])) > 1'}\n",
    );
    let [wrong, none, foreign] = facts.alerts.as_slice() else { panic!("{facts:?}") };
    assert!(wrong.invalid.is_some() && none.invalid.is_some() && foreign.invalid.is_none());
    assert!(foreign.unjudged.is_some() && wrong.unjudged.is_none());
    assert_eq!(none.expression.place.to_string(), "a.yml:4:5");
}

#[test]
fn rules_that_are_only_made_by_jsonnet_are_a_gap() {
    let paths = vec!["mixin/alerts.libsonnet".into(), "mixin/config.libsonnet".into()];
    let mut facts = Facts { paths, ..Facts::default() };
    settle(&mut facts);
    assert_eq!(facts.gaps.len(), 1);
    assert_eq!(facts.gaps[0].place.to_string(), "mixin/alerts.libsonnet:1:1");
}

#[test]
fn files_without_rules_are_of_another_kind() {
    for text in ["groups: [admins]\n", "groups: []\n", "a: {groups: [{rules: [{alert: A}]}]}\n"] {
        let facts = facts("a.rules", text);
        assert_eq!((facts.alerts.len(), facts.recordings.len()), (0, 0), "{text}");
    }
}

proptest! {
    #[test]
    fn changed_rules_never_make_the_reader_panic(
        at in 0_usize..500,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|&*\"' \n0-9a-zé]{0,6}",
    ) {
        let mut chars: Vec<char> = PLAIN.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        for alert in facts("a.yml", &text).alerts {
            prop_assert!(alert.place.line as usize <= text.lines().count() + 1);
        }
    }
}
