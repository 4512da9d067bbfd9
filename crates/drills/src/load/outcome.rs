//! How a scheduled request can end, and counts of it.

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// How one scheduled request ended. Each ends in exactly one way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The answer was what the journey expects.
    Ok,
    /// The status was another than expected.
    WrongStatus,
    /// The status was right, and a header or the body was not.
    WrongAnswer,
    /// What came back was not HTTP.
    Malformed,
    /// No complete answer within the timeout, counted from the sending. Its latency is recorded as at least the timeout.
    Timeout,
    /// No connection came about: refused, unreachable, or the TLS handshake failed.
    Refused,
    /// The connection was reset.
    Reset,
    /// The connection was closed before the answer was complete.
    ClosedEarly,
    /// The service had closed an idle connection before it took the request: the race that every client with keep-alive meets. RFC 9112,
    /// section 9.3.1, lets clients send again what is idempotent, and only that, so for a journey that is not idempotent it is a failure.
    ///
    /// Counted so only when the connection was reused, no byte of an answer came, and the kernel shows that the request was not taken: a
    /// reset within 5 ms of the sending, a close that a reset followed within that time, or a close sooner than half a round trip. Over HTTP/2 it is a
    /// stream refused or above the last one that GOAWAY names.
    ClosedIdle,
    /// It was never given to a connection: all were busy until the run was over, or the generator had no socket left.
    Unsent,
    /// It was on its way when the run was stopped by hand; how it would have ended is not known.
    Stopped,
}

impl Outcome {
    /// All of them, in the order of their declaration.
    pub const ALL: [Self; 11] = [
        Self::Ok,
        Self::WrongStatus,
        Self::WrongAnswer,
        Self::Malformed,
        Self::Timeout,
        Self::Refused,
        Self::Reset,
        Self::ClosedEarly,
        Self::ClosedIdle,
        Self::Unsent,
        Self::Stopped,
    ];

    /// Its name, kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::WrongStatus => "wrong-status",
            Self::WrongAnswer => "wrong-answer",
            Self::Malformed => "malformed",
            Self::Timeout => "timeout",
            Self::Refused => "refused",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed-early",
            Self::ClosedIdle => "closed-idle",
            Self::Unsent => "unsent",
            Self::Stopped => "stopped",
        }
    }

    /// What happened to such a request, for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Ok => "answered as expected",
            Self::WrongStatus => "answered with another status",
            Self::WrongAnswer => "answered with another body or header than expected",
            Self::Malformed => "answered by what is not HTTP",
            Self::Timeout => "not answered in time",
            Self::Refused => "not connected",
            Self::Reset => "reset",
            Self::ClosedEarly => "closed without a whole answer",
            Self::ClosedIdle => "sent on a connection that was just closed",
            Self::Unsent => "not sent",
            Self::Stopped => "on their way at the end",
        }
    }

    /// Whether a user would have seen a failure of the service. A closed idle connection is one only if the request may not be sent again.
    pub fn is_failure(self, is_idempotent: bool) -> bool {
        match self {
            Self::Ok | Self::Unsent | Self::Stopped => false,
            Self::ClosedIdle => !is_idempotent,
            _ => true,
        }
    }
}

/// One request in so many may meet a connection that was just closed, and so many of a few.
const RACES: u64 = 20;
const FEW: u64 = 2;

/// How many requests ended in which way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts([u64; Outcome::ALL.len()]);

impl Counts {
    /// How many ended so.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0.get(outcome as usize).copied().unwrap_or(0)
    }

    /// Counts one more.
    pub fn add(&mut self, outcome: Outcome) {
        self.add_many(outcome, 1);
    }

    /// Counts `count` more.
    pub fn add_many(&mut self, outcome: Outcome, count: u64) {
        if let Some(counted) = self.0.get_mut(outcome as usize) {
            *counted += count;
        }
    }

    /// All that were scheduled.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// All that were given to a connection.
    pub fn sent(&self) -> u64 {
        self.total() - self.of(Outcome::Unsent)
    }

    /// Those that a user would have seen fail. What may be sent again is excused for as long as it is a race: where it is more than one in
    /// twenty, or most of all, sending it again does not help either.
    pub fn failures(&self, is_idempotent: bool) -> u64 {
        self.iter()
            .filter(|(outcome, _)| self.is_failure(*outcome, is_idempotent))
            .map(|(_, count)| count)
            .sum()
    }

    /// Whether a user would have seen those that ended so fail.
    pub(crate) fn is_failure(&self, outcome: Outcome, is_idempotent: bool) -> bool {
        let lost = self.of(Outcome::ClosedIdle);
        let is_seldom = lost <= FEW || lost.saturating_mul(RACES) <= self.sent();
        outcome.is_failure(is_idempotent && is_seldom && self.of(Outcome::Ok) > lost)
    }

    /// Each outcome with its count.
    pub fn iter(&self) -> impl Iterator<Item = (Outcome, u64)> {
        Outcome::ALL.into_iter().zip(self.0)
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        for (outcome, count) in other.iter() {
            self.add_many(outcome, count);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_outcome_has_a_place_of_its_own() {
        for (index, outcome) in Outcome::ALL.into_iter().enumerate() {
            assert_eq!(outcome as usize, index, "{}", outcome.name());
        }
    }

    #[test]
    fn a_closed_idle_connection_is_a_failure_only_of_what_may_not_be_sent_again() {
        let mut counts = Counts::default();
        counts.add(Outcome::ClosedIdle);
        counts.add(Outcome::Unsent);
        counts.add_many(Outcome::Ok, 19);
        assert_eq!((counts.failures(true), counts.failures(false)), (0, 1));
        assert_eq!((counts.total(), counts.sent()), (21, 20));
    }

    #[test]
    fn a_service_that_takes_no_request_is_excused_for_none() {
        let mut counts = Counts::default();
        counts.add(Outcome::ClosedIdle);
        assert_eq!(counts.failures(true), 1);
        counts.add_many(Outcome::ClosedIdle, 119);
        assert_eq!(counts.failures(true), 120);
        counts.add_many(Outcome::Ok, 1_000);
        assert_eq!(counts.failures(true), 120);
        counts.add_many(Outcome::Ok, 2_000);
        assert_eq!(counts.failures(true), 0);
    }
}
