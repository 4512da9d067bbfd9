//! Mutated texts for the tests of readers.

use proptest::prelude::*;

/// Texts like `seed` with a stretch replaced, repeated or cut off.
pub(super) fn mutated(seed: &'static str) -> impl Strategy<Value = String> {
    let stretch = (0..=seed.len(), 0..40_usize);
    let other = "[ -~\t\r\n\u{0}é\u{2028}${}<>\"'\\\\]{0,12}";
    (stretch, other, 1..4_usize).prop_map(|((start, length), other, times)| {
        let mut bytes = seed.as_bytes().to_vec();
        let end = (start + length).min(bytes.len());
        let stretch = bytes.splice(start..end, other.bytes()).collect::<Vec<_>>();
        bytes.splice(start..start, stretch.repeat(times - 1));
        String::from_utf8_lossy(&bytes).into_owned()
    })
}
