//! Gives each service its facts.

use std::sync::{Arc, OnceLock};

use jiff::civil::Date;

use super::datastores;
use super::developing::{doubtful, for_developing};
use super::environment::{developed, stands_in_production, stands_in_rehearsal, workloads_of};
use super::files::Files;
use super::gaps::Elsewhere;
use super::languages::Languages;
use super::names::Names;
use super::namespace::Namespaces;
use super::owner::{Owner, Owners};
use super::owners::Packages;
use super::routing::Routing;
use super::runbooks::Runbooks;
use super::sitemap::Sitemap;
use crate::{Alert, Dockerfile, Facts, Gap, Pipeline, Scope, Service};

/// What each of `services` is judged by, in their order; [`crate::settle`] was called before.
pub fn scopes<'a>(facts: &'a Facts, services: &'a [Service], today: Date) -> Vec<Scope<'a>> {
    let owners = Owners::new(services);
    let Some(first) = services.first() else { return Vec::new() };
    let empty = empty(first, services, facts, today);
    let mut scopes: Vec<Scope<'a>> =
        services.iter().map(|service| Scope { service, ..empty.clone() }).collect();
    give_deployables(&mut scopes, facts, &owners);
    datastores::give(&mut scopes, facts, &owners);
    let packages = Packages::of(facts);
    let of_pipeline = |pipeline: &Pipeline| owners.of_pipeline(pipeline, &packages, services);
    deal(&mut scopes, &facts.pipelines, of_pipeline, |s| &mut s.pipelines);
    give_alerts(&mut scopes, facts, &owners);
    deal(&mut scopes, &facts.apis, |a| owners.of_api(a), |s| &mut s.apis);
    deal(&mut scopes, &facts.dashboards, |d| owners.of_dashboard(d), |s| &mut s.dashboards);
    let elsewhere = Elsewhere::new(facts, services, &owners);
    let of_gap = |gap: &Gap| elsewhere.owner(gap, &owners);
    deal(&mut scopes, &facts.gaps, of_gap, |s| &mut s.gaps);
    deal(&mut scopes, &facts.unread, of_gap, |s| &mut s.unread);
    // An answer names the first: what production is made of says most.
    for scope in &mut scopes {
        scope.gaps.sort_by_key(|gap| !stands_in_production(&gap.place.path));
    }
    let of_folder = |path: &str| owners.of_folder(path);
    deal(&mut scopes, &facts.lockfiles, |l| of_folder(&l.place.path), |s| &mut s.lockfiles);
    deal(&mut scopes, &facts.packages, |p| of_folder(&p.place.path), |s| &mut s.packages);
    deal(&mut scopes, &facts.documents, |d| owners.of_page(d), |s| &mut s.documents);
    deal(&mut scopes, &facts.objectives, |o| owners.of_objective(o), |s| &mut s.objectives);
    for scope in &mut scopes {
        let journeys = scope.declaration.iter().flat_map(|d| d.journeys.iter().flatten());
        scope.objectives.extend(journeys.flat_map(|journey| &journey.objectives));
    }
    scopes
}

fn empty<'a>(
    service: &'a Service,
    services: &'a [Service],
    facts: &'a Facts,
    today: Date,
) -> Scope<'a> {
    Scope {
        service,
        is_only_one: services.len() < 2,
        services,
        names: Arc::new(Names::of(facts, services)),
        files: Arc::new(Files::of(facts)),
        languages: Arc::new(Languages::of(facts)),
        routing: Arc::new(Routing::of(facts)),
        runbooks: Arc::new(Runbooks::of(facts)),
        sitemap: Arc::new(Sitemap::of(facts)),
        all: facts,
        today,
        declaration: None,
        entries: Vec::new(),
        workloads: Vec::new(),
        datastores: Vec::new(),
        dockerfiles: Vec::new(),
        dockerfiles_aside: Vec::new(),
        pipelines: Vec::new(),
        alerts: Vec::new(),
        own_alerts: OnceLock::new(),
        telling: OnceLock::new(),
        apis: Vec::new(),
        lockfiles: Vec::new(),
        packages: Vec::new(),
        documents: Vec::new(),
        dashboards: Vec::new(),
        objectives: Vec::new(),
        gaps: Vec::new(),
        unread: Vec::new(),
    }
}

/// Puts each of `facts` into the scopes of its owners.
fn deal<'a, T>(
    scopes: &mut [Scope<'a>],
    facts: &'a [T],
    owner: impl Fn(&T) -> Owner,
    field: impl for<'s> Fn(&'s mut Scope<'a>) -> &'s mut Vec<&'a T>,
) {
    for fact in facts {
        match owner(fact) {
            Owner::All => scopes.iter_mut().for_each(|scope| field(scope).push(fact)),
            Owner::These(services) => {
                for service in services {
                    if let Some(scope) = scopes.get_mut(service) {
                        field(scope).push(fact);
                    }
                }
            }
        }
    }
}

/// An alert that names no service watches those that may run in the namespaces that it selects.
fn give_alerts<'a>(scopes: &mut [Scope<'a>], facts: &'a Facts, owners: &Owners<'_>) {
    let is_productive = |alert: &Alert| stands_in_production(&alert.place.path);
    let is_split = facts.alerts.iter().any(is_productive);
    // Where those of production have a folder of their own, those of a stage before it watch that.
    let counts = |alert: &&Alert| !is_split || !stands_in_rehearsal(&alert.place.path);
    for alert in facts.alerts.iter().filter(counts) {
        let owner = owners.of_alert(alert);
        let selected = (owner == Owner::All).then(|| Namespaces::of(alert));
        for (at, scope) in scopes.iter_mut().enumerate() {
            let is_its_own = match &owner {
                Owner::These(services) => services.contains(&at),
                Owner::All => selected.as_ref().is_none_or(|s| s.may_hold(&scope.workloads)),
            };
            if is_its_own {
                scope.alerts.push(alert);
            }
        }
    }
}

/// What made a service of the tree belongs to that service and to no other.
fn give_deployables<'a>(scopes: &mut [Scope<'a>], facts: &'a Facts, owners: &Owners<'_>) {
    for declaration in &facts.declarations {
        let owner = owners.of_reason(&declaration.service.place);
        if let Some(scope) = owner.and_then(|owner| scopes.get_mut(owner)) {
            scope.declaration.get_or_insert(declaration);
        }
    }
    for entry in &facts.catalog {
        let owner = owners.of_reason(&entry.name.place);
        if let Some(scope) = owner.and_then(|owner| scopes.get_mut(owner)) {
            scope.entries.push(entry);
        }
    }
    let developed = developed(facts);
    let developing = for_developing(facts, &developed);
    let doubtful = doubtful(facts, &developed, owners);
    let ships = |file: &&Dockerfile| !developing.contains(&*file.place.path);
    for dockerfile in facts.dockerfiles.iter().filter(ships) {
        let owner = owners.of_reason(&dockerfile.place);
        if let Some(scope) = owner.and_then(|owner| scopes.get_mut(owner)) {
            let is_doubtful = doubtful.contains(&*dockerfile.place.path);
            let files =
                if is_doubtful { &mut scope.dockerfiles_aside } else { &mut scope.dockerfiles };
            files.push(dockerfile);
        }
    }
    for (owner, workloads) in workloads_of(facts, owners) {
        if let Some(scope) = scopes.get_mut(owner) {
            scope.workloads = workloads.productive;
        }
    }
}
