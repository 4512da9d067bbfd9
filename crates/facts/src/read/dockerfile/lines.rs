//! Instructions of a Dockerfile: lines, what continues them, and here-documents.

use std::ops::Range;

use crate::read::joined::Joined;
use crate::read::words::{self, Word};

/// An instruction with all that belongs to it.
#[derive(Debug, Default)]
pub(super) struct Instruction<'t> {
    /// The line with those that continue it.
    pub(super) line: Joined,
    /// Bodies of its here-documents.
    pub(super) documents: Vec<&'t str>,
    /// Whether a here-document never ends, so that all that follows is lost.
    pub(super) is_open: bool,
}

impl Instruction<'_> {
    /// Its first word.
    pub(super) fn keyword(&self) -> &str {
        self.line.text().split_whitespace().next().unwrap_or_default()
    }

    /// Whether it is of this kind; case does not matter.
    pub(super) fn is(&self, keyword: &str) -> bool {
        self.keyword().eq_ignore_ascii_case(keyword)
    }

    /// What follows the keyword and the flags (`--from=…`), as a stretch of the line.
    pub(super) fn arguments(&self) -> Range<usize> {
        let text = self.line.text();
        let start = self.operands().next().map_or(text.len(), |word| word.at);
        start..text.trim_end().len().max(start)
    }

    /// The words after the flags.
    pub(super) fn operands(&self) -> impl Iterator<Item = Word<'_>> {
        let has_flags =
            ["ADD", "COPY", "FROM", "HEALTHCHECK", "RUN"].iter().any(|kind| self.is(kind));
        self.words().skip_while(move |word| has_flags && word.text.starts_with("--"))
    }

    /// Names and values of the flags.
    pub(super) fn flags(&self) -> impl Iterator<Item = (&str, Word<'_>)> {
        let flags = self.words().map_while(|word| Some((word.at, word.text.strip_prefix("--")?)));
        flags.filter_map(|(at, flag)| {
            let (name, text) = flag.split_once('=')?;
            Some((name, Word { at: at + 2 + name.len() + 1, text }))
        })
    }

    /// The words after the keyword.
    pub(super) fn words(&self) -> impl Iterator<Item = Word<'_>> {
        words::words(self.line.text()).skip(1)
    }
}

/// All instructions of `text`.
pub(super) fn instructions(text: &str) -> Vec<Instruction<'_>> {
    let escape = escape_of(text);
    let mut lines = Lines { text, at: 0 };
    let mut instructions = Vec::new();
    while let Some(mut instruction) = next_line(&mut lines, escape) {
        for delimiter in delimiters(&instruction) {
            match lines.document(&delimiter) {
                Some(body) => instruction.documents.push(body),
                None => instruction.is_open = true,
            }
        }
        instructions.push(instruction);
    }
    instructions
}

/// The escape character: that of the directive `escape` among the first comments, else `\`.
fn escape_of(text: &str) -> char {
    let directives =
        text.lines().map_while(|line| line.trim_start().strip_prefix('#')?.split_once('='));
    let mut known = directives.take_while(|(name, _)| {
        let name = name.trim().to_ascii_lowercase();
        matches!(name.as_str(), "syntax" | "escape" | "check")
    });
    let escape = known.find(|(name, _)| name.trim().eq_ignore_ascii_case("escape"));
    if escape.is_some_and(|(_, value)| value.trim() == "`") { '`' } else { '\\' }
}

/// The next instruction without its here-documents; comments and blank lines are passed over,
/// also between a line and its continuation.
fn next_line<'t>(lines: &mut Lines<'t>, escape: char) -> Option<Instruction<'t>> {
    let mut instruction = Instruction::default();
    while let Some((offset, line)) = lines.next() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let is_first = instruction.line.is_empty();
        let offset = if is_first { offset + (line.len() - content.len()) } else { offset };
        let line = if is_first { content } else { line };
        let continued = without_escape(line, escape);
        instruction.line.push(continued.unwrap_or(line), offset);
        if continued.is_none() {
            break;
        }
    }
    (!instruction.line.is_empty()).then_some(instruction)
}

/// The line without the escape character at its end; `None`: the line ends there.
fn without_escape(line: &str, escape: char) -> Option<&str> {
    let line = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!line.ends_with(escape)).then_some(line)
}

/// A here-document's last line, and whether tabs may stand before it.
struct Delimiter {
    word: String,
    is_indented: bool,
}

/// The delimiters of the here-documents that follow an instruction.
fn delimiters(instruction: &Instruction<'_>) -> Vec<Delimiter> {
    let may_have = ["RUN", "COPY", "ADD", "ONBUILD"].iter().any(|kind| instruction.is(kind));
    if !may_have || !instruction.line.text().contains("<<") {
        return Vec::new();
    }
    instruction.words().filter_map(|word| delimiter(word.text)).collect()
}

/// `<<EOF`, `<<-EOF`, `<<"EOF"`, `3<<EOF`; `<<<` is something else.
fn delimiter(word: &str) -> Option<Delimiter> {
    let rest = word.trim_start_matches(|c: char| c.is_ascii_digit()).strip_prefix("<<")?;
    let (rest, is_indented) = rest.strip_prefix('-').map_or((rest, false), |rest| (rest, true));
    let word = words::unquoted(rest);
    (!word.is_empty() && !word.contains('<')).then_some(Delimiter { word, is_indented })
}

/// The lines of a text, without their ends, and where each begins.
struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    fn next(&mut self) -> Option<(usize, &'t str)> {
        let start = self.at;
        let rest = self.text.get(start..).filter(|rest| !rest.is_empty())?;
        let length = memchr::memchr(b'\n', rest.as_bytes());
        self.at = start + length.map_or(rest.len(), |length| length + 1);
        let line = rest.get(..length.unwrap_or(rest.len()))?;
        Some((start, line.strip_suffix('\r').unwrap_or(line)))
    }

    /// The body of a here-document; `None` when it does not end, and then nothing is left to read.
    fn document(&mut self, delimiter: &Delimiter) -> Option<&'t str> {
        let start = self.at;
        while let Some((offset, line)) = self.next() {
            let line = if delimiter.is_indented { line.trim_start_matches('\t') } else { line };
            if line == delimiter.word {
                return self.text.get(start..offset);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<String> {
        let instructions = instructions(text);
        instructions.iter().map(|instruction| instruction.line.text().to_owned()).collect()
    }

    #[test]
    fn lines_go_on_over_comments_blank_lines_and_windows_ends() {
        let text = "FROM a\r\n\r\nRUN x \\\r\n# note\r\n\r\n  && y\r\n  USER b\n";
        assert_eq!(lines(text), ["FROM a", "RUN x   && y", "USER b"]);
        assert_eq!(lines("RUN x \\  \ny \\\\\nUSER z \\"), ["RUN x y \\\\", "USER z "]);
    }

    #[test]
    fn the_escape_directive_changes_what_continues_a_line() {
        let text = "# syntax=docker/dockerfile:1\n# escape=`\nRUN dir C:\\\nRUN a `\nb\n";
        assert_eq!(lines(text), ["RUN dir C:\\", "RUN a b"]);
        assert_eq!(lines("# note\n# escape=`\nRUN a `\nRUN b"), ["RUN a `", "RUN b"]);
    }

    #[test]
    fn here_documents_are_no_instructions() {
        let text = "RUN cat <<EOF >a <<-'B'\nUSER root\nEOF\n\tUSER b\n\tB\nUSER c\n";
        let found = instructions(text);
        let documents: Vec<_> = found.iter().map(|found| found.documents.clone()).collect();
        assert_eq!(documents, [vec!["USER root\n", "\tUSER b\n"], vec![]]);
        assert_eq!(lines("RUN a <<< b\nUSER c\n").len(), 2);
        assert_eq!(lines("ENV A=<<B\nUSER c\n").len(), 2);
        let open = instructions("RUN <<EOF\nUSER c\n");
        assert!(matches!(open.as_slice(), [only] if only.is_open));
    }
}
