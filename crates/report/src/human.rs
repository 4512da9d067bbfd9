//! The report for people at a terminal: what matters most stands nearest to the end.

mod condition;
mod coverage;
mod dimensions;
mod frame;
mod hints;
mod holds;
mod screen;
mod service;
mod services;
mod table;
mod unknown;

pub(crate) use screen::{Role, Screen};
pub(crate) use table::{Column, Table};

use model::{Assessment, ServiceVerdict};

use crate::matter::Matter;
use crate::{Style, count, matter};

/// How many services are shown one by one, the worst of them, where there are more.
const SERVICES_SHOWN: usize = 10;

/// Prints `assessment` for a terminal of `style`; the last line is the verdict with its counts.
pub(crate) fn print(assessment: &Assessment, style: &Style) -> String {
    let mut screen = Screen::new(style);
    let matters = matter::failures(assessment);
    let services = worst_last(assessment);
    if services.len() > 1 {
        services::print(&mut screen, &services);
    }
    let shown = if style.is_verbose { services.len() } else { SERVICES_SHOWN };
    let left_out = services.len().saturating_sub(shown);
    for service in services.iter().skip(left_out) {
        service::print(&mut screen, service, &matters, assessment);
    }
    if services.len() > 1 {
        unknown::print_all(&mut screen, &services);
        shared(&mut screen, &matters, assessment);
    }
    if left_out > 0 {
        let text = format!(
            "{} more in the table above only; check their folders, or add `--verbose`",
            count::of(left_out, "service")
        );
        screen.gap();
        screen.say(0, Some((Role::Note, "note:")), 6, &text);
    }
    if services.is_empty() {
        hints::nothing_found(&mut screen);
    }
    coverage::print(&mut screen, assessment);
    dimensions::print(&mut screen, &services);
    hints::print(&mut screen, assessment, &matters);
    verdicts(&mut screen, assessment, &services, left_out);
    screen.finish()
}

/// The services, the worst last.
fn worst_last(assessment: &Assessment) -> Vec<&ServiceVerdict> {
    let mut services: Vec<&ServiceVerdict> = assessment.verdicts.services.iter().collect();
    services.sort_by_key(|service| (service.verdict, services::blockers(service)));
    services
}

/// The findings that several services share, each once.
fn shared(screen: &mut Screen<'_>, matters: &[Matter<'_>], assessment: &Assessment) {
    let shared: Vec<&Matter<'_>> = matters.iter().filter(|m| m.services.len() > 1).collect();
    if shared.is_empty() {
        return;
    }
    screen.heading("Shared by several services");
    let limit = if screen.style.is_verbose { shared.len() } else { service::FRAMES_ALONE };
    service::left_out(screen, shared.len().saturating_sub(limit));
    for matter in shared.iter().skip(shared.len().saturating_sub(limit)) {
        frame::print(screen, matter, &assessment.excerpts);
    }
}

/// The verdict of each service that was shown, then the one on everything.
fn verdicts(
    screen: &mut Screen<'_>,
    assessment: &Assessment,
    services: &[&ServiceVerdict],
    left_out: usize,
) {
    screen.gap();
    if services.len() > 1 {
        for service in services.iter().skip(left_out) {
            let line = count::service_line(service, service.verdict);
            screen.verdict(service.verdict, &line);
        }
    }
    screen.verdict(assessment.verdict(), &count::last_line(assessment));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_blocks_stands_before_the_summary_and_the_verdict_last() {
        let text = print(&sample::checkout(), &Style::default());
        let parts = ["found by:", "unknown in", "accepted[", "failed[", "Not examined", "hint:"];
        let places: Vec<usize> = parts.iter().map(|part| text.find(part).unwrap()).collect();
        assert!(places.is_sorted(), "{places:?}\n{text}");
        assert!(text.lines().last().unwrap().starts_with("NO-GO checkout@3f2c1a9 (tier 1): "));
    }

    #[test]
    fn look() {
        for (width, unicode) in [(80, false), (40, false), (120, true)] {
            let style = Style { width, unicode, ..Style::default() };
            println!("=== {width}\n{}", print(&sample::two(), &style));
        }
        println!("=== 1\n{}", print(&sample::checkout(), &Style::default()));
        println!("=== hostile\n{}", print(&sample::hostile(), &Style::default()));
        println!("=== none\n{}", print(&sample::nothing(), &Style::default()));
    }
}
