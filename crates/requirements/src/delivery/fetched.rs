//! What Argo CD or Flux fetches for the service.

use facts::is_rehearsal;

use crate::prelude::*;

/// The objects by which the manifests of the service are fetched: those that take their folder,
/// else those that bear its name; for users, where some are.
pub(super) fn deliveries<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Delivery> {
    let all = &scope.all.cluster.deliveries;
    let takers = all.iter().filter(|delivery| takes_folder(delivery, scope));
    // What takes a whole repository may take another one.
    let is_of_all = |delivery: &&Delivery| delivery.paths.iter().any(|path| is_whole(path));
    let (of_all, mut own): (Vec<&'a Delivery>, Vec<&'a Delivery>) = takers.partition(is_of_all);
    if own.is_empty() {
        own.extend(all.iter().filter(|delivery| bears_name(delivery, scope)));
    }
    if own.is_empty() {
        own = of_all;
    }
    let is_for_users = |delivery: &&Delivery| !is_rehearsal(&delivery.name.place.path);
    if own.iter().any(is_for_users) {
        own.retain(is_for_users);
    }
    own.into_iter()
}

/// Whether what deploys by `how` makes machines and networks, where something else brings the
/// service to them.
pub(super) fn makes_ground(how: &str) -> bool {
    let makers = ["ansible-playbook", "pulumi up", "terraform", "terragrunt", "tofu"];
    makers.iter().any(|maker| how.contains(maker))
}

fn bears_name(delivery: &Delivery, scope: &Scope<'_>) -> bool {
    let service = &scope.service.name;
    delivery.name.value == *service || delivery.name.starts_with(&format!("{service}-"))
}

/// Whether it takes the folder of the service's manifests, or an overlay beside a base that holds
/// those of the service and of no other: of what all share each overlay takes some.
fn takes_folder(delivery: &Delivery, scope: &Scope<'_>) -> bool {
    delivery.paths.iter().any(|path| {
        let whole = is_whole(path);
        let path = path.trim_start_matches("./").trim_matches('/');
        let path = path.split("{{").next().unwrap_or_default().trim_end_matches('/');
        let is_below = |workload: &Workload, folder: &str| {
            let rest = workload.name.place.path.strip_prefix(folder);
            whole || rest.is_some_and(|rest| !folder.is_empty() && rest.starts_with('/'))
        };
        let takes = |folder: &str| scope.workloads.iter().any(|own| is_below(own, folder));
        let is_own = |workload: &Workload| {
            scope.workloads.iter().any(|own| own.name.place.path == workload.name.place.path)
        };
        let base = path.split_once("/overlays/").map(|(base, _)| base);
        let is_alone = |base: &str| {
            let mut others = scope.all.workloads.iter().filter(|other| is_below(other, base));
            others.all(is_own)
        };
        // What stands in another overlay is fetched by whoever fetches that.
        let is_of_base = |base: &str| {
            let mut own = scope.workloads.iter().map(|own| &*own.name.place.path);
            own.all(|path| !path::is_below(path, &format!("{base}/overlays")))
        };
        takes(path) || base.is_some_and(|base| takes(base) && is_of_base(base) && is_alone(base))
    })
}

fn is_whole(path: &str) -> bool {
    matches!(path.trim_matches('/'), "" | ".")
}
