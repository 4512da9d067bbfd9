//! From the bytes of an export request to what it carries.

use std::io::Read;
use std::time::Duration;

use bytes::Bytes;
use flate2::read::{MultiGzDecoder, ZlibDecoder};
use http_body_util::{BodyExt, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};
use hyper::http::request::Parts;

use super::signal_of;
use crate::telemetry::{Batch, Signal, Unreadable, read_json, read_protobuf};

/// Longest body that is read; exporters send some hundred kilobytes, and gRPC allows 4 MiB.
const LONGEST_BODY: usize = 4 << 20;
/// Longest body after decompression.
const LONGEST_DECODED: usize = 8 << 20;
/// How long a body may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How an exporter speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Manner {
    /// gRPC.
    Grpc,
    /// HTTP with JSON.
    Json,
    /// HTTP with Protocol Buffers.
    Protobuf,
}

impl Manner {
    /// By the content type.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let kind = text(headers, CONTENT_TYPE.as_str()).to_ascii_lowercase();
        if kind.starts_with("application/grpc") {
            Self::Grpc
        } else if kind.starts_with("application/json") {
            Self::Json
        } else {
            Self::Protobuf
        }
    }
}

/// Why a request is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    /// Nothing is exported to that path.
    #[error("nothing is exported to this path")]
    NoSuchPath,
    /// Exports are posted.
    #[error("it is not a POST")]
    NotPosted,
    /// The compression is not known.
    #[error("its compression is neither gzip nor deflate")]
    Encoding,
    /// It is too long.
    #[error("it is longer than 4 MiB, or than 8 MiB decompressed")]
    Long,
    /// The body did not come.
    #[error("its body was cut off or took more than 10 s")]
    CutOff,
    /// The compressed bytes make no sense.
    #[error("it could not be decompressed")]
    NotCompressed,
    /// The frames of gRPC make no sense.
    #[error("it is not framed as gRPC is")]
    NotFramed,
    /// The message makes no sense.
    #[error("{0}")]
    Unreadable(#[from] Unreadable),
}

/// Reads a request; gives what it carries and how many bytes that was.
pub(super) async fn read(
    head: &Parts,
    manner: Manner,
    body: Incoming,
) -> Result<(Batch, usize), Refusal> {
    let signal = signal_of(head.uri.path()).ok_or(Refusal::NoSuchPath)?;
    if head.method != hyper::Method::POST {
        return Err(Refusal::NotPosted);
    }
    let limited = Limited::new(body, LONGEST_BODY);
    let body = match tokio::time::timeout(PATIENCE, limited.collect()).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(error)) if error.is::<http_body_util::LengthLimitError>() => {
            return Err(Refusal::Long);
        }
        Ok(Err(_)) | Err(_) => return Err(Refusal::CutOff),
    };
    decoded(signal, manner, &head.headers, &body)
}

fn decoded(
    signal: Signal,
    manner: Manner,
    headers: &HeaderMap,
    body: &Bytes,
) -> Result<(Batch, usize), Refusal> {
    match manner {
        Manner::Grpc => frames(signal, text(headers, "grpc-encoding"), body),
        Manner::Json => {
            let body = decompressed(text(headers, CONTENT_ENCODING.as_str()), body)?;
            Ok((read_json(signal, &body)?, body.len()))
        }
        Manner::Protobuf => {
            let body = decompressed(text(headers, CONTENT_ENCODING.as_str()), body)?;
            Ok((read_protobuf(signal, &body)?, body.len()))
        }
    }
}

/// The messages of a gRPC body: each after one byte that says whether it is compressed and four that say how long it is.
fn frames(signal: Signal, encoding: &str, mut body: &[u8]) -> Result<(Batch, usize), Refusal> {
    let (mut all, mut size) = (Batch::default(), 0);
    while let Some((head, rest)) = body.split_first_chunk::<5>() {
        let [flag, length @ ..] = *head;
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| Refusal::NotFramed)?;
        let (message, rest) = rest.split_at_checked(length).ok_or(Refusal::NotFramed)?;
        let message = decompressed(if flag == 1 { encoding } else { "" }, message)?;
        let batch = read_protobuf(signal, &message)?;
        all.spans.extend(batch.spans);
        all.logs.extend(batch.logs);
        all.points.extend(batch.points);
        size += message.len();
        body = rest;
    }
    if body.is_empty() && size <= LONGEST_DECODED {
        Ok((all, size))
    } else {
        Err(Refusal::NotFramed)
    }
}

fn decompressed(encoding: &str, body: &[u8]) -> Result<Vec<u8>, Refusal> {
    match encoding.trim().to_ascii_lowercase().as_str() {
        "" | "identity" => Ok(body.to_vec()),
        "gzip" | "x-gzip" => read_bounded(MultiGzDecoder::new(body)),
        "deflate" => read_bounded(ZlibDecoder::new(body)),
        _ => Err(Refusal::Encoding),
    }
}

fn read_bounded(source: impl Read) -> Result<Vec<u8>, Refusal> {
    let mut decoded = Vec::new();
    let limit = u64::try_from(LONGEST_DECODED).unwrap_or(u64::MAX);
    source.take(limit + 1).read_to_end(&mut decoded).map_err(|_| Refusal::NotCompressed)?;
    if decoded.len() > LONGEST_DECODED { Err(Refusal::Long) } else { Ok(decoded) }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn gzipped(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn a_small_body_that_swells_beyond_the_limit_is_refused() {
        let bomb = gzipped(&vec![0; LONGEST_DECODED + 1]);
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert_eq!(decompressed("gzip", &bomb), Err(Refusal::Long));
        assert_eq!(decompressed("GZIP", &gzipped(b"a")).unwrap(), b"a");
        assert_eq!(decompressed("zstd", b""), Err(Refusal::Encoding));
        assert_eq!(decompressed("gzip", b"plain"), Err(Refusal::NotCompressed));
    }

    #[test]
    fn frames_that_promise_more_than_there_is_are_refused() {
        let refused = |body: &[u8]| frames(Signal::Traces, "", body).unwrap_err();
        assert_eq!(refused(&[0, 0, 0, 0, 9, 1]), Refusal::NotFramed);
        assert_eq!(refused(&[0, 0]), Refusal::NotFramed);
        assert_eq!(refused(&[1, 255, 255, 255, 255]), Refusal::NotFramed);
        assert_eq!(frames(Signal::Traces, "", &[0; 5]).unwrap(), (Batch::default(), 0));
    }
}
