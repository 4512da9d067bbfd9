//! CODEOWNERS.

use crate::Facts;
use crate::read::Source;

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, _name: &str) -> bool {
    false
}

/// Reads the file.
pub(super) fn read(_source: Source<'_>, _facts: &mut Facts) {}
