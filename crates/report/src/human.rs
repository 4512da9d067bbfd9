//! The report for people at a terminal: what matters most stands nearest to the end.

mod condition;
mod coverage;
mod dimensions;
mod frame;
mod frames;
mod hints;
mod holds;
mod ratchet;
mod screen;
mod service;
mod services;
mod table;
mod unknown;

pub(crate) use condition::in_words as decision_in_words;
pub use hints::nothing_found;
pub use ratchet::ratchet;
pub(crate) use screen::{Role, Screen, wrap};
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
            model::counted(left_out, "service")
        );
        screen.gap();
        screen.say(0, Some((Role::Note, "note:")), 6, &text);
    }
    if services.is_empty() {
        hints::print_nothing_found(&mut screen);
    }
    coverage::print(&mut screen, assessment);
    dimensions::print(&mut screen, &services);
    hints::print(&mut screen, assessment, &matters);
    verdicts(&mut screen, assessment, &services, left_out);
    screen.finish()
}

/// The line that tells the verdict on everything with its counts, as each report ends with.
pub fn last_line(assessment: &Assessment) -> String {
    count::last_line(assessment) + "\n"
}

/// The services, the worst last.
fn worst_last(assessment: &Assessment) -> Vec<&ServiceVerdict> {
    let mut services: Vec<&ServiceVerdict> = assessment.verdicts.services.iter().collect();
    services.sort_by_key(|service| (service.verdict, services::blockers(service)));
    services
}

/// The findings that several services share, and those that differ only in their names, each once.
fn shared(screen: &mut Screen<'_>, matters: &[Matter<'_>], assessment: &Assessment) {
    let is_common = |m: &Matter<'_>| !screen.style.is_verbose && m.common.is_some();
    let shared: Vec<&Matter<'_>> =
        matters.iter().filter(|m| m.services.len() > 1 || is_common(m)).collect();
    if shared.is_empty() {
        return;
    }
    screen.heading("Shared by several services");
    frames::print(screen, &shared, &assessment.excerpts, service::ALONE);
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
    fn one_service_is_told_from_what_is_unknown_to_what_failed() {
        let text = print(&sample::checkout(), &Style::default());
        assert_eq!(text, include_str!("human/checkout.txt"));
    }

    fn widths() -> impl Iterator<Item = (usize, String)> {
        [40, 80, 200]
            .into_iter()
            .map(|width| (width, print(&sample::two(), &Style { width, ..Style::default() })))
    }

    #[test]
    fn lines_keep_to_the_width_but_for_verdicts_and_what_cannot_be_broken() {
        for (width, text) in widths() {
            for line in text.lines().filter(|line| line.chars().count() > width) {
                let is_verdict = line.starts_with("NO-GO ");
                let is_word = line.split_whitespace().count() == 1;
                let is_to_add = line.contains("httpGet");
                let is_frame = line.contains('|') || line.contains("^^^");
                assert!(is_verdict || is_word || is_to_add || is_frame, "{width}: {line}");
            }
        }
    }

    #[test]
    fn each_width_tells_the_same_words() {
        let told = |text: &str| {
            ["acme/checkout:latest", "read-only", "own-alerts"].map(|w| text.contains(w))
        };
        for (width, text) in widths() {
            assert_eq!(told(&text), [true; 3], "{width}\n{text}");
            assert!(text.is_ascii(), "{width}");
        }
    }

    #[test]
    fn without_its_colours_the_text_is_the_same() {
        let plain = print(&sample::two(), &Style::default());
        let colored = print(&sample::two(), &Style { color: true, ..Style::default() });
        let mut stripped = String::new();
        let mut parts = colored.split('\u{1b}');
        stripped.push_str(parts.next().unwrap());
        for part in parts {
            stripped.push_str(part.split_once('m').unwrap().1);
        }
        assert!(colored.len() > plain.len());
        assert_eq!(stripped, plain);
    }

    #[test]
    fn hostile_text_neither_controls_the_terminal_nor_breaks_a_frame() {
        for is_verbose in [false, true] {
            let text = print(&sample::hostile(), &Style { is_verbose, ..Style::default() });
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
            assert!(!text.contains('\u{202e}') && !text.contains("##["), "{text}");
            assert!(text.lines().all(|line| !line.trim_start().starts_with("::")), "{text}");
            assert!(text.lines().last().unwrap().starts_with("NO-GO "));
        }
    }

    #[test]
    fn what_services_share_is_framed_once_with_their_names() {
        let mut assessment = sample::checkout();
        let mut other = assessment.verdicts.services[0].clone();
        other.service = "refunds".into();
        assessment.verdicts.services.push(other);
        let text = print(&assessment, &Style::default());
        assert_eq!(text.matches("failed[reliability/health-checks]").count(), 1, "{text}");
        assert!(text.contains("= note: in 2 services: checkout, refunds"), "{text}");
        assert!(text.contains("note: 2 findings shared with other services, below"), "{text}");
    }

    #[test]
    fn what_is_said_of_many_services_in_the_same_words_is_framed_once() {
        let told = |services: usize, is_verbose| {
            let mut assessment = sample::checkout();
            let service = assessment.verdicts.services.remove(0);
            for number in 0..services {
                let mut service = service.clone();
                service.service = format!("part-{number}");
                for finding in service.answers.iter_mut().flat_map(|answer| &mut answer.findings) {
                    finding.message = format!("`part-{number}` has no backup owner");
                    finding.place.path = format!("{number}.yaml").into();
                }
                assessment.verdicts.services.push(service);
            }
            print(&assessment, &Style { is_verbose, width: 200, ..Style::default() })
        };
        let id = "failed[reliability/health-checks]";
        let text = told(3, false);
        assert_eq!(text.matches(id).count(), 1, "{text}");
        assert!(text.contains("note: the same of part-1 (1.yaml"), "{text}");
        assert_eq!(told(2, false).matches(id).count(), 2, "two are told one by one");
        assert_eq!(told(3, true).matches(id).count(), 3, "all of them to those who ask");
    }

    #[test]
    fn hundreds_of_services_are_told_in_a_bounded_way() {
        let mut assessment = sample::checkout();
        let service = assessment.verdicts.services[0].clone();
        for number in 0..300 {
            let mut service = service.clone();
            service.service = format!("service-{number}");
            for finding in service.answers.iter_mut().flat_map(|answer| &mut answer.findings) {
                finding.place.path = format!("services/{number}/deploy.yaml").into();
            }
            assessment.verdicts.services.push(service);
        }
        let text = print(&assessment, &Style::default());
        assert_eq!(text.lines().filter(|line| line.starts_with("failed[")).count(), 20, "{text}");
        assert!(text.contains("note: 291 services more in the table above only"), "{text}");
        assert_eq!(text.matches("  data/own-backups  ").count(), 1, "{text}");
    }

    #[test]
    fn what_may_be_a_service_is_told_before_the_summary_and_hinted_at() {
        let mut assessment = sample::checkout();
        let place = model::Place::file("packing/Dockerfile");
        let seen = |number| model::Sighting::at(&place, format!("`packing-{number}`: why"));
        assessment.coverage.possible = (0..21).map(seen).collect();
        let text = print(&assessment, &Style::default());
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{part}: {text}"));
        assert!(at("Perhaps services, not judged") < at("`packing-0`: why"));
        assert!(at("and 1 more; `--verbose` lists them") < at("-- Summary --"), "{text}");
        assert!(text.contains("hint: 21 services may be there too and not judged"), "{text}");
    }

    #[test]
    fn what_is_unknown_takes_no_frame() {
        let mut assessment = sample::go();
        let answers = requirements::all().map(|requirement| {
            let mut answer = sample::checkout().verdicts.services[0].answers[3].clone();
            answer.requirement = requirement.id.to_owned();
            answer
        });
        assessment.verdicts.services[0].answers = answers.collect();
        assessment.verdicts.services[0].verdict = model::Verdict::NoGo;
        let text = print(&assessment, &Style { width: 200, ..Style::default() });
        assert!(!text.contains("-->"), "{text}");
        for dimension in requirements::DIMENSIONS {
            let count = dimension.requirements.len();
            assert!(text.contains(&format!("unknown in {}: {count}\n", dimension.id)), "{text}");
        }
    }

    #[test]
    fn everything_is_told_to_those_who_ask() {
        let text = print(&sample::checkout(), &Style { is_verbose: true, ..Style::default() });
        assert!(text.contains("met[ownership/owner]: declared by checkout\n    CODEOWNERS:1:1: "));
        assert!(text.contains("not-applicable[data/retention]: no datastore is seen\n"));
        assert!(text.contains("2 paths left out by .gitignore:\n  target\n  dist\n"), "{text}");
    }

    #[test]
    fn where_there_is_no_service_the_page_says_what_was_looked_for() {
        let text = print(&sample::nothing(), &Style::default());
        assert!(text.contains("Looked for: gonogo.yaml; catalog files"), "{text}");
        assert!(text.ends_with("\nUNKNOWN: no service was found, there is nothing to judge\n"));
    }
}
