//! What is not known: on a first run that is most, so what files could answer takes a few lines
//! each, and what they cannot is listed by what it takes instead.

use std::collections::{BTreeMap, BTreeSet};

use model::{Answer, ServiceVerdict, State, Weight};

use super::{Role, Screen};
use crate::way::{self, Beyond};
use crate::{matter, visible};

/// So many lines tell why something is not known.
const LINES: usize = 4;

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
        let row = rows.entry(&answer.requirement).or_insert(Row { answer, services: 0 });
        row.services += 1;
        // What answers the service of which most is asked answers all.
        if answer.demand.grade > row.answer.demand.grade {
            row.answer = answer;
        }
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
        let is_brief = !screen.style.is_verbose;
        let beyond = |row: &Row<'_>| {
            way::beyond_files(&row.answer.requirement, row.answer.demand).filter(|_| is_brief)
        };
        for row in same.iter().filter(|row| beyond(row).is_none()) {
            print_row(screen, row, services);
        }
        let ways: BTreeSet<Beyond> = same.iter().filter_map(beyond).collect();
        for way in ways {
            let rows = same.iter().filter(|row| beyond(row) == Some(way));
            let ids: Vec<String> = rows.map(|row| in_brief(row, services)).collect();
            if !ids.is_empty() {
                let text = format!("{}: {}", needs(way), ids.join(", "));
                screen.say(2, None, 4, &text);
            }
        }
    }
    if !screen.style.is_verbose && !rows.is_empty() {
        screen.gap();
        let text = "`--verbose` tells in full what is missing, `gonogo explain ID` what to do";
        screen.say(0, Some((Role::Note, "note:")), 6, text);
    }
    screen.gap();
}

/// What those need that no file answers.
fn needs(way: Beyond) -> String {
    match way {
        Beyond::Run(drill) => return format!("run `gonogo drill {drill}`, which proves"),
        Beyond::Word => "read from no file yet; answer with `gonogo attest ID`",
        Beyond::Unread => {
            "read from no file yet, and more than an attestation is asked: `gonogo accept ID` takes \
             the risk"
        }
        Beyond::Live => "needs a live system, which this version does not ask",
        Beyond::Drill => "needs a drill that this version does not have",
    }
    .to_owned()
}

fn in_brief(row: &Row<'_>, services: usize) -> String {
    visible::line(&row.answer.requirement) + &beside(row, services)
}

/// What is said beside a requirement: in how many services, and whether it matters.
fn beside(row: &Row<'_>, services: usize) -> String {
    let among = match services {
        all if all == row.services => String::new(),
        all => format!(" (in {} of {})", row.services, model::counted(all, "service")),
    };
    let free = if row.answer.weight == Weight::Free { " (does not block)" } else { "" };
    among + free
}

fn print_row(screen: &mut Screen<'_>, row: &Row<'_>, services: usize) {
    let answer = row.answer;
    let reason = match answer.reason.as_str() {
        "" => "nothing is known".to_owned(),
        reason => visible::line(reason),
    };
    let arrow = if screen.style.unicode { "→" } else { "->" };
    let way = way::beyond_reason(answer).map(|way| format!(" {arrow} {}", visible::line(&way)));
    let id = format!("{:<34}", visible::line(&answer.requirement));
    let is_narrow = screen.width() < 72;
    let hang = if is_narrow { 6 } else { 37 };
    let room = (screen.width() - hang) * LINES;
    let mut text = shortened(screen, &reason, room) + &beside(row, services);
    // Half of a way leads nowhere.
    let fits = |way: &String| {
        screen.style.is_verbose || text.chars().count() + way.chars().count() <= room
    };
    text += &way.filter(fits).unwrap_or_default();
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
        assert!(short.lines().count() <= 20, "{short}");
        assert!(short.contains(" ... ") || short.contains(" ...\n"), "{short}");
        assert_eq!(whole.matches("found").count(), 80, "{whole}");
    }
}
