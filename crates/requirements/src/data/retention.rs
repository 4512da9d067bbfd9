//! It is written who owns the data, how long it is kept and how it is deleted, and deletion works.

use super::store::{in_words, without_data};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "data/retention",
    title: "it is written who owns the data, how long it is kept and how it is deleted, and \
            deletion works",
    why: "Data that nobody owns is kept for ever, leaks years later, and cannot be deleted for \
          the person who asks.",
    remedy: "Declare `owner`, `retention` and `deletion` for each store under `data:` in \
             gonogo.yaml, or write a retention page that says the same.",
    references: &[
        Reference {
            title: "GDPR article 5: principles of processing personal data",
            url: "https://gdpr-info.eu/art-5-gdpr/",
        },
        Reference {
            title: "GDPR article 17: right to erasure",
            url: "https://gdpr-info.eu/art-17-gdpr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Migration, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::BACKEND,
    reads: &[Subject::Declaration],
    proofs: &[Proof::Service(judge), Proof::Drill("restore")],
    cases: include_str!("retention.md"),
};

static HEADINGS: &[&str] = &[
    "data deletion",
    "data erasure",
    "data lifecycle",
    "data retention",
    "retention of data",
    "retention policy",
    "retention schedule",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.data.as_ref());
    match declared {
        Some(stores) => {
            let outcomes = stores.iter().map(|store| retention(store, scope));
            Outcome::all(outcomes).unwrap_or_else(|| without_data(scope))
        }
        None => written(scope),
    }
}

/// Whether a store of gonogo.yaml has an owner, a time to keep it, and a way to delete it.
fn retention(store: &Store, scope: &Scope<'_>) -> Outcome {
    let says =
        |text: &Option<Placed<String>>| text.as_ref().is_some_and(|t| !prose::is_placeholder(t));
    let deletion = || pages(scope, Role::Data, HEADINGS, "retention").says(DELETION).is_some();
    let parts = [
        ("who owns it", says(&store.owner)),
        ("how long it is kept", store.retention_d.is_some()),
        ("how it is deleted", says(&store.deletion) || deletion()),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, is)| !is).map(|(part, _)| *part).collect();
    let name = &store.store.value;
    if missing.is_empty() {
        let days = store.retention_d.as_ref().map_or(0.0, |days| days.value);
        let message = format!("`{name}` is kept for {}", in_words(days * 86_400.0));
        return Outcome::met(&store.store.place, message);
    }
    let message = format!("`{name}` does not say {}", model::listed(&missing, "and"));
    Finding::at(&store.store.place, message)
        .help("declare it:\n\nowner: group:<team>\nretention: 400d\ndeletion: <how, and how soon>")
        .into()
}

/// Whether a page says all three.
fn written(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::Data, HEADINGS, "retention");
    let Some(first) = pages.chapters.first() else {
        return pages.unknown(
            "statement on how long data is kept",
            "declare each store with `owner`, `retention` and `deletion` under `data:` in \
             gonogo.yaml, or write `data: []` where nothing is kept",
        );
    };
    let kept = pages.chapters.iter().find_map(|chapter| chapter.states(prose::has_duration));
    let parts = [
        ("who owns the data", pages.says(OWNER)),
        ("how long it is kept", kept),
        ("how it is deleted", pages.says(DELETION)),
    ];
    let missing: Vec<&str> = parts.iter().filter(|(_, at)| at.is_none()).map(|(p, _)| *p).collect();
    let is_statement = |chapter: &Chapter<'_>| {
        chapter.document.role == Role::Data || prose::mentions(chapter.title(), &["retention"])
    };
    // Other headings on data may be about what a program does with them.
    if kept.is_none() && !pages.chapters.iter().any(is_statement) {
        return Outcome::unknown(format!("`{}` does not say how long data is kept", first.name()));
    }
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(first.place(), format!("`{}` does not say {missing}", first.name()))
            .help("write it for each store")
            .into();
    }
    Outcome::Met(parts.iter().filter_map(|(p, at)| Some(Sighting::at((*at)?, *p))).collect())
}

static OWNER: &[&str] =
    &["controller", "data owner", "owned by", "owner", "responsible", "steward"];

static DELETION: &[&str] = &[
    "anonymis*",
    "anonymiz*",
    "clean up",
    "cleaned up",
    "cleanup",
    "delet*",
    "drop*",
    "eras*",
    "expir*",
    "purg*",
    "remov*",
    "ttl",
];
