//! Everything that runs below gonogo itself, whatever it did to its environment, its group or its session.
//!
//! Once gonogo adopts orphans, whoever loses its parent below it becomes its own child, so nothing that a drill started can leave. While a run
//! goes on, each process seen below is written down with its start time; a process id, its start time and the boot together name one process
//! for ever, so recovery finds it again when gonogo was killed, and never takes another for it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use procfs::process::{FDTarget, Process, all_processes};
use rustix::process::{Pid, WaitOptions, child_subreaper, getpid, set_child_subreaper, waitpid};
use serde::{Deserialize, Serialize};

use super::folder::{REGISTER, RunFolder, text};
use super::resources::family_of;
use super::ticker::Ticker;

/// How often it is looked what runs below.
const INTERVAL: Duration = Duration::from_millis(100);
/// Lines that are read of what a killed run wrote down.
const MOST: usize = 100_000;

/// Lets whatever loses its parent below this process become its child from now on. For the command line, which runs one drill and ends.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
}

/// Whether anything runs below this process.
pub(crate) fn has_children() -> bool {
    !kin_below().is_empty()
}

fn adopts() -> bool {
    child_subreaper().is_ok_and(|adopts| adopts.is_some())
}

/// One process, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Kin {
    pid: i32,
    /// Clock ticks from the boot to its start.
    started: u64,
}

impl Kin {
    /// The living process `pid`.
    fn of(process: &Process) -> Option<Self> {
        let stat = process.stat().ok()?;
        (!matches!(stat.state, 'Z' | 'X'))
            .then_some(Self { pid: stat.pid, started: stat.starttime })
    }

    fn is_living(self) -> bool {
        Process::new(self.pid).ok().and_then(|process| Self::of(&process)) == Some(self)
    }
}

/// One line of a register.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Entry {
    /// The boot in which gonogo was started, and when: nothing of the run is older.
    Since(String, u64),
    /// A process that was seen.
    Process(Kin),
    /// The inode of a pipe that a process of the run prints into, as do those that it starts.
    Pipe(u64),
}

/// What lives below this process now; nothing unless it adopts orphans, for then others of this process may have children too.
pub(crate) fn below() -> Vec<i32> {
    if adopts() { kin_below().into_iter().map(|kin| kin.pid).collect() } else { Vec::new() }
}

fn kin_below() -> Vec<Kin> {
    let own = getpid().as_raw_nonzero().get();
    let family = family_of(own).unwrap_or_default();
    family.iter().filter(|process| process.pid() != own).filter_map(Kin::of).collect()
}

fn boot() -> Option<String> {
    let id = fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    Some(id.trim().to_owned())
}

/// Children that somebody waits for; the lock is held while one is started, so that none is taken for an orphan.
static WAITED_FOR: Mutex<BTreeSet<i32>> = Mutex::new(BTreeSet::new());

/// The children that somebody waits for.
pub(crate) fn waited_for() -> MutexGuard<'static, BTreeSet<i32>> {
    WAITED_FOR.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Waits for adopted children that have ended, so that they do not fill the table of processes.
pub(crate) fn bury_orphans() {
    let waited_for = waited_for();
    let own = getpid().as_raw_nonzero().get();
    let children = Process::new(own).and_then(|process| process.tasks()).into_iter().flatten();
    let children = children.flatten().filter_map(|task| task.children().ok()).flatten();
    for pid in children.filter_map(|pid| i32::try_from(pid).ok()) {
        if !waited_for.contains(&pid)
            && Process::new(pid).and_then(|child| child.stat()).is_ok_and(|stat| stat.state == 'Z')
        {
            let _gone = waitpid(Pid::from_raw(pid), WaitOptions::NOHANG);
        }
    }
}

/// Writes down what runs below, until it is dropped.
#[derive(Debug)]
pub(crate) struct Register {
    file: Arc<File>,
    _ticker: Ticker,
}

/// Appends `entries` in one go, so that lines of two threads do not mix.
fn write(mut file: &File, entries: &[Entry]) -> io::Result<()> {
    let mut lines = String::new();
    for entry in entries {
        lines.push_str(&serde_json::to_string(entry)?);
        lines.push('\n');
    }
    file.write_all(lines.as_bytes())
}

impl Register {
    /// Begins the register of a run in its `folder`; none unless this process adopts orphans.
    pub(crate) fn begin(folder: &RunFolder) -> io::Result<Option<Self>> {
        let own = Process::myself().ok().and_then(|own| Kin::of(&own));
        let (Some(boot), Some(own)) = (boot().filter(|_| adopts()), own) else { return Ok(None) };
        let file = Arc::new(folder.create(REGISTER)?);
        write(&file, &[Entry::Since(boot, own.started)])?;
        let ticker = Ticker::start({
            let (file, mut known) = (file.clone(), BTreeSet::new());
            move || {
                known = keep(&file, &known);
                Some(INTERVAL)
            }
        });
        Ok(Some(Self { file, _ticker: ticker }))
    }

    /// Writes down what a process prints into.
    pub(crate) fn prints_into(&self, pipes: &[u64]) {
        let entries: Vec<_> = pipes.iter().map(|pipe| Entry::Pipe(*pipe)).collect();
        let _full_disk_changes_nothing = write(&self.file, &entries);
    }
}

/// Writes down those that live now and are not `known`, and gives all that live.
fn keep(file: &File, known: &BTreeSet<Kin>) -> BTreeSet<Kin> {
    let living: BTreeSet<Kin> = kin_below().into_iter().collect();
    let entries: Vec<_> = living.difference(known).copied().map(Entry::Process).collect();
    if !entries.is_empty() {
        // A full disk leaves the mark to find them by.
        let _full_disk_changes_nothing = write(file, &entries);
    }
    bury_orphans();
    living
}

/// The living processes that a killed run wrote down in `folder`, those that print into its pipes, and all below them. Somebody else's file, or
/// one of another boot, names none.
pub(crate) fn registered(folder: &RunFolder) -> Vec<i32> {
    let mut entries = read(folder).into_iter();
    let Some(Entry::Since(written, since)) = entries.next() else { return Vec::new() };
    if Some(written) != boot() {
        return Vec::new();
    }
    let (mut found, mut pipes) = (Vec::new(), BTreeSet::new());
    for entry in entries {
        match entry {
            Entry::Process(kin) if kin.started >= since && kin.is_living() => found.push(kin.pid),
            Entry::Pipe(pipe) => {
                pipes.insert(pipe);
            }
            Entry::Process(_) | Entry::Since(..) => {}
        }
    }
    found.extend(printing_into(&pipes, since));
    let own = getpid().as_raw_nonzero().get();
    let all: BTreeSet<i32> = found
        .into_iter()
        .filter(|pid| *pid != own)
        .flat_map(|pid| family_of(pid).unwrap_or_default())
        .filter_map(|process| Kin::of(&process).map(|kin| kin.pid))
        .collect();
    all.into_iter().collect()
}

fn read(folder: &RunFolder) -> Vec<Entry> {
    let text = folder.file(REGISTER).map_or_else(|_| String::new(), |file| text(&file));
    text.lines().take(MOST).map_while(|line| serde_json::from_str(line).ok()).collect()
}

/// Processes that hold one of `pipes` open and were started at or after `since`.
fn printing_into(pipes: &BTreeSet<u64>, since: u64) -> Vec<i32> {
    if pipes.is_empty() {
        return Vec::new();
    }
    let holds = |process: &Process| {
        process.fd().into_iter().flatten().flatten().any(|descriptor| {
            matches!(descriptor.target, FDTarget::Pipe(inode) if pipes.contains(&inode))
        })
    };
    let young = |process: &Process| Kin::of(process).is_some_and(|kin| kin.started >= since);
    let all = all_processes().into_iter().flatten().flatten();
    all.filter(|process| young(process) && holds(process)).map(|process| process.pid()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;
    use std::process::{Child, Command};

    const NONE: [i32; 0] = [];

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").spawn().unwrap()
    }

    fn folder() -> (tempfile::TempDir, RunFolder) {
        let root = tempfile::tempdir().unwrap();
        let folder = RunFolder::make(root.path(), "fault").unwrap();
        (root, folder)
    }

    /// What is found by a register of these `entries`.
    fn found_by(entries: &[Entry]) -> Vec<i32> {
        let (_root, folder) = folder();
        write(&folder.create(REGISTER).unwrap(), entries).unwrap();
        registered(&folder)
    }

    #[test]
    fn a_process_is_known_again_by_its_start_and_no_other_is_taken_for_it() {
        let mut child = sleeper();
        let pid = i32::try_from(child.id()).unwrap();
        let kin = Kin::of(&Process::new(pid).unwrap()).unwrap();
        let boot = boot().unwrap();
        let its = [Entry::Since(boot.clone(), 0), Entry::Process(kin)];
        let later = Kin { started: kin.started + 1, ..kin };
        assert_eq!(found_by(&its), [pid]);
        assert_eq!(found_by(&[Entry::Since(boot, 0), Entry::Process(later)]), NONE);
        assert_eq!(found_by(&[Entry::Since("x".into(), 0), Entry::Process(kin)]), NONE);
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(found_by(&its), NONE);
    }

    #[test]
    fn a_process_that_cleared_all_but_its_output_is_found_by_the_pipe() {
        let mut child = Command::new("env")
            .args(["-i", "setsid", "/bin/sleep", "600"])
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        let pipe = fs::metadata(format!("/proc/{}/fd/1", child.id())).unwrap().ino();
        // This process holds the other end and is older than what it started.
        let own = Kin::of(&Process::myself().unwrap()).unwrap();
        let its = Kin::of(&Process::new(i32::try_from(child.id()).unwrap()).unwrap()).unwrap();
        let found = |since| found_by(&[Entry::Since(boot().unwrap(), since), Entry::Pipe(pipe)]);
        let since = its.started.max(own.started + 1);
        if its.started == since {
            assert_eq!(found(since), [its.pid]);
        }
        assert_eq!(found(its.started + 1), NONE);
        child.kill().unwrap();
        child.wait().unwrap();
    }

    #[test]
    fn nothing_is_registered_by_a_process_that_does_not_adopt_orphans() {
        let (_root, folder) = folder();
        assert!(Register::begin(&folder).unwrap().is_none());
        assert_eq!(below(), Vec::<i32>::new());
    }
}
