//! What Toxiproxy did: the answer of its `GET /proxies`, and from when until when it was so.
//!
//! Toxiproxy keeps no results, so its own answer is wrapped: `{"from": …, "until": …, "proxies": …, "metrics": [before, after]}`. `metrics`
//! are the texts of its `GET /metrics` at both moments: only they tell whether anything went through a proxy.

use jiff::Timestamp;
use model::Place;

use super::{Refused, amount, moment};
use crate::tree::{Node, Value};

/// What Toxiproxy did in one stretch of time.
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbance {
    /// Since when its toxics stood.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// Its proxies.
    pub proxies: Vec<Disturbed>,
    /// Its metrics in the Prometheus text format at both moments.
    pub metrics: Option<(String, String)>,
    /// Where it starts.
    pub place: Place,
}

/// One proxy.
#[derive(Clone, Debug, PartialEq)]
pub struct Disturbed {
    /// Its name.
    pub name: String,
    /// What stands behind it.
    pub upstream: String,
    /// Whether it listens.
    pub is_enabled: bool,
    /// Its toxics.
    pub toxics: Vec<Toxic>,
    /// Where it stands.
    pub place: Place,
}

/// One toxic.
#[derive(Clone, Debug, PartialEq)]
pub struct Toxic {
    /// `latency`, `timeout`, `reset_peer` …
    pub kind: String,
    /// Share of connections that it falls on, from 0 to 1.
    pub toxicity: f64,
    /// Its attributes: `latency`, `timeout`, `rate` …
    pub attributes: Vec<(String, f64)>,
}

impl Toxic {
    /// The attribute called `name`.
    pub fn attribute(&self, name: &str) -> Option<f64> {
        self.attributes.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// Reads what Toxiproxy did.
pub(super) fn read(root: &Node) -> Result<Disturbance, Refused> {
    let when = |key: &str| {
        root.get(key).map(moment).transpose()?.ok_or_else(|| {
            let reason =
                format!("does not say `{key}`: since when and until when the toxics stood");
            Refused::at(&root.place, reason)
        })
    };
    let (from, until) = (when("from")?, when("until")?);
    if until <= from {
        return Err(Refused::at(&root.place, "`until` does not come after `from`"));
    }
    let listed = root.get("proxies").ok_or_else(|| Refused::at(&root.place, "has no `proxies`"))?;
    let proxies: Vec<Disturbed> = match &listed.value {
        Value::Mapping(_) => listed.entries().map(|(name, _, node)| proxy(name, node)).collect(),
        Value::Sequence(items) => items.iter().map(|node| proxy("", node)).collect(),
        Value::Scalar(_) => Err(Refused::at(&listed.place, "proxies are expected")),
    }?;
    Ok(Disturbance { from, until, proxies, metrics: metrics(root)?, place: root.place.start() })
}

fn proxy(key: &str, node: &Node) -> Result<Disturbed, Refused> {
    let name = node.get("name").and_then(Node::str).unwrap_or(key);
    if name.is_empty() || (!key.is_empty() && name != key) {
        return Err(Refused::at(&node.place, "a proxy has no name, or two"));
    }
    let is_enabled = node.get("enabled").and_then(Node::bool).ok_or_else(|| {
        Refused::at(&node.place, format!("the proxy `{name}` does not say whether it is `enabled`"))
    })?;
    let toxics = node.get("toxics").map(Node::items).unwrap_or_default();
    Ok(Disturbed {
        name: name.to_owned(),
        upstream: node.get("upstream").and_then(Node::str).unwrap_or_default().to_owned(),
        is_enabled,
        toxics: toxics.iter().map(toxic).collect::<Result<_, _>>()?,
        place: node.place.start(),
    })
}

fn toxic(node: &Node) -> Result<Toxic, Refused> {
    let kind = node.get("type").and_then(Node::str);
    let kind = kind.ok_or_else(|| Refused::at(&node.place, "a toxic has no `type`"))?;
    let toxicity = node.get("toxicity").map_or(Ok(1.0), amount)?;
    if toxicity > 1.0 {
        return Err(Refused::at(&node.place, "a toxicity above one"));
    }
    let attributes = node.get("attributes");
    let attributes = attributes.iter().flat_map(|attributes| attributes.entries());
    Ok(Toxic {
        kind: kind.to_owned(),
        toxicity,
        attributes: attributes
            .map(|(name, _, value)| Ok((name.to_owned(), amount(value)?)))
            .collect::<Result<_, _>>()?,
    })
}

fn metrics(root: &Node) -> Result<Option<(String, String)>, Refused> {
    let Some(node) = root.get("metrics") else { return Ok(None) };
    match node.items() {
        [before, after] => match (before.str(), after.str()) {
            (Some(before), Some(after)) => Ok(Some((before.to_owned(), after.to_owned()))),
            _ => Err(Refused::at(&node.place, "two texts of `GET /metrics` are expected")),
        },
        _ => Err(Refused::at(&node.place, "two texts of `GET /metrics` are expected")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Report, read_report};
    use super::*;

    fn disturbance(text: &str) -> Result<Disturbance, Refused> {
        match read_report(&"toxics.json".into(), text.as_bytes(), None)? {
            Report::Toxiproxy(disturbance) => Ok(disturbance),
            other => panic!("{other:?}"),
        }
    }

    const TOXICS: &str = r#"{
  "from": "2026-11-20T12:00:00Z", "until": "2026-11-20T12:01:00Z",
  "proxies": {"audit": {"name": "audit", "listen": "127.0.0.1:1", "upstream": "127.0.0.1:2", "enabled": true, "Logger": {},
    "toxics": [{"name": "t", "type": "timeout", "stream": "downstream", "toxicity": 1, "attributes": {"timeout": 0}}]}},
  "metrics": ["a 1\n", "a 2\n"]
}"#;

    #[test]
    fn toxics_are_read_with_their_time() {
        let read = disturbance(TOXICS).unwrap();
        assert_eq!(read.proxies[0].toxics[0].attribute("timeout"), Some(0.0));
        assert_eq!((read.proxies[0].is_enabled, read.metrics.unwrap().1.as_str()), (true, "a 2\n"));
        let listed = TOXICS.replace("{\"audit\": {", "[{").replace("}}]}},", "}}]}],");
        assert_eq!(disturbance(&listed).unwrap().proxies[0].name, "audit");
    }

    #[test]
    fn toxics_without_their_time_or_with_odd_figures_are_refused() {
        let cases = [
            ("\"until\": \"2026-11-20T12:01:00Z\",", "", "does not say `until`"),
            ("12:01:00Z", "12:00:00Z", "does not come after"),
            ("\"toxicity\": 1", "\"toxicity\": 7", "above one"),
            ("\"toxicity\": 1", "\"toxicity\": -1", "not negative"),
            ("\"timeout\": 0}", "\"timeout\": \"0\"}", "a number"),
            ("\"enabled\": true", "\"enabled\": 1", "enabled"),
            ("\"name\": \"audit\"", "\"name\": \"other\"", "or two"),
            ("[\"a 1\\n\", \"a 2\\n\"]", "[1]", "two texts"),
        ];
        for (from, to, reason) in cases {
            let text = TOXICS.replace(from, to);
            assert_ne!(text, TOXICS, "{from}");
            let refused = disturbance(&text).unwrap_err();
            assert!(refused.reason.contains(reason), "{refused}");
        }
    }
}
