//! From the service to the upstream.

use std::time::{Duration, Instant};

use bytes::Buf;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::sleep;

use super::queue::{Pending, What};
use super::{Common, MAX_WAITING, READ, Stop};
use crate::proxy::connection::{End, Flow};
use crate::proxy::read::{Ask, Piece, Read, Requests};
use crate::proxy::rules::{Hit, Plan};
use crate::proxy::shape::{send, write};
use crate::proxy::standing::Standing;
use crate::proxy::{Direction, Fault, Outcome, Release};

/// Reads requests, decides upon each, and passes them on.
pub(super) struct Pump<'a> {
    common: &'a Common<'a>,
    reader: &'a mut dyn Requests,
    flow: &'a mut Flow,
    standing: Standing,
    /// Bytes of the buffer that may go.
    ready: usize,
    /// Whether the current request is kept from the upstream.
    is_swallowed: bool,
    /// Whether the current request is the last one of the queue, so that bytes are noted there.
    is_noted: bool,
    /// The plan of the current request, if anything hit it.
    plan: Option<Plan>,
    /// Whether the upstream takes nothing any more.
    is_upstream_gone: bool,
    /// When the last bytes came.
    arrived: Instant,
    /// Pauses between bytes that were not made yet.
    due: Duration,
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        common: &'a Common<'a>,
        reader: &'a mut dyn Requests,
        flow: &'a mut Flow,
    ) -> Self {
        let standing = Standing::new(&common.link.shared.rules, Direction::Upstream, false);
        Self {
            common,
            reader,
            flow,
            standing,
            ready: 0,
            is_swallowed: false,
            is_noted: false,
            plan: None,
            is_upstream_gone: false,
            arrived: Instant::now(),
            due: Duration::ZERO,
        }
    }

    pub(super) async fn run(
        mut self,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Stop> {
        loop {
            match self.reader.read(self.flow.buffer.get(self.ready..).unwrap_or_default()) {
                Read::Piece(piece) => self.piece(piece, from, to).await?,
                Read::Lost(reason) => return Err(Stop::Unread(reason)),
                Read::More => {
                    self.flush(to).await?;
                    if self.flow.has_ended {
                        return self.end(to).await;
                    }
                    self.flow.buffer.reserve(READ);
                    let read = from.read_buf(&mut self.flow.buffer).await;
                    self.arrived(&read)?;
                }
            }
        }
    }

    /// Passes the service's end on, after whatever is left of it.
    async fn end(&mut self, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        self.ready = self.flow.buffer.len();
        self.flush(to).await?;
        self.common.link.slow_close(Direction::Upstream).await;
        let _gone_already = to.shutdown().await;
        Ok(())
    }

    fn arrived(&mut self, read: &std::io::Result<usize>) -> Result<(), Stop> {
        match read {
            Ok(0) => {
                self.flow.has_ended = true;
                self.common.link.end_of(Direction::Upstream);
                self.common.queue.service_left();
                self.common.news.tell();
                Ok(())
            }
            Ok(_) => {
                self.arrived = Instant::now();
                Ok(())
            }
            Err(_) => Err(End::broken(Direction::Upstream).into()),
        }
    }

    async fn piece(
        &mut self,
        piece: Piece,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Stop> {
        let Piece { len, start, ends, is_aside, wants_answer, payload, through } = piece;
        if let Some(ask) = start {
            self.start(ask, from, to).await?;
        }
        if self.is_noted && !is_aside {
            self.note(len, &payload, wants_answer, ends);
        }
        if self.is_swallowed && !is_aside {
            self.flush(to).await?;
            self.flow.buffer.advance(len);
        } else {
            self.ready += len;
        }
        if ends {
            if self.plan.is_some() {
                self.flush(to).await?;
                self.plan = None;
            }
            (self.is_swallowed, self.is_noted) = (false, false);
        }
        match through {
            Some(reason) => Err(Stop::Unread(reason)),
            None => Ok(()),
        }
    }

    /// Enters bytes of the current request.
    fn note(
        &mut self,
        len: usize,
        payload: &std::ops::Range<usize>,
        wants_answer: bool,
        ends: bool,
    ) {
        let bytes = self.flow.buffer.get(self.ready..self.ready + len).unwrap_or_default();
        let keep_bytes = self.common.link.shared.settings.keep_bytes;
        let mut state = self.common.queue.lock();
        // Its answer may have come before its end, and so it may be gone.
        let Some(pending) = state.pending.back_mut().filter(|pending| !pending.is_complete) else {
            return;
        };
        pending.sent(bytes, bytes.get(payload.clone()).unwrap_or_default(), keep_bytes);
        pending.wants_answer |= wants_answer;
        pending.is_complete |= ends;
        let tells = self.is_swallowed && (ends || wants_answer);
        drop(state);
        if tells {
            self.common.news.tell();
        }
    }

    /// Decides upon a request, and brings those faults that come before it reaches the upstream.
    async fn start(
        &mut self,
        ask: Ask,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Stop> {
        let started = self.arrived;
        let plan = match &ask {
            Ask::Call(call) => self.common.link.shared.rules.decide(call),
            _ => Plan::default(),
        };
        self.is_noted = true;
        if plan.is_empty() && !matches!(ask, Ask::Declined(_)) {
            return self.common.queue.push(Pending::new(started, What::Passed(ask), plan));
        }
        self.flush(to).await?;
        self.plan = Some(plan.clone());
        let own = plan.find(None, is_answer);
        if own.is_some() {
            self.fail_transaction(to).await?;
        }
        let what = match own {
            Some(hit) => What::Own(ask, hit),
            None => What::Passed(ask),
        };
        self.is_swallowed = matches!(what, What::Own(..) | What::Passed(Ask::Declined(_)));
        self.common.queue.push(Pending::new(started, what, plan.clone()))?;
        self.common.news.tell();
        self.delay(&plan, from).await?;
        self.hold(&plan, from).await?;
        self.reset(&plan).await
    }

    /// Makes the upstream's transaction fail too, when the proxy is about to say that it did.
    async fn fail_transaction(&mut self, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        let is_in_transaction = self.common.queue.lock().is_in_transaction;
        if let Some(request) = self.reader.failing(is_in_transaction) {
            let mut pending = Pending::new(Instant::now(), What::Unheard, Plan::default());
            pending.is_complete = true;
            self.common.queue.push(pending)?;
            if to.write_all(&request).await.is_err() {
                self.is_upstream_gone = true;
            }
        }
        Ok(())
    }

    /// Reads on while a request waits, to see the service leave.
    async fn listen(&mut self, from: &mut ReadHalf<'_>) -> Result<(), Stop> {
        if self.flow.has_ended || self.flow.buffer.len() >= MAX_WAITING {
            return std::future::pending().await;
        }
        self.flow.buffer.reserve(READ);
        let read = from.read_buf(&mut self.flow.buffer).await;
        self.arrived(&read)
    }

    async fn delay(&mut self, plan: &Plan, from: &mut ReadHalf<'_>) -> Result<(), Stop> {
        let hits: Vec<Hit> = plan.towards(Direction::Upstream).cloned().collect();
        for hit in hits {
            let Some(delay) = hit.delay(0) else { continue };
            self.land(&hit);
            let rules = &self.common.link.shared.rules;
            let (due, cleared) = (sleep(delay), rules.cleared(&hit));
            tokio::pin!(due, cleared);
            loop {
                tokio::select! {
                    () = &mut due => break,
                    () = &mut cleared => break,
                    heard = self.listen(from) => heard?,
                }
            }
        }
        Ok(())
    }

    async fn hold(&mut self, plan: &Plan, from: &mut ReadHalf<'_>) -> Result<(), Stop> {
        let is_hole = |fault: &Fault| matches!(fault, Fault::BlackHole { .. });
        let Some(hole) = plan.find(Some(Direction::Upstream), is_hole) else { return Ok(()) };
        let Fault::BlackHole { close_after, .. } = hole.active.rule.fault else { return Ok(()) };
        self.land(&hole);
        let close = async {
            match close_after {
                Some(after) => sleep(after).await,
                None => std::future::pending().await,
            }
        };
        let rules = &self.common.link.shared.rules;
        let released = rules.released(&hole);
        tokio::pin!(close, released);
        loop {
            if self.flow.has_ended {
                return Err(End::orderly(Outcome::ServiceLeft).into());
            }
            tokio::select! {
                release = &mut released => {
                    return match release {
                        Release::Forward => Ok(()),
                        Release::Close => Err(End::orderly(Outcome::Faulted).into()),
                    };
                }
                () = &mut close => return Err(End::orderly(Outcome::Faulted).into()),
                heard = self.listen(from) => heard?,
            }
        }
    }

    async fn reset(&mut self, plan: &Plan) -> Result<(), Stop> {
        let is_reset = |fault: &Fault| matches!(fault, Fault::Reset { .. });
        let Some(hit) = plan.find(Some(Direction::Upstream), is_reset) else { return Ok(()) };
        let Fault::Reset { after } = hit.active.rule.fault else { return Ok(()) };
        if !after.is_zero() {
            tokio::select! {
                () = sleep(after) => {}
                () = self.common.link.shared.rules.cleared(&hit) => return Ok(()),
            }
        }
        self.land(&hit);
        Err(End::reset().into())
    }

    fn land(&self, hit: &Hit) {
        if let Some(pending) = self.common.queue.lock().pending.back_mut() {
            pending.land(hit);
        }
    }

    /// Writes what may go.
    async fn flush(&mut self, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        let count = std::mem::take(&mut self.ready);
        if count == 0 {
            return Ok(());
        }
        if self.is_upstream_gone {
            self.flow.buffer.advance(count);
            return Ok(());
        }
        let link = self.common.link;
        self.standing.refresh(&link.shared.rules, link.passed(Direction::Upstream));
        let (allowed, limit) = match self.standing.room(link.passed(Direction::Upstream)) {
            Some((room, _)) => {
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                (count.min(room), count >= room)
            }
            None => (count, false),
        };
        let sent = match &self.plan {
            None => write(to, &mut self.flow.buffer, allowed).await,
            Some(plan) => {
                for hit in plan.towards(Direction::Upstream).filter(|hit| slows(hit)) {
                    self.land(hit);
                }
                let shape = || plan.shape(Direction::Upstream);
                send(to, &mut self.flow.buffer, allowed, &mut self.due, shape).await
            }
        };
        if sent.is_err() {
            // What the upstream says, and said before, is still worth passing on.
            self.is_upstream_gone = true;
            return Ok(());
        }
        link.pass(Direction::Upstream, allowed);
        if limit {
            let names = self.standing.land(|fault| matches!(fault, Fault::Limit { .. }));
            link.landed(names);
            return Err(End::orderly(Outcome::Faulted).into());
        }
        Ok(())
    }
}

fn slows(hit: &Hit) -> bool {
    matches!(hit.active.rule.fault, Fault::Bandwidth { .. } | Fault::Slice { .. })
}

fn is_answer(fault: &Fault) -> bool {
    matches!(
        fault,
        Fault::HttpAnswer { .. } | Fault::PostgresError { .. } | Fault::RedisError { .. }
    )
}
