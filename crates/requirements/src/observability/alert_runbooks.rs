//! Every alert links to a runbook that exists.

use crate::outcome::condensed;
use crate::prelude::*;
use crate::runbook_link::runbook_link;
use crate::signal::{is_silent, own, without_own};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/alert-runbooks",
    title: "every alert links to a runbook that exists",
    why: "Whoever is paged at night needs the next step, not a search for it.",
    remedy: "Write a runbook for each alert, and link its page in the alert's `runbook_url`.",
    references: &[
        Reference {
            title: "Prometheus: alerting practices",
            url: "https://prometheus.io/docs/practices/alerting/",
        },
        Reference {
            title: "Prometheus Operator: runbooks",
            url: "https://runbooks.prometheus-operator.dev/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Monitoring, Change::Document],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Documents],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the address of each runbook: whether it answers, and whether the anchor is on the page",
        ),
    ],
    cases: include_str!("alert_runbooks.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    // What fires all the time to show that alerting works needs no instructions.
    let alerts = own(scope).iter().filter(|alert| !is_silent(alert, &["none"]));
    let links: Vec<Link<'_>> = alerts.map(|alert| Link::of(alert, scope)).collect();
    let (dead, alive): (Vec<_>, Vec<_>) = links.into_iter().partition(Link::is_finding);
    let findings: Vec<Outcome> = dead.iter().filter_map(Link::finding).map(Outcome::from).collect();
    Outcome::all(condensed(findings)).or_else(|| unread(&alive)).unwrap_or_else(|| {
        let seen: Vec<Sighting> = alive.iter().filter_map(Link::sighting).collect();
        if seen.is_empty() { Outcome::unknown(without_own(scope)) } else { Outcome::Met(seen) }
    })
}

/// Where the runbook link of an alert leads; `None`: it has none.
struct Link<'a> {
    alert: &'a Alert,
    target: Option<(&'a str, Placed<String>, Target<'a>)>,
}

impl<'a> Link<'a> {
    fn of(alert: &'a Alert, scope: &Scope<'a>) -> Self {
        let target = runbook_link(alert).map(|(key, link)| {
            let target = follow(&link, alert.place.folder(), &scope.sitemap);
            (key, link, target)
        });
        Self { alert, target }
    }

    fn is_finding(&self) -> bool {
        self.finding().is_some()
    }

    fn finding(&self) -> Option<Finding> {
        let name = &self.alert.name;
        let Some((key, link, target)) = &self.target else {
            let message = format!("alert `{}` links no runbook", name.value);
            return Some(Finding::at(&name.place, message).help(HELP));
        };
        let message = match target {
            Target::NoAnchor(runbook) => format!(
                "`{key}` of alert `{}` names a heading that `{}` does not have: `{}`",
                name.value, runbook.place.path, link.value
            ),
            Target::Nowhere => format!(
                "`{key}` of alert `{}` leads to a file that does not exist: `{}`",
                name.value, link.value
            ),
            Target::Unclear if !is_template(link) => {
                format!("`{key}` of alert `{}` is no link: `{}`", name.value, shortened(link))
            }
            _ => return None,
        };
        Some(Finding::at(&link.place, message).help(HELP))
    }

    fn sighting(&self) -> Option<Sighting> {
        let (_, link, _) = self.target.as_ref()?;
        let message = format!("alert `{}` links `{}`", self.alert.name.value, link.value);
        Some(Sighting::at(&link.place, message))
    }

    fn is_unread(&self) -> bool {
        let target = self.target.as_ref().map(|(_, _, target)| *target);
        matches!(target, Some(Target::Outside | Target::Unclear))
    }
}

const HELP: &str = "write the runbook and link its page:\n\nannotations:\n  \
    runbook_url: https://github.com/<owner>/<repository>/blob/main/docs/runbooks/<alert>.md";

/// Whether only the running system knows where it leads.
fn is_template(link: &str) -> bool {
    link.contains(['{', '$']) || link.contains("://")
}

fn shortened(text: &str) -> String {
    text.lines().next().unwrap_or_default().trim().chars().take(60).collect()
}

/// What keeps runbooks from being known to exist: they stand elsewhere, or their links are
/// templates.
fn unread(links: &[Link<'_>]) -> Option<Outcome> {
    let mut unread = links.iter().filter(|link| link.is_unread());
    let first = unread.next()?;
    let (_, link, _) = first.target.as_ref()?;
    let others = match unread.count() {
        0 => String::new(),
        1 => ", and so does one more alert".to_owned(),
        count => format!(", and so do {count} more alerts"),
    };
    Some(Outcome::Unknown(format!(
        "alert `{}` (`{}` line {}) points to {}{others}, which was not read",
        first.alert.name.value,
        link.place.path,
        link.place.line,
        shortened(link)
    )))
}
