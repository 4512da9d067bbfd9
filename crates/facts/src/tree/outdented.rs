//! Quoted scalars that go on at the column of their key, or left of it.
//!
//! YAML wants them deeper, and the parser holds to it; libyaml and `PyYAML` do not, and generators
//! of manifests have written them so for years.

use std::sync::LazyLock;

use regex::Regex;

/// What a line of a block opens: dashes, a key, tags and anchors, then a quote or the sign of a
/// block scalar.
static ENTRY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let key = r##"(?:[^\s'"#][^'"#]*?|'[^']*'|"[^"]*")\s*:\s+"##;
    let value = r#"(?:'(?<single>.*)|"(?<double>.*)|(?<block>[|>][-+0-9]*\s*(?:#.*)?$))"#;
    let entry = format!(r"^(?<lead>\s*(?:[-?]\s+)*)(?<key>{key})?(?:[!&]\S+\s+)*{value}");
    Regex::new(&entry).ok()
});

/// A text in which such lines stand deeper, and where its bytes stood before.
pub(super) struct Indented {
    /// The text.
    pub(super) text: String,
    /// Where each run of added blanks ends, and how many were added up to there.
    added: Vec<(usize, usize)>,
}

/// What stays open at the end of a line.
#[derive(Clone, Copy)]
enum Open {
    /// A scalar in these quotes, whose further lines are to have so many blanks before them.
    Quoted(char, usize),
    /// A block scalar, which ends before a line with fewer blanks.
    Block(usize),
}

impl Indented {
    /// Indents the lines on which quoted scalars of blocks go on, none where that would more than
    /// double the text.
    ///
    /// It looks line by line and may be wrong about what is quoted, which [`Self::runs_in`] tells.
    pub(super) fn new(text: &str) -> Option<Self> {
        let mut indented = Self { text: String::with_capacity(text.len()), added: Vec::new() };
        let mut open = None;
        for line in text.split_inclusive('\n') {
            if let Some(Open::Quoted(_, least)) = open {
                indented.add(least.saturating_sub(blanks_before(line)), line);
            }
            if indented.total() > text.len() {
                return None;
            }
            indented.text.push_str(line);
            open = after(line.trim_end(), open);
        }
        Some(indented)
    }

    fn add(&mut self, blanks: usize, line: &str) {
        if blanks > 0 && !line.trim().is_empty() {
            self.text.extend(std::iter::repeat_n(' ', blanks));
            self.added.push((self.text.len(), self.total() + blanks));
        }
    }

    fn total(&self) -> usize {
        self.added.last().map_or(0, |(_, total)| *total)
    }

    /// Where a byte of this text stands in the one that it was made of.
    pub(super) fn before(&self, offset: usize) -> usize {
        let count = self.added.partition_point(|(end, _)| *end <= offset);
        let run = count.checked_sub(1).and_then(|at| self.added.get(at));
        offset - run.map_or(0, |(_, total)| *total)
    }

    /// How many runs of blanks were added.
    pub(super) fn runs(&self) -> usize {
        self.added.len()
    }

    /// How many of them stand between two bytes of this text.
    pub(super) fn runs_in(&self, start: usize, end: usize) -> usize {
        let count = |offset| self.added.partition_point(|(end, _)| *end <= offset);
        count(end).saturating_sub(count(start))
    }
}

fn blanks_before(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// What is open after `line`, when `open` was before it.
fn after(line: &str, open: Option<Open>) -> Option<Open> {
    match open {
        _ if line.starts_with("---") || line.starts_with("...") => None,
        Some(Open::Quoted(quote, _)) => open.filter(|_| !closes(line, quote)),
        Some(Open::Block(least)) if line.is_empty() || blanks_before(line) >= least => open,
        _ => opened(line),
    }
}

fn opened(line: &str) -> Option<Open> {
    let entry = ENTRY.as_ref()?.captures(line)?;
    let column = entry.name("lead").map_or(0, |lead| lead.len());
    if entry.name("block").is_some() {
        return Some(Open::Block(column + usize::from(entry.name("key").is_some())));
    }
    let of = |name, quote| Some((entry.name(name)?.as_str(), quote));
    let (rest, quote) = of("single", '\'').or_else(|| of("double", '"'))?;
    (!closes(rest, quote)).then_some(Open::Quoted(quote, column + 1))
}

/// Whether what stands in quotes ends in `text`.
fn closes(text: &str, quote: char) -> bool {
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\\' && quote == '"' {
            characters.next();
        } else if character == quote && (quote == '"' || characters.next_if_eq(&quote).is_none()) {
            return true;
        }
    }
    false
}
