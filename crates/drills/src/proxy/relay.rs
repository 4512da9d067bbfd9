//! Relays a connection whose protocol is understood: pairs requests with answers, and brings faults to single requests.

mod answers;
mod queue;
mod requests;

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, Waker};

use tokio::net::TcpStream;

use super::Outcome;
use super::connection::{End, Flow, Link};
use super::read::{Answers, Requests};
use queue::Queue;

/// Bytes that are read at a time.
const READ: usize = 16 << 10;
/// Bytes of one direction that may wait while requests are held back.
const MAX_WAITING: usize = 1 << 20;

/// Why a relay ends.
pub(super) enum Relayed {
    /// Both sides are done.
    Done,
    /// Something ends the connection.
    End(End),
    /// From here on the connection passes unread; what was not sent yet is in its flows.
    Unread(&'static str),
}

/// Why a direction stops before its end.
enum Stop {
    End(End),
    Unread(&'static str),
}

impl From<End> for Stop {
    fn from(end: End) -> Self {
        Self::End(end)
    }
}

/// What both directions know.
struct Common<'a> {
    link: &'a Link,
    queue: Queue<'a>,
    /// Tells the answers' side that something is to be looked at.
    news: News,
}

/// Word from the requests' side to the answers'. Both are parts of one task, and so it is that task which is woken.
struct News {
    is_told: AtomicBool,
    task: Waker,
}

impl News {
    async fn new() -> Self {
        let task = poll_fn(|context| Poll::Ready(context.waker().clone())).await;
        Self { is_told: AtomicBool::new(false), task }
    }

    fn tell(&self) {
        self.is_told.store(true, Ordering::Relaxed);
        self.task.wake_by_ref();
    }

    async fn heard(&self) {
        let is_heard = |_: &mut Context<'_>| {
            if self.is_told.load(Ordering::Relaxed) {
                self.is_told.store(false, Ordering::Relaxed);
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        };
        poll_fn(is_heard).await;
    }
}

/// Relays until both sides are done, something ends the connection, or it is not understood any longer.
pub(super) async fn relay(
    link: &Link,
    (mut requests, mut answers): (Box<dyn Requests>, Box<dyn Answers>),
    service: &mut TcpStream,
    upstream: &mut TcpStream,
    up: &mut Flow,
    down: &mut Flow,
) -> Relayed {
    let (mut from_service, mut to_service) = service.split();
    let (mut from_upstream, mut to_upstream) = upstream.split();
    let common = Common { link, queue: Queue::new(link), news: News::new().await };
    let sending = requests::Pump::new(&common, requests.as_mut(), up);
    let answering = answers::Pump::new(&common, answers.as_mut(), down);
    let ended = tokio::try_join!(
        sending.run(&mut from_service, &mut to_upstream),
        answering.run(&mut from_upstream, &mut to_service),
    );
    match ended {
        Ok(_) => {
            common.queue.close(Outcome::UpstreamLeft);
            Relayed::Done
        }
        Err(Stop::End(end)) => {
            common.queue.close(end.outcome);
            Relayed::End(end)
        }
        Err(Stop::Unread(reason)) => {
            common.queue.close(Outcome::Unread);
            Relayed::Unread(reason)
        }
    }
}
