//! Puts what was built in the place of what the files say by themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use model::{Place, Placed};

use crate::{Cluster, Facts, Platform, Subject};

use super::super::template;

/// Takes away what the files say by themselves.
pub(super) fn files(facts: &mut Facts, files: &BTreeSet<Arc<str>>) {
    let stays = |place: &Place| !files.contains(&place.path);
    facts.workloads.retain(|w| w.platform != Platform::Kubernetes || stays(&w.name.place));
    let Cluster {
        services,
        entrances,
        disruption_budgets,
        autoscalers,
        network_policies,
        roles,
        role_bindings,
        config_maps,
        secrets,
        secret_sources,
        traffic_splits,
        deliveries,
    } = &mut facts.cluster;
    services.retain(|object| stays(&object.name.place));
    entrances.retain(|object| stays(&object.name.place));
    disruption_budgets.retain(|object| stays(&object.name.place));
    autoscalers.retain(|object| stays(&object.name.place));
    network_policies.retain(|object| stays(&object.name.place));
    roles.retain(|object| stays(&object.name.place));
    role_bindings.retain(|object| stays(&object.name.place));
    config_maps.retain(|object| stays(&object.name.place));
    secrets.retain(|object| stays(&object.name.place));
    secret_sources.retain(|object| stays(&object.name.place));
    traffic_splits.retain(|object| stays(&object.name.place));
    deliveries.retain(|object| stays(&object.name.place));
    // What stopped the reading of a file stops its building too.
    facts.gaps.retain(|gap| {
        let is_of_reading = gap.reason.starts_with("could not be read")
            || [template::OF_CHART, template::OF_OTHERS].contains(&gap.reason.as_str());
        gap.subject != Some(Subject::Workloads) || is_of_reading || stays(&gap.place)
    });
}

/// Puts the lists that changed back into the order of path and line.
pub(super) fn sort(facts: &mut Facts) {
    fn by_place<T>(list: &mut [T], name: impl Fn(&T) -> &Placed<String>) {
        list.sort_by(|a, b| name(a).place.cmp(&name(b).place));
    }
    by_place(&mut facts.workloads, |object| &object.name);
    let cluster = &mut facts.cluster;
    by_place(&mut cluster.services, |object| &object.name);
    by_place(&mut cluster.entrances, |object| &object.name);
    by_place(&mut cluster.disruption_budgets, |object| &object.name);
    by_place(&mut cluster.autoscalers, |object| &object.name);
    by_place(&mut cluster.network_policies, |object| &object.name);
    by_place(&mut cluster.roles, |object| &object.name);
    by_place(&mut cluster.role_bindings, |object| &object.name);
    by_place(&mut cluster.config_maps, |object| &object.name);
    by_place(&mut cluster.secrets, |object| &object.name);
    by_place(&mut cluster.secret_sources, |object| &object.name);
    by_place(&mut cluster.traffic_splits, |object| &object.name);
    by_place(&mut cluster.deliveries, |object| &object.name);
    facts.gaps.sort_by(|a, b| a.place.cmp(&b.place));
}
