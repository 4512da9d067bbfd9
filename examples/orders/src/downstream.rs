//! Calls to another service: bounded in time, tried again only when that is safe, and not made while it is known to be down.

use std::net::SocketAddr;
use std::time::{Duration, Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::time::{sleep, timeout};

use crate::breaker::Breaker;
use crate::chance;
use crate::trace::{Context, Span, Spans};

/// Idle connections kept.
const IDLE: usize = 32;
/// Longest answer read.
const LONGEST_ANSWER: usize = 1 << 20;

type Sender = SendRequest<Full<Bytes>>;
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// One downstream service.
#[derive(Debug)]
pub(crate) struct Downstream {
    /// What it is called.
    pub(crate) name: &'static str,
    address: SocketAddr,
    idle: Mutex<Vec<Sender>>,
    breaker: Breaker,
    spans: Spans,
    /// How it is called.
    pub(crate) manner: Manner,
}

/// How a downstream service is called.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// For one attempt.
    pub(crate) timeout: Option<Duration>,
    /// Attempts after the first.
    pub(crate) retries: u32,
    /// Whether it pauses longer and longer between attempts.
    pub(crate) backs_off: bool,
    /// Whether each call carries an `idempotency-key`, without which a POST must not be tried again.
    pub(crate) has_key: bool,
    /// Whether it stops calling when calls keep failing.
    pub(crate) has_breaker: bool,
    /// Whether the trace goes on.
    pub(crate) traces: bool,
}

impl Downstream {
    /// The service at `address`, not yet connected.
    pub(crate) fn new(
        name: &'static str,
        address: SocketAddr,
        manner: Manner,
        spans: Spans,
    ) -> Self {
        Self { name, address, idle: Mutex::default(), breaker: Breaker::default(), spans, manner }
    }

    /// Posts `body` to `path` under the idempotency `key`; the error says what went wrong at last.
    pub(crate) async fn post(
        &self,
        path: &str,
        key: &str,
        body: String,
        context: &Context,
    ) -> Result<(), String> {
        let mut last = String::new();
        for attempt in 0..=self.manner.retries {
            if attempt > 0 && self.manner.backs_off {
                sleep(backoff(attempt)).await;
            }
            if self.manner.has_breaker && !self.breaker.allows(Instant::now()) {
                return Err(format!("{} is known to be down", self.name));
            }
            match self.attempt(path, key, body.clone(), context).await {
                Ok(()) => return Ok(()),
                Err(reason) => last = reason,
            }
        }
        Err(last)
    }

    async fn attempt(
        &self,
        path: &str,
        key: &str,
        body: String,
        context: &Context,
    ) -> Result<(), String> {
        let (child, began) = (context.child(), SystemTime::now());
        let traceparent = child.traceparent();
        let mut headers = vec![("content-type", "application/json")];
        if self.manner.has_key {
            headers.push(("idempotency-key", key));
        }
        if self.manner.traces {
            headers.push(("traceparent", &traceparent));
        }
        let call = self.exchange(path, &headers, body);
        let outcome = match self.manner.timeout {
            Some(limit) => timeout(limit, call).await.unwrap_or_else(|_| {
                Err(format!("{} did not answer in {} ms", self.name, limit.as_millis()))
            }),
            None => call.await,
        };
        self.breaker.record(outcome.is_ok(), Instant::now());
        let name = self.name.to_owned();
        self.spans.end(Span { context: child, name, kind: 3, began, is_error: outcome.is_err() });
        outcome
    }

    async fn exchange(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        body: String,
    ) -> Result<(), String> {
        let mut sender = self.sender().await.map_err(|error| format!("{}: {error}", self.name))?;
        let status = send(&mut sender, self.address, path, headers, body)
            .await
            .map_err(|error| format!("{}: {error}", self.name))?;
        let mut idle = self.idle.lock().await;
        if idle.len() < IDLE {
            idle.push(sender);
        }
        drop(idle);
        if (200..300).contains(&status) {
            Ok(())
        } else {
            Err(format!("{} answered {status}", self.name))
        }
    }

    /// An idle connection that still works, or a new one.
    async fn sender(&self) -> Result<Sender, Failure> {
        let mut idle = self.idle.lock().await;
        while let Some(mut sender) = idle.pop() {
            if !sender.is_closed() && sender.ready().await.is_ok() {
                return Ok(sender);
            }
        }
        drop(idle);
        connect(self.address).await
    }

    /// Whether it answers its own health check now.
    pub(crate) async fn is_well(&self, limit: Duration) -> bool {
        let asked = async {
            let mut sender = connect(self.address).await?;
            let request = Request::get("/healthz")
                .header("host", self.address.to_string())
                .body(Full::default())?;
            Ok::<_, Failure>(sender.send_request(request).await?.status().is_success())
        };
        timeout(limit, asked).await.is_ok_and(|answer| answer.unwrap_or(false))
    }
}

/// 25 ms, doubled each time, of which a random half to all is waited.
fn backoff(attempt: u32) -> Duration {
    let full_ms = 25_u64 << attempt.min(6);
    Duration::from_millis(full_ms / 2 + chance::bits() % (full_ms / 2 + 1))
}

async fn connect(address: SocketAddr) -> Result<Sender, Failure> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let (sender, connection) = handshake(TokioIo::new(stream)).await?;
    tokio::spawn(connection);
    Ok(sender)
}

async fn send(
    sender: &mut Sender,
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
) -> Result<u16, Failure> {
    let mut request = Request::post(path).header("host", address.to_string());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = sender.send_request(request.body(Full::from(body))?).await?;
    let status = answer.status().as_u16();
    let body = http_body_util::Limited::new(answer.into_body(), LONGEST_ANSWER);
    body.collect().await?;
    Ok(status)
}

/// Posts once on a connection of its own.
pub(crate) async fn post_once(
    address: SocketAddr,
    path: &str,
    headers: &[(&str, &str)],
    body: String,
    limit: Duration,
) -> Result<u16, String> {
    let mut all = vec![("content-type", "application/json")];
    all.extend_from_slice(headers);
    let call = async { send(&mut connect(address).await?, address, path, &all, body).await };
    match timeout(limit, call).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}
