//! `cargo xtask detect`: plants each defect in the sample service and looks which requirement its drill finds it by.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a tool of the workspace speaks to its developer"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A defect, the drill that has to find it, the dependency that this is about, and the requirement that it is against.
const DEFECTS: &[(&str, &str, Option<&str>, &str)] = &[
    ("no-timeout", "fault", Some("payments"), "reliability/outbound-timeouts"),
    ("retry-storm", "fault", Some("payments"), "reliability/bounded-retries"),
    ("retry-without-key", "fault", Some("payments"), "reliability/bounded-retries"),
    ("no-breaker", "fault", Some("payments"), "reliability/circuit-breaker"),
    ("audit-required", "fault", Some("audit"), "reliability/graceful-degradation"),
    ("crash-on-error", "fault", Some("orders-db"), "reliability/no-cascade"),
    ("hides-failure", "fault", Some("payments"), "reliability/failure-modes"),
    ("no-recovery", "fault", Some("orders-db"), "reliability/self-recovery"),
    ("always-ready", "fault", Some("payments"), "reliability/health-is-honest"),
    ("too-strict", "fault", Some("audit"), "reliability/health-is-honest"),
    ("silent-errors", "fault", Some("payments"), "observability/error-visibility"),
];

/// Runs every drill on the good service and on each defect, `runs` times each, and prints a table. With `only`, just those defects.
pub(crate) fn run(root: &Path, runs: u32, only: &[&str]) -> Result<()> {
    let binaries = build(root)?;
    println!(
        "| service | drill | caught by its requirement | what else fell short |\n|---|---|---|---|"
    );
    let drills: std::collections::BTreeSet<&str> =
        DEFECTS.iter().map(|(_, drill, ..)| *drill).collect();
    for drill in drills.iter().filter(|_| only.is_empty()) {
        let others = repeat(root, &binaries, runs, "", drill, None)?;
        let clean = runs - others.values().copied().max().unwrap_or(0).min(runs);
        println!(
            "| good | {drill} | {clean} of {runs} without a finding | {} |",
            list(&others, "")
        );
    }
    for (defect, drill, dependency, requirement) in DEFECTS {
        if !only.is_empty() && !only.contains(defect) {
            continue;
        }
        let found = repeat(root, &binaries, runs, defect, drill, *dependency)?;
        let caught = found.get(*requirement).copied().unwrap_or(0);
        println!(
            "| `{defect}` | {drill} | `{requirement}` {caught} of {runs} | {} |",
            list(&found, requirement)
        );
    }
    Ok(())
}

fn build(root: &Path) -> Result<PathBuf> {
    let status = Command::new(env!("CARGO"))
        .current_dir(root)
        .args(["build", "--release", "-p", "gonogo", "-p", "gonogo-example-orders"])
        .status()
        .context("cargo could not be started")?;
    if !status.success() {
        bail!("gonogo and the sample do not build");
    }
    let target =
        std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
    Ok(target.join("release"))
}

/// How often each requirement fell short in `runs` runs.
fn repeat(
    root: &Path,
    binaries: &Path,
    runs: u32,
    defect: &str,
    drill: &str,
    dependency: Option<&str>,
) -> Result<BTreeMap<String, u32>> {
    let mut found = BTreeMap::new();
    for number in 1..=runs {
        let label = if defect.is_empty() { "good" } else { defect };
        eprintln!("== {label}, {drill}, {number} of {runs}");
        for requirement in once(root, binaries, defect, drill, dependency)? {
            *found.entry(requirement).or_insert(0) += 1;
        }
    }
    Ok(found)
}

/// One run; the requirements that fell short.
fn once(
    root: &Path,
    binaries: &Path,
    defect: &str,
    drill: &str,
    dependency: Option<&str>,
) -> Result<Vec<String>> {
    let folder = std::env::temp_dir().join(format!("gonogo-detect-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let text = fs::read_to_string(root.join("examples/orders/gonogo.yaml"))?;
    let program = binaries.join("orders").display().to_string();
    let planted = format!("    DEFECT: \"{defect}\"\n    DATABASE_CONNECTIONS:");
    let text = text
        .replace("../../target/release/orders", &program)
        .replace("    DATABASE_CONNECTIONS:", &planted);
    fs::write(folder.join("gonogo.yaml"), text)?;
    let mut command = Command::new(binaries.join("gonogo"));
    command.args(["drill", drill, "--no-record", "--quiet"]).arg(&folder);
    if let Some(dependency) = dependency {
        command.args(["--dependency", dependency]);
    }
    let output = command.output().context("gonogo could not be started")?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    fs::remove_dir_all(&folder)?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        return Ok(vec![format!(
            "(not carried out: {})",
            String::from_utf8_lossy(&output.stderr).trim()
        )]);
    }
    Ok(told
        .lines()
        .filter_map(|line| line.strip_prefix("fell short"))
        .map(|rest| rest.trim().to_owned())
        .collect())
}

fn list(found: &BTreeMap<String, u32>, but: &str) -> String {
    let others = found.iter().filter(|(requirement, _)| requirement.as_str() != but);
    let others: Vec<String> =
        others.map(|(requirement, times)| format!("{requirement} {times}")).collect();
    if others.is_empty() { "nothing".to_owned() } else { others.join(", ") }
}
