//! From the upstream to the service.

use std::time::{Duration, Instant};

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{sleep, sleep_until};

use super::queue::{Pending, What};
use super::{Common, READ, Stop};
use crate::proxy::connection::{End, Flow};
use crate::proxy::read::{Answers, Ask, Own, Piece, Read};
use crate::proxy::rules::{Hit, Plan};
use crate::proxy::shape::{send, write};
use crate::proxy::standing::Standing;
use crate::proxy::{Direction, Fault, Outcome, Release};

/// How long the service may take to read an answer after which the connection is closed.
const LINGER: Duration = Duration::from_secs(1);

/// Reads answers, pairs them with their requests, and passes them on.
pub(super) struct Pump<'a> {
    common: &'a Common<'a>,
    reader: &'a mut dyn Answers,
    flow: &'a mut Flow,
    standing: Standing,
    /// Bytes of the buffer that may go.
    ready: usize,
    /// Requests whose answers end in those bytes.
    ended: Vec<Pending>,
    /// When the last bytes came, if that is of any use.
    arrived: Option<Instant>,
    /// Pauses between bytes that were not made yet.
    due: Duration,
}

/// What is to be done next.
enum Next {
    /// Look at this.
    Read(Read),
    /// Wait until the whole of a request is there that the proxy answers.
    Wait,
    /// Send this.
    Own(Own, Plan),
}

impl<'a> Pump<'a> {
    pub(super) fn new(
        common: &'a Common<'a>,
        reader: &'a mut dyn Answers,
        flow: &'a mut Flow,
    ) -> Self {
        let standing = Standing::new(&common.link.shared.rules, Direction::Downstream, false);
        let (ended, due) = (Vec::new(), Duration::ZERO);
        Self { common, reader, flow, standing, ready: 0, ended, arrived: None, due }
    }

    pub(super) async fn run(
        mut self,
        from: &mut ReadHalf<'_>,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Stop> {
        loop {
            match self.next() {
                Next::Own(own, plan) => {
                    self.flush(to, None).await?;
                    self.own(own, &plan, to).await?;
                }
                Next::Wait => {
                    self.flush(to, None).await?;
                    self.common.news.heard().await;
                }
                Next::Read(Read::Piece(piece)) => self.piece(&piece, to).await?,
                Next::Read(Read::Lost(reason)) => return Err(Stop::Unread(reason)),
                Next::Read(Read::More) => {
                    self.flush(to, None).await?;
                    if self.flow.has_ended {
                        return self.end(to).await;
                    }
                    self.flow.buffer.reserve(READ);
                    tokio::select! {
                        biased;
                        read = from.read_buf(&mut self.flow.buffer) => self.arrived(&read)?,
                        () = self.common.news.heard() => {}
                    }
                }
            }
        }
    }

    /// Looks at the front of the queue and at the bytes that are there, and passes on what nothing hit.
    fn next(&mut self) -> Next {
        let common = self.common;
        let mut state = common.queue.lock();
        loop {
            if let Some(next) = state.pending.front_mut().and_then(|front| own(front, self.reader))
            {
                return next;
            }
            let bytes = self.flow.buffer.get(self.ready..).unwrap_or_default();
            if bytes.is_empty() {
                return Next::Read(Read::More);
            }
            let mut unheard = Ask::Declined(b"");
            let ask = state.pending.front_mut().map(|front| front.ask().unwrap_or(&mut unheard));
            let read = self.reader.read(bytes, ask);
            state.is_in_transaction = self.reader.is_in_transaction();
            match (read, state.pending.front_mut()) {
                (Read::Piece(piece), Some(front)) if is_passed(&piece, front) => {
                    front.is_begun = true;
                    front.answer_bytes += u64::try_from(piece.len).unwrap_or(u64::MAX);
                    self.ready += piece.len;
                    if piece.ends {
                        self.ended.extend(state.pending.pop_front());
                    }
                }
                (read, _) => return Next::Read(read),
            }
        }
    }

    fn arrived(&mut self, read: &std::io::Result<usize>) -> Result<(), Stop> {
        match read {
            Ok(0) => {
                self.flow.has_ended = true;
                self.common.link.end_of(Direction::Downstream);
                Ok(())
            }
            Ok(_) => {
                self.arrived = self.common.link.shared.rules.is_any().then(Instant::now);
                Ok(())
            }
            Err(_) => Err(End::broken(Direction::Downstream).into()),
        }
    }

    /// The upstream is done: what waits is answered or never will be.
    async fn end(&mut self, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        self.ready = self.flow.buffer.len();
        self.flush(to, None).await?;
        let outcome = if self.reader.may_end() { Outcome::Answered } else { Outcome::UpstreamLeft };
        let pending = std::mem::take(&mut self.common.queue.lock().pending);
        for (index, pending) in pending.into_iter().enumerate() {
            let outcome = if index == 0 { outcome } else { Outcome::UpstreamLeft };
            self.common.queue.finish(pending, outcome);
        }
        self.common.link.slow_close(Direction::Downstream).await;
        let _gone_already = to.shutdown().await;
        Ok(())
    }

    /// Sends an answer of the proxy's own, with whatever else hits the request.
    async fn own(&mut self, own: Own, plan: &Plan, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        self.arrived = Some(Instant::now());
        self.begin(plan).await?;
        let mut bytes = BytesMut::from(own.bytes.as_slice());
        let count = bytes.len();
        let shape = || plan.shape(Direction::Downstream);
        if send(to, &mut bytes, count, &mut self.due, shape).await.is_err() {
            return Err(End::broken(Direction::Upstream).into());
        }
        self.common.link.pass(Direction::Downstream, count);
        let done = {
            let mut state = self.common.queue.lock();
            if let Some(front) = state.pending.front_mut() {
                front.is_begun = true;
                front.first_byte.get_or_insert_with(Instant::now);
                front.answer_bytes += u64::try_from(count).unwrap_or(u64::MAX);
            }
            if own.is_partial { None } else { state.pending.pop_front() }
        };
        if let Some(done) = done {
            self.common.queue.finish(done, Outcome::Answered);
        }
        if own.closes {
            let _gone_already = to.shutdown().await;
            // An end with bytes unread is a reset, and would take the answer with it.
            tokio::select! {
                () = sleep(LINGER) => {}
                () = self.service_leaves() => {}
            }
            return Err(End::orderly(Outcome::Faulted).into());
        }
        Ok(())
    }

    async fn service_leaves(&self) {
        while !self.common.queue.lock().has_service_left {
            self.common.news.heard().await;
        }
    }

    async fn piece(&mut self, piece: &Piece, to: &mut WriteHalf<'_>) -> Result<(), Stop> {
        if piece.is_aside {
            self.ready += piece.len;
            return Ok(());
        }
        let (plan, is_unheard) = self.note();
        if let Some((plan, begins)) = &plan {
            self.flush(to, None).await?;
            if *begins {
                self.begin(plan).await?;
            }
        }
        if is_unheard {
            self.flush(to, None).await?;
            self.flow.buffer.advance(piece.len);
        } else {
            self.ready += piece.len;
        }
        if let Some((plan, _)) = &plan {
            self.cut(plan, piece, to).await?;
            self.flush(to, Some(plan)).await?;
        }
        self.count(piece, is_unheard);
        match piece.through {
            Some(reason) => {
                self.flush(to, None).await?;
                Err(Stop::Unread(reason))
            }
            None => Ok(()),
        }
    }

    fn count(&mut self, piece: &Piece, is_unheard: bool) {
        let mut state = self.common.queue.lock();
        if let (Some(front), false) = (state.pending.front_mut(), is_unheard) {
            front.answer_bytes += u64::try_from(piece.len).unwrap_or(u64::MAX);
        }
        if piece.ends {
            self.ended.extend(state.pending.pop_front());
        }
    }

    /// The plan of the request that is being answered, if anything hit it, with whether its answer begins; and whether nobody hears it.
    fn note(&self) -> (Option<(Plan, bool)>, bool) {
        let mut state = self.common.queue.lock();
        let Some(front) = state.pending.front_mut() else { return (None, false) };
        let begins = !front.is_begun;
        front.is_begun = true;
        let plan = (!front.plan.is_empty()).then(|| (front.plan.clone(), begins));
        (plan, matches!(front.what, What::Unheard))
    }

    /// Brings those faults that come before the first byte of an answer.
    async fn begin(&mut self, plan: &Plan) -> Result<(), Stop> {
        let rules = &self.common.link.shared.rules;
        for hit in plan.towards(Direction::Downstream) {
            if let Some(delay) = hit.delay(0) {
                self.land(hit);
                tokio::select! {
                    () = sleep_until((self.arrived.unwrap_or_else(Instant::now) + delay).into()) => {}
                    () = rules.cleared(hit) => {}
                }
            }
        }
        let is_hole = |fault: &Fault| matches!(fault, Fault::BlackHole { .. });
        if let Some(hole) = plan.find(Some(Direction::Downstream), is_hole) {
            self.hold(&hole).await?;
        }
        let is_reset = |fault: &Fault| matches!(fault, Fault::Reset { .. });
        if let Some(hit) = plan.find(Some(Direction::Downstream), is_reset) {
            if let Fault::Reset { after } = hit.active.rule.fault {
                sleep(after).await;
            }
            self.land(&hit);
            return Err(End::reset().into());
        }
        Ok(())
    }

    async fn hold(&self, hole: &Hit) -> Result<(), Stop> {
        let Fault::BlackHole { close_after, .. } = hole.active.rule.fault else { return Ok(()) };
        self.land(hole);
        let close = async {
            match close_after {
                Some(after) => sleep(after).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            release = self.common.link.shared.rules.released(hole) => match release {
                Release::Forward => Ok(()),
                Release::Close => Err(End::orderly(Outcome::Faulted).into()),
            },
            () = close => Err(End::orderly(Outcome::Faulted).into()),
            () = self.service_leaves() => Err(End::orderly(Outcome::ServiceLeft).into()),
        }
    }

    /// Ends the connection in the middle of the answer, if that is planned and this piece is where.
    async fn cut(
        &mut self,
        plan: &Plan,
        piece: &Piece,
        to: &mut WriteHalf<'_>,
    ) -> Result<(), Stop> {
        let is_cut = |fault: &Fault| matches!(fault, Fault::Cut { .. });
        let Some(hit) = plan.find(Some(Direction::Downstream), is_cut) else { return Ok(()) };
        let Fault::Cut { after } = hit.active.rule.fault else { return Ok(()) };
        let before = self.common.queue.lock().pending.front().map_or(0, |front| front.answer_bytes);
        let room = usize::try_from(after.saturating_sub(before)).unwrap_or(usize::MAX);
        if room >= piece.len && !piece.ends {
            return Ok(());
        }
        self.ready = room.min(piece.len.saturating_sub(1));
        self.land(&hit);
        self.flush(to, Some(plan)).await?;
        Err(End::orderly(Outcome::Faulted).into())
    }

    fn land(&self, hit: &Hit) {
        if let Some(pending) = self.common.queue.lock().pending.front_mut() {
            pending.land(hit);
        }
    }

    /// Writes what may go, and enters the requests into the log whose answers end there.
    async fn flush(&mut self, to: &mut WriteHalf<'_>, plan: Option<&Plan>) -> Result<(), Stop> {
        let count = std::mem::take(&mut self.ready);
        if count == 0 && self.ended.is_empty() {
            return Ok(());
        }
        let link = self.common.link;
        let passed = link.passed(Direction::Downstream);
        self.standing.refresh(&link.shared.rules, passed);
        let (allowed, limit) = match self.standing.room(passed) {
            Some((room, _)) if count > 0 => {
                let room = usize::try_from(room).unwrap_or(usize::MAX);
                (count.min(room), count >= room)
            }
            _ => (count, false),
        };
        let sent = match plan {
            None => write(to, &mut self.flow.buffer, allowed).await,
            Some(plan) => {
                for hit in plan.towards(Direction::Downstream).filter(|hit| slows(hit)) {
                    self.land(hit);
                }
                let shape = || plan.shape(Direction::Downstream);
                send(to, &mut self.flow.buffer, allowed, &mut self.due, shape).await
            }
        };
        self.sent(sent.is_ok());
        if sent.is_err() {
            return Err(End::broken(Direction::Upstream).into());
        }
        link.pass(Direction::Downstream, allowed);
        if limit {
            let names = self.standing.land(|fault| matches!(fault, Fault::Limit { .. }));
            link.landed(names);
            return Err(End::orderly(Outcome::Faulted).into());
        }
        Ok(())
    }

    /// Takes note of what was written, or could not be.
    fn sent(&mut self, is_sent: bool) {
        let now = Instant::now();
        let outcome = if is_sent { Outcome::Answered } else { Outcome::ServiceLeft };
        for mut pending in self.ended.drain(..) {
            pending.first_byte.get_or_insert(now);
            self.common.queue.finish_at(pending, outcome, now);
        }
        if is_sent
            && let Some(front) = self.common.queue.lock().pending.front_mut()
            && front.is_begun
        {
            front.first_byte.get_or_insert(now);
        }
    }
}

/// What is to be done about a request that the proxy answers itself.
fn own(front: &mut Pending, reader: &dyn Answers) -> Option<Next> {
    if let What::Passed(Ask::Declined(bytes)) = &front.what {
        let own = Own { bytes: bytes.to_vec(), ..Own::default() };
        return Some(Next::Own(own, Plan::default()));
    }
    let What::Own(Ask::Call(call), hit) = &mut front.what else { return None };
    if !front.is_complete && (front.is_begun || !front.wants_answer) {
        return Some(Next::Wait);
    }
    let fault = &hit.active.rule.fault;
    let own = reader.own(fault, call, front.is_complete, front.is_begun);
    let hit = hit.clone();
    front.land(&hit);
    Some(Next::Own(own, front.plan.clone()))
}

/// Whether bytes of the answer to `front` pass as they are, with nothing else to be done.
fn is_passed(piece: &Piece, front: &Pending) -> bool {
    let is_heard = !matches!(front.what, What::Unheard);
    is_heard && front.plan.is_empty() && !piece.is_aside && piece.through.is_none()
}

fn slows(hit: &Hit) -> bool {
    matches!(hit.active.rule.fault, Fault::Bandwidth { .. } | Fault::Slice { .. })
}
