//! `cargo xtask bench`: times gonogo against ripgrep on generated trees, in turn, and writes its part of docs/benchmarks.md.
//! `cargo xtask bench load` and `cargo xtask bench proxy` do so for what drills are made of.

#![expect(clippy::print_stderr, reason = "a tool of the workspace speaks to its developer")]

pub(crate) mod load;
mod measure;
mod page;
mod pages;
pub(crate) mod proxy;
mod server;
mod trees;

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use measure::{Figure, median, pairs};

/// Counted runs of each command.
const RUNS: usize = 7;

/// Builds gonogo, generates the trees, measures, and writes the page.
pub(crate) fn run(root: &Path) -> Result<()> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--release", "--package", "gonogo"])
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("gonogo does not build");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root.join("target"), Into::into);
    let gonogo = target.join("release/gonogo");
    let has_rg = Command::new("rg").arg("--version").stdout(Stdio::null()).status();
    if !has_rg.is_ok_and(|status| status.success()) {
        bail!(
            "ripgrep is needed to compare with: install `rg` (`cargo install ripgrep`, or the package `ripgrep`)"
        );
    }
    let folder = std::env::temp_dir().join("gonogo-bench");
    let mut page = String::from(HEAD);

    let big = folder.join("big");
    let (files, bytes) = trees::big(&big)?;
    eprintln!("== {files} files, {} MB", bytes >> 20);
    let check = measure::command(&gonogo, &["check", "--quiet", path(&big)?]);
    let search = measure::command(Path::new("rg"), &["-c", ".", path(&big)?]);
    let figures = pairs(&check, &search, RUNS)?;
    let _ = writeln!(page, "## {files} files, {} MB\n", bytes >> 20);
    table(&mut page, &[("`gonogo check`", &figures.0), ("`rg -c .`", &figures.1)]);
    let ratio = median(figures.0.iter().zip(&figures.1).map(|(a, b)| a.wall_s / b.wall_s));
    let _ = writeln!(
        page,
        "\nRatio of wall time, pair by pair: median {ratio:.2} (goal: at most 2.5).\n"
    );

    let many = folder.join("many-with-pages");
    let services = trees::many(&many)?;
    eprintln!("== {services} services");
    let check = measure::command(&gonogo, &["check", "--quiet", path(&many)?]);
    let json = measure::command(&gonogo, &["check", "--quiet", "--format", "json", path(&many)?]);
    let figures = pairs(&check, &json, RUNS)?;
    let _ = writeln!(
        page,
        "## {services} services in one tree\n\nEach has a README and a runbook of its own; the tree has a README, ten pages, code owners and 300 alerts for all. Goal: under 3 s.\n"
    );
    table(
        &mut page,
        &[("`gonogo check`", &figures.0), ("`gonogo check --format json`", &figures.1)],
    );

    eprintln!("== start-up");
    let explain = measure::command(&gonogo, &["explain", "reliability/slo"]);
    let version = measure::command(&gonogo, &["--version"]);
    let figures = pairs(&explain, &version, 21)?;
    let _ = writeln!(page, "\n## Start-up\n\nGoal: under 20 ms.\n");
    table(
        &mut page,
        &[("`gonogo explain reliability/slo`", &figures.0), ("`gonogo --version`", &figures.1)],
    );

    page::replace(root, "check", &page)
}

const HEAD: &str = "\
Written by `cargo xtask bench`, which generates the trees, runs the commands in turn (A B A B …, after one run of each that does not count) and takes the figures from the operating system. Machines differ
and are noisy: the ratios say more than the seconds. `rg` is ripgrep as installed; the median is the one to quote.

";

fn path(path: &Path) -> Result<&str> {
    path.to_str().context("the temporary folder's path is not UTF-8")
}

fn table(page: &mut String, rows: &[(&str, &Vec<Figure>)]) {
    page.push_str("| command | wall, median (min–max) | CPU, median | peak memory | exit |\n|---|---|---|---|---|\n");
    for (name, figures) in rows {
        let walls = || figures.iter().map(|figure| figure.wall_s);
        let least = walls().fold(f64::MAX, f64::min);
        let most = walls().fold(0.0, f64::max);
        let memory = figures.iter().map(|figure| figure.peak_kib).max().unwrap_or(0);
        let _ = writeln!(
            page,
            "| {name} | {} ({}–{}) | {} | {} MB | {} |",
            time(median(walls())),
            time(least),
            time(most),
            time(median(figures.iter().map(|figure| figure.cpu_s))),
            memory >> 10,
            figures.first().map_or(0, |figure| figure.exit)
        );
    }
}

fn time(seconds: f64) -> String {
    if seconds < 1.0 { format!("{:.1} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") }
}
