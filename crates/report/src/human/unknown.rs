//! What is not known: on a first run that is most, so it takes a line or two for each requirement.

use std::collections::BTreeMap;

use model::{Answer, ServiceVerdict, State};

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
    let arrow = if screen.style.unicode { "→" } else { "->" };
    let way = visible::line(&way::to_answer(&answer.requirement, answer.demand));
    let among = match services {
        1 => String::new(),
        _ => format!(" (in {} of {})", row.services, count::of(services, "service")),
    };
    let free = if answer.weight == model::Weight::Free { " (does not block)" } else { "" };
    let text = format!("{missing}{among}{free} {arrow} {way}");
    let id = format!("{:<34}", visible::line(&answer.requirement));
    if screen.width() < 72 {
        screen.line(&format!("  {}", id.trim_end()));
        screen.say(6, None, 6, &text);
    } else {
        screen.say(2, Some((Role::Strong, &id)), 37, &text);
    }
}
