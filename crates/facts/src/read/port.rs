//! port.yml of Port: named, and not read, since each organisation makes up its own blueprints.

use crate::read::Source;
use crate::tree::Node;
use crate::{Facts, Gap, Subject};

const REASON: &str =
    "is a file of Port, whose blueprints each organisation makes up for itself: it is not read";

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    matches!(name, "port.yml" | "port.yaml")
}

/// Names the document, one entity or a list of them; `false`: it is not of this kind.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if !is_named(source.path, source.name) {
        return false;
    }
    let is_entity =
        |node: &Node| ["identifier", "blueprint"].iter().all(|key| node.get(key).is_some());
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
}
