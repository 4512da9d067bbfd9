//! `JUnit` XML: a suite for each service, a case for each requirement; red exactly where it blocks.

use model::{Answer, Assessment, ServiceVerdict, State, Weight};
use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{count, matter, visible, way};

/// How many gaps are listed.
const GAPS: usize = 200;

/// Prints a suite for each service, and one more for what keeps the whole from being decided.
pub(crate) fn print(assessment: &Assessment) -> String {
    let mut report = Report::new("gonogo");
    for service in &assessment.verdicts.services {
        report.add_test_suite(suite(service));
    }
    let whole = of_the_whole(assessment);
    if whole.tests > 0 {
        report.add_test_suite(whole);
    }
    // It is written into memory and holds no time that could not be told.
    report.to_string().map(|text| with_skipped(&text)).unwrap_or_default()
}

/// What concerns no service by itself: what keeps a verdict from being decided is an error, what was
/// not examined is skipped.
fn of_the_whole(assessment: &Assessment) -> TestSuite {
    let mut suite = TestSuite::new("gonogo");
    for text in undecided(assessment) {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
        status.set_type("unknown").set_message(&text);
        suite.add_test_case(TestCase::new("the verdict can be decided", status));
    }
    let gaps = not_examined(assessment);
    if !gaps.is_empty() {
        let mut status = TestCaseStatus::skipped();
        status.set_type("not-examined").set_message(model::counted(gaps.len(), "gap"));
        status.set_description(gaps.into_iter().take(GAPS).collect::<Vec<_>>().join("\n"));
        suite.add_test_case(TestCase::new("everything is examined", status));
    }
    suite
}

fn not_examined(assessment: &Assessment) -> Vec<String> {
    let coverage = &assessment.coverage;
    let mut texts: Vec<String> = coverage.cut.iter().map(|cut| visible::line(cut)).collect();
    let caveats = assessment.caveats.iter();
    texts.extend(caveats.map(|text| visible::line(&format!("by the tree's own word: {text}"))));
    texts.extend(coverage.gaps.iter().map(|seen| {
        visible::line(&format!("{}: examined only in part: {}", seen.place, seen.message))
    }));
    let skipped = coverage.skipped.iter();
    texts.extend(skipped.map(|(path, why)| visible::line(&format!("{path}: not read: {why}"))));
    texts
}

fn undecided(assessment: &Assessment) -> Vec<String> {
    let mut texts: Vec<String> =
        assessment.troubles.iter().map(|text| visible::line(text)).collect();
    if assessment.verdicts.services.is_empty() {
        texts.push("no service was found, there is nothing to judge".to_owned());
    }
    texts
}

fn suite(service: &ServiceVerdict) -> TestSuite {
    let mut suite = TestSuite::new(visible::line(&service.service));
    for (name, value) in [
        ("verdict", service.verdict.to_string()),
        ("tier", service.tier.to_string()),
        ("kind", service.kind.to_string()),
        ("path", visible::line(&service.path)),
        ("revision", visible::line(service.revision.as_deref().unwrap_or_default())),
    ] {
        suite.add_property((name, value.as_str()));
    }
    for answer in &service.answers {
        suite.add_test_case(case(service, answer));
    }
    suite
}

fn case(service: &ServiceVerdict, answer: &Answer) -> TestCase {
    let mut case = TestCase::new(visible::line(&answer.requirement), status(answer));
    let dimension = matter::dimension(&answer.requirement);
    case.set_classname(visible::line(&format!("{}.{dimension}", service.service)));
    case
}

fn status(answer: &Answer) -> TestCaseStatus {
    let mut status = match (answer.weight, answer.state) {
        (_, State::Met) => return TestCaseStatus::success(),
        (Weight::Blocks, State::Unknown | State::Error) => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        (Weight::Blocks, _) => TestCaseStatus::non_success(NonSuccessKind::Failure),
        (Weight::Condition | Weight::Free, _) => TestCaseStatus::skipped(),
    };
    status.set_message(message(answer)).set_type(answer.state.name());
    let description = description(answer);
    if !description.is_empty() {
        status.set_description(description);
    }
    status
}

fn message(answer: &Answer) -> String {
    let word = count::word(answer.state);
    let colon = if answer.decision.is_some() { "" } else { ":" };
    format!("{word}{colon} {}", visible::line(&matter::why(answer)))
}

fn description(answer: &Answer) -> String {
    let mut lines: Vec<String> = Vec::new();
    for finding in &answer.findings {
        let place = visible::line(&finding.place.to_string());
        lines.push(format!("{place}: {}", visible::line(&finding.message)));
        let help = finding.help.iter().map(|help| visible::block(help));
        lines.extend(help.map(|help| format!("help: {help}")));
    }
    let way = way::beyond_reason(answer);
    lines.extend(way.map(|way| format!("what would answer it: {}", visible::line(&way))));
    lines.join("\n")
}

/// Readers of the format know the count of skipped cases by the name `skipped`.
fn with_skipped(xml: &str) -> String {
    let mut out = String::with_capacity(xml.len());
    for line in xml.split_inclusive('\n') {
        if line.trim_start().starts_with("<testsuite ") {
            out.push_str(&line.replacen(" disabled=\"", " skipped=\"", 1));
        } else {
            out.push_str(line);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn what_blocks_is_red_and_what_is_allowed_is_skipped() {
        let xml = print(&sample::checkout());
        let suite =
            "<testsuite name=\"checkout\" tests=\"9\" skipped=\"3\" errors=\"2\" failures=\"3\">";
        assert!(xml.contains(suite), "{xml}");
        assert!(xml.contains("charts/web.yaml:3:1: examined only in part: a template"), "{xml}");
        assert!(
            xml.contains("<error type=\"unknown\" message=\"unknown: no schedule is seen\"")
                || xml
                    .contains("<error message=\"unknown: no schedule is seen\" type=\"unknown\">"),
            "{xml}"
        );
        assert!(
            xml.contains("accepted until 2026-12-04, by grace: read-only until spring"),
            "{xml}"
        );
        assert!(xml.contains("deploy/checkout.yaml:2:5: container `api` has no"), "{xml}");
    }

    #[test]
    fn ci_goes_red_exactly_where_something_blocks_or_is_undecided() {
        let is_red = |xml: &str| xml.contains("<failure") || xml.contains("<error");
        assert!(!is_red(&print(&sample::go())));
        assert!(is_red(&print(&sample::nothing())));
        let mut troubled = sample::go();
        troubled.troubles.push("the ledger could not be read".into());
        assert!(is_red(&print(&troubled)));
    }

    #[test]
    fn hostile_text_stays_text() {
        let xml = print(&sample::hostile());
        assert!(
            !xml.contains("]]>") && !xml.contains("</script>") && !xml.contains('\u{1b}'),
            "{xml}"
        );
    }
}
