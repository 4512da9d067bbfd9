//! Where something stands in the scanned tree.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// A stretch of text in a file of the scanned tree.
///
/// Lines and columns count from 1; a column counts Unicode scalar values. `end_line` and
/// `end_column` name the first position after the stretch; a place that is only a point has its
/// end equal to its start.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Place {
    /// Path relative to the scanned root, with `/` between its parts.
    pub path: Arc<str>,
    /// Line of the first character.
    pub line: u32,
    /// Column of the first character.
    pub column: u32,
    /// Line of the first position after the stretch.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub end_line: u32,
    /// Column of the first position after the stretch.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub end_column: u32,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(n: &u32) -> bool {
    *n == 0
}

impl Place {
    /// A point in `path`.
    pub fn point(path: impl Into<Arc<str>>, line: u32, column: u32) -> Self {
        Self { path: path.into(), line, column, end_line: line, end_column: column }
    }

    /// The first position of `path`: for what concerns a file as a whole.
    pub fn file(path: impl Into<Arc<str>>) -> Self {
        Self::point(path, 1, 1)
    }

    /// The point where the stretch starts: for what concerns the thing that stands there as a whole.
    #[must_use]
    pub fn start(&self) -> Self {
        Self::point(self.path.clone(), self.line, self.column)
    }

    /// The folder that holds the file, empty for the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// The last part of the path.
    pub fn file_name(&self) -> &str {
        self.path.rsplit_once('/').map_or(&self.path, |(_, name)| name)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.path, self.line, self.column)
    }
}

/// A value and the place it was read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed<T> {
    /// What was read.
    pub value: T,
    /// Where it stands.
    pub place: Place,
}

impl<T> Placed<T> {
    /// Pairs `value` with `place`.
    pub fn new(value: T, place: Place) -> Self {
        Self { value, place }
    }
}

impl<T> std::ops::Deref for Placed<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}
