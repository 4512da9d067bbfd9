//! The processes of one run, found by the mark that all of them inherit.
//!
//! Each process that a drill starts gets the run's name in its environment, and so does whatever it forks, in whatever group or session.
//! The mark is looked up in `/proc` each time, so a process id that was used again by somebody else is never touched.
//! While a process becomes another program (`execve`), what can be read of its environment may be forbidden, empty, or cut off, so one
//! look is not enough to say that a process has no mark.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::thread;
use std::time::{Duration, Instant};

use procfs::process::{Process, all_processes};
use rustix::process::{Pid, PidfdFlags, Signal, kill_process, pidfd_open, pidfd_send_signal};

/// The environment variable that carries the run's name.
pub(crate) const MARK: &str = "GONOGO_DRILL_RUN";
const PAUSE: Duration = Duration::from_millis(5);
/// How often, and how far apart, processes are looked at before one counts as unmarked. Becoming another program takes about 0.1 ms.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(2);

/// Process ids of all living processes of `run` but this one.
pub(crate) fn processes(run: &str) -> Vec<i32> {
    let mut found = look(run);
    for _ in 1..LOOKS {
        thread::sleep(BETWEEN_LOOKS);
        found.extend(look(run));
    }
    found
        .into_iter()
        .filter(|pid| Process::new(*pid).is_ok_and(|process| is_living(&process)))
        .collect()
}

fn look(run: &str) -> BTreeSet<i32> {
    let own = std::process::id();
    let Ok(all) = all_processes() else { return BTreeSet::new() };
    all.flatten()
        .filter(|process| {
            u32::try_from(process.pid()).is_ok_and(|pid| pid != own) && is_marked(process, run)
        })
        .map(|process| process.pid())
        .collect()
}

/// Process ids of all living processes of the process group `group`.
pub(crate) fn members(group: i32) -> Vec<i32> {
    let Ok(all) = all_processes() else { return Vec::new() };
    all.flatten()
        .filter_map(|process| process.stat().ok())
        .filter(|stat| stat.pgrp == group && !matches!(stat.state, 'Z' | 'X'))
        .map(|stat| stat.pid)
        .collect()
}

fn is_marked(process: &Process, run: &str) -> bool {
    process.environ().is_ok_and(|environment| {
        environment.get(OsStr::new(MARK)).is_some_and(|value| value == OsStr::new(run))
    })
}

/// Whether the process `pid` lives.
pub(super) fn is_running(pid: u32) -> bool {
    let process = i32::try_from(pid).ok().and_then(|pid| Process::new(pid).ok());
    process.is_some_and(|process| is_living(&process))
}

/// A process that has ended but was not waited for has no environment any more; this only guards the moment between.
fn is_living(process: &Process) -> bool {
    process.stat().is_ok_and(|stat| !matches!(stat.state, 'Z' | 'X'))
}

/// Kills what `find` finds, again and again until nothing is found twice in a row or `limit` is over; returns how many are left.
///
/// A process that forks while it is looked for is found in the next round.
pub(crate) fn kill_all(find: impl Fn() -> Vec<i32>, limit: Duration) -> usize {
    let deadline = Instant::now() + limit;
    let mut was_empty = false;
    loop {
        let left = find();
        if (left.is_empty() && was_empty) || Instant::now() >= deadline {
            return left.len();
        }
        was_empty = left.is_empty();
        kill_those(&left, &find);
        thread::sleep(PAUSE);
    }
}

/// Kills `pids`. A handle is taken of each before it is looked for once more, so that a process id used again meanwhile is never hit.
fn kill_those(pids: &[i32], find: &impl Fn() -> Vec<i32>) {
    if pids.is_empty() {
        return;
    }
    let handles: Vec<_> = pids
        .iter()
        .filter_map(|pid| Pid::from_raw(*pid))
        .map(|pid| (pid, pidfd_open(pid, PidfdFlags::empty())))
        .collect();
    let still = find();
    for (pid, handle) in handles {
        if !still.contains(&pid.as_raw_nonzero().get()) {
            continue;
        }
        let _gone_already = match handle {
            Ok(handle) => pidfd_send_signal(handle, Signal::KILL),
            // Kernels before 5.3 have no handles.
            Err(rustix::io::Errno::NOSYS) => kill_process(pid, Signal::KILL),
            Err(error) => Err(error),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Command, Stdio};

    fn shell(run: &str, line: &str) -> std::process::Child {
        Command::new("sh").args(["-c", line]).env(MARK, run).stdout(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn a_child_that_left_its_parent_and_session_is_found_and_killed() {
        let run = format!("marked-test-{}", std::process::id());
        let mut parent = shell(&run, "setsid sleep 600 >/dev/null 2>&1 & echo started");
        parent.wait().unwrap();
        assert_eq!(processes(&run).len(), 1);
        assert_eq!(kill_all(|| processes(&run), Duration::from_secs(10)), 0);
        assert_eq!(processes(&run), Vec::<i32>::new());
    }

    #[test]
    fn a_process_is_found_while_it_becomes_another_program() {
        let run = format!("marked-becoming-{}", std::process::id());
        let again = r#"exec sh -c "$AGAIN""#;
        let mut child = Command::new("sh")
            .args(["-c", again])
            .env("AGAIN", again)
            .env(MARK, &run)
            .spawn()
            .unwrap();
        let seen = (0..100).filter(|_| processes(&run).len() == 1).count();
        child.kill().unwrap();
        child.wait().unwrap();
        // One look misses about one in ten.
        assert!((98..=100).contains(&seen), "seen {seen} times of 100");
    }

    #[test]
    fn processes_of_another_run_are_left_alone() {
        let run = format!("marked-other-{}", std::process::id());
        let mut child = shell(&run, "exec sleep 600");
        assert_eq!(kill_all(|| processes(&format!("{run}-not")), Duration::from_secs(1)), 0);
        assert!(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
}
