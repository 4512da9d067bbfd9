//! How hard threads work, and how long they wait for a core: what tells a service at its limit from one that the machine starves.

use std::collections::BTreeMap;
use std::time::Instant;

use procfs::process::Process;

/// A thread that wants a core for this share of the time does nothing else.
const FULL: f64 = 0.85;
/// Of the time that a busy thread wants a core, the share without one above which the machine is the limit.
const STARVED: f64 = 0.3;

/// Processor time of each thread of some processes at one moment, in seconds: used, and waited for.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    at: Instant,
    threads: BTreeMap<i32, (f64, f64)>,
}

/// What some processes took between two moments.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Strain {
    /// Seconds of processor time of all threads.
    pub(super) cpu_s: f64,
    /// Share of the time that the busiest thread wanted a core.
    pub(super) busiest: f64,
    /// Of that, the share that it got none.
    pub(super) starved: f64,
}

/// A process and all that it started, as far as they live.
pub(super) fn pids(leader: u32) -> Vec<i32> {
    crate::harness::family(leader).iter().map(Process::pid).collect()
}

impl Reading {
    /// The threads of `pids` now; those whose processes are gone are left out.
    pub(super) fn of(pids: &[i32]) -> Self {
        let threads = pids
            .iter()
            .filter_map(|pid| Process::new(*pid).ok()?.tasks().ok())
            .flat_map(|tasks| tasks.flatten().collect::<Vec<_>>())
            .filter_map(|task| {
                let path = format!("/proc/{}/task/{}/schedstat", task.pid, task.tid);
                Some((task.tid, parsed(&std::fs::read_to_string(path).ok()?)?))
            })
            .collect();
        Self { at: Instant::now(), threads }
    }

    /// What was taken from `self` until `later`.
    pub(super) fn until(&self, later: &Self) -> Strain {
        let wall_s = later.at.duration_since(self.at).as_secs_f64();
        let mut strain = Strain::default();
        for (thread, (cpu_s, without_s)) in &later.threads {
            let (cpu_before, idle_before) = self.threads.get(thread).copied().unwrap_or_default();
            let (cpu_s, without_s) = (cpu_s - cpu_before, without_s - idle_before);
            strain.cpu_s += cpu_s;
            let demand_s = cpu_s + without_s;
            if wall_s > 0.0 && demand_s / wall_s > strain.busiest {
                strain.busiest = demand_s / wall_s;
                strain.starved = without_s / demand_s;
            }
        }
        strain
    }
}

impl Strain {
    /// Whether one of its threads does nothing but compute.
    pub(super) fn is_full(&self) -> bool {
        self.busiest >= FULL
    }

    /// Whether the machine kept from it what it needed.
    pub(super) fn is_starved(&self) -> bool {
        self.is_full() && self.starved > STARVED
    }
}

/// Seconds used and waited for, from `/proc/PID/task/TID/schedstat`.
fn parsed(text: &str) -> Option<(f64, f64)> {
    let mut fields = text.split_whitespace().map(|field| field.parse::<f64>().ok());
    Some((fields.next()?? / 1e9, fields.next()?? / 1e9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn readings(cpu_s: f64, without_s: f64) -> Strain {
        let at = Instant::now();
        let before = Reading { at, threads: BTreeMap::from([(1, (1.0, 1.0)), (2, (0.0, 0.0))]) };
        let later = Reading {
            at: at + Duration::from_secs(10),
            threads: BTreeMap::from([(1, (1.0 + cpu_s, 1.0 + without_s)), (2, (1.0, 0.0))]),
        };
        before.until(&later)
    }

    #[test]
    fn a_thread_that_computes_all_the_time_is_full() {
        let strain = readings(9.0, 0.5);
        assert!(strain.is_full() && !strain.is_starved(), "{strain:?}");
        assert!((strain.cpu_s - 10.0).abs() < 1e-9);
    }

    #[test]
    fn one_that_waits_for_a_core_is_starved_and_an_idle_one_is_not() {
        assert!(readings(5.0, 4.5).is_starved());
        assert!(!readings(1.0, 2.0).is_starved());
    }

    #[test]
    fn the_kernels_line_is_read() {
        assert_eq!(parsed("1500000000 250000000 12\n"), Some((1.5, 0.25)));
        assert_eq!(parsed(""), None);
        let own = i32::try_from(std::process::id()).unwrap();
        assert!(!Reading::of(&[own]).threads.is_empty());
    }
}
