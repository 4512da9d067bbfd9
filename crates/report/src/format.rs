//! The formats that a verdict can be printed in, and how a terminal wants its text.

use std::fmt;
use std::str::FromStr;

use model::Assessment;

/// A format of a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people at a terminal.
    Human,
    /// Everything, for programs: `gonogo.verdict/v1`.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// `JUnit` XML, for whatever shows test reports.
    Junit,
    /// For the summary of a pipeline's step and for comments.
    Markdown,
    /// One page that needs nothing else, for reading and printing.
    Html,
    /// GitHub's workflow commands: annotations on the lines of a change.
    Github,
    /// GitLab's code quality report.
    Gitlab,
}

impl Format {
    /// All formats.
    pub const ALL: [Self; 8] = [
        Self::Human,
        Self::Json,
        Self::Sarif,
        Self::Junit,
        Self::Markdown,
        Self::Html,
        Self::Github,
        Self::Gitlab,
    ];

    /// The word that users write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
            Self::Sarif => "sarif",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Github => "github",
            Self::Gitlab => "gitlab",
        }
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|format| format.name() == text).ok_or_else(|| {
            let names: Vec<&str> = Self::ALL.iter().map(|format| format.name()).collect();
            format!("`{text}` is not a format: {}", names.join(", "))
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// How a terminal wants its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Whether it shows colours.
    pub color: bool,
    /// How many columns it has.
    pub width: usize,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
    /// Whether nothing is to be left out.
    pub is_verbose: bool,
    /// Whether it makes links of addresses.
    pub hyperlinks: bool,
}

impl Default for Style {
    /// What any log takes: 80 columns, no colour, ASCII.
    fn default() -> Self {
        Self { color: false, width: 80, unicode: false, is_verbose: false, hyperlinks: false }
    }
}

/// Prints `assessment` in `format`; `style` matters to the human format alone.
pub fn render(format: Format, assessment: &Assessment, style: &Style) -> String {
    match format {
        Format::Human => crate::human::print(assessment, style),
        Format::Json => crate::json::print(assessment),
        Format::Sarif => crate::sarif::print(assessment),
        Format::Junit => crate::junit::print(assessment),
        Format::Markdown => crate::markdown::print(assessment),
        Format::Html => crate::html::print(assessment),
        Format::Github => crate::github::print(assessment),
        Format::Gitlab => crate::gitlab::print(assessment),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_by_the_name_it_is_printed_with() {
        for format in Format::ALL {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "xml".parse::<Format>().unwrap_err();
        assert!(error.starts_with("`xml` is not a format: human, json"), "{error}");
    }
}
