//! The engine for HTTP/1.1: one thread, one epoll loop, connections registered once and edge-triggered.
//!
//! Each turn sends what is due, sleeps until the next due time or event, and reads what came. Nothing here blocks but the sleep.

mod traffic;

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::time::Timespec;

use super::Outcome;
use super::assignment::Assignment;
use super::connection::{Connection, Phase};
use super::control::Control;
use super::pace::Alarm;
use super::plan::LoadError;
use super::record::Record;
use super::schedule::{Due, Schedule};
use super::script::{Captured, Script};
use super::stream::{Secure, Stream};
use super::tally::{Ending, InFlight, Tally};

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
            self.sleep(now_ns, is_over, &mut events)?;
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
    fn sleep(
        &mut self,
        now_ns: u64,
        is_over: bool,
        events: &mut Vec<epoll::Event>,
    ) -> Result<(), LoadError> {
        let mut wait_ns = NAP_NS;
        if self.busy > 0 {
            wait_ns = wait_ns.min((self.swept_ns + self.sweep_ns).saturating_sub(now_ns));
        }
        if !is_over
            && self.has_room()
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
