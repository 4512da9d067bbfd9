//! One stream: a request, its faults, its answer.

use std::future::poll_fn;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Instant;

use bytes::Bytes;
use h2::client::SendRequest;
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use http::request::Parts;
use http::{HeaderMap, Request, Response};
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::sleep;

use super::body::{Passed, pass};
use crate::proxy::connection::{End, Link};
use crate::proxy::http1::{method, text as shortened};
use crate::proxy::rules::{Hit, Plan};
use crate::proxy::{
    Call, Direction, Exchange, Fault, HttpCall, HttpVersion, Outcome, Release, Shared,
};

/// What a stream tells its connection.
#[derive(Clone, Copy, Debug)]
pub(super) enum Word {
    /// To end.
    End(End),
    /// That the upstream takes no more streams.
    UpstreamRefuses,
}

/// What a stream knows of its connection.
#[derive(Debug)]
pub(super) struct Context {
    shared: Arc<Shared>,
    number: u64,
    passed: Arc<[std::sync::atomic::AtomicU64; 2]>,
    ends: UnboundedSender<Word>,
    ending: Arc<OnceLock<Outcome>>,
}

impl Context {
    pub(super) fn new(
        link: &Link,
        ends: UnboundedSender<Word>,
        ending: Arc<OnceLock<Outcome>>,
    ) -> Self {
        let (shared, passed) = (Arc::clone(&link.shared), Arc::clone(&link.passed));
        Self { shared, number: link.number, passed, ends, ending }
    }
}

/// What is entered into the log when the stream is over, however that comes.
struct Record {
    context: Context,
    state: Mutex<State>,
}

struct State {
    exchange: Option<Exchange>,
    outcome: Option<Outcome>,
    digest: Option<DefaultHasher>,
    kept: Vec<u8>,
    is_complete: bool,
}

impl Record {
    fn with<T>(&self, change: impl FnOnce(&mut Exchange) -> T) -> Option<T> {
        self.state().exchange.as_mut().map(change)
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn call(&self, change: impl FnOnce(&mut HttpCall)) {
        self.with(|exchange| {
            if let Call::Http(call) = &mut *exchange.call {
                change(call);
            }
        });
    }

    fn land(&self, hit: &Hit) {
        self.with(|exchange| {
            if !exchange.faults.iter().any(|name| *name == hit.active.name) {
                hit.active.land();
                exchange.faults.push(Arc::clone(&hit.active.name));
            }
        });
    }

    fn end(&self, outcome: Outcome) {
        self.state().outcome.get_or_insert(outcome);
    }

    fn pass(&self, direction: Direction, bytes: &Bytes) {
        let count = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        let index = usize::from(direction == Direction::Downstream);
        self.context.passed[index].fetch_add(count, std::sync::atomic::Ordering::Relaxed);
        if direction == Direction::Downstream {
            self.with(|exchange| exchange.answer_bytes += count);
            return;
        }
        let mut state = self.state();
        state.digest.get_or_insert_default().write(bytes);
        let room = self.context.shared.settings.keep_bytes.saturating_sub(state.kept.len());
        state.kept.extend_from_slice(bytes.get(..room.min(bytes.len())).unwrap_or_default());
        if let Some(exchange) = &mut state.exchange {
            exchange.request_bytes += count;
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        let ending = self.context.ending.get().copied().unwrap_or(Outcome::Stopped);
        let mut state = self.state();
        let outcome = state.outcome.unwrap_or(ending);
        let (digest, kept) = (state.digest.take(), std::mem::take(&mut state.kept));
        let is_complete = state.is_complete;
        let Some(mut exchange) = state.exchange.take() else { return };
        drop(state);
        exchange.duration = exchange.started.elapsed();
        exchange.outcome = outcome;
        exchange.kept = Bytes::from(kept);
        if outcome == Outcome::ServiceLeft {
            exchange.left_after.get_or_insert(exchange.duration);
        }
        if let (Call::Http(call), true) = (&mut *exchange.call, is_complete) {
            call.body_digest = digest.map(|digest| digest.finish());
        }
        self.context.shared.log.exchange(self.context.number, exchange, Instant::now());
    }
}

/// Relays one stream to its end.
pub(super) async fn exchange(
    context: Context,
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    client: Option<SendRequest<Bytes>>,
) {
    let (parts, body) = request.into_parts();
    let call = Call::Http(call(&parts, &context.shared.settings.headers));
    let plan = context.shared.rules.decide(&call);
    context.shared.log.begin();
    let kept = head(&parts, context.shared.settings.keep_bytes);
    let exchange = Exchange {
        started: Instant::now(),
        duration: std::time::Duration::ZERO,
        first_byte: None,
        left_after: None,
        outcome: Outcome::Stopped,
        call: Box::new(call),
        request_bytes: 0,
        answer_bytes: 0,
        faults: Vec::new(),
        kept: Bytes::new(),
    };
    let (digest, outcome, is_complete) = (None, None, body.is_end_stream());
    let state = State { exchange: Some(exchange), outcome, digest, kept, is_complete };
    let record = Record { context, state: Mutex::new(state) };
    if before(&record, &plan, Direction::Upstream, &mut respond).await.is_none() {
        return;
    }
    if let Some(hit) = plan.find(None, |fault| matches!(fault, Fault::HttpAnswer { .. })) {
        own(&record, &plan, &hit, &mut respond).await;
        return;
    }
    forward(&record, &plan, parts, body, respond, client).await;
}

/// Sends the request on, and the answer back.
async fn forward(
    record: &Record,
    plan: &Plan,
    parts: Parts,
    mut body: RecvStream,
    mut respond: SendResponse<Bytes>,
    client: Option<SendRequest<Bytes>>,
) {
    let is_bare = body.is_end_stream();
    let asked = async {
        let mut client = client?.ready().await.ok()?;
        client.send_request(Request::from_parts(parts, ()), is_bare).ok()
    };
    let Some((answer, mut send)) = asked.await else {
        record.end(Outcome::UpstreamLeft);
        respond.send_reset(Reason::REFUSED_STREAM);
        let _over_already = record.context.ends.send(Word::UpstreamRefuses);
        return;
    };
    let sending = async {
        if !is_bare {
            let shape = || plan.shape(Direction::Upstream);
            let seen = |bytes: &Bytes| record.pass(Direction::Upstream, bytes);
            match pass(&mut body, &mut send, shape, None, seen).await {
                Passed::Whole(_) => record.state().is_complete = true,
                Passed::SourceLeft => record.end(Outcome::ServiceLeft),
                Passed::TargetLeft | Passed::Cut => {}
            }
        }
        // Whether it went or not, the answer decides.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = sending => {}
        () = async {
            let answer = tokio::select! {
                answer = answer => answer,
                _ = poll_fn(|context| respond.poll_reset(context)) => {
                    record.end(Outcome::ServiceLeft);
                    return;
                }
            };
            match answer {
                Ok(answer) => back(record, plan, answer, &mut respond).await,
                Err(error) => {
                    record.end(Outcome::UpstreamLeft);
                    respond.send_reset(error.reason().unwrap_or(Reason::INTERNAL_ERROR));
                }
            }
        } => {}
    }
}

/// Sends the answer back.
async fn back(
    record: &Record,
    plan: &Plan,
    answer: Response<RecvStream>,
    respond: &mut SendResponse<Bytes>,
) {
    let (parts, mut body) = answer.into_parts();
    record.call(|call| {
        call.status = Some(parts.status.as_u16());
        call.grpc_status = grpc_status(&parts.headers);
        call.retry_after = text(&parts.headers, "retry-after");
    });
    if before(record, plan, Direction::Downstream, respond).await.is_none() {
        return;
    }
    let cut = plan.find(Some(Direction::Downstream), |fault| matches!(fault, Fault::Cut { .. }));
    let is_bare = body.is_end_stream() && cut.is_none();
    let Ok(mut send) = respond.send_response(Response::from_parts(parts, ()), is_bare) else {
        record.end(Outcome::ServiceLeft);
        return;
    };
    record.with(|exchange| exchange.first_byte = Some(exchange.started.elapsed()));
    if is_bare {
        record.end(Outcome::Answered);
        return;
    }
    for hit in plan.towards(Direction::Downstream) {
        if matches!(hit.active.rule.fault, Fault::Bandwidth { .. } | Fault::Slice { .. }) {
            record.land(hit);
        }
    }
    let room = cut.as_ref().map(|hit| match hit.active.rule.fault {
        Fault::Cut { after } => after,
        _ => 0,
    });
    let shape = || plan.shape(Direction::Downstream);
    let seen = |bytes: &Bytes| record.pass(Direction::Downstream, bytes);
    match pass(&mut body, &mut send, shape, room, seen).await {
        Passed::Whole(trailers) => {
            if let Some(status) = trailers.as_ref().and_then(grpc_status) {
                record.call(|call| call.grpc_status = Some(status));
            }
            record.end(Outcome::Answered);
        }
        Passed::Cut => {
            if let Some(hit) = &cut {
                record.land(hit);
            }
            record.end(Outcome::Faulted);
        }
        Passed::SourceLeft => record.end(Outcome::UpstreamLeft),
        Passed::TargetLeft => record.end(Outcome::ServiceLeft),
    }
}

/// Brings those faults that come before a request or an answer; `None` when there is nothing more to do.
async fn before(
    record: &Record,
    plan: &Plan,
    direction: Direction,
    respond: &mut SendResponse<Bytes>,
) -> Option<()> {
    if plan.is_empty() {
        return Some(());
    }
    let goes_on = tokio::select! {
        goes_on = faults(record, plan, direction) => goes_on,
        _ = poll_fn(|context| respond.poll_reset(context)) => {
            record.end(Outcome::ServiceLeft);
            return None;
        }
    };
    if goes_on.is_none() {
        record.end(Outcome::Faulted);
        respond.send_reset(Reason::INTERNAL_ERROR);
    }
    goes_on
}

async fn faults(record: &Record, plan: &Plan, direction: Direction) -> Option<()> {
    let rules = &record.context.shared.rules;
    for hit in plan.towards(direction) {
        match hit.active.rule.fault {
            Fault::Latency { .. } => {
                record.land(hit);
                tokio::select! {
                    () = sleep(hit.delay(0).unwrap_or_default()) => {}
                    () = rules.cleared(hit) => {}
                }
            }
            Fault::BlackHole { close_after, .. } => {
                record.land(hit);
                let close = async {
                    match close_after {
                        Some(after) => sleep(after).await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    release = rules.released(hit) => {
                        if release == Release::Close {
                            return None;
                        }
                    }
                    () = close => return None,
                }
            }
            Fault::Reset { after } => {
                sleep(after).await;
                record.land(hit);
                record.end(Outcome::Faulted);
                let _over_already = record.context.ends.send(Word::End(End::reset()));
                std::future::pending::<()>().await;
            }
            _ => {}
        }
    }
    Some(())
}

/// Answers in the upstream's place.
async fn own(record: &Record, plan: &Plan, hit: &Hit, respond: &mut SendResponse<Bytes>) {
    let Fault::HttpAnswer { status, headers, body } = &hit.active.rule.fault else { return };
    record.land(hit);
    record.call(|call| call.status = Some(*status));
    if before(record, plan, Direction::Downstream, respond).await.is_none() {
        return;
    }
    let mut answer = Response::builder().status(*status);
    for (name, value) in headers {
        answer = answer.header(name.as_str(), value.as_str());
    }
    let Ok(answer) = answer.body(()) else { return };
    record.call(|call| call.grpc_status = grpc_status(answer.headers()));
    let sent = respond.send_response(answer, body.is_empty());
    let sent = sent.and_then(|mut send| {
        if body.is_empty() { Ok(()) } else { send.send_data(Bytes::from(body.clone()), true) }
    });
    record.with(|exchange| exchange.first_byte = Some(exchange.started.elapsed()));
    record.end(if sent.is_ok() { Outcome::Answered } else { Outcome::ServiceLeft });
}

fn call(parts: &Parts, wanted: &[String]) -> HttpCall {
    let headers = parts.headers.iter().filter_map(|(name, value)| {
        let is_wanted = wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name.as_str()));
        let value = shortened(value.as_bytes());
        is_wanted.then(|| (name.as_str().to_owned(), value))
    });
    HttpCall {
        version: HttpVersion::Http2,
        method: method(parts.method.as_str()).unwrap_or_default(),
        path: shortened(parts.uri.path_and_query().map_or("/", |path| path.as_str()).as_bytes()),
        idempotency_key: text(&parts.headers, "idempotency-key"),
        traceparent: text(&parts.headers, "traceparent"),
        headers: headers.collect(),
        body_digest: None,
        status: None,
        grpc_status: None,
        retry_after: None,
    }
}

/// The head as HTTP/1 would write it, as far as it is to be kept.
fn head(parts: &Parts, keep_bytes: usize) -> Vec<u8> {
    if keep_bytes == 0 {
        return Vec::new();
    }
    let mut head = format!("{} {} HTTP/2\r\n", parts.method, parts.uri).into_bytes();
    for (name, value) in &parts.headers {
        head.extend_from_slice(name.as_str().as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(value.as_bytes());
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
    head.truncate(keep_bytes);
    head
}

fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).map(|value| shortened(value.as_bytes()))
}

fn grpc_status(headers: &HeaderMap) -> Option<u16> {
    headers.get("grpc-status")?.to_str().ok()?.parse().ok()
}
