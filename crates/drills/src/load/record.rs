//! What a run brought: counts, histograms, and one record per second. Records of several processes merge exactly.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{Counts, Histogram, Outcome, PackedHistogram};

/// What a run brought.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Record {
    /// When the first request was due.
    pub started_at: Timestamp,
    /// How long the schedule was; less if the run was stopped.
    pub lasted: Duration,
    /// From the start to the end of the last request.
    pub ended_after: Duration,
    /// Whether the run was a closed loop, where latencies say nothing about users.
    pub is_closed_loop: bool,
    /// Whether it was stopped by hand.
    pub is_stopped: bool,
    /// One per journey, as in the plan.
    pub journeys: Vec<JourneyRecord>,
    /// The generator's own lateness: from the later of due time and a connection being free, to the sending.
    pub slip: Histogram,
    /// From the due time to the sending: the slip, and the wait for a connection.
    pub wait: Histogram,
    /// Requests given to a connection more than 10 ms after the schedule's end: the offered rate was missed by them.
    pub late: u64,
    /// One per second of intended start.
    pub seconds: Vec<Second>,
    /// Connections used.
    pub connections: Connections,
    /// Processor time taken meanwhile.
    pub machine: Machine,
    /// Texts of errors with how often they occurred; at most 32 different ones are kept.
    pub errors: BTreeMap<String, u64>,
}

/// What became of one journey's requests.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct JourneyRecord {
    /// Its name.
    pub name: String,
    /// Whether its method is idempotent, so that clients may send it again.
    pub is_idempotent: bool,
    /// How requests ended on connections that had carried none before. Unsent ones count here.
    pub on_new: Counts,
    /// How requests ended on connections that had carried one before.
    pub on_reused: Counts,
    /// Answers by status.
    pub statuses: BTreeMap<u16, u64>,
    /// From the intended start to the end, of each request but the stopped ones. Failures are in it; unsent ones are as long as they waited.
    pub latency: Histogram,
    /// From the intended start to the end, of those that ended well.
    pub latency_ok: Histogram,
    /// From the sending to the end, of each that was sent and not stopped.
    pub service_time: Histogram,
}

impl JourneyRecord {
    /// How requests ended, whatever the connection.
    pub fn counts(&self) -> Counts {
        let mut counts = self.on_new;
        counts += self.on_reused;
        counts
    }

    /// Those that a user would have seen fail.
    pub fn failures(&self) -> u64 {
        self.counts().failures(self.is_idempotent)
    }
}

/// What became of the requests due in one second.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Seconds since the start.
    pub index: u64,
    /// How they ended.
    pub counts: Counts,
    /// Requests, whenever due, that ended in this second.
    pub ended: u64,
    /// Latency from the intended start, to two significant digits.
    pub latency: PackedHistogram,
}

/// Connections used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connections {
    /// As many as were allowed at a time.
    pub limit: u64,
    /// Opened over the whole run.
    pub opened: u64,
    /// Could not be opened, for whatever reason.
    pub failed: u64,
    /// Closed by the service while idle, which harms no request.
    pub closed_idle: u64,
    /// The most that were open at a time.
    pub most: u64,
    /// Requests that were due while every connection was busy.
    pub waited_for: u64,
}

/// Processor time taken meanwhile, in seconds of one core.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Machine {
    /// How long was measured.
    pub wall_s: f64,
    /// Cores of the machine.
    pub cores: f64,
    /// By the generator's threads.
    pub own_s: f64,
    /// By everything on the machine, the generator and the service included.
    pub busy_s: f64,
    /// Taken from this machine by its host.
    pub stolen_s: f64,
}

impl Machine {
    /// Share of one core that the generator took.
    pub fn own_share(&self) -> f64 {
        if self.wall_s > 0.0 { self.own_s / self.wall_s } else { 0.0 }
    }

    /// Share of the whole machine that others took, the service included.
    pub fn foreign_share(&self) -> f64 {
        let all = self.wall_s * self.cores;
        if all > 0.0 {
            ((self.busy_s + self.stolen_s - self.own_s) / all).clamp(0.0, 1.0)
        } else {
            0.0
        }
    }
}

/// The most different texts of errors that are kept.
pub(super) const ERROR_TEXTS: usize = 32;

impl Record {
    /// How requests ended, over all journeys.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for journey in &self.journeys {
            counts += journey.counts();
        }
        counts
    }

    /// All requests that were due.
    pub fn scheduled(&self) -> u64 {
        self.counts().total()
    }

    /// Requests given to a connection.
    pub fn sent(&self) -> u64 {
        self.counts().sent()
    }

    /// Requests that could not be sent.
    pub fn unsent(&self) -> u64 {
        self.counts().of(Outcome::Unsent)
    }

    /// Requests that a user would have seen fail.
    pub fn failures(&self) -> u64 {
        self.journeys.iter().map(JourneyRecord::failures).sum()
    }

    /// Latency from the intended start, over all journeys.
    pub fn latency(&self) -> Histogram {
        self.over_journeys(|journey| &journey.latency)
    }

    /// Time from the sending to the end, over all journeys.
    pub fn service_time(&self) -> Histogram {
        self.over_journeys(|journey| &journey.service_time)
    }

    fn over_journeys(&self, of: impl Fn(&JourneyRecord) -> &Histogram) -> Histogram {
        let mut all = Histogram::new();
        for journey in &self.journeys {
            all.merge(of(journey));
        }
        all
    }

    /// Adds what another thread or process brought for its part of the same plan.
    pub fn merge(&mut self, other: &Self) {
        self.started_at = self.started_at.min(other.started_at);
        self.lasted = self.lasted.max(other.lasted);
        self.ended_after = self.ended_after.max(other.ended_after);
        self.is_closed_loop |= other.is_closed_loop;
        self.is_stopped |= other.is_stopped;
        for (index, journey) in other.journeys.iter().enumerate() {
            match self.journeys.get_mut(index) {
                Some(own) => own.merge(journey),
                None => self.journeys.push(journey.clone()),
            }
        }
        self.slip.merge(&other.slip);
        self.wait.merge(&other.wait);
        self.late += other.late;
        self.merge_seconds(&other.seconds);
        self.connections.merge(other.connections);
        self.machine.merge(other.machine);
        for (text, count) in &other.errors {
            self.count_error(text, *count);
        }
    }

    fn merge_seconds(&mut self, others: &[Second]) {
        let mut seconds: BTreeMap<u64, Second> = std::mem::take(&mut self.seconds)
            .into_iter()
            .map(|second| (second.index, second))
            .collect();
        for other in others {
            let second = seconds
                .entry(other.index)
                .or_insert_with(|| Second { index: other.index, ..Second::default() });
            second.counts += other.counts;
            second.ended += other.ended;
            second.latency.merge(&other.latency.unpack());
        }
        self.seconds = seconds.into_values().collect();
    }

    /// Counts an error's text, as long as not too many different ones are known.
    pub(super) fn count_error(&mut self, text: &str, count: u64) {
        if let Some(counted) = self.errors.get_mut(text) {
            *counted += count;
        } else if self.errors.len() < ERROR_TEXTS {
            self.errors.insert(text.to_owned(), count);
        }
    }
}

impl JourneyRecord {
    fn merge(&mut self, other: &Self) {
        self.on_new += other.on_new;
        self.on_reused += other.on_reused;
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.latency.merge(&other.latency);
        self.latency_ok.merge(&other.latency_ok);
        self.service_time.merge(&other.service_time);
    }
}

impl Connections {
    fn merge(&mut self, other: Self) {
        self.limit += other.limit;
        self.opened += other.opened;
        self.failed += other.failed;
        self.closed_idle += other.closed_idle;
        self.most += other.most;
        self.waited_for += other.waited_for;
    }
}

impl Machine {
    /// Processes on one machine see the same machine, and each its own time.
    fn merge(&mut self, other: Self) {
        self.wall_s = self.wall_s.max(other.wall_s);
        self.cores = self.cores.max(other.cores);
        self.own_s += other.own_s;
        self.busy_s = self.busy_s.max(other.busy_s);
        self.stolen_s = self.stolen_s.max(other.stolen_s);
    }
}
