//! Where dependencies listen that the drill does not start, and where a running service is pointed for them.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use super::Upstream;
use crate::harness::mentions;
use crate::{Dependency, DrillError, Service};

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(2);

/// The dependencies that gonogo.yaml gives an address instead of a command. Each of them listens.
pub(super) fn given(service: &Service) -> Result<Vec<Upstream>, DrillError> {
    let mut given = Vec::new();
    for dependency in service.dependencies.iter().filter(|one| one.command.is_none()) {
        match &dependency.address {
            Some(address) => given.push(reached(dependency, address)?),
            None if is_spoken_of(service, dependency) => return Err(nowhere(dependency)),
            None => {}
        }
    }
    Ok(given)
}

/// The dependencies of a service that runs already, behind the addresses that it is pointed at. Each of them listens.
pub(super) fn standing(service: &Service) -> Result<Vec<(Upstream, SocketAddr)>, DrillError> {
    let pointed = service.dependencies.iter().filter_map(|one| Some((one, one.proxy.as_ref()?)));
    pointed
        .map(|(dependency, proxy)| {
            let (address, listen) = pointed_at(dependency, proxy)?;
            Ok((reached(dependency, address)?, listen))
        })
        .collect()
}

/// Refuses what is not on this machine of the dependencies that a drill of `service` touches, before anything is connected to: those that it does
/// not start, or, of a service that `runs` already, those that it puts a proxy before.
pub fn stay_here(service: &Service, runs: bool) -> Result<(), DrillError> {
    let is_touched =
        |one: &&Dependency| if runs { one.proxy.is_some() } else { one.command.is_none() };
    for dependency in service.dependencies.iter().filter(is_touched) {
        if let Some(address) = &dependency.address {
            known(dependency, address)?;
        }
    }
    Ok(())
}

/// Whether something takes connections at `address`.
pub(crate) fn listens(address: SocketAddr) -> io::Result<()> {
    TcpStream::connect_timeout(&address, CONNECT).map(drop)
}

fn nowhere(dependency: &Dependency) -> DrillError {
    let name = &dependency.name;
    DrillError::Step {
        step: find(dependency),
        reason: format!(
            "gonogo.yaml does not say where `{name}` runs, and the service's command speaks of `{{{name}}}`"
        ),
        help: format!(
            "give `{name}` an `address: 127.0.0.1:PORT`, or `run: {{command: […, \"{{port}}\"]}}`"
        ),
    }
}

fn is_spoken_of(service: &Service, dependency: &Dependency) -> bool {
    service.command.as_ref().is_some_and(|command| mentions(command, &dependency.name))
}

/// Where a dependency of a running service really is, and where its proxy has to listen.
fn pointed_at<'a>(
    dependency: &'a Dependency,
    proxy: &str,
) -> Result<(&'a str, SocketAddr), DrillError> {
    let name = &dependency.name;
    let failed = |reason: String, help: &str| DrillError::Step {
        step: format!("stand between the service and `{name}`"),
        reason,
        help: help.to_owned(),
    };
    let listen: SocketAddr = proxy.parse().map_err(|_| {
        failed(
            format!("its `proxy: {proxy}` is no address"),
            "write it as IP:PORT, such as 127.0.0.1:15432",
        )
    })?;
    if !listen.ip().is_loopback() || listen.port() == 0 {
        return Err(failed(
            format!("its `proxy: {proxy}` is no fixed address of this machine"),
            "drills listen on 127.0.0.1 only: name a port of it",
        ));
    }
    let address = dependency.address.as_deref().ok_or_else(|| {
        failed(
            "gonogo.yaml does not say where it really is".to_owned(),
            "add its `address:` beside `proxy:`, so that the drill can pass on what it gets",
        )
    })?;
    if known(dependency, address)?.contains(&listen) {
        return Err(failed(
            "its `proxy` and its `address` are the same".to_owned(),
            "let `address` be where it really listens, and `proxy` another port",
        ));
    }
    Ok((address, listen))
}

/// The dependency where it runs already: the first of its addresses that takes a connection.
fn reached(dependency: &Dependency, address: &str) -> Result<Upstream, DrillError> {
    let mut refusal = None;
    for found in known(dependency, address)? {
        match listens(found) {
            Ok(()) => {
                let name = dependency.name.clone();
                return Ok(Upstream { name, address: found, process: None });
            }
            Err(error) => refusal = Some(error),
        }
    }
    let why = match refusal {
        Some(error) if error.kind() != io::ErrorKind::ConnectionRefused => format!(": {error}"),
        _ => String::new(),
    };
    Err(DrillError::Step {
        step: find(dependency),
        reason: format!("nothing takes connections at its `address: {address}`{why}"),
        help: "start it, mend its `address:` in gonogo.yaml, or let the drill start a scratch one with `run:`".to_owned(),
    })
}

fn find(dependency: &Dependency) -> String {
    format!("find the dependency `{}`", dependency.name)
}

/// What `address` stands for. Only what is on this machine may be touched.
fn known(dependency: &Dependency, address: &str) -> Result<Vec<SocketAddr>, DrillError> {
    let found: Vec<_> = address.to_socket_addrs().map_or_else(|_| Vec::new(), Iterator::collect);
    if found.is_empty() {
        return Err(DrillError::Step {
            step: find(dependency),
            reason: format!("`{address}` is no address"),
            help: "write it as HOST:PORT, such as 127.0.0.1:5432".to_owned(),
        });
    }
    if !found.iter().all(|address| address.ip().is_loopback()) {
        return Err(DrillError::Step {
            step: find(dependency),
            reason: format!("`{address}` is not on this machine"),
            help: "drills put a proxy only before what runs on 127.0.0.1: start the dependency here with `run:`".to_owned(),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn dependency(proxy: Option<&str>, address: Option<&str>) -> Dependency {
        Dependency {
            name: "db".into(),
            kind: crate::DependencyKind::Tcp,
            is_critical: true,
            address: address.map(str::to_owned),
            command: None,
            timeout: None,
            max_retries: None,
            proxy: proxy.map(str::to_owned),
            on_failure: None,
        }
    }

    /// An address that nobody listens on.
    fn free() -> SocketAddr {
        TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap()
    }

    #[test]
    fn a_proxy_of_a_running_service_listens_on_this_machine_and_knows_the_real_address() {
        let refused = |proxy: &str, address: Option<&str>| {
            let dependency = dependency(Some(proxy), address);
            pointed_at(&dependency, proxy).err().map(|error| error.to_string()).unwrap_or_default()
        };
        let real = Some("127.0.0.1:5432");
        assert_eq!(refused("127.0.0.1:15432", real), "");
        assert!(refused("15432", real).contains("is no address"));
        assert!(refused("0.0.0.0:15432", real).contains("no fixed address of this machine"));
        assert!(refused("127.0.0.1:0", real).contains("no fixed address"));
        assert!(refused("127.0.0.1:5432", real).contains("are the same"));
        assert!(refused("127.0.0.1:15432", None).contains("where it really is"));
        assert!(refused("127.0.0.1:15432", Some("192.0.2.1:5432")).contains("not on this machine"));
    }

    #[test]
    fn a_dependency_elsewhere_is_never_touched() {
        let dependency = dependency(None, None);
        let error = reached(&dependency, "192.0.2.1:5432").unwrap_err().to_string();
        assert!(error.contains("not on this machine"), "{error}");
        let refused = |proxy: Option<&str>, runs: bool| {
            let dependencies = vec![self::dependency(proxy, Some("192.0.2.1:5432"))];
            stay_here(&Service { dependencies, ..Service::default() }, runs).is_err()
        };
        assert!(refused(None, false) && refused(Some("127.0.0.1:1"), true));
        assert!(!refused(None, true));
        assert!(known(&dependency, "nowhere").is_err());
        assert!(known(&dependency, "127.0.0.1:5432").is_ok());
    }

    #[test]
    fn a_dependency_that_does_not_listen_stops_the_drill_before_anything_is_started() {
        let (listener, silent) = (TcpListener::bind(("127.0.0.1", 0)).unwrap(), free());
        let real = listener.local_addr().unwrap();
        let given_by = |address: SocketAddr| {
            let dependencies = vec![dependency(Some("127.0.0.1:1"), Some(&address.to_string()))];
            Service { dependencies, ..Service::default() }
        };
        assert_eq!(given(&given_by(real)).unwrap()[0].address, real);
        assert_eq!(standing(&given_by(real)).unwrap()[0].0.address, real);
        for error in [given(&given_by(silent)).err(), standing(&given_by(silent)).err()] {
            let error = error.unwrap().to_string();
            let address = format!("nothing takes connections at its `address: {silent}`");
            assert!(error.contains("`db`") && error.contains(&address), "{error}");
        }
    }
}
