//! Log lines, read in the schemas that services write: JSON, logfmt, klog, access logs, and the patterns of plain loggers.
//!
//! A record may span several lines: what follows a line and belongs to it (stack traces, indented text) is kept with it and counted.

mod json;
mod logfmt;
mod names;
mod pattern;

use std::borrow::Cow;

use super::LogRecord;

pub use names::Level;

/// Longest text of one record; what is beyond is dropped.
const LONGEST: usize = 256 << 10;

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Schema {
    /// A JSON object.
    Json,
    /// `key=value` pairs.
    Logfmt,
    /// The structured form of klog: a header, a quoted message, pairs.
    Klog,
    /// A record that came by OTLP.
    Otlp,
    /// The common or combined format of web servers.
    Access,
    /// A time or a level before free text, as plain loggers write.
    Pattern,
    /// Free text.
    Text,
}

impl Schema {
    /// Whether every field of it can be told apart without knowing the service.
    pub fn is_structured(self) -> bool {
        matches!(self, Self::Json | Self::Logfmt | Self::Klog | Self::Otlp)
    }

    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Logfmt => "logfmt",
            Self::Klog => "klog",
            Self::Otlp => "OTLP",
            Self::Access => "an access log",
            Self::Pattern => "text after a time or level",
            Self::Text => "free text",
        }
    }
}

/// One log record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it is written.
    pub schema: Schema,
    /// Its level, if it says one.
    pub level: Option<Level>,
    /// Whether it says when it was written.
    pub has_time: bool,
    /// What it says, as far as that can be told apart.
    pub message: String,
    /// All fields of a structured record, nested ones with dots between the names.
    pub fields: Vec<(String, String)>,
    /// Number of its first line.
    pub line: usize,
    /// How many lines belong to it besides the first.
    pub further_lines: usize,
    /// All its text.
    pub text: String,
}

impl Entry {
    fn new(schema: Schema) -> Self {
        Self {
            schema,
            level: None,
            has_time: false,
            message: String::new(),
            fields: Vec::new(),
            line: 0,
            further_lines: 0,
            text: String::new(),
        }
    }

    /// Takes level, time and message from the fields.
    fn from_fields(schema: Schema, fields: Vec<(String, String)>) -> Self {
        let value = |known: fn(&str) -> bool| {
            fields.iter().find(|(name, _)| known(name)).map(|(_, value)| value.as_str())
        };
        let level = value(names::is_level).and_then(Level::read);
        let message = value(names::is_message).unwrap_or_default().to_owned();
        let has_time = value(names::is_time).is_some();
        Self { level, has_time, message, fields, ..Self::new(schema) }
    }

    /// A record that came by OTLP.
    pub fn of_record(record: &LogRecord) -> Self {
        let mut fields = record.attributes.clone();
        fields.push(("trace_id".to_owned(), record.trace_id.clone()));
        fields.push(("span_id".to_owned(), record.span_id.clone()));
        let text = fields
            .iter()
            .fold(record.body.clone(), |text, (name, value)| format!("{text} {name}={value}"));
        let level = match record.severity {
            0 => Level::read(&record.severity_text),
            1..=4 => Some(Level::Trace),
            5..=8 => Some(Level::Debug),
            9..=12 => Some(Level::Info),
            13..=16 => Some(Level::Warn),
            17..=20 => Some(Level::Error),
            _ => Some(Level::Fatal),
        };
        let (message, has_time) = (record.body.clone(), record.time_ns > 0);
        Self { level, has_time, message, fields, text, ..Self::new(Schema::Otlp) }
    }

    /// The trace id or request id that it says it belongs to; one of zeros is none.
    pub fn id(&self) -> Option<&str> {
        let is_id = |(name, value): &&(String, String)| {
            names::is_id(name) && value.bytes().any(|byte| !matches!(byte, b'0' | b'-' | b' '))
        };
        self.fields.iter().find(is_id).map(|(_, value)| value.as_str())
    }

    /// How many fields it has besides time, level, message and ids.
    pub fn context(&self) -> usize {
        let plain = |name: &str| {
            names::is_level(name)
                || names::is_message(name)
                || names::is_time(name)
                || names::is_id(name)
        };
        self.fields.iter().filter(|(name, value)| !plain(name) && !value.is_empty()).count()
    }
}

/// Reads lines of one stream into records.
pub fn read<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    for (number, raw) in lines.into_iter().enumerate() {
        let line = uncoloured(raw);
        if line.trim().is_empty() {
            continue;
        }
        if let Some(last) = entries.last_mut().filter(|last| belongs_to(last, &line)) {
            last.further_lines += 1;
            if last.text.len() + line.len() < LONGEST {
                last.text.push('\n');
                last.text.push_str(&line);
            }
            continue;
        }
        let mut entry = read_line(&line);
        entry.line = number;
        entry.text = line.into_owned();
        entries.push(entry);
    }
    entries
}

/// Reads one line by itself.
fn read_line(line: &str) -> Entry {
    let trimmed = line.trim();
    json::read(trimmed)
        .or_else(|| pattern::klog(trimmed))
        .or_else(|| logfmt::read(trimmed))
        .or_else(|| pattern::access(trimmed))
        .or_else(|| pattern::wrapped(trimmed))
        .or_else(|| pattern::plain(trimmed))
        .unwrap_or_else(|| Entry { message: trimmed.to_owned(), ..Entry::new(Schema::Text) })
}

/// Whether `line` goes on with the record `last`.
fn belongs_to(last: &Entry, line: &str) -> bool {
    let is_indented = line.starts_with([' ', '\t']) && json::read(line.trim()).is_none();
    is_indented || pattern::is_trace(line) || (last.further_lines > 0 && is_closing(line))
}

/// The end of an object or a list that was written over several lines.
fn is_closing(line: &str) -> bool {
    line.trim_end_matches([',', ';']).chars().all(|letter| matches!(letter, '}' | ']' | ')'))
}

/// `line` without the escape sequences that colour terminals.
fn uncoloured(line: &str) -> Cow<'_, str> {
    if !line.contains('\u{1b}') {
        return Cow::Borrowed(line);
    }
    let mut text = String::with_capacity(line.len());
    let mut pieces = line.split('\u{1b}');
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let rest = piece.strip_prefix('[').map(|sequence| {
            sequence.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == ';')
        });
        let mut letters = rest.unwrap_or(piece).chars();
        if rest.is_some() {
            letters.next();
        }
        text.push_str(letters.as_str());
    }
    Cow::Owned(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> Entry {
        let entries = read([line]);
        assert_eq!(entries.len(), 1, "{line}");
        entries.into_iter().next().unwrap()
    }

    fn shape(line: &str) -> (Schema, Option<Level>, bool, String) {
        let entry = one(line);
        (entry.schema, entry.level, entry.has_time, entry.message)
    }

    #[test]
    fn json_of_the_common_loggers_is_read() {
        for (line, level, message) in [
            (
                r#"{"level":"info","ts":1700000000.5,"caller":"a/b.go:1","msg":"hello"}"#,
                Level::Info,
                "hello",
            ),
            (
                r#"{"level":30,"time":1700000000000,"pid":1,"hostname":"h","msg":"hello"}"#,
                Level::Info,
                "hello",
            ),
            (
                r#"{"time":"2026-01-01T00:00:00Z","level":"ERROR+2","msg":"slog"}"#,
                Level::Error,
                "slog",
            ),
            (
                r#"{"@timestamp":"2026-01-01T00:00:00Z","log.level":"WARN","message":"ecs","trace.id":"a"}"#,
                Level::Warn,
                "ecs",
            ),
            (
                r#"{"@timestamp":"2026-01-01T00:00:00Z","log":{"level":"error"},"message":"nested"}"#,
                Level::Error,
                "nested",
            ),
            (
                r#"{"severity":"CRITICAL","time":"2026-01-01T00:00:00Z","message":"cloud"}"#,
                Level::Fatal,
                "cloud",
            ),
            (
                r#"{"event":"structlog","level":"debug","timestamp":"2026-01-01T00:00:00Z"}"#,
                Level::Debug,
                "structlog",
            ),
            (
                r#"{"@t":"2026-01-01T00:00:00Z","@mt":"clef {A}","@l":"Error","A":1}"#,
                Level::Error,
                "clef {A}",
            ),
            (
                r#"{"Timestamp":"2026-01-01 00:00:00 ","EventId":0,"LogLevel":"Information","Category":"c","Message":"net"}"#,
                Level::Info,
                "net",
            ),
            (
                r#"{"timestamp":"2026-01-01T00:00:00Z","level":"INFO","fields":{"message":"tracing"},"target":"t"}"#,
                Level::Info,
                "tracing",
            ),
            (
                r#"{"version":"1.1","host":"h","short_message":"gelf","timestamp":1.5,"level":3}"#,
                Level::Error,
                "gelf",
            ),
            (
                r#"{"instant":{"epochSecond":1},"level":"WARN","message":"log4j","loggerName":"n"}"#,
                Level::Warn,
                "log4j",
            ),
        ] {
            assert_eq!(
                shape(line),
                (Schema::Json, Some(level), true, message.to_owned()),
                "{line}"
            );
        }
    }

    #[test]
    fn logfmt_and_klog_are_read() {
        let entry = one(r#"time=2026-01-01T00:00:00Z level=warn msg="a \"b\" c" user=x err=-"#);
        assert_eq!((entry.schema, entry.level), (Schema::Logfmt, Some(Level::Warn)));
        assert_eq!(entry.message, "a \"b\" c");
        assert_eq!(one("method=GET path=/a status=200 duration=1.5").schema, Schema::Logfmt);
        let entry =
            one(r#"E0102 03:04:05.678901       1 a.go:12] "Failed to sync" err="x y" pod="a/b""#);
        assert_eq!((entry.schema, entry.level), (Schema::Klog, Some(Level::Error)));
        assert_eq!((entry.message.as_str(), entry.fields.len()), ("Failed to sync", 2));
        let ruby = "I, [2026-01-01T00:00:00.26 #4]  INFO -- : [29f3a9f6] method=GET path=/ status=500 error='Argument: no' exception=[\"A\", \"b c\"]";
        let entry = one(ruby);
        assert_eq!(
            (entry.schema, entry.level, entry.has_time),
            (Schema::Logfmt, Some(Level::Info), true)
        );
        assert_eq!(entry.fields.last().map(|(_, value)| value.as_str()), Some("\"A\", \"b c\""));
        assert_eq!(one("I0102 03:04:05.678901 1 a.go:12] Starting up").schema, Schema::Pattern);
    }

    #[test]
    fn plain_loggers_are_told_from_free_text() {
        for (line, level, has_time) in [
            (
                "2026-01-01T00:00:00.903Z  INFO 29 --- [main] o.s.b.App : Started",
                Some(Level::Info),
                true,
            ),
            ("2026-01-01 00:00:00,123 - app - ERROR - no such thing", Some(Level::Error), true),
            ("WARNING:root:watch out", Some(Level::Warn), false),
            ("INFO:     127.0.0.1:5 - \"GET / HTTP/1.1\" 200 OK", Some(Level::Info), false),
            ("[2026-01-01T00:00:00Z WARN  app] odd", Some(Level::Warn), true),
            ("[2026-01-01 00:00:00] production.DEBUG: Hello {\"a\":1}", Some(Level::Debug), true),
            ("E, [2026-01-01T00:00:00.1 #1] ERROR -- : boom", Some(Level::Error), true),
            ("2026/01/01 00:00:00 listening", None, true),
            ("[GIN] 2026/01/01 - 00:00:00 | 200 | 1ms | 127.0.0.1 | GET \"/\"", None, true),
            ("info: Microsoft.Hosting.Lifetime[14]", Some(Level::Info), false),
            ("18:01:43.103 warn: App.Shop[0] odd", Some(Level::Warn), true),
            ("[12:00:00 WRN] Disk space below 15%", Some(Level::Warn), true),
            (
                "2026/01/01 10:15:32 [error] 12345#0: *1 upstream timed out",
                Some(Level::Error),
                true,
            ),
            (
                "\u{1b}[2m2026-01-01T00:00:00Z\u{1b}[0m \u{1b}[32m INFO\u{1b}[0m app: up",
                Some(Level::Info),
                true,
            ),
        ] {
            let (schema, got, time, _) = shape(line);
            assert_eq!((schema, got, time), (Schema::Pattern, level, has_time), "{line}");
        }
        assert_eq!(
            one(r#"127.0.0.1 - - [01/Jan/2026:00:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl""#)
                .schema,
            Schema::Access
        );
        for line in
            ["Server started on port 3000", "a = b", "it's {broken", "a \u{1b}[", "=", "é=ü"]
        {
            assert_eq!(one(line).schema, Schema::Text, "{line}");
        }
    }

    #[test]
    fn stack_traces_belong_to_the_line_before_them() {
        let java = "2026-01-01 00:00:00.1 ERROR 1 --- [main] a.B : failed\n\
            java.lang.IllegalStateException: no\n\tat a.B.c(B.java:1)\n\tat a.B.d(B.java:2)\n\
            Caused by: java.io.IOException: x\n\t... 3 more\n2026-01-01 00:00:00.2  INFO 1 --- [main] a.B : on";
        let python = "ERROR:app:failed\nTraceback (most recent call last):\n  File \"a.py\", line 1, in b\n    c()\nValueError: no\nINFO:app:on";
        let go = "panic: boom\n\ngoroutine 1 [running]:\nmain.main()\n\t/a/main.go:3 +0x1d\n{\"level\":\"info\",\"msg\":\"on\"}";
        for (text, lines) in [(java, 5), (python, 4), (go, 3)] {
            let entries = read(text.lines());
            assert_eq!(entries.len(), 2, "{entries:#?}");
            assert_eq!(entries[0].further_lines, lines, "{text}");
        }
        let pretty =
            read("{\n  \"level\": \"info\"\n}\n{\"level\":\"info\",\"msg\":\"a\"}".lines());
        assert_eq!((pretty.len(), pretty[0].further_lines, pretty[0].schema), (2, 2, Schema::Text));
    }

    #[test]
    fn ids_and_context_are_told_from_the_rest() {
        let entry =
            one(r#"{"level":"error","msg":"m","time":1,"dd":{"trace_id":"77"},"path":"/a"}"#);
        assert_eq!((entry.id(), entry.context()), (Some("77"), 1));
        assert_eq!(one(r#"{"level":"error","msg":"m","traceId":"abc"}"#).id(), Some("abc"));
        assert_eq!(one(r#"{"level":"error","msg":"m","x-request-id":"r"}"#).id(), Some("r"));
        assert_eq!(one(r#"{"level":"error","msg":"m","order_id":"r"}"#).id(), None);
        assert_eq!(one(r#"{"level":"error","msg":"m","trace_id":"0000-00"}"#).id(), None);
    }
}
