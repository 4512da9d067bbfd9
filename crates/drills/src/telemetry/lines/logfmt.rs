//! A record of `key=value` pairs.

use super::{Entry, Schema, names};

/// Pairs that are kept of one record.
const MOST: usize = 500;

/// Ends of one value that are tried.
const MOST_ENDS: usize = 64;

/// The record, if all of `line` is pairs: two that a logger would write, or three of any.
pub(super) fn read(line: &str) -> Option<Entry> {
    let fields = pairs(line)?;
    let is_log = fields
        .iter()
        .any(|(name, _)| names::is_level(name) || names::is_message(name) || names::is_time(name));
    (fields.len() >= if is_log { 2 } else { 3 }).then(|| Entry::from_fields(Schema::Logfmt, fields))
}

/// All pairs of `text`; `None` when anything in it is none.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() && pairs.len() < MOST {
        let (name, after) = rest.split_once('=')?;
        if name.is_empty() || !name.chars().all(is_name) {
            return None;
        }
        let (value, after) = value(after)?;
        pairs.push((name.to_owned(), value));
        rest = after.trim_start();
    }
    Some(pairs)
}

fn is_name(letter: char) -> bool {
    letter.is_alphanumeric() || matches!(letter, '_' | '-' | '.' | '/' | '@' | ':' | '[' | ']')
}

/// What lograge writes besides: texts in single quotes, and lists in brackets.
fn closed_by(text: &str, open: char, close: char) -> Option<(String, &str)> {
    let inner = text.strip_prefix(open)?;
    let ends = inner.match_indices(close).take(MOST_ENDS).find_map(|(at, _)| {
        let rest = inner.get(at + 1..)?;
        (rest.is_empty() || rest.starts_with(char::is_whitespace)).then_some((at, rest))
    });
    let (at, rest) = ends?;
    Some((inner.get(..at)?.to_owned(), rest))
}

/// The value at the begin of `text`, and what follows it.
fn value(text: &str) -> Option<(String, &str)> {
    if let Some(found) = closed_by(text, '\'', '\'').or_else(|| closed_by(text, '[', ']')) {
        return Some(found);
    }
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (value, rest) = text.split_at_checked(end)?;
        return Some((value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut letters = quoted.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => {
                let rest = quoted.get(at + 1..)?;
                let is_end = rest.is_empty() || rest.starts_with(char::is_whitespace);
                return is_end.then_some((value, rest));
            }
            '\\' => match letters.next()?.1 {
                'n' => value.push('\n'),
                't' => value.push('\t'),
                other => value.push(other),
            },
            other => value.push(other),
        }
    }
    None
}
