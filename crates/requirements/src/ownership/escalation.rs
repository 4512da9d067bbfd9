//! An escalation path has at least two levels and ends in a person.

use super::claim::is_personal_address;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/escalation",
    title: "an escalation path has at least two levels and ends in a person",
    why: "The first person sleeps through the page, is on a train or is out of their depth. \
          Without a next one the incident ends there.",
    remedy: "Write the escalation path: at least two levels, each with the time after which the \
             next is called, and a person at its end.",
    references: &[
        Reference {
            title: "Google SRE workbook: on-call",
            url: "https://sre.google/workbook/on-call/",
        },
        Reference {
            title: "PagerDuty incident response: being on-call",
            url: "https://response.pagerduty.com/oncall/being_oncall/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Owner, Change::Document],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Catalog, Subject::Documents],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the pager's escalation policy: its levels, their delays, and who stands at its end",
        ),
    ],
    cases: include_str!("escalation.md"),
};

static HEADINGS: &[&str] = &["escalat*"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = paths(scope);
    let judged = Outcome::all(pages.chapters.iter().map(judged));
    let contacts: Vec<&Placed<String>> = scope.entries.iter().flat_map(|e| &e.escalation).collect();
    match (judged, contacts.as_slice()) {
        (Some(outcome), _) => outcome,
        (None, [_, .., last]) if is_person(last) => {
            let message = format!("{} contacts, `{}` the last", contacts.len(), last.value);
            Outcome::met(&last.place, message)
        }
        (None, [.., last]) => Outcome::Unknown(format!(
            "the catalog names the contact `{}` and no levels: write the path into the on-call \
             document",
            last.value
        )),
        (None, []) => pages.unknown(
            "escalation path",
            "write it into the on-call document, or link it as `escalation` under `links:` in \
             gonogo.yaml",
        ),
    }
}

/// The chapters that tell the path; runbooks say only whom to call about one failure.
fn paths<'a>(scope: &Scope<'a>) -> Pages<'a> {
    let mut pages = pages(scope, Role::OnCall, HEADINGS, "escalation");
    let of_runbook = |chapter: &Chapter<'_>| chapter.document.role == Role::Runbook;
    pages.chapters.retain(|chapter| !of_runbook(chapter));
    pages.chapters = pages.chapters.iter().flat_map(within).collect();
    pages
}

/// The chapter itself where it is about escalation, else those in the document that are.
fn within<'a>(chapter: &Chapter<'a>) -> Vec<Chapter<'a>> {
    if prose::mentions(chapter.title(), HEADINGS) {
        return vec![*chapter];
    }
    let named = |chapter: &Chapter<'_>| prose::mentions(chapter.title(), HEADINGS);
    chapters(chapter.document).filter(named).take(1).collect()
}

/// Judges a chapter that promises a path; what another says of escalation may be one by chance.
fn judged(chapter: &Chapter<'_>) -> Outcome {
    let is_about = prose::mentions(chapter.title(), &["escalation"]);
    match path(chapter) {
        outcome if is_path(chapter) => outcome,
        Outcome::Met(seen) if is_about => Outcome::Met(seen),
        _ => Outcome::Unknown(format!("whether `{}` says whom to call next", chapter.name())),
    }
}

/// Whether a chapter names two levels or more, and a person at the end.
fn path(chapter: &Chapter<'_>) -> Outcome {
    let levels = chapter.entries();
    let name = chapter.name();
    let finding = |message: String| -> Outcome {
        let help = "list the levels in order, each with the time after which the next is called, \
                    and end with a person";
        Finding::at(chapter.place(), message).help(help).into()
    };
    let last = match levels.as_slice() {
        [_, .., last] => last.as_str(),
        _ if chapter.mentions(&["secondary", "level 2", "l2", "second level"]) => "secondary",
        [_] => return finding(format!("`{name}` names one level")),
        [] if chapter.says_something() => return finding(format!("`{name}` names no two levels")),
        [] => return finding(format!("`{name}` says nothing")),
    };
    let end: String = last.chars().take(LONGEST).collect();
    if is_person(last) {
        let count = levels.len().max(2);
        Outcome::met(chapter.place(), format!("{count} levels of escalation, `{end}` the last"))
    } else if is_of_vendor(last) {
        Outcome::Unknown(format!(
            "`{name}` goes on to a vendor, `{end}`: who stands at the end of its own levels is not \
             told apart"
        ))
    } else if is_nobody(last) {
        finding(format!("`{name}` ends in `{end}`, which is not a person"))
    } else {
        Outcome::Unknown(format!("whether `{end}`, the last level of `{name}`, is a person"))
    }
}

const LONGEST: usize = 80;

/// Whether a chapter promises a path by its heading: advice on when to escalate promises none.
fn is_path(chapter: &Chapter<'_>) -> bool {
    let title = prose::plain(chapter.title());
    let title = title.trim_matches(|c: char| !c.is_alphabetic());
    matches!(title, "escalate" | "escalation" | "escalations" | "escalating")
        || prose::mentions(title, PATHS)
}

/// Words for a path, beside which a heading says "escalation".
static PATHS: &[&str] = &[
    "chain",
    "contact",
    "ladder",
    "level",
    "list",
    "matrix",
    "on call",
    "path",
    "plan",
    "policies",
    "policy",
    "procedure",
    "process",
    "route",
    "step",
    "tier",
    "timeline",
    "tree",
    "who",
    "whom",
];

/// Whether the text names a person, or a role that one person fills at a time.
fn is_person(text: &str) -> bool {
    let is_phone = text.chars().filter(char::is_ascii_digit).count() >= 7;
    let has_handle = text.split_whitespace().any(|word| {
        let word = word.trim_matches(|c: char| "(),.;".contains(c));
        word.starts_with('@') && !word.contains('/') || is_personal_address(word)
    });
    is_phone || has_handle || has_name(text) || prose::mentions(text, ROLES)
}

/// Two words in a row that begin with a capital and go on in small letters.
fn has_name(text: &str) -> bool {
    let is_name = |word: &str| {
        let mut chars = word.chars().filter(|c| c.is_alphabetic());
        chars.next().is_some_and(char::is_uppercase)
            && chars.clone().next().is_some()
            && chars.all(char::is_lowercase)
            && !prose::mentions(word, GROUPS)
    };
    let words: Vec<&str> = text.split_whitespace().collect();
    words.windows(2).any(|pair| pair.iter().all(|word| is_name(word)))
}

static ROLES: &[&str] = &[
    "ceo",
    "chief",
    "commander",
    "cto",
    "director",
    "duty officer",
    "engineer",
    "founder",
    "head of",
    "lead",
    "maintainer",
    "manager",
    "on call",
    "primary",
    "secondary",
    "tertiary",
    "vp",
];

/// Whether the text names the support of a product that is used: it is asked about that product,
/// and is not the next level of the team. Its name stands before the word: "Acme Support".
fn is_of_vendor(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().take(3).collect();
    words.windows(2).any(|pair| {
        let [vendor, support] = pair else { return false };
        let is_name = vendor.starts_with(|c: char| c.is_uppercase());
        let is_level = prose::mentions(vendor, LEVELS);
        is_name && !is_level && support.eq_ignore_ascii_case("support")
    })
}

/// Words before "support" that name a part of the organisation.
static LEVELS: &[&str] = &[
    "application",
    "customer",
    "engineering",
    "first",
    "internal",
    "it",
    "line",
    "ops",
    "platform",
    "primary",
    "production",
    "second",
    "technical",
    "tier",
    "third",
    "user",
];

/// Whether the text names a place or a group, and nobody in it.
fn is_nobody(text: &str) -> bool {
    text.contains('#') || prose::is_placeholder(text) || prose::mentions(text, GROUPS)
}

static GROUPS: &[&str] = &[
    "channel", "group", "inbox", "list", "mailbox", "queue", "slack", "support", "team", "teams",
    "ticket", "vendor",
];
