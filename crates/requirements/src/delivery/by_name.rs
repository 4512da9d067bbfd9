//! What a job does by what it is called.

use facts::command::{Command, commands};

use super::stage::has_word;
use crate::gate;
use crate::prelude::*;

/// What names of steps and scripts that deploy begin with.
static VERBS: &[&str] = &["deploy", "promote", "release", "roll", "rollout", "ship"];

/// Whether a job says by its name, that of a step or of what it starts that it deploys. Tests with load,
/// approvals and changes of secrets name the environment too.
pub(super) fn says_deploy(job: &Job) -> bool {
    let words = [
        "cd",
        "deploy",
        "deployment",
        "deploys",
        "live",
        "prod",
        "production",
        "promote",
        "release",
        "rollout",
        "ship",
    ];
    let steps = || job.steps.iter();
    let mut names = steps().filter_map(|step| step.name.as_deref());
    let mut actions = steps().filter_map(|step| step.uses.as_ref());
    let mut lines = steps().flat_map(|step| &step.lines);
    has_word(&job.id, &words)
        || job.name.as_ref().is_some_and(|name| has_word(name, &words))
        || names
            .any(|name| name.split_whitespace().next().is_some_and(|first| has_word(first, VERBS)))
        || actions.any(|action| has_word(action, VERBS))
        || lines.any(|line| commands(line).iter().any(starts_deploy))
}

/// Whether a command starts something by a name such as `ops/deploy-till.sh` or `site:deploy`. Files of
/// data that it reads or writes may be called after a release, too.
fn starts_deploy(command: &Command) -> bool {
    let programs = ["", "bash", "js", "mjs", "ps1", "py", "rb", "sh", "ts"];
    command.words.iter().filter(|word| !word.starts_with('-')).any(|word| {
        let name = word.rsplit('/').next().unwrap_or_default();
        let (stem, ending) = name.split_once('.').unwrap_or((name, ""));
        let mut parts = stem.split(|c: char| !c.is_ascii_alphanumeric());
        let (first, last) = (parts.next(), parts.next_back());
        programs.contains(&ending)
            && [first, last].iter().flatten().any(|part| VERBS.contains(part))
    })
}

/// Whether a job tends what runs by its name, or looks at it: it is told the environment all the same.
pub(super) fn tends(pipeline: &Pipeline, job: &Job) -> bool {
    let words = [
        "backup",
        "backups",
        "check",
        "dump",
        "maintenance",
        "monitor",
        "notify",
        "plan",
        "restore",
        "smoke",
        "snapshot",
        "validate",
        "validation",
        "verify",
    ];
    has_word(&job.id, &words) || has_word(pipeline.place.file_name(), &words)
}

/// Whether a job builds, by its name, for others that wait for it: it is told the environment for the
/// secrets that it takes from there.
pub(super) fn builds_for_others(pipeline: &Pipeline, job: &Job) -> bool {
    has_word(&job.id, &["build"])
        && !has_word(&job.id, &["deploy", "release", "ship"])
        && !gate::waiting_for(pipeline, job).is_empty()
}

/// Whether what a job brings out is not the service: alerts, tokens, topics, documentation.
pub(super) fn is_beside(pipeline: &Pipeline, job: &Job) -> bool {
    let words = [
        "alert",
        "alerts",
        "dashboards",
        "docs",
        "documentation",
        "monitoring",
        "newsletter",
        "storybook",
        "token",
        "tokens",
        "topic",
        "topics",
    ];
    let file = pipeline.place.file_name();
    [file, &pipeline.name, &job.id].iter().any(|text| has_word(text, &words))
}

/// Whether a job takes back or takes away.
pub(super) fn is_rollback(job: &Job) -> bool {
    let words = ["rollback", "revert", "undo", "destroy", "cleanup", "teardown", "delete", "stop"];
    has_word(&job.id, &words) || job.name.as_ref().is_some_and(|name| has_word(name, &words))
}
