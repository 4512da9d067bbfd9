//! The listener: accepts, really refuses, and comes back on the same port.

use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpStream as BlockingStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::Shared;
use super::connection;

/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1024;
/// How long to wait when the process has no file descriptors left.
const SHORTAGE: Duration = Duration::from_millis(10);
/// How long the look whether connections are refused may take.
const LOOK: Duration = Duration::from_secs(1);

/// Owns the listening socket of a proxy.
#[derive(Debug)]
pub(super) struct Gate {
    address: SocketAddr,
    socket: Arc<Socket>,
    is_open: Mutex<bool>,
    changes: watch::Sender<()>,
    disconnects: watch::Sender<()>,
    accepting: JoinHandle<()>,
}

impl Gate {
    /// Binds, listens and starts to accept.
    pub(super) fn open(runtime: &Handle, shared: Arc<Shared>) -> io::Result<(Self, SocketAddr)> {
        let (socket, address) = bind(shared.settings.listen)?;
        socket.listen(BACKLOG)?;
        let socket = Arc::new(socket);
        let changes = watch::Sender::new(());
        let disconnects = watch::Sender::new(());
        let accepting = runtime.spawn(accept(
            Arc::clone(&socket),
            changes.subscribe(),
            disconnects.clone(),
            shared,
        ));
        let is_open = Mutex::new(true);
        Ok((Self { address, socket, is_open, changes, disconnects, accepting }, address))
    }

    /// Stops to listen, closes open connections, and makes sure that a connection is refused. The port stays bound, so that nobody is given it.
    pub(super) fn shut(&self) -> io::Result<()> {
        let mut is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_open {
            // Told first, so that nobody waits any longer for a socket that will say «closed».
            self.changes.send_replace(());
            // On Linux this takes a listening socket back to a bound one, at once and whoever else holds it.
            self.socket.shutdown(std::net::Shutdown::Read)?;
            *is_open = false;
        }
        self.disconnect();
        match BlockingStream::connect_timeout(&self.address, LOOK) {
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => Ok(()),
            Err(error) => Err(error),
            Ok(_) => Err(io::Error::other("a connection to it was accepted")),
        }
    }

    /// Listens again, if it does not.
    pub(super) fn reopen(&self) -> io::Result<()> {
        let mut is_open = self.is_open.lock().unwrap_or_else(PoisonError::into_inner);
        if !*is_open {
            self.socket.listen(BACKLOG)?;
            *is_open = true;
            self.changes.send_replace(());
        }
        Ok(())
    }

    /// Closes all open connections.
    pub(super) fn disconnect(&self) {
        self.disconnects.send_replace(());
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        let _not_listening = self.socket.shutdown(std::net::Shutdown::Read);
        self.accepting.abort();
        self.disconnect();
    }
}

/// Binds to a port by its number, so that the port stays taken while nothing listens on it.
fn bind(address: SocketAddr) -> io::Result<(Socket, SocketAddr)> {
    let first = bound(address)?;
    let taken = first.local_addr()?.as_socket().unwrap_or(address);
    if address.port() != 0 {
        return Ok((first, taken));
    }
    Ok((bound(taken)?, taken))
}

fn bound(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

/// Accepts until the proxy is dropped. A connection's dial is its own affair: one that hangs holds up nobody else.
async fn accept(
    socket: Arc<Socket>,
    mut changes: watch::Receiver<()>,
    disconnects: watch::Sender<()>,
    shared: Arc<Shared>,
) {
    loop {
        changes.borrow_and_update();
        // Registered anew each time: once shut, a registration says «closed» for ever, and so waits for nothing.
        let listener = socket.try_clone().and_then(|socket| TcpListener::from_std(socket.into()));
        if let Ok(listener) = listener {
            accept_while_open(&listener, &mut changes, &disconnects, &shared).await;
        }
        if changes.changed().await.is_err() {
            return;
        }
    }
}

/// Returns when the listener is shut or opened again; the change stays to be seen.
async fn accept_while_open(
    listener: &TcpListener,
    changes: &mut watch::Receiver<()>,
    disconnects: &watch::Sender<()>,
    shared: &Arc<Shared>,
) {
    loop {
        let accepted = tokio::select! {
            biased;
            told = changes.changed() => {
                if told.is_ok() {
                    changes.mark_changed();
                }
                return;
            }
            // Not `accept`, which never yields to others while the registration says «closed».
            accepted = poll_fn(|context| listener.poll_accept(context)) => accepted,
        };
        match accepted {
            Ok((stream, _)) => spawn(stream, disconnects, shared),
            Err(error) if error.kind() == io::ErrorKind::InvalidInput => return,
            Err(_) => tokio::time::sleep(SHORTAGE).await,
        }
    }
}

fn spawn(stream: TcpStream, disconnects: &watch::Sender<()>, shared: &Arc<Shared>) {
    let shared = Arc::clone(shared);
    let disconnects = disconnects.subscribe();
    tokio::spawn(async move { connection::serve(stream, &shared, disconnects).await });
}
