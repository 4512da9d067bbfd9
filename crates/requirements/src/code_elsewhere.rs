//! Whether a tree only deploys a service: what it is built from stands elsewhere, and with it what is
//! written beside code.

use facts::{Platform, Scope, path};
use model::Place;

use crate::page::SCRIPTS;

/// Whether a tree holds manifests or a chart of the service, and nothing that it is built from.
pub(crate) fn has_code_elsewhere(scope: &Scope<'_>) -> bool {
    let own = scope.service.folder.as_str();
    // The pages of a tree, and the scripts that tend it, may have packages of their own.
    let is_around = |folder: &str| {
        let is_script = folder.split('/').any(|part| SCRIPTS.contains(&part));
        folder.is_empty() || (path::is_below(folder, own) && !is_script)
    };
    scope.all.dockerfiles.is_empty()
        && !scope.packages.iter().any(|package| is_around(package.place.folder()))
        && is_deployed(scope)
}

/// Whether all that speaks of it is for a cluster.
fn is_deployed(scope: &Scope<'_>) -> bool {
    if !scope.workloads.is_empty() {
        return scope.workloads.iter().all(|workload| workload.platform == Platform::Kubernetes);
    }
    let reasons = &scope.service.reasons;
    let is_chart = |place: &Place| scope.all.charts.iter().any(|chart| chart.place == *place);
    !reasons.is_empty() && reasons.iter().all(|reason| is_chart(&reason.place))
}
