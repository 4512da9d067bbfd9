//! Deploy and rollback steps are written, for normal days and emergencies.

use super::steps::{
    ROLLBACK, URGENT, gives_steps, goes_by_itself, is_about_data, is_about_deploying, is_told,
    rolls_back,
};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/deploy-docs",
    title: "deploy and rollback steps are written, for normal days and emergencies",
    why: "Whoever deploys or rolls back in an emergency may never have done it here \
          before, and the pipeline may be what is broken.",
    remedy: "Write down, with the commands to copy, how the service is deployed and \
             rolled back, on normal days and when it is urgent.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "Google SRE book: emergency response",
            url: "https://sre.google/sre-book/emergency-response/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(3),
    invalidated_by: &[Change::Document, Change::Pipeline, Change::Manifest],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge), Proof::Drill("docs")],
    cases: include_str!("deploy_docs.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let wanted = |document: &&Document| is_told(document) && !is_for_developers(document);
    let all: Vec<Chapter<'_>> = documents(scope).filter(wanted).flat_map(chapters).collect();
    let normal = about_deploying(&all);
    let urgent = about_taking_back(&all);
    let steps = |chapter: &&Chapter<'_>| gives_steps(chapter) || goes_by_itself(chapter);
    let back = |chapter: &&Chapter<'_>| gives_steps(chapter) || rolls_back(chapter);
    let inside = || normal.iter().find(|chapter| rolls_back(chapter));
    match (normal.iter().find(steps), urgent.iter().find(back).or_else(inside)) {
        (Some(normal), Some(urgent)) => Outcome::Met(vec![
            Sighting::at(normal.place(), format!("`{}` says how it is deployed", normal.title())),
            Sighting::at(urgent.place(), format!("`{}` says how it is taken back", urgent.title())),
        ]),
        (Some(normal), None) => no_way_back(normal, urgent.first()).into(),
        (None, _) => no_steps(&normal, scope),
    }
}

/// Whether a document sets up what only developers use, by its title or by its name.
fn is_for_developers(document: &Document) -> bool {
    let title = document.sections.first().map_or("", |section| section.title.value.as_str());
    [title, document.place.file_name()].iter().any(|text| prose::mentions(text, DEVELOPMENT))
}

static DEVELOPMENT: &[&str] = &["dev environment", "development environment", "local development"];

/// Chapters on deploying; that of a whole document only where none in it is.
fn about_deploying<'a>(all: &[Chapter<'a>]) -> Vec<Chapter<'a>> {
    let is_about = |chapter: &&Chapter<'a>| is_about_deploying(chapter.title());
    let (whole, parts): (Vec<_>, Vec<_>) =
        all.iter().filter(is_about).copied().partition(Chapter::is_title);
    let is_alone = |chapter: &Chapter<'a>| {
        parts.iter().all(|part| part.document.place != chapter.document.place)
    };
    let whole: Vec<Chapter<'a>> = whole.into_iter().filter(is_alone).collect();
    parts.into_iter().chain(whole).collect()
}

fn about_taking_back<'a>(all: &[Chapter<'a>]) -> Vec<Chapter<'a>> {
    let is_about = |chapter: &&Chapter<'a>| {
        let title = chapter.title();
        (prose::mentions(title, ROLLBACK) || prose::mentions(title, URGENT))
            && !is_about_data(title)
    };
    all.iter().filter(is_about).copied().collect()
}

fn no_way_back(normal: &Chapter<'_>, urgent: Option<&Chapter<'_>>) -> Finding {
    let help = "add a section with the commands:\n\n## Rollback\n\n    \
                kubectl rollout undo deployment/<name>";
    if let Some(urgent) = urgent {
        let message = format!("`{}` gives no steps", urgent.title());
        return Finding::at(urgent.place(), message).help(help);
    }
    let title = normal.title();
    let message =
        format!("`{title}` says how it is deployed, and nothing says how it is rolled back");
    Finding::at(normal.place(), message).help(help)
}

/// No chapter gives steps: that is wrong where there is one, else they may stand elsewhere.
fn no_steps(normal: &[Chapter<'_>], scope: &Scope<'_>) -> Outcome {
    if let Some(chapter) = normal.iter().find(|chapter| !chapter.says_something()) {
        let message = format!("`{}` gives no steps", chapter.title());
        let help = "write down the commands, in their order";
        return Finding::at(chapter.place(), message).help(help).into();
    }
    let link = ["deploy", "deployment", "releases"].iter().find_map(|what| scope.link(what));
    Outcome::Unknown(link.map_or_else(
        || {
            "no section with steps of a deploy was found: write docs/deploy.md, or link it as \
             `deploy` under `links:` in gonogo.yaml"
                .to_owned()
        },
        |link| format!("`{}` points to {}, which was not read", link.place.path, link.value),
    ))
}
