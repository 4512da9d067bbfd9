//! Grafana dashboards: JSON files, the same as the API wraps them, those inside a `ConfigMap` or a
//! `GrafanaDashboard`, and those of the newer schema with elements.

use model::Placed;

use super::{Source, embedded};
use crate::tree::Node;
use crate::{Dashboard, Facts, Panel, Subject};

/// Keys of a query under which its expression stands, for the data sources there are.
const EXPRESSIONS: [&str; 6] = ["expr", "query", "rawSql", "expression", "target", "rawQuery"];

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    let has = |sign: &str| text.contains(sign);
    has("\"panels\"") && (has("\"schemaVersion\"") || has("\"gridPos\"") || has("\"targets\""))
        || has("\"rows\"") && has("\"schemaVersion\"")
        || has("\"elements\"") && has("dashboard.grafana.app")
}

/// Reads the document; `false`: it is not of this kind, or holds more than dashboards.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if take(document, facts) {
        return true;
    }
    for object in embedded::objects(document) {
        let is_custom = object.get("kind").and_then(Node::str) == Some("GrafanaDashboard");
        if let Some(text) = object.at(&["spec", "json"]).filter(|_| is_custom) {
            take_text("dashboard.json", text, facts);
        }
        for (name, text) in embedded::files(object) {
            take_text(name, text, facts);
        }
    }
    false
}

fn take_text(name: &str, text: &Node, facts: &mut Facts) {
    if !text.str().is_some_and(is_like) {
        return;
    }
    for root in embedded::documents(name, text, Subject::Dashboards, facts) {
        take(&root, facts);
    }
}

/// Takes the dashboard; whether the node is one.
fn take(node: &Node, facts: &mut Facts) -> bool {
    let root = node.get("dashboard").unwrap_or(node);
    let mut panels = Vec::new();
    let dashboard = if let Some(elements) = root.at(&["spec", "elements"]) {
        elements.entries().for_each(|(_, _, element)| panels.extend(panel_of_element(element)));
        root.get("spec")
    } else {
        take_panels(root, &mut panels);
        Some(root).filter(|root| is_dashboard(root))
    };
    let Some(dashboard) = dashboard else {
        return false;
    };
    let first = root.entries().next().map_or(root, |(_, key, _)| key);
    let title = title(dashboard);
    facts.dashboards.push(Dashboard { place: first.place.clone(), title, panels });
    true
}

fn is_dashboard(root: &Node) -> bool {
    let is_list =
        |key| root.get(key).is_some_and(|it| matches!(it.value, crate::tree::Value::Sequence(_)));
    let is_titled = root.get("title").is_some_and(|title| title.str().is_some());
    (is_list("panels") || is_list("rows")) && (is_titled || root.get("schemaVersion").is_some())
}

/// Takes the panels of a dashboard or row, those inside rows too; the depth of the tree is
/// bounded, so is the recursion.
fn take_panels(holder: &Node, panels: &mut Vec<Panel>) {
    for panel in holder.get("panels").map(Node::items).unwrap_or_default() {
        let is_row = panel.get("type").and_then(Node::str) == Some("row");
        if !is_row {
            let targets = panel.get("targets").map(Node::items).unwrap_or_default();
            let queries = targets.iter().filter_map(expression).collect();
            panels.push(Panel { title: title(panel), queries });
        }
        take_panels(panel, panels);
    }
    for row in holder.get("rows").map(Node::items).unwrap_or_default() {
        take_panels(row, panels);
    }
}

/// The title, unless it is left empty.
fn title(panel: &Node) -> Option<Placed<String>> {
    panel.string("title").filter(|title| !title.trim().is_empty())
}

fn expression(query: &Node) -> Option<Placed<String>> {
    let mut written = EXPRESSIONS.iter().filter_map(|key| query.string(key));
    written.find(|text| !text.trim().is_empty())
}

/// A panel of the newer schema.
fn panel_of_element(element: &Node) -> Option<Panel> {
    let spec = element.get("spec")?;
    let queries = spec.at(&["data", "spec", "queries"]).map(Node::items).unwrap_or_default();
    let specs = queries.iter().filter_map(|query| query.at(&["spec", "query", "spec"]));
    let queries = specs.filter_map(expression).collect();
    Some(Panel { title: title(spec), queries })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read;

    const BOARD: &str = r#"{
  "title": "Orders",
  "schemaVersion": 39,
  "panels": [
    {"type": "row", "title": "Latency", "panels": [
      {"title": "p99", "targets": [
        {"refId": "A", "expr": "histogram_quantile(0.99, x)"},
        {"refId": "B", "expr": "", "query": {"a": 1}}
      ]}
    ]},
    {"title": "Errors", "targets": [{"rawSql": "select 1"}]},
    {"type": "text"}
  ]
}
"#;

    fn facts(path: &str, text: &str) -> Facts {
        read(&path.into(), text.as_bytes())
    }

    fn only(facts: &Facts) -> &Dashboard {
        assert_eq!((facts.dashboards.len(), facts.gaps.len()), (1, 0), "{facts:?}");
        &facts.dashboards[0]
    }

    fn queries(dashboard: &Dashboard) -> Vec<String> {
        let queries = dashboard.panels.iter().flat_map(|panel| &panel.queries);
        queries.map(|query| format!("{} {}", query.place, query.value)).collect()
    }

    #[test]
    fn a_dashboard_is_read_with_the_panels_inside_its_rows() {
        let facts = facts("a.json", BOARD);
        let board = only(&facts);
        assert_eq!(board.place.to_string(), "a.json:2:3");
        assert_eq!(board.title.as_ref().unwrap().place.to_string(), "a.json:2:12");
        let titles: Vec<_> =
            board.panels.iter().flat_map(|it| &it.title).map(|it| it.value.as_str()).collect();
        assert_eq!((titles, board.panels.len()), (vec!["p99", "Errors"], 3));
        assert_eq!(
            queries(board),
            ["a.json:7:32 histogram_quantile(0.99, x)", "a.json:11:48 select 1"]
        );
    }

    #[test]
    fn dashboards_inside_manifests_stand_where_they_are_written() {
        let indented = BOARD.trim_end().replace('\n', "\n    ");
        let map = format!("kind: ConfigMap\ndata:\n  a.json: |-\n    {indented}\n");
        assert!(queries(only(&facts("a.yaml", &map)))[0].starts_with("a.yaml:10:36 "));
        let custom = format!("kind: GrafanaDashboard\nspec:\n  json: |\n    {indented}\n");
        assert!(queries(only(&facts("a.yaml", &custom)))[0].starts_with("a.yaml:10:36 "));
    }

    #[test]
    fn wrapped_old_and_new_shapes_are_read() {
        let wrapped = format!("{{\"dashboard\": {BOARD}}}");
        assert_eq!(queries(only(&facts("a.json", &wrapped))).len(), 2);
        let old = "{\"title\": \"a\", \"schemaVersion\": 6, \"rows\": [{\"panels\": [{\"targets\": [{\"expr\": \"up\"}]}]}]}";
        assert_eq!(queries(only(&facts("a.json", old))), ["a.json:1:79 up"]);
        let new = "{\"apiVersion\": \"dashboard.grafana.app/v2beta1\", \"kind\": \"Dashboard\", \"spec\": {\"title\": \"a\", \"elements\": \
                   {\"p\": {\"spec\": {\"title\": \"x\", \"data\": {\"spec\": {\"queries\": [{\"spec\": {\"query\": {\"spec\": {\"expr\": \"up\"}}}}]}}}}}}}";
        let new = facts("a.json", new);
        assert_eq!(queries(only(&new)).len(), 1);
        assert_eq!(only(&new).title.as_ref().unwrap().value, "a");
    }

    #[test]
    fn other_json_is_no_dashboard() {
        for text in ["{\"panels\": {\"targets\": 1}}", "{\"panels\": [], \"targets\": []}"] {
            assert_eq!(facts("a.json", text).dashboards, [], "{text}");
        }
    }

    proptest! {
        #[test]
        fn changed_dashboards_never_make_the_reader_panic(
            at in 0_usize..500,
            length in 0_usize..20,
            piece in "[-:{}\\[\\]\"\\\\, \n0-9a-zé]{0,6}",
        ) {
            let mut chars: Vec<char> = BOARD.chars().collect();
            let start = at.min(chars.len());
            let end = (start + length).min(chars.len());
            chars.splice(start..end, piece.chars());
            let text: String = chars.into_iter().collect();
            for board in facts("a.json", &text).dashboards {
                prop_assert!(board.panels.len() <= 4);
            }
        }
    }
}
