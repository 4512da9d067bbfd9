//! gRPC's shapes over HTTP/2: trailers, streams that run on beside each other, and how either side breaks off.

use std::future::poll_fn;
use std::time::Duration;

use bytes::Bytes;
use gonogo_drills::proxy::{Exchange, Fault, HttpCall, Kind, Outcome, Proxy, Rule};
use h2::client::{ResponseFuture, SendRequest};
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderMap, Request, Response};
use tokio::net::TcpStream;

use crate::upstream::{connect, exchanges, proxy, until, upstream, within};

/// Serves streams by their path: `/echo` says back what it is told and ends with trailers, `/silent` says nothing after its head,
/// `/refused` resets, `/bye` answers and takes no more streams, `/status` answers with trailers only.
async fn serve(stream: TcpStream) {
    let mut connection = h2::server::handshake(stream).await.unwrap();
    while let Some(Ok((request, respond))) = connection.accept().await {
        if request.uri().path() == "/bye" {
            connection.graceful_shutdown();
        }
        tokio::spawn(answer(request, respond));
    }
}

async fn answer(request: Request<RecvStream>, mut respond: SendResponse<Bytes>) {
    let path = request.uri().path().to_owned();
    let head = Response::builder().header("content-type", "application/grpc");
    match path.as_str() {
        "/refused" => respond.send_reset(Reason::ENHANCE_YOUR_CALM),
        "/status" => {
            let head = head.header("grpc-status", "5").body(()).unwrap();
            respond.send_response(head, true).unwrap();
        }
        _ => {
            let mut send = respond.send_response(head.body(()).unwrap(), false).unwrap();
            if path == "/silent" {
                let _reset = poll_fn(|context| send.poll_reset(context)).await;
                return;
            }
            let mut body = request.into_body();
            while let Some(Ok(bytes)) = body.data().await {
                let _window = body.flow_control().release_capacity(bytes.len());
                let _gone = send.send_data(bytes, false);
            }
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", "7".parse().unwrap());
            trailers.insert("grpc-message", "no".parse().unwrap());
            let _gone = send.send_trailers(trailers);
        }
    }
}

async fn client(proxy: &Proxy) -> SendRequest<Bytes> {
    let (client, connection) = h2::client::handshake(connect(proxy).await).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn open(client: &SendRequest<Bytes>, path: &str) -> (ResponseFuture, SendStream<Bytes>) {
    let mut client = within(client.clone().ready()).await.unwrap();
    let request = Request::post(format!("http://upstream{path}")).header("te", "trailers");
    client.send_request(request.body(()).unwrap(), false).unwrap()
}

/// A whole call: status, body and `grpc-status`, or the reason of a reset.
async fn call(
    client: &SendRequest<Bytes>,
    path: &str,
    text: &'static str,
) -> Result<(u16, String, Option<String>), Reason> {
    let (answer, mut send) = open(client, path).await;
    let reason = |error: h2::Error| error.reason().unwrap();
    let _may_be_refused = send.send_data(Bytes::from_static(text.as_bytes()), true);
    let (head, mut body) = within(answer).await.map_err(reason)?.into_parts();
    let mut text = Vec::new();
    while let Some(bytes) = within(body.data()).await {
        text.extend_from_slice(&bytes.map_err(reason)?);
    }
    let trailers = within(body.trailers()).await.map_err(reason)?.unwrap_or(head.headers);
    let status = trailers.get("grpc-status").map(|status| status.to_str().unwrap().to_owned());
    Ok((head.status.as_u16(), String::from_utf8(text).unwrap(), status))
}

fn http(exchange: &Exchange) -> &HttpCall {
    let gonogo_drills::proxy::Call::Http(call) = &*exchange.call else { panic!("{exchange:?}") };
    call
}

#[tokio::test]
async fn trailers_pass_and_their_status_is_seen() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let client = client(&proxy).await;
    let expected = (200, "hello".to_owned(), Some("7".to_owned()));
    assert_eq!(call(&client, "/echo", "hello").await, Ok(expected));
    let only = call(&client, "/status", "hello").await;
    assert_eq!(only, Ok((200, String::new(), Some("5".to_owned()))));
    let seen = exchanges(&proxy, 2).await;
    let statuses: Vec<_> = seen.iter().map(|exchange| http(exchange).grpc_status).collect();
    assert_eq!(statuses, [Some(7), Some(5)]);
    assert!(seen.iter().all(|exchange| exchange.outcome == Outcome::Answered), "{seen:?}");
}

#[tokio::test]
async fn an_answer_is_cut_in_its_middle_and_the_next_stream_is_not() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let client = client(&proxy).await;
    for after in [3, 100] {
        proxy.set(Rule::new("cut", Fault::Cut { after }).at_most(1)).unwrap();
        let (answer, mut send) = open(&client, "/echo").await;
        send.send_data(Bytes::from_static(b"hello"), true).unwrap();
        let mut body = within(answer).await.unwrap().into_body();
        let mut text = Vec::new();
        let ended = loop {
            match within(body.data()).await {
                Some(Ok(bytes)) => text.extend_from_slice(&bytes),
                Some(Err(error)) => break error,
                None => panic!("the answer ended well"),
            }
        };
        let expected: &[u8] = if after == 3 { b"hel" } else { b"hello" };
        assert_eq!((ended.reason(), text.as_slice()), (Some(Reason::INTERNAL_ERROR), expected));
        assert!(call(&client, "/echo", "whole").await.is_ok());
    }
    assert_eq!(proxy.counters().landed("cut"), 2);
    assert_eq!(exchanges(&proxy, 4).await[0].outcome, Outcome::Faulted);
}

#[tokio::test]
async fn a_status_fault_is_an_answer_of_trailers_only() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let client = client(&proxy).await;
    proxy.set(Rule::new("down", Fault::grpc_status(14)).only("/echo")).unwrap();
    let answered = call(&client, "/echo", "hello").await;
    assert_eq!(answered, Ok((200, String::new(), Some("14".to_owned()))));
    assert_eq!(call(&client, "/status", "").await.unwrap().2.as_deref(), Some("5"));
    let seen = exchanges(&proxy, 2).await;
    assert_eq!(http(&seen[0]).grpc_status, Some(14));
    assert_eq!(*seen[0].faults, [std::sync::Arc::from("down")]);
}

#[tokio::test]
async fn one_stream_waits_while_another_runs_on() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let client = client(&proxy).await;
    let (answer, mut send) = open(&client, "/echo").await;
    let mut body = within(answer).await.unwrap().into_body();
    let delay = Duration::from_mins(1);
    proxy.set(Rule::new("slow", Fault::latency(delay)).only("/status")).unwrap();
    let (waiting, mut other) = open(&client, "/status").await;
    other.send_data(Bytes::new(), true).unwrap();
    until(&proxy, |counters| counters.landed("slow") == 1).await;
    for _ in 0..20 {
        send.send_data(Bytes::from_static(b"tick"), false).unwrap();
        assert_eq!(within(body.data()).await.unwrap().unwrap(), "tick");
    }
    proxy.clear("slow").unwrap();
    assert_eq!(within(waiting).await.unwrap().headers()["grpc-status"], "5");
    let seen = exchanges(&proxy, 1).await;
    assert_eq!(http(&seen[0]).path, "/status");
}

#[tokio::test]
async fn a_reset_of_a_stream_passes_in_both_directions() {
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let client = client(&proxy).await;
    assert_eq!(call(&client, "/refused", "").await, Err(Reason::ENHANCE_YOUR_CALM));
    // While the upstream says nothing, only the reset itself can tell that nobody listens any longer.
    let (answer, mut send) = open(&client, "/silent").await;
    let _body = within(answer).await.unwrap().into_body();
    send.send_reset(Reason::CANCEL);
    let seen = exchanges(&proxy, 2).await;
    let outcomes: Vec<_> = seen.iter().map(|exchange| exchange.outcome).collect();
    assert_eq!(outcomes, [Outcome::UpstreamLeft, Outcome::ServiceLeft]);
    assert!(call(&client, "/echo", "on").await.is_ok());
}

#[tokio::test]
async fn an_upstream_that_takes_no_more_streams_finishes_those_it_has_and_the_service_hears_of_it()
{
    let proxy = proxy(Kind::Http, upstream(serve).await);
    let (mut client, connection) = h2::client::handshake(connect(&proxy).await).await.unwrap();
    let connection = tokio::spawn(connection);
    let (answer, mut send) = open(&client, "/echo").await;
    let mut body = within(answer).await.unwrap().into_body();
    assert!(call(&client, "/bye", "last").await.is_ok());
    // The first stream is still open on both sides; a new one is refused, so that it is safe to send again.
    let refused = within(async {
        loop {
            if let Err(reason) = call(&client, "/echo", "").await {
                return reason;
            }
        }
    });
    assert_eq!(refused.await, Reason::REFUSED_STREAM);
    send.send_data(Bytes::from_static(b"end"), true).unwrap();
    assert_eq!(within(body.data()).await.unwrap().unwrap(), "end");
    assert_eq!(within(body.trailers()).await.unwrap().unwrap()["grpc-status"], "7");
    drop((send, body));
    let gone = within(poll_fn(|context| client.poll_ready(context))).await;
    assert!(gone.is_err());
    within(connection).await.unwrap().unwrap();
}
