//! Response time, and what "acknowledge" means, are written down.

use std::sync::LazyLock;

use regex::Regex;

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/on-call-expectations",
    title: "response time, and what \"acknowledge\" means, are written down",
    why: "People on call who have to guess how fast to react either never rest or come too \
          late, and an acknowledged page that nobody works on looks handled.",
    remedy: "Write into the on-call document within how many minutes a page is acknowledged, \
             for each severity, and what whoever acknowledges it promises.",
    references: &[
        Reference {
            title: "Google SRE book: being on-call",
            url: "https://sre.google/sre-book/being-on-call/",
        },
        Reference {
            title: "PagerDuty incident response: being on-call",
            url: "https://response.pagerduty.com/oncall/being_oncall/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(1),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("on_call_expectations.md"),
};

static HEADINGS: &[&str] = &[
    "acknowledg*",
    "on call",
    "paged",
    // "Paging" alone is what an API does with long lists.
    "paging alert",
    "paging policy",
    "response sla",
    "response time",
];

static THANKS: [&str; 2] = ["acknowledgement", "acknowledgment"];

static HELP: &[&str] = &["cheat sheet", "cheatsheet", "command", "script", "tool", "utilit*"];

static REACTIONS: &[&str] = &["ack", "acked", "acknowledg*", "react*", "respond*", "response"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::OnCall, HEADINGS, "on-call-expectations");
    // "Acknowledgements" thank people.
    let thanks = |chapter: &&Chapter<'_>| prose::mentions(chapter.title(), &THANKS);
    // Commands that help whoever is on call are no word on what is expected of them.
    let helps = |chapter: &&Chapter<'_>| prose::mentions(chapter.title(), HELP);
    let is_beside = |chapter: &&Chapter<'_>| {
        thanks(chapter) || helps(chapter) || is_about_speed(chapter) || is_to_reporters(chapter)
    };
    let chapters: Vec<&Chapter<'_>> = pages.chapters.iter().filter(|c| !is_beside(c)).collect();
    let time = chapters.iter().find_map(|chapter| response_time(chapter));
    // How soon somebody answers stands under "Escalation" of the same page as often.
    let pages_of = chapters.iter().flat_map(|c| crate::chapter::chapters(c.document));
    let mut beside = pages_of.filter(|c| prose::mentions(c.title(), &["escalat*"]));
    let time = time.or_else(|| beside.find_map(|chapter| response_time(&chapter)));
    let time = time.or_else(|| time_by_severity(&chapters, scope));
    let meaning = chapters.iter().find_map(|chapter| meaning(chapter));
    match (time, meaning, chapters.iter().find(|chapter| is_for_people(chapter))) {
        (Some(time), Some(meaning), _) => Outcome::Met(vec![
            Sighting::at(time, "within how long a page is acknowledged"),
            Sighting::at(meaning, "what acknowledging a page means"),
        ]),
        (time, meaning, Some(first)) => incomplete(first, time.is_some(), meaning.is_some()),
        (_, _, None) => match chapters.first() {
            Some(first) => Outcome::Unknown(format!(
                "`{}` of `{}` (line {}) does not say both how soon a page is acknowledged and what that \
                 means, and no page on being on call was found: write docs/on-call.md",
                first.name(),
                first.place().path,
                first.place().line
            )),
            None => pages.unknown(
                "on-call document",
                "write docs/on-call.md, or link it as `on-call-expectations` under `links:` in \
                 gonogo.yaml",
            ),
        },
    }
}

/// Whether it is by its subject what tells those on call what is expected of them: a time of response
/// may be anything's, and a runbook may say it in passing.
fn is_for_people(chapter: &Chapter<'_>) -> bool {
    let is_on_call = || prose::mentions(chapter.title(), &["on call"]);
    match chapter.document.role {
        Role::OnCall => true,
        Role::Runbook => false,
        _ => is_on_call(),
    }
}

fn incomplete(first: &Chapter<'_>, has_time: bool, has_meaning: bool) -> Outcome {
    let finding = |message: &str, help: &str| {
        Finding::at(first.place(), format!("`{}` {message}", first.name())).help(help)
    };
    let no_time = (!has_time)
        .then(|| finding("states no response time", "write: acknowledge within 5 minutes at SEV1"));
    let no_meaning = (!has_meaning).then(|| {
        let help = "write: acknowledging means that I have seen it and work on it now";
        finding("does not say what acknowledging a page means", help)
    });
    Outcome::Unmet(no_time.into_iter().chain(no_meaning).collect())
}

/// Whether the response time in its heading is that of a program: nothing in it is about people who
/// are called.
fn is_about_speed(chapter: &Chapter<'_>) -> bool {
    let others = HEADINGS.iter().filter(|heading| **heading != "response time");
    let others: Vec<&str> = others.copied().collect();
    let is_of_people = || {
        prose::mentions(chapter.title(), &others)
            || chapter.mentions(PEOPLE)
            || chapter.sections().any(|section| {
                let cells = section.rows.iter().flatten();
                prose::mentions(&section.title, PEOPLE)
                    || cells.into_iter().any(|cell| prose::mentions(&cell.value, PEOPLE))
            })
    };
    chapter.document.role != Role::OnCall
        && prose::mentions(chapter.title(), &["response time"])
        && !is_of_people()
}

/// Whether it promises those who report a hole when they are answered, and wakes nobody.
fn is_to_reporters(chapter: &Chapter<'_>) -> bool {
    chapter.document.role == Role::Security
        && !prose::mentions(chapter.title(), &["on call", "paged", "paging"])
        && chapter.mentions(&["disclos*", "report", "reported", "reporter", "reporting"])
}

static PEOPLE: &[&str] = &[
    "ack",
    "acknowledg*",
    "engineer",
    "escalat*",
    "incident",
    "on call",
    "pager*",
    "priority",
    "sev*",
    "support",
];

/// Where a number of minutes stands with a word for reacting: in a sentence, a row or a column.
fn response_time<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let says = |text: &str| prose::mentions(text, REACTIONS) && prose::has_duration(text);
    let in_table = |section: &Section| {
        let (head, body) = section.rows.split_first().map_or((&[][..], &[][..]), |(h, b)| (h, b));
        body.iter().any(|row| {
            let text: Vec<&str> = row.iter().map(|cell| cell.value.as_str()).collect();
            let columns = head.iter().zip(row);
            says(&text.join(" "))
                || columns.into_iter().any(|(title, cell)| {
                    prose::mentions(title, REACTIONS) && prose::has_duration(cell)
                })
        })
    };
    let section = chapter.sections().find(|section| {
        let is_headed = prose::mentions(&section.title, REACTIONS);
        in_table(section)
            || prose::sentences(&section.text).any(says)
            || section.items.iter().any(|item| says(item))
            || (is_headed && prose::has_duration(&section.text))
    });
    section.map(|section| &section.title.place)
}

/// Where a table gives each severity its response time: elsewhere on the pages of `chapters`, or on one
/// about incidents.
fn time_by_severity<'a>(chapters: &[&Chapter<'a>], scope: &Scope<'a>) -> Option<&'a Place> {
    let gives = |section: &&Section| {
        let Some((head, body)) = section.rows.split_first() else { return false };
        let Some(at) = head.iter().position(|title| prose::mentions(title, TIMES)) else {
            return false;
        };
        let is_given = |row: &Vec<Placed<String>>| {
            row.get(at).is_some_and(|cell| prose::has_duration(cell))
                && row.iter().take(at).any(|cell| prose::mentions(cell, GRAVEST))
        };
        body.iter().any(is_given)
    };
    let on_incidents = pages(scope, Role::Playbook, &[], "playbook").chapters;
    let told = chapters.iter().map(|chapter| chapter.document);
    let told = told.chain(on_incidents.iter().map(|chapter| chapter.document));
    let mut sections = told.flat_map(|document| &document.sections);
    sections.find(gives).map(|section| &section.title.place)
}

/// Titles of columns that say how soon somebody reacts.
static TIMES: &[&str] =
    &["acknowledg*", "response sla", "response time", "time to acknowledge", "time to respond"];

static GRAVEST: &[&str] = &["critical", "p0", "p1", "sev 1", "sev1", "severity 1"];

/// Where it says what to acknowledge means.
fn meaning<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let defines = |text: &str| DEFINITION.as_ref().is_some_and(|pattern| pattern.is_match(text));
    let section = chapter.sections().find(|section| {
        let is_headed = prose::mentions(&section.title, &["ack", "acknowledg*"]);
        defines(&section.text)
            || section.items.iter().any(|item| defines(item))
            || (is_headed && prose::says_something(&section.text))
    });
    section.map(|section| &section.title.place)
}

static DEFINITION: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let word = r"\back(nowledg\w*|s|ed|ing)?\b";
    let verb = r#"[\s"'“”`*]*([^.\n]{0,40}\b(means?|signals?|says|commits|promises)\b|=|:|—|–)"#;
    Regex::new(&format!("(?i){word}{verb}")).ok()
});
