//! One plain HTTP/1.1 request on a connection of its own: for readiness, liveness, metrics, and users that are watched one at a time.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::listening::is_taken;
use crate::Request;

/// Bytes read of one answer at most.
const LONGEST_ANSWER: usize = 8 << 20;

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
pub fn get(address: SocketAddr, path: &str, limit: Duration) -> io::Result<Answer> {
    let request = Request { method: "GET".to_owned(), path: path.to_owned(), ..Request::default() };
    send(address, &request, limit)
}

/// Sends `request`, its templates filled in already, and waits at most `limit` in all.
pub fn send(address: SocketAddr, request: &Request, limit: Duration) -> io::Result<Answer> {
    let began = Instant::now();
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(left(began, limit)?))?;
    stream.write_all(text(address, request).as_bytes())?;
    let bytes = read_answer(&mut stream, began, limit, &request.method)?;
    parse(&bytes, began.elapsed())
}

/// A request of which all but the last byte of the body was sent, so that it is in flight for as long as its sender likes.
#[derive(Debug)]
pub(crate) struct Held {
    stream: TcpStream,
    last: u8,
    method: String,
    began: Instant,
}

/// Sends `request` but for the last byte of its body; `None` when it has no body.
pub(crate) fn hold(
    address: SocketAddr,
    request: &Request,
    limit: Duration,
) -> io::Result<Option<Held>> {
    let bytes = text(address, request).into_bytes();
    let Some((last, sent)) = bytes.split_last().filter(|_| !request.body.is_empty()) else {
        return Ok(None);
    };
    let began = Instant::now();
    let mut stream = TcpStream::connect_timeout(&address, limit)?;
    stream.set_nodelay(true)?;
    stream.set_write_timeout(Some(limit))?;
    stream.write_all(sent)?;
    Ok(Some(Held { stream, last: *last, method: request.method.clone(), began }))
}

impl Held {
    /// Whether one of `processes` has taken the connection and read what was sent.
    pub(crate) fn is_taken_by(&self, processes: &[i32]) -> bool {
        self.stream.local_addr().is_ok_and(|client| is_taken(client, processes))
    }

    /// Sends the last byte and waits for the answer for at most `limit`.
    pub(crate) fn finish(mut self, limit: Duration) -> io::Result<Answer> {
        self.stream.write_all(&[self.last])?;
        let bytes = read_answer(&mut self.stream, Instant::now(), limit, &self.method)?;
        parse(&bytes, self.began.elapsed())
    }
}

fn left(began: Instant, limit: Duration) -> io::Result<Duration> {
    let left = limit.saturating_sub(began.elapsed());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn text(address: SocketAddr, request: &Request) -> String {
    let mut lines = vec![
        format!("{} {} HTTP/1.1", request.method, request.path),
        "connection: close".to_owned(),
    ];
    if !request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
        lines.push(format!("host: {address}"));
    }
    lines.extend(request.headers.iter().map(|(name, value)| format!("{name}: {value}")));
    if !request.body.is_empty() || matches!(request.method.as_str(), "POST" | "PUT" | "PATCH") {
        lines.push(format!("content-length: {}", request.body.len()));
    }
    lines.join("\r\n") + "\r\n\r\n" + &request.body
}

/// Reads until the answer is whole by its own word, or the other side closes.
fn read_answer(
    stream: &mut TcpStream,
    began: Instant,
    limit: Duration,
    method: &str,
) -> io::Result<Vec<u8>> {
    let (mut bytes, mut buffer) = (Vec::new(), vec![0; 16 << 10]);
    loop {
        if is_whole(&bytes, method) {
            return Ok(bytes);
        }
        stream.set_read_timeout(Some(left(began, limit)?))?;
        let count = match stream.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read?,
        };
        if count == 0 {
            return Ok(bytes);
        }
        bytes.extend_from_slice(buffer.get(..count).unwrap_or_default());
        if bytes.len() > LONGEST_ANSWER {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "the answer is longer than 8 MiB",
            ));
        }
    }
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
    use std::net::TcpListener;
    use std::thread;

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
        let answer = get(
            server(b"HTTP/1.1 200 OK\r\nX-A: 1\r\nContent-Length: 2\r\n\r\nok", true),
            "/",
            LIMIT,
        )
        .unwrap();
        assert_eq!(
            (answer.status, answer.body.as_str(), answer.header("x-a")),
            (200, "ok", Some("1"))
        );
    }

    #[test]
    fn chunks_are_put_together() {
        let bytes = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 503 No\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\n\r\n";
        let answer = get(server(bytes, true), "/", LIMIT).unwrap();
        assert_eq!((answer.status, answer.body.as_str(), answer.is_ok()), (503, "abcde", false));
    }

    #[test]
    fn garbage_and_silence_are_told_apart() {
        let garbage = get(server(b"SSH-2.0-x\r\n", false), "/", LIMIT).unwrap_err();
        assert_eq!(garbage.to_string(), "what it answers is not HTTP");
        let silence = get(server(b"", true), "/", Duration::from_millis(50)).unwrap_err();
        assert_eq!(silence.kind(), io::ErrorKind::TimedOut);
        let closed = get(server(b"", false), "/", LIMIT).unwrap_err();
        assert_eq!(closed.kind(), io::ErrorKind::UnexpectedEof);
    }
}
