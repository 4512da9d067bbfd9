//! What watches: Prometheus rules and the routes of Alertmanager.

mod routing;

use model::{Place, Placed};

pub use routing::{Routed, Router};

/// An alerting rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Alert {
    /// Its name.
    pub name: Placed<String>,
    /// The rule group.
    pub group: String,
    /// The expression, as written.
    pub expression: Placed<String>,
    /// Whether the expression is valid PromQL, else the parser's reason.
    pub invalid: Option<String>,
    /// Why the expression was not understood although it may be right (`LogQL`, a template), as a
    /// clause; `metrics`, `windows_s` and `thresholds` are empty then.
    pub unjudged: Option<String>,
    /// `for`, in seconds.
    pub for_s: Option<Placed<f64>>,
    /// Labels.
    pub labels: Vec<(String, Placed<String>)>,
    /// Annotations.
    pub annotations: Vec<(String, Placed<String>)>,
    /// Metric names that the expression reads, behind them those that the recording rules of the
    /// tree read for it.
    pub metrics: Vec<String>,
    /// Range windows in the expression, in seconds, and in the recording rules behind it; of a
    /// recording that the tree does not have, the window that its name tells (`:ratio_rate1h`).
    pub windows_s: Vec<f64>,
    /// Numbers that the expression compares with, arithmetic on constants carried out.
    pub thresholds: Vec<f64>,
    /// Where the rule starts.
    pub place: Place,
}

/// A recording rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// Name of the series that it writes.
    pub name: Placed<String>,
    /// The expression, as written.
    pub expression: Placed<String>,
    /// Labels.
    pub labels: Vec<(String, Placed<String>)>,
}

/// One Alertmanager configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Alertmanager {
    /// The file, at its first key.
    pub place: Place,
    /// The root of the route tree.
    pub route: Option<Route>,
    /// Receivers by name.
    pub receivers: Vec<Receiver>,
}

/// A node of the route tree.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// Receiver; inherited from the parent where `None`.
    pub receiver: Option<Placed<String>>,
    /// `match`, `match_re` and `matchers`, all of which must hold.
    pub matchers: Vec<Matcher>,
    /// Whether later siblings are tried too.
    pub continues: bool,
    /// Children in order.
    pub routes: Vec<Route>,
    /// Where the route starts.
    pub place: Place,
}

/// A condition on one label.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// Label.
    pub label: String,
    /// Value or regular expression.
    pub value: String,
    /// Whether `value` is an (anchored) regular expression.
    pub is_regex: bool,
    /// Whether the condition is negated.
    pub is_negated: bool,
    /// Where it is written.
    pub place: Place,
}

/// A receiver of notifications.
#[derive(Clone, Debug, PartialEq)]
pub struct Receiver {
    /// Its name.
    pub name: Placed<String>,
    /// Its integrations by kind: `pagerduty`, `slack`, `email`, `webhook` …; empty: reaches nobody.
    pub integrations: Vec<Placed<String>>,
}
