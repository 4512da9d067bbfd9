//! Whether an operation answers with a list.

use super::resolve::Resolver;
use crate::tree::Node;

/// Schemas and properties that are looked at for one answer.
const MAX_SEEN: usize = 200;

/// Schemas that are looked through, one inside the other.
const MAX_DEPTH: usize = 8;

/// Names of the property that holds the list in an envelope.
const ENVELOPES: [&str; 10] = [
    "items", "data", "results", "content", "records", "values", "list", "entries", "elements",
    "value",
];

/// Names of what stands beside the list in an envelope.
const COUNTERS: [&str; 12] = [
    "total",
    "count",
    "next",
    "page",
    "cursor",
    "limit",
    "offset",
    "hasmore",
    "size",
    "links",
    "pagination",
    "nextpage",
];

/// Whether the success answer of `operation`, which stands at `path`, is a list: an array, or an
/// object with exactly one array that is what was asked for.
pub(super) fn answers_list<'a>(resolver: &Resolver<'a>, path: &str, operation: &'a Node) -> bool {
    schema(resolver, operation).is_some_and(|schema| {
        let mut shape = Shape::default();
        shape.take(resolver, schema, MAX_DEPTH);
        shape.is_array || shape.is_envelope(path)
    })
}

/// The schema of the first success answer that has one.
fn schema<'a>(resolver: &Resolver<'a>, operation: &'a Node) -> Option<&'a Node> {
    let responses = operation.get("responses")?.entries();
    let mut good = responses.filter(|(status, ..)| status.starts_with('2'));
    good.find_map(|(_, _, response)| {
        let response = resolver.resolve(response)?;
        response.get("schema").or_else(|| {
            let mut contents = response.get("content")?.entries();
            let json = contents.find(|(kind, ..)| kind.contains("json") || *kind == "*/*");
            json?.2.get("schema")
        })
    })
}

#[derive(Default)]
struct Shape<'a> {
    seen: usize,
    is_array: bool,
    arrays: Vec<&'a str>,
    others: Vec<&'a str>,
}

impl<'a> Shape<'a> {
    fn take(&mut self, resolver: &Resolver<'a>, schema: &'a Node, depth: usize) {
        self.seen += 1;
        let is_within = depth > 0 && self.seen < MAX_SEEN;
        let Some(schema) = resolver.resolve(schema).filter(|_| is_within) else {
            return;
        };
        self.is_array |= is_array(schema);
        for part in schema.get("allOf").map(Node::items).unwrap_or_default() {
            self.take(resolver, part, depth - 1);
        }
        for (name, _, property) in schema.get("properties").into_iter().flat_map(Node::entries) {
            self.seen += 1;
            if self.seen >= MAX_SEEN {
                return;
            }
            let is_list = resolver.resolve(property).is_some_and(is_array);
            let names = if is_list { &mut self.arrays } else { &mut self.others };
            names.push(name);
        }
    }

    /// Whether the object is there for the sake of its only array.
    fn is_envelope(&self, path: &str) -> bool {
        let [list] = self.arrays.as_slice() else {
            return false;
        };
        let asked = path.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let is_one_of = |name: &str, names: &[&str]| {
            let name = name.to_ascii_lowercase().replace(['_', '-'], "");
            names.contains(&name.trim_start_matches("total"))
        };
        !asked.contains('{')
            && (is_one_of(list, &ENVELOPES)
                || list.eq_ignore_ascii_case(asked)
                || self.others.iter().any(|other| {
                    is_one_of(other, &COUNTERS) || other.to_ascii_lowercase().starts_with("total")
                }))
    }
}

fn is_array(schema: &Node) -> bool {
    let is_typed =
        schema.get("type").into_iter().flat_map(Node::strings).any(|it| it.value == "array");
    is_typed || schema.get("type").is_none() && schema.get("items").is_some()
}
