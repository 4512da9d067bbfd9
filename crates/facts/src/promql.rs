//! PromQL: what an expression reads, over which windows, and what it compares with.
//!
//! Expressions come from hostile files and the parser recurses, so [`guard`] looks first.

mod constant;
mod duration;
mod guard;

use promql_parser::label::{MatchOp, Matcher};
use promql_parser::parser::{self, BinaryExpr, Expr, VectorSelector};

pub(crate) use duration::duration_s;

/// What stands in a PromQL expression.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Names of the metrics that it reads, each once, in order.
    pub metrics: Vec<String>,
    /// Range windows, those of subqueries too, in seconds, each once, in order.
    pub windows_s: Vec<f64>,
    /// Constants that it compares with, arithmetic on constants carried out, in order.
    pub thresholds: Vec<f64>,
}

/// Why an expression was not understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Misread {
    /// It is not valid PromQL: the parser's reason.
    Invalid(String),
    /// It may be right, but was not judged: why, as a clause.
    Unjudged(String),
}

/// Reads an expression.
pub fn read_query(expression: &str) -> Result<Query, Misread> {
    let guarded = guard::guard(expression).map_err(Misread::Unjudged)?;
    match parser::parse(&guarded) {
        Ok(tree) => {
            let mut query = Query::default();
            query.take(&tree);
            Ok(query)
        }
        Err(reason) => Err(match guard::other_language(expression, &reason) {
            Some(other) => Misread::Unjudged(other.to_owned()),
            None => Misread::Invalid(reason),
        }),
    }
}

impl Query {
    /// Takes over what stands in `other`, its thresholds left out.
    pub(crate) fn join(&mut self, other: Self) {
        other.metrics.into_iter().for_each(|metric| self.take_metric(&metric));
        other.windows_s.into_iter().for_each(|window_s| self.take_window(window_s));
    }

    /// Takes what stands in `expr`; the guard bounds its depth, so does it the recursion.
    fn take(&mut self, expr: &Expr) {
        match expr {
            Expr::Aggregate(aggregate) => {
                aggregate.param.iter().for_each(|param| self.take(param));
                self.take(&aggregate.expr);
            }
            Expr::Unary(unary) => self.take(&unary.expr),
            Expr::Binary(binary) => self.take_binary(binary),
            Expr::Paren(paren) => self.take(&paren.expr),
            Expr::Subquery(subquery) => {
                self.take_window(subquery.range.as_secs_f64());
                self.take(&subquery.expr);
            }
            Expr::VectorSelector(selector) => self.take_selector(selector),
            Expr::MatrixSelector(matrix) => {
                self.take_window(matrix.range.as_secs_f64());
                self.take_selector(&matrix.vs);
            }
            Expr::Call(call) => call.args.args.iter().for_each(|argument| self.take(argument)),
            Expr::NumberLiteral(_) | Expr::StringLiteral(_) | Expr::Extension(_) => {}
        }
    }

    fn take_binary(&mut self, binary: &BinaryExpr) {
        if binary.op.is_comparison_operator() {
            let sides = [&binary.lhs, &binary.rhs].map(|side| constant::value_of(side));
            self.thresholds.extend(sides.into_iter().flatten());
        }
        self.take(&binary.lhs);
        self.take(&binary.rhs);
    }

    fn take_selector(&mut self, selector: &VectorSelector) {
        let matchers = &selector.matchers;
        let others = matchers.or_matchers.iter().flatten();
        let named = matchers.matchers.iter().chain(others).filter_map(name_in);
        for name in selector.name.as_deref().into_iter().chain(named) {
            self.take_metric(name);
        }
    }

    fn take_metric(&mut self, name: &str) {
        if !self.metrics.iter().any(|known| known == name) {
            self.metrics.push(name.to_owned());
        }
    }

    /// Adds a window that is not known yet.
    pub(crate) fn take_window(&mut self, window_s: f64) {
        if !self.windows_s.contains(&window_s) {
            self.windows_s.push(window_s);
        }
    }
}

/// The metric that a matcher on `__name__` names.
fn name_in(matcher: &Matcher) -> Option<&str> {
    let is_name = matcher.name == "__name__" && matches!(matcher.op, MatchOp::Equal);
    is_name.then_some(matcher.value.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(expression: &str) -> Query {
        read_query(expression).unwrap()
    }

    #[test]
    fn metrics_windows_and_thresholds_are_found() {
        let query = read(
            "sum(rate(http_requests_total{code=~\"5..\"}[5m])) \
             / sum(rate(http_requests_total[5m])) > 0.01 \
             and max_over_time(up{job=\"api\"}[1h:1m]) < bool 1",
        );
        assert_eq!(query.metrics, ["http_requests_total", "up"]);
        assert_eq!(query.windows_s, [300.0, 3_600.0]);
        assert_eq!(query.thresholds, [0.01, 1.0]);
    }

    #[test]
    fn constants_are_reckoned_and_the_name_may_stand_in_a_matcher() {
        let query = read("{__name__=\"slo:errors:ratio_rate1h\"} > (14.4 * (1 - 0.75))");
        assert_eq!(query.metrics, ["slo:errors:ratio_rate1h"]);
        assert_eq!(query.thresholds.len(), 1);
        assert!((query.thresholds[0] - 3.6).abs() < 1e-9);
        assert_eq!(read("-1 < up").thresholds, [-1.0]);
        assert!(read("a > b * 2").thresholds.is_empty());
    }

    #[test]
    fn the_parameter_of_an_aggregation_is_read_too() {
        assert_eq!(read("topk(scalar(limits), requests)").metrics, ["limits", "requests"]);
    }

    #[test]
    fn a_wrong_expression_is_invalid() {
        for wrong in ["sum(rate(x[5m])", "rate(x)", "x >", "", "1 > 2"] {
            assert!(matches!(read_query(wrong), Err(Misread::Invalid(_))), "{wrong}");
        }
    }

    #[test]
    fn other_languages_and_templates_are_not_judged() {
        for other in [
            "sum(rate({app=\"api\"} |= \"error\" [5m])) > 1",
            "sum(rate({app=\"api\"} | json | level=\"error\" [5m])) > 1",
            "rate(x[$__rate_interval]) > 1",
            "x > {{ .Values.limit }}",
            "x > ${LIMIT}",
            "histogram_share(0.1, x) > 1",
            "x > <threshold>",
        ] {
            assert!(matches!(read_query(other), Err(Misread::Unjudged(_))), "{other}");
        }
    }
}
