//! Passes the body of one stream on, with its trailers.

use std::future::poll_fn;
use std::task::Poll;
use std::time::Duration;

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http::HeaderMap;
use tokio::time::sleep;

use crate::proxy::shape::Shape;

/// How long bytes may take from here to the connection.
const SETTLE: Duration = Duration::from_millis(5);

/// How a body ended.
#[derive(Debug)]
pub(super) enum Passed {
    /// It went whole, with these trailers.
    Whole(Option<HeaderMap>),
    /// It was cut off.
    Cut,
    /// The side that it came from broke off.
    SourceLeft,
    /// The side that it goes to broke off.
    TargetLeft,
}

/// Passes a body on. `seen` hears each piece; at most `room` bytes pass, and then the stream is reset instead of ended.
pub(super) async fn pass(
    from: &mut RecvStream,
    to: &mut SendStream<Bytes>,
    shape: impl Fn() -> Shape,
    mut room: Option<u64>,
    mut seen: impl FnMut(&Bytes),
) -> Passed {
    let mut number = 0;
    loop {
        let mut bytes = match next(from, to).await {
            Next::Bytes(bytes) => bytes,
            Next::End => break,
            Next::SourceLeft(reason) => {
                break_off(to, reason).await;
                return Passed::SourceLeft;
            }
            Next::TargetLeft => return Passed::TargetLeft,
        };
        let _window = from.flow_control().release_capacity(bytes.len());
        let mut is_cut = false;
        if let Some(room) = &mut room {
            let len = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            is_cut = len > *room;
            bytes.truncate(usize::try_from(*room).unwrap_or(usize::MAX));
            *room = room.saturating_sub(len);
        }
        while !bytes.is_empty() {
            let now = shape();
            let piece = bytes.split_to(now.piece(bytes.len(), number));
            sleep_unless_zero(now.pause(piece.len(), number)).await;
            number += 1;
            seen(&piece);
            if send(to, piece).await.is_none() {
                from_is_unwanted(from);
                return Passed::TargetLeft;
            }
        }
        if is_cut {
            break_off(to, Reason::INTERNAL_ERROR).await;
            return Passed::Cut;
        }
    }
    if room.is_some() {
        break_off(to, Reason::INTERNAL_ERROR).await;
        return Passed::Cut;
    }
    let trailers = match from.trailers().await {
        Ok(trailers) => trailers,
        Err(error) => {
            break_off(to, reset_reason(&error)).await;
            return Passed::SourceLeft;
        }
    };
    let sent = match &trailers {
        Some(trailers) => to.send_trailers(trailers.clone()),
        None => to.send_data(Bytes::new(), true),
    };
    if sent.is_ok() { Passed::Whole(trailers) } else { Passed::TargetLeft }
}

/// Resets a stream after what was sent on it.
async fn break_off(to: &mut SendStream<Bytes>, reason: Reason) {
    // A reset takes with it what is not written yet, and nothing tells when it is.
    sleep(SETTLE).await;
    to.send_reset(reason);
}

/// What comes next.
enum Next {
    Bytes(Bytes),
    End,
    SourceLeft(Reason),
    TargetLeft,
}

/// Waits for the source; the target may break off while it says nothing.
async fn next(from: &mut RecvStream, to: &mut SendStream<Bytes>) -> Next {
    poll_fn(|context| match from.poll_data(context) {
        Poll::Ready(Some(Ok(bytes))) => Poll::Ready(Next::Bytes(bytes)),
        Poll::Ready(Some(Err(error))) => Poll::Ready(Next::SourceLeft(reset_reason(&error))),
        Poll::Ready(None) => Poll::Ready(Next::End),
        Poll::Pending => to.poll_reset(context).map(|_| Next::TargetLeft),
    })
    .await
}

/// The reason that the source gave, to be passed on.
fn reset_reason(error: &h2::Error) -> Reason {
    error.reason().unwrap_or(Reason::INTERNAL_ERROR)
}

/// What was not read yet is dropped with the stream, which tells the source.
fn from_is_unwanted(from: &mut RecvStream) {
    let window = from.flow_control();
    let _window = window.release_capacity(window.used_capacity());
}

async fn sleep_unless_zero(pause: Duration) {
    if !pause.is_zero() {
        sleep(pause).await;
    }
}

/// Sends bytes as the other side has room for them; `None` when it broke off.
async fn send(to: &mut SendStream<Bytes>, mut bytes: Bytes) -> Option<()> {
    while !bytes.is_empty() {
        to.reserve_capacity(bytes.len());
        let room = poll_fn(|context| to.poll_capacity(context)).await?.ok()?;
        if room > 0 {
            to.send_data(bytes.split_to(room.min(bytes.len())), false).ok()?;
        }
    }
    Some(())
}
