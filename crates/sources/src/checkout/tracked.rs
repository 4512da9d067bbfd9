//! What git tracks though a `.gitignore` names it: to git such a file is no less part of the tree.

use std::path::Path;
use std::sync::OnceLock;

use crate::index::{self, Index, IndexFault};
use crate::revision;
use crate::{SkipReason, Skipped};

/// The index of the repository that holds the root, read when the first name is ignored.
pub(super) struct Tracked<'a> {
    root: &'a Path,
    index: OnceLock<Result<Index, IndexFault>>,
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
        self.index.get_or_init(|| read(self.root)).as_ref().ok()
    }

    /// Why it was asked in vain, if it was.
    pub(super) fn into_fault(self) -> Option<Skipped> {
        let fault = self.index.into_inner()?.err()?;
        Some(Skipped { path: ".git/index".into(), reason: SkipReason::Index(fault) })
    }
}

/// Without a repository, or before its first file is added, nothing is tracked.
fn read(root: &Path) -> Result<Index, IndexFault> {
    let Some((folder, prefix)) = revision::working_tree(root) else {
        return Ok(Index::default());
    };
    let bytes = revision::index_file(&folder, index::MOST_BYTES)?;
    bytes.map_or_else(|| Ok(Index::default()), |bytes| Index::read(&bytes, &prefix))
}
