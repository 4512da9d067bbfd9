//! The keeper of a drill: a process above the one that carries the drill out, which does nothing but wait.
//!
//! It is what the user started, and starts itself again for the drill. When the drill is killed, all that ran below it comes to the keeper, by the
//! kernel and whatever those processes did to themselves, and is stopped. When the keeper is killed, the drill is asked to stop and takes itself
//! back. When both are killed at once, marks and registers are left to find processes by.

use std::io;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus};

use rustix::process::{Pid, Signal, getppid, kill_process, set_parent_process_death_signal};
use tokio::signal::unix::{SignalKind, signal};

use crate::harness::{
    RECOVERY_LIMIT, Recovered, adopt_orphans, below, bury_orphans, has_children, kill_all,
    recover_of, waited_for,
};

/// What asks a drill to stop.
const STOPPING: [Signal; 4] = [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT];

/// Waits for the process that carries out a drill.
#[derive(Debug)]
pub struct Keeper {
    drill: Child,
}

/// What a drill that was killed left, and what became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenBack {
    /// Processes that still ran.
    pub processes: usize,
    /// How many of them could not be stopped.
    pub left: usize,
    /// The runs that it had begun and not ended.
    pub runs: Vec<Recovered>,
}

impl Keeper {
    /// Starts the `drill`, a command of this program that calls [`end_with_keeper`] with the id of this process.
    pub fn start(drill: &mut Command) -> io::Result<Self> {
        // What ran below this process before it was a keeper is none of the drill's, and could not be told from it.
        if !has_children() {
            adopt_orphans()?;
        }
        let mut waited_for = waited_for();
        let drill = drill.spawn()?;
        waited_for.extend(i32::try_from(drill.id()));
        Ok(Self { drill })
    }

    /// The process id of the drill.
    pub fn drill(&self) -> u32 {
        self.drill.id()
    }

    /// Waits until the drill has ended. What asks this process to stop asks the drill instead.
    pub fn wait(&mut self) -> io::Result<ExitStatus> {
        self.watch().or_else(|_signals_cannot_be_taken| self.drill.wait())
    }

    fn watch(&mut self) -> io::Result<ExitStatus> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let _entered = runtime.enter();
        for asked in STOPPING {
            let (mut stream, drill) = (signal(SignalKind::from_raw(asked.as_raw()))?, self.pid());
            runtime.spawn(async move {
                // A terminal asks both, and the drill passes over the second time.
                while stream.recv().await.is_some() {
                    let _gone_already = drill.map(|drill| kill_process(drill, asked));
                }
            });
        }
        let mut ended = signal(SignalKind::child())?;
        runtime.block_on(async {
            loop {
                if let Some(status) = self.drill.try_wait()? {
                    return Ok(status);
                }
                bury_orphans();
                ended.recv().await;
            }
        })
    }

    fn pid(&self) -> Option<Pid> {
        i32::try_from(self.drill.id()).ok().and_then(Pid::from_raw)
    }

    /// Stops all that the ended drill left running, and takes back the runs that it had begun in one of these `folders` of services.
    pub fn take_back(self, folders: &[PathBuf]) -> io::Result<TakenBack> {
        let mut taken = TakenBack { processes: below().len(), ..TakenBack::default() };
        taken.left = kill_all(below, RECOVERY_LIMIT);
        bury_orphans();
        let runs = folders.iter().filter(|folder| folder.is_dir());
        let runs: Vec<_> =
            runs.map(|folder| recover_of(folder, self.drill())).collect::<io::Result<_>>()?;
        taken.runs = runs.into_iter().flatten().collect();
        taken.processes += taken.runs.iter().map(|run| run.processes).sum::<usize>();
        taken.left += taken.runs.iter().map(|run| run.left).sum::<usize>();
        Ok(taken)
    }
}

/// Lets this process be asked to stop (SIGTERM) when `keeper`, which has to have started it, is gone. Called before anything else is started.
pub fn end_with_keeper(keeper: i32) -> io::Result<()> {
    set_parent_process_death_signal(Some(Signal::TERM))?;
    // It may have been killed before.
    if getppid().map(|parent| parent.as_raw_nonzero().get()) == Some(keeper) {
        return Ok(());
    }
    Err(io::Error::new(io::ErrorKind::NotFound, "what started it is gone"))
}
