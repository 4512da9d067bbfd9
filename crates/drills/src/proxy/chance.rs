//! Chance that can be repeated: a number for each seed and position, without any state between them.

/// The number at `position` of the sequence that `seed` gives (the finalizer of `SplitMix64`).
pub(super) fn draw(seed: u64, position: u64) -> u64 {
    let mut bits = seed.wrapping_add(position.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// A seed of its own for each name (FNV-1a).
pub(super) fn named(seed: u64, name: &str) -> u64 {
    name.bytes().fold(seed ^ 0xcbf2_9ce4_8422_2325, |bits, byte| {
        (bits ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The drawn number as a share from 0 to below 1.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit into the mantissa")]
pub(super) fn share(draw: u64) -> f64 {
    (draw >> 11) as f64 / (1_u64 << 53) as f64
}

/// The drawn number as one from -`range` to `range`.
pub(super) fn around(draw: u64, range: u64) -> i64 {
    let span = u128::from(range) * 2 + 1;
    let place = (u128::from(draw) * span) >> 64;
    i64::try_from(place).unwrap_or(i64::MAX) - i64::try_from(range).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_spread_evenly_and_repeat_with_the_seed() {
        let hits = |seed| (0..10_000).filter(|n| share(draw(seed, *n)) < 0.3).count();
        assert!((2_850..3_150).contains(&hits(42)), "{}", hits(42));
        assert_eq!(hits(42), hits(42));
        assert_ne!(draw(42, 0), draw(43, 0));
        assert_ne!(named(1, "a"), named(1, "b"));
    }

    #[test]
    fn numbers_around_zero_reach_both_ends_and_no_further() {
        let numbers: Vec<i64> = (0..1_000).map(|n| around(draw(7, n), 3)).collect();
        assert_eq!((numbers.iter().min(), numbers.iter().max()), (Some(&-3), Some(&3)));
        assert_eq!(around(u64::MAX, 0), 0);
    }
}
