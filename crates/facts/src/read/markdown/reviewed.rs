//! When a document was last reviewed, where it says so.

use std::sync::LazyLock;

use jiff::civil::Date;
use model::Placed;
use regex::{Captures, Regex};

use crate::cursor::Cursor;

/// Keys of front matter that say when the document was last looked at.
const KEYS: &[&str] = &[
    "lastmod",
    "lastreviewed",
    "lastreviewedon",
    "lastreviewdate",
    "lastupdated",
    "lastverified",
    "reviewdate",
    "reviewed",
    "reviewedat",
    "reviewedon",
    "updated",
    "updatedat",
    "verified",
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `Last reviewed: …`, `| Updated on | …`, up to the date.
static LINE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let done = "reviewed|review|updated|update|verified|checked|revised|modified|tested|drilled";
    let said =
        format!(r"last[ _-]?(?:{done})|(?:reviewed|updated|verified)(?:[ _-]?(?:on|at))?\W*[:|]");
    Regex::new(&format!(
        r"(?i)(?:\b|_)(?:{said})[^0-9A-Z\n]{{0,20}}(?:on|at|date)?[^0-9A-Z\n]{{0,20}}{DATE}"
    ))
    .ok()
});

const DATE: &str = r"(?:(?<y>\d{4})[-/.](?<m>\d{1,2})[-/.](?<d>\d{1,2})|(?<d2>\d{1,2})(?:st|nd|rd|th)?[ -](?<mon>[a-z]{3,9})\.?,?[ -](?<y2>\d{4})|(?<mon2>[a-z]{3,9})\.? (?<d3>\d{1,2})(?:st|nd|rd|th)?,? (?<y3>\d{4}))(?:\b|_)";

static WHOLE: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(&format!(r"(?i)^\s*{DATE}")).ok());

/// The latest date that the front matter or a line of the text calls that of a review.
pub(super) fn reviewed(
    front_matter: &[(String, Placed<String>)],
    body: &str,
    start: usize,
    cursor: &mut Cursor<'_>,
) -> Option<Placed<Date>> {
    let written = front_matter.iter().filter(|(key, _)| is_review(key)).filter_map(|(_, value)| {
        let date = date(&WHOLE.as_ref()?.captures(value)?)?;
        Some(Placed::new(date, value.place.clone()))
    });
    let lines = LINE.as_ref().map(|line| line.captures_iter(body)).into_iter().flatten();
    let said = lines.filter_map(|found| {
        let whole = found.get(0)?;
        let place = cursor.place(start + whole.start(), start + whole.end());
        Some(Placed::new(date(&found)?, place))
    });
    written.chain(said).max_by_key(|found| found.value)
}

fn is_review(key: &str) -> bool {
    let key: String =
        key.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    KEYS.contains(&key.as_str())
}

fn date(found: &Captures<'_>) -> Option<Date> {
    let text = |names: &[&str]| names.iter().find_map(|name| found.name(name)).map(|m| m.as_str());
    let year = text(&["y", "y2", "y3"])?.parse().ok()?;
    let day = text(&["d", "d2", "d3"])?.parse().ok()?;
    let month = match text(&["m"]) {
        Some(number) => number.parse().ok()?,
        None => month(text(&["mon", "mon2"])?)?,
    };
    Date::new(year, month, day).ok()
}

fn month(name: &str) -> Option<i8> {
    let start = name.get(..3)?.to_ascii_lowercase();
    let at = MONTHS.iter().position(|month| *month == start)?;
    i8::try_from(at + 1).ok()
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    fn found(text: &str) -> Option<String> {
        let mut cursor = Cursor::new(&Arc::from("a.md"), text);
        reviewed(&[], text, 0, &mut cursor).map(|date| format!("{} {}", *date, date.place))
    }

    #[test]
    fn dates_are_read_as_people_write_them() {
        for text in [
            "Last reviewed: 2026-01-31",
            "**Last updated:** 2026/01/31",
            "| Last reviewed | 2026-1-31 |",
            "_Last verified on 31 January 2026_",
            "last-reviewed: Jan 31st, 2026",
            "Reviewed: 2026-01-31 by somebody",
            "Updated on: 31-Jan-2026",
            "Last drilled 2026-01-31 and last reviewed 2025-01-01",
        ] {
            let found = found(text);
            assert!(
                found.as_ref().is_some_and(|f| f.starts_with("2026-01-31 a.md:1:")),
                "{text} {found:?}"
            );
        }
    }

    #[test]
    fn other_dates_are_none() {
        for text in [
            "Last reviewed: YYYY-MM-DD",
            "Created: 2026-01-31",
            "reviewed in 2026",
            "Last reviewed: 2026-13-31",
            "it was reviewed by 3 people on 2026-01-31",
            "Last reviewed: 31/01/2026",
        ] {
            assert_eq!(found(text), None, "{text}");
        }
    }
}
