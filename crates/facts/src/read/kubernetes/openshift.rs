//! Templates of `OpenShift`: objects with parameters.

use std::collections::HashMap;

use crate::Facts;
use crate::tree::{Node, Value};

use super::manifest::Manifest;
use super::{field, kinds};

/// Bytes that parameters may bring in all; what stands beyond is left as it is written.
const MAX_FILLED: usize = 1 << 20;

/// Reads the objects of a template, its parameters filled in where they have a value.
pub(super) fn read_template(manifest: &Manifest<'_>, facts: &mut Facts) {
    let mut filler = Filler { values: values(manifest.root), budget: MAX_FILLED };
    for object in field::items(manifest.root, &["objects"]) {
        let mut object = object.clone();
        filler.fill(&mut object);
        kinds::read(&object, facts);
    }
}

/// The parameters that have a value.
fn values(template: &Node) -> HashMap<&str, &str> {
    let parameters = field::items(template, &["parameters"]).iter();
    parameters
        .filter_map(|parameter| {
            Some((parameter.get("name")?.str()?, parameter.get("value")?.str()?))
        })
        .collect()
}

struct Filler<'a> {
    values: HashMap<&'a str, &'a str>,
    budget: usize,
}

impl Filler<'_> {
    /// Goes as deep as the tree, which is bounded where it is built.
    fn fill(&mut self, node: &mut Node) {
        match &mut node.value {
            Value::Scalar(scalar) => {
                // `${{NAME}}` stands for a value of any type, `${NAME}` for text.
                let is_typed = scalar.text.starts_with("${{");
                if let Some(text) = self.filled(&scalar.text) {
                    scalar.text = text;
                    scalar.is_plain |= is_typed;
                }
            }
            Value::Sequence(items) => items.iter_mut().for_each(|item| self.fill(item)),
            Value::Mapping(entries) => entries.iter_mut().for_each(|(_, value)| self.fill(value)),
        }
    }

    fn filled(&mut self, text: &str) -> Option<String> {
        if !text.contains("${") {
            return None;
        }
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, inside)) = rest.split_once("${") {
            filled.push_str(before);
            let reference = self.resolve(inside);
            let (value, after) = reference.unwrap_or(("${", inside));
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Some(filled)
    }

    /// The value of the reference that `inside` goes on with, and what stands behind it.
    fn resolve<'t>(&mut self, inside: &'t str) -> Option<(&'t str, &'t str)>
    where
        Self: 't,
    {
        let (name, rest) = match inside.strip_prefix('{') {
            Some(inside) => inside.split_once("}}")?,
            None => inside.split_once('}')?,
        };
        let value = *self.values.get(name)?;
        self.budget = self.budget.checked_sub(value.len())?;
        Some((value, rest))
    }
}
