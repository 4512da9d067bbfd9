//! What Argo CD or Flux fetches for the service.

use crate::prelude::*;

/// The objects by which the manifests of the service are fetched.
pub(super) fn deliveries<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Delivery> {
    let deliveries: Vec<&'a Delivery> =
        scope.all.cluster.deliveries.iter().filter(|delivery| is_own(delivery, scope)).collect();
    deliveries.into_iter()
}

/// Whether what deploys by `how` makes machines and networks, where something else brings the
/// service to them.
pub(super) fn makes_ground(how: &str) -> bool {
    let makers = ["ansible-playbook", "pulumi up", "terraform", "terragrunt", "tofu"];
    makers.iter().any(|maker| how.contains(maker))
}

/// Whether it bears the name of the service or takes the folder of its manifests.
fn is_own(delivery: &Delivery, scope: &Scope<'_>) -> bool {
    let service = &scope.service.name;
    let bears_name =
        delivery.name.value == *service || delivery.name.starts_with(&format!("{service}-"));
    let takes_folder = delivery.paths.iter().any(|path| {
        let whole = matches!(path.trim_matches('/'), "" | ".");
        let path = path.trim_start_matches("./").trim_matches('/');
        let path = path.split("{{").next().unwrap_or_default().trim_end_matches('/');
        let is_below = |file: &str| {
            let rest = file.strip_prefix(path).filter(|_| !path.is_empty());
            whole || rest.is_some_and(|rest| rest.starts_with('/'))
        };
        scope.workloads.iter().any(|workload| is_below(&workload.name.place.path))
    });
    bears_name || takes_folder
}
