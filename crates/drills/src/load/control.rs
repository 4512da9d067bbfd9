//! The handle by which other threads stop a run, look at it, and hear of each request.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use super::{Counts, Histogram, Outcome};

/// Stops a run, shows its progress, and passes on what was exchanged. Clones are the same handle; one handle serves one run.
#[derive(Clone, Debug, Default)]
pub struct Control(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_stopped: AtomicBool,
    live: Mutex<Vec<Live>>,
    exchanges: Mutex<Option<(Watch, Sender<Exchange>)>>,
}

/// What one worker published last.
#[derive(Clone, Debug, Default)]
pub(super) struct Live {
    pub(super) elapsed: Duration,
    pub(super) counts: Counts,
    pub(super) in_flight: u64,
    pub(super) queued: u64,
    /// Answers of the window, and how long the window was.
    pub(super) window: Duration,
    pub(super) latency: Histogram,
}

/// How a run is doing at the moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Progress {
    /// Since the start.
    pub elapsed: Duration,
    /// How requests ended so far.
    pub counts: Counts,
    /// Requests on their way.
    pub in_flight: u64,
    /// Requests that are due and wait for a connection.
    pub queued: u64,
    /// Requests that ended per second, over the last second or so.
    pub per_s: f64,
    /// Median latency from the intended start over the same time.
    pub p50: Duration,
    /// 99th percentile over the same time.
    pub p99: Duration,
}

/// Which requests are told one by one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Watch {
    /// Those that ended well and whose journey captures a value: writes that the service acknowledged.
    Acknowledged,
    /// Each that was sent.
    All,
}

/// One request and how it ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Its number in the schedule, the same as `{seq}`.
    pub sequence: u64,
    /// Which of the plan's journeys.
    pub journey: usize,
    /// Intended start, since the start of the run.
    pub due: Duration,
    /// When it was sent, since the start of the run.
    pub sent: Duration,
    /// When it ended, since the start of the run.
    pub ended: Duration,
    /// How it ended.
    pub outcome: Outcome,
    /// Status of the answer, if there was one.
    pub status: Option<u16>,
    /// Whether the connection had carried a request before.
    pub is_reused: bool,
    /// Trace id that it carried, 32 hexadecimal digits.
    pub trace_id: Option<String>,
    /// Values captured from the answer.
    pub captured: Vec<(String, String)>,
    /// The answer's body, up to 4096 bytes; with [`Watch::All`] only.
    pub body: String,
}

impl Control {
    /// A handle for one run.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends the run at once; what is on its way becomes [`Outcome::Stopped`].
    pub fn stop(&self) {
        self.0.is_stopped.store(true, Ordering::Relaxed);
    }

    /// Whether the run was stopped by hand.
    pub fn is_stopped(&self) -> bool {
        self.0.is_stopped.load(Ordering::Relaxed)
    }

    /// Asks for exchanges to be told, from the start of the run. The channel has no bound: read it while the run goes on.
    pub fn exchanges(&self, watch: Watch) -> Receiver<Exchange> {
        let (sender, receiver) = channel();
        *self.0.exchanges.lock().unwrap_or_else(PoisonError::into_inner) = Some((watch, sender));
        receiver
    }

    /// How the run is doing; at most 100 ms old.
    pub fn progress(&self) -> Progress {
        let live = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        let mut progress = Progress::default();
        let mut latency = Histogram::coarse();
        for worker in live.iter() {
            progress.elapsed = progress.elapsed.max(worker.elapsed);
            progress.counts += worker.counts;
            progress.in_flight += worker.in_flight;
            progress.queued += worker.queued;
            if !worker.window.is_zero() {
                #[expect(clippy::cast_precision_loss, reason = "a rate to look at")]
                let answers = worker.latency.count() as f64;
                progress.per_s += answers / worker.window.as_secs_f64();
            }
            latency.merge(&worker.latency);
        }
        progress.p50 = latency.quantile(0.5);
        progress.p99 = latency.quantile(0.99);
        progress
    }

    /// What a worker has to tell to whom, taken when it starts.
    pub(super) fn watch(&self) -> Option<(Watch, Sender<Exchange>)> {
        self.0.exchanges.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows how worker number `index` is doing.
    pub(super) fn publish(&self, index: usize, live: Live) {
        let mut all = self.0.live.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() <= index {
            all.resize_with(index + 1, Live::default);
        }
        if let Some(slot) = all.get_mut(index) {
            *slot = live;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_sums_what_the_workers_published_last() {
        let control = Control::new();
        for index in 0..2 {
            let mut latency = Histogram::coarse();
            latency.record(Duration::from_millis(10));
            let live = Live { window: Duration::from_millis(500), latency, ..Live::default() };
            control.publish(index, live.clone());
            control.publish(index, live);
        }
        let progress = control.progress();
        assert!((progress.per_s - 4.0).abs() < 1e-9);
        assert!(progress.p99 >= Duration::from_millis(9));
    }
}
