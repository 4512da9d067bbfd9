//! What one worker counts while a run goes on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use super::control::{Control, Exchange, Live, Watch};
use super::histogram::PackedHistogram;
use super::record::{JourneyRecord, Record, Second};
use super::script::Script;
use super::{Counts, Histogram, Outcome};

/// Seconds kept open at a time; older ones are packed and opened again if need be.
const OPEN_SECONDS: usize = 8;

/// How often progress is shown.
const PUBLISH_NS: u64 = 100_000_000;

/// How long a window of progress is.
const WINDOW_NS: u64 = 1_000_000_000;

/// Time after the schedule's end within which a request still counts as sent in time.
const LATE_NS: u64 = 10_000_000;

/// Bytes of an answer's body that are told with an exchange.
const TOLD_BODY: usize = 4096;

/// A request on its way.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct InFlight {
    pub(super) sequence: u64,
    pub(super) journey: usize,
    pub(super) due_ns: u64,
    pub(super) sent_ns: u64,
}

/// How a request ended, besides when.
#[derive(Debug, Default)]
pub(super) struct Ending<'a> {
    pub(super) status: Option<u16>,
    pub(super) is_reused: bool,
    pub(super) captured: Vec<(String, String)>,
    pub(super) body: &'a [u8],
}

/// One worker's counts.
pub(super) struct Tally {
    script: Arc<Script>,
    record: Record,
    seconds: Seconds,
    counts: Counts,
    watch: Option<(Watch, Sender<Exchange>)>,
    worker: usize,
    window: Histogram,
    window_start_ns: u64,
    shown: (Histogram, u64),
    published_ns: u64,
    schedule_end_ns: u64,
}

impl Tally {
    /// Nothing counted yet.
    pub(super) fn new(
        script: &Arc<Script>,
        control: &Control,
        worker: usize,
        schedule_end_ns: u64,
    ) -> Self {
        let journeys = script
            .journeys
            .iter()
            .map(|scene| JourneyRecord {
                name: scene.name.clone(),
                is_idempotent: scene.is_idempotent(),
                ..JourneyRecord::default()
            })
            .collect();
        Self {
            script: Arc::clone(script),
            record: Record { journeys, ..Record::default() },
            seconds: Seconds::default(),
            counts: Counts::default(),
            watch: control.watch(),
            worker,
            window: Histogram::coarse(),
            window_start_ns: 0,
            shown: (Histogram::coarse(), 0),
            published_ns: 0,
            schedule_end_ns,
        }
    }

    /// Whether bodies are told to somebody.
    pub(super) fn tells_bodies(&self) -> bool {
        matches!(self.watch, Some((Watch::All, _)))
    }

    /// A request was given to a connection; one was free since `free_ns`.
    pub(super) fn sent(&mut self, due_ns: u64, sent_ns: u64, free_ns: u64) {
        self.record.slip.record_ns(sent_ns.saturating_sub(due_ns.max(free_ns)));
        self.record.wait.record_ns(sent_ns.saturating_sub(due_ns));
        if free_ns > due_ns {
            self.record.connections.waited_for += 1;
        }
        if sent_ns > self.schedule_end_ns + LATE_NS {
            self.record.late += 1;
        }
    }

    /// A request that was sent ended.
    pub(super) fn ended(
        &mut self,
        request: InFlight,
        ended_ns: u64,
        outcome: Outcome,
        ending: Ending,
    ) {
        let InFlight { journey, due_ns, sent_ns, .. } = request;
        let latency_ns = ended_ns.saturating_sub(due_ns);
        self.counts.add(outcome);
        let measured = (outcome != Outcome::Stopped).then_some(latency_ns);
        self.seconds.ended(due_ns, ended_ns, outcome, measured);
        if let Some(record) = self.record.journeys.get_mut(journey) {
            let counts = if ending.is_reused { &mut record.on_reused } else { &mut record.on_new };
            counts.add(outcome);
            if let Some(status) = ending.status {
                *record.statuses.entry(status).or_default() += 1;
            }
            if measured.is_some() {
                record.latency.record_ns(latency_ns);
                record.service_time.record_ns(ended_ns.saturating_sub(sent_ns));
            }
            if outcome == Outcome::Ok {
                record.latency_ok.record_ns(latency_ns);
            }
        }
        if measured.is_some() {
            self.window.record_ns(latency_ns);
        }
        if self.watch.is_some() {
            self.tell(request, ended_ns, outcome, ending);
        }
    }

    /// A request never found a connection.
    pub(super) fn unsent(&mut self, journey: usize, due_ns: u64, given_up_ns: u64) {
        let waited_ns = given_up_ns.saturating_sub(due_ns);
        self.counts.add(Outcome::Unsent);
        self.seconds.ended(due_ns, given_up_ns, Outcome::Unsent, Some(waited_ns));
        if let Some(record) = self.record.journeys.get_mut(journey) {
            record.on_new.add(Outcome::Unsent);
            record.latency.record_ns(waited_ns);
        }
    }

    #[cold]
    fn tell(&mut self, request: InFlight, ended_ns: u64, outcome: Outcome, ending: Ending) {
        let Some((watch, sender)) = &self.watch else { return };
        let is_acknowledged = outcome == Outcome::Ok && !ending.captured.is_empty();
        if *watch == Watch::Acknowledged && !is_acknowledged {
            return;
        }
        let told = ending.body.get(..TOLD_BODY).unwrap_or(ending.body);
        let exchange = Exchange {
            sequence: request.sequence,
            journey: request.journey,
            due: Duration::from_nanos(request.due_ns),
            sent: Duration::from_nanos(request.sent_ns),
            ended: Duration::from_nanos(ended_ns),
            outcome,
            status: ending.status,
            is_reused: ending.is_reused,
            trace_id: self.script.trace_id(request.sequence),
            captured: ending.captured,
            body: String::from_utf8_lossy(told).into_owned(),
        };
        if sender.send(exchange).is_err() {
            self.watch = None;
        }
    }

    /// Something failed, and this is the text of it.
    #[cold]
    pub(super) fn error(&mut self, text: &str) {
        self.record.count_error(text, 1);
    }

    /// The record of connections, to count in.
    pub(super) fn connections(&mut self) -> &mut super::record::Connections {
        &mut self.record.connections
    }

    /// Shows progress, if it is time.
    pub(super) fn publish(
        &mut self,
        control: &Control,
        now_ns: u64,
        in_flight: u64,
        queued: impl FnOnce() -> u64,
    ) {
        if now_ns < self.published_ns + PUBLISH_NS {
            return;
        }
        self.published_ns = now_ns;
        let window_ns = now_ns - self.window_start_ns;
        if window_ns >= WINDOW_NS {
            self.shown = (self.window.clone(), window_ns);
            self.window.clear();
            self.window_start_ns = now_ns;
        }
        let is_first = self.shown.1 == 0;
        let (latency, window_ns) =
            if is_first { (self.window.clone(), window_ns) } else { self.shown.clone() };
        control.publish(
            self.worker,
            Live {
                elapsed: Duration::from_nanos(now_ns),
                counts: self.counts,
                in_flight,
                queued: queued(),
                window: Duration::from_nanos(window_ns),
                latency,
            },
        );
    }

    /// The record of all that was counted.
    pub(super) fn finish(mut self, ended_ns: u64) -> Record {
        self.record.ended_after = Duration::from_nanos(ended_ns);
        self.record.seconds = self.seconds.finish();
        self.record
    }
}

/// Seconds of intended start, the late ones open.
#[derive(Default)]
struct Seconds {
    open: Vec<OpenSecond>,
    packed: BTreeMap<u64, Second>,
    spare: Vec<Histogram>,
}

struct OpenSecond {
    index: u64,
    counts: Counts,
    ended: u64,
    latency: Histogram,
}

const SECOND_NS: u64 = 1_000_000_000;

impl Seconds {
    fn ended(&mut self, due_ns: u64, ended_ns: u64, outcome: Outcome, latency_ns: Option<u64>) {
        let (due_second, ended_second) = (due_ns / SECOND_NS, ended_ns / SECOND_NS);
        let second = self.at(due_second);
        second.counts.add(outcome);
        if let Some(latency_ns) = latency_ns {
            second.latency.record_ns(latency_ns);
        }
        if due_second == ended_second {
            second.ended += 1;
        } else {
            self.at(ended_second).ended += 1;
        }
    }

    fn at(&mut self, index: u64) -> &mut OpenSecond {
        let place = match self.open.iter().rposition(|second| second.index == index) {
            Some(place) => place,
            None => self.begin(index),
        };
        // The place was just found or made.
        #[expect(clippy::indexing_slicing, reason = "the place was just found or made")]
        &mut self.open[place]
    }

    fn begin(&mut self, index: u64) -> usize {
        if self.open.len() >= OPEN_SECONDS {
            let oldest = (0..self.open.len())
                .min_by_key(|place| self.open.get(*place).map(|second| second.index));
            let second = self.open.swap_remove(oldest.unwrap_or(0));
            self.pack(second);
        }
        let latency = self.spare.pop().unwrap_or_else(Histogram::coarse);
        self.open.push(OpenSecond { index, counts: Counts::default(), ended: 0, latency });
        self.open.len() - 1
    }

    fn pack(&mut self, mut open: OpenSecond) {
        let second = self.packed.entry(open.index).or_insert_with(|| Second {
            index: open.index,
            latency: PackedHistogram::default(),
            ..Second::default()
        });
        second.counts += open.counts;
        second.ended += open.ended;
        second.latency.merge(&open.latency);
        open.latency.clear();
        self.spare.push(open.latency);
    }

    fn finish(mut self) -> Vec<Second> {
        for open in std::mem::take(&mut self.open) {
            self.pack(open);
        }
        self.packed.into_values().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_that_was_packed_takes_more() {
        let mut seconds = Seconds::default();
        for round in 0..2 {
            for index in 0..40_u64 {
                let due_ns = index * SECOND_NS;
                seconds.ended(due_ns, due_ns + SECOND_NS, Outcome::Ok, Some(1_000_000 << round));
            }
        }
        let all = seconds.finish();
        assert_eq!(all.len(), 41);
        assert_eq!(all[5].counts.of(Outcome::Ok), 2);
        assert_eq!(all[5].ended, 2);
        assert_eq!(all[5].latency.unpack().count(), 2);
        assert_eq!((all[0].ended, all[40].counts.total()), (0, 0));
    }
}
