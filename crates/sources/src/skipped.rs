//! What was seen and passed over, and why.

use std::fmt;
use std::io::ErrorKind;
use std::sync::Arc;

use crate::IndexFault;

/// A file or folder that was seen but not looked into.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Skipped {
    /// Path relative to the root, empty for the root itself. Bytes that are not UTF-8 are written
    /// as `\xNN`.
    pub path: Arc<str>,
    /// Why it was passed over.
    pub reason: SkipReason,
}

impl fmt::Display for Skipped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = if self.path.is_empty() { "." } else { &self.path };
        write!(f, "`{path}`: {}", self.reason)
    }
}

/// Why a file or folder was not looked into. Reads as a clause after the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SkipReason {
    /// A symbolic link whose target lies outside the tree, is absolute, or leads back to the link.
    #[error("a symbolic link that leads out of the tree or in a circle")]
    SymlinkOut,
    /// A symbolic link to something inside the tree.
    #[error("a symbolic link; its target inside the tree is looked at under its own name only")]
    Symlink,
    /// A symbolic link to nothing.
    #[error("a symbolic link that leads nowhere")]
    SymlinkBroken,
    /// Neither a file nor a folder nor a link.
    #[error("{0}, not a regular file")]
    NotRegular(SpecialFile),
    /// Larger than [`Limits::file_bytes`](crate::Limits::file_bytes).
    #[error("too large to be read ({bytes} bytes)")]
    TooLarge {
        /// Its size, or as much of it as was seen before reading stopped.
        bytes: u64,
    },
    /// Has a NUL byte among its first 8 KiB.
    #[error("binary, not text")]
    Binary,
    /// Begins as git-crypt leaves a file for those who have no key.
    #[error("encrypted by git-crypt")]
    Encrypted,
    /// The operating system refused.
    #[error("cannot be read: {0}")]
    Unreadable(ErrorKind),
    /// Its name is not UTF-8, so it could not be named in an answer.
    #[error("its name is not UTF-8")]
    NotUtf8Name,
    /// A folder below [`Limits::depth`](crate::Limits::depth).
    #[error("too many folders deep to be walked")]
    TooDeep,
    /// Listed, and gone when it was opened.
    #[error("gone before it could be read")]
    Vanished,
    /// A folder that a tool fills: installed packages, caches, build output.
    #[error("a folder of installed packages, caches or build output")]
    Generated,
    /// A `.gitignore` that ignores less than it says, or nothing.
    #[error("{0}")]
    Gitignore(GitignoreFault),
    /// An index of git that does not tell what is tracked though a `.gitignore` names it.
    #[error("{0}, so files that git tracks and a `.gitignore` names were left out")]
    Index(IndexFault),
    /// The walk had reached a limit before it came here, or before it was through.
    #[error("not looked at, or not to its end: a limit was reached")]
    NotReached,
    /// A path that names nothing below the root: absolute, or with `..` in it.
    #[error("not the path of something inside the tree")]
    NotInside,
}

/// What stands in a tree and is neither file, folder nor link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum SpecialFile {
    /// A named pipe.
    #[error("a FIFO")]
    Fifo,
    /// A socket.
    #[error("a socket")]
    Socket,
    /// A block or character device.
    #[error("a device")]
    Device,
    /// A folder where a file was expected.
    #[error("a folder")]
    Folder,
    /// Something the operating system has no common name for.
    #[error("of an unknown kind")]
    Unknown,
}

/// Why a `.gitignore` was not used, or not wholly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, thiserror::Error)]
pub enum GitignoreFault {
    /// Larger, longer or with more patterns than are used.
    #[error("has too many or too long patterns, so nothing is ignored by it")]
    TooLarge,
    /// Its patterns together could not be compiled.
    #[error("cannot be compiled, so nothing is ignored by it")]
    NotCompiled,
    /// One line, counted from 1, is no pattern.
    #[error("line {line} is not a pattern, so nothing is ignored by that line")]
    BadLine {
        /// The first such line.
        line: usize,
    },
}
