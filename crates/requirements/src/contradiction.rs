//! What the files plainly show though gonogo.yaml declares that there is none of it.

use facts::{Platform, Scope, Variable, VariableValue};
use model::{Kind, Sighting};

use crate::address::{self, Address};
use crate::calls::seen;
use crate::{claims, pod};

/// Names of variables that tell where data is kept, alone or behind a word of their own.
const STORE_VARIABLES: [&str; 15] = [
    "DATABASE_URI",
    "DATABASE_URL",
    "DATASOURCE_URL",
    "DB_HOST",
    "DB_URL",
    "MONGODB_URI",
    "MONGODB_URL",
    "MONGO_URI",
    "MONGO_URL",
    "MYSQL_HOST",
    "MYSQL_URL",
    "PGHOST",
    "POSTGRES_HOST",
    "POSTGRES_URI",
    "POSTGRES_URL",
];

/// Schemes of the addresses of datastores.
const STORE_SCHEMES: [&str; 7] =
    ["cockroachdb", "mariadb", "mongodb", "mysql", "postgres", "postgresql", "sqlserver"];

/// A datastore that it is seen to use, as a clause at its place.
pub(crate) fn datastore(scope: &Scope<'_>) -> Option<Sighting> {
    let beside = || {
        let store = scope.datastores.first()?;
        Some(Sighting::at(&store.name.place, format!("`{}` runs beside it", *store.name)))
    };
    beside().or_else(|| {
        let told = variables(scope).find(|variable| tells_of_store(variable))?;
        let message = format!("`{}` tells where its data is", *told.name);
        Some(Sighting::at(&told.name.place, message))
    })
}

/// What it is seen to call or to store in, as a clause at its place.
pub(crate) fn dependency(scope: &Scope<'_>) -> Option<Sighting> {
    let named = || {
        let seen = seen(scope).into_iter().next()?;
        Some(Sighting::at(seen.place, format!("{} was seen", seen.what)))
    };
    let stored = || {
        let told = variables(scope).find(|told| tells_of_store(told) && !is_of_file(told))?;
        let message = format!("`{}` tells where its data is", *told.name);
        Some(Sighting::at(&told.name.place, message))
    };
    named().or_else(stored).or_else(|| address::elsewhere(scope).next().map(of_address))
}

/// Why `dependencies: []` in gonogo.yaml is not to be believed, where something speaks against it.
pub(crate) fn of_no_dependency(scope: &Scope<'_>) -> Option<String> {
    let Sighting { message, place, .. } = dependency(scope)?;
    Some(format!(
        "gonogo.yaml declares that it has no dependency, but {message} ({place}): list it under \
         `dependencies:`"
    ))
}

/// That an address is one of another host.
pub(crate) fn of_address(address: Address<'_>) -> Sighting {
    let Address { variable, host, place, .. } = address;
    Sighting::at(place, format!("`{variable}` holds the address of `{host}`"))
}

fn variables<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Variable> {
    let workloads = scope.workloads.iter().copied();
    workloads.flat_map(|workload| &workload.containers).flat_map(|c| &c.environment)
}

fn tells_of_store(variable: &Variable) -> bool {
    let name = variable.name.to_ascii_uppercase();
    let is_named = |known: &str| {
        name.strip_suffix(known).is_some_and(|word| word.is_empty() || word.ends_with('_'))
    };
    let is_address = |value: &str| {
        let scheme = value.split_once("://").map(|(scheme, _)| scheme);
        // Of `postgresql+asyncpg` and `jdbc:postgresql` the database's part.
        let mut parts = scheme.into_iter().flat_map(|scheme| scheme.split(['+', ':']));
        parts.any(|part| STORE_SCHEMES.contains(&part))
    };
    match &variable.value {
        VariableValue::Literal(value) if value.trim().is_empty() => false,
        VariableValue::Literal(value) if is_address(value) => true,
        _ => STORE_VARIABLES.iter().any(|known| is_named(known)),
    }
}

/// Whether the data is in a file or in memory: nothing is called.
fn is_of_file(variable: &Variable) -> bool {
    let VariableValue::Literal(value) = &variable.value else { return false };
    ["file:", "jdbc:h2:", "jdbc:sqlite:", "sqlite"].iter().any(|start| value.starts_with(start))
}

/// What shows that somebody sends it requests, as a clause.
pub(crate) fn traffic(scope: &Scope<'_>) -> Option<String> {
    let is_served = matches!(scope.service.kind, Kind::Web | Kind::Frontend);
    let described = || {
        let api = scope.apis.first()?;
        Some(format!("`{}` describes what it answers", api.place.path))
    };
    let exposed = || is_served.then(|| format!("it is of kind {}", scope.service.kind));
    described().or_else(exposed)
}

/// What the tree deploys against the kind that gonogo.yaml gives it, by which it is asked less.
pub fn loose_kind(scope: &Scope<'_>) -> Option<String> {
    let declared = scope.declaration?.kind.as_ref()?;
    let workloads = || scope.workloads.iter().filter(|workload| workload.is_long_running());
    let seen = match declared.value {
        Kind::Library => {
            let routes = workloads().flat_map(|workload| pod::routes(workload, scope));
            let route = routes.into_iter().next().map(|route| {
                let message = format!("requests reach it through `{}`", *route.name);
                Sighting::at(&route.name.place, message)
            });
            let deployed = || {
                let mut all = workloads().filter(|w| w.platform == Platform::Kubernetes);
                let name = &all.next()?.name;
                Some(Sighting::at(&name.place, format!("`{}` runs all the time", **name)))
            };
            route.or_else(deployed)?
        }
        Kind::Worker | Kind::Batch => claims::entrances(scope).into_iter().next()?,
        Kind::Web | Kind::Frontend => return None,
    };
    Some(format!(
        "`{}` is judged as {} where gonogo.yaml says `kind: {}` ({}), though {} ({})",
        scope.service.name,
        scope.service.kind,
        declared.value,
        declared.place,
        seen.message,
        seen.place
    ))
}
