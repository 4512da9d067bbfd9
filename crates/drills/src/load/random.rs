//! Random numbers that follow from a seed and a request's number, so that a run can be repeated whatever the threads do.

/// `SplitMix64`, by Steele, Lea and Flood (2014): one per request.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The numbers of request `sequence` for one purpose.
    pub(super) fn new(seed: u64, sequence: u64, purpose: u64) -> Self {
        let mut random = Self(seed ^ purpose.wrapping_mul(0xD6E8_FEB8_6659_FD93));
        random.0 = random.next().wrapping_add(sequence.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        random.0 = random.next();
        random
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From 0 to 1, 1 not included.
    #[expect(clippy::cast_precision_loss, reason = "53 bits are exact")]
    pub(super) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// From `least` to `most`, both included.
    pub(super) fn between(&mut self, least: u64, most: u64) -> u64 {
        let width = most.saturating_sub(least);
        let wide = u128::from(self.next()) * (u128::from(width) + 1);
        least + u64::try_from(wide >> 64).unwrap_or(0)
    }

    /// A UUID of version 4.
    pub(super) fn uuid(&mut self) -> String {
        let (high, low) = (self.next(), self.next());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            (low >> 48) & 0x3fff | 0x8000,
            low & 0xffff_ffff_ffff
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_request_draws_the_same_numbers_and_others_draw_others() {
        assert_eq!(Random::new(1, 2, 3).next(), Random::new(1, 2, 3).next());
        let mut drawn: Vec<u64> = (0..1000).map(|seq| Random::new(1, seq, 3).next()).collect();
        drawn.sort_unstable();
        drawn.dedup();
        assert_eq!(drawn.len(), 1000);
    }

    #[test]
    fn numbers_stay_between_their_bounds_and_reach_them() {
        let mut random = Random::new(7, 0, 0);
        let drawn: Vec<u64> = (0..1000).map(|_| random.between(3, 5)).collect();
        assert!([3, 4, 5].iter().all(|bound| drawn.contains(bound)));
        assert!(drawn.iter().all(|number| (3..=5).contains(number)));
    }

    #[test]
    fn a_uuid_says_its_version() {
        let uuid = Random::new(7, 0, 0).uuid();
        assert_eq!(uuid.len(), 36);
        assert_eq!(uuid.as_bytes()[14], b'4');
        assert!(b"89ab".contains(&uuid.as_bytes()[19]));
    }
}
