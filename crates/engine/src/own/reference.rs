//! The fields that expressions may name, as the documentation shows them.

use std::fmt::Write as _;

use model::Each;

use super::schema::{Base, Shape, Type};

/// One table for each kind of subject and for what hangs from it, in Markdown.
pub(crate) fn reference() -> String {
    let mut text = String::new();
    for shape in shapes() {
        let _ = writeln!(text, "### `{}`\n\n| field | type | says |\n|---|---|---|", shape.name);
        for field in (shape.fields)() {
            let mark = if field.is_optional { "?" } else { "" };
            let _ =
                writeln!(text, "| `{}`{mark} | {} | {} |", field.name, field.of.words(), field.doc);
        }
        text.push('\n');
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

/// Every shape once, subjects before what hangs from them.
fn shapes() -> Vec<Shape> {
    let things = |of: Type| match of.base {
        Base::Thing(shape) => Some(shape),
        _ => None,
    };
    let subjects = Each::ALL.into_iter().flat_map(super::variables);
    let mut shapes: Vec<Shape> = Vec::new();
    let mut next: Vec<Shape> = subjects.filter_map(|(_, of)| things(of)).collect();
    while !next.is_empty() {
        let mut deeper = Vec::new();
        for shape in next {
            if shapes.iter().all(|known| known.name != shape.name) {
                deeper.extend((shape.fields)().into_iter().filter_map(|field| things(field.of)));
                shapes.push(shape);
            }
        }
        next = deeper;
    }
    shapes
}
