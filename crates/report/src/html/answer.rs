//! The answers of a service, each with its findings and its evidence folded.

use std::fmt::Write as _;

use model::{Answer, Evidence, EvidenceOutcome, Excerpts, Finding, Weight};

use super::escape::{block, clause, text};
use crate::human::decision_in_words;
use crate::way;

/// Prints a row for each of `answers`.
pub(super) fn print(page: &mut String, answers: &[&Answer], excerpts: &Excerpts) {
    page.push_str(
        "<div class=\"wide\" role=\"group\" aria-label=\"Answers\" tabindex=\"0\"><table>\n<caption>Answers, what blocks first</caption>\n<thead><tr>\
         <th scope=\"col\">answer</th><th scope=\"col\">requirement</th><th scope=\"col\">why</th>\
         </tr></thead>\n<tbody>\n",
    );
    for answer in answers {
        row(page, answer, excerpts);
    }
    page.push_str("</tbody>\n</table></div>\n");
}

fn row(page: &mut String, answer: &Answer, excerpts: &Excerpts) {
    let state = answer.state.name();
    let blocks = if answer.weight == Weight::Blocks { "<br>blocks" } else { "" };
    let title = requirements::find(&answer.requirement).map_or_else(String::new, |r| {
        format!("<br><span class=\"quiet\">{}</span>", text(r.title))
    });
    let _ = write!(
        page,
        "<tr><td><span class=\"state {state}\">{state}</span>{blocks}</td>\
         <th scope=\"row\">{}{title}</th><td>",
        text(&answer.requirement)
    );
    let _ = write!(page, "{}", why(answer));
    for finding in &answer.findings {
        print_finding(page, finding, excerpts);
    }
    for contradiction in &answer.contradictions {
        let text = clause(contradiction);
        let _ = write!(page, "<p><span class=\"state weak\">contradiction</span> {text}</p>");
    }
    evidence(page, answer);
    page.push_str("</td></tr>\n");
}

fn why(answer: &Answer) -> String {
    let reason = if answer.reason.is_empty() { "nothing is known" } else { &answer.reason };
    let mut why = answer.decision.as_ref().map_or_else(
        || clause(reason),
        |decision| format!("{} ({})", clause(&decision_in_words(decision)), clause(reason)),
    );
    if let Some(way) = way::beyond_reason(answer) {
        let _ = write!(why, ". What would answer it: {}", clause(&way));
    }
    why
}

fn print_finding(page: &mut String, finding: &Finding, excerpts: &Excerpts) {
    let _ = write!(page, "<p>{}", clause(&finding.message));
    if !finding.place.path.is_empty() {
        let _ = write!(page, " (<code>{}</code>)", text(&finding.place.to_string()));
    }
    page.push_str("</p>");
    if let Some((first, lines)) = excerpts.around(&finding.place) {
        page.push_str("<pre>");
        for (number, line) in (first..).zip(lines) {
            let mark = if number == finding.place.line { "&gt;" } else { " " };
            let line: String = line.chars().take(400).collect();
            let _ = writeln!(page, "{mark} {number:>4}  {}", text(&line));
        }
        page.push_str("</pre>");
    }
    for seen in &finding.related {
        let place = text(&seen.place.to_string());
        let _ = write!(page, "<p>{} (<code>{place}</code>)</p>", clause(&seen.message));
    }
    if let Some(help) = &finding.help {
        let _ = write!(page, "<pre>{}</pre>", block(help));
    }
}

fn evidence(page: &mut String, answer: &Answer) {
    if answer.evidence.is_empty() {
        return;
    }
    let required = text(&answer.demand.to_string());
    let count = model::counted(answer.evidence.len(), "look");
    let _ = write!(
        page,
        "<details><summary>Evidence: {count}</summary><p>Asked for: {required}.</p><ul>"
    );
    for evidence in &answer.evidence {
        one(page, evidence, answer);
    }
    page.push_str("</ul></details>");
}

fn one(page: &mut String, evidence: &Evidence, answer: &Answer) {
    let outcome = match evidence.outcome {
        EvidenceOutcome::Pass => "passes",
        EvidenceOutcome::Fail => "fails",
        EvidenceOutcome::Error => "could not be taken",
    };
    let until = evidence.fresh_until(answer.demand);
    let until = until.map_or_else(String::new, |until| format!(", fresh until {until}"));
    let about = [&evidence.about.commit, &evidence.about.image];
    let about: Vec<String> = about
        .into_iter()
        .flatten()
        .map(|what| format!(", about <code>{}</code>", text(what)))
        .collect();
    let about = about.concat();
    let _ = write!(
        page,
        "<li>{outcome}, {}, by {}, {}{until}{about}; again: <code>{}</code>",
        evidence.grade,
        text(&evidence.source),
        evidence.at,
        text(&evidence.reproduce)
    );
    if let Some(error) = &evidence.error {
        let _ = write!(page, "; {}", clause(error));
    }
    for seen in &evidence.seen {
        let place = text(&seen.place.to_string());
        let _ = write!(page, "<br>{} (<code>{place}</code>)", clause(&seen.message));
    }
    page.push_str("</li>");
}
