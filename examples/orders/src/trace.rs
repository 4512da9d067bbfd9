//! Trace context after the W3C recommendation, and the export of spans as OTLP over HTTP.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use hyper::HeaderMap;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::downstream::post_once;
use crate::{Defect, Settings, chance};

/// Spans waiting to be exported; more are dropped rather than kept.
const QUEUE: usize = 4096;
const INTERVAL: Duration = Duration::from_millis(200);

/// What one request is called, everywhere.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    /// 32 hexadecimal digits.
    pub(crate) trace: String,
    /// Of the caller; empty when there is none.
    pub(crate) parent: String,
    /// Of this service's part.
    pub(crate) span: String,
    /// From the caller, or our own.
    pub(crate) request: String,
}

impl Context {
    /// Continues the trace in `headers`, or begins one.
    pub(crate) fn from_headers(headers: &HeaderMap) -> Self {
        let text =
            |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let header = text("traceparent").unwrap_or_default();
        let parts: Vec<&str> = header.split('-').collect();
        let (trace, parent) = match parts.as_slice() {
            ["00", trace, span, _] if trace.len() == 32 && span.len() == 16 => {
                ((*trace).to_owned(), (*span).to_owned())
            }
            _ => (chance::id(), String::new()),
        };
        let request = text("x-request-id").unwrap_or_else(chance::id);
        Self { trace, parent, span: span_id(), request }
    }

    /// The context of a call that this request makes.
    pub(crate) fn child(&self) -> Self {
        Self { parent: self.span.clone(), span: span_id(), ..self.clone() }
    }

    /// As a header.
    pub(crate) fn traceparent(&self) -> String {
        format!("00-{}-{}-01", self.trace, self.span)
    }
}

fn span_id() -> String {
    format!("{:016x}", chance::bits() | 1)
}

/// One finished span.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    /// Its ids.
    pub(crate) context: Context,
    /// `POST /orders`, `payments` …
    pub(crate) name: String,
    /// 2 for a server, 3 for a client.
    pub(crate) kind: u8,
    /// When it began.
    pub(crate) began: SystemTime,
    /// Whether it failed.
    pub(crate) is_error: bool,
}

/// Takes finished spans.
#[derive(Clone, Debug)]
pub(crate) struct Spans(Option<mpsc::Sender<(Span, SystemTime)>>);

impl Spans {
    /// Starts the exporter when `settings` say where to.
    pub(crate) fn start(settings: &Settings) -> Self {
        let Some(address) = settings.spans.filter(|_| !settings.has(Defect::NoSpans)) else {
            return Self(None);
        };
        let (sender, receiver) = mpsc::channel(QUEUE);
        tokio::spawn(export(address, receiver));
        Self(Some(sender))
    }

    /// Takes `span`, which ends now.
    pub(crate) fn end(&self, span: Span) {
        if let Some(sender) = &self.0 {
            let _dropped_when_full = sender.try_send((span, SystemTime::now()));
        }
    }
}

async fn export(address: SocketAddr, mut receiver: mpsc::Receiver<(Span, SystemTime)>) {
    let mut batch = Vec::new();
    while receiver.recv_many(&mut batch, 512).await > 0 {
        let spans: Vec<Value> = batch.drain(..).map(|(span, end)| encode(&span, end)).collect();
        let body = json!({"resourceSpans": [{
            "resource": {"attributes": [{"key": "service.name", "value": {"stringValue": "orders"}}]},
            "scopeSpans": [{"scope": {"name": "orders"}, "spans": spans}],
        }]});
        let _collector_away =
            post_once(address, "/v1/traces", &[], body.to_string(), Duration::from_secs(2)).await;
        tokio::time::sleep(INTERVAL).await;
    }
}

fn encode(span: &Span, end: SystemTime) -> Value {
    json!({
        "traceId": span.context.trace, "spanId": span.context.span, "parentSpanId": span.context.parent,
        "name": span.name, "kind": span.kind,
        "startTimeUnixNano": nanoseconds(span.began), "endTimeUnixNano": nanoseconds(end),
        "status": {"code": if span.is_error { 2 } else { 1 }},
    })
}

fn nanoseconds(time: SystemTime) -> String {
    time.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos().to_string()
}
