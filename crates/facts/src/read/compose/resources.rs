//! Amounts, limits and security settings of a Compose service.

use model::Placed;

use crate::read::duration;
use crate::read::variable;
use crate::tree::Node;
use crate::{Resources, Security};

/// `deploy.resources.limits`, else the older `cpus` and `mem_limit`.
pub(super) fn limits(service: &Node) -> Resources {
    amounts(service, "limits", "cpus", "mem_limit")
}

/// `deploy.resources.reservations`, else the older `mem_reservation`.
pub(super) fn requests(service: &Node) -> Resources {
    amounts(service, "reservations", "", "mem_reservation")
}

fn amounts(service: &Node, section: &str, old_cpu: &str, old_memory: &str) -> Resources {
    let section = service.at(&["deploy", "resources", section]);
    let of = |key: &str, old: &str| {
        section.and_then(|node| node.string(key)).or_else(|| service.string(old))
    };
    let key = service.key(old_memory).or_else(|| service.key(old_cpu));
    Resources {
        cpu: of("cpus", old_cpu),
        memory: of("memory", old_memory),
        place: section.or(key).map(|node| node.place.clone()),
    }
}

/// Security settings.
pub(super) fn security(service: &Node) -> Security {
    let strings = |key| service.get(key).map(|node| node.strings().collect()).unwrap_or_default();
    Security {
        privileged: service.get("privileged").and_then(boolean),
        run_as_non_root: None,
        run_as_user: service.string("user"),
        allow_privilege_escalation: service.get("security_opt").and_then(escalation),
        read_only_root: service.get("read_only").and_then(boolean),
        added_capabilities: strings("cap_add"),
        dropped_capabilities: strings("cap_drop"),
    }
}

/// `no-new-privileges`, negated.
fn escalation(options: &Node) -> Option<Placed<bool>> {
    options.strings().find_map(|option| {
        let set = option.strip_prefix("no-new-privileges")?;
        let is_allowed = matches!(set.trim_start_matches([':', '=']), "false");
        Some(Placed::new(is_allowed, option.place.clone()))
    })
}

/// Seconds of a duration.
pub(super) fn seconds(node: Option<&Node>) -> Option<Placed<f64>> {
    let node = node?;
    let seconds = duration::seconds(&variable::resolve(node.str()?)?)?;
    Some(Placed::new(seconds, node.place.clone()))
}

/// A whole number, also one that is the default of a variable.
pub(super) fn whole(node: &Node) -> Option<i64> {
    node.int().or_else(|| variable::resolve(node.str()?)?.trim().parse().ok())
}

/// A boolean, also one that is the default of a variable.
fn boolean(node: &Node) -> Option<Placed<bool>> {
    let value = node.bool().or_else(|| variable::resolve(node.str()?)?.trim().parse().ok())?;
    Some(Placed::new(value, node.place.clone()))
}
