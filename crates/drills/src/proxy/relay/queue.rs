//! The requests of a connection that wait for their answers.

use std::collections::VecDeque;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use bytes::BytesMut;

use super::Stop;
use crate::proxy::connection::Link;
use crate::proxy::read::Ask;
use crate::proxy::rules::{Hit, Plan};
use crate::proxy::{Call, Exchange, Outcome};

/// Requests of a connection that may wait for their answers; with more it is no longer followed.
const MAX_PENDING: usize = 20_000;

/// The requests of a connection that wait for their answers, in their order.
pub(super) struct Queue<'a> {
    link: &'a Link,
    state: Mutex<State>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) pending: VecDeque<Pending>,
    /// Whether the service has closed its side.
    pub(super) has_service_left: bool,
    pub(super) is_in_transaction: bool,
    outcome: Option<Outcome>,
}

/// A request that waits for its answer.
pub(super) struct Pending {
    pub(super) started: Instant,
    pub(super) what: What,
    pub(super) plan: Plan,
    /// Whether the whole request was read.
    pub(super) is_complete: bool,
    /// Whether the service waits although it was not.
    pub(super) wants_answer: bool,
    /// Whether the answer began.
    pub(super) is_begun: bool,
    pub(super) request_bytes: u64,
    pub(super) answer_bytes: u64,
    pub(super) first_byte: Option<Instant>,
    pub(super) left: Option<Instant>,
    pub(super) faults: Vec<Arc<str>>,
    kept: BytesMut,
    /// Few requests have a body.
    digest: Option<Box<DefaultHasher>>,
}

/// Who answers a request.
pub(super) enum What {
    /// The upstream, to the service.
    Passed(Ask),
    /// The proxy, for this fault.
    Own(Ask, Hit),
    /// The upstream, and nobody is told.
    Unheard,
}

impl Pending {
    pub(super) fn new(started: Instant, what: What, plan: Plan) -> Self {
        Self {
            started,
            what,
            plan,
            is_complete: false,
            wants_answer: false,
            is_begun: false,
            request_bytes: 0,
            answer_bytes: 0,
            first_byte: None,
            left: None,
            faults: Vec::new(),
            kept: BytesMut::new(),
            digest: None,
        }
    }

    /// Takes note of bytes of the request.
    pub(super) fn sent(&mut self, bytes: &[u8], payload: &[u8], keep_bytes: usize) {
        self.request_bytes += as_u64(bytes.len());
        if !payload.is_empty() {
            self.digest.get_or_insert_default().write(payload);
        }
        let room = keep_bytes.saturating_sub(self.kept.len()).min(bytes.len());
        if room > 0 {
            self.kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
        }
    }

    /// Counts that a rule landed on it.
    pub(super) fn land(&mut self, hit: &Hit) {
        if !self.faults.iter().any(|name| *name == hit.active.name) {
            hit.active.land();
            self.faults.push(Arc::clone(&hit.active.name));
        }
    }

    pub(super) fn ask(&mut self) -> Option<&mut Ask> {
        match &mut self.what {
            What::Passed(ask) | What::Own(ask, _) => Some(ask),
            What::Unheard => None,
        }
    }

    /// The exchange that it was, if it is one.
    fn exchange(self, outcome: Outcome, now: Instant) -> Option<Exchange> {
        let (What::Passed(Ask::Call(mut call)) | What::Own(Ask::Call(mut call), _)) = self.what
        else {
            return None;
        };
        if let (Call::Http(http), true) = (&mut *call, self.is_complete) {
            http.body_digest = self.digest.map(|digest| digest.finish());
        }
        Some(Exchange {
            started: self.started,
            duration: now.saturating_duration_since(self.started),
            first_byte: self.first_byte.map(|at| at.saturating_duration_since(self.started)),
            left_after: self.left.map(|at| at.saturating_duration_since(self.started)),
            outcome,
            call,
            request_bytes: self.request_bytes,
            answer_bytes: self.answer_bytes,
            faults: self.faults,
            kept: self.kept.freeze(),
        })
    }
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

impl<'a> Queue<'a> {
    pub(super) fn new(link: &'a Link) -> Self {
        Self { link, state: Mutex::default() }
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Appends a request; an error when too many wait already.
    pub(super) fn push(&self, pending: Pending) -> Result<(), Stop> {
        if matches!(pending.what, What::Passed(Ask::Call(_)) | What::Own(Ask::Call(_), _)) {
            self.link.shared.log.begin();
        }
        let mut state = self.lock();
        if state.pending.len() >= MAX_PENDING {
            return Err(Stop::Unread("too many requests that wait for their answers"));
        }
        state.pending.push_back(pending);
        Ok(())
    }

    /// Enters a request into the log that was answered.
    pub(super) fn finish(&self, pending: Pending, outcome: Outcome) {
        self.finish_at(pending, outcome, Instant::now());
    }

    /// The same, at a time that was just looked at.
    pub(super) fn finish_at(&self, pending: Pending, outcome: Outcome, now: Instant) {
        if let Some(exchange) = pending.exchange(outcome, now) {
            self.link.shared.log.exchange(self.link.number, exchange, now);
        }
    }

    /// The service has closed its side: whatever it waits for, it has given up or wants to hear to the end.
    pub(super) fn service_left(&self) {
        let mut state = self.lock();
        state.has_service_left = true;
        let now = Instant::now();
        for pending in &mut state.pending {
            pending.left.get_or_insert(now);
        }
    }

    /// Says how requests end that have no answer by now.
    pub(super) fn close(&self, outcome: Outcome) {
        if outcome == Outcome::ServiceLeft {
            self.service_left();
        }
        self.lock().outcome = Some(outcome);
    }
}

impl Drop for Queue<'_> {
    fn drop(&mut self) {
        let (pending, outcome) = {
            let mut state = self.lock();
            (std::mem::take(&mut state.pending), state.outcome.unwrap_or(Outcome::Stopped))
        };
        for pending in pending {
            self.finish(pending, outcome);
        }
    }
}
