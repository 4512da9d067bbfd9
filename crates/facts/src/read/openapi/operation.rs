//! The operations of a description.

use model::Placed;

use super::resolve::{Resolver, reference};
use super::{METHODS, list, security};
use crate::Operation;
use crate::tree::Node;

/// References that lead nowhere and are named for one description.
const MAX_UNREAD: usize = 20;

/// Parameters of one operation that are looked at.
const MAX_PARAMETERS: usize = 500;

/// Whether paths of the description stand in other files.
pub(super) fn refers_to_files(root: &Node) -> bool {
    let is_elsewhere = |node: &Node| reference(node).is_some_and(|it| !it.starts_with("#/"));
    let paths = root.get("paths");
    let mut items = paths.into_iter().flat_map(Node::entries).map(|(_, _, item)| item);
    paths.is_some_and(is_elsewhere) || items.any(is_elsewhere)
}

/// All operations; what they refer to and was not found is in `unread`.
pub(super) fn operations(
    resolver: &Resolver<'_>,
    unread: &mut Vec<Placed<String>>,
) -> Vec<Operation> {
    let mut operations = Vec::new();
    let paths = resolver.root().get("paths").and_then(|it| resolved(resolver, it, unread));
    for (path, _, item) in paths.into_iter().flat_map(Node::entries) {
        let Some(item) = resolved(resolver, item, unread) else {
            continue;
        };
        for (method, key, operation) in item.entries() {
            if METHODS.contains(&method) {
                operations.push(read(resolver, path, item, (key, operation), unread));
            }
        }
    }
    operations
}

fn read<'a>(
    resolver: &Resolver<'a>,
    path: &str,
    item: &'a Node,
    (key, operation): (&'a Node, &'a Node),
    unread: &mut Vec<Placed<String>>,
) -> Operation {
    let responses = operation.get("responses").into_iter().flat_map(Node::entries);
    Operation {
        method: key.str().unwrap_or_default().to_ascii_uppercase(),
        path: path.to_owned(),
        place: key.place.clone(),
        id: operation.get("operationId").and_then(Node::str).map(str::to_owned),
        security: security::requirement(operation),
        query: query(resolver, [item, operation], unread),
        responses: responses.map(|(status, ..)| status.to_owned()).collect(),
        answers_list: list::answers_list(resolver, path, operation),
    }
}

/// Names of the query parameters of the path and of the operation.
fn query<'a>(
    resolver: &Resolver<'a>,
    holders: [&'a Node; 2],
    unread: &mut Vec<Placed<String>>,
) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let parameters = holders.iter().filter_map(|it| it.get("parameters")).flat_map(Node::items);
    for parameter in parameters.take(MAX_PARAMETERS) {
        let Some(parameter) = resolved(resolver, parameter, unread) else {
            continue;
        };
        let is_query = parameter.get("in").and_then(Node::str) == Some("query");
        let name = parameter.get("name").and_then(Node::str).filter(|_| is_query);
        names.extend(name.filter(|name| !names.iter().any(|it| it == name)).map(str::to_owned));
    }
    names
}

fn resolved<'a>(
    resolver: &Resolver<'a>,
    node: &'a Node,
    unread: &mut Vec<Placed<String>>,
) -> Option<&'a Node> {
    let target = resolver.resolve(node);
    if target.is_none() && unread.len() < MAX_UNREAD {
        unread.extend(node.string("$ref"));
    }
    target
}
