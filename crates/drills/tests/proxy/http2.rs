//! HTTP/2: streams of one connection are seen and decided upon one by one.

use std::convert::Infallible;

use bytes::Bytes;
use gonogo_drills::proxy::{Call, Fault, HttpVersion, Kind, Rule};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::{SendRequest, handshake};
use hyper::server::conn::http2::Builder;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

use crate::upstream::{connect, exchanges, proxy, upstream, within};

/// Answers each request with its body.
async fn serve(stream: TcpStream) {
    let echo = service_fn(|request: Request<hyper::body::Incoming>| async {
        let body = request.into_body().collect().await.unwrap().to_bytes();
        Ok::<_, Infallible>(Response::new(Full::new(body)))
    });
    let _closed =
        Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), echo).await;
}

async fn post(sender: &mut SendRequest<Full<Bytes>>, path: &str, body: &str) -> (u16, String) {
    let request = Request::post(format!("http://upstream{path}"));
    let request =
        request.header("idempotency-key", "k1").body(Full::from(body.to_owned())).unwrap();
    let answer = within(sender.send_request(request)).await.unwrap();
    let status = answer.status().as_u16();
    let body = within(answer.into_body().collect()).await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn a_fault_hits_single_streams_of_one_connection() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let (mut sender, connection) =
        handshake(TokioExecutor::new(), TokioIo::new(connect(&proxy).await)).await.unwrap();
    tokio::spawn(connection);
    assert_eq!(post(&mut sender, "/a", "one").await, (200, "one".to_owned()));
    proxy.set(Rule::new("down", Fault::status(503)).only("/b")).unwrap();
    assert_eq!(post(&mut sender, "/b", "two").await.0, 503);
    assert_eq!(post(&mut sender, "/a", "three").await, (200, "three".to_owned()));
    assert_eq!(proxy.counters().landed("down"), 1);
    assert_eq!(proxy.counters().connections, 1);
    let seen = exchanges(&proxy, 3).await;
    for (exchange, (path, status)) in seen.iter().zip([("/a", 200), ("/b", 503), ("/a", 200)]) {
        let Call::Http(call) = &*exchange.call else { panic!("{exchange:?}") };
        assert_eq!(call.version, HttpVersion::Http2);
        assert_eq!(
            (call.method.as_str(), call.path.as_str(), call.status),
            ("POST", path, Some(status))
        );
        assert_eq!(call.idempotency_key.as_deref(), Some("k1"));
        assert!(call.body_digest.is_some() || status == 503, "{call:?}");
    }
}
