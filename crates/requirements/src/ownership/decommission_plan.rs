//! It is written how the service is retired: data archived or deleted, dependants moved, users
//! told.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/decommission-plan",
    title: "it is written how the service is retired: data archived or deleted, dependants \
            moved, users told",
    why: "Services that nobody knows how to switch off run for years, unpatched, with data in \
          them that should be gone.",
    remedy: "Write how the service will be retired: what becomes of its data, where its \
             dependants go, and who tells its users how long in advance.",
    references: &[Reference {
        title: "RFC 8594: the Sunset HTTP header field",
        url: "https://www.rfc-editor.org/rfc/rfc8594",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document, Change::Dependency],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge), Proof::Drill("gameday")],
    cases: include_str!("decommission_plan.md"),
};

static HEADINGS: &[&str] = &[
    "decommission*",
    "end of life plan",
    "how to retire",
    "retirement plan",
    "retiring the service",
    "service retirement",
    "sunset plan",
];

/// What a service may manage for its users: how that is retired says nothing of the service.
static MANAGED: &[&str] = &[
    "account", "agent", "asset", "customer", "device", "host", "machine", "node", "tenant", "user",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut pages = pages(scope, Role::Decommission, HEADINGS, "decommission");
    pages.chapters.retain(|chapter| !prose::mentions(chapter.title(), MANAGED));
    let Some(first) = pages.chapters.first() else {
        return pages.unknown(
            "decommission plan",
            "write docs/decommission.md, or say under `links: {decommission: …}` in gonogo.yaml \
             where it stands",
        );
    };
    let parts = PARTS.iter().map(|part| (part, pages.says_both(part.subjects, part.deeds)));
    let (said, missing): (Vec<_>, Vec<_>) = parts.partition(|(_, place)| place.is_some());
    let missing: Vec<&str> = missing.iter().map(|(part, _)| part.what).collect();
    if !missing.is_empty() {
        let missing = model::listed(&missing, "and");
        let message = format!("`{}` does not say {missing}", first.name());
        return Finding::at(first.place(), message)
            .help("write a step for each, with who does it")
            .into();
    }
    let seen = said.iter().filter_map(|(part, place)| Some(Sighting::at((*place)?, part.what)));
    Outcome::Met(seen.collect())
}

/// Something that a plan has to settle: a sentence that names the subject and what is done to it.
struct Part {
    what: &'static str,
    subjects: &'static [&'static str],
    deeds: &'static [&'static str],
}

static PARTS: [Part; 3] = [
    Part {
        what: "what becomes of its data",
        subjects: &["backup", "bucket", "data", "database", "record", "schema", "store", "table"],
        deeds: &[
            "archiv*", "delet*", "destroy*", "dispos*", "drop*", "eras*", "export*", "keep*",
            "kept", "mov*", "purg*", "remov*", "wip*",
        ],
    },
    Part {
        what: "where its dependants go",
        subjects: &[
            "caller",
            "client",
            "consumer",
            "dependant",
            "dependent",
            "downstream",
            "integration",
            "service that depend",
            "upstream",
        ],
        deeds: &["migrat*", "mov*", "no longer", "redirect*", "replac*", "switch*", "until"],
    },
    Part {
        what: "how its users are told",
        subjects: &["announcement", "customer", "notice", "stakeholder", "user"],
        deeds: &[
            "announc*",
            "communicat*",
            "e mail",
            "email",
            "inform*",
            "mail",
            "notice",
            "notif*",
            "post*",
            "tell",
            "told",
            "warn*",
        ],
    },
];
