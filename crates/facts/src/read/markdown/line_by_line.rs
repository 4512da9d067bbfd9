//! reStructuredText and `AsciiDoc`, read line by line.

use std::sync::LazyLock;

use regex::Regex;

use super::outline::{Closed, Outline};
use crate::cursor::Cursor;

/// Signs that reStructuredText underlines headings with.
const ADORNMENTS: &[char] = &['=', '-', '~', '^', '"', '\'', '`', '#', '*', '+', '.', ':', '_'];

static RST_LINK: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"<([^<>\s`]+)>`__?").ok());
static RST_CODE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*\.\. (?:code-block|code|sourcecode)::\s*(\S*)").ok());
static ADOC_LINK: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\b(?:link|xref|image):{1,2}([^\s\[\]]+)\[").ok());
static ADOC_SOURCE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\[source(?:%\w+)?,\s*(\w+)").ok());
static ITEM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^\s*(?:[-*+]|\*{2,5}|\.{1,5}|#\.|\d{1,3}[.)])\s+(\S.*)$").ok());

/// A line of the text with its offset.
#[derive(Clone, Copy)]
struct Line<'t> {
    at: usize,
    text: &'t str,
}

fn lines(body: &str) -> Vec<Line<'_>> {
    let mut at = 0;
    let place = |line: &'_ str| {
        let here = at;
        at += line.len();
        here
    };
    let starts: Vec<usize> = body.split_inclusive('\n').map(place).collect();
    let texts = body.split_inclusive('\n').map(str::trim_end);
    starts.into_iter().zip(texts).map(|(at, text)| Line { at, text }).collect()
}

/// Code that is being read.
struct Code<'t> {
    language: &'t str,
    text: String,
    from: usize,
    to: usize,
}

impl<'t> Code<'t> {
    fn new(language: &'t str, at: usize) -> Self {
        Self { language, text: String::new(), from: at, to: at }
    }

    fn add(&mut self, line: Line<'_>) {
        if self.text.is_empty() {
            self.from = line.at;
        }
        self.text.push_str(line.text);
        self.text.push('\n');
        self.to = line.at + line.text.len();
    }

    fn close(self, outline: &mut Outline<'_, '_>) {
        if !self.text.is_empty() {
            outline.code(self.language, self.text, self.from, self.to);
        }
    }
}

/// Reads reStructuredText.
pub(super) fn restructured_text(body: &str, start: usize, cursor: &mut Cursor<'_>) -> Closed {
    let mut outline = Outline::new(start, cursor);
    let mut levels: Vec<(char, bool)> = Vec::new();
    let mut code: Option<Code<'_>> = None;
    let lines = lines(body);
    let mut at = 0;
    while let Some(line) = lines.get(at).copied() {
        let is_indented = line.text.starts_with([' ', '\t']);
        if let Some(open) = &mut code {
            if line.text.is_empty() || is_indented {
                let is_option = open.text.is_empty() && line.text.trim_start().starts_with(':');
                if !(is_option || line.text.is_empty() && open.text.is_empty()) {
                    open.add(line);
                }
                at += 1;
                continue;
            }
            if let Some(code) = code.take() {
                code.close(&mut outline);
            }
        }
        if let Some((title, adornment, taken)) = heading(&lines, at) {
            let level = level(&mut levels, adornment);
            outline.open(level, title.text.trim(), None, title.at, title.at + title.text.len());
            at += taken;
            continue;
        }
        at += 1;
        if let Some(found) = RST_CODE.as_ref().and_then(|regex| regex.captures(line.text)) {
            code = Some(Code::new(found.get(1).map_or("", |m| m.as_str()), line.at));
        } else if !line.text.trim_start().starts_with(".. ") {
            plain(line, &RST_LINK, &mut outline);
            if line.text.ends_with("::") {
                code = Some(Code::new("", line.at));
            }
        }
    }
    if let Some(code) = code {
        code.close(&mut outline);
    }
    outline.close()
}

/// A title with a line of signs under it, or above and under it; how many lines they take.
fn heading<'t>(lines: &[Line<'t>], at: usize) -> Option<(Line<'t>, (char, bool), usize)> {
    let first = lines.get(at)?;
    let second = lines.get(at + 1)?;
    if let (Some(above), Some(below)) = (adornment(first.text), lines.get(at + 2))
        && adornment(below.text) == Some(above)
        && !second.text.trim().is_empty()
        && adornment(second.text).is_none()
    {
        return Some((*second, (above, true), 3));
    }
    let is_title = !first.text.is_empty() && !first.text.starts_with([' ', '.']);
    let below = adornment(second.text).filter(|_| is_title && adornment(first.text).is_none())?;
    let is_long = second.text.chars().count() + 1 >= first.text.chars().count();
    is_long.then_some((*first, (below, false), 2))
}

fn adornment(line: &str) -> Option<char> {
    let first = line.chars().next().filter(|first| ADORNMENTS.contains(first))?;
    (line.len() >= 3 && line.chars().all(|letter| letter == first)).then_some(first)
}

/// Levels are told by the order in which their signs first appear.
fn level(levels: &mut Vec<(char, bool)>, adornment: (char, bool)) -> u8 {
    let known = levels.iter().position(|known| *known == adornment);
    let at = known.unwrap_or_else(|| {
        levels.push(adornment);
        levels.len() - 1
    });
    u8::try_from(at + 1).unwrap_or(6).min(6)
}

/// Reads `AsciiDoc`.
pub(super) fn asciidoc(body: &str, start: usize, cursor: &mut Cursor<'_>) -> Closed {
    let mut outline = Outline::new(start, cursor);
    let mut fence: Option<(&str, Code<'_>)> = None;
    let mut language = "";
    let mut is_table = false;
    for line in lines(body) {
        if let Some((end, mut open)) = fence.take() {
            if line.text == end {
                open.close(&mut outline);
            } else {
                open.add(line);
                fence = Some((end, open));
            }
            continue;
        }
        let source = ADOC_SOURCE.as_ref().and_then(|regex| regex.captures(line.text));
        if let Some(found) = source.and_then(|found| found.get(1)) {
            language = found.as_str();
        } else if is_fence(line.text) {
            fence = Some((line.text, Code::new(std::mem::take(&mut language), line.at)));
        } else if line.text == "|===" {
            is_table = !is_table;
        } else if let Some((level, title, at)) = title(line) {
            outline.open(level, title, None, at, at + title.len());
        } else if is_table && line.text.starts_with('|') {
            row(line, &mut outline);
        } else if !is_aside(line.text) {
            plain(line, &ADOC_LINK, &mut outline);
        }
    }
    if let Some((_, code)) = fence {
        code.close(&mut outline);
    }
    outline.close()
}

fn is_fence(line: &str) -> bool {
    line.len() >= 4
        && (line.chars().all(|sign| sign == '-') || line.chars().all(|sign| sign == '.'))
}

/// Comments and attributes.
fn is_aside(line: &str) -> bool {
    line.starts_with("//")
        || (line.starts_with(':') && line.get(1..).is_some_and(|l| l.contains(':')))
}

/// The level and the text of a heading, and where the text begins.
fn title(line: Line<'_>) -> Option<(u8, &str, usize)> {
    let rest = line.text.trim_start_matches('=');
    let level = line.text.len() - rest.len();
    let title = rest.strip_prefix(' ')?.trim_start();
    let is_heading = (1..=6).contains(&level) && !title.is_empty();
    let at = line.at + line.text.len() - title.len();
    is_heading.then_some((u8::try_from(level).ok()?, title, at))
}

fn row(line: Line<'_>, outline: &mut Outline<'_, '_>) {
    let mut at = line.at;
    let mut cells = Vec::new();
    for (number, cell) in line.text.split('|').enumerate() {
        if number > 0 {
            let start = at + cell.len() - cell.trim_start().len();
            let text = cell.trim();
            cells.push(outline.placed(text.to_owned(), start, start + text.len()));
        }
        at += cell.len() + 1;
    }
    outline.end_line();
    outline.add(line.text.trim_start_matches('|').trim());
    outline.end_line();
    if let Some((_, section)) = outline.last() {
        section.rows.push(cells);
    }
}

/// A line of text, or of a list.
fn plain(line: Line<'_>, targets: &LazyLock<Option<Regex>>, outline: &mut Outline<'_, '_>) {
    outline.bare_links(line.text, line.at);
    let targets = targets.as_ref().map(|target| target.captures_iter(line.text));
    let targets = targets.into_iter().flatten();
    for target in targets.filter_map(|found| found.get(1)) {
        if !target.as_str().starts_with("http") {
            outline.link(target.as_str(), line.at + target.start(), line.at + target.end());
        }
    }
    let item =
        ITEM.as_ref().and_then(|item| item.captures(line.text)).and_then(|found| found.get(1));
    if let Some(item) = item {
        let to = line.at + line.text.len();
        let item = outline.placed(item.as_str().to_owned(), line.at + item.start(), to);
        if let Some((_, section)) = outline.last() {
            section.items.push(item);
        }
    }
    outline.add(line.text.trim());
    outline.end_line();
}
