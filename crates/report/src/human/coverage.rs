//! What was not examined: a verdict is worth as much as what it looked at.

use model::{Assessment, Coverage, Sighting};

use super::{Role, Screen};
use crate::visible;

/// How many of each are named where not all are asked for.
const NAMED: usize = 5;
/// How many that may be services are.
const POSSIBLE: usize = 20;

/// Prints what was not examined and what could not be relied on.
pub(crate) fn print(screen: &mut Screen<'_>, assessment: &Assessment) {
    let coverage = &assessment.coverage;
    possible(screen, &coverage.possible);
    if !is_complete(coverage) {
        screen.heading("Not examined");
        screen.say(0, None, 0, &read(coverage));
        sightings(screen, "examined only in part", "file", &coverage.gaps);
        sightings(screen, "passed over", "place", &coverage.passed_over);
        skipped(screen, coverage);
        ignored(screen, coverage);
    }
    if let Some(text) = coverage.not_committed() {
        screen.gap();
        screen.say(0, Some((Role::Note, "not committed:")), 4, &visible::line(&text));
    }
    if let Some(cut) = &coverage.cut {
        screen.say(0, Some((Role::Bad, "cut short:")), 4, &visible::line(cut));
    }
    if !assessment.troubles.is_empty() || !assessment.caveats.is_empty() {
        screen.gap();
    }
    for caveat in &assessment.caveats {
        screen.say(0, Some((Role::Note, "by the tree's own word:")), 4, &visible::line(caveat));
    }
    for trouble in &assessment.troubles {
        screen.say(0, Some((Role::Bad, "trouble:")), 4, &visible::line(trouble));
    }
}

/// Prints what may be a service too, of which nothing else is told.
fn possible(screen: &mut Screen<'_>, possible: &[Sighting]) {
    if possible.is_empty() {
        return;
    }
    screen.heading("Perhaps services, not judged");
    let limit = if screen.style.is_verbose { possible.len() } else { POSSIBLE };
    for seen in possible.iter().take(limit) {
        let place = visible::line(&seen.place.to_string());
        screen.say(0, None, 4, &format!("{place}: {}", visible::line(&seen.message)));
    }
    let more = possible.len().saturating_sub(limit);
    if more > 0 {
        screen.say(0, None, 4, &format!("and {more} more; `--verbose` lists them"));
    }
}

fn is_complete(coverage: &Coverage) -> bool {
    coverage.gaps.is_empty()
        && coverage.skipped.is_empty()
        && coverage.ignored.is_empty()
        && coverage.passed_over.is_empty()
        && coverage.cut.is_none()
}

fn read(coverage: &Coverage) -> String {
    format!("{} of {} were read", coverage.read, model::counted(coverage.files, "file"))
}

fn sightings(screen: &mut Screen<'_>, what: &str, noun: &str, seen: &[Sighting]) {
    let texts = seen.iter().map(|sighting| {
        let place = visible::line(&sighting.place.to_string());
        format!("{place}: {}", visible::line(&sighting.message))
    });
    list(screen, &format!("{} {what}", model::counted(seen.len(), noun)), texts);
}

fn skipped(screen: &mut Screen<'_>, coverage: &Coverage) {
    let texts = coverage
        .skipped
        .iter()
        .map(|(path, reason)| format!("{}: {}", visible::line(path), visible::line(reason)));
    list(screen, &format!("{} not read", model::counted(coverage.skipped.len(), "path")), texts);
}

fn ignored(screen: &mut Screen<'_>, coverage: &Coverage) {
    let texts = coverage.ignored.iter().map(|path| visible::line(path));
    let title =
        format!("{} left out by .gitignore", model::counted(coverage.ignored.len(), "path"));
    if screen.style.is_verbose || coverage.ignored.is_empty() {
        list(screen, &title, texts);
    } else {
        screen.line(&title);
    }
}

fn list(screen: &mut Screen<'_>, title: &str, texts: impl ExactSizeIterator<Item = String>) {
    if texts.len() == 0 {
        return;
    }
    screen.line(&format!("{title}:"));
    let limit = if screen.style.is_verbose { texts.len() } else { NAMED };
    let more = texts.len().saturating_sub(limit);
    for text in texts.take(limit) {
        screen.say(2, None, 6, &text);
    }
    if more > 0 {
        screen.say(2, None, 6, &format!("and {more} more; `--verbose` lists them"));
    }
}
