//! Applications and jobs of nais, the platform of NAV: one manifest stands for several objects.

mod clusters;

use model::{Place, Placed};

use crate::tree::Node;
use crate::{
    Autoscaler, Container, DisruptionBudget, Entrance, Facts, NetworkPolicy, Platform, Port, Probe,
    ProbeAction, Resources, Security, Workload, WorkloadKind,
};

use super::manifest::Manifest;
use super::{container, field};

pub(super) use clusters::settle;

/// Least instances where the manifest is silent, as are all defaults here from liberator's
/// `application_defaults.go`.
const REPLICAS: i64 = 2;

/// Most instances where the manifest is silent.
const MOST_REPLICAS: i64 = 4;

/// What a container requests and may use where the manifest is silent.
const CPU_REQUEST: &str = "200m";
const MEMORY_REQUEST: &str = "256Mi";
const MEMORY_LIMIT: &str = "512Mi";

/// The port that nais sends traffic to where the manifest is silent.
const PORT: i64 = 8080;

/// As what the label `team`, by which nais knows whose a workload is, stands among annotations.
const TEAM: &str = "nais.io/team";

/// What nais gives keys or passwords for, in secrets that it makes itself.
const WITH_SECRETS: &[&str] = &[
    "azure",
    "gcp",
    "idporten",
    "influx",
    "kafka",
    "maskinporten",
    "openSearch",
    "postgres",
    "redis",
    "tokenx",
    "valkey",
];

/// Whether the manifest starts something.
pub(super) fn is_whole(manifest: &Manifest<'_>) -> bool {
    manifest.at(&["spec", "image"]).is_some()
}

/// Reads an Application or a Naisjob.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let is_job = manifest.header.kind == "Naisjob";
    let schedule = spec.string("schedule");
    let kind = match (is_job, &schedule) {
        (false, _) => WorkloadKind::Deployment,
        (true, None) => WorkloadKind::Job,
        (true, Some(_)) => WorkloadKind::CronJob,
    };
    let name = manifest.name.clone();
    let mut workload = Workload::new(name, Platform::Kubernetes, kind, spec.place.clone());
    workload.namespace = manifest.namespace();
    let own = ["annotations", "labels"].map(|key| manifest.at(&["metadata", key]));
    workload.annotations = own.into_iter().flat_map(field::texts).collect();
    let team = field::texts(manifest.at(&["metadata", "labels"]));
    let team = team.filter(|(label, _)| label == "team");
    workload.annotations.extend(team.map(|(_, team)| (TEAM.to_owned(), team)));
    let app = ("app".to_owned(), manifest.name.clone());
    workload.labels =
        std::iter::once(app).chain(field::texts(manifest.at(&["metadata", "labels"]))).collect();
    workload.grace_period_s = field::float(spec, "terminationGracePeriodSeconds");
    workload.strategy = field::text(spec, &["strategy", "type"]);
    workload.max_unavailable = (!is_job).then(|| max_unavailable(spec)).flatten();
    workload.schedule = schedule;
    workload.replicas = (!is_job).then(|| replicas(spec));
    workload.containers.push(main_container(manifest, spec, is_job));
    workload.spread = (!is_job).then(|| spec.place.clone());
    facts.workloads.push(workload);
    facts.cluster.disruption_budgets.extend(disruption_budget(manifest, spec, is_job));
    facts.cluster.autoscalers.extend(autoscaler(manifest, spec, is_job));
    facts.cluster.entrances.extend(entrance(manifest, spec));
    facts.cluster.network_policies.push(network_policy(manifest, spec));
}

/// nais takes no instance away before its successor is ready, unless the manifest allows it.
fn max_unavailable(spec: &Node) -> Option<Placed<String>> {
    let is_recreate =
        spec.at(&["strategy", "type"]).and_then(Node::str).is_some_and(|kind| kind == "Recreate");
    let written = field::text(spec, &["strategy", "rollingUpdate", "maxUnavailable"]);
    (!is_recreate)
        .then(|| written.unwrap_or_else(|| Placed::new("0".to_owned(), spec.place.clone())))
}

/// nais scales by CPU between the bounds, unless they are the same or it is told not to.
fn autoscaler(manifest: &Manifest<'_>, spec: &Node, is_job: bool) -> Option<Autoscaler> {
    let disabled = spec.at(&["replicas", "disableAutoScaling"]);
    let is_disabled = disabled.and_then(Node::bool).is_some_and(|is_on| is_on);
    let (min, max) = (replicas(spec), most_replicas(spec));
    let is_scaled = !is_job && !is_disabled && max.value > 0 && min.value != max.value;
    is_scaled.then(|| Autoscaler {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        target: Some(manifest.name.clone()),
        min: Some(min),
        max: Some(max),
        triggers: triggers(spec),
    })
}

fn triggers(spec: &Node) -> Vec<Placed<String>> {
    let known = ["cpu", "kafka"].into_iter();
    match spec.at(&["replicas", "scalingStrategy"]).filter(|strategy| field::is_filled(strategy)) {
        Some(strategy) => known
            .filter_map(|name| {
                Some(Placed::new(name.to_owned(), strategy.key(name)?.place.clone()))
            })
            .collect(),
        None => vec![Placed::new("cpu".to_owned(), spec.place.clone())],
    }
}

/// nais protects what always runs more than once, and keeps its instances apart.
fn disruption_budget(
    manifest: &Manifest<'_>,
    spec: &Node,
    is_job: bool,
) -> Option<DisruptionBudget> {
    let is_several = !is_job && replicas(spec).value != 1 && most_replicas(spec).value != 1;
    is_several.then(|| DisruptionBudget {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        selector: vec![("app".to_owned(), manifest.name.value.clone())],
        min_available: None,
        max_unavailable: Some(Placed::new("1".to_owned(), spec.place.clone())),
    })
}

fn replicas(spec: &Node) -> Placed<i64> {
    let written = spec.get("replicas").and_then(|replicas| field::int(replicas, "min"));
    written.unwrap_or_else(|| Placed::new(REPLICAS, spec.place.clone()))
}

fn most_replicas(spec: &Node) -> Placed<i64> {
    let written = spec.get("replicas").and_then(|replicas| field::int(replicas, "max"));
    written.unwrap_or_else(|| Placed::new(MOST_REPLICAS, spec.place.clone()))
}

fn main_container(manifest: &Manifest<'_>, spec: &Node, is_job: bool) -> Container {
    let mut container = container::read(spec);
    container.name = manifest.name.clone();
    container.liveness = probe(spec, "liveness");
    container.readiness = probe(spec, "readiness");
    container.startup = probe(spec, "startup");
    container.secrets = taken_whole(spec, "secret");
    if container.secrets.is_empty() {
        container.secrets = secrets_of_nais(spec);
    }
    container.environment_files = taken_whole(spec, "configmap");
    container.security = security(manifest, &spec.place);
    fill(&mut container.requests, &spec.place, Some(CPU_REQUEST), MEMORY_REQUEST);
    fill(&mut container.limits, &spec.place, None, MEMORY_LIMIT);
    if !is_job {
        container.ports.push(port(spec));
        container.pre_stop = Some(pre_stop(spec));
    }
    container
}

/// Secrets that the manifest does not name, and that come with what it asks for.
fn secrets_of_nais(spec: &Node) -> Vec<Placed<String>> {
    let asked = WITH_SECRETS.iter().filter_map(|name| Some((name, spec.key(name)?)));
    asked.map(|(name, key)| Placed::new(format!("{name} of nais"), key.place.clone())).collect()
}

/// Adds what nais sets where `resources` are silent.
fn fill(resources: &mut Resources, place: &Place, cpu: Option<&str>, memory: &str) {
    let default = |amount: &str| Placed::new(amount.to_owned(), place.clone());
    resources.cpu = resources.cpu.take().or_else(|| cpu.map(default));
    resources.memory = resources.memory.take().or_else(|| Some(default(memory)));
}

fn port(spec: &Node) -> Port {
    let written = field::int(spec, "port");
    Port {
        name: Some("http".to_owned()),
        number: Some(written.as_ref().map_or(PORT, |port| port.value)),
        is_published: false,
        place: written.map_or_else(|| spec.place.clone(), |port| port.place),
    }
}

/// nais waits a few seconds before the stop signal where the manifest is silent.
fn pre_stop(spec: &Node) -> Placed<String> {
    let command = spec.at(&["preStopHook", "exec"]).and_then(|e| field::joined(e, &["command"]));
    command
        .or_else(|| field::text(spec, &["preStopHook", "http", "path"]))
        .or_else(|| spec.string("preStopHookPath"))
        .unwrap_or_else(|| Placed::new("sleep 5".to_owned(), spec.place.clone()))
}

/// What nais sets for every container; an annotation may let it write to its files.
fn security(manifest: &Manifest<'_>, place: &Place) -> Security {
    let switch = |is_on| Some(Placed::new(is_on, place.clone()));
    let annotation = manifest.at(&["metadata", "annotations", "nais.io/read-only-file-system"]);
    let is_writable = annotation.is_some_and(|node| node.str() == Some("false"));
    Security {
        run_as_non_root: switch(true),
        allow_privilege_escalation: switch(false),
        read_only_root: switch(!is_writable),
        dropped_capabilities: vec![Placed::new("ALL".to_owned(), place.clone())],
        ..Security::default()
    }
}

fn probe(spec: &Node, key: &str) -> Option<Probe> {
    let place = spec.key(key)?.place.clone();
    let probe = spec.get(key).filter(|probe| field::is_filled(probe))?;
    // nais sets no probe where no path is written.
    let path = probe.string("path").filter(|path| !path.is_empty())?;
    let seconds = |key| probe.get(key).and_then(Node::float);
    Some(Probe {
        action: ProbeAction::Http { path, port: probe.string("port") },
        period_s: seconds("periodSeconds"),
        timeout_s: seconds("timeout"),
        failure_threshold: probe.get("failureThreshold").and_then(Node::int),
        initial_delay_s: seconds("initialDelay"),
        place,
    })
}

fn taken_whole(spec: &Node, key: &str) -> Vec<Placed<String>> {
    let sources = ["envFrom", "filesFrom"].into_iter();
    let items = sources.flat_map(|source| field::items(spec, &[source]));
    items.filter_map(|item| item.string(key)).collect()
}

fn entrance(manifest: &Manifest<'_>, spec: &Node) -> Option<Entrance> {
    let addresses = field::list(spec, "ingresses");
    let hosts: Vec<_> = addresses.iter().map(host).collect();
    let secure = addresses.iter().filter(|address| address.starts_with("https://")).map(host);
    let tls_hosts: Vec<_> = secure.collect();
    (!hosts.is_empty()).then(|| Entrance {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        kind: "Ingress".to_owned(),
        is_encrypted: Some(hosts.len() == tls_hosts.len()),
        hosts,
        tls_hosts,
        annotations: Vec::new(),
        backends: vec![manifest.name.clone()],
    })
}

fn host(address: &Placed<String>) -> Placed<String> {
    let rest = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or_default();
    Placed::new(host.to_owned(), address.place.clone())
}

/// nais lets in and out only what `accessPolicy` names, in clusters where it makes network policies
/// at all: where the manifest is silent, only the settings of the cluster tell.
fn network_policy(manifest: &Manifest<'_>, spec: &Node) -> NetworkPolicy {
    NetworkPolicy {
        name: manifest.name.clone(),
        namespace: manifest.namespace(),
        selector: vec![("app".to_owned(), manifest.name.value.clone())],
        restricts_ingress: true,
        restricts_egress: true,
        is_assumed: spec.get("accessPolicy").is_none_or(Node::is_null),
        open_rules: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use super::*;

    const APPLICATION: &str = "\
apiVersion: nais.io/v1alpha1
kind: Application
metadata: {name: api, namespace: shop, labels: {team: shop}}
spec:
  image: registry.example/api:1
  port: 8081
  ingresses: [https://api.example/v1]
  liveness: {path: /live, initialDelay: 20}
  replicas: {min: 3, max: 4}
  resources: {limits: {memory: 1Gi}}
  envFrom: [{secret: api-keys}, {configmap: settings}]
  accessPolicy: {outbound: {}}
";

    #[test]
    fn the_team_is_kept_and_what_nais_makes_secrets_for_is_a_secret() {
        let facts = facts_of(APPLICATION);
        let annotations = &facts.workloads[0].annotations;
        let team = annotations.iter().find(|(key, _)| key == TEAM).map(|(_, team)| team.as_str());
        assert_eq!(team, Some("shop"));
        let asked = APPLICATION.replace(
            "  envFrom: [{secret: api-keys}, {configmap: settings}]\n",
            "  kafka: {pool: x}\n",
        );
        let secrets = &facts_of(&asked).workloads[0].containers[0].secrets;
        assert_eq!((secrets[0].value.as_str(), secrets.len()), ("kafka of nais", 1));
    }

    #[test]
    fn one_manifest_stands_for_several_objects() {
        let facts = facts_of(APPLICATION);
        let workload = &facts.workloads[0];
        assert_eq!((workload.replicas.as_ref().unwrap().value, workload.containers.len()), (3, 1));
        let container = &workload.containers[0];
        assert_eq!(
            (container.ports[0].number, at(&container.ports[0].place)),
            (Some(8081), "6:9".into())
        );
        let probe = container.liveness.as_ref().unwrap();
        assert_eq!((probe.initial_delay_s, at(&probe.place)), (Some(20.0), "8:3".into()));
        assert_eq!(container.limits.memory.as_ref().unwrap().value, "1Gi");
        assert_eq!(container.secrets[0].value, "api-keys");
        let entrance = &facts.cluster.entrances[0];
        assert_eq!(
            (entrance.hosts[0].value.as_str(), entrance.is_encrypted),
            ("api.example", Some(true))
        );
        let policy = &facts.cluster.network_policies[0];
        assert!(policy.restricts_ingress && !policy.is_assumed);
    }

    #[test]
    fn what_the_platform_does_by_itself_is_known() {
        let text = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  image: x\n";
        let workload = facts_of(text).workloads.remove(0);
        let replicas = workload.replicas.unwrap();
        assert_eq!((replicas.value, at(&replicas.place)), (REPLICAS, "5:3".into()));
        let container = &workload.containers[0];
        assert!(container.security.run_as_non_root.as_ref().unwrap().value);
        assert_eq!(container.requests.cpu.as_ref().unwrap().value, CPU_REQUEST);
        assert_eq!(container.limits.memory.as_ref().unwrap().value, MEMORY_LIMIT);
        assert_eq!((&container.limits.cpu, &container.liveness), (&None, &None));
        let cluster = facts_of(text).cluster;
        let scaler = &cluster.autoscalers[0];
        let bounds = [&scaler.min, &scaler.max].map(|bound| bound.as_ref().unwrap().value);
        assert_eq!((bounds, scaler.triggers[0].as_str()), ([2, 4], "cpu"));
        assert!(cluster.network_policies[0].is_assumed);
        let job = text
            .replace("Application", "Naisjob")
            .replace("image: x", "image: x\n  schedule: '@daily'");
        let job = facts_of(&job).workloads.remove(0);
        assert_eq!((job.kind, job.replicas), (WorkloadKind::CronJob, None));
    }

    fn cluster(spec: &str) -> crate::Cluster {
        let head = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: {name: a}\nspec:\n  image: x\n";
        facts_of(&format!("{head}  {spec}\n")).cluster
    }

    #[test]
    fn one_instance_gets_no_budget_and_fixed_ones_no_scaler() {
        let told = |spec| {
            let cluster = cluster(spec);
            (cluster.disruption_budgets.len(), cluster.autoscalers.len())
        };
        assert_eq!(told("replicas: {min: 1}"), (0, 1));
        assert_eq!(told("replicas: {min: 3, max: 3}"), (1, 0));
        assert_eq!(told("replicas: {disableAutoScaling: true}"), (1, 0));
        assert_eq!(told("replicas: {min: 1, max: 1}"), (0, 0));
    }

    #[test]
    fn a_probe_without_a_path_is_none() {
        let text = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata:\n  name: a\n  annotations: {nais.io/read-only-file-system: \"false\"}\nspec:\n  image: x\n  liveness: {initialDelay: 5}\n";
        let container = facts_of(text).workloads.remove(0).containers.remove(0);
        assert_eq!(container.liveness, None);
        assert!(!container.security.read_only_root.unwrap().value);
    }
}
