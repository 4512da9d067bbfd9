//! It scales by itself between a sane minimum and maximum on a sane trigger.

use crate::pod;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "capacity/autoscaling",
    title: "it scales by itself between a sane minimum and maximum on a sane trigger",
    why: "A fixed number of instances is too few at the peak and too many at night, and every surge needs a person.",
    remedy: "Let an autoscaler keep the workload between a minimum that survives the loss of an instance and a maximum that the dependencies can bear.",
    references: &[
        Reference {
            title: "Kubernetes: horizontal pod autoscaling",
            url: "https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/",
        },
        Reference {
            title: "KEDA: scaling deployments",
            url: "https://keda.sh/docs/latest/concepts/scaling-deployments/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Manifest],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::LONG_RUNNING,
    reads: &[Subject::Workloads],
    proofs: &[
        Proof::EachWorkload(judge),
        Proof::Live(
            "the cluster: the autoscaler's conditions, and how often it stood at its maximum",
        ),
    ],
    cases: include_str!("autoscaling.md"),
};

fn judge(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = &workload.name;
    if !matches!(workload.kind, WorkloadKind::Deployment | WorkloadKind::StatefulSet) {
        return off_the_cluster(workload);
    }
    match pod::autoscaler(workload, scope) {
        Some(autoscaler) => sane(autoscaler, workload, scope.service.kind),
        None if scope.hiding_places_of(Subject::Workloads).next().is_some() => Outcome::unknown(
            format!("no autoscaler of `{}` was found in what was read", name.value),
        ),
        None if is_sized(name, scope) => Outcome::unknown(format!(
            "a VerticalPodAutoscaler sizes `{}`, and nothing adds instances of it",
            name.value
        )),
        None if workload.is_off() => Outcome::unknown(format!(
            "whether `{}` runs at all: it is declared with no instance",
            name.value
        )),
        None if pod::file_database(workload).is_some() => Outcome::unknown(format!(
            "`{}` keeps a file of SQLite on a volume, which one instance owns",
            name.value
        )),
        None if is_controller(workload) => Outcome::unknown(format!(
            "`{}` is a controller by its name, its label or its command: of several instances one works at a time, unless it \
             shares its work",
            name.value
        )),
        None if pod::is_exporter_by_name(workload, scope) => Outcome::unknown(format!(
            "`{}` is an exporter by its name: a second instance would tell the same again",
            name.value
        )),
        None if pod::is_clock_by_name(workload, scope) => Outcome::unknown(format!(
            "`{}` starts jobs by the clock by its name, and one of it ends before the next begins",
            name.value
        )),
        None if pod::is_migration_by_name(workload) => Outcome::unknown(format!(
            "`{}` migrates by its name and opens no port: a second instance would migrate beside it",
            name.value
        )),
        None if pod::starts_by_clock(workload) => Outcome::not_applicable(format!(
            "`{}` starts jobs by the clock, and runs once by design",
            name.value
        )),
        None => Finding::at(&name.place, format!("nothing scales `{}`", name.value))
            .help(
                "add an autoscaler:\n\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\n\
                 spec:\n  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: …}\n  \
                 minReplicas: 2\n  maxReplicas: 10\n  metrics: […]",
            )
            .into(),
    }
}

/// Whether a `VerticalPodAutoscaler` sets what the workload requests.
fn is_sized(name: &str, scope: &Scope<'_>) -> bool {
    scope.all.cluster.vertically_scaled.iter().any(|target| target.value == name)
}

/// Whether a workload acts upon objects of the cluster: by its name, by the label that says which
/// part of a product it is, or as its command has it elect a leader.
fn is_controller(workload: &Workload) -> bool {
    let words = ["controller", "operator"];
    let is_named = |name: &str| {
        name.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| words.contains(&word))
    };
    let label = |(key, value): &(String, Placed<String>)| {
        key == "app.kubernetes.io/component" && is_named(value)
    };
    let labels = || workload.annotations.iter().chain(&workload.labels);
    let elects = |container: &Container| {
        let command = container.command.as_ref().map_or("", |command| command.value.as_str());
        let first = command.split_whitespace().next().unwrap_or_default();
        let program = first.rsplit('/').next().unwrap_or_default();
        let on = ["--leader-elect", "--leader-elect=true", "--enable-leader-election"];
        (!first.starts_with('-') && is_named(program))
            || command.split_whitespace().any(|word| on.contains(&word))
    };
    is_named(&workload.name) || labels().any(label) || workload.containers.iter().any(elects)
}

fn off_the_cluster(workload: &Workload) -> Outcome {
    let name = &workload.name.value;
    match workload.kind {
        WorkloadKind::Job | WorkloadKind::CronJob => {
            Outcome::not_applicable(format!("`{name}` is a job, which runs to its end"))
        }
        WorkloadKind::DaemonSet => {
            Outcome::not_applicable(format!("`{name}` runs once on every node"))
        }
        _ => {
            Outcome::unknown(format!("nothing scales `{name}` by itself where it was seen to run"))
        }
    }
}

fn sane(autoscaler: &Autoscaler, workload: &Workload, kind: Kind) -> Outcome {
    let name = &autoscaler.name;
    let mut findings = Vec::new();
    match (&autoscaler.min, &autoscaler.max) {
        (Some(min), Some(max)) if min.value >= max.value => findings.push(
            Finding::at(
                &max.place,
                format!("`{}` cannot scale: its minimum and maximum are {}", name.value, max.value),
            )
            .help("raise the maximum above the minimum"),
        ),
        (min, _) if kind != Kind::Worker => findings.extend(low_minimum(name, min.as_ref())),
        _ => {}
    }
    findings
        .extend(autoscaler.triggers.iter().filter_map(|trigger| unrequested(trigger, workload)));
    if autoscaler.triggers.is_empty() {
        let message = format!("`{}` has nothing to scale on", name.value);
        findings.push(Finding::at(&name.place, message).help("name a metric or a trigger"));
    }
    Outcome::unmet_or(findings, || {
        let bound = |bound: &Option<Placed<i64>>, default: &str| {
            bound.as_ref().map_or_else(|| default.to_owned(), |bound| bound.value.to_string())
        };
        let (min, max) =
            (bound(&autoscaler.min, "its default"), bound(&autoscaler.max, "its default"));
        let on: Vec<&str> = autoscaler.triggers.iter().map(|trigger| trigger.as_str()).collect();
        let message = format!("`{}` scales from {min} to {max} on {}", name.value, on.join(", "));
        Outcome::met(&name.place, message)
    })
}

fn low_minimum(name: &Placed<String>, min: Option<&Placed<i64>>) -> Option<Finding> {
    let (place, seen) = match min {
        Some(min) if min.value >= 2 => return None,
        Some(min) => (&min.place, format!("`{}` may scale down to {}", name.value, min.value)),
        None => {
            (&name.place, format!("`{}` sets no minimum, and may scale down to one", name.value))
        }
    };
    Some(Finding::at(place, seen).help("set a minimum of two, so that the loss of one is survived"))
}

/// A share of what is requested means nothing where nothing is requested.
fn unrequested(trigger: &Placed<String>, workload: &Workload) -> Option<Finding> {
    let container = workload.containers.iter().find(|container| match trigger.value.as_str() {
        "cpu" => container.requests.cpu.is_none() && container.limits.cpu.is_none(),
        "memory" => container.requests.memory.is_none() && container.limits.memory.is_none(),
        _ => false,
    })?;
    let (metric, name) = (&trigger.value, &container.name);
    let message = format!("it scales on {metric}, and `{}` requests none", name.value);
    let help = format!("add `resources.requests.{metric}` to `{}`", name.value);
    Some(Finding::at(&trigger.place, message).help(help).related(&name.place, "this container"))
}
