//! What a job that ships waits for.

use super::shipment::Shipment;
use crate::gate::{Gate, Opaque, gates, gates_of, needed, opaque_in, opaque_of};
use crate::prelude::*;

/// What has to succeed before a shipment.
#[derive(Clone, Debug, Default)]
pub(super) struct Before<'a> {
    /// Gates.
    pub(super) gates: Vec<Gate<'a>>,
    /// What may hold gates and was not read.
    pub(super) opaque: Vec<Opaque<'a>>,
}

/// What has to succeed before `shipment`: the steps before it in its job, the jobs that it needs
/// and those that they need, and the pipelines after which its own runs.
pub(super) fn before<'a>(shipment: &Shipment<'a>, scope: &Scope<'a>) -> Before<'a> {
    let Shipment { pipeline, job, .. } = shipment;
    let mut before = Before::default();
    let needed = needed(pipeline, job);
    for needed in pipeline.jobs.iter().filter(|job| needed.contains(job.id.value.as_str())) {
        before.gates.extend(gates_of(needed, pipeline.host));
        before.opaque.extend(opaque_of(needed));
    }
    before.own(shipment);
    let follows = |other: &Pipeline| pipeline.follows.iter().any(|name| name.value == other.name);
    for other in scope.pipelines.iter().copied().filter(|other| follows(other)) {
        before.gates.extend(gates(other));
        before.opaque.extend(opaque_in(other));
    }
    before
}

impl<'a> Before<'a> {
    /// Steps of the job itself, those behind the one that ships left out.
    fn own(&mut self, shipment: &Shipment<'a>) {
        let job = shipment.job;
        let Some(at) = shipment.step else {
            return self.opaque.extend(opaque_of(job));
        };
        let ship =
            job.steps.get(at).map(|step| (step, position(step, shipment.place, &shipment.how)));
        let is_before = |place: &Place, what: &str| {
            let index = job.steps.iter().position(|step| holds(step, place));
            let is_earlier = ship.is_some_and(|(step, ship)| {
                let gate = position(step, place, what);
                gate.is_some() && gate < ship
            });
            index.is_some_and(|index| index < at) || is_earlier
        };
        let gates = gates_of(job, shipment.pipeline.host);
        self.gates.extend(gates.into_iter().filter(|gate| is_before(gate.place, gate.written())));
        let opaque = opaque_of(job).into_iter();
        self.opaque.extend(opaque.filter(|opaque| is_before(opaque.place, opaque.written())));
    }
}

/// Number of the line of the step, and the byte in it, where a command stands.
fn position(step: &Step, place: &Place, what: &str) -> Option<(usize, usize)> {
    let program = what.trim_matches('`').split(' ').next().unwrap_or_default();
    // All lines of a folded script may have one place.
    let lines = step.lines.iter().enumerate().filter(|(_, line)| line.place == *place);
    let mut found =
        lines.filter_map(|(number, line)| Some((number, line.find(what_in(line, what, program))?)));
    found.next()
}

/// The whole command where it stands so in the line, else its program.
fn what_in<'t>(line: &str, what: &'t str, program: &'t str) -> &'t str {
    let whole = what.trim_matches('`');
    if line.contains(whole) { whole } else { program }
}

fn holds(step: &Step, place: &Place) -> bool {
    let given = step.with.iter().map(|(_, text)| text);
    step.uses.iter().chain(&step.lines).chain(given).any(|text| text.place == *place)
}

/// How a shipment goes on where what it waits for has failed.
pub(super) fn ignores_failure(shipment: &Shipment<'_>, scope: &Scope<'_>) -> Option<Finding> {
    let Shipment { pipeline, job, .. } = shipment;
    let id = &job.id.value;
    let waits = !job.needs.is_empty();
    if let Some(condition) = job.condition.as_ref().filter(|c| waits && is_blind(c)) {
        let message =
            format!("job `{id}` ships even when what it needs has failed: `{}`", short(condition));
        return Some(
            Finding::at(&condition.place, message)
                .help("take out the condition, or ask for `success()`"),
        );
    }
    let of_step = shipment.step.and_then(|at| job.steps.get(at)).and_then(|s| s.condition.as_ref());
    if let Some(condition) = of_step.filter(|condition| is_blind(condition)) {
        let message =
            format!("job `{id}` ships even when a step before has failed: `{}`", short(condition));
        return Some(Finding::at(&condition.place, message).help("take out the condition"));
    }
    let follows = pipeline.follows.first()?;
    let is_read = scope.pipelines.iter().any(|other| other.name == follows.value);
    let steps = job.steps.iter().filter_map(|step| step.condition.as_ref());
    let mut conditions = pipeline.jobs.iter().filter_map(|job| job.condition.as_ref()).chain(steps);
    let asks = conditions.any(|condition| condition.contains("conclusion"));
    let mut lines = pipeline.steps().flat_map(|step| &step.lines);
    let asks_in_shell = lines.any(|line| line.contains("conclusion"));
    (is_read && !asks && !asks_in_shell).then(|| {
        let message =
            format!("job `{id}` ships after `{}` also where that has failed", follows.value);
        let help = "ask for success:\n\nif: github.event.workflow_run.conclusion == 'success'";
        Finding::at(&follows.place, message).help(help)
    })
}

/// Whether a condition is true whatever came before, and asks for nothing of it. `!failure()` asks
/// that nothing failed, and lets what was skipped pass.
fn is_blind(condition: &str) -> bool {
    // Some name the failure that they pass over: `needs.test.result == 'failure'` beside `||`.
    if let Some((before, _)) = condition.split_once(".result == 'failure'")
        && before.contains(".result == 'success' ||")
    {
        return true;
    }
    let overrides = ["always()", "failure()", "!cancelled()", "! cancelled()"];
    let asks_for_none_failed = ["!failure()", "! failure()"];
    overrides.iter().any(|word| condition.contains(word))
        && !asks_for_none_failed.iter().any(|word| condition.contains(word))
        && !condition.contains(".result")
        && !condition.contains("success()")
        && !condition.contains("outcome")
}

fn short(condition: &str) -> String {
    let one_line = condition.split_whitespace().collect::<Vec<_>>().join(" ");
    one_line.chars().take(60).collect()
}
