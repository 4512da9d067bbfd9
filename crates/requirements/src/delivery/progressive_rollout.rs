//! A launch goes to a few before it goes to all, and the traffic shaping for that exists.

use facts::command::commands;

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/progressive-rollout",
    title: "a launch goes to a few before it goes to all, and the traffic shaping for that exists",
    why: "A fault that reaches one user in a hundred is an observation, the same fault \
          for everybody is an outage.",
    remedy: "Send a launch to a few first, by steps that stop by themselves: Argo \
             Rollouts, Flagger, weights of a gateway or mesh, or flags.",
    references: &[
        Reference {
            title: "Google SRE workbook: canarying releases",
            url: "https://sre.google/workbook/canarying-releases/",
        },
        Reference {
            title: "Argo Rollouts: canary",
            url: "https://argo-rollouts.readthedocs.io/en/stable/features/canary/",
        },
        Reference { title: "Flagger", url: "https://docs.flagger.app/" },
    ],
    since: "0.1.0",
    effort: Effort::Days(3),
    invalidated_by: &[Change::Manifest, Change::Pipeline],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::SERVING,
    reads: &[Subject::Workloads, Subject::Entrances],
    proofs: &[Proof::Service(judge), Proof::Drill("deploy")],
    cases: include_str!("progressive_rollout.md"),
};

/// Commands that send a part of the traffic to a new version.
static COMMANDS: &[&str] = &[
    "gcloud run services update-traffic --to-revisions*",
    "gcloud run deploy --no-traffic",
    "gcloud app services set-traffic",
    "aws lambda update-alias --routing-config*",
    "az containerapp ingress traffic set",
    "az containerapp revision set-mode",
    "flyctl deploy --strategy=canary",
    "fly deploy --strategy=canary",
    "flyctl deploy canary",
    "fly deploy canary",
    "wrangler versions deploy",
    "kubectl argo rollouts promote",
];

/// Headings of plans for it.
static PLANS: &[&str] = &[
    "canary",
    "canary release",
    "canary rollout",
    "gradual rollout",
    "phased rollout",
    "progressive delivery",
    "progressive rollout",
    "staged rollout",
    "traffic splitting",
];

/// What the text of a plan for it speaks of: a fleet that is patched in stages is something else.
static SHIPS: &[&str] =
    &["deploy*", "launch*", "release", "replica", "traffic", "version", "request", "user"];

fn judge(scope: &Scope<'_>) -> Outcome {
    let seen: Vec<Sighting> = splits(scope).chain(by_command(scope)).collect();
    if !seen.is_empty() {
        return Outcome::Met(seen);
    }
    let in_name_only = in_name_only(scope);
    if !in_name_only.is_empty() {
        return Outcome::Unmet(in_name_only);
    }
    let nothing =
        "no Rollout, Canary, weighted route or command that sends a part of the traffic was found";
    match planned(scope) {
        Some(finding) if !scope.workloads.is_empty() => {
            Outcome::missing(finding, &[Subject::Workloads, Subject::Entrances], scope)
        }
        _ => Outcome::unknown(format!(
            "{nothing}: whether flags or the platform send a launch to a few first, no file says"
        )),
    }
}

/// What splits the traffic of the service step by step.
fn splits<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = Sighting> + 'a {
    let steps = scope.workloads.iter().filter_map(|workload| {
        let place = workload.progressive.as_ref()?;
        Some(Sighting::at(place, format!("`{}` rolls out step by step", workload.name.value)))
    });
    let splits = own_splits(scope).filter(|split| split.is_gradual);
    steps.chain(splits.map(|split| {
        let message = format!("{} `{}` splits the traffic", split.kind, split.name.value);
        Sighting::at(&split.name.place, message)
    }))
}

fn own_splits<'a>(scope: &'a Scope<'_>) -> impl Iterator<Item = &'a TrafficSplit> {
    scope.all.cluster.traffic_splits.iter().filter(|split| {
        let is_own = |target: &str| {
            let target = target.split('.').next().unwrap_or(target);
            let names = scope.workloads.iter().map(|workload| workload.name.value.as_str());
            let mut names = names.chain([scope.service.name.as_str()]);
            names.any(|name| {
                target
                    .strip_prefix(name)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            })
        };
        split.targets.iter().any(|target| is_own(target)) || is_own(&split.name)
    })
}

/// What the pipeline says when it deploys.
fn by_command(scope: &Scope<'_>) -> Option<Sighting> {
    let steps = scope.pipelines.iter().flat_map(|pipeline| pipeline.steps());
    let mut lines = steps.flat_map(|step| &step.lines);
    lines.find_map(|line| {
        let commands = commands(line);
        let command = commands.iter().find(|c| COMMANDS.iter().any(|known| c.is(known)))?;
        Some(Sighting::at(
            &line.place,
            format!("`{}` sends a part of the traffic", command.short()),
        ))
    })
}

/// Objects that could go step by step and name no step.
fn in_name_only(scope: &Scope<'_>) -> Vec<Finding> {
    let of_split = |split: &TrafficSplit| {
        let (kind, name) = (&split.kind, &split.name.value);
        let message = format!("{kind} `{name}` names no step: everything changes at once");
        let help = match kind.as_str() {
            "Rollout" => {
                "name the steps:\n\nstrategy:\n  canary:\n    steps:\n      - setWeight: 10\n      \
                 - pause: {duration: 10m}"
            }
            "Canary" => {
                "name the steps:\n\nanalysis:\n  interval: 1m\n  maxWeight: 50\n  stepWeight: 10"
            }
            _ => "give the new version a small weight first",
        };
        Finding::at(&split.name.place, message).help(help)
    };
    own_splits(scope).map(of_split).collect()
}

/// Whether a heading plans it: what is optional is a possibility.
fn is_plan(title: &str) -> bool {
    prose::mentions(title, PLANS) && !prose::mentions(title, &["option", "optional"])
}

/// A plan for which nothing is there.
fn planned(scope: &Scope<'_>) -> Option<Finding> {
    let plans = [Role::Deploy, Role::Runbook, Role::Readme];
    let mut chapters = documents(scope).filter(|document| plans.contains(&document.role));
    let chapter = chapters.find_map(|document| {
        crate::chapter::chapters(document).find(|c| {
            // What a product is for is none of its own plans.
            !(document.role == Role::Readme && c.is_title())
                && is_plan(c.title())
                && c.says_something()
                && c.mentions(SHIPS)
        })
    })?;
    let message = format!("`{}` is planned, but nothing can split the traffic", chapter.title());
    let help = "add what splits it: an Argo Rollout, a Canary of Flagger, or weights of a gateway";
    Some(Finding::at(chapter.place(), message).help(help))
}
