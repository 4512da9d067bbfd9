//! One job of a workflow.

use model::{Place, Placed};

use super::{permissions, step};
use crate::Job;
use crate::tree::Node;

/// Reads the job that stands under the key `id`; `around` is where its workflow runs its lines.
pub(super) fn read(id: &Node, job: &Node, lines: &[&str], around: Option<&Placed<String>>) -> Job {
    let steps = job.get("steps").map(Node::items).unwrap_or_default();
    let folder = working_folder(job).or_else(|| around.cloned());
    let read_step = |step: &Node| {
        let mut step = step::read(step, lines);
        step.working_folder = step.working_folder.or_else(|| folder.clone());
        for (_, value) in step.with.iter_mut().filter(|(name, _)| name == "languages") {
            *value = of_matrix(value.clone(), job);
        }
        step
    };
    Job {
        id: Placed::new(id.str().unwrap_or_default().to_owned(), id.place.clone()),
        name: job.get("name").and_then(Node::str).map(str::to_owned),
        needs: job.get("needs").into_iter().flat_map(Node::strings).collect(),
        stage: None,
        may_fail: may_fail(job),
        is_manual: None,
        condition: job.string("if"),
        environment: named(job, "environment", "name")
            .or_else(|| input(job, "environment"))
            .map(|environment| of_matrix(environment, job)),
        timeout: job.get("timeout-minutes").filter(|it| !it.is_null()).map(|it| it.place.clone()),
        calls: job.string("uses"),
        is_on_own_machine: is_on_own_machine(job),
        images: images(job).collect(),
        permissions: permissions(job),
        steps: steps.iter().map(read_step).collect(),
    }
}

/// `runs-on: self-hosted`, also as one label of several, or the group that such machines are put into.
fn is_on_own_machine(job: &Node) -> bool {
    let Some(machine) = job.get("runs-on") else { return false };
    let labels = machine.strings().chain(machine.get("labels").into_iter().flat_map(Node::strings));
    let is_default = machine.string("group").is_some_and(|group| group.value == "Default");
    is_default || labels.into_iter().any(|label| label.value == "self-hosted")
}

/// The folder that the defaults of a job or a workflow run lines in.
pub(super) fn working_folder(node: &Node) -> Option<Placed<String>> {
    node.get("defaults")?.get("run")?.string("working-directory")
}

/// `continue-on-error: true`; an expression may come out either way and is not taken for true.
pub(super) fn may_fail(node: &Node) -> Option<Place> {
    let written = node.get("continue-on-error")?;
    (written.bool() == Some(true)).then(|| written.place.clone())
}

/// What the job gives to the reusable workflow that it calls.
fn input(job: &Node, name: &str) -> Option<Placed<String>> {
    job.get("with").filter(|_| job.get("uses").is_some())?.string(name)
}

/// The values of the matrix where one of them is the text: `qa, test` of `${{ matrix.to }}`.
fn of_matrix(text: Placed<String>, job: &Node) -> Placed<String> {
    let name = text.trim().strip_prefix("${{").and_then(|rest| rest.strip_suffix("}}"));
    let name = name.and_then(|name| name.trim().strip_prefix("matrix."));
    let matrix = job.get("strategy").and_then(|strategy| strategy.get("matrix"));
    let listed = |name: &str| matrix?.get(name).map(Node::items);
    let included = matrix.and_then(|matrix| matrix.get("include")).map_or(&[][..], Node::items);
    let included = included.iter().filter_map(|run| run.get(name?));
    let values = name.and_then(listed).unwrap_or_default().iter().chain(included);
    let plain: Option<Vec<&str>> = values.map(Node::str).collect();
    let plain = plain.filter(|values| !values.is_empty()).map(|values| values.join(", "));
    Placed { value: plain.unwrap_or(text.value), ..text }
}

/// The text under `key`, or what stands there under `name`.
fn named(node: &Node, key: &str, name: &str) -> Option<Placed<String>> {
    node.string(key).or_else(|| node.get(key)?.string(name))
}

/// Images of the job's container and of its services.
fn images(job: &Node) -> impl Iterator<Item = Placed<String>> {
    let services = job.get("services");
    let names = services.into_iter().flat_map(Node::entries).map(|(name, ..)| name);
    let services = names.filter_map(move |name| named(services?, name, "image"));
    named(job, "container", "image").into_iter().chain(services)
}
