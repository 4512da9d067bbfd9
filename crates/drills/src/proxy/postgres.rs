//! The protocol of `PostgreSQL`, version 3: what a client asks up to where it waits, and the answer up to `ReadyForQuery`.

use std::collections::HashMap;

use super::read::{
    Answers as AnswersTrait, Ask, MAX_UNREAD, Own, Piece, Read, Requests as RequestsTrait,
};
use super::rules::ends_session;
use super::statement::normalise;
use super::{Call, Encryption, Fault, Statement};

const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
/// Bytes of a message that are read at most to understand it.
const MAX_MESSAGE: usize = 16 << 10;
/// Prepared statements of a connection that are remembered.
const MAX_PREPARED: usize = 2_000;

/// Whether these bytes, which follow the length, begin a connection.
pub(super) fn is_startup(code: &[u8]) -> bool {
    matches!(number(code), Some(0x3_0000..=0x3_00ff | CANCEL | SSL | GSS))
}

fn number(bytes: &[u8]) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(..4)?.try_into().ok()?))
}

/// One message, as far as it is here.
struct Message<'a> {
    kind: u8,
    body: &'a [u8],
    /// Bytes of it that are here, with its head.
    here: usize,
    /// Bytes of it that are not.
    left: u64,
}

/// The message at the beginning; `None`: it takes more bytes. Bodies of `wanted` kinds are waited for, up to a limit.
fn message<'a>(bytes: &'a [u8], wanted: &[u8]) -> Result<Option<Message<'a>>, &'static str> {
    let (Some(kind), Some(len)) = (bytes.first(), number(bytes.get(1..).unwrap_or_default()))
    else {
        return Ok(None);
    };
    if !kind.is_ascii_alphanumeric() || !(4..=1 << 30).contains(&len) {
        return Err("no message of PostgreSQL");
    }
    let whole = usize::try_from(len).unwrap_or(usize::MAX).saturating_add(1);
    let here = bytes.len().min(whole);
    if here < whole && wanted.contains(kind) && here < MAX_MESSAGE {
        return Ok(None);
    }
    let body = bytes.get(5..here).unwrap_or_default();
    Ok(Some(Message { kind: *kind, body, here, left: as_u64(whole - here) }))
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

/// The text up to the next zero byte, and what follows.
fn string(bytes: &[u8]) -> (String, &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    let text = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default()).into_owned();
    (text, bytes.get(end + 1..).unwrap_or_default())
}

/// Reads what a client says.
#[derive(Debug)]
pub(super) struct Requests {
    encryption: Encryption,
    is_started: bool,
    /// Whether a client's extended queries wait for their Sync.
    is_open: bool,
    /// Whether a client has copied rows in since its last request; the Sync after them may be the second for the same answer.
    has_copied: bool,
    /// Bytes left of a message, and whether its end ends the request.
    left: Option<(u64, bool)>,
    prepared: HashMap<String, String>,
}

impl Requests {
    pub(super) fn new(encryption: Encryption) -> Self {
        Self {
            encryption,
            is_started: false,
            is_open: false,
            has_copied: false,
            left: None,
            prepared: HashMap::new(),
        }
    }

    fn startup(&mut self, bytes: &[u8]) -> Read {
        let (Some(len), Some(code)) = (number(bytes), number(bytes.get(4..).unwrap_or_default()))
        else {
            return Read::More;
        };
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        if !(8..=MAX_MESSAGE).contains(&len) || !is_startup(&code.to_be_bytes()) {
            return Read::Lost("no connection of PostgreSQL");
        }
        let Some(body) = bytes.get(8..len) else { return Read::More };
        let start = match code {
            CANCEL => return Read::Lost("a wish to cancel"),
            SSL | GSS if self.encryption == Encryption::Decline => Ask::Declined(b"N"),
            SSL | GSS => Ask::Encryption,
            _ => {
                self.is_started = true;
                match connect(body) {
                    Some(call) => Ask::Call(Box::new(call)),
                    None => return Read::Lost("a connection for replication"),
                }
            }
        };
        Read::Piece(Piece { start: Some(start), ends: true, ..Piece::of(len) })
    }

    fn message(&mut self, bytes: &[u8]) -> Read {
        let message = match message(bytes, b"QPB") {
            Ok(Some(message)) => message,
            Ok(None) if bytes.len() < MAX_UNREAD => return Read::More,
            Ok(None) => return Read::Lost("a message that is too long"),
            Err(reason) => return Read::Lost(reason),
        };
        let ends = matches!(message.kind, b'Q' | b'S' | b'F');
        let text = self.text(&message);
        // Passwords, rows to copy and the end are answered by nothing of their own.
        let is_copying = matches!(message.kind, b'd' | b'c' | b'f');
        // libpq says Sync with the statement, which the server ignores as long as it takes rows, and again after them.
        let is_again = message.kind == b'S' && self.has_copied && !self.is_open;
        let is_aside = is_copying || is_again || matches!(message.kind, b'p' | b'X');
        self.has_copied = is_copying;
        let mut piece = Piece { is_aside, ..Piece::of(message.here) };
        if !is_aside && !self.is_open {
            let statement = Statement { text, ..Statement::default() };
            piece.start = Some(Ask::Call(Box::new(Call::Statement(statement))));
        }
        if !is_aside {
            self.is_open = !ends;
        }
        piece.wants_answer = message.kind == b'H';
        piece.ends = ends && message.left == 0;
        if message.left > 0 {
            self.left = Some((message.left, ends));
        }
        Read::Piece(piece)
    }

    /// The text of a statement, also of one that was prepared earlier.
    fn text(&mut self, message: &Message<'_>) -> String {
        match message.kind {
            b'Q' => normalise(&string(message.body).0),
            b'P' => {
                let (name, rest) = string(message.body);
                let text = normalise(&string(rest).0);
                if self.prepared.len() >= MAX_PREPARED {
                    self.prepared.clear();
                }
                self.prepared.insert(name, text.clone());
                text
            }
            b'B' => {
                let (_portal, rest) = string(message.body);
                self.prepared.get(&string(rest).0).cloned().unwrap_or_default()
            }
            _ => String::new(),
        }
    }
}

/// What a client says of itself; `None` when it wants to replicate.
fn connect(body: &[u8]) -> Option<Call> {
    let (mut user, mut database) = (String::new(), String::new());
    let mut rest = body;
    while rest.first().is_some_and(|byte| *byte != 0) {
        let (name, after) = string(rest);
        let (value, after) = string(after);
        rest = after;
        match name.as_str() {
            "user" => user = value,
            "database" => database = value,
            "replication" if value != "false" && value != "off" => return None,
            _ => {}
        }
    }
    if database.is_empty() {
        database.clone_from(&user);
    }
    Some(Call::Connect { user, database, sqlstate: None })
}

impl RequestsTrait for Requests {
    fn read(&mut self, bytes: &[u8]) -> Read {
        if bytes.is_empty() {
            return Read::More;
        }
        if let Some((left, ends)) = self.left.take() {
            let len = usize::try_from(left).map_or(bytes.len(), |left| bytes.len().min(left));
            let left = left - as_u64(len);
            if left > 0 {
                self.left = Some((left, ends));
            }
            return Read::Piece(Piece { ends: ends && left == 0, ..Piece::of(len) });
        }
        if self.is_started { self.message(bytes) } else { self.startup(bytes) }
    }

    fn failing(&self, is_in_transaction: bool) -> Option<Vec<u8>> {
        is_in_transaction.then(|| {
            framed(b'Q', b"this statement fails because the proxy of a drill wants it to\0")
        })
    }
}

/// A message of this kind.
fn framed(kind: u8, body: &[u8]) -> Vec<u8> {
    let len = u32::try_from(body.len() + 4).unwrap_or(u32::MAX);
    let mut message = vec![kind];
    message.extend_from_slice(&len.to_be_bytes());
    message.extend_from_slice(body);
    message
}

/// Reads what the server says.
#[derive(Debug)]
pub(super) struct Answers {
    left: u64,
    /// `I`: no transaction, `T`: one is open, `E`: it failed.
    status: u8,
}

impl Default for Answers {
    fn default() -> Self {
        Self { left: 0, status: b'I' }
    }
}

impl Answers {
    fn message(&mut self, bytes: &[u8], ask: Option<&mut Ask>) -> Read {
        let message = match message(bytes, b"EZ") {
            Ok(Some(message)) => message,
            Ok(None) if bytes.len() < MAX_UNREAD => return Read::More,
            Ok(None) => return Read::Lost("a message that is too long"),
            Err(reason) => return Read::Lost(reason),
        };
        if message.kind == b'W' {
            return Read::Lost("copying in both directions");
        }
        self.left = message.left;
        let mut piece = Piece::of(message.here);
        let Some(ask) = ask else {
            piece.is_aside = true;
            return Read::Piece(piece);
        };
        if message.kind == b'Z' {
            self.status = message.body.first().copied().unwrap_or(b'I');
            piece.ends = true;
        }
        if let Ask::Call(call) = ask {
            piece.ends |= note(call, &message);
        }
        Read::Piece(piece)
    }
}

/// Enters what a message tells; whether it ends the answer by itself.
fn note(call: &mut Call, message: &Message<'_>) -> bool {
    match (call, message.kind) {
        (Call::Statement(statement), b'D') => statement.rows += 1,
        (Call::Statement(statement), b'C' | b'I') => statement.statements += 1,
        (Call::Statement(statement), b'E') => {
            statement.statements += 1;
            statement.sqlstate = sqlstate(message.body);
        }
        (Call::Connect { sqlstate: state, .. }, b'E') => {
            *state = sqlstate(message.body);
            return true;
        }
        _ => {}
    }
    false
}

/// The field `C` of an error.
fn sqlstate(mut body: &[u8]) -> Option<String> {
    while let Some((field, rest)) = body.split_first() {
        if *field == 0 {
            return None;
        }
        let (value, after) = string(rest);
        if *field == b'C' {
            return Some(value);
        }
        body = after;
    }
    None
}

impl AnswersTrait for Answers {
    fn read(&mut self, bytes: &[u8], ask: Option<&mut Ask>) -> Read {
        if bytes.is_empty() {
            return Read::More;
        }
        if self.left > 0 {
            let len = usize::try_from(self.left).map_or(bytes.len(), |left| bytes.len().min(left));
            self.left -= as_u64(len);
            return Read::Piece(Piece::of(len));
        }
        if let Some(Ask::Encryption) = &ask {
            return match bytes.first() {
                Some(b'N') => Read::Piece(Piece { ends: true, ..Piece::of(1) }),
                Some(b'S' | b'G') => {
                    let through = Some("the connection is encrypted");
                    Read::Piece(Piece { ends: true, through, ..Piece::of(1) })
                }
                _ => Read::Lost("no answer to a wish to encrypt"),
            };
        }
        self.message(bytes, ask)
    }

    fn is_in_transaction(&self) -> bool {
        self.status == b'T'
    }

    fn own(&self, fault: &Fault, call: &mut Call, is_complete: bool, is_begun: bool) -> Own {
        let Fault::PostgresError { sqlstate, message } = fault else { return Own::default() };
        let closes = ends_session(sqlstate);
        let mut bytes = Vec::new();
        if !is_begun {
            let severity = if closes { "FATAL" } else { "ERROR" };
            let fields = format!("S{severity}\0V{severity}\0C{sqlstate}\0M{message}\0\0");
            bytes = framed(b'E', fields.as_bytes());
        }
        match call {
            Call::Statement(statement) => statement.sqlstate = Some(sqlstate.clone()),
            Call::Connect { sqlstate: state, .. } => *state = Some(sqlstate.clone()),
            _ => {}
        }
        if is_complete && !closes {
            let status = if self.status == b'I' { b'I' } else { b'E' };
            bytes.extend(framed(b'Z', &[status]));
        }
        Own { bytes, is_partial: !is_complete && !closes, closes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{Kind, read};

    fn startup() -> Vec<u8> {
        let body = b"\0\x03\0\0user\0app\0database\0orders\0\0";
        let mut message = u32::try_from(body.len() + 4).unwrap().to_be_bytes().to_vec();
        message.extend_from_slice(body);
        message
    }

    #[test]
    fn simple_and_extended_queries_are_counted_with_their_rows_and_errors() {
        let mut sent = vec![0, 0, 0, 8, 4, 210, 22, 47];
        sent.extend(startup());
        sent.extend(framed(b'p', b"secret\0"));
        sent.extend(framed(b'Q', b"SELECT 'x' FROM a\0"));
        sent.extend(framed(b'P', b"s1\0select * from b where c = $1\0\0\0"));
        sent.extend(framed(b'B', b"\0s1\0\0\0\0\0\0\0"));
        sent.extend([framed(b'E', b"\0\0\0\0\0"), framed(b'S', b"")].concat());
        sent.extend(framed(b'B', b"\0s1\0\0\0\0\0\0\0"));
        sent.extend([framed(b'E', b"\0\0\0\0\0"), framed(b'S', b"")].concat());
        let ready = framed(b'Z', b"I");
        let mut received = b"N".to_vec();
        received.extend([framed(b'R', b"\0\0\0\0"), ready.clone()].concat());
        let row = framed(b'D', b"\0\x01\0\0\0\x01x");
        received.extend(
            [row.clone(), row.clone(), framed(b'C', b"SELECT 2\0"), ready.clone()].concat(),
        );
        received.extend(
            [framed(b'1', b""), framed(b'2', b""), row, framed(b'C', b"SELECT 1\0")].concat(),
        );
        received.extend(framed(b'N', b"SNOTICE\0\0"));
        received.extend(ready.clone());
        received.extend([framed(b'E', b"SERROR\0C23505\0Mtwice\0\0"), ready].concat());
        let (calls, lost) = read(Kind::Postgres, &sent, &received);
        assert_eq!(lost, None);
        assert_eq!(calls[0].subject(), "connect app@orders");
        let text = "select * from b where c = $1";
        let statement = |text: &str, rows, sqlstate: Option<&str>| {
            let (text, sqlstate) = (text.to_owned(), sqlstate.map(str::to_owned));
            Call::Statement(Statement { text, statements: 1, rows, sqlstate })
        };
        assert_eq!(calls[1], statement("SELECT ? FROM a", 2, None));
        assert_eq!(calls[2], statement(text, 1, None));
        assert_eq!(calls[3], statement(text, 0, Some("23505")));
    }

    #[test]
    fn rows_that_are_copied_in_belong_to_their_statement_however_often_the_client_says_sync() {
        let rows = [framed(b'd', b"1\n"), framed(b'd', b"2\n"), framed(b'c', b"")].concat();
        let sync = framed(b'S', b"");
        let mut sent = startup();
        sent.extend([framed(b'Q', b"copy a from stdin\0"), rows.clone()].concat());
        sent.extend(framed(b'P', b"\0copy b from stdin\0\0\0"));
        sent.extend([framed(b'B', &[0; 8]), framed(b'E', &[0; 5]), sync.clone()].concat());
        sent.extend([rows.clone(), sync.clone()].concat());
        sent.extend(framed(b'P', b"\0copy c from stdin\0\0\0"));
        sent.extend([framed(b'B', &[0; 8]), framed(b'E', &[0; 5]), rows, sync].concat());
        sent.extend(framed(b'Q', b"select d\0"));
        let ready = framed(b'Z', b"I");
        let mut received = [framed(b'R', &[0; 4]), ready.clone()].concat();
        for _ in 0..3 {
            received.extend([framed(b'G', &[0; 3]), framed(b'C', b"COPY 2\0")].concat());
            received.extend(ready.clone());
        }
        received.extend([framed(b'D', &[0, 0]), framed(b'C', b"SELECT 1\0"), ready].concat());
        let (calls, lost) = read(Kind::Postgres, &sent, &received);
        let subjects: Vec<String> = calls.iter().skip(1).map(Call::subject).collect();
        let copied = |table: &str| format!("copy {table} from stdin");
        let expected = [copied("a"), copied("b"), copied("c"), "select d".to_owned()];
        assert_eq!((subjects.as_slice(), lost), (expected.as_slice(), None));
        assert!(matches!(&calls[4], Call::Statement(Statement { rows: 1, .. })), "{calls:?}");
    }

    #[test]
    fn an_encrypted_connection_passes_through() {
        let ssl = [0, 0, 0, 8, 4, 210, 22, 47];
        assert_eq!(read(Kind::Postgres, &ssl, b"S\x16\x03").1, Some("the connection is encrypted"));
        assert!(read(Kind::Postgres, b"GET / HTTP/1.1\r\n\r\n", b"").1.is_some());
    }
}
