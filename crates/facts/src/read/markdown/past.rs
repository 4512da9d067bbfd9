//! Pages that say of themselves, in the title or in a status near the top, that they are of the past, or
//! drafts that nobody has published yet.

use model::Placed;

use crate::{Role, Section};

/// Words by which a page is called one of the past.
const PAST: &[&str] =
    &["archived", "deprecated", "historical", "obsolete", "retired", "superseded"];

/// Lines of the text right under the title among which a status is looked for.
const LINES: usize = 8;

/// Whether the page says so. A README says it of what it stands beside, a decision that another has
/// followed it, and a report is always of the past.
pub(super) fn is_of_the_past(
    role: Role,
    title: Option<&Placed<String>>,
    front_matter: &[(String, Placed<String>)],
    sections: &[Section],
) -> bool {
    if matches!(role, Role::Readme | Role::Decision | Role::Postmortem) {
        return false;
    }
    let is_status = |(key, value): &(String, Placed<String>)| {
        let is_draft = key.eq_ignore_ascii_case("draft") && value.eq_ignore_ascii_case("true");
        is_draft || (key.eq_ignore_ascii_case("status") && starts_past(value))
    };
    // The first heading of a lower level is of a part, where the page has no title.
    let is_of_part = |title: &Placed<String>| {
        sections.iter().any(|section| section.level > 1 && section.title.place == title.place)
    };
    title.is_some_and(|title| is_called_past(title) && !is_of_part(title))
        || front_matter.iter().any(is_status)
        || top(sections).any(is_past_line)
}

/// The first lines of what stands before the first heading and under the first one.
fn top(sections: &[Section]) -> impl Iterator<Item = &str> {
    let count = if sections.first().is_some_and(|section| section.level == 0) { 2 } else { 1 };
    let lines = sections.iter().take(count).flat_map(|section| section.text.lines());
    lines.map(str::trim).filter(|line| !line.is_empty()).take(LINES)
}

/// Whether a word for the past is set apart in a title: "Rollout (HISTORICAL)", "Obsolete: rollout".
fn is_called_past(title: &str) -> bool {
    let marks = ['(', ')', '[', ']', ':', '—', '–', '|'];
    let mut parts = title.split(marks).flat_map(|part| part.split(" - "));
    parts.any(|part| is_past_word(part.trim().trim_matches(['*', '_', '~'])))
}

fn is_past_word(word: &str) -> bool {
    PAST.iter().any(|past| word.eq_ignore_ascii_case(past))
}

/// Whether a line is a status of the past, or says that the page is one.
fn is_past_line(line: &str) -> bool {
    let line = line.trim_start_matches(|c: char| !c.is_alphanumeric());
    let lower = line.to_lowercase();
    let status = lower.strip_prefix("status").map(str::trim_start);
    let status =
        status.and_then(|rest| rest.trim_start_matches(['*', '_']).strip_prefix([':', '=']));
    if let Some(status) = status {
        return starts_past(status);
    }
    let told = PAGES.iter().find_map(|page| {
        let rest = lower.strip_prefix("this ")?.strip_prefix(page)?;
        [" is ", " has been ", " was "].iter().find_map(|verb| rest.strip_prefix(verb))
    });
    told.is_some_and(|rest| {
        let articles = ["a ", "an ", "now ", "kept as "];
        starts_past(articles.iter().find_map(|word| rest.strip_prefix(word)).unwrap_or(rest))
    })
}

const PAGES: &[&str] =
    &["doc", "document", "guide", "page", "plan", "playbook", "procedure", "runbook"];

/// Whether the first word is one for the past.
fn starts_past(text: &str) -> bool {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.next().is_some_and(is_past_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_for_the_past_is_set_apart_in_a_title() {
        for title in [
            "Rollout (HISTORICAL)",
            "[Obsolete] Rollout",
            "Retired: rollout",
            "Rollout — superseded",
        ] {
            assert!(is_called_past(title), "{title}");
        }
        for title in
            ["Historical data", "Retired services", "Rollout", "Deprecated API calls: a guide"]
        {
            assert!(!is_called_past(title), "{title}");
        }
    }

    #[test]
    fn a_draft_is_no_page_yet_and_a_readme_always_is_one() {
        let said = |role, value: &str| {
            let place = model::Place::point("a.md", 1, 1);
            let written = [("draft".to_owned(), Placed::new(value.to_owned(), place))];
            is_of_the_past(role, None, &written, &[])
        };
        assert!(said(Role::Architecture, "true"));
        assert!(!said(Role::Architecture, "false"));
        assert!(!said(Role::Readme, "true"));
    }

    #[test]
    fn a_status_near_the_top_or_a_sentence_on_the_page_says_that_it_is_of_the_past() {
        for line in [
            "Status: HISTORICAL. This tells of the old stack.",
            "> **Status:** superseded by the new one",
            "This runbook is obsolete.",
            "This document has been retired",
            "**Status**: Retired",
        ] {
            assert!(is_past_line(line), "{line}");
        }
        for line in [
            "Status: accepted, and not obsolete",
            "This page is on retired services",
            "This service is retired in spring",
            "Historical data is kept for a year",
        ] {
            assert!(!is_past_line(line), "{line}");
        }
    }
}
