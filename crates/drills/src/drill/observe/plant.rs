//! Plants canaries in every input of a journey: headers, path, query, and the fields of a body.
//!
//! All that carries canaries is sent besides the journeys as they are, and may be answered with an error: errors are logged with what caused them.

mod form;
mod json;
mod xml;

use crate::load::Share;
use crate::telemetry::canary::{Canaries, Secret, percent_all};
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
        changed.extend(path(canaries, journey, &mut planted.unplanted));
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

/// Parts of names that call a value a secret.
const WORDS: [(&str, Secret); 6] = [
    ("mail", Secret::Email),
    ("passw", Secret::Password),
    ("card", Secret::Card),
    ("token", Secret::Token),
    ("api_key", Secret::Token),
    ("session", Secret::Cookie),
];

/// Parts of a path after which a secret follows, and no number of one, as it does after `tokens`.
const BEFORE: [&str; 5] = ["email", "mail", "password", "token", "session"];

/// What is called `name`, if that is a secret: the id of a session is one, that of a card is none.
fn named(name: &str) -> Option<Secret> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let secret = WORDS.iter().find(|(word, _)| name.contains(word)).map(|(_, secret)| *secret);
    secret.filter(|secret| *secret == Secret::Cookie || !name.ends_with("id"))
}

/// A canary at each part of the path that is a value and called a secret. Any other value is an id, as far as one can tell: services rightly log it.
fn path(
    canaries: &mut Canaries,
    journey: &Journey,
    unplanted: &mut Vec<String>,
) -> Option<Journey> {
    let whole = &journey.request.path;
    let (path, query) = whole.split_at(whole.find('?').unwrap_or(whole.len()));
    let (mut parts, mut count): (Vec<String>, usize) = (Vec::new(), 0);
    let mut before = "";
    for part in path.split('/') {
        let name = part.strip_prefix('{').and_then(|part| part.strip_suffix('}'));
        let called = BEFORE.contains(&before).then(|| named(before)).flatten();
        let planted = name.map(|name| (name, named(name).or(called)));
        match planted {
            Some((name, Some(secret))) => {
                let place = format!("`{{{name}}}` in the path of `{}`", journey.name);
                parts.push(percent_all(&canaries.plant(secret, &place)));
                count += 1;
            }
            Some((name, None)) => {
                unplanted.push(format!("`{{{name}}}` in the path of `{}`", journey.name));
                parts.push(part.to_owned());
            }
            None => parts.push(part.to_owned()),
        }
        before = part;
    }
    let mut changed = journey.clone();
    changed.request.path = parts.join("/") + query;
    (count > 0).then_some(changed)
}

/// Further parameters, and those of its own that are called secrets.
fn query(canaries: &mut Canaries, journey: &Journey) -> Journey {
    let mut changed = journey.clone();
    let path = &mut changed.request.path;
    if let Some((before, own)) = journey.request.path.split_once('?') {
        let own = form::replaced(own, |name| {
            let place = format!("the query parameter `{name}` of `{}`", journey.name);
            named(name).map(|secret| canaries.plant(secret, &place))
        });
        *path = format!("{before}?{own}");
    }
    path.push(if path.contains('?') { '&' } else { '?' });
    path.push_str(&form::further(canaries, journey, "the query parameter"));
    changed
}

fn bodies(canaries: &mut Canaries, journey: &Journey) -> Vec<Journey> {
    let body = journey.request.body.trim_start();
    let kind =
        journey.request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("content-type"));
    let kind = kind.map(|(_, value)| value.as_str()).unwrap_or_default();
    let lower = kind.to_ascii_lowercase();
    let bodies = if lower.contains("x-www-form-urlencoded") {
        form::bodies(canaries, journey)
    } else if lower.starts_with("multipart/") {
        form::multipart(canaries, journey, kind)
    } else if body.starts_with(['{', '[']) {
        json::bodies(canaries, journey)
    } else if body.starts_with('<') {
        xml::bodies(canaries, journey)
    } else {
        Vec::new()
    };
    bodies.into_iter().map(|body| with_body(journey, body)).collect()
}

fn with_body(journey: &Journey, body: String) -> Journey {
    let mut changed = journey.clone();
    changed.request.body = body;
    changed
}

/// What is called for one after the other where a body holds values of any name.
fn in_turn(count: usize) -> Secret {
    FIELDS[count % FIELDS.len()].1
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

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
        assert_eq!(sent.len(), 5);
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

    /// The bodies with canaries; none in the first two, which carry them elsewhere.
    fn bodies(planted: &Planted) -> Vec<&str> {
        planted.shares[2..].iter().map(|share| share.journey.request.body.as_str()).collect()
    }

    fn places(planted: &Planted) -> Vec<&str> {
        planted.canaries.planted().iter().map(|canary| canary.place.as_str()).collect()
    }

    #[test]
    fn lists_and_objects_within_a_body_carry_canaries_whatever_templates_stand_beside_them() {
        let whole = "{\"tags\":[\"a\"],\"n\":{seq},\"id\":\"o-{uuid}\",\"to\":{\"zip\":1},\"key\":\"${KEY}\"}";
        let planted = planted(whole, "application/json");
        let places = places(&planted);
        for place in [
            "an element of the list `tags` in the body of `place-order`",
            "`email` within `to` in the body of `place-order`",
            "the body's own field `tags` of `place-order`",
        ] {
            assert!(places.contains(&place), "{place}: {places:?}");
        }
        let bodies = bodies(&planted);
        let own: Value = serde_json::from_str(&bodies[3].replace("{seq}", "1")).unwrap();
        assert_eq!((&own["id"], &own["key"]), (&"o-{uuid}".into(), &"${KEY}".into()));
        assert!(bodies[3].contains("\"n\":{seq}"), "{}", bodies[3]);
        let list = self::planted("[{\"sku\":\"a\"}]", "application/json");
        assert!(list.unplanted.is_empty());
        let list = self::bodies(&list);
        assert!(list[0].starts_with("[{\"email\":") && list[0].ends_with(','), "{}", list[0]);
        let grown: Value = serde_json::from_str(list[1]).unwrap();
        assert!(grown[1].is_string() && grown[0]["password"].is_string(), "{grown}");
    }

    #[test]
    fn elements_and_attributes_of_xml_carry_canaries() {
        let whole = "<?xml version=\"1.0\"?><!-- a > b --><o:order n='>'><sku>a1</sku><n>{seq}</n></o:order>";
        let planted = planted(whole, "application/xml");
        assert!(planted.unplanted.is_empty(), "{:?}", planted.unplanted);
        let bodies = bodies(&planted);
        assert!(bodies[0].contains("<o:order n='>' email=\"canary."), "{}", bodies[0]);
        assert!(bodies[0].contains("\"><email>canary.") && bodies[0].contains("!&amp;/&quot;"));
        assert!(bodies[0].ends_with("<sku>a1</sku><n>{seq}</n></o:order>"), "{}", bodies[0]);
        assert!(bodies[1].ends_with("</access_token><"), "{}", bodies[1]);
        assert!(bodies[2].contains("<sku>canary.") && bodies[2].contains("<n>{seq}</n>"));
        let empty = self::planted("<ping/>", "text/xml");
        let empty = self::bodies(&empty)[0];
        assert!(empty.starts_with("<ping email=") && empty.ends_with("\"/>"), "{empty}");
        assert_eq!(self::planted("< 3", "text/plain").unplanted, ["the body of `place-order`"]);
    }

    #[test]
    fn parts_of_a_form_and_a_file_carry_canaries() {
        let part = "--x\r\nContent-Disposition: form-data; name=\"sku\"\r\n\r\na1\r\n";
        let planted = planted(&format!("{part}--x--\r\n"), "multipart/form-data; boundary=x");
        let places = places(&planted);
        assert!(places.contains(&"the body's own part `sku` of `place-order`"), "{places:?}");
        let bodies = bodies(&planted);
        assert!(bodies[0].ends_with(&format!("{part}--x--\r\n")), "{}", bodies[0]);
        assert!(bodies[0].contains("name=\"password\"\r\n\r\nCn"), "{}", bodies[0]);
        assert!(bodies[0].contains("filename=\"canary."), "{}", bodies[0]);
        assert!(bodies[1].ends_with("\r\n--x\r\n"), "{}", bodies[1]);
        assert!(bodies[2].starts_with("--x\r\n") && bodies[2].ends_with("\r\n--x--\r\n"));
        assert!(!bodies[2].contains("a1"), "{}", bodies[2]);
        let unknown = self::planted("a", "multipart/form-data");
        assert_eq!(unknown.unplanted, ["the body of `place-order`"]);
    }

    #[test]
    fn parts_of_a_path_that_are_called_secrets_carry_canaries_and_ids_do_not() {
        let sent = |path: &str| {
            let (mut canaries, mut unplanted) = (Canaries::new(1), Vec::new());
            let request = Request { path: path.into(), ..Request::default() };
            let journey = Journey { name: "get".into(), request, ..Journey::default() };
            let changed = super::path(&mut canaries, &journey, &mut unplanted);
            (changed.map(|journey| journey.request.path), unplanted)
        };
        let (path, unplanted) = sent("/users/{email}/orders/{id}?n={n}");
        let path = path.unwrap();
        assert!(path.starts_with("/users/canary.") && path.contains("%40"), "{path}");
        assert!(path.ends_with("/orders/{id}?n={n}"), "{path}");
        assert_eq!(unplanted, ["`{id}` in the path of `get`"]);
        assert!(sent("/reset/token/{value}").0.unwrap().starts_with("/reset/token/gng_"));
        for path in ["/tokens/{id}", "/cards/{cardId}", "/token/refresh", "/orders/email", "/"] {
            assert_eq!(sent(path).0, None, "{path}");
        }
    }

    #[test]
    fn values_of_forms_and_queries_carry_canaries_where_names_allow() {
        let form = planted("a=b&n={seq}", "application/x-www-form-urlencoded");
        let form = bodies(&form);
        assert!(form[0].contains("&user%5Bpassword%5D=Cn"), "{}", form[0]);
        assert!(form[1].starts_with("a=canary.") && form[1].ends_with("&n={seq}"), "{}", form[1]);
        let request = Request { path: "/find?q=x&token=y".into(), ..Request::default() };
        let journey = Journey { name: "find".into(), request, ..Journey::default() };
        let path = query(&mut Canaries::new(1), &journey).request.path;
        assert!(path.starts_with("/find?q=x&token=gng_"), "{path}");
        assert!(path.contains("&email=canary.") && path.contains("&user%5Bemail%5D="), "{path}");
    }
}
