//! What happens when the budget is spent is written down.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/error-budget-policy",
    title: "what happens when the budget is spent is written down",
    why: "An objective that changes nothing when it is missed is decoration: in the week when it \
          matters, features win the argument.",
    remedy: "Write docs/error-budget-policy.md: when the budget counts as spent, what stops and \
             what goes first then, who decides, and how it ends.",
    references: &[
        Reference {
            title: "Google SRE workbook: example error budget policy",
            url: "https://sre.google/workbook/error-budget-policy/",
        },
        Reference {
            title: "Google SRE book: embracing risk",
            url: "https://sre.google/sre-book/embracing-risk/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Owner, Change::Monitoring],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("error_budget_policy.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let found = pages(scope, Role::Objectives, HEADINGS, "error-budget-policy");
    // A page of objectives may speak of the budget without being the policy.
    let is_policy = |chapter: &&Chapter<'_>| {
        let file = prose::plain(chapter.document.place.file_name());
        let mut sections = chapter.sections();
        prose::mentions(&file, BUDGET)
            || sections.any(|section| prose::mentions(&section.title, HEADINGS))
    };
    let policies: Vec<Chapter<'_>> = found.chapters.iter().filter(is_policy).copied().collect();
    let Some(first) = policies.first() else {
        return found.unknown(
            "error budget policy",
            "write docs/error-budget-policy.md, or say under `links: {error-budget-policy: …}` in \
             gonogo.yaml where it stands",
        );
    };
    let policies = Pages { chapters: policies.clone(), ..Pages::default() };
    let parts = [
        ("when the budget is spent", policies.says(SPENT)),
        ("what happens then", policies.says(CONSEQUENCES)),
        ("who decides", policies.says(PEOPLE)),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, at)| at.is_none()).map(|(p, _)| *p).collect();
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(first.place(), format!("`{}` does not say {missing}", first.name()))
            .help(
                "write, for example: when the budget of the last 28 days is spent, only fixes of \
                 reliability are released until it is back; the service owner decides, and \
                 exceptions are the engineering manager's",
            )
            .into();
    }
    Outcome::Met(parts.iter().filter_map(|(p, at)| Some(Sighting::at((*at)?, *p))).collect())
}

static BUDGET: &[&str] = &["error budget"];

static HEADINGS: &[&str] = &[
    "budget is exhausted",
    "budget is spent",
    "budget policy",
    "budget policies",
    "error budget exhaust*",
];

static SPENT: &[&str] = &[
    "below zero",
    "budget left",
    "budget remaining",
    "burn*",
    "consum*",
    "deplet*",
    "exceed*",
    "exhaust*",
    "gone",
    "negative",
    "out of budget",
    "overspent",
    "remaining budget",
    "runs out",
    "spent",
    "used up",
];

static CONSEQUENCES: &[&str] = &[
    "block*",
    "feature work stops",
    "freez*",
    "frozen",
    "halt*",
    "no feature",
    "no new feature",
    "no release",
    "only fix*",
    "paus*",
    "postpon*",
    "priorit*",
    "reliability work",
    "slow down",
    "stop",
    "stopped",
    "suspend*",
    "takes precedence",
];

static PEOPLE: &[&str] = &[
    "approv*",
    "cto",
    "decide",
    "decision",
    "director",
    "escalat*",
    "head of",
    "lead",
    "manager",
    "on call",
    "owner",
    "owns",
    "product manager",
    "responsible",
    "sre",
    "tech lead",
    "vp",
];
