//! What stands around the workloads in a cluster: traffic, scaling, permissions, secrets.

use model::{Place, Placed};

/// Objects of Kubernetes manifests that are not workloads.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cluster {
    /// Services.
    pub services: Vec<ClusterService>,
    /// Ingresses, Gateway listeners, `OpenShift` routes: where traffic enters.
    pub entrances: Vec<Entrance>,
    /// Pod disruption budgets.
    pub disruption_budgets: Vec<DisruptionBudget>,
    /// Autoscalers: HPA and KEDA.
    pub autoscalers: Vec<Autoscaler>,
    /// Names of the workloads whose requests a `VerticalPodAutoscaler` sets.
    pub vertically_scaled: Vec<Placed<String>>,
    /// Network policies, Cilium's too.
    pub network_policies: Vec<NetworkPolicy>,
    /// Roles and cluster roles.
    pub roles: Vec<Role>,
    /// Bindings of roles to subjects.
    pub role_bindings: Vec<RoleBinding>,
    /// Plain `ConfigMap`s with their entries.
    pub config_maps: Vec<ConfigEntries>,
    /// Plain `Secret` manifests with literal entries.
    pub secrets: Vec<ConfigEntries>,
    /// Objects that fetch or unseal secrets, or make them for the stores that they keep.
    pub secret_sources: Vec<SecretSource>,
    /// Schedules by which operators back up the stores that they keep.
    pub store_backups: Vec<StoreBackup>,
    /// Objects that split traffic by weight, or roll out step by step.
    pub traffic_splits: Vec<TrafficSplit>,
    /// Objects by which something in the cluster fetches what stands in a repository.
    pub deliveries: Vec<Delivery>,
    /// Charts that Flux releases into the cluster.
    pub releases: Vec<ChartRelease>,
    /// Where Flux takes charts from.
    pub chart_sources: Vec<ChartSource>,
    /// Image streams of `OpenShift` that copy an image from elsewhere: the name of each, and that image.
    pub image_copies: Vec<(Placed<String>, String)>,
}

/// A Kubernetes Service.
#[derive(Clone, Debug, PartialEq)]
pub struct ClusterService {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// Labels that its pods carry.
    pub selector: Vec<(String, String)>,
    /// `targetPort` (else `port`) of each port, number or name.
    pub target_ports: Vec<Placed<String>>,
    /// `ClusterIP`, `NodePort`, `LoadBalancer`, `ExternalName`.
    pub kind: Option<Placed<String>>,
}

/// A place where traffic enters the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Entrance {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// `Ingress`, `Gateway`, `Route`, `IngressRoute`, `VirtualService`.
    pub kind: String,
    /// Hosts that it answers for, each at its place.
    pub hosts: Vec<Placed<String>>,
    /// Hosts that its TLS section covers; an empty string where TLS has no host.
    pub tls_hosts: Vec<Placed<String>>,
    /// Whether every listener of it is encrypted; `None` where its class decides elsewhere.
    pub is_encrypted: Option<bool>,
    /// Annotations.
    pub annotations: Vec<(String, Placed<String>)>,
    /// Names of the services that it sends to.
    pub backends: Vec<Placed<String>>,
}

/// A pod disruption budget.
#[derive(Clone, Debug, PartialEq)]
pub struct DisruptionBudget {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// Labels of the pods it protects.
    pub selector: Vec<(String, String)>,
    /// `minAvailable`, number or percentage.
    pub min_available: Option<Placed<String>>,
    /// `maxUnavailable`, number or percentage.
    pub max_unavailable: Option<Placed<String>>,
}

/// A horizontal autoscaler.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoscaler {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// Name of the workload that it scales.
    pub target: Option<Placed<String>>,
    /// Least instances; 1 is the default of an HPA, 0 of KEDA.
    pub min: Option<Placed<i64>>,
    /// Most instances.
    pub max: Option<Placed<i64>>,
    /// What it scales on: `cpu`, `memory`, or the name of a metric or KEDA trigger.
    pub triggers: Vec<Placed<String>>,
}

/// A network policy.
#[derive(Clone, Debug, PartialEq)]
pub struct NetworkPolicy {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// Labels of the pods it is about; empty: all pods of the namespace.
    pub selector: Vec<(String, String)>,
    /// Whether it restricts what comes in.
    pub restricts_ingress: bool,
    /// Whether it restricts what goes out.
    pub restricts_egress: bool,
    /// Whether nothing in the tree asks for it: a platform may make it by itself, by its settings.
    pub is_assumed: bool,
    /// Rules that let in or out everything (an empty rule, `0.0.0.0/0` without ports).
    pub open_rules: Vec<Placed<String>>,
}

/// A role or cluster role.
#[derive(Clone, Debug, PartialEq)]
pub struct Role {
    /// Its name.
    pub name: Placed<String>,
    /// Whether it is a `ClusterRole`.
    pub is_cluster_wide: bool,
    /// What it permits.
    pub rules: Vec<RoleRule>,
}

/// One rule of a [`Role`].
#[derive(Clone, Debug, PartialEq)]
pub struct RoleRule {
    /// API groups.
    pub groups: Vec<Placed<String>>,
    /// Resources.
    pub resources: Vec<Placed<String>>,
    /// Verbs.
    pub verbs: Vec<Placed<String>>,
    /// Where the rule starts.
    pub place: Place,
}

/// A binding of a role to subjects.
#[derive(Clone, Debug, PartialEq)]
pub struct RoleBinding {
    /// Its name.
    pub name: Placed<String>,
    /// Whether it is a `ClusterRoleBinding`.
    pub is_cluster_wide: bool,
    /// Name of the role.
    pub role: Placed<String>,
    /// Names of service accounts, users and groups, each with its kind: `ServiceAccount/api`.
    pub subjects: Vec<Placed<String>>,
}

/// A `ConfigMap` or a plain `Secret`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConfigEntries {
    /// Its name.
    pub name: Placed<String>,
    /// Namespace, where written.
    pub namespace: Option<Placed<String>>,
    /// Keys with their literal values (base64 for `data` of a `Secret`), at the value.
    pub entries: Vec<(String, Placed<String>)>,
    /// Keys without a text, among them the files from which Kustomize generates keys that were not read.
    pub unread: Vec<Placed<String>>,
}

/// An object that fetches or unseals secrets.
#[derive(Clone, Debug, PartialEq)]
pub struct SecretSource {
    /// `ExternalSecret`, `SealedSecret`, `SecretProviderClass`, `VaultStaticSecret`, `sops` …
    pub kind: String,
    /// Name of the object.
    pub name: Placed<String>,
    /// Name of the `Secret` that it makes.
    pub target: Option<String>,
}

/// A schedule by which an operator backs up a store that it keeps.
#[derive(Clone, Debug, PartialEq)]
pub struct StoreBackup {
    /// `PostgresCluster`, `ScheduledBackup`.
    pub kind: String,
    /// Name of the object.
    pub name: Placed<String>,
    /// Name of the store.
    pub store: String,
    /// A cron expression of five fields.
    pub schedule: Placed<String>,
    /// Where it says that it does not run for now.
    pub suspended: Option<Place>,
}

/// An object that splits traffic by weight, or rolls out step by step.
#[derive(Clone, Debug, PartialEq)]
pub struct TrafficSplit {
    /// `Rollout`, `Canary`, `HTTPRoute`, `VirtualService`, `TrafficSplit`, `Ingress` (canary).
    pub kind: String,
    /// Name of the object.
    pub name: Placed<String>,
    /// Names of the workloads or services that share the traffic.
    pub targets: Vec<Placed<String>>,
    /// Whether it names steps or weights that send a part before the whole.
    pub is_gradual: bool,
}

/// An object by which Argo CD or Flux brings manifests or a chart into the cluster.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// `Application`, `ApplicationSet`, `Kustomization`, `HelmRelease`.
    pub kind: String,
    /// Name of the object.
    pub name: Placed<String>,
    /// Folders of the repositories that it takes manifests from, as written.
    pub paths: Vec<Placed<String>>,
    /// Kind and name of the object that says where Flux takes them from.
    pub source: Option<(String, String)>,
    /// Where it says, or fails to say, that a person starts each change.
    pub is_manual: Option<Place>,
    /// Why it may bring nothing, where nothing that was read applies it.
    pub unapplied: Option<&'static str>,
}

/// An image that the values of a Helm chart name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartImage {
    /// The image, with its registry and tag where they are written.
    pub image: Placed<String>,
    /// Whether it is the `image` of the chart itself, and not one of its parts'.
    pub is_main: bool,
    /// Whether it is never fetched, by `pullPolicy: Never` beside it.
    pub is_never_pulled: bool,
}

/// A chart that Flux releases into the cluster, which was not rendered.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartRelease {
    /// Name of the object.
    pub name: Placed<String>,
    /// The chart as it is written, where its source holds several.
    pub chart: Option<String>,
    /// Kind and name of the source that it takes the chart from.
    pub source: Option<(String, String)>,
    /// Images that its values name.
    pub images: Vec<String>,
}

/// A registry or repository that Flux takes charts from.
#[derive(Clone, Debug, PartialEq)]
pub struct ChartSource {
    /// `HelmRepository`, `OCIRepository`, `GitRepository`.
    pub kind: String,
    /// Name of the object.
    pub name: Placed<String>,
    /// Its address.
    pub url: String,
}

impl Cluster {
    /// Takes over all objects of `other`, which stand after those that are here.
    pub fn append(&mut self, other: Self) {
        let Self {
            services,
            entrances,
            disruption_budgets,
            autoscalers,
            vertically_scaled,
            network_policies,
            roles,
            role_bindings,
            config_maps,
            secrets,
            secret_sources,
            store_backups,
            traffic_splits,
            deliveries,
            releases,
            chart_sources,
            image_copies,
        } = other;
        self.image_copies.extend(image_copies);
        self.services.extend(services);
        self.entrances.extend(entrances);
        self.disruption_budgets.extend(disruption_budgets);
        self.autoscalers.extend(autoscalers);
        self.vertically_scaled.extend(vertically_scaled);
        self.network_policies.extend(network_policies);
        self.roles.extend(roles);
        self.role_bindings.extend(role_bindings);
        self.config_maps.extend(config_maps);
        self.secrets.extend(secrets);
        self.secret_sources.extend(secret_sources);
        self.store_backups.extend(store_backups);
        self.traffic_splits.extend(traffic_splits);
        self.deliveries.extend(deliveries);
        self.releases.extend(releases);
        self.chart_sources.extend(chart_sources);
    }
}
