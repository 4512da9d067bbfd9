//! Toxiproxy's API: what its clients rely on, and what is done better here.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gonogo_drills::proxy::toxiproxy;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};

use crate::upstream::{ask, echo, http, rest};

/// A server of the API with seed 42.
async fn server() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { toxiproxy::accept(&listener, 42).await });
    address
}

async fn raw(
    server: SocketAddr,
    method: &str,
    path: &str,
    body: &str,
    agent: &str,
) -> (u16, String) {
    let mut stream = TcpStream::connect(server).await.unwrap();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: a\r\nUser-Agent: {agent}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let (text, _) = rest(&mut stream).await;
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
}

async fn call(server: SocketAddr, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let (status, text) = raw(server, method, path, &body, "test").await;
    (status, serde_json::from_str(&text).unwrap_or(Value::Null))
}

/// Makes a proxy `p` before `upstream`.
async fn made(server: SocketAddr, upstream: SocketAddr) -> SocketAddr {
    let body = json!({"name": "p", "listen": "127.0.0.1:0", "upstream": upstream.to_string()});
    let (status, made) = call(server, "POST", "/proxies", body).await;
    assert_eq!((status, &made["enabled"], &made["toxics"]), (201, &json!(true), &json!([])));
    made["listen"].as_str().unwrap().parse().unwrap()
}

async fn toxic(server: SocketAddr, body: Value) -> (u16, Value) {
    call(server, "POST", "/proxies/p/toxics", body).await
}

#[tokio::test]
async fn proxies_are_made_listed_changed_and_deleted() {
    let server = server().await;
    let listen = made(server, echo().await).await;
    assert_eq!(
        call(server, "GET", "/proxies", Value::Null).await.1["p"]["listen"],
        listen.to_string()
    );
    let again = json!({"name": "p", "upstream": "a:1"});
    let (status, error) = call(server, "POST", "/proxies", again).await;
    assert_eq!((status, error), (409, json!({"error": "proxy already exists", "status": 409})));
    let (status, error) = call(server, "POST", "/proxies", json!({"name": "q"})).await;
    assert_eq!((status, &error["error"]), (400, &json!("missing required field: upstream")));
    let taken = json!({"name": "q", "listen": listen.to_string(), "upstream": "a:1"});
    let (status, error) = call(server, "POST", "/proxies", taken).await;
    let text = format!("listen tcp {listen}: bind: address already in use");
    assert_eq!((status, &error["error"]), (500, &json!(text)));
    let (status, changed) = call(server, "PATCH", "/proxies/p", json!({"enabled": false})).await;
    assert_eq!((status, &changed["enabled"]), (200, &json!(false)));
    let refused = TcpStream::connect(listen).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::ConnectionRefused);
    assert_eq!(call(server, "POST", "/reset", Value::Null).await.0, 204);
    assert!(TcpStream::connect(listen).await.is_ok());
    assert_eq!(call(server, "DELETE", "/proxies/p", Value::Null).await.0, 204);
    let (status, error) = call(server, "GET", "/proxies/p", Value::Null).await;
    assert_eq!((status, &error["error"]), (404, &json!("proxy not found")));
}

#[tokio::test]
async fn populate_keeps_what_is_the_same_and_makes_nothing_of_a_bad_list() {
    let server = server().await;
    let listen = made(server, echo().await).await;
    let body = json!([{"name": "x", "upstream": "a:1"}, {"upstream": "a:1"}]);
    let (status, error) = call(server, "POST", "/populate", body).await;
    let expected =
        json!({"error": "missing required field: name at proxy 2", "status": 400, "proxies": null});
    assert_eq!((status, error), (400, expected));
    toxic(server, json!({"type": "noop"})).await;
    let upstream = call(server, "GET", "/proxies/p", Value::Null).await.1["upstream"].clone();
    let local = format!("localhost:{}", listen.port());
    let body = json!([{"name": "p", "listen": local, "upstream": upstream}]);
    let (status, populated) = call(server, "POST", "/populate", body).await;
    assert_eq!((status, populated["proxies"][0]["toxics"].as_array().unwrap().len()), (201, 1));
}

#[tokio::test]
async fn toxics_are_made_changed_and_deleted_and_errors_are_told() {
    let server = server().await;
    let listen = made(server, echo().await).await;
    let body = json!({"type": "latency", "attributes": {"latency": 30}});
    let (status, latency) = toxic(server, body.clone()).await;
    let expected = json!({
        "attributes": {"latency": 30, "jitter": 0},
        "name": "latency_downstream", "type": "latency", "stream": "downstream", "toxicity": 1,
    });
    assert_eq!((status, latency), (200, expected));
    assert_eq!(toxic(server, body).await.1["error"], "toxic already exists");
    assert_eq!(toxic(server, json!({"type": "x"})).await.1["error"], "invalid toxic type");
    let wrong = json!({"type": "noop", "stream": "sideways"});
    let text = "stream was invalid, can be either upstream or downstream";
    assert_eq!(toxic(server, wrong).await.1["error"], text);
    let mut stream = TcpStream::connect(listen).await.unwrap();
    let since = Instant::now();
    ask(&mut stream, "a", 1).await.unwrap();
    assert!(since.elapsed() >= Duration::from_millis(30));
    let path = "/proxies/p/toxics/latency_downstream";
    let change = json!({"attributes": {"jitter": 5}, "toxicity": 0.5});
    let (status, changed) = call(server, "PATCH", path, change).await;
    assert_eq!((status, &changed["attributes"]["latency"]), (200, &json!(30)));
    assert_eq!((&changed["attributes"]["jitter"], &changed["toxicity"]), (&json!(5), &json!(0.5)));
    assert_eq!(call(server, "DELETE", path, Value::Null).await.0, 204);
    let (status, error) = call(server, "GET", path, Value::Null).await;
    assert_eq!((status, &error["error"]), (404, &json!("toxic not found")));
}

#[tokio::test]
async fn every_type_of_toxic_is_known() {
    let server = server().await;
    made(server, echo().await).await;
    for (kind, attributes) in [
        ("latency", json!({"latency": 1, "jitter": 1})),
        ("bandwidth", json!({"rate": 1})),
        ("slow_close", json!({"delay": 1})),
        ("timeout", json!({"timeout": 1})),
        ("reset_peer", json!({"timeout": 1})),
        ("slicer", json!({"average_size": 1, "size_variation": 1, "delay": 1})),
        ("limit_data", json!({"bytes": 1})),
        ("noop", json!({})),
    ] {
        let body = json!({"type": kind, "stream": "upstream", "attributes": attributes});
        let (status, made) = toxic(server, body).await;
        assert_eq!((status, &made["attributes"]), (200, &attributes), "{kind}");
    }
    assert_eq!(
        call(server, "GET", "/proxies/p/toxics", Value::Null).await.1.as_array().unwrap().len(),
        8
    );
}

#[tokio::test]
async fn attributes_that_are_unknown_or_out_of_range_are_refused() {
    let server = server().await;
    made(server, echo().await).await;
    for body in [
        json!({"type": "latency", "attributes": {"latncy": 5}}),
        json!({"type": "latency", "attributes": {"latency": -5}}),
        json!({"type": "latency", "attributes": {"latency": 1.5}}),
        json!({"type": "latency", "toxicity": 7}),
        json!({"type": "latency", "toxicity": -0.1}),
    ] {
        let (status, error) = toxic(server, body.clone()).await;
        assert_eq!(status, 400, "{body}");
        assert!(error["error"].as_str().unwrap().starts_with("bad request body: "), "{error}");
    }
    assert_eq!(call(server, "GET", "/proxies/p/toxics", Value::Null).await.1, json!([]));
}

#[tokio::test]
async fn toxicity_counts_for_each_request_of_a_pooled_connection_and_repeats_with_the_seed() {
    let mut sequences = Vec::new();
    for _ in 0..2 {
        let server = server().await;
        let listen = made(server, http().await).await;
        let body = json!({"type": "latency", "toxicity": 0.5, "attributes": {"latency": 60}});
        toxic(server, body).await;
        let mut stream = TcpStream::connect(listen).await.unwrap();
        let mut sequence = Vec::new();
        for _ in 0..12 {
            let since = Instant::now();
            let text = ask(&mut stream, "GET /a HTTP/1.1\r\n\r\n", 40).await.unwrap();
            assert!(text.ends_with("/a"), "{text}");
            sequence.push(since.elapsed() >= Duration::from_millis(60));
        }
        assert!(sequence.contains(&true) && sequence.contains(&false), "{sequence:?}");
        sequences.push(sequence);
    }
    // A machine that stalls may make a request slow that was not held, but none fast that was.
    let differ = sequences[0].iter().zip(&sequences[1]).filter(|(a, b)| a != b).count();
    assert!(differ <= 2, "{sequences:?}");
}

#[tokio::test]
async fn a_reset_of_a_pooled_connection_is_a_reset() {
    let server = server().await;
    let listen = made(server, http().await).await;
    let mut stream = TcpStream::connect(listen).await.unwrap();
    ask(&mut stream, "GET /a HTTP/1.1\r\n\r\n", 40).await.unwrap();
    toxic(server, json!({"type": "reset_peer"})).await;
    stream.write_all(b"GET /a HTTP/1.1\r\n\r\n").await.unwrap();
    assert_eq!(rest(&mut stream).await.1.unwrap_err().kind(), ErrorKind::ConnectionReset);
}

#[tokio::test]
async fn a_half_closed_connection_keeps_its_answer_under_a_toxic() {
    let server = server().await;
    let listen = made(server, echo().await).await;
    toxic(server, json!({"type": "latency", "attributes": {"latency": 20}})).await;
    let mut stream = TcpStream::connect(listen).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    stream.shutdown().await.unwrap();
    assert_eq!(rest(&mut stream).await.0, "hello");
}

#[tokio::test]
async fn a_proxy_is_up_though_its_upstream_is_not() {
    let server = server().await;
    let nobody = {
        let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None);
        let socket = socket.unwrap();
        socket.bind(&"127.0.0.1:0".parse::<SocketAddr>().unwrap().into()).unwrap();
        socket
    };
    let upstream = nobody.local_addr().unwrap().as_socket().unwrap();
    let listen = made(server, upstream).await;
    for _ in 0..100 {
        let mut stream = TcpStream::connect(listen).await.unwrap();
        let (text, ended) = rest(&mut stream).await;
        assert!(text.is_empty() && ended.is_ok(), "{text} {ended:?}");
    }
}

#[tokio::test]
async fn browsers_unknown_paths_and_broken_bodies_are_refused() {
    let server = server().await;
    assert_eq!(raw(server, "GET", "/version", "", "Mozilla/5.0").await.0, 403);
    assert_eq!(raw(server, "GET", "/version", "", "a").await.1, "{\"version\": \"git\"}\n");
    assert_eq!(raw(server, "GET", "/x", "", "a").await.0, 404);
    assert_eq!(raw(server, "PUT", "/proxies", "", "a").await.0, 405);
    let (status, text) = raw(server, "POST", "/proxies", "{", "a").await;
    assert!(status == 400 && text.contains("bad request body: "), "{text}");
}
