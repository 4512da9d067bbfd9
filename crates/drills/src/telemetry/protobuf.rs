//! OTLP in Protocol Buffers: the fields that drills look at, the others skipped.
//!
//! Field numbers are those of opentelemetry-proto 1.x, whose messages are stable.

use std::fmt::Write as _;
use std::sync::Arc;

use super::signal::{Attributes, DEEPEST, joined};
use super::wire::{Fields, Value};
use super::{Batch, LogRecord, Point, Signal, Span, SpanEvent, SpanKind, Unreadable};

type Read<T> = Result<T, Unreadable>;

/// Reads the body of an export request.
pub fn read_protobuf(signal: Signal, message: &[u8]) -> Result<Batch, Unreadable> {
    let mut batch = Batch::default();
    each(message, |number, value| {
        if number == 1 { resource_entry(signal, value.bytes(1)?, &mut batch) } else { Ok(()) }
    })?;
    Ok(batch)
}

/// Calls `take` with each field of `message`.
fn each<'a>(message: &'a [u8], mut take: impl FnMut(u64, Value<'a>) -> Read<()>) -> Read<()> {
    let mut fields = Fields::of(message);
    while let Some((number, value)) = fields.next()? {
        take(number, value)?;
    }
    Ok(())
}

/// `ResourceSpans`, `ResourceLogs`, `ResourceMetrics`: the resource in field 1, scopes in field 2, in any order.
fn resource_entry(signal: Signal, message: &[u8], batch: &mut Batch) -> Read<()> {
    let mut resource = Attributes::new();
    let mut scopes = Vec::new();
    each(message, |number, value| {
        match number {
            1 => each(value.bytes(1)?, |number, value| {
                if number == 1 { attribute(value.bytes(1)?, &mut resource) } else { Ok(()) }
            })?,
            2 => scopes.push(value.bytes(2)?),
            _ => {}
        }
        Ok(())
    })?;
    let resource = Arc::new(resource);
    for scope in scopes {
        each(scope, |number, value| {
            if number != 2 {
                return Ok(());
            }
            let entry = value.bytes(2)?;
            match signal {
                Signal::Traces => batch.spans.push(span(entry, &resource)?),
                Signal::Logs => batch.logs.push(record(entry, &resource)?),
                Signal::Metrics => metric(entry, &resource, &mut batch.points)?,
            }
            Ok(())
        })?;
    }
    Ok(())
}

fn span(message: &[u8], resource: &Arc<Attributes>) -> Read<Span> {
    let mut span = Span { resource: Arc::clone(resource), ..Span::default() };
    each(message, |number, value| {
        match number {
            1 => span.trace_id = hex(value.bytes(1)?),
            2 => span.span_id = hex(value.bytes(2)?),
            3 => span.trace_state = value.text(3)?,
            4 => span.parent_id = hex(value.bytes(4)?),
            5 => span.name = value.text(5)?,
            6 => span.kind = SpanKind::of(value.number(6)?),
            7 => span.start_ns = value.number(7)?,
            8 => span.end_ns = value.number(8)?,
            9 => attribute(value.bytes(9)?, &mut span.attributes)?,
            11 => span.events.push(event(value.bytes(11)?)?),
            13 => link(value.bytes(13)?, &mut span.attributes)?,
            15 => each(value.bytes(15)?, |number, value| {
                match number {
                    2 => span.status_message = value.text(2)?,
                    3 => span.is_error = value.number(3)? == 2,
                    _ => {}
                }
                Ok(())
            })?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(span)
}

fn event(message: &[u8]) -> Read<SpanEvent> {
    let mut event = SpanEvent::default();
    each(message, |number, value| {
        match number {
            2 => event.name = value.text(2)?,
            3 => attribute(value.bytes(3)?, &mut event.attributes)?,
            _ => {}
        }
        Ok(())
    })?;
    Ok(event)
}

/// Of a link only the attributes are kept, with those of its span: they are searched, not followed.
fn link(message: &[u8], attributes: &mut Attributes) -> Read<()> {
    each(
        message,
        |number, value| {
            if number == 4 { attribute(value.bytes(4)?, attributes) } else { Ok(()) }
        },
    )
}

fn record(message: &[u8], resource: &Arc<Attributes>) -> Read<LogRecord> {
    let mut record = LogRecord { resource: Arc::clone(resource), ..LogRecord::default() };
    let mut observed_ns = 0;
    each(message, |number, value| {
        match number {
            1 => record.time_ns = value.number(1)?,
            2 => record.severity = value.number(2)?,
            3 => record.severity_text = value.text(3)?,
            5 => record.body = body(value.bytes(5)?)?,
            6 => attribute(value.bytes(6)?, &mut record.attributes)?,
            9 => record.trace_id = hex(value.bytes(9)?),
            10 => record.span_id = hex(value.bytes(10)?),
            11 => observed_ns = value.number(11)?,
            _ => {}
        }
        Ok(())
    })?;
    if record.time_ns == 0 {
        record.time_ns = observed_ns;
    }
    Ok(record)
}

/// A body that is a text, or the flattened pairs of one that is more.
fn body(message: &[u8]) -> Read<String> {
    let mut pairs = Attributes::new();
    any_value(message, "", &mut pairs, 0)?;
    let texts = pairs
        .into_iter()
        .map(|(name, value)| if name.is_empty() { value } else { format!("{name}={value}") });
    Ok(texts.collect::<Vec<_>>().join(" "))
}

/// The field numbers of attributes, count, and sum differ from kind to kind of metric.
fn metric(message: &[u8], resource: &Arc<Attributes>, points: &mut Vec<Point>) -> Read<()> {
    let mut name = String::new();
    let from = points.len();
    each(message, |number, value| {
        match number {
            1 => name = value.text(1)?,
            5 | 7 | 9 | 10 | 11 => series(number, value.bytes(number)?, resource, points)?,
            _ => {}
        }
        Ok(())
    })?;
    for point in points.get_mut(from..).unwrap_or_default() {
        point.name.clone_from(&name);
    }
    Ok(())
}

fn series(
    kind: u64,
    message: &[u8],
    resource: &Arc<Attributes>,
    points: &mut Vec<Point>,
) -> Read<()> {
    let from = points.len();
    let mut is_delta = false;
    each(message, |number, value| {
        match number {
            1 => {
                let mut point = point(kind, value.bytes(1)?)?;
                point.resource = Arc::clone(resource);
                points.push(point);
            }
            2 => is_delta = value.number(2)? == 1,
            _ => {}
        }
        Ok(())
    })?;
    for point in points.get_mut(from..).unwrap_or_default() {
        point.is_delta = is_delta;
    }
    Ok(())
}

fn point(kind: u64, message: &[u8]) -> Read<Point> {
    let is_number = matches!(kind, 5 | 7);
    let labels = match kind {
        9 => 9,
        10 => 1,
        _ => 7,
    };
    let mut point = Point { count: (!is_number).then_some(0), ..Point::default() };
    each(message, |number, value| {
        match number {
            _ if number == labels => attribute(value.bytes(number)?, &mut point.attributes)?,
            4 if is_number => point.value = f64::from_bits(value.number(4)?),
            6 if is_number => point.value = whole(value.number(6)?),
            4 => point.count = Some(value.number(4)?),
            5 if !is_number => point.value = f64::from_bits(value.number(5)?),
            _ => {}
        }
        Ok(())
    })?;
    Ok(point)
}

#[expect(clippy::cast_precision_loss, reason = "a measured value")]
fn whole(bits: u64) -> f64 {
    bits.cast_signed() as f64
}

/// One `KeyValue`.
fn attribute(message: &[u8], into: &mut Attributes) -> Read<()> {
    pair(message, "", into, 0)
}

fn pair(message: &[u8], prefix: &str, into: &mut Attributes, depth: usize) -> Read<()> {
    let (mut key, mut held) = (String::new(), None);
    each(message, |number, value| {
        match number {
            1 => key = value.text(1)?,
            2 => held = Some(value.bytes(2)?),
            _ => {}
        }
        Ok(())
    })?;
    key = joined(prefix, key);
    if let Some(held) = held {
        return any_value(held, &key, into, depth + 1);
    }
    into.push((key, String::new()));
    Ok(())
}

/// An `AnyValue` under the name `key`.
fn any_value(message: &[u8], key: &str, into: &mut Attributes, depth: usize) -> Read<()> {
    if depth > DEEPEST {
        return Err(Unreadable::Deep);
    }
    each(message, |number, value| {
        let text = match number {
            1 => value.text(1)?,
            2 => (value.number(2)? != 0).to_string(),
            3 => value.number(3)?.cast_signed().to_string(),
            4 => f64::from_bits(value.number(4)?).to_string(),
            5 => {
                return each(value.bytes(5)?, |number, value| {
                    if number != 1 {
                        return Ok(());
                    }
                    any_value(value.bytes(1)?, key, into, depth + 1)
                });
            }
            6 => {
                return each(value.bytes(6)?, |number, value| {
                    if number == 1 { pair(value.bytes(1)?, key, into, depth) } else { Ok(()) }
                });
            }
            7 => String::from_utf8_lossy(value.bytes(7)?).into_owned(),
            _ => return Ok(()),
        };
        into.push((key.to_owned(), text));
        Ok(())
    })
}

/// Bytes as lower-case hexadecimal digits; ids of zeros are none.
fn hex(bytes: &[u8]) -> String {
    if bytes.iter().all(|byte| *byte == 0) {
        return String::new();
    }
    bytes.iter().take(32).fold(String::new(), |mut text, byte| {
        let _infallible = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A field of wire type 2.
    pub(in crate::telemetry) fn held(number: u8, content: &[u8]) -> Vec<u8> {
        let mut field = vec![number << 3 | 2];
        let mut length = content.len();
        while length >= 0x80 {
            field.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        field.push(u8::try_from(length).unwrap());
        field.extend(content);
        field
    }

    fn text_attribute(name: &str, value: &str) -> Vec<u8> {
        [held(1, name.as_bytes()), held(2, &held(1, value.as_bytes()))].concat()
    }

    /// A request with one span.
    pub(in crate::telemetry) fn request() -> Vec<u8> {
        let status = [held(2, b"boom"), vec![0x18, 2]].concat();
        let event = [held(2, b"exception"), held(3, &text_attribute("a", "b"))].concat();
        let list = held(5, &[held(1, &held(1, b"x")), held(1, &[0x18, 7])].concat());
        let nested = held(6, &held(1, &text_attribute("inner", "deep")));
        let span = [
            held(1, &[0xab; 16]),
            held(2, &[1; 8]),
            held(4, &[2; 8]),
            held(5, b"POST /orders"),
            vec![0x30, 2, 0x39, 1, 0, 0, 0, 0, 0, 0, 0],
            held(9, &text_attribute("http.route", "/orders")),
            held(9, &[held(1, b"list"), held(2, &list)].concat()),
            held(9, &[held(1, b"outer"), held(2, &nested)].concat()),
            held(11, &event),
            held(15, &status),
        ];
        let resource = held(1, &held(1, &text_attribute("service.name", "orders")));
        held(1, &[resource, held(2, &held(2, &span.concat()))].concat())
    }

    #[test]
    fn a_span_is_read_with_all_that_drills_look_at() {
        let batch = read_protobuf(Signal::Traces, &request()).unwrap();
        let [span] = batch.spans.as_slice() else { panic!("{batch:?}") };
        assert_eq!(span.trace_id, "ab".repeat(16));
        assert_eq!((span.parent_id.as_str(), span.kind), ("0202020202020202", SpanKind::Server));
        assert_eq!((span.is_error, span.status_message.as_str(), span.start_ns), (true, "boom", 1));
        let pairs: Vec<_> =
            span.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["http.route=/orders", "list=x", "list=7", "outer.inner=deep"]);
        assert_eq!(span.events[0].attributes, [("a".to_owned(), "b".to_owned())]);
        assert_eq!(span.resource[0].1, "orders");
    }

    #[test]
    fn values_nested_without_end_are_refused() {
        let mut value = held(1, b"x");
        for _ in 0..60 {
            value = held(5, &held(1, &value));
        }
        let attribute = held(9, &[held(1, b"a"), held(2, &value)].concat());
        let message = held(1, &held(2, &held(2, &attribute)));
        assert_eq!(read_protobuf(Signal::Traces, &message), Err(Unreadable::Deep));
    }

    #[test]
    fn metrics_of_all_kinds_are_read() {
        let label = text_attribute("route", "/a");
        let double = |number: u8, value: f64| {
            [vec![number << 3 | 1], value.to_bits().to_le_bytes().to_vec()].concat()
        };
        let fixed =
            |number: u8, value: u64| [vec![number << 3 | 1], value.to_le_bytes().to_vec()].concat();
        let sum =
            [held(1, &[held(7, &label), fixed(6, u64::MAX)].concat()), vec![0x10, 1]].concat();
        let histogram = held(1, &[held(9, &label), fixed(4, 3), double(5, 1.5)].concat());
        let metrics = [(7, sum), (9, histogram)]
            .map(|(kind, series)| held(2, &[held(kind, &series), held(1, b"requests")].concat()));
        let batch = read_protobuf(Signal::Metrics, &held(1, &held(2, &metrics.concat()))).unwrap();
        let seen: Vec<_> =
            batch.points.iter().map(|point| (point.value, point.count, point.is_delta)).collect();
        assert_eq!(seen, [(-1.0, None, true), (1.5, Some(3), false)]);
        assert!(
            batch
                .points
                .iter()
                .all(|point| point.name == "requests" && point.attributes.len() == 1)
        );
    }

    #[test]
    fn a_log_record_that_was_only_observed_has_that_time() {
        let record = [
            held(5, &held(1, b"said")),
            held(9, &[3; 16]),
            vec![0x10, 17, 0x59, 9, 0, 0, 0, 0, 0, 0, 0],
        ];
        let message = held(1, &held(2, &held(2, &record.concat())));
        let batch = read_protobuf(Signal::Logs, &message).unwrap();
        let record = &batch.logs[0];
        assert_eq!((record.body.as_str(), record.severity, record.time_ns), ("said", 17, 9));
        assert_eq!(record.trace_id, "03".repeat(16));
    }

    #[test]
    fn no_mutation_makes_the_reader_fail_otherwise_than_by_an_error() {
        let request = request();
        for at in 0..request.len() {
            for flip in [0x01, 0x04, 0x80, 0xff] {
                let mut mutated = request.clone();
                mutated[at] ^= flip;
                for signal in [Signal::Traces, Signal::Logs, Signal::Metrics] {
                    let _either = read_protobuf(signal, &mutated);
                    let _either = read_protobuf(signal, &mutated[..at]);
                }
            }
        }
    }
}
