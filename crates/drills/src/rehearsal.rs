//! One run of a drill: its steps, timed and journalled, and the way back.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use model::counted;

use crate::harness::{Journal, Register, Undo, sweep};

/// Longest pause between two looks at what is awaited.
const PAUSE: Duration = Duration::from_millis(5);

/// Tells a drill from outside that it has to stop.
#[derive(Clone, Debug, Default)]
pub struct Interrupt(Arc<AtomicBool>);

impl Interrupt {
    /// Asks for the stop.
    pub fn raise(&self) {
        self.0.store(true, Ordering::SeqCst);
    }

    /// Whether it was asked for.
    pub fn is_raised(&self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

impl Interrupt {
    /// Raised by SIGINT, SIGTERM, SIGHUP or SIGQUIT of this process from now on, instead of ending it.
    ///
    /// A file that grows over a limit (SIGXFSZ) does not end it either: the write fails, as on a full disk.
    pub fn on_signals() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let raised = Self::default();
        let guard = runtime.enter();
        for kind in [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
            SignalKind::quit(),
        ] {
            let (mut stream, raised) = (signal(kind)?, raised.clone());
            runtime.spawn(async move {
                // Further signals are taken and do nothing: taking back must not be cut short.
                while stream.recv().await.is_some() {
                    raised.raise();
                }
            });
        }
        let too_large = signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw()))?;
        drop(guard);
        thread::spawn(move || {
            let _taken_and_passed_over = too_large;
            runtime.block_on(std::future::pending::<()>());
        });
        Ok(raised)
    }
}

/// What a drill tells while it runs.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// A step begins.
    Step(String),
    /// It is over, after this long.
    Done(String, Duration),
    /// Load runs.
    Load {
        /// Requests a second that are sent now.
        rate_per_s: f64,
        /// Median latency of the last second.
        p50: Duration,
        /// 99th percentile of the latency of the last second.
        p99: Duration,
        /// Share of the last second's requests that failed, from 0 to 1.
        failed: f64,
        /// Time left in this phase.
        left: Duration,
    },
    /// Something worth knowing happened.
    Note(String),
    /// Something that whoever waits has to know, on a terminal or not.
    Word(String),
}

/// Why a drill could not be carried out. Says nothing about the service, but for [`DrillError::Baseline`].
#[derive(Debug, thiserror::Error)]
pub enum DrillError {
    /// Somebody asked for the stop.
    #[error("it was interrupted")]
    Interrupted,
    /// A step could not be carried out.
    #[error("{step}: {reason}")]
    Step {
        /// Which step.
        step: String,
        /// What went wrong.
        reason: String,
        /// What to do.
        help: String,
    },
    /// Without any fault, the service already falls short of its own objectives or expectations.
    #[error("without any fault, {reason}")]
    Baseline {
        /// What was seen.
        reason: String,
        /// What to do.
        help: String,
    },
    /// The journal could not be written, so nothing more is done.
    #[error("the journal could not be written: {0}")]
    Journal(#[from] io::Error),
}

/// One step as it went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was done.
    pub name: String,
    /// From the begin of the run.
    pub began: Duration,
    /// How long it took.
    pub took: Duration,
}

/// A run that goes on. Dropping it takes everything back.
#[derive(Debug)]
pub struct Rehearsal {
    journal: Option<Journal>,
    register: Option<Register>,
    interrupt: Interrupt,
    progress: Option<Sender<Progress>>,
    began: Instant,
    began_at: Timestamp,
    steps: Vec<Step>,
}

impl Rehearsal {
    /// Begins a run of `drill`, with its journal below `root`.
    pub fn begin(
        root: &Path,
        drill: &str,
        service: &str,
        interrupt: Interrupt,
        progress: Option<Sender<Progress>>,
    ) -> Result<Self, DrillError> {
        let journal = Journal::begin(root, drill, service)?;
        // On a full disk the mark is left to find processes by, and the journal says that it cannot be written.
        let register = Register::begin(journal.folder()).ok().flatten();
        let (began, began_at) = (Instant::now(), Timestamp::now());
        Ok(Self {
            journal: Some(journal),
            register,
            interrupt,
            progress,
            began,
            began_at,
            steps: Vec::new(),
        })
    }

    /// When the run began, on the clock that steps are measured with.
    pub fn began(&self) -> Instant {
        self.began
    }

    /// When the run began.
    pub fn began_at(&self) -> Timestamp {
        self.began_at
    }

    /// The steps so far.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The run's name, which marks its processes.
    pub fn run(&self) -> &str {
        self.journal.as_ref().map_or("", Journal::run)
    }

    /// Whether the drill was asked to stop.
    pub fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    /// Carries out one step, journalled before and timed.
    pub fn step<T>(
        &mut self,
        name: &str,
        deed: impl FnOnce(&mut Self) -> Result<T, DrillError>,
    ) -> Result<T, DrillError> {
        self.go_on()?;
        if let Some(journal) = &mut self.journal {
            journal.step(name)?;
        }
        self.tell(Progress::Step(name.to_owned()));
        let began = Instant::now();
        let done = deed(self);
        let took = began.elapsed();
        self.steps.push(Step {
            name: name.to_owned(),
            began: began.duration_since(self.began),
            took,
        });
        self.tell(Progress::Done(name.to_owned(), took));
        self.go_on()?;
        done
    }

    /// Fails when the drill was asked to stop.
    pub fn go_on(&self) -> Result<(), DrillError> {
        if self.interrupt.is_raised() { Err(DrillError::Interrupted) } else { Ok(()) }
    }

    /// Tells whoever watches.
    pub fn tell(&self, progress: Progress) {
        if let Some(sender) = &self.progress {
            let _nobody_watches_any_more = sender.send(progress);
        }
    }

    /// Records that processes will have to be stopped; has to succeed before the first of them is started.
    pub(crate) fn will_stop_processes(&mut self) -> Result<(), DrillError> {
        if let Some(journal) = &mut self.journal {
            journal.will_undo(Undo::Processes)?;
        }
        Ok(())
    }

    /// Writes down what a started process prints into, by which those that it starts are found too.
    pub(crate) fn prints_into(&self, pipes: &[u64]) {
        if let Some(register) = &self.register {
            register.prints_into(pipes);
        }
    }

    /// Waits until `is_there` gives something, for at most `limit`; `None` when it did not.
    pub fn wait_for<T>(
        &self,
        limit: Duration,
        mut is_there: impl FnMut() -> Option<T>,
    ) -> Result<Option<T>, DrillError> {
        let deadline = Instant::now() + limit;
        loop {
            self.go_on()?;
            if let Some(found) = is_there() {
                return Ok(Some(found));
            }
            if Instant::now() >= deadline {
                return Ok(None);
            }
            thread::sleep(PAUSE);
        }
    }

    /// Lets `duration` pass.
    pub fn pass(&self, duration: Duration) -> Result<(), DrillError> {
        self.wait_for(duration, || None::<()>).map(|_| ())
    }

    /// Takes everything back: afterwards no process of the run lives and its folder is gone.
    pub fn end(mut self) -> Result<Vec<Step>, DrillError> {
        self.take_back()?;
        Ok(std::mem::take(&mut self.steps))
    }

    fn take_back(&mut self) -> Result<(), DrillError> {
        let Some(mut journal) = self.journal.take() else { return Ok(()) };
        let left = sweep(journal.run());
        self.register = None;
        if left > 0 {
            let mut reason = String::new();
            let _infallible = write!(
                reason,
                "{} of the run `{}` could not be killed",
                counted(left, "process"),
                journal.run()
            );
            return Err(DrillError::Step {
                step: "take everything back".to_owned(),
                reason,
                help: "run `gonogo drill recover`".to_owned(),
            });
        }
        journal.undone(&Undo::Processes);
        Ok(journal.end()?)
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        let _recover_will_find_the_journal = self.take_back();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::recover;

    fn begun(interrupt: &Interrupt) -> (tempfile::TempDir, Rehearsal) {
        let root = tempfile::tempdir().unwrap();
        let rehearsal =
            Rehearsal::begin(root.path(), "fault", "checkout", interrupt.clone(), None).unwrap();
        (root, rehearsal)
    }

    #[test]
    fn an_interrupt_ends_the_drill_before_the_next_step() {
        let interrupt = Interrupt::default();
        let (_root, mut rehearsal) = begun(&interrupt);
        rehearsal.step("first", |_| Ok(())).unwrap();
        interrupt.raise();
        let mut was_done = false;
        let second = rehearsal.step("second", |_| {
            was_done = true;
            Ok(())
        });
        assert!(matches!(second, Err(DrillError::Interrupted)));
        assert!(!was_done);
    }

    #[test]
    fn dropping_a_run_leaves_nothing_to_recover() {
        let (root, mut rehearsal) = begun(&Interrupt::default());
        rehearsal.will_stop_processes().unwrap();
        drop(rehearsal);
        assert_eq!(recover(root.path()).unwrap(), []);
        assert!(!root.path().join(".gonogo").exists());
    }

    #[test]
    fn what_does_not_come_is_given_up_after_its_limit() {
        let (_root, rehearsal) = begun(&Interrupt::default());
        assert_eq!(rehearsal.wait_for(Duration::from_millis(1), || None::<()>).unwrap(), None);
        assert_eq!(rehearsal.wait_for(Duration::from_secs(9), || Some(1)).unwrap(), Some(1));
    }

    #[test]
    fn steps_keep_their_order_and_times() {
        let (_root, mut rehearsal) = begun(&Interrupt::default());
        rehearsal.step("one", |_| Ok(())).unwrap();
        let failed = rehearsal.step("two", |_| -> Result<(), _> { Err(DrillError::Interrupted) });
        assert!(failed.is_err());
        let names: Vec<_> = rehearsal.end().unwrap().into_iter().map(|step| step.name).collect();
        assert_eq!(names, ["one", "two"]);
    }
}
