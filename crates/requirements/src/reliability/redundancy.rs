//! Nothing that matters runs as a single instance.

use super::instances::{Instances, budget_faults};
use crate::pod;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "reliability/redundancy",
    title: "nothing that matters runs as a single instance",
    why: "A single instance is gone with its node, with each deploy and with each crash, and \
          users are gone with it; several on one node or without a disruption budget go together.",
    remedy: "Run at least two instances of the service and of its datastores, spread them over \
             nodes and zones, and keep maintenance from taking all of them with a disruption \
             budget.",
    references: &[
        Reference {
            title: "Kubernetes: specifying a disruption budget for your application",
            url: "https://kubernetes.io/docs/tasks/run-application/configure-pdb/",
        },
        Reference {
            title: "Kubernetes: pod topology spread constraints",
            url: "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
        },
        Reference {
            title: "AWS Well-Architected: reliability",
            url: "https://docs.aws.amazon.com/wellarchitected/latest/reliability-pillar/welcome.html",
        },
    ],
    since: "0.1.0",
    effort: Effort::Days(1),
    invalidated_by: &[Change::Manifest, Change::Region, Change::Dependency],
    demands: [Demand::within(Grade::Observed, 30), Demand::of(Grade::Declared), None],
    kinds: kinds::ALWAYS_ON,
    reads: &[Subject::Workloads],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the cluster: ready instances of each workload, the nodes and zones that they run \
             on, and the disruptions that its budget allows at present",
        ),
    ],
    cases: include_str!("redundancy.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    if scope.workloads.is_empty() {
        return Outcome::unknown(
            "no workload of it was read that tells how it runs in production: no Kubernetes manifest, \
             Compose service or systemd unit",
        );
    }
    let own = scope.workloads.iter().map(|workload| of_workload(workload, scope));
    let stores = scope.datastores.iter().map(|store| of_datastore(store, scope));
    Outcome::all(own.chain(stores)).unwrap_or_else(|| Outcome::unknown("no workload was found"))
}

fn of_workload(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    match (workload.platform, workload.kind) {
        (_, WorkloadKind::Job | WorkloadKind::CronJob) => {
            Outcome::not_applicable(format!("`{}` is a job that ends", *workload.name))
        }
        (_, WorkloadKind::DaemonSet) => Outcome::not_applicable(format!(
            "`{}` is a DaemonSet: one on each node, by design",
            *workload.name
        )),
        (Platform::Kubernetes, WorkloadKind::Pod) => alone(workload).into(),
        (Platform::Kubernetes, _) => on_cluster(workload, scope),
        (Platform::Compose, _) => in_compose(workload, scope),
        (Platform::Systemd, _) => {
            Outcome::unknown(format!("on how many hosts the unit `{}` runs", *workload.name))
        }
    }
}

fn alone(workload: &Workload) -> Finding {
    let name = &workload.name;
    let message = format!("`{}` is a pod by itself: nothing starts it anew elsewhere", **name);
    Finding::at(&name.place, message).help("make it a Deployment with `replicas: 2`")
}

fn on_cluster(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let instances = Instances::of(workload, scope);
    if instances.is_off() {
        return Outcome::unknown(format!(
            "whether `{}` runs at all: it is declared with no instance",
            *workload.name
        ));
    }
    if pod::starts_by_clock(workload) {
        return by_clock(&workload.name);
    }
    let single = instances.single(workload);
    if single.is_some() && pod::is_exporter_by_name(workload, scope) {
        return Outcome::unknown(format!(
            "whether anything misses the only instance of `{}`: it is an exporter by its name, and \
             a second one would tell the same again",
            *workload.name
        ));
    }
    if single.is_some() && pod::is_clock_by_name(workload, scope) {
        return by_clock(&workload.name);
    }
    if single.is_some() && pod::is_migration_by_name(workload) {
        return Outcome::unknown(format!(
            "whether anything misses the only instance of `{}`: it migrates by its name, opens no port, \
             and a second one would migrate beside it",
            *workload.name
        ));
    }
    if let Some(single) = single {
        return Outcome::missing(single, &[Subject::Workloads], scope);
    }
    let budgets = pod::budgets(workload, scope);
    let wrong = budgets.iter().filter_map(|budget| budget_faults(budget, &instances, workload));
    let wrong: Vec<Finding> = wrong.collect();
    let missing = [
        budgets.is_empty().then(|| no_budget(workload)),
        workload.spread.is_none().then(|| no_spread(workload)),
    ];
    let missing = missing.into_iter().flatten();
    let missing = missing.map(|finding| Outcome::missing(finding, &[Subject::Workloads], scope));
    let wrong = (!wrong.is_empty()).then_some(Outcome::Unmet(wrong));
    Outcome::all(wrong.into_iter().chain(missing)).unwrap_or_else(|| {
        let spread = workload.spread.iter();
        let spread = spread.map(|place| Sighting::at(place, "its instances are kept apart"));
        let budgets = budgets.iter().map(|budget| {
            Sighting::at(&budget.name.place, format!("budget `{}` protects it", *budget.name))
        });
        Outcome::Met(
            std::iter::once(instances.seen(workload)).chain(budgets).chain(spread).collect(),
        )
    })
}

fn no_budget(workload: &Workload) -> Finding {
    let name = &workload.name;
    let app = workload.labels.first().map_or_else(
        || format!("app: {}", **name),
        |(label, value)| format!("{label}: {}", **value),
    );
    let message = format!(
        "no disruption budget protects `{}`: draining nodes may stop all its instances",
        **name
    );
    Finding::at(&name.place, message).help(format!(
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {{name: {}}}\nspec:\n  \
         maxUnavailable: 1\n  selector: {{matchLabels: {{{app}}}}}",
        **name
    ))
}

fn no_spread(workload: &Workload) -> Finding {
    let name = &workload.name;
    let app = workload.labels.first().map_or_else(
        || format!("app: {}", **name),
        |(label, value)| format!("{label}: {}", **value),
    );
    let message = format!("nothing keeps the instances of `{}` on different nodes", **name);
    Finding::at(&workload.specification.start(), message).help(format!(
        "add to the pod's `spec`:\n\ntopologySpreadConstraints:\n  - maxSkew: 1\n    \
         topologyKey: topology.kubernetes.io/zone\n    whenUnsatisfiable: ScheduleAnyway\n    \
         labelSelector: {{matchLabels: {{{app}}}}}\n  - maxSkew: 1\n    \
         topologyKey: kubernetes.io/hostname\n    whenUnsatisfiable: ScheduleAnyway\n    \
         labelSelector: {{matchLabels: {{{app}}}}}"
    ))
}

fn by_clock(name: &str) -> Outcome {
    Outcome::unknown(format!(
        "whether jobs go on when `{name}` dies: it starts them by the clock, and runs once by design"
    ))
}

/// Whether what Compose starts is called a migration and not started again once it is done.
fn migrates(workload: &Workload) -> bool {
    let lasts = workload.restart.as_ref().is_none_or(|restart| {
        !["false", "no", "none", "on-failure"].iter().any(|ends| restart.starts_with(ends))
    });
    !lasts && pod::is_called_migration(workload)
}

/// What a Compose file for other machines starts of the same name by the same command: of two files,
/// neither of which is the plain one that others are laid over, each is for machines of its own.
fn on_other_hosts<'s>(workload: &Workload, scope: &'s Scope<'_>) -> Option<&'s Workload> {
    let is_own_file = |workload: &Workload| {
        let name = workload.name.place.file_name();
        let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        !["compose", "docker-compose", "docker_compose", "docker-stack"].contains(&stem)
    };
    let command = |workload: &Workload| workload.containers.first()?.command.clone();
    let own = command(workload)?;
    let is_its = |other: &&Workload| {
        other.name.value == workload.name.value
            && other.name.place.path != workload.name.place.path
            && is_own_file(other)
            && command(other).is_some_and(|other| other.value == own.value)
    };
    scope.workloads.iter().copied().filter(|_| is_own_file(workload)).find(is_its)
}

fn in_compose(workload: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = workload.name.as_str();
    if pod::starts_by_clock(workload) {
        return by_clock(name);
    }
    if migrates(workload) {
        return Outcome::not_applicable(format!("`{name}` migrates and ends"));
    }
    if let Some(other) = on_other_hosts(workload, scope) {
        return Outcome::unknown(format!(
            "on how many hosts `{name}` runs: {} starts it as well",
            other.name.place.path
        ));
    }
    match &workload.replicas {
        Some(replicas) if replicas.value < 2 => {
            let message = format!("`{name}` runs as a single instance");
            Finding::at(&replicas.place, message).help("replicas: 2").into()
        }
        Some(replicas) => Outcome::unknown(format!(
            "whether the {} instances of `{name}` run on different hosts",
            replicas.value
        )),
        None => {
            Outcome::unknown(format!("how many instances of `{name}` run, and on how many hosts"))
        }
    }
}

/// A datastore is only asked for a second instance: how it is protected differs with its kind.
fn of_datastore(store: &Workload, scope: &Scope<'_>) -> Outcome {
    let name = store.name.as_str();
    if store.platform != Platform::Kubernetes || !store.is_long_running() {
        return Outcome::unknown(format!("whether the datastore `{name}` has a second instance"));
    }
    let instances = Instances::of(store, scope);
    let Some(mut single) = instances.single(store) else {
        return Outcome::Met(vec![instances.seen(store)]);
    };
    single.message = format!("the datastore {}", single.message);
    single.help = Some(
        "add a replica that takes over, by the means of the datastore or its operator, or use a \
         managed one"
            .to_owned(),
    );
    Outcome::missing(single, &[Subject::Workloads], scope)
}
