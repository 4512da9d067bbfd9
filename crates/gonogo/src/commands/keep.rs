//! Starts gonogo again for what starts processes, waits, and takes back what it left when it was killed.

use std::ffi::OsString;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{self, ExitStatus};

use drills::{Keeper, TakenBack};
use model::counted;

use super::demo;
use crate::arguments::{Arguments, Command, Drilling, Global};
use crate::failure::{Failure, UNDECIDED};
use crate::terminal;

/// How a process ends that panicked.
const PANICKED: i32 = 101;

/// What needs a keeper.
enum Kept<'a> {
    Drill(&'a Drilling),
    Demo(Option<&'a Path>),
}

impl<'a> Kept<'a> {
    fn of(command: &'a Command) -> Option<Self> {
        match command {
            Command::Drill(drill) => drill.drilling().map(Self::Drill),
            Command::Demo { keep, without_drill: false } => Some(Self::Demo(keep.as_deref())),
            _ => None,
        }
    }

    /// The folders in which the process `pid` may have begun runs.
    fn folders(&self, pid: u32) -> Vec<PathBuf> {
        match self {
            Self::Drill(drilling) => {
                let found = engine::drillable(&drilling.path, drilling.service.as_deref());
                // Without a service that can be drilled nothing was begun.
                found.map(|found| found.service.folder).into_iter().collect()
            }
            Self::Demo(keep) => vec![demo::drilled(*keep, pid)],
        }
    }
}

/// Carries the command out: in a process of its own below this one where it starts others, and here where that cannot be.
pub(crate) fn kept(
    arguments: &Arguments,
    carry_out: impl FnOnce() -> Result<u8, Failure>,
) -> Result<u8, Failure> {
    if let Some(keeper) = arguments.kept_by {
        drills::end_with_keeper(keeper)
            .map_err(|error| Failure::broken(format!("nothing was done: {error}")))?;
        return carry_out();
    }
    let Some(kept) = Kept::of(&arguments.command) else { return carry_out() };
    let started = again().and_then(|mut again| Keeper::start(&mut again));
    let Ok(mut keeper) = started else { return carry_out() };
    let ended = keeper
        .wait()
        .map_err(|error| Failure::broken(format!("the drill cannot be waited for: {error}")))?;
    conclude(&kept, keeper, ended, &arguments.global)
}

/// This program with the same arguments, kept by this process.
fn again() -> io::Result<process::Command> {
    let mut arguments = std::env::args_os();
    let name = arguments.next().unwrap_or_else(|| OsString::from("gonogo"));
    let mut again = process::Command::new(std::env::current_exe()?);
    again.arg0(name).arg(format!("--kept-by={}", process::id())).args(arguments);
    Ok(again)
}

/// What the drill ended with; where it did not end by itself, what became of what it left.
fn conclude(
    kept: &Kept<'_>,
    keeper: Keeper,
    ended: ExitStatus,
    global: &Global,
) -> Result<u8, Failure> {
    let code = ended.code().filter(|code| *code != PANICKED);
    let pid = keeper.drill();
    // One that broke may have left what it could not stop in time.
    let may_have_left = code.is_none_or(|code| code == i32::from(UNDECIDED));
    let folders = if may_have_left { kept.folders(pid) } else { Vec::new() };
    let taken = keeper.take_back(&folders).map_err(|error| {
        Failure::broken(format!("what the drill left cannot be taken back: {error}"))
            .hint("run `gonogo drill recover`")
    })?;
    if let Kept::Demo(keep) = kept {
        demo::tidy(*keep, pid);
    }
    match (code.map(u8::try_from), ended.signal().map(u8::try_from)) {
        (Some(Ok(code)), _) if taken.left == 0 => {
            if !taken.runs.is_empty() {
                terminal::say(
                    "what the drill could not take back has been taken back since",
                    global,
                );
            }
            Ok(code)
        }
        // It was asked to stop before it had begun.
        (_, Some(Ok(signal @ (1 | 2 | 3 | 15)))) if taken == TakenBack::default() => {
            Ok(128 + signal)
        }
        _ => Err(killed(ended, &taken)),
    }
}

fn killed(ended: ExitStatus, taken: &TakenBack) -> Failure {
    if io::stderr().is_terminal() {
        // Over the line of progress that it left.
        let _unseen = write!(io::stderr(), "\r\u{1b}[2K");
    }
    let step = taken.runs.iter().find_map(|run| run.step.as_ref());
    let step = step.map_or_else(String::new, |step| format!(", in the step `{step}`"));
    let processes = counted(taken.processes - taken.left.min(taken.processes), "process");
    let what = report::clean(&format!("the drill ended by {ended}{step}"));
    if taken.left > 0 {
        let left = counted(taken.left, "process");
        return Failure::broken(format!("{what}: {left} could not be stopped"))
            .hint("run `gonogo drill recover` as the user who ran the drill");
    }
    let failure = Failure::broken(format!(
        "{what}: all that it had started was taken back, {processes} stopped"
    ));
    match ended.signal() {
        Some(9) => failure.hint("where nobody killed it, the machine may have had no memory left"),
        _ => failure,
    }
}
