//! The table as a page of Markdown.

use std::fmt::Write;

use super::shape::{Key, Section, Shape};
use super::table::SERVICE;

/// A file that has every key.
pub(super) const EXAMPLE: &str = include_str!("example.yaml");

const OPENING: &str = "\
# gonogo.yaml

A `gonogo.yaml` (or `gonogo.yml`, `.gonogo.yaml`) in the folder of a service says what no other file says of it. It is
optional, and what it says wins over what other files say. Several services in one folder are several documents
separated by `---`, or one document that is a list. Unknown keys are errors.

`gonogo schema` prints the JSON Schema, with which editors complete and check the file.
";

/// The reference page of a gonogo.yaml, in Markdown.
pub fn reference() -> String {
    let mut page = OPENING.to_owned();
    let sections = sections();
    for (path, section) in &sections {
        write_section(&mut page, path, section, &sections);
    }
    // Writing to a text cannot fail.
    let _ = write!(page, "\n## A whole file\n\n```yaml\n{EXAMPLE}```\n");
    page
}

/// All sections in the order of the file, each once, with the first path that leads there.
fn sections() -> Vec<(String, &'static Section)> {
    let mut sections: Vec<(String, &'static Section)> = Vec::new();
    let mut open = vec![(String::new(), &SERVICE)];
    while let Some((path, section)) = open.pop() {
        if sections.iter().any(|(_, known)| known.id == section.id) {
            continue;
        }
        let inner: Vec<_> =
            section.inner().map(|(key, section)| (path_of(&path, key), section)).collect();
        open.extend(inner.into_iter().rev());
        sections.push((path, section));
    }
    sections
}

fn path_of(before: &str, key: &Key) -> String {
    let dot = if before.is_empty() { "" } else { "." };
    format!("{before}{dot}{}{}", key.name, key.shape.path_suffix())
}

fn write_section(page: &mut String, path: &str, section: &Section, all: &[(String, &Section)]) {
    let title = if path.is_empty() { "The file".to_owned() } else { format!("`{path}`") };
    let _ = write!(page, "\n## {title}\n\n{}\n\n", section.doc);
    page.push_str("| key | what it says | value | example |\n|---|---|---|---|\n");
    for key in section.keys {
        let Key { name, doc, example, .. } = key;
        let need = if key.is_required { " (required)" } else { "" };
        let value = escaped(&value_of(&key.shape, all));
        let _ = writeln!(page, "| `{name}`{need} | {doc} | {value} | `{}` |", escaped(example));
    }
}

fn value_of(shape: &Shape, all: &[(String, &Section)]) -> String {
    let section = shape.section().map(|section| section.id);
    let home = all.iter().find(|(_, known)| Some(known.id) == section);
    match (shape, home) {
        (Shape::Word(words), _) => {
            words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
        }
        (Shape::Named(names, _), Some((path, _))) => {
            format!("a mapping from {} to `{path}`", names.words)
        }
        (Shape::Named(names, shape), None) => {
            format!("a mapping from {} to {}", names.words, shape.words())
        }
        (Shape::List(..), Some((path, _))) => format!("a list of `{path}`"),
        (Shape::Mapping(_), Some((path, _))) => format!("`{path}`"),
        _ => shape.words(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_has_a_row_for_every_key_and_a_whole_file() {
        let page = reference();
        for heading in
            ["## The file", "## `journeys[].request`", "## `identities.*`", "## A whole file"]
        {
            assert!(page.contains(heading), "{heading}");
        }
        for row in
            ["| `service` (required) |", "| `backup-owner` |", "| `rpo` |", "| `on-failure` |"]
        {
            assert_eq!(page.matches(row).count(), 1, "{row}");
        }
    }
}
