//! What is not known: on a first run that is most, so it takes a line or two for each requirement.

use std::collections::BTreeMap;

use model::{Answer, ServiceVerdict, State, Weight};

use super::{Role, Screen};
use crate::{count, matter, visible, way};

/// What a row tells.
struct Row<'a> {
    answer: &'a Answer,
    services: usize,
}

/// Prints what is not known of `service`.
pub(crate) fn print(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    let unknown = service.answers.iter().filter(|answer| answer.state == State::Unknown);
    let rows = unknown.map(|answer| Row { answer, services: 1 }).collect();
    by_dimension(screen, rows, 1);
}

/// Prints what is not known of any of `services`, each requirement once.
pub(crate) fn print_all(screen: &mut Screen<'_>, services: &[&ServiceVerdict]) {
    let mut rows: BTreeMap<&str, Row<'_>> = BTreeMap::new();
    let answers = services.iter().flat_map(|service| &service.answers);
    for answer in answers.filter(|answer| answer.state == State::Unknown) {
        rows.entry(&answer.requirement).or_insert(Row { answer, services: 0 }).services += 1;
    }
    if rows.is_empty() {
        return;
    }
    screen.heading("Unknown");
    screen.say(0, None, 0, "In every service, unless it is said in how many.");
    by_dimension(screen, rows.into_values().collect(), services.len());
}

fn by_dimension(screen: &mut Screen<'_>, mut rows: Vec<Row<'_>>, services: usize) {
    rows.sort_by_key(|row| matter::dimension_index(&row.answer.requirement));
    for same in rows.chunk_by(|a, b| {
        matter::dimension(&a.answer.requirement) == matter::dimension(&b.answer.requirement)
    }) {
        let Some(first) = same.first() else { continue };
        screen.gap();
        let dimension = visible::line(matter::dimension(&first.answer.requirement));
        let title = format!("unknown in {dimension}: {}", same.len());
        let title = screen.paint(Role::Doubt, &title);
        screen.line(&title);
        for row in same {
            print_row(screen, row, services);
        }
    }
    if !screen.style.is_verbose && !rows.is_empty() {
        screen.gap();
        let text = "`--verbose` tells in full what is missing, `gonogo explain ID` what to do";
        screen.say(0, Some((Role::Note, "note:")), 6, text);
    }
    screen.gap();
}

fn print_row(screen: &mut Screen<'_>, row: &Row<'_>, services: usize) {
    let answer = row.answer;
    let missing = match answer.reason.as_str() {
        "" => "nothing is known".to_owned(),
        reason => visible::line(reason),
    };
    let among = match services {
        all if all == row.services => String::new(),
        all => format!(" (in {} of {})", row.services, count::of(all, "service")),
    };
    let free = if answer.weight == Weight::Free { " (does not block)" } else { "" };
    let arrow = if screen.style.unicode { "→" } else { "->" };
    let way = way::beyond_reason(answer).map(|way| format!(" {arrow} {}", visible::line(&way)));
    let way = way.unwrap_or_default();
    let id = format!("{:<34}", visible::line(&answer.requirement));
    let is_narrow = screen.width() < 72;
    let (hang, lines) = if is_narrow { (6, 3) } else { (37, 2) };
    let room = (screen.width() - hang) * lines - 12;
    let end = format!("{among}{free}{way}");
    let missing =
        shortened(screen, &missing, room.saturating_sub(end.chars().count()).max(room / 2));
    let end = shortened(screen, &end, room.saturating_sub(missing.chars().count()));
    let text = missing + &end;
    if is_narrow {
        screen.line(&format!("  {}", id.trim_end()));
        screen.say(6, None, 6, &text);
    } else {
        screen.say(2, Some((Role::Strong, &id)), 37, &text);
    }
}

/// `text`, cut at a word so that it takes no more than `room`; whole for those who ask for all.
fn shortened(screen: &Screen<'_>, text: &str, room: usize) -> String {
    if screen.style.is_verbose || text.chars().count() <= room {
        return text.to_owned();
    }
    let dots = if screen.style.unicode { "…" } else { "..." };
    let cut: String = text.chars().take(room).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{cut} {dots}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Style, sample};

    fn print_with(reason: &str, is_verbose: bool) -> String {
        let mut service = sample::checkout().verdicts.services[0].clone();
        for answer in &mut service.answers {
            reason.clone_into(&mut answer.reason);
        }
        let style = Style { is_verbose, ..Style::default() };
        let mut screen = Screen::new(&style);
        print(&mut screen, &service);
        screen.finish()
    }

    #[test]
    fn a_long_reason_is_cut_and_whole_for_those_who_ask() {
        let long = "nothing was found ".repeat(40);
        let (short, whole) = (print_with(&long, false), print_with(&long, true));
        assert!(short.lines().count() <= 10, "{short}");
        assert!(short.contains(" ... ") || short.contains(" ...\n"), "{short}");
        assert!(short.contains("`gonogo attest"), "{short}");
        assert_eq!(whole.matches("found").count(), 80, "{whole}");
    }
}
