//! GitHub's workflow commands: annotations on the lines of a change.
//!
//! GitHub shows the first ten of each kind in a step, so the worst come first.

use std::fmt::Write as _;

use model::{Answer, Assessment, Place, ServiceVerdict, State, Weight};

use crate::matter::{self, Matter};
use crate::{count, visible};

/// Many more than are shown.
const MOST: usize = 50;

/// Prints an error for each finding that blocks, a warning for each that does not and for what blocks
/// without a finding, and the verdict as a notice.
pub(crate) fn print(assessment: &Assessment) -> String {
    let matters = matter::failures(assessment);
    let (blocking, other): (Vec<&Matter<'_>>, Vec<&Matter<'_>>) =
        matters.iter().partition(|matter| matter.blocks);
    let mut lines: Vec<String> = capped(blocking.iter().map(|matter| finding("error", matter)));
    let services = &assessment.verdicts.services;
    lines.extend(services.iter().flat_map(bare_failures));
    lines.extend(services.iter().flat_map(in_the_way));
    lines.extend(capped(other.iter().map(|matter| finding("warning", matter))));
    let troubles = assessment.troubles.iter();
    lines.extend(troubles.map(|text| command("error", None, "gonogo", text)));
    let caveats = assessment.caveats.iter();
    lines.extend(caveats.map(|text| command("notice", None, "by the tree's own word", text)));
    lines.extend(not_examined(assessment));
    lines.push(command("notice", None, "gonogo", &count::last_line(assessment)));
    lines.join("\n") + "\n"
}

fn capped(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let more = lines.len().saturating_sub(MOST);
    let mut lines: Vec<String> = lines.take(MOST).collect();
    if more > 0 {
        let text = format!("{} more, see the summary", model::counted(more, "finding"));
        lines.push(command("warning", None, "gonogo", &text));
    }
    lines
}

fn finding(kind: &str, matter: &Matter<'_>) -> String {
    let finding = matter.finding;
    let place = matter.services.first().map(|s| matter::place_of_finding(finding, s));
    let mut text = visible::line(&finding.message);
    if matter.services.len() > 1 {
        let _ = write!(text, " (in {})", model::counted(matter.services.len(), "service"));
    }
    if let Some(help) = &finding.help {
        let _ = write!(text, "\nhelp: {}", visible::block(help));
    }
    command(kind, place.as_ref(), &matter.answer.requirement, &text)
}

/// What failed without a place of its own.
fn bare_failures(service: &ServiceVerdict) -> Vec<String> {
    let is_bare = |a: &&Answer| a.state == State::Failed && a.findings.is_empty();
    let place = matter::place_of(service);
    let print = |answer: &Answer| {
        let kind = if answer.weight == Weight::Blocks { "error" } else { "warning" };
        command(kind, Some(&place), &answer.requirement, &answer.reason)
    };
    service.answers.iter().filter(is_bare).map(print).collect()
}

/// What blocks though nothing failed: one line for each state, since there may be very many.
fn in_the_way(service: &ServiceVerdict) -> Vec<String> {
    let states = [State::Error, State::Unknown, State::Stale, State::Weak, State::Planned];
    let line = |state: State| {
        let ids: Vec<&str> = service
            .answers
            .iter()
            .filter(|answer| answer.state == state && answer.weight == Weight::Blocks)
            .map(|answer| &*answer.requirement)
            .collect();
        let title = format!("{} {}: {}", service.service, state.name(), ids.len());
        let text = ids.join(", ");
        (!ids.is_empty())
            .then(|| command("warning", Some(&matter::place_of(service)), &title, &text))
    };
    states.into_iter().filter_map(line).collect()
}

fn not_examined(assessment: &Assessment) -> Option<String> {
    let coverage = &assessment.coverage;
    let count = coverage.gaps.len() + coverage.skipped.len();
    let mut text = format!("{} not or not wholly examined", model::counted(count, "path"));
    if let Some(cut) = &coverage.cut {
        let _ = write!(text, "; cut short: {cut}");
    }
    (count > 0 || coverage.cut.is_some()).then(|| command("notice", None, "gonogo", &text))
}

/// One workflow command; whatever `title` and `text` hold, it stays one line.
fn command(kind: &str, place: Option<&Place>, title: &str, text: &str) -> String {
    let mut properties = Vec::new();
    if let Some(place) = place {
        properties.push(format!("file={}", property(&place.path)));
        properties.push(format!("line={}", place.line.max(1)));
        properties.push(format!("col={}", place.column.max(1)));
        properties.push(format!("endLine={}", place.end_line.max(place.line).max(1)));
        if place.end_line == place.line && place.end_column > place.column {
            properties.push(format!("endColumn={}", place.end_column));
        }
    }
    properties.push(format!("title={}", property(title)));
    format!("::{kind} {}::{}", properties.join(","), message(&visible::block(text)))
}

fn message(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(&visible::line(text)).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn errors_come_first_and_the_verdict_last() {
        let text = print(&sample::checkout());
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "::error file=deploy/checkout.yaml,line=2,col=5,endLine=2,endColumn=14,\
             title=reliability/health-checks::container `api` has no readiness probe%0Ahelp: Add to \
             the container:%0AreadinessProbe:%0A  httpGet: {path: /readyz, port: 8080}"
        );
        assert!(lines[1].starts_with("::error file=deploy/checkout.yaml,line=3,"));
        assert_eq!(
            lines[2],
            "::warning file=services/checkout/gonogo.yaml,line=1,col=1,endLine=1,endColumn=8,\
             title=checkout unknown%3A 2::observability/own-alerts, data/own-backups"
        );
        assert!(lines.last().unwrap().starts_with("::notice title=gonogo::NO-GO checkout@3f2c1a9"));
    }

    #[test]
    fn hostile_text_cannot_begin_a_command_of_its_own() {
        let text = print(&sample::hostile());
        for line in text.lines() {
            let kinds = ["::error ", "::warning ", "::notice "];
            assert!(kinds.iter().any(|kind| line.starts_with(kind)), "{line}");
            let properties = line.split("::").nth(1).unwrap();
            assert!(!properties.contains("set-output name=x::"), "{properties}");
        }
        assert!(!text.contains("##[") && !text.contains('\u{1b}'));
    }

    #[test]
    fn text_is_escaped_as_the_runner_asks() {
        assert_eq!(
            command("error", None, "a:b,c%", "1%\n2"),
            "::error title=a%3Ab%2Cc%25::1%25%0A2"
        );
    }
}
