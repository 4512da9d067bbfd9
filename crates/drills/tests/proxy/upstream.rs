//! Upstreams that the tests start, and small readers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gonogo_drills::proxy::{Counters, Event, Exchange, Happening, Kind, Proxy, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// Serves each connection by `serve`.
pub(crate) async fn upstream<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true).unwrap();
            tokio::spawn(serve(stream));
        }
    });
    address
}

/// Says back what it is told, and closes when it is closed.
pub(crate) async fn echo() -> SocketAddr {
    upstream(|mut stream| async move {
        let (mut from, mut to) = stream.split();
        let _ended = tokio::io::copy(&mut from, &mut to).await;
        let _gone = to.shutdown().await;
    })
    .await
}

/// A proxy with seed 42 before `upstream`.
pub(crate) fn proxy(kind: Kind, upstream: SocketAddr) -> Proxy {
    let settings = Settings { seed: 42, ..Settings::new(kind, upstream.to_string()) };
    Proxy::start(&Handle::current(), settings).unwrap()
}

pub(crate) async fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends, then reads so many bytes.
pub(crate) async fn ask(
    stream: &mut TcpStream,
    text: &str,
    bytes: usize,
) -> std::io::Result<String> {
    stream.write_all(text.as_bytes()).await?;
    let mut answer = vec![0; bytes];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

/// Reads to the end; an error ends it too.
pub(crate) async fn rest(stream: &mut TcpStream) -> (String, std::io::Result<()>) {
    let mut text = Vec::new();
    let ended = within(stream.read_to_end(&mut text)).await.map(|_| ());
    (String::from_utf8_lossy(&text).into_owned(), ended)
}

/// Gives up after a time that is long for anything on loopback.
pub(crate) async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("it takes too long")
}

/// Waits until the counters are such.
pub(crate) async fn until(proxy: &Proxy, is_such: impl Fn(&Counters) -> bool) -> Counters {
    let since = Instant::now();
    loop {
        let counters = proxy.counters();
        if is_such(&counters) {
            return counters;
        }
        assert!(since.elapsed() < Duration::from_secs(10), "{counters:?} {:?}", proxy.snapshot());
        tokio::task::yield_now().await;
    }
}

/// The exchanges of the log, once there are so many.
pub(crate) async fn exchanges(proxy: &Proxy, count: u64) -> Vec<Exchange> {
    until(proxy, |counters| counters.exchanges >= count).await;
    let exchange = |event: Event| match event.what {
        Happening::Exchange(exchange) => Some(exchange),
        _ => None,
    };
    proxy.drain().events.into_iter().filter_map(exchange).collect()
}

/// Reads up to and with `end`; `None` at the end of the connection.
pub(crate) async fn read_to(stream: &mut TcpStream, end: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end) {
        bytes.push(stream.read_u8().await.ok()?);
    }
    Some(bytes)
}

/// Answers each request with the path that was asked for; `/close` closes, `/early` sends a 103 before.
pub(crate) async fn http() -> SocketAddr {
    upstream(|mut stream| async move {
        while let Some(head) = read_to(&mut stream, b"\r\n\r\n").await {
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap().to_owned();
            if head.contains("Transfer-Encoding: chunked") {
                read_to(&mut stream, b"0\r\n\r\n").await.unwrap();
            }
            let length = head
                .split("Content-Length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse().unwrap());
            stream.read_exact(&mut vec![0; length]).await.unwrap();
            let early = if path == "/early" { "HTTP/1.1 103 Early Hints\r\n\r\n" } else { "" };
            let body = if head.starts_with("HEAD") { "" } else { &path };
            let answer = match path.as_str() {
                "/chunked" => {
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
                        .to_owned()
                }
                "/ws" => "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\n\r\n".to_owned(),
                "/close" => "HTTP/1.1 200 OK\r\n\r\nuntil the end".to_owned(),
                _ => format!(
                    "{early}HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}",
                    path.len()
                ),
            };
            stream.write_all(answer.as_bytes()).await.unwrap();
            match path.as_str() {
                "/close" => return,
                "/ws" => {
                    let (mut from, mut to) = stream.split();
                    let _ended = tokio::io::copy(&mut from, &mut to).await;
                }
                _ => {}
            }
        }
    })
    .await
}
