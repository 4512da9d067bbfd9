//! What holds, and by which evidence; what cannot be asked, and why: for those who want all of it.

use model::{Answer, ServiceVerdict, State};

use super::{Role, Screen};
use crate::visible;

/// Prints what is met and what is not applicable.
pub(crate) fn print(screen: &mut Screen<'_>, service: &ServiceVerdict) {
    for answer in service.answers.iter().filter(|answer| answer.state == State::NotApplicable) {
        let label = format!("not-applicable[{}]:", visible::line(&answer.requirement));
        screen.say(0, Some((Role::Note, &label)), 4, &visible::line(&answer.reason));
    }
    screen.gap();
    for answer in service.answers.iter().filter(|answer| answer.state == State::Met) {
        met(screen, answer);
    }
    screen.gap();
}

fn met(screen: &mut Screen<'_>, answer: &Answer) {
    let label = format!("met[{}]:", visible::line(&answer.requirement));
    let until = answer.evidence.first().and_then(|e| e.fresh_until_day(answer.demand));
    let until = until.map_or_else(String::new, |day| format!(", fresh until {day}"));
    let text = format!("{}{until}", visible::line(&answer.reason));
    screen.say(0, Some((Role::Good, &label)), 4, &text);
    for seen in answer.evidence.iter().take(1).flat_map(|evidence| &evidence.seen) {
        let place = visible::line(&seen.place.to_string());
        screen.say(4, None, 6, &format!("{place}: {}", visible::line(&seen.message)));
    }
}
