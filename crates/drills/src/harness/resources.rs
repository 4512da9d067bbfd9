//! What the processes of a service use, sampled while a drill runs.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use procfs::process::{LimitValue, Process};

use super::ticker::Ticker;

const INTERVAL: Duration = Duration::from_millis(250);

/// What was used at one moment, all processes under one leader together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sample {
    /// When.
    pub at: Instant,
    /// Memory that belongs to the processes alone (`RssAnon`), in bytes.
    pub memory_bytes: u64,
    /// Open file descriptors.
    pub descriptors: u64,
    /// Threads.
    pub threads: u64,
    /// Processor time used since the start, in seconds.
    pub cpu_s: f64,
}

/// Samples on a thread of its own until it is dropped.
#[derive(Debug)]
pub struct Sampler {
    samples: Arc<Mutex<Vec<Sample>>>,
    _ticker: Ticker,
}

impl Sampler {
    /// Watches process `leader` and everything below it, four times a second.
    pub fn start(leader: u32) -> Self {
        let samples: Arc<Mutex<Vec<Sample>>> = Arc::default();
        let ticker = Ticker::start({
            let samples = samples.clone();
            move || {
                let sample = sample(leader)?;
                samples.lock().unwrap_or_else(PoisonError::into_inner).push(sample);
                Some(INTERVAL)
            }
        });
        Self { samples, _ticker: ticker }
    }

    /// All samples so far.
    pub fn samples(&self) -> Vec<Sample> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What process `leader` and its descendants use now; `None` when it is gone.
pub fn sample(leader: u32) -> Option<Sample> {
    let mut total =
        Sample { at: Instant::now(), memory_bytes: 0, descriptors: 0, threads: 0, cpu_s: 0.0 };
    for process in family_of(i32::try_from(leader).ok()?)? {
        add(&mut total, &process);
    }
    Some(total)
}

#[expect(
    clippy::cast_precision_loss,
    reason = "ticks since the start of a process stay far below 2^52"
)]
fn add(total: &mut Sample, process: &Process) {
    let (Ok(stat), Ok(status)) = (process.stat(), process.status()) else { return };
    total.memory_bytes += status.rssanon.unwrap_or_default() * 1024;
    total.descriptors += process.fd_count().unwrap_or_default() as u64;
    total.threads += status.threads;
    let ticks = (stat.utime + stat.stime) as f64;
    total.cpu_s += ticks / procfs::ticks_per_second() as f64;
}

/// The process and everything below it, found by the kernel's own lists of children.
pub(crate) fn family(leader: u32) -> Vec<Process> {
    i32::try_from(leader).ok().and_then(family_of).unwrap_or_default()
}

pub(super) fn family_of(leader: i32) -> Option<Vec<Process>> {
    let mut family = vec![Process::new(leader).ok().filter(Process::is_alive)?];
    let mut next = 0;
    while let Some(process) = family.get(next) {
        let children: Vec<_> = process
            .tasks()
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|task| task.children().ok())
            .flatten()
            .filter_map(|pid| Process::new(i32::try_from(pid).ok()?).ok())
            .collect();
        family.extend(children);
        next += 1;
    }
    Some(family)
}

/// Whether `leader` or a process below it holds nearly all descriptors that it may have.
pub(crate) fn is_out_of_descriptors(leader: u32) -> bool {
    family(leader).iter().any(|process| {
        let limit = process.limits().ok().map(|limits| limits.max_open_files.soft_limit);
        match (limit, process.fd_count()) {
            (Some(LimitValue::Value(limit)), Ok(held)) => held as u64 * 10 >= limit * 9,
            _ => false,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn children_are_counted_with_their_parent() {
        let own = std::process::id();
        let before = sample(own).unwrap();
        let mut child = std::process::Command::new("sleep").arg("600").spawn().unwrap();
        let with = sample(own).unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(with.threads > before.threads, "{before:?} {with:?}");
        assert!(before.memory_bytes > 0 && before.descriptors > 2 && before.cpu_s >= 0.0);
    }

    #[test]
    fn a_process_that_is_gone_has_no_sample() {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert_eq!(sample(pid), None);
    }
}
