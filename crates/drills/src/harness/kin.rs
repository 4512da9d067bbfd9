//! Everything that runs below gonogo itself, whatever it did to its environment, its group or its session.
//!
//! Once gonogo adopts orphans, whoever loses its parent below it becomes its own child, so nothing that a drill started can leave. While a run
//! goes on, each process seen below is written down with its start time; a process id, its start time and the boot together name one process
//! for ever, so recovery finds it again when gonogo was killed, and never takes another for it.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use procfs::process::Process;
use rustix::process::{
    Pid, WaitOptions, child_subreaper, geteuid, getpid, set_child_subreaper, waitpid,
};
use serde::{Deserialize, Serialize};

use super::resources::family_of;

const NAME: &str = "processes.jsonl";
/// How often it is looked what runs below.
const INTERVAL: Duration = Duration::from_millis(100);
/// Lines that are read of what a killed run wrote down.
const MOST: usize = 100_000;

/// Lets whatever loses its parent below this process become its child from now on. For the command line, which runs one drill and ends.
pub fn adopt_orphans() -> io::Result<()> {
    Ok(set_child_subreaper(Some(getpid()))?)
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
fn bury_orphans() {
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
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Register {
    /// Begins the register of a run in its `folder`; none unless this process adopts orphans.
    pub(crate) fn begin(folder: &Path) -> io::Result<Option<Self>> {
        let Some(boot) = boot().filter(|_| adopts()) else { return Ok(None) };
        let mut file = OpenOptions::new().create_new(true).append(true).open(folder.join(NAME))?;
        writeln!(file, "{}", serde_json::to_string(&boot)?)?;
        let stop: Arc<AtomicBool> = Arc::default();
        let thread = thread::spawn({
            let stop = stop.clone();
            move || keep(&stop, &mut file)
        });
        Ok(Some(Self { stop, thread: Some(thread) }))
    }
}

impl Drop for Register {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            let _panicked = thread.join();
        }
    }
}

fn keep(stop: &AtomicBool, file: &mut File) {
    let mut known = BTreeSet::new();
    while !stop.load(Ordering::Relaxed) {
        let living: BTreeSet<Kin> = kin_below().into_iter().collect();
        let mut lines = String::new();
        for line in living.difference(&known).filter_map(|kin| serde_json::to_string(kin).ok()) {
            lines.push_str(&line);
            lines.push('\n');
        }
        if !lines.is_empty() {
            // A full disk leaves the mark to find them by.
            let _full_disk_changes_nothing = file.write_all(lines.as_bytes());
        }
        known = living;
        bury_orphans();
        thread::park_timeout(INTERVAL);
    }
}

/// The living processes that a killed run wrote down in `folder`, and all below them. Somebody else's file, or one of another boot, names none.
pub(crate) fn registered(folder: &Path) -> Vec<i32> {
    let Ok(file) = File::open(folder.join(NAME)) else { return Vec::new() };
    if !file.metadata().is_ok_and(|metadata| metadata.uid() == geteuid().as_raw()) {
        return Vec::new();
    }
    let Ok(text) = io::read_to_string(file) else { return Vec::new() };
    let mut lines = text.lines();
    let written = lines.next().and_then(|line| serde_json::from_str::<String>(line).ok());
    if written.is_none() || written != boot() {
        return Vec::new();
    }
    let living = lines
        .take(MOST)
        .map_while(|line| serde_json::from_str::<Kin>(line).ok())
        .filter(|kin| kin.is_living() && kin.pid != getpid().as_raw_nonzero().get());
    let all: BTreeSet<i32> = living
        .flat_map(|kin| family(kin.pid).unwrap_or_default())
        .filter_map(|process| Kin::of(&process).map(|kin| kin.pid))
        .collect();
    all.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    fn sleeper() -> Child {
        Command::new("sleep").arg("600").spawn().unwrap()
    }

    fn register(lines: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(NAME), lines).unwrap();
        folder
    }

    #[test]
    fn a_process_is_known_again_by_its_start_and_no_other_is_taken_for_it() {
        let mut child = sleeper();
        let pid = i32::try_from(child.id()).unwrap();
        let kin = Kin::of(&Process::new(pid).unwrap()).unwrap();
        let line = |kin: &Kin| serde_json::to_string(kin).unwrap();
        let boot = serde_json::to_string(&boot().unwrap()).unwrap();
        let its = register(&format!("{boot}\n{}\n", line(&kin)));
        let later = Kin { started: kin.started + 1, ..kin };
        let others = register(&format!("{boot}\n{}\n", line(&later)));
        let another_boot = register(&format!("\"x\"\n{}\n", line(&kin)));
        assert_eq!(registered(its.path()), [pid]);
        assert_eq!(registered(others.path()), Vec::<i32>::new());
        assert_eq!(registered(another_boot.path()), Vec::<i32>::new());
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(registered(its.path()), Vec::<i32>::new());
    }

    #[test]
    fn nothing_is_registered_by_a_process_that_does_not_adopt_orphans() {
        let folder = tempfile::tempdir().unwrap();
        assert!(Register::begin(folder.path()).unwrap().is_none());
        assert_eq!(below(), Vec::<i32>::new());
    }
}
