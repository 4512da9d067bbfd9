//! Markdown for the summary of a pipeline's step and for comments on a change.

mod escape;

use std::fmt::Write as _;

use model::{Answer, Assessment, ServiceVerdict, State, Weight};

use self::escape::text as escaped;
use crate::matter::{self, Matter};
use crate::{count, visible, way};

/// Comments may hold 65,536 characters; what does not fit is said to be left out.
const MOST_BYTES: usize = 60_000;
/// How many blockers stand in the table that is seen at once.
const BLOCKERS_SHOWN: usize = 10;
/// How many rows a folded table has at most.
const ROWS_FOLDED: usize = 150;

/// Prints the verdict, the blockers, and the rest folded.
pub(crate) fn print(assessment: &Assessment) -> String {
    let services = &assessment.verdicts.services;
    let mut parts = vec![format!("### {}\n", escaped(&count::last_line(assessment)))];
    for trouble in assessment.troubles.iter().take(BLOCKERS_SHOWN) {
        parts.push(format!("- **trouble**: {}\n", escaped(trouble)));
    }
    for caveat in assessment.caveats.iter().take(BLOCKERS_SHOWN) {
        parts.push(format!("- **by the tree's own word**: {}\n", escaped(caveat)));
    }
    parts.push(blockers(assessment));
    parts.push(conditions(services));
    let mut worst: Vec<&ServiceVerdict> = services.iter().collect();
    worst.sort_by_key(|service| std::cmp::Reverse((service.verdict, blocking(service))));
    parts.extend(worst.iter().map(|service| folded(service)));
    // Coverage is never what is left out: it stands before what may not fit.
    parts.insert(1, not_examined(assessment));
    parts.push(footer(assessment));
    joined(&parts)
}

fn joined(parts: &[String]) -> String {
    let mut page = String::new();
    let mut left_out = 0;
    for part in parts.iter().filter(|part| !part.is_empty()) {
        if page.len() + part.len() + 200 > MOST_BYTES {
            left_out += 1;
            continue;
        }
        if !page.is_empty() {
            page.push('\n');
        }
        page.push_str(part);
    }
    if left_out > 0 {
        let parts = model::counted(left_out, "part");
        let _ = write!(page, "\n{parts} left out for length; the JSON report holds all.\n");
    }
    page
}

fn blocking(service: &ServiceVerdict) -> usize {
    service.answers.iter().filter(|answer| answer.weight == Weight::Blocks).count()
}

/// A row of the table of blockers.
struct Row {
    state: State,
    service: String,
    requirement: String,
    what: String,
    place: String,
}

fn blockers(assessment: &Assessment) -> String {
    let rows = rows(assessment);
    if rows.is_empty() {
        return String::new();
    }
    let has_several = assessment.verdicts.services.len() > 1;
    let (title, rule) = if has_several { (" service |", "---|") } else { ("", "") };
    let mut table = format!("| |{title} requirement | what | where |\n|---|{rule}---|---|---|\n");
    for row in rows.iter().take(BLOCKERS_SHOWN) {
        let service = if has_several { format!(" {} |", row.service) } else { String::new() };
        let _ = writeln!(
            table,
            "| **{}** |{service} {} | {} | {} |",
            row.state.name(),
            row.requirement,
            row.what,
            row.place
        );
    }
    let more = rows.len().saturating_sub(BLOCKERS_SHOWN);
    if more > 0 {
        let _ = write!(table, "\nand {} more, below\n", model::counted(more, "blocker"));
    }
    table
}

/// What blocks, the worst first.
fn rows(assessment: &Assessment) -> Vec<Row> {
    let matters = matter::failures(assessment);
    let mut rows: Vec<Row> = matters.iter().filter(|m| m.blocks).map(of_matter).collect();
    for state in
        [State::Failed, State::Error, State::Stale, State::Weak, State::Planned, State::Unknown]
    {
        for service in &assessment.verdicts.services {
            let is_it = |answer: &&Answer| {
                answer.state == state
                    && answer.weight == Weight::Blocks
                    && (state != State::Failed || answer.findings.is_empty())
            };
            rows.extend(service.answers.iter().filter(is_it).map(|answer| Row {
                state,
                service: escaped(&service.service),
                requirement: code(&answer.requirement),
                what: what(answer),
                place: String::new(),
            }));
        }
    }
    rows
}

fn of_matter(matter: &Matter<'_>) -> Row {
    let service = match matter.services.as_slice() {
        [service] => escaped(&service.service),
        services => model::counted(services.len(), "service"),
    };
    Row {
        state: matter.answer.state,
        service,
        requirement: code(&matter.answer.requirement),
        what: escaped(&matter.finding.message),
        place: code(&matter.finding.place.to_string()),
    }
}

fn code(text: &str) -> String {
    escape::code(&visible::line(text))
}

/// Why the answer is what it is, and what would answer it.
fn what(answer: &Answer) -> String {
    let way = way::beyond_reason(answer).map(|way| format!(" → {}", escaped(&way)));
    format!("{}{}", escaped(&matter::why(answer)), way.unwrap_or_default())
}

fn conditions(services: &[ServiceVerdict]) -> String {
    let mut text = String::new();
    for service in services {
        let decided = service.answers.iter().filter(|answer| {
            matches!(answer.state, State::Planned | State::Accepted)
                && answer.weight == Weight::Condition
        });
        for answer in decided.take(ROWS_FOLDED) {
            let (state, id) = (answer.state.name(), code(&answer.requirement));
            let name = escaped(&service.service);
            let _ = writeln!(text, "- **{state}** {id} ({name}) {}", what(answer));
        }
    }
    text
}

/// All answers of a service that are neither met nor not applicable.
fn folded(service: &ServiceVerdict) -> String {
    let open: Vec<&Answer> = service
        .answers
        .iter()
        .filter(|answer| !matches!(answer.state, State::Met | State::NotApplicable))
        .collect();
    if open.is_empty() {
        return String::new();
    }
    let title = escaped(&count::service_line(service, service.verdict));
    let mut text = format!("<details><summary>{title}</summary>\n\n");
    text.push_str("| answer | requirement | what |\n|---|---|---|\n");
    for answer in open.iter().take(ROWS_FOLDED) {
        let (state, id) = (answer.state.name(), code(&answer.requirement));
        let _ = writeln!(text, "| {state} | {id} | {} |", what(answer));
    }
    let contradictions = service.answers.iter().flat_map(|answer| &answer.contradictions);
    for contradiction in contradictions.take(BLOCKERS_SHOWN) {
        let _ = write!(text, "\n**contradiction**: {}\n", escaped(contradiction));
    }
    text.push_str("\n</details>\n");
    text
}

fn not_examined(assessment: &Assessment) -> String {
    let coverage = &assessment.coverage;
    let mut parts = vec![
        format!("{} of {} read", coverage.read, model::counted(coverage.files, "file")),
        format!("{} examined only in part", coverage.gaps.len()),
        format!("{} not read", coverage.skipped.len()),
        format!("{} left out by .gitignore", coverage.ignored.len()),
        format!("perhaps {}", model::counted(coverage.possible.len(), "service")),
        format!("{} passed over", coverage.passed_over.len()),
    ];
    if !coverage.uncommitted.is_empty() {
        parts.push(format!("{} not as committed", coverage.uncommitted.len()));
    }
    parts.extend(coverage.cut.iter().map(|cut| format!("cut short: {}", escaped(cut))));
    let mut text = format!("<details><summary>{}</summary>\n\n", parts.join(", "));
    for seen in [&coverage.possible, &coverage.gaps, &coverage.passed_over] {
        sightings(&mut text, seen);
    }
    text.push_str("\n</details>\n");
    text
}

fn sightings(text: &mut String, seen: &[model::Sighting]) {
    for seen in seen.iter().take(BLOCKERS_SHOWN) {
        let (place, message) = (code(&seen.place.to_string()), escaped(&seen.message));
        let _ = writeln!(text, "- {place}: {message}");
    }
    let more = seen.len().saturating_sub(BLOCKERS_SHOWN);
    if more > 0 {
        let _ = writeln!(text, "- and {more} more; the JSON report lists them");
    }
}

fn footer(assessment: &Assessment) -> String {
    let verdicts = &assessment.verdicts;
    let (name, version) = (escaped(&verdicts.policy.name), escaped(&verdicts.policy.version));
    let at = verdicts.at;
    format!("Policy {name} {version}, {at}. Run `gonogo next` for the cheapest steps to GO.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_verdict_stands_first_and_the_rest_is_folded() {
        let text = print(&sample::checkout());
        assert!(
            text.starts_with("### NO-GO checkout@<!-- -->3f2c1a9 (tier 1): 2 failed"),
            "{text}"
        );
        assert!(text.contains(
            "| **failed** | <code>reliability/health-checks</code> | container <code>api</code> has \
             no readiness probe | <code>deploy/checkout.yaml:2:5</code> |\n"
        ), "{text}");
        assert!(
            text.contains("- **accepted** <code>data/restore</code> (checkout) until 2026-12-04")
        );
        assert_eq!(text.matches("<details>").count(), text.matches("</details>").count());
    }

    #[test]
    fn what_does_not_fit_is_said_to_be_left_out() {
        let mut assessment = sample::checkout();
        let service = assessment.verdicts.services[0].clone();
        for number in 0..200 {
            let mut service = service.clone();
            service.service = format!("checkout-{number}");
            assessment.verdicts.services.push(service);
        }
        let text = print(&assessment);
        assert!(text.len() < MOST_BYTES + 300, "{}", text.len());
        assert!(text.contains("left out for length"), "{text}");
        assert!(text.contains("examined only in part"));
    }

    #[test]
    fn hostile_text_makes_no_markup_no_mention_and_no_row() {
        let text = print(&sample::hostile());
        assert!(!text.contains("</script") && !text.contains("@all") && !text.contains('\u{1b}'));
        for line in text.lines().filter(|line| line.starts_with("| **")) {
            assert_eq!(line.matches('|').count(), 5, "{line}");
        }
        assert!(text.lines().all(|line| !line.starts_with("::")));
    }
}
