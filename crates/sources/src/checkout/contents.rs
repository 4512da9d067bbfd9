//! The second half of a walk: reading the files that were chosen.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rayon::iter::{IndexedParallelIterator, IntoParallelRefIterator, ParallelIterator};

use super::budget::Budget;
use crate::tree::Tree;
use crate::{SkipReason, Skipped};

/// How far into a file a NUL byte makes it binary, as git sees it.
const BINARY_WITHIN: usize = 8 * 1024;

/// What became of the chosen files, in their order.
pub(super) struct Contents<T> {
    pub(super) read: Vec<(Arc<str>, T)>,
    pub(super) skipped: Vec<Skipped>,
    pub(super) bytes: u64,
}

/// Reads the files at `paths` on all threads, each thread into one buffer of its own.
pub(super) fn read_all<T: Send>(
    tree: &Tree,
    paths: &[Arc<str>],
    read: &(impl Fn(&Arc<str>, &[u8]) -> T + Sync),
    budget: &Budget<'_>,
) -> Contents<T> {
    let bytes_read = AtomicU64::new(0);
    let read_one = |buffer: &mut Vec<u8>, path: &Arc<str>| {
        let bytes = read_file(tree, path, buffer, budget)?;
        bytes_read.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        Ok(read(path, bytes))
    };
    let outcomes: Vec<Result<T, SkipReason>> =
        paths.par_iter().with_min_len(8).map_init(Vec::new, read_one).collect();

    let mut contents = Contents {
        read: Vec::with_capacity(paths.len()),
        skipped: Vec::new(),
        bytes: bytes_read.into_inner(),
    };
    for (path, outcome) in paths.iter().zip(outcomes) {
        let path = path.clone();
        match outcome {
            Ok(made) => contents.read.push((path, made)),
            Err(reason) => contents.skipped.push(Skipped { path, reason }),
        }
    }
    contents
}

fn read_file<'b>(
    tree: &Tree,
    path: &str,
    buffer: &'b mut Vec<u8>,
    budget: &Budget<'_>,
) -> Result<&'b [u8], SkipReason> {
    if !budget.allows_reading(path) {
        return Err(SkipReason::NotReached);
    }
    let limit = budget.limits.file_bytes;
    let file = tree.file(path)?;
    let claimed = file.size;
    if claimed <= limit && !budget.take_bytes(path, claimed) {
        return Err(SkipReason::NotReached);
    }
    let length = file.read_into(limit, buffer)?;
    // Some files claim to be smaller than they are.
    if !budget.take_bytes(path, (length as u64).saturating_sub(claimed)) {
        return Err(SkipReason::NotReached);
    }
    let bytes = buffer.get(..length).unwrap_or_default();
    if bytes.starts_with(b"\0GITCRYPT\0") {
        return Err(SkipReason::Encrypted);
    }
    if let Some(text) = from_utf16(bytes) {
        buffer.clear();
        buffer.extend_from_slice(text.as_bytes());
        return text_of(buffer);
    }
    text_of(buffer.get(..length).unwrap_or_default())
}

/// The text of a file as its readers are given it: of UTF-16 by the mark at its beginning, else of UTF-8, with the
/// replacement character for what is none.
pub fn decoded(bytes: &[u8]) -> Cow<'_, str> {
    from_utf16(bytes).map_or_else(|| String::from_utf8_lossy(bytes), Cow::Owned)
}

fn text_of(bytes: &[u8]) -> Result<&[u8], SkipReason> {
    let start = bytes.get(..BINARY_WITHIN).unwrap_or(bytes);
    if memchr::memchr(0, start).is_some() {
        return Err(SkipReason::Binary);
    }
    Ok(bytes)
}

/// The text of a file in UTF-16, which some shells write: it begins with the mark of its byte
/// order. `None`: it is something else.
fn from_utf16(bytes: &[u8]) -> Option<String> {
    let (mark, rest) = bytes.split_at_checked(2)?;
    let unit = match mark {
        [0xFF, 0xFE] => u16::from_le_bytes,
        [0xFE, 0xFF] => u16::from_be_bytes,
        _ => return None,
    };
    let (units, left) = rest.as_chunks::<2>();
    let units = units.iter().map(|bytes| unit(*bytes));
    // Tools that know nothing of UTF-16 end files with a line feed of one byte.
    let is_whole = matches!(left, [] | [b'\n']);
    is_whole.then(|| char::decode_utf16(units).collect::<Result<_, _>>().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_utf16_is_read_in_either_order_of_bytes() {
        let of = |mark: u16, order: fn(u16) -> [u8; 2]| -> Vec<u8> {
            [mark].into_iter().chain("# Ä\n".encode_utf16()).flat_map(order).collect()
        };
        assert_eq!(from_utf16(&of(0xFEFF, u16::to_le_bytes)).as_deref(), Some("# Ä\n"));
        assert_eq!(from_utf16(&of(0xFEFF, u16::to_be_bytes)).as_deref(), Some("# Ä\n"));
        let mut ended = of(0xFEFF, u16::to_le_bytes);
        ended.push(b'\n');
        assert_eq!(from_utf16(&ended).as_deref(), Some("# Ä\n"));
    }

    #[test]
    fn what_only_begins_like_utf16_is_none() {
        assert_eq!(from_utf16(&[0xFF, 0xFE, 0x41]), None, "half a unit");
        assert_eq!(from_utf16(&[0xFF, 0xFE, 0x00, 0xDC]), None, "half a pair");
        assert_eq!(from_utf16(b"# A"), None);
        assert_eq!(text_of(b"a\0"), Err(SkipReason::Binary));
    }
}
