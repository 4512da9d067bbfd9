//! The text of an SQL statement without its values, so that the same statement is the same text.

/// Bytes that are kept.
const MAX_TEXT: usize = 1_000;

/// Replaces literals by `?`, joins whitespace, drops comments, and cuts after 1,000 bytes.
pub(super) fn normalise(statement: &str) -> String {
    let mut text = String::new();
    let mut rest = statement.trim();
    while let Some(first) = rest.chars().next() {
        if text.len() >= MAX_TEXT {
            break;
        }
        let (len, becomes) = token(rest, first, text.chars().next_back());
        match becomes {
            Becomes::Value => text.push('?'),
            Becomes::Space if text.is_empty() || text.ends_with(' ') => {}
            Becomes::Space => text.push(' '),
            Becomes::Itself => text.push_str(rest.get(..len).unwrap_or_default()),
        }
        rest = rest.get(len.max(1)..).unwrap_or_default();
    }
    let mut end = text.len().min(MAX_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text.truncate(text.trim_end().len());
    text
}

enum Becomes {
    Value,
    Space,
    Itself,
}

/// The length of the next token and what becomes of it; `before`: the character before it.
fn token(rest: &str, first: char, before: Option<char>) -> (usize, Becomes) {
    let is_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    match first {
        '\'' => (quoted(rest, '\'', is_escaped(before)), Becomes::Value),
        '"' => (quoted(rest, '"', false), Becomes::Itself),
        '-' if rest.starts_with("--") => (until(rest, "\n"), Becomes::Space),
        '/' if rest.starts_with("/*") => (until(rest, "*/"), Becomes::Space),
        '$' => match dollar(rest) {
            Some(len) => (len, Becomes::Value),
            None => (run(rest, is_word), Becomes::Itself),
        },
        c if c.is_whitespace() => (run(rest, char::is_whitespace), Becomes::Space),
        c if c.is_ascii_digit() && !before.is_some_and(is_word) => {
            (run(rest, |c| c.is_ascii_alphanumeric() || c == '.'), Becomes::Value)
        }
        c if is_word(c) => (run(rest, is_word), Becomes::Itself),
        c => (c.len_utf8(), Becomes::Itself),
    }
}

/// Whether a string after `E` takes backslashes for escapes.
fn is_escaped(before: Option<char>) -> bool {
    matches!(before, Some('e' | 'E'))
}

fn run(rest: &str, is_part: impl Fn(char) -> bool) -> usize {
    rest.find(|c| !is_part(c)).unwrap_or(rest.len()).max(1)
}

fn until(rest: &str, end: &str) -> usize {
    rest.find(end).map_or(rest.len(), |at| at + end.len())
}

/// The length of a quoted text; a doubled quote is part of it.
fn quoted(rest: &str, quote: char, has_escapes: bool) -> usize {
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((at, c)) = characters.next() {
        if c == '\\' && has_escapes {
            characters.next();
        } else if c == quote {
            if characters.peek().is_none_or(|(_, next)| *next != quote) {
                return at + 1;
            }
            characters.next();
        }
    }
    rest.len()
}

/// The length of a dollar-quoted text, if it is one.
fn dollar(rest: &str) -> Option<usize> {
    let inner = rest.get(1..)?;
    let end = inner.find('$')?;
    let tag = inner.get(..end)?;
    let is_tag = tag.chars().all(|c| c.is_alphanumeric() || c == '_')
        && !tag.starts_with(|c: char| c.is_ascii_digit());
    if !is_tag {
        return None;
    }
    let opening = rest.get(..end + 2)?;
    let body = rest.get(opening.len()..)?;
    Some(body.find(opening).map_or(rest.len(), |at| opening.len() * 2 + at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_become_question_marks_and_names_stay() {
        let cases = [
            (
                "SELECT * FROM t1 WHERE a = 'it''s' AND b=12.5e3",
                "SELECT * FROM t1 WHERE a = ? AND b=?",
            ),
            (
                "insert  into\n t2 values ($1, E'a\\'b', $$x$y$$, $q$z$q$)",
                "insert into t2 values ($1, E?, ?, ?)",
            ),
            ("select 1 -- why\n, \"a'b\" /* no */ from x", "select ? , \"a'b\" from x"),
            ("select 'open", "select ?"),
            ("", ""),
        ];
        for (statement, text) in cases {
            assert_eq!(normalise(statement), text);
        }
    }

    #[test]
    fn a_long_statement_is_cut_between_characters() {
        let text = normalise(&"ä".repeat(3_000));
        assert!(text.len() <= MAX_TEXT && text.len() > MAX_TEXT - 4);
    }
}
