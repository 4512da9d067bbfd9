//! The table of services, where there are several.

use model::{ServiceVerdict, State, Weight};

use super::{Column, Screen, Table};
use crate::visible;

/// How many answers block.
pub(crate) fn blockers(service: &ServiceVerdict) -> usize {
    service.answers.iter().filter(|answer| answer.weight == Weight::Blocks).count()
}

/// Prints one row for each of `services`.
pub(crate) fn print(screen: &mut Screen<'_>, services: &[&ServiceVerdict]) {
    screen.heading(&model::counted(services.len(), "service"));
    let text = |title, spare| Column { title, is_number: false, spare };
    let number = |title, spare| Column { title, is_number: true, spare };
    let mut table = Table::new(vec![
        text("verdict", 0),
        text("service", 0),
        text("tier", 3),
        text("kind", 4),
        number("blocking", 0),
        number("failed", 2),
        number("unknown", 2),
        number("weak", 3),
        number("met", 3),
        text("path", 5),
    ]);
    for service in services {
        let counts = service.counts();
        let number = |state| counts.get(state).to_string();
        let assumed = |is_assumed| if is_assumed { "?" } else { "" };
        table.row(vec![
            service.verdict.to_string(),
            visible::line(&service.service),
            format!("{}{}", service.tier, assumed(service.is_tier_assumed)),
            format!("{}{}", service.kind, assumed(service.is_kind_assumed)),
            blockers(service).to_string(),
            number(State::Failed),
            number(State::Unknown),
            number(State::Weak),
            number(State::Met),
            visible::line(&service.path),
        ]);
    }
    table.print(screen);
    if services.iter().any(|service| service.is_tier_assumed || service.is_kind_assumed) {
        screen.say(0, None, 0, "`?`: not declared, assumed");
    }
}
