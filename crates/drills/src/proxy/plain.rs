//! Passes bytes on as plain TCP, with the faults that a connection can have without being understood.

use std::collections::VecDeque;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::time::{Instant, sleep, sleep_until};

use super::connection::{End, Flow, Link};
use super::rules::Hit;
use super::shape::send;
use super::standing::Standing;
use super::{Direction, Fault, Outcome, Release};

/// Bytes that wait in one direction before no more are read.
const MAX_WAITING: usize = 1 << 20;
/// Bytes that are read at a time.
const READ: usize = 16 << 10;

/// Relays until both sides are done, or something ends the connection earlier.
pub(super) async fn relay(
    link: &Link,
    service: &mut TcpStream,
    upstream: &mut TcpStream,
    up: &mut Flow,
    down: &mut Flow,
) -> Result<(), End> {
    let (mut from_service, mut to_service) = service.split();
    let (mut from_upstream, mut to_upstream) = upstream.split();
    link.keep(&up.buffer);
    let upward = Pump::new(link, Direction::Upstream, up);
    let downward = Pump::new(link, Direction::Downstream, down);
    tokio::try_join!(
        upward.run(&mut from_service, &mut to_upstream),
        downward.run(&mut from_upstream, &mut to_service),
    )?;
    Ok(())
}

/// One direction of a connection.
struct Pump<'a> {
    link: &'a Link,
    direction: Direction,
    flow: &'a mut Flow,
    standing: Standing,
    /// When how many of the waiting bytes go on; `None`: at once.
    queue: VecDeque<(Option<Instant>, usize)>,
    /// Pieces read so far, for the jitter of each.
    pieces: u64,
    /// Pauses between bytes that were not made yet.
    due: Duration,
}

impl<'a> Pump<'a> {
    fn new(link: &'a Link, direction: Direction, flow: &'a mut Flow) -> Self {
        let standing = Standing::new(&link.shared.rules, direction, true);
        let mut queue = VecDeque::new();
        if !flow.buffer.is_empty() {
            queue.push_back((None, flow.buffer.len()));
        }
        Self { link, direction, flow, standing, queue, pieces: 0, due: Duration::ZERO }
    }

    async fn run(mut self, from: &mut ReadHalf<'_>, to: &mut WriteHalf<'_>) -> Result<(), End> {
        loop {
            self.standing.refresh(&self.link.shared.rules, self.link.passed(self.direction));
            if let Some(hit) = self.standing.find(|fault| matches!(fault, Fault::Reset { .. })) {
                self.reset(&hit).await?;
                continue;
            }
            let is_hole = |fault: &Fault| matches!(fault, Fault::BlackHole { .. });
            if let Some(hole) = self.standing.find(is_hole) {
                self.hold(&hole, from).await?;
                continue;
            }
            match self.queue.front() {
                Some((due, count)) if due.is_none_or(|due| due <= Instant::now()) => {
                    let count = *count;
                    self.queue.pop_front();
                    if !self.forward(to, count).await? {
                        return Ok(());
                    }
                }
                None if self.flow.has_ended => {
                    self.link.slow_close(self.direction).await;
                    let _gone_already = to.shutdown().await;
                    return Ok(());
                }
                _ => self.wait(from).await?,
            }
        }
    }

    /// Waits for bytes, for the time of those that wait, or for other rules.
    async fn wait(&mut self, from: &mut ReadHalf<'_>) -> Result<(), End> {
        let due = self.queue.front().and_then(|(due, _)| *due);
        let until_due = async {
            match due {
                Some(due) => sleep_until(due).await,
                None => std::future::pending().await,
            }
        };
        let has_room = !self.flow.has_ended && self.flow.buffer.len() < MAX_WAITING;
        self.flow.buffer.reserve(READ);
        tokio::select! {
            biased;
            () = self.standing.changed() => {
                self.hurry();
                Ok(())
            }
            () = until_due => Ok(()),
            read = from.read_buf(&mut self.flow.buffer), if has_room => self.arrived(&read),
        }
    }

    /// Takes note of bytes that were read, or of their end.
    fn arrived(&mut self, read: &std::io::Result<usize>) -> Result<(), End> {
        match read {
            Ok(0) => {
                self.flow.has_ended = true;
                self.link.end_of(self.direction);
                Ok(())
            }
            Ok(count) => {
                self.keep(*count);
                let due = self.due();
                self.queue.push_back((due, *count));
                self.pieces += 1;
                Ok(())
            }
            Err(_) => Err(End::broken(self.direction)),
        }
    }

    fn keep(&self, count: usize) {
        if self.direction == Direction::Upstream {
            let start = self.flow.buffer.len().saturating_sub(count);
            self.link.keep(self.flow.buffer.get(start..).unwrap_or_default());
        }
    }

    /// When bytes that arrive now go on.
    fn due(&mut self) -> Option<Instant> {
        if self.standing.is_empty() {
            return None;
        }
        let delay: Duration = self.standing.hits().filter_map(|hit| hit.delay(self.pieces)).sum();
        if !delay.is_zero() {
            self.land(|fault| matches!(fault, Fault::Latency { .. }));
        }
        Some(Instant::now() + delay)
    }

    /// After a change of rules nothing waits for a latency that is gone.
    fn hurry(&mut self) {
        self.standing.refresh(&self.link.shared.rules, self.link.passed(self.direction));
        if self.standing.find(|fault| matches!(fault, Fault::Latency { .. })).is_none() {
            self.queue.iter_mut().for_each(|(due, _)| *due = None);
        }
    }

    /// Writes so many of the waiting bytes; `false` when the other side takes no more.
    async fn forward(&mut self, to: &mut WriteHalf<'_>, count: usize) -> Result<bool, End> {
        let mut allowed = count;
        let mut is_last = false;
        if let Some((room, _)) = self.standing.room(self.link.passed(self.direction)) {
            let room = usize::try_from(room).unwrap_or(usize::MAX);
            is_last = count >= room;
            allowed = count.min(room);
        }
        if !self.standing.is_empty() {
            let slows =
                |fault: &Fault| matches!(fault, Fault::Bandwidth { .. } | Fault::Slice { .. });
            self.land(slows);
        }
        let standing = &self.standing;
        let sent =
            send(to, &mut self.flow.buffer, allowed, &mut self.due, || standing.shape()).await;
        if sent.is_err() {
            return match self.direction {
                // What the upstream said before is still worth passing on.
                Direction::Upstream => Ok(false),
                Direction::Downstream => Err(End::broken(Direction::Upstream)),
            };
        }
        self.link.pass(self.direction, allowed);
        if is_last {
            self.land(|fault| matches!(fault, Fault::Limit { .. } | Fault::Cut { .. }));
            return Err(End::orderly(Outcome::Faulted));
        }
        Ok(true)
    }

    async fn reset(&mut self, hit: &Hit) -> Result<(), End> {
        let Fault::Reset { after } = hit.active.rule.fault else { return Ok(()) };
        if !after.is_zero() {
            tokio::select! {
                () = sleep(after) => {}
                () = self.link.shared.rules.cleared(hit) => return Ok(()),
            }
        }
        self.land(|fault| matches!(fault, Fault::Reset { .. }));
        Err(End::reset())
    }

    /// Reads and keeps what is said, and passes nothing on, until the black hole is gone.
    async fn hold(&mut self, hole: &Hit, from: &mut ReadHalf<'_>) -> Result<(), End> {
        let Fault::BlackHole { close_after, .. } = hole.active.rule.fault else { return Ok(()) };
        let close = async {
            match close_after {
                Some(after) => sleep(after).await,
                None => std::future::pending().await,
            }
        };
        let rules = &self.link.shared.rules;
        let released = rules.released(hole);
        tokio::pin!(close, released);
        loop {
            if !self.flow.buffer.is_empty() {
                self.land(|fault| matches!(fault, Fault::BlackHole { .. }));
            }
            let has_room = !self.flow.has_ended && self.flow.buffer.len() < MAX_WAITING;
            self.flow.buffer.reserve(READ);
            tokio::select! {
                release = &mut released => {
                    return match release {
                        Release::Forward => Ok(()),
                        Release::Close => Err(End::orderly(Outcome::Faulted)),
                    };
                }
                () = &mut close => {
                    self.land(|fault| matches!(fault, Fault::BlackHole { .. }));
                    return Err(End::orderly(Outcome::Faulted));
                }
                read = from.read_buf(&mut self.flow.buffer), if has_room => {
                    self.arrived(&read)?;
                    if self.flow.has_ended && self.direction == Direction::Upstream {
                        return Err(End::orderly(Outcome::ServiceLeft));
                    }
                }
            }
        }
    }

    fn land(&mut self, is_such: impl Fn(&Fault) -> bool) {
        let names = self.standing.land(is_such);
        self.link.landed(names);
    }
}
