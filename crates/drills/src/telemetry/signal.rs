//! Spans, log records and points of metrics, as much of them as drills look at.

use std::sync::Arc;

/// Deepest nesting of attribute values that is read.
pub(super) const DEEPEST: usize = 32;

/// Names and values; nested values are flattened, with dots between the names.
pub type Attributes = Vec<(String, String)>;

/// Longest name that is kept: names are repeated for each value below them, so long ones would fill the memory.
const LONGEST_NAME: usize = 200;

/// The name of a value called `key` below `prefix`.
pub(super) fn joined(prefix: &str, key: String) -> String {
    let name = if prefix.is_empty() { key } else { format!("{prefix}.{key}") };
    if name.len() > LONGEST_NAME { name.chars().take(LONGEST_NAME / 4).collect() } else { name }
}

/// Which of the three a request carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Spans.
    Traces,
    /// Log records.
    Logs,
    /// Metrics.
    Metrics,
}

/// What one request carried.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// Spans.
    pub spans: Vec<Span>,
    /// Log records.
    pub logs: Vec<LogRecord>,
    /// Points of metrics.
    pub points: Vec<Point>,
}

/// One span. Ids are lower-case hexadecimal digits, empty where there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// 32 digits.
    pub trace_id: String,
    /// 16 digits.
    pub span_id: String,
    /// 16 digits, empty for a root.
    pub parent_id: String,
    /// Its name.
    pub name: String,
    /// Which side of a call it is.
    pub kind: SpanKind,
    /// Whether its status is an error.
    pub is_error: bool,
    /// What its status says besides.
    pub status_message: String,
    /// `tracestate`, as it came.
    pub trace_state: String,
    /// Nanoseconds since 1970.
    pub start_ns: u64,
    /// Nanoseconds since 1970.
    pub end_ns: u64,
    /// Its attributes.
    pub attributes: Attributes,
    /// What happened within it.
    pub events: Vec<SpanEvent>,
    /// Who exported it.
    pub resource: Arc<Attributes>,
}

/// Which side of a call a span is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SpanKind {
    /// Not said.
    #[default]
    Unspecified,
    /// Within the process.
    Internal,
    /// A request that is served.
    Server,
    /// A call that is made.
    Client,
    /// A message that is sent.
    Producer,
    /// A message that is taken.
    Consumer,
}

impl SpanKind {
    /// The kind of this number in OTLP.
    pub(super) fn of(number: u64) -> Self {
        match number {
            1 => Self::Internal,
            2 => Self::Server,
            3 => Self::Client,
            4 => Self::Producer,
            5 => Self::Consumer,
            _ => Self::Unspecified,
        }
    }
}

/// Something that happened within a span.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SpanEvent {
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: Attributes,
}

/// One log record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LogRecord {
    /// Nanoseconds since 1970: when it happened, or was observed.
    pub time_ns: u64,
    /// From 1 (trace) to 24 (fatal); 0 where none is given.
    pub severity: u64,
    /// The level's name.
    pub severity_text: String,
    /// What it says.
    pub body: String,
    /// Its attributes.
    pub attributes: Attributes,
    /// 32 hexadecimal digits, empty where there is none.
    pub trace_id: String,
    /// 16 hexadecimal digits, empty where there is none.
    pub span_id: String,
    /// Who exported it.
    pub resource: Arc<Attributes>,
}

/// One value of one time series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Point {
    /// Name of the metric.
    pub name: String,
    /// Its labels.
    pub attributes: Attributes,
    /// The value; of a distribution the sum.
    pub value: f64,
    /// How many values a distribution holds; `None`: it is a single number.
    pub count: Option<u64>,
    /// Whether each export tells only what is new since the one before.
    pub is_delta: bool,
    /// Who exported it.
    pub resource: Arc<Attributes>,
}

/// Why a message could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// It ends in the middle of a field.
    #[error("it ends in the middle of a field")]
    Cut,
    /// A number has more than ten bytes.
    #[error("a number has more than ten bytes")]
    Number,
    /// A field has another wire type than its number says.
    #[error("field {0} has another wire type than it should")]
    WireType(u64),
    /// A wire type is none of those that exist.
    #[error("a wire type is none of those that exist")]
    NoWireType,
    /// Attribute values are nested too deeply.
    #[error("values are nested more than 32 deep")]
    Deep,
    /// It is no JSON.
    #[error("it is no JSON")]
    NoJson,
    /// It is JSON of another shape.
    #[error("`{0}` is of another shape than OTLP says")]
    Shape(&'static str),
}
