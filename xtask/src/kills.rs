//! `cargo xtask kills`: kills drills at random moments, and looks for what they left behind.

#![expect(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a tool of the workspace speaks to its developer"
)]

mod traces;
mod trial;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use anyhow::{Result, bail};

use crate::sample;
use trial::Trial;

/// Each drill, and how much of it is of interest, in seconds.
const DRILLS: [(&str, u64); 4] = [("fault", 40), ("load", 40), ("observe", 12), ("lifecycle", 20)];
/// Most is started then, so half of the moments are drawn from it.
const BEGIN_S: u64 = 4;

/// What is drilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Service {
    /// The sample.
    Orders,
    /// The sample, with children that throw away at once all that leads back to who started them.
    Hostile,
}

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Victim {
    Drill,
    Keeper,
    Both,
    /// Nothing: SIGINT to the keeper.
    Asked,
    /// Nothing: SIGINT to both, as a terminal sends it.
    AskedBoth,
}

const VICTIMS: [Victim; 5] =
    [Victim::Drill, Victim::Keeper, Victim::Both, Victim::Asked, Victim::AskedBoth];

impl Victim {
    fn words(self) -> &'static str {
        match self {
            Self::Drill => "SIGKILL of the drill",
            Self::Keeper => "SIGKILL of the keeper",
            Self::Both => "SIGKILL of both at once",
            Self::Asked => "SIGINT of the keeper",
            Self::AskedBoth => "SIGINT of both at once",
        }
    }
}

/// One kill.
#[derive(Clone, Copy, Debug)]
struct Kill {
    service: Service,
    drill: &'static str,
    victim: Victim,
    after: Duration,
}

impl Kill {
    /// The kill with this number of a sequence that `seed` begins.
    fn drawn(number: u64, seed: u64) -> Self {
        let pick = |from: u64, of: u64| usize::try_from(from % of).unwrap_or_default();
        let (drill, span_s) = DRILLS[pick(number, 4)];
        let victim = VICTIMS[pick(number / 4, 5)];
        let service =
            if (number / 20).is_multiple_of(2) { Service::Hostile } else { Service::Orders };
        let random = mixed(seed.wrapping_mul(1_000_003).wrapping_add(number));
        let span_s = if random.is_multiple_of(2) { BEGIN_S } else { span_s };
        let after = Duration::from_millis((random >> 1) % (span_s * 1000));
        Self { service, drill, victim, after }
    }
}

/// `SplitMix64`, <https://prng.di.unimi.it/splitmix64.c>.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// What was found after a kill.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Left {
    /// It had ended before.
    was_over: bool,
    /// Processes before `gonogo drill recover`.
    before: usize,
    /// Processes after it.
    processes: usize,
    /// Sockets that the drill had listened on and that still listen.
    ports: usize,
    /// Files that are there, gone, or other than before.
    files: Vec<String>,
    /// What did not end as it should.
    trouble: Vec<String>,
}

impl Left {
    fn is_clean(&self) -> bool {
        self.processes == 0 && self.ports == 0 && self.files.is_empty() && self.trouble.is_empty()
    }

    fn words(&self) -> String {
        let (over, before) = (if self.was_over { "over before; " } else { "" }, self.before);
        if self.is_clean() {
            return format!("{over}{before} before recovery, nothing left");
        }
        let (processes, ports, files) = (self.processes, self.ports, &self.files);
        let trouble = self.trouble.join("; ");
        format!("{over}{processes} processes, {ports} ports, files {files:?} left {trouble}")
    }
}

/// Kills drills `count` times, `jobs` at once, and prints a table.
pub(crate) fn run(root: &Path, count: u32, jobs: u32, seed: u64) -> Result<()> {
    let binaries = sample::build(root, "dev")?;
    let (next, table) = (AtomicU64::new(0), Mutex::new(Table::default()));
    thread::scope(|scope| {
        for job in 0..jobs.max(1) {
            let (next, table, binaries) = (&next, &table, &binaries);
            scope.spawn(move || {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= u64::from(count) {
                        return;
                    }
                    let kill = Kill::drawn(number, seed);
                    let left = once(root, binaries, job, &kill).unwrap_or_else(|error| Left {
                        trouble: vec![format!("{error:#}")],
                        ..Left::default()
                    });
                    eprintln!("{number}: {kill:?}: {}", left.words());
                    table.lock().unwrap_or_else(PoisonError::into_inner).take(&kill, &left);
                }
            });
        }
    });
    let table = table.into_inner().unwrap_or_else(PoisonError::into_inner);
    println!("{}", table.text());
    if table.is_broken() {
        bail!("something was left");
    }
    Ok(())
}

fn once(root: &Path, binaries: &Path, job: u32, kill: &Kill) -> Result<Left> {
    Trial::new(root, binaries, job, kill.service)?.killed(kill)
}

/// What came of all kills, by what was drilled and what was killed.
#[derive(Debug, Default)]
struct Table(BTreeMap<(Service, Victim), Row>);

#[derive(Debug, Default)]
struct Row {
    kills: u32,
    over: u32,
    clean: u32,
    unaided: u32,
    drills: BTreeMap<&'static str, u32>,
}

impl Table {
    fn take(&mut self, kill: &Kill, left: &Left) {
        let row = self.0.entry((kill.service, kill.victim)).or_default();
        row.kills += 1;
        row.over += u32::from(left.was_over);
        row.clean += u32::from(left.is_clean());
        row.unaided += u32::from(left.is_clean() && left.before == 0);
        *row.drills.entry(kill.drill).or_default() += 1;
    }

    /// Whether something was left where it must not be. What cuts every tie while nobody looks is not found when both are killed.
    fn is_broken(&self) -> bool {
        let known = (Service::Hostile, Victim::Both);
        self.0.iter().any(|(of, row)| *of != known && row.clean < row.kills)
    }

    fn text(&self) -> String {
        let mut lines = vec![
            "| what was done | service | drills | of them over before | no process left even before recovery | nothing left after it |".to_owned(),
            "|---|---|---|---|---|---|".to_owned(),
        ];
        for ((service, victim), row) in &self.0 {
            let drills: Vec<_> =
                row.drills.iter().map(|(drill, times)| format!("{drill} {times}")).collect();
            lines.push(format!(
                "| {} | {service:?} | {} | {} | {} | {} of {} |",
                victim.words(),
                drills.join(", "),
                row.over,
                row.unaided,
                row.clean,
                row.kills
            ));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(service: Service, victim: Victim, left: &Left) -> Table {
        let mut table = Table::default();
        let kill = Kill { service, drill: "load", victim, after: Duration::ZERO };
        table.take(&kill, left);
        table
    }

    #[test]
    fn every_drill_is_killed_in_every_way_on_both_services() {
        let drawn: std::collections::BTreeSet<_> = (0..40)
            .map(|number| Kill::drawn(number, 1))
            .map(|kill| (kill.service, kill.drill, kill.victim))
            .collect();
        assert_eq!(drawn.len(), 40);
    }

    #[test]
    fn whatever_is_left_breaks_the_table_but_what_is_known() {
        let left = Left { processes: 1, ..Left::default() };
        assert!(table(Service::Orders, Victim::Both, &left).is_broken());
        assert!(table(Service::Hostile, Victim::Drill, &left).is_broken());
        assert!(!table(Service::Hostile, Victim::Both, &left).is_broken());
        let changed = Left { files: vec![".gonogo".to_owned()], ..Left::default() };
        assert!(table(Service::Orders, Victim::Asked, &changed).is_broken());
        assert!(!table(Service::Orders, Victim::Asked, &Left::default()).is_broken());
    }
}
