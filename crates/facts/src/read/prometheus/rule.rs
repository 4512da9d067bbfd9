//! One rule.

use model::Placed;

use crate::promql::{Misread, Query, duration_s, read_query};
use crate::tree::Node;
use crate::{Alert, Facts, Recording};

/// Whether the node is a rule of Prometheus, its relatives or Grafana.
pub(super) fn is_rule(rule: &Node) -> bool {
    let has = |key| rule.get(key).is_some();
    has("alert") || has("record") || has("title") && has("condition") && has("data")
}

/// Takes the alert or recording.
pub(super) fn take(group: &str, rule: &Node, facts: &mut Facts) {
    if let Some(name) = rule.string("alert") {
        facts.alerts.push(alert(group, name, rule));
    } else if let Some(name) = rule.string("record") {
        facts.recordings.extend(recording(name, rule));
    } else if let Some(name) = rule.string("title").filter(|_| is_rule(rule)) {
        facts.alerts.push(provisioned(group, name, rule));
    }
}

fn recording(name: Placed<String>, rule: &Node) -> Option<Recording> {
    Some(Recording { name, expression: rule.string("expr")?, labels: pairs(rule, "labels") })
}

fn alert(group: &str, name: Placed<String>, rule: &Node) -> Alert {
    let expression = rule.string("expr");
    let read = match &expression {
        Some(expression) => read_query(expression),
        None => Err(Misread::Invalid("the rule has no expression".to_owned())),
    };
    let expression = expression.unwrap_or_else(|| Placed::new(String::new(), rule.place.clone()));
    assemble(group, name, rule, expression, read)
}

/// An alert of Grafana: its data are queries and sums over them; its condition holds the limits.
fn provisioned(group: &str, name: Placed<String>, rule: &Node) -> Alert {
    let data = rule.get("data").map(Node::items).unwrap_or_default();
    let mut query = Query::default();
    let mut misread = None;
    let mut expressions = data.iter().filter_map(|data| data.get("model")?.string("expr"));
    let first = expressions.next();
    for expression in first.iter().cloned().chain(expressions) {
        match read_query(&expression) {
            Ok(read) => query.join(read),
            Err(Misread::Invalid(reason) | Misread::Unjudged(reason)) => misread = Some(reason),
        }
    }
    query.thresholds.extend(data.iter().flat_map(limits));
    let expression = first.unwrap_or_else(|| Placed::new(String::new(), rule.place.clone()));
    let read = misread.map_or(Ok(query), |reason| Err(Misread::Unjudged(reason)));
    assemble(group, name, rule, expression, read)
}

/// The parameters of the conditions in a query of Grafana.
fn limits(data: &Node) -> impl Iterator<Item = f64> {
    let conditions = data.at(&["model", "conditions"]).map(Node::items).unwrap_or_default();
    let evaluators = conditions.iter().filter_map(|condition| condition.get("evaluator"));
    evaluators.filter_map(|it| it.get("params")).flat_map(Node::items).filter_map(Node::float)
}

fn assemble(
    group: &str,
    name: Placed<String>,
    rule: &Node,
    expression: Placed<String>,
    read: Result<Query, Misread>,
) -> Alert {
    let (query, invalid, unjudged) = match read {
        Ok(query) => (query, None, None),
        Err(Misread::Invalid(reason)) => (Query::default(), Some(reason), None),
        Err(Misread::Unjudged(reason)) => (Query::default(), None, Some(reason)),
    };
    Alert {
        name,
        group: group.to_owned(),
        expression,
        invalid,
        unjudged,
        for_s: duration(rule, "for"),
        labels: pairs(rule, "labels"),
        annotations: pairs(rule, "annotations"),
        metrics: query.metrics,
        windows_s: query.windows_s,
        thresholds: query.thresholds,
        place: rule.place.clone(),
    }
}

fn duration(rule: &Node, key: &str) -> Option<Placed<f64>> {
    let text = rule.string(key)?;
    Some(Placed::new(duration_s(&text)?, text.place))
}

fn pairs(rule: &Node, key: &str) -> Vec<(String, Placed<String>)> {
    let entries = rule.get(key).into_iter().flat_map(Node::entries);
    let texts = entries.filter_map(|(key, _, value)| {
        Some((key.to_owned(), Placed::new(value.str()?.to_owned(), value.place.clone())))
    });
    texts.collect()
}
