//! Ports: free ones to hand out, and those that a run's processes really listen on.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};

use procfs::net::TcpState;
use procfs::process::{FDTarget, Process};

/// An address on loopback that nobody listens on now and that is not among `taken`.
///
/// Another process may take it before it is used; what is started on it then says that the port is taken.
pub(crate) fn free_address(taken: &mut BTreeSet<u16>) -> io::Result<SocketAddr> {
    for _ in 0..100 {
        let address = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?;
        if taken.insert(address.port()) {
            return Ok(address);
        }
    }
    Err(io::Error::new(io::ErrorKind::AddrInUse, "no free port on 127.0.0.1"))
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
    use super::*;

    #[test]
    fn free_addresses_differ_and_can_be_bound() {
        let mut taken = BTreeSet::new();
        let (one, other) = (free_address(&mut taken).unwrap(), free_address(&mut taken).unwrap());
        assert_ne!(one, other);
        assert!(TcpListener::bind(one).is_ok());
    }
}
