//! Ports: free ones to hand out, and those that a run's processes really listen on.

use std::collections::BTreeSet;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};

use procfs::net::TcpState;
use procfs::process::{FDTarget, Process};

/// An address on loopback that nobody listens on now and that is not among `taken`.
///
/// Another process may take it before it is used; what is started on it then says that the port is taken.
pub(crate) fn free_address(taken: &mut BTreeSet<u16>, ip: IpAddr) -> io::Result<SocketAddr> {
    for _ in 0..100 {
        let address = TcpListener::bind((ip, 0))?.local_addr()?;
        if taken.insert(address.port()) {
            return Ok(address);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, format!("no free port on {ip}")))
}

/// Where `processes` listen, in order.
pub(crate) fn addresses_of(processes: Vec<i32>) -> Vec<SocketAddr> {
    let sockets: BTreeSet<u64> = processes.into_iter().flat_map(sockets).collect();
    let tables = [procfs::net::tcp(), procfs::net::tcp6()];
    let mut addresses: Vec<_> = tables
        .into_iter()
        .flatten()
        .flatten()
        .filter(|entry| entry.state == TcpState::Listen && sockets.contains(&entry.inode))
        .map(|entry| entry.local_address)
        .collect();
    addresses.sort();
    addresses.dedup();
    addresses
}

/// Whether one of `processes` has taken the connection that comes from `client`, and has read all that was sent on it.
///
/// A connection that was set up and not accepted yet belongs to no process. One that somebody else took, such as what passes connections on to a
/// container, has perhaps not come to them.
pub(crate) fn is_taken(client: SocketAddr, processes: &[i32]) -> bool {
    let own: BTreeSet<u64> = processes.iter().copied().flat_map(sockets).collect();
    let tables = [procfs::net::tcp(), procfs::net::tcp6()];
    tables.into_iter().flatten().flatten().any(|entry| {
        entry.state == TcpState::Established
            && plain(entry.remote_address) == client
            && own.contains(&entry.inode)
            && entry.rx_queue == 0
    })
}

/// An address of IPv4 that is written as one of IPv6, as a listener on both sees it, in its own form.
fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

fn sockets(pid: i32) -> Vec<u64> {
    let Ok(descriptors) = Process::new(pid).and_then(|process| process.fd()) else {
        return Vec::new();
    };
    descriptors
        .flatten()
        .filter_map(|descriptor| match descriptor.target {
            FDTarget::Socket(inode) => Some(inode),
            _ => None,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{Ipv4Addr, TcpStream};

    use super::*;

    #[test]
    fn free_addresses_differ_and_can_be_bound() {
        let mut taken = BTreeSet::new();
        let ip = Ipv4Addr::LOCALHOST.into();
        let mut free = || free_address(&mut taken, ip).unwrap();
        let (one, other) = (free(), free());
        assert_ne!(one, other);
        assert!(TcpListener::bind(one).is_ok());
    }

    #[test]
    fn a_connection_is_taken_once_it_is_accepted_and_read() {
        let own = [i32::try_from(std::process::id()).unwrap()];
        let others = [1];
        let dual = TcpListener::bind("[::]:0").ok();
        for listener in dual.into_iter().chain(TcpListener::bind("127.0.0.1:0")) {
            let to = SocketAddr::from(([127, 0, 0, 1], listener.local_addr().unwrap().port()));
            let mut client = TcpStream::connect(to).unwrap();
            let from = client.local_addr().unwrap();
            client.write_all(b"ping").unwrap();
            assert!(!is_taken(from, &own), "nobody has accepted it");
            let mut accepted = listener.accept().unwrap().0;
            accepted.peek(&mut [0; 4]).unwrap();
            assert!(!is_taken(from, &own), "nobody has read from it");
            accepted.read_exact(&mut [0; 4]).unwrap();
            assert!(is_taken(from, &own));
            assert!(!is_taken(from, &others), "somebody else took it");
        }
    }
}
