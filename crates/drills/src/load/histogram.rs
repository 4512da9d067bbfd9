//! Durations counted in HDR histograms that merge exactly.

use std::fmt;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hdrhistogram::serialization::{Deserializer, Serializer as _, V2Serializer};
use serde::{Deserialize, Serialize};

/// Lowest difference that is kept apart, in nanoseconds.
const LOWEST_NS: u64 = 1_000;

/// Highest value before the first resize, in nanoseconds.
const HIGHEST_NS: u64 = 100_000_000;

/// A day: what is longer counts as a day.
const LIMIT_NS: u64 = 86_400_000_000_000;

/// Durations from 1 µs to a day, each kept to three significant digits (two if coarse).
///
/// It serialises as HDR V2 in base64, in nanoseconds, which any HDR tool reads. Histograms of the same kind merge without loss.
#[derive(Clone, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Histogram(hdrhistogram::Histogram<u64>);

/// The same counts in the same buckets.
impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.pack() == other.pack()
    }
}

impl fmt::Debug for Histogram {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (count, p50, p99, max) =
            (self.count(), self.quantile(0.5), self.quantile(0.99), self.max());
        write!(f, "Histogram({count}: p50 {p50:?}, p99 {p99:?}, max {max:?})")
    }
}

impl Default for Histogram {
    fn default() -> Self {
        Self::with_digits(3)
    }
}

impl Histogram {
    /// An empty one with three significant digits.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty one with two significant digits, for the many that stand for one second each.
    pub fn coarse() -> Self {
        Self::with_digits(2)
    }

    #[expect(clippy::expect_used, reason = "the bounds are constants that the crate accepts")]
    fn with_digits(digits: u8) -> Self {
        let mut histogram = hdrhistogram::Histogram::new_with_bounds(LOWEST_NS, HIGHEST_NS, digits)
            .expect("bounds of histograms");
        histogram.auto(true);
        Self(histogram)
    }

    /// Counts one duration.
    pub fn record(&mut self, value: Duration) {
        self.record_ns(u64::try_from(value.as_nanos()).unwrap_or(LIMIT_NS));
    }

    /// Counts one duration in nanoseconds.
    pub(super) fn record_ns(&mut self, value_ns: u64) {
        // It resizes by itself, so nothing is out of its range.
        let _ = self.0.record(value_ns.min(LIMIT_NS));
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        // It resizes by itself, so nothing is out of its range.
        let _ = self.0.add(&other.0);
    }

    /// How many were counted.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The duration that the given share (0 to 1) does not exceed; zero of nothing.
    pub fn quantile(&self, quantile: f64) -> Duration {
        if self.0.is_empty() {
            return Duration::ZERO;
        }
        Duration::from_nanos(self.0.value_at_quantile(quantile.clamp(0.0, 1.0)))
    }

    /// The longest, to the histogram's resolution; zero of nothing.
    pub fn max(&self) -> Duration {
        self.quantile(1.0)
    }

    /// The mean; zero of nothing.
    pub fn mean(&self) -> Duration {
        Duration::from_secs_f64((self.0.mean() / 1e9).max(0.0))
    }

    /// How many were at most `limit`, to the histogram's resolution.
    pub fn count_within(&self, limit: Duration) -> u64 {
        let limit_ns = u64::try_from(limit.as_nanos()).unwrap_or(LIMIT_NS);
        self.0.count_between(0, limit_ns.min(LIMIT_NS))
    }

    /// Upper bound and count of each bucket that holds something, for charts.
    pub fn buckets(&self) -> Vec<(Duration, u64)> {
        self.0
            .iter_recorded()
            .map(|step| (Duration::from_nanos(step.value_iterated_to()), step.count_at_value()))
            .collect()
    }

    /// Forgets all, and keeps its memory.
    pub(super) fn clear(&mut self) {
        self.0.reset();
    }

    /// The histogram of the crate, for the log.
    pub(super) fn inner(&self) -> &hdrhistogram::Histogram<u64> {
        &self.0
    }

    /// HDR V2, uncompressed.
    pub(super) fn pack(&self) -> Vec<u8> {
        let mut packed = Vec::new();
        // Writing to memory cannot fail, and these bounds can be encoded.
        let _ = V2Serializer::new().serialize(&self.0, &mut packed);
        packed
    }

    /// What [`Self::pack`] wrote.
    pub(super) fn unpack(packed: &[u8]) -> Option<Self> {
        let mut histogram: hdrhistogram::Histogram<u64> =
            Deserializer::new().deserialize(&mut &*packed).ok()?;
        histogram.auto(true);
        Some(Self(histogram))
    }
}

impl From<Histogram> for String {
    fn from(histogram: Histogram) -> Self {
        STANDARD.encode(histogram.pack())
    }
}

impl TryFrom<String> for Histogram {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let packed = STANDARD.decode(text).map_err(|error| error.to_string())?;
        Self::unpack(&packed).ok_or_else(|| "not a histogram in HDR V2".to_owned())
    }
}

/// A coarse histogram in few bytes, for the many that stand for one second each.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PackedHistogram(Vec<u8>);

impl fmt::Debug for PackedHistogram {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        self.unpack().fmt(f)
    }
}

impl PackedHistogram {
    /// The histogram to read from.
    pub fn unpack(&self) -> Histogram {
        Histogram::unpack(&self.0).unwrap_or_else(Histogram::coarse)
    }

    /// Adds all of a coarse one.
    pub(super) fn merge(&mut self, other: &Histogram) {
        let mut all = self.unpack();
        all.merge(other);
        self.0 = all.pack();
    }
}

impl From<PackedHistogram> for String {
    fn from(packed: PackedHistogram) -> Self {
        STANDARD.encode(packed.0)
    }
}

impl TryFrom<String> for PackedHistogram {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let histogram =
            if text.is_empty() { Histogram::coarse() } else { Histogram::try_from(text)? };
        Ok(Self(histogram.pack()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_merged_histogram_is_the_same_as_one_that_counted_all() {
        let (mut all, mut left, mut right) = (Histogram::new(), Histogram::new(), Histogram::new());
        for index in 1..20_000_u64 {
            let value_ns = index * index * 37;
            all.record_ns(value_ns);
            if index % 3 == 0 { left.record_ns(value_ns) } else { right.record_ns(value_ns) }
        }
        left.merge(&right);
        assert_eq!(left, all);
    }

    #[test]
    fn a_histogram_survives_its_text() {
        let mut histogram = Histogram::new();
        for value_ms in [1, 2, 500, 90_000] {
            histogram.record(Duration::from_millis(value_ms));
        }
        let text = serde_json::to_string(&histogram).unwrap();
        let back: Histogram = serde_json::from_str(&text).unwrap();
        assert_eq!(back, histogram);
        assert_eq!(back.count_within(Duration::from_millis(600)), 3);
        assert!(serde_json::from_str::<Histogram>("\"AAAA\"").is_err());
    }

    #[test]
    fn quantiles_keep_three_digits() {
        let mut histogram = Histogram::new();
        for value_us in 1..=100_000_u64 {
            histogram.record(Duration::from_micros(value_us));
        }
        let p99 = histogram.quantile(0.99).as_secs_f64();
        assert!((p99 - 0.099).abs() < 0.000_1, "{p99}");
        assert_eq!(Histogram::new().quantile(0.99), Duration::ZERO);
    }
}
