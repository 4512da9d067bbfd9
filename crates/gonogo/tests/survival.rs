//! What a drill survives, and what it leaves behind: nothing, whatever the service does and wherever gonogo is stopped or killed.
//!
//! `GONOGO_KILLS=100 cargo test -p gonogo --test survival killed_at -- --nocapture` kills at a hundred moments instead of ten.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(1);
static NUMBER: AtomicU64 = AtomicU64::new(0);

/// One service under drill, and where its traces would be.
struct Trial {
    root: TempDir,
    aside: TempDir,
    token: String,
}

impl Trial {
    /// A service that behaves in the named `way`, with `more` in its gonogo.yaml.
    fn of(way: &str, more: &str) -> Self {
        let (root, aside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let token = format!("gonogo-survival-{}-{number}", std::process::id());
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service.py");
        let ports = aside.path().join("ports");
        let text = format!(
            "service: shop\njourneys:\n  - name: look\n    request: {{path: /}}\n    expect: {{status: 200}}\n    peak: 20/s\n\
             run:\n  command: [python3, '{script}', {way}, '{{port}}', {token}, '{}']\n  ready: /ready\n  \
             stop: {{signal: TERM, within: 1s}}\n{more}",
            ports.display()
        );
        fs::write(root.path().join("gonogo.yaml"), text).unwrap();
        Self { root, aside, token }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gonogo"));
        command.current_dir(self.root.path()).args(arguments).stdin(Stdio::null());
        command
    }

    fn drill(&self) -> Command {
        self.command(&["drill", "lifecycle", "--no-record"])
    }

    fn started(&self) -> Child {
        self.drill().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// The text of the run's journal, while one goes on.
    fn journal(&self) -> String {
        self.of_run("journal.jsonl")
    }

    fn of_run(&self, name: &str) -> String {
        let runs = fs::read_dir(self.root.path().join(".gonogo/drills")).into_iter().flatten();
        let texts = runs.flatten().map(|run| fs::read_to_string(run.path().join(name)));
        texts.flatten().collect()
    }

    /// Processes that carry the trial's token in their arguments, whatever else they have thrown away.
    fn living(&self) -> Vec<String> {
        self.found().into_iter().map(|(_, line)| line).collect()
    }

    /// Ids of the same.
    fn ids(&self) -> Vec<String> {
        self.found().into_iter().map(|(id, _)| id).collect()
    }

    fn found(&self) -> Vec<(String, String)> {
        let all = fs::read_dir("/proc").unwrap().flatten();
        all.filter(|entry| !is_zombie(&entry.path()))
            .filter_map(|entry| {
                let line = fs::read_to_string(entry.path().join("cmdline")).ok()?;
                Some((entry.file_name().to_string_lossy().into_owned(), line))
            })
            .filter(|(_, line)| line.split('\0').any(|argument| argument == self.token))
            .collect()
    }

    /// Nothing is left: no process, no file, no listening port.
    fn assert_nothing_is_left(&self, when: &str) {
        assert_eq!(self.living(), Vec::<String>::new(), "{when}");
        let left: Vec<_> = fs::read_dir(self.root.path())
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name())
            .filter(|name| name != "gonogo.yaml")
            .collect();
        assert!(left.is_empty(), "{when}: {left:?}");
        let ports = fs::read_to_string(self.aside.path().join("ports")).unwrap_or_default();
        for port in ports.lines().filter_map(|line| line.parse::<u16>().ok()) {
            assert!(TcpStream::connect(("127.0.0.1", port)).is_err(), "{when}: port {port}");
        }
    }

    fn recover(&self) {
        let output = self.command(&["drill", "recover"]).output().unwrap();
        assert!(output.status.success(), "{}", complaint(&output));
    }
}

fn is_zombie(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    stat.rsplit_once(')').is_none_or(|(_, rest)| rest.trim_start().starts_with('Z'))
}

fn complaint(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "it never came that {what}");
        thread::park_timeout(Duration::from_millis(5));
    }
}

fn signal(child: &Child, name: &str) {
    let line = format!("kill -{name} {}", child.id());
    assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
}

/// Stops the drill by SIGINT; it must end by itself.
fn interrupted(trial: &Trial, mut child: Child, when: &str) {
    signal(&child, "INT");
    wait_until("the drill ends", || child.try_wait().unwrap().is_some());
    assert_eq!(child.wait().unwrap().code(), Some(4), "{when}");
    trial.assert_nothing_is_left(when);
}

#[test]
fn a_service_that_crashes_at_once_is_an_error_of_the_drill_with_its_last_words() {
    let trial = Trial::of("crashes", "");
    let output = trial.drill().output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let said = complaint(&output);
    assert!(said.contains("exit code 1") && said.contains("no DATABASE_URL"), "{said}");
    trial.assert_nothing_is_left("after a crash");
}

#[test]
fn a_port_that_is_taken_is_told_in_the_words_of_the_service() {
    let holder = TcpListener::bind("127.0.0.1:0").unwrap();
    let trial = Trial::of("taken", "");
    let taken = holder.local_addr().unwrap().port().to_string();
    let output = trial.drill().env("TAKEN", taken).output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(complaint(&output).contains("in use"), "{}", complaint(&output));
    trial.assert_nothing_is_left("after a taken port");
}

#[test]
fn a_dependency_that_is_not_there_is_an_error_of_the_drill() {
    let trial = Trial::of(
        "well",
        "dependencies:\n  - name: db\n    kind: tcp\n    critical: true\n    run: {command: [./no-such-program]}\n",
    );
    let output = trial.drill().output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    assert!(complaint(&output).contains("no-such-program"), "{}", complaint(&output));
    trial.assert_nothing_is_left("without a dependency");
}

#[test]
fn a_service_that_prints_without_end_fills_no_memory() {
    let trial = Trial::of("prints", "");
    let child = trial.started();
    wait_until("load is sent", || trial.journal().contains("ask it to stop"));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let resident = status.lines().find(|line| line.starts_with("RssAnon")).unwrap();
    let kib: u64 = resident.split_whitespace().nth(1).unwrap().parse().unwrap();
    assert!(kib < 256 << 10, "{resident}");
    interrupted(&trial, child, "after gigabytes");
}

#[test]
fn a_service_that_ignores_its_signal_falls_short_and_is_killed() {
    let trial = Trial::of("stubborn", "");
    let output = trial.drill().output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(said.contains("still ran 1.0 s after SIGTERM"), "{said}{}", complaint(&output));
    assert_eq!(output.status.code(), Some(1));
    trial.assert_nothing_is_left("after a stubborn service");
}

#[test]
fn children_that_leave_their_parent_session_and_environment_end_with_the_drill() {
    for way in ["forks", "vanishes"] {
        let trial = Trial::of(way, "");
        let child = trial.started();
        wait_until("load is sent", || trial.journal().contains("send load"));
        // What left its parent may still be becoming another program.
        wait_until("its child runs too", || trial.living().len() > 1);
        interrupted(&trial, child, way);
    }
}

#[test]
fn a_child_that_cut_every_tie_is_found_after_gonogo_was_killed() {
    let trial = Trial::of("vanishes", "");
    let mut child = trial.started();
    wait_until("load is sent", || trial.journal().contains("send load"));
    wait_until("all are written down", || {
        let (register, living) = (trial.of_run("processes.jsonl"), trial.ids());
        let is_written = |id: &String| {
            register.split(|letter: char| !letter.is_ascii_digit()).any(|number| number == id)
        };
        living.len() >= 2 && living.iter().all(is_written)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!trial.living().is_empty());
    trial.recover();
    trial.assert_nothing_is_left("after recovery");
}

#[test]
fn a_full_disk_ends_the_drill_and_leaves_nothing() {
    for bytes in [0, 400] {
        let trial = Trial::of("forks", "");
        // No file may grow further than that; the signal that comes with it is taken and passed over.
        let output = Command::new("prlimit")
            .args([&format!("--fsize={bytes}"), env!("CARGO_BIN_EXE_gonogo")])
            .args(["drill", "lifecycle", "--no-record"])
            .current_dir(trial.root.path())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(4), "{}", complaint(&output));
        assert!(complaint(&output).contains("journal"), "{}", complaint(&output));
        trial.assert_nothing_is_left("after a full disk");
    }
}

#[test]
fn an_interrupt_at_each_step_leaves_nothing() {
    let steps = [
        "start the service",
        "send load",
        "ask it to stop",
        "kill one of two",
        "declared settings",
    ];
    thread::scope(|scope| {
        for step in steps {
            scope.spawn(move || {
                let trial = Trial::of("forks", "");
                let child = trial.started();
                wait_until(step, || trial.journal().contains(step));
                interrupted(&trial, child, step);
            });
        }
    });
}

/// The moments at which gonogo is killed: spread over the run, each a little off, and differently each time.
fn moments() -> Vec<Duration> {
    let count = std::env::var("GONOGO_KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(10);
    let mut random = u64::from(std::process::id()) | 1;
    (0..count)
        .map(|number: u64| {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            Duration::from_millis(number * 14_000 / count + random % 300)
        })
        .collect()
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_that_recovery_does_not_take_back() {
    let moments = moments();
    let recovered: usize = moments
        .chunks(5)
        .map(|chunk| {
            thread::scope(|scope| {
                let threads: Vec<_> =
                    chunk.iter().map(|after| scope.spawn(|| killed_after(*after))).collect();
                threads.into_iter().map(|thread| thread.join().unwrap()).count()
            })
        })
        .sum();
    assert_eq!(recovered, moments.len());
    println!("killed {recovered} times, nothing was left");
}

fn killed_after(after: Duration) {
    let trial = Trial::of("forks", "");
    let mut child = trial.started();
    thread::park_timeout(after);
    child.kill().unwrap();
    child.wait().unwrap();
    trial.recover();
    trial.assert_nothing_is_left(&format!("killed after {after:?}"));
    assert_eq!(runs(&trial), Vec::<PathBuf>::new());
}

fn runs(trial: &Trial) -> Vec<PathBuf> {
    let runs = fs::read_dir(trial.root.path().join(".gonogo/drills")).into_iter().flatten();
    runs.flatten().map(|run| run.path()).collect()
}
