//! Opens files and folders below a root, and nothing else: no link is followed, nothing blocks.

#[cfg(any(not(unix), test))]
mod portable;
#[cfg(unix)]
mod unix;

#[cfg(not(unix))]
pub(crate) use portable::Tree;
#[cfg(unix)]
pub(crate) use unix::Tree;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use crate::{SkipReason, SpecialFile};

/// What a name stands for, its links not followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    File,
    Folder,
    Link,
    Special(SpecialFile),
}

impl Kind {
    /// Refuses all but regular files.
    pub(crate) fn expect_file(self) -> Result<(), SkipReason> {
        match self {
            Self::File => Ok(()),
            Self::Folder => Err(SkipReason::NotRegular(SpecialFile::Folder)),
            Self::Link => Err(SkipReason::Symlink),
            Self::Special(special) => Err(SkipReason::NotRegular(special)),
        }
    }
}

/// An open regular file and the size it claims.
pub(crate) struct OpenFile {
    pub(crate) file: File,
    pub(crate) size: u64,
}

/// The least that is asked of the operating system at once.
const CHUNK: usize = 8 * 1024;

impl OpenFile {
    /// Refuses what turned out not to be a regular file.
    fn new(file: File) -> Result<Self, SkipReason> {
        let metadata = file.metadata().map_err(|e| SkipReason::Unreadable(e.kind()))?;
        if metadata.is_file() {
            let size = metadata.len();
            Ok(Self { file, size })
        } else {
            Err(SkipReason::NotRegular(SpecialFile::Unknown))
        }
    }

    /// Fills the front of `buffer` with the whole file and returns its length.
    ///
    /// The buffer only grows, to at most `limit` + 1 bytes, whatever size the file claims: a file may
    /// grow while it is read, and those of `/proc` claim to be empty.
    pub(crate) fn read_into(
        mut self,
        limit: u64,
        buffer: &mut Vec<u8>,
    ) -> Result<usize, SkipReason> {
        if self.size > limit {
            return Err(SkipReason::TooLarge { bytes: self.size });
        }
        let size = usize::try_from(self.size).unwrap_or(usize::MAX);
        let room = usize::try_from(limit).unwrap_or(usize::MAX).saturating_add(1);
        grow(buffer, size.saturating_add(1).max(CHUNK).min(room));
        let mut filled = 0;
        loop {
            let rest = buffer.get_mut(filled..).unwrap_or_default();
            if rest.is_empty() && filled >= room {
                break;
            }
            if rest.is_empty() {
                grow(buffer, filled.saturating_mul(2).min(room));
                continue;
            }
            match self.file.read(rest) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(e) if e.kind() == ErrorKind::Interrupted => continue,
                Err(e) => return Err(SkipReason::Unreadable(e.kind())),
            }
            // The buffer had room for one byte more, so this is the end.
            if filled == size && filled < buffer.len() {
                break;
            }
        }
        if filled >= room {
            let bytes = filled as u64;
            return Err(SkipReason::TooLarge { bytes });
        }
        Ok(filled)
    }

    /// Reads the whole file, if it has at most `limit` bytes.
    pub(crate) fn read(self, limit: u64) -> Result<Vec<u8>, SkipReason> {
        let mut buffer = Vec::new();
        let length = self.read_into(limit, &mut buffer)?;
        buffer.truncate(length);
        Ok(buffer)
    }
}

fn grow(buffer: &mut Vec<u8>, length: usize) {
    if buffer.len() < length {
        buffer.resize(length, 0);
    }
}

/// Tells by paths where a link leads. Used where the operating system cannot resolve it beneath the
/// root; nothing is opened, but links outside the tree may be read on the way.
fn resolve_link(root: &Path, path: &str) -> SkipReason {
    let is_inside = || {
        let root = root.canonicalize()?;
        Ok(root.join(path).canonicalize()?.starts_with(&root))
    };
    match is_inside().map_err(|e: std::io::Error| e.kind()) {
        Ok(true) => SkipReason::Symlink,
        Err(ErrorKind::NotFound | ErrorKind::NotADirectory) => SkipReason::SymlinkBroken,
        Err(ErrorKind::PermissionDenied) => SkipReason::Unreadable(ErrorKind::PermissionDenied),
        // The only other error in practice is the circle, whose kind has no stable name yet.
        Ok(false) | Err(_) => SkipReason::SymlinkOut,
    }
}
