//! The ledger of a repository without a server: one JSON file an entry, below `.gonogo/ledger/`.
//!
//! The folder may come from a hostile checkout: only regular files are read, links are not
//! followed, sizes and counts are bounded.

use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use model::{Decision, Evidence};

use crate::chain::{self, Fault, Filed};
use crate::entry::{STATEMENT, Subject};
use crate::{Entry, Record};

/// Where the ledger stands below the root of a service's repository.
pub const FOLDER: &str = ".gonogo/ledger";

/// The largest entry that is read, in bytes.
const ENTRY_BYTES: u64 = 1 << 20;

/// The most bytes that are read of all entries together.
const LEDGER_BYTES: u64 = 256 << 20;

/// The most entries that are read.
const ENTRIES: usize = 100_000;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file system refused.
    #[error("{}: {source}", path.display())]
    Io {
        /// What was to be read or written.
        path: PathBuf,
        /// Why it could not be.
        source: io::Error,
    },
    /// There is something in the way.
    #[error("{}: {what}", path.display())]
    Odd {
        /// What was to be read or written.
        path: PathBuf,
        /// What is wrong with it.
        what: String,
    },
    /// The chain is broken, so nothing in it can be relied on.
    #[error("the ledger does not verify: {name} {what}{}", more(*others))]
    Broken {
        /// Name of the first file that is wrong.
        name: String,
        /// What is wrong with it.
        what: String,
        /// How many other faults there are.
        others: usize,
    },
}

fn more(others: usize) -> String {
    if others == 0 { String::new() } else { format!(" (and {others} more)") }
}

/// The ledger in the files of a repository.
#[derive(Clone, Debug)]
pub struct FileLedger {
    root: PathBuf,
    expected: Vec<String>,
}

/// What a ledger holds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// All entries in the order of their numbers.
    pub entries: Vec<Filed>,
    /// What an honest ledger does not show.
    pub faults: Vec<Fault>,
}

impl History {
    /// The decisions about `service`, oldest first.
    pub fn decisions<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Decision> {
        self.entries.iter().filter_map(move |filed| match &filed.entry.record {
            Record::Decision(decision) if decision.service == service => Some(&**decision),
            _ => None,
        })
    }

    /// The evidence about `service`, oldest first.
    pub fn evidence<'a>(&'a self, service: &'a str) -> impl Iterator<Item = &'a Evidence> {
        self.entries.iter().filter_map(move |filed| match &filed.entry.record {
            Record::Evidence(evidence)
                if filed.entry.subject.iter().any(|subject| subject.name == service) =>
            {
                Some(&**evidence)
            }
            _ => None,
        })
    }
}

impl FileLedger {
    /// The ledger of the repository at `root`; nothing is opened yet.
    pub fn at(root: &Path) -> Self {
        Self { root: root.to_owned(), expected: Vec::new() }
    }

    /// The same, with the names of files that have to be there, because git tracks them.
    #[must_use]
    pub fn expecting(mut self, names: Vec<String>) -> Self {
        self.expected = names.into_iter().filter(|name| !is_hidden(name)).collect();
        self
    }

    /// The folder of the entries.
    pub fn folder(&self) -> PathBuf {
        self.root.join(FOLDER)
    }

    /// Reads all entries and what is wrong with them; a ledger that is not there is empty.
    pub fn history(&self) -> Result<History, LedgerError> {
        let mut history = History::default();
        let files = if self.has_folder()? { self.files()? } else { Vec::new() };
        let mut left = LEDGER_BYTES;
        let is_missing = |name: &&String| files.binary_search_by_key(name, |(n, _)| n).is_err();
        history.faults.extend(self.expected.iter().filter(is_missing).map(|name| Fault {
            name: name.clone(),
            what: "is tracked by git and is not there: `git restore` brings it back".to_owned(),
        }));
        for (name, path) in files {
            match read_entry(&path, &mut left) {
                Ok(entry) => history.entries.push(Filed { name, entry }),
                Err(what) => history.faults.push(Fault { name, what }),
            }
        }
        history.entries.sort_by(|a, b| {
            (a.entry.sequence, &a.entry.hash).cmp(&(b.entry.sequence, &b.entry.hash))
        });
        history.faults.extend(chain::faults(&history.entries));
        Ok(history)
    }

    /// Reads all entries, and fails where anything is wrong with them.
    pub fn verified(&self) -> Result<History, LedgerError> {
        let history = self.history()?;
        match history.faults.first() {
            None => Ok(history),
            Some(fault) => Err(LedgerError::Broken {
                name: fault.name.clone(),
                what: fault.what.clone(),
                others: history.faults.len() - 1,
            }),
        }
    }

    /// Appends what `record` says of `subject`, and returns once it is on the disk. Ends of the
    /// chain that a merge of branches left are tied together.
    pub fn append(&self, subject: Subject, record: Record) -> Result<Filed, LedgerError> {
        let history = self.verified()?;
        let mut heads = chain::heads(&history.entries);
        let last = heads.pop();
        let mut entry = Entry {
            statement: STATEMENT.to_owned(),
            subject: vec![subject],
            record,
            sequence: last.map_or(1, |last| last.sequence + 1),
            previous: last.map(|last| last.hash.clone()),
            merges: heads.into_iter().map(|head| head.hash.clone()).collect(),
            hash: String::new(),
        };
        let folder = self.folder();
        let unwritable = |error: serde_json::Error| LedgerError::Odd {
            path: folder.clone(),
            what: format!("the entry cannot be written as JSON: {error}"),
        };
        entry.hash = entry.digest().map_err(unwritable)?;
        let text = serde_json::to_string_pretty(&entry).map_err(unwritable)? + "\n";
        if text.len() as u64 > ENTRY_BYTES {
            let what = format!("the entry is larger than {ENTRY_BYTES} bytes: say it shorter");
            return Err(LedgerError::Odd { path: folder, what });
        }
        let name = chain::file_name(&entry);
        write_new(&folder, &name, &text)?;
        Ok(Filed { name, entry })
    }

    /// Whether the folder is there; a link or a file in its place is an error.
    fn has_folder(&self) -> Result<bool, LedgerError> {
        let mut path = self.root.clone();
        for part in FOLDER.split('/') {
            path.push(part);
            match fs::symlink_metadata(&path) {
                Ok(metadata) if metadata.is_dir() => {}
                Ok(_) => {
                    let what = "is not a folder: the ledger is not read through links".to_owned();
                    return Err(LedgerError::Odd { path, what });
                }
                Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(source) => return Err(LedgerError::Io { path, source }),
            }
        }
        Ok(true)
    }

    fn files(&self) -> Result<Vec<(String, PathBuf)>, LedgerError> {
        let folder = self.folder();
        let failed = |source| LedgerError::Io { path: folder.clone(), source };
        let mut files = Vec::new();
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_hidden(&name) {
                continue;
            }
            files.push((name, entry.path()));
            if files.len() > ENTRIES {
                let what = format!("holds more than {ENTRIES} entries");
                return Err(LedgerError::Odd { path: folder, what });
            }
        }
        files.sort();
        Ok(files)
    }
}

/// Drafts, and what editors and systems leave.
fn is_hidden(name: &str) -> bool {
    name.starts_with('.')
}

fn read_entry(path: &Path, left: &mut u64) -> Result<Entry, String> {
    let metadata =
        fs::symlink_metadata(path).map_err(|error| format!("cannot be read: {error}"))?;
    if !metadata.is_file() {
        return Err("is not a regular file".to_owned());
    }
    let mut text = String::new();
    fs::File::open(path)
        .and_then(|file| file.take(ENTRY_BYTES + 1).read_to_string(&mut text))
        .map_err(|error| format!("cannot be read: {error}"))?;
    if text.len() as u64 > ENTRY_BYTES {
        return Err(format!("is larger than {ENTRY_BYTES} bytes"));
    }
    let Some(rest) = left.checked_sub(text.len() as u64) else {
        return Err(format!("is not read: the ledger is larger than {LEDGER_BYTES} bytes"));
    };
    *left = rest;
    serde_json::from_str(&text).map_err(|error| format!("is not an entry: {error}"))
}

/// Writes a file that is either there whole or not there.
fn write_new(folder: &Path, name: &str, text: &str) -> Result<(), LedgerError> {
    let failed = |path: &Path| {
        let path = path.to_owned();
        move |source| LedgerError::Io { path, source }
    };
    fs::create_dir_all(folder).map_err(failed(folder))?;
    let draft = folder.join(format!(".{name}.{}", std::process::id()));
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(&draft).map_err(failed(&draft))?;
    file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(failed(&draft))?;
    let path = folder.join(name);
    fs::rename(&draft, &path).map_err(failed(&path))?;
    fs::File::open(folder).and_then(|folder| folder.sync_all()).map_err(failed(folder))
}
