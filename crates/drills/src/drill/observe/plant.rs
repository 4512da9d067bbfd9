//! Plants canaries in every input of a journey: headers, query, form, and the fields of a JSON body.

use std::fmt::Write as _;

use serde_json::Value;

use crate::load::Share;
use crate::telemetry::canary::{Canaries, Secret};
use crate::{Expectation, Journey, Service};

/// Journeys that canaries are planted in; of more, the first.
const MOST_JOURNEYS: usize = 20;

/// What was planted, and what carries it.
#[derive(Clone, Debug, Default)]
pub(super) struct Planted {
    /// The canaries.
    pub(super) canaries: Canaries,
    /// What is sent with them.
    pub(super) shares: Vec<Share>,
    /// Number of the first of them in the plan, after the journeys as they are.
    pub(super) first: usize,
    /// Inputs without canaries.
    pub(super) unplanted: Vec<String>,
}

/// Plants canaries in the journeys of `service`.
pub(super) fn plant(service: &Service, seed: u64) -> Planted {
    let first = service.journeys.len();
    let mut planted =
        Planted { canaries: Canaries::new(seed), shares: Vec::new(), first, unplanted: Vec::new() };
    for journey in service.journeys.iter().take(MOST_JOURNEYS) {
        let identity = journey
            .identity
            .as_ref()
            .and_then(|name| service.identities.get(name))
            .cloned()
            .unwrap_or_default();
        let has = |wanted: &str| {
            let all = identity.headers.iter().chain(&journey.request.headers);
            all.into_iter().any(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        let canaries = &mut planted.canaries;
        let mut changed = vec![headers(canaries, journey, has), query(canaries, journey)];
        let bodies = bodies(canaries, journey);
        if bodies.is_empty() && !journey.request.body.is_empty() {
            planted.unplanted.push(format!("the body of `{}`", journey.name));
        }
        changed.extend(bodies);
        planted.shares.extend(changed.into_iter().map(|journey| Share {
            journey: Journey { expect: Expectation::default(), ..journey },
            identity: identity.clone(),
            weight: 1.0,
        }));
    }
    let left = service.journeys.iter().skip(MOST_JOURNEYS);
    planted.unplanted.extend(left.map(|journey| format!("`{}`", journey.name)));
    planted
}

/// Headers that requests carry secrets in, unless the journey needs them for itself.
fn headers(canaries: &mut Canaries, journey: &Journey, has: impl Fn(&str) -> bool) -> Journey {
    let mut changed = journey.clone();
    let mut place = |secret, name: &str| {
        let place = format!("the header `{name}` of `{}`", journey.name);
        canaries.plant(secret, &place)
    };
    let headers = &mut changed.request.headers;
    if !has("authorization") {
        headers.push((
            "authorization".to_owned(),
            format!("Bearer {}", place(Secret::Token, "authorization")),
        ));
    }
    for name in ["x-api-key", "x-auth-token"] {
        if !has(name) {
            headers.push((name.to_owned(), place(Secret::Token, name)));
        }
    }
    if !has("cookie") {
        headers.push(("cookie".to_owned(), format!("session={}", place(Secret::Cookie, "cookie"))));
    }
    if !has("x-forwarded-email") {
        headers.push(("x-forwarded-email".to_owned(), place(Secret::Email, "x-forwarded-email")));
    }
    changed
}

/// Names that secrets are usually called by.
const FIELDS: [(&str, Secret); 4] = [
    ("email", Secret::Email),
    ("password", Secret::Password),
    ("card_number", Secret::Card),
    ("access_token", Secret::Token),
];

fn query(canaries: &mut Canaries, journey: &Journey) -> Journey {
    let mut changed = journey.clone();
    for (name, secret) in FIELDS {
        let place = format!("the query parameter `{name}` of `{}`", journey.name);
        let value = percent(&canaries.plant(secret, &place));
        let path = &mut changed.request.path;
        path.push(if path.contains('?') { '&' } else { '?' });
        let _infallible = write!(path, "{name}={value}");
    }
    changed
}

fn bodies(canaries: &mut Canaries, journey: &Journey) -> Vec<Journey> {
    let body = journey.request.body.trim();
    let kind =
        journey.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let is_form = kind.is_some_and(|(_, value)| value.contains("x-www-form-urlencoded"));
    if is_form {
        return vec![form(canaries, journey)];
    }
    if !body.starts_with('{') {
        return Vec::new();
    }
    let mut all = vec![fields(canaries, journey), cut_off(canaries, journey)];
    all.extend(texts(canaries, journey));
    all
}

fn form(canaries: &mut Canaries, journey: &Journey) -> Journey {
    let mut changed = journey.clone();
    for (name, secret) in FIELDS {
        let place = format!("the form field `{name}` of `{}`", journey.name);
        let value = percent(&canaries.plant(secret, &place));
        let body = &mut changed.request.body;
        if !body.is_empty() {
            body.push('&');
        }
        let _infallible = write!(body, "{name}={value}");
    }
    changed
}

/// Further fields at the begin of the object, so that templates in the rest stay as they are.
fn fields(canaries: &mut Canaries, journey: &Journey) -> Journey {
    let pairs = pairs(canaries, journey, "the body's field");
    let rest = journey.request.body.trim_start().strip_prefix('{').unwrap_or_default();
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    with_body(journey, format!("{{{pairs}{comma}{rest}"))
}

/// A body that ends too early: those who log what they cannot read log its secrets.
fn cut_off(canaries: &mut Canaries, journey: &Journey) -> Journey {
    let pairs = pairs(canaries, journey, "the broken body's field");
    with_body(journey, format!("{{{pairs},"))
}

fn pairs(canaries: &mut Canaries, journey: &Journey, what: &str) -> String {
    let pairs = FIELDS.map(|(name, secret)| {
        let place = format!("{what} `{name}` of `{}`", journey.name);
        format!("\"{name}\":{}", Value::from(canaries.plant(secret, &place)))
    });
    pairs.join(",")
}

/// Every text of the body replaced by a canary: what the service does take may be logged where unknown fields are not.
fn texts(canaries: &mut Canaries, journey: &Journey) -> Option<Journey> {
    let mut body: Value = serde_json::from_str(&journey.request.body).ok()?;
    let mut count = 0;
    replace(&mut body, "", &mut |name, text| {
        if text.contains('{') {
            return;
        }
        let (_, secret) = FIELDS[count % FIELDS.len()];
        count += 1;
        *text =
            canaries.plant(secret, &format!("the body's own field `{name}` of `{}`", journey.name));
    });
    (count > 0).then(|| with_body(journey, body.to_string()))
}

fn replace(value: &mut Value, name: &str, change: &mut dyn FnMut(&str, &mut String)) {
    match value {
        Value::String(text) => change(name, text),
        Value::Array(items) => items.iter_mut().for_each(|item| replace(item, name, change)),
        Value::Object(fields) => {
            for (name, value) in fields.iter_mut() {
                replace(value, &name.clone(), change);
            }
        }
        _ => {}
    }
}

fn with_body(journey: &Journey, body: String) -> Journey {
    let mut changed = journey.clone();
    changed.request.body = body;
    changed
}

fn percent(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Request;

    fn planted(body: &str, kind: &str) -> Planted {
        let journey = Journey {
            name: "place-order".into(),
            request: Request {
                method: "POST".into(),
                path: "/orders".into(),
                headers: vec![
                    ("content-type".into(), kind.into()),
                    ("Authorization".into(), "mine".into()),
                ],
                body: body.into(),
            },
            ..Journey::default()
        };
        plant(&Service { journeys: vec![journey], ..Service::default() }, 1)
    }

    #[test]
    fn every_input_of_a_journey_carries_canaries_and_what_it_needs_stays() {
        let planted = planted("{\"sku\":\"a1\",\"n\":{seq}}", "application/json");
        let sent: Vec<_> = planted.shares.iter().map(|share| &share.journey.request).collect();
        assert_eq!(sent.len(), 4);
        assert_eq!(
            sent[0]
                .headers
                .iter()
                .filter(|(name, _)| name.eq_ignore_ascii_case("authorization"))
                .count(),
            1
        );
        assert!(
            sent[1].path.starts_with("/orders?email=canary.") && sent[1].path.contains("%40"),
            "{}",
            sent[1].path
        );
        assert!(sent[2].body.ends_with(",\"sku\":\"a1\",\"n\":{seq}}"), "{}", sent[2].body);
        assert!(serde_json::from_str::<Value>(&sent[2].body.replace("{seq}", "1")).is_ok());
        assert!(serde_json::from_str::<Value>(&sent[3].body).is_err());
    }

    #[test]
    fn texts_that_the_service_takes_are_replaced_and_forms_extended() {
        let own = planted("{\"sku\":\"a1\",\"list\":[{\"x\":\"b\"}]}", "application/json");
        let places: Vec<_> =
            own.canaries.planted().iter().map(|canary| canary.place.as_str()).collect();
        assert!(places.contains(&"the body's own field `x` of `place-order`"), "{places:?}");
        let form = planted("a=b", "application/x-www-form-urlencoded");
        assert!(form.shares[2].journey.request.body.starts_with("a=b&email=canary."));
    }
}
