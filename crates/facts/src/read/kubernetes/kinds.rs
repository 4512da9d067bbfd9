//! The kinds of manifests that bring facts, and who reads them.

use crate::Facts;
use crate::tree::Node;

use super::manifest::{Header, Manifest, gap, is_placeholder, name_of};
use super::{
    build_config, delivery, elsewhere, nais, network, openshift, permission, release, route,
    scaling, secret, split,
};
use super::{image_stream, store, traffic, workload};

/// Lists that may stand inside one another.
const MAX_LISTS: usize = 4;

/// A kind of manifest.
struct Kind {
    name: &'static str,
    /// API groups that it is known in; the core group is empty.
    groups: &'static [&'static str],
    /// Whether the object stands for itself, and is no patch of another.
    is_whole: fn(&Manifest<'_>) -> bool,
    read: fn(&Manifest<'_>, &mut Facts),
}

const fn kind(
    name: &'static str,
    groups: &'static [&'static str],
    is_whole: fn(&Manifest<'_>) -> bool,
    read: fn(&Manifest<'_>, &mut Facts),
) -> Kind {
    Kind { name, groups, is_whole, read }
}

const APPS: &[&str] = &["apps", "extensions", "apps.kruise.io"];
const NETWORKING: &[&str] = &["networking.k8s.io", "extensions"];
const GATEWAY: &[&str] = &["gateway.networking.k8s.io"];
const ISTIO: &[&str] = &["networking.istio.io"];
const TRAEFIK: &[&str] = &["traefik.io", "traefik.containo.us"];
const RBAC: &[&str] = &["rbac.authorization.k8s.io", "authorization.openshift.io"];
const CILIUM: &[&str] = &["cilium.io"];
const CALICO: &[&str] = &["projectcalico.org", "crd.projectcalico.org"];
const HASHICORP: &[&str] = &["secrets.hashicorp.com"];

static KINDS: &[Kind] = &[
    kind("Deployment", APPS, workload::is_whole, workload::read),
    kind("StatefulSet", APPS, workload::is_whole, workload::read),
    kind("DaemonSet", APPS, workload::is_whole, workload::read),
    kind("ReplicaSet", APPS, workload::is_whole, workload::read),
    kind("CloneSet", APPS, workload::is_whole, workload::read),
    kind("ReplicationController", &[""], workload::is_whole, workload::read),
    kind("Pod", &[""], workload::is_whole, workload::read),
    kind("Job", &["batch", "extensions"], workload::is_whole, workload::read),
    kind("CronJob", &["batch"], workload::is_whole, workload::read),
    kind("ScaledJob", &["keda.sh"], workload::is_whole, scaling::read_scaled_job),
    kind("Rollout", &["argoproj.io"], split::is_whole_rollout, split::read_rollout),
    kind("Service", &["serving.knative.dev"], workload::is_whole, workload::read_knative),
    kind("DeploymentConfig", &["apps.openshift.io", ""], workload::is_whole, workload::read),
    kind("ImageStream", &["image.openshift.io", ""], always, image_stream::read),
    kind("BuildConfig", &["build.openshift.io", ""], always, build_config::read),
    kind("Application", &["nais.io"], nais::is_whole, nais::read),
    kind("Naisjob", &["nais.io"], nais::is_whole, nais::read),
    kind("Service", &[""], traffic::is_whole_service, traffic::read_service),
    kind("Ingress", NETWORKING, traffic::is_whole_ingress, traffic::read_ingress),
    kind("Gateway", GATEWAY, always, route::read_gateway),
    kind("HTTPRoute", GATEWAY, always, route::read_route),
    kind("GRPCRoute", GATEWAY, always, route::read_route),
    kind("TLSRoute", GATEWAY, always, route::read_route),
    kind("Gateway", ISTIO, always, route::read_istio_gateway),
    kind("VirtualService", ISTIO, always, route::read_virtual_service),
    kind("IngressRoute", TRAEFIK, always, route::read_ingress_route),
    kind("TraefikService", TRAEFIK, always, split::read_traefik_service),
    kind("Route", &["route.openshift.io", ""], traffic::is_whole_route, traffic::read_route),
    kind("TrafficSplit", &["split.smi-spec.io"], always, split::read_smi),
    kind("Canary", &["flagger.app"], always, split::read_canary),
    kind("PodDisruptionBudget", &["policy"], scaling::is_whole_budget, scaling::read_budget),
    kind(
        "HorizontalPodAutoscaler",
        &["autoscaling", "extensions"],
        scaling::is_whole,
        scaling::read,
    ),
    kind("VerticalPodAutoscaler", &["autoscaling.k8s.io"], always, scaling::read_vertical),
    kind("ScaledObject", &["keda.sh", "keda.k8s.io"], scaling::is_whole, scaling::read_keda),
    kind("NetworkPolicy", NETWORKING, network::is_whole, network::read),
    kind("CiliumNetworkPolicy", CILIUM, always, network::read_cilium),
    kind("CiliumClusterwideNetworkPolicy", CILIUM, always, network::read_cilium),
    kind("NetworkPolicy", CALICO, always, network::read_calico),
    kind("GlobalNetworkPolicy", CALICO, always, network::read_calico),
    kind("Role", RBAC, always, permission::read_role),
    kind("ClusterRole", RBAC, always, permission::read_role),
    kind("RoleBinding", RBAC, always, permission::read_binding),
    kind("ClusterRoleBinding", RBAC, always, permission::read_binding),
    kind("ConfigMap", &[""], always, secret::read_config),
    kind("Secret", &[""], always, secret::read_secret),
    kind(
        "ExternalSecret",
        &["external-secrets.io", "kubernetes-client.io"],
        always,
        secret::read_source,
    ),
    kind("ClusterExternalSecret", &["external-secrets.io"], always, secret::read_source),
    kind("SealedSecret", &["bitnami.com"], always, secret::read_source),
    kind("SecretProviderClass", &["secrets-store.csi.x-k8s.io"], always, secret::read_source),
    kind("VaultStaticSecret", HASHICORP, always, secret::read_source),
    kind("VaultDynamicSecret", HASHICORP, always, secret::read_source),
    kind("VaultPKISecret", HASHICORP, always, secret::read_source),
    kind("HCPVaultSecretsApp", HASHICORP, always, secret::read_source),
    kind("VaultSecret", &["ricoberger.de"], always, secret::read_source),
    kind("InfisicalSecret", &["secrets.infisical.com"], always, secret::read_source),
    kind("InfisicalStaticSecret", &["secrets.infisical.com"], always, secret::read_source),
    kind("OnePasswordItem", &["onepassword.com"], always, secret::read_source),
    kind("DopplerSecret", &["secrets.doppler.com"], always, secret::read_source),
    kind("BitwardenSecret", &["k8s.bitwarden.com"], always, secret::read_source),
    kind("AzureKeyVaultSecret", &["spv.no"], always, secret::read_source),
    kind("SopsSecret", &["isindir.github.com"], always, secret::read_source),
    kind("PostgresCluster", &["postgres-operator.crunchydata.com"], always, store::read_crunchy),
    kind("Cluster", &["postgresql.cnpg.io"], always, store::read_cloud_native),
    kind("ScheduledBackup", &["postgresql.cnpg.io"], always, store::read_scheduled),
    kind(openshift::TEMPLATE, &["template.openshift.io", ""], always, nothing),
    kind("HelmChartInflationGenerator", &[], always, elsewhere::read_generator),
    kind("SopsSecretGenerator", &[], always, nothing),
    kind("ksops", &[], always, nothing),
    kind(
        "HelmRelease",
        &["helm.toolkit.fluxcd.io", "helm.fluxcd.io"],
        always,
        delivery::read_release,
    ),
    kind("HelmRepository", &["source.toolkit.fluxcd.io"], always, release::read_source),
    kind("OCIRepository", &["source.toolkit.fluxcd.io"], always, release::read_source),
    kind("GitRepository", &["source.toolkit.fluxcd.io"], always, release::read_source),
    kind("Kustomization", &["kustomize.toolkit.fluxcd.io"], always, delivery::read_kustomization),
    kind("HelmChart", &["helm.cattle.io"], always, elsewhere::read_release),
    kind("ClowdApp", &["cloud.redhat.com"], always, elsewhere::read_abstract),
    kind("OpenLibertyApplication", &["apps.openliberty.io"], always, elsewhere::read_abstract),
    kind("Application", &["core.oam.dev"], always, elsewhere::read_abstract),
    kind("Application", &["argoproj.io"], always, delivery::read_application),
    kind("ApplicationSet", &["argoproj.io"], always, delivery::read_application_set),
];

fn always(_: &Manifest<'_>) -> bool {
    true
}

/// What is read before its name is asked for.
fn nothing(_: &Manifest<'_>, _: &mut Facts) {}

/// Whether some kind of this name brings facts.
pub(super) fn is_known(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name) || name.ends_with("List")
}

fn find(header: Header<'_>) -> Option<&'static Kind> {
    let is_in = |groups: &[&str]| groups.is_empty() || groups.contains(&header.group);
    KINDS.iter().find(|kind| kind.name == header.kind && is_in(kind.groups))
}

/// Reads a manifest, or each one of a list; `false`: the document is none.
pub(super) fn read(root: &Node, facts: &mut Facts) -> bool {
    let Some(header) = Header::of(root, None) else { return false };
    read_list(root, header, MAX_LISTS, facts);
    true
}

fn read_list(root: &Node, header: Header<'_>, depth: usize, facts: &mut Facts) {
    let of_items = header.kind.strip_suffix("List");
    let Some((kind, items)) = of_items.zip(root.get("items")) else {
        return read_object(root, header, facts);
    };
    let Some(depth) = depth.checked_sub(1) else {
        let reason = "holds too many lists inside one another to be read";
        return facts.gaps.push(gap(root.place.clone(), reason));
    };
    // The items of a `RoleList` are roles, those of a `List` say what they are.
    let inherited = (!kind.is_empty()).then_some(Header { kind, ..header });
    for item in items.items() {
        if let Some(header) = Header::of(item, inherited) {
            read_list(item, header, depth, facts);
        }
    }
}

fn read_object(root: &Node, header: Header<'_>, facts: &mut Facts) {
    let Some(kind) = find(header) else { return };
    if kind.name == openshift::TEMPLATE {
        // Whoever processes the file never asks for its name.
        return openshift::read_template(root, facts);
    }
    let Some(name) = name_of(root) else {
        let reason = format!("is a manifest of a {} without a name", kind.name);
        return facts.gaps.push(gap(root.place.clone(), reason));
    };
    if is_placeholder(&name.value) {
        return facts.gaps.push(gap(name.place, "is a template that was not rendered"));
    }
    let manifest = Manifest { root, header, name };
    if root.get("$patch").is_some() || !(kind.is_whole)(&manifest) {
        let reason = "is a patch that was not applied: what it changes was read as it stands";
        return facts.gaps.push(manifest.gap(manifest.name.place.clone(), reason));
    }
    let known = facts.workloads.len();
    (kind.read)(&manifest, facts);
    if let Some(copied) = manifest.copied() {
        facts.workloads.iter_mut().skip(known).for_each(|w| w.copied = Some(copied.clone()));
    }
}
