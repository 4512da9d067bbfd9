//! Chapters of documents: a heading with all that stands under it, its subsections included.

use std::borrow::Cow;
use std::collections::HashSet;

use facts::{Document, Section};
use model::{Place, Placed};

use crate::prose;

/// A heading of a document with all that stands under it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chapter<'a> {
    /// The document.
    pub(crate) document: &'a Document,
    heading: &'a Section,
    below: &'a [Section],
    next: Option<&'a Section>,
    /// The headings that it stands under, by their levels.
    above: [Option<&'a Section>; LEVELS],
}

/// Levels of headings, that of the text before the first one included.
const LEVELS: usize = 7;

/// What a document says of a subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Treatment<'a> {
    /// It says something, here.
    Said(&'a Place),
    /// There is a heading for it, and nothing but placeholders under it.
    Empty(&'a Place),
    /// It does not come up.
    Missing,
}

/// All chapters of `document`, the text before its first heading as one without a title.
pub(crate) fn chapters(document: &Document) -> impl Iterator<Item = Chapter<'_>> {
    let mut open = [None; LEVELS];
    document.sections.iter().enumerate().map(move |(at, heading)| {
        let above = open_above(&mut open, heading);
        let after = document.sections.get(at + 1..).unwrap_or_default();
        let is_text_before = heading.level == 0;
        let count = after.iter().take_while(|s| !is_text_before && s.level > heading.level).count();
        let below = after.get(..count).unwrap_or_default();
        Chapter { document, heading, below, next: after.get(count), above }
    })
}

/// The headings above `heading`, which from here on is open for those that follow.
fn open_above<'a>(
    open: &mut [Option<&'a Section>; LEVELS],
    heading: &'a Section,
) -> [Option<&'a Section>; LEVELS] {
    let level = usize::from(heading.level);
    open.iter_mut().skip(level).for_each(|known| *known = None);
    let above = *open;
    if let Some(known) = open.get_mut(level) {
        *known = Some(heading);
    }
    above
}

/// Whether a heading is on setting the code up to develop it.
pub(crate) fn is_on_local_setup(title: &str) -> bool {
    prose::mentions(title, LOCAL_SETUP)
}

static LOCAL_SETUP: &[&str] = &[
    "dev environment",
    "dev setup",
    "development environment",
    "development setup",
    "local dev",
    "local development",
    "local environment",
    "local installation",
    "local setup",
    "setting up locally",
    "setup for development",
];

/// Whether what is written in `language` is no commands.
pub(crate) fn holds_no_commands(language: &str) -> bool {
    NO_COMMANDS.contains(&language.to_lowercase().as_str())
}

/// Languages of code blocks that are no commands.
static NO_COMMANDS: &[&str] = &[
    "d2",
    "diff",
    "dot",
    "dockerfile",
    "go",
    "hcl",
    "ini",
    "java",
    "javascript",
    "js",
    "json",
    "kotlin",
    "mermaid",
    "plantuml",
    "promql",
    "properties",
    "python",
    "rust",
    "sql",
    "terraform",
    "toml",
    "ts",
    "typescript",
    "xml",
    "yaml",
    "yml",
];

/// What `document` says under a heading, a label ("Impact: …") or in a table row called by one of
/// `phrases`, its title left out.
pub(crate) fn treatment<'a>(document: &'a Document, phrases: &[&str]) -> Treatment<'a> {
    let mut found = Treatment::Missing;
    for chapter in chapters(document).filter(|chapter| !chapter.is_title()) {
        if !chapter.title().is_empty() && prose::mentions(chapter.title(), phrases) {
            if chapter.says_something() {
                return Treatment::Said(chapter.place());
            }
            found = Treatment::Empty(chapter.place());
        }
    }
    let labelled = document.sections.iter().find(|section| has_label(section, phrases));
    labelled.map_or(found, |section| Treatment::Said(&section.title.place))
}

impl<'a> Chapter<'a> {
    /// A whole document as one chapter; `None` where it is empty.
    pub(crate) fn whole(document: &'a Document) -> Option<Self> {
        let (heading, below) = document.sections.split_first()?;
        Some(Self { document, heading, below, next: None, above: [None; LEVELS] })
    }

    /// Headings that it stands under, the outermost first, the title of the document left out; the text
    /// before the first heading is none.
    pub(crate) fn headings_above(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let title = self.document.title.as_ref().map(|title| &title.place);
        let headings = self.above.into_iter().flatten();
        headings
            .filter(move |above| above.level > 1 || Some(&above.title.place) != title)
            .map(|above| above.title.value.as_str())
            .filter(|title| !title.is_empty())
    }

    /// The heading of the chapter right before it, on its own level and under the same heading.
    pub(crate) fn heading_before(&self) -> Option<&'a str> {
        let sections = &self.document.sections;
        let is_own = |section: &&Section| section.title.place == self.heading.title.place;
        let at = sections.iter().position(|section| is_own(&section))?;
        let before = sections.get(..at)?.iter().rev();
        let mut before = before.skip_while(|section| section.level > self.heading.level);
        let is_beside = |section: &&Section| section.level == self.heading.level;
        before.next().filter(is_beside).map(|section| section.title.value.as_str())
    }

    /// Whether it stands under a heading on working with the code at home: what it says of running,
    /// deploying or mending is about that.
    pub(crate) fn is_of_local_work(&self) -> bool {
        self.headings_above().any(|title| prose::mentions(title, &["local", "locally"]))
    }

    /// Whether it stands under a heading on setting the code up to develop it.
    pub(crate) fn is_of_local_setup(&self) -> bool {
        self.headings_above().any(is_on_local_setup)
    }

    /// Whether it stands under a heading that is not the title: it is about a part of that.
    pub(crate) fn is_of_a_part(&self) -> bool {
        self.headings_above().next().is_some()
    }

    /// Whether it is what `anchor` names, or stands in that; an empty one names the whole document.
    pub(crate) fn is_at(&self, anchor: &str) -> bool {
        let mut headings = self.above.into_iter().flatten().chain([self.heading]);
        anchor.is_empty() || headings.any(|heading| heading.anchor == anchor)
    }

    /// Whether `other` stands in it.
    pub(crate) fn contains(&self, other: &Self) -> bool {
        self.document.place == other.document.place
            && self.below.iter().any(|section| section.title.place == other.heading.title.place)
    }

    /// Where something is said of `phrases`: a heading with content under it, or a sentence.
    pub(crate) fn says(&self, phrases: &[&str]) -> Option<&'a Place> {
        let section = self.sections().enumerate().find_map(|(at, section)| {
            let is_headed = prose::mentions(&section.title.value, phrases) && self.has_content(at);
            (is_headed || states(section, phrases)).then_some(section)
        });
        section.map(|section| &section.title.place)
    }

    /// Where a sentence, or its heading, names one of `subjects` together with one of `deeds`.
    pub(crate) fn says_both(&self, subjects: &[&str], deeds: &[&str]) -> Option<&'a Place> {
        let section = self.sections().find(|section| {
            let is_about = prose::mentions(&section.title, subjects);
            statements(section).any(|statement| {
                prose::says_something(&statement)
                    && (is_about || prose::mentions(&statement, subjects))
                    && prose::mentions(&statement, deeds)
            })
        });
        section.map(|section| &section.title.place)
    }

    /// Where a sentence, list item or table row is as `is_wanted` says.
    pub(crate) fn states(&self, is_wanted: impl Fn(&str) -> bool) -> Option<&'a Place> {
        let mut sections = self.sections();
        let section = sections.find(|section| statements(section).any(|text| is_wanted(&text)))?;
        Some(&section.title.place)
    }

    /// The same, blocks of code left out.
    pub(crate) fn states_in_words(&self, is_wanted: impl Fn(&str) -> bool) -> Option<&'a Place> {
        self.states_in_words_under(|_| true, is_wanted)
    }

    /// The same, under headings that are as `is_headed` says.
    pub(crate) fn states_in_words_under(
        &self,
        is_headed: impl Fn(&str) -> bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Option<&'a Place> {
        let section =
            self.sections().filter(|section| is_headed(&section.title)).find(|section| {
                let code = section.code.iter().flat_map(|(_, code)| code.value.lines());
                let code: HashSet<&str> = code.map(str::trim).collect();
                let is_code = |text: &str| text.lines().all(|line| code.contains(line.trim()));
                statements(section).any(|text| is_wanted(&text) && !is_code(&text))
            })?;
        Some(&section.title.place)
    }

    /// Whether anything stands under its heading number `at`.
    fn has_content(&self, at: usize) -> bool {
        let level = self.sections().nth(at).map_or(0, |section| section.level);
        let mut sections = self.sections().skip(at);
        let own = sections.next();
        own.into_iter()
            .chain(sections.take_while(|section| section.level > level))
            .any(says_something)
    }

    /// The text of the heading.
    pub(crate) fn title(&self) -> &'a str {
        &self.heading.title.value
    }

    /// Where the heading stands.
    pub(crate) fn place(&self) -> &'a Place {
        &self.heading.title.place
    }

    /// What to call it: the heading, or the name of the file where it has none or is a document.
    pub(crate) fn name(&self) -> &'a str {
        let is_whole = self.document.sections.first() == Some(self.heading) && self.next.is_none();
        let name = if is_whole { "" } else { self.title() };
        if name.is_empty() { self.document.place.file_name() } else { name }
    }

    /// Whether it holds a drawing as text.
    pub(crate) fn has_diagram(&self) -> bool {
        let languages = ["mermaid", "plantuml", "puml", "dot", "graphviz", "d2"];
        let is_drawing = |language: &str| languages.contains(&language.to_lowercase().as_str());
        self.sections().any(|section| section.code.iter().any(|(l, _)| is_drawing(l)))
    }

    /// Whether the heading is the title of the whole document.
    pub(crate) fn is_title(&self) -> bool {
        self.heading.level == 1
            && self.document.title.as_ref().is_some_and(|t| t.place == self.heading.title.place)
    }

    /// Its sections, its own first, without those that only list what the others are called.
    pub(crate) fn sections(&self) -> impl Iterator<Item = &'a Section> + use<'a> {
        let is_list = |section: &&Section| {
            let title = section.title.trim().to_lowercase();
            matches!(title.as_str(), "contents" | "table of contents" | "toc")
        };
        std::iter::once(self.heading).chain(self.below.iter().filter(move |s| !is_list(s)))
    }

    /// Whether anything but placeholders stands in it.
    pub(crate) fn says_something(&self) -> bool {
        self.sections().any(says_something)
    }

    /// Whether it holds a block of code that is not empty.
    pub(crate) fn has_code(&self) -> bool {
        self.sections().any(|section| section.code.iter().any(|(_, c)| !c.value.trim().is_empty()))
    }

    /// How many words stand in it.
    pub(crate) fn word_count(&self) -> usize {
        self.sections().map(|section| section.text.split_whitespace().count()).sum()
    }

    /// What it lists, in order: rows of its tables without their heads, else items of its lists,
    /// else the headings in it.
    pub(crate) fn entries(&self) -> Vec<String> {
        let rows = self.sections().flat_map(|section| section.rows.iter().skip(1));
        let rows: Vec<String> = rows
            .map(|row| row.iter().map(|cell| cell.value.as_str()).collect::<Vec<_>>().join(" "))
            .collect();
        if !rows.is_empty() {
            return rows;
        }
        let items = self.sections().flat_map(|section| &section.items);
        let items: Vec<String> = items.map(|item| item.value.clone()).collect();
        if !items.is_empty() {
            return items;
        }
        self.below.iter().map(|section| section.title.value.clone()).collect()
    }

    /// The links that stand in it.
    pub(crate) fn links(&self) -> impl Iterator<Item = &'a Placed<String>> + use<'a> {
        let start = self.place().line;
        let end = self.next.map_or(u32::MAX, |next| next.title.place.line);
        self.document.links.iter().filter(move |link| (start..end).contains(&link.place.line))
    }

    /// Whether one of `phrases` stands in its text.
    pub(crate) fn mentions(&self, phrases: &[&str]) -> bool {
        self.sections().any(|section| prose::mentions(&section.text, phrases))
    }
}

fn says_something(section: &Section) -> bool {
    section.code.iter().any(|(_, code)| !code.value.trim().is_empty())
        || prose::says_something(&section.text)
        || section.rows.iter().skip(1).flatten().any(|cell| !prose::is_placeholder(&cell.value))
}

/// Sentences, list items and table rows of the section, a row with its heading before it.
fn statements(section: &Section) -> impl Iterator<Item = Cow<'_, str>> {
    let sentences = prose::sentences(&section.text).map(Cow::Borrowed);
    let items = section.items.iter().map(|item| Cow::Borrowed(item.value.as_str()));
    let rows = section.rows.iter().skip(1).map(|row| {
        let cells: Vec<&str> = row.iter().map(|cell| cell.value.as_str()).collect();
        Cow::Owned(cells.join(" "))
    });
    sentences.chain(items).chain(rows)
}

/// Whether a sentence, list item or table row of the section says something of `phrases`.
fn states(section: &Section, phrases: &[&str]) -> bool {
    let says = |text: &str| prose::says_something(text) && prose::mentions(text, phrases);
    let row_says = |row: &Vec<Placed<String>>| {
        let is_named = |cell: &Placed<String>| prose::mentions(&cell.value, phrases);
        row.iter().any(is_named)
            && row.iter().any(|cell| !is_named(cell) && !prose::is_placeholder(&cell.value))
    };
    prose::sentences(&section.text).any(says)
        || section.items.iter().any(|item| says(&item.value))
        || section.rows.iter().skip(1).any(row_says)
}

/// Whether a line or a table row of the section is called by one of `phrases` and goes on.
fn has_label(section: &Section, phrases: &[&str]) -> bool {
    let is_label = |label: &str| label.len() <= 40 && prose::mentions(label, phrases);
    let in_lines = section.text.lines().any(|line| {
        label_of(line).is_some_and(|(label, rest)| is_label(label) && !prose::is_placeholder(rest))
    });
    in_lines
        || has_label_above(section, &is_label)
        || section.rows.iter().any(|row| match row.as_slice() {
            [label, value, ..] => is_label(&label.value) && !prose::is_placeholder(&value.value),
            _ => false,
        })
}

/// Whether a line of a few words and a colon, called so, stands right above what goes on: a list, code.
fn has_label_above(section: &Section, is_label: &dyn Fn(&str) -> bool) -> bool {
    let lines = || section.text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines().zip(lines().skip(1)).any(|(label, next)| {
        label.strip_suffix(':').is_some_and(|label| {
            label.starts_with(char::is_alphabetic)
                && label.split_whitespace().count() <= FEW_WORDS
                && is_label(label)
        }) && !next.ends_with(':')
            && !prose::is_placeholder(next)
    })
}

/// No more words head a list; more lead to it in a sentence.
const FEW_WORDS: usize = 3;

/// What stands before and after the first colon, dash or equals sign of a line.
fn label_of(line: &str) -> Option<(&str, &str)> {
    let line = line.trim_start_matches(|c: char| c.is_whitespace() || "-*•".contains(c));
    [": ", " — ", " – ", " - ", " = "]
        .iter()
        .filter_map(|mark| line.split_once(mark))
        .min_by_key(|(label, _)| label.len())
}
