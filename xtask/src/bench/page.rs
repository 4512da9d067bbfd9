//! Parts of docs/benchmarks.md, each written by its own command.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Writes the part of that name anew, and leaves the others.
pub(super) fn replace(root: &Path, name: &str, text: &str) -> Result<()> {
    let path = root.join("docs/benchmarks.md");
    let page = fs::read_to_string(&path).context("reading docs/benchmarks.md")?;
    fs::write(&path, with_part(&page, name, text)).context("writing docs/benchmarks.md")
}

/// The page with the part in its place, or at its end if it had none.
fn with_part(page: &str, name: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- begin: {name} -->\n"), format!("<!-- end: {name} -->\n"));
    let part = format!("{begin}{}\n{end}", text.trim_end());
    match page.split_once(&begin) {
        Some((before, rest)) => {
            let after = rest.split_once(&end).map_or("", |(_, after)| after);
            format!("{before}{part}{after}")
        }
        None => format!("{}\n\n{part}", page.trim_end()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_others_stay() {
        let page = with_part("# B\n", "a", "one");
        let page = with_part(&page, "b", "two");
        let page = with_part(&page, "a", "three");
        assert_eq!(
            page,
            "# B\n\n<!-- begin: a -->\nthree\n<!-- end: a -->\n\n<!-- begin: b -->\ntwo\n<!-- end: b -->\n"
        );
    }
}
