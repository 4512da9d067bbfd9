//! Each runbook says symptom, impact, how to diagnose, how to mitigate, whom to escalate to, and
//! is fresh.

use std::cell::LazyCell;
use std::collections::HashSet;

use super::runbook::{naming, outside, runbooks};
use crate::about::elsewhere;
use crate::outcome::condensed;
use crate::page::is_for_developers;
use crate::prelude::*;
use crate::runbook_link::runbook_link;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "incidents/runbook-quality",
    title: "each runbook says symptom, impact, how to diagnose, how to mitigate, whom to \
            escalate to, and is fresh",
    why: "A runbook that names the alert and then stops costs its reader minutes and gives \
          nothing back; one that describes last year's system sends them the wrong way.",
    remedy: "Give each runbook the sections symptom, impact, diagnosis, mitigation and \
             escalation, with the commands to copy, and a line `Last reviewed: YYYY-MM-DD`.",
    references: &[
        Reference {
            title: "Prometheus Operator: runbooks",
            url: "https://runbooks.prometheus-operator.dev/",
        },
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Incident],
    demands: [Demand::within(Grade::Declared, 180), Demand::within(Grade::Declared, 365), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge), Proof::Drill("docs")],
    cases: include_str!("runbook_quality.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let all = runbooks(scope).into_iter().filter(|runbook| !is_procedure(runbook));
    let alerted = LazyCell::new(|| alerted(scope));
    let is_for_failure =
        |runbook: &Document| is_on_failure(runbook) || alerted.contains(&*runbook.place.path);
    let reason = |runbook: &Document| {
        elsewhere(&Chapter::whole(runbook)?, scope)
            .or_else(|| (!is_for_failure(runbook)).then(|| ON_NO_FAILURE.to_owned()))
    };
    let (others, runbooks): (Vec<_>, Vec<_>) =
        all.map(|runbook| (runbook, reason(runbook))).partition(|(_, reason)| reason.is_some());
    if let ([], Some((runbook, Some(reason)))) = (runbooks.as_slice(), others.first()) {
        let path = &runbook.place.path;
        return Outcome::Unknown(format!("`{path}` was not counted: {reason}"));
    }
    if runbooks.is_empty() {
        return nothing_to_judge(scope);
    }
    let judged = runbooks.iter().map(|(runbook, _)| quality(runbook, scope)).collect();
    Outcome::all(condensed(judged)).unwrap_or_else(|| nothing_to_judge(scope))
}

static ON_NO_FAILURE: &str = "no alert leads to it, and neither its title nor a heading tells of a \
                              failure: a symptom, an impact, an alert, an incident";

/// Whether it is for something that goes wrong, by its name or by a heading: what is done as planned has
/// no symptom and no impact.
fn is_on_failure(runbook: &Document) -> bool {
    let mut headings = runbook.sections.iter().map(|section| section.title.value.as_str());
    runbook.is_called(FAILURES)
        || headings.any(|heading| prose::mentions(heading, FAILURE_HEADINGS))
}

/// The pages that alerts of the service link, or are named in.
fn alerted<'s>(scope: &'s Scope<'_>) -> HashSet<&'s str> {
    let linked = |alert: &Alert| {
        let (_, link) = runbook_link(alert)?;
        match follow(&link, alert.name.place.folder(), &scope.sitemap) {
            Target::Document(page) | Target::NoAnchor(page) => Some(page),
            Target::Outside | Target::File | Target::Nowhere | Target::Unclear => None,
        }
    };
    let alerts = || scope.alerts.iter().copied();
    let pages = alerts().filter_map(linked).chain(alerts().flat_map(|a| naming(a, scope)));
    pages.map(|page| &*page.place.path).collect()
}

fn nothing_to_judge(scope: &Scope<'_>) -> Outcome {
    Outcome::Unknown(outside(scope).map_or_else(
        || {
            "no runbook was found: write them under docs/runbooks/, or say under `links: \
             {runbooks: …}` in gonogo.yaml where they stand"
                .to_owned()
        },
        |link| {
            let (path, line) = (&link.place.path, link.place.line);
            format!("`{path}` (line {line}) points to {}, which was not read", link.value)
        },
    ))
}

/// Whether it tells the steps of planned work: by what its folder is for, by what it is called, or as it
/// is for developers.
fn is_procedure(runbook: &Document) -> bool {
    let is_planned = is_of_lessons(runbook.place.folder())
        || runbook.is_called(PLANNED)
        || is_for_developers(runbook);
    is_planned && !runbook.is_called(FAILURES)
}

/// Whether a folder holds pages on how something is done or learnt, and on nothing that fails.
fn is_of_lessons(folder: &str) -> bool {
    let is_one = |part: &str| LESSONS.contains(&prose::plain(part).as_str());
    folder.split('/').any(is_one)
}

static LESSONS: &[&str] =
    &["how to", "how to guides", "how tos", "howto", "howtos", "tutorial", "tutorials"];

static PLANNED: &[&str] = &[
    "deploy",
    "deploying",
    "deployment",
    "go no go",
    "install",
    "installation",
    "launch",
    "migration",
    "onboarding",
    "provisioning",
    "release",
    "setup",
    "upgrade",
];

static FAILURES: &[&str] = &[
    "bad",
    "broken",
    "crash*",
    "down",
    "error",
    "fail*",
    "fix",
    "incident",
    "outage",
    "recover*",
    "roll back",
    "rollback",
    "slow",
    "stuck",
    "troubleshoot*",
];

/// Words of headings on whom a failure hurts and what wakes somebody, and of failures themselves; a way
/// back or a chapter on trouble stands in pages on planned work too.
static FAILURE_HEADINGS: &[&str] = &[
    "alert", "broken", "crash*", "error", "fail", "failed", "failing", "fails", "failure",
    "impact", "incident", "outage", "stuck", "symptom",
];

/// Something that a runbook has to say.
struct Part {
    what: &'static str,
    headings: &'static [&'static str],
    /// Words that say it in a sentence, without a heading of its own.
    words: &'static [&'static str],
}

static PARTS: [Part; 5] = [
    Part {
        what: "symptom",
        headings: &[
            "alert",
            "background",
            "context",
            "description",
            "detect*",
            "indication",
            "meaning",
            "overview",
            "problem",
            "purpose",
            "signal",
            "summary",
            "symptom",
            "trigger",
            "what happened",
            "what is wrong",
            "what it looks like",
            "what it means",
            "what this",
            "what you see",
            "when it",
            "when this",
            "when to",
        ],
        words: &[
            "alerts when",
            "fires",
            "firing",
            "is triggered",
            "symptom",
            "use this runbook",
            "users see",
        ],
    },
    Part {
        what: "impact",
        headings: &[
            "affected",
            "blast radius",
            "consequence",
            "impact",
            "priority",
            "severity",
            "urgency",
        ],
        words: &["affected", "affects", "customers cannot", "impact*", "users cannot", "users see"],
    },
    Part {
        what: "diagnosis",
        headings: &[
            "analysis",
            "assess*",
            "cause",
            "check",
            "confirm*",
            "debug*",
            "determine",
            "diagnos*",
            "find",
            "identify*",
            "inspect*",
            "investigat*",
            "triage",
            "troubleshoot*",
            "verif*",
        ],
        words: &["diagnos*", "investigate"],
    },
    Part {
        what: "mitigation",
        headings: &[
            "action",
            "fix",
            "fixes",
            "mitigat*",
            "procedure",
            "recover*",
            "remed*",
            "repair*",
            "resol*",
            "response",
            "restor*",
            "rollback",
            "roll back",
            "solution",
            "step",
            "what to do",
            "workaround",
        ],
        words: &["mitigat*", "to fix", "to resolve"],
    },
    Part {
        what: "escalation",
        headings: &["contact", "escalat*", "on call", "owner", "who to call", "whom to call"],
        words: &["call the", "contact the", "escalat*", "page the", "reach out to"],
    },
];

/// Whether a runbook says all that it has to, and when it was last looked over.
fn quality(runbook: &Document, scope: &Scope<'_>) -> Outcome {
    let missing: Vec<&str> =
        PARTS.iter().filter(|part| !says(runbook, part)).map(|part| part.what).collect();
    let path = &runbook.place.path;
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(&runbook.place, format!("runbook `{path}` lacks {missing}"))
            .help("add a section for each, with the commands to copy and what to expect of them")
            .into();
    }
    match &runbook.reviewed {
        Some(day) if day.value > scope.today => {
            let message = format!("runbook `{path}` was reviewed on {}, a day to come", day.value);
            Finding::at(&day.place, message).help("write the day on which it was reviewed").into()
        }
        Some(day) => {
            let message = format!("runbook `{path}` is complete, reviewed on {}", day.value);
            Outcome::Met(vec![Sighting::at(&day.place, message).as_of(day.value)])
        }
        None => Outcome::Unknown(format!(
            "when `{path}` was last reviewed: add the line `Last reviewed: YYYY-MM-DD`"
        )),
    }
}

fn says(runbook: &Document, part: &Part) -> bool {
    let whole = Chapter::whole(runbook);
    matches!(treatment(runbook, part.headings), Treatment::Said(_))
        || whole.is_some_and(|chapter| chapter.says(part.words).is_some())
        || (part.what == "symptom" && has_introduction(runbook))
        || (part.what == "mitigation" && has_deed(runbook))
}

/// Whether a heading names what is done against a failure, over commands: "Draining the queue".
fn has_deed(runbook: &Document) -> bool {
    let is_deed = |chapter: &Chapter<'_>| {
        !chapter.is_title() && prose::mentions(chapter.title(), DEEDS) && chapter.has_code()
    };
    chapters(runbook).any(|chapter| is_deed(&chapter))
}

static DEEDS: &[&str] = &[
    "drain*",
    "fail over",
    "failing over",
    "failover",
    "overrid*",
    "purg*",
    "replay*",
    "restart*",
    "revert*",
    "rotat*",
    "scale up",
    "scaling up",
];

/// Whether a few sentences under the title tell what the runbook is about.
fn has_introduction(runbook: &Document) -> bool {
    let first = runbook.sections.first().filter(|section| section.level <= 1);
    let lines = first.iter().flat_map(|section| section.text.lines());
    let told = lines.filter(|line| !prose::mentions(line, &["reviewed", "updated", "owner"]));
    let words = told.filter(|line| !prose::is_placeholder(line)).flat_map(str::split_whitespace);
    words.count() >= FEWEST_WORDS
}

const FEWEST_WORDS: usize = 8;
