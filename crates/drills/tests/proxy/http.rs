//! HTTP/1: what is seen, and faults on single requests of pooled connections.

use std::io::ErrorKind;
use std::time::{Duration, Instant};

use gonogo_drills::proxy::{
    Call, Direction, Exchange, Fault, Happening, HttpCall, Kind, Outcome, Proxy, Release, Rule,
    Settings,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::runtime::Handle;

use crate::upstream::{
    ask, connect, echo, exchanges, http, proxy, read_to, rest, until, upstream, within,
};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn call(exchange: &Exchange) -> &HttpCall {
    match &*exchange.call {
        Call::Http(call) => call,
        other => panic!("{other:?}"),
    }
}

/// Sends a GET and reads its status and the body, which is the path.
async fn get(stream: &mut TcpStream, path: &str) -> std::io::Result<u16> {
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).await?;
    answer(stream).await
}

async fn answer(stream: &mut TcpStream) -> std::io::Result<u16> {
    let head = within(read_to(stream, b"\r\n\r\n")).await.ok_or(ErrorKind::UnexpectedEof)?;
    let head = String::from_utf8(head).unwrap().to_lowercase();
    let length: usize = head
        .split("content-length: ")
        .nth(1)
        .unwrap()
        .split("\r\n")
        .next()
        .unwrap()
        .parse()
        .unwrap();
    ask(stream, "", length).await?;
    Ok(head.split(' ').nth(1).unwrap().parse().unwrap())
}

#[tokio::test]
async fn requests_are_seen_with_their_headers_bodies_and_answers() {
    let settings = Settings {
        headers: vec!["x-tenant".to_owned()],
        keep_bytes: 9,
        ..Settings::new(Kind::Http, http().await.to_string())
    };
    let proxy = Proxy::start(&Handle::current(), settings).unwrap();
    let mut stream = connect(&proxy).await;
    let head =
        "POST /orders?a=1 HTTP/1.1\r\nX-Tenant: t\r\nIdempotency-Key: k\r\ntraceparent: 00-1\r\n";
    for body in ["one", "one", "two"] {
        let request = format!("{head}Content-Length: 3\r\n\r\n{body}");
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(answer(&mut stream).await.unwrap(), 200);
    }
    let exchanges = exchanges(&proxy, 3).await;
    let first = call(&exchanges[0]);
    assert_eq!((first.method.as_str(), first.path.as_str()), ("POST", "/orders?a=1"));
    assert_eq!(first.idempotency_key.as_deref(), Some("k"));
    assert_eq!(first.traceparent.as_deref(), Some("00-1"));
    assert_eq!(first.headers, [("x-tenant".to_owned(), "t".to_owned())]);
    assert_eq!(first.status, Some(200));
    assert_eq!(&exchanges[0].kept[..], b"POST /ord");
    let digests: Vec<_> = exchanges.iter().map(|exchange| call(exchange).body_digest).collect();
    assert!(digests[0].is_some() && digests[0] == digests[1] && digests[1] != digests[2]);
    assert!(exchanges[0].first_byte.is_some() && exchanges[0].outcome == Outcome::Answered);
}

#[tokio::test]
async fn pipelining_chunks_early_hints_and_heads_pass_and_are_paired() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    let requests = "GET /a HTTP/1.1\r\n\r\nPOST /chunked HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\nHEAD /head HTTP/1.1\r\n\r\nGET /early HTTP/1.1\r\n\r\nGET /close HTTP/1.1\r\n\r\n";
    stream.write_all(requests.as_bytes()).await.unwrap();
    let (text, _) = rest(&mut stream).await;
    assert!(text.ends_with("until the end"), "{text}");
    assert_eq!(text.matches("HTTP/1.1 200").count(), 5);
    assert_eq!(text.matches("HTTP/1.1 103").count(), 1);
    let exchanges = exchanges(&proxy, 5).await;
    let paths: Vec<_> = exchanges.iter().map(|exchange| call(exchange).path.as_str()).collect();
    assert_eq!(paths, ["/a", "/chunked", "/head", "/early", "/close"]);
    assert!(exchanges.iter().all(|exchange| exchange.outcome == Outcome::Answered));
    assert_eq!(proxy.counters().unread, 0);
}

#[tokio::test]
async fn a_half_closed_connection_still_gets_its_answer() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    assert!(rest(&mut stream).await.0.ends_with("\r\n\r\n/a"));
}

#[tokio::test]
async fn an_upgraded_connection_passes_unread() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"GET /ws HTTP/1.1\r\nUpgrade: echo\r\n\r\n").await.unwrap();
    within(read_to(&mut stream, b"\r\n\r\n")).await.unwrap();
    assert_eq!(ask(&mut stream, "\0anything", 9).await.unwrap(), "\0anything");
    assert_eq!(proxy.counters().unread, 1);
}

#[tokio::test]
async fn what_is_no_http_passes_unread_and_the_log_says_so() {
    let proxy = proxy(Kind::Http, echo().await);
    let mut stream = connect(&proxy).await;
    assert_eq!(
        ask(&mut stream, "\u{16}\u{3}\u{1}hello", 8).await.unwrap(),
        "\u{16}\u{3}\u{1}hello"
    );
    let events = proxy.drain().events;
    assert!(
        events.iter().any(|event| matches!(event.what, Happening::Unread { .. })),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_fault_hits_requests_of_a_pooled_connection_by_toxicity_and_repeats_with_its_seed() {
    let mut sequences = Vec::new();
    for _ in 0..2 {
        let proxy = proxy(Kind::Http, http().await);
        let mut stream = connect(&proxy).await;
        proxy.set(Rule::new("503", Fault::status(503)).toxicity(0.5)).unwrap();
        let mut sequence = Vec::new();
        for _ in 0..20 {
            sequence.push(get(&mut stream, "/a").await.unwrap());
        }
        let hits = sequence.iter().filter(|status| **status == 503).count() as u64;
        assert!((4..=16).contains(&hits), "{sequence:?}");
        assert_eq!(proxy.counters().landed("503"), hits);
        sequences.push(sequence);
    }
    assert_eq!(sequences[0], sequences[1]);
}

#[tokio::test]
async fn a_status_answers_only_its_requests_at_most_so_often_and_takes_the_body() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("503", Fault::status(503)).only("POST /a").at_most(2)).unwrap();
    assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
    for status in [503, 503, 200] {
        stream.write_all(b"POST /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc").await.unwrap();
        assert_eq!(answer(&mut stream).await.unwrap(), status);
    }
    let exchanges = exchanges(&proxy, 4).await;
    assert_eq!(call(&exchanges[1]).status, Some(503));
    assert_eq!(exchanges[1].faults.len(), 1);
    assert_eq!(proxy.counters().landed("503"), 2);
}

#[tokio::test]
async fn a_status_does_not_wait_for_a_body_that_the_client_holds_back() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("503", Fault::status(503))).unwrap();
    let request = b"POST /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n";
    stream.write_all(request).await.unwrap();
    let (text, _) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 503 ") && text.contains("connection: close"), "{text}");
}

#[tokio::test]
async fn a_wrong_body_is_a_good_answer_to_another_question() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("wrong", Fault::wrong_body())).unwrap();
    stream.write_all(b"GET /a HTTP/1.0\r\n\r\n").await.unwrap();
    let (text, _) = rest(&mut stream).await;
    assert!(text.starts_with("HTTP/1.1 200 OK") && text.contains("<!doctype html>"), "{text}");
}

#[tokio::test]
async fn latency_delays_each_answer_once() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    for direction in [Direction::Downstream, Direction::Upstream] {
        let rule = Rule::new("slow", Fault::latency(ms(30))).direction(direction);
        proxy.set(rule).unwrap();
        for _ in 0..2 {
            let since = Instant::now();
            assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
            assert!(since.elapsed() >= ms(30), "{:?}", since.elapsed());
        }
    }
    assert_eq!(proxy.counters().landed("slow"), 4);
    assert!(exchanges(&proxy, 4).await.iter().all(|exchange| exchange.duration >= ms(30)));
}

#[tokio::test]
async fn a_black_hole_holds_requests_of_pooled_connections_and_lets_them_go() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
    for direction in [Direction::Upstream, Direction::Downstream] {
        let before = proxy.counters().landed("hole");
        proxy.set(Rule::new("hole", Fault::black_hole()).direction(direction)).unwrap();
        stream.write_all(b"GET /b HTTP/1.1\r\n\r\n").await.unwrap();
        until(&proxy, |counters| counters.landed("hole") == before + 1).await;
        proxy.clear("hole").unwrap();
        assert_eq!(answer(&mut stream).await.unwrap(), 200);
    }
}

#[tokio::test]
async fn how_long_a_client_waited_is_measured() {
    let proxy = proxy(Kind::Http, http().await);
    for (count, direction) in [(1, Direction::Upstream), (2, Direction::Downstream)] {
        proxy.set(Rule::new("hole", Fault::black_hole()).direction(direction)).unwrap();
        let mut stream = connect(&proxy).await;
        stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
        until(&proxy, |counters| counters.landed("hole") == count).await;
        let since = Instant::now();
        assert!(tokio::time::timeout(ms(30), stream.read_u8()).await.is_err());
        let waited = since.elapsed();
        drop(stream);
        let exchange = exchanges(&proxy, count).await.pop().unwrap();
        assert_eq!(exchange.outcome, Outcome::ServiceLeft);
        assert!(exchange.left_after.unwrap() >= waited, "{waited:?} {exchange:?}");
        assert_eq!(&*exchange.faults[0], "hole");
        proxy.clear_all().unwrap();
        until(&proxy, |counters| counters.open == 0).await;
        proxy.drain();
    }
}

#[tokio::test]
async fn a_black_hole_closes_when_it_should() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    let hole = Fault::BlackHole { close_after: Some(ms(20)), release: Release::Close };
    proxy.set(Rule::new("hole", hole)).unwrap();
    stream.write_all(b"GET /b HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.0, "");
    assert_eq!(exchanges(&proxy, 1).await[0].outcome, Outcome::Faulted);
}

#[tokio::test]
async fn a_reset_of_a_pooled_connection_is_a_reset_and_toxicity_zero_never_resets() {
    let proxy = proxy(Kind::Http, http().await);
    for direction in [Direction::Upstream, Direction::Downstream] {
        let mut stream = connect(&proxy).await;
        let rule = Rule::new("reset", Fault::reset()).direction(direction);
        proxy.set(rule.clone().toxicity(0.0)).unwrap();
        assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
        proxy.set(rule).unwrap();
        stream.write_all(b"GET /b HTTP/1.1\r\n\r\n").await.unwrap();
        let error = rest(&mut stream).await.1.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        proxy.clear_all().unwrap();
    }
    assert_eq!(proxy.counters().landed("reset"), 2);
}

#[tokio::test]
async fn with_toxicity_zero_a_graceful_end_stays_graceful() {
    let proxy = proxy(Kind::Http, http().await);
    proxy.set(Rule::new("reset", Fault::reset()).toxicity(0.0)).unwrap();
    for _ in 0..50 {
        let mut stream = connect(&proxy).await;
        stream.write_all(b"GET /close HTTP/1.1\r\nConnection: close\r\n\r\n").await.unwrap();
        let (text, ended) = rest(&mut stream).await;
        assert!(text.ends_with("until the end") && ended.is_ok(), "{text} {ended:?}");
    }
}

#[tokio::test]
async fn an_answer_is_cut_in_its_middle() {
    let proxy = proxy(Kind::Http, http().await);
    for (after, expected) in [(10, "HTTP/1.1 2"), (10_000, "\r\n\r\n/")] {
        proxy.set(Rule::new("cut", Fault::Cut { after })).unwrap();
        let mut stream = connect(&proxy).await;
        stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
        let (text, _) = rest(&mut stream).await;
        assert!(text.ends_with(expected), "{text}");
    }
    assert_eq!(proxy.counters().landed("cut"), 2);
}

#[tokio::test]
async fn slices_limits_and_rates_work_on_answers() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("a", Fault::Slice { bytes: 7, variation: 2, pause: ms(1) })).unwrap();
    assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
    proxy.set(Rule::new("a", Fault::Bandwidth { bytes_per_s: 2_000 })).unwrap();
    let since = Instant::now();
    assert_eq!(get(&mut stream, "/a").await.unwrap(), 200);
    assert!(since.elapsed() >= ms(15), "{:?}", since.elapsed());
    proxy.set(Rule::new("a", Fault::Limit { bytes: 20 })).unwrap();
    stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.0.len(), 20);
    assert_eq!(proxy.counters().landed("a"), 3);
}

#[tokio::test]
async fn a_dial_that_hangs_holds_up_nobody() {
    // A listener whose backlog is full answers no further dial.
    let full = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    full.bind(&"127.0.0.1:0".parse::<std::net::SocketAddr>().unwrap().into()).unwrap();
    full.listen(0).unwrap();
    let address = full.local_addr().unwrap().as_socket().unwrap();
    let proxy = proxy(Kind::Http, address);
    let mut streams = Vec::new();
    for _ in 0..8 {
        streams.push(within(connect(&proxy)).await);
    }
    until(&proxy, |counters| counters.connections == 8).await;
}

#[tokio::test]
async fn an_upstream_that_leaves_in_the_middle_is_seen() {
    let address = upstream(|mut stream| async move {
        read_to(&mut stream, b"\r\n\r\n").await;
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await.unwrap();
    })
    .await;
    let proxy = proxy(Kind::Any, address);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.0.ends_with("abc"));
    assert_eq!(exchanges(&proxy, 1).await[0].outcome, Outcome::UpstreamLeft);
}
