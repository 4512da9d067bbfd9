//! A checkout: a folder of files that nobody vouches for.
//!
//! Nothing here executes, follows a link, blocks, or reads without a limit. What was seen and not
//! looked at is listed.

mod budget;
mod contents;
mod gitignore;
mod names;
mod tracked;

pub use budget::{Cut, Limits, ReachedLimit};
pub use contents::decoded;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use budget::Budget;
use rayon::slice::ParallelSliceMut;

use crate::index::Index;
use crate::tree::Tree;
use crate::{SkipReason, Skipped};

/// A folder whose files are to be looked at.
#[derive(Debug)]
pub struct Checkout {
    root: PathBuf,
    limits: Limits,
    tree: Tree,
}

/// Why a folder cannot be looked at at all.
#[derive(Debug, thiserror::Error)]
pub enum CheckoutError {
    /// Nothing stands at the path.
    #[error("`{}` does not exist; name a folder that does", path.display())]
    NotFound {
        /// The path as it was given.
        path: PathBuf,
    },
    /// Something else than a folder stands at the path.
    #[error("`{}` is not a folder; name the folder that holds it", path.display())]
    NotAFolder {
        /// The path as it was given.
        path: PathBuf,
    },
    /// The operating system refused to open the folder.
    #[error("`{}` cannot be opened: {}; make it readable", path.display(), source.kind())]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// What it said.
        source: io::Error,
    },
}

/// Why one file could not be read again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{path}`: {reason}")]
pub struct ReadError {
    /// The path as it was asked for.
    pub path: String,
    /// What stands in the way.
    pub reason: SkipReason,
}

/// What to do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// Read it and hand over its bytes.
    Read,
    /// Remember that it is there.
    NameOnly,
    /// Forget it.
    Skip,
}

/// A regular file as the walk meets it, before anything is known but its name.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// Path relative to the root, with `/` between its parts.
    pub path: &'a str,
    /// The last part of the path.
    pub name: &'a str,
}

/// What a walk saw. Every list is sorted by path.
#[derive(Debug)]
pub struct Walk<T> {
    /// What was made of each file that was read.
    pub read: Vec<(Arc<str>, T)>,
    /// Every file that was wanted, read or not.
    pub paths: Vec<Arc<str>>,
    /// What was seen and passed over.
    pub skipped: Vec<Skipped>,
    /// What a `.gitignore` of the tree leaves out and git does not track; a folder stands for all in it and ends with `/`.
    pub ignored: Vec<Arc<str>>,
    /// Regular files seen, wanted or not; those in folders that were left out are not seen.
    pub files: usize,
    /// Bytes read.
    pub bytes: u64,
    /// What git tracks; `None` without a repository, or where its index tells nothing.
    pub tracked: Option<Index>,
    /// The limit that ended the walk early. What was wanted by then and not read is in `skipped`.
    pub cut: Option<Cut>,
}

impl Checkout {
    /// Opens the folder at `root`.
    pub fn open(root: &Path, limits: Limits) -> Result<Self, CheckoutError> {
        let path = root.to_owned();
        match Tree::open(root) {
            Ok(tree) => Ok(Self { root: path, limits, tree }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Err(CheckoutError::NotFound { path }),
            Err(e) if e.kind() == io::ErrorKind::NotADirectory => {
                Err(CheckoutError::NotAFolder { path })
            }
            Err(source) => Err(CheckoutError::Unreadable { path, source }),
        }
    }

    /// The folder as it was named.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The limits that every walk keeps.
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Walks the whole tree, then reads what was `wanted`, both on all threads of the current rayon
    /// pool.
    ///
    /// Not entered: `.git` and `.gonogo`, which are not part of what is judged; what a `.gitignore`
    /// leaves out, unless git's index holds it; and folders that package managers and build tools fill. All but the first two are
    /// listed. `wanted` is asked about ignored files too, so that those it does not skip are named.
    /// Unless a limit cut it, two walks of one tree give the same answer.
    pub fn walk<T: Send>(
        &self,
        wanted: impl Fn(&Entry<'_>) -> Want + Sync,
        read: impl Fn(&Arc<str>, &[u8]) -> T + Sync,
    ) -> Walk<T> {
        let budget = Budget::start(&self.limits);
        let (mut names, tracked) = names::collect(&self.tree, &self.root, &wanted, &budget);
        names.chosen.par_sort_unstable();
        names.paths.par_sort_unstable();
        names.ignored.par_sort_unstable();

        let contents = contents::read_all(&self.tree, &names.chosen, &read, &budget);
        names.skipped.extend(contents.skipped);
        names.skipped.par_sort_unstable();
        Walk {
            read: contents.read,
            paths: names.paths,
            skipped: names.skipped,
            ignored: names.ignored,
            files: names.files,
            bytes: contents.bytes,
            tracked,
            cut: budget.into_cut(),
        }
    }

    /// Reads one file, by its path relative to the root, as safely as a walk does.
    pub fn read(&self, path: &str) -> Result<Vec<u8>, ReadError> {
        self.read_below(path).map_err(|reason| ReadError { path: path.to_owned(), reason })
    }

    fn read_below(&self, path: &str) -> Result<Vec<u8>, SkipReason> {
        if !is_inside(path) {
            return Err(SkipReason::NotInside);
        }
        self.tree.kind(path)?.expect_file()?;
        self.tree.file(path)?.read(self.limits.file_bytes)
    }
}

/// Whether `path` is made of plain names, so that it cannot lead up or out.
fn is_inside(path: &str) -> bool {
    let is_name = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
    path.split('/').all(is_name)
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
