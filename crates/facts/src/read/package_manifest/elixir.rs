//! mix.exs, which is code and is not run.

use super::draft::{Draft, lines};
use crate::Facts;
use crate::read::Source;

/// Reads `app:` and the dependencies that are not `only:` for development or tests.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "hex");
    let mut is_within = false;
    for (start, line) in lines(source.text) {
        let code = line.split('#').next().unwrap_or_default().trim();
        let offset = start + (line.len() - line.trim_start().len());
        if let Some(name) = code.strip_prefix("app: :") {
            draft.name(atom(name), offset + "app: :".len());
        }
        draft.package.is_runnable |= code.starts_with("mod: {");
        is_within = (is_within || code.starts_with("defp deps") || code.starts_with("def deps"))
            && code != "end";
        let Some(at) = code.find("{:").filter(|_| is_within) else { continue };
        let name = atom(code.get(at + 2..).unwrap_or_default());
        if !is_for_development(code) {
            draft.depend(name, offset + at + 2);
        }
    }
    facts.packages.push(draft.package);
}

fn is_for_development(code: &str) -> bool {
    let only = code.split_once("only:").map_or("", |(_, only)| only);
    [":dev", ":test"].iter().any(|group| only.contains(group)) && !only.contains(":prod")
}

fn atom(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}
