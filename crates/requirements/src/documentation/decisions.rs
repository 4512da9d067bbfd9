//! Architecture decisions are recorded.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/decisions",
    title: "architecture decisions are recorded",
    why: "A decision whose reasons are lost is either undone by accident or kept for ever out \
          of fear.",
    remedy: "Record each decision that is hard to take back as a short page under \
             docs/decisions/: context, decision, consequences.",
    references: &[Reference {
        title: "Architectural decision records",
        url: "https://adr.github.io/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document],
    demands: [Demand::of(Grade::Declared), None, None],
    kinds: kinds::ALL,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("decisions.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let records: Vec<&Document> = documents(scope)
        .filter(|document| document.role == Role::Decision)
        .filter(|document| is_record(document))
        .collect();
    let decided: Vec<&&Document> = records.iter().filter(|r| says_what_was_decided(r)).collect();
    if let Some(first) = decided.first() {
        let message = match decided.len() {
            1 => "one decision is recorded".to_owned(),
            count => format!("{count} decisions are recorded, this the first"),
        };
        return Outcome::met(&first.place, message);
    }
    let findings: Vec<Finding> =
        records.iter().take(MOST_FINDINGS).map(|r| says_nothing(r)).collect();
    Outcome::unmet_or(findings, || {
        Pages { outside: scope.link("decisions"), ..Pages::default() }.unknown(
            "record of a decision",
            "write one under docs/decisions/, or say under `links: {decisions: …}` in gonogo.yaml \
             where they stand",
        )
    })
}

const MOST_FINDINGS: usize = 10;

/// Neither the template nor the list of all records.
fn is_record(document: &Document) -> bool {
    let name = prose::plain(document.place.file_name());
    let title = document.title();
    !["readme", "index", "template"].iter().any(|other| name.contains(other))
        && !prose::mentions(title, &["template", "log of decision"])
}

/// Whether the record holds a decision about the service: the one to record decisions, which tools
/// write into every new folder, is none.
fn says_what_was_decided(record: &Document) -> bool {
    let is_first = record.title.as_ref().is_some_and(|title| {
        prose::mentions(
            title,
            &["record architecture decision", "use architecture decision record"],
        )
    });
    !is_first
        && Chapter::whole(record)
            .is_some_and(|chapter| chapter.says_something() && chapter.word_count() >= FEWEST_WORDS)
}

/// Context, decision and consequence do not fit into fewer words.
const FEWEST_WORDS: usize = 25;

fn says_nothing(record: &Document) -> Finding {
    Finding::at(&record.place, format!("`{}` records no decision", record.place.path))
        .help("write what the situation was, what was decided, and what follows from it")
}
