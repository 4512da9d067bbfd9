//! HTTP/2 without TLS: ends the connection on both sides and passes streams on, each with its own faults.
//!
//! The bytes of an exchange are those of its bodies. [`Fault::Limit`](super::fault::Fault::Limit) does not land here, nor do upgrades by extended CONNECT pass.

mod body;
mod prefixed;
mod stream;

use std::sync::{Arc, OnceLock};

use h2::client::SendRequest;
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::connection::{End, Flow, Link};
use super::{Direction, Outcome};
use prefixed::Prefixed;
use stream::{Context, Word};

/// What begins every connection (RFC 9113, 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// Bytes that a side may send before it hears that they were taken.
const WINDOW: u32 = 1 << 20;
/// Streams that a service may have open at a time.
const MAX_STREAMS: u32 = 10_000;
/// Bytes of a request's headers.
const MAX_HEADERS: u32 = 1 << 20;

/// Whether a connection that begins so is HTTP/2; `None`: it takes more to tell.
pub(super) fn is_spoken(bytes: &[u8]) -> Option<bool> {
    if bytes.starts_with(PREFACE) {
        return Some(true);
    }
    if PREFACE.starts_with(bytes) { None } else { Some(false) }
}

/// Relays until one side is done. `up` holds what was read to find out what is spoken.
pub(super) async fn relay(
    link: &Link,
    service: &mut TcpStream,
    upstream: &mut TcpStream,
    up: &mut Flow,
) -> Result<(), End> {
    let broken = |from| move |_| End::broken(from);
    let prefixed = Prefixed::new(std::mem::take(&mut up.buffer), service);
    let mut server = h2::server::Builder::new()
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(MAX_HEADERS)
        .handshake(prefixed)
        .await
        .map_err(broken(Direction::Upstream))?;
    let (client, connection) = h2::client::Builder::new()
        .initial_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .enable_push(false)
        .handshake(upstream)
        .await
        .map_err(broken(Direction::Downstream))?;
    tokio::pin!(connection);
    let ending = Arc::new(OnceLock::new());
    let (ends, mut ended) = mpsc::unbounded_channel();
    let mut streams = JoinSet::new();
    let mut client: Option<SendRequest<_>> = Some(client);
    let outcome = loop {
        tokio::select! {
            accepted = server.accept() => match accepted {
                Some(Ok((request, respond))) => {
                    let context = Context::new(link, ends.clone(), Arc::clone(&ending));
                    streams.spawn(stream::exchange(context, request, respond, client.clone()));
                }
                Some(Err(_)) => break Err(End::broken(Direction::Upstream)),
                None => break Ok(()),
            },
            gone = &mut connection, if client.is_some() => {
                client = None;
                link.end_of(Direction::Downstream);
                match gone {
                    Err(error) if error.is_io() => break Err(End::broken(Direction::Downstream)),
                    // Its streams hear of it one by one.
                    Ok(()) | Err(_) => server.graceful_shutdown(),
                }
            }
            Some(word) = ended.recv() => match word {
                Word::End(end) => break Err(end),
                Word::UpstreamRefuses => server.graceful_shutdown(),
            },
            Some(_) = streams.join_next() => {}
        }
    };
    link.end_of(Direction::Upstream);
    let by = outcome.as_ref().map_or_else(|end: &End| end.outcome, |()| Outcome::ServiceLeft);
    let _first = ending.set(by);
    streams.shutdown().await;
    if outcome.is_ok() {
        link.slow_close(Direction::Upstream).await;
    }
    outcome
}
