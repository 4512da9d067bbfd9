//! What a service is seen to call or store in, by the files that run it.

use facts::{Scope, VariableValue, Workload};
use model::Place;

use crate::address::TELEMETRY;
use crate::prose;

/// A dependency that shows in how the service is run.
#[derive(Clone, Debug)]
pub struct Seen<'a> {
    /// Its name.
    pub name: &'a str,
    /// Kind of a datastore, by its image: `postgres`; empty for all others.
    pub kind: &'static str,
    /// What was seen of it, as the start of a clause.
    pub what: String,
    /// Where.
    pub place: &'a Place,
}

/// The datastores that run beside the service, and the workloads of the tree that it is told of.
pub fn seen<'a>(scope: &Scope<'a>) -> Vec<Seen<'a>> {
    let datastores = scope.datastores.iter().map(|datastore| {
        let images = datastore.containers.iter().filter_map(|c| c.image.as_ref());
        let image = images.map(|image| image.value.as_str()).next().unwrap_or_default();
        let name = datastore.name.value.as_str();
        let what = format!("`{name}` (image `{image}`)");
        Seen { name, kind: kind_of(image), what, place: &datastore.name.place }
    });
    let mut seen: Vec<Seen<'a>> = datastores.collect();
    for workload in &scope.workloads {
        for called in called(workload, scope) {
            if !seen.iter().any(|known| known.name == called.name) {
                seen.push(called);
            }
        }
    }
    seen
}

/// Other workloads of the tree whose addresses the environment of this one holds.
fn called<'a>(workload: &'a Workload, scope: &Scope<'a>) -> Vec<Seen<'a>> {
    let containers = workload.containers.iter();
    let variables = containers.flat_map(|container| &container.environment);
    let literals = variables.filter_map(|variable| match &variable.value {
        VariableValue::Literal(value) => Some((variable, value)),
        _ => None,
    });
    let found = literals.filter_map(|(variable, value)| {
        let host = host_of(value)?;
        let is_own = scope.workloads.iter().any(|own| own.name.value == host);
        let other = scope.all.workloads.iter().find(|other| other.name.value == host)?;
        let name = other.name.value.as_str();
        if is_own || prose::mentions(name, TELEMETRY) {
            return None;
        }
        let what = format!("`{name}` (in `{}`)", variable.name.value);
        Some(Seen { name, kind: "", what, place: &value.place })
    });
    found.collect()
}

/// The first label of the host in an address: `orders` of `http://orders.shop.svc:8080/v1`.
pub fn host_of(value: &str) -> Option<&str> {
    let rest = match value.split_once("://") {
        Some((_, rest)) => rest,
        None => {
            value.split_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map(|_| value)?
        }
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    let host = host.rsplit_once('@').map_or(host, |(_, host)| host);
    let label = host.split([':', '.']).next().unwrap_or_default();
    (!label.is_empty()).then_some(label)
}

/// The kind of datastore that an image, or a word of gonogo.yaml, stands for.
pub(crate) fn kind_of(image: &str) -> &'static str {
    let name = image.rsplit('/').next().unwrap_or_default();
    let name = name.split([':', '@']).next().unwrap_or_default();
    let kinds = [
        ("postgres", &["postgres", "postgresql", "postgis", "timescaledb"][..]),
        ("mysql", &["mysql", "mariadb", "percona"]),
        ("redis", &["redis", "valkey", "keydb"]),
        ("amqp", &["amqp", "rabbitmq"]),
        ("kafka", &["kafka", "redpanda"]),
        ("nats", &["nats"]),
        ("mongodb", &["mongo", "mongodb"]),
        ("elasticsearch", &["elasticsearch", "opensearch"]),
        ("memcached", &["memcached"]),
    ];
    let known = kinds.iter().find(|(_, words)| prose::mentions(name, words));
    known.map_or("", |(kind, _)| kind)
}

/// `orders-db` of `resource:default/orders-db`.
pub fn bare(reference: &str) -> &str {
    let name = reference.rsplit_once(':').map_or(reference, |(_, name)| name);
    name.rsplit_once('/').map_or(name, |(_, name)| name)
}
