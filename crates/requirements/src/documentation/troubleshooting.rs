//! Common problems have documented solutions.

use crate::about::{is_of_product, speaks_for};
use crate::chapter::is_on_local_setup;
use crate::page::is_among_developers;
use crate::prelude::*;
use crate::topic::OPERATION;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/troubleshooting",
    title: "common problems have documented solutions",
    why: "A problem that was solved once and not written down is solved again, by somebody \
          else, from the beginning.",
    remedy: "Write a troubleshooting page: for each problem that came up more than once what it \
             looks like, why it happens and what to do.",
    references: &[
        Reference {
            title: "Google SRE book: effective troubleshooting",
            url: "https://sre.google/sre-book/effective-troubleshooting/",
        },
        Reference {
            title: "Diátaxis: a systematic approach to documentation",
            url: "https://diataxis.fr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Incident],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("troubleshooting.md"),
};

static HEADINGS: &[&str] = &[
    "common error",
    "common issue",
    "common problem",
    "faq",
    "frequently asked question",
    "known issue",
    "known problem",
    "troubleshoot*",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut pages = pages(scope, Role::Troubleshooting, HEADINGS, "troubleshooting");
    pages.chapters.retain(|chapter| !is_of_product(chapter, scope));
    let desk = pages.chapters.iter().find(|chapter| is_of_desk(chapter)).map(|chapter| {
        let (name, path) = (chapter.name(), &chapter.place().path);
        let what = if is_of_rewrite(chapter) {
            "how the code is rewritten"
        } else {
            "the machine of a developer"
        };
        format!("`{name}` of `{path}` is on {what}")
    });
    pages.chapters.retain(|chapter| !is_of_desk(chapter));
    let (problems, questions): (Vec<_>, Vec<_>) =
        pages.chapters.iter().partition(|chapter| is_about_problems(chapter));
    if let Some(chapter) = problems.iter().find(|chapter| has_solution(chapter)) {
        let message = format!("`{}` of {} words", chapter.name(), chapter.word_count());
        return Outcome::met(chapter.place(), message);
    }
    let runbooks = documents(scope).filter(|document| document.role == Role::Runbook);
    let is_its_own = |d: &&Document| Chapter::whole(d).is_some_and(|c| speaks_for(&c, scope));
    let runbook = runbooks.filter(is_its_own).find_map(mitigation);
    match (runbook, problems.first(), questions.first()) {
        (Some(place), ..) => Outcome::met(place, "a runbook says how to mitigate a failure"),
        (None, Some(chapter), _) => without_solution(chapter),
        (None, None, Some(chapter)) => Outcome::unknown(format!(
            "`{}` answers questions, none of which is about something that fails",
            chapter.name()
        )),
        (None, None, None) => desk.map_or_else(
            || {
                pages.unknown(
                    "troubleshooting page",
                    "write docs/troubleshooting.md, or say under `links: {troubleshooting: …}` in \
                     gonogo.yaml where it stands",
                )
            },
            Outcome::Unknown,
        ),
    }
}

/// Whether what stands right under its heading says that it is on where the code is written, or on
/// making a new project by the skeleton that the README came with.
fn is_of_desk(chapter: &Chapter<'_>) -> bool {
    let places = [
        "local dev environment",
        "local development environment",
        "local development setup",
        "local environment",
        "your dev environment",
        "your development environment",
    ];
    let is_said = chapter.sections().take(1).any(|section| {
        prose::mentions(&section.text, &places) || section.text.contains("create-project")
    });
    is_said
        || opens_with_desk(chapter.document)
        || is_among_developers(chapter.document)
        || is_beside_local_setup(chapter)
        || is_all_of_laptop(chapter)
        || is_of_rewrite(chapter)
}

/// Whether it tells how code is rewritten, by what stands right under its heading: for a migration or an
/// upgrade of what it is written with, by more pieces of that code than commands.
fn is_of_rewrite(chapter: &Chapter<'_>) -> bool {
    let moves = ["framework upgrade", "language upgrade", "migration", "upgrade of the framework"];
    let is_said = chapter.sections().take(1).any(|section| prose::mentions(&section.text, &moves));
    let code = || chapter.sections().flat_map(|section| &section.code);
    let programs = code().filter(|(language, _)| {
        let language = language.to_lowercase();
        PROGRAMS.contains(&language.as_str())
    });
    is_said && programs.count() * 2 > code().count()
}

/// Languages that programs are written in, and nothing that is typed into a terminal.
static PROGRAMS: &[&str] = &[
    "c#",
    "cs",
    "csharp",
    "elixir",
    "erb",
    "go",
    "java",
    "javascript",
    "js",
    "jsx",
    "kotlin",
    "php",
    "python",
    "rb",
    "ruby",
    "rust",
    "scala",
    "swift",
    "ts",
    "tsx",
    "typescript",
];

/// Whether a page that is not the first of the tree begins by saying that it is for who works with
/// the code at home: "This guide is for local development of the shop".
fn opens_with_desk(document: &Document) -> bool {
    let mut opening = document.sections.iter().map(|section| section.text.as_str());
    let opening = opening.find(|text| !text.trim().is_empty()).unwrap_or_default();
    let says = |sentence: &str| {
        prose::mentions(sentence, &["local", "locally"])
            && prose::mentions(sentence, &["developing", "development"])
    };
    !document.place.folder().is_empty()
        && !prose::mentions(opening, OPERATION)
        && opening.split(['.', '\n']).any(says)
}

/// Whether it stands under a heading on setting the code up at home, or right after one.
fn is_beside_local_setup(chapter: &Chapter<'_>) -> bool {
    chapter.is_of_local_setup() || chapter.heading_before().is_some_and(is_on_local_setup)
}

/// Whether all that fails in it fails on a machine of somebody: "your laptop is too full", or by the
/// command that starts the code there.
fn is_all_of_laptop(chapter: &Chapter<'_>) -> bool {
    let signs = [
        "colima",
        "dev environment",
        "docker desktop",
        "laptop",
        "local machine",
        "macbook",
        "make clean*",
        "npm install",
        "npm run dev*",
        "pnpm dev",
        "yarn dev",
        "your machine",
    ];
    let fails = |section: &&Section| {
        !section.text.trim().is_empty()
            && (prose::mentions(&section.title, FAILS) || prose::mentions(&section.text, FAILS))
    };
    let mut failing = chapter.sections().filter(fails).peekable();
    failing.peek().is_some() && failing.all(|section| prose::mentions(&section.text, &signs))
}

/// What is called resolved was dealt with one day, and tells nobody what to do.
static MITIGATION: &[&str] = &[
    "fix",
    "mitigat*",
    "remed*",
    "resolution*",
    "resolve",
    "resolves",
    "resolving",
    "solution",
    "what to do",
];

/// Where a runbook says how to mitigate what fails.
fn mitigation(runbook: &Document) -> Option<&Place> {
    let is_change = |chapter: &Chapter<'_>| prose::mentions(chapter.title(), CHANGES);
    let headed = chapters(runbook)
        .filter(|chapter| !chapter.is_title() && !is_change(chapter))
        .find(|chapter| prose::mentions(chapter.title(), MITIGATION) && chapter.says_something());
    let changes: Vec<&Place> =
        chapters(runbook).filter(is_change).map(|chapter| chapter.place()).collect();
    let labelled = || match treatment(runbook, MITIGATION) {
        Treatment::Said(place) => Some(place).filter(|place| !changes.contains(place)),
        _ => None,
    };
    headed.map(|chapter| chapter.place()).or_else(labelled)
}

/// Words of headings on how the code is changed, and not on what helps now.
static CHANGES: &[&str] = &["bug fix", "bugfix", "fix a bug", "hot fix", "hotfix"];

/// Whether it is about what fails: a list of frequent questions may be about anything.
fn is_about_problems(chapter: &Chapter<'_>) -> bool {
    let asks = |text: &str| prose::mentions(text, &["faq", "frequently asked question"]);
    let is_faq = asks(chapter.title()) || asks(chapter.document.place.file_name());
    let is_empty = !chapter.says_something();
    // One question of many on what fails makes no page of solutions.
    let questions = chapter.sections().skip(1).count();
    let failing = chapter.sections().filter(|section| prose::mentions(&section.title, FAILS));
    let failing = failing.count();
    !is_faq
        || is_empty
        || (chapter.has_code() && chapter.mentions(FAILS))
        || chapter.sections().any(asks_what_failed)
        || (failing > 0 && failing * 3 >= questions)
}

/// Whether a question is on something that fails; an answer may name an error all the same.
fn asks_what_failed(section: &Section) -> bool {
    let sentences = section.text.split_inclusive(['?', '.', '!', '\n']);
    let mut questions = sentences.filter(|sentence| sentence.ends_with('?'));
    questions.any(|question| prose::mentions(question, FAILS))
}

static FAILS: &[&str] = &[
    "break*",
    "broken",
    "can't",
    "cannot",
    "crash*",
    "does not work",
    "doesn't work",
    "error",
    "fail*",
    "hang*",
    "issue",
    "not working",
    "problem",
    "stuck",
    "timeout",
    "times out",
    "wrong",
];

/// Whether at least one problem has something written to it.
fn has_solution(chapter: &Chapter<'_>) -> bool {
    let words = chapter.word_count();
    let mut sections = chapter.sections();
    let is_enough = words >= ENOUGH_WORDS
        || (words >= FEWEST_WORDS
            && sections.any(|section| {
                prose::mentions(&section.title, FAILS) || prose::mentions(&section.text, FAILS)
            }));
    chapter.says_something() && (chapter.has_code() || (is_enough && !only_announces(chapter)))
}

/// Whether a few words only say what is to stand there: "Common issues, and how to solve them".
fn only_announces(chapter: &Chapter<'_>) -> bool {
    let announces = [
        "and how to fix them",
        "and how to resolve them",
        "and how to solve them",
        "and their resolution",
        "and their solution",
    ];
    chapter.word_count() < ENOUGH_WORDS && chapter.mentions(&announces)
}

/// Fewer words hold no problem together with its solution.
const FEWEST_WORDS: usize = 12;

/// Below it a problem and its solution stand, or a hint that names no problem.
const ENOUGH_WORDS: usize = 25;

fn without_solution(chapter: &Chapter<'_>) -> Outcome {
    let (name, words) = (chapter.name(), chapter.word_count());
    if chapter.says_something() && words >= FEWEST_WORDS {
        return Outcome::unknown(format!(
            "`{name}` has {words} words, none of which names a problem: whether a solution is among \
             them is not known"
        ));
    }
    Finding::at(chapter.place(), format!("`{}` holds no problem with its solution", chapter.name()))
        .help("write for each problem what it looks like, why it happens and what to do")
        .into()
}
