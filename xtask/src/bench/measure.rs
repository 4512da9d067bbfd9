//! Runs commands in turn and takes what the operating system says of each.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// What one run took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Figure {
    pub(super) wall_s: f64,
    pub(super) cpu_s: f64,
    pub(super) peak_kib: u64,
    pub(super) exit: i32,
}

/// A command with its arguments.
pub(super) struct Measured {
    program: String,
    arguments: Vec<String>,
}

/// The command that runs `program`.
pub(super) fn command(program: &Path, arguments: &[&str]) -> Measured {
    Measured {
        program: program.display().to_string(),
        arguments: arguments.iter().map(ToString::to_string).collect(),
    }
}

/// Runs both commands in turn, after one run of each that does not count.
pub(super) fn pairs(a: &Measured, b: &Measured, runs: usize) -> Result<(Vec<Figure>, Vec<Figure>)> {
    measure(a)?;
    measure(b)?;
    let mut figures = (Vec::new(), Vec::new());
    for _ in 0..runs {
        figures.0.push(measure(a)?);
        figures.1.push(measure(b)?);
    }
    Ok(figures)
}

/// Runs the command once, under GNU time for its CPU and memory, its output thrown away.
fn measure(measured: &Measured) -> Result<Figure> {
    let log = std::env::temp_dir().join(format!("gonogo-bench-{}.time", std::process::id()));
    let started = Instant::now();
    let status = Command::new("/usr/bin/time")
        .args(["--quiet", "-f", "%U %S %M", "-o"])
        .arg(&log)
        .arg(&measured.program)
        .args(&measured.arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .with_context(|| {
            format!("running {} under /usr/bin/time (Debian's package `time`)", measured.program)
        })?;
    let wall_s = started.elapsed().as_secs_f64();
    let text = fs::read_to_string(&log)?;
    let _ = fs::remove_file(&log);
    let line = text.lines().last().context("GNU time wrote nothing")?;
    let mut parts = line.split_whitespace();
    let mut next = || parts.next().context("GNU time wrote too little");
    let (user, system): (f64, f64) = (next()?.parse()?, next()?.parse()?);
    let peak_kib = next()?.parse()?;
    Ok(Figure { wall_s, cpu_s: user + system, peak_kib, exit: status.code().unwrap_or(-1) })
}

/// The median; 0 of nothing.
pub(super) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

/// Builds the programs that measure drills, and says where they are.
pub(super) fn examples(root: &Path) -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--release", "--package", "gonogo-drills", "--examples"])
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("the examples of gonogo-drills do not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    Ok(target.join("release/examples"))
}

/// How to run what others on the machine shall not disturb: in real time if this user may, else as anything.
pub(super) fn undisturbed() -> Vec<String> {
    let may = Command::new("chrt").args(["-f", "10", "true"]).status();
    if may.is_ok_and(|status| status.success()) { words("chrt -f 10") } else { Vec::new() }
}

/// The words of a command.
pub(super) fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}
