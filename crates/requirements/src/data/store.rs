//! What the requirements about data say alike: of services that keep none, and of times.

use facts::{Dependency, Scope};

use crate::{Outcome, contradiction};

/// Protocols of dependencies that keep data: what has none of its own is declared as `tcp`.
const STORE_KINDS: [&str; 3] = ["mysql", "postgres", "tcp"];

/// The outcome for a service whose gonogo.yaml says `data: []`.
pub(super) fn without_data(scope: &Scope<'_>) -> Outcome {
    let is_elsewhere = |scope: &Scope<'_>| {
        let declared = scope.declaration.and_then(|declared| declared.dependencies.as_deref());
        scope.datastores.is_empty() && declared.unwrap_or_default().iter().any(is_store)
    };
    match contradiction::datastore(scope).filter(|_| !is_elsewhere(scope)) {
        Some(seen) => Outcome::Unknown(format!(
            "gonogo.yaml declares that it keeps no data, but {} ({}): declare it under `data:`, \
             or as somebody else's under `dependencies:`",
            seen.message, seen.place
        )),
        None => Outcome::not_applicable("gonogo.yaml declares that it keeps no data"),
    }
}

/// Whether it may be the store of somebody else that the service's variables lead to.
fn is_store(dependency: &Dependency) -> bool {
    dependency.kind.as_ref().is_some_and(|kind| STORE_KINDS.contains(&kind.as_str()))
}

/// A stretch of time in the largest unit that divides it: "24 h", "15 min", "400 d".
pub(super) fn in_words(seconds: f64) -> String {
    // One day is said as 24 hours, as schedules and targets are.
    let units = [(86_400.0, 86_401.0, "d"), (3_600.0, 3_600.0, "h"), (60.0, 60.0, "min")];
    let found = units
        .into_iter()
        .find(|(unit, least, _)| seconds >= *least && (seconds / unit).fract() == 0.0);
    let (unit, name) = found.map_or((1.0, "s"), |(unit, _, name)| (unit, name));
    format!("{} {name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::in_words;

    #[test]
    fn times_are_said_in_the_largest_unit_that_divides_them() {
        for (seconds, words) in [
            (86_400.0, "24 h"),
            (900.0, "15 min"),
            (172_800.0, "2 d"),
            (90.0, "90 s"),
            (0.0, "0 s"),
            (34_560_000.0, "400 d"),
        ] {
            assert_eq!(in_words(seconds), words);
        }
    }
}
