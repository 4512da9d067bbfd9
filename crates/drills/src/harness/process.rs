//! One started process: its address, its output, and how it is stopped.

use std::io;
use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::fs::fstat;
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::kin;
use super::marked::{self, MARK};
use super::output::{Output, Stream};
use super::recover::LIMIT;
use crate::{Command, Stop};

const PAUSE: Duration = Duration::from_millis(2);

/// A process of the run, leader of a process group of its own.
#[derive(Debug)]
pub struct Process {
    name: String,
    address: SocketAddr,
    child: Child,
    output: Output,
    pipes: Vec<u64>,
    started: Instant,
    status: Option<ExitStatus>,
}

/// How a process came to its end after it was asked to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// By itself, with this status, this long after the signal.
    Ended(Exit, Duration),
    /// It had to be killed after this long.
    Killed(Duration),
}

/// How a process ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// With a code.
    Code(i32),
    /// By a signal that it did not handle.
    Signal(i32),
}

impl From<ExitStatus> for Exit {
    fn from(status: ExitStatus) -> Self {
        match (status.code(), status.signal()) {
            (Some(code), _) => Self::Code(code),
            (None, signal) => Self::Signal(signal.unwrap_or_default()),
        }
    }
}

impl std::fmt::Display for Exit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Code(code) => write!(formatter, "exit code {code}"),
            Self::Signal(signal) => write!(formatter, "signal {signal}"),
        }
    }
}

/// What a process is started from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Launch<'a> {
    /// What it is called in messages.
    pub(crate) name: &'a str,
    /// Program, arguments, environment, all filled in.
    pub(crate) command: &'a Command,
    /// Where it starts.
    pub(crate) folder: &'a Path,
    /// Where it is expected to listen.
    pub(crate) address: SocketAddr,
    /// The run that it belongs to.
    pub(crate) run: &'a str,
    /// Which variables it gets besides those of its command.
    pub(crate) inherited: Inherited<'a>,
}

/// Which variables of gonogo's own environment a process gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Inherited<'a> {
    /// All of them.
    #[default]
    All,
    /// All but this one.
    AllBut(&'a str),
    /// Only those that a shell cannot do without: `PATH` and `HOME`.
    Bare,
}

impl Inherited<'_> {
    fn apply(self, command: &mut std::process::Command) {
        match self {
            Self::All => {}
            Self::AllBut(name) => {
                command.env_remove(name);
            }
            Self::Bare => {
                command.env_clear();
                command.envs(
                    ["PATH", "HOME"]
                        .into_iter()
                        .filter_map(|name| std::env::var_os(name).map(|value| (name, value))),
                );
            }
        }
    }
}

impl Process {
    /// Starts it. The journal must know already that processes of the run are to be stopped.
    pub(crate) fn start(launch: Launch<'_>) -> io::Result<Self> {
        let (program, arguments) =
            launch.command.arguments.split_first().ok_or_else(|| {
                io::Error::new(io::ErrorKind::InvalidInput, "its command is empty")
            })?;
        // A relative path would be looked up once more from inside of the folder.
        let folder = std::path::absolute(launch.folder)?;
        let mut command = std::process::Command::new(program_path(&folder, program));
        launch.inherited.apply(&mut command);
        let mut waited_for = kin::waited_for();
        let mut child = command
            .args(arguments)
            .envs(&launch.command.environment)
            .env(MARK, launch.run)
            .current_dir(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()?;
        waited_for.extend(i32::try_from(child.id()));
        drop(waited_for);
        let output = Output::default();
        let pipes = pipes(&child);
        if let Some(source) = child.stdout.take() {
            output.follow(Stream::Out, source);
        }
        if let Some(source) = child.stderr.take() {
            output.follow(Stream::Error, source);
        }
        let (name, address) = (launch.name.to_owned(), launch.address);
        Ok(Self { name, address, child, output, pipes, started: Instant::now(), status: None })
    }

    /// What it is called in messages.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it was told to listen.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Inodes of the pipes that it prints into.
    pub(crate) fn pipes(&self) -> &[u64] {
        &self.pipes
    }

    /// What it prints.
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// When it was started.
    pub fn started(&self) -> Instant {
        self.started
    }

    /// How it ended, if it has.
    pub fn exit(&mut self) -> Option<Exit> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status.map(Exit::from)
    }

    /// Sends `signal` to it alone, as an orchestrator does.
    pub fn signal(&mut self, signal: Signal) {
        if self.exit().is_none() {
            let _gone_already = self.own_pid().map(|pid| kill_process(pid, signal));
        }
    }

    /// Waits until it has ended, for at most `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<Exit> {
        let deadline = Instant::now() + limit;
        loop {
            let exit = self.exit();
            if exit.is_some() || Instant::now() >= deadline {
                return exit;
            }
            thread::sleep(PAUSE);
        }
    }

    /// Asks it to stop, and kills it and its group when it does not within the time it was given.
    pub fn stop(&mut self, stop: &Stop) -> Stopped {
        let asked = Instant::now();
        self.signal(signal_named(&stop.signal).unwrap_or(Signal::TERM));
        if let Some(exit) = self.wait(stop.within) {
            return Stopped::Ended(exit, asked.elapsed());
        }
        self.kill();
        Stopped::Killed(asked.elapsed())
    }

    /// Kills it and its group at once.
    pub fn kill(&mut self) {
        if self.exit().is_none() {
            let _gone_already = self.own_pid().map(|pid| kill_process_group(pid, Signal::KILL));
            self.status = self.child.wait().ok();
        }
    }

    /// Process ids of what lives in its group besides itself: children that it started and that did not leave it.
    pub(crate) fn others_of_its_group(&self) -> Vec<i32> {
        let Ok(own) = i32::try_from(self.child.id()) else { return Vec::new() };
        marked::members(own).into_iter().filter(|pid| *pid != own).collect()
    }

    fn own_pid(&self) -> Option<Pid> {
        i32::try_from(self.child.id()).ok().and_then(Pid::from_raw)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.kill();
        if let Ok(pid) = i32::try_from(self.child.id()) {
            kin::waited_for().remove(&pid);
        }
    }
}

fn pipes(child: &Child) -> Vec<u64> {
    let ends = [child.stdout.as_ref().map(AsFd::as_fd), child.stderr.as_ref().map(AsFd::as_fd)];
    ends.into_iter().flatten().filter_map(|end| Some(fstat(end).ok()?.st_ino)).collect()
}

/// A program with a `/` in it is looked for below the folder of the service, any other on the `PATH`.
fn program_path(folder: &Path, program: &str) -> PathBuf {
    if program.contains('/') { folder.join(program) } else { PathBuf::from(program) }
}

/// The signal called `name`, with or without `SIG`.
pub(crate) fn signal_named(name: &str) -> Option<Signal> {
    let signal = match name.trim_start_matches("SIG") {
        "TERM" => Signal::TERM,
        "INT" => Signal::INT,
        "QUIT" => Signal::QUIT,
        "HUP" => Signal::HUP,
        "USR1" => Signal::USR1,
        "USR2" => Signal::USR2,
        "KILL" => Signal::KILL,
        _ => return None,
    };
    Some(signal)
}

/// Kills what is left of `run` and says how many processes could not be killed.
pub(crate) fn sweep(run: &str) -> usize {
    let find = || {
        let mut found = marked::processes(run);
        found.extend(kin::below());
        found
    };
    marked::kill_all(find, LIMIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `command`, started in `folder`.
    fn launch<'a>(command: &'a Command, folder: &'a str) -> Launch<'a> {
        Launch {
            name: "service",
            command,
            folder: Path::new(folder),
            address: ([127, 0, 0, 1], 1).into(),
            run: "process-test",
            inherited: Inherited::All,
        }
    }

    fn shell(line: &str) -> Process {
        let command = Command {
            arguments: vec!["sh".into(), "-c".into(), line.into()],
            ..Command::default()
        };
        Process::start(launch(&command, "/")).unwrap()
    }

    fn stop(seconds: f64) -> Stop {
        Stop { signal: "TERM".into(), within: Duration::from_secs_f64(seconds) }
    }

    /// Waits for the line `text`, so that a signal does not come before the process is ready for it.
    fn await_line(process: &Process, text: &str) {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !process.output().tail(100).iter().any(|line| line.text == text) {
            assert!(Instant::now() < deadline, "no line `{text}`");
            thread::yield_now();
        }
    }

    #[test]
    fn a_process_that_handles_the_signal_ends_with_its_own_code() {
        let mut process = shell("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done");
        await_line(&process, "up");
        assert!(matches!(process.stop(&stop(20.0)), Stopped::Ended(Exit::Code(7), _)));
    }

    #[test]
    fn a_process_that_ignores_the_signal_is_killed() {
        let mut process = shell("trap '' TERM; echo up; while :; do sleep 0.01; done");
        await_line(&process, "up");
        assert!(matches!(process.stop(&stop(0.05)), Stopped::Killed(_)));
        assert_eq!(process.exit(), Some(Exit::Signal(9)));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error() {
        let command = Command { arguments: vec!["./no-such-program".into()], ..Command::default() };
        let started = Process::start(launch(&command, "/"));
        assert_eq!(started.unwrap_err().kind(), io::ErrorKind::NotFound);
    }

    #[test]
    fn a_program_is_found_from_a_folder_that_is_told_from_where_one_stands() {
        let depth = std::env::current_dir().unwrap().components().count();
        let program = format!("{}bin/sh", "../".repeat(depth));
        let command = Command {
            arguments: vec![program, "-c".into(), "test -e harness.rs && exit 5".into()],
            ..Command::default()
        };
        let mut process = Process::start(launch(&command, "src")).unwrap();
        assert_eq!(process.wait(Duration::from_secs(20)), Some(Exit::Code(5)));
    }

    #[test]
    fn the_end_of_a_process_is_noticed_once_and_kept() {
        let mut process = shell("exit 3");
        assert_eq!(process.wait(Duration::from_secs(20)), Some(Exit::Code(3)));
        assert_eq!(process.exit(), Some(Exit::Code(3)));
    }
}
