//! Patches that are written inside an overlay: their nodes stand in the overlay's file.

use model::Place;

use crate::tree::{Node, Read, Value, read_yaml};

/// Reads the text of a scalar as YAML; the nodes get the places where they stand in its file.
pub(super) fn inline(origin: &Node) -> Read {
    let text = origin.str().unwrap_or_default();
    let mut read = read_yaml(&origin.place.path, text);
    let frame = Frame::of(origin, text);
    for document in &mut read.documents {
        frame.relocate(&mut document.root);
    }
    for trouble in &mut read.troubles {
        trouble.place = frame.place(&trouble.place);
    }
    read
}

/// Where the first character of a text stands, where its lines stand one below the other.
struct Frame<'a> {
    origin: &'a Node,
    first: Option<Place>,
}

impl<'a> Frame<'a> {
    fn of(origin: &'a Node, text: &str) -> Self {
        let is_literal = !text.contains('\n') || origin.line_place(1) != origin.place;
        Self { origin, first: is_literal.then(|| origin.line_place(0)) }
    }

    /// Goes as deep as the tree, which is bounded where it is built.
    fn relocate(&self, node: &mut Node) {
        node.place = self.place(&node.place);
        match &mut node.value {
            Value::Scalar(_) => {}
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.relocate(item)),
            Value::Mapping(entries) => {
                for (key, value) in entries {
                    self.relocate(key);
                    self.relocate(value);
                }
            }
        }
    }

    fn place(&self, inside: &Place) -> Place {
        let Some(first) = &self.first else { return self.origin.place.clone() };
        let line = |line: u32| first.line.saturating_add(line.saturating_sub(1));
        let column = |column: u32| first.column.saturating_add(column.saturating_sub(1));
        Place {
            path: first.path.clone(),
            line: line(inside.line),
            column: column(inside.column),
            end_line: line(inside.end_line),
            end_column: column(inside.end_column),
        }
    }
}
