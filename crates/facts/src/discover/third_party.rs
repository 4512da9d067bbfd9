//! Images of other people's software: what they are told by.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::name::{image_name, repository};

/// What other people's software does in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ThirdParty {
    /// Keeps data or passes messages on.
    Datastore,
    /// Passes traffic on or serves files; teams build their own services upon it.
    Proxy,
    /// Watches, helps developers, or does a small job.
    Tool,
}

/// Databases, brokers, caches, stores.
const DATASTORES: &str = "activemq activemq-artemis arangodb artemis azure-sql-edge azurite cassandra \
    chroma chromadb clickhouse clickhouse-server cockroach consul couchbase couchdb crunchy crunchydb cp-kafka \
    cp-server cp-zookeeper dragonfly dynamodb-local elasticmq elasticmq-native elasticsearch \
    emqx etcd eventstore ferretdb firebird go-ipfs hazelcast influxdb kafka kafka-native keydb ksqldb-server kubo localstack \
    mariadb meilisearch memcached milvus minio mongo mongodb mongodb-community-server mosquitto \
    mssql mysql mysql-server nats nats-streaming neo4j opensearch oracle-free oracle-xe patroni percona \
    percona-server pgbouncer pgpool pgvector postgis postgres postgresql postgresql-repmgr \
    pubsub-emulator pulsar qdrant questdb rabbitmq redis redis-cluster redis-sentinel redis-stack \
    redis-stack-server redpanda rethinkdb scylla seaweedfs solr spilo surrealdb tarantool tidb timescaledb \
    timescaledb-ha typesense valkey vault weaviate yugabyte zookeeper";

/// Web servers, gateways, load balancers.
const PROXIES: &str = "apache2 caddy cloudflared envoy haproxy httpd istio-proxy kong \
    kubernetes-ingress nginx nginx-ingress nginx-ingress-controller nginx-proxy nginx-unprivileged \
    oauth2-proxy openresty proxyv2 squid static-web-server traefik varnish wonderwall";

/// Telemetry, cluster add-ons, stand-ins for development, images without a service of their own.
const TOOLS: &str = "acme-companion amazon-cloudwatch aws-alb-ingress-controller aws-cloudwatch \
    aws-ebs-csi-driver aws-efs-csi-driver aws-load-balancer-controller aws-xray-daemon cert-manager \
    cloudnative-pg cloudwatch-agent containerd csi-snapshot-controller gha-runner-scale-set \
    gha-runner-scale-set-controller kubelet kubernetes-dashboard posthog snapshot-controller xray-daemon \
    adminer agent akhq alertmanager alloy alpine argocd auto-setup aws-cli backup-container \
    docker-volume-backup mysql-backup pg-backup postgres-backup-local postgres-backup-s3 \
 blackbox-exporter bash bats browserless busybox cadvisor cassandra-exporter cert-manager-controller \
    certbot chrome cloud-sdk cluster-autoscaler collector configmap-reload control-center coredns \
    cp-enterprise-control-center cp-kafka-connect cp-kafka-rest cp-ksqldb-cli cp-schema-registry \
    curl dashboard debian descheduler dex docker dozzle elasticsearch-exporter event-exporter \
    external-dns external-secrets fake-gcs-server fake-smtp-server filebeat flagd fluent-bit fluentd flyway \
    fluentd-kubernetes-daemonset ganache git git-sync grafana grafana-agent greenmail headlamp helm \
    heapster httpbin inbucket influxdb-exporter jaeger jaeger-all-in-one jaeger-collector \
    jaeger-query jenkins jmx-exporter json-server k6 k8s-sidecar kafdrop kafka-connect kafka-exporter kafka-ui keycloak kibana \
    kiwigrid kube-prometheus-stack kube-proxy kube-rbac-proxy kube-router kube-state-metrics kubectl local-path-provisioner locust \
    logstash loki mailcatcher mailcrab maildev mailhog mailpit mc memcached-exporter \
    metabase metricbeat metrics-server mimir mock-oauth2-server mockserver mongo-express \
    mongodb-exporter mysqld-exporter netdata nfs-subdir-external-provisioner nginx-prometheus-exporter node-exporter node-problem-detector \
    oauth2-mock-server openldap openobserve opensearch-dashboards opentelemetry opentelemetry-collector \
    opentelemetry-collector-contrib origin-cli ose-cli ose-kube-rbac-proxy \
    parca pause pgadmin4 phpmyadmin portainer portainer-ce postgres-exporter postgres_exporter promtail \
    prometheus prometheus-adapter prometheus-config-reloader prometheus-operator proxysql pushgateway \
    pyroscope redis-commander redis-exporter redis_exporter redisinsight registry \
    reloader schema-registry sealed-secrets-controller selenium \
    skopeo smtp4dev snmp-exporter standalone-chrome standalone-chromium standalone-firefox \
    statsd-exporter swagger-editor swagger-ui tekton-cli telegraf tempo temporalite thanos toxiproxy \
    ngrok ubi ubi-minimal ubi8 ubi9 ubuntu unbound uptime-kuma vector velero victoria-metrics vmagent vmalert watchtower \
    whoami wiremock zipkin";

/// Registries and organisations that publish only software for everybody.
const PUBLISHERS: &[&str] = &[
    "bitnami",
    "bitnamicharts",
    "bitnamilegacy",
    "brancz",
    "calico",
    "confluentinc",
    "cypress",
    "docker.elastic.co",
    "envoyproxy",
    "falcosecurity",
    "fluxcd",
    "istio",
    "jaegertracing",
    "jetstack",
    "k8s.gcr.io",
    "knative-releases",
    "kubebuilder",
    "library",
    "linkerd-io",
    "linuxserver",
    "longhornio",
    "metallb",
    "opensearchproject",
    "openzipkin",
    "otel",
    "outofcoffee",
    "pact-foundation",
    "pactfoundation",
    "prom",
    "prometheuscommunity",
    "registry.k8s.io",
    "registry.redhat.io",
    "tekton-releases",
    "timescale",
    "wiremock",
    "zaproxy",
];

static DATASTORE_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(DATASTORES));
static PROXY_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(PROXIES));
static TOOL_NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(TOOLS));

fn words(list: &'static str) -> HashSet<&'static str> {
    list.split_whitespace().collect()
}

/// Whether a word is the name of a database, a broker, a cache or a store.
pub fn is_datastore(word: &str) -> bool {
    DATASTORE_NAMES.contains(word)
}

/// Whose software an image is, when it is known not to be the tree's own.
pub(crate) fn third_party(image: &str) -> Option<ThirdParty> {
    let name = image_name(image)?;
    let repository = repository(image);
    // `mcr.microsoft.com/mssql/server` names the product in the folder.
    if repository.contains("mssql/") {
        return Some(ThirdParty::Datastore);
    }
    let store = || is_store_name(&name).then_some(ThirdParty::Datastore);
    named(&name).or_else(|| named(without_version(&name))).or_else(store).or_else(|| {
        let is_published = repository.split('/').any(|part| PUBLISHERS.contains(&part));
        is_published.then_some(ThirdParty::Tool)
    })
}

/// `redis` of `redis-7`.
fn without_version(name: &str) -> &str {
    let plain = name.trim_end_matches(|letter: char| letter.is_ascii_digit());
    plain.strip_suffix('-').filter(|plain| !plain.is_empty()).unwrap_or(name)
}

/// What the product of this key is, when everybody knows it.
pub(crate) fn named(key: &str) -> Option<ThirdParty> {
    // Templates name images by variables such as `$VALKEY_IMAGE`, which no key is.
    let is_in = |names: &HashSet<&str>| names.contains(key);
    if is_in(&DATASTORE_NAMES) {
        Some(ThirdParty::Datastore)
    } else if is_in(&PROXY_NAMES) {
        Some(ThirdParty::Proxy)
    } else if is_in(&TOOL_NAMES) {
        Some(ThirdParty::Tool)
    } else {
        None
    }
}

/// Whether a name says which datastore it is, and nothing else but its number: `postgres`,
/// `db-postgres`, `kafka-2`.
pub(super) fn is_store_name(key: &str) -> bool {
    let is_store = |word: &str| named(word) == Some(ThirdParty::Datastore);
    let is_general = |word: &str| {
        let is_number = word.bytes().all(|letter| letter.is_ascii_digit());
        is_number || matches!(word, "cache" | "database" | "db" | "store")
    };
    let mut words = key.split('-');
    is_store(key)
        || (words.clone().any(is_store) && words.all(|word| is_store(word) || is_general(word)))
}

/// Whether all of some ports, and at least one, are those of databases, caches and brokers.
pub(super) fn is_store_port(ports: impl Iterator<Item = Option<i64>>) -> bool {
    // SQL Server, Oracle, ZooKeeper, MySQL, PostgreSQL, AMQP, Redis, Cassandra, memcached,
    // CockroachDB, MongoDB.
    const PORTS: &[i64] = &[1433, 1521, 2181, 3306, 5432, 5672, 6379, 9042, 11211, 26257, 27017];
    let mut ports = ports.peekable();
    ports.peek().is_some() && ports.all(|port| port.is_some_and(|port| PORTS.contains(&port)))
}

/// Whether an image only brings a system or a language, so that what it starts comes from elsewhere.
pub(super) fn is_base(image: &str) -> bool {
    const BASES: &str = "alpine amazoncorretto amazonlinux aspnet base-debian11 base-debian12 buildpack-deps bun \
        busybox cc-debian12 debian deno distroless dotnet eclipse-temurin elixir erlang fedora gcc go \
        golang gradle haskell java jdk jre julia liberica-openjdk-alpine maven mcr node nodejs openjdk \
        perl php python ruby runtime rust rust-musl-cross scratch sdk static static-debian12 swift \
        ubi8 ubi-minimal ubi9 ubuntu wolfi-base zulu-openjdk";
    static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| words(BASES));
    let Some(name) = image_name(image) else { return false };
    // `php:8-apache` and `php:8-fpm` start a server.
    let starts_server = name == "php" && ["apache", "fpm"].iter().any(|tag| image.contains(tag));
    let name = without_version(&name);
    !starts_server && (NAMES.contains(name) || name.starts_with("ubi"))
}

/// Whether an image of bitnami only brings what programs of a language are started by, as `php` does.
pub(super) fn brings_language(image: &str) -> bool {
    const NAMES: &[&str] =
        &["codeigniter", "express", "laravel", "php-fpm", "play", "rails", "symfony"];
    let is_of_bitnami =
        repository(image).split('/').any(|part| matches!(part, "bitnami" | "bitnamilegacy"));
    is_of_bitnami && image_name(image).is_some_and(|name| NAMES.contains(&name.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_peoples_images_are_known_by_name_or_publisher() {
        let known = |image| third_party(image);
        assert_eq!(known("postgres:16"), Some(ThirdParty::Datastore));
        assert_eq!(known("docker.io/bitnami/postgresql:11"), Some(ThirdParty::Datastore));
        assert_eq!(known("mcr.microsoft.com/mssql/server:2022"), Some(ThirdParty::Datastore));
        assert_eq!(known("nginx:1.27@sha256:00"), Some(ThirdParty::Proxy));
        assert_eq!(known("registry.k8s.io/addon-resizer:1"), Some(ThirdParty::Tool));
        assert_eq!(known("ghcr.io/acme/patroni-postgres:16"), Some(ThirdParty::Datastore));
        assert_eq!(known("ghcr.io/acme/checkout:1"), None);
        assert_eq!(known("ghcr.io/acme/postgres-checkout:1"), None);
        assert_eq!(known("ghcr.io/prom-acme/checkout:1"), None);
        assert_eq!(known("${VALKEY_IMAGE}"), None);
    }
}
