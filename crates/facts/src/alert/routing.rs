//! Where an alert goes: the route tree evaluated as Alertmanager does.

use model::Placed;
use regex::{Regex, RegexBuilder};

use crate::{Alertmanager, Matcher, Receiver, Route};

/// Bytes that one compiled regular expression may take.
const MAX_REGEX_BYTES: usize = 128 << 10;

/// Regular expressions of one configuration that are compiled.
const MAX_REGEXES: usize = 2_000;

/// Where an alert goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Routed<'a> {
    /// The receivers that get it, each once.
    pub receivers: Vec<&'a Receiver>,
    /// Names of receivers that should get it and are not declared.
    pub undeclared: Vec<&'a Placed<String>>,
    /// Matchers on the way whose regular expression could not be compiled, or was one too many;
    /// they were taken not to match.
    pub unjudged: Vec<&'a Matcher>,
}

/// An Alertmanager configuration that is ready to route many alerts.
#[derive(Debug)]
pub struct Router<'a> {
    receivers: &'a [Receiver],
    root: Option<Branch<'a>>,
}

/// A route with its regular expressions compiled.
#[derive(Debug)]
struct Branch<'a> {
    route: &'a Route,
    patterns: Vec<Option<Regex>>,
    branches: Vec<Branch<'a>>,
}

impl Alertmanager {
    /// The receivers of an alert with these labels; [`Alertmanager::router`] is for many alerts.
    pub fn receivers_of(&self, labels: &[(&str, &str)]) -> Routed<'_> {
        self.router().receivers_of(labels)
    }

    /// Prepares the routing of many alerts.
    pub fn router(&self) -> Router<'_> {
        let mut left = MAX_REGEXES;
        let root = self.route.as_ref().map(|route| Branch::new(route, &mut left));
        Router { receivers: &self.receivers, root }
    }
}

impl<'a> Router<'a> {
    /// The receivers of an alert with these labels, `alertname` among them.
    ///
    /// The tree is walked in depth; of siblings the first that matches takes the alert, and later
    /// ones too as long as those before `continue`. A label that the alert does not have is the
    /// empty text, and regular expressions match the whole value.
    pub fn receivers_of(&self, labels: &[(&str, &str)]) -> Routed<'a> {
        let mut routed = Routed::default();
        let mut names = Vec::new();
        if let Some(root) = &self.root {
            root.visit(None, labels, &mut names, &mut routed);
        }
        for name in names {
            match self.receivers.iter().find(|receiver| receiver.name.value == name.value) {
                None => routed.undeclared.push(name),
                Some(receiver) => {
                    if !routed.receivers.iter().any(|known| std::ptr::eq(*known, receiver)) {
                        routed.receivers.push(receiver);
                    }
                }
            }
        }
        routed
    }
}

impl<'a> Branch<'a> {
    /// The depth of routes is bounded by that of files, so is the recursion.
    fn new(route: &'a Route, left: &mut usize) -> Self {
        Self {
            route,
            patterns: route.matchers.iter().map(|matcher| pattern(matcher, left)).collect(),
            branches: route.routes.iter().map(|route| Branch::new(route, left)).collect(),
        }
    }

    /// Whether the route takes the alert; then the receivers under it are in `names`.
    fn visit(
        &self,
        inherited: Option<&'a Placed<String>>,
        labels: &[(&str, &str)],
        names: &mut Vec<&'a Placed<String>>,
        routed: &mut Routed<'a>,
    ) -> bool {
        if !self.is_match(labels, routed) {
            return false;
        }
        let receiver = self.route.receiver.as_ref().or(inherited);
        let mut is_taken = false;
        for branch in &self.branches {
            if branch.visit(receiver, labels, names, routed) {
                is_taken = true;
                if !branch.route.continues {
                    break;
                }
            }
        }
        if !is_taken {
            names.extend(receiver);
        }
        true
    }

    fn is_match(&self, labels: &[(&str, &str)], routed: &mut Routed<'a>) -> bool {
        self.route.matchers.iter().zip(&self.patterns).all(|(matcher, pattern)| {
            let label = labels.iter().find(|(label, _)| *label == matcher.label);
            let value = label.map_or("", |(_, value)| value);
            if !matcher.is_regex {
                return (value == matcher.value) != matcher.is_negated;
            }
            let Some(pattern) = pattern else {
                routed.unjudged.push(matcher);
                return false;
            };
            pattern.is_match(value) != matcher.is_negated
        })
    }
}

fn pattern(matcher: &Matcher, left: &mut usize) -> Option<Regex> {
    let pattern = matcher.is_regex.then(|| format!("^(?:{})$", matcher.value))?;
    *left = left.checked_sub(1)?;
    RegexBuilder::new(&pattern).size_limit(MAX_REGEX_BYTES).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::read;

    const CONFIG: &str = r#"
route:
  receiver: default
  routes:
    - matchers: [alertname = Watchdog]
      receiver: "null"
    - match: {team: payments}
      receiver: payments-chat
      routes:
        - matchers: [severity="critical"]
          receiver: payments-pager
          continue: true
        - match_re: {severity: critical|page}
          receiver: archive
        - matchers: ["env!~prod.*"]
    - matchers: ['owner=""', "service=~(orders|carts)"]
      receiver: gone
    - matchers: ["broken=~("]
      receiver: archive
receivers:
  - name: default
  - name: "null"
  - name: payments-chat
  - name: payments-pager
  - name: archive
"#;

    fn config() -> Alertmanager {
        read(&"alertmanager.yml".into(), CONFIG.as_bytes()).alertmanagers.remove(0)
    }

    fn receivers(labels: &[(&str, &str)]) -> Vec<String> {
        let config = config();
        let routed = config.receivers_of(labels);
        let undeclared = routed.undeclared.iter().map(|name| format!("?{}", name.value));
        routed.receivers.iter().map(|it| it.name.value.clone()).chain(undeclared).collect()
    }

    #[test]
    fn what_no_child_takes_goes_to_the_receiver_of_the_route() {
        assert_eq!(receivers(&[("alertname", "Down")]), ["default"]);
        assert_eq!(receivers(&[("alertname", "Watchdog")]), ["null"]);
        let prod = [("team", "payments"), ("env", "production")];
        assert_eq!(receivers(&prod), ["payments-chat"]);
    }

    #[test]
    fn siblings_are_tried_on_only_after_one_that_continues() {
        let critical = [("team", "payments"), ("severity", "critical")];
        assert_eq!(receivers(&critical), ["payments-pager", "archive"]);
        assert_eq!(receivers(&[("team", "payments"), ("severity", "page")]), ["archive"]);
    }

    #[test]
    fn a_child_without_receiver_has_that_of_its_parent() {
        assert_eq!(receivers(&[("team", "payments"), ("env", "test")]), ["payments-chat"]);
    }

    #[test]
    fn regular_expressions_match_the_whole_value_and_a_missing_label_is_empty() {
        assert_eq!(receivers(&[("service", "orders")]), ["?gone"]);
        assert_eq!(receivers(&[("service", "orders-api")]), ["default"]);
        assert_eq!(receivers(&[("service", "orders"), ("owner", "x")]), ["default"]);
    }

    #[test]
    fn a_broken_regular_expression_is_told() {
        let config = config();
        let routed = config.receivers_of(&[("broken", "x")]);
        assert_eq!(routed.unjudged.len(), 1);
        assert_eq!(routed.unjudged[0].label, "broken");
        assert!(config.receivers_of(&[("alertname", "Watchdog")]).unjudged.is_empty());
    }
}
