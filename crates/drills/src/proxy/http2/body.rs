//! Passes the body of one stream on, with its trailers.

use std::future::poll_fn;

use bytes::Bytes;
use h2::{Reason, RecvStream, SendStream};
use http::HeaderMap;
use tokio::time::sleep;

use crate::proxy::shape::Shape;

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
    while let Some(read) = from.data().await {
        let Ok(mut bytes) = read else {
            to.send_reset(reset_reason(read.err()));
            return Passed::SourceLeft;
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
            to.send_reset(Reason::INTERNAL_ERROR);
            return Passed::Cut;
        }
    }
    if room.is_some() {
        to.send_reset(Reason::INTERNAL_ERROR);
        return Passed::Cut;
    }
    let Ok(trailers) = from.trailers().await else { return Passed::SourceLeft };
    let sent = match &trailers {
        Some(trailers) => to.send_trailers(trailers.clone()),
        None => to.send_data(Bytes::new(), true),
    };
    if sent.is_ok() { Passed::Whole(trailers) } else { Passed::TargetLeft }
}

/// The reason that the source gave, to be passed on.
fn reset_reason(error: Option<h2::Error>) -> Reason {
    error.and_then(|error| error.reason()).unwrap_or(Reason::INTERNAL_ERROR)
}

/// What was not read yet is dropped with the stream, which tells the source.
fn from_is_unwanted(from: &mut RecvStream) {
    let window = from.flow_control();
    let _window = window.release_capacity(window.used_capacity());
}

async fn sleep_unless_zero(pause: std::time::Duration) {
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
