//! One request on a connection of its own: for readiness, liveness, metrics, and users that are watched one at a time.

use std::io;
use std::time::{Duration, Instant};

use super::channel::{Channel, left};
use super::listening::is_taken;
use super::probe2;
use crate::Request;
use crate::load::Http;
use crate::speech::Door;

/// Bytes read of one answer at most.
pub(super) const LONGEST_ANSWER: usize = 8 << 20;

/// What came back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, decoded when it was chunked; bytes that are not UTF-8 are replaced.
    pub body: String,
    /// From the first connect to the last byte.
    pub took: Duration,
}

impl Answer {
    /// The value of the first header called `name`, written in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether the status is 2xx.
    pub fn is_ok(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// Asks `path` with GET and waits at most `limit` in all.
pub fn get(door: Door<'_>, path: &str, limit: Duration) -> io::Result<Answer> {
    let request = Request { method: "GET".to_owned(), path: path.to_owned(), ..Request::default() };
    send(door, &request, limit)
}

/// Sends `request`, its templates filled in already, and waits at most `limit` in all.
pub fn send(door: Door<'_>, request: &Request, limit: Duration) -> io::Result<Answer> {
    let began = Instant::now();
    if door.http(limit)? == Http::Two {
        let open = probe2::open(door, request, 0, left(began, limit)?)?;
        return open.finish(&[], (began, left(began, limit)?));
    }
    let mut channel = connect(door, left(began, limit)?)?;
    channel.write_all(text(door, request).as_bytes())?;
    let bytes = read_answer(&mut channel, began, limit, &request.method)?;
    parse(&bytes, began.elapsed())
}

fn connect(door: Door<'_>, limit: Duration) -> io::Result<Channel> {
    let secure = door.secure()?.map(|secure| secure.offering(&[Http::One]));
    Channel::connect(door.address(), secure.as_ref(), limit)
}

/// A request of which all but the last byte of the body was sent, so that it is in flight for as long as its sender likes.
#[derive(Debug)]
pub(crate) struct Held {
    way: Way,
    last: u8,
    method: String,
    began: Instant,
}

#[derive(Debug)]
enum Way {
    One(Channel),
    Two(probe2::Open),
}

/// Sends `request` but for the last byte of its body; `None` when it has no body.
pub(crate) fn hold(door: Door<'_>, request: &Request, limit: Duration) -> io::Result<Option<Held>> {
    let Some(last) = request.body.as_bytes().last() else { return Ok(None) };
    let began = Instant::now();
    let way = if door.http(limit)? == Http::Two {
        Way::Two(probe2::open(door, request, 1, limit)?)
    } else {
        let mut channel = connect(door, limit)?;
        let bytes = text(door, request).into_bytes();
        channel.write_all(bytes.split_last().map_or(&[], |(_, sent)| sent))?;
        Way::One(channel)
    };
    Ok(Some(Held { way, last: *last, method: request.method.clone(), began }))
}

impl Held {
    /// Whether one of `processes` has taken the connection and read what was sent.
    pub(crate) fn is_taken_by(&self, processes: &[i32]) -> bool {
        let client = match &self.way {
            Way::One(channel) => channel.socket().local_addr().ok(),
            Way::Two(open) => Some(open.client),
        };
        client.is_some_and(|client| is_taken(client, processes))
    }

    /// Sends the last byte and waits for the answer for at most `limit`.
    pub(crate) fn finish(self, limit: Duration) -> io::Result<Answer> {
        match self.way {
            Way::One(mut channel) => {
                channel.write_all(&[self.last])?;
                let bytes = read_answer(&mut channel, Instant::now(), limit, &self.method)?;
                parse(&bytes, self.began.elapsed())
            }
            Way::Two(open) => open.finish(&[self.last], (self.began, limit)),
        }
    }
}

fn text(door: Door<'_>, request: &Request) -> String {
    let mut lines = vec![
        format!("{} {} HTTP/1.1", request.method, request.path),
        "connection: close".to_owned(),
    ];
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        lines.push(format!("host: {}", door.authority()));
    }
    lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        lines.push(format!("content-length: {}", request.body.len()));
    }
    lines.join("\r\n") + "\r\n\r\n" + &request.body
}

/// Reads until the answer is whole by its own word, or the other side closes.
fn read_answer(
    channel: &mut Channel,
    began: Instant,
    limit: Duration,
    method: &str,
) -> io::Result<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        if is_whole(&bytes, method) {
            return Ok(bytes);
        }
        let count = channel.read(&mut buffer, left(began, limit)?)?;
        if count == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if bytes.len() > LONGEST_ANSWER {
            return Err(too_long());
        }
    }
}

pub(super) fn too_long() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the answer is longer than 8 MiB")
}

fn is_whole(bytes: &[u8], method: &str) -> bool {
    let Some((status, headers, body)) = split(bytes) else { return false };
    if method == "HEAD" || status == 204 || status == 304 {
        return true;
    }
    let value = |name: &str| {
        headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    if value("transfer-encoding").is_some() {
        return body.ends_with(b"0\r\n\r\n");
    }
    value("content-length")
        .and_then(|length| length.parse().ok())
        .is_some_and(|length: usize| body.len() >= length)
}

type Parts<'a> = (u16, Vec<(String, String)>, &'a [u8]);

/// Status, headers and what follows them; `None` while the head is not whole. Interim answers (1xx) are passed over.
fn split(mut bytes: &[u8]) -> Option<Parts<'_>> {
    loop {
        let mut slots = [httparse::EMPTY_HEADER; 128];
        let mut response = httparse::Response::new(&mut slots);
        let Ok(httparse::Status::Complete(length)) = response.parse(bytes) else { return None };
        let status = response.code?;
        let rest = bytes.get(length..)?;
        if (100..200).contains(&status) && status != 101 {
            bytes = rest;
            continue;
        }
        let headers = response
            .headers
            .iter()
            .map(|header| {
                (
                    header.name.to_ascii_lowercase(),
                    String::from_utf8_lossy(header.value).trim().to_owned(),
                )
            })
            .collect();
        return Some((status, headers, rest));
    }
}

fn parse(bytes: &[u8], took: Duration) -> io::Result<Answer> {
    if bytes.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::UnexpectedEof,
            "it closed the connection without an answer",
        ));
    }
    let (status, headers, rest) = split(bytes)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "what it answers is not HTTP"))?;
    let is_chunked = headers
        .iter()
        .any(|(name, value)| name == "transfer-encoding" && value.contains("chunked"));
    let body = if is_chunked { dechunked(rest) } else { rest.to_vec() };
    Ok(Answer { status, headers, body: String::from_utf8_lossy(&body).into_owned(), took })
}

/// The content of a chunked body, as far as it is whole.
fn dechunked(mut bytes: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(httparse::Status::Complete((start, length))) = httparse::parse_chunk_size(bytes) {
        let Some(end) = usize::try_from(length).ok().and_then(|length| start.checked_add(length))
        else {
            break;
        };
        let Some(chunk) = bytes.get(start..end).filter(|chunk| !chunk.is_empty()) else { break };
        body.extend_from_slice(chunk);
        bytes = bytes.get(end + 2..).unwrap_or_default();
    }
    body
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener};
    use std::thread;

    use crate::Speech;

    /// The answer to one request that `bytes` are sent for.
    fn ask(bytes: &'static [u8], holds: bool, limit: Duration) -> io::Result<Answer> {
        get(Speech::default().at(server(bytes, holds)), "/", limit)
    }

    /// Answers one connection with `bytes` and holds it open when `holds`.
    fn server(bytes: &'static [u8], holds: bool) -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _read = stream.read(&mut [0; 4096]);
            stream.write_all(bytes).unwrap();
            if holds {
                let _until_the_client_leaves = stream.read(&mut [0; 1]);
            }
        });
        address
    }

    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn an_answer_with_a_length_is_whole_before_the_connection_closes() {
        let answer =
            ask(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok", true, LIMIT).unwrap();
        assert_eq!(
            (answer.status, answer.body.as_str(), answer.header("x-a")),
            (200, "ok", Some("1"))
        );
    }

    #[test]
    fn an_upload_over_http2_waits_for_its_last_byte_as_over_http1() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        listener.set_nonblocking(true).unwrap();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async move {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                let mut connection =
                    h2::server::handshake(listener.accept().await.unwrap().0).await.unwrap();
                while let Some(Ok((request, mut respond))) = connection.accept().await {
                    tokio::spawn(async move {
                        let (mut stream, mut body) = (request.into_body(), Vec::new());
                        while let Some(part) = stream.data().await {
                            body.extend_from_slice(&part.unwrap());
                        }
                        let head = http::Response::builder().header("X-Seen", "1").body(());
                        let mut answer = respond.send_response(head.unwrap(), false).unwrap();
                        answer.send_data(body.into(), true).unwrap();
                    });
                }
            });
        });
        let speech = Speech::declared("h2c://localhost:{port}").unwrap();
        let request = Request {
            method: "POST".into(),
            path: "/orders".into(),
            headers: vec![("Content-Type".into(), "text/plain".into())],
            body: "hello".into(),
        };
        let held = hold(speech.at(address), &request, LIMIT).unwrap().unwrap();
        let own = [i32::try_from(std::process::id()).unwrap()];
        let began = Instant::now();
        while !held.is_taken_by(&own) {
            assert!(began.elapsed() < LIMIT);
            thread::yield_now();
        }
        let answer = held.finish(LIMIT).unwrap();
        assert_eq!((answer.status, answer.body.as_str()), (200, "hello"));
        assert_eq!(answer.header("x-seen"), Some("1"));
    }

    #[test]
    fn chunks_are_put_together() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        let answer = ask(bytes, true, LIMIT).unwrap();
        assert_eq!((answer.status, answer.body.as_str(), answer.is_ok()), (503, "abcde", false));
    }

    #[test]
    fn garbage_and_silence_are_told_apart() {
        let garbage = ask(b"SSH-2.0-x\r\n", false, LIMIT).unwrap_err();
        assert_eq!(garbage.to_string(), "what it answers is not HTTP");
        let silence = ask(b"", true, Duration::from_millis(50)).unwrap_err();
        assert_eq!(silence.kind(), io::ErrorKind::TimedOut);
        let closed = ask(b"", false, LIMIT).unwrap_err();
        assert_eq!(closed.kind(), io::ErrorKind::UnexpectedEof);
    }
}
