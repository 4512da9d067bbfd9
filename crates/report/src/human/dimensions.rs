//! The summary: each dimension with its counts.

use std::collections::BTreeMap;

use model::{Answer, ServiceVerdict, State};

use super::{Column, Screen, Table};
use crate::count::ORDER;
use crate::{matter, visible};

/// Prints the table, all services together, and what its words mean.
pub(crate) fn print(screen: &mut Screen<'_>, services: &[&ServiceVerdict]) {
    let answers: Vec<&Answer> = services.iter().flat_map(|service| &service.answers).collect();
    if answers.is_empty() {
        return;
    }
    let used: Vec<State> =
        ORDER.into_iter().filter(|state| answers.iter().any(|a| a.state == *state)).collect();
    screen.heading("Summary");
    let mut columns = vec![Column { title: "dimension", is_number: false, spare: 0 }];
    columns.extend(used.iter().map(|state| column(*state)));
    let mut table = Table::new(columns);
    for ((_, dimension), its) in by_dimension(&answers) {
        let mut cells = vec![visible::line(dimension)];
        cells.extend(
            used.iter().map(|state| cell(its.iter().filter(|a| a.state == *state).count())),
        );
        table.row(cells);
    }
    table.print(screen);
    screen.gap();
    for state in used {
        if let Some(meaning) = meaning(state) {
            screen.say(0, None, 4, &format!("{}: {meaning}", title(state)));
        }
    }
}

fn cell(count: usize) -> String {
    if count == 0 { ".".to_owned() } else { count.to_string() }
}

/// The answers of each dimension that anything was asked of, in the order of the dimensions.
fn by_dimension<'a>(answers: &[&'a Answer]) -> BTreeMap<(usize, &'a str), Vec<&'a Answer>> {
    let mut dimensions: BTreeMap<_, Vec<&'a Answer>> = BTreeMap::new();
    for answer in answers {
        let id = &*answer.requirement;
        let key = (matter::dimension_index(id), matter::dimension(id));
        dimensions.entry(key).or_default().push(answer);
    }
    dimensions
}

const fn title(state: State) -> &'static str {
    match state {
        State::NotApplicable => "n/a",
        _ => state.name(),
    }
}

const fn column(state: State) -> Column {
    let spare = match state {
        State::Failed | State::Unknown | State::Error => 0,
        State::Weak | State::Stale => 1,
        State::Met => 2,
        State::Planned | State::Accepted => 3,
        State::NotApplicable => 4,
    };
    Column { title: title(state), is_number: true, spare }
}

/// What the word means, where it does not speak for itself.
pub(crate) const fn meaning(state: State) -> Option<&'static str> {
    match state {
        State::Met | State::Failed => None,
        State::Weak => Some("holds by weaker evidence than the tier asks for"),
        State::Stale => Some("held when it was last looked at, too long ago"),
        State::Unknown => Some("nothing shows whether it holds; never counted as met"),
        State::Error => Some("the look itself could not be taken"),
        State::Planned => Some("not yet, somebody sees to it by a date"),
        State::Accepted => Some("does not hold, and somebody took the risk until a date"),
        State::NotApplicable => Some("cannot be asked of this service"),
    }
}
