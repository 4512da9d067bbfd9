//! Stand-ins for what the service depends on, so that the sample runs with nothing installed.

mod database;
mod postgres;

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

/// Which one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StandIn {
    /// Keeps orders in memory and speaks the protocol of `PostgreSQL`.
    Database,
    /// Takes charges.
    Payments,
    /// Takes events.
    Audit,
}

impl StandIn {
    /// The stand-in called `name`.
    pub(crate) fn named(name: &str) -> Result<Self, String> {
        match name {
            "database" => Ok(Self::Database),
            "payments" => Ok(Self::Payments),
            "audit" => Ok(Self::Audit),
            _ => Err(format!("`{name}` is not known: serve, database, payments, audit")),
        }
    }
}

/// Runs `part` on a runtime of its own, listening on `port` of 127.0.0.1.
pub(crate) fn run(which: StandIn, port: &str) -> Result<(), String> {
    let port: u16 = port.parse().map_err(|_| format!("`{port}` is not a port"))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let listener = TcpListener::bind(("127.0.0.1", port))
            .await
            .map_err(|error| format!("port {port}: {error}"))?;
        stand_in(which, listener).await;
        Ok(())
    })
}

/// Serves `part` on `listener` for ever.
pub async fn stand_in(part: StandIn, listener: TcpListener) {
    let table = database::Table::default();
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let _slower_at_worst = stream.set_nodelay(true);
        if part == StandIn::Database {
            tokio::spawn(postgres::serve(stream, table.clone()));
            continue;
        }
        let connection =
            http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(take));
        tokio::spawn(connection);
    }
}

/// Takes whatever comes after a moment of work.
async fn take(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let is_health = request.uri().path() == "/healthz";
    let _cut_off = request.into_body().collect().await;
    if !is_health {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    Ok(Response::new(Full::from("{\"taken\":true}")))
}
