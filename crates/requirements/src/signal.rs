//! What alerts tell of: what users feel or what may cause it, whom they concern, whom they wake.

use std::sync::LazyLock;

use facts::{Alert, Router, Scope, is_rehearsal};
use regex::Regex;

use crate::prose;

/// What an alert tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Signal {
    /// What users feel: errors, latency, availability, the age of what waits, a burning budget.
    Symptom,
    /// CPU or memory, and nothing else.
    Resource,
    /// Anything else that may cause trouble: disks, restarts, replicas, datastores.
    Cause,
    /// What cannot be told from the names of its metrics.
    Unclear,
}

/// What `alert` tells of, judged by the metrics that it reads, those behind recordings included.
pub(crate) fn signal(alert: &Alert) -> Signal {
    let metrics = || alert.metrics.iter().filter(|metric| *metric != "ALERTS");
    if metrics().next().is_none() {
        return Signal::Unclear;
    }
    if metrics().all(|metric| metric == "up") && quoted(&alert.expression).any(is_store) {
        return Signal::Cause;
    }
    if metrics().any(|metric| is_symptom(metric)) {
        return Signal::Symptom;
    }
    let is_around = |metric: &String| has_prefix(metric, &["kube", "machine"]);
    if metrics().any(|metric| is_resource(metric))
        && metrics().all(|metric| is_resource(metric) || is_around(metric))
    {
        return Signal::Resource;
    }
    if metrics().all(|metric| is_cause(metric)) { Signal::Cause } else { Signal::Unclear }
}

/// Whether users feel what the metric measures.
fn is_symptom(metric: &str) -> bool {
    if has_prefix(metric, MACHINES) || has_prefix(metric, RUNTIMES) {
        return is_availability(metric);
    }
    // What a copy of a datastore lags behind by waits for no user.
    let is_of_copies = has_word(metric, &["replay", "replica", "replication", "slave", "standby"]);
    let waits = has_word(metric, WAITING) && !counts_others(metric) && !is_of_copies;
    waits
        || (has_word(metric, SYMPTOMS)
            && !has_prefix(metric, STORES)
            && !is_reach_of_another(metric))
}

/// Whether the metric tells if something behind the service answers: `shop_redis_up`. What users feel of
/// that, others measure.
fn is_reach_of_another(metric: &str) -> bool {
    const BEHIND: &[&str] =
        &["backplane", "broker", "cache", "database", "db", "queue", "upstream"];
    let mut words = metric.split('_').skip(1);
    metric.ends_with("_up") && words.any(|word| BEHIND.contains(&word) || STORES.contains(&word))
}

/// Whether a label's value names a datastore or what reads its metrics: `postgres-exporter`.
fn is_store(value: &str) -> bool {
    let mut words = value.split(|c: char| !c.is_ascii_alphanumeric()).peekable();
    words.peek().is_some_and(|first| STORES.contains(first))
        && words.all(|word| STORES.contains(&word) || matches!(word, "cluster" | "exporter"))
}

/// Whether the metric counts what the service keeps an eye on, told by what was seen of it: of a
/// `device_count_high_delay` only its authors know whether users feel it.
pub(crate) fn counts_others(metric: &str) -> bool {
    let mut words = metric.split('_');
    let is_count = |word: &str| matches!(word, "count" | "num" | "number");
    words.any(is_count) && words.any(|word| !matches!(word, "bucket" | "count" | "sum" | "total"))
}

/// Whether the metric counts what is there to serve users.
pub(crate) fn is_availability(metric: &str) -> bool {
    let metric = metric.to_ascii_lowercase();
    let counts = ["replicas_available", "replicas_ready", "replicas_unavailable"];
    metric.starts_with("kube_") && counts.iter().any(|end| metric.ends_with(end))
}

fn is_resource(metric: &str) -> bool {
    has_word(metric, RESOURCES) && !is_symptom(metric)
}

fn is_cause(metric: &str) -> bool {
    let is_known = has_prefix(metric, MACHINES)
        || has_prefix(metric, RUNTIMES)
        || has_prefix(metric, STORES)
        || is_reach_of_another(metric)
        || has_word(metric, CAUSES)
        || has_word(metric, RESOURCES);
    is_known && !is_symptom(metric)
}

/// Whether a word of the metric's name is one of `words`.
pub(crate) fn has_word(metric: &str, words: &[&str]) -> bool {
    metric
        .split(|c: char| !c.is_ascii_alphanumeric())
        .any(|part| words.iter().any(|word| part.eq_ignore_ascii_case(word)))
}

/// Whether the metric, or what a recording is made from by its name, is of one of these families.
fn has_prefix(metric: &str, families: &[&str]) -> bool {
    metric.split(':').any(|part| {
        let first = part.split('_').next().unwrap_or_default();
        families.iter().any(|family| first.eq_ignore_ascii_case(family))
    })
}

/// What users feel.
static SYMPTOMS: &[&str] = &[
    "5xx",
    "apdex",
    "availability",
    "budget",
    "burn",
    "burnrate",
    "dropped",
    "duration",
    "err",
    "error",
    "errors",
    "exception",
    "exceptions",
    "fail",
    "failed",
    "failure",
    "failures",
    "latencies",
    "latency",
    "probe",
    "rejected",
    "req",
    "request",
    "requests",
    "response",
    "responses",
    "sli",
    "slo",
    "success",
    "timeouts",
    "up",
];

/// What waits longer than users would like, in whatever keeps it.
static WAITING: &[&str] = &["age", "delay", "dlq", "lag", "oldest", "staleness"];

static RESOURCES: &[&str] =
    &["cpu", "heap", "load1", "load15", "load5", "mem", "memavailable", "memory", "rss", "swap"];

static CAUSES: &[&str] = &[
    "cert",
    "certificate",
    "connections",
    "disk",
    "expiration",
    "fds",
    "filesystem",
    "gc",
    "goroutines",
    "inodes",
    "pool",
    "replicas",
    "restarts",
    "threads",
    "uptime",
    "volume",
];

/// Metrics of the machines and of the cluster.
static MACHINES: &[&str] = &["container", "kube", "kubelet", "machine", "node", "windows"];

/// Metrics of a process by itself.
static RUNTIMES: &[&str] =
    &["dotnet", "go", "jvm", "nodejs", "process", "python", "ruby", "system"];

/// Metrics of datastores and brokers.
static STORES: &[&str] = &[
    "cassandra",
    "elasticsearch",
    "etcd",
    "kafka",
    "mariadb",
    "memcached",
    "mongodb",
    "mysql",
    "nats",
    "pg",
    "postgres",
    "postgresql",
    "rabbitmq",
    "redis",
    "zookeeper",
];

/// Metrics of what runs clusters and watches them, as the rules that come with them read.
static WATCHERS: &[&str] = &[
    "aggregator",
    "alertmanager",
    "apiserver",
    "argocd",
    "cluster",
    "code",
    "coredns",
    "etcd",
    "grafana",
    "kube",
    "kubelet",
    "kubeproxy",
    "loki",
    "machine",
    "namespace",
    "node",
    "prometheus",
    "scheduler",
    "thanos",
    "windows",
];

static JOB: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let watchers = "alertmanager|apiserver|cadvisor|coredns|etcd|grafana|kube-[a-z-]*|kubelet|\
                    node|node-exporter|prometheus[a-z0-9-]*|thanos[a-z-]*";
    Regex::new(&format!(r#"\bjob\s*=~?\s*"(?:{watchers})""#)).ok()
});

/// The alerts of the service: what stands in the tree for rehearsals only, and what several
/// services share without a word of them, left out.
pub(crate) fn own<'s, 'a>(scope: &'s Scope<'a>) -> &'s [&'a Alert] {
    let is_own = |alert: &&Alert| {
        !is_rehearsal(&alert.place.path)
            && (scope.is_only_one || names_service(alert, scope) || is_for_all(alert))
            && !is_of_exported(alert, &scope.service.name)
    };
    scope.own_alerts.get_or_init(|| scope.alerts.iter().copied().filter(is_own).collect())
}

/// What is said where no rule is the service's: that there is none, or that those there are name
/// no service.
pub(crate) fn without_own(scope: &Scope<'_>) -> String {
    let mut others = scope.all.alerts.iter().filter(|alert| !is_rehearsal(&alert.place.path));
    match others.next() {
        None => "no alerting rule was found in the tree".to_owned(),
        Some(first) => format!(
            "rules exist in `{}`, but none was found that names the service: give its own a label \
             `service: {}`",
            first.place.path, scope.service.name
        ),
    }
}

/// Whether the service only exports what the alert reads: `kube_pod_info{job="kube-state-metrics"}`
/// tells of a cluster, and nothing of the exporter.
fn is_of_exported(alert: &Alert, service: &str) -> bool {
    let own = prose::plain(service).replace(' ', "_");
    let exported = match own.as_str() {
        "kube_state_metrics" => Some("kube"),
        "cadvisor" => Some("container"),
        "blackbox_exporter" => Some("probe"),
        own => own.strip_suffix("_exporter"),
    };
    let Some(exported) = exported else { return false };
    let is_own = |metric: &String| metric.starts_with(own.as_str());
    let is_exported = |metric: &String| has_prefix(metric, &[exported]);
    alert.metrics.iter().any(is_exported) && !alert.metrics.iter().any(is_own)
}

/// Those of [`own`] that speak of the service, and not of the cluster that it runs in.
pub(crate) fn concerning<'a>(scope: &Scope<'a>) -> Vec<&'a Alert> {
    own(scope)
        .iter()
        .copied()
        .filter(|alert| !is_of_cluster(alert) || names_service(alert, scope))
        .collect()
}

fn is_of_cluster(alert: &Alert) -> bool {
    let is_watched = |metric: &String| has_prefix(metric, WATCHERS);
    !alert.metrics.is_empty() && alert.metrics.iter().all(is_watched)
        || JOB.as_ref().is_some_and(|job| job.is_match(&alert.expression))
}

/// Whether the alert is about each service of the tree: it reads what all of them have, and picks
/// none.
fn is_for_all(alert: &Alert) -> bool {
    let picks = PICK.as_ref().is_some_and(|pick| pick.is_match(&alert.expression));
    let is_general = |metric: &String| has_prefix(metric, GENERAL);
    !picks && !alert.metrics.is_empty() && alert.metrics.iter().all(is_general)
}

/// Whether the alert is about the pods of each service of a cluster, and picks none.
pub(crate) fn is_on_pods(alert: &Alert) -> bool {
    let picks = PICK.as_ref().is_some_and(|pick| pick.is_match(&alert.expression));
    let of_pods =
        ["kube_deployment_", "kube_horizontalpodautoscaler_", "kube_pod_", "kube_statefulset_"];
    let is_of_pods = |metric: &String| of_pods.iter().any(|start| metric.starts_with(start));
    !picks && !alert.metrics.is_empty() && alert.metrics.iter().all(is_of_pods)
}

/// Metrics that services have whatever they do.
static GENERAL: &[&str] = &[
    "app",
    "container",
    "envoy",
    "grpc",
    "http",
    "istio",
    "job",
    "nginx",
    "probe",
    "process",
    "request",
    "requests",
    "response",
    "rpc",
    "service",
    "slo",
    "traefik",
    "traces",
    "up",
];

static PICK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let labels = "app|application|component|container|deployment|instance|job|pod|service|workload";
    let own = r"(?:[a-z0-9]+_)*";
    let whose = "(?:_name|_id)?";
    Regex::new(&format!(r#"\b{own}(?:{labels}){whose}\s*=~?\s*"[^"]*[a-zA-Z]{{2}}"#)).ok()
});

/// Whether the alert names the service: in its labels, by what it selects, by metrics that begin
/// with its name, or by the file and group that it stands in.
pub(crate) fn names_service(alert: &Alert, scope: &Scope<'_>) -> bool {
    let labels = alert.labels.iter().map(|(_, value)| value.value.as_str());
    // The file of a ruler is called after what evaluates the rules, not after what they watch.
    let file = Some(alert.place.file_name()).filter(|name| !prose::mentions(name, &["ruler"]));
    let around = [alert.group.as_str(), file.unwrap_or_default()];
    let texts = labels.chain(quoted(&alert.expression)).chain(around);
    let own = prose::plain(&scope.service.name).replace(' ', "_");
    let is_own = |metric: &String| {
        let rest = metric.to_ascii_lowercase();
        let rest = rest.strip_prefix(own.as_str()).map(|rest| rest.starts_with(['_', ':']));
        rest == Some(true)
    };
    mentions_service(texts, &alert.place.path, scope) || alert.metrics.iter().any(is_own)
}

/// What stands in quotes in a query: values of labels, and not the words of metrics' names.
pub(crate) fn quoted(query: &str) -> impl Iterator<Item = &str> {
    query.split('"').skip(1).step_by(2)
}

/// Whether the service is named in `texts`, or `path` is in its folder.
pub(crate) fn mentions_service<'t>(
    texts: impl IntoIterator<Item = &'t str>,
    path: &str,
    scope: &Scope<'_>,
) -> bool {
    let service = scope.service;
    let is_own = |rest: &str| rest.starts_with('/');
    let is_inside = !service.folder.is_empty()
        && path.strip_prefix(service.folder.as_str()).is_some_and(is_own);
    let names: Vec<String> = [&service.name]
        .into_iter()
        .chain(&service.aliases)
        .map(|name| prose::plain(name))
        .filter(|name| name.len() > 2)
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    is_inside || texts.into_iter().any(|text| prose::mentions(text, &names))
}

/// Values of labels that say that somebody is woken.
static WAKING: &[&str] = &[
    "crit",
    "critical",
    "disaster",
    "emergency",
    "fatal",
    "p0",
    "p1",
    "page",
    "pager",
    "paging",
    "sev0",
    "sev1",
    "sev-1",
    "urgent",
];

static SEVERITIES: &[&str] =
    &["level", "page", "pager", "priority", "severity", "sloth_severity", "urgency"];

static PAGERS: &[&str] = &["incidentio", "opsgenie", "pagerduty", "rootly", "victorops"];

/// Whether somebody is woken when the alert fires: its labels say so, or its receiver is a pager.
pub(crate) fn pages(alert: &Alert, routers: &[Router<'_>]) -> bool {
    let is_waking = |(key, value): &(String, model::Placed<String>)| {
        let value = value.to_lowercase();
        SEVERITIES.contains(&key.to_lowercase().as_str()) && WAKING.contains(&value.as_str())
    };
    let is_pager = |integration: &model::Placed<String>| PAGERS.contains(&integration.as_str());
    alert.labels.iter().any(is_waking)
        || routers.iter().any(|router| {
            let routed = router.receivers_of(&labels(alert));
            routed.receivers.iter().any(|receiver| receiver.integrations.iter().any(is_pager))
        })
}

/// Whether the alert wakes nobody by its own word, or fires all the time to show that alerting
/// works.
pub(crate) fn is_silent(alert: &Alert, silent: &[&str]) -> bool {
    let severity = alert.labels.iter().find(|(key, _)| key == "severity");
    severity.is_some_and(|(_, value)| silent.contains(&value.to_lowercase().as_str()))
}

/// The labels that the alert has for sure, its name among them.
pub(crate) fn labels(alert: &Alert) -> Vec<(&str, &str)> {
    let own = alert.labels.iter().map(|(key, value)| (key.as_str(), value.value.as_str()));
    own.chain([("alertname", alert.name.value.as_str())]).collect()
}

/// The Alertmanager configurations of the tree, ready to route.
pub(crate) fn routers<'a>(scope: &Scope<'a>) -> Vec<Router<'a>> {
    let routed = scope.all.alertmanagers.iter().filter(|config| config.route.is_some());
    routed.map(facts::Alertmanager::router).collect()
}
