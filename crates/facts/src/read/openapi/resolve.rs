//! Follows references inside of a description, and to the files of its paths.

use std::collections::HashMap;

use crate::tree::Node;

/// References that are followed one behind the other.
const MAX_STEPS: usize = 16;

/// Entries of a part that a reference may lead into.
const MAX_SEARCHED: usize = 1_000;

/// Path items, or mappings that hold some or parameters, by the file that they stand in.
pub(super) type Paths<'a> = HashMap<&'a str, &'a Node>;

/// Knows where the parts of a description stand.
pub(super) struct Resolver<'a> {
    root: &'a Node,
    parts: HashMap<Vec<&'a str>, &'a Node>,
    paths: Option<&'a Paths<'a>>,
}

impl<'a> Resolver<'a> {
    /// Knows the parts of one document.
    pub(super) fn new(root: &'a Node) -> Self {
        let mut parts = HashMap::new();
        for section in ["definitions", "parameters", "responses"] {
            for (name, _, part) in root.get(section).into_iter().flat_map(Node::entries) {
                parts.insert(vec![section, name], part);
            }
        }
        for (section, _, inner) in root.get("components").into_iter().flat_map(Node::entries) {
            for (name, _, part) in inner.entries() {
                parts.insert(vec!["components", section, name], part);
            }
        }
        Self { root, parts, paths: None }
    }

    /// Knows the files of path items too.
    pub(super) fn with_paths(root: &'a Node, paths: &'a Paths<'a>) -> Self {
        Self { paths: Some(paths), ..Self::new(root) }
    }

    /// The description.
    pub(super) fn root(&self) -> &'a Node {
        self.root
    }

    /// The node itself, or what it refers to; `None` where that is not known.
    pub(super) fn resolve(&self, node: &'a Node) -> Option<&'a Node> {
        let mut node = node;
        for _ in 0..MAX_STEPS {
            let Some(reference) = reference(node) else {
                return Some(node);
            };
            node = self.target(&node.place.path, reference)?;
        }
        None
    }

    /// What `reference`, which stands in the file at `path`, refers to.
    fn target(&self, path: &str, reference: &str) -> Option<&'a Node> {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let pointer = pointer.strip_prefix('/').unwrap_or(pointer);
        let names: Vec<String> = pointer.split('/').map(unescaped).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        if !file.is_empty() {
            let file = *self.paths?.get(beside(path, file)?.as_str())?;
            return if pointer.is_empty() { Some(file) } else { inside(file, &names) };
        }
        let length = if names.first() == Some(&"components") { 3 } else { 2 };
        let part = *self.parts.get(names.get(..length)?)?;
        inside(part, names.get(length..)?)
    }
}

/// What stands under `names` in a part, one in the other.
fn inside<'a>(part: &'a Node, names: &[&str]) -> Option<&'a Node> {
    names.iter().try_fold(part, |part, name| Some(part).filter(|part| is_small(part))?.get(name))
}

/// Whether a mapping may be searched for each reference that leads into it.
fn is_small(node: &Node) -> bool {
    node.entries().nth(MAX_SEARCHED).is_none()
}

/// The reference that a node is.
pub(super) fn reference(node: &Node) -> Option<&str> {
    node.get("$ref").and_then(Node::str)
}

/// A name in a JSON pointer.
fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}

/// The path of a file that is named relative to another one.
fn beside(path: &str, file: &str) -> Option<String> {
    if file.contains("://") {
        return None;
    }
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    crate::path::join(folder, file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_found_relative_to_the_description() {
        assert_eq!(beside("api/v1/index.yaml", "./paths/a.yaml").unwrap(), "api/v1/paths/a.yaml");
        assert_eq!(beside("api/v1/index.yaml", "../a.yaml").unwrap(), "api/a.yaml");
        assert_eq!(beside("index.yaml", "../a.yaml"), None);
        assert_eq!(beside("index.yaml", "https://x.example/a.yaml"), None);
    }
}
