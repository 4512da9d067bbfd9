//! What a drill is about to do and how it is taken back, on disk before the deed.
//!
//! One folder a run, `.gonogo/drills/RUN/`, with one line of JSON for each entry, flushed before the drill goes on. The file is locked as long as
//! its gonogo lives: a journal without an end that nobody locks belongs to a run that was killed, and `recover` takes it back.
//! A journal may be forged like any file of a checkout, so an undo names nothing outside its own run: processes marked with the run's
//! name, and the run's own folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where journals are kept, below the folder of the service.
pub(crate) const FOLDER: &str = ".gonogo/drills";
const NAME: &str = "journal.jsonl";

/// How one deed is taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "undo")]
pub(crate) enum Undo {
    /// Stop every process that carries the run's mark.
    Processes,
    /// Remove the run's own folder.
    Folder,
}

/// One line of a journal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "entry")]
pub(crate) enum Entry {
    /// The run begins.
    Begun {
        /// Which drill.
        drill: String,
        /// Of which service.
        service: String,
        /// Process id of gonogo.
        pid: u32,
        /// When.
        at: Timestamp,
    },
    /// A step begins.
    Step {
        /// What is done.
        name: String,
        /// When.
        at: Timestamp,
    },
    /// What follows will have to be taken back like this.
    WillUndo(Undo),
    /// It was taken back.
    Undone(Undo),
    /// The run is over and nothing is left.
    Ended {
        /// When.
        at: Timestamp,
    },
}

/// The journal of a run that goes on.
#[derive(Debug)]
pub(crate) struct Journal {
    run: String,
    folder: PathBuf,
    file: File,
    pending: Vec<Undo>,
}

impl Journal {
    /// Begins a run of `drill` below `root`, the folder of the service.
    pub(crate) fn begin(root: &Path, drill: &str, service: &str) -> io::Result<Self> {
        let (run, folder) = new_folder(&root.join(FOLDER), drill)?;
        let begun = Self::begin_in(run, folder.clone(), drill, service);
        if begun.is_err() {
            let _what_failed_is_told = remove(&folder);
        }
        begun
    }

    fn begin_in(run: String, folder: PathBuf, drill: &str, service: &str) -> io::Result<Self> {
        let file = OpenOptions::new().create_new(true).append(true).open(folder.join(NAME))?;
        file.try_lock()?;
        let mut journal = Self { run, folder, file, pending: Vec::new() };
        let (pid, at) = (std::process::id(), Timestamp::now());
        journal.write(&Entry::Begun {
            drill: drill.to_owned(),
            service: service.to_owned(),
            pid,
            at,
        })?;
        journal.will_undo(Undo::Folder)?;
        Ok(journal)
    }

    /// The run's name, which marks its processes.
    pub(crate) fn run(&self) -> &str {
        &self.run
    }

    /// The run's own folder.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Records that a step begins.
    pub(crate) fn step(&mut self, name: &str) -> io::Result<()> {
        self.write(&Entry::Step { name: name.to_owned(), at: Timestamp::now() })
    }

    /// Records how the next deed is taken back. The deed may only follow when this has succeeded.
    pub(crate) fn will_undo(&mut self, undo: Undo) -> io::Result<()> {
        if self.pending.contains(&undo) {
            return Ok(());
        }
        self.write(&Entry::WillUndo(undo.clone()))?;
        self.pending.push(undo);
        Ok(())
    }

    /// Records that `undo` was done. Works even when the disk is full: what was taken back needs no line.
    pub(crate) fn undone(&mut self, undo: &Undo) {
        self.pending.retain(|pending| pending != undo);
        let _full_disk_changes_nothing = self.write(&Entry::Undone(undo.clone()));
    }

    /// Ends the run and removes its folder.
    pub(crate) fn end(mut self) -> io::Result<()> {
        let _full_disk_changes_nothing = self.write(&Entry::Ended { at: Timestamp::now() });
        remove(&self.folder)
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

/// Makes the folder of a new run: its name tells the drill and the time, and is taken by nobody else.
fn new_folder(drills: &Path, drill: &str) -> io::Result<(String, PathBuf)> {
    fs::create_dir_all(drills)?;
    let base = format!("{drill}-{}-{}", Timestamp::now().as_millisecond(), std::process::id());
    for n in 0..1000_u32 {
        let run = format!("{base}-{n}");
        let folder = drills.join(&run);
        match fs::create_dir(&folder) {
            Ok(()) => return Ok((run, folder)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            // Another run has just ended and removed the empty folders.
            Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(drills)?,
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(
        io::ErrorKind::AlreadyExists,
        "a thousand runs began in the same millisecond",
    ))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    if let Some(drills) = folder.parent() {
        remove_empty(drills);
    }
    Ok(())
}

/// The folders around runs go with the last run; one that holds something else stays.
fn remove_empty(drills: &Path) {
    let _not_empty =
        fs::remove_dir(drills).and_then(|()| drills.parent().map_or(Ok(()), fs::remove_dir));
}

/// Removes the folders around runs where no run is left.
pub(crate) fn tidy(root: &Path) {
    remove_empty(&root.join(FOLDER));
}

/// A run whose gonogo is gone.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Abandoned {
    /// The run's name.
    pub(crate) run: String,
    /// Its folder.
    pub(crate) folder: PathBuf,
    /// What it had begun, as far as its journal can be read.
    pub(crate) entries: Vec<Entry>,
}

impl Abandoned {
    /// Removes what the run left on disk.
    pub(crate) fn remove(&self) -> io::Result<()> {
        remove(&self.folder)
    }
}

/// The runs below `root` that nobody carries on, in the order of their names.
pub(crate) fn abandoned(root: &Path) -> io::Result<Vec<Abandoned>> {
    let listing = match fs::read_dir(root.join(FOLDER)) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in listing {
        let entry = entry?;
        if entry.file_type()?.is_dir() && !is_carried_on(&entry.path()) {
            let entries = read(&entry.path());
            found.push(Abandoned {
                run: entry.file_name().to_string_lossy().into_owned(),
                folder: entry.path(),
                entries,
            });
        }
    }
    found.sort_by(|a, b| a.run.cmp(&b.run));
    Ok(found)
}

/// Whether a living gonogo holds the journal in `folder`.
fn is_carried_on(folder: &Path) -> bool {
    File::open(folder.join(NAME)).is_ok_and(|file| file.try_lock().is_err())
}

/// The entries of the journal in `folder`, up to the first line that was not written whole.
fn read(folder: &Path) -> Vec<Entry> {
    let text = fs::read_to_string(folder.join(NAME)).unwrap_or_default();
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun() -> (tempfile::TempDir, Journal) {
        let root = tempfile::tempdir().unwrap();
        let journal = Journal::begin(root.path(), "fault", "checkout").unwrap();
        (root, journal)
    }

    #[test]
    fn a_run_that_goes_on_is_not_abandoned() {
        let (root, _journal) = begun();
        assert_eq!(abandoned(root.path()).unwrap(), []);
    }

    #[test]
    fn a_run_whose_gonogo_is_gone_is_found_with_what_it_had_begun() {
        let (root, mut journal) = begun();
        journal.step("start the service").unwrap();
        journal.will_undo(Undo::Processes).unwrap();
        let run = journal.run().to_owned();
        drop(journal);
        let found = abandoned(root.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].run, run);
        assert_eq!(found[0].entries[1], Entry::WillUndo(Undo::Folder));
        assert_eq!(found[0].entries[3], Entry::WillUndo(Undo::Processes));
    }

    #[test]
    fn a_line_that_was_cut_in_the_middle_ends_the_reading() {
        let (root, mut journal) = begun();
        journal.file.write_all(b"{\"entry\":\"st").unwrap();
        drop(journal);
        assert_eq!(abandoned(root.path()).unwrap()[0].entries.len(), 2);
    }

    #[test]
    fn an_ended_run_leaves_nothing() {
        let (root, journal) = begun();
        journal.end().unwrap();
        assert!(!root.path().join(FOLDER).exists());
    }

    #[test]
    fn the_same_undo_is_recorded_once() {
        let (root, mut journal) = begun();
        journal.will_undo(Undo::Processes).unwrap();
        journal.will_undo(Undo::Processes).unwrap();
        drop(journal);
        assert_eq!(abandoned(root.path()).unwrap()[0].entries.len(), 3);
    }
}
