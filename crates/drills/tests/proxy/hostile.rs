//! What breaks proxies: garbage, floods, peers that leave or hang. Nothing may panic, grow without bound, or lose a byte.

use std::time::Duration;

use gonogo_drills::proxy::{Exchange, Fault, Kind, Outcome, Rule};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::upstream::{
    connect, echo, exchanges, http, proxy, read_to, rest, until, upstream, within,
};

/// Numbers without any pattern, the same in each run.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut byte = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    };
    (0..len).map(|_| byte()).collect()
}

/// Sends all, says that it is all, and reads what comes back.
async fn through(stream: TcpStream, sent: Vec<u8>) -> Vec<u8> {
    let (mut from, mut to) = stream.into_split();
    let sending = async {
        let _gone = to.write_all(&sent).await;
        let _gone = to.shutdown().await;
    };
    let mut received = Vec::new();
    let _ended = within(async { tokio::join!(sending, from.read_to_end(&mut received)).1 }).await;
    received
}

#[tokio::test]
async fn garbage_comes_out_as_it_went_in() {
    for kind in [Kind::Http, Kind::Postgres, Kind::Redis, Kind::Any, Kind::Tcp] {
        let proxy = proxy(kind, echo().await);
        for (seed, begin) in [
            "",
            "GET / HTTP/1.1\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n",
            "PRI * HTTP/2.0\r\n",
            "*2\r\n$9\r\n",
            "SET ",
            "\0\0\0\u{8}\u{4}",
            "\0\0\0\u{9}\0\u{3}\0\0\0Q",
        ]
        .iter()
        .enumerate()
        {
            for len in [1, 1_000, 300_000] {
                let mut sent = begin.as_bytes().to_vec();
                sent.extend(noise(seed as u64 + 1, len));
                let received = through(connect(&proxy).await, sent.clone()).await;
                assert!(
                    received == sent,
                    "{kind:?} {begin:?} {len}: {} bytes came back",
                    received.len()
                );
            }
        }
        until(&proxy, |counters| counters.open == 0).await;
    }
}

#[tokio::test]
async fn a_head_of_ten_megabytes_passes_unread_in_both_directions() {
    let head = |start: &str| format!("{start}\r\nX: {}\r\n\r\n", "a".repeat(10 << 20)).into_bytes();
    let proxy_of_requests = proxy(Kind::Http, echo().await);
    let sent = head("GET / HTTP/1.1");
    assert!(through(connect(&proxy_of_requests).await, sent.clone()).await == sent);
    assert_eq!(proxy_of_requests.counters().unread, 1);
    let answer = head("HTTP/1.1 200 OK");
    let expected = answer.clone();
    let address = upstream(move |mut stream| {
        let answer = answer.clone();
        async move {
            read_to(&mut stream, b"\r\n\r\n").await.unwrap();
            stream.write_all(&answer).await.unwrap();
        }
    })
    .await;
    let proxy = proxy(Kind::Http, address);
    let received = through(connect(&proxy).await, b"GET / HTTP/1.1\r\n\r\n".to_vec()).await;
    assert!(received == expected, "{} bytes", received.len());
    assert_eq!(exchanges(&proxy, 1).await[0].outcome, Outcome::Unread);
}

#[tokio::test]
async fn requests_that_nobody_answers_are_not_remembered_for_ever() {
    let (report, count) = tokio::sync::oneshot::channel();
    let report = std::sync::Mutex::new(Some(report));
    let address = upstream(move |mut stream| {
        let report = report.lock().unwrap().take();
        async move {
            let mut bytes = Vec::new();
            stream.read_to_end(&mut bytes).await.unwrap();
            report.unwrap().send(bytes.len()).unwrap();
        }
    })
    .await;
    let proxy = proxy(Kind::Http, address);
    let sent = "GET / HTTP/1.1\r\n\r\n".repeat(30_000);
    assert!(through(connect(&proxy).await, sent.clone().into_bytes()).await.is_empty());
    assert_eq!(within(count).await.unwrap(), sent.len());
    let counters = until(&proxy, |counters| counters.open == 0).await;
    assert_eq!((counters.unread, counters.exchanges), (1, 20_000));
}

#[tokio::test]
async fn a_long_path_is_logged_only_at_its_beginning() {
    let proxy = proxy(Kind::Http, http().await);
    let mut stream = connect(&proxy).await;
    let request = format!("GET /{} HTTP/1.1\r\n\r\n", "a".repeat(9_000));
    stream.write_all(request.as_bytes()).await.unwrap();
    let path = |exchange: &Exchange| exchange.call.subject();
    assert_eq!(path(&exchanges(&proxy, 1).await[0]).len(), "GET ".len() + 2_000);
}

#[tokio::test]
async fn connections_that_are_opened_and_left_are_let_go() {
    let proxy = proxy(Kind::Http, http().await);
    let mut streams = Vec::new();
    for _ in 0..200 {
        streams.push(connect(&proxy).await);
    }
    until(&proxy, |counters| counters.open == 200).await;
    let mut last = connect(&proxy).await;
    last.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
    assert!(within(read_to(&mut last, b"/a")).await.is_some());
    drop((streams, last));
    assert_eq!(until(&proxy, |counters| counters.open == 0).await.max_open, 201);
}

#[tokio::test]
async fn an_upstream_that_closes_at_once_ends_the_connection() {
    let proxy = proxy(Kind::Http, upstream(|stream| async move { drop(stream) }).await);
    for _ in 0..50 {
        let mut stream = connect(&proxy).await;
        let _gone_already = stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await;
        assert_eq!(rest(&mut stream).await.0, "");
    }
    let counters = until(&proxy, |counters| counters.open == 0).await;
    assert_eq!((counters.connections, counters.exchanges), (50, counters.requests));
}

#[tokio::test]
async fn an_upstream_that_reads_nothing_makes_the_service_wait_instead_of_the_proxy_grow() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    for kind in [Kind::Http, Kind::Tcp] {
        let proxy = proxy(kind, listener.local_addr().unwrap());
        let mut stream = connect(&proxy).await;
        let body = vec![b'a'; 64 << 20];
        let head = format!("POST / HTTP/1.1\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).await.unwrap();
        let sent = tokio::time::timeout(Duration::from_millis(300), stream.write_all(&body));
        assert!(sent.await.is_err(), "{kind:?}: all of it was taken");
    }
}

#[tokio::test]
async fn a_body_that_waits_for_the_word_to_go_on_gets_it() {
    const BODY: &[u8] = b"3;a=\"b\";c\r\nabc\r\n0;d\r\nTrailer: x\r\n\r\n";
    let address = upstream(|mut stream| async move {
        read_to(&mut stream, b"\r\n\r\n").await.unwrap();
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").await.unwrap();
        assert_eq!(
            read_to(&mut stream, b"\r\n0;d\r\nTrailer: x\r\n\r\n").await.unwrap().len(),
            BODY.len()
        );
        stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").await.unwrap();
    })
    .await;
    let proxy = proxy(Kind::Http, address);
    let mut stream = connect(&proxy).await;
    let head = "POST /a HTTP/1.1\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head.as_bytes()).await.unwrap();
    assert!(within(read_to(&mut stream, b"100 Continue\r\n\r\n")).await.is_some());
    stream.write_all(BODY).await.unwrap();
    assert!(rest(&mut stream).await.0.ends_with("\r\n\r\nok"));
    let exchange = exchanges(&proxy, 1).await.remove(0);
    let bytes = (head.len() + BODY.len()) as u64;
    assert_eq!((exchange.outcome, exchange.request_bytes), (Outcome::Answered, bytes));
}

#[tokio::test]
async fn an_answer_of_http_1_0_ends_with_its_connection() {
    let address = upstream(|mut stream| async move {
        read_to(&mut stream, b"\r\n\r\n").await.unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nuntil").await.unwrap();
        stream.write_all(b" the end").await.unwrap();
    })
    .await;
    let proxy = proxy(Kind::Http, address);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n").await.unwrap();
    assert!(rest(&mut stream).await.0.ends_with("\r\n\r\nuntil the end"));
    assert_eq!(exchanges(&proxy, 1).await[0].outcome, Outcome::Answered);
}

#[tokio::test]
async fn an_answer_in_two_writes_does_not_wait_for_an_acknowledgement() {
    let address = upstream(|mut stream| async move {
        while read_to(&mut stream, b"\r\n\r\n").await.is_some() {
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n").await.unwrap();
            tokio::task::yield_now().await;
            stream.write_all(b"ok").await.unwrap();
        }
    })
    .await;
    let proxy = proxy(Kind::Http, address);
    let mut stream = connect(&proxy).await;
    let mut waits = Vec::new();
    for _ in 0..20 {
        let since = std::time::Instant::now();
        stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
        within(read_to(&mut stream, b"\r\n\r\nok")).await.unwrap();
        waits.push(since.elapsed());
    }
    waits.sort();
    // Nagle's algorithm and a delayed acknowledgement together take 40 ms, each time.
    assert!(waits[5] < Duration::from_millis(30), "{waits:?}");
}

#[tokio::test]
async fn wishes_to_cancel_and_to_encrypt_reach_the_server_as_they_are() {
    let proxy = proxy(Kind::Postgres, echo().await);
    for wish in [
        [&[0, 0, 0, 16, 4, 210, 22, 46][..], &[1; 8]].concat(),
        vec![0, 0, 0, 8, 4, 210, 22, 47],
        vec![0, 0, 0, 8, 4, 210, 22, 48],
        vec![22, 3, 1, 0, 5],
    ] {
        assert_eq!(through(connect(&proxy).await, wish.clone()).await, wish);
    }
}

#[tokio::test]
async fn a_pipeline_longer_than_what_is_remembered_loses_nothing() {
    let address = upstream(|mut stream| async move {
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        let answers = "+OK\r\n".repeat(bytes.len() / 6);
        stream.write_all(answers.as_bytes()).await.unwrap();
    })
    .await;
    let proxy = proxy(Kind::Redis, address);
    proxy.set(Rule::new("never", Fault::reset()).only("NOTHING SUCH")).unwrap();
    let received = through(connect(&proxy).await, b"PING\r\n".repeat(50_000)).await;
    assert_eq!(received.len(), 50_000 * 5);
}
