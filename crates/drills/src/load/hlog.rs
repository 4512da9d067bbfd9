//! Writes a record as a V2 `.hlog`, which HDR tools read, so that anybody can derive the percentiles again.

use std::time::{Duration, SystemTime};

use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::{IntervalLogWriterBuilder, Tag};

use super::Record;

/// Values stand in nanoseconds; the log's maximum column is in milliseconds.
const NANOS_PER_MS: f64 = 1e6;

impl Record {
    /// The latencies of each second of intended start, untagged and to two digits, then those of the whole run with the tag `all` and of
    /// each journey with its number, to three digits.
    pub fn hlog(&self) -> String {
        let mut text = Vec::new();
        // Writing to memory cannot fail, and what cannot be encoded is left out.
        let _ = self.write_hlog(&mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    fn write_hlog(&self, text: &mut Vec<u8>) -> Option<()> {
        let start = SystemTime::from(self.started_at);
        let mut serializer = V2DeflateSerializer::new();
        let mut log = IntervalLogWriterBuilder::new()
            .add_comment("gonogo: latency from the intended start, in nanoseconds")
            .with_start_time(start)
            .with_base_time(start)
            .with_max_value_divisor(NANOS_PER_MS)
            .begin_log_with(text, &mut serializer)
            .ok()?;
        for second in &self.seconds {
            let latency = second.latency.unpack();
            let begin = Duration::from_secs(second.index);
            log.write_histogram(latency.inner(), begin, Duration::from_secs(1), None).ok()?;
        }
        log.write_histogram(self.latency().inner(), Duration::ZERO, self.lasted, Tag::new("all"))
            .ok()?;
        for (index, journey) in self.journeys.iter().enumerate() {
            let tag = format!("journey-{index}");
            let latency = journey.latency.inner();
            log.write_histogram(latency, Duration::ZERO, self.lasted, Tag::new(&tag)).ok()?;
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::super::record::JourneyRecord;
    use super::*;

    #[test]
    fn a_log_is_read_back_by_the_reader_of_the_format() {
        let mut record = Record { lasted: Duration::from_secs(2), ..Record::default() };
        let mut journey = JourneyRecord::default();
        journey.latency.record(Duration::from_millis(25));
        record.journeys.push(journey);
        let text = record.hlog();
        let entries: Vec<_> = IntervalLogIterator::new(text.as_bytes()).collect();
        let intervals: Vec<_> = entries
            .iter()
            .filter_map(|entry| match entry {
                Ok(LogEntry::Interval(interval)) => Some(interval),
                _ => None,
            })
            .collect();
        assert!(entries.iter().all(Result::is_ok), "{text}");
        assert_eq!(intervals.len(), 2);
        assert_eq!(intervals[0].tag().unwrap().as_str(), "all");
        assert!((intervals[0].max() - 25.0).abs() < 0.1);
    }
}
