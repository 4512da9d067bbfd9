//! Security settings of a service unit.

use model::Placed;

use super::unit::Unit;
use crate::Security;

const SERVICE: &str = "Service";

/// What the unit says of users, privileges, capabilities and its view of the file system.
pub(super) fn security(unit: &Unit) -> Security {
    let (added, dropped) = capabilities(unit);
    let ambient = unit.all(SERVICE, "AmbientCapabilities").into_iter().flat_map(names);
    Security {
        privileged: None,
        run_as_non_root: switch(unit, "DynamicUser").filter(|is_dynamic| is_dynamic.value),
        run_as_user: unit.last(SERVICE, "User").cloned(),
        allow_privilege_escalation: switch(unit, "NoNewPrivileges").map(|mut is_refused| {
            is_refused.value = !is_refused.value;
            is_refused
        }),
        read_only_root: unit.last(SERVICE, "ProtectSystem").map(|level| {
            let is_read_only = matches!(level.as_str(), "strict" | "full");
            Placed::new(is_read_only, level.place.clone())
        }),
        added_capabilities: added.into_iter().chain(ambient).collect(),
        dropped_capabilities: dropped,
    }
}

/// What `CapabilityBoundingSet` leaves and what it takes: a list leaves only what it names, which
/// reads as all dropped and those added; a list behind `~` is taken; an empty one takes all.
fn capabilities(unit: &Unit) -> (Vec<Placed<String>>, Vec<Placed<String>>) {
    let (mut added, mut dropped) = (Vec::new(), Vec::new());
    for (key, value) in unit.assignments(SERVICE, "CapabilityBoundingSet") {
        if value.starts_with('~') {
            dropped.extend(names(value));
            continue;
        }
        if value.is_empty() {
            added.clear();
            dropped.clear();
        }
        if dropped.is_empty() {
            dropped.push(Placed::new("ALL".to_owned(), key.place.clone()));
        }
        added.extend(names(value));
    }
    (added, dropped)
}

fn names(value: &Placed<String>) -> impl Iterator<Item = Placed<String>> {
    let words = value.trim_start_matches('~').split_whitespace();
    words.map(|name| Placed::new(name.to_owned(), value.place.clone()))
}

fn switch(unit: &Unit, key: &'static str) -> Option<Placed<bool>> {
    let written = unit.last(SERVICE, key)?;
    let is_on = match written.to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "1" | "y" | "t" => true,
        "no" | "false" | "off" | "0" | "n" | "f" => false,
        _ => return None,
    };
    Some(Placed::new(is_on, written.place.clone()))
}
