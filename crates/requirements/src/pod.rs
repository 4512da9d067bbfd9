//! What stands around the pods of a workload: services that route to them, their autoscaler, their
//! disruption budgets; and which of their containers take traffic.

use facts::{
    Autoscaler, ClusterService, Container, DisruptionBudget, Port, Scope, VariableValue, Workload,
};
use model::Placed;

use crate::prose;

/// The services of the cluster that route to the pods of `workload`.
pub(crate) fn routes<'a>(workload: &Workload, scope: &Scope<'a>) -> Vec<&'a ClusterService> {
    let is_route = |service: &&ClusterService| {
        is_same_namespace(service.namespace.as_ref(), workload)
            && selects(&service.selector, workload)
    };
    scope.routing.candidates(workload).filter(is_route).collect()
}

/// The autoscaler of `workload`.
pub(crate) fn autoscaler<'a>(workload: &Workload, scope: &Scope<'a>) -> Option<&'a Autoscaler> {
    scope.all.cluster.autoscalers.iter().find(|autoscaler| {
        autoscaler.target.as_ref().is_some_and(|target| target.value == workload.name.value)
            && is_same_namespace(autoscaler.namespace.as_ref(), workload)
    })
}

/// The disruption budgets that protect the pods of `workload`.
pub(crate) fn budgets<'a>(workload: &Workload, scope: &Scope<'a>) -> Vec<&'a DisruptionBudget> {
    let budgets = scope.all.cluster.disruption_budgets.iter();
    let is_its = |budget: &&DisruptionBudget| {
        is_same_namespace(budget.namespace.as_ref(), workload)
            && selects(&budget.selector, workload)
    };
    budgets.filter(is_its).collect()
}

/// The containers that take requests: those that a service routes to; where none was found, the
/// first one that opens a port which is not for watching it.
pub(crate) fn serving<'w>(workload: &'w Workload, scope: &Scope<'_>) -> Vec<&'w Container> {
    let targets: Vec<&str> = routes(workload, scope)
        .into_iter()
        .flat_map(|service| &service.target_ports)
        .map(|port| port.value.as_str())
        .collect();
    if let [only] = workload.containers.as_slice() {
        let is_routed = targets.iter().any(|target| !is_for_watching(target_name(target, only)));
        let is_serving = if targets.is_empty() { opens_traffic(only) } else { is_routed };
        return if is_serving { vec![only] } else { Vec::new() };
    }
    let takes = |container: &&Container| {
        if is_for_watching(&container.name) || is_beside_listener(container, workload) {
            return false;
        }
        let ports =
            container.ports.iter().filter(|port| is_traffic(port) && !takes_jobs(container));
        ports.into_iter().any(|port| targets.iter().any(|target| is_port(port, target)))
    };
    let routed: Vec<&Container> = workload.containers.iter().filter(takes).collect();
    if routed.is_empty() {
        let opens = |c: &&Container| opens_traffic(c) && !is_beside_listener(c, workload);
        return workload.containers.iter().find(opens).into_iter().collect();
    }
    routed
}

/// Whether another container of the pod declares all ports of this one and is asked there for its
/// health, as this one is not: two cannot listen at one port, and this one's are copied.
fn is_beside_listener(container: &Container, workload: &Workload) -> bool {
    let is_probed = |c: &Container| c.liveness.is_some() || c.readiness.is_some();
    let number = |port: &Port| port.number;
    let mut own = container.ports.iter().filter_map(number).peekable();
    let listens = |wanted: i64| {
        let others = workload.containers.iter().filter(|other| other.name != container.name);
        let mut probed = others.filter(|other| is_probed(other));
        probed.any(|other| other.ports.iter().filter_map(number).any(|port| port == wanted))
    };
    !is_probed(container) && own.peek().is_some() && own.all(listens)
}

/// Whether a workload takes jobs by its name, and nothing from outside the cluster is sent to it:
/// the port that a service opens may be there to be watched.
pub(crate) fn is_worker_by_name(workload: &Workload, scope: &Scope<'_>) -> bool {
    let words = ["beat", "consumer", "cron", "scheduler", "worker", "workers"];
    parts(&workload.name).any(|part| words.contains(&part)) && !is_sent_to(workload, scope)
}

/// Whether a workload shows numbers of something else by its name, and nothing from outside the
/// cluster is sent to it: what scrapes it asks again, and two instances would count all twice.
pub(crate) fn is_exporter_by_name(workload: &Workload, scope: &Scope<'_>) -> bool {
    parts(&workload.name).any(|part| part.ends_with("exporter")) && !is_sent_to(workload, scope)
}

/// The words of a name.
fn parts(name: &str) -> impl Iterator<Item = &str> {
    name.split(['-', '_', '.'])
}

/// Whether what comes from outside the cluster is sent to a workload.
fn is_sent_to(workload: &Workload, scope: &Scope<'_>) -> bool {
    let routes = routes(workload, scope);
    let mut backends = scope.all.cluster.entrances.iter().flat_map(|entrance| &entrance.backends);
    backends.any(|backend| routes.iter().any(|route| route.name.value == backend.value))
}

/// Whether a part of a name is what Celery calls its clock: `start-celerybeat`.
fn is_beat(part: &str) -> bool {
    matches!(part, "beat" | "celerybeat")
}

/// Whether a container names a file of `SQLite` that stands on a volume: a second instance would write into
/// it as well, or could not mount it.
pub(crate) fn file_database(workload: &Workload) -> Option<&Placed<String>> {
    let is_file = |path: &str| {
        let name = path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').is_some_and(|(_, end)| matches!(end, "db" | "sqlite" | "sqlite3"))
    };
    workload.containers.iter().find_map(|container| {
        let literals = container.environment.iter().filter_map(|variable| match &variable.value {
            VariableValue::Literal(value) => Some(value),
            _ => None,
        });
        let is_kept = |value: &str| {
            let path = value.split_once("://").filter(|(scheme, _)| scheme.starts_with("sqlite"));
            let path = path.map_or(value, |(_, path)| path);
            let path = format!("/{}", path.trim_start_matches('/'));
            is_file(&path)
                && container.mounts.iter().any(|mount| {
                    path.strip_prefix(mount.trim_end_matches('/'))
                        .is_some_and(|rest| rest.starts_with('/'))
                })
        };
        literals.into_iter().find(|value| is_kept(value))
    })
}

/// Whether a workload starts jobs by the clock: with a second one, each would run twice.
pub(crate) fn starts_by_clock(workload: &Workload) -> bool {
    let is_told = |container: &Container| {
        container.command.as_ref().is_some_and(|command| {
            let mut words = command.split_whitespace();
            let is_beat =
                |word: &str| word.rsplit('/').next().is_some_and(|name| parts(name).any(is_beat));
            command.contains("schedule:work") || words.any(is_beat)
        })
    };
    parts(&workload.name).any(is_beat)
        || matches!(&workload.containers[..], [only] if is_told(only))
}

/// Whether a workload starts jobs by the clock by its name, nothing from outside the cluster is sent
/// to it, and one of it ends before the next begins (`Recreate`): a second one may do all twice.
pub(crate) fn is_clock_by_name(workload: &Workload, scope: &Scope<'_>) -> bool {
    parts(&workload.name).any(|part| matches!(part, "cron" | "scheduler"))
        && workload.strategy.as_ref().is_some_and(|strategy| strategy.value == "Recreate")
        && !is_sent_to(workload, scope)
}

/// Whether a workload is called after migrations.
pub(crate) fn is_called_migration(workload: &Workload) -> bool {
    let words = ["migrate", "migration", "migrations", "migrator"];
    parts(&workload.name).any(|part| words.contains(&part))
}

/// Whether a workload migrates by its name and serves nothing by what is written of it: it opens no
/// port, and nobody asks for its health.
pub(crate) fn is_migration_by_name(workload: &Workload) -> bool {
    let is_asked = |c: &Container| c.liveness.is_some() || c.readiness.is_some();
    is_called_migration(workload)
        && workload.containers.iter().all(|c| c.ports.is_empty() && !is_asked(c))
}

/// Whether `port` is the one that a service or probe calls `target`, by number or name.
pub(crate) fn is_port(port: &Port, target: &str) -> bool {
    port.name.as_deref() == Some(target)
        || port.number.is_some_and(|number| target.parse() == Ok(number))
}

/// The name of the port that `target` means, where the container gives it one.
fn target_name<'t>(target: &'t str, container: &'t Container) -> &'t str {
    let port = container.ports.iter().find(|port| is_port(port, target));
    port.and_then(|port| port.name.as_deref()).unwrap_or(target)
}

fn opens_traffic(container: &Container) -> bool {
    container.ports.iter().any(is_traffic) && !takes_jobs(container)
}

/// Whether the command starts what takes jobs from a queue or puts them there by the clock, whatever
/// ports are written beside it: they are often copied from the container that serves.
fn takes_jobs(container: &Container) -> bool {
    let command = container.command.as_ref().map(|command| command.to_lowercase());
    command.is_some_and(|command| {
        let words: Vec<&str> =
            command.split(|c: char| c.is_whitespace() || "\"';&|".contains(c)).collect();
        let has = |wanted: &str| words.iter().any(|word| word.rsplit('/').next() == Some(wanted));
        (has("celery") && (has("worker") || has("beat")))
            || has("sidekiq")
            || has("queue:work")
            || has("schedule:work")
            || (has("rq") && has("worker"))
    })
}

fn is_traffic(port: &Port) -> bool {
    !port.name.as_deref().is_some_and(is_for_watching)
}

/// Whether a port of this name is there to watch the process, not to use it.
fn is_for_watching(name: &str) -> bool {
    prose::mentions(name, WATCHING)
}

static WATCHING: &[&str] = &[
    "admin*",
    "debug*",
    "health*",
    "jmx*",
    "live*",
    "management",
    "metric*",
    "monitor*",
    "pprof",
    "probe*",
    "prom*",
    "telemetry",
];

fn selects(selector: &[(String, String)], workload: &Workload) -> bool {
    selector.iter().all(|(key, wanted)| {
        let label = workload.labels.iter().find(|(name, _)| name == key);
        is_selected(wanted, label.map(|(_, label)| label.value.as_str()))
    })
}

/// Whether a label is as `wanted`: a value, or an operator with the values after it.
fn is_selected(wanted: &str, label: Option<&str>) -> bool {
    let Some((operator, values)) = wanted.split_once(' ') else { return label == Some(wanted) };
    let is_listed = label.is_some_and(|label| values.split(',').any(|value| value == label));
    match operator {
        "In" => is_listed,
        "NotIn" => !is_listed,
        "Exists" => label.is_some(),
        "DoesNotExist" => label.is_none(),
        _ => false,
    }
}

/// Kustomize and Helm fill namespaces in, so that one which is not written can be any.
fn is_same_namespace(namespace: Option<&Placed<String>>, workload: &Workload) -> bool {
    match (namespace, &workload.namespace) {
        (Some(one), Some(other)) => one.value == other.value,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_selected_by_value_and_by_operator() {
        assert!(is_selected("api", Some("api")) && !is_selected("api", None));
        assert!(is_selected("In api,web", Some("web")) && !is_selected("In api,web", Some("db")));
        assert!(is_selected("NotIn db", Some("web")) && !is_selected("NotIn db", Some("db")));
        assert!(is_selected("Exists ", Some("web")) && !is_selected("Exists ", None));
        assert!(is_selected("DoesNotExist ", None) && !is_selected("DoesNotExist ", Some("web")));
    }
}
