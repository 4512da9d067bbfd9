//! What happens on connections: connecting, writing, reading, and how requests end.

use rustix::event::epoll;

use super::Worker;
use crate::load::connection::{Closing, Phase};
use crate::load::stream::Stream;
use crate::load::tally::{Ending, InFlight};
use crate::load::{Outcome, answer};

impl Worker {
    /// Something happened on a connection.
    pub(super) fn on_event(&mut self, index: usize, flags: epoll::EventFlags) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        match connection.phase {
            Phase::Closed => {}
            Phase::Connecting => self.go_on_connecting(index),
            Phase::Idle | Phase::Busy => {
                if connection.has_unwritten() {
                    self.write(index);
                }
                // The end of the stream came with this event and is told by no other.
                let ends =
                    epoll::EventFlags::RDHUP | epoll::EventFlags::HUP | epoll::EventFlags::ERR;
                self.read(index, flags.intersects(ends));
            }
        }
    }

    fn go_on_connecting(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        match connection.go_on_connecting() {
            Ok(false) => {}
            Ok(true) => {
                let took_ns = self.now_ns().saturating_sub(self.sent_ns(index));
                self.least_round_trip_ns = self.least_round_trip_ns.min(took_ns);
                self.transmit(index);
            }
            Err(error) => {
                let request = connection.request;
                self.close(index);
                self.refused(request, &error);
            }
        }
    }

    fn sent_ns(&self, index: usize) -> u64 {
        self.connections.get(index).map_or(0, |connection| connection.request.sent_ns)
    }

    /// Writes the connection's request, as far as the socket takes it.
    pub(super) fn transmit(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        let InFlight { journey, sequence, .. } = connection.request;
        self.request.clear();
        self.script.write(journey, sequence, &self.captured, &mut self.request);
        if let Err(error) = connection.begin_write(&self.request) {
            self.broken(index, &error);
        }
    }

    fn write(&mut self, index: usize) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        if let Err(error) = connection.go_on_writing() {
            self.broken(index, &error);
        }
    }

    /// Reads all that is there, and the end of the stream if it has come.
    fn read(&mut self, index: usize, has_ended: bool) {
        let mut buffer = std::mem::take(&mut self.buffer);
        while let Some(connection) = self.connections.get_mut(index) {
            let Some(stream) = &mut connection.stream else { break };
            match stream.read(&mut buffer) {
                Ok(None) => break,
                Ok(Some(0)) => {
                    self.ended(index);
                    break;
                }
                Ok(Some(length)) => {
                    let is_drained = !has_ended && stream.is_drained_by(length, buffer.len());
                    self.take_bytes(index, buffer.get(..length).unwrap_or(&[]));
                    if is_drained {
                        break;
                    }
                }
                Err(error) => {
                    self.broken(index, &error);
                    break;
                }
            }
        }
        self.buffer = buffer;
    }

    fn take_bytes(&mut self, index: usize, bytes: &[u8]) {
        let Some(connection) = self.connections.get_mut(index) else { return };
        if connection.phase != Phase::Busy {
            // Nobody asked: some services say why they close an idle connection.
            self.tally.connections().closed_idle += 1;
            self.close(index);
            return;
        }
        let Some(scene) = self.script.journeys.get(connection.request.journey) else { return };
        let keeps_body = scene.judge.wants_body() || self.tally.tells_bodies();
        match connection.answer.feed(bytes, &scene.judge, keeps_body) {
            Ok(answer::Read::More) => {}
            Ok(answer::Read::Done(taken)) => {
                let is_whole = taken == bytes.len() && !connection.has_unwritten();
                self.answered(index, is_whole);
            }
            Err(answer::Malformed) => self.fail(index, Outcome::Malformed),
        }
    }

    /// An answer is complete; `may_stay` says whether nothing speaks against using the connection again.
    fn answered(&mut self, index: usize, may_stay: bool) {
        let now_ns = self.now_ns();
        let Some(connection) = self.connections.get_mut(index) else { return };
        let request = connection.request;
        let Some(scene) = self.script.journeys.get(request.journey) else { return };
        let answer = &connection.answer;
        let (outcome, captured) =
            scene.judge.judge(answer.status, answer.keeps_headers, &answer.body);
        if !captured.is_empty() {
            self.script.keep(request.journey, &captured, &mut self.captured);
        }
        let ending = Ending {
            status: Some(answer.status),
            is_reused: connection.is_reused(),
            captured,
            body: &answer.body,
        };
        self.tally.ended(request, now_ns, outcome, ending);
        if may_stay && answer.keeps_alive && !connection.is_fresh {
            self.mark_room(now_ns);
            if let Some(connection) = self.connections.get_mut(index) {
                connection.rest();
            }
            self.busy -= 1;
            self.idle.push(index);
        } else {
            self.close(index);
        }
    }

    /// The service ended the connection.
    fn ended(&mut self, index: usize) {
        let now_ns = self.now_ns();
        let Some(connection) = self.connections.get(index) else { return };
        if connection.phase == Phase::Idle {
            self.tally.connections().closed_idle += 1;
            self.close(index);
            return;
        }
        if connection.answer.ends_with_connection() {
            self.answered(index, false);
            return;
        }
        let had_reset = connection.stream.as_ref().and_then(Stream::take_error).is_some();
        let closing = Closing {
            is_untouched: connection.is_untouched(),
            had_reset,
            after_ns: now_ns.saturating_sub(connection.request.sent_ns),
        };
        // On this machine a round trip is shorter than any measure of it, and the reset is there at once.
        let is_near = self.address.ip().is_loopback();
        let is_race = closing.is_race(if is_near { 0 } else { self.least_round_trip_ns });
        self.fail(index, if is_race { Outcome::ClosedIdle } else { Outcome::ClosedEarly });
    }

    /// Reading or writing failed.
    fn broken(&mut self, index: usize, error: &std::io::Error) {
        use std::io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        let now_ns = self.now_ns();
        let Some(connection) = self.connections.get(index) else { return };
        if connection.phase == Phase::Idle {
            self.tally.connections().closed_idle += 1;
            self.close(index);
            return;
        }
        let closing = Closing {
            is_untouched: connection.is_untouched(),
            had_reset: true,
            after_ns: now_ns.saturating_sub(connection.request.sent_ns),
        };
        let is_race = closing.is_race(0);
        let outcome = match error.kind() {
            BrokenPipe | ConnectionAborted | ConnectionReset if is_race => Outcome::ClosedIdle,
            std::io::ErrorKind::Other => Outcome::Malformed,
            _ => Outcome::Reset,
        };
        self.tally.error(&error.to_string());
        self.fail(index, outcome);
    }

    /// The connection's request failed, and the connection is of no more use.
    pub(super) fn fail(&mut self, index: usize, outcome: Outcome) {
        let now_ns = self.now_ns();
        let Some(connection) = self.connections.get(index) else { return };
        let status = Some(connection.answer.status).filter(|status| *status > 0);
        let ending = Ending { status, is_reused: connection.is_reused(), ..Ending::default() };
        self.tally.ended(connection.request, now_ns, outcome, ending);
        self.close(index);
    }
}
