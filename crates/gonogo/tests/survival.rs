//! What a drill survives, and what it leaves behind: nothing, whatever the service does and wherever gonogo is stopped or killed.
//!
//! `cargo xtask kills 100` does the same on the sample, at a hundred random moments.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_mins(3);
const DRILLS: [&str; 4] = ["fault", "load", "observe", "lifecycle"];
const SCRIPT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/service.py");
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
        let ports = aside.path().join("ports");
        let text = format!(
            "service: shop\njourneys:\n  - name: look\n    request: {{path: /}}\n    expect: {{status: 200}}\n    peak: 20/s\n\
             run:\n  command: [python3, '{SCRIPT}', {way}, '{{port}}', {token}, '{}']\n  ready: /ready\n  \
             stop: {{signal: TERM, within: 1s}}\n{more}",
            ports.display()
        );
        fs::write(root.path().join("gonogo.yaml"), text).unwrap();
        Self { root, aside, token }
    }

    /// The same, with a dependency, so that every drill has something to do.
    fn with_dependency(way: &str) -> Self {
        let command = format!("[python3, '{SCRIPT}', well, '{{port}}', dependency, /dev/null]");
        let command = format!("{{command: {command}}}");
        Self::of(
            way,
            &format!(
                "dependencies:\n  - {{name: db, kind: tcp, critical: true, run: {command}}}\n"
            ),
        )
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
        self.begun("lifecycle")
    }

    /// The keeper of a drill, in a process group of its own with it, as a shell starts it.
    fn begun(&self, drill: &str) -> Child {
        let mut command = self.command(&["drill", drill, "--no-record"]);
        command.stdout(Stdio::null()).stderr(Stdio::piped()).process_group(0).spawn().unwrap()
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
    send(name, &child.id().to_string());
}

fn send(name: &str, to: &str) {
    let line = format!("kill -s {name} -- {to}");
    assert!(Command::new("sh").args(["-c", &line]).status().unwrap().success());
}

/// The process id of the drill that `keeper` keeps.
fn kept_by(keeper: &Child) -> String {
    let path = format!("/proc/{0}/task/{0}/children", keeper.id());
    let mut kept = String::new();
    wait_until("the keeper starts the drill", || {
        let children = fs::read_to_string(&path).unwrap_or_default();
        children.trim().clone_into(&mut kept);
        !kept.is_empty()
    });
    kept
}

fn wait_until_gone(process: &str) {
    let folder = PathBuf::from(format!("/proc/{process}"));
    wait_until("it is gone", || is_zombie(&folder));
}

/// SIGKILL of the keeper and the drill at once.
fn kill_both(mut keeper: Child) {
    let kept = kept_by(&keeper);
    send("KILL", &format!("-{}", keeper.id()));
    keeper.wait().unwrap();
    wait_until_gone(&kept);
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
    let status = fs::read_to_string(format!("/proc/{}/status", kept_by(&child))).unwrap();
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
    let child = trial.started();
    wait_until("load is sent", || trial.journal().contains("send load"));
    wait_until("all are written down", || {
        let (register, living) = (trial.of_run("processes.jsonl"), trial.ids());
        let is_written = |id: &String| {
            register.split(|letter: char| !letter.is_ascii_digit()).any(|number| number == id)
        };
        living.len() >= 2 && living.iter().all(is_written)
    });
    kill_both(child);
    assert!(!trial.living().is_empty());
    trial.recover();
    trial.assert_nothing_is_left("after recovery");
}

#[test]
fn a_killed_drill_is_taken_back_by_its_keeper_with_whatever_cut_every_tie() {
    let trial = Trial::of("vanishes", "");
    let keeper = trial.started();
    wait_until("its child runs too", || trial.living().len() > 1);
    send("KILL", &kept_by(&keeper));
    let output = keeper.wait_with_output().unwrap();
    trial.assert_nothing_is_left("without recovery");
    let said = complaint(&output);
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("SIGKILL") && said.contains("was taken back"), "{said}");
}

#[test]
fn a_drill_whose_keeper_is_killed_takes_itself_back() {
    let trial = Trial::of("vanishes", "");
    let mut keeper = trial.started();
    wait_until("its child runs too", || trial.living().len() > 1);
    let kept = kept_by(&keeper);
    keeper.kill().unwrap();
    keeper.wait().unwrap();
    wait_until_gone(&kept);
    trial.assert_nothing_is_left("without recovery");
}

#[test]
fn what_ran_below_gonogo_before_it_was_one_is_left_alone() {
    let trial = Trial::of("vanishes", "");
    let line = format!(
        "sleep 60 >/dev/null 2>&1 & echo $!; exec {} drill lifecycle --no-record >/dev/null",
        env!("CARGO_BIN_EXE_gonogo")
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &line]).current_dir(trial.root.path()).stdout(Stdio::piped());
    let keeper = shell.spawn().unwrap();
    wait_until("its child runs too", || trial.living().len() > 1);
    signal(&keeper, "INT");
    let output = keeper.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(4));
    let before = String::from_utf8(output.stdout).unwrap();
    assert!(!is_zombie(&PathBuf::from(format!("/proc/{}", before.trim()))));
    send("KILL", before.trim());
    trial.assert_nothing_is_left("but what was there before");
}

#[test]
fn a_full_disk_ends_the_drill_and_leaves_nothing() {
    for (drill, bytes) in DRILLS.into_iter().flat_map(|drill| [(drill, 0), (drill, 400)]) {
        let trial = Trial::with_dependency("forks");
        // No file may grow further than that; the signal that comes with it is taken and passed over.
        let output = Command::new("prlimit")
            .args([&format!("--fsize={bytes}"), env!("CARGO_BIN_EXE_gonogo")])
            .args(["drill", drill, "--no-record"])
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

/// Kills number after number, each drill in each way, the moments spread over its first seconds and differently each time.
#[test]
fn killed_at_any_moment_it_leaves_nothing_that_recovery_does_not_take_back() {
    let off = u64::from(std::process::id()) % 300;
    let numbers: Vec<u64> = (0..16).collect();
    for chunk in numbers.chunks(4) {
        thread::scope(|scope| {
            for number in chunk {
                scope.spawn(move || killed(*number, Duration::from_millis(number * 300 + off)));
            }
        });
    }
}

fn killed(number: u64, after: Duration) {
    let pick = |from: u64| usize::try_from(from % 4).unwrap();
    let (drill, way) = (DRILLS[pick(number)], pick(number / 4 + number));
    let trial = Trial::with_dependency("forks");
    let mut keeper = trial.begun(drill);
    let kept = kept_by(&keeper);
    thread::park_timeout(after);
    let whom = [kept.clone(), keeper.id().to_string(), format!("-{}", keeper.id())];
    match way {
        3 => signal(&keeper, "INT"),
        way => send("KILL", &whom[way]),
    }
    wait_until("the keeper ends", || keeper.try_wait().unwrap().is_some());
    wait_until_gone(&kept);
    let when = format!("drill {drill}, way {way}, after {after:?}");
    if way != 2 {
        trial.assert_nothing_is_left(&format!("{when}, without recovery"));
    }
    trial.recover();
    trial.assert_nothing_is_left(&when);
    assert_eq!(runs(&trial), Vec::<PathBuf>::new());
}

fn runs(trial: &Trial) -> Vec<PathBuf> {
    let runs = fs::read_dir(trial.root.path().join(".gonogo/drills")).into_iter().flatten();
    runs.flatten().map(|run| run.path()).collect()
}
