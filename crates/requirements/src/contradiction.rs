//! What the files plainly show though gonogo.yaml declares that there is none of it.

use facts::{Scope, Variable, VariableValue};
use model::Kind;

/// Names of variables that tell where data is kept.
const STORE_VARIABLES: [&str; 7] =
    ["DATABASE_URI", "DATABASE_URL", "DB_HOST", "DB_URL", "MONGODB_URI", "PGHOST", "POSTGRES_URL"];

/// Schemes of the addresses of datastores.
const STORE_SCHEMES: [&str; 7] =
    ["cockroachdb", "mariadb", "mongodb", "mysql", "postgres", "postgresql", "sqlserver"];

/// A datastore that it is seen to use, as a clause.
pub(crate) fn datastore(scope: &Scope<'_>) -> Option<String> {
    let beside =
        || scope.datastores.first().map(|store| format!("`{}` runs beside it", *store.name));
    let containers = scope.workloads.iter().flat_map(|workload| &workload.containers);
    let mut variables = containers.flat_map(|container| &container.environment);
    beside().or_else(|| {
        let told = variables.find(|variable| tells_of_store(variable))?;
        let place = &told.name.place;
        Some(format!("`{}` of `{}` tells where its data is", *told.name, place.path))
    })
}

fn tells_of_store(variable: &Variable) -> bool {
    let name = variable.name.to_ascii_uppercase();
    let is_address = |value: &str| {
        let scheme = value.split_once("://").map(|(scheme, _)| scheme);
        // Of `postgresql+asyncpg` and `jdbc:postgresql` the database's part.
        let mut parts = scheme.into_iter().flat_map(|scheme| scheme.split(['+', ':']));
        parts.any(|part| STORE_SCHEMES.contains(&part))
    };
    STORE_VARIABLES.contains(&name.as_str())
        || matches!(&variable.value, VariableValue::Literal(value) if is_address(value))
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
