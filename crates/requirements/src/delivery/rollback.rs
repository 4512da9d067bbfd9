//! Rollback is one command, takes under five minutes, and was tested.

use super::deploy_docs::way_back_inside;
use super::sentence;
use super::stage::has_word;
use super::steps::{
    has_commands, is_all_about_it, is_around, is_of_the_service, is_on_data, is_told, is_way_back,
    rolls_back,
};
use crate::about::names;
use crate::manual::is_faq;
use crate::prelude::*;
use crate::topic::MEANS;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/rollback",
    title: "rollback is one command, takes under five minutes, and was tested",
    why: "Most outages begin with a change. Taking it back is the fastest repair there \
          is, if it is one command that was tried before the night it is needed.",
    remedy: "Write the one command that brings the version before back, as \
             `deploy.rollback` in gonogo.yaml or into the deploy instructions, and \
             rehearse it.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "Kubernetes: rolling back a Deployment",
            url: "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#rolling-back-a-deployment",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Pipeline, Change::Manifest, Change::Migration],
    demands: [
        Demand::within(Grade::Proven, 90),
        Demand::within(Grade::Proven, 180),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Declaration],
    proofs: &[Proof::Service(judge), Proof::Drill("deploy")],
    cases: include_str!("rollback.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let declared = scope.declaration.and_then(|declaration| declaration.deploy.as_ref());
    if let Some(command) = declared.and_then(|deploy| deploy.rollback.as_ref()) {
        return from_declaration(command, scope);
    }
    let chapters: Vec<Chapter<'_>> = about_rollback(scope).collect();
    // A command that is known to take a release back says more than any other.
    let known = chapters.iter().find(|chapter| rolls_back(chapter));
    if let Some(chapter) = known.or_else(|| chapters.iter().find(|c| has_commands(c))) {
        let message = format!("`{}` gives the command", chapter.title());
        return Outcome::met(chapter.place(), message);
    }
    if let Some(chapter) = way_back_inside(scope) {
        let message = format!("`{}` gives the command", chapter.title());
        return Outcome::met(chapter.place(), message);
    }
    let empty = chapters.iter().find(|chapter| is_all_about_it(chapter));
    if let Some((job, line)) = job(scope) {
        let message = format!("job `{}` rolls back", job.id.value);
        return Outcome::met(line, message);
    }
    let Some(chapter) = empty else {
        return Outcome::unknown(
            "no command that rolls back was found in gonogo.yaml (`deploy.rollback`), in the \
             pipelines or under a heading of a document",
        );
    };
    if let Some(unknown) = sentence::of_chapter(chapter, scope) {
        return unknown;
    }
    let message = format!("`{}` names no command", chapter.title());
    Finding::at(chapter.place(), message)
        .help(
            "write the one command that brings the version before back, and the same into \
             gonogo.yaml:\n\ndeploy:\n  rollback: [./ops/rollback.sh]",
        )
        .into()
}

/// What gonogo.yaml names has to be there, where it is a file.
fn from_declaration(command: &Placed<String>, scope: &Scope<'_>) -> Outcome {
    let program = command.split_whitespace().next().unwrap_or_default();
    let is_file = program.starts_with("./") || program.starts_with("../");
    let path = program.trim_start_matches("./");
    let folder = command.place.folder();
    let beside = if folder.is_empty() { path.to_owned() } else { format!("{folder}/{path}") };
    let is_there = scope.all.has_path(&beside) || scope.all.has_path(path) || path.contains("..");
    if program.is_empty() {
        return Finding::at(&command.place, "`deploy.rollback` is empty").into();
    }
    if is_file && !is_there {
        let message = format!("`{program}` of `deploy.rollback` is not in the tree");
        return Finding::at(&command.place, message).help("name a command that is there").into();
    }
    Outcome::met(&command.place, format!("`deploy.rollback` is `{}`", command.value))
}

/// Chapters of documents on taking a release back.
fn about_rollback<'a>(scope: &Scope<'a>) -> impl Iterator<Item = Chapter<'a>> {
    let documents =
        documents(scope).filter(|document| is_told(document) && !is_faq(document, scope));
    documents
        .flat_map(chapters)
        .filter(move |chapter| is_way_back(chapter.title()) && is_of_release(chapter, scope))
}

/// Whether what a chapter takes back is a release of the service: neither its data nor something else.
pub(super) fn is_of_release(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    !is_on_data(chapter)
        && !is_way_back_of_another(chapter, scope)
        && is_of_the_service(chapter, scope)
}

/// Whether a way back is that of something else which the tree brings out: of a schema or of what
/// watches it, under a heading on that, of contracts on a chain, or of a product that only its own
/// heading names.
pub(super) fn is_way_back_of_another(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let on_schema = |title: &str| prose::mentions(title, &["database", "migration", "schema"]);
    let names_store = |title: &str| prose::plain(title).split(' ').any(is_datastore);
    let is_beside = |title: &str| names_store(title) || prose::mentions(title, AIDS);
    let takes_back = rolls_back(chapter);
    is_on_contracts(chapter.title(), scope)
        || (!takes_back
            && chapter.headings_above().any(|title| on_schema(title) || is_beside(title)))
        || (!takes_back && is_beside(chapter.title()))
        || (!takes_back && names_something_else(chapter.title(), scope))
        || (!takes_back && is_of_setting(chapter))
}

/// Whether a runbook takes back what it set, by the release that runs: nothing in its words is of one
/// before.
fn is_of_setting(chapter: &Chapter<'_>) -> bool {
    let sets = |code: &str| {
        let versions = ["image", "tag", "version"];
        code.contains("helm upgrade")
            && code.contains("--set ")
            && !versions.iter().any(|word| code.contains(word))
    };
    let mut code = chapter.sections().flat_map(|section| &section.code);
    chapter.document.role == Role::Runbook && code.any(|(_, code)| sets(code))
}

/// What watches a service, and is switched on and off beside it.
static AIDS: &[&str] = &["alerting", "logging", "monitoring", "observability", "tracing"];

/// Whether a heading names something that is neither the service nor known to belong to a release:
/// "Rollback plan if Kyverno breaks the cluster". Only where names alone are written large.
fn names_something_else(title: &str, scope: &Scope<'_>) -> bool {
    let own = names(scope.service).into_iter().chain([scope.names.product().to_owned()]);
    let own: Vec<String> = own.collect();
    let words: Vec<&str> = title
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.starts_with(char::is_alphabetic))
        .collect();
    let is_large = |word: &str| word.starts_with(char::is_uppercase);
    let is_sentence =
        words.iter().skip(1).filter(|word| word.len() > 3 && !is_large(word)).count() > 1;
    let is_name = |pair: &[&str]| {
        let &[before, word] = pair else { return false };
        let is_written_so = is_large(word) && word.chars().skip(1).all(char::is_lowercase);
        word.len() > 3
            && is_written_so
            && !MEANS.contains(&before.to_lowercase().as_str())
            && !own.iter().any(|own| prose::mentions(own, &[word.to_lowercase().as_str()]))
            && !is_around(word)
    };
    is_sentence && words.windows(2).any(is_name)
}

fn is_on_contracts(text: &str, scope: &Scope<'_>) -> bool {
    let words = ["contract"];
    prose::mentions(text, &words) && !prose::mentions(&scope.service.name, &words)
}

/// A job that is there to roll back, and what in it runs.
pub(super) fn job<'a>(scope: &Scope<'a>) -> Option<(&'a Job, &'a Place)> {
    let is_its = |pipeline: &&&Pipeline| !is_on_contracts(pipeline.place.file_name(), scope);
    let jobs = scope.pipelines.iter().filter(is_its).flat_map(|pipeline| {
        let is_named = has_word(&pipeline.name, &["rollback"]);
        pipeline.jobs.iter().filter(move |job| is_named || has_word(&job.id, &["rollback"]))
    });
    jobs.into_iter().find_map(|job| {
        let mut steps = job.steps.iter();
        let place = steps.find_map(|step| step.lines.first().map(|line| &line.place))?;
        Some((job, place))
    })
}
