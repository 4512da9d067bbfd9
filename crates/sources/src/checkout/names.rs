//! The first half of a walk: every name in the tree, folder by folder, none of them opened but
//! folders and `.gitignore` files.

use std::ops::ControlFlow;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rayon::Scope;

use super::budget::Budget;
use super::gitignore::{self, Rules};
use super::tracked::Tracked;
use super::{Entry, Want};
use crate::Index;
use crate::tree::{Kind, Tree};
use crate::{GitignoreFault, SkipReason, Skipped};

/// Names in no order.
#[derive(Default)]
pub(super) struct Names {
    /// Files to be read.
    pub(super) chosen: Vec<Arc<str>>,
    pub(super) paths: Vec<Arc<str>>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) ignored: Vec<Arc<str>>,
    pub(super) files: usize,
}

impl Names {
    fn skip(&mut self, path: impl Into<Arc<str>>, reason: SkipReason) {
        let path = path.into();
        self.skipped.push(Skipped { path, reason });
    }

    fn append(&mut self, mut other: Self) {
        self.chosen.append(&mut other.chosen);
        self.paths.append(&mut other.paths);
        self.skipped.append(&mut other.skipped);
        self.ignored.append(&mut other.ignored);
        self.files += other.files;
    }
}

/// Lists the tree on all threads; with the names comes what git tracks.
pub(super) fn collect<W>(
    tree: &Tree,
    root: &Path,
    wanted: &W,
    budget: &Budget<'_>,
) -> (Names, Option<Index>)
where
    W: Fn(&Entry<'_>) -> Want + Sync,
{
    let tracked = Tracked::new(root);
    let lister = Lister { tree, wanted, budget, tracked, names: Mutex::default() };
    let root = Folder { path: "".into(), depth: 0, rules: None, is_ignored: false };
    rayon::scope(|scope| lister.visit(root, scope));
    let mut names = lister.names.into_inner().unwrap_or_else(PoisonError::into_inner);
    let (tracked, fault) = lister.tracked.into_index();
    names.skipped.extend(fault);
    (names, tracked)
}

struct Lister<'a, W> {
    tree: &'a Tree,
    wanted: &'a W,
    budget: &'a Budget<'a>,
    tracked: Tracked<'a>,
    names: Mutex<Names>,
}

/// A folder that is to be listed.
struct Folder {
    path: Arc<str>,
    /// Parts of its path.
    depth: usize,
    /// Patterns in force in the folder that holds it, until its own are read.
    rules: Option<Arc<Rules>>,
    /// Whether all in it is ignored but what git tracks.
    is_ignored: bool,
}

impl Folder {
    fn ignores(&self, path: &str, kind: Kind) -> bool {
        let is_named = |rules: &Arc<Rules>| rules.ignores(path, kind == Kind::Folder);
        self.is_ignored || self.rules.as_ref().is_some_and(is_named)
    }
}

impl<W: Fn(&Entry<'_>) -> Want + Sync> Lister<'_, W> {
    fn visit<'s>(&'s self, mut folder: Folder, scope: &Scope<'s>) {
        let mut names = Names::default();
        if let Err(reason) = self.list(&mut folder, &mut names, scope) {
            names.skip(folder.path, reason);
        }
        self.names.lock().unwrap_or_else(PoisonError::into_inner).append(names);
    }

    fn list<'s>(
        &'s self,
        folder: &mut Folder,
        names: &mut Names,
        scope: &Scope<'s>,
    ) -> Result<(), SkipReason> {
        if folder.depth >= self.budget.limits.depth {
            return Err(SkipReason::TooDeep);
        }
        if !self.budget.allows_listing(&folder.path) {
            return Err(SkipReason::NotReached);
        }
        let mut path = prefix(&folder.path);
        let base = path.len();
        let opened = self.tree.folder(&folder.path)?;
        if !folder.is_ignored && opened.kind(".gitignore") == Ok(Kind::File) {
            self.read_gitignore(folder, base, names);
        }
        let mut is_cut = false;
        opened.list(|name, kind| {
            path.truncate(base);
            let is_utf8 = push_name(&mut path, name);
            is_cut = !self.budget.take_name(&path);
            if is_cut {
                return ControlFlow::Break(());
            }
            if !is_utf8 {
                names.skip(&*path, SkipReason::NotUtf8Name);
            } else if let Some(inner) = self.see(&path, base, kind, folder, names) {
                scope.spawn(move |scope| self.visit(inner, scope));
            }
            ControlFlow::Continue(())
        })?;
        if is_cut { Err(SkipReason::NotReached) } else { Ok(()) }
    }

    /// Puts one name where it belongs; gives back a folder that is to be listed in turn.
    fn see(
        &self,
        path: &str,
        base: usize,
        kind: Kind,
        folder: &Folder,
        names: &mut Names,
    ) -> Option<Folder> {
        let name = path.get(base..).unwrap_or(path);
        // Git's own and gonogo's own are no part of what is judged.
        if name == ".git" || name == ".gonogo" {
            return None;
        }
        let is_ignored = folder.ignores(path, kind) && !self.tracked.holds(path);
        match kind {
            Kind::File => self.see_file(Entry { path, name }, is_ignored, names),
            Kind::Folder if is_ignored && !self.tracked.holds_below(path) => {
                names.ignored.push(format!("{path}/").into());
            }
            Kind::Folder if self.is_generated(path, name) => {
                names.skip(path, SkipReason::Generated);
            }
            Kind::Folder => {
                return Some(Folder {
                    path: path.into(),
                    depth: folder.depth + 1,
                    rules: folder.rules.clone(),
                    is_ignored,
                });
            }
            _ if is_ignored => names.ignored.push(path.into()),
            Kind::Link => names.skip(path, self.tree.link(path)),
            Kind::Special(special) => names.skip(path, SkipReason::NotRegular(special)),
        }
        None
    }

    fn see_file(&self, entry: Entry<'_>, is_ignored: bool, names: &mut Names) {
        names.files += 1;
        let want = (self.wanted)(&entry);
        if want == Want::Skip {
            return;
        }
        let path: Arc<str> = entry.path.into();
        if is_ignored {
            names.ignored.push(path);
            return;
        }
        if want == Want::Read {
            names.chosen.push(path.clone());
        }
        names.paths.push(path);
    }

    fn is_generated(&self, path: &str, name: &str) -> bool {
        match name {
            "node_modules" | ".venv" | "venv" | "__pycache__" | ".terraform" => true,
            // Cargo marks its output; a folder of that name without the mark is somebody's own.
            "target" => self.tree.kind(&format!("{path}/CACHEDIR.TAG")) == Ok(Kind::File),
            _ => false,
        }
    }

    /// Puts the folder's own patterns in force, or says why not.
    fn read_gitignore(&self, folder: &mut Folder, base: usize, names: &mut Names) {
        let path = prefix(&folder.path) + ".gitignore";
        let file = self.tree.file(&path);
        match file.and_then(|file| file.read(gitignore::MOST_BYTES)) {
            Ok(text) => {
                let (rules, fault) = Rules::add(folder.rules.take(), &text, base);
                folder.rules = rules;
                if let Some(fault) = fault {
                    names.skip(path, SkipReason::Gitignore(fault));
                }
            }
            Err(SkipReason::TooLarge { .. }) => {
                names.skip(path, SkipReason::Gitignore(GitignoreFault::TooLarge));
            }
            Err(reason) => names.skip(path, reason),
        }
    }
}

/// What stands before every name in the folder at `path`.
fn prefix(path: &str) -> String {
    if path.is_empty() { String::new() } else { format!("{path}/") }
}

/// Appends a name and tells whether it is UTF-8; bytes that are not are written as `\xNN`.
fn push_name(path: &mut String, name: &[u8]) -> bool {
    if let Ok(name) = std::str::from_utf8(name) {
        path.push_str(name);
        return true;
    }
    for chunk in name.utf8_chunks() {
        path.push_str(chunk.valid());
        path.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    false
}
