//! OpenAPI 3 and Swagger 2 descriptions, whole or split over files.

mod list;
mod operation;
mod resolve;
mod security;
mod settle;

use model::Placed;

use self::resolve::Resolver;
use super::{Source, has_line};
use crate::tree::Node;
use crate::{Api, Facts, Gap, Subject};

pub(super) use settle::settle;

/// The keys of a path under which operations stand.
const METHODS: [&str; 9] =
    ["get", "put", "post", "delete", "options", "head", "patch", "trace", "query"];

/// Where parameters stand.
const PLACES: [&str; 4] = ["cookie", "header", "path", "query"];

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(text: &str) -> bool {
    let is_root = ["openapi:", "swagger:"].iter().any(|key| has_line(text, key))
        || ["\"openapi\"", "\"swagger\""].iter().any(|key| text.contains(key));
    let is_path = ["get:", "post:", "put:", "delete:", "patch:", "/", "'/", "\"/"];
    let is_path = is_path.iter().any(|key| has_line(text, key));
    let says_place =
        |line: &str| line.rsplit_once("in: ").is_some_and(|(_, it)| PLACES.contains(&it));
    let is_parameter = || text.lines().any(says_place);
    is_root && text.contains("paths") || is_path && text.contains("responses:") || is_parameter()
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(_source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if version(document).is_some() && document.get("paths").is_some() {
        if operation::refers_to_files(document) {
            facts.fragments.apis.push(document.clone());
        } else {
            take(&Resolver::new(document), facts);
        }
        return true;
    }
    let is_part = is_path(document)
        || document
            .entries()
            .any(|(name, _, node)| (name.starts_with('/') && is_path(node)) || is_parameter(node));
    if is_part {
        facts.fragments.paths.push(document.clone());
    }
    is_part
}

fn is_path(node: &Node) -> bool {
    METHODS.iter().any(|method| node.at(&[method, "responses"]).is_some())
}

fn is_parameter(node: &Node) -> bool {
    let text = |key| node.get(key).and_then(Node::str);
    text("name").is_some() && text("in").is_some_and(|place| PLACES.contains(&place))
}

fn version(document: &Node) -> Option<Placed<String>> {
    document.string("openapi").or_else(|| document.string("swagger"))
}

/// Takes the description whose references `resolver` knows.
fn take(resolver: &Resolver<'_>, facts: &mut Facts) {
    let root = resolver.root();
    let Some(version) = version(root) else {
        return;
    };
    let mut unread = Vec::new();
    let first = root.entries().next().map_or(root, |(_, key, _)| key);
    facts.apis.push(Api {
        place: first.place.clone(),
        version,
        title: root.get("info").and_then(|info| info.string("title")),
        servers: servers(root),
        security_schemes: security::schemes(root),
        has_global_security: security::requirement(root) == Some(true),
        operations: operation::operations(resolver, &mut unread),
    });
    facts.gaps.extend(unread.into_iter().map(|reference: Placed<String>| Gap {
        subject: Some(Subject::Apis),
        reason: format!("`{}` stands in no file that was read", reference.value),
        place: reference.place,
        name: None,
    }));
}

/// Addresses of OpenAPI's servers, or the one that Swagger tells in parts.
fn servers(root: &Node) -> Vec<Placed<String>> {
    let servers = root.get("servers").map(Node::items).unwrap_or_default();
    let mut servers: Vec<_> = servers.iter().filter_map(|server| server.string("url")).collect();
    let base = root.string("basePath");
    if let Some(host) = root.string("host") {
        let scheme = root.get("schemes").into_iter().flat_map(Node::strings).next();
        let scheme = scheme.map_or("https".to_owned(), |scheme| scheme.value);
        let base = base.map(|base| base.value).unwrap_or_default();
        servers.push(Placed::new(format!("{scheme}://{}{base}", host.value), host.place));
    } else {
        servers.extend(base);
    }
    servers
}

#[cfg(test)]
mod tests;
