//! One connection of the engine for HTTP/1.1 and the request on it.

use std::io;

use super::answer::Answer;
use super::stream::Stream;
use super::tally::InFlight;

/// What a connection is doing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    #[default]
    Closed,
    /// Connecting or shaking hands, with a request waiting for it.
    Connecting,
    /// Open, without a request.
    Idle,
    /// Open, with a request on its way.
    Busy,
}

/// One connection. Its place is used again after it was closed.
#[derive(Debug, Default)]
pub(super) struct Connection {
    pub(super) phase: Phase,
    pub(super) stream: Option<Stream>,
    pub(super) request: InFlight,
    pub(super) answer: Answer,
    /// Whether it is for one request only.
    pub(super) is_fresh: bool,
    /// Requests answered on it so far.
    carried: u64,
    unwritten: Vec<u8>,
}

impl Connection {
    /// Begins anew with a stream that is connecting.
    pub(super) fn open(&mut self, stream: Stream, request: InFlight, is_fresh: bool) {
        self.phase = Phase::Connecting;
        self.stream = Some(stream);
        self.request = request;
        self.answer.reset();
        self.is_fresh = is_fresh;
        self.carried = 0;
        self.unwritten.clear();
    }

    /// Takes a request while idle.
    pub(super) fn take(&mut self, request: InFlight) {
        self.phase = Phase::Busy;
        self.request = request;
        self.answer.reset();
    }

    /// Is free for the next request.
    pub(super) fn rest(&mut self) {
        self.phase = Phase::Idle;
        self.carried += 1;
    }

    /// Lets the stream go; what it was doing.
    pub(super) fn close(&mut self) -> Phase {
        self.stream = None;
        self.answer.reset();
        std::mem::take(&mut self.phase)
    }

    /// Whether it has carried a request before the present one.
    pub(super) fn is_reused(&self) -> bool {
        self.carried > 0
    }

    /// Whether it is reused and nothing of the present answer has come.
    pub(super) fn is_untouched(&self) -> bool {
        self.is_reused() && !self.answer.has_begun
    }

    /// Whether it is connected now, and busy with its request.
    pub(super) fn go_on_connecting(&mut self) -> io::Result<bool> {
        let Some(stream) = &mut self.stream else { return Ok(false) };
        if let Some(error) = stream.take_error() {
            return Err(error);
        }
        if !stream.is_connected() || !stream.shake_hands()? {
            return Ok(false);
        }
        self.phase = Phase::Busy;
        Ok(true)
    }

    /// Writes as much of the request as the socket takes, and keeps the rest.
    pub(super) fn begin_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        let written = stream.write(bytes)?;
        if written < bytes.len() {
            self.unwritten.extend_from_slice(bytes.get(written..).unwrap_or(&[]));
            return self.go_on_writing();
        }
        Ok(())
    }

    /// Writes more of what is left.
    pub(super) fn go_on_writing(&mut self) -> io::Result<()> {
        let Some(stream) = &mut self.stream else { return Ok(()) };
        while stream.flush()? && !self.unwritten.is_empty() {
            let written = stream.write(&self.unwritten)?;
            if written == 0 {
                return Ok(());
            }
            self.unwritten.drain(..written);
        }
        Ok(())
    }

    /// Whether a part of the request waits to be written.
    pub(super) fn has_unwritten(&self) -> bool {
        !self.unwritten.is_empty()
    }
}

/// A reset within this time after the sending means that the request was not taken.
const RACE_NS: u64 = 5_000_000;

/// How the service closed a connection with a request on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Closing {
    /// The connection was reused, and nothing of an answer had come.
    pub(super) is_untouched: bool,
    /// The request met a reset: nobody had read it, or nobody was there to.
    pub(super) had_reset: bool,
    /// Time since the sending.
    pub(super) after_ns: u64,
}

impl Closing {
    /// Whether the service had closed the connection while it was idle, before it took the request. What closes sooner than half a round
    /// trip cannot have seen the request.
    pub(super) fn is_race(self, round_trip_ns: u64) -> bool {
        let was_reset = self.had_reset && self.after_ns <= RACE_NS;
        let was_sooner = round_trip_ns != u64::MAX && self.after_ns < round_trip_ns / 2;
        self.is_untouched && (was_reset || was_sooner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_request_that_was_not_taken_met_a_connection_closed_while_idle() {
        let race = Closing { is_untouched: true, had_reset: true, after_ns: 1_000_000 };
        assert!(race.is_race(0));
        assert!(!Closing { is_untouched: false, ..race }.is_race(0));
        assert!(!Closing { after_ns: 6_000_000, ..race }.is_race(0));
        let silent = Closing { had_reset: false, ..race };
        assert!(!silent.is_race(0));
        assert!(silent.is_race(10_000_000));
        assert!(!silent.is_race(1_500_000));
        assert!(!silent.is_race(u64::MAX));
    }
}
