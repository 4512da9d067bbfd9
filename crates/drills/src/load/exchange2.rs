//! One request and its answer over HTTP/2.

use bytes::Bytes;
use h2::Reason;
use h2::client::SendRequest;

use super::Outcome;
use super::judge::BODY_LIMIT;
use super::script::{Filled, Scene};

/// How a request over HTTP/2 ended.
#[derive(Debug)]
pub(super) struct Answered {
    pub(super) outcome: Outcome,
    pub(super) status: Option<u16>,
    pub(super) captured: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
    pub(super) error: Option<String>,
    /// Nothing more is to be sent on its connection.
    pub(super) is_connection_over: bool,
}

impl Default for Answered {
    fn default() -> Self {
        Self::failed(Outcome::Unsent, None)
    }
}

impl Answered {
    pub(super) fn failed(outcome: Outcome, error: Option<String>) -> Self {
        Self {
            outcome,
            status: None,
            captured: Vec::new(),
            body: Vec::new(),
            error,
            is_connection_over: matches!(outcome, Outcome::Refused | Outcome::Malformed),
        }
    }

    fn broken(status: Option<u16>, error: &h2::Error) -> Self {
        let is_connection_over = error.is_go_away() || error.is_io();
        let outcome = outcome(error, status.is_some());
        let failed = Self::failed(outcome, Some(error.to_string()));
        Self {
            status,
            is_connection_over: failed.is_connection_over || is_connection_over,
            ..failed
        }
    }
}

/// What an error means. A stream that was refused, or lies above the last one that GOAWAY names, was not taken by the service.
fn outcome(error: &h2::Error, has_begun: bool) -> Outcome {
    use std::io::ErrorKind::ConnectionReset;
    let was_refused = error.reason() == Some(Reason::REFUSED_STREAM)
        || error.is_go_away() && error.reason() == Some(Reason::NO_ERROR);
    if error.is_remote() && was_refused && !has_begun {
        return Outcome::ClosedIdle;
    }
    if let Some(io) = error.get_io() {
        return if io.kind() == ConnectionReset { Outcome::Reset } else { Outcome::ClosedEarly };
    }
    match error.reason() {
        Some(_) if error.is_remote() => Outcome::Reset,
        Some(_) => Outcome::Malformed,
        None => Outcome::ClosedEarly,
    }
}

/// Sends the request and reads the whole answer.
pub(super) async fn exchange(
    sender: SendRequest<Bytes>,
    scene: &Scene,
    filled: &Filled,
    authority: &str,
    is_secure: bool,
    keeps_body: bool,
) -> Answered {
    let Some(request) = request(scene, filled, authority, is_secure) else {
        return Answered::failed(Outcome::Unsent, Some("the request cannot be written".to_owned()));
    };
    let mut status = None;
    let exchange = async {
        let mut sender = sender.ready().await?;
        let is_whole = filled.body.is_empty();
        let (response, mut stream) = sender.send_request(request, is_whole)?;
        if !is_whole {
            stream.send_data(Bytes::from(filled.body.clone()), true)?;
        }
        let (head, mut answer) = response.await?.into_parts();
        status = Some(head.status.as_u16());
        let mut body = Vec::new();
        while let Some(part) = answer.data().await {
            let part = part?;
            answer.flow_control().release_capacity(part.len())?;
            if keeps_body {
                let room = BODY_LIMIT.saturating_sub(body.len()).min(part.len());
                body.extend_from_slice(part.get(..room).unwrap_or(&[]));
            }
        }
        Ok((head, body))
    };
    match exchange.await {
        Err(error) => Answered::broken(status, &error),
        Ok((head, body)) => {
            let headers: Vec<_> = head
                .headers
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_bytes()))
                .collect();
            let keeps_headers = scene.judge.keeps_headers(&headers);
            let (outcome, captured) = scene.judge.judge(head.status.as_u16(), keeps_headers, &body);
            Answered { outcome, status, captured, body, error: None, is_connection_over: false }
        }
    }
}

fn request(
    scene: &Scene,
    filled: &Filled,
    authority: &str,
    is_secure: bool,
) -> Option<http::Request<()>> {
    let host = filled.headers.iter().find(|(name, _)| name == "host");
    let authority = host.map_or(authority, |(_, host)| host.as_str());
    head((&scene.method, &filled.path), &filled.headers, (authority, is_secure))
}

/// The head of a request of `method` to `path`; `None` where it cannot be written. `headers` have their names in lower case.
pub(crate) fn head(
    (method, path): (&str, &str),
    headers: &[(String, String)],
    (authority, is_secure): (&str, bool),
) -> Option<http::Request<()>> {
    let uri = http::Uri::builder()
        .scheme(if is_secure { "https" } else { "http" })
        .authority(authority)
        .path_and_query(path)
        .build()
        .ok()?;
    let mut request = http::Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        // Over HTTP/2 the connection's own headers do not exist.
        if !matches!(name.as_str(), "host" | "connection" | "keep-alive" | "transfer-encoding") {
            request = request.header(name, value);
        }
    }
    request.body(()).ok()
}
