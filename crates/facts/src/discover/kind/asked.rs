//! Who asks a service of a Compose file that opens no port.

use crate::discover::third_party::{ThirdParty, third_party};
use crate::{Container, Facts, Platform, VariableValue, Workload};

/// Whether another service of the same Compose file asks it: a proxy that waits for it, or one of whose
/// variables leads to it by its name.
pub(super) fn is_asked(workload: &Workload, facts: &Facts) -> bool {
    let is_beside = |other: &&Workload| {
        other.platform == Platform::Compose
            && other.name.place.path == workload.name.place.path
            && other.name.value != workload.name.value
    };
    let mut beside = facts.workloads.iter().filter(is_beside);
    beside.any(|other| passes_on(other, &workload.name) || calls(other, &workload.name))
}

/// Whether a proxy waits for a service: that asks it without any open port.
fn passes_on(other: &Workload, name: &str) -> bool {
    let is_proxy = |image: &str| third_party(image) == Some(ThirdParty::Proxy);
    other.depends_on.iter().any(|awaited| awaited.value == name)
        && other.images().any(|image| is_proxy(image))
}

/// Whether a variable holds the address of a service: `http://till:3000`.
fn calls(other: &Workload, name: &str) -> bool {
    let is_part = |letter: char| letter.is_ascii_alphanumeric() || "-_.".contains(letter);
    let is_host =
        |rest: &str| rest.strip_prefix(name).is_some_and(|rest| !rest.starts_with(is_part));
    let leads = |value: &str| {
        let addresses =
            ["http://", "https://"].into_iter().flat_map(|scheme| value.split(scheme).skip(1));
        addresses.into_iter().any(is_host)
    };
    let variables =
        other.containers.iter().flat_map(|container: &Container| &container.environment);
    variables.into_iter().any(|variable| match &variable.value {
        VariableValue::Literal(value) => leads(value),
        _ => false,
    })
}
