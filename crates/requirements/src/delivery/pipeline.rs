//! Deploys run from a pipeline with no manual step.

use super::fetched;
use super::script;
use super::shipment::{Shipment, deploys, shipments};
use super::stage::Stage;
use crate::prelude::*;
use crate::{gate, pipelines_elsewhere};

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/pipeline",
    title: "deploys run from a pipeline with no manual step",
    why: "A deploy that a person types differs from the last one, waits for whoever \
          knows the steps, and leaves no trace of what was done.",
    remedy: "Let a pipeline deploy every change that passed its gates, by a job that \
             starts by itself.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "GitHub: deploying with GitHub Actions",
            url: "https://docs.github.com/en/actions/concepts/use-cases/deploying-with-github-actions",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(2),
    invalidated_by: &[Change::Pipeline, Change::Manifest],
    demands: [
        Demand::within(Grade::Observed, 30),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the Git host or the deployment tool: whether the last deploys to production \
             came from this pipeline, and how often a person stepped in",
        ),
    ],
    cases: include_str!("pipeline.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let deploys = deploys(scope);
    let (by_hand, by_itself): (Vec<_>, Vec<_>) =
        deploys.iter().partition(|shipment| manual(shipment).is_some());
    if !by_itself.is_empty() {
        let seen = by_itself.iter().map(|shipment| {
            let message = format!("job `{}` deploys by {}", shipment.job.id.value, shipment.how);
            Sighting::at(shipment.place, message)
        });
        return Outcome::Met(seen.collect());
    }
    let asked_by = |s: &&Shipment<'_>| caller(s.pipeline, scope, MOST_CALLS);
    let called = by_hand.iter().find_map(|shipment| Some((shipment, asked_by(shipment)?)));
    if let Some((shipment, caller)) = called {
        return Outcome::Unknown(format!(
            "job `{}` deploys for whoever calls `{}`, and `{}`, which starts by itself, does: to \
             which environment is filled in when it runs",
            shipment.job.id.value, shipment.pipeline.place.path, caller.place.path
        ));
    }
    if by_hand.is_empty() {
        return delivered(scope).unwrap_or_else(|| Outcome::Unknown(unseen(scope)));
    }
    let findings = by_hand.iter().filter_map(|shipment| {
        let (place, how) = manual(shipment)?;
        let id = &shipment.job.id.value;
        let finding =
            Finding::at(place, format!("job `{id}` deploys only when a person starts it"));
        Some(finding.help(how).related(shipment.place, format!("deploys by {}", shipment.how)))
    });
    Outcome::Unmet(findings.collect())
}

/// The pipeline that calls this one, or one that does, and that no person has to start.
fn caller<'a>(pipeline: &Pipeline, scope: &Scope<'a>, depth: usize) -> Option<&'a Pipeline> {
    if depth == 0 || !pipeline.triggers.iter().any(|t| t.value == "workflow_call") {
        return None;
    }
    let calls = |call: &Placed<String>| call.trim_start_matches("./") == &*pipeline.place.path;
    let calls =
        |other: &&&Pipeline| other.jobs.iter().any(|job| job.calls.as_ref().is_some_and(calls));
    scope.pipelines.iter().copied().filter(|other| calls(&other)).find_map(|other| {
        let starts = gate::only_by_hand(other).is_none() && !gate::is_called_only(other);
        if starts { Some(other) } else { caller(other, scope, depth - 1) }
    })
}

/// Pipelines that call each other, one behind the other.
const MOST_CALLS: usize = 4;

/// Where it is written that a person starts the job, and what to do about it.
fn manual<'a>(shipment: &Shipment<'a>) -> Option<(&'a Place, &'static str)> {
    if let Some(place) = &shipment.job.is_manual {
        return Some((place, "let it start by itself where everything before it passed"));
    }
    let asked = shipment.job.condition.as_ref().filter(|condition| {
        condition.contains("== 'workflow_dispatch'") && !condition.contains("||")
    });
    if let Some(condition) = asked {
        return Some((&condition.place, "let it run on the push to the main branch as well"));
    }
    let trigger = gate::only_by_hand(shipment.pipeline)?;
    Some((
        &trigger.place,
        "start it by the push to the main branch:\n\non:\n  push:\n    branches: [main]",
    ))
}

/// What Argo CD or Flux fetches by itself.
fn delivered(scope: &Scope<'_>) -> Option<Outcome> {
    let own = fetched::deliveries(scope);
    Outcome::all(own.map(|delivery| {
        let (kind, name) = (&delivery.kind, &delivery.name.value);
        if let Some(why) = delivery.unapplied {
            return Outcome::unknown(format!("whether anything applies {kind} `{name}`: {why}"));
        }
        match &delivery.is_manual {
            Some(place) => {
                let message = format!("{kind} `{name}` waits for a person to sync it");
                let help = "let it sync by itself:\n\nsyncPolicy:\n  automated: {}";
                Finding::at(place, message).help(help).into()
            }
            None => Outcome::met(&delivery.name.place, format!("{kind} `{name}` syncs by itself")),
        }
    }))
}

fn unseen(scope: &Scope<'_>) -> String {
    if let Some(elsewhere) = pipelines_elsewhere::unread(scope) {
        return format!("no job that deploys was found, and {elsewhere}");
    }
    let rehearsal = shipments(scope).into_iter().find(|s| s.stage == Stage::Rehearsal);
    if let Some(rehearsal) = rehearsal {
        let (id, path) = (&rehearsal.job.id.value, &rehearsal.pipeline.place.path);
        return format!(
            "job `{id}` of `{path}` deploys, but no job that deploys to production was found"
        );
    }
    if let Some((job, script)) = script::idle(scope) {
        let (id, path) = (&job.id.value, &script.place.path);
        return format!(
            "job `{id}` starts `{path}`, in which no command was found that deploys, and no other \
             job does"
        );
    }
    "no job that deploys (kubectl, helm, terraform, a cloud's command, an action) and no object of \
     Argo CD or Flux that fetches it was found: it may be deployed from another repository, which was not read"
        .to_owned()
}
