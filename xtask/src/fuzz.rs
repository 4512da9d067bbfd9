//! `cargo xtask fuzz`: runs the fuzz targets one after the other, each for a while.
//!
//! The targets are built with the coverage instrumentation that libFuzzer needs, which the stable
//! compiler has; a C++ compiler is needed for libFuzzer itself.

#![expect(clippy::print_stderr, reason = "a tool of the workspace speaks to its developer")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// What libFuzzer needs to see which code an input reached.
const INSTRUMENTATION: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
     -Cllvm-args=-sanitizer-coverage-trace-compares";

/// Runs `targets`, or all where it is empty, each for `seconds`.
pub(crate) fn run(root: &Path, seconds: u32, targets: &[&str]) -> Result<()> {
    let source = fs::read_to_string(root.join("fuzz/src/targets.rs"))?;
    let known = names(&source);
    if let Some(unknown) = targets.iter().find(|target| !known.contains(*target)) {
        bail!("there is no target `{unknown}`: {}", known.join(", "));
    }
    let binary = build(root)?;
    for name in known.iter().filter(|name| targets.is_empty() || targets.contains(name)) {
        fuzz(root, &binary, name, seconds)?;
    }
    Ok(())
}

/// The names of the targets, in the order of their table.
fn names(source: &str) -> Vec<&str> {
    let after = source.split("static TARGETS").nth(1).unwrap_or_default();
    after.split("name: \"").skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

fn build(root: &Path) -> Result<PathBuf> {
    let target = root.join("target/fuzz");
    let status = Command::new(env!("CARGO"))
        .current_dir(root.join("fuzz"))
        .args(["build", "--release", "--target", "x86_64-unknown-linux-gnu", "--target-dir"])
        .arg(&target)
        .env("RUSTFLAGS", INSTRUMENTATION)
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("the fuzz targets do not build; a C++ compiler (`g++`) is needed");
    }
    Ok(target.join("x86_64-unknown-linux-gnu/release/gonogo-fuzz"))
}

fn fuzz(root: &Path, binary: &Path, name: &str, seconds: u32) -> Result<()> {
    let corpus = root.join("fuzz/corpus").join(name);
    let artifacts = root.join("fuzz/artifacts").join(name);
    fs::create_dir_all(&corpus)?;
    fs::create_dir_all(&artifacts)?;
    eprintln!("== {name}, {seconds} s");
    let status = Command::new(binary)
        .env("GONOGO_FUZZ", name)
        .env("GONOGO_FUZZ_CORPUS", &corpus)
        .arg(format!("-max_total_time={seconds}"))
        .args(["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048", "-print_final_stats=1"])
        .arg(format!("-artifact_prefix={}/", artifacts.display()))
        .arg(&corpus)
        .status()
        .with_context(|| format!("{} could not be started", binary.display()))?;
    if !status.success() {
        bail!("`{name}` found something: see {}", artifacts.display());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_targets_are_read_from_their_table() {
        let source = "struct Target { name: a }\nstatic TARGETS: x = [Target { name: \"manifest\", seeds }, Target {\n name: \"rules\" }]";
        assert_eq!(names(source), ["manifest", "rules"]);
    }

    #[test]
    fn there_are_targets() {
        let source = fs::read_to_string(crate::root().join("fuzz/src/targets.rs")).unwrap();
        assert!(names(&source).contains(&"markdown"));
    }
}
