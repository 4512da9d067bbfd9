//! capacity/pagination: a list stays as short as a page however much there is.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;

use model::{counted, counted_as};

use super::promise::float;
use crate::harness::send;
use crate::{Journey, Proof, Request, Service, Shortfall, Subject};

const REQUIREMENT: &str = "capacity/pagination";
/// How long one answer may take.
const LIMIT: Duration = Duration::from_secs(10);
/// Things that have to have been created before a list can be long.
const FEWEST: u64 = 200;
/// Of what was created, the share that a list has to have grown by to be taken for all of it.
const GREW: f64 = 0.3;

/// A list as it was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct List {
    /// Name of the journey.
    pub(super) journey: String,
    /// The path that was asked.
    pub(super) path: String,
    /// Things in its longest array.
    pub(super) items: usize,
    /// Bytes of the answer.
    pub(super) bytes: usize,
    /// Whether it says where the rest is.
    pub(super) has_next: bool,
}

/// Asks each journey that reads and that needs no value from another for its list, with its own query and without any.
pub(super) fn lists(service: &Service, address: SocketAddr) -> Vec<List> {
    let reading = service.journeys.iter().filter(|journey| {
        matches!(journey.request.method.as_str(), "" | "GET")
            && !journey.request.path.contains('{')
            && !journey.request.headers.iter().any(|(_, value)| value.contains('{'))
    });
    reading.flat_map(|journey| asked(service, journey, address)).collect()
}

fn asked(service: &Service, journey: &Journey, address: SocketAddr) -> Vec<List> {
    let whole = journey.request.path.as_str();
    let bare = whole.split_once('?').map(|(path, _)| path);
    let identity = journey.identity.as_ref().and_then(|name| service.identities.get(name));
    let identity = identity.map(|identity| identity.headers.clone()).unwrap_or_default();
    if identity.iter().any(|(_, value)| value.contains('{')) {
        return Vec::new();
    }
    [Some(whole), bare]
        .into_iter()
        .flatten()
        .filter_map(|path| {
            let mut headers = journey.request.headers.clone();
            headers.extend(identity.clone());
            let request =
                Request { method: "GET".into(), path: path.into(), headers, body: String::new() };
            let answer =
                send(service.at(address), &request, LIMIT).ok().filter(crate::Answer::is_ok)?;
            let (items, has_next) = read(&answer.body)?;
            let has_next =
                has_next || answer.header("link").is_some_and(|link| link.contains("next"));
            Some(List {
                journey: journey.name.clone(),
                path: path.to_owned(),
                items,
                bytes: answer.body.len(),
                has_next,
            })
        })
        .collect()
}

/// The length of the longest array in `body`, at its top or one below, and whether it says where the rest is; `None`: it holds no array.
fn read(body: &str) -> Option<(usize, bool)> {
    let value: Value = serde_json::from_str(body).ok()?;
    match &value {
        Value::Array(items) => Some((items.len(), false)),
        Value::Object(fields) => {
            let items = fields.values().filter_map(Value::as_array).map(Vec::len).max()?;
            let is_next = |name: &str| {
                let name = name.to_ascii_lowercase();
                ["next", "cursor", "has_more", "hasmore", "continue"]
                    .iter()
                    .any(|word| name.contains(word))
            };
            let has_next = fields.iter().any(|(name, value)| {
                is_next(name) && !value.is_null() && *value != Value::Bool(false)
            });
            Some((items, has_next))
        }
        _ => None,
    }
}

/// Judges the lists before and after `created` things came.
pub(super) fn pagination(before: &[List], after: &[List], created: u64) -> Proof {
    if before.is_empty() && after.is_empty() {
        return Proof::inconclusive(REQUIREMENT, "no journey reads a list in JSON");
    }
    if created < FEWEST {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "only {} created, too few for a long list: add a journey that creates what the list shows",
                counted_as(created, "thing was", "things were")
            ),
        );
    }
    let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
    for list in after {
        let known =
            before.iter().find(|known| known.path == list.path && known.journey == list.journey);
        let grew = list.items.saturating_sub(known.map_or(0, |known| known.items));
        if float(grew as u64) > GREW * float(created) {
            shortfalls.push(Shortfall {
                about: Subject::Journey(list.journey.clone()),
                message: format!(
                    "GET {} of `{}` answers with all there is: {} and {} KiB after {created} were created",
                    list.path,
                    list.journey,
                    counted(list.items, "thing"),
                    list.bytes / 1024
                ),
                help: "give the list a largest page size that no caller can exceed, and say in the answer where the next page is".to_owned(),
            });
        }
        seen.push(format!(
            "GET {}: {}{} after {created} were created",
            list.path,
            counted(list.items, "thing"),
            if list.has_next { " and where the next are" } else { "" }
        ));
    }
    let is_gone = |list: &&List| {
        !after.iter().any(|found| found.path == list.path && found.journey == list.journey)
    };
    if let Some(list) = before.iter().find(is_gone).filter(|_| shortfalls.is_empty()) {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "GET {} of `{}` was answered with a list before the load, and with none within {} s after {created} were created",
                list.path,
                list.journey,
                LIMIT.as_secs()
            ),
        );
    }
    if shortfalls.is_empty() && after.iter().all(|list| list.items == 0) {
        return Proof::inconclusive(
            REQUIREMENT,
            "the lists are empty, so nothing shows how long they get",
        );
    }
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome;

    fn list(items: usize) -> Vec<List> {
        vec![List {
            journey: "list".into(),
            path: "/orders".into(),
            items,
            bytes: items * 100,
            has_next: items == 50,
        }]
    }

    #[test]
    fn a_list_that_grows_with_what_is_created_is_found() {
        let Outcome::FellShort(shortfalls) = pagination(&list(10), &list(2010), 2000).outcome
        else {
            panic!()
        };
        assert!(shortfalls[0].message.contains("2010 things"), "{shortfalls:?}");
    }

    #[test]
    fn a_page_stays_a_page() {
        let proof = pagination(&list(0), &list(50), 2000);
        assert_eq!(proof.outcome, Outcome::Kept);
        assert!(proof.seen[0].contains("where the next are"));
    }

    #[test]
    fn too_little_says_nothing() {
        for proof in [
            pagination(&[], &[], 2000),
            pagination(&[], &list(5), 9),
            pagination(&[], &list(0), 900),
        ] {
            assert!(matches!(proof.outcome, Outcome::Inconclusive(_)), "{proof:?}");
        }
    }

    #[test]
    fn a_list_that_is_not_answered_any_more_is_not_said_to_be_missing_or_paged() {
        let Outcome::Inconclusive(why) = pagination(&list(5), &[], 900).outcome else { panic!() };
        assert!(why.starts_with("GET /orders of `list` was answered with a list before"), "{why}");
        let mut both = list(5);
        both.push(List { path: "/items".into(), ..list(3).remove(0) });
        let outcome = pagination(&both, &list(50), 900).outcome;
        assert!(matches!(outcome, Outcome::Inconclusive(_)), "{outcome:?}");
        let outcome = pagination(&both, &list(900), 900).outcome;
        assert!(matches!(outcome, Outcome::FellShort(_)), "{outcome:?}");
    }

    #[test]
    fn arrays_are_found_at_the_top_and_below() {
        assert_eq!(read("[1,2]"), Some((2, false)));
        assert_eq!(read(r#"{"orders":[1,2,3],"next":"x"}"#), Some((3, true)));
        assert_eq!(read(r#"{"items":[],"next":null}"#), Some((0, false)));
        assert_eq!(read(r#"{"id":1}"#), None);
        assert_eq!(read("<html>"), None);
    }
}
