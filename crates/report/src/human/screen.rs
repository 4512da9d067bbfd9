//! Lines for a terminal: wrapped, painted, and harmless.

use annotate_snippets::renderer::{AnsiColor, Effects, Style as Ansi};
use model::Verdict;

use crate::{Style, visible};

/// What a painted word is; colour never says more than the word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// It holds.
    Good,
    /// It does not hold.
    Bad,
    /// It is not known, or allowed for now.
    Doubt,
    /// A title.
    Strong,
    /// A remark.
    Note,
}

/// A label that leaves fewer columns stands on a line of its own.
const LEAST_ROOM: usize = 12;

/// Collects the lines.
#[derive(Debug)]
pub(crate) struct Screen<'a> {
    /// How the terminal wants its text.
    pub(crate) style: &'a Style,
    text: String,
}

impl<'a> Screen<'a> {
    /// An empty one.
    pub(crate) fn new(style: &'a Style) -> Self {
        Self { style, text: String::new() }
    }

    /// How many columns there are, at least 20.
    pub(crate) fn width(&self) -> usize {
        self.style.width.max(20)
    }

    /// `text` in the colour of `role`, where there are colours.
    pub(crate) fn paint(&self, role: Role, text: &str) -> String {
        if !self.style.color || text.is_empty() {
            return text.to_owned();
        }
        let ansi = match role {
            Role::Good => AnsiColor::Green.on_default().effects(Effects::BOLD),
            Role::Bad => AnsiColor::BrightRed.on_default().effects(Effects::BOLD),
            Role::Doubt => AnsiColor::Yellow.on_default().effects(Effects::BOLD),
            Role::Strong => Ansi::new().effects(Effects::BOLD),
            Role::Note => AnsiColor::Cyan.on_default().effects(Effects::BOLD),
        };
        format!("{}{text}{}", ansi.render(), ansi.render_reset())
    }

    /// Adds `line` as it is.
    pub(crate) fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// Adds an empty line, unless there is one, or nothing yet.
    pub(crate) fn gap(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// Adds the title of a part.
    pub(crate) fn heading(&mut self, text: &str) {
        self.gap();
        let rule = if self.style.unicode { "──" } else { "--" };
        for (index, line) in wrap(text, self.width() - 6, self.width() - 6).iter().enumerate() {
            let line =
                if index == 0 { format!("{rule} {line} {rule}") } else { format!("   {line}") };
            let line = self.paint(Role::Strong, &line);
            self.line(&line);
        }
        self.gap();
    }

    /// Adds `text`, wrapped: `indent` spaces and the label before its first line, `hang` spaces before
    /// the others.
    pub(crate) fn say(
        &mut self,
        indent: usize,
        label: Option<(Role, &str)>,
        hang: usize,
        text: &str,
    ) {
        let start = label.map_or(indent, |(_, label)| indent + label.chars().count() + 1);
        let width = self.width();
        if let Some((role, label)) =
            label.filter(|_| start + LEAST_ROOM > width && !text.is_empty())
        {
            self.line(&format!("{}{}", " ".repeat(indent), self.paint(role, label)));
            return self.say(hang, None, hang, text);
        }
        let lines = wrap(text, width.saturating_sub(start), width.saturating_sub(hang));
        for (index, line) in lines.iter().enumerate() {
            let before = match label {
                Some((role, label)) if index == 0 => {
                    format!("{}{} ", " ".repeat(indent), self.paint(role, label))
                }
                _ => " ".repeat(if index == 0 { indent } else { hang }),
            };
            self.line(&format!("{before}{line}"));
        }
    }

    /// Adds a line that tells a verdict; it is not wrapped, so that programs find it.
    pub(crate) fn verdict(&mut self, verdict: Verdict, line: &str) {
        let role = match verdict {
            Verdict::Go => Role::Good,
            Verdict::GoWithConditions | Verdict::Unknown => Role::Doubt,
            Verdict::NoGo => Role::Bad,
        };
        let line = match line.strip_prefix(verdict.words()) {
            Some(rest) => format!("{}{rest}", self.paint(role, verdict.words())),
            None => line.to_owned(),
        };
        self.line(&line);
    }

    /// All lines.
    pub(crate) fn finish(self) -> String {
        let text = visible::no_line_commands(&self.text);
        // The messages of requirements are written in Unicode.
        if self.style.unicode { text } else { text.replace('…', "...") }
    }
}

/// `text` in lines of at most `first` columns, then `rest`; a longer word stands alone.
///
/// Of a text that has several lines the first is wrapped and the others stay as they are: they are
/// lines to add to a file.
pub(crate) fn wrap(text: &str, first: usize, rest: usize) -> Vec<String> {
    let (prose, to_add) = text.split_once('\n').map_or((text, None), |(a, b)| (a, Some(b)));
    let mut lines: Vec<String> = Vec::new();
    let mut current = String::new();
    for word in prose.split_whitespace() {
        let room = if lines.is_empty() { first } else { rest };
        let length = current.chars().count() + 1 + word.chars().count();
        if !current.is_empty() && length > room {
            lines.push(std::mem::take(&mut current));
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    lines.push(current);
    lines.extend(to_add.into_iter().flat_map(|text| text.split('\n')).map(str::to_owned));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_wrapped_at_words_and_a_long_word_stands_alone() {
        assert_eq!(wrap("one two three", 7, 5), ["one two", "three"]);
        assert_eq!(wrap("one verylongword two", 8, 8), ["one", "verylongword", "two"]);
        assert_eq!(wrap("", 8, 8), [""]);
    }

    #[test]
    fn lines_to_add_keep_their_indentation() {
        assert_eq!(wrap("add:\n  a:\n    b: 1", 40, 40), ["add:", "  a:", "    b: 1"]);
    }

    #[test]
    fn colour_surrounds_words_and_never_replaces_them() {
        let style = Style { color: true, ..Style::default() };
        let mut screen = Screen::new(&style);
        screen.verdict(Verdict::Go, "GO search");
        assert_eq!(screen.finish(), "\u{1b}[1m\u{1b}[32mGO\u{1b}[0m search\n");
    }
}
