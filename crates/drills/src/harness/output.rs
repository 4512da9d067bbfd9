//! What a process prints, kept within a bound however much it is.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

/// Bytes of text kept of one process; what is older is dropped and counted.
const BUDGET: usize = 32 << 20;
/// Bytes kept of one line; the rest of it is dropped.
const LONGEST_LINE: u64 = 64 << 10;

/// One printed line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// When it was read.
    pub at: Instant,
    /// Which stream it came from.
    pub stream: Stream,
    /// The text without its line end; bytes that are not UTF-8 are replaced.
    pub text: String,
}

/// Where a process prints to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Out,
    /// Standard error.
    Error,
    /// The file that the service logs into.
    File,
}

/// The lines of one process, shared with the threads that read them.
#[derive(Clone, Debug, Default)]
pub struct Output(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    kept: Mutex<Kept>,
    ended: Condvar,
}

#[derive(Debug, Default)]
struct Kept {
    lines: VecDeque<Line>,
    bytes: usize,
    dropped: u64,
    /// Streams that are still read.
    open: usize,
}

impl Output {
    /// Reads `source` to its end on a thread of its own.
    pub(crate) fn follow(&self, stream: Stream, source: impl Read + Send + 'static) {
        let output = self.clone();
        self.kept().open += 1;
        thread::spawn(move || {
            output.read(stream, source);
            output.kept().open -= 1;
            output.0.ended.notify_all();
        });
    }

    /// Waits until all that was printed has been read, for at most `limit`: a child that was left behind may hold a stream open.
    pub(crate) fn await_end(&self, limit: Duration) {
        let _what_came = self.0.ended.wait_timeout_while(self.kept(), limit, |kept| kept.open > 0);
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, stream: Stream, source: impl Read) {
        let mut reader = BufReader::new(source);
        let mut bytes = Vec::new();
        loop {
            bytes.clear();
            match reader.by_ref().take(LONGEST_LINE).read_until(b'\n', &mut bytes) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            let is_whole = bytes.ends_with(b"\n");
            let text = String::from_utf8_lossy(&bytes);
            self.push(Line {
                at: Instant::now(),
                stream,
                text: text.trim_end_matches(['\r', '\n']).to_owned(),
            });
            if !is_whole && !skip_line(&mut reader) {
                return;
            }
        }
    }

    fn push(&self, line: Line) {
        let mut kept = self.kept();
        kept.bytes += line.text.len() + size_of::<Line>();
        kept.lines.push_back(line);
        while kept.bytes > BUDGET {
            let Some(oldest) = kept.lines.pop_front() else { break };
            kept.bytes -= oldest.text.len() + size_of::<Line>();
            kept.dropped += 1;
        }
    }

    /// The lines kept that were read at or after `from`, oldest first.
    pub fn since(&self, from: Instant) -> Vec<Line> {
        let kept = self.kept();
        kept.lines.iter().filter(|line| line.at >= from).cloned().collect()
    }

    /// The last `count` lines.
    pub fn tail(&self, count: usize) -> Vec<Line> {
        let kept = self.kept();
        let skip = kept.lines.len().saturating_sub(count);
        kept.lines.iter().skip(skip).cloned().collect()
    }

    /// How many lines were dropped because the process printed more than is kept.
    pub fn dropped(&self) -> u64 {
        self.kept().dropped
    }
}

/// Skips to the next line; false at the end of the text.
fn skip_line(reader: &mut impl BufRead) -> bool {
    loop {
        let Ok(buffer) = reader.fill_buf() else { return false };
        if buffer.is_empty() {
            return false;
        }
        let end = buffer.iter().position(|byte| *byte == b'\n');
        let used = end.map_or(buffer.len(), |at| at + 1);
        reader.consume(used);
        if end.is_some() {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8]) -> Vec<String> {
        let output = Output::default();
        output.read(Stream::Out, text);
        output.tail(usize::MAX).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn lines_lose_their_ends_and_bad_bytes_are_replaced() {
        assert_eq!(read(b"a\r\nb\xff\n\nlast"), ["a", "b\u{fffd}", "", "last"]);
    }

    #[test]
    fn a_line_without_an_end_in_sight_is_cut_and_the_next_is_read_whole() {
        let mut text = vec![b'x'; 300_000];
        text.extend(b"\nnext\n");
        let lines = read(&text);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0].len(), 65_536);
        assert_eq!(lines[1], "next");
    }

    #[test]
    fn a_process_that_prints_without_end_fills_only_the_budget() {
        let output = Output::default();
        let line = [b"y".repeat(60_000), b"\n".to_vec()].concat();
        output.read(Stream::Out, std::io::repeat(0).take(0).chain(line.repeat(1000).as_slice()));
        assert!(output.dropped() > 400, "{} dropped", output.dropped());
        assert!(output.tail(usize::MAX).len() < 600);
    }

    /// Gives its text only when the sender lets it.
    struct Late(std::sync::mpsc::Receiver<Vec<u8>>);

    impl Read for Late {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let Ok(text) = self.0.recv() else { return Ok(0) };
            buffer[..text.len()].copy_from_slice(&text);
            Ok(text.len())
        }
    }

    #[test]
    fn what_is_read_late_is_awaited_and_a_stream_that_stays_open_only_for_a_while() {
        let output = Output::default();
        let (words, late) = std::sync::mpsc::channel();
        output.follow(Stream::Error, Late(late));
        output.await_end(Duration::from_millis(1));
        assert_eq!(output.tail(1), []);
        let speaker = thread::spawn(move || words.send(b"boom\n".to_vec()));
        output.await_end(Duration::from_mins(1));
        assert_eq!(output.tail(1)[0].text, "boom");
        speaker.join().unwrap().unwrap();
    }
}
