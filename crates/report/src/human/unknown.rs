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
    for rows in rows.chunk_by(|a, b| {
        matter::dimension(&a.answer.requirement) == matter::dimension(&b.answer.requirement)
    }) {
        let Some(first) = rows.first() else { continue };
        screen.gap();
        let dimension = visible::line(matter::dimension(&first.answer.requirement));
        let title = format!("unknown in {dimension}: {}", rows.len());
        let title = screen.paint(Role::Doubt, &title);
        screen.line(&title);
        for row in rows {
            print_row(screen, row, services);
        }
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
    let end = format!("{among}{free}{way}");
    let text = shortened(screen, &missing, &end, (screen.width() - hang) * lines) + &end;
    if is_narrow {
        screen.line(&format!("  {}", id.trim_end()));
        screen.say(6, None, 6, &text);
    } else {
        screen.say(2, Some((Role::Strong, &id)), 37, &text);
    }
}

/// `missing`, cut so that with its `end` it takes no more than `room`; whole for those who ask for all.
fn shortened(screen: &Screen<'_>, missing: &str, end: &str, room: usize) -> String {
    // Lines break at words, which leaves some of them shorter.
    let room = room.saturating_sub(end.chars().count() + 12).max(24);
    if screen.style.is_verbose || missing.chars().count() <= room {
        return missing.to_owned();
    }
    let dots = if screen.style.unicode { "…" } else { "..." };
    let cut: String = missing.chars().take(room).collect();
    let cut = cut.rsplit_once(' ').map_or(cut.as_str(), |(words, _)| words);
    format!("{cut} {dots}")
}
