//! Requests with their places filled in, for those that the drill sends by itself instead of as load.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::harness::fill;
use crate::{Identity, Request};

/// `request` as `identity`, with `values` and the usual places filled in; `None` when a place is left that cannot be filled.
pub(super) fn filled(
    request: &Request,
    identity: Option<&Identity>,
    values: &[(String, String)],
    sequence: u64,
) -> Option<Request> {
    let mut known: BTreeMap<String, String> = values.iter().cloned().collect();
    known.insert("seq".to_owned(), sequence.to_string());
    known.insert("uuid".to_owned(), format!("00000000-0000-4000-8000-{sequence:012}"));
    let in_path =
        known.iter().map(|(name, value)| (name.clone(), percent_encoded(value))).collect();
    let path = fill(&variables(&request.path)?, &in_path);
    if path.contains('{') {
        return None;
    }
    let headers = identity.map(|identity| identity.headers.as_slice()).unwrap_or_default();
    let headers: Option<Vec<_>> = request
        .headers
        .iter()
        .chain(headers)
        .map(|(name, value)| {
            let value = fill(&variables(value)?, &known);
            (!value.contains("{random:") && !value.contains(['\r', '\n']))
                .then(|| (name.clone(), value))
        })
        .collect();
    let body = fill(&variables(&request.body)?, &known);
    if body.contains("{random:") {
        return None;
    }
    Some(Request { method: request.method.clone(), path, headers: headers?, body })
}

/// `text` with each `${VARIABLE}` replaced by the environment's; `None` when one is not set.
fn variables(text: &str) -> Option<String> {
    let (mut whole, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("${") {
        let (name, after) = after.split_once('}')?;
        whole.push_str(before);
        whole.push_str(&std::env::var(name).ok()?);
        rest = after;
    }
    whole.push_str(rest);
    Some(whole)
}

fn percent_encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _infallible = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(path: &str, body: &str) -> Request {
        Request {
            method: "POST".into(),
            path: path.into(),
            headers: vec![("idempotency-key".into(), "{uuid}".into())],
            body: body.into(),
        }
    }

    #[test]
    fn places_are_filled_and_braces_of_json_stay() {
        let values = [("id".to_owned(), "a/b".to_owned())];
        let identity = Identity { headers: vec![("x-user".into(), "{seq}".into())] };
        let filled = filled(
            &request("/o/{id}", r#"{"n": {seq}, "id": "{id}"}"#),
            Some(&identity),
            &values,
            7,
        )
        .unwrap();
        assert_eq!(filled.path, "/o/a%2Fb");
        assert_eq!(filled.body, r#"{"n": 7, "id": "a/b"}"#);
        assert_eq!(filled.headers[0].1, "00000000-0000-4000-8000-000000000007");
        assert_eq!(filled.headers[1].1, "7");
    }

    #[test]
    fn what_cannot_be_filled_is_not_sent() {
        assert_eq!(filled(&request("/o/{id}", ""), None, &[], 1), None);
        assert_eq!(filled(&request("/o", "{random:1-2}"), None, &[], 1), None);
        assert_eq!(filled(&request("/${NO_SUCH_VARIABLE_HERE}", ""), None, &[], 1), None);
    }
}
