//! A disaster-recovery plan is written.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/recovery-plan",
    title: "a disaster-recovery plan is written",
    why: "When a region or a database is gone, there is no time to find out what to restore \
          first, from where, and who may decide it.",
    remedy: "Write docs/disaster-recovery.md: what can be lost, the steps to bring each part \
             back with their commands, who decides and who does it, and the targets.",
    references: &[
        Reference {
            title: "NIST SP 800-34: contingency planning guide",
            url: "https://csrc.nist.gov/pubs/sp/800/34/r1/upd1/final",
        },
        Reference {
            title: "AWS Well-Architected: plan for disaster recovery",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/plan-for-disaster-recovery-dr.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[
        Change::Document,
        Change::DatastoreVersion,
        Change::Region,
        Change::Dependency,
    ],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("recovery_plan.md"),
};

/// Headings of chapters that are recovery plans.
pub(super) static HEADINGS: &[&str] =
    &["business continuity", "disaster recovery", "dr plan", "recovery plan"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::RecoveryPlan, HEADINGS, "recovery-plan");
    let Some(first) = pages.chapters.first() else {
        return pages.unknown(
            "disaster-recovery plan",
            "write docs/disaster-recovery.md, or say under `links: {recovery-plan: …}` in \
             gonogo.yaml where it stands",
        );
    };
    let parts = [
        ("what can be lost", pages.says(LOSSES)),
        ("the steps to bring it back", pages.chapters.iter().find_map(steps)),
        ("who decides and who acts", pages.says(PEOPLE)),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, at)| at.is_none()).map(|(p, _)| *p).collect();
    // A few words on it among other things are no plan, and one may stand elsewhere.
    let is_plan = |chapter: &&Chapter<'_>| {
        chapter.document.role == Role::RecoveryPlan || chapter.word_count() >= FEWEST_WORDS
    };
    if !missing.is_empty() && !pages.chapters.iter().any(|chapter| is_plan(&chapter)) {
        let place = first.place();
        return Outcome::unknown(format!(
            "`{}` ({}:{}) says too little to be a disaster-recovery plan: write \
             docs/disaster-recovery.md",
            first.name(),
            place.path,
            place.line
        ));
    }
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(first.place(), format!("`{}` does not say {missing}", first.name()))
            .help("write it for the loss of each datastore, of a zone, and of the region")
            .into();
    }
    Outcome::Met(parts.iter().filter_map(|(p, at)| Some(Sighting::at((*at)?, *p))).collect())
}

/// Fewer words under a heading are no plan.
const FEWEST_WORDS: usize = 60;

static LOSSES: &[&str] = &[
    "account",
    "availability zone",
    "cluster",
    "compromis*",
    "corrupt*",
    "data centre",
    "data center",
    "data loss",
    "database",
    "datacenter",
    "delet*",
    "outage",
    "ransomware",
    "region",
    "scenario",
    "zone",
];

static PEOPLE: &[&str] = &[
    "approv*",
    "authori*",
    "commander",
    "contact",
    "decide",
    "declare",
    "lead",
    "maintainer",
    "manager",
    "on call",
    "owner",
    "responsible",
    "role",
    "team",
];

static DEEDS: &[&str] = &[
    "bring back",
    "fail over",
    "failover",
    "promot*",
    "rebuild*",
    "recover*",
    "recreat*",
    "redeploy*",
    "restor*",
];

/// Where it says how: a restoring command, or a list of steps under a heading or sentence about it.
fn steps<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let section = chapter.sections().find(|section| {
        let is_about =
            prose::mentions(&section.title, DEEDS) || prose::mentions(&section.text, DEEDS);
        let steps = section.items.iter().filter(|item| !prose::is_placeholder(item)).count();
        let has_code = section.code.iter().any(|(_, code)| !code.value.trim().is_empty());
        is_about && (steps >= 2 || has_code || section.rows.len() >= 3)
    });
    section.map(|section| &section.title.place)
}
