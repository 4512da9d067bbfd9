//! Text as text in Markdown: no markup, no mention, no link, no end of a cell.

use std::fmt::Write as _;

use crate::visible::{self, Piece};

/// Longer texts are cut: a table is read, not searched.
const LONGEST: usize = 400;

/// `clause` on one line as Markdown; what stands in backquotes is set as code.
pub(crate) fn text(clause: &str) -> String {
    let line = visible::line(clause);
    visible::pieces(&cut(&line))
        .into_iter()
        .map(|piece| match piece {
            Piece::Prose(text) => escape(text),
            Piece::Name(name) => code(name),
        })
        .collect()
}

/// `text` set as code.
pub(crate) fn code(text: &str) -> String {
    format!("<code>{}</code>", escape(&cut(text)))
}

fn cut(text: &str) -> String {
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let start: String = text.chars().take(LONGEST).collect();
    format!("{start}…")
}

/// What forges turn into links, mentions and references is broken by an empty comment, since they look
/// for it after entities are resolved.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '$' | '{' | '}' => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
            '@' => out.push_str("@<!-- -->"),
            '#' | '!' | '%' if rest.peek().is_some_and(char::is_ascii_digit) => {
                out.push(c);
                out.push_str("<!-- -->");
            }
            ':' if rest.peek() == Some(&'/') => out.push_str(":<!-- -->"),
            '.' if out.to_ascii_lowercase().ends_with("www") => out.push_str("<!-- -->."),
            '-' if out.to_ascii_lowercase().ends_with("gh") => out.push_str("<!-- -->-"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text() {
        assert_eq!(text("a `b|c` *d*"), "a <code>b&#124;c</code> &#42;d&#42;");
        assert_eq!(text("[x](https://e)"), "&#91;x&#93;(https:<!-- -->//e)");
        assert_eq!(text("<b>&amp;"), "&lt;b&gt;&amp;amp;");
    }

    #[test]
    fn forges_find_nobody_and_nothing_to_refer_to() {
        assert_eq!(
            text("@all #12 GH-3 www.e.com"),
            "@<!-- -->all #<!-- -->12 GH<!-- -->-3 www<!-- -->.e.com"
        );
    }

    #[test]
    fn long_text_is_cut() {
        assert_eq!(text(&"x".repeat(1000)).chars().count(), LONGEST + 1);
    }
}
