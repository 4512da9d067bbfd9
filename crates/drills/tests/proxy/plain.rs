//! Plain TCP: every fault that a connection can have.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gonogo_drills::proxy::{Direction, Fault, Happening, Kind, Outcome, Release, Rule};
use socket2::{Domain, Socket, Type};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::upstream::{ask, connect, echo, proxy, rest, until, upstream, within};

fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

#[tokio::test]
async fn bytes_pass_both_ways_and_are_counted() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let mut stream = connect(&proxy).await;
    assert_eq!(ask(&mut stream, "hello", 5).await.unwrap(), "hello");
    drop(stream);
    let counters = until(&proxy, |counters| counters.connections == 1 && counters.open == 0).await;
    assert_eq!((counters.sent, counters.received), (5, 5));
    let events = proxy.drain().events;
    let [opened, reached, left, closed] = &events[..] else { panic!("{events:?}") };
    assert!(matches!(opened.what, Happening::Opened));
    assert!(matches!((&reached.what, &left.what), (Happening::Reached, Happening::Left)));
    assert!(
        matches!(closed.what, Happening::Closed { by: Outcome::ServiceLeft, .. }),
        "{events:?}"
    );
}

#[tokio::test]
async fn a_connection_that_the_service_left_is_not_held_however_long_the_upstream_keeps_it() {
    let keeps = upstream(|stream| async move {
        std::future::pending::<()>().await;
        drop(stream);
    });
    let address = keeps.await;
    for kind in [Kind::Tcp, Kind::Postgres] {
        let proxy = proxy(kind, address);
        let stream = connect(&proxy).await;
        until(&proxy, |counters| counters.held == 1).await;
        drop(stream);
        let counters = until(&proxy, |counters| counters.held == 0).await;
        assert_eq!((counters.connections, counters.open), (1, 1), "{kind:?}");
    }
}

#[tokio::test]
async fn an_upstream_is_dialed_no_longer_for_a_service_that_has_left() {
    // A listener that accepts nobody and whose backlog is full lets every further dial hang.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    socket.listen(0).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    let mut waiting = Vec::new();
    while let Ok(Ok(stream)) = timeout(ms(200), TcpStream::connect(address)).await {
        waiting.push(stream);
    }
    for (kind, said) in [(Kind::Postgres, "hello"), (Kind::Postgres, ""), (Kind::Redis, "")] {
        let proxy = proxy(kind, address);
        let mut stream = connect(&proxy).await;
        stream.write_all(said.as_bytes()).await.unwrap();
        until(&proxy, |counters| counters.open == 1).await;
        drop(stream);
        until(&proxy, |counters| counters.open == 0).await;
        let events = proxy.drain().events;
        let closed = events.last().map(|event| &event.what);
        let by_service =
            matches!(closed, Some(Happening::Closed { by, .. }) if *by == Outcome::ServiceLeft);
        assert!(by_service, "{kind:?}: {events:?}");
    }
    // Whoever may still await an answer is dialed for.
    let proxy = proxy(Kind::Http, address);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
    stream.shutdown().await.unwrap();
    let ended =
        timeout(ms(300), until(&proxy, |counters| counters.connections == 1 && counters.open == 0))
            .await;
    assert!(ended.is_err(), "its dial was dropped");
}

#[tokio::test]
async fn a_half_closed_connection_still_gets_its_answer() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let mut stream = connect(&proxy).await;
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await.0, "hello");
}

#[tokio::test]
async fn latency_delays_each_piece_and_goes_when_it_is_cleared() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "a", 1).await.unwrap();
    proxy.set(Rule::new("slow", Fault::latency(ms(40)))).unwrap();
    let since = Instant::now();
    ask(&mut stream, "b", 1).await.unwrap();
    assert!(since.elapsed() >= ms(40), "{:?}", since.elapsed());
    assert_eq!(proxy.counters().landed("slow"), 1);
    proxy.set(Rule::new("slow", Fault::latency(Duration::from_mins(1)))).unwrap();
    stream.write_all(b"c").await.unwrap();
    until(&proxy, |counters| counters.landed("slow") == 2).await;
    proxy.clear("slow").unwrap();
    assert_eq!(within(ask(&mut stream, "", 1)).await.unwrap(), "c");
}

#[tokio::test]
async fn a_black_hole_holds_what_it_gets_and_lets_go() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "a", 1).await.unwrap();
    proxy.set(Rule::new("hole", Fault::black_hole())).unwrap();
    stream.write_all(b"b").await.unwrap();
    until(&proxy, |counters| counters.landed("hole") == 1).await;
    proxy.clear("hole").unwrap();
    assert_eq!(within(ask(&mut stream, "", 1)).await.unwrap(), "b");
}

#[tokio::test]
async fn a_black_hole_may_close_after_a_while_or_when_it_is_cleared() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let hole = |close_after| Fault::BlackHole { close_after, release: Release::Close };
    let mut stream = connect(&proxy).await;
    proxy.set(Rule::new("hole", hole(Some(ms(20))))).unwrap();
    assert_eq!(rest(&mut stream).await.0, "");
    proxy.set(Rule::new("hole", hole(None))).unwrap();
    let mut stream = connect(&proxy).await;
    stream.write_all(b"b").await.unwrap();
    until(&proxy, |counters| counters.landed("hole") == 2).await;
    proxy.clear("hole").unwrap();
    assert_eq!(rest(&mut stream).await.0, "");
}

#[tokio::test]
async fn a_reset_hits_a_pooled_connection_as_a_reset_and_toxicity_zero_never_does() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "a", 1).await.unwrap();
    proxy.set(Rule::new("reset", Fault::reset()).toxicity(0.0)).unwrap();
    ask(&mut stream, "b", 1).await.unwrap();
    assert_eq!(proxy.counters().landed("reset"), 0);
    proxy.set(Rule::new("reset", Fault::reset())).unwrap();
    let error = rest(&mut stream).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(proxy.counters().landed("reset"), 1);
}

#[tokio::test]
async fn refusing_closes_the_listener_and_open_connections_and_the_port_comes_back() {
    let proxy = proxy(Kind::Tcp, echo().await);
    for _ in 0..3 {
        let mut stream = connect(&proxy).await;
        ask(&mut stream, "a", 1).await.unwrap();
        proxy.set(Rule::new("down", Fault::Refuse)).unwrap();
        let error = TcpStream::connect(proxy.address()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert_eq!(rest(&mut stream).await.0, "");
        proxy.clear("down").unwrap();
        let mut stream = connect(&proxy).await;
        assert_eq!(ask(&mut stream, "b", 1).await.unwrap(), "b");
    }
    assert!(proxy.counters().landed("down") >= 3);
}

#[tokio::test]
async fn refusing_lands_on_nobody_where_nobody_holds_a_connection() {
    let proxy = proxy(Kind::Tcp, echo().await);
    proxy.set(Rule::new("down", Fault::Refuse)).unwrap();
    assert_eq!(proxy.counters().landed("down"), 0);
}

#[tokio::test]
async fn slicing_makes_small_pieces_and_bandwidth_takes_its_time() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let slice = Fault::Slice { bytes: 4, variation: 1, pause: ms(1) };
    proxy.set(Rule::new("slices", slice)).unwrap();
    let mut stream = connect(&proxy).await;
    let text = "0123456789".repeat(4);
    let since = Instant::now();
    assert_eq!(ask(&mut stream, &text, 40).await.unwrap(), text);
    assert!(since.elapsed() >= ms(7), "{:?}", since.elapsed());
    proxy.clear_all().unwrap();
    proxy.set(Rule::new("narrow", Fault::Bandwidth { bytes_per_s: 1_000 })).unwrap();
    let since = Instant::now();
    assert_eq!(ask(&mut stream, &text, 40).await.unwrap(), text);
    assert!(since.elapsed() >= ms(40), "{:?}", since.elapsed());
    assert_eq!((proxy.counters().landed("slices"), proxy.counters().landed("narrow")), (1, 1));
}

#[tokio::test]
async fn a_limit_closes_after_its_bytes() {
    let proxy = proxy(Kind::Tcp, echo().await);
    proxy.set(Rule::new("limit", Fault::Limit { bytes: 4 })).unwrap();
    let mut stream = connect(&proxy).await;
    stream.write_all(b"0123456789").await.unwrap();
    assert_eq!(rest(&mut stream).await.0, "0123");
    assert_eq!(proxy.counters().landed("limit"), 1);
}

#[tokio::test]
async fn a_slow_close_passes_the_end_on_later() {
    let address = upstream(|mut stream| async move {
        stream.write_all(b"bye").await.unwrap();
    })
    .await;
    let proxy = proxy(Kind::Tcp, address);
    proxy.set(Rule::new("slow", Fault::SlowClose { delay: ms(40) })).unwrap();
    let since = Instant::now();
    let mut stream = connect(&proxy).await;
    assert_eq!(rest(&mut stream).await.0, "bye");
    assert!(since.elapsed() >= ms(40), "{:?}", since.elapsed());
    assert_eq!(proxy.counters().landed("slow"), 1);
}

#[tokio::test]
async fn an_upstream_that_is_not_there_resets_the_service_and_is_logged() {
    let address = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let proxy = proxy(Kind::Tcp, address);
    let mut stream = connect(&proxy).await;
    let error = rest(&mut stream).await.1.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    assert_eq!(proxy.counters().unreachable, 1);
}

#[tokio::test]
async fn a_fault_of_another_protocol_is_refused() {
    let proxy = proxy(Kind::Tcp, echo().await);
    assert!(proxy.set(Rule::new("a", Fault::status(503))).is_err());
    assert!(proxy.set(Rule::new("a", Fault::reset()).toxicity(1.5)).is_err());
    proxy.set(Rule::new("a", Fault::reset().clone()).direction(Direction::Downstream)).unwrap();
}

#[tokio::test]
async fn dropping_the_proxy_closes_everything() {
    let proxy = proxy(Kind::Tcp, echo().await);
    let address = proxy.address();
    let mut stream = connect(&proxy).await;
    ask(&mut stream, "a", 1).await.unwrap();
    drop(proxy);
    assert_eq!(rest(&mut stream).await.0, "");
    assert!(TcpStream::connect(address).await.is_err());
}
