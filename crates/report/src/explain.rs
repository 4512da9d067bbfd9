//! One requirement on a terminal: what it asks, why, and how it is proven.

use model::Tier;
use requirements::{Dimension, Reference, Requirement};

use crate::case::{self, Part};
use crate::human::{Role, Screen, wrap};
use crate::{Style, effort, way};

/// One requirement as a page for a terminal of `style`.
pub fn explain(requirement: &Requirement, style: &Style) -> String {
    let mut screen = Screen::new(style);
    screen.say(0, Some((Role::Strong, requirement.id)), 0, "");
    screen.say(0, None, 0, &format!("This service is ready when {}.", requirement.title));
    part(&mut screen, "Why", requirement.why);
    part(&mut screen, "What to do", requirement.remedy);
    title(&mut screen, "Asked of");
    for line in asked(requirement) {
        screen.say(2, None, 4, &line);
    }
    title(&mut screen, "How it is proven");
    for (grade, way) in way::all(requirement) {
        screen.say(2, None, 4, &format!("{grade}: {way}"));
    }
    let changes: Vec<&str> = requirement.invalidated_by.iter().map(|c| c.words()).collect();
    part(&mut screen, "What takes its evidence away", &changes.join("; "));
    let effort = effort::in_words(requirement.effort.minutes());
    part(&mut screen, "Effort", &format!("{effort}, where it is missing altogether"));
    cases(&mut screen, requirement);
    references(&mut screen, requirement.references);
    screen.finish()
}

/// The requirements of a dimension, one to a line, their titles wrapped beside the ids; below them
/// where there is no room for both.
pub fn list(dimension: &Dimension, style: &Style) -> String {
    let mut screen = Screen::new(style);
    let head = format!("{}: {}?", dimension.id, dimension.question);
    for line in wrap(&head, screen.width(), screen.width()) {
        screen.line(&line);
    }
    let beside = TITLE_AT + SHORTEST_TITLE <= screen.width();
    let column = if beside { TITLE_AT } else { 4 };
    let room = screen.width().saturating_sub(column);
    for requirement in dimension.requirements {
        let titles = wrap(requirement.title, room, room);
        let mut lines = titles.iter();
        let first = lines.next().filter(|_| beside).map_or("", String::as_str);
        screen.line(&format!("  {:<34} {first}", requirement.id));
        for line in titles.iter().skip(usize::from(beside)) {
            screen.line(&format!("{:column$}{line}", ""));
        }
    }
    screen.gap();
    screen.finish()
}

/// Where titles stand beside the longest id.
const TITLE_AT: usize = 37;

/// Titles in fewer columns than these are hard to read.
const SHORTEST_TITLE: usize = 30;

/// What each tier asks, and of which kinds of service.
pub(crate) fn asked(requirement: &Requirement) -> Vec<String> {
    let kinds: Vec<&str> = requirement.kinds.iter().map(|kind| kind.name()).collect();
    let mut lines = vec![format!("kinds of service: {}", kinds.join(", "))];
    for (tier, demand) in Tier::ALL.iter().zip(requirement.demands) {
        let demand = demand.map_or_else(|| "nothing".to_owned(), |demand| demand.to_string());
        lines.push(format!("tier {tier}: {demand}"));
    }
    lines
}

fn title(screen: &mut Screen<'_>, text: &str) {
    screen.gap();
    let text = screen.paint(Role::Strong, text);
    screen.line(&text);
}

fn part(screen: &mut Screen<'_>, name: &str, text: &str) {
    if !text.is_empty() {
        title(screen, name);
        screen.say(2, None, 2, text);
    }
}

fn cases(screen: &mut Screen<'_>, requirement: &Requirement) {
    let parts = case::parts(requirement.cases);
    if !parts.is_empty() {
        title(screen, "Cases");
    }
    for part in parts {
        match part {
            Part::Title(text) => {
                screen.gap();
                let (outcome, what) = text.split_once(": ").unwrap_or((text, ""));
                let role = if outcome == "met" { Role::Good } else { Role::Doubt };
                screen.say(2, Some((role, &format!("{outcome}:"))), 4, what);
            }
            Part::Prose(text) => screen.say(4, None, 4, &text),
            Part::File { path, lines, .. } => {
                screen.gap();
                screen.say(4, None, 4, path);
                for line in lines {
                    screen.line(&format!("    | {line}"));
                }
            }
        }
    }
}

fn references(screen: &mut Screen<'_>, references: &[Reference]) {
    if !references.is_empty() {
        title(screen, "Read more");
    }
    for Reference { title, url } in references {
        if screen.style.hyperlinks {
            screen.line(&format!("  \u{1b}]8;;{url}\u{1b}\\{title}\u{1b}]8;;\u{1b}\\"));
        } else {
            screen.say(2, None, 4, &format!("{title}: {url}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::REQUIREMENT;

    #[test]
    fn a_requirement_tells_why_how_and_where_to_read_more() {
        assert_eq!(
            explain(&REQUIREMENT, &Style::default()),
            "data/backups
This service is ready when backups run by themselves.

Why
  Disks fail.

What to do
  Schedule the backup of each store.

Asked of
  kinds of service: web, worker
  tier 1: observed, at most 7 days old
  tier 2: observed, at most 30 days old
  tier 3: declared

How it is proven
  declared: files of the repository, not read yet: backup schedules
  observed: the backup storage: age of the newest backup
  proven: `gonogo drill restore`, not in this version

What takes its evidence away
  another major version of a datastore; a schema migration

Effort
  about 1 day, where it is missing altogether

Cases

  unmet: no schedule
    Nobody runs it.

    gonogo.yaml
    | data: []

Read more
  On backups: https://backups.example/
"
        );
    }

    #[test]
    fn references_are_links_where_the_terminal_makes_them() {
        let style = Style { hyperlinks: true, ..Style::default() };
        let text = explain(&REQUIREMENT, &style);
        assert!(text.contains("\u{1b}]8;;https://backups.example/\u{1b}\\On backups\u{1b}]8;;"));
    }

    #[test]
    fn every_requirement_can_be_explained() {
        for requirement in requirements::all() {
            let text = explain(requirement, &Style { width: 40, ..Style::default() });
            assert!(text.contains("\nHow it is proven\n"), "{text}");
        }
    }

    #[test]
    fn the_list_of_a_dimension_keeps_to_the_width() {
        for width in [40, 60, 100, 200] {
            for dimension in requirements::DIMENSIONS {
                let text = list(dimension, &Style { width, ..Style::default() });
                let too_long = text.lines().find(|line| line.chars().count() > width);
                assert_eq!(too_long, None, "{width}");
                let is_told = |r: &&&Requirement| text.contains(r.id);
                assert_eq!(
                    dimension.requirements.iter().filter(is_told).count(),
                    dimension.requirements.len()
                );
            }
        }
    }

    #[test]
    fn nothing_but_ascii_is_written_where_that_was_asked_for() {
        let style = Style { unicode: false, ..Style::default() };
        let mut screen = Screen::new(&style);
        screen.line("`links: {runbooks: …}`");
        assert_eq!(screen.finish(), "`links: {runbooks: ...}`\n");
    }
}
