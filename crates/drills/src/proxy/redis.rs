//! The protocol of Redis: commands (RESP and inline) and answers (RESP2 and RESP3).

use super::read::{
    Answers as AnswersTrait, Ask, MAX_UNREAD, Own, Piece, Read, Requests as RequestsTrait, line,
};
use super::{Call, Command, Fault};

/// Arguments that a command may have (the server's own limit).
const MAX_ARGUMENTS: u64 = 1 << 20;
/// Bytes of the first argument that are kept.
const MAX_KEY: usize = 200;
/// Commands after which answers are no longer one for each command.
const STREAMS: [&str; 6] = ["SUBSCRIBE", "PSUBSCRIBE", "SSUBSCRIBE", "MONITOR", "SYNC", "PSYNC"];

/// Reads commands.
#[derive(Debug, Default)]
pub(super) struct Requests {
    /// Bytes and arguments left of a command that is too long to be held.
    rest: Option<(u64, u64)>,
    is_in_transaction: bool,
}

/// One argument: its bytes as far as they are here, and how long it is with its line end and its length.
struct Argument<'a> {
    bytes: &'a [u8],
    whole: u64,
}

impl Requests {
    fn command(&mut self, bytes: &[u8]) -> Read {
        let Some((first, mut at)) = line(bytes) else { return more_or_lost(bytes) };
        let Some(digits) = first.strip_prefix(b"*") else { return inline(first, at) };
        let Some(count) = number(digits) else { return Read::Lost("no Redis command") };
        if count <= 0 {
            return Read::Piece(Piece::aside(at));
        }
        let count = count.unsigned_abs();
        if count > MAX_ARGUMENTS {
            return Read::Lost("a Redis command with too many arguments");
        }
        let mut command = Command::default();
        for index in 0..count {
            match argument(bytes.get(at..).unwrap_or_default()) {
                Ok(Some(argument)) => {
                    let here = bytes.len() - at;
                    let is_whole = usize::try_from(argument.whole).is_ok_and(|len| len <= here);
                    if !is_whole && bytes.len() < MAX_UNREAD {
                        return Read::More;
                    }
                    note(&mut command, index, argument.bytes);
                    if !is_whole {
                        let left = argument.whole.saturating_sub(as_u64(here));
                        self.rest = Some((left, count - index - 1));
                        return self.start(command, count, bytes.len(), false);
                    }
                    at += usize::try_from(argument.whole).unwrap_or(0);
                }
                Ok(None) if bytes.len() < MAX_UNREAD => return Read::More,
                Ok(None) if index == 0 => return Read::Lost("a Redis command without a name"),
                Ok(None) => {
                    self.rest = Some((0, count - index));
                    return self.start(command, count, at, false);
                }
                Err(reason) => return Read::Lost(reason),
            }
        }
        self.start(command, count, at, true)
    }

    fn start(&mut self, mut command: Command, count: u64, len: usize, ends: bool) -> Read {
        command.arguments = u32::try_from(count - 1).unwrap_or(u32::MAX);
        let is_reply = command.name == "CLIENT"
            && command.key.as_deref().is_some_and(|key| key.eq_ignore_ascii_case("REPLY"));
        if is_reply || STREAMS.contains(&command.name.as_str()) {
            return Read::Lost("answers that are not one for each command");
        }
        match command.name.as_str() {
            "MULTI" => self.is_in_transaction = true,
            "EXEC" | "DISCARD" | "RESET" => self.is_in_transaction = false,
            _ => {}
        }
        let start = Some(Ask::Call(Box::new(Call::Command(command))));
        Read::Piece(Piece { start, ends, ..Piece::of(len) })
    }

    /// Reads on in a command that is too long to be held.
    fn rest(&mut self, bytes: &[u8], left: u64, arguments: u64) -> Read {
        let (len, left, arguments) = if left > 0 {
            let len = usize::try_from(left).map_or(bytes.len(), |left| bytes.len().min(left));
            (len, left - as_u64(len), arguments)
        } else {
            match argument(bytes) {
                Ok(Some(argument)) => {
                    let len = usize::try_from(argument.whole)
                        .map_or(bytes.len(), |whole| bytes.len().min(whole));
                    (len, argument.whole - as_u64(len), arguments.saturating_sub(1))
                }
                Ok(None) => return more_or_lost(bytes),
                Err(reason) => return Read::Lost(reason),
            }
        };
        let ends = left == 0 && arguments == 0;
        self.rest = if ends { None } else { Some((left, arguments)) };
        Read::Piece(Piece { ends, ..Piece::of(len) })
    }
}

fn as_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

fn more_or_lost(bytes: &[u8]) -> Read {
    if bytes.len() < MAX_UNREAD { Read::More } else { Read::Lost("a line without end") }
}

/// A number as the protocol writes it.
fn number(digits: &[u8]) -> Option<i64> {
    if digits.is_empty() || digits.len() > 19 {
        return None;
    }
    std::str::from_utf8(digits).ok()?.parse().ok()
}

/// The bulk string at the beginning of `bytes`; `None` when not even its length is here.
fn argument(bytes: &[u8]) -> Result<Option<Argument<'_>>, &'static str> {
    let Some((first, at)) = line(bytes) else { return Ok(None) };
    let len = first.strip_prefix(b"$").and_then(number);
    let Some(len) = len.and_then(|len| u64::try_from(len).ok()) else {
        return Err("a Redis command with an argument that is no bulk string");
    };
    let rest = bytes.get(at..).unwrap_or_default();
    let here = usize::try_from(len).map_or(rest.len(), |len| rest.len().min(len));
    Ok(Some(Argument {
        bytes: rest.get(..here).unwrap_or_default(),
        whole: len.saturating_add(as_u64(at) + 2),
    }))
}

fn inline(text: &[u8], len: usize) -> Read {
    let mut words = text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
    let mut command = Command::default();
    let mut index = 0;
    for word in words.by_ref() {
        note(&mut command, index, word);
        index += 1;
    }
    if index == 0 {
        return Read::Piece(Piece::aside(len));
    }
    if !command.name.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Read::Lost("no Redis command");
    }
    Requests::default().start(command, index, len, true)
}

fn note(command: &mut Command, index: u64, bytes: &[u8]) {
    let bytes = bytes.get(..MAX_KEY).unwrap_or(bytes);
    match index {
        0 => command.name = String::from_utf8_lossy(bytes).to_ascii_uppercase(),
        1 => command.key = Some(String::from_utf8_lossy(bytes).into_owned()),
        _ => {}
    }
}

impl RequestsTrait for Requests {
    fn read(&mut self, bytes: &[u8]) -> Read {
        match self.rest {
            _ if bytes.is_empty() => Read::More,
            Some((left, arguments)) => self.rest(bytes, left, arguments),
            None => self.command(bytes),
        }
    }

    fn failing(&self, _is_in_transaction: bool) -> Option<Vec<u8>> {
        // A command that is not known makes EXEC refuse the transaction.
        self.is_in_transaction.then(|| b"*1\r\n$6\r\nGONOGO\r\n".to_vec())
    }
}

/// Reads answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// Values left of the answer that is being read.
    values: u64,
    /// Bytes left of a bulk string, its line end included.
    bytes: u64,
    /// Whether it is a push, which answers nothing.
    is_push: bool,
}

impl Answers {
    fn value(&mut self, bytes: &[u8], command: Option<&mut Command>) -> Read {
        let Some((first, len)) = line(bytes) else { return more_or_lost(bytes) };
        let is_first = self.values == 0;
        if is_first {
            self.values = 1;
            self.is_push = false;
        }
        let Some((kind, rest)) = first.split_first() else { return Read::Lost("no Redis answer") };
        match kind {
            b'+' | b':' | b'_' | b',' | b'#' | b'(' => self.values -= 1,
            b'-' => {
                self.values -= 1;
                if let (true, Some(command)) = (is_first, command) {
                    command.error = Some(String::from_utf8_lossy(rest).into_owned());
                }
            }
            b'$' | b'=' | b'!' => match number(rest) {
                Some(-1) => self.values -= 1,
                Some(len) if len >= 0 => {
                    if let (true, b'!', Some(command)) = (is_first, kind, command) {
                        command.error = Some("an error of several lines".to_owned());
                    }
                    self.values -= 1;
                    self.bytes = len.unsigned_abs() + 2;
                }
                _ => return Read::Lost("a Redis answer of unknown length"),
            },
            b'*' | b'~' | b'>' | b'%' | b'|' => {
                let Some(count) = number(rest).filter(|count| *count >= -1) else {
                    return Read::Lost("a Redis answer of unknown length");
                };
                let count = count.max(0).unsigned_abs();
                let values =
                    if matches!(kind, b'%' | b'|') { count.saturating_mul(2) } else { count };
                self.is_push |= is_first && *kind == b'>';
                // An attribute precedes the value that it is about.
                self.values =
                    self.values.saturating_sub(u64::from(*kind != b'|')).saturating_add(values);
            }
            _ => return Read::Lost("no Redis answer"),
        }
        self.piece(len)
    }

    fn piece(&self, len: usize) -> Read {
        let ends = self.values == 0 && self.bytes == 0;
        Read::Piece(Piece { ends, is_aside: self.is_push, ..Piece::of(len) })
    }
}

impl AnswersTrait for Answers {
    fn read(&mut self, bytes: &[u8], ask: Option<&mut Ask>) -> Read {
        if bytes.is_empty() {
            return Read::More;
        }
        if self.bytes > 0 {
            let len = usize::try_from(self.bytes).map_or(bytes.len(), |left| bytes.len().min(left));
            self.bytes -= as_u64(len);
            return self.piece(len);
        }
        let is_asked = ask.is_some();
        let command = ask.and_then(|ask| match ask {
            Ask::Call(call) => match &mut **call {
                Call::Command(command) => Some(command),
                _ => None,
            },
            _ => None,
        });
        let begins = self.values == 0;
        if begins && !is_asked && bytes.first() != Some(&b'>') {
            return Read::Lost("a Redis answer to nothing");
        }
        self.value(bytes, command)
    }

    fn own(&self, fault: &Fault, call: &mut Call, is_complete: bool, _is_begun: bool) -> Own {
        let (Fault::RedisError { line }, Call::Command(command)) = (fault, call) else {
            return Own::default();
        };
        if !is_complete {
            return Own { is_partial: true, ..Own::default() };
        }
        command.error = Some(line.clone());
        Own { bytes: format!("-{line}\r\n").into_bytes(), is_partial: false, closes: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::{Kind, read};

    #[test]
    fn commands_find_their_answers() {
        let sent = b"*3\r\n$3\r\nSET\r\n$1\r\na\r\n$1\r\n1\r\nget a\r\n\r\n*2\r\n$4\r\nLLEN\r\n$1\r\nb\r\n*1\r\n$4\r\nPING\r\n";
        let received = b"+OK\r\n>2\r\n+invalidate\r\n*1\r\n$1\r\na\r\n$1\r\n1\r\n-WRONGTYPE no list\r\n|1\r\n+ttl\r\n:1\r\n%1\r\n+k\r\n*2\r\n$-1\r\n_\r\n";
        let (calls, lost) = read(Kind::Redis, sent, received);
        let subjects: Vec<String> = calls.iter().map(Call::subject).collect();
        assert_eq!(
            (subjects, lost),
            (["SET a", "GET a", "LLEN b", "PING"].map(str::to_owned).to_vec(), None)
        );
        assert!(
            matches!(&calls[2], Call::Command(Command { error: Some(error), .. }) if error == "WRONGTYPE no list")
        );
    }

    #[test]
    fn a_command_that_is_too_long_to_hold_is_followed_to_its_end() {
        let value = "x".repeat(200_000);
        let sent =
            format!("*3\r\n$3\r\nSET\r\n$1\r\na\r\n$200000\r\n{value}\r\n*1\r\n$4\r\nPING\r\n");
        let (calls, lost) = read(Kind::Redis, sent.as_bytes(), b"+OK\r\n+PONG\r\n");
        assert_eq!((calls.len(), lost), (2, None));
    }

    #[test]
    fn subscriptions_and_garbage_are_not_followed() {
        for sent in ["SUBSCRIBE a\r\n", "*x\r\n", "*1\r\n+PING\r\n", "client reply off\r\n"] {
            assert!(read(Kind::Redis, sent.as_bytes(), b"").1.is_some(), "{sent:?}");
        }
    }
}
