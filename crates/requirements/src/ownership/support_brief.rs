//! Support has status dashboards and a summary of the commonest failure modes.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/support-brief",
    title: "support has status dashboards and a summary of the commonest failure modes",
    why: "Support that cannot see whether the service is up, and does not know its usual \
          failures, escalates everything or nothing.",
    remedy: "Write a page for support: the status dashboards, and for each of the commonest \
             failures what users see, what support may do, and when to escalate.",
    references: &[Reference {
        title: "Google SRE book: effective troubleshooting",
        url: "https://sre.google/sre-book/effective-troubleshooting/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Incident],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("support_brief.md"),
};

static HEADINGS: &[&str] = &["brief for support", "for support", "support brief"];

static FAILURES: &[&str] = &[
    "common error",
    "common failure",
    "common issue",
    "common problem",
    "commonest failure",
    "failure mode",
    "frequent problem",
    "known issue",
    "known problem",
    "usual failure",
    "what goes wrong",
    "what can go wrong",
];

static STATUS: &[&str] = &["dashboard", "grafana", "health page", "status page"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::Support, HEADINGS, "support-brief");
    let briefs = pages.chapters.iter().map(|chapter| (chapter, status(chapter), failures(chapter)));
    let mut half = None;
    for (chapter, status, failures) in briefs {
        match (status, failures) {
            (Some(status), Some((failures, count))) => {
                return Outcome::Met(vec![
                    Sighting::at(status, "where support sees whether it is up"),
                    Sighting::at(failures, format!("{count} of its commonest failures")),
                ]);
            }
            // A page about how to reach support is no brief, and lacks nothing of one.
            _ if !is_brief(chapter) => {}
            (status, _) => half = half.or(Some((chapter, status.is_some()))),
        }
    }
    half.map_or_else(|| none(&pages), |(chapter, has_status)| lacking(chapter, has_status))
}

fn is_brief(chapter: &Chapter<'_>) -> bool {
    prose::mentions(chapter.name(), &["brief"]) || prose::mentions(chapter.title(), HEADINGS)
}

fn none(pages: &Pages<'_>) -> Outcome {
    pages.unknown(
        "support brief",
        "write docs/support-brief.md, or say under `links: {support-brief: …}` in gonogo.yaml \
         where it stands",
    )
}

fn lacking(chapter: &Chapter<'_>, has_status: bool) -> Outcome {
    let what = if has_status { "the commonest failures" } else { "a status dashboard" };
    Finding::at(chapter.place(), format!("`{}` does not list {what}", chapter.name()))
        .help(
            "list the status dashboards, and for each usual failure what users see and what to do",
        )
        .into()
}

/// Where dashboards or a status page are linked.
fn status<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    chapter.links().next()?;
    chapter.says(STATUS)
}

/// Where usual failures are listed, and how many: one alone is no list.
fn failures<'a>(chapter: &Chapter<'a>) -> Option<(&'a Place, usize)> {
    let own = chapters(chapter.document)
        .filter(|inner| chapter.sections().any(|section| section.title.place == *inner.place()));
    let mut listed = own.filter(|inner| prose::mentions(inner.title(), FAILURES));
    listed.find_map(|inner| {
        let entries = inner.entries();
        let count = entries.iter().filter(|entry| !prose::is_placeholder(entry)).count();
        (count >= 2).then(|| (inner.place(), count))
    })
}
