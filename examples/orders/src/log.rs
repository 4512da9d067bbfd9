//! One line of JSON for each thing worth telling, on standard output.

use std::io::Write;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};

use crate::trace::Context;
use crate::{Defect, Settings};

/// Writes log lines.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Log {
    is_plain: bool,
    has_ids: bool,
}

impl Log {
    /// The log as `settings` want it.
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { is_plain: settings.has(Defect::PlainLogs), has_ids: !settings.has(Defect::NoLogIds) }
    }

    /// Writes a line about a request.
    pub(crate) fn request(
        self,
        level: &str,
        message: &str,
        context: &Context,
        mut fields: Map<String, Value>,
    ) {
        if self.has_ids {
            fields.insert("trace_id".to_owned(), json!(context.trace));
            fields.insert("span_id".to_owned(), json!(context.span));
            fields.insert("request_id".to_owned(), json!(context.request));
        }
        self.line(level, message, fields);
    }

    /// Writes a line about the service.
    pub(crate) fn line(self, level: &str, message: &str, mut fields: Map<String, Value>) {
        if self.is_plain {
            let rest: Vec<_> = fields.values().map(ToString::to_string).collect();
            print(&format!("{message} ...\n    {}", rest.join(" ")));
            return;
        }
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        fields.insert(
            "timestamp_ms".to_owned(),
            json!(u64::try_from(since.as_millis()).unwrap_or(u64::MAX)),
        );
        fields.insert("level".to_owned(), json!(level));
        fields.insert("message".to_owned(), json!(message));
        print(&Value::Object(fields).to_string());
    }
}

/// The fields of a line.
pub(crate) fn fields<const N: usize>(pairs: [(&str, Value); N]) -> Map<String, Value> {
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A reader that has gone away must not end the service.
fn print(line: &str) {
    let _nobody_reads = writeln!(std::io::stdout().lock(), "{line}");
}

/// Says why the service does not start.
pub(crate) fn refuse(reason: &str) {
    let _nobody_reads = writeln!(std::io::stderr().lock(), "orders: {reason}");
}
