//! What a drill is about to do and how it is taken back, on disk before the deed.
//!
//! One folder a run, `.gonogo/drills/RUN/`, with one line of JSON for each entry, flushed before the drill goes on. The file is locked as long as
//! its gonogo lives: a journal without an end that nobody locks belongs to a run that was killed, and `recover` takes it back.
//! A journal may be forged like any file of a checkout, so an undo names nothing outside its own run: processes marked with the run's
//! name, and the files of the run in its own [folder](super::folder).

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::folder::{Drills, JOURNAL, RunFolder, text, tidy};
use super::marked::is_running;

/// How long a process may take to become another program, or gonogo to write a run's first line, on a busy machine.
const BECOMING: Duration = Duration::from_millis(250);
/// The same where nobody is left to carry the run on: as long as the machine may let something wait.
const FREED: Duration = Duration::from_secs(10);
const PAUSE: Duration = Duration::from_millis(5);

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
    folder: Arc<RunFolder>,
    file: File,
    pending: Vec<Undo>,
}

impl Journal {
    /// Begins a run of `drill` below `root`, the folder of the service.
    pub(crate) fn begin(root: &Path, drill: &str, service: &str) -> io::Result<Self> {
        let folder = RunFolder::make(root, drill).inspect_err(|_| {
            let _what_failed_is_told = tidy(root);
        });
        let folder = Arc::new(folder?);
        let begun = Self::begin_in(folder.clone(), drill, service);
        if begun.is_err() {
            let _what_failed_is_told = folder.remove();
        }
        begun
    }

    fn begin_in(folder: Arc<RunFolder>, drill: &str, service: &str) -> io::Result<Self> {
        let file = folder.create(JOURNAL)?;
        file.try_lock()?;
        let mut journal = Self { folder, file, pending: Vec::new() };
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
        self.folder.run()
    }

    /// The run's own folder.
    pub(crate) fn folder(&self) -> &RunFolder {
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
        self.folder.remove()
    }

    fn write(&mut self, entry: &Entry) -> io::Result<()> {
        let mut line = serde_json::to_vec(entry)?;
        line.push(b'\n');
        self.file.write_all(&line)?;
        self.file.sync_data()
    }
}

/// A run whose gonogo is gone.
#[derive(Debug)]
pub(crate) struct Abandoned {
    /// Its folder.
    pub(crate) folder: RunFolder,
    /// What it had begun, as far as its journal can be read.
    pub(crate) entries: Vec<Entry>,
}

impl Abandoned {
    /// What `folder` holds, unless that is no run or a living gonogo carries it on. One without a first line is looked at until `deadline`.
    fn of(folder: RunFolder, deadline: Instant) -> Option<Self> {
        let entries = loop {
            let entries = entries(&folder)?;
            if !entries.is_empty() || Instant::now() >= deadline {
                break entries;
            }
            // It was killed before its first line was whole, or a living gonogo begins or ends it this very moment.
            thread::sleep(PAUSE);
        };
        folder.is_there().then_some(Self { folder, entries })
    }

    /// The run's name.
    pub(crate) fn run(&self) -> &str {
        self.folder.run()
    }

    /// The process id of the gonogo that began it.
    pub(crate) fn pid(&self) -> Option<u32> {
        self.folder.pid()
    }

    /// Removes what the run left on disk.
    pub(crate) fn remove(&self) -> io::Result<()> {
        self.folder.remove()
    }
}

/// What is written in the journal of `folder`; `None` where that is no run or a living gonogo carries it on.
fn entries(folder: &RunFolder) -> Option<Vec<Entry>> {
    let file = match folder.file(JOURNAL) {
        Ok(file) => file,
        // It has no journal yet, or none any more.
        Err(error) if error.kind() == io::ErrorKind::NotFound && folder.is_empty().ok()? => {
            return Some(Vec::new());
        }
        Err(_) => return None,
    };
    let is_carried_on = folder.pid().is_some_and(is_running);
    if is_locked(&file, if is_carried_on { BECOMING } else { FREED }) {
        return None;
    }
    let text = text(&file);
    let entries = read(&text);
    let was_cut = !text.contains('\n');
    (was_cut || matches!(entries.first(), Some(Entry::Begun { .. }))).then_some(entries)
}

/// Whether a living gonogo holds `file`. While a process that was started becomes another program, it holds the lock of a gonogo that was killed,
/// for a moment, too, which is waited out for so `long`.
fn is_locked(file: &File, long: Duration) -> bool {
    let deadline = Instant::now() + long;
    while file.try_lock().is_err() {
        if Instant::now() >= deadline {
            return true;
        }
        thread::sleep(PAUSE);
    }
    false
}

/// The runs of this user below `root` that nobody carries on, in the order of their names.
pub(crate) fn abandoned(root: &Path) -> io::Result<Vec<Abandoned>> {
    let Some(drills) = Drills::open(root)?.map(Arc::new) else { return Ok(Vec::new()) };
    let folders = drills.runs()?.into_iter().map(|run| RunFolder::open(&drills, &run));
    // One for all: a checkout may bring any number of them.
    let deadline = Instant::now() + BECOMING;
    Ok(folders.filter_map(|folder| Abandoned::of(folder.ok()?, deadline)).collect())
}

/// The entries of the journal `text`, up to the first line that was not written whole.
fn read(text: &str) -> Vec<Entry> {
    text.lines().map_while(|line| serde_json::from_str(line).ok()).collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn begun() -> (tempfile::TempDir, Journal) {
        let root = tempfile::tempdir().unwrap();
        let journal = Journal::begin(root.path(), "fault", "checkout").unwrap();
        (root, journal)
    }

    #[test]
    fn a_run_that_goes_on_is_not_abandoned() {
        let (root, _journal) = begun();
        assert!(abandoned(root.path()).unwrap().is_empty());
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
        assert_eq!(found[0].run(), run);
        assert_eq!(found[0].entries[1], Entry::WillUndo(Undo::Folder));
        assert_eq!(found[0].entries[3], Entry::WillUndo(Undo::Processes));
    }

    #[test]
    fn a_lock_that_what_a_killed_gonogo_started_holds_for_a_moment_is_waited_for() {
        let (root, mut journal) = begun();
        journal.step("start the service").unwrap();
        let mut gone = std::process::Command::new("true").spawn().unwrap();
        gone.wait().unwrap();
        let drills = root.path().join(".gonogo/drills");
        fs::rename(drills.join(journal.run()), drills.join(format!("fault-1-{}-0", gone.id())))
            .unwrap();
        let found = thread::scope(|scope| {
            let looking = scope.spawn(|| abandoned(root.path()).unwrap().len());
            thread::park_timeout(2 * BECOMING);
            drop(journal);
            looking.join().unwrap()
        });
        assert_eq!(found, 1);
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
        assert!(!root.path().join(".gonogo").exists());
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
