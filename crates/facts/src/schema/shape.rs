//! The words in which the table of a gonogo.yaml is written.

use super::format::Format;

/// A mapping with known keys.
#[derive(Debug)]
pub(crate) struct Section {
    /// Its name, unique among all sections.
    pub(super) id: &'static str,
    /// What it says, as a sentence.
    pub(super) doc: &'static str,
    /// Its keys, in the order in which they are best written.
    pub(super) keys: &'static [Key],
}

impl Section {
    /// The key called `name`.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// Its keys that are mappings, or lists of mappings, with known keys.
    pub(super) fn inner(&self) -> impl Iterator<Item = (&'static Key, &'static Section)> {
        self.keys.iter().filter_map(|key| Some((key, key.shape.section()?)))
    }
}

/// One key of a [`Section`].
#[derive(Debug)]
pub(crate) struct Key {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    /// What it says, as a sentence.
    pub(super) doc: &'static str,
    /// A value as it is written in YAML, in one line.
    pub(super) example: &'static str,
    pub(super) is_required: bool,
}

/// What stands under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    /// A text that looks as the format says.
    Text(&'static Format),
    /// One word of a few.
    Word(&'static [&'static str]),
    /// `true` or `false`.
    Flag,
    /// A whole number between two others, these included.
    Whole(i64, i64),
    /// A program and its arguments.
    Command,
    /// A list of mappings; no two may have the same value under the key that is named.
    List(&'static Section, Option<&'static str>),
    /// A mapping whose keys are names that the user gives.
    Named(&'static Format, &'static Shape),
    /// A mapping with known keys.
    Mapping(&'static Section),
}

impl Shape {
    /// The section that stands below, if one does.
    pub(super) fn section(&self) -> Option<&'static Section> {
        match *self {
            Self::List(section, _) | Self::Mapping(section) => Some(section),
            Self::Named(_, shape) => shape.section(),
            Self::Text(_) | Self::Word(_) | Self::Flag | Self::Whole(..) | Self::Command => None,
        }
    }

    /// What is added to the path of a key to name what is inside.
    pub(super) fn path_suffix(&self) -> &'static str {
        match self {
            Self::List(..) => "[]",
            Self::Named(..) => ".*",
            _ => "",
        }
    }

    /// What is expected, with an article.
    pub(super) fn words(&self) -> String {
        match self {
            Self::Text(format) => format.words.to_owned(),
            Self::Word(words) => format!("one of {}", words.join(", ")),
            Self::Flag => "`true` or `false`".to_owned(),
            Self::Whole(least, most) => format!("a whole number from {least} to {most}"),
            Self::Command => "a list of a program and its arguments".to_owned(),
            Self::List(..) => "a list of mappings".to_owned(),
            Self::Named(names, _) => format!("a mapping from {} to its value", names.words),
            Self::Mapping(_) => "a mapping".to_owned(),
        }
    }
}
