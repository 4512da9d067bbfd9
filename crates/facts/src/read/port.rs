//! port.yml of Port, and entities in a folder `.port/`: named, and not read, since each organisation makes up its own blueprints.

use crate::read::Source;
use crate::tree::Node;
use crate::{Facts, Gap, Subject};

const REASON: &str =
    "is a file of Port, whose blueprints each organisation makes up for itself: it is not read";

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    matches!(name, "port.yml" | "port.yaml") || is_in_folder(path, name)
}

/// Whether it stands in the folder in which many keep their entities, beside actions and scorecards.
fn is_in_folder(path: &str, name: &str) -> bool {
    let is_of_tree = [".json", ".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    is_of_tree && path.split('/').any(|part| part == ".port")
}

/// Names the document, one entity or a list of them; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) {
        return false;
    }
    let has = |node: &Node, key: &str| node.get(key).is_some();
    let is_told = |node: &Node| has(node, "properties") || has(node, "relations");
    let is_sure = matches!(source.name, "port.yml" | "port.yaml");
    let is_entity = |node: &Node| {
        has(node, "identifier") && has(node, "blueprint") && (is_sure || is_told(node))
    };
    let Some(entity) =
        std::iter::once(document).chain(document.items()).find(|node| is_entity(node))
    else {
        return false;
    };
    facts.gaps.push(Gap {
        subject: Some(Subject::Catalog),
        place: entity.place.start(),
        reason: REASON.to_owned(),
        name: None,
    });
    true
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::read;

    fn gaps(text: &str) -> Vec<Gap> {
        read(&Arc::from("api/port.yml"), text.as_bytes()).gaps
    }

    #[test]
    fn an_entity_and_a_list_of_them_are_named_as_not_read() {
        let entity = "identifier: api\nblueprint: microservice\nproperties: {owner: payments}\n";
        let list =
            "- identifier: api\n  blueprint: microservice\n- identifier: b\n  blueprint: team\n";
        for text in [entity, list] {
            let gaps = gaps(text);
            assert_eq!((gaps.len(), gaps[0].subject), (1, Some(Subject::Catalog)), "{text}");
            assert_eq!((gaps[0].place.line, gaps[0].reason.as_str()), (1, REASON));
        }
    }

    #[test]
    fn other_files_of_that_name_are_not() {
        assert_eq!(gaps("port: 8080\n"), []);
        assert_eq!(gaps("identifier: api\n"), []);
    }

    #[test]
    fn entities_in_a_folder_of_port_are_named_and_scorecards_beside_them_are_not() {
        let read = |text: &str| read(&Arc::from(".port/api.json"), text.as_bytes()).gaps;
        let entity = r#"{"identifier": "api", "blueprint": "service", "properties": {}}"#;
        let scorecard = r#"{"identifier": "ready", "blueprint": "service", "rules": []}"#;
        assert_eq!((read(entity).len(), read(scorecard).len()), (1, 0));
    }
}
