//! A connection's bytes for asynchronous readers: the same stream, with waiting.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use tokio::io::unix::AsyncFd;
use tokio::io::{AsyncRead, AsyncWrite, Interest, ReadBuf};

use super::stream::{Secure, Stream};

/// A connected stream.
#[derive(Debug)]
pub(crate) struct Wire(AsyncFd<Stream>);

impl Wire {
    /// Connects and shakes hands; over TLS the service has to choose HTTP/2.
    pub(crate) async fn connect(address: SocketAddr, secure: Option<&Secure>) -> io::Result<Self> {
        let mut stream = register(Stream::connect(&address, secure)?)?;
        stream
            .async_io_mut(Interest::WRITABLE, |stream| match stream.take_error() {
                Some(error) => Err(error),
                None if stream.is_connected() => Ok(()),
                None => Err(io::ErrorKind::WouldBlock.into()),
            })
            .await?;
        // The client speaks first: only then there is something to wait for.
        if !stream.get_mut().shake_hands()? {
            let shaking = |stream: &mut Stream| {
                if stream.shake_hands()? { Ok(()) } else { Err(io::ErrorKind::WouldBlock.into()) }
            };
            stream.async_io_mut(Interest::READABLE, shaking).await?;
        }
        if secure.is_some() && stream.get_ref().protocol() != Some(b"h2") {
            return Err(io::Error::other("the service did not choose HTTP/2 in the TLS handshake"));
        }
        Ok(Self(stream))
    }

    /// Where it comes from.
    pub(crate) fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.get_ref().local_addr()
    }
}

#[expect(
    deprecated,
    reason = "its successor is `unsafe`, and the stream owns its descriptor as long as it lives"
)]
fn register(stream: Stream) -> io::Result<AsyncFd<Stream>> {
    AsyncFd::new(stream)
}

impl AsyncRead for Wire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        buffer: &mut ReadBuf,
    ) -> Poll<io::Result<()>> {
        loop {
            let mut guard = ready!(self.0.poll_read_ready_mut(context))?;
            let read = guard.try_io(|stream| {
                let read = stream.get_mut().read(buffer.initialize_unfilled())?;
                read.ok_or_else(|| io::ErrorKind::WouldBlock.into())
            });
            if let Ok(read) = read {
                buffer.advance(read?);
                return Poll::Ready(Ok(()));
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        loop {
            let mut guard = ready!(self.0.poll_write_ready_mut(context))?;
            let written = guard.try_io(|stream| match stream.get_mut().write(bytes)? {
                0 if !bytes.is_empty() => Err(io::ErrorKind::WouldBlock.into()),
                written => Ok(written),
            });
            if let Ok(written) = written {
                return Poll::Ready(written);
            }
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        if self.0.get_mut().flush()? {
            return Poll::Ready(Ok(()));
        }
        loop {
            let mut guard = ready!(self.0.poll_write_ready_mut(context))?;
            let flushed = guard.try_io(|stream| {
                if stream.get_mut().flush()? {
                    Ok(())
                } else {
                    Err(io::ErrorKind::WouldBlock.into())
                }
            });
            if let Ok(flushed) = flushed {
                return Poll::Ready(flushed);
            }
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context) -> Poll<io::Result<()>> {
        self.poll_flush(context)
    }
}
