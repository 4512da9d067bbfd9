//! Backstage's catalog-info.yaml.

use crate::Facts;
use crate::read::Source;
use crate::tree::Node;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, _name: &str) -> bool {
    false
}

/// Whether the text was probably meant for this reader.
pub(super) fn is_like(_text: &str) -> bool {
    false
}

/// Reads the document; `false`: it is not of this kind.
pub(super) fn read(_source: Source<'_>, _document: &Node, _facts: &mut Facts) -> bool {
    false
}
