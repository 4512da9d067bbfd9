//! The commit that a folder stands at, read from git's own files.
//!
//! No `git` is run and no configuration is obeyed: both can be made to execute what a hostile
//! repository names. What does not look as git writes it gives no revision.

use std::fs;
use std::path::{Path, PathBuf};

use crate::SkipReason;
use crate::index::IndexFault;
use crate::tree::{Kind, Tree};

/// A commit, and the branch it was reached by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revision {
    /// The commit's id: 40 or 64 lower-case hexadecimal digits.
    pub commit: String,
    /// The branch that is checked out, without `refs/heads/`; none where the commit itself is.
    pub branch: Option<String>,
}

/// Folders above `root` that are asked whether they are a repository.
const MOST_PARENTS: usize = 64;
/// Symbolic references that are followed from one to the next.
const MOST_REFERENCES: usize = 5;
/// Largest of the one-line files: `HEAD`, a reference, `.git`, `commondir`, `gitdir`.
const LINE_BYTES: u64 = 8 * 1024;
/// Largest `config`.
const CONFIGURATION_BYTES: u64 = 256 * 1024;
/// Largest `packed-refs`; some 400,000 references.
const PACKED_BYTES: u64 = 32 << 20;

/// Tells what commit the repository that holds `root` stands at.
///
/// Whether the files differ from that commit, [`Walk::tracked`](crate::Walk::tracked) tells in part. None where there is no repository, no
/// commit yet, or anything about it is unusual.
pub fn revision(root: &Path) -> Option<Revision> {
    let (folder, _) = working_tree(root)?;
    Repository::open(&folder)?.head()
}

/// The working tree that holds `root`, and what stands in it before the paths below `root`.
pub(crate) fn working_tree(root: &Path) -> Option<(PathBuf, String)> {
    let root = root.canonicalize().ok()?;
    let folder = root
        .ancestors()
        .take(MOST_PARENTS + 1)
        .find(|folder| fs::symlink_metadata(folder.join(".git")).is_ok())?;
    let mut prefix = String::new();
    for part in root.strip_prefix(folder).ok()? {
        prefix.push_str(part.to_str()?);
        prefix.push('/');
    }
    Some((folder.to_owned(), prefix))
}

/// The bytes of the index of the working tree at `folder`; none before anything was added to it.
pub(crate) fn index_file(folder: &Path, most_bytes: u64) -> Result<Option<Vec<u8>>, IndexFault> {
    let tree = Repository::open(folder).ok_or(IndexFault::Elsewhere)?.own;
    let kind = tree.kind("index").and_then(Kind::expect_file);
    match kind.and_then(|()| tree.file("index")?.read(most_bytes)) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(SkipReason::Vanished) => Ok(None),
        Err(SkipReason::TooLarge { .. }) => Err(IndexFault::TooLarge),
        Err(_) => Err(IndexFault::Unreadable),
    }
}

/// The text of the configuration of the working tree at `folder`, which is read and never obeyed.
pub(crate) fn configuration(folder: &Path) -> Option<String> {
    let repository = Repository::open(folder)?;
    let tree = repository.shared.as_ref().unwrap_or(&repository.own);
    text(tree, "config", CONFIGURATION_BYTES)
}

/// The folders in which a working tree's references stand.
struct Repository {
    own: Tree,
    /// Where a linked worktree keeps what it shares with the others.
    shared: Option<Tree>,
}

impl Repository {
    /// Opens the repository of the working tree at `folder`.
    fn open(folder: &Path) -> Option<Self> {
        let tree = Tree::open(folder).ok()?;
        let git = folder.join(".git");
        match tree.kind(".git").ok()? {
            Kind::Folder => Some(Self { own: Tree::open(&git).ok()?, shared: None }),
            Kind::File => Self::open_linked(folder, line(&tree, ".git")?.strip_prefix("gitdir:")?),
            Kind::Link | Kind::Special(_) => None,
        }
    }

    /// Opens the repository that a `.git` file names.
    fn open_linked(folder: &Path, named: &str) -> Option<Self> {
        let path = folder.join(named.trim()).canonicalize().ok()?;
        let own = Tree::open(&path).ok()?;
        if !belongs_to(&path, &own, folder) {
            return None;
        }
        let shared = match line(&own, "commondir") {
            Some(named) => Some(open_above(&path, &named)?),
            None => None,
        };
        Some(Self { own, shared })
    }

    fn head(&self) -> Option<Revision> {
        let head = line(&self.own, "HEAD")?;
        let Some(name) = head.strip_prefix("ref:") else {
            return Some(Revision { commit: commit_id(&head)?, branch: None });
        };
        let name = name.trim();
        Some(Revision {
            commit: self.resolve(name)?,
            branch: name.strip_prefix("refs/heads/").map(str::to_owned),
        })
    }

    fn resolve(&self, name: &str) -> Option<String> {
        let mut name = name.to_owned();
        for _ in 0..MOST_REFERENCES {
            if !is_reference(&name) {
                return None;
            }
            match self.loose(&name) {
                None => return self.packed(&name),
                Some(text) => match text.strip_prefix("ref:") {
                    Some(next) => next.trim().clone_into(&mut name),
                    None => return commit_id(&text),
                },
            }
        }
        None
    }

    fn loose(&self, name: &str) -> Option<String> {
        line(&self.own, name).or_else(|| line(self.shared.as_ref()?, name))
    }

    fn packed(&self, name: &str) -> Option<String> {
        let tree = self.shared.as_ref().unwrap_or(&self.own);
        let packed = text(tree, "packed-refs", PACKED_BYTES)?;
        packed
            .lines()
            .filter_map(|line| line.split_once(' '))
            .find(|(_, packed_name)| packed_name.trim_end() == name)
            .and_then(|(id, _)| commit_id(id))
    }
}

/// Whether the repository at `path` is that of the working tree at `folder`, which names it.
///
/// A hostile tree may name any folder of this machine, and must not pass for a checkout of a
/// repository that it merely points at.
fn belongs_to(path: &Path, own: &Tree, folder: &Path) -> bool {
    let is_submodule = |above: &Path| path.starts_with(above.join(".git").join("modules"));
    let names_it_back = || {
        let back: PathBuf = path.join(line(own, "gitdir")?);
        Some(back.canonicalize().ok()? == folder.join(".git"))
    };
    path.starts_with(folder)
        || folder.ancestors().skip(1).take(MOST_PARENTS).any(is_submodule)
        || names_it_back().unwrap_or(false)
}

/// Opens the folder that `named` leads to from `path`, if it is one above.
fn open_above(path: &Path, named: &str) -> Option<Tree> {
    let above = path.join(named).canonicalize().ok()?;
    path.starts_with(&above).then(|| Tree::open(&above).ok()).flatten()
}

/// Whether `name` is a reference's, as strictly as git keeps it where paths are concerned.
fn is_reference(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.contains("..");
    let is_plain = |c: char| !c.is_control() && !matches!(c, ' ' | '\\' | ':' | '?' | '*' | '[');
    name.starts_with("refs/") && name.split('/').all(is_part) && name.chars().all(is_plain)
}

fn commit_id(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    is_id.then(|| text.to_ascii_lowercase())
}

/// The only line of a small file, without its end.
fn line(tree: &Tree, path: &str) -> Option<String> {
    let text = text(tree, path, LINE_BYTES)?;
    let line = text.trim_end();
    (!line.is_empty() && !line.contains('\n')).then(|| line.to_owned())
}

fn text(tree: &Tree, path: &str, limit: u64) -> Option<String> {
    tree.kind(path).ok()?.expect_file().ok()?;
    let bytes = tree.file(path).ok()?.read(limit).ok()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";
    const OTHER_ID: &str = "89abcdef0123456789abcdef0123456789abcdef";

    fn tree(files: &[(&str, &str)]) -> TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            write(root.path(), path, text);
        }
        root
    }

    fn write(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn at(root: &TempDir, path: &str) -> Option<(String, Option<String>)> {
        revision(&root.path().join(path)).map(|r| (r.commit, r.branch))
    }

    fn on(branch: &str) -> (String, Option<String>) {
        (ID.into(), Some(branch.into()))
    }

    #[test]
    fn a_branch_gives_its_commit_and_name() {
        let root = tree(&[
            (".git/HEAD", "ref: refs/heads/feature/x\n"),
            (".git/refs/heads/feature/x", &format!("{ID}\n")),
            ("services/a/main.rs", ""),
        ]);
        assert_eq!(at(&root, ""), Some(on("feature/x")));
        assert_eq!(at(&root, "services/a"), Some(on("feature/x")));
    }

    #[test]
    fn a_commit_that_is_checked_out_itself_has_no_branch() {
        let long = "A".repeat(64);
        let root = tree(&[(".git/HEAD", &long)]);
        assert_eq!(at(&root, ""), Some(("a".repeat(64), None)));
    }

    #[test]
    fn a_loose_reference_wins_over_a_packed_one() {
        let packed = format!(
            "# pack-refs with: peeled\n{OTHER_ID} refs/heads/main\n{ID} refs/tags/v1\n^{OTHER_ID}\n"
        );
        let root = tree(&[(".git/HEAD", "ref: refs/heads/main"), (".git/packed-refs", &packed)]);
        let commit = |root| at(root, "").unwrap().0;
        assert_eq!(commit(&root), OTHER_ID);
        write(root.path(), ".git/refs/heads/main", ID);
        assert_eq!(commit(&root), ID);
    }

    #[test]
    fn a_linked_worktree_is_followed_when_its_repository_names_it_back() {
        let main = tree(&[
            (".git/HEAD", "ref: refs/heads/main"),
            (".git/refs/heads/work", ID),
            (".git/worktrees/w/HEAD", "ref: refs/heads/work"),
            (".git/worktrees/w/commondir", "../..\n"),
        ]);
        let git = main.path().join(".git/worktrees/w");
        let worktree = tree(&[(".git", &format!("gitdir: {}\n", git.display()))]);
        assert_eq!(at(&worktree, ""), None);
        let back = worktree.path().join(".git").display().to_string();
        write(&git, "gitdir", &back);
        assert_eq!(at(&worktree, ""), Some(on("work")));
        write(&git, "commondir", "/");
        assert_eq!(at(&worktree, ""), None);
    }

    #[test]
    fn a_submodule_is_followed_into_the_repository_that_holds_it() {
        let root =
            tree(&[(".git/modules/m/HEAD", ID), ("deps/m/.git", "gitdir: ../../.git/modules/m\n")]);
        assert_eq!(at(&root, "deps/m"), Some((ID.into(), None)));
    }

    #[test]
    fn a_tree_cannot_pass_for_another_repository() {
        let other = tree(&[(".git/HEAD", ID)]);
        let path = other.path().join(".git").display().to_string();
        let by_file = tree(&[(".git", &format!("gitdir: {path}\n"))]);
        assert_eq!(at(&by_file, ""), None);
        #[cfg(unix)]
        {
            let by_link = tree(&[("a", "")]);
            std::os::unix::fs::symlink(&path, by_link.path().join(".git")).unwrap();
            assert_eq!(at(&by_link, ""), None);
            let by_head = tree(&[(".git/config", "")]);
            let head = other.path().join(".git/HEAD");
            std::os::unix::fs::symlink(head, by_head.path().join(".git/HEAD")).unwrap();
            assert_eq!(at(&by_head, ""), None);
        }
    }

    #[test]
    fn what_git_would_not_write_gives_no_revision() {
        let large = "a".repeat(100_000);
        for head in [
            "",
            "\n",
            "ref:",
            "ref: refs/heads/none",
            "ref: refs/heads/../../../secret",
            "ref: /etc/passwd",
            "ref: config",
            "ref: refs/heads/circle",
            "ref: refs/heads/\u{1b}[2J",
            "0123456789abcdef",
            "zzzz456789abcdef0123456789abcdef01234567",
            "0123456789abcdef0123456789abcdef01234567\nmore",
            "\u{fffd}\u{0}",
            &large,
        ] {
            let root = tree(&[
                (".git/HEAD", head),
                (".git/config", ID),
                ("secret", ID),
                (".git/refs/heads/circle", "ref: refs/heads/circle"),
            ]);
            assert_eq!(at(&root, ""), None, "{head:?}");
        }
    }

    #[test]
    fn a_git_file_that_leads_nowhere_gives_no_revision() {
        for named in ["gitdir: /etc", "gitdir: .", "gitdir: \0", "gitdir:", "nonsense", ""] {
            let root = tree(&[(".git", named)]);
            assert_eq!(at(&root, ""), None, "{named:?}");
        }
    }
}
