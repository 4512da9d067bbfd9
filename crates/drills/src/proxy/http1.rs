//! The framing of HTTP/1: where heads, bodies and answers begin and end.

use std::fmt::Write as _;
use std::mem::MaybeUninit;

use http::Method;
use httparse::{Header, ParserConfig, Request, Response, Status};

use super::read::{
    Answers as AnswersTrait, Ask, MAX_UNREAD, Own, Piece, Read, Requests as RequestsTrait, line,
};
use super::{Call, Fault, HttpCall, HttpVersion};

/// Headers that a head may have.
const MAX_HEADERS: usize = 128;

/// Bytes of a path or a header that are kept; a log holds many of them.
const MAX_TEXT: usize = 2_000;

/// Where in a message the next bytes stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// At a head.
    #[default]
    Head,
    /// In a body with so many bytes left.
    Body(u64),
    /// At the line with a chunk's size.
    Size,
    /// In a chunk with so many bytes left, its line end not counted.
    Chunk(u64),
    /// At the end of a chunk's line.
    ChunkEnd,
    /// At a line after the last chunk.
    Trailer,
    /// In a body that the end of the connection ends.
    UntilClose,
}

impl Place {
    /// Reads on in a body.
    fn read(&mut self, bytes: &[u8]) -> Read {
        if bytes.is_empty() {
            return Read::More;
        }
        match *self {
            Self::Body(left) => {
                let len = at_most(bytes.len(), left);
                let left = left - as_u64(len);
                *self = if left == 0 { Self::Head } else { Self::Body(left) };
                payload(len, left == 0)
            }
            Self::Chunk(left) => {
                let len = at_most(bytes.len(), left);
                let left = left - as_u64(len);
                *self = if left == 0 { Self::ChunkEnd } else { Self::Chunk(left) };
                payload(len, false)
            }
            Self::UntilClose => payload(bytes.len(), false),
            Self::Size | Self::ChunkEnd | Self::Trailer => self.read_line(bytes),
            Self::Head => Read::Lost("a body outside of a message"),
        }
    }

    fn read_line(&mut self, bytes: &[u8]) -> Read {
        let Some((text, len)) = line(bytes) else {
            return if bytes.len() < MAX_UNREAD {
                Read::More
            } else {
                Read::Lost("a line without end")
            };
        };
        match *self {
            Self::ChunkEnd if text.is_empty() => *self = Self::Size,
            Self::Trailer if text.is_empty() => {
                *self = Self::Head;
                return Read::Piece(Piece { ends: true, ..Piece::of(len) });
            }
            Self::Trailer => {}
            Self::Size => match chunk_size(text) {
                Some(0) => *self = Self::Trailer,
                Some(size) => *self = Self::Chunk(size),
                None => return Read::Lost("a chunk without size"),
            },
            _ => return Read::Lost("a chunk that is longer than it says"),
        }
        Read::Piece(Piece::of(len))
    }
}

fn payload(len: usize, ends: bool) -> Read {
    Read::Piece(Piece { ends, payload: 0..len, ..Piece::of(len) })
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn at_most(len: usize, left: u64) -> usize {
    usize::try_from(left).map_or(len, |left| len.min(left))
}

fn chunk_size(text: &[u8]) -> Option<u64> {
    let digits = text.split(|byte| *byte == b';').next()?.trim_ascii();
    if digits.is_empty() || digits.len() > 15 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    u64::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// What the headers say about the body.
#[derive(Debug, Default)]
struct Framing {
    length: Option<u64>,
    is_chunked: bool,
    is_coded_otherwise: bool,
    is_broken: bool,
    is_upgrade: bool,
    expects: bool,
}

impl Framing {
    fn of(headers: &[Header<'_>]) -> Self {
        let mut framing = Self::default();
        for header in headers {
            // The lengths tell most headers apart, for the price of one comparison.
            match header.name.len() {
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    let length = length(header.value);
                    framing.is_broken |= length.is_none()
                        || framing.length.is_some_and(|other| Some(other) != length);
                    framing.length = length;
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    let last = header.value.rsplit(|byte| *byte == b',').next();
                    framing.is_chunked =
                        last.is_some_and(|last| last.trim_ascii().eq_ignore_ascii_case(b"chunked"));
                    framing.is_coded_otherwise = !framing.is_chunked;
                }
                7 if header.name.eq_ignore_ascii_case("upgrade") => framing.is_upgrade = true,
                6 if header.name.eq_ignore_ascii_case("expect") => framing.expects = true,
                _ => {}
            }
        }
        framing
    }
}

fn length(value: &[u8]) -> Option<u64> {
    let digits = value.trim_ascii();
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |length, byte| {
        let digit = byte.is_ascii_digit().then_some(byte & 0x0f)?;
        length.checked_mul(10)?.checked_add(digit.into())
    })
}

fn version(minor: Option<u8>) -> HttpVersion {
    if minor == Some(0) { HttpVersion::Http10 } else { HttpVersion::Http11 }
}

/// A text that came from outside, as far as it is kept.
pub(super) fn text(value: &[u8]) -> String {
    String::from_utf8_lossy(value.get(..MAX_TEXT).unwrap_or(value)).into_owned()
}

/// A method, as far as it is kept: the beginning of one is one too.
pub(super) fn method(value: &str) -> Option<Method> {
    Method::from_bytes(value.as_bytes().get(..MAX_TEXT).unwrap_or(value.as_bytes())).ok()
}

/// A path, as far as it is kept.
fn path(value: &str) -> String {
    value.get(..value.floor_char_boundary(MAX_TEXT)).unwrap_or(value).to_owned()
}

/// Reads requests.
#[derive(Debug)]
pub(super) struct Requests {
    place: Place,
    wanted: Vec<String>,
}

impl Requests {
    pub(super) fn new(wanted: &[String]) -> Self {
        Self { place: Place::Head, wanted: wanted.to_vec() }
    }

    fn head(&mut self, bytes: &[u8]) -> Read {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut request = Request::new(&mut []);
        let parsed = ParserConfig::default().parse_request_with_uninit_headers(
            &mut request,
            bytes,
            &mut headers,
        );
        let len = match parsed {
            Ok(Status::Complete(len)) => len,
            Ok(Status::Partial) if bytes.len() < MAX_UNREAD => return Read::More,
            Ok(Status::Partial) => return Read::Lost("a head that is too long"),
            Err(_) => return Read::Lost("no HTTP request"),
        };
        let framing = Framing::of(request.headers);
        let call = self.call(&request);
        if framing.is_broken || framing.is_coded_otherwise {
            return Read::Lost("a request whose length is in doubt");
        }
        self.place = match framing.length {
            _ if framing.is_chunked => Place::Size,
            Some(length) if length > 0 => Place::Body(length),
            _ => Place::Head,
        };
        Read::Piece(Piece {
            start: Some(Ask::Call(Box::new(Call::Http(call)))),
            ends: self.place == Place::Head,
            wants_answer: framing.expects,
            ..Piece::of(len)
        })
    }

    fn call(&self, request: &Request<'_, '_>) -> HttpCall {
        let mut call = HttpCall {
            version: version(request.version),
            method: request.method.and_then(method).unwrap_or_default(),
            path: path(request.path.unwrap_or_default()),
            idempotency_key: None,
            traceparent: None,
            headers: Vec::new(),
            body_digest: None,
            status: None,
            grpc_status: None,
            retry_after: None,
        };
        for header in request.headers.iter() {
            match header.name.len() {
                15 if header.name.eq_ignore_ascii_case("idempotency-key") => {
                    call.idempotency_key = Some(text(header.value));
                }
                11 if header.name.eq_ignore_ascii_case("traceparent") => {
                    call.traceparent = Some(text(header.value));
                }
                _ => {}
            }
            if self.wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(header.name)) {
                call.headers.push((header.name.to_ascii_lowercase(), text(header.value)));
            }
        }
        call
    }
}

impl RequestsTrait for Requests {
    fn read(&mut self, bytes: &[u8]) -> Read {
        match self.place {
            Place::Head if bytes.is_empty() => Read::More,
            Place::Head => self.head(bytes),
            _ => self.place.read(bytes),
        }
    }
}

/// Reads answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    place: Place,
}

impl Answers {
    fn head(&mut self, bytes: &[u8], call: Option<&mut HttpCall>) -> Read {
        let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
        let mut response = Response::new(&mut []);
        let parsed = ParserConfig::default().parse_response_with_uninit_headers(
            &mut response,
            bytes,
            &mut headers,
        );
        let len = match parsed {
            Ok(Status::Complete(len)) => len,
            Ok(Status::Partial) if bytes.len() < MAX_UNREAD => return Read::More,
            Ok(Status::Partial) => return Read::Lost("a head that is too long"),
            Err(_) => return Read::Lost("no HTTP answer"),
        };
        let status = response.code.unwrap_or_default();
        let Some(call) = call else {
            // A server may say why it closes an idle connection.
            return Read::Lost("an answer to nothing");
        };
        if status / 100 == 1 && status != 101 {
            return Read::Piece(Piece::aside(len));
        }
        let framing = Framing::of(response.headers);
        note(call, status, response.headers);
        if status == 101 || (call.method == Method::CONNECT && status / 100 == 2) {
            let through = Some("the protocol was changed");
            return Read::Piece(Piece { ends: true, through, ..Piece::of(len) });
        }
        let is_bare = call.method == Method::HEAD || status == 204 || status == 304;
        self.place = match framing.length {
            _ if is_bare => Place::Head,
            _ if framing.is_chunked => Place::Size,
            _ if framing.is_broken => return Read::Lost("an answer whose length is in doubt"),
            Some(0) if !framing.is_coded_otherwise => Place::Head,
            Some(length) if !framing.is_coded_otherwise => Place::Body(length),
            _ => Place::UntilClose,
        };
        Read::Piece(Piece { ends: self.place == Place::Head, ..Piece::of(len) })
    }
}

fn note(call: &mut HttpCall, status: u16, headers: &[Header<'_>]) {
    call.status = Some(status);
    for header in headers {
        match header.name.len() {
            11 if header.name.eq_ignore_ascii_case("retry-after") => {
                call.retry_after = Some(text(header.value));
            }
            11 if header.name.eq_ignore_ascii_case("grpc-status") => {
                call.grpc_status = text(header.value).parse().ok();
            }
            _ => {}
        }
    }
}

impl AnswersTrait for Answers {
    fn read(&mut self, bytes: &[u8], ask: Option<&mut Ask>) -> Read {
        match self.place {
            Place::Head if bytes.is_empty() => Read::More,
            Place::Head => {
                let call = ask.and_then(|ask| match ask {
                    Ask::Call(call) => match &mut **call {
                        Call::Http(call) => Some(call),
                        _ => None,
                    },
                    _ => None,
                });
                self.head(bytes, call)
            }
            _ => self.place.read(bytes),
        }
    }

    fn may_end(&self) -> bool {
        self.place == Place::UntilClose
    }

    fn own(&self, fault: &Fault, call: &mut Call, is_complete: bool, _is_begun: bool) -> Own {
        let (Fault::HttpAnswer { status, headers, body }, Call::Http(call)) = (fault, call) else {
            return Own::default();
        };
        call.status = Some(*status);
        let closes = !is_complete || call.version == HttpVersion::Http10;
        let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(*status));
        for (name, value) in headers {
            let _in_memory = write!(head, "{name}: {value}\r\n");
        }
        if *status != 204 && *status != 304 {
            let _in_memory = write!(head, "content-length: {}\r\n", body.len());
        }
        if closes {
            head.push_str("connection: close\r\n");
        }
        head.push_str("\r\n");
        let is_bare = call.method == Method::HEAD || *status == 204 || *status == 304;
        if !is_bare {
            head.push_str(body);
        }
        Own { bytes: head.into_bytes(), is_partial: false, closes }
    }
}

/// The phrase of a status (RFC 9110).
fn reason(status: u16) -> &'static str {
    http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Fault")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{Kind, read};

    fn calls(sent: &str, received: &str) -> Vec<(String, Option<u16>)> {
        let (calls, lost) = read(Kind::Http, sent.as_bytes(), received.as_bytes());
        assert_eq!(lost, None);
        let subject = |call: Call| match call {
            Call::Http(call) => (format!("{} {}", call.method, call.path), call.status),
            other => panic!("{other:?}"),
        };
        calls.into_iter().map(subject).collect()
    }

    #[test]
    fn pipelined_requests_of_all_framings_find_their_answers() {
        let sent = "GET /a HTTP/1.1\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhiPOST /c HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nhi\r\n0\r\nt: v\r\n\r\nHEAD /d HTTP/1.1\r\n\r\nGET /e HTTP/1.1\r\n\r\n";
        let received = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n1\r\nx\r\n0\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nxHTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nHTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
        let expected = [
            ("GET /a", 200),
            ("POST /b", 201),
            ("POST /c", 204),
            ("HEAD /d", 200),
            ("GET /e", 304),
        ];
        let expected = expected.map(|(subject, status)| (subject.to_owned(), Some(status)));
        assert_eq!(calls(sent, received), expected);
    }

    #[test]
    fn what_is_in_doubt_is_not_guessed() {
        for sent in [
            "GET /\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
            "POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
            "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
            "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        ] {
            assert!(read(Kind::Http, sent.as_bytes(), b"").1.is_some(), "{sent:?}");
        }
    }

    #[test]
    fn an_upgrade_passes_through_from_its_answer_on() {
        let sent = b"GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n";
        let (calls, lost) = read(Kind::Http, sent, b"HTTP/1.1 101 Switching\r\n\r\nanything");
        assert_eq!((calls.len(), lost), (1, Some("the protocol was changed")));
    }

    #[test]
    fn one_byte_at_a_time_is_read_as_well() {
        let mut requests = Requests::new(&["x-a".to_owned()]);
        let sent = b"POST /c HTTP/1.1\r\nX-A: 1\r\nIdempotency-Key: k\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n";
        let (mut held, mut starts, mut ends, mut body) = (Vec::new(), 0, 0, Vec::new());
        for byte in sent {
            held.push(*byte);
            while let Read::Piece(piece) = requests.read(&held) {
                starts += usize::from(piece.start.is_some());
                ends += usize::from(piece.ends);
                body.extend_from_slice(&held[piece.payload.clone()]);
                held.drain(..piece.len);
            }
        }
        assert_eq!((starts, ends, body.as_slice(), held.len()), (1, 1, b"hi".as_slice(), 0));
    }
}
