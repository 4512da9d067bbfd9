//! Whether the generator itself was the bottleneck, so that a slow generator is never taken for a slow service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Histogram, Outcome, Record};
use crate::service::LatencyObjective;

/// The verdict about the generator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// What was measured is the service's doing.
    Trustworthy,
    /// What was measured may be the generator's doing, for these reasons.
    Inconclusive(Vec<String>),
}

/// What is taken for an objective where there is none.
const DEFAULT: LatencyObjective =
    LatencyObjective { quantile: 0.99, within: Duration::from_millis(100) };

/// The slip's 99th percentile may be this part of the objective.
const SLIP_PART: u32 = 10;

/// This many of a thousand requests may miss the offered rate.
const MISSED_PER_MILLE: u64 = 1;

/// How late something was that should have been in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Late {
    /// Its 99th percentile.
    pub(crate) slip: Duration,
    /// The objective of which that is more than a tenth.
    pub(crate) within: Duration,
}

/// Whether what came late by `slip` came too late to tell the service's doing from the machine's: at the 99th percentile by more than a tenth
/// of `objective`, or of 100 ms where there is none.
pub(crate) fn too_late(slip: &Histogram, objective: Option<LatencyObjective>) -> Option<Late> {
    let within = objective.unwrap_or(DEFAULT).within;
    let slip = slip.quantile(0.99);
    (slip > within / SLIP_PART).then_some(Late { slip, within })
}

impl Record {
    /// Judges the generator, not the service. Without an objective, 99 % within 100 ms is taken for one.
    ///
    /// Requests that found no connection count against the generator only while the service time keeps the objective: a service that misses
    /// it with fewer requests at a time than offered would miss it with all of them too.
    pub fn trust(&self, objective: Option<LatencyObjective>) -> Trust {
        let objective = objective.unwrap_or(DEFAULT);
        let mut reasons = Vec::new();
        if !self.is_closed_loop {
            reasons.extend(self.slipped(objective));
            if self.service_time().quantile(objective.quantile) <= objective.within {
                reasons.extend(self.missed_rate());
                reasons.extend(self.exhausted(objective));
            }
        }
        if self.is_stopped {
            reasons.push("the run was stopped before its end".to_owned());
        }
        if self.scheduled() == 0 {
            reasons.push("no request was due".to_owned());
        }
        if reasons.is_empty() { Trust::Trustworthy } else { Trust::Inconclusive(reasons) }
    }

    /// How late the generator itself was, where that is more than a part of `objective`, or of 100 ms.
    pub(crate) fn lateness(&self, objective: Option<LatencyObjective>) -> Option<String> {
        self.slipped(objective.unwrap_or(DEFAULT))
    }

    /// How late the generator itself was, where that is more than half of `shortest`, the shortest time that anything is compared with.
    pub(crate) fn lateness_beside(&self, shortest: Duration) -> Option<String> {
        let slip = self.slip.quantile(0.99);
        let limit =
            format!("half of the shortest time that anything is compared with, {shortest:?},");
        (slip > shortest / 2).then(|| self.was_late(slip, &limit))
    }

    fn slipped(&self, objective: LatencyObjective) -> Option<String> {
        too_late(&self.slip, Some(objective)).map(|Late { slip, within }| {
            self.was_late(slip, &format!("a tenth of the objective of {within:?}"))
        })
    }

    fn was_late(&self, slip: Duration, limit: &str) -> String {
        format!(
            "the generator itself was late: 99 % of its requests left within {slip:.1?} of their time, and {limit} is the limit; \
             it took {:.0} % of a core, others {:.0} % of the machine",
            self.machine.own_share() * 100.0,
            self.machine.foreign_share() * 100.0
        )
    }

    fn missed_rate(&self) -> Option<String> {
        let missed = self.late + self.unsent();
        (missed * 1000 > self.scheduled() * MISSED_PER_MILLE).then(|| {
            format!(
                "the offered rate was missed: {missed} of {} requests were not sent within the schedule",
                self.scheduled()
            )
        })
    }

    fn exhausted(&self, objective: LatencyObjective) -> Option<String> {
        let misses = self.latency().quantile(objective.quantile) > objective.within;
        let waited = self.connections.waited_for > 0
            && self.wait.quantile(objective.quantile) > objective.within / SLIP_PART;
        (waited && misses).then(|| {
            format!(
                "all {} connections were busy when {} requests were due: allow more, so that the wait for one is not taken for the service's",
                self.connections.limit, self.connections.waited_for
            )
        })
    }

    /// Whether every request that was sent failed to find the service at all.
    pub fn reached_nothing(&self) -> bool {
        self.sent() > 0 && self.counts().of(Outcome::Refused) == self.sent()
    }
}

#[cfg(test)]
mod tests {
    use super::super::JourneyRecord;
    use super::*;

    /// A run of 1000 requests whose service times, waits and slips are all the same.
    fn record(service_ms: u64, wait_ms: u64, slip_ms: u64) -> Record {
        let mut journey = JourneyRecord::default();
        let mut record = Record::default();
        journey.on_reused.add_many(Outcome::Ok, 1000);
        for _ in 0..1000 {
            journey.service_time.record(Duration::from_millis(service_ms));
            journey.latency.record(Duration::from_millis(service_ms + wait_ms));
            record.wait.record(Duration::from_millis(wait_ms));
            record.slip.record(Duration::from_millis(slip_ms));
        }
        record.connections.waited_for = if wait_ms > slip_ms { 1000 } else { 0 };
        record.journeys.push(journey);
        record
    }

    fn reasons(record: &Record) -> Vec<String> {
        match record.trust(None) {
            Trust::Trustworthy => Vec::new(),
            Trust::Inconclusive(reasons) => reasons,
        }
    }

    #[test]
    fn a_generator_that_is_late_by_more_than_a_tenth_of_the_objective_is_not_trusted() {
        assert_eq!(record(5, 9, 9).trust(None), Trust::Trustworthy);
        assert!(reasons(&record(5, 11, 11))[0].contains("late"));
    }

    #[test]
    fn what_lasts_longer_can_be_told_by_a_generator_that_was_later() {
        let shortest = Duration::from_millis(200);
        assert_eq!(record(5, 99, 99).lateness_beside(shortest), None);
        let late = record(5, 110, 110).lateness_beside(shortest).unwrap();
        assert!(late.contains("half of the shortest time"), "{late}");
    }

    #[test]
    fn a_wait_for_a_connection_counts_only_if_the_service_by_itself_keeps_the_objective() {
        assert!(reasons(&record(50, 80, 0))[0].contains("connections"));
        assert_eq!(record(50, 30, 0).trust(None), Trust::Trustworthy);
        assert_eq!(record(150, 80, 0).trust(None), Trust::Trustworthy);
    }

    #[test]
    fn a_rate_missed_by_more_than_one_in_a_thousand_is_not_trusted() {
        let mut record = record(5, 0, 0);
        record.late = 1;
        assert_eq!(record.trust(None), Trust::Trustworthy);
        record.late = 2;
        assert!(reasons(&record)[0].contains("rate was missed"));
    }

    #[test]
    fn a_run_that_was_stopped_or_never_began_proves_nothing() {
        let stopped = Record { is_stopped: true, ..record(5, 0, 0) };
        assert_eq!(reasons(&stopped).len(), 1);
        assert_eq!(reasons(&Record::default()).len(), 1);
    }
}
