//! What was not examined.

use std::fmt::Write as _;

use model::{Assessment, Sighting};

use super::escape::{clause, text};

/// How many of each are listed; the rest is counted.
const LISTED: usize = 500;

/// Prints what was read, what was not, and why.
pub(super) fn print(page: &mut String, assessment: &Assessment) {
    let coverage = &assessment.coverage;
    let files = model::counted(coverage.files, "file");
    let _ = writeln!(
        page,
        "<h2>What was examined</h2>\n<p>{} of {files} were read.</p>",
        coverage.read
    );
    if let Some(cut) = &coverage.cut {
        let _ =
            writeln!(page, "<p><span class=\"state failed\">cut short</span> {}</p>", clause(cut));
    }
    let seen = |seen: &Sighting| {
        format!("<code>{}</code>: {}", text(&seen.place.to_string()), clause(&seen.message))
    };
    list(page, "Examined only in part", coverage.gaps.iter().map(seen));
    list(page, "Perhaps services, not judged", coverage.possible.iter().map(seen));
    list(page, "Not taken for a service", coverage.passed_over.iter().map(seen));
    let uncommitted = coverage.uncommitted.iter();
    let uncommitted = uncommitted.map(|path| format!("<code>{}</code>", text(path)));
    list(page, "Not as git has it, and of no commit", uncommitted);
    let skipped = coverage.skipped.iter();
    let skipped =
        skipped.map(|(path, why)| format!("<code>{}</code>: {}", text(path), clause(why)));
    list(page, "Not read", skipped);
    let ignored = coverage.ignored.iter().map(|path| format!("<code>{}</code>", text(path)));
    list(page, "Left out by .gitignore", ignored);
}

fn list(page: &mut String, title: &str, items: impl ExactSizeIterator<Item = String>) {
    let count = items.len();
    if count == 0 {
        return;
    }
    let _ = writeln!(page, "<details><summary>{title}: {count}</summary>\n<ul>");
    for item in items.take(LISTED) {
        let _ = writeln!(page, "<li>{item}</li>");
    }
    if count > LISTED {
        let _ = writeln!(page, "<li>and {} more; the JSON report lists them</li>", count - LISTED);
    }
    page.push_str("</ul>\n</details>\n");
}
