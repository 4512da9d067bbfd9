//! Toxiproxy's HTTP API before these proxies, so that its clients drive them: proxies that are created, changed and populated over HTTP,
//! and their toxics.
//!
//! It answers as Toxiproxy 2.12 does, with these differences, all on purpose: what a connection speaks is found out by its first bytes, and
//! where that is HTTP/1, HTTP/2, `PostgreSQL` or Redis a toxic is decided upon per request, so that toxicity counts on pooled connections
//! too; the seed makes decisions repeatable; a half-closed connection keeps its answer; a reset is a reset on pooled connections, and
//! never happens with toxicity 0; a hanging dial holds up nobody; attributes that are unknown or out of range are refused with 400.
//! Not there: `/metrics`.

mod proxies;
mod routes;
mod toxic;

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

use proxies::Proxies;

/// Where Toxiproxy listens unless told otherwise.
pub const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 8474);

/// Serves the API until the future is dropped.
pub async fn serve(listen: SocketAddr, seed: u64) -> io::Result<()> {
    let listener = TcpListener::bind(listen).await?;
    accept(&listener, seed).await;
    Ok(())
}

/// Serves the API on a listener that is there already, until the future is dropped; its proxies end with it.
pub async fn accept(listener: &TcpListener, seed: u64) {
    let proxies = Arc::new(Mutex::new(Proxies::new(Handle::current(), seed)));
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(connection(stream, Arc::downgrade(&proxies)));
        } else {
            tokio::task::yield_now().await;
        }
    }
}

async fn connection(stream: TcpStream, proxies: std::sync::Weak<Mutex<Proxies>>) {
    let _as_it_is = stream.set_nodelay(true);
    let answer = service_fn(move |request| {
        let proxies = proxies.clone();
        async move {
            let request = routes::read(request).await;
            let Some(proxies) = proxies.upgrade() else { return Ok(routes::gone()) };
            let mut proxies = proxies.lock().unwrap_or_else(PoisonError::into_inner);
            Ok::<_, Infallible>(routes::answer(&mut proxies, &request))
        }
    });
    let _ended = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
}
