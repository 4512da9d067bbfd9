//! Sends bytes slowly or in small pieces, as faults want it.

use std::io;
use std::time::Duration;

use bytes::{Buf, BytesMut};
use tokio::io::{AsyncWrite, AsyncWriteExt};
use tokio::time::sleep;

use super::Fault;
use super::chance::{around, draw};
use super::rules::Hit;

/// How long a pause lasts at most before the rules are looked at again.
const MAX_PAUSE: Duration = Duration::from_millis(50);
/// A pause shorter than this waits until more are due: a timer takes as long at least, and many short pauses would take many times their time.
const MIN_PAUSE: Duration = Duration::from_millis(1);
/// How many pieces a second a bandwidth limit makes of a long text.
const PIECES_PER_S: u64 = 50;

/// How bytes pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Shape {
    bytes_per_s: Option<u64>,
    slice: Option<Slice>,
}

#[derive(Clone, Copy, Debug)]
struct Slice {
    bytes: usize,
    variation: usize,
    pause: Duration,
    seed: u64,
}

impl Shape {
    /// What these hits make of it together: the lowest rate, and the last slicing.
    pub(super) fn of<'a>(hits: impl Iterator<Item = &'a Hit>) -> Self {
        let mut shape = Self::default();
        for hit in hits {
            match hit.active.rule.fault {
                Fault::Bandwidth { bytes_per_s } => {
                    let rate = shape.bytes_per_s.unwrap_or(u64::MAX).min(bytes_per_s.max(1));
                    shape.bytes_per_s = Some(rate);
                }
                Fault::Slice { bytes, variation, pause } => {
                    shape.slice = Some(Slice { bytes, variation, pause, seed: hit.draw });
                }
                _ => {}
            }
        }
        shape
    }

    /// Whether bytes pass as they are.
    pub(super) fn is_plain(&self) -> bool {
        self.bytes_per_s.is_none() && self.slice.is_none()
    }

    /// How many of `left` bytes go in the `number`th piece.
    pub(super) fn piece(&self, left: usize, number: u64) -> usize {
        let mut piece = left;
        if let Some(rate) = self.bytes_per_s {
            let most = usize::try_from(rate / PIECES_PER_S).unwrap_or(usize::MAX);
            piece = piece.min(most.max(1));
        }
        if let Some(slice) = self.slice {
            let range = u64::try_from(slice.variation).unwrap_or(0);
            let shift = around(draw(slice.seed, number), range);
            let wanted = isize::try_from(shift).unwrap_or(0);
            piece = piece.min(slice.bytes.saturating_add_signed(wanted).max(1));
        }
        piece
    }

    /// How long to wait before a piece of so many bytes.
    pub(super) fn pause(&self, bytes: usize, number: u64) -> Duration {
        let mut pause = Duration::ZERO;
        if let Some(rate) = self.bytes_per_s {
            let nanos = u64::try_from(bytes).unwrap_or(u64::MAX).saturating_mul(1_000_000_000);
            pause += Duration::from_nanos(nanos / rate);
        }
        if let (Some(slice), true) = (self.slice, number > 0) {
            pause += slice.pause;
        }
        pause
    }
}

/// Writes the first `count` bytes of `buffer` and takes them out of it. `shape` is asked before each piece, so that a rule that is
/// taken back lets the rest go. `due` are pauses that were not made yet, which belong to the direction and outlive the call. Nothing is lost when
/// this is dropped in between.
pub(super) async fn send(
    writer: &mut (impl AsyncWrite + Unpin),
    buffer: &mut BytesMut,
    count: usize,
    due: &mut Duration,
    shape: impl Fn() -> Shape,
) -> io::Result<()> {
    let mut left = count.min(buffer.len());
    let mut number = 0;
    while left > 0 {
        let now = shape();
        let piece = now.piece(left, number);
        *due = if now.is_plain() { Duration::ZERO } else { *due + now.pause(piece, number) };
        if !paused(due, &shape).await {
            continue;
        }
        left -= piece;
        number += 1;
        write(writer, buffer, piece).await?;
    }
    Ok(())
}

/// Writes the first `count` bytes of `buffer` at once and takes them out of it. Nothing is lost when this is dropped in between.
pub(super) async fn write(
    writer: &mut (impl AsyncWrite + Unpin),
    buffer: &mut BytesMut,
    mut count: usize,
) -> io::Result<()> {
    while count > 0 {
        let written = writer.write(buffer.get(..count).unwrap_or_default()).await?;
        if written == 0 {
            return Err(io::ErrorKind::WriteZero.into());
        }
        buffer.advance(written);
        count -= written;
    }
    Ok(())
}

/// Makes the pauses that are due, unless they are too short yet; `false` when the shape was lifted meanwhile.
async fn paused(due: &mut Duration, shape: impl Fn() -> Shape) -> bool {
    while *due >= MIN_PAUSE {
        let step = (*due).min(MAX_PAUSE);
        sleep(step).await;
        *due -= step;
        if !due.is_zero() && shape().is_plain() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;

    #[tokio::test]
    async fn a_thousand_short_messages_take_no_longer_than_their_bytes() {
        let began = Instant::now();
        let (mut sent, mut due) = (Vec::new(), Duration::ZERO);
        let narrow = || Shape { bytes_per_s: Some(40_000), slice: None };
        for _ in 0..1000 {
            let mut row = BytesMut::from(&b"row"[..]);
            send(&mut sent, &mut row, 3, &mut due, narrow).await.unwrap();
        }
        let took = began.elapsed();
        assert_eq!(sent.len(), 3000);
        assert!(took >= Duration::from_millis(70) && took < Duration::from_millis(600), "{took:?}");
    }
}
