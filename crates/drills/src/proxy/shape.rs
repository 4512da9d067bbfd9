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
/// taken back lets the rest go. Nothing is lost when this is dropped in between.
pub(super) async fn send(
    writer: &mut (impl AsyncWrite + Unpin),
    buffer: &mut BytesMut,
    count: usize,
    shape: impl Fn() -> Shape,
) -> io::Result<()> {
    let mut left = count.min(buffer.len());
    let mut number = 0;
    while left > 0 {
        let now = shape();
        let piece = now.piece(left, number);
        if !now.is_plain() && !paused(&now, piece, number, &shape).await {
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

/// Waits before a piece; `false` when the shape was lifted meanwhile.
async fn paused(now: &Shape, piece: usize, number: u64, shape: impl Fn() -> Shape) -> bool {
    let mut left = now.pause(piece, number);
    while !left.is_zero() {
        let step = left.min(MAX_PAUSE);
        sleep(step).await;
        left -= step;
        if !left.is_zero() && shape().is_plain() {
            return false;
        }
    }
    true
}
