//! By which Dockerfile of the tree a container is built.

use facts::{Container, Dockerfile, Platform, Scope, Stage, Workload};

/// The stages that make the image of `container`, the last first; empty where that is not to be
/// told.
pub(super) fn stages<'a>(
    container: &Container,
    workload: &Workload,
    scope: &Scope<'a>,
) -> Vec<&'a Stage> {
    let Some(dockerfile) = dockerfile(container, workload, scope) else { return Vec::new() };
    match &container.build_target {
        Some(target) => dockerfile.lineage_of(target).collect(),
        None => dockerfile.lineage().collect(),
    }
}

/// The one that the Compose file names; of an image, the only one that the service has.
fn dockerfile<'a>(
    container: &Container,
    workload: &Workload,
    scope: &Scope<'a>,
) -> Option<&'a Dockerfile> {
    if let Some(path) = container.recipe() {
        return scope.all.dockerfiles.iter().find(|file| *file.place.path == *path);
    }
    let is_container = workload.platform != Platform::Systemd;
    match (scope.dockerfiles.as_slice(), scope.workloads.len(), workload.containers.len()) {
        ([only], 1, 1) if is_container => Some(only),
        _ => None,
    }
}
