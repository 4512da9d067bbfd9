//! What git tracks though a `.gitignore` names it: to git such a file is no less part of the tree.

use std::path::Path;
use std::sync::OnceLock;

use crate::index::{self, Index, IndexFault};
use crate::{SkipReason, Skipped};

/// The index of the repository that holds the root, read when the first name is ignored.
pub(super) struct Tracked<'a> {
    root: &'a Path,
    index: OnceLock<Result<Option<Index>, IndexFault>>,
}

impl<'a> Tracked<'a> {
    pub(super) fn new(root: &'a Path) -> Self {
        Self { root, index: OnceLock::new() }
    }

    /// Whether git tracks what stands at `path`.
    pub(super) fn holds(&self, path: &str) -> bool {
        self.index().is_some_and(|index| index.holds(path))
    }

    /// Whether git tracks something in the folder at `path`.
    pub(super) fn holds_below(&self, path: &str) -> bool {
        self.index().is_some_and(|index| index.holds_below(&format!("{path}/")))
    }

    fn index(&self) -> Option<&Index> {
        self.index.get_or_init(|| index::of(self.root)).as_ref().ok()?.as_ref()
    }

    /// The index, as far as it tells anything, and why it was asked in vain, if it was.
    pub(super) fn into_index(self) -> (Option<Index>, Option<Skipped>) {
        let of_index =
            |fault| Skipped { path: ".git/index".into(), reason: SkipReason::Index(fault) };
        match self.index.into_inner() {
            Some(Ok(index)) => (index, None),
            Some(Err(fault)) => (None, Some(of_index(fault))),
            None => (index::of(self.root).ok().flatten(), None),
        }
    }
}
