//! A connection's bytes, plain or inside TLS, never blocking.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection};
use socket2::{Domain, Protocol, SockRef, Socket, Type};

/// How a TLS client is set up.
#[derive(Clone, Debug)]
pub(crate) struct Secure {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
}

/// One connection.
#[derive(Debug)]
pub(super) struct Stream {
    socket: TcpStream,
    session: Option<Box<ClientConnection>>,
}

impl Stream {
    /// Begins to connect. It is connected when the socket can be written to.
    pub(super) fn connect(address: &SocketAddr, secure: Option<&Secure>) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(*address), Type::STREAM, Some(Protocol::TCP))?;
        socket.set_nonblocking(true)?;
        socket.set_tcp_nodelay(true)?;
        let session = match secure {
            Some(Secure { config, name }) => {
                let session = ClientConnection::new(Arc::clone(config), name.clone());
                Some(Box::new(session.map_err(io::Error::other)?))
            }
            None => None,
        };
        match socket.connect(&(*address).into()) {
            Ok(()) => {}
            Err(error) if is_in_progress(&error) => {}
            Err(error) => return Err(error),
        }
        Ok(Self { socket: socket.into(), session })
    }

    /// Where it comes from.
    pub(super) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.socket.local_addr()
    }

    /// The error that the socket holds, if any; asking takes it away.
    pub(super) fn take_error(&self) -> Option<io::Error> {
        SockRef::from(&self.socket).take_error().ok().flatten()
    }

    /// Whether the other end is known, which it is once the connection stands.
    pub(super) fn is_connected(&self) -> bool {
        self.socket.peer_addr().is_ok()
    }

    /// The protocol that was agreed on in the TLS handshake.
    pub(super) fn protocol(&self) -> Option<&[u8]> {
        self.session.as_ref().and_then(|session| session.alpn_protocol())
    }

    /// Goes on with the TLS handshake; whether it is over.
    pub(super) fn shake_hands(&mut self) -> io::Result<bool> {
        let Some(session) = &mut self.session else { return Ok(true) };
        loop {
            flush(session, &mut self.socket)?;
            if !session.is_handshaking() {
                return Ok(true);
            }
            match later(session.read_tls(&mut self.socket))? {
                Some(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Some(_) => {
                    if let Err(error) = session.process_new_packets() {
                        // The service learns why, if it can be told.
                        let _ = flush(session, &mut self.socket);
                        return Err(io::Error::other(error));
                    }
                }
                None => return Ok(false),
            }
        }
    }

    /// Writes what can be written; `Ok(0)` if nothing can for now.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.session {
            None => or_later(self.socket.write(bytes)),
            Some(session) => {
                let taken = session.writer().write(bytes)?;
                flush(session, &mut self.socket)?;
                Ok(taken)
            }
        }
    }

    /// Writes what TLS still holds; whether all of it is out.
    pub(super) fn flush(&mut self) -> io::Result<bool> {
        match &mut self.session {
            None => Ok(true),
            Some(session) => flush(session, &mut self.socket),
        }
    }

    /// Reads what is there: `None` for nothing at the moment, zero bytes for the end.
    pub(super) fn read(&mut self, buffer: &mut [u8]) -> io::Result<Option<usize>> {
        let Some(session) = &mut self.session else {
            return later(self.socket.read(buffer));
        };
        loop {
            match session.reader().read(buffer) {
                Ok(length) => return Ok(Some(length)),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(Some(0)),
                Err(error) => return Err(error),
            }
            match later(session.read_tls(&mut self.socket))? {
                None => return Ok(None),
                Some(_) => {
                    session.process_new_packets().map_err(io::Error::other)?;
                }
            }
            if session.wants_write() {
                flush(session, &mut self.socket)?;
            }
        }
    }

    /// Whether a read that did not fill the buffer has taken all there was.
    pub(super) fn is_drained_by(&self, length: usize, buffer: usize) -> bool {
        self.session.is_none() && length < buffer
    }
}

impl AsFd for Stream {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.as_fd()
    }
}

impl AsRawFd for Stream {
    fn as_raw_fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }
}

fn flush(session: &mut ClientConnection, socket: &mut TcpStream) -> io::Result<bool> {
    while session.wants_write() {
        if later(session.write_tls(socket))?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

fn later(done: io::Result<usize>) -> io::Result<Option<usize>> {
    match done {
        Ok(length) => Ok(Some(length)),
        Err(error) => match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(None),
            _ => Err(error),
        },
    }
}

fn or_later(done: io::Result<usize>) -> io::Result<usize> {
    later(done).map(Option::unwrap_or_default)
}

fn is_in_progress(error: &io::Error) -> bool {
    error.raw_os_error() == Some(rustix::io::Errno::INPROGRESS.raw_os_error())
        || error.kind() == io::ErrorKind::WouldBlock
}
