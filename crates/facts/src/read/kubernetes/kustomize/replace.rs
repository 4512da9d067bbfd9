//! Puts what was built in the place of what the files say by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Place, Placed};

use crate::{Cluster, Facts, Platform, Subject};

use super::super::template;

/// Facts of one place that are compared with each other.
const MAX_COMPARED: usize = 64;

/// Takes away what the files say by themselves.
pub(super) fn files(facts: &mut Facts, files: &BTreeSet<Arc<str>>) {
    let stays = |place: &Place| !files.contains(&place.path);
    facts.workloads.retain(|w| w.platform != Platform::Kubernetes || stays(&w.name.place));
    let Cluster {
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
    } = &mut facts.cluster;
    image_copies.retain(|(name, _)| stays(&name.place));
    services.retain(|object| stays(&object.name.place));
    entrances.retain(|object| stays(&object.name.place));
    disruption_budgets.retain(|object| stays(&object.name.place));
    autoscalers.retain(|object| stays(&object.name.place));
    vertically_scaled.retain(|target| stays(&target.place));
    network_policies.retain(|object| stays(&object.name.place));
    roles.retain(|object| stays(&object.name.place));
    role_bindings.retain(|object| stays(&object.name.place));
    config_maps.retain(|object| stays(&object.name.place));
    secrets.retain(|object| stays(&object.name.place));
    secret_sources.retain(|object| stays(&object.name.place));
    store_backups.retain(|object| stays(&object.name.place));
    traffic_splits.retain(|object| stays(&object.name.place));
    deliveries.retain(|object| stays(&object.name.place));
    releases.retain(|object| stays(&object.name.place));
    chart_sources.retain(|object| stays(&object.name.place));
    // What stopped the reading of a file stops its building too.
    facts.gaps.retain(|gap| {
        let is_of_reading = gap.reason.starts_with("could not be read")
            || [template::OF_CHART, template::OF_OTHERS].contains(&gap.reason.as_str());
        gap.subject != Some(Subject::Workloads) || is_of_reading || stays(&gap.place)
    });
}

/// Puts the lists that changed back into the order of path and line. What several overlays leave
/// alike is there once.
pub(super) fn sort(facts: &mut Facts) {
    tidy(&mut facts.workloads, |object| &object.name);
    let cluster = &mut facts.cluster;
    tidy(&mut cluster.services, |object| &object.name);
    tidy(&mut cluster.entrances, |object| &object.name);
    tidy(&mut cluster.disruption_budgets, |object| &object.name);
    tidy(&mut cluster.autoscalers, |object| &object.name);
    tidy(&mut cluster.vertically_scaled, |target| target);
    tidy(&mut cluster.network_policies, |object| &object.name);
    tidy(&mut cluster.roles, |object| &object.name);
    tidy(&mut cluster.role_bindings, |object| &object.name);
    tidy(&mut cluster.config_maps, |object| &object.name);
    tidy(&mut cluster.secrets, |object| &object.name);
    tidy(&mut cluster.secret_sources, |object| &object.name);
    tidy(&mut cluster.store_backups, |object| &object.schedule);
    tidy(&mut cluster.traffic_splits, |object| &object.name);
    tidy(&mut cluster.deliveries, |object| &object.name);
    tidy(&mut cluster.releases, |object| &object.name);
    tidy(&mut cluster.chart_sources, |object| &object.name);
    facts.gaps.sort_by(|a, b| (&a.place, &a.reason).cmp(&(&b.place, &b.reason)));
    facts.gaps.dedup();
}

fn tidy<T: PartialEq>(list: &mut Vec<T>, name: impl Fn(&T) -> &Placed<String>) {
    list.sort_by(|a, b| name(a).place.cmp(&name(b).place));
    let mut kept: Vec<T> = Vec::with_capacity(list.len());
    for object in list.drain(..) {
        let beside = kept.iter().rev().take_while(|known| name(known).place == name(&object).place);
        if !beside.take(MAX_COMPARED).any(|known| *known == object) {
            kept.push(object);
        }
    }
    *list = kept;
}
