//! Addresses of other hosts in the environment of a service.

use facts::{Container, Scope, VariableValue};
use model::{Place, Placed};

use crate::{pod, prose};

/// A variable that holds the address of another host.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Address<'a> {
    /// Name of the variable.
    pub(crate) variable: &'a str,
    /// `http` of `http://market.trading.svc:8000`; empty where the address has none.
    pub(crate) scheme: &'a str,
    /// `market.trading.svc`.
    pub(crate) host: &'a str,
    /// Where it is written.
    pub(crate) place: &'a Place,
}

/// What the environment of the service says of other hosts: those of its telemetry, its own
/// addresses and the machine that it runs on left out.
pub(crate) fn elsewhere<'a>(scope: &Scope<'a>) -> impl Iterator<Item = Address<'a>> {
    let workloads = scope.workloads.iter().copied();
    let containers = workloads.flat_map(|workload| &workload.containers);
    let literals = containers.flat_map(|container| literals(container, scope));
    literals.filter_map(|(variable, value)| {
        let (scheme, host) = host(value)?;
        let address = Address { variable, scheme, host, place: &value.place };
        (!is_its_own(&address, scope) && !is_telemetry(&address)).then_some(address)
    })
}

/// Variables of a container with the texts that they hold, those of plain `ConfigMap`s among them.
pub(crate) fn literals<'a>(
    container: &'a Container,
    scope: &Scope<'a>,
) -> Vec<(&'a str, &'a Placed<String>)> {
    let entries = |name: &str| {
        let maps = scope.all.cluster.config_maps.iter();
        let name = name.to_owned();
        maps.filter(move |map| map.name.value == name).flat_map(|map| &map.entries)
    };
    let mut literals = Vec::new();
    for variable in &container.environment {
        match &variable.value {
            VariableValue::Literal(value) => literals.push((variable.name.as_str(), value)),
            VariableValue::Config(config) => {
                let (map, key) = config.split_once('/').unwrap_or((config.as_str(), ""));
                let entry = entries(map).find(|(own, _)| own == key);
                literals.extend(entry.map(|(_, value)| (variable.name.as_str(), value)));
            }
            _ => {}
        }
    }
    for map in &container.environment_files {
        literals.extend(entries(map).map(|(key, value)| (key.as_str(), value)));
    }
    literals
}

/// The scheme and the host of an address; of several behind commas, those of the first.
fn host(value: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = value.trim().split_once("://")?;
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || "+-.:".contains(c);
    if scheme.is_empty() || !scheme.chars().all(is_scheme) {
        return None;
    }
    let rest = rest.split(['/', '?', '#', ',', ';']).next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
    // What is still to be filled in names no host, and `[::1]` is the machine itself.
    let is_host = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (!host.is_empty() && host.chars().all(is_host)).then_some((scheme, host))
}

fn is_its_own(address: &Address<'_>, scope: &Scope<'_>) -> bool {
    let host = address.host.to_ascii_lowercase();
    let label = host.split('.').next().unwrap_or_default();
    let is_here = label == "localhost" || host.starts_with("127.") || host == "0.0.0.0";
    let routes = || scope.workloads.iter().flat_map(|workload| pod::routes(workload, scope));
    let is_entrance = || {
        let own: Vec<&str> = routes().map(|service| service.name.as_str()).collect();
        let mut entrances = scope.all.cluster.entrances.iter();
        entrances.any(|entrance| {
            entrance.hosts.iter().any(|own| **own == host)
                && entrance.backends.iter().any(|backend| own.contains(&backend.as_str()))
        })
    };
    let name = address.variable.replace('_', " ");
    is_here
        || scope.service.name == label
        || scope.workloads.iter().any(|workload| workload.name.value == label)
        || routes().any(|service| service.name.value == label)
        || OWN.contains(&address.variable)
        || prose::mentions(&name, OWN_WORDS)
        || is_entrance()
}

/// Variables that tell a service under which address it is reached itself.
static OWN: &[&str] = &["APP_URL", "BASE_URL", "SERVER_URL", "URL"];

/// Words of such variables.
static OWN_WORDS: &[&str] = &[
    "callback",
    "canonical",
    "cors",
    "external url",
    "homepage",
    "origin",
    "public base url",
    "public url",
    "redirect*",
    "root url",
    "self",
    "site url",
    "website",
];

fn is_telemetry(address: &Address<'_>) -> bool {
    let name = address.variable.replace('_', " ");
    prose::mentions(address.host, TELEMETRY) || prose::mentions(&name, TELEMETRY)
}

/// What carries logs, metrics and traces: its failure is nobody's outage.
pub(crate) static TELEMETRY: &[&str] = &[
    "agent",
    "collector",
    "grafana",
    "jaeger",
    "loki",
    "otel",
    "otelcol",
    "otlp",
    "prometheus",
    "pushgateway",
    "sentry",
    "tempo",
    "zipkin",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_what_a_resolver_would_be_asked_for() {
        for (value, expected) in [
            ("http://market.trading.svc:8000/v1", Some(("http", "market.trading.svc"))),
            (
                "postgresql+asyncpg://app:p@orders-db/orders",
                Some(("postgresql+asyncpg", "orders-db")),
            ),
            ("jdbc:mysql://db:3306/a?b=c", Some(("jdbc:mysql", "db"))),
            ("amqp://one:5672,amqp://two:5672", Some(("amqp", "one"))),
            ("http://$(HOST):80", None),
            ("http://[::1]:80", None),
            ("sqlite:///var/a.db", None),
            ("see http://market", None),
            ("8080", None),
        ] {
            assert_eq!(host(value), expected, "{value}");
        }
    }
}
