//! The engine for HTTP/2: one thread with a runtime of its own, one task per request, several requests on a connection.
//!
//! Due times are kept by the same alarm as over HTTP/1.1, not by the runtime's clock of milliseconds.

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::client::SendRequest;
use tokio::io::unix::AsyncFd;
use tokio::sync::Notify;
use tokio::task::LocalSet;

use super::Outcome;
use super::assignment::Assignment;
use super::control::Control;
use super::exchange2::{self, Answered};
use super::pace::Alarm;
use super::plan::LoadError;
use super::record::Record;
use super::schedule::{Due, Schedule, nanos};
use super::script::{Captured, Script};
use super::stream::Secure;
use super::tally::{Ending, InFlight, Tally};
use super::wire::Wire;

/// The longest sleep, so that a stop is heard at once.
const NAP_NS: u64 = 20_000_000;

/// The most requests sent before other tasks get their turn.
const BATCH: usize = 64;

/// How long a closed loop waits after a connection was refused.
const REFUSED_PAUSE_NS: u64 = 10_000_000;

/// Bytes of answers that may be on their way, per stream and per connection.
const WINDOW: u32 = 1 << 20;

/// Carries an assignment out on the calling thread.
pub(super) fn work(assignment: Assignment) -> Result<Record, LoadError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let tasks = LocalSet::new();
    tasks.block_on(&runtime, async move {
        let engine = Rc::new(Engine::new(&assignment));
        engine.run(assignment.schedule).await
    })
}

/// What all tasks share.
struct Engine {
    script: Arc<Script>,
    control: Control,
    address: SocketAddr,
    authority: String,
    secure: Option<Secure>,
    timeout: Duration,
    started: Instant,
    limit: usize,
    streams: usize,
    freed: Notify,
    state: RefCell<State>,
}

struct State {
    tally: Tally,
    captured: Captured,
    links: Vec<Rc<Link>>,
    in_flight: Vec<Option<InFlight>>,
    free_slots: Vec<usize>,
    busy: usize,
    free_ns: u64,
    paused_until_ns: u64,
    is_closed_loop: bool,
}

/// One connection.
struct Link {
    /// What requests are sent with, once it stands; the error if it does not.
    sender: RefCell<Option<Result<SendRequest<Bytes>, String>>>,
    opened: Notify,
    load: RefCell<LinkLoad>,
}

#[derive(Clone, Copy, Default)]
struct LinkLoad {
    streams: usize,
    carried: u64,
    is_fresh: bool,
    is_closing: bool,
}

impl Engine {
    fn new(assignment: &Assignment) -> Self {
        let Assignment { script, schedule, control, .. } = assignment;
        let tally = Tally::new(script, control, assignment.worker, schedule.lasts_ns());
        Self {
            script: Arc::clone(script),
            control: control.clone(),
            address: assignment.address,
            authority: assignment.authority.clone(),
            secure: assignment.secure.clone(),
            timeout: assignment.timeout,
            started: assignment.started,
            limit: assignment.connections.max(1),
            streams: assignment.streams.max(1),
            freed: Notify::new(),
            state: RefCell::new(State {
                tally,
                captured: Captured::default(),
                links: Vec::new(),
                in_flight: Vec::new(),
                free_slots: Vec::new(),
                busy: 0,
                free_ns: 0,
                paused_until_ns: 0,
                is_closed_loop: schedule.is_closed_loop(),
            }),
        }
    }

    fn now_ns(&self) -> u64 {
        nanos(Instant::now().saturating_duration_since(self.started))
    }

    async fn run(self: Rc<Self>, mut schedule: Schedule) -> Result<Record, LoadError> {
        let alarm = alarm()?;
        let mut stopped_ns = None;
        loop {
            if self.control.is_stopped() {
                stopped_ns = Some(self.now_ns());
                break;
            }
            let is_over = self.dispatch(&mut schedule);
            if is_over && self.state.borrow().busy == 0 {
                break;
            }
            let now_ns = self.now_ns();
            self.publish(&schedule, now_ns);
            let wait_ns = if is_over { NAP_NS } else { self.wait_ns(&mut schedule, now_ns) };
            if wait_ns == 0 {
                tokio::task::yield_now().await;
                continue;
            }
            alarm.get_ref().ring_in(wait_ns).map_err(std::io::Error::from)?;
            tokio::select! {
                ready = alarm.readable() => ready?.clear_ready(),
                () = self.freed.notified() => {}
            }
        }
        Ok(self.finish(schedule, stopped_ns))
    }

    fn publish(&self, schedule: &Schedule, now_ns: u64) {
        let mut state = self.state.borrow_mut();
        let in_flight = u64::try_from(state.busy).unwrap_or(0);
        state.tally.publish(&self.control, now_ns, in_flight, || schedule.queued(now_ns));
    }

    fn wait_ns(&self, schedule: &mut Schedule, now_ns: u64) -> u64 {
        let state = self.state.borrow();
        let next = schedule.peek(now_ns).filter(|_| self.has_room(&state));
        next.map_or(NAP_NS, |due| {
            let next_ns = due.at_ns.max(state.paused_until_ns);
            next_ns.saturating_sub(now_ns).min(NAP_NS)
        })
    }

    /// Sends what is due, as far as there is room; whether nothing is to be sent any more.
    fn dispatch(self: &Rc<Self>, schedule: &mut Schedule) -> bool {
        let last_ns = schedule.lasts_ns().saturating_add(nanos(self.timeout));
        for _ in 0..BATCH {
            let now_ns = self.now_ns();
            let Some(due) = schedule.peek(now_ns) else { return true };
            if !schedule.is_closed_loop() && now_ns > last_ns {
                return true;
            }
            let has_room = {
                let state = self.state.borrow();
                now_ns >= state.paused_until_ns && self.has_room(&state)
            };
            if due.at_ns > now_ns || !has_room {
                return false;
            }
            schedule.advance();
            self.send(due, now_ns);
        }
        false
    }

    fn has_room(&self, state: &State) -> bool {
        state.links.len() < self.limit || state.links.iter().any(|link| link.has_room(self.streams))
    }

    fn send(self: &Rc<Self>, due: Due, now_ns: u64) {
        let mut state = self.state.borrow_mut();
        let journey = self.script.choose(due.sequence, &state.captured);
        let request =
            InFlight { sequence: due.sequence, journey, due_ns: due.at_ns, sent_ns: now_ns };
        let free_ns = if state.is_closed_loop { 0 } else { state.free_ns };
        state.tally.sent(due.at_ns, now_ns, free_ns);
        let link = self.link(&mut state, self.script.is_fresh(due.sequence));
        let is_reused = link.take();
        let slot = state.begin(request);
        let filled = self.script.fill(journey, due.sequence, &state.captured);
        drop(state);
        let engine = Rc::clone(self);
        tokio::task::spawn_local(async move {
            let answered = engine.exchange(&link, journey, filled).await;
            engine.ended(slot, &link, is_reused, answered);
        });
    }

    /// The connection with the least to do that has room, or a new one. There is room for one of both.
    fn link(self: &Rc<Self>, state: &mut State, is_fresh: bool) -> Rc<Link> {
        let open = state
            .links
            .iter()
            .filter(|link| link.has_room(self.streams))
            .min_by_key(|link| link.load.borrow().streams);
        let is_full = state.links.len() >= self.limit;
        match open {
            Some(link) if !is_fresh || is_full => return Rc::clone(link),
            _ => {}
        }
        let link = Rc::new(Link {
            sender: RefCell::new(None),
            opened: Notify::new(),
            load: RefCell::new(LinkLoad { is_fresh, ..LinkLoad::default() }),
        });
        state.links.push(Rc::clone(&link));
        let open = u64::try_from(state.links.len()).unwrap_or(0);
        let connections = state.tally.connections();
        connections.opened += 1;
        connections.most = connections.most.max(open);
        tokio::task::spawn_local(Rc::clone(self).keep_open(Rc::clone(&link)));
        link
    }

    /// Opens a connection and drives it to its end.
    async fn keep_open(self: Rc<Self>, link: Rc<Link>) {
        let connecting = async {
            let wire = Wire::connect(self.address, self.secure.as_ref()).await;
            let wire = wire.map_err(|error| error.to_string())?;
            h2::client::Builder::new()
                .enable_push(false)
                .initial_window_size(WINDOW)
                .initial_connection_window_size(WINDOW)
                .handshake(wire)
                .await
                .map_err(|error| error.to_string())
        };
        match connecting.await {
            Ok((sender, connection)) => {
                *link.sender.borrow_mut() = Some(Ok(sender));
                link.opened.notify_waiters();
                // What ends it is told by each request on it.
                let _ = connection.await;
            }
            Err(error) => {
                *link.sender.borrow_mut() = Some(Err(error));
                link.opened.notify_waiters();
                self.state.borrow_mut().tally.connections().failed += 1;
            }
        }
        self.forget(&link);
    }

    /// The connection is gone.
    fn forget(&self, link: &Rc<Link>) {
        link.load.borrow_mut().is_closing = true;
        let now_ns = self.now_ns();
        let mut state = self.state.borrow_mut();
        self.mark_room(&mut state, now_ns);
        state.links.retain(|known| !Rc::ptr_eq(known, link));
        drop(state);
        self.freed.notify_one();
    }

    /// A place gets free; if there was none, the generator answers for what waits from now on.
    fn mark_room(&self, state: &mut State, now_ns: u64) {
        if !self.has_room(state) {
            state.free_ns = now_ns;
        }
    }

    async fn exchange(
        &self,
        link: &Link,
        journey: usize,
        filled: super::script::Filled,
    ) -> Answered {
        let Some(scene) = self.script.journeys.get(journey) else { return Answered::default() };
        let keeps_body = scene.judge.wants_body() || self.state.borrow().tally.tells_bodies();
        let exchange = async {
            let sender = match link.sender().await {
                Ok(sender) => sender,
                Err(error) => return Answered::failed(Outcome::Refused, Some(error)),
            };
            let is_secure = self.secure.is_some();
            let authority = &self.authority;
            exchange2::exchange(sender, scene, &filled, authority, is_secure, keeps_body).await
        };
        match tokio::time::timeout(self.timeout, exchange).await {
            Ok(answered) => answered,
            Err(_) => Answered::failed(Outcome::Timeout, None),
        }
    }

    fn ended(&self, slot: usize, link: &Rc<Link>, is_reused: bool, mut answered: Answered) {
        // Who refuses the first request of a connection did not close it while it was idle.
        if answered.outcome == Outcome::ClosedIdle && !is_reused {
            answered.outcome = Outcome::Reset;
        }
        let now_ns = self.now_ns();
        let mut state = self.state.borrow_mut();
        let Some(request) = state.end(slot) else { return };
        if let Some(error) = &answered.error {
            state.tally.error(error);
        }
        if answered.outcome == Outcome::Refused && state.is_closed_loop {
            state.paused_until_ns = now_ns + REFUSED_PAUSE_NS;
        }
        if !answered.captured.is_empty() {
            self.script.keep(request.journey, &answered.captured, &mut state.captured);
        }
        let ending = Ending {
            status: answered.status,
            is_reused,
            captured: answered.captured,
            body: &answered.body,
        };
        state.tally.ended(request, now_ns, answered.outcome, ending);
        self.mark_room(&mut state, now_ns);
        drop(state);
        link.give_back(answered.is_connection_over);
        self.freed.notify_one();
    }

    /// Accounts for what is still queued or on its way.
    fn finish(&self, mut schedule: Schedule, stopped_ns: Option<u64>) -> Record {
        let ended_ns = self.now_ns();
        let lasts_ns = schedule.lasts_ns();
        let until_ns = stopped_ns.map_or(lasts_ns, |stopped_ns| stopped_ns.min(lasts_ns));
        let mut state = self.state.borrow_mut();
        if !schedule.is_closed_loop() {
            while let Some(due) = schedule.peek(until_ns).filter(|due| due.at_ns <= until_ns) {
                let journey = self.script.choose(due.sequence, &state.captured);
                state.tally.unsent(journey, due.at_ns, ended_ns);
                schedule.advance();
            }
        }
        for request in std::mem::take(&mut state.in_flight).into_iter().flatten() {
            state.tally.ended(request, ended_ns, Outcome::Stopped, Ending::default());
        }
        state.tally.connections().limit = u64::try_from(self.limit).unwrap_or(u64::MAX);
        let empty = Tally::new(&self.script, &self.control, 0, 0);
        let mut record = std::mem::replace(&mut state.tally, empty).finish(ended_ns);
        record.lasted = Duration::from_nanos(until_ns);
        record.is_closed_loop = schedule.is_closed_loop();
        record.is_stopped = stopped_ns.is_some();
        record
    }
}

#[expect(
    deprecated,
    reason = "its successor is `unsafe`, and the alarm owns its descriptor as long as it lives"
)]
fn alarm() -> std::io::Result<AsyncFd<Alarm>> {
    AsyncFd::new(Alarm::new()?)
}

impl State {
    fn begin(&mut self, request: InFlight) -> usize {
        self.busy += 1;
        let slot = self.free_slots.pop().unwrap_or(self.in_flight.len());
        match self.in_flight.get_mut(slot) {
            Some(place) => *place = Some(request),
            None => self.in_flight.push(Some(request)),
        }
        slot
    }

    fn end(&mut self, slot: usize) -> Option<InFlight> {
        let request = self.in_flight.get_mut(slot).and_then(Option::take)?;
        self.busy -= 1;
        self.free_slots.push(slot);
        Some(request)
    }
}

impl Link {
    fn has_room(&self, streams: usize) -> bool {
        let load = self.load.borrow();
        load.streams < streams && !load.is_closing && !load.is_fresh
    }

    /// Takes a place; whether the connection has carried a request before.
    fn take(&self) -> bool {
        let mut load = self.load.borrow_mut();
        load.streams += 1;
        load.carried += 1;
        load.carried > 1
    }

    /// Gives a place back. With its last sender, a connection that is not to be used again closes.
    fn give_back(&self, is_over: bool) {
        let mut load = self.load.borrow_mut();
        load.streams -= 1;
        load.is_closing |= is_over || load.is_fresh;
        if load.is_closing && load.streams == 0 {
            self.sender.borrow_mut().take();
        }
    }

    /// What to send with, once the connection stands.
    async fn sender(&self) -> Result<SendRequest<Bytes>, String> {
        loop {
            let opened = self.opened.notified();
            if let Some(sender) = self.sender.borrow().as_ref() {
                return sender.clone();
            }
            opened.await;
        }
    }
}
