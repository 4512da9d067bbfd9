//! It is written who owns the data, how long it is kept and how it is deleted, and deletion works.

use std::collections::HashSet;

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
        ("who owns the data", pages.says(OWNER).or_else(|| pages.chapters.iter().find_map(owned))),
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
    if let ["who owns the data"] = missing.as_slice()
        && let Some(chapter) = pages.chapters.iter().find(|c| c.sections().any(has_page_owner))
    {
        return Outcome::unknown(format!(
            "`{}` names at its head who answers for the page: whether the data is theirs is not written",
            chapter.document.place.path
        ));
    }
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        return Finding::at(first.place(), format!("`{}` does not say {missing}", first.name()))
            .help("write it for each store")
            .into();
    }
    Outcome::Met(parts.iter().filter_map(|(p, at)| Some(Sighting::at((*at)?, *p))).collect())
}

static OWNER: &[&str] = &["controller", "responsible", "steward"];

/// Where a sentence, a heading or a column names an owner. Rules of access speak of one as well, who is
/// whoever a row belongs to: in a table the column has to be called so.
fn owned<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let is_owner = |text: &str| {
        prose::mentions(text, &["owned by", "owner"]) && !prose::mentions(text, OTHER_OWNERS)
    };
    let is_labelled =
        |text: &str| text.split_once(": ").is_some_and(|(_, rest)| !prose::is_placeholder(rest));
    let tells = |text: &str| {
        is_owner(text)
            && !prose::mentions(text, ACCESS)
            && !prose::mentions(text, USERS)
            && (prose::says_something(text) || is_labelled(text))
    };
    let section = chapter.sections().find(|section| {
        let is_headed = is_owner(&section.title) && !prose::is_placeholder(&section.text);
        let rows: HashSet<String> = section.rows.iter().map(|row| in_one(row)).collect();
        let head = page_owner(section);
        let is_text = |line: &&str| !rows.contains(line.trim()) && Some(line.trim()) != head;
        let mut lines = section.text.lines().filter(is_text);
        is_headed || lines.any(|line| prose::sentences(line).any(tells)) || has_owners(section)
    });
    section.map(|section| &section.title.place)
}

/// The line that names who answers for a page, beside what else says which page it is: whether the data is
/// theirs too, it leaves open.
fn page_owner(section: &Section) -> Option<&str> {
    const BESIDE: &[&str] =
        &["classification:", "review cadence:", "status:", "updated:", "version:"];
    let is_head = |line: &&str| {
        let line = line.to_lowercase();
        line.contains("owner:") && BESIDE.iter().any(|label| line.contains(label))
    };
    section.text.lines().map(str::trim).find(is_head)
}

fn has_page_owner(section: &Section) -> bool {
    page_owner(section).is_some()
}

/// A row as the text of its section has it.
fn in_one(row: &[Placed<String>]) -> String {
    row.iter().map(|cell| cell.value.as_str()).collect::<Vec<_>>().join(" ")
}

/// Whether a table of the section has a column, or a row, that is called after the owner.
fn has_owners(section: &Section) -> bool {
    let is_owner = |cell: &Placed<String>| {
        prose::mentions(cell, &["owner"]) && !prose::mentions(cell, OTHER_OWNERS)
    };
    let names =
        |cell: &Placed<String>| !prose::is_placeholder(cell) && !prose::mentions(cell, ACCESS);
    let Some((head, body)) = section.rows.split_first() else { return false };
    let column = head.iter().position(is_owner);
    let in_column =
        |row: &Vec<Placed<String>>| column.and_then(|at| row.get(at)).is_some_and(names);
    let is_called = |row: &Vec<Placed<String>>| matches!(row.as_slice(), [label, value, ..] if is_owner(label) && names(label) && names(value));
    body.iter().any(|row| in_column(row) || is_called(row))
}

/// Whose a row is, which says not who answers for all of them.
static USERS: &[&str] = &[
    "owned by a user",
    "owned by customer",
    "owned by the customer",
    "owned by the user",
    "owned by them",
    "owned by user",
    "owned by you",
    "owned by your",
];

/// Owners of what is not the data: a customer, who asks for what is theirs, or whoever keeps some code.
static OTHER_OWNERS: &[&str] = &[
    "account owner",
    "code owner",
    "owner of the account",
    "owner of the repo",
    "owner of the repository",
    "owner of the request",
    "owner of the ticket",
    "repo owner",
    "repository owner",
    "request owner",
    "ticket owner",
    "workspace owner",
];

/// Words of rules on who may do what.
static ACCESS: &[&str] =
    &["access", "admin", "edit", "only", "permission", "read", "update", "view", "write"];

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
