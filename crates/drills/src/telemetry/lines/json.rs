//! A record that is one JSON object.

use serde_json::{Map, Value};

use super::{Entry, Schema};

/// Fields that are kept of one record.
const MOST: usize = 500;
/// Deepest nesting that is flattened; what is deeper stays as JSON text.
const DEEPEST: usize = 8;

/// The record, if `line` is an object.
pub(super) fn read(line: &str) -> Option<Entry> {
    if !(line.starts_with('{') && line.ends_with('}')) {
        return None;
    }
    let object: Map<String, Value> = serde_json::from_str(line).ok()?;
    let mut fields = Vec::new();
    flatten(&object, "", 0, &mut fields);
    Some(Entry::from_fields(Schema::Json, fields))
}

fn flatten(
    object: &Map<String, Value>,
    prefix: &str,
    depth: usize,
    into: &mut Vec<(String, String)>,
) {
    for (name, value) in object {
        if into.len() >= MOST {
            return;
        }
        let name = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        match value {
            Value::Object(inner) if depth < DEEPEST => flatten(inner, &name, depth + 1, into),
            Value::Null => {}
            Value::String(text) => into.push((name, text.clone())),
            other => into.push((name, other.to_string())),
        }
    }
}
