//! documentation/dependencies: whom the service's processes really talk to, by the kernel's own table of connections.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use procfs::net::TcpState;
use procfs::process::{FDTarget, Process};

use model::counted;

use crate::harness::{Ticker, family};
use crate::{Dependency, Proof, Shortfall, Subject};

const REQUIREMENT: &str = "documentation/dependencies";
const INTERVAL: Duration = Duration::from_millis(100);
/// Looks without which nothing is said.
const FEWEST: u64 = 20;
/// Peers that are kept, so that a service that calls the whole world does not fill the memory.
const MOST_PEERS: usize = 1000;

/// What was seen of connections that the service opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Peers {
    /// How often the table was looked at.
    pub(super) looks: u64,
    /// Where connections went, and in how many looks.
    pub(super) seen: BTreeMap<SocketAddr, u64>,
    /// Peers that are processes of the service itself.
    pub(super) own: BTreeSet<SocketAddr>,
}

/// Looks at the table until it is finished.
#[derive(Debug)]
pub(super) struct Watch {
    peers: Arc<Mutex<Peers>>,
    ticker: Ticker,
}

impl Watch {
    /// Watches `leader` and all processes below it.
    pub(super) fn start(leader: u32) -> Self {
        let peers: Arc<Mutex<Peers>> = Arc::default();
        let ticker = Ticker::start({
            let peers = peers.clone();
            move || {
                let family = family(leader);
                look(&family, &mut peers.lock().unwrap_or_else(PoisonError::into_inner));
                Some(INTERVAL)
            }
        });
        Self { peers, ticker }
    }

    /// Ends the watch.
    pub(super) fn finish(self) -> Peers {
        drop(self.ticker);
        std::mem::take(&mut *self.peers.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn look(family: &[Process], peers: &mut Peers) {
    let sockets: BTreeSet<u64> = family.iter().flat_map(sockets).collect();
    let tables = [procfs::net::tcp(), procfs::net::tcp6()];
    let links: Vec<_> = tables
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| sockets.contains(&entry.inode))
        .map(|entry| Link {
            local: entry.local_address,
            remote: entry.remote_address,
            state: entry.state,
        })
        .collect();
    if !sockets.is_empty() {
        peers.looks += 1;
    }
    sort(&links, peers);
}

/// One socket of the service's processes.
#[derive(Clone, Debug)]
struct Link {
    local: SocketAddr,
    remote: SocketAddr,
    state: TcpState,
}

/// Of `links`, takes those that the service opened.
fn sort(links: &[Link], peers: &mut Peers) {
    let listening: BTreeSet<u16> = links
        .iter()
        .filter(|link| link.state == TcpState::Listen)
        .map(|link| link.local.port())
        .collect();
    for link in links {
        let is_open = matches!(
            link.state,
            TcpState::Established
                | TcpState::SynSent
                | TcpState::CloseWait
                | TcpState::FinWait1
                | TcpState::FinWait2
        );
        // What came in has the listener's own port.
        if !is_open || listening.contains(&link.local.port()) {
            continue;
        }
        let peer = plain(link.remote);
        if peer.ip().is_loopback() && listening.contains(&peer.port()) {
            peers.own.insert(peer);
        } else if peers.seen.len() < MOST_PEERS || peers.seen.contains_key(&peer) {
            *peers.seen.entry(peer).or_default() += 1;
        }
    }
}

/// An IPv4 address written as one of IPv6 is itself.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn sockets(process: &Process) -> Vec<u64> {
    let Ok(descriptors) = process.fd() else { return Vec::new() };
    descriptors
        .flatten()
        .filter_map(|descriptor| match descriptor.target {
            FDTarget::Socket(inode) => Some(inode),
            _ => None,
        })
        .collect()
}

/// Judges the peers against the dependencies and where each is reached.
pub(super) fn dependencies(
    peers: &Peers,
    declared: &[Dependency],
    routes: &BTreeMap<String, SocketAddr>,
    calls: &BTreeMap<String, u64>,
) -> Proof {
    if peers.looks < FEWEST {
        return Proof::inconclusive(
            REQUIREMENT,
            "the connections of the service's processes could not be looked at: the drill did not start it, or it runs as another user",
        );
    }
    let known: BTreeMap<SocketAddr, &str> = routes
        .iter()
        .map(|(name, address)| (*address, name.as_str()))
        .chain(declared.iter().filter_map(|dependency| {
            Some((dependency.address.as_ref()?.parse().ok()?, dependency.name.as_str()))
        }))
        .collect();
    let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
    // Port 53 is how names become addresses, which every service does.
    for (peer, looks) in peers.seen.iter().filter(|(peer, _)| peer.port() != 53) {
        if known.contains_key(peer) {
            continue;
        }
        shortfalls.push(Shortfall {
            about: Subject::Service,
            message: format!(
                "the service is connected to {peer}, which no dependency of gonogo.yaml names (seen in {looks} of {} looks)",
                peers.looks
            ),
            help: "add what listens there to `dependencies:` with its name, kind and what happens when it fails, or stop calling it".to_owned(),
        });
    }
    for dependency in declared {
        let count = calls.get(&dependency.name).copied().unwrap_or(0);
        seen.push(format!("`{}` was called {}", dependency.name, counted(count, "time")));
    }
    if !peers.own.is_empty() {
        seen.push(format!("{} of the service to itself", counted(peers.own.len(), "connection")));
    }
    seen.push(format!(
        "{} at its TCP connections; UDP and Unix sockets are not looked at",
        counted(peers.looks, "look")
    ));
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn entry(local: &str, remote: &str, state: TcpState) -> Link {
        Link { local: local.parse().unwrap(), remote: remote.parse().unwrap(), state }
    }

    fn judged(entries: &[Link]) -> Proof {
        let mut peers = Peers { looks: 100, ..Peers::default() };
        sort(entries, &mut peers);
        let routes = BTreeMap::from([("db".to_owned(), "127.0.0.1:5432".parse().unwrap())]);
        dependencies(&peers, &[], &routes, &BTreeMap::new())
    }

    const LISTENER: (&str, &str) = ("0.0.0.0:8080", "0.0.0.0:0");

    #[test]
    fn users_and_declared_dependencies_are_expected() {
        let proof = judged(&[
            entry(LISTENER.0, LISTENER.1, TcpState::Listen),
            entry("127.0.0.1:8080", "127.0.0.1:50000", TcpState::Established),
            entry("127.0.0.1:41000", "127.0.0.1:5432", TcpState::Established),
            entry("[::ffff:127.0.0.1]:41001", "[::ffff:127.0.0.1]:5432", TcpState::Established),
            entry("127.0.0.1:41002", "127.0.0.1:8080", TcpState::Established),
        ]);
        assert_eq!(proof.outcome, Outcome::Kept, "{proof:?}");
    }

    #[test]
    fn whoever_else_is_connected_is_found() {
        let proof = judged(&[
            entry(LISTENER.0, LISTENER.1, TcpState::Listen),
            entry("127.0.0.1:41000", "192.0.2.7:443", TcpState::SynSent),
            entry("127.0.0.1:41003", "127.0.0.53:53", TcpState::Established),
        ]);
        let Outcome::FellShort(shortfalls) = proof.outcome else { panic!("{proof:?}") };
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].message.contains("192.0.2.7:443"), "{shortfalls:?}");
    }

    #[test]
    fn nothing_looked_at_is_nothing_said() {
        let proof = dependencies(&Peers::default(), &[], &BTreeMap::new(), &BTreeMap::new());
        assert!(matches!(proof.outcome, Outcome::Inconclusive(_)));
    }
}
