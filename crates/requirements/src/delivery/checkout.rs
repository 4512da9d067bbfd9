//! What a job changes in its checkout: whether that leaves it, and whether the checkout is one of a
//! proposed change.

use facts::command::{Command, commands};

use crate::prelude::*;

/// Whether a command only changes the image that a manifest of the checkout names.
pub(super) fn edits_manifests(command: &Command) -> bool {
    command.is("kustomize edit set image")
}

/// Whether what a job changed in its checkout leaves it: it is pushed, proposed or applied, or a
/// script that was not read may do so.
pub(super) fn sends_on(job: &Job) -> bool {
    let uses = job.steps.iter().filter_map(|step| step.uses.as_ref());
    let lines = job.steps.iter().flat_map(|step| &step.lines);
    let mut commands = lines.flat_map(|line| commands(line));
    uses.into_iter().any(|uses| may_send(uses)) || commands.any(|command| sends(&command))
}

/// Whether an action may send files on, by its name: one that pushes an image does not.
fn may_send(uses: &str) -> bool {
    let name = uses.split('@').next().unwrap_or_default().to_lowercase();
    let words = ["apply", "commit", "deploy", "pull-request", "push"];
    let is_of_images = ["build", "docker", "image"].iter().any(|word| name.contains(word));
    name.starts_with("./") || (words.iter().any(|word| name.contains(word)) && !is_of_images)
}

fn sends(command: &Command) -> bool {
    let pushes = ["gh pr create", "git push", "glab mr create"];
    let runners = ["bash", "just", "make", "sh", "task"];
    let extension = command.program().rsplit_once('.').map(|(_, extension)| extension);
    let is_script = extension == Some("sh");
    pushes.iter().any(|pattern| command.is(pattern))
        || command.words.iter().any(|word| word == "apply")
        || runners.contains(&command.program())
        || is_script
}

/// Whether a pipeline runs for proposed changes only: what it deploys is a preview. That people may
/// start it too makes it no other, unless the job says what it is for then.
pub(super) fn is_for_changes(pipeline: &Pipeline, job: &Job, is_to_production: bool) -> bool {
    let is_change = |trigger: &str| {
        matches!(trigger, "pull_request" | "pull_request_target" | "merge_request_event")
    };
    let triggers = || pipeline.triggers.iter().map(|trigger| trigger.value.as_str());
    let tells_apart = job.condition.as_ref().is_some_and(|condition| {
        ["event_name", "github.ref ", "inputs."].iter().any(|word| condition.contains(word))
    });
    let is_one_for_all = !tells_apart && !is_to_production && job.environment.is_none();
    let is_by_people = |trigger: &str| is_one_for_all && trigger == "workflow_dispatch";
    triggers().any(is_change)
        && triggers().all(|trigger| is_change(trigger) || is_by_people(trigger))
}
