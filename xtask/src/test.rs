//! `cargo xtask test`: everything that has to hold, in the order in which it fails fastest.

#![expect(clippy::print_stderr, reason = "a tool of the workspace speaks to its developer")]

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::{sync, tidy};

/// One thing that has to hold.
struct Check {
    name: &'static str,
    run: fn(&Path) -> Result<()>,
}

const CHECKS: &[Check] = &[
    Check { name: "tools", run: tools },
    Check { name: "format", run: |root| cargo(root, &["fmt", "--all", "--check"]) },
    Check { name: "registration", run: sync::check },
    Check { name: "tidy", run: tidy::check },
    Check { name: "lints", run: lints },
    Check { name: "tests", run: tests },
    Check { name: "documentation", run: documentation },
    Check { name: "gonogo on itself", run: itself },
];

/// Runs all checks and fails with the first that does not hold.
pub(crate) fn run(root: &Path) -> Result<()> {
    for check in CHECKS {
        let started = Instant::now();
        eprintln!("== {}", check.name);
        (check.run)(root).with_context(|| format!("`{}` does not hold", check.name))?;
        eprintln!("   {:.1} s", started.elapsed().as_secs_f64());
    }
    eprintln!("all hold");
    Ok(())
}

/// Names what is missing, with the command that installs it.
fn tools(root: &Path) -> Result<()> {
    let wanted = [
        (["fmt", "--version"], "rustup component add rustfmt"),
        (["clippy", "--version"], "rustup component add clippy"),
    ];
    for (arguments, install) in wanted {
        if !is_there(root, &arguments) {
            bail!("`cargo {}` is missing: install it with `{install}`", arguments[0]);
        }
    }
    if !is_there(root, &["nextest", "--version"]) {
        eprintln!("   cargo-nextest is missing: `cargo test` takes its place, and is slower");
    }
    Ok(())
}

fn is_there(root: &Path, arguments: &[&str]) -> bool {
    Command::new(env!("CARGO"))
        .current_dir(root)
        .args(arguments)
        .output()
        .is_ok_and(|output| output.status.success())
}

fn lints(root: &Path) -> Result<()> {
    let clippy = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    cargo(root, &clippy)
}

fn tests(root: &Path) -> Result<()> {
    if is_there(root, &["nextest", "--version"]) {
        let nextest = ["nextest", "run", "--workspace", "--no-fail-fast", "--status-level", "fail"];
        return cargo(root, &nextest);
    }
    cargo(root, &["test", "--workspace", "--no-fail-fast", "--quiet"])
}

fn documentation(root: &Path) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).env("RUSTDOCFLAGS", "-D warnings").args([
        "doc",
        "--workspace",
        "--no-deps",
        "--document-private-items",
        "--quiet",
    ]);
    succeed(command)
}

/// Prints gonogo's verdict on itself. It is printed and not enforced: what only drills can prove is
/// still open.
fn itself(root: &Path) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(["run", "--quiet", "--package", "gonogo", "--", "check", "."]);
    let status = command.status().context("gonogo could not be started")?;
    match status.code() {
        Some(0 | 1) => Ok(()),
        code => bail!("`gonogo check .` ended with {code:?}, and that is no verdict"),
    }
}

fn cargo(root: &Path, arguments: &[&str]) -> Result<()> {
    let mut command = Command::new(env!("CARGO"));
    command.current_dir(root).args(arguments);
    succeed(command)
}

fn succeed(mut command: Command) -> Result<()> {
    let status = command.status().with_context(|| format!("{command:?} could not be started"))?;
    if !status.success() {
        bail!("{command:?} failed");
    }
    Ok(())
}
