//! What readers of a protocol make of bytes: pure, incremental, and never in need of more than a bounded number of them.

use std::ops::Range;

use super::{Call, Fault, Kind, Settings, http1, postgres, redis};

/// Bytes that a reader asks for at most before it can tell anything.
pub(super) const MAX_UNREAD: usize = 64 << 10;

/// What the next bytes are.
#[derive(Debug)]
pub(super) enum Read {
    /// It takes more of them to tell.
    More,
    /// So many of them belong together.
    Piece(Piece),
    /// They are not understood.
    Lost(&'static str),
}

/// Bytes that belong together.
#[derive(Debug, Default)]
pub(super) struct Piece {
    /// How many; at least 1.
    pub(super) len: usize,
    /// They begin a request.
    pub(super) start: Option<Ask>,
    /// They end a request or an answer.
    pub(super) ends: bool,
    /// They are part of no request and no answer.
    pub(super) is_aside: bool,
    /// The client waits for an answer although the request is not at its end.
    pub(super) wants_answer: bool,
    /// Where in them the payload of a body stands.
    pub(super) payload: Range<usize>,
    /// Everything after them is something else.
    pub(super) through: Option<&'static str>,
}

impl Piece {
    pub(super) fn of(len: usize) -> Self {
        Self { len, ..Self::default() }
    }

    pub(super) fn aside(len: usize) -> Self {
        Self { len, is_aside: true, ..Self::default() }
    }
}

/// What a request is.
#[derive(Debug)]
pub(super) enum Ask {
    /// A call, entered into the log.
    Call(Box<Call>),
    /// A wish to encrypt, passed on.
    Encryption,
    /// A wish to encrypt that the proxy declines with these bytes.
    Declined(&'static [u8]),
}

/// Reads what the service says.
pub(super) trait Requests: Send + Sync {
    fn read(&mut self, bytes: &[u8]) -> Read;

    /// A request that fails, for the upstream to end a transaction that the service believes to have failed.
    fn failing(&self, _is_in_transaction: bool) -> Option<Vec<u8>> {
        None
    }
}

/// Reads what the upstream says.
pub(super) trait Answers: Send + Sync {
    /// `ask`: the request that is to be answered next; what the answer tells is entered into it.
    fn read(&mut self, bytes: &[u8], ask: Option<&mut Ask>) -> Read;

    /// Whether the end of the connection is a good end of the answer that is being read.
    fn may_end(&self) -> bool {
        false
    }

    fn is_in_transaction(&self) -> bool {
        false
    }

    /// The proxy's own answer. `is_complete`: the whole request is here; `is_begun`: the beginning was sent when it was not.
    fn own(&self, fault: &Fault, call: &mut Call, is_complete: bool, is_begun: bool) -> Own;
}

/// An answer of the proxy's own.
#[derive(Debug, Default)]
pub(super) struct Own {
    pub(super) bytes: Vec<u8>,
    /// Whether more comes when the request is complete.
    pub(super) is_partial: bool,
    /// Whether the connection is closed after it.
    pub(super) closes: bool,
}

/// The two readers of a connection.
pub(super) fn readers(
    kind: Kind,
    settings: &Settings,
) -> Option<(Box<dyn Requests>, Box<dyn Answers>)> {
    match kind {
        Kind::Http => Some((
            Box::new(http1::Requests::new(&settings.headers)),
            Box::<http1::Answers>::default(),
        )),
        Kind::Postgres => Some((
            Box::new(postgres::Requests::new(settings.encryption)),
            Box::<postgres::Answers>::default(),
        )),
        Kind::Redis => Some((Box::<redis::Requests>::default(), Box::<redis::Answers>::default())),
        Kind::Tcp | Kind::Any => None,
    }
}

/// Reads a whole recording of a connection: what the service said, and what the upstream said. Returns the calls that were answered,
/// and the reason when something was not understood.
pub fn read(kind: Kind, sent: &[u8], received: &[u8]) -> (Vec<Call>, Option<&'static str>) {
    let settings = Settings::new(kind, "");
    let Some((mut requests, mut answers)) = readers(kind, &settings) else {
        return (Vec::new(), None);
    };
    let (mut asks, mut lost) = (std::collections::VecDeque::new(), None);
    each(sent, &mut lost, |bytes| {
        let mut read = requests.read(bytes);
        if let Read::Piece(piece) = &mut read {
            asks.extend(piece.start.take());
        }
        read
    });
    let mut calls = Vec::new();
    each(received, &mut lost, |bytes| {
        let read = answers.read(bytes, asks.front_mut());
        if let Read::Piece(Piece { ends: true, is_aside: false, .. }) = &read
            && let Some(Ask::Call(call)) = asks.pop_front()
        {
            calls.push(*call);
        }
        read
    });
    (calls, lost)
}

fn each(mut bytes: &[u8], lost: &mut Option<&'static str>, mut read: impl FnMut(&[u8]) -> Read) {
    while !bytes.is_empty() && lost.is_none() {
        match read(bytes) {
            Read::More => return,
            Read::Lost(reason) => *lost = Some(reason),
            Read::Piece(piece) => {
                assert!(piece.len > 0 && piece.len <= bytes.len(), "a piece is made of bytes");
                *lost = piece.through;
                bytes = bytes.get(piece.len..).unwrap_or_default();
            }
        }
    }
}

/// What the first bytes from a client look like; `None`: it takes more to tell. HTTP/2 counts as [`Kind::Http`].
pub(super) fn detect(bytes: &[u8]) -> Option<Kind> {
    const METHODS: [&[u8]; 9] = [
        b"GET ",
        b"HEAD ",
        b"POST ",
        b"PUT ",
        b"DELETE ",
        b"PATCH ",
        b"OPTIONS ",
        b"TRACE ",
        b"PRI ",
    ];
    for method in METHODS {
        if bytes.starts_with(method) {
            return Some(Kind::Http);
        }
        if method.starts_with(bytes) {
            return None;
        }
    }
    match bytes {
        [b'*', digit, ..] if digit.is_ascii_digit() => Some(Kind::Redis),
        [0, 0, _, _, rest @ ..] if rest.len() < 4 => None,
        [0, 0, _, _, code @ ..] if postgres::is_startup(code) => Some(Kind::Postgres),
        [b'*' | 0] | [0, 0] | [0, 0, _] => None,
        _ => Some(Kind::Tcp),
    }
}

/// The first line of `bytes` without its end, and its length with it.
pub(super) fn line(bytes: &[u8]) -> Option<(&[u8], usize)> {
    let end = bytes.iter().position(|byte| *byte == b'\n')?;
    let line = bytes.get(..end)?;
    Some((line.strip_suffix(b"\r").unwrap_or(line), end + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn protocols_are_told_by_their_first_bytes() {
        assert_eq!(detect(b"GET / HTTP/1.1"), Some(Kind::Http));
        assert_eq!(detect(b"PRI * HTTP/2.0"), Some(Kind::Http));
        assert_eq!(detect(b"P"), None);
        assert_eq!(detect(b"*1\r\n"), Some(Kind::Redis));
        assert_eq!(detect(&[0, 0, 0, 8, 4, 210, 22, 47]), Some(Kind::Postgres));
        assert_eq!(detect(&[0, 0, 0, 8, 4]), None);
        assert_eq!(detect(&[0, 0, 0, 8, 9, 9, 9, 9]), Some(Kind::Tcp));
        assert_eq!(detect(b"hello"), Some(Kind::Tcp));
    }
}
