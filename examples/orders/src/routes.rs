//! From a request to an answer.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Instant, SystemTime};

use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, RETRY_AFTER};
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::log::fields;
use crate::orders::{self, PAGE};
use crate::shop::{Refusal, Shop};
use crate::trace::{Context, Span};
use crate::{Defect, chance};

/// Longest body that is read.
const LONGEST_BODY: usize = 64 << 10;

type Answer = Response<Full<Bytes>>;

/// Answers one request, counts it, logs it and ends its span.
pub(crate) async fn answer(shop: Arc<Shop>, request: Request<Incoming>) -> Answer {
    let path = request.uri().path().to_owned();
    match path.as_str() {
        "/livez" => return text(StatusCode::OK, "ok"),
        "/readyz" => return ready(&shop).await,
        "/metrics" => return text(StatusCode::OK, &shop.metrics.text()),
        "/version" => return text(StatusCode::OK, env!("CARGO_PKG_VERSION")),
        _ => {}
    }
    let (began, context) =
        ((Instant::now(), SystemTime::now()), Context::from_headers(request.headers()));
    shop.metrics.in_flight.fetch_add(1, Ordering::Relaxed);
    let (method, headers) = (request.method().clone(), request.headers().clone());
    let (route, answer) = routed(&shop, request, &path, &context).await;
    shop.metrics.in_flight.fetch_sub(1, Ordering::Relaxed);
    let status = answer.status();
    if is_counted(&shop, status) {
        shop.metrics.served(route, status.as_u16(), began.0.elapsed());
    }
    let name = format!("{method} {route}");
    tell(&shop, &name, status, &headers, began.0, &context);
    let is_error = status.is_server_error() && !shop.settings.has(Defect::SilentErrors);
    shop.spans.end(Span { context, name, kind: 2, began: began.1, is_error });
    answer
}

fn is_counted(shop: &Shop, status: StatusCode) -> bool {
    let is_skipped = shop.settings.has(Defect::WrongMetrics) && chance::bits().is_multiple_of(2);
    let is_hidden = shop.settings.has(Defect::SilentErrors) && status.is_server_error();
    !is_skipped && !is_hidden
}

fn tell(
    shop: &Shop,
    name: &str,
    status: StatusCode,
    headers: &HeaderMap,
    began: Instant,
    context: &Context,
) {
    let took_ms = began.elapsed().as_secs_f64() * 1e3;
    let mut line = fields([("status", json!(status.as_u16())), ("took_ms", json!(took_ms))]);
    if shop.settings.has(Defect::LogsSecrets) {
        line.insert("headers".to_owned(), json!(format!("{headers:?}")));
    }
    if !(shop.settings.has(Defect::SilentErrors) && status.is_server_error()) {
        let level = if status.is_server_error() { "error" } else { "info" };
        shop.log.request(level, name, context, line);
    }
}

async fn routed(
    shop: &Arc<Shop>,
    request: Request<Incoming>,
    path: &str,
    context: &Context,
) -> (&'static str, Answer) {
    shop.leak();
    let _alone = if shop.settings.has(Defect::OneAtATime) {
        Some(shop.one_at_a_time.lock().await)
    } else {
        None
    };
    match (request.method(), path) {
        (&Method::POST, "/orders") => ("/orders", place(shop, request, context).await),
        (&Method::GET, "/orders") => {
            ("/orders", list(shop, request.uri().query().unwrap_or_default(), context).await)
        }
        (&Method::GET, path) if path.starts_with("/orders/") => {
            ("/orders/{id}", find(shop, path.trim_start_matches("/orders/"), context).await)
        }
        _ => ("other", problem(StatusCode::NOT_FOUND, "there is no such page")),
    }
}

async fn ready(shop: &Arc<Shop>) -> Answer {
    match shop.health.missing(shop).await {
        None => text(StatusCode::OK, "ready"),
        Some(missing) => {
            text(StatusCode::SERVICE_UNAVAILABLE, &format!("{missing} does not answer"))
        }
    }
}

async fn place(shop: &Arc<Shop>, request: Request<Incoming>, context: &Context) -> Answer {
    let Ok(body) = Limited::new(request.into_body(), LONGEST_BODY).collect().await else {
        return problem(StatusCode::PAYLOAD_TOO_LARGE, "the body is too long or was cut off");
    };
    let Ok(wanted) = serde_json::from_slice::<Value>(&body.to_bytes()) else {
        return problem(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let (sku, n) =
        (wanted.get("sku").and_then(Value::as_str), wanted.get("n").and_then(Value::as_i64));
    let (Some(sku), Some(n)) = (sku, n) else {
        return problem(
            StatusCode::BAD_REQUEST,
            "an order has a text `sku` and a whole number `n`",
        );
    };
    match shop.order(sku, n, context).await {
        Ok(order) => {
            if shop.settings.has(Defect::AcknowledgesEarly) {
                store_later(shop.clone(), order.clone());
            }
            body_of(StatusCode::CREATED, &json!(order))
        }
        Err(refusal) => refused(&refusal),
    }
}

/// Keeps an order some time after it was acknowledged, which a crash in between loses.
fn store_later(shop: Arc<Shop>, order: orders::Order) {
    tokio::spawn(async move {
        tokio::time::sleep(std::time::Duration::from_millis(400)).await;
        let _acknowledged_already = orders::insert(&shop.database, &order).await;
    });
}

async fn find(shop: &Arc<Shop>, id: &str, context: &Context) -> Answer {
    if shop.settings.has(Defect::SlowQuery) {
        let _slow = orders::dawdle(&shop.database).await;
    }
    match shop.stored(orders::find(&shop.database, id).await, context) {
        Ok(Some(order)) => body_of(StatusCode::OK, &json!(order)),
        Ok(None) => problem(StatusCode::NOT_FOUND, "there is no such order"),
        Err(refusal) => refused(&refusal),
    }
}

async fn list(shop: &Arc<Shop>, query: &str, context: &Context) -> Answer {
    let value = |name: &str| {
        query.split('&').find_map(|pair| {
            pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value)
        })
    };
    let asked = value("limit").and_then(|limit| limit.parse().ok()).unwrap_or(PAGE);
    let limit = if shop.settings.has(Defect::NoPaging) { i64::MAX } else { asked.clamp(1, PAGE) };
    let mut orders = match shop.stored(
        orders::list(&shop.database, value("after").unwrap_or_default(), limit).await,
        context,
    ) {
        Ok(orders) => orders,
        Err(refusal) => return refused(&refusal),
    };
    if shop.settings.has(Defect::NPlusOne) {
        for order in &mut orders {
            if let Ok(Some(found)) = orders::find(&shop.database, &order.id).await {
                *order = found;
            }
        }
    }
    let next = orders
        .last()
        .filter(|_| i64::try_from(orders.len()).is_ok_and(|count| count == limit))
        .map(|order| order.id.clone());
    body_of(StatusCode::OK, &json!({"orders": orders, "next": next}))
}

fn refused(refusal: &Refusal) -> Answer {
    match refusal {
        Refusal::Bad(why) => problem(StatusCode::BAD_REQUEST, why),
        Refusal::Later(_) => {
            let mut answer =
                problem(StatusCode::SERVICE_UNAVAILABLE, "please try again in a second");
            answer.headers_mut().insert(RETRY_AFTER, hyper::header::HeaderValue::from_static("1"));
            answer
        }
    }
}

fn problem(status: StatusCode, detail: &str) -> Answer {
    body_of(status, &json!({"title": status.canonical_reason(), "detail": detail}))
}

fn body_of(status: StatusCode, value: &Value) -> Answer {
    answer_with(status, "application/json", value.to_string())
}

fn text(status: StatusCode, body: &str) -> Answer {
    answer_with(status, "text/plain; charset=utf-8", body.to_owned())
}

fn answer_with(status: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::from(body));
    *answer.status_mut() = status;
    answer.headers_mut().insert(CONTENT_TYPE, hyper::header::HeaderValue::from_static(kind));
    answer
}
