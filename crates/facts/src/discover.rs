//! Finds the services of a tree without any configuration.

use model::Kind;

use crate::{Facts, Reason, Service};

/// What [`discover`] found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Discovery {
    /// The services in the order of their names.
    pub services: Vec<Service>,
    /// What could have been one and was not taken, and why.
    pub passed_over: Vec<Reason>,
}

/// Finds the services of the tree.
pub fn discover(facts: &Facts) -> Discovery {
    let mut services: Vec<Service> = Vec::new();
    let declared = facts.declarations.iter().map(|d| (&d.service, "gonogo.yaml names"));
    let catalogued = facts.catalog.iter().map(|e| (&e.name, "the catalog names"));
    let deployed = facts.workloads.iter().map(|w| (&w.name, "a manifest starts"));
    for (name, what) in declared.chain(catalogued).chain(deployed) {
        let what = format!("{what} `{}`", name.value);
        let reason = Reason { what, place: name.place.clone() };
        if let Some(known) = services.iter_mut().find(|known| known.name == name.value) {
            known.reasons.push(reason);
            continue;
        }
        services.push(Service {
            name: name.value.clone(),
            folder: String::new(),
            kind: Kind::Web,
            is_kind_assumed: true,
            tier: None,
            reasons: vec![reason],
        });
    }
    services.sort_by(|a, b| a.name.cmp(&b.name));
    Discovery { services, passed_over: Vec::new() }
}
