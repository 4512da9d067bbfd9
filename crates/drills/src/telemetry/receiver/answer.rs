//! What exporters are answered: as OTLP over HTTP and as gRPC want it.

use std::convert::Infallible;

use bytes::Bytes;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Response, StatusCode};

use super::request::{Manner, Refusal};

/// An answer to an exporter.
pub(super) type Answer = Response<BoxBody<Bytes, Infallible>>;

/// A message of gRPC without any field.
const EMPTY_FRAME: &[u8] = &[0; 5];

/// The answer to a request that was taken.
pub(super) fn taken(manner: Manner) -> Answer {
    match manner {
        Manner::Grpc => {
            let mut trailers = HeaderMap::new();
            trailers.insert("grpc-status", HeaderValue::from_static("0"));
            let body = Full::new(Bytes::from_static(EMPTY_FRAME));
            let body = body.with_trailers(std::future::ready(Some(Ok(trailers)))).boxed();
            with(StatusCode::OK, "application/grpc", body)
        }
        Manner::Json => with(StatusCode::OK, "application/json", full("{}".to_owned())),
        Manner::Protobuf => with(StatusCode::OK, "application/x-protobuf", full(String::new())),
    }
}

/// The answer to one that was not: in a way that makes exporters drop it rather than try again.
pub(super) fn refused(manner: Manner, refusal: &Refusal) -> Answer {
    if manner == Manner::Grpc {
        let mut answer = with(StatusCode::OK, "application/grpc", full(String::new()));
        let code = if *refusal == Refusal::NoSuchPath { "12" } else { "3" };
        answer.headers_mut().insert("grpc-status", HeaderValue::from_static(code));
        if let Ok(message) = HeaderValue::from_str(&refusal.to_string()) {
            answer.headers_mut().insert("grpc-message", message);
        }
        return answer;
    }
    let status = match refusal {
        Refusal::NoSuchPath => StatusCode::NOT_FOUND,
        Refusal::NotPosted => StatusCode::METHOD_NOT_ALLOWED,
        Refusal::Encoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        Refusal::Long => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    with(status, "text/plain; charset=utf-8", full(refusal.to_string()))
}

fn full(text: String) -> BoxBody<Bytes, Infallible> {
    Full::from(text).boxed()
}

fn with(status: StatusCode, kind: &'static str, body: BoxBody<Bytes, Infallible>) -> Answer {
    let mut answer = Response::new(body);
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
