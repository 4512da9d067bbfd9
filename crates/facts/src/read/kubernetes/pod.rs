//! The specification of pods.

use std::collections::HashMap;

use model::Placed;

use crate::tree::Node;
use crate::{Container, Workload};

use super::{container, field, security};

/// Names of secrets that the volumes of one container may bring.
const MAX_SECRETS: usize = 64;

/// A pod, or the template of pods.
pub(super) struct Pod<'a> {
    pub(super) metadata: Option<&'a Node>,
    pub(super) spec: &'a Node,
    /// What stands behind each volume that holds secrets.
    secrets: HashMap<&'a str, Vec<Placed<String>>>,
}

impl<'a> Pod<'a> {
    /// The pod of a template, or of a Pod's manifest.
    pub(super) fn of(template: &'a Node) -> Option<Self> {
        let spec = template.get("spec")?;
        Some(Self { metadata: template.get("metadata"), spec, secrets: secrets(spec) })
    }

    /// Fills in all that the pod says of a workload.
    pub(super) fn read(&self, workload: &mut Workload) {
        let spec = self.spec;
        let labels = self.metadata.and_then(|metadata| metadata.get("labels"));
        workload.labels = field::texts(labels).collect();
        workload.grace_period_s = field::float(spec, "terminationGracePeriodSeconds");
        workload.restart = spec.string("restartPolicy");
        workload.service_account =
            spec.string("serviceAccountName").or_else(|| spec.string("serviceAccount"));
        workload.spread = spread(spec).map(|key| key.place.clone());
        workload.host_access = host_access(spec);
        let containers = field::items(spec, &["containers"]).iter();
        workload.containers = containers.map(|node| self.container(node)).collect();
        for node in field::items(spec, &["initContainers"]) {
            // Such a container is started first, but runs beside the others.
            let is_sidecar = node.get("restartPolicy").and_then(Node::str) == Some("Always");
            let list =
                if is_sidecar { &mut workload.containers } else { &mut workload.init_containers };
            list.push(self.container(node));
        }
    }

    fn container(&self, node: &Node) -> Container {
        let mut container = container::read(node);
        let mounts = field::items(node, &["volumeMounts"]).iter();
        let names = mounts.filter_map(|mount| mount.get("name")?.str());
        let secrets = names.filter_map(|name| self.secrets.get(name)).flatten();
        container.secrets.extend(secrets.take(MAX_SECRETS).cloned());
        container.security = security::read(node, self.spec);
        container
    }
}

/// The key that keeps instances apart from one another.
fn spread(spec: &Node) -> Option<&Node> {
    let holder = |node: &'_ Node, key| node.get(key).is_some_and(field::is_filled);
    if holder(spec, "topologySpreadConstraints") {
        return spec.key("topologySpreadConstraints");
    }
    let affinity = spec.get("affinity").filter(|node| holder(node, "podAntiAffinity"))?;
    affinity.key("podAntiAffinity")
}

/// What opens the host to the pod.
fn host_access(spec: &Node) -> Vec<Placed<String>> {
    let mut access = Vec::new();
    for key in ["hostNetwork", "hostPID", "hostIPC"] {
        if let Some(node) = spec.get(key).filter(|node| node.bool() == Some(true)) {
            access.push(Placed::new(key.to_owned(), node.place.clone()));
        }
    }
    for volume in field::items(spec, &["volumes"]) {
        if let Some(path) = field::text(volume, &["hostPath", "path"]) {
            access.push(Placed::new(format!("hostPath {}", path.value), path.place));
        }
    }
    access
}

/// Names of the secrets behind each volume: Secrets, and what the secrets store brings.
fn secrets(spec: &Node) -> HashMap<&str, Vec<Placed<String>>> {
    let volumes = field::items(spec, &["volumes"]).iter();
    let named = volumes.filter_map(|volume| Some((volume.get("name")?.str()?, of_volume(volume))));
    named.filter(|(_, secrets)| !secrets.is_empty()).collect()
}

fn of_volume(volume: &Node) -> Vec<Placed<String>> {
    let paths: [&[&str]; 2] =
        [&["secret", "secretName"], &["csi", "volumeAttributes", "secretProviderClass"]];
    let whole = paths.iter().filter_map(|path| field::text(volume, path));
    let projected = field::items(volume, &["projected", "sources"]).iter();
    let projected = projected.filter_map(|source| field::text(source, &["secret", "name"]));
    whole.chain(projected).take(MAX_SECRETS).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};

    const POD: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  hostNetwork: true
  hostPID: false
  securityContext: {runAsNonRoot: true, runAsUser: 1000}
  affinity:
    podAntiAffinity:
      requiredDuringSchedulingIgnoredDuringExecution: [{topologyKey: zone}]
  volumes:
    - name: socket
      hostPath:
        path: /var/run/docker.sock
    - name: keys
      secret: {secretName: api-keys}
    - name: all
      projected:
        sources: [{secret: {name: more-keys}}]
  initContainers:
    - {name: migrate, image: m}
    - {name: proxy, image: p, restartPolicy: Always}
  containers:
    - name: api
      image: x
      volumeMounts: [{name: keys}, {name: all}, {name: socket}]
      securityContext: {runAsUser: 0, privileged: true, capabilities: {add: [NET_ADMIN], drop: [ALL]}}
";

    #[test]
    fn what_opens_the_host_is_named() {
        let workload = &facts_of(POD).workloads[0];
        let access: Vec<_> =
            workload.host_access.iter().map(|a| (a.value.as_str(), at(&a.place))).collect();
        assert_eq!(
            access,
            [("hostNetwork", "5:16".into()), ("hostPath /var/run/docker.sock", "14:15".into())]
        );
    }

    #[test]
    fn the_security_of_the_pod_holds_where_the_container_is_silent() {
        let facts = facts_of(POD);
        let security = &facts.workloads[0].containers[0].security;
        let non_root = security.run_as_non_root.as_ref().unwrap();
        assert_eq!((non_root.value, at(&non_root.place)), (true, "7:35".into()));
        let user = security.run_as_user.as_ref().unwrap();
        assert_eq!((user.value.as_str(), at(&user.place)), ("0", "27:36".into()));
        assert_eq!(at(&security.privileged.as_ref().unwrap().place), "27:51");
        assert_eq!(security.added_capabilities[0].value, "NET_ADMIN");
        assert_eq!(security.dropped_capabilities[0].value, "ALL");
        assert!(security.read_only_root.is_none());
    }

    #[test]
    fn secrets_of_mounted_volumes_belong_to_the_container() {
        let facts = facts_of(POD);
        let secrets = &facts.workloads[0].containers[0].secrets;
        let names: Vec<_> = secrets.iter().map(|secret| secret.value.as_str()).collect();
        assert_eq!(names, ["api-keys", "more-keys"]);
        assert_eq!(at(&secrets[0].place), "16:28");
    }

    #[test]
    fn sidecars_run_beside_the_others_and_anti_affinity_spreads() {
        let workload = &facts_of(POD).workloads[0];
        let names = |list: &[crate::Container]| -> Vec<String> {
            list.iter().map(|container| container.name.value.clone()).collect()
        };
        assert_eq!(names(&workload.containers), ["api", "proxy"]);
        assert_eq!(names(&workload.init_containers), ["migrate"]);
        assert_eq!(at(workload.spread.as_ref().unwrap()), "9:5");
    }
}
