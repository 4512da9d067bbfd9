//! Every user journey has an availability and a latency objective with a window.

use super::objective::{self, Held};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/slo",
    title: "every user journey has an availability and a latency objective with a window",
    why: "Without an objective nobody can say whether the service is good enough: alerts page on \
          guesses, and each slow week is argued about anew.",
    remedy: "Give each journey in gonogo.yaml, or in an OpenSLO, Sloth or Pyrra file, an \
             availability and a latency objective below 100 %, with the window they hold over.",
    references: &[
        Reference {
            title: "Google SRE book: service level objectives",
            url: "https://sre.google/sre-book/service-level-objectives/",
        },
        Reference {
            title: "Google SRE workbook: implementing SLOs",
            url: "https://sre.google/workbook/implementing-slos/",
        },
        Reference { title: "OpenSLO", url: "https://github.com/OpenSLO/OpenSLO" },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Monitoring, Change::Endpoint, Change::Dependency],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Objectives, Subject::Declaration],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "Prometheus: the query of each objective, which has to return data over its window",
        ),
    ],
    cases: include_str!("slo.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let journeys = scope.declaration.and_then(|declaration| declaration.journeys.as_deref());
    let unsound = objective::faults(&scope.objectives);
    let unsound = (!unsound.is_empty()).then_some(Outcome::Unmet(unsound));
    let held: Vec<Outcome> = match journeys.unwrap_or_default() {
        [] => of_service(scope).into_iter().collect(),
        all => all.iter().filter_map(|journey| of_journey(journey, all, scope)).collect(),
    };
    Outcome::all(unsound.into_iter().chain(held)).unwrap_or_else(|| {
        let objectives = scope.objectives.iter();
        Outcome::Met(objectives.map(|o| objective::seen(o)).collect())
    })
}

/// What is missing for a journey; nothing where it has all.
fn of_journey(journey: &Journey, all: &[Journey], scope: &Scope<'_>) -> Option<Outcome> {
    let own = |indicator| journey.objectives.iter().any(|o| o.indicator == indicator);
    let from_files: Vec<&Objective> =
        scope.objectives.iter().copied().filter(|o| o.journey.is_none()).collect();
    // Objectives of files do not name journeys: what they are about is told by their names.
    let about = from_files.iter().copied().filter(|objective| {
        all.len() == 1 || prose::mentions(&objective.name, &[&prose::plain(&journey.name)])
    });
    let held = Held::of(about);
    let missing = held.missing(own(Indicator::Availability), own(Indicator::Latency));
    let what = missing?;
    let name = &journey.name;
    if held.has_unclear || (!from_files.is_empty() && all.len() > 1) {
        return Some(Outcome::Unknown(format!(
            "whether the journey `{}` has {what}: name the objectives after the journey, or set \
             them in gonogo.yaml",
            **name
        )));
    }
    let finding = Finding::at(&name.place, format!("journey `{}` has no {what}", **name)).help(
        "add to the journey, with what its users need:\n\n\
         objectives: {availability: 99.9%, latency: {p99: 300ms}, window: 28d}",
    );
    Some(Outcome::missing(finding, &[Subject::Objectives], scope))
}

/// Without journeys, the service as a whole is one.
fn of_service(scope: &Scope<'_>) -> Option<Outcome> {
    let name = &scope.service.name;
    let about = || scope.objectives.iter().copied().filter(|o| is_about(o, scope.service));
    let Some(first) = about().next() else {
        return Some(Outcome::Unknown(match scope.objectives.first() {
            None => "no objective was found: give the journeys of gonogo.yaml `objectives:`, or \
                     add an OpenSLO, Sloth or Pyrra file"
                .to_owned(),
            Some(other) => format!(
                "whether objectives such as `{}` are about `{name}`: they name no service",
                *other.name
            ),
        }));
    };
    let held = Held::of(about());
    let what = held.missing(false, false)?;
    if held.has_unclear {
        return Some(Outcome::Unknown(format!(
            "whether one of the objectives of `{name}` is {what}: what some measure is not to be \
             told from their names and queries"
        )));
    }
    let finding = Finding::at(&first.name.place, format!("`{name}` has no {what} beside this one"))
        .help("add one with a target below 100 % and a window");
    Some(Outcome::missing(finding, &[Subject::Objectives], scope))
}

/// Whether an objective is about the service, and not about what all of the tree have in common.
fn is_about(objective: &Objective, service: &Service) -> bool {
    let is_inside = service.folder.is_empty()
        || objective
            .place
            .path
            .strip_prefix(service.folder.as_str())
            .is_some_and(|rest| rest.starts_with('/'));
    let names = || service.aliases.iter().chain([&service.name]).map(|name| prose::plain(name));
    objective.service.is_some()
        || is_inside
        || names().any(|name| prose::mentions(&objective.name, &[&name]))
}
