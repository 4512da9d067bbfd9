//! The table as JSON Schema, which editors use to complete and to check.

use serde_json::{Map, Value, json};

use super::format::Format;
use super::shape::{Key, Section, Shape};
use super::table::SERVICE;
use crate::tree::{self, Node, read_yaml};

/// The JSON Schema (draft 2020-12) of a gonogo.yaml.
pub fn json_schema() -> Value {
    let service = reference_to(&SERVICE);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gonogo.yaml",
        "description": "What a team says of its services, so that their readiness can be judged.",
        // With a choice instead, editors could not tell which key is wrong.
        "if": {"type": "array"},
        "then": {"minItems": 1, "items": service},
        "else": service,
        "$defs": definitions(),
    })
}

fn definitions() -> Map<String, Value> {
    let mut definitions = Map::new();
    let mut open = vec![&SERVICE];
    while let Some(section) = open.pop() {
        if !definitions.contains_key(section.id) {
            definitions.insert(section.id.to_owned(), section_schema(section));
            open.extend(section.inner().map(|(_, inner)| inner));
        }
    }
    definitions
}

fn section_schema(section: &Section) -> Value {
    let properties: Map<_, _> =
        section.keys.iter().map(|key| (key.name.to_owned(), key_schema(key))).collect();
    let required: Vec<_> =
        section.keys.iter().filter(|key| key.is_required).map(|key| key.name).collect();
    let mut schema = json!({
        "type": "object",
        "description": section.doc,
        "additionalProperties": false,
        "properties": properties,
    });
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    schema
}

fn key_schema(key: &Key) -> Value {
    let mut schema = shape_schema(&key.shape);
    schema["description"] = json!(key.doc);
    schema["examples"] = json!([example(key)]);
    schema
}

fn shape_schema(shape: &Shape) -> Value {
    match shape {
        Shape::Text(format) => text_schema(format),
        Shape::Word(words) => json!({"enum": words}),
        Shape::Flag => json!({"type": "boolean"}),
        Shape::Whole(least, most) => {
            json!({"type": "integer", "minimum": least, "maximum": most})
        }
        Shape::Command => {
            json!({"type": "array", "minItems": 1, "items": {"type": ["string", "number", "boolean"]}})
        }
        Shape::List(section, _) => json!({"type": "array", "items": reference_to(section)}),
        Shape::Named(names, shape) => {
            let mut schema = json!({"type": "object", "additionalProperties": shape_schema(shape)});
            if let Some(pattern) = names.pattern {
                schema["propertyNames"] = json!({"pattern": pattern});
            }
            schema
        }
        Shape::Mapping(section) => reference_to(section),
    }
}

fn text_schema(format: &Format) -> Value {
    if format.takes_any_scalar {
        return json!({"type": ["string", "number", "boolean"]});
    }
    match format.pattern {
        Some(pattern) => json!({"type": "string", "pattern": pattern}),
        None => json!({"type": "string", "pattern": r"\S"}),
    }
}

fn reference_to(section: &Section) -> Value {
    json!({"$ref": format!("#/$defs/{}", section.id)})
}

/// The key's example as JSON.
fn example(key: &Key) -> Value {
    let read = read_yaml(&"".into(), key.example);
    read.documents.first().map_or(Value::Null, |document| json_of(&document.root))
}

/// Deep only as the table's examples are.
fn json_of(node: &Node) -> Value {
    match &node.value {
        tree::Value::Mapping(_) => {
            node.entries().map(|(text, _, value)| (text.to_owned(), json_of(value))).collect()
        }
        tree::Value::Sequence(items) => items.iter().map(json_of).collect(),
        tree::Value::Scalar(_) => match (node.int(), node.bool(), node.str()) {
            (Some(number), ..) => json!(number),
            (_, Some(flag), _) => json!(flag),
            (.., text) => json!(text),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_defined_and_closed() {
        let schema = json_schema();
        for (id, definition) in schema["$defs"].as_object().unwrap() {
            assert_eq!(definition["additionalProperties"], json!(false), "{id}");
            assert!(!definition["properties"].as_object().unwrap().is_empty(), "{id}");
        }
        let text = schema.to_string();
        for part in text.split("\"#/$defs/").skip(1) {
            let id = part.split('"').next().unwrap();
            assert!(schema["$defs"].get(id).is_some(), "{id}");
        }
    }

    #[test]
    fn keys_say_what_they_take() {
        let schema = json_schema();
        let service = &schema["$defs"]["service"];
        assert_eq!(service["required"], json!(["service"]));
        assert_eq!(service["properties"]["tier"]["maximum"], json!(3));
        assert_eq!(service["properties"]["kind"]["enum"][0], json!("web"));
        let latency = &schema["$defs"]["objectives"]["properties"]["latency"];
        assert!(latency["propertyNames"]["pattern"].as_str().unwrap().starts_with("^p"));
        assert_eq!(latency["examples"][0], json!({"p99": "300ms"}));
    }
}
