//! What a service tells of itself: spans, log records and metrics that it exports, lines that it prints, metrics that it shows; and canaries,
//! texts that must never turn up in any of them.
//!
//! Everything here reads what others wrote: bounded in size and depth, never panics, and says what it could not read.

pub mod canary;
mod exposition;
mod json;
pub mod lines;
mod protobuf;
mod receiver;
mod search;
mod signal;
mod wire;

pub use exposition::{Exposition, Kind, Sample, read_exposition};
pub use json::read_json;
pub use protobuf::read_protobuf;
pub use receiver::{Collected, Receiver, Refused};
pub use search::Search;
pub use signal::{
    Attributes, Batch, LogRecord, Point, Signal, Span, SpanEvent, SpanKind, Unreadable,
};
