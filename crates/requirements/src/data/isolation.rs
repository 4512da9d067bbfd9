//! Backups survive the loss or the compromise of what they back up.

use super::store::without_data;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/isolation",
    title: "backups survive the loss or the compromise of what they back up",
    why: "What deletes or encrypts the data takes the backups with it when they stand in the \
          same account, under the same keys.",
    remedy: "Copy backups to another account and region, with a lock that nobody who can write \
             the data can lift.",
    references: &[
        Reference {
            title: "Amazon S3: Object Lock",
            url: "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
        },
        Reference {
            title: "AWS Well-Architected: back up data",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/back-up-data.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Configuration, Change::Region],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[Subject::Declaration, Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("isolation.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.data.as_ref());
    let stores = declared.map(Vec::as_slice).unwrap_or_default();
    if declared.is_some() && stores.is_empty() {
        return without_data(scope);
    }
    let findings: Vec<Finding> = stores.iter().filter_map(beside_the_data).collect();
    Outcome::unmet_or(findings, || {
        let pages = pages(scope, Role::RecoveryPlan, HEADINGS, "recovery-plan");
        match pages.chapters.iter().find_map(|chapter| chapter.states(keeps_apart)) {
            Some(place) => Outcome::met(place, "backups are kept out of reach"),
            None => undecided(stores),
        }
    })
}

/// A backup that lies on the machine that it is taken from.
fn beside_the_data(store: &Store) -> Option<Finding> {
    let to = store.backup_to.as_ref()?;
    let is_local = ["/", "./", "../", "~", "file:"].iter().any(|start| to.starts_with(start));
    is_local.then(|| {
        let name = &store.store.value;
        let message = format!("backups of `{name}` are kept beside it: `{}`", to.value);
        Finding::at(&to.place, message)
            .help("copy them to storage of another account, where they cannot be deleted")
    })
}

fn undecided(stores: &[Store]) -> Outcome {
    let to = stores.iter().find_map(|store| store.backup_to.as_ref());
    Outcome::Unknown(to.map_or_else(
        || {
            "no page says where backups are kept: name it as `backup: {to: …}` under `data:` in \
             gonogo.yaml, and in the recovery plan what keeps them from being deleted"
                .to_owned()
        },
        |to| {
            format!(
                "whether `{}` is out of reach of who can write the data: say in the recovery plan \
                 in whose account it is, and what locks it",
                to.value
            )
        },
    ))
}

static HEADINGS: &[&str] =
    &["backup", "backups", "backup isolation", "business continuity", "disaster recovery"];

/// Whether a sentence says that backups are out of reach of whoever can write the data. Another
/// region alone outlives a fire, but no intruder.
fn keeps_apart(sentence: &str) -> bool {
    prose::mentions(sentence, &["backup", "backed up", "copies", "copy", "dump", "snapshot"])
        && prose::mentions(sentence, APART)
        && !prose::mentions(sentence, DOUBTS)
}

static APART: &[&str] = &[
    "air gap",
    "air gapped",
    "another account",
    "backup account",
    "cross account",
    "different account",
    "immutable",
    "object lock",
    "other account",
    "own account",
    "second account",
    "separate account",
    "vault lock",
    "worm",
    "write once",
];

/// What turns the sentence into a wish, a question or its opposite.
static DOUBTS: &[&str] = &[
    "consider", "could", "may", "might", "missing", "never", "no", "none", "not", "plan to",
    "planned", "proposed", "should", "tbd", "todo", "will", "without", "would", "yet",
];
