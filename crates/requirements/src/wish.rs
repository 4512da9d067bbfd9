//! Sections that say what somebody wishes a service to do one day, and not what it does.

use facts::{Role, Section};

use crate::chapter::Chapter;
use crate::prose;

/// Whether a chapter stands in a list of what is still to be done, or is a story of it: "As a cashier, I
/// want to …", with what has to be so for it to be accepted.
pub(crate) fn is_wish(chapter: &Chapter<'_>) -> bool {
    // What a drill or a recovery has to come to is accepted by criteria, too.
    let may_be_one = matches!(chapter.document.role, Role::Other | Role::Readme);
    let name = prose::plain(chapter.document.stem());
    may_be_one && (is_list(name.trim()) || chapter.sections().take(1).any(is_story))
}

/// Whether a page is called after nothing else than what is to be done: a queue has a backlog too.
fn is_list(name: &str) -> bool {
    const LISTS: &[&str] =
        &["backlog", "product backlog", "roadmap", "to do", "todo", "todos", "user stories"];
    let is_sprint = || {
        let rest = name.strip_prefix("sprint").map(str::trim_start);
        rest.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit()))
    };
    LISTS.contains(&name) || is_sprint()
}

fn is_story(section: &Section) -> bool {
    is_numbered(&section.title)
        || prose::mentions(&section.text, &["acceptance criteria", "acceptance criterion"])
        || section.text.lines().any(is_told_by_somebody)
}

/// Whether a heading begins with the number of a story: "US-017: …".
fn is_numbered(title: &str) -> bool {
    let rest = title.trim_start().strip_prefix("US-");
    rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

fn is_told_by_somebody(line: &str) -> bool {
    let line = prose::plain(line);
    let line = line.trim_start_matches(|c: char| !c.is_alphabetic());
    let is_begun = ["as a ", "as an ", "as the "].iter().any(|start| line.starts_with(start));
    is_begun && ["i need", "i want", "i would like"].iter().any(|wish| line.contains(wish))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_that_is_called_after_more_than_what_is_to_be_done_is_no_list_of_it() {
        for name in ["backlog", "todo", "sprint 23", "roadmap"] {
            assert!(is_list(name), "{name}");
        }
        for name in ["queue backlog", "sprint 23 network cutover", "mapping"] {
            assert!(!is_list(name), "{name}");
        }
    }

    #[test]
    fn somebody_who_wants_something_tells_a_story() {
        assert!(is_told_by_somebody("> As an administrator, I want to see all limits."));
        assert!(!is_told_by_somebody("As a rule, each client has 20 connections."));
    }
}
