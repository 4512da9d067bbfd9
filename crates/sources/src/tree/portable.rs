//! The tree by paths, for systems without descriptors of folders: every part of a path is seen not
//! to be a link before it is opened.

use std::fs::{self, File, FileType};
use std::io;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use super::{Kind, OpenFile};
use crate::{SkipReason, SpecialFile};

/// A folder that was given to us, and the only way to what is below it.
#[derive(Debug)]
pub(crate) struct Tree {
    path: PathBuf,
}

impl Tree {
    /// Opens the root. Links on the way to it are followed: the user named it.
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        fs::read_dir(path)?;
        let path = path.to_owned();
        Ok(Self { path })
    }

    /// Opens the folder at `path`; the root's is empty.
    pub(crate) fn folder(&self, path: &str) -> Result<Folder, SkipReason> {
        let mut folder = self.path.clone();
        for part in path.split('/').filter(|part| !part.is_empty()) {
            folder.push(part);
            match kind_of(&folder)? {
                Kind::Folder => {}
                Kind::Link => return Err(SkipReason::Symlink),
                _ => return Err(SkipReason::Unreadable(io::ErrorKind::NotADirectory)),
            }
        }
        Ok(Folder(folder))
    }

    /// Opens the file at `path`.
    pub(crate) fn file(&self, path: &str) -> Result<OpenFile, SkipReason> {
        self.kind(path)?.expect_file()?;
        OpenFile::new(File::open(self.path.join(path)).map_err(|e| reason(&e))?)
    }

    /// Tells what stands at `path` without opening it.
    pub(crate) fn kind(&self, path: &str) -> Result<Kind, SkipReason> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        self.folder(folder)?.kind(name)
    }

    /// Tells where the link at `path` leads, without opening its target.
    pub(crate) fn link(&self, path: &str) -> SkipReason {
        super::resolve_link(&self.path, path)
    }
}

/// A folder of the tree.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Tells what stands under `name` in this folder.
    pub(crate) fn kind(&self, name: &str) -> Result<Kind, SkipReason> {
        kind_of(&self.0.join(name))
    }

    /// Hands over every name with its kind, in no order, until `each` breaks off.
    pub(crate) fn list(
        self,
        mut each: impl FnMut(&[u8], Kind) -> ControlFlow<()>,
    ) -> Result<(), SkipReason> {
        for entry in fs::read_dir(&self.0).map_err(|e| reason(&e))? {
            let entry = entry.map_err(|e| reason(&e))?;
            let kind = entry.file_type().map_err(|e| reason(&e)).map(kind)?;
            if each(entry.file_name().as_encoded_bytes(), kind).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn kind_of(path: &Path) -> Result<Kind, SkipReason> {
    let metadata = fs::symlink_metadata(path).map_err(|e| reason(&e))?;
    Ok(kind(metadata.file_type()))
}

fn kind(file_type: FileType) -> Kind {
    if file_type.is_symlink() {
        Kind::Link
    } else if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Special(SpecialFile::Unknown)
    }
}

fn reason(error: &io::Error) -> SkipReason {
    match error.kind() {
        io::ErrorKind::NotFound => SkipReason::Vanished,
        other => SkipReason::Unreadable(other),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    fn tree() -> (tempfile::TempDir, Tree) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join("a")).unwrap();
        fs::write(root.path().join("a/b"), "text").unwrap();
        symlink("a", root.path().join("link")).unwrap();
        symlink("/etc", root.path().join("out")).unwrap();
        let tree = Tree::open(root.path()).unwrap();
        (root, tree)
    }

    #[test]
    fn names_are_listed_with_their_kinds() {
        let (_root, tree) = tree();
        let mut seen = Vec::new();
        let each = |name: &[u8], kind| {
            seen.push((String::from_utf8_lossy(name).into_owned(), kind));
            ControlFlow::Continue(())
        };
        tree.folder("").unwrap().list(each).unwrap();
        seen.sort_by(|a, b| a.0.cmp(&b.0));
        let expected = [("a", Kind::Folder), ("link", Kind::Link), ("out", Kind::Link)];
        assert_eq!(seen, expected.map(|(name, kind)| (name.to_owned(), kind)));
    }

    #[test]
    fn no_part_of_a_path_may_be_a_link() {
        let (_root, tree) = tree();
        assert_eq!(tree.file("a/b").unwrap().read(9).unwrap(), b"text");
        assert_eq!(tree.file("link/b").map(|f| f.size), Err(SkipReason::Symlink));
        assert_eq!(tree.file("out").map(|f| f.size), Err(SkipReason::Symlink));
        assert_eq!(tree.kind("out/passwd"), Err(SkipReason::Symlink));
    }

    #[test]
    fn links_are_told_apart_by_where_they_lead() {
        let (_root, tree) = tree();
        assert_eq!(tree.link("link"), SkipReason::Symlink);
        assert_eq!(tree.link("out"), SkipReason::SymlinkOut);
    }
}
