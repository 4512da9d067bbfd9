//! Processor time of this thread and of the machine.

use std::time::Instant;

use rustix::time::{ClockId, clock_gettime};

use super::record::Machine;

/// The readings at a run's start.
pub(super) struct MachineWatch {
    started: Instant,
    at_start: MachineTime,
}

/// Processor time of the machine since it was started, in seconds of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct MachineTime {
    pub(super) busy_s: f64,
    pub(super) idle_s: f64,
    pub(super) stolen_s: f64,
    pub(super) cores: f64,
}

impl MachineWatch {
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), at_start: MachineTime::now() }
    }

    /// What was taken since then; the generator's own time is added by its threads.
    pub(super) fn stop(&self) -> Machine {
        let now = MachineTime::now();
        Machine {
            wall_s: self.started.elapsed().as_secs_f64(),
            cores: now.cores,
            own_s: 0.0,
            busy_s: (now.busy_s - self.at_start.busy_s).max(0.0),
            stolen_s: (now.stolen_s - self.at_start.stolen_s).max(0.0),
        }
    }
}

impl MachineTime {
    /// Reads `/proc/stat`; all zero where there is none.
    pub(super) fn now() -> Self {
        std::fs::read_to_string("/proc/stat").map(|text| Self::of(&text)).unwrap_or_default()
    }

    fn of(text: &str) -> Self {
        // The kernel counts in hundredths of a second wherever this runs (USER_HZ).
        let field = |index: usize| {
            let line = text.lines().next().unwrap_or("");
            let ticks = line.split_whitespace().nth(index).and_then(|field| field.parse().ok());
            ticks.unwrap_or(0.0_f64) / 100.0
        };
        // cpu user nice system idle iowait irq softirq steal
        let busy_s = [1, 2, 3, 6, 7].into_iter().map(field).sum();
        let idle_s = field(4) + field(5);
        let is_core = |line: &&str| {
            line.strip_prefix("cpu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        let cores = text.lines().filter(is_core).map(|_| 1.0).sum();
        Self { busy_s, idle_s, stolen_s: field(8), cores }
    }
}

/// Processor time that the calling thread has taken, in seconds.
pub(super) fn thread_cpu_s() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "seconds and nanoseconds of a thread's life")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kernels_counters_become_seconds_of_one_core() {
        let text = "cpu  100 200 300 4000 500 10 20 30 0 0\ncpu0 1 2\ncpu1 1 2\nintr 5\n";
        let time = MachineTime::of(text);
        assert!((time.busy_s - 6.3).abs() < 1e-9);
        assert!((time.idle_s - 45.0).abs() < 1e-9);
        assert!((time.stolen_s - 0.3).abs() < 1e-9);
        assert!((time.cores - 2.0).abs() < 1e-9);
        assert_eq!(MachineTime::of(""), MachineTime::default());
    }
}
