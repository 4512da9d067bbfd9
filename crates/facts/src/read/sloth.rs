//! Sloth's objectives: its own files and `PrometheusServiceLevel` objects.

use model::Placed;

use super::indicator::{Judged, judge, percentage};
use super::{Source, embedded};
use crate::tree::Node;
use crate::{Facts, Objective};

/// Days of the window where none is set; the format has no key for it.
const WINDOW_D: f64 = 30.0;

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    text.contains("slos") && (text.contains("prometheus/v1") || text.contains("sloth.slok.dev/v1"))
}

/// Reads the document; `false`: it is not of this kind, or a list that may hold more.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if document.get("version").and_then(Node::str) == Some("prometheus/v1") {
        take(document.key("version"), document, facts);
        return document.get("slos").is_some();
    }
    for object in embedded::objects(document).iter().filter(|object| is_custom(object)) {
        if let Some(spec) = object.get("spec") {
            take(object.key("apiVersion"), spec, facts);
        }
    }
    is_custom(document)
}

fn is_custom(object: &Node) -> bool {
    let version = object.get("apiVersion").and_then(Node::str).unwrap_or_default();
    let kind = object.get("kind").and_then(Node::str);
    version.starts_with("sloth.slok.dev/") && kind == Some("PrometheusServiceLevel")
}

fn take(version: Option<&Node>, spec: &Node, facts: &mut Facts) {
    let service = spec.string("service").filter(|service| !service.is_empty());
    let slos = spec.get("slos").map(Node::items).unwrap_or_default();
    let window = version.map(|it| Placed::new(WINDOW_D, it.place.clone()));
    let objectives = slos.iter().filter_map(|slo| {
        let name = slo.string("name")?;
        let Judged { indicator, threshold_ms } = judge(&queries(slo), &hints(&name, slo));
        Some(Objective {
            name,
            service: service.clone(),
            indicator,
            target: slo.get("objective").and_then(percentage),
            threshold_ms,
            window_d: window.clone(),
            journey: None,
            format: "Sloth",
            generates_alerts: !is_off(slo, PAGE) || !is_off(slo, TICKET),
            pages: !is_off(slo, PAGE),
            place: slo.place.clone(),
        })
    });
    facts.objectives.extend(objectives);
}

fn queries(slo: &Node) -> Vec<Placed<String>> {
    let kinds = slo.get("sli").into_iter().flat_map(Node::entries);
    let texts = kinds.flat_map(|(_, _, sli)| sli.entries());
    texts
        .filter(|(key, ..)| key.to_ascii_lowercase().ends_with("query"))
        .filter_map(|(_, _, query)| Some(Placed::new(query.str()?.to_owned(), query.place.clone())))
        .collect()
}

/// The words around the queries: the name, and the plugin that makes them.
fn hints(name: &str, slo: &Node) -> String {
    let plugin = slo.at(&["sli", "plugin", "id"]).and_then(Node::str).unwrap_or_default();
    format!("{name} {plugin}")
}

/// The alert that wakes somebody, in both spellings.
const PAGE: [&str; 2] = ["page_alert", "pageAlert"];

/// The alert that can wait, in both spellings.
const TICKET: [&str; 2] = ["ticket_alert", "ticketAlert"];

fn is_off(slo: &Node, keys: [&str; 2]) -> bool {
    let alert = keys.iter().find_map(|key| slo.at(&["alerting", key]));
    alert.and_then(|it| it.get("disable")).and_then(Node::bool) == Some(true)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::{Facts, Indicator, read};

    const OWN: &str = r#"# Orders.
version: "prometheus/v1"
service: orders
slos:
  - name: requests
    objective: 99.9
    sli:
      events:
        error_query: sum(rate(requests_total{code=~"5.."}[{{.window}}]))
        total_query: sum(rate(requests_total[{{.window}}]))
    alerting: {page_alert: {disable: true}}
  - name: latency
    objective: 95
    sli: {raw: {error_ratio_query: '1 - a_seconds_bucket{le="0.5"} / a_seconds_count'}}
    alerting: {page_alert: {disable: true}, ticket_alert: {disable: true}}
"#;

    fn facts(text: &str) -> Facts {
        read(&"slo.yml".into(), text.as_bytes())
    }

    #[test]
    fn an_own_file_is_read_with_places() {
        let facts = facts(OWN);
        assert_eq!(facts.gaps, []);
        let [requests, latency] = facts.objectives.as_slice() else { panic!("{facts:?}") };
        assert_eq!(requests.name.place.to_string(), "slo.yml:5:11");
        assert_eq!(requests.service.as_ref().unwrap().value, "orders");
        let target = requests.target.as_ref().unwrap();
        assert_eq!((target.value, target.place.line, target.place.column), (0.999, 6, 16));
        assert_eq!(requests.indicator, Indicator::Availability);
        assert_eq!(requests.window_d.as_ref().map(|it| it.value), Some(30.0));
        assert!(requests.generates_alerts && !latency.generates_alerts);
        assert!(!requests.pages);
        assert_eq!(latency.indicator, Indicator::Latency);
        assert_eq!(latency.threshold_ms.as_ref().unwrap().place.to_string(), "slo.yml:14:36");
        assert_eq!(latency.threshold_ms.as_ref().map(|it| it.value), Some(500.0));
    }

    #[test]
    fn an_object_is_read_in_its_own_spelling() {
        let facts = facts(
            "apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\nspec:\n  service: a\n  slos:\n    - name: b\n      \
             objective: 99\n      sli: {plugin: {id: acme/http/availability}}\n      alerting: {pageAlert: {disable: true}, ticketAlert: {disable: true}}\n",
        );
        let [objective] = facts.objectives.as_slice() else { panic!("{facts:?}") };
        assert_eq!(objective.indicator, Indicator::Availability);
        assert_eq!(objective.place.to_string(), "slo.yml:6:7");
        assert!(!objective.generates_alerts && !objective.pages);
    }

    #[test]
    fn other_files_hold_no_objectives() {
        for text in
            ["version: prometheus/v2\nslos: [{name: prometheus/v1}]\n", "slos: prometheus/v1\n"]
        {
            assert_eq!(facts(text).objectives, [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn changed_files_never_make_the_reader_panic(
            at in 0_usize..500,
            length in 0_usize..20,
            piece in "[-:{}\\[\\]|\"'. \n0-9a-zé]{0,6}",
        ) {
            let mut chars: Vec<char> = OWN.chars().collect();
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
