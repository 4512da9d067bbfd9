//! Makes text from scanned repositories harmless: what controls a terminal, reorders a line, hides,
//! or commands a pipeline becomes visible instead.

use std::fmt::Write as _;

/// `text` on one line, every character that controls, reorders or hides shown as an escape.
pub(crate) fn line(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            _ => push(&mut out, c),
        }
    }
    without_commands(out)
}

/// `text` as a line of its own: as `line` has it, and no command of a pipeline.
pub fn clean(text: &str) -> String {
    no_line_commands(&line(text))
}

/// `text` with its line breaks, every other character that controls, reorders or hides shown as an
/// escape; no line begins with `::`.
pub(crate) fn block(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        if c == '\n' { out.push(c) } else { push(&mut out, c) }
    }
    no_line_commands(&without_commands(out))
}

/// The same for whoever prints an error of several lines.
pub fn clean_block(text: &str) -> String {
    block(text)
}

/// JSON `text` in which such characters, legal only inside its strings, stand as JSON escapes.
pub(crate) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) && c != '\n' {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out.replace("##", "#\\u0023")
}

fn push(out: &mut String, c: char) {
    if c == '\t' {
        out.push(' ');
    } else if is_hidden(c) {
        let _ = write!(out, "\\u{{{:x}}}", u32::from(c));
    } else {
        out.push(c);
    }
}

/// Whether a reader does not see `c`, or sees something else than what stands there.
const fn is_hidden(c: char) -> bool {
    matches!(c,
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}'           // C0, DEL, C1
        | '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}' | '\u{200e}' | '\u{200f}'           // zero width, marks of direction
        | '\u{2028}'..='\u{202e}'                        // line separators, bidirectional controls
        | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}')
}

/// Breaks `##[command]` and `##vso[command]`, which pipelines obey anywhere in a line.
fn without_commands(text: String) -> String {
    if !text.contains("##") {
        return text;
    }
    let mut parts = text.split("##");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str("##");
        let word = part.len() - part.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let (word, rest) = part.split_at(word);
        out.push_str(word);
        if rest.starts_with('[') {
            out.push('\\');
        }
        out.push_str(rest);
    }
    out
}

/// Lets no line of `text` begin with `::`, which pipelines take for a command.
pub(crate) fn no_line_commands(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let rest = line.trim_start();
        if rest.starts_with("::") {
            out.push_str(line.get(..line.len() - rest.len()).unwrap_or_default());
            out.push('\\');
            out.push_str(rest);
        } else {
            out.push_str(line);
        }
    }
    out
}

/// A clause cut at its backquotes: names of things apart from prose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// Prose.
    Prose(&'a str),
    /// What stood in backquotes.
    Name(&'a str),
}

/// Cuts `clause` at its backquotes; a last one without a partner stays prose.
pub(crate) fn pieces(clause: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = clause;
    while let Some((before, after)) = rest.split_once('`') {
        let Some((name, behind)) = after.split_once('`') else { break };
        if !before.is_empty() {
            pieces.push(Piece::Prose(before));
        }
        pieces.push(Piece::Name(name));
        rest = behind;
    }
    if !rest.is_empty() {
        pieces.push(Piece::Prose(rest));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_controls_a_terminal_becomes_visible() {
        assert_eq!(line("a\u{1b}]52;c;eA==\u{7}b"), "a\\u{1b}]52;c;eA==\\u{7}b");
        assert_eq!(line("\u{9b}2J"), "\\u{9b}2J");
        assert_eq!(line("one\r\ntwo"), "one\\r\\ntwo");
        assert_eq!(line("exe\u{202e}gpj"), "exe\\u{202e}gpj");
        assert_eq!(block("one\r\ntwo\tthree\rfour"), "one\ntwo three\\u{d}four");
    }

    #[test]
    fn what_commands_a_pipeline_is_broken() {
        assert_eq!(line("##[add-mask]x ##vso[task]y ## z"), "##\\[add-mask]x ##vso\\[task]y ## z");
        assert_eq!(line("####[error]"), "####\\[error]");
        assert_eq!(clean("::error::x"), "\\::error::x");
        assert_eq!(no_line_commands("a\n  ::error::x\n"), "a\n  \\::error::x\n");
    }

    #[test]
    fn json_keeps_its_meaning_with_hidden_characters_escaped() {
        let value = "\u{202e}\u{7f}\u{e0041}##[x]";
        let text = json(&serde_json::to_string(value).unwrap());
        assert!(text.is_ascii() && !text.contains("##"), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), value);
    }

    #[test]
    fn a_clause_is_cut_at_pairs_of_backquotes() {
        use Piece::{Name, Prose};
        assert_eq!(pieces("a `b` c ` d"), [Prose("a "), Name("b"), Prose(" c ` d")]);
        assert_eq!(pieces(""), []);
    }
}
