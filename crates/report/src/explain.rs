//! One requirement on a terminal: what it asks, why, and how it is proven.

use model::Tier;
use requirements::{Reference, Requirement};

use crate::case::{self, Part};
use crate::human::{Role, Screen};
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
  declared: `gonogo attest data/backups`; not read yet: backup schedules
  observed: the backup storage: age of the newest backup
  proven: `gonogo drill restore`, not in this version

What takes its evidence away
  another major version of a datastore; a schema migration

Effort
  1 day, where it is missing altogether

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
}
