//! Reads one answer in HTTP/1.1 from bytes as they come, however they are cut. What it reads is hostile.

use super::judge::{BODY_LIMIT, Judge};

/// The longest head of an answer.
const HEAD_LIMIT: usize = 64 * 1024;

/// The most header lines of an answer.
const HEADER_LINES: usize = 96;

/// The longest line between chunks.
const LINE_LIMIT: usize = 8 * 1024;

/// How far an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Read {
    /// All bytes were taken and more are needed.
    More,
    /// It is complete, and took this many of the bytes.
    Done(usize),
}

/// What came is not HTTP/1.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// One answer on its way in. It is used again for the next one.
#[derive(Debug, Default)]
pub(super) struct Answer {
    state: State,
    /// A head that came in pieces.
    held: Vec<u8>,
    pub(super) has_begun: bool,
    pub(super) status: u16,
    pub(super) keeps_headers: bool,
    pub(super) keeps_alive: bool,
    pub(super) body: Vec<u8>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Head,
    /// So many bytes are left.
    Length(u64),
    UntilClose,
    /// In the line with a chunk's size, after so many bytes of it.
    Size {
        size: u64,
        digits: u8,
        is_extension: bool,
        length: usize,
    },
    /// In a chunk, with so many bytes left.
    Chunk(u64),
    /// At the line end after a chunk.
    ChunkEnd,
    /// In the trailer, in a line of so far so many bytes, after so many in all.
    Trailer {
        line: usize,
        length: usize,
    },
    Done,
}

const SIZE: State = State::Size { size: 0, digits: 0, is_extension: false, length: 0 };

impl Answer {
    /// Makes it ready for the next answer.
    pub(super) fn reset(&mut self) {
        self.state = State::Head;
        self.held.clear();
        self.has_begun = false;
        self.status = 0;
        self.keeps_headers = true;
        self.keeps_alive = true;
        self.body.clear();
        if self.body.capacity() > BODY_LIMIT / 16 {
            self.body = Vec::new();
        }
    }

    /// Takes the next bytes. `keeps_body` says whether the body is to be kept.
    pub(super) fn feed(
        &mut self,
        input: &[u8],
        judge: &Judge,
        keeps_body: bool,
    ) -> Result<Read, Malformed> {
        self.has_begun |= !input.is_empty();
        let mut taken = 0;
        while self.state == State::Head {
            let Some(rest) = input.get(taken..).filter(|rest| !rest.is_empty()) else {
                return Ok(Read::More);
            };
            let Some(head) = self.feed_head(rest, judge)? else { return Ok(Read::More) };
            taken += head;
        }
        self.feed_body(input, taken, keeps_body)
    }

    /// Whether the end of the connection completes the answer.
    pub(super) fn ends_with_connection(&self) -> bool {
        self.state == State::UntilClose
    }

    /// Reads a head; returns how many bytes of the input it took, or nothing if it is not complete.
    fn feed_head(&mut self, input: &[u8], judge: &Judge) -> Result<Option<usize>, Malformed> {
        if self.held.is_empty() {
            let head = self.parse_head(input, judge)?;
            if head.is_none() {
                self.held.extend_from_slice(input);
            }
            return Ok(head);
        }
        let before = self.held.len();
        self.held.extend_from_slice(input);
        if self.held.len() > HEAD_LIMIT + input.len() {
            return Err(Malformed);
        }
        // A head that comes byte by byte is looked at only where it may end.
        let from = before.saturating_sub(3);
        let may_end = self.held.get(from..).is_some_and(|new| memchr::memchr(b'\n', new).is_some());
        if !may_end {
            return Ok(None);
        }
        let bytes = std::mem::take(&mut self.held);
        match self.parse_head(&bytes, judge)? {
            Some(length) => Ok(Some(length.saturating_sub(before))),
            None if bytes.len() > HEAD_LIMIT => Err(Malformed),
            None => {
                self.held = bytes;
                Ok(None)
            }
        }
    }

    fn parse_head(&mut self, bytes: &[u8], judge: &Judge) -> Result<Option<usize>, Malformed> {
        let mut headers = [httparse::EMPTY_HEADER; HEADER_LINES];
        let mut head = httparse::Response::new(&mut headers);
        let httparse::Status::Complete(length) = head.parse(bytes).map_err(|_| Malformed)? else {
            return Ok(None);
        };
        let status = head.code.ok_or(Malformed)?;
        if status == 101 {
            return Err(Malformed);
        }
        if status < 200 {
            return Ok(Some(length));
        }
        let framing = Framing::of(head.headers)?;
        self.status = status;
        self.keeps_alive = framing.keeps_alive.unwrap_or(head.version == Some(1));
        if judge.wants_headers() {
            let headers: Vec<_> =
                head.headers.iter().map(|header| (header.name, header.value)).collect();
            self.keeps_headers = judge.keeps_headers(&headers);
        }
        self.state = if judge.is_head() || status == 204 || status == 304 {
            State::Done
        } else if framing.is_chunked {
            self.keeps_alive &= framing.length.is_none();
            SIZE
        } else if let Some(length) = framing.length {
            State::Length(length)
        } else {
            State::UntilClose
        };
        if self.state == State::UntilClose {
            self.keeps_alive = false;
        }
        Ok(Some(length))
    }

    fn feed_body(
        &mut self,
        input: &[u8],
        mut taken: usize,
        keeps_body: bool,
    ) -> Result<Read, Malformed> {
        loop {
            let rest = input.get(taken..).unwrap_or(&[]);
            match self.state {
                State::Done | State::Length(0) => return Ok(Read::Done(taken)),
                _ if rest.is_empty() => return Ok(Read::More),
                State::Head => return Err(Malformed),
                State::Length(left) => {
                    let part = self.take(rest, left, keeps_body);
                    self.state = State::Length(left - part);
                    taken += length(part);
                }
                State::Chunk(left) => {
                    let part = self.take(rest, left, keeps_body);
                    let is_over = part == left;
                    self.state = if is_over { State::ChunkEnd } else { State::Chunk(left - part) };
                    taken += length(part);
                }
                State::UntilClose => {
                    self.take(rest, u64::MAX, keeps_body);
                    return Ok(Read::More);
                }
                State::Size { .. } | State::ChunkEnd | State::Trailer { .. } => {
                    let Some(byte) = rest.first() else { return Ok(Read::More) };
                    self.state = between(self.state, *byte)?;
                    taken += 1;
                }
            }
        }
    }

    /// Takes at most `left` bytes of body, and keeps them if they are wanted and not too many.
    fn take(&mut self, rest: &[u8], left: u64, keeps_body: bool) -> u64 {
        let available = u64::try_from(rest.len()).unwrap_or(u64::MAX);
        let part = left.min(available);
        if keeps_body {
            let room = BODY_LIMIT.saturating_sub(self.body.len()).min(length(part));
            self.body.extend_from_slice(rest.get(..room).unwrap_or(&[]));
        }
        part
    }
}

/// A length that is known to be at most that of a slice.
fn length(part: u64) -> usize {
    usize::try_from(part).unwrap_or(usize::MAX)
}

/// The state after one byte between chunks.
fn between(state: State, byte: u8) -> Result<State, Malformed> {
    match state {
        State::ChunkEnd => match byte {
            b'\r' => Ok(State::ChunkEnd),
            b'\n' => Ok(SIZE),
            _ => Err(Malformed),
        },
        State::Size { length, .. } | State::Trailer { length, .. } if length > LINE_LIMIT => {
            Err(Malformed)
        }
        State::Size { size, digits, is_extension, length } => {
            let length = length + 1;
            match byte {
                b'\n' if digits == 0 => Err(Malformed),
                b'\n' if size == 0 => Ok(State::Trailer { line: 0, length: 0 }),
                b'\n' => Ok(State::Chunk(size)),
                b'\r' => Ok(State::Size { size, digits, is_extension, length }),
                b';' | b' ' | b'\t' => Ok(State::Size { size, digits, is_extension: true, length }),
                _ if is_extension => Ok(State::Size { size, digits, is_extension, length }),
                _ if digits >= 15 => Err(Malformed),
                _ => {
                    let digit = char::from(byte).to_digit(16).ok_or(Malformed)?;
                    let size = size * 16 + u64::from(digit);
                    Ok(State::Size { size, digits: digits + 1, is_extension, length })
                }
            }
        }
        State::Trailer { line, length } => match byte {
            b'\n' if line == 0 => Ok(State::Done),
            b'\n' => Ok(State::Trailer { line: 0, length: length + 1 }),
            b'\r' => Ok(State::Trailer { line, length: length + 1 }),
            _ => Ok(State::Trailer { line: line + 1, length: length + 1 }),
        },
        _ => Err(Malformed),
    }
}

/// What headers say about where the answer ends.
#[derive(Default)]
struct Framing {
    length: Option<u64>,
    is_chunked: bool,
    keeps_alive: Option<bool>,
}

impl Framing {
    fn of(headers: &[httparse::Header]) -> Result<Self, Malformed> {
        let mut framing = Self::default();
        for header in headers {
            // The lengths of the three names that matter: most headers are passed by.
            match header.name.len() {
                14 if header.name.eq_ignore_ascii_case("content-length") => {
                    framing.content_length(header.value)?;
                }
                17 if header.name.eq_ignore_ascii_case("transfer-encoding") => {
                    let coding = header.value.rsplit(|byte| *byte == b',').next().unwrap_or(b"");
                    framing.is_chunked = coding.trim_ascii().eq_ignore_ascii_case(b"chunked");
                }
                10 if header.name.eq_ignore_ascii_case("connection") => {
                    for option in header.value.split(|byte| *byte == b',') {
                        let option = option.trim_ascii();
                        if option.eq_ignore_ascii_case(b"close") {
                            framing.keeps_alive = Some(false);
                        } else if option.eq_ignore_ascii_case(b"keep-alive") {
                            framing.keeps_alive.get_or_insert(true);
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(framing)
    }

    /// Several equal lengths are one, as RFC 9110 section 8.6 allows; different ones are an attack or a defect.
    fn content_length(&mut self, value: &[u8]) -> Result<(), Malformed> {
        for part in value.split(|byte| *byte == b',') {
            let part = std::str::from_utf8(part.trim_ascii()).map_err(|_| Malformed)?;
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Malformed);
            }
            let length = part.parse().map_err(|_| Malformed)?;
            if self.length.is_some_and(|known| known != length) {
                return Err(Malformed);
            }
            self.length = Some(length);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::service::Journey;

    fn judge(method: &str) -> Judge {
        let mut journey = Journey::default();
        journey.request.method = method.to_owned();
        Judge::new(&journey).unwrap()
    }

    /// Feeds the bytes in pieces of the given length, and tells how much of them the answer took.
    fn read(
        bytes: &[u8],
        piece: usize,
        judge: &Judge,
    ) -> (Answer, Result<Option<usize>, Malformed>) {
        let mut answer = Answer::default();
        answer.reset();
        let mut before = 0;
        for part in bytes.chunks(piece) {
            match answer.feed(part, judge, true) {
                Ok(Read::More) => before += part.len(),
                Ok(Read::Done(taken)) => return (answer, Ok(Some(before + taken))),
                Err(malformed) => return (answer, Err(malformed)),
            }
        }
        (answer, Ok(None))
    }

    const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-T: 1\r\n\r\n";

    #[test]
    fn an_answer_reads_the_same_however_it_is_cut() {
        for bytes in [
            CHUNKED,
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 11\r\n\r\nhello world",
            b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 11, 11\r\n\r\nhello world",
        ] {
            for piece in 1..=bytes.len() {
                let (answer, taken) = read(bytes, piece, &judge("GET"));
                assert_eq!(taken, Ok(Some(bytes.len())), "pieces of {piece}");
                assert_eq!(answer.body, b"hello world", "pieces of {piece}");
                assert!(answer.keeps_alive);
            }
        }
    }

    #[test]
    fn answers_without_a_body_end_with_their_head() {
        for (method, status) in
            [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")]
        {
            let text = format!("HTTP/1.1 {status}\r\ncontent-length: 10\r\n\r\n");
            let (_, taken) = read(text.as_bytes(), 7, &judge(method));
            assert_eq!(taken, Ok(Some(text.len())), "{method} {status}");
        }
    }

    #[test]
    fn an_answer_without_a_length_ends_with_the_connection() {
        let (answer, taken) = read(b"HTTP/1.0 200 OK\r\n\r\nhello", 9, &judge("GET"));
        assert_eq!(taken, Ok(None));
        assert!(answer.ends_with_connection() && !answer.keeps_alive);
        assert_eq!(answer.body, b"hello");
    }

    #[test]
    fn the_service_says_whether_the_connection_stays() {
        for (head, keeps_alive) in [
            ("HTTP/1.1 200 OK\r\n", true),
            ("HTTP/1.0 200 OK\r\n", false),
            ("HTTP/1.0 200 OK\r\nConnection: keep-alive\r\n", true),
            ("HTTP/1.1 200 OK\r\nConnection: upgrade, Close\r\n", false),
        ] {
            let text = format!("{head}content-length: 0\r\n\r\n");
            let (answer, taken) = read(text.as_bytes(), 64, &judge("GET"));
            assert_eq!((answer.keeps_alive, taken), (keeps_alive, Ok(Some(text.len()))), "{head}");
        }
    }

    #[test]
    fn what_is_not_http_is_malformed() {
        let endless = [b"HTTP/1.1 200 OK\r\nx: ".to_vec(), vec![b'a'; 200_000]].concat();
        for bytes in [
            &b"hello\r\n\r\n"[..],
            b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nabc\r\n",
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n",
            b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
            &endless,
        ] {
            let (_, taken) = read(bytes, 1000, &judge("GET"));
            assert_eq!(taken, Err(Malformed), "{:?}", bytes.get(..60));
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic_or_take_more_than_there_is(
            bytes in proptest::collection::vec(any::<u8>(), 0..400),
            piece in 1..50_usize,
            start in 0..CHUNKED.len(),
        ) {
            let mut mixed = CHUNKED.get(..start).unwrap_or(&[]).to_vec();
            mixed.extend_from_slice(&bytes);
            let (_, taken) = read(&mixed, piece, &judge("GET"));
            if let Ok(Some(taken)) = taken {
                prop_assert!(taken <= mixed.len());
            }
        }
    }
}
