//! A connection that is waited for, plain or inside TLS, with a limit for all of it.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustls::{ClientConnection, StreamOwned};

use crate::load::{Http, Secure};

/// One connection.
#[derive(Debug)]
pub(super) enum Channel {
    /// Without TLS.
    Plain(TcpStream),
    /// With it.
    Secure(Box<StreamOwned<ClientConnection, TcpStream>>),
}

impl Channel {
    /// Connects, and shakes hands where TLS is spoken; all of that and each write takes at most `limit`.
    pub(super) fn connect(
        address: SocketAddr,
        secure: Option<&Secure>,
        limit: Duration,
    ) -> io::Result<Self> {
        let began = Instant::now();
        let mut socket = TcpStream::connect_timeout(&address, limit)?;
        socket.set_nodelay(true)?;
        socket.set_write_timeout(Some(left(began, limit)?))?;
        let Some(secure) = secure else { return Ok(Self::Plain(socket)) };
        let session = ClientConnection::new(secure.config.clone(), secure.name.clone());
        let mut session = session.map_err(io::Error::other)?;
        shake_hands(&mut session, &mut socket, (began, limit)).map_err(|error| {
            awaited("the handshake of TLS did not come to an end", limit, error)
        })?;
        Ok(Self::Secure(Box::new(StreamOwned::new(session, socket))))
    }

    pub(super) fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(socket) => socket,
            Self::Secure(stream) => &stream.sock,
        }
    }

    pub(super) fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.write_all(bytes),
            Self::Secure(stream) => stream.write_all(bytes).and_then(|()| stream.flush()),
        }
    }

    /// Reads what comes, for at most `limit`; zero bytes for the end.
    pub(super) fn read(&mut self, buffer: &mut [u8], limit: Duration) -> io::Result<usize> {
        loop {
            self.socket().set_read_timeout(Some(limit))?;
            let read = match self {
                Self::Plain(socket) => socket.read(buffer),
                Self::Secure(stream) => stream.read(buffer),
            };
            return match read {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    Err(io::ErrorKind::TimedOut.into())
                }
                // Many close within TLS without taking leave.
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(0),
                read => read,
            };
        }
    }

    fn protocol(&self) -> Option<&[u8]> {
        match self {
            Self::Plain(_) => None,
            Self::Secure(stream) => stream.conn.alpn_protocol(),
        }
    }
}

/// The version of HTTP that the service at `address` chooses in the handshake of TLS; HTTP/1.1 where it does not say.
pub(crate) fn agreed(address: SocketAddr, secure: &Secure, limit: Duration) -> io::Result<Http> {
    let channel = Channel::connect(address, Some(secure), limit)?;
    Ok(if channel.protocol() == Some(b"h2") { Http::Two } else { Http::One })
}

/// What a client of HTTP/2 says first: the preface, and settings that change nothing.
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
/// The length, the kind and so on that stand before the content of each frame.
const FRAME_HEAD: u64 = 9;
const SETTINGS: u8 = 4;

/// Waits until what is at `address` greets as HTTP/2 has it, by its own settings before all else.
pub(crate) fn greets(
    address: SocketAddr,
    secure: Option<&Secure>,
    limit: Duration,
) -> io::Result<()> {
    let began = Instant::now();
    let mut channel = Channel::connect(address, secure, limit)?;
    channel.write_all(PREFACE)?;
    let mut head = Vec::new();
    let mut until = Until { channel, began, limit }.take(FRAME_HEAD);
    until
        .read_to_end(&mut head)
        .map_err(|error| awaited("the settings that begin HTTP/2 did not come", limit, error))?;
    match head.get(3) {
        Some(&SETTINGS) => Ok(()),
        None => Err(io::ErrorKind::UnexpectedEof.into()),
        Some(_) => Err(io::Error::new(io::ErrorKind::InvalidData, "what it answers is not HTTP/2")),
    }
}

/// A channel that is read for as long as `limit` lasts from when it `began`.
struct Until {
    channel: Channel,
    began: Instant,
    limit: Duration,
}

impl Read for Until {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.channel.read(buffer, left(self.began, self.limit)?)
    }
}

/// `error`, and where that is that nothing came in time: what was awaited.
fn awaited(what: &str, limit: Duration, error: io::Error) -> io::Error {
    if error.kind() != io::ErrorKind::TimedOut {
        return error;
    }
    let text = format!("it takes connections, and {what} within {} s", limit.as_secs_f64());
    io::Error::new(io::ErrorKind::TimedOut, text)
}

/// What is left of `limit`; an error when nothing is.
pub(super) fn left(began: Instant, limit: Duration) -> io::Result<Duration> {
    let left = limit.saturating_sub(began.elapsed());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

fn shake_hands(
    session: &mut ClientConnection,
    socket: &mut TcpStream,
    (began, limit): (Instant, Duration),
) -> io::Result<()> {
    loop {
        while session.wants_write() {
            session.write_tls(socket)?;
        }
        if !session.is_handshaking() {
            return Ok(());
        }
        socket.set_read_timeout(Some(left(began, limit)?))?;
        match session.read_tls(socket) {
            Ok(0) => return Err(failed(&"it closed the connection")),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return Err(io::ErrorKind::TimedOut.into());
            }
            Err(error) => return Err(error),
        }
        if let Err(error) = session.process_new_packets() {
            // The service learns why, if it can be told.
            let _untold = session.write_tls(socket);
            return Err(failed(&error));
        }
    }
}

fn failed(reason: &dyn std::fmt::Display) -> io::Error {
    io::Error::other(format!("the handshake of TLS failed: {reason}"))
}
