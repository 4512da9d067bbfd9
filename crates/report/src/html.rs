//! One page that needs nothing else: for reading, for printing, for the file of a launch.
//!
//! It has no script, and its policy forbids any, so that text of a scanned repository stays text.

mod answer;
mod chart;
mod coverage;
pub(crate) mod escape;

use std::fmt::Write as _;

use model::{Assessment, ServiceVerdict, State, Verdict};

use self::escape::{clause, text};
use crate::{count, matter};

/// How many services are told with all their answers, the worst.
const SERVICES_TOLD: usize = 25;

const CSS: &str = include_str!("html/page.css");

/// Prints the page.
pub(crate) fn print(assessment: &Assessment) -> String {
    let mut services: Vec<&ServiceVerdict> = assessment.verdicts.services.iter().collect();
    services.sort_by_key(|s| std::cmp::Reverse((s.verdict, s.counts().get(State::Failed))));
    let title = text(&count::last_line(assessment));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>\n{CSS}</style>\n</head>\n<body>\n<main>\n"
    );
    head(&mut page, assessment);
    if services.len() > 1 {
        table_of_services(&mut page, &services);
    }
    for (index, service) in services.iter().take(SERVICES_TOLD).enumerate() {
        print_service(&mut page, index, service, assessment);
    }
    let more = services.len().saturating_sub(SERVICES_TOLD);
    if more > 0 {
        let more = model::counted(more, "more service");
        let _ = writeln!(page, "<p>{more} in the table above only; the JSON report holds all.</p>");
    }
    coverage::print(&mut page, assessment);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

const fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Go => "go",
        Verdict::GoWithConditions => "go-with-conditions",
        Verdict::Unknown => "unknown",
        Verdict::NoGo => "no-go",
    }
}

fn head(page: &mut String, assessment: &Assessment) {
    let verdict = assessment.verdict();
    let line = count::last_line(assessment);
    let rest = line.strip_prefix(verdict.words()).unwrap_or(&line);
    let (about, counts) = rest.split_once(": ").unwrap_or((rest, ""));
    let policy = &assessment.verdicts.policy;
    let _ = writeln!(
        page,
        "<h1><span class=\"verdict {}\">{verdict}</span>{}</h1>\n<p>{}</p>\n\
         <p class=\"quiet\">Judged {} under policy {} {} (<code>{}</code>).</p>",
        class(verdict),
        text(about),
        text(counts),
        assessment.verdicts.at,
        text(&policy.name),
        text(&policy.version),
        text(&policy.digest),
    );
    for trouble in &assessment.troubles {
        let _ = writeln!(
            page,
            "<p><span class=\"state failed\">trouble</span> {}</p>",
            clause(trouble)
        );
    }
    for caveat in &assessment.caveats {
        let _ = writeln!(page, "<p><strong>by the tree's own word</strong> {}</p>", clause(caveat));
    }
}

fn table_of_services(page: &mut String, services: &[&ServiceVerdict]) {
    let is_used = |state: &State| services.iter().any(|service| service.counts().get(*state) > 0);
    let used: Vec<State> = count::ORDER.into_iter().filter(is_used).collect();
    page.push_str(
        "<h2>Services</h2>\n<div class=\"wide\" role=\"group\" aria-label=\"Services\" \
         tabindex=\"0\"><table>\n<caption>The worst first</caption>\n<thead><tr>\
         <th scope=\"col\">verdict</th><th scope=\"col\">service</th><th scope=\"col\">tier</th>\
         <th scope=\"col\">kind</th>",
    );
    for state in &used {
        let _ = write!(page, "<th scope=\"col\" class=\"number\">{}</th>", count::word(*state));
    }
    page.push_str("</tr></thead>\n<tbody>\n");
    for (index, service) in services.iter().enumerate() {
        let name = text(&service.service);
        let name = if index < SERVICES_TOLD {
            format!("<a href=\"#service-{index}\">{name}</a>")
        } else {
            name
        };
        let _ = write!(
            page,
            "<tr><td><span class=\"state {}\">{}</span></td><th scope=\"row\">{name}</th>\
             <td>{}</td><td>{}</td>",
            class(service.verdict),
            service.verdict,
            service.tier,
            service.kind
        );
        let counts = service.counts();
        for state in &used {
            let _ = write!(page, "<td class=\"number\">{}</td>", counts.get(*state));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn print_service(page: &mut String, index: usize, service: &ServiceVerdict, all: &Assessment) {
    let assumed = |is_assumed| if is_assumed { " (assumed)" } else { "" };
    let _ = writeln!(
        page,
        "<section aria-labelledby=\"service-{index}\">\n<h2 id=\"service-{index}\">\
         <span class=\"verdict {}\">{}</span> {}</h2>\n<p>Tier {}{}, {}{}, in <code>{}</code>. {}.</p>",
        class(service.verdict),
        service.verdict,
        text(&count::name(service)),
        service.tier,
        assumed(service.is_tier_assumed),
        service.kind,
        assumed(service.is_kind_assumed),
        text(&service.path),
        text(&count::in_words(&service.counts(), count::next_expiry(&service.answers))),
    );
    if !service.found.is_empty() {
        page.push_str("<p>Found by:</p>\n<ul>\n");
        for seen in &service.found {
            let place = text(&seen.place.to_string());
            let _ = writeln!(page, "<li>{} (<code>{place}</code>)</li>", clause(&seen.message));
        }
        page.push_str("</ul>\n");
    }
    chart::print(page, service);
    let mut answers: Vec<_> = service.answers.iter().collect();
    answers.sort_by_key(|a| (std::cmp::Reverse(a.weight), matter::dimension_index(&a.requirement)));
    answer::print(page, &answers, &all.excerpts);
    page.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_page_tells_verdict_chart_answers_and_evidence() {
        let page = print(&sample::two());
        for part in [
            "<h1><span class=\"verdict no-go\">NO-GO</span> 2 services (1 NO-GO, 1 GO)</h1>",
            "<a href=\"#service-0\">checkout</a>",
            "<title>1 failed, 1 weak</title>",
            "container <code>api</code> has no readiness probe",
            "httpGet: {path: /readyz, port: 8080}",
            "until 2026-12-04, by grace: read-only until spring",
            "a template with <code>range</code>",
        ] {
            assert!(page.contains(part), "{part} is not in\n{page}");
        }
        assert!(!page.contains("<script"));
    }

    #[test]
    fn hostile_text_stays_text() {
        let page = print(&sample::hostile());
        let body = page.split_once("</style>").unwrap().1;
        assert!(!body.contains("</script") && !body.contains("<!--") && !body.contains('\u{202e}'));
        assert!(!body.contains('\u{1b}') && !body.contains("##["), "{body}");
    }
}
