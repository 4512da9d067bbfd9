//! The cases of a requirement, cut into what is shown apart: titles, prose and files.

/// A part of a requirement's cases.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    /// What the case is about, its outcome first.
    Title(&'a str),
    /// A paragraph.
    Prose(String),
    /// A file.
    File {
        /// The language, empty where none is named.
        language: &'a str,
        /// The path, empty where none is named.
        path: &'a str,
        /// The lines.
        lines: Vec<&'a str>,
    },
}

/// Cuts `text`; its first heading, the id, is left out.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut prose: Vec<&str> = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let ticks = line.len() - line.trim_start_matches('`').len();
        let is_break = line.is_empty() || line.starts_with('#') || ticks >= 3;
        if is_break && !prose.is_empty() {
            parts.push(Part::Prose(std::mem::take(&mut prose).join(" ")));
        }
        if let Some(title) = line.strip_prefix("## ") {
            parts.push(Part::Title(title.trim()));
        } else if ticks >= 3 {
            let (fence, info) = line.split_at(ticks);
            let (language, path) = info.trim().split_once(' ').unwrap_or((info.trim(), ""));
            let content = lines.by_ref().take_while(|line| line.trim_end() != fence).collect();
            parts.push(Part::File { language, path: path.trim(), lines: content });
        } else if !is_break {
            prose.push(line.trim());
        }
    }
    if !prose.is_empty() {
        parts.push(Part::Prose(prose.join(" ")));
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cases_are_cut_into_titles_prose_and_files() {
        let text = "# a/b\n\n## unmet: no probe\n\nNobody\nlooks.\n\n````yaml a.yaml\na: 1\n```\n\
                    ````\nEnd.\n";
        assert_eq!(
            parts(text),
            [
                Part::Title("unmet: no probe"),
                Part::Prose("Nobody looks.".into()),
                Part::File { language: "yaml", path: "a.yaml", lines: vec!["a: 1", "```"] },
                Part::Prose("End.".into()),
            ]
        );
    }

    #[test]
    fn a_fence_that_is_never_closed_ends_with_the_text() {
        let file = Part::File { language: "", path: "", lines: vec!["a"] };
        assert_eq!(parts("```\na"), [file]);
    }
}
