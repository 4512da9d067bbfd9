//! How durations are spread, in buckets that grow by half a percent.

use std::collections::BTreeMap;

/// The upper bound of the first bucket, in milliseconds.
const LOWEST_MS: f64 = 0.001;
/// From one bucket's upper bound to the next.
const GROWTH: f64 = 1.005;
/// The last bucket: 1.1 million hours.
const LAST: f64 = 6_500.0;

/// Durations, each counted to half a percent. Spreads merge without loss, and take a few kilobytes however many they count.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spread {
    buckets: BTreeMap<u16, u64>,
    count: u64,
}

impl Spread {
    /// Counts one duration.
    pub fn record(&mut self, value_ms: f64) {
        *self.buckets.entry(bucket(value_ms)).or_default() += 1;
        self.count += 1;
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        for (bucket, count) in &other.buckets {
            *self.buckets.entry(*bucket).or_default() += count;
        }
        self.count += other.count;
    }

    /// What is left without `part`, which was counted in it.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let mut left = self.clone();
        for (bucket, count) in &part.buckets {
            if let Some(known) = left.buckets.get_mut(bucket) {
                *known = known.saturating_sub(*count);
            }
        }
        left.buckets.retain(|_, count| *count > 0);
        left.count = left.buckets.values().sum();
        left
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The duration in milliseconds that the given share (0 to 1) does not exceed; `None` of nothing.
    pub fn quantile_ms(&self, quantile: f64) -> Option<f64> {
        #[expect(
            clippy::cast_precision_loss,
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rank within the count"
        )]
        let rank = (quantile.clamp(0.0, 1.0) * self.count as f64).ceil().max(1.0) as u64;
        let mut seen = 0;
        self.buckets()
            .find(|(_, count)| {
                seen += count;
                seen >= rank
            })
            .map(|(upper_ms, _)| upper_ms)
    }

    /// Upper bound in milliseconds and count of each bucket that holds something.
    pub fn buckets(&self) -> impl Iterator<Item = (f64, u64)> {
        self.buckets
            .iter()
            .map(|(bucket, count)| (LOWEST_MS * GROWTH.powi(i32::from(*bucket)), *count))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to what the type holds"
)]
fn bucket(value_ms: f64) -> u16 {
    ((value_ms / LOWEST_MS).ln() / GROWTH.ln()).ceil().clamp(0.0, LAST) as u16
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_within_half_a_percent() {
        let mut spread = Spread::default();
        for value in 1..=1000 {
            spread.record(f64::from(value));
        }
        for (quantile, expected) in [(0.5, 500.0), (0.99, 990.0), (1.0, 1000.0), (0.0, 1.0)] {
            let seen = spread.quantile_ms(quantile).unwrap();
            assert!((expected..=expected * GROWTH * 1.001).contains(&seen), "{quantile}: {seen}");
        }
        assert_eq!(Spread::default().quantile_ms(0.5), None);
    }

    #[test]
    fn spreads_merge_without_loss_and_odd_values_stay_inside() {
        let (mut one, mut other, mut both) =
            (Spread::default(), Spread::default(), Spread::default());
        for value in [0.0, 1e-9, 5.0, 1e300] {
            one.record(value);
            other.record(value * 3.0);
            both.record(value);
            both.record(value * 3.0);
        }
        one.merge(&other);
        assert_eq!(one, both);
        assert_eq!(one.count(), 8);
    }
}
