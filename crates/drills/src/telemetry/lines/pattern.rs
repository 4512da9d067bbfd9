//! Lines of loggers that write a time, a level and then text: klog, access logs, and the defaults of most languages.

use std::sync::LazyLock;

use regex::Regex;

use super::names::Level;
use super::{Entry, Schema, logfmt};

/// Bytes of a line in which time and level are looked for.
const HEAD: usize = 160;

/// A pattern that is part of this file; one that is wrong matches nothing, and the tests fail.
fn regex(pattern: &str) -> Option<Regex> {
    Regex::new(pattern).ok()
}

static KLOG: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r"^([IWEF])\d{4} \d{2}:\d{2}:\d{2}\.\d+\s+\d+ [^\s\]]+:\d+\] (.*)$"));
static ACCESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| regex(r#"^\S+ \S+ \S+ \[\d{2}/[A-Z][a-z]{2}/\d{4}:[\d:]{8} [+-]\d{4}\] ""#));
static TIME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\d{4}[-/]\d{2}[-/]\d{2}(?:T| +|[ -]+)\d{2}:\d{2}(?::\d{2})?|[A-Z][a-z]{2} [ \d]\d \d{2}:\d{2}:\d{2}|^\[?\d{2}:\d{2}:\d{2}\b|\d{2}[-/](?:\d{2}|[A-Z][a-z]{2})[-/]\d{4}[: ]\d{2}:\d{2}:\d{2}",
    )
});
static LEVEL: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(
        r"\b(TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL|SEVERE|PANIC|VRB|DBG|INF|WRN|ERR|FTL)\b|[\[<](?i:(trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit))[\]>]|(?:^|^[\d:.]+ )(trce|dbug|info|warn|fail|crit|error|debug|warning|notice|fatal)\b ?:",
    )
});
static TRACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    regex(concat!(
        r"^(?:Caused by: |Suppressed: |Traceback \(most recent call last\):|During handling of the above|",
        r"The above exception was|stack backtrace:|goroutine \d+ \[|created by |exit status \d|",
        r"---> [\w.]+Exception|--- End of |at [\w$.<>/]+[ (:]|",
        r"[\w$]+(?:[.:]+[\w$]+)*(?:Exception|Error|Throwable)(?:: |$)|",
        r"[\w./*()-]+\.[\w.*()-]+\([^)]*\)$)",
    ))
});

fn is_match(pattern: &LazyLock<Option<Regex>>, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// A line of klog: structured when its message is quoted and followed by pairs.
pub(super) fn klog(line: &str) -> Option<Entry> {
    let found = KLOG.as_ref()?.captures(line)?;
    let level = found.get(1).and_then(|letter| Level::read(letter.as_str()));
    let rest = found.get(2).map_or("", |rest| rest.as_str());
    let quoted = rest.starts_with('"').then(|| logfmt::pairs(&format!("msg={rest}"))).flatten();
    let mut entry = match quoted {
        Some(mut fields) => {
            let message = fields.remove(0).1;
            Entry { message, fields, ..Entry::new(Schema::Klog) }
        }
        None => Entry { message: rest.to_owned(), ..Entry::new(Schema::Pattern) },
    };
    (entry.level, entry.has_time) = (level, true);
    Some(entry)
}

/// A line of a web server's access log.
pub(super) fn access(line: &str) -> Option<Entry> {
    is_match(&ACCESS, line).then(|| Entry {
        has_time: true,
        message: line.to_owned(),
        ..Entry::new(Schema::Access)
    })
}

/// A line with a time or a level in its head.
pub(super) fn plain(line: &str) -> Option<Entry> {
    let mut end = HEAD.min(line.len());
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    let head = line.get(..end)?;
    let has_time = is_match(&TIME, head);
    let level = LEVEL.as_ref()?.captures(head).and_then(|found| {
        let word = found.iter().skip(1).flatten().next()?;
        let is_early = has_time || word.start() <= 2;
        if is_early { Level::read(long(word.as_str())) } else { None }
    });
    (has_time || level.is_some()).then(|| Entry {
        level,
        has_time,
        message: line.to_owned(),
        ..Entry::new(Schema::Pattern)
    })
}

/// What Ruby's logger wraps in a time and a level, when that is structured by itself.
pub(super) fn wrapped(line: &str) -> Option<Entry> {
    let (head, mut rest) = line.split_once(" -- ")?;
    let outer = plain(head)?;
    rest = rest.split_once(": ")?.1.trim_start();
    while let Some((_, after)) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        rest = after.trim_start();
    }
    let inner = super::json::read(rest).or_else(|| logfmt::read(rest))?;
    Some(Entry { level: inner.level.or(outer.level), has_time: true, ..inner })
}

/// The whole word of a level that .NET cuts to four letters.
fn long(word: &str) -> &str {
    match word {
        "trce" => "trace",
        "dbug" => "debug",
        other => other,
    }
}

/// Whether a line that is not indented goes on with a stack trace.
pub(super) fn is_trace(line: &str) -> bool {
    is_match(&TRACE, line)
}
