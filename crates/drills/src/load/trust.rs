//! Whether the generator itself was the bottleneck, so that a slow generator is never taken for a slow service.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{Outcome, Record};
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

/// The slip's 99th percentile may be this part of the objective.
const SLIP_PART: u32 = 10;

/// This many of a thousand requests may miss the offered rate.
const MISSED_PER_MILLE: u64 = 1;

impl Record {
    /// Judges the generator, not the service. Without an objective, 100 ms is taken for one.
    ///
    /// A wait for a connection counts against the generator only if it decides: the latency misses the objective and the service time keeps it.
    pub fn trust(&self, objective: Option<LatencyObjective>) -> Trust {
        let default = LatencyObjective { quantile: 0.99, within: Duration::from_millis(100) };
        let objective = objective.unwrap_or(default);
        let mut reasons = Vec::new();
        if !self.is_closed_loop {
            reasons.extend(self.slipped(objective));
            reasons.extend(self.missed_rate());
            reasons.extend(self.exhausted(objective));
        }
        if self.is_stopped {
            reasons.push("the run was stopped before its end".to_owned());
        }
        if self.scheduled() == 0 {
            reasons.push("no request was due".to_owned());
        }
        if reasons.is_empty() { Trust::Trustworthy } else { Trust::Inconclusive(reasons) }
    }

    fn slipped(&self, objective: LatencyObjective) -> Option<String> {
        let slip = self.slip.quantile(0.99);
        (slip > objective.within / SLIP_PART).then(|| {
            format!(
                "the generator itself was late: 99 % of its requests left within {slip:.1?} of their time, and a tenth of the objective of {:?} is the limit; \
                 it took {:.0} % of a core, others {:.0} % of the machine",
                objective.within,
                self.machine.own_share() * 100.0,
                self.machine.foreign_share() * 100.0
            )
        })
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
        let keeps = self.service_time().quantile(objective.quantile) <= objective.within;
        let waited = self.connections.waited_for > 0
            && self.wait.quantile(objective.quantile) > objective.within / SLIP_PART;
        (waited && misses && keeps).then(|| {
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
