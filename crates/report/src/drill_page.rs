//! What a drill found, as one page that needs nothing else: for reading, for printing, for the file of a launch.
//!
//! Like the page of a verdict it has no script, and its policy forbids any. Nothing on it depends on colour alone.

mod plot;

use std::fmt::Write as _;

use drills::{Account, Outcome, Proof, Shortfall};
use model::Finding;

use crate::drill_text::{drill_line, word};
use crate::html::escape::{clause, text};
use crate::untold::{Untold, untold};

const CSS: &str = include_str!("html/page.css");
const OWN_CSS: &str = include_str!("drill_page/page.css");

/// Prints the page. `finding` gives the place of a shortfall, `reproduce` the command that runs the drill again.
pub fn drill_page(
    account: &Account,
    finding: impl Fn(&Shortfall) -> Finding,
    reproduce: &str,
) -> String {
    let line = drill_line(account);
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{0}</title>\n<style>\n{CSS}{OWN_CSS}</style>\n</head>\n<body>\n<main>\n<h1>{0}</h1>\n\
         <p class=\"quiet\">Began {1}. Run it again with <code>{2}</code></p>\n",
        text(&line),
        account.began_at,
        text(reproduce)
    );
    proofs(&mut page, account, &finding);
    for note in &account.notes {
        let _infallible = writeln!(page, "<p>Note: {}.</p>", clause(note));
    }
    if !account.charts.is_empty() {
        page.push_str("<h2>Measured</h2>\n");
    }
    for chart in &account.charts {
        plot::print(&mut page, chart);
    }
    steps(&mut page, account);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// The requirements, what fell short first.
fn proofs(page: &mut String, account: &Account, finding: &impl Fn(&Shortfall) -> Finding) {
    page.push_str(
        "<h2>Proven</h2>\n<div class=\"wide\"><table>\n<thead><tr><th scope=\"col\">outcome</th><th scope=\"col\">requirement</th>\
         <th scope=\"col\">what was seen</th></tr></thead>\n<tbody>\n",
    );
    for proof in &account.proofs {
        let Outcome::FellShort(shortfalls) = &proof.outcome else { continue };
        row(page, proof, |page| {
            for shortfall in shortfalls {
                fell_short(page, &finding(shortfall));
            }
        });
    }
    for untold in &untold(&account.proofs) {
        not_told(page, untold);
    }
    for proof in account.proofs.iter().filter(|proof| proof.outcome == Outcome::Kept) {
        row(page, proof, |_| {});
    }
    page.push_str("</tbody>\n</table></div>\n");
}

/// Those of which nothing can be said for the same reason, which stands with the last of them.
fn not_told(page: &mut String, untold: &Untold<'_>) {
    for (index, (proof, own)) in untold.proofs.iter().enumerate() {
        let is_last = index + 1 == untold.proofs.len();
        let shared = untold.of_all().filter(|_| is_last);
        row(page, proof, |page| {
            for reason in own.iter().chain(&shared) {
                let _infallible = write!(page, "<p>{}</p>", clause(reason));
            }
        });
    }
}

/// One requirement; `print_reason` prints why it is not kept.
fn row(page: &mut String, proof: &Proof, print_reason: impl FnOnce(&mut String)) {
    let (class, sign) = match proof.outcome {
        Outcome::FellShort(_) => ("failed", '✗'),
        Outcome::Inconclusive(_) => ("unknown", '?'),
        Outcome::Kept => ("met", '✓'),
    };
    let word = word(&proof.outcome);
    let _infallible = write!(
        page,
        "<tr><td class=\"state {class}\">{sign} {word}</td><th scope=\"row\">{}</th><td>",
        text(proof.requirement)
    );
    print_reason(page);
    for seen in &proof.seen {
        let _infallible = write!(page, "<p class=\"quiet\">{}</p>", clause(seen));
    }
    page.push_str("</td></tr>\n");
}

fn fell_short(page: &mut String, finding: &Finding) {
    let place = text(&finding.place.to_string());
    let _infallible = write!(
        page,
        "<p><strong>{}</strong> <span class=\"quiet\">{place}</span>",
        clause(&finding.message)
    );
    if let Some(help) = &finding.help {
        let _infallible = write!(page, "<br>{}", clause(help));
    }
    page.push_str("</p>");
}

fn steps(page: &mut String, account: &Account) {
    let _infallible = write!(
        page,
        "<h2>Steps</h2>\n<table>\n<caption>{}</caption>\n<thead><tr><th class=\"number\" scope=\"col\">began at</th>\
         <th class=\"number\" scope=\"col\">took</th><th scope=\"col\">step</th></tr></thead>\n<tbody>\n",
        model::counted(account.steps.len(), "step")
    );
    for step in &account.steps {
        let _infallible = writeln!(
            page,
            "<tr><td class=\"number\">{:.1} s</td><td class=\"number\">{:.1} s</td><td>{}</td></tr>",
            step.began.as_secs_f64(),
            step.took.as_secs_f64(),
            clause(&step.name)
        );
    }
    page.push_str("</tbody>\n</table>\n");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use drills::{Chart, Series, Shade, Step, Subject};
    use model::Place;

    use super::*;

    fn page() -> String {
        let shortfall = Shortfall {
            about: Subject::Service,
            message: "`<b>` was awaited".into(),
            help: "set a timeout".into(),
        };
        let account = Account {
            drill: "fault",
            service: "orders".into(),
            began_at: jiff::Timestamp::UNIX_EPOCH,
            steps: vec![Step {
                name: "start the service".into(),
                began: Duration::ZERO,
                took: Duration::from_millis(1500),
            }],
            proofs: vec![
                Proof::kept("reliability/self-recovery", vec!["back after 1 s".into()]),
                Proof::judged("reliability/outbound-timeouts", vec![shortfall], Vec::new()),
                Proof::inconclusive("reliability/circuit-breaker", "too few calls"),
            ],
            charts: vec![Chart {
                title: "Requests".into(),
                series: vec![Series {
                    name: "failed".into(),
                    points: vec![(0.0, 1.0), (1.0, 900.0)],
                }],
                shaded: vec![Shade { from: 0.5, to: 0.9, label: "down".into() }],
                ..Chart::default()
            }],
            notes: vec!["x was not seen".into()],
            left_out: Vec::new(),
        };
        drill_page(
            &account,
            |shortfall| Finding::at(&Place::point("gonogo.yaml", 7, 5), shortfall.message.clone()),
            "gonogo drill fault",
        )
    }

    #[test]
    fn what_fell_short_comes_first_with_its_place() {
        let page = page();
        let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("no `{text}` in {page}"));
        assert!(
            at("outbound-timeouts") < at("circuit-breaker")
                && at("circuit-breaker") < at("self-recovery")
        );
        assert!(page.contains("gonogo.yaml:7:5"));
        assert!(page.contains("1 kept, 1 fell short, 1 inconclusive"));
    }

    #[test]
    fn scanned_text_stays_text_and_nothing_is_fetched() {
        let page = page();
        assert!(page.contains("<code>&lt;b&gt;</code>"));
        assert!(
            !page.contains("<script") && !page.contains("http://") && !page.contains("https://")
        );
    }

    #[test]
    fn a_chart_tells_its_faults_in_words() {
        let page = page();
        assert!(page.contains("<svg") && page.contains(">down</text>"));
    }
}
