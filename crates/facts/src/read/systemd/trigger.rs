//! Timers and sockets, which start services.

use model::Placed;

use super::unit::Unit;
use crate::{Port, Trigger};

/// The timer `name`, if the file is one.
pub(super) fn timer(name: &str, unit: &Unit) -> Option<Trigger> {
    let service = started(name, unit, "Timer", "Unit")?;
    let keys = [
        "OnCalendar",
        "OnUnitActiveSec",
        "OnUnitInactiveSec",
        "OnActiveSec",
        "OnBootSec",
        "OnStartupSec",
    ];
    let schedule = keys.iter().find_map(|key| unit.last("Timer", key)).cloned();
    Some(Trigger { service, schedule, ports: Vec::new() })
}

/// The socket `name`, if the file is one; sockets of the file system have no port.
pub(super) fn socket(name: &str, unit: &Unit) -> Option<Trigger> {
    let service = started(name, unit, "Socket", "Service")?;
    let listens = ["ListenStream", "ListenDatagram"].map(|key| unit.all("Socket", key));
    let ports = listens.into_iter().flatten().filter_map(port).collect();
    Some(Trigger { service, schedule: None, ports })
}

/// The service named under `key`, else the one of the same name.
fn started(
    name: &str,
    unit: &Unit,
    section: &'static str,
    key: &'static str,
) -> Option<Placed<String>> {
    let place = unit.section(section)?;
    let named = unit.last(section, key).cloned();
    let named = named.unwrap_or_else(|| Placed::new(name.to_owned(), place.clone()));
    let service = named.strip_suffix(".service").unwrap_or(&named).trim_end_matches('@');
    Some(Placed::new(service.to_owned(), named.place.clone()))
}

/// `8080`, `127.0.0.1:8080` or `[::1]:8080`.
fn port(address: &Placed<String>) -> Option<Port> {
    let number = address.rsplit(':').next()?.parse().ok()?;
    Some(Port {
        name: None,
        number: Some(number),
        is_published: true,
        place: address.place.clone(),
    })
}
