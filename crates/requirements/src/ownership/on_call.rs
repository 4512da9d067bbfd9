//! Someone is on call at every minute of the next 30 days.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call",
    title: "someone is on call at every minute of the next 30 days",
    why: "An hour that nobody is on call for is an hour in which an outage lasts as long as it \
          likes.",
    remedy: "Put the team's members on a schedule without gaps, and link it: `on-call` under \
             `links:` in gonogo.yaml, or the pager's service in the catalog file.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "Google SRE workbook: on-call",
            url: "https://sre.google/workbook/on-call/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Owner],
    demands: [
        Demand::within(Grade::Observed, 7),
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Declaration, Subject::Catalog, Subject::Documents],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the pager (PagerDuty, Grafana IRM, Opsgenie) or an iCal feed: who is on call \
             during the next 30 days, and in which minutes nobody is",
        ),
        Proof::Drill("page"),
    ],
    cases: include_str!("on_call.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let schedules = schedules(scope);
    let mut findings: Vec<Finding> = schedules
        .iter()
        .filter(|schedule| prose::is_placeholder(schedule))
        .map(|schedule| {
            let message = format!("on-call schedule `{}` is no schedule", schedule.value);
            Finding::at(&schedule.place, message).help("link the schedule in the pager")
        })
        .collect();
    findings.extend(off_hours(scope));
    Outcome::unmet_or(findings, || {
        let seen: Vec<Sighting> = schedules.iter().map(|schedule| seen(schedule)).collect();
        if seen.is_empty() { unlinked(scope) } else { Outcome::Met(seen) }
    })
}

fn seen(schedule: &Placed<String>) -> Sighting {
    Sighting::at(&schedule.place, format!("on-call schedule `{}`", schedule.value))
}

/// The schedules that gonogo.yaml, the catalog and the on-call documents link.
fn schedules<'a>(scope: &Scope<'a>) -> Vec<&'a Placed<String>> {
    let linked = scope.link("on-call").into_iter().filter(|link| !is_own_page(link, scope));
    let entries = || scope.entries.iter();
    let on_call = entries().filter_map(|entry| entry.on_call.as_ref());
    let links = entries().flat_map(|entry| &entry.links);
    let links = links.filter(|link| link.topic == Topic::OnCall).map(|link| &link.url);
    let written = on_call_documents(scope).flat_map(|document| &document.links);
    let all = linked.chain(on_call).chain(links).chain(written.filter(|link| is_schedule(link)));
    let mut schedules: Vec<&Placed<String>> = Vec::new();
    for schedule in all {
        if !schedules.iter().any(|known| known.place == schedule.place) {
            schedules.push(schedule);
        }
    }
    schedules
}

fn on_call_documents<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Document> + use<'a> {
    documents(scope).filter(|document| document.role == Role::OnCall)
}

/// A page about being on call is read like the others, and is no schedule.
fn is_own_page(link: &Placed<String>, scope: &Scope<'_>) -> bool {
    let target = follow(link, link.place.folder(), &scope.sitemap);
    !matches!(target, Target::Outside | Target::Unclear)
}

fn is_schedule(link: &str) -> bool {
    let link = link.to_lowercase();
    let is_of_pager = PAGERS.iter().any(|pager| link.contains(pager));
    link.contains(".ics") || (is_of_pager && !is_about_pager(&link))
}

/// Whether a link of a pager's leads to what the product is told by: its manual, its news.
fn is_about_pager(link: &str) -> bool {
    let address = link.split_once("://").map_or(link, |(_, address)| address);
    let (host, path) = address.split_once('/').unwrap_or((address, ""));
    let site = host.split('.').next().unwrap_or_default();
    let page = path.split(['/', '?', '#']).next().unwrap_or_default();
    PAGES.contains(&site) || PAGES.contains(&page) || (site == "www" && page.is_empty())
}

/// First words of hosts and of paths where pagers are written about.
static PAGES: &[&str] = &[
    "blog",
    "community",
    "customers",
    "developer",
    "developers",
    "docs",
    "features",
    "guides",
    "help",
    "integrations",
    "learn",
    "platform",
    "pricing",
    "resources",
    "response",
    "status",
    "support",
    "university",
];

/// Parts of the addresses of schedules in pagers.
static PAGERS: &[&str] = &[
    "betterstack.com/team",
    "calendar.google.com",
    "grafana-irm",
    "grafana-oncall",
    "incident.io",
    "opsgenie.com",
    "pagerduty.com",
    "pagertree.com",
    "rootly.com",
    "squadcast.com",
    "victorops.com",
    "zenduty.com",
];

/// Where an on-call document says that nobody is on call for a part of the week.
fn off_hours(scope: &Scope<'_>) -> Option<Finding> {
    let sections = on_call_documents(scope).flat_map(|document| &document.sections);
    let found = sections.flat_map(|section| {
        let sentences = prose::sentences(&section.text);
        sentences.filter(|s| prose::mentions(s, LIMITS)).map(move |s| (section, s))
    });
    let (section, sentence) = found.into_iter().next()?;
    let sentence: String = sentence.trim_end_matches('.').chars().take(LONGEST).collect();
    let message = format!("nobody is on call for a part of the week: `{sentence}`");
    Some(Finding::at(&section.title.place, message).help("cover nights and weekends too"))
}

const LONGEST: usize = 120;

static LIMITS: &[&str] = &[
    "nobody is on call",
    "no on call outside",
    "not on call outside",
    "on call business hours only",
    "on call during business hours",
    "on call during office hours",
    "on call during working hours",
    "on call only during",
    "on call office hours only",
    "on call on weekdays only",
    "only on call during",
    "only on call on weekdays",
];

fn unlinked(scope: &Scope<'_>) -> Outcome {
    let document = on_call_documents(scope).next();
    Outcome::Unknown(match document {
        Some(document) => format!(
            "`{}` describes being on call and links no schedule: link it as `on-call` under \
             `links:` in gonogo.yaml",
            document.place.path
        ),
        None => {
            "no on-call schedule is linked: name it as `on-call` under `links:` in gonogo.yaml \
                 or in the catalog file"
                .to_owned()
        }
    })
}
