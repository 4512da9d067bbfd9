//! Upstreams that the tests start, and small readers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use gonogo_drills::proxy::{Counters, Kind, Proxy, Settings};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;

/// Serves each connection by `serve`.
pub async fn upstream<F>(serve: impl Fn(TcpStream) -> F + Send + 'static) -> SocketAddr
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
pub async fn echo() -> SocketAddr {
    upstream(|mut stream| async move {
        let (mut from, mut to) = stream.split();
        let _ended = tokio::io::copy(&mut from, &mut to).await;
        let _gone = to.shutdown().await;
    })
    .await
}

/// A proxy with seed 42 before `upstream`.
pub fn proxy(kind: Kind, upstream: SocketAddr) -> Proxy {
    let settings = Settings { seed: 42, ..Settings::new(kind, upstream.to_string()) };
    Proxy::start(&Handle::current(), settings).unwrap()
}

pub async fn connect(proxy: &Proxy) -> TcpStream {
    let stream = TcpStream::connect(proxy.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

/// Sends, then reads so many bytes.
pub async fn ask(stream: &mut TcpStream, text: &str, bytes: usize) -> std::io::Result<String> {
    stream.write_all(text.as_bytes()).await?;
    let mut answer = vec![0; bytes];
    stream.read_exact(&mut answer).await?;
    Ok(String::from_utf8(answer).unwrap())
}

/// Reads to the end; an error ends it too.
pub async fn rest(stream: &mut TcpStream) -> (String, std::io::Result<()>) {
    let mut text = Vec::new();
    let ended = within(stream.read_to_end(&mut text)).await.map(|_| ());
    (String::from_utf8_lossy(&text).into_owned(), ended)
}

/// Gives up after a time that is long for anything on loopback.
pub async fn within<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), work).await.expect("it takes too long")
}

/// Waits until the counters are such.
pub async fn until(proxy: &Proxy, is_such: impl Fn(&Counters) -> bool) -> Counters {
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
