//! One HTTP/2 request on a connection of its own.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use h2::SendStream;
use h2::client::{ResponseFuture, SendRequest};
use tokio::runtime::Runtime;

use super::probe::{Answer, LONGEST_ANSWER, too_long};
use crate::Request;
use crate::load::{self, Http, Wire};
use crate::speech::Door;

/// A request whose last bytes are not sent yet.
#[derive(Debug)]
pub(super) struct Open {
    answer: ResponseFuture,
    /// Where the rest of the body goes; none where the request had no body.
    body: Option<SendStream<Bytes>>,
    pub(super) client: SocketAddr,
    /// Keeps the connection alive, also while nobody waits for anything; the last to be dropped.
    runtime: Runtime,
}

/// Sends `request` without the last `held` bytes of its body, and does not end it.
pub(super) fn open(
    door: Door<'_>,
    request: &Request,
    held: usize,
    limit: Duration,
) -> io::Result<Open> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("probe")
        .enable_all()
        .build()?;
    let body = request.body.as_bytes();
    let part = body.get(..body.len().saturating_sub(held)).unwrap_or_default();
    let (answer, stream, client) = within(&runtime, limit, begin(door, request))?;
    let mut stream = Some(stream).filter(|_| !body.is_empty());
    if let Some(stream) = &mut stream {
        stream.send_data(Bytes::copy_from_slice(part), false).map_err(told)?;
    }
    Ok(Open { answer, body: stream, client, runtime })
}

impl Open {
    /// Sends `rest`, ends the request and waits for its answer, which is measured from `began`.
    pub(super) fn finish(
        mut self,
        rest: &[u8],
        (began, limit): (Instant, Duration),
    ) -> io::Result<Answer> {
        if let Some(stream) = &mut self.body {
            stream.send_data(Bytes::copy_from_slice(rest), true).map_err(told)?;
        }
        let (status, headers, body) = within(&self.runtime, limit, read(self.answer))?;
        self.runtime.shutdown_background();
        let body = String::from_utf8_lossy(&body).into_owned();
        Ok(Answer { status, headers, body, took: began.elapsed() })
    }
}

fn within<T>(
    runtime: &Runtime,
    limit: Duration,
    what: impl Future<Output = io::Result<T>>,
) -> io::Result<T> {
    runtime
        .block_on(async { tokio::time::timeout(limit, what).await })
        .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

async fn begin(
    door: Door<'_>,
    request: &Request,
) -> io::Result<(ResponseFuture, SendStream<Bytes>, SocketAddr)> {
    let secure = door.secure()?.map(|secure| secure.offering(&[Http::Two]));
    let wire = Wire::connect(door.address(), secure.as_ref()).await?;
    let client = wire.local_addr()?;
    let (sender, connection) = h2::client::handshake(wire).await.map_err(told)?;
    tokio::spawn(connection);
    let mut sender: SendRequest<Bytes> = sender.ready().await.map_err(told)?;
    let (head, is_whole) = (head(door, request, secure.is_some())?, request.body.is_empty());
    let (answer, body) = sender.send_request(head, is_whole).map_err(told)?;
    Ok((answer, body, client))
}

fn head(door: Door<'_>, request: &Request, is_secure: bool) -> io::Result<http::Request<()>> {
    let headers = request.headers.iter();
    let mut headers: Vec<_> =
        headers.map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
    let host = headers.iter().find(|(name, _)| name == "host").map(|(_, host)| host.clone());
    if !request.body.is_empty() {
        headers.push(("content-length".to_owned(), request.body.len().to_string()));
    }
    let authority = host.unwrap_or_else(|| door.authority());
    load::head((&request.method, &request.path), &headers, (&authority, is_secure))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the request cannot be written"))
}

type Parts = (u16, Vec<(String, String)>, Vec<u8>);

async fn read(answer: ResponseFuture) -> io::Result<Parts> {
    let (head, mut stream) = answer.await.map_err(told)?.into_parts();
    let headers = head.headers.iter().map(|(name, value)| {
        let value = String::from_utf8_lossy(value.as_bytes()).trim().to_owned();
        (name.as_str().to_owned(), value)
    });
    let mut body = Vec::new();
    while let Some(part) = stream.data().await {
        let part = part.map_err(told)?;
        stream.flow_control().release_capacity(part.len()).map_err(told)?;
        body.extend_from_slice(&part);
        if body.len() > LONGEST_ANSWER {
            return Err(too_long());
        }
    }
    Ok((head.status.as_u16(), headers.collect(), body))
}

/// The error as that of a connection, so that a refused one is known as such.
fn told(error: h2::Error) -> io::Error {
    if error.is_io() {
        return error.into_io().unwrap_or_else(|| io::ErrorKind::UnexpectedEof.into());
    }
    io::Error::new(io::ErrorKind::InvalidData, format!("what it answers is not HTTP/2: {error}"))
}
