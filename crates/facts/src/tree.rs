//! One tree for YAML and JSON: nodes with places, and the troubles met while reading them.
//!
//! Readers of manifests, pipelines, rules and the like stand on it. Aliases and merge keys are
//! resolved while the tree is built, so that no reader has to know them.
//! What could not be read is a [`Trouble`], never an absence.

mod build;
mod copy;
mod json;
mod json_text;
mod layout;
mod mapping;
mod node;
mod outdented;
mod scalar;
mod template;
mod yaml;

use std::sync::Arc;

use model::{Place, Placed};

pub use json::read_json;
pub use scalar::Scalar;
pub use template::{is_templated, is_templated_outside_of_quotes};
pub use yaml::read_yaml;

/// Nodes that one file may hold, those copied for aliases included.
pub const MAX_NODES: usize = 250_000;

/// Collections that may stand inside one another, those reached through aliases included.
pub const MAX_DEPTH: usize = 64;

/// One node of a YAML or JSON document.
///
/// A node that was reached through an alias keeps the place where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Where it stands; of a block scalar its first line of content.
    pub place: Place,
    /// Its own tag as written (`!Ref`, `!reset`), none for those of YAML itself (`!!str`).
    pub tag: Option<Arc<str>>,
    /// What it holds.
    pub value: Value,
}

/// What a node holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A text, number, boolean or null.
    Scalar(Scalar),
    /// Nodes in a row.
    Sequence(Vec<Node>),
    /// Keys and values in the order of the file, each key once, merged entries last.
    Mapping(Vec<(Node, Node)>),
}

/// One document of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The outermost node.
    pub root: Node,
}

/// What could not be read, or was read although it is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// Where reading stumbled.
    pub place: Place,
    /// What is wrong, as a clause.
    pub reason: String,
    /// Whether the document around the place is missing from [`Read::documents`].
    pub is_document_lost: bool,
}

/// All that was read from a file, and all that was not.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Read {
    /// The documents in the order of the file, empty ones left out.
    pub documents: Vec<Document>,
    /// What went wrong, in the order it was met.
    pub troubles: Vec<Trouble>,
    /// Comments without their signs and outer blanks; those of lost documents may be missing.
    pub comments: Vec<Placed<String>>,
}

/// Strips the byte order mark that some editors put first.
fn without_mark(text: &str) -> &str {
    text.strip_prefix('\u{feff}').unwrap_or(text)
}

#[cfg(test)]
mod tests;
