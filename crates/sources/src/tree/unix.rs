//! The tree by file descriptors: every path is resolved from the root's own descriptor, so a folder
//! swapped for a link while we look cannot lead out.

use std::fs::File;
use std::io;
use std::ops::ControlFlow;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};
use rustix::io::Errno;

use super::{Kind, OpenFile};
use crate::{SkipReason, SpecialFile};

/// `NONBLOCK` keeps a FIFO that took a file's place from stopping us, `NOCTTY` a terminal from
/// becoming ours.
const FILE: OFlags = OFlags::RDONLY
    .union(OFlags::CLOEXEC)
    .union(OFlags::NONBLOCK)
    .union(OFlags::NOCTTY)
    .union(OFlags::NOFOLLOW);
const FOLDER: OFlags = FILE.union(OFlags::DIRECTORY);

/// A folder that was given to us, and the only way to what is below it.
#[derive(Debug)]
pub(crate) struct Tree {
    root: OwnedFd,
    path: PathBuf,
    /// Older kernels and some sandboxes lack it; then each folder on the way is opened in turn.
    pub(crate) has_openat2: bool,
}

impl Tree {
    /// Opens the root. Links on the way to it are followed: the user named it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let root = openat(CWD, path, FOLDER - OFlags::NOFOLLOW, Mode::empty())?;
        let has_openat2 = beneath(&root, ".", FOLDER, Links::Refused).is_ok();
        let path = path.to_owned();
        Ok(Self { root, path, has_openat2 })
    }

    /// Opens the folder at `path`; the root's is empty.
    pub(crate) fn folder(&self, path: &str) -> Result<Folder, SkipReason> {
        let path = if path.is_empty() { "." } else { path };
        self.open_below(path, FOLDER).map(Folder).map_err(reason)
    }

    /// Opens the file at `path`, which should have been seen to be one: opening a device can act on it.
    pub(crate) fn file(&self, path: &str) -> Result<OpenFile, SkipReason> {
        let file = self.open_below(path, FILE).map_err(reason)?;
        OpenFile::new(File::from(file))
    }

    /// Tells what stands at `path` without opening it.
    pub(crate) fn kind(&self, path: &str) -> Result<Kind, SkipReason> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.folder(folder)?.kind(name)
    }

    /// Tells where the link at `path` leads, without opening its target.
    pub(crate) fn link(&self, path: &str) -> SkipReason {
        if !self.has_openat2 {
            return super::resolve_link(&self.path, path);
        }
        match beneath(&self.root, path, OFlags::CLOEXEC, Links::Followed) {
            Ok(_) => SkipReason::Symlink,
            Err(Errno::XDEV | Errno::LOOP) => SkipReason::SymlinkOut,
            Err(Errno::NOENT | Errno::NOTDIR) => SkipReason::SymlinkBroken,
            Err(other) => reason(other),
        }
    }

    fn open_below(&self, path: &str, flags: OFlags) -> Result<OwnedFd, Errno> {
        if self.has_openat2 {
            return beneath(&self.root, path, flags, Links::Refused);
        }
        let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut at: Option<OwnedFd> = None;
        for part in folders.split('/').filter(|part| !part.is_empty()) {
            at = Some(openat(self.from(at.as_ref()), part, FOLDER, Mode::empty())?);
        }
        openat(self.from(at.as_ref()), name, flags, Mode::empty())
    }

    fn from<'a>(&'a self, at: Option<&'a OwnedFd>) -> BorrowedFd<'a> {
        at.unwrap_or(&self.root).as_fd()
    }
}

/// An open folder of the tree.
pub(crate) struct Folder(OwnedFd);

impl Folder {
    /// Tells what stands under `name` in this folder.
    pub(crate) fn kind(&self, name: &str) -> Result<Kind, SkipReason> {
        kind_at(self.0.as_fd(), name).map_err(reason)
    }

    /// Hands over every name with its kind, in no order, until `each` breaks off.
    pub(crate) fn list(
        self,
        mut each: impl FnMut(&[u8], Kind) -> ControlFlow<()>,
    ) -> Result<(), SkipReason> {
        let mut entries = Dir::new(self.0).map_err(reason)?;
        while let Some(entry) = entries.read() {
            let entry = entry.map_err(reason)?;
            let name = entry.file_name();
            if matches!(name.to_bytes(), b"." | b"..") {
                continue;
            }
            let kind = match entry.file_type() {
                // Some file systems do not tell it in the listing.
                FileType::Unknown => entries
                    .fd()
                    .and_then(|fd| kind_at(fd, name))
                    .unwrap_or(Kind::Special(SpecialFile::Unknown)),
                known => kind(known),
            };
            if each(name.to_bytes(), kind).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn kind_at(folder: BorrowedFd<'_>, name: impl rustix::path::Arg) -> Result<Kind, Errno> {
    let stat = statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(kind(FileType::from_raw_mode(stat.st_mode)))
}

fn kind(file_type: FileType) -> Kind {
    match file_type {
        FileType::RegularFile => Kind::File,
        FileType::Directory => Kind::Folder,
        FileType::Symlink => Kind::Link,
        FileType::Fifo => Kind::Special(SpecialFile::Fifo),
        FileType::Socket => Kind::Special(SpecialFile::Socket),
        FileType::CharacterDevice | FileType::BlockDevice => Kind::Special(SpecialFile::Device),
        FileType::Unknown => Kind::Special(SpecialFile::Unknown),
    }
}

fn reason(errno: Errno) -> SkipReason {
    match errno {
        Errno::NOENT => SkipReason::Vanished,
        Errno::LOOP => SkipReason::Symlink,
        Errno::XDEV => SkipReason::SymlinkOut,
        other => SkipReason::Unreadable(io::Error::from(other).kind()),
    }
}

#[derive(Clone, Copy)]
enum Links {
    Refused,
    /// Followed to tell where they lead; nothing is opened at the end.
    Followed,
}

#[cfg(target_os = "linux")]
fn beneath(root: &OwnedFd, path: &str, flags: OFlags, links: Links) -> Result<OwnedFd, Errno> {
    use rustix::fs::{ResolveFlags, openat2};

    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
    let (flags, resolve) = match links {
        Links::Refused => (flags, resolve | ResolveFlags::NO_SYMLINKS),
        Links::Followed => (flags | OFlags::PATH, resolve),
    };
    // A rename anywhere on the machine can make the kernel ask for another try.
    for _ in 0..64 {
        match openat2(root, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            answer => return answer,
        }
    }
    Err(Errno::AGAIN)
}

#[cfg(not(target_os = "linux"))]
fn beneath(_: &OwnedFd, _: &str, _: OFlags, _: Links) -> Result<OwnedFd, Errno> {
    Err(Errno::NOSYS)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_folder_swapped_for_a_link_leads_nowhere() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(root.path().join("a/b/c"), "text").unwrap();
        symlink("a", root.path().join("inside")).unwrap();
        symlink("/etc", root.path().join("outside")).unwrap();
        let mut tree = Tree::open(root.path()).unwrap();
        for has_openat2 in [tree.has_openat2, false] {
            tree.has_openat2 = has_openat2;
            assert_eq!(tree.file("a/b/c").unwrap().read(9).unwrap(), b"text");
            for path in ["inside/b/c", "outside/passwd"] {
                assert!(tree.file(path).is_err(), "{path}");
                assert!(tree.kind(path).is_err(), "{path}");
            }
            for path in ["inside", "inside/b", "outside"] {
                assert!(tree.folder(path).is_err(), "{path}");
            }
        }
    }
}
