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
