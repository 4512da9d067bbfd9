//! `cargo xtask detect`: plants each defect in the sample service and looks which requirement its drill finds it by.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a tool of the workspace speaks to its developer"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::sample;

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
    ("drops-trace", "observe", None, "observability/trace-propagation"),
    ("no-spans", "observe", None, "observability/trace-propagation"),
    ("plain-logs", "observe", None, "observability/structured-logs"),
    ("no-log-ids", "observe", None, "observability/log-correlation"),
    ("logs-secrets", "observe", None, "observability/no-secrets-in-logs"),
    ("abrupt-stop", "lifecycle", None, "reliability/graceful-shutdown"),
    ("acknowledges-early", "lifecycle", None, "reliability/crash-safety"),
    ("early-ready", "lifecycle", None, "reliability/health-checks"),
    ("accepts-bad-settings", "lifecycle", None, "delivery/configuration"),
    ("leaks-memory", "load", None, "capacity/no-leaks"),
    ("leaks-descriptors", "load", None, "capacity/no-leaks"),
    ("n-plus-one", "load", None, "capacity/query-performance"),
    ("slow-query", "load", None, "capacity/query-performance"),
    ("no-pool", "load", None, "reliability/connection-limits"),
    ("no-paging", "load", None, "capacity/pagination"),
    ("wrong-metrics", "load", None, "observability/golden-signals"),
    ("one-at-a-time", "load", None, "capacity/shared-bottleneck"),
    ("undeclared-dependency", "load", None, "documentation/dependencies"),
];

/// One service to drill in one way, as often as asked.
#[derive(Clone, Copy)]
struct Row {
    /// What is planted; empty for the good service.
    defect: &'static str,
    drill: &'static str,
    dependency: Option<&'static str>,
    /// What has to find it; empty for the good service.
    requirement: &'static str,
}

/// Runs every drill on the good service and on each defect, `runs` times each and `jobs` at once, and prints a table.
/// With `only`, just those defects and drills; every drill is given `options`.
pub(crate) fn run(
    root: &Path,
    runs: u32,
    jobs: usize,
    only: &[&str],
    options: &[&str],
) -> Result<()> {
    let rows = chosen(only)?;
    let binaries = sample::build(root, "release")?;
    let work: Vec<usize> = (0..runs).flat_map(|_| 0..rows.len()).collect();
    let (next, tally) = (AtomicUsize::new(0), Mutex::new(vec![Tally::default(); rows.len()]));
    thread::scope(|scope| {
        for job in 0..jobs.max(1) {
            let (rows, work, next, tally, binaries) = (&rows, &work, &next, &tally, &binaries);
            scope.spawn(move || {
                while let Some(index) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(row) = rows.get(*index) else { break };
                    let seen = once(root, binaries, job, row, options).unwrap_or_else(|error| {
                        Seen::of_nothing(format!("(not carried out: {error:#})"))
                    });
                    eprintln!("{} {}: {}", row.drill, row.name(), seen.words());
                    let mut tally = tally.lock().unwrap_or_else(PoisonError::into_inner);
                    if let Some(tally) = tally.get_mut(*index) {
                        tally.take(seen);
                    }
                }
            });
        }
    });
    println!(
        "| drill | service | runs | caught by its requirement | what else fell short | inconclusive |"
    );
    println!("|---|---|---|---|---|---|");
    let tally = tally.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (row, tally) in rows.iter().zip(&tally) {
        println!("{}", tally.line(row));
    }
    Ok(())
}

/// The rows that `only` names by defect, by drill or by both (`fault/good`); all of them when it names
/// nothing.
fn chosen(only: &[&str]) -> Result<Vec<Row>> {
    let drills: BTreeSet<&str> = DEFECTS.iter().map(|(_, drill, ..)| *drill).collect();
    let good =
        drills.iter().map(|drill| Row { defect: "", drill, dependency: None, requirement: "" });
    let bad = DEFECTS.iter().map(|(defect, drill, dependency, requirement)| Row {
        defect,
        drill,
        dependency: *dependency,
        requirement,
    });
    let all: Vec<Row> = good.chain(bad).collect();
    if let Some(unknown) = only.iter().find(|wanted| !all.iter().any(|row| row.is_named(wanted))) {
        bail!("`{unknown}` is neither a drill nor a defect that can be planted");
    }
    let is_wanted = |row: &Row| only.is_empty() || only.iter().any(|wanted| row.is_named(wanted));
    Ok(all.into_iter().filter(is_wanted).collect())
}

impl Row {
    fn is_named(&self, wanted: &str) -> bool {
        let is_defect = !self.defect.is_empty() && self.defect == wanted;
        let is_row = || wanted.split_once('/') == Some((self.drill, self.name()));
        self.drill == wanted || is_defect || is_row()
    }

    fn name(&self) -> &str {
        if self.defect.is_empty() { "good" } else { self.defect }
    }
}

/// What one run told.
#[derive(Clone, Debug, Default)]
struct Seen {
    kept: u32,
    /// What fell short, or why nothing is known.
    found: Vec<String>,
    /// Of what nothing could be said, and why.
    open: Vec<(String, String)>,
}

impl Seen {
    fn of_nothing(why: String) -> Self {
        Self { found: vec![why], ..Self::default() }
    }

    /// Reads what a drill prints: a line for each requirement, what was seen below it.
    fn read(told: &str) -> Self {
        let mut seen = Self::default();
        let mut lines = told.lines().peekable();
        while let Some(line) = lines.next() {
            let of = |answer: &str| line.strip_prefix(answer).map(|rest| rest.trim().to_owned());
            seen.kept += u32::from(of("kept ").is_some());
            seen.found.extend(of("fell short "));
            let mut why = || lines.peek().map_or_else(String::new, |why| why.trim().to_owned());
            seen.open.extend(of("inconclusive ").map(|requirement| (requirement, why())));
        }
        seen
    }

    /// Whether the drill kept all that it judges: what could not be told is not kept.
    fn is_clean(&self) -> bool {
        self.kept > 0 && self.found.is_empty() && self.open.is_empty()
    }

    fn words(&self) -> String {
        let open = self.open.iter().map(|(requirement, why)| format!("({requirement}: {why})"));
        self.found.iter().cloned().chain(open).collect::<Vec<_>>().join(", ")
    }
}

/// What came of the runs of one row.
#[derive(Clone, Debug, Default)]
struct Tally {
    runs: u32,
    clean: u32,
    found: BTreeMap<String, u32>,
    open: BTreeMap<String, u32>,
}

impl Tally {
    fn take(&mut self, seen: Seen) {
        self.runs += 1;
        self.clean += u32::from(seen.is_clean());
        for requirement in seen.found {
            *self.found.entry(requirement).or_insert(0) += 1;
        }
        for (requirement, _) in seen.open {
            *self.open.entry(requirement).or_insert(0) += 1;
        }
    }

    fn line(&self, row: &Row) -> String {
        let listed = |counts: &BTreeMap<String, u32>| {
            let others =
                counts.iter().filter(|(requirement, _)| requirement.as_str() != row.requirement);
            let others: Vec<String> =
                others.map(|(requirement, times)| format!("{requirement} {times}")).collect();
            if others.is_empty() { "nothing".to_owned() } else { others.join(", ") }
        };
        let (others, open) = (listed(&self.found), listed(&self.open));
        let caught = if row.defect.is_empty() {
            format!("{} with everything kept", self.clean)
        } else {
            let caught = self.found.get(row.requirement).copied().unwrap_or(0);
            format!("`{}` {caught}", row.requirement)
        };
        let (drill, name, runs) = (row.drill, row.name(), self.runs);
        format!("| {drill} | `{name}` | {runs} | {caught} | {others} | {open} |")
    }
}

/// One run, and what it told.
fn once(root: &Path, binaries: &Path, job: usize, row: &Row, options: &[&str]) -> Result<Seen> {
    let name = format!("gonogo-detect-{}-{job}", std::process::id());
    let folder = std::env::temp_dir().join(name);
    fs::create_dir_all(&folder)?;
    let text = fs::read_to_string(root.join("examples/orders/gonogo.yaml"))?;
    let program = binaries.join("orders").display().to_string();
    let planted = format!("    DEFECT: \"{}\"\n    DATABASE_CONNECTIONS:", row.defect);
    let text =
        text.replace(sample::PROGRAM, &program).replace("    DATABASE_CONNECTIONS:", &planted);
    fs::write(folder.join("gonogo.yaml"), text)?;
    let mut command = Command::new(binaries.join("gonogo"));
    command.args(["drill", row.drill, "--no-record", "--quiet"]).args(options).arg(&folder);
    if let Some(dependency) = row.dependency {
        command.args(["--dependency", dependency]);
    }
    let output = command.output().context("gonogo could not be started")?;
    let told = String::from_utf8_lossy(&output.stdout).into_owned();
    fs::remove_dir_all(&folder)?;
    if !matches!(output.status.code(), Some(0 | 1)) {
        let why = String::from_utf8_lossy(&output.stderr);
        let why = if why.trim().is_empty() { told.trim() } else { why.trim() };
        return Ok(Seen::of_nothing(format!("(not carried out: {why})")));
    }
    let mut seen = Seen::read(&told);
    if !seen.found.iter().any(|requirement| requirement == row.requirement) {
        seen.found.extend(otherwise(&told, row.requirement));
    }
    Ok(seen)
}

/// How else the requirement was answered, with the first line of why: a defect that was missed is understood by it.
fn otherwise(told: &str, requirement: &str) -> Option<String> {
    let mut lines = told.lines().skip_while(|line| {
        let mut words = line.split_whitespace();
        !matches!(words.next(), Some("kept" | "inconclusive")) || words.next() != Some(requirement)
    });
    let answer = lines.next()?.split_whitespace().next()?;
    Some(format!("({answer}: {})", lines.next().unwrap_or_default().trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEPT: &str = "kept          a/b\n              3 found\n";
    const GOOD: Row = Row { defect: "", drill: "load", dependency: None, requirement: "" };

    fn line(told: &[&str]) -> String {
        let mut tally = Tally::default();
        for told in told {
            tally.take(Seen::read(told));
        }
        tally.line(&GOOD)
    }

    #[test]
    fn a_run_is_clean_only_when_everything_is_kept() {
        let open = format!("{KEPT}inconclusive  c/d\n              the generator was late\n");
        let short = format!("{KEPT}fell short    c/d\n              4 lost\n");
        assert_eq!(
            line(&[KEPT, &open, &short, ""]),
            "| load | `good` | 4 | 1 with everything kept | c/d 1 | c/d 1 |"
        );
    }

    #[test]
    fn what_stands_below_a_requirement_is_no_answer() {
        let told = format!("{KEPT}              inconclusive  it says\nnote: fell short of time\n");
        assert!(Seen::read(&told).is_clean());
    }
}
