//! Severity levels, roles, escalation and handoff between teams are defined.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/playbook",
    title: "severity levels, roles, escalation and handoff between teams are defined",
    why: "Without agreed severities and roles the first half hour of an incident goes to \
          finding out who decides, and teams hand the problem back and forth.",
    remedy: "Write an incident playbook: severity levels with examples, roles and who fills \
             them, when and to whom to escalate, and how an incident is handed to another team.",
    references: &[
        Reference {
            title: "Google SRE book: managing incidents",
            url: "https://sre.google/sre-book/managing-incidents/",
        },
        Reference {
            title: "PagerDuty incident response: severity levels",
            url: "https://response.pagerduty.com/before/severity_levels/",
        },
        Reference {
            title: "PagerDuty incident response: roles",
            url: "https://response.pagerduty.com/before/different_roles/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("playbook.md"),
};

static HEADINGS: &[&str] = &[
    "incident management",
    "incident process",
    "incident response",
    "incident role",
    "severities",
    "severity",
    "severity level",
    "severity tier",
];

/// Words that make a heading which names a severity one on those of incidents.
static OF_INCIDENTS: &[&str] =
    &["classif*", "definition", "incident", "level", "matrix", "priorit*", "scale", "tier"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = playbook(scope);
    let Some(first) = pages.chapters.first() else {
        return pages.unknown(
            "incident playbook",
            "write docs/incident-response.md, or say under `links: {playbook: …}` in gonogo.yaml \
             where it stands",
        );
    };
    let parts = [
        ("severity levels", pages.chapters.iter().find_map(severities)),
        ("roles", pages.says(ROLES)),
        ("escalation", pages.says(&["escalat*"])),
        ("handoff between teams", pages.says(HANDOFF)),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, at)| at.is_none()).map(|(p, _)| *p).collect();
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(first.place(), format!("`{}` does not define {missing}", first.name()))
            .help("write a section for each")
            .into();
    }
    Outcome::Met(parts.iter().filter_map(|(p, at)| Some(Sighting::at((*at)?, *p))).collect())
}

/// The playbook, and what on-call documents say beside it. A runbook's severity is none of it.
fn playbook<'a>(scope: &Scope<'a>) -> Pages<'a> {
    let mut pages = pages(scope, Role::Playbook, HEADINGS, "playbook");
    let others = [Role::Runbook, Role::Postmortem, Role::Decision, Role::Security, Role::Risks];
    // `normalized_severity` is a field of some interface.
    let is_list_of_faults = |chapter: &Chapter<'_>| {
        prose::mentions(chapter.title(), FAULTS)
            || prose::mentions(chapter.title(), SET_UP)
            || chapter.title().contains('_')
    };
    pages.chapters.retain(|chapter| {
        !others.contains(&chapter.document.role)
            && !is_list_of_faults(chapter)
            && (chapter.document.role == Role::Playbook
                || (is_of_incidents(chapter.title()) && is_on_operation(chapter)))
    });
    if !pages.chapters.is_empty() {
        pages.chapters.extend(
            documents(scope)
                .filter(|document| document.role == Role::OnCall)
                .filter_map(Chapter::whole),
        );
    }
    pages
}

/// Whether a heading is on incidents: the severity of log lines or of one alert is none of theirs.
fn is_of_incidents(title: &str) -> bool {
    let severities = ["severity", "severities"];
    let plain = prose::plain(title);
    let of_logs = ["alert", "log", "logging", "syslog"];
    let is_whole = severities.contains(&plain.trim());
    !prose::mentions(title, &severities)
        || is_whole
        || (prose::mentions(title, OF_INCIDENTS) && !prose::mentions(title, &of_logs))
}

/// Whether a chapter, or the title of its page, speaks of what goes wrong for users: code ranks what it finds
/// by severity too.
fn is_on_operation(chapter: &Chapter<'_>) -> bool {
    let words = ["disruption", "downtime", "incident", "on call", "outage", "paged", "pager*"];
    let endings = ["cs", "go", "java", "js", "kt", "php", "py", "rb", "rs", "ts", "tsx"];
    let is_code = |word: &str| {
        let name = word.trim_matches(|c: char| !c.is_alphanumeric());
        name.rsplit_once('.').is_some_and(|(_, ending)| endings.contains(&ending))
    };
    let titles = [chapter.title(), chapter.document.title()];
    !chapter.title().split_whitespace().any(is_code)
        && (chapter.mentions(&words) || titles.iter().any(|title| prose::mentions(title, &words)))
}

/// What an audit ranks by severity: its headings define no level of an incident.
static FAULTS: &[&str] = &["bug", "cve", "defect", "finding", "issue", "vulnerabilit*"];

/// What a heading on tools for incidents says, which defines nothing of how one is dealt with.
static SET_UP: &[&str] = &["configur*", "install*", "integrat*", "set up", "setting up", "setup"];

static ROLES: &[&str] = &[
    "comms lead",
    "communication lead",
    "communications lead",
    "incident commander",
    "incident lead",
    "incident manager",
    "incident owner",
    "incident role",
    "operations lead",
    "ops lead",
    "first responder",
    "scribe",
];

static HANDOFF: &[&str] =
    &["hand off", "hand over", "handed off", "handed over", "handing over", "handoff", "handover"];

/// Where at least two levels are told apart.
fn severities<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let sections = chapter.sections().map(|section| (section, levels(section)));
    let mut seen: BTreeSet<String> = BTreeSet::new();
    let mut place = None;
    for (section, levels) in sections {
        if !levels.is_empty() {
            place = place.or(Some(&section.title.place));
            seen.extend(levels);
        }
    }
    // S3 alone is a place to put files.
    if !seen.contains("s1") && !seen.contains("s2") {
        seen.remove("s3");
    }
    place.filter(|_| seen.len() >= 2)
}

/// The levels that a section names: SEV1, P2, S3, or words for them where it is about severity.
fn levels(section: &Section) -> BTreeSet<String> {
    let cells = section.rows.iter().flatten().map(|cell| cell.value.as_str());
    let items = section.items.iter().map(|item| item.value.as_str());
    let texts = [section.title.value.as_str(), section.text.as_str()];
    let mut found = BTreeSet::new();
    for text in texts.into_iter().chain(cells).chain(items) {
        let numbers = LEVEL.iter().flat_map(|level| level.find_iter(text));
        found.extend(numbers.map(|level| level.as_str().to_lowercase()));
        if prose::mentions(&section.title, &["severity", "severities", "priority", "priorities"]) {
            let words = WORDS.iter().filter(|word| prose::mentions(text, &[word]));
            found.extend(words.map(|word| (*word).to_owned()));
        }
    }
    found
}

static WORDS: [&str; 6] = ["critical", "high", "low", "major", "medium", "minor"];

static LEVEL: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"(?i)\b(sev|severity|p|s)[- ]?[0-5]\b").ok());
