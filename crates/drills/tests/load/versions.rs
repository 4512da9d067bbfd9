//! The load generator over TLS and over HTTP/2.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use gonogo_drills::load::{self, Control};
use gonogo_drills::load::{Http, Outcome, Plan, Rate, Target, Tls, Trusted, Watch};

use super::server::Server;
use super::{assert_counts, plan, run};

/// A service over HTTP/2 by prior knowledge: what it does follows from the path.
pub(crate) fn http2() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                tokio::spawn(async move {
                    // As most services do, it waits until the client has spoken.
                    stream.peek(&mut [0; 1]).await.unwrap();
                    let mut connection = h2::server::handshake(stream).await.unwrap();
                    while let Some(Ok((request, respond))) = connection.accept().await {
                        answer(request.uri().path(), respond);
                    }
                });
            }
        });
    });
    address
}

fn answer(path: &str, mut respond: h2::server::SendResponse<bytes::Bytes>) {
    match path {
        "/refused" => respond.send_reset(h2::Reason::REFUSED_STREAM),
        "/reset" => respond.send_reset(h2::Reason::INTERNAL_ERROR),
        "/never" => {
            tokio::spawn(async move {
                let _ = std::future::poll_fn(|context| respond.poll_reset(context)).await;
            });
        }
        _ => {
            let status = if path == "/missing" { 404 } else { 200 };
            let head = http::Response::builder().status(status).body(()).unwrap();
            let mut body = respond.send_response(head, false).unwrap();
            body.send_data(bytes::Bytes::from_static(b"ok\n"), true).unwrap();
        }
    }
}

fn plan2(path: &str, per_s: f64, ms: u64) -> Plan {
    let server = Server::start();
    let mut plan = plan(&server, path, per_s, ms);
    plan.target = Target { http: Http::Two, ..Target::plain(&http2().to_string()) };
    plan.connections = 2;
    plan.timeout = Duration::from_secs(5);
    plan
}

#[test]
fn requests_share_a_connection_over_http2() {
    let mut plan = plan2("/ok", 500.0, 400);
    plan.journeys[0].journey.expect.body = Some("ok".to_owned());
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Ok, 200)]);
    assert_eq!(record.connections.opened, 1);
    assert_eq!(record.journeys[0].on_new.total(), 1);
}

#[test]
fn failures_over_http2_are_told_apart() {
    for (path, outcome) in [("/missing", Outcome::WrongStatus), ("/reset", Outcome::Reset)] {
        assert_counts(run(&plan2(path, 100.0, 100)).counts(), &[(outcome, 10)]);
    }
}

#[test]
fn a_service_that_refuses_all_streams_fails_all_requests() {
    let record = run(&plan2("/refused", 100.0, 100));
    let [journey] = &record.journeys[..] else { panic!("{record:?}") };
    assert!(journey.is_idempotent);
    assert!(journey.on_new.of(Outcome::Reset) > 0, "the first of a connection was not idle");
    assert_eq!(journey.on_new.of(Outcome::ClosedIdle), 0);
    assert_eq!((record.failures(), record.counts().of(Outcome::Ok)), (10, 0));
}

#[test]
fn a_timeout_and_a_full_connection_over_http2_are_told() {
    let mut plan = plan2("/never", 200.0, 200);
    plan.connections = 1;
    plan.streams = 4;
    plan.timeout = Duration::from_millis(100);
    let record = run(&plan);
    assert_eq!(record.scheduled(), 40);
    assert_eq!(record.counts().of(Outcome::Timeout), record.sent());
    assert!(record.unsent() > 10, "{}", record.unsent());
}

#[test]
fn a_run_over_http2_stops_at_once_and_tells_what_was_on_its_way() {
    let mut plan = plan2("/never", 1000.0, 60_000);
    plan.traces = true;
    let control = Control::new();
    let told = control.exchanges(Watch::All);
    let stopper = control.clone();
    let thread = std::thread::spawn(move || {
        while stopper.progress().in_flight < 5 {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        stopper.stop();
    });
    let record = load::run(&plan, &control).unwrap();
    thread.join().unwrap();
    let unanswered = record.counts().of(Outcome::Stopped);
    assert!(unanswered >= 5 && record.is_stopped);
    assert_eq!(record.sent() + record.unsent(), record.scheduled());
    let mut traces: Vec<_> = told.try_iter().map(|exchange| exchange.trace_id.unwrap()).collect();
    traces.sort();
    traces.dedup();
    assert_eq!(u64::try_from(traces.len()).unwrap(), unanswered);
}

#[test]
fn a_service_without_http2_is_no_failure_of_the_generator() {
    let server = Server::start();
    let mut plan = plan(&server, "/garbage", 100.0, 50);
    plan.target.http = Http::Two;
    plan.timeout = Duration::from_secs(1);
    let record = run(&plan);
    assert_eq!(record.counts().of(Outcome::Ok), 0);
    assert_eq!(record.failures(), 5);
}

#[test]
fn a_closed_loop_over_http2_keeps_its_streams_busy() {
    let mut plan = plan2("/ok", 1.0, 1);
    plan.rate = Rate::Closed { lasts: Duration::from_millis(200) };
    plan.streams = 5;
    let record = run(&plan);
    assert_eq!(record.connections.most, 2);
    assert_eq!(record.counts().of(Outcome::Ok), record.scheduled());
    assert!(record.scheduled() > 20);
}

/// How a service called `service.test` speaks TLS, with `protocols` to choose from, and the authority that vouches for it.
fn identity(protocols: &[&str]) -> (Arc<rustls::ServerConfig>, Vec<u8>) {
    let key = rcgen::generate_simple_self_signed(vec!["service.test".to_owned()]).unwrap();
    let pem = key.cert.pem().into_bytes();
    let private =
        rustls::pki_types::PrivateKeyDer::try_from(key.signing_key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![key.cert.der().clone()], private)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|name| name.as_bytes().to_vec()).collect();
    (Arc::new(config), pem)
}

/// A service over TLS, and the authority that vouches for it.
pub(crate) fn secure() -> (SocketAddr, Vec<u8>) {
    let (config, pem) = identity(&[]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || {
                let session = rustls::ServerConnection::new(config).unwrap();
                let mut stream = rustls::StreamOwned::new(session, stream.unwrap());
                let body = "x".repeat(100_000);
                let mut part = [0; 4096];
                while let Ok(1..) = stream.read(&mut part) {
                    let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
                    if stream.write_all((head + &body).as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, pem)
}

#[test]
fn answers_over_tls_are_read_and_strangers_are_refused() {
    let server = Server::start();
    let mut plan = plan(&server, "/ok", 100.0, 200);
    let (address, pem) = secure();
    plan.target = Target::plain(&address.to_string());
    let name = Some("service.test".to_owned());
    plan.target.tls = Some(Tls { server_name: name.clone(), trusted: Trusted::Only(pem) });
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Ok, 20)]);
    assert!(record.connections.opened < 20);
    let (_, stranger) = secure();
    plan.target.tls = Some(Tls { server_name: name, trusted: Trusted::Only(stranger) });
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Refused, 20)]);
    assert!(record.errors.keys().any(|text| text.contains("certificate")), "{:?}", record.errors);
    plan.target.tls = Some(Tls { server_name: None, trusted: Trusted::Anybody });
    assert_counts(run(&plan).counts(), &[(Outcome::Ok, 20)]);
    plan.target.tls = Some(Tls { server_name: None, trusted: Trusted::Only(b"none".to_vec()) });
    assert!(load::run(&plan, &Control::new()).is_err());
}

/// TLS before the service at `plain`, and the authority that vouches for it; it offers HTTP/2 alone.
pub(crate) fn secured(plain: SocketAddr) -> (SocketAddr, Vec<u8>) {
    let (config, pem) = identity(&["h2"]);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (config, outside) = (Arc::clone(&config), stream.unwrap());
            std::thread::spawn(move || {
                let inside = TcpStream::connect(plain).unwrap();
                for end in [&outside, &inside] {
                    end.set_read_timeout(Some(Duration::from_millis(1))).unwrap();
                    end.set_nodelay(true).unwrap();
                }
                let session = rustls::ServerConnection::new(config).unwrap();
                let mut outside = rustls::StreamOwned::new(session, outside);
                let mut inside = inside;
                while pass_on(&mut outside, &mut inside) && pass_on(&mut inside, &mut outside) {}
            });
        }
    });
    (address, pem)
}

/// Passes on what is there by now; whether there may be more.
fn pass_on(from: &mut impl Read, to: &mut impl Write) -> bool {
    let mut part = [0; 4096];
    match from.read(&mut part) {
        Ok(0) => false,
        Ok(count) => to.write_all(&part[..count]).and_then(|()| to.flush()).is_ok(),
        Err(error) => matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
    }
}

#[test]
fn requests_share_a_connection_over_http2_within_tls() {
    let mut plan = plan2("/ok", 200.0, 200);
    let (address, pem) = secured(http2());
    plan.target.address = address.to_string();
    plan.target.tls =
        Some(Tls { server_name: Some("service.test".to_owned()), trusted: Trusted::Only(pem) });
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Ok, 40)]);
    assert_eq!(record.connections.opened, 1);
}
