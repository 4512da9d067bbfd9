//! OTLP in JSON, as tolerant as the mapping of Protocol Buffers asks readers to be.
//!
//! Names in camel or snake case, `null` for what is missing, whole numbers as numbers or texts, enums by number or name, and ids as hexadecimal
//! digits, as OTLP says, or in base64, as exporters write that follow the plain mapping.

use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::signal::{Attributes, DEEPEST, joined};
use super::{Batch, LogRecord, Point, Signal, Span, SpanEvent, SpanKind, Unreadable};

type Read<T> = Result<T, Unreadable>;

/// Reads the body of an export request.
pub fn read_json(signal: Signal, body: &[u8]) -> Result<Batch, Unreadable> {
    let value: Value = serde_json::from_slice(body).map_err(|_| Unreadable::NoJson)?;
    let (resources, scopes, entries) = match signal {
        Signal::Traces => ("resourceSpans", "scopeSpans", "spans"),
        Signal::Logs => ("resourceLogs", "scopeLogs", "logRecords"),
        Signal::Metrics => ("resourceMetrics", "scopeMetrics", "metrics"),
    };
    if !value.is_object() {
        return Err(Unreadable::Shape("the request"));
    }
    let mut batch = Batch::default();
    for owner in list(&value, resources)? {
        let resource = get(owner, "resource").map_or_else(|| Ok(Vec::new()), attributes)?;
        let resource = Arc::new(resource);
        for scope in list(owner, scopes)? {
            for entry in list(scope, entries)? {
                match signal {
                    Signal::Traces => batch.spans.push(span(entry, &resource)?),
                    Signal::Logs => batch.logs.push(record(entry, &resource)?),
                    Signal::Metrics => metric(entry, &resource, &mut batch.points)?,
                }
            }
        }
    }
    Ok(batch)
}

/// The member `name` (camel case) of an object, under that name or in snake case; `null` is none.
fn get<'a>(object: &'a Value, name: &str) -> Option<&'a Value> {
    let found = object.get(name).or_else(|| object.get(snake(name)));
    found.filter(|value| !value.is_null())
}

fn snake(name: &str) -> String {
    name.chars().fold(String::new(), |mut text, letter| {
        if letter.is_ascii_uppercase() {
            text.push('_');
        }
        text.push(letter.to_ascii_lowercase());
        text
    })
}

fn list<'a>(object: &'a Value, name: &'static str) -> Read<&'a [Value]> {
    match get(object, name) {
        None => Ok(&[]),
        Some(Value::Array(items)) => Ok(items),
        Some(_) => Err(Unreadable::Shape(name)),
    }
}

fn text(object: &Value, name: &'static str) -> Read<String> {
    match get(object, name) {
        None => Ok(String::new()),
        Some(Value::String(text)) => Ok(text.clone()),
        Some(_) => Err(Unreadable::Shape(name)),
    }
}

/// A whole number, written as such or as a text.
fn whole(object: &Value, name: &'static str) -> Read<u64> {
    match get(object, name) {
        None => Ok(0),
        Some(Value::String(text)) => text.trim().parse().map_err(|_| Unreadable::Shape(name)),
        Some(Value::Number(number)) => number
            .as_u64()
            .or_else(|| number.as_f64().filter(|number| *number >= 0.0).map(rounded))
            .ok_or(Unreadable::Shape(name)),
        Some(_) => Err(Unreadable::Shape(name)),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "writers without 64-bit numbers lose digits anyway; the cast saturates"
)]
fn rounded(number: f64) -> u64 {
    number as u64
}

/// A number, written as such or as a text; `NaN` and infinities are texts.
fn number(value: &Value, name: &'static str) -> Read<f64> {
    match value {
        Value::Number(number) => number.as_f64().ok_or(Unreadable::Shape(name)),
        Value::String(text) => match text.as_str() {
            "Infinity" => Ok(f64::INFINITY),
            "-Infinity" => Ok(f64::NEG_INFINITY),
            other => other.parse().map_err(|_| Unreadable::Shape(name)),
        },
        _ => Err(Unreadable::Shape(name)),
    }
}

/// An id of `bytes` bytes, as lower-case hexadecimal digits; one of zeros is none.
fn id(object: &Value, name: &'static str, bytes: usize) -> Read<String> {
    let text = text(object, name)?;
    let is_hex = text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let id = if is_hex && (text.len() == 2 * bytes || text.is_empty()) {
        text.to_ascii_lowercase()
    } else {
        let decoded = STANDARD.decode(&text).map_err(|_| Unreadable::Shape(name))?;
        if decoded.len() != bytes {
            return Err(Unreadable::Shape(name));
        }
        decoded.iter().fold(String::new(), |mut text, byte| {
            let _infallible = write!(text, "{byte:02x}");
            text
        })
    };
    Ok(if id.bytes().all(|digit| digit == b'0') { String::new() } else { id })
}

fn span(entry: &Value, resource: &Arc<Attributes>) -> Read<Span> {
    let status = get(entry, "status").unwrap_or(&Value::Null);
    let mut attributes = attributes(entry)?;
    for link in list(entry, "links")? {
        attributes.extend(self::attributes(link)?);
    }
    Ok(Span {
        trace_id: id(entry, "traceId", 16)?,
        span_id: id(entry, "spanId", 8)?,
        parent_id: id(entry, "parentSpanId", 8)?,
        name: text(entry, "name")?,
        kind: kind(entry),
        is_error: is_error(status),
        status_message: text(status, "message")?,
        trace_state: text(entry, "traceState")?,
        start_ns: whole(entry, "startTimeUnixNano")?,
        end_ns: whole(entry, "endTimeUnixNano")?,
        attributes,
        events: list(entry, "events")?.iter().map(event).collect::<Read<_>>()?,
        resource: Arc::clone(resource),
    })
}

fn kind(entry: &Value) -> SpanKind {
    const NAMES: [&str; 6] =
        ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
    match get(entry, "kind") {
        Some(Value::String(name)) => {
            let name = name.trim_start_matches("SPAN_KIND_");
            let number = NAMES.iter().position(|known| *known == name);
            SpanKind::of(number.and_then(|number| u64::try_from(number).ok()).unwrap_or(0))
        }
        Some(value) => SpanKind::of(value.as_u64().unwrap_or(0)),
        None => SpanKind::Unspecified,
    }
}

fn is_error(status: &Value) -> bool {
    match get(status, "code") {
        Some(Value::String(name)) => name == "STATUS_CODE_ERROR" || name == "2",
        Some(value) => value.as_u64() == Some(2),
        None => false,
    }
}

fn event(value: &Value) -> Read<SpanEvent> {
    Ok(SpanEvent { name: text(value, "name")?, attributes: attributes(value)? })
}

fn record(entry: &Value, resource: &Arc<Attributes>) -> Read<LogRecord> {
    let mut pairs = Attributes::new();
    if let Some(body) = get(entry, "body") {
        any_value(body, "", &mut pairs, 0)?;
    }
    let body = pairs
        .into_iter()
        .map(|(name, value)| if name.is_empty() { value } else { format!("{name}={value}") });
    let time_ns = whole(entry, "timeUnixNano")?;
    Ok(LogRecord {
        time_ns: if time_ns == 0 { whole(entry, "observedTimeUnixNano")? } else { time_ns },
        severity: whole(entry, "severityNumber").unwrap_or(0),
        severity_text: text(entry, "severityText")?,
        body: body.collect::<Vec<_>>().join(" "),
        attributes: attributes(entry)?,
        trace_id: id(entry, "traceId", 16)?,
        span_id: id(entry, "spanId", 8)?,
        resource: Arc::clone(resource),
    })
}

fn metric(entry: &Value, resource: &Arc<Attributes>, points: &mut Vec<Point>) -> Read<()> {
    let name = text(entry, "name")?;
    for kind in ["gauge", "sum", "histogram", "exponentialHistogram", "summary"] {
        let Some(series) = get(entry, kind) else { continue };
        let temporality = get(series, "aggregationTemporality");
        let is_delta = temporality.is_some_and(|value| {
            value.as_u64() == Some(1) || value.as_str() == Some("AGGREGATION_TEMPORALITY_DELTA")
        });
        for point in list(series, "dataPoints")? {
            let value = ["asDouble", "asInt", "sum"].iter().find_map(|name| get(point, name));
            let is_number = matches!(kind, "gauge" | "sum");
            points.push(Point {
                name: name.clone(),
                attributes: attributes(point)?,
                value: value.map_or(Ok(0.0), |value| number(value, "asDouble"))?,
                count: if is_number { None } else { Some(whole(point, "count")?) },
                is_delta,
                resource: Arc::clone(resource),
            });
        }
    }
    Ok(())
}

/// The member `attributes` of `object`.
fn attributes(object: &Value) -> Read<Attributes> {
    let mut pairs = Attributes::new();
    for pair in list(object, "attributes")? {
        key_value(pair, "", &mut pairs, 0)?;
    }
    Ok(pairs)
}

fn key_value(pair: &Value, prefix: &str, into: &mut Attributes, depth: usize) -> Read<()> {
    let key = joined(prefix, text(pair, "key")?);
    if let Some(value) = get(pair, "value") {
        return any_value(value, &key, into, depth + 1);
    }
    into.push((key, String::new()));
    Ok(())
}

fn any_value(value: &Value, key: &str, into: &mut Attributes, depth: usize) -> Read<()> {
    if depth > DEEPEST {
        return Err(Unreadable::Deep);
    }
    for name in ["stringValue", "boolValue", "intValue", "doubleValue", "bytesValue"] {
        match get(value, name) {
            None => {}
            Some(Value::String(text)) if name == "bytesValue" => {
                let bytes = STANDARD.decode(text).unwrap_or_else(|_| text.clone().into_bytes());
                into.push((key.to_owned(), String::from_utf8_lossy(&bytes).into_owned()));
            }
            Some(Value::String(text)) => into.push((key.to_owned(), text.clone())),
            Some(Value::Bool(held)) => into.push((key.to_owned(), held.to_string())),
            Some(Value::Number(held)) => into.push((key.to_owned(), held.to_string())),
            Some(_) => return Err(Unreadable::Shape("value")),
        }
    }
    if let Some(array) = get(value, "arrayValue") {
        for item in list(array, "values")? {
            any_value(item, key, into, depth + 1)?;
        }
    }
    if let Some(pairs) = get(value, "kvlistValue") {
        for pair in list(pairs, "values")? {
            key_value(pair, key, into, depth)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACES: &str = r#"{"resourceSpans":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"orders"}}]},
        "scopeSpans":[{"scope":null,"spans":[{"traceId":"ABABABABABABABABABABABABABABABAB","spanId":"0101010101010101","parentSpanId":"","name":"POST /orders",
        "kind":"SPAN_KIND_SERVER","startTimeUnixNano":"1","endTimeUnixNano":2,"attributes":[{"key":"n","value":{"intValue":"7"}},
        {"key":"list","value":{"arrayValue":{"values":[{"boolValue":true},{"kvlistValue":{"values":[{"key":"k","value":{"doubleValue":"NaN"}}]}}]}}}],
        "events":[{"name":"e","attributes":null}],"links":null,"status":{"code":2,"message":null}}]}]}]}"#;

    #[test]
    fn a_span_is_read_with_texts_for_numbers_and_null_for_lists() {
        let batch = read_json(Signal::Traces, TRACES.as_bytes()).unwrap();
        let span = &batch.spans[0];
        assert_eq!(span.trace_id, "ab".repeat(16));
        assert_eq!(
            (span.kind, span.is_error, span.start_ns, span.end_ns),
            (SpanKind::Server, true, 1, 2)
        );
        let pairs: Vec<_> =
            span.attributes.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(pairs, ["n=7", "list=true", "list.k=NaN"]);
        assert_eq!(span.resource[0].1, "orders");
    }

    #[test]
    fn names_in_snake_case_and_ids_in_base64_are_read_too() {
        let body = r#"{"resource_logs":[{"scope_logs":[{"log_records":[{"trace_id":"q6urq6urq6urq6urq6urqw==","observed_time_unix_nano":"5",
            "severity_number":"SEVERITY_NUMBER_ERROR","body":{"string_value":"said"}}]}]}]}"#;
        let record = &read_json(Signal::Logs, body.as_bytes()).unwrap().logs[0];
        assert_eq!(
            (record.trace_id.as_str(), record.time_ns, record.body.as_str()),
            (&*"ab".repeat(16), 5, "said")
        );
    }

    #[test]
    fn metrics_may_be_no_number() {
        let body = r#"{"resourceMetrics":[{"scopeMetrics":[{"metrics":[{"name":"m","gauge":{"dataPoints":[{"asDouble":"NaN"},{"asInt":"3"}]}},
            {"name":"h","histogram":{"aggregationTemporality":1,"dataPoints":[{"count":"4","sum":"Infinity"}]}}]}]}]}"#;
        let points = read_json(Signal::Metrics, body.as_bytes()).unwrap().points;
        assert!(points[0].value.is_nan());
        assert_eq!((points[1].value, points[2].count, points[2].is_delta), (3.0, Some(4), true));
    }

    #[test]
    fn another_shape_is_refused_by_name() {
        let read = |body: &str| read_json(Signal::Traces, body.as_bytes()).unwrap_err();
        assert_eq!(read("[]"), Unreadable::Shape("the request"));
        assert_eq!(read("{"), Unreadable::NoJson);
        assert_eq!(read(r#"{"resourceSpans":{}}"#), Unreadable::Shape("resourceSpans"));
        assert_eq!(
            read(r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"zz"}]}]}]}"#),
            Unreadable::Shape("traceId")
        );
        assert_eq!(read_json(Signal::Traces, b"{}").unwrap(), Batch::default());
    }

    #[test]
    fn no_mutation_makes_the_reader_fail_otherwise_than_by_an_error() {
        for at in 0..TRACES.len() {
            for byte in *b"\"0n[{}]\xff" {
                let mut mutated = TRACES.as_bytes().to_vec();
                mutated[at] = byte;
                let _either = read_json(Signal::Traces, &mutated);
            }
        }
    }
}
