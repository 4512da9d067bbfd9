//! Gates in the recipe of an image: what fails there fails the job that builds it.

use facts::command::commands;

use super::shipment::Shipment;
use crate::gate::{self, GateKind};
use crate::prelude::*;
use crate::tool::program;

/// A gate that a recipe runs.
pub(super) struct Run<'a> {
    /// The command, in backquotes.
    pub(super) command: String,
    /// Where it stands.
    pub(super) place: &'a Place,
}

/// The first gate that is as `is_wanted` says in the stages which make the image of the service, where a job
/// that `shipment` waits for, or its own, builds one.
pub(super) fn gate_of_image<'a>(
    is_wanted: impl Fn(GateKind) -> bool,
    shipment: &Shipment<'_>,
    scope: &Scope<'a>,
) -> Option<Run<'a>> {
    let needed = gate::needed(shipment.pipeline, shipment.job);
    let is_before =
        |job: &&Job| job.id == shipment.job.id || needed.contains(job.id.value.as_str());
    let mut jobs = shipment.pipeline.jobs.iter().filter(is_before);
    if !jobs.any(builds_image) {
        return None;
    }
    let stages = scope.dockerfiles.iter().flat_map(|dockerfile| dockerfile.shipped_stages());
    let runs = stages.flat_map(|stage| &stage.runs);
    let looked = runs.flat_map(|run| run.lines().flat_map(commands).map(move |c| (run, c)));
    let mut gates = looked.filter(|(_, command)| command.excuse.is_none());
    let (run, command) = gates.find(|(_, command)| program(command).into_iter().any(&is_wanted))?;
    Some(Run { command: format!("`{}`", command.short()), place: &run.place })
}

/// Whether a step of a job builds an image, by its action or by a command.
fn builds_image(job: &Job) -> bool {
    let of_action = |uses: &str| {
        let path = uses.split('@').next().unwrap_or_default().to_lowercase();
        let has = |known: &[&str]| path.split(['-', '_', '/']).any(|word| known.contains(&word));
        has(&["bake", "build"]) && has(&["docker", "image", "container", "buildah"])
            || has(&["kaniko"])
    };
    let of_command = |line: &str| {
        let tools = ["buildah ", "docker build", "docker buildx build", "docker compose build"];
        tools.iter().chain(&["kaniko", "podman build"]).any(|tool| line.contains(tool))
    };
    job.steps.iter().any(|step| {
        step.uses.as_ref().is_some_and(|uses| of_action(uses))
            || step.lines.iter().any(|line| of_command(line))
    })
}
