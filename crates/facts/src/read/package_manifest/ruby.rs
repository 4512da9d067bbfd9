//! Gemfile, which is code and is not run.

use super::draft::{Draft, lines, quoted};
use crate::Facts;
use crate::read::Source;

/// Reads the gems outside of the groups for development and tests.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut draft = Draft::new(source, "gem");
    let mut blocks: Vec<bool> = Vec::new();
    for (start, line) in lines(source.text) {
        let code = line.trim_start();
        if code == "end" || code.starts_with("end ") {
            blocks.pop();
        } else if code.trim_end().ends_with(" do") || code.contains(" do |") {
            blocks.push(code.starts_with("group ") && is_for_development(code));
        } else if code.starts_with("if ") || code.starts_with("unless ") {
            blocks.push(false);
        } else if code.starts_with("gem ") || code.starts_with("gem(") {
            let options = code.split_once(',').map_or("", |(_, options)| options);
            let is_left_out = blocks.contains(&true)
                || (options.contains("group") && is_for_development(options));
            if let (false, Some((at, name))) = (is_left_out, quoted(line)) {
                draft.depend(name, start + at);
            }
        }
        // Deeper than any real Gemfile, and a bound for the search through the blocks.
        blocks.truncate(64);
    }
    facts.packages.push(draft.package);
}

fn is_for_development(code: &str) -> bool {
    [":development", ":test"].iter().any(|group| code.contains(group))
        && !code.contains(":production")
}
