//! An OTLP receiver on loopback: HTTP with Protocol Buffers or JSON, and gRPC, all on one port.

mod answer;
mod request;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::task::{JoinHandle, JoinSet};

use super::{Batch, Signal};

/// Connections that are served at a time; more wait.
const CONNECTIONS: usize = 64;
/// Bytes of request bodies whose content is kept.
const BUDGET: usize = 64 << 20;
/// Refused requests that are kept.
const MOST_REFUSED: usize = 100;
/// How long the head of a request may take.
const HEAD: Duration = Duration::from_secs(10);

/// A running receiver; dropping it closes its listener and its connections.
#[derive(Debug)]
pub struct Receiver {
    address: SocketAddr,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What came since the receiver started, or since it was taken last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collected {
    /// What was exported.
    pub batch: Batch,
    /// Requests that were taken.
    pub requests: u64,
    /// Requests that were not, at most 100 of them.
    pub refused: Vec<Refused>,
    /// Requests that were taken and not kept, because there were too many.
    pub dropped: u64,
}

/// A request that could not be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Its path.
    pub path: String,
    /// Why.
    pub reason: String,
}

#[derive(Debug, Default)]
struct Shared(Mutex<(Collected, usize)>);

impl Receiver {
    /// Binds a free port of loopback, and serves on `runtime`.
    pub fn start(runtime: &Handle) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _inside = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::default());
        let task = runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self { address, shared, task })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes what came so far.
    pub fn take(&self) -> Collected {
        let mut kept = self.shared.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.1 = 0;
        std::mem::take(&mut kept.0)
    }

    /// Looks at what came so far.
    pub fn look<T>(&self, look: impl FnOnce(&Collected) -> T) -> T {
        look(&self.shared.0.lock().unwrap_or_else(PoisonError::into_inner).0)
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn keep(&self, batch: Batch, size: usize) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.0.requests += 1;
        if kept.1 + size > BUDGET {
            kept.0.dropped += 1;
            return;
        }
        kept.1 += size;
        kept.0.batch.spans.extend(batch.spans);
        kept.0.batch.logs.extend(batch.logs);
        kept.0.batch.points.extend(batch.points);
    }

    fn refuse(&self, path: &str, reason: &str) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.0.refused.len() < MOST_REFUSED {
            let path = path.chars().take(200).collect();
            kept.0.refused.push(Refused { path, reason: reason.to_owned() });
        }
    }
}

/// Serves connections until the task is aborted, which ends them too.
async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < CONNECTIONS => {
                match accepted {
                    Ok((stream, _)) => {
                        connections.spawn(serve(stream, Arc::clone(&shared)));
                    }
                    // No descriptor is free: one will be.
                    Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let _slower_at_worst = stream.set_nodelay(true);
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new()).header_read_timeout(HEAD);
    builder.http2().timer(TokioTimer::new());
    let service = service_fn(move |request| {
        let shared = Arc::clone(&shared);
        async move { Ok::<_, std::convert::Infallible>(take(&shared, request).await) }
    });
    let _the_exporter_left = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// Takes one request: reads, keeps, answers.
async fn take(shared: &Shared, incoming: hyper::Request<hyper::body::Incoming>) -> answer::Answer {
    let (head, body) = incoming.into_parts();
    let path = head.uri.path();
    let manner = request::Manner::of(&head.headers);
    match request::read(&head, manner, body).await {
        Ok((batch, size)) => {
            shared.keep(batch, size);
            answer::taken(manner)
        }
        Err(refusal) => {
            shared.refuse(path, &refusal.to_string());
            answer::refused(manner, &refusal)
        }
    }
}

/// Which signal is exported to `path`.
fn signal_of(path: &str) -> Option<Signal> {
    let is = |http: &str, service: &str| path.ends_with(http) || path.ends_with(service);
    if is("/v1/traces", ".TraceService/Export") {
        Some(Signal::Traces)
    } else if is("/v1/logs", ".LogsService/Export") {
        Some(Signal::Logs)
    } else if is("/v1/metrics", ".MetricsService/Export") {
        Some(Signal::Metrics)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::protobuf::tests::request;
    use crate::{Request, Speech, send};
    use std::io::Write;

    fn running() -> (tokio::runtime::Runtime, Receiver) {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let receiver = Receiver::start(runtime.handle()).unwrap();
        (runtime, receiver)
    }

    fn post(receiver: &Receiver, path: &str, body: &str) -> u16 {
        let request = Request {
            method: "POST".to_owned(),
            path: path.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_owned(),
        };
        let door = Speech::default();
        send(door.at(receiver.address()), &request, Duration::from_secs(5)).unwrap().status
    }

    #[test]
    fn json_is_taken_over_http_and_what_is_not_understood_is_told() {
        let (_runtime, receiver) = running();
        let body = r#"{"resourceSpans":[{"scopeSpans":[{"spans":[{"name":"a"}]}]}]}"#;
        assert_eq!(post(&receiver, "/v1/traces", body), 200);
        assert_eq!(post(&receiver, "/prefix/v1/logs", "{}"), 200);
        assert_eq!(post(&receiver, "/v1/traces", "[]"), 400);
        assert_eq!(post(&receiver, "/api/v2/spans", "[]"), 404);
        let collected = receiver.take();
        assert_eq!((collected.requests, collected.batch.spans.len()), (2, 1));
        let refused: Vec<_> =
            collected.refused.iter().map(|refused| refused.path.as_str()).collect();
        assert_eq!(refused, ["/v1/traces", "/api/v2/spans"]);
        assert_eq!(receiver.take(), Collected::default());
    }

    #[test]
    fn what_is_more_than_the_budget_is_counted_and_not_kept() {
        let shared = Shared::default();
        shared
            .keep(Batch { spans: vec![super::super::Span::default()], ..Batch::default() }, BUDGET);
        shared.keep(Batch { spans: vec![super::super::Span::default()], ..Batch::default() }, 1);
        let kept = shared.0.lock().unwrap();
        assert_eq!((kept.0.batch.spans.len(), kept.0.dropped, kept.0.requests), (1, 1, 2));
    }

    #[test]
    fn grpc_is_taken_compressed_and_answered_with_trailers() {
        let (runtime, receiver) = running();
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(&request()).unwrap();
        let message = encoder.finish().unwrap();
        let mut frame = vec![1];
        frame.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        frame.extend(message);
        let status = runtime.block_on(async {
            let stream = TcpStream::connect(receiver.address()).await.unwrap();
            let (mut client, connection) = h2::client::handshake(stream).await.unwrap();
            tokio::spawn(connection);
            let request = http::Request::post(
                "http://localhost/opentelemetry.proto.collector.trace.v1.TraceService/Export",
            )
            .header("content-type", "application/grpc")
            .header("grpc-encoding", "gzip")
            .body(())
            .unwrap();
            let (answer, mut body) = client.send_request(request, false).unwrap();
            body.send_data(frame.into(), true).unwrap();
            let mut answer = answer.await.unwrap();
            assert_eq!(answer.body_mut().data().await.unwrap().unwrap().as_ref(), [0; 5]);
            answer.body_mut().trailers().await.unwrap().unwrap()["grpc-status"]
                .to_str()
                .unwrap()
                .to_owned()
        });
        assert_eq!(status, "0");
        assert_eq!(receiver.take().batch.spans[0].name, "POST /orders");
    }
}
