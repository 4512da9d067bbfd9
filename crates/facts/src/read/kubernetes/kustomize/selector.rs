//! Label selectors as text: `app=api,tier in (web, edge),!legacy`.

use crate::tree::Node;

/// One requirement of a selector.
#[derive(Debug, PartialEq)]
enum Clause {
    In(String, Vec<String>),
    NotIn(String, Vec<String>),
    Exists(String),
    Missing(String),
}

/// What a selector asks for; all of it must hold.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Selector(Vec<Clause>);

impl Selector {
    /// `None` where the text is no selector.
    pub(super) fn of(text: &str) -> Option<Self> {
        let clauses = parts(text).into_iter().map(str::trim).filter(|part| !part.is_empty());
        clauses.map(clause).collect::<Option<_>>().map(Self)
    }

    /// Whether a mapping of labels satisfies it.
    pub(super) fn is_met(&self, labels: Option<&Node>) -> bool {
        let value = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::str);
        let is_one = |key: &str, values: &[String]| {
            value(key).is_some_and(|value| values.iter().any(|wanted| wanted == value))
        };
        self.0.iter().all(|clause| match clause {
            Clause::In(key, values) => is_one(key, values),
            Clause::NotIn(key, values) => !is_one(key, values),
            Clause::Exists(key) => value(key).is_some(),
            Clause::Missing(key) => value(key).is_none(),
        })
    }
}

/// The parts between commas that stand outside of parentheses.
fn parts(text: &str) -> Vec<&str> {
    let mut is_inside = false;
    text.split(move |sign| {
        is_inside = sign == '(' || (is_inside && sign != ')');
        sign == ',' && !is_inside
    })
    .collect()
}

fn clause(part: &str) -> Option<Clause> {
    let name = |text: &str| {
        let text = text.trim();
        let is_name = !text.is_empty() && !text.contains([' ', '(', ')', '=', '!', ',']);
        is_name.then(|| text.to_owned())
    };
    if let Some((key, value)) = part.split_once("!=") {
        return Some(Clause::NotIn(name(key)?, vec![value.trim().to_owned()]));
    }
    if let Some((key, value)) = part.split_once('=') {
        let value = value.strip_prefix('=').unwrap_or(value);
        return Some(Clause::In(name(key)?, vec![value.trim().to_owned()]));
    }
    if let Some((before, values)) = part.strip_suffix(')').and_then(|part| part.split_once('(')) {
        let values = values.split(',').map(|value| value.trim().to_owned()).collect();
        let before = before.trim();
        if let Some(key) = before.strip_suffix(" notin") {
            return Some(Clause::NotIn(name(key)?, values));
        }
        return Some(Clause::In(name(before.strip_suffix(" in")?)?, values));
    }
    match part.strip_prefix('!') {
        Some(key) => name(key).map(Clause::Missing),
        None => name(part).map(Clause::Exists),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::read_yaml;

    #[test]
    fn every_form_of_a_requirement_is_understood() {
        let read = read_yaml(&"a.yaml".into(), "{app: api, tier: web}");
        let labels = Some(&read.documents[0].root);
        let met = [
            "",
            "app=api",
            "app == api, tier",
            "app!=x",
            "tier in (edge, web)",
            "!old",
            "old notin (a)",
            "old!=true",
        ];
        let unmet =
            ["app=x", "old", "!app", "tier in (edge)", "tier notin (web, edge)", "app=api,old=1"];
        for text in met {
            assert!(Selector::of(text).unwrap().is_met(labels), "{text}");
        }
        for text in unmet {
            assert!(!Selector::of(text).unwrap().is_met(labels), "{text}");
        }
        for text in ["a b", "a in b", "(", "=x", "a in (b", "a ~ b"] {
            assert_eq!(Selector::of(text), None, "{text}");
        }
    }
}
