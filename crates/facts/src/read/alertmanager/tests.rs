//! Configurations as they are found in repositories.

use proptest::prelude::*;

use crate::{Alertmanager, Facts, read};

const PLAIN: &str = r#"# Routes.
global: {slack_api_url: "https://x"}
route:
  receiver: team
  group_by: [alertname]
  routes:
    - matchers:
        - severity="critical"
      receiver: pager
      continue: true
    - match: {alertname: Watchdog}
      receiver: null
receivers:
  - name: team
    slack_configs:
      - channel: a
      - channel: b
    email_configs: []
  - name: pager
    pagerduty_configs: [{routing_key: x}]
  - name: "null"
"#;

fn facts(text: &str) -> Facts {
    read(&"a.yaml".into(), text.as_bytes())
}

fn only(facts: &Facts) -> &Alertmanager {
    assert_eq!((facts.alertmanagers.len(), facts.gaps.len()), (1, 0), "{facts:?}");
    &facts.alertmanagers[0]
}

/// `text` with each line but the first `depth` columns further right.
fn indented(text: &str, depth: usize) -> String {
    text.replace('\n', &format!("\n{}", " ".repeat(depth)))
}

#[test]
fn a_plain_file_is_read_with_places() {
    let facts = facts(PLAIN);
    let config = only(&facts);
    assert_eq!(config.place.to_string(), "a.yaml:2:1");
    let route = config.route.as_ref().unwrap();
    assert_eq!(route.receiver.as_ref().unwrap().place.to_string(), "a.yaml:4:13");
    let [critical, watchdog] = route.routes.as_slice() else { panic!("{route:?}") };
    assert_eq!(critical.place.to_string(), "a.yaml:7:7");
    assert_eq!(critical.matchers[0].place.to_string(), "a.yaml:8:11");
    assert!(critical.continues && !watchdog.continues);
    assert_eq!(watchdog.matchers[0].value, "Watchdog");
    assert_eq!(watchdog.receiver.as_ref().unwrap().value, "null");
    let [team, pager, null] = config.receivers.as_slice() else { panic!("{config:?}") };
    assert_eq!(team.name.place.to_string(), "a.yaml:14:11");
    let kinds: Vec<_> = team.integrations.iter().map(|it| it.value.as_str()).collect();
    assert_eq!(kinds, ["slack", "slack"]);
    assert_eq!(team.integrations[1].place.to_string(), "a.yaml:17:9");
    assert_eq!(pager.integrations[0].value, "pagerduty");
    assert_eq!((null.name.value.as_str(), null.integrations.len()), ("null", 0));
}

#[test]
fn a_configuration_inside_a_secret_stands_where_it_is_written() {
    let text = format!(
        "kind: Secret\nstringData:\n  alertmanager.yaml: |-\n    {}\ntype: Opaque\n",
        indented(PLAIN.trim_end(), 4)
    );
    let facts = facts(&text);
    assert_eq!(only(&facts).receivers[0].name.place.to_string(), "a.yaml:17:15");
}

#[test]
fn an_encoded_configuration_is_a_gap() {
    let facts = read(
        &"alertmanager.yaml".into(),
        b"kind: Secret\ndata:\n  alertmanager.yaml: Z2xvYmFsOgo=\n",
    );
    assert_eq!(facts.alertmanagers, []);
    assert_eq!(facts.gaps[0].place.to_string(), "alertmanager.yaml:3:3");
}

#[test]
fn values_of_a_chart_hold_a_configuration() {
    let text = format!("stack:\n  alertmanager:\n    config:\n      {}", indented(PLAIN, 6));
    let facts = facts(&text);
    assert_eq!(only(&facts).receivers.len(), 3);
}

#[test]
fn an_object_of_the_operator_is_read_in_its_own_spelling() {
    let facts = facts(
        "apiVersion: monitoring.coreos.com/v1alpha1\nkind: AlertmanagerConfig\nspec:\n  route:\n    receiver: a\n    \
         matchers: [{name: team, value: db|ops, matchType: '!~'}]\n  receivers:\n    - name: a\n      \
         opsgenieConfigs: [{responders: []}]\n",
    );
    let config = only(&facts);
    let matcher = &config.route.as_ref().unwrap().matchers[0];
    assert!(matcher.is_regex && matcher.is_negated);
    assert_eq!(matcher.place.to_string(), "a.yaml:6:16");
    assert_eq!(config.receivers[0].integrations[0].value, "opsgenie");
}

#[test]
fn a_matcher_that_cannot_be_read_is_a_gap() {
    let facts = facts(
        "route: {receiver: a, routes: [{matchers: ['severity > 1']}]}\nreceivers: [{name: a}]\n",
    );
    assert_eq!(facts.gaps.len(), 1);
    assert_eq!(facts.gaps[0].place.to_string(), "a.yaml:1:43");
    assert!(facts.gaps[0].reason.contains("`severity > 1`"));
}

#[test]
fn configurations_of_others_are_none() {
    for text in [
        "route: {receiver: a}\nreceivers: {otlp: {}}\n",
        "receivers: [{name: a}]\nroute: x\n# receiver:",
    ] {
        assert_eq!(facts(text).alertmanagers, [], "{text}");
    }
}

proptest! {
    #[test]
    fn changed_configurations_never_make_the_reader_panic(
        at in 0_usize..600,
        length in 0_usize..20,
        piece in "[-:{}\\[\\]|&*\"'=~!, \n0-9a-zé]{0,6}",
        label in "[a-z]{0,4}",
    ) {
        let mut chars: Vec<char> = PLAIN.chars().collect();
        let start = at.min(chars.len());
        let end = (start + length).min(chars.len());
        chars.splice(start..end, piece.chars());
        let text: String = chars.into_iter().collect();
        for config in facts(&text).alertmanagers {
            let routed = config.receivers_of(&[("alertname", &label)]);
            prop_assert!(routed.receivers.len() <= config.receivers.len());
        }
    }
}
