//! The engine for HTTP/1.1: one thread, one epoll loop, connections registered once and edge-triggered.
//!
//! Each turn sends what is due, sleeps until the next due time or event, and reads what came. Nothing here blocks but the sleep.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::time::Timespec;

use super::assignment::Assignment;
use super::connection::{Closing, Connection, Phase};
use super::control::Control;
use super::pace::Alarm;
use super::plan::LoadError;
use super::record::Record;
use super::schedule::{Due, Schedule};
use super::script::{Captured, Script};
use super::stream::{Secure, Stream};
use super::tally::{Ending, InFlight, Tally};
use super::{Outcome, answer};

/// The longest sleep, so that a stop is heard at once.
const NAP_NS: u64 = 20_000_000;

/// The most requests sent before answers are read again.
const BATCH: usize = 64;

/// How long a closed loop waits after a connection was refused.
const REFUSED_PAUSE_NS: u64 = 10_000_000;

/// Bytes read at a time.
const READ_BYTES: usize = 64 * 1024;

/// Waits this long or longer begin with the coarse clock of milliseconds.
const COARSE_NS: u64 = 4_000_000;

/// The alarm's number among connections.
const ALARM: u64 = u64::MAX;

/// Carries an assignment out on the calling thread.
pub(super) fn work(assignment: Assignment) -> Result<Record, LoadError> {
    let mut worker = Worker::new(assignment)?;
    worker.run()?;
    Ok(worker.finish())
}

struct Worker {
    script: Arc<Script>,
    schedule: Schedule,
    control: Control,
    tally: Tally,
    captured: Captured,
    epoll: OwnedFd,
    alarm: Alarm,
    address: SocketAddr,
    secure: Option<Secure>,
    timeout_ns: u64,
    sweep_ns: u64,
    started: Instant,
    limit: usize,
    connections: Vec<Connection>,
    /// Open connections that wait for a request, the one used last on top.
    idle: Vec<usize>,
    /// Numbers of closed connections.
    closed: Vec<usize>,
    open: usize,
    busy: usize,
    /// Since when there has been room for a request without a break.
    free_ns: u64,
    /// Nothing is sent before.
    paused_until_ns: u64,
    least_round_trip_ns: u64,
    swept_ns: u64,
    request: Vec<u8>,
    buffer: Vec<u8>,
    /// When the run was stopped by hand.
    stopped_ns: Option<u64>,
}

impl Worker {
    fn new(assignment: Assignment) -> Result<Self, LoadError> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC).map_err(std::io::Error::from)?;
        let alarm = Alarm::new().map_err(std::io::Error::from)?;
        let flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &alarm, epoll::EventData::new_u64(ALARM), flags)
            .map_err(std::io::Error::from)?;
        let timeout_ns = super::schedule::nanos(assignment.timeout);
        let Assignment { script, schedule, control, worker, .. } = assignment;
        let tally = Tally::new(&script, &control, worker, schedule.lasts_ns());
        Ok(Self {
            script,
            schedule,
            control,
            tally,
            captured: Captured::default(),
            epoll,
            alarm,
            address: assignment.address,
            secure: assignment.secure,
            timeout_ns,
            sweep_ns: (timeout_ns / 50).clamp(1_000_000, 50_000_000),
            started: assignment.started,
            limit: assignment.connections.max(1),
            connections: Vec::new(),
            idle: Vec::new(),
            closed: Vec::new(),
            open: 0,
            busy: 0,
            free_ns: 0,
            paused_until_ns: 0,
            least_round_trip_ns: u64::MAX,
            swept_ns: 0,
            request: Vec::new(),
            buffer: vec![0; READ_BYTES],
            stopped_ns: None,
        })
    }

    fn now_ns(&self) -> u64 {
        super::schedule::nanos(Instant::now().saturating_duration_since(self.started))
    }

    fn run(&mut self) -> Result<(), LoadError> {
        let mut events: Vec<epoll::Event> = Vec::with_capacity(256);
        loop {
            if self.control.is_stopped() {
                self.stopped_ns = Some(self.now_ns());
                return Ok(());
            }
            let is_over = self.dispatch();
            let now_ns = self.now_ns();
            if is_over && self.busy == 0 {
                return Ok(());
            }
            self.sweep(now_ns);
            let (busy, schedule) = (self.busy, &self.schedule);
            let in_flight = u64::try_from(busy).unwrap_or(0);
            self.tally.publish(&self.control, now_ns, in_flight, || schedule.queued(now_ns));
            self.sleep(now_ns, &mut events)?;
            for event in events.drain(..) {
                let data = event.data.u64();
                if let Some(index) = usize::try_from(data).ok().filter(|_| data != ALARM) {
                    self.on_event(index, event.flags);
                }
            }
        }
    }

    /// Sends what is due, as far as there is room; whether nothing is to be sent any more.
    fn dispatch(&mut self) -> bool {
        for _ in 0..BATCH {
            let now_ns = self.now_ns();
            let Some(due) = self.schedule.peek(now_ns) else { return true };
            if !self.schedule.is_closed_loop()
                && now_ns > self.schedule.lasts_ns().saturating_add(self.timeout_ns)
            {
                return true;
            }
            if due.at_ns > now_ns || now_ns < self.paused_until_ns || !self.has_room() {
                return false;
            }
            self.schedule.advance();
            self.send(due, now_ns);
        }
        false
    }

    fn has_room(&self) -> bool {
        !self.idle.is_empty() || self.open < self.limit
    }

    fn send(&mut self, due: Due, now_ns: u64) {
        let journey = self.script.choose(due.sequence, &self.captured);
        let is_fresh = self.script.is_fresh(due.sequence);
        let request =
            InFlight { sequence: due.sequence, journey, due_ns: due.at_ns, sent_ns: now_ns };
        let free_ns = if self.schedule.is_closed_loop() { 0 } else { self.free_ns };
        let idle = if is_fresh { None } else { self.idle.pop() };
        if let Some(index) = idle {
            self.tally.sent(due.at_ns, now_ns, free_ns);
            if let Some(connection) = self.connections.get_mut(index) {
                connection.take(request);
            }
            self.busy += 1;
            self.transmit(index);
            return;
        }
        if self.open >= self.limit
            && let Some(index) = self.idle.pop()
        {
            self.close(index);
        }
        match Stream::connect(&self.address, self.secure.as_ref()) {
            Ok(stream) => {
                self.tally.sent(due.at_ns, now_ns, free_ns);
                self.open(stream, request, is_fresh);
            }
            Err(error) if is_own_limit(&error) => {
                self.tally.error(&format!("no socket: {error}"));
                self.tally.connections().failed += 1;
                self.tally.unsent(journey, due.at_ns, now_ns);
                self.paused_until_ns = now_ns + REFUSED_PAUSE_NS;
            }
            Err(error) => {
                self.tally.sent(due.at_ns, now_ns, free_ns);
                self.refused(request, &error);
            }
        }
    }

    fn open(&mut self, stream: Stream, request: InFlight, is_fresh: bool) {
        let index = self.closed.pop().unwrap_or_else(|| {
            self.connections.push(Connection::default());
            self.connections.len() - 1
        });
        let flags = epoll::EventFlags::IN
            | epoll::EventFlags::OUT
            | epoll::EventFlags::RDHUP
            | epoll::EventFlags::ET;
        let data = epoll::EventData::new_u64(u64::try_from(index).unwrap_or(ALARM));
        if let Err(error) = epoll::add(&self.epoll, stream.as_fd(), data, flags) {
            self.closed.push(index);
            self.refused(request, &error.into());
            return;
        }
        if let Some(connection) = self.connections.get_mut(index) {
            connection.open(stream, request, is_fresh);
        }
        self.open += 1;
        self.busy += 1;
        let open = u64::try_from(self.open).unwrap_or(0);
        let connections = self.tally.connections();
        connections.opened += 1;
        connections.most = connections.most.max(open);
    }

    fn refused(&mut self, request: InFlight, error: &std::io::Error) {
        let now_ns = self.now_ns();
        self.tally.error(&error.to_string());
        self.tally.connections().failed += 1;
        self.tally.ended(request, now_ns, Outcome::Refused, Ending::default());
        if self.schedule.is_closed_loop() {
            self.paused_until_ns = now_ns + REFUSED_PAUSE_NS;
        }
    }

    fn on_event(&mut self, index: usize, flags: epoll::EventFlags) {
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
    fn transmit(&mut self, index: usize) {
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
    fn fail(&mut self, index: usize, outcome: Outcome) {
        let now_ns = self.now_ns();
        let Some(connection) = self.connections.get(index) else { return };
        let status = Some(connection.answer.status).filter(|status| *status > 0);
        let ending = Ending { status, is_reused: connection.is_reused(), ..Ending::default() };
        self.tally.ended(connection.request, now_ns, outcome, ending);
        self.close(index);
    }

    fn close(&mut self, index: usize) {
        let now_ns = self.now_ns();
        self.mark_room(now_ns);
        let Some(connection) = self.connections.get_mut(index) else { return };
        match connection.close() {
            Phase::Closed => return,
            Phase::Idle => self.idle.retain(|idle| *idle != index),
            Phase::Busy | Phase::Connecting => self.busy -= 1,
        }
        self.open -= 1;
        self.closed.push(index);
    }

    /// A connection gets free; if there was none, the generator answers for what waits from now on.
    fn mark_room(&mut self, now_ns: u64) {
        if !self.has_room() {
            self.free_ns = now_ns;
        }
    }

    /// Gives up what took longer than the timeout.
    fn sweep(&mut self, now_ns: u64) {
        if now_ns < self.swept_ns + self.sweep_ns {
            return;
        }
        self.swept_ns = now_ns;
        for index in 0..self.connections.len() {
            let is_over = self.connections.get(index).is_some_and(|connection| {
                matches!(connection.phase, Phase::Busy | Phase::Connecting)
                    && now_ns >= connection.request.sent_ns.saturating_add(self.timeout_ns)
            });
            if is_over {
                self.fail(index, Outcome::Timeout);
            }
        }
    }

    /// Sleeps until something is due or comes.
    fn sleep(&mut self, now_ns: u64, events: &mut Vec<epoll::Event>) -> Result<(), LoadError> {
        let mut wait_ns = NAP_NS;
        if self.busy > 0 {
            wait_ns = wait_ns.min((self.swept_ns + self.sweep_ns).saturating_sub(now_ns));
        }
        if self.has_room()
            && let Some(due) = self.schedule.peek(now_ns)
        {
            let next_ns = due.at_ns.max(self.paused_until_ns);
            wait_ns = wait_ns.min(next_ns.saturating_sub(now_ns));
        }
        let timeout = self.timeout(wait_ns)?;
        match epoll::wait(&self.epoll, spare_capacity(events), timeout.as_ref()) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(LoadError::System(error.into())),
        }
    }

    /// What the kernel is given as the longest wait. The last stretch to a due time is left to the alarm, which is finer.
    fn timeout(&self, wait_ns: u64) -> Result<Option<Timespec>, LoadError> {
        let coarse_ns = match wait_ns {
            0 => 0,
            COARSE_NS.. => wait_ns - COARSE_NS / 2,
            _ => {
                self.alarm.ring_in(wait_ns).map_err(std::io::Error::from)?;
                return Ok(None);
            }
        };
        let millis = i64::try_from(coarse_ns / 1_000_000).unwrap_or(0);
        Ok(Some(Timespec { tv_sec: 0, tv_nsec: millis * 1_000_000 }))
    }

    /// Accounts for what is still queued or on its way.
    fn finish(mut self) -> Record {
        let ended_ns = self.now_ns();
        let lasts_ns = self.schedule.lasts_ns();
        let until_ns = self.stopped_ns.map_or(lasts_ns, |stopped_ns| stopped_ns.min(lasts_ns));
        if !self.schedule.is_closed_loop() {
            while let Some(due) = self.schedule.peek(until_ns).filter(|due| due.at_ns <= until_ns) {
                let journey = self.script.choose(due.sequence, &self.captured);
                self.tally.unsent(journey, due.at_ns, ended_ns);
                self.schedule.advance();
            }
        }
        for connection in &self.connections {
            if matches!(connection.phase, Phase::Busy | Phase::Connecting) {
                let ending = Ending { is_reused: connection.is_reused(), ..Ending::default() };
                self.tally.ended(connection.request, ended_ns, Outcome::Stopped, ending);
            }
        }
        self.tally.connections().limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let mut record = self.tally.finish(ended_ns);
        record.lasted = Duration::from_nanos(until_ns);
        record.is_closed_loop = self.schedule.is_closed_loop();
        record.is_stopped = self.stopped_ns.is_some();
        record
    }
}

/// Whether the generator's own limits kept it from having a socket.
fn is_own_limit(error: &std::io::Error) -> bool {
    use rustix::io::Errno;
    [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NOMEM, Errno::ADDRNOTAVAIL]
        .iter()
        .any(|errno| error.raw_os_error() == Some(errno.raw_os_error()))
}
