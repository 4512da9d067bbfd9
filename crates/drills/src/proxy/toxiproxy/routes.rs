//! Requests to the API and their answers.

use std::sync::atomic::{AtomicU64, Ordering};

use http_body_util::{BodyExt, Full, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::{Method, Request, Response};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::proxies::{ApiError, Proxies};

/// Bytes that a body may have.
const MAX_BODY: usize = 8 << 20;
/// What a Toxiproxy answers that was not built from a release, to the letter.
const VERSION: &str = "{\"version\": \"git\"}\n";

/// A request with its body.
#[derive(Debug)]
pub(super) struct Asked {
    method: Method,
    path: String,
    is_browser: bool,
    body: Result<Bytes, String>,
}

/// Reads a request to its end.
pub(super) async fn read(request: Request<Incoming>) -> Asked {
    let agent = request.headers().get("user-agent").and_then(|agent| agent.to_str().ok());
    let is_browser = agent.is_some_and(|agent| agent.starts_with("Mozilla/"));
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let body = Limited::new(request.into_body(), MAX_BODY).collect().await;
    let body = body.map(http_body_util::Collected::to_bytes).map_err(|error| error.to_string());
    Asked { method, path, is_browser, body }
}

/// Reads a body; what follows the first value is ignored, as Toxiproxy does.
pub(super) fn json<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    let mut values = serde_json::Deserializer::from_slice(body).into_iter::<T>();
    match values.next() {
        Some(Ok(value)) => Ok(value),
        Some(Err(error)) => Err(ApiError::bad_body(&error.to_string())),
        None => Err(ApiError::bad_body("EOF")),
    }
}

/// A good answer: its status, and its body if there is one.
type Good = (u16, Option<Value>);

/// Does what is asked for.
pub(super) fn answer(proxies: &mut Proxies, asked: &Asked) -> Response<Full<Bytes>> {
    if asked.is_browser {
        return plain(403, "User agent not allowed\n");
    }
    let body = match &asked.body {
        Ok(body) => body,
        Err(reason) => return failed(&ApiError::bad_body(reason)),
    };
    let segments: Vec<String> = asked.path.split('/').skip(1).map(unescaped).collect();
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    let Some(allowed) = methods(&segments) else { return plain(404, "404 page not found\n") };
    if !allowed.contains(&asked.method) {
        return plain(405, "");
    }
    if segments == ["version"] {
        return send(200, "application/json;charset=utf-8", VERSION.to_owned());
    }
    match route(proxies, &asked.method, &segments, body) {
        Ok((status, Some(value))) => send(status, "application/json", value.to_string()),
        Ok((status, None)) => plain(status, ""),
        Err(error) => failed(&error),
    }
}

/// The answer of a server that is about to end.
pub(super) fn gone() -> Response<Full<Bytes>> {
    plain(503, "the server ends\n")
}

/// Which methods there are at a path.
fn methods(segments: &[&str]) -> Option<&'static [Method]> {
    const READ: &[Method] = &[Method::GET];
    const WRITE: &[Method] = &[Method::POST];
    const LIST: &[Method] = &[Method::GET, Method::POST];
    const ONE: &[Method] = &[Method::GET, Method::POST, Method::PATCH, Method::DELETE];
    Some(match segments {
        ["version"] => READ,
        ["reset" | "populate"] => WRITE,
        ["proxies"] => LIST,
        ["proxies", name] if !name.is_empty() => ONE,
        ["proxies", name, "toxics"] if !name.is_empty() => LIST,
        ["proxies", name, "toxics", toxic] if !name.is_empty() && !toxic.is_empty() => ONE,
        _ => return None,
    })
}

fn route(
    proxies: &mut Proxies,
    method: &Method,
    segments: &[&str],
    body: &[u8],
) -> Result<Good, ApiError> {
    let good = |value| Ok((200, Some(value)));
    let writes = *method == Method::POST || *method == Method::PATCH;
    match segments {
        ["reset"] => proxies.reset().map(|()| (204, None)),
        ["populate"] => Ok(populate(proxies, body)),
        ["proxies"] if writes => Ok((201, Some(proxies.create(body)?))),
        ["proxies"] => good(proxies.json()),
        ["proxies", name] if writes => good(proxies.update(name, body)?),
        ["proxies", name] if *method == Method::DELETE => {
            proxies.delete(name).map(|()| (204, None))
        }
        ["proxies", name] => good(proxies.get(name)?.json()),
        ["proxies", name, "toxics"] if writes => good(proxies.get_mut(name)?.add(body)?),
        ["proxies", name, "toxics"] => good(Value::Array(proxies.get(name)?.toxics())),
        ["proxies", name, "toxics", toxic] if writes => {
            good(proxies.get_mut(name)?.change(toxic, body)?)
        }
        ["proxies", name, "toxics", toxic] if *method == Method::DELETE => {
            proxies.get_mut(name)?.remove(toxic).map(|()| (204, None))
        }
        ["proxies", name, "toxics", toxic] => good(proxies.get(name)?.toxic(toxic)?.json()),
        _ => Err(ApiError::new(404, "404 page not found")),
    }
}

fn populate(proxies: &mut Proxies, body: &[u8]) -> Good {
    let (error, made) = proxies.populate(body);
    let made = if made.is_empty() { Value::Null } else { Value::Array(made) };
    match error {
        None => (201, Some(json!({"proxies": made}))),
        Some(error) => {
            let value = json!({"error": error.text, "status": error.status, "proxies": made});
            (error.status, Some(value))
        }
    }
}

fn failed(error: &ApiError) -> Response<Full<Bytes>> {
    send(error.status, "application/json", format!("{}\n", error.json()))
}

fn plain(status: u16, text: &str) -> Response<Full<Bytes>> {
    send(status, "text/plain; charset=utf-8", text.to_owned())
}

fn send(status: u16, content_type: &str, body: String) -> Response<Full<Bytes>> {
    static REQUESTS: AtomicU64 = AtomicU64::new(0);
    let id = format!("{:020x}", REQUESTS.fetch_add(1, Ordering::Relaxed));
    Response::builder()
        .status(status)
        .header("content-type", content_type)
        .header("x-toxiproxy-request-id", id)
        .body(Full::new(Bytes::from(body)))
        .unwrap_or_default()
}

/// A segment of a path without its percent escapes.
fn unescaped(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = after.get(..2).filter(|_| *first == b'%');
        let byte = escaped
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
