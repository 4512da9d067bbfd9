//! One connection: dials, finds out what is spoken, relays, and ends both sides alike.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use socket2::SockRef;
use tokio::io::{AsyncReadExt, Interest};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use super::changes::{unless_changed, woken_by};
use super::read::{detect, readers};
use super::relay::{Relayed, relay};
use super::{Direction, Fault, Happening, Kind, Outcome, Shared, http2, plain};

/// How long a dial of the upstream may take.
const DIAL: Duration = Duration::from_secs(30);
/// How often it is looked meanwhile whether the service still waits for it.
const LOOK: Duration = Duration::from_millis(50);

/// What the parts of one connection have in common.
#[derive(Debug)]
pub(super) struct Link {
    pub(super) number: u64,
    pub(super) shared: Arc<Shared>,
    opened: Instant,
    pub(super) passed: Arc<[AtomicU64; 2]>,
    ended_by: OnceLock<Outcome>,
    is_held: AtomicBool,
    kept: Mutex<BytesMut>,
}

/// Bytes on their way in one direction.
#[derive(Debug, Default)]
pub(super) struct Flow {
    /// Read and not yet written.
    pub(super) buffer: BytesMut,
    /// Whether the side they come from is done.
    pub(super) has_ended: bool,
}

/// Why a connection ends before both sides are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct End {
    pub(super) outcome: Outcome,
    /// Whether the service gets a reset instead of an orderly end.
    pub(super) resets_service: bool,
    /// Whether the upstream does.
    pub(super) resets_upstream: bool,
}

impl End {
    pub(super) const fn orderly(outcome: Outcome) -> Self {
        Self { outcome, resets_service: false, resets_upstream: false }
    }

    /// A fault resets the connection.
    pub(super) const fn reset() -> Self {
        Self { outcome: Outcome::Faulted, resets_service: true, resets_upstream: true }
    }

    /// The side that bytes came from broke off.
    pub(super) const fn broken(from: Direction) -> Self {
        match from {
            Direction::Upstream => {
                Self { outcome: Outcome::ServiceLeft, resets_service: false, resets_upstream: true }
            }
            Direction::Downstream => Self {
                outcome: Outcome::UpstreamLeft,
                resets_service: true,
                resets_upstream: false,
            },
        }
    }
}

impl Link {
    /// Counts bytes that passed.
    pub(super) fn pass(&self, direction: Direction, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        self.passed[index(direction)].fetch_add(bytes, Relaxed);
    }

    pub(super) fn passed(&self, direction: Direction) -> u64 {
        self.passed[index(direction)].load(Relaxed)
    }

    /// Says that faults landed on the connection.
    pub(super) fn landed(&self, names: Vec<Arc<str>>) {
        for rule in names {
            self.shared.log.enter(self.number, Happening::Landed { rule });
        }
    }

    /// Says that the connection passes unread from here on.
    pub(super) fn unread(&self, reason: &str) {
        let reason = reason.to_owned();
        self.shared.log.enter(self.number, Happening::Unread { reason });
    }

    /// Notes which side was done first.
    pub(super) fn end_of(&self, from: Direction) {
        let by = match from {
            Direction::Upstream => {
                self.left();
                Outcome::ServiceLeft
            }
            Direction::Downstream => Outcome::UpstreamLeft,
        };
        let _first = self.ended_by.set(by);
    }

    /// Says that the service holds a connection of the upstream.
    fn reached(&self) {
        self.is_held.store(true, Relaxed);
        self.shared.log.enter(self.number, Happening::Reached);
    }

    /// Says that it does not any longer, if it did.
    fn left(&self) {
        if self.is_held.swap(false, Relaxed) {
            self.shared.log.enter(self.number, Happening::Left);
        }
    }

    /// Keeps the first bytes of a connection that is not understood.
    pub(super) fn keep(&self, bytes: &[u8]) {
        let most = self.shared.settings.keep_bytes;
        if most > 0 {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let room = most.saturating_sub(kept.len()).min(bytes.len());
            kept.extend_from_slice(bytes.get(..room).unwrap_or_default());
        }
    }

    /// Waits as long as a [`Fault::SlowClose`] wants, before an end is passed on.
    pub(super) async fn slow_close(&self, direction: Direction) {
        let rules = &self.shared.rules;
        for active in rules.of_connection(direction, false) {
            if let Fault::SlowClose { delay } = active.rule.fault
                && let Some(hit) = active.ask()
            {
                active.land();
                self.landed(vec![Arc::clone(&active.name)]);
                tokio::select! {
                    () = sleep(delay) => {}
                    () = rules.cleared(&hit) => {}
                }
            }
        }
    }
}

fn index(direction: Direction) -> usize {
    match direction {
        Direction::Upstream => 0,
        Direction::Downstream => 1,
    }
}

/// Serves one connection until it is over or `disconnects` says so.
pub(super) async fn serve(
    mut service: TcpStream,
    shared: &Arc<Shared>,
    disconnects: watch::Receiver<()>,
) {
    let link = Link {
        number: shared.log.open(),
        shared: Arc::clone(shared),
        opened: Instant::now(),
        passed: Arc::new([AtomicU64::new(0), AtomicU64::new(0)]),
        ended_by: OnceLock::new(),
        is_held: AtomicBool::new(false),
        kept: Mutex::default(),
    };
    let _as_it_is = service.set_nodelay(true);
    let mut upstream = None;
    let end = until_told(&link, &mut service, &mut upstream, disconnects).await;
    link.left();
    close(service, end.resets_service);
    if let Some(upstream) = upstream {
        close(upstream, end.resets_upstream);
    }
    let closed = Happening::Closed {
        sent: link.passed(Direction::Upstream),
        received: link.passed(Direction::Downstream),
        duration: link.opened.elapsed(),
        by: end.outcome,
        kept: kept(&link),
    };
    shared.log.enter(link.number, closed);
}

fn kept(link: &Link) -> Bytes {
    std::mem::take(&mut *link.kept.lock().unwrap_or_else(PoisonError::into_inner)).freeze()
}

/// Relays until the connection is over or `disconnects` says so.
async fn until_told(
    link: &Link,
    service: &mut TcpStream,
    upstream: &mut Option<TcpStream>,
    disconnects: watch::Receiver<()>,
) -> End {
    // Pinned here, and so not moved into each of those that wait for it.
    let work = pin!(run(link, service, upstream));
    let work = unless_changed(disconnects.clone(), work);
    let end = woken_by(disconnects, woken_by(link.shared.rules.changes(), work)).await;
    end.unwrap_or(End::orderly(Outcome::Stopped))
}

/// Closes a side; `resets` makes it a real `RST`.
fn close(stream: TcpStream, resets: bool) {
    if resets {
        let _already_gone = SockRef::from(&stream).set_linger(Some(Duration::ZERO));
    }
    drop(stream);
}

async fn run(link: &Link, service: &mut TcpStream, dialed: &mut Option<TcpStream>) -> End {
    if link.shared.rules.refuses() {
        return End::orderly(Outcome::Stopped);
    }
    let settings = &link.shared.settings;
    let dialing = tokio::select! {
        dialing = dial(&settings.upstream) => dialing,
        () = left(service, settings.kind) => return End::broken(Direction::Upstream),
    };
    let upstream = match dialing {
        Ok(upstream) => {
            link.reached();
            dialed.insert(upstream)
        }
        Err(error) => {
            let reason = error.to_string();
            link.shared.log.enter(link.number, Happening::Unreachable { reason });
            // Toxiproxy's clients connect to see whether a proxy is up, and a reset may overtake the connect.
            let resets_service = link.shared.settings.kind != Kind::Any;
            return End { resets_service, ..End::broken(Direction::Downstream) };
        }
    };
    let (mut up, mut down) = (Flow::default(), Flow::default());
    let ended = match spoken(link, service, upstream, &mut up, &mut down).await {
        Ok(kind) => pass(link, kind, service, upstream, &mut up, &mut down).await,
        Err(end) => Err(end),
    };
    match ended {
        Ok(()) => End::orderly(link.ended_by.get().copied().unwrap_or(Outcome::Answered)),
        Err(end) => end,
    }
}

/// Finds out what is spoken, if that depends on the first bytes; those are in the flows then.
async fn spoken(
    link: &Link,
    service: &mut TcpStream,
    upstream: &mut TcpStream,
    up: &mut Flow,
    down: &mut Flow,
) -> Result<Kind, End> {
    let kind = link.shared.settings.kind;
    while kind == Kind::Any && !up.has_ended {
        tokio::select! {
            read = service.read_buf(&mut up.buffer) => match read {
                Ok(0) => up.has_ended = true,
                Ok(_) => {
                    if let Some(kind) = detect(&up.buffer) {
                        return Ok(kind);
                    }
                }
                Err(_) => return Err(End::broken(Direction::Upstream)),
            },
            read = upstream.read_buf(&mut down.buffer) => match read {
                Ok(0) => down.has_ended = true,
                Ok(_) => return Ok(Kind::Tcp),
                Err(_) => return Err(End::broken(Direction::Downstream)),
            },
        }
        if down.has_ended {
            return Ok(Kind::Tcp);
        }
    }
    Ok(if kind == Kind::Any { Kind::Tcp } else { kind })
}

/// Reads until the first bytes tell the version of HTTP.
async fn is_http2(service: &mut TcpStream, up: &mut Flow) -> Result<bool, End> {
    loop {
        if let Some(is_http2) = http2::is_spoken(&up.buffer) {
            return Ok(is_http2);
        }
        match service.read_buf(&mut up.buffer).await {
            Ok(0) => {
                up.has_ended = true;
                return Ok(false);
            }
            Ok(_) => {}
            Err(_) => return Err(End::broken(Direction::Upstream)),
        }
    }
}

/// Relays as what is spoken; what turns out not to be understood, as plain TCP.
async fn pass(
    link: &Link,
    kind: Kind,
    service: &mut TcpStream,
    upstream: &mut TcpStream,
    up: &mut Flow,
    down: &mut Flow,
) -> Result<(), End> {
    if kind == Kind::Http && is_http2(service, up).await? {
        return http2::relay(link, service, upstream, up).await;
    }
    if let Some(readers) = readers(kind, &link.shared.settings) {
        match relay(link, readers, service, upstream, up, down).await {
            Relayed::Done => return Ok(()),
            Relayed::End(end) => return Err(end),
            Relayed::Unread(reason) => link.unread(reason),
        }
    }
    plain::relay(link, service, upstream, up, down).await
}

/// Waits until the service has left a connection that has no upstream yet. What it sent stays unread.
async fn left(service: &TcpStream, kind: Kind) {
    loop {
        sleep(LOOK).await;
        // Where nothing is ready there is nothing to see either.
        let ready = timeout(Duration::ZERO, service.ready(Interest::READABLE)).await;
        let is_closed = matches!(ready, Ok(Ok(ready)) if ready.is_read_closed());
        if is_closed && has_left(service.peek(&mut [0]).await, kind) {
            return;
        }
    }
}

/// Whether a service that sends no more waits for no answer either, by the first byte of what it sent. Closing only its own direction leaves the
/// same trace as leaving: whoever has said nothing over a protocol in which clients speak first cannot await anything, and a database needs more
/// than one turn.
fn has_left(first: std::io::Result<usize>, kind: Kind) -> bool {
    match (first, kind) {
        (Err(_), _) | (_, Kind::Postgres) => true,
        (Ok(0), kind) => !matches!(kind, Kind::Any | Kind::Tcp),
        (Ok(_), _) => false,
    }
}

async fn dial(upstream: &str) -> std::io::Result<TcpStream> {
    let dialing = async {
        let addresses: Vec<SocketAddr> = lookup_host(upstream).await?.collect();
        let stream = TcpStream::connect(addresses.as_slice()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    timeout(DIAL, dialing).await.unwrap_or_else(|_| Err(std::io::ErrorKind::TimedOut.into()))
}
