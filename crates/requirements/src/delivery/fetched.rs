//! What Argo CD or Flux fetches for the service.

use facts::{is_rehearsal, is_word_of_rehearsal};

use crate::prelude::*;

/// The objects by which the manifests of the service are fetched: those that take their folder,
/// else those that bear its name; for users, where some are, and of those the ones that are applied.
pub(super) fn deliveries<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Delivery> {
    let all = &scope.all.cluster.deliveries;
    let all: Vec<&Delivery> = all.iter().filter(|one| !one.is_elsewhere(scope.all)).collect();
    let takers = all.iter().copied().filter(|delivery| takes_folder(delivery, scope));
    // What takes a whole repository may take another one.
    let is_of_all = |delivery: &&Delivery| delivery.paths.iter().any(|path| is_whole(path));
    let (of_all, mut own): (Vec<&'a Delivery>, Vec<&'a Delivery>) = takers.partition(is_of_all);
    if own.is_empty() {
        own.extend(all.iter().copied().filter(|delivery| bears_name(delivery, scope)));
    }
    if own.is_empty() {
        own = of_all;
    }
    if own.iter().any(|delivery| is_for_users(delivery)) {
        own.retain(|delivery| is_for_users(delivery));
    }
    if own.iter().any(|delivery| delivery.unapplied.is_none()) {
        own.retain(|delivery| delivery.unapplied.is_none());
    }
    own.into_iter()
}

/// Whether neither the file of a delivery nor all that it takes is called after an environment that
/// users do not see: `dev-kustomization.yaml`, `overlays/dev`.
fn is_for_users(delivery: &Delivery) -> bool {
    let place = &delivery.name.place;
    let mut words = place.file_name().split(|c: char| !c.is_ascii_alphanumeric());
    let mut paths = delivery.paths.iter().map(|path| is_rehearsal(&format!("{}/a", **path)));
    let takes_rehearsal = !delivery.paths.is_empty() && paths.all(|is_one| is_one);
    !is_rehearsal(&place.path) && !words.any(is_word_of_rehearsal) && !takes_rehearsal
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
        // What stands in another overlay is fetched by whoever fetches that.
        let is_of_overlay = |workload: &Workload, base: &str| {
            path::is_below(&workload.name.place.path, &format!("{base}/overlays"))
        };
        let is_alone = |base: &str| {
            let mut others = scope.all.workloads.iter().filter(|other| is_below(other, base));
            others.all(|other| is_own(other) || is_of_overlay(other, base))
        };
        let is_of_base = |base: &str| !scope.workloads.iter().any(|own| is_of_overlay(own, base));
        takes(path) || base.is_some_and(|base| takes(base) && is_of_base(base) && is_alone(base))
    })
}

fn is_whole(path: &str) -> bool {
    matches!(path.trim_matches('/'), "" | ".")
}
