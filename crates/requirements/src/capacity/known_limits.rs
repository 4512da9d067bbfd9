//! Pools, rate limits and quotas are documented.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/known-limits",
    title: "pools, rate limits and quotas are documented",
    why: "Limits that nobody wrote down are found in the incident: a pool that is full, a quota of the cloud account, a rate limit of a partner.",
    remedy: "List the limits with their numbers: connection pools, rate limits in and out, quotas, queue lengths, sizes.",
    references: &[Reference {
        title: "AWS Well-Architected: manage service quotas",
        url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/manage-service-quotas-and-constraints.html",
    }],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document, Change::Configuration, Change::Dependency],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("known_limits.md"),
};

static HEADINGS: &[&str] = &[
    "connection pool",
    "known limit",
    "limit",
    "limitation",
    "quota",
    "rate limit",
    "scaling limit",
    "service limit",
];

/// Headings that promise numbers; "Limitations" are as often what a program cannot do, and pages on
/// a pool how it is set up or watched.
static LISTS: &[&str] = &["limit", "quota"];

static LIMITED: &[&str] = &[
    "at most",
    "cap",
    "capacity",
    "concurren*",
    "connection",
    "limit",
    "maximum",
    "max",
    "pool",
    "quota",
    "queue",
    "rate",
    "request",
    "size",
    "thread",
    "throttl*",
    "timeout",
    "worker",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let pages = pages(scope, Role::Capacity, HEADINGS, "limits");
    let lists = pages.chapters.iter().filter(|chapter| !is_about_something_else(chapter));
    let stated =
        lists.clone().filter_map(|chapter| chapter.states_in_words_under(may_list, is_limit));
    let stated: Vec<&Place> = stated.collect();
    if let Some((first, others)) = stated.split_first() {
        let seen = std::iter::once(*first).chain(others.iter().copied());
        return Outcome::Met(
            seen.map(|at| Sighting::at(at, "limits with their numbers")).collect(),
        );
    }
    let mut all = lists.flat_map(|page| chapters(page.document));
    let headed = all.find(|chapter| {
        promises_limits(chapter.title())
            && !is_about_something_else(chapter)
            && chapter.states(has_number).is_none()
    });
    match headed {
        Some(chapter) => {
            let message = format!("`{}` names no limit with its number", chapter.name());
            Finding::at(chapter.place(), message)
                .help(
                    "list each limit with its number: `database pool: 20 connections an instance`",
                )
                .into()
        }
        None => pages.unknown(
            "list of limits",
            "write pools, rate limits and quotas with their numbers into docs/capacity.md",
        ),
    }
}

/// Whether limits may stand under a heading: one on the business or on who comes tells how much there is
/// to do, and not how much can be done.
fn may_list(title: &str) -> bool {
    let load = [
        "business*",
        "company",
        "customer",
        "market",
        "price",
        "pricing",
        "revenue",
        "traffic",
        "user",
        "volume",
    ];
    (!prose::mentions(title, &load) || prose::mentions(title, HEADINGS)) && !denies(title)
}

/// Whether a chapter is on what a vendor sells: the limits of its free tier are those of a price.
fn is_price_list(chapter: &Chapter<'_>) -> bool {
    let prices = [
        "billing plan",
        "enterprise plan",
        "enterprise tier",
        "free plan",
        "free tier",
        "paid plan",
        "paid tier",
        "price",
        "pricing",
        "pro plan",
        "pro tier",
        "subscription",
    ];
    prose::mentions(chapter.title(), &prices)
}

/// Whether a heading on limits opens no list of them: what to do when one is reached, how one is
/// watched or set, what was done about them. Numbers of a whole runbook are those at which it is needed.
fn is_about_something_else(chapter: &Chapter<'_>) -> bool {
    let is_problem =
        || chapter.mentions(&["symptom"]) && chapter.mentions(&["cause", "fix", "solution"]);
    let role = chapter.document.role;
    role == Role::Troubleshooting
        || (role == Role::Runbook && chapter.is_title())
        || is_manual(chapter.document)
        || is_price_list(chapter)
        || (role != Role::Capacity && opens_with_error(chapter))
        || (role != Role::Capacity && (prose::mentions(chapter.title(), ASIDE) || is_problem()))
}

/// Whether the first thing under the heading is what a program says that failed: the heading is that
/// of a trouble, and opens no list.
fn opens_with_error(chapter: &Chapter<'_>) -> bool {
    let own = chapter.sections().next();
    let code = own.and_then(|section| Some((section, &section.code.first()?.1)));
    code.is_some_and(|(section, code)| {
        let first = code.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let begins = section.text.trim_start().starts_with(first.trim());
        begins
            && prose::mentions(first, &["cannot", "denied", "error", "exceeded", "fail*", "unable"])
    })
}

/// Whether a page tells users what the product offers: limits there are of what they work with.
fn is_manual(document: &Document) -> bool {
    let is_titled = [document.title(), document.stem()]
        .iter()
        .any(|text| prose::mentions(text, &["user guide", "user manual"]));
    is_titled || is_for_readers_of_a_site(document)
}

/// Whether a page is one that only the maker of a site can show, and is not among those for who runs it.
fn is_for_readers_of_a_site(document: &Document) -> bool {
    let running = [
        "admin*",
        "deploy*",
        "host",
        "hosting",
        "infra*",
        "install*",
        "operat*",
        "ops",
        "runbook",
        "self host*",
        "sre",
    ];
    document.role != Role::Capacity
        && document.place.path.ends_with(".mdx")
        && !prose::mentions(&document.place.path, &running)
}

static ASIDE: &[&str] = &[
    "apply",
    "configuration",
    "cpu limit",
    "error",
    "exceed*",
    "exhaust*",
    "increas*",
    "issue",
    "manage",
    "management",
    "managing",
    "memory limit",
    "metric",
    "monitoring",
    "reached",
    "resource limit",
];

/// Whether a heading promises limits with their numbers: a setting's name (`DB_CONNECTION_POOL_SIZE`)
/// promises what it means, and a time limit is one of a person's work or of a call.
fn promises_limits(title: &str) -> bool {
    let is_setting = !title.contains(char::is_whitespace) && title.contains(['_', '.']);
    // "Step 7: write limits.md" promises no more than a file.
    let is_called_so = title.split_whitespace().count() <= MOST_WORDS && !title.contains('.');
    !is_setting
        && is_called_so
        && prose::mentions(title, LISTS)
        && !prose::mentions(title, &["time limit"])
        && !denies(title)
}

/// Whether a heading says that there is none: "No default limits, by design".
fn denies(title: &str) -> bool {
    let title = prose::plain(title);
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    ["no ", "unlimited", "without "].iter().any(|start| title.starts_with(start))
}

/// Words of a heading that is the name of a list.
const MOST_WORDS: usize = 4;

/// Whether a number stands in `text` that is no part of a name (`EC2`), no date and no status of a
/// request.
fn has_number(text: &str) -> bool {
    let words = text.split(|c: char| c.is_whitespace() || "()[]|=:`*,~≤<>".contains(c));
    words.filter(|word| word.starts_with(|c: char| c.is_ascii_digit())).any(|word| {
        let is_date = word.len() >= 8 && word.matches('-').count() == 2;
        let is_status = word.len() == 3 && ["429", "500", "502", "503", "504"].contains(&word);
        let is_place_in_list = word.ends_with('.');
        !is_date && !is_status && !is_place_in_list
    })
}

/// Whether `text` says what is limited, and to what number; a share of a limit leaves that open, and the
/// length of a column in a database limits nothing that is asked.
fn is_limit(text: &str) -> bool {
    let is_share = |word: &&str| {
        word.trim_end_matches(['.', ',', ')']).ends_with('%')
            && word.starts_with(|c: char| c.is_ascii_digit() || c == '(')
    };
    let is_column = |word: &&str| {
        let kind = word.split_once('(').map(|(kind, _)| kind.trim_start_matches('`'));
        kind.is_some_and(|kind| {
            ["CHAR", "DECIMAL", "NUMERIC", "VARCHAR"]
                .iter()
                .any(|known| kind.eq_ignore_ascii_case(known))
        })
    };
    let words = text.split_whitespace().filter(|word| !is_share(word) && !is_column(word));
    let text = &words.collect::<Vec<_>>().join(" ");
    has_number(text) && prose::mentions(text, LIMITED)
}
