//! Text as text in HTML.

use crate::visible::{self, Piece};

/// `text` on one line as HTML.
pub(crate) fn text(text: &str) -> String {
    escape(&visible::line(text))
}

/// `text` with its lines as HTML.
pub(crate) fn block(text: &str) -> String {
    escape(&visible::block(text))
}

/// `clause` as HTML; what stands in backquotes is set as code.
pub(crate) fn clause(clause: &str) -> String {
    let line = visible::line(clause);
    visible::pieces(&line)
        .into_iter()
        .map(|piece| match piece {
            Piece::Prose(prose) => escape(prose),
            Piece::Name(name) => format!("<code>{}</code>", escape(name)),
        })
        .collect()
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_text_and_names_become_code() {
        assert_eq!(clause("a `<b>` & \"c\""), "a <code>&lt;b&gt;</code> &amp; &quot;c&quot;");
        assert_eq!(text("a\nb"), "a\\nb");
        assert_eq!(block("a\n<b>"), "a\n&lt;b&gt;");
    }
}
