//! A service of a Compose file as a workload.

use std::collections::HashSet;

use model::Placed;

use super::build::{Build, build};
use super::{develop, environment, health, host, ports, resources};
use crate::read::Source;
use crate::tree::Node;
use crate::{Container, Platform, Workload, WorkloadKind};

/// The workload that `service` describes.
pub(super) fn workload(
    source: Source<'_>,
    name: Placed<String>,
    service: &Node,
    project: Option<&Placed<String>>,
) -> Workload {
    let build = build(service, source.folder());
    let kind = match build {
        Some(Build::Here { .. }) => WorkloadKind::ComposeService,
        Some(Build::Elsewhere) | None => WorkloadKind::ComposeImage,
    };
    let deploy = |path: &[&str]| service.get("deploy")?.at(path);
    let container = container(name.clone(), service, build);
    Workload {
        namespace: project.cloned(),
        labels: environment::labels(service.get("labels")),
        annotations: [service.get("annotations"), deploy(&["labels"])]
            .into_iter()
            .flat_map(environment::labels)
            .collect(),
        replicas: deploy(&["replicas"])
            .or_else(|| service.get("scale"))
            .and_then(|node| Some(Placed::new(resources::whole(node)?, node.place.clone()))),
        strategy: deploy(&["update_config"]).and_then(|node| node.string("order")),
        grace_period_s: resources::seconds(service.get("stop_grace_period")),
        restart: service
            .string("restart")
            .or_else(|| deploy(&["restart_policy"])?.string("condition")),
        host_access: host::access(service),
        depends_on: depends_on(service),
        networks: networks(service),
        develops: develop::sign(service, &container),
        containers: vec![container],
        ..Workload::new(name, Platform::Compose, kind, service.place.clone())
    }
}

fn container(name: Placed<String>, service: &Node, build: Option<Build>) -> Container {
    let (context, dockerfile) = match build {
        Some(Build::Here { context, dockerfile }) => (context, dockerfile),
        Some(Build::Elsewhere) | None => (None, None),
    };
    Container {
        image: service.string("image"),
        build: context,
        dockerfile,
        build_target: service.get("build").and_then(|build| build.string("target")),
        ports: ports::ports(service),
        readiness: health::check(service),
        requests: resources::requests(service),
        limits: resources::limits(service),
        pre_stop: service
            .get("pre_stop")
            .and_then(|hooks| hooks.items().iter().find_map(|hook| command(hook.get("command")?))),
        stop_signal: service.string("stop_signal"),
        environment: environment::variables(service),
        secrets: environment::secrets(service),
        environment_files: environment::files(service),
        binds: develop::binds(service),
        security: resources::security(service),
        command: whole_command(service),
        ..Container::new(name)
    }
}

/// `entrypoint` and `command`, joined by a space.
fn whole_command(service: &Node) -> Option<Placed<String>> {
    let parts = ["entrypoint", "command"].map(|key| service.get(key).and_then(command));
    let [Some(entrypoint), Some(arguments)] = parts else {
        return parts.into_iter().flatten().next();
    };
    Some(Placed::new(format!("{} {}", *entrypoint, *arguments), entrypoint.place))
}

fn command(node: &Node) -> Option<Placed<String>> {
    let words: Vec<_> = node.strings().map(|word| word.value).collect();
    let text = words.join(" ").trim().to_owned();
    (!text.is_empty()).then(|| Placed::new(text, node.place.clone()))
}

/// `depends_on`, a list or a mapping, and the older `links`.
fn depends_on(service: &Node) -> Vec<Placed<String>> {
    let after = service.get("depends_on");
    let links = service.get("links");
    let mapped = after
        .iter()
        .flat_map(|node| node.entries())
        .map(|(name, key, _)| Placed::new(name.to_owned(), key.place.clone()));
    let listed = after.iter().flat_map(|node| node.strings());
    let linked = links.iter().flat_map(|node| node.strings()).map(|link| {
        let name = link.split(':').next().unwrap_or_default();
        Placed::new(name.to_owned(), link.place.clone())
    });
    let mut known = HashSet::new();
    mapped.chain(listed).chain(linked).filter(|name| known.insert(name.value.clone())).collect()
}

/// `networks`, a list or a mapping.
fn networks(service: &Node) -> Vec<String> {
    let Some(networks) = service.get("networks") else { return Vec::new() };
    let mapped = networks.entries().map(|(name, ..)| name.to_owned());
    mapped.chain(networks.strings().map(|name| name.value)).collect()
}
