//! One drill in a folder of its own, killed once.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::{Kill, Left, Service, Victim, traces};
use crate::sample::PROGRAM;

const PAUSE: Duration = Duration::from_millis(5);
/// How long a drill may take to end.
const PATIENCE: Duration = Duration::from_mins(2);
/// Three children without parent, session, environment or output, and then the service.
const CUTS_ALL_TIES: &str = "for _ in 1 2 3; do env -i setsid -f sleep 600 </dev/null >/dev/null 2>&1; done; exec \"$0\" \"$@\"";

pub(super) struct Trial {
    folder: PathBuf,
    gonogo: PathBuf,
}

impl Trial {
    /// A folder of job number `job` with `service` in it.
    pub(super) fn new(root: &Path, binaries: &Path, job: u32, service: Service) -> Result<Self> {
        let name = format!("gonogo-kills-{}-{job}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(&folder)?;
        let text = fs::read_to_string(root.join("examples/orders/gonogo.yaml"))?;
        let program = binaries.join("orders").display().to_string();
        let served = format!("[{PROGRAM}, serve]");
        if !text.contains(&served) {
            bail!("the sample is not started as it was");
        }
        let text = match service {
            Service::Orders => text,
            Service::Hostile => {
                text.replace(&served, &format!("[sh, -c, '{CUTS_ALL_TIES}', {program}, serve]"))
            }
        };
        fs::write(folder.join("gonogo.yaml"), text.replace(PROGRAM, &program))?;
        Ok(Self { folder: folder.canonicalize()?, gonogo: binaries.join("gonogo") })
    }

    /// Kills a drill once and looks for what is left.
    pub(super) fn killed(&self, kill: &Kill) -> Result<Left> {
        let before = files(&self.folder)?;
        let mut keeper = Command::new(&self.gonogo)
            .args(["drill", kill.drill, "--no-record", "--no-input"])
            .current_dir(&self.folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .context("gonogo could not be started")?;
        let mut left = Left { was_over: ends_within(&mut keeper, kill.after)?, ..Left::default() };
        let held = traces::listening_of(&traces::processes(&self.folder));
        if !left.was_over {
            left.trouble.extend(strike(&mut keeper, kill.victim)?);
        }
        left.before = traces::processes(&self.folder).len();
        left.trouble.extend(self.recover()?);
        let still = traces::processes(&self.folder);
        left.processes = still.len();
        left.ports = traces::listening().intersection(&held).count();
        left.files = changed(&before, &files(&self.folder)?);
        for pid in still.into_iter().filter_map(Pid::from_raw) {
            let _gone_already = kill_process(pid, Signal::KILL);
        }
        fs::remove_dir_all(&self.folder)?;
        Ok(left)
    }

    fn recover(&self) -> Result<Option<String>> {
        let mut recover = Command::new(&self.gonogo);
        let output = recover.args(["drill", "recover"]).current_dir(&self.folder).output()?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        Ok((!output.status.success()).then(|| format!("recovery failed: {said}")))
    }
}

/// Kills the victim and waits until all of gonogo has ended; says what did not end as it should.
fn strike(keeper: &mut Child, victim: Victim) -> Result<Option<String>> {
    let own = i32::try_from(keeper.id())?;
    // None right after the start.
    let drill = traces::child(own);
    let (keeper_pid, drill_pid) = (Pid::from_raw(own), drill.and_then(Pid::from_raw));
    let Some(keeper_pid) = keeper_pid else { bail!("gonogo has no process id") };
    let (killed, is_told) = match victim {
        Victim::Drill => {
            (kill_process(drill_pid.unwrap_or(keeper_pid), Signal::KILL), drill.is_some())
        }
        Victim::Keeper => (kill_process(keeper_pid, Signal::KILL), false),
        Victim::Both => (kill_process_group(keeper_pid, Signal::KILL), false),
        Victim::Asked => (kill_process(keeper_pid, Signal::INT), false),
        Victim::AskedBoth => (kill_process_group(keeper_pid, Signal::INT), false),
    };
    killed.context("the signal could not be sent")?;
    if !ends_within(keeper, PATIENCE)? {
        return Ok(Some("the keeper did not end".to_owned()));
    }
    let code = keeper.wait()?.code();
    if is_told && !matches!(code, Some(0..=4)) {
        return Ok(Some(format!("the keeper ended with {code:?}")));
    }
    let deadline = Instant::now() + PATIENCE;
    while drill.is_some_and(traces::is_living) {
        if Instant::now() >= deadline {
            return Ok(Some("the drill did not end".to_owned()));
        }
        thread::sleep(PAUSE);
    }
    Ok(None)
}

fn ends_within(child: &mut Child, limit: Duration) -> Result<bool> {
    let deadline = Instant::now() + limit;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        thread::sleep(PAUSE);
    }
    Ok(false)
}

/// Every file and folder below `folder`, with the bytes of the files.
fn files(folder: &Path) -> Result<BTreeMap<PathBuf, Vec<u8>>> {
    let (mut found, mut folders) = (BTreeMap::new(), vec![folder.to_owned()]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder)? {
            let (path, kind) = entry.and_then(|entry| Ok((entry.path(), entry.file_type()?)))?;
            let bytes = if kind.is_file() { fs::read(&path)? } else { Vec::new() };
            if kind.is_dir() {
                folders.push(path.clone());
            }
            found.insert(path, bytes);
        }
    }
    Ok(found)
}

fn changed(before: &BTreeMap<PathBuf, Vec<u8>>, after: &BTreeMap<PathBuf, Vec<u8>>) -> Vec<String> {
    let paths = before.keys().chain(after.keys());
    let changed = paths.filter(|path| before.get(*path) != after.get(*path));
    changed.map(|path| path.display().to_string()).collect()
}
