//! What a Compose service opens of its host.

use model::Placed;

use crate::read::variable;
use crate::tree::Node;

/// Folders of the host that give power over it.
const FOLDERS: &[&str] = &[
    "",
    "/boot",
    "/dev",
    "/etc",
    "/proc",
    "/root",
    "/run",
    "/sys",
    "/usr",
    "/var",
    "/var/lib/containerd",
    "/var/lib/docker",
    "/var/lib/kubelet",
    "/var/run",
];

/// Sockets by which containers are made.
const SOCKETS: &[&str] = &["containerd.sock", "crio.sock", "docker.sock", "podman.sock"];

/// Namespaces shared with the host (`network_mode: host`) and mounts of its sensitive paths.
pub(super) fn access(service: &Node) -> Vec<Placed<String>> {
    let namespaces = ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"];
    let shared = namespaces.iter().filter_map(|key| {
        let node = service.get(key).filter(|node| node.str() == Some("host"))?;
        Some(Placed::new(format!("{key}: host"), node.place.clone()))
    });
    let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
    shared.chain(volumes.iter().filter_map(mounted)).collect()
}

/// The path of the host that a volume mounts, when it is a sensitive one.
fn mounted(volume: &Node) -> Option<Placed<String>> {
    let text = match volume.str() {
        Some(text) => variable::split(text, ':').first().copied()?,
        None => volume.get("source")?.str()?,
    };
    let path = variable::resolve(text)?;
    let bare = path.trim_end_matches('/');
    let name = bare.rsplit('/').next().unwrap_or_default();
    let is_absolute = path.starts_with('/');
    let is_sensitive = is_absolute && (FOLDERS.contains(&bare) || SOCKETS.contains(&name));
    is_sensitive.then(|| Placed::new(path.clone(), volume.place.clone()))
}
