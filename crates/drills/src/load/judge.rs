//! Whether an answer is what a journey expects, and what is captured from it.

use super::Outcome;
use crate::service::is_expected;
use crate::service::{Expectation, Journey};

/// The most of a body that is kept to look into.
pub(super) const BODY_LIMIT: usize = 1 << 20;

/// The longest captured value that is kept.
const VALUE_LIMIT: usize = 1024;

/// What one journey expects and captures.
#[derive(Debug, Default)]
pub(super) struct Judge {
    status: Option<u16>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    captures: Vec<(String, String)>,
    is_head: bool,
}

impl Judge {
    /// What the journey says.
    pub(super) fn new(journey: &Journey) -> Result<Self, String> {
        let Expectation { status, headers, body } = &journey.expect;
        for (name, pointer) in &journey.capture {
            if !pointer.is_empty() && !pointer.starts_with('/') {
                return Err(format!(
                    "journey `{}` captures `{name}` from `{pointer}`, which is no JSON pointer",
                    journey.name
                ));
            }
        }
        Ok(Self {
            status: *status,
            headers: headers.clone(),
            body: body.clone(),
            captures: journey.capture.clone().into_iter().collect(),
            is_head: journey.request.method == "HEAD",
        })
    }

    /// Whether the answers have no body whatever their headers say.
    pub(super) fn is_head(&self) -> bool {
        self.is_head
    }

    /// Whether the body is looked into.
    pub(super) fn wants_body(&self) -> bool {
        self.body.is_some() || !self.captures.is_empty()
    }

    /// Whether headers are looked at.
    pub(super) fn wants_headers(&self) -> bool {
        !self.headers.is_empty()
    }

    /// Whether the expected headers are all there.
    pub(super) fn keeps_headers(&self, headers: &[(&str, &[u8])]) -> bool {
        self.headers.iter().all(|(name, text)| {
            headers.iter().any(|(found, value)| {
                found.eq_ignore_ascii_case(name) && contains(value, text.as_bytes())
            })
        })
    }

    /// Judges a complete answer and takes the captured values from it.
    pub(super) fn judge(
        &self,
        status: u16,
        keeps_headers: bool,
        body: &[u8],
    ) -> (Outcome, Vec<(String, String)>) {
        if !is_expected(self.status, status) {
            return (Outcome::WrongStatus, Vec::new());
        }
        let has_text = self.body.as_ref().is_none_or(|text| contains(body, text.as_bytes()));
        if !keeps_headers || !has_text {
            return (Outcome::WrongAnswer, Vec::new());
        }
        if self.captures.is_empty() {
            return (Outcome::Ok, Vec::new());
        }
        match self.capture(body) {
            Some(values) => (Outcome::Ok, values),
            None => (Outcome::WrongAnswer, Vec::new()),
        }
    }

    /// All captured values; `None` if one is not there.
    fn capture(&self, body: &[u8]) -> Option<Vec<(String, String)>> {
        let answer: serde_json::Value = serde_json::from_slice(body).ok()?;
        self.captures
            .iter()
            .map(|(name, pointer)| {
                let value = match answer.pointer(pointer)? {
                    serde_json::Value::String(text) => text.clone(),
                    value @ (serde_json::Value::Number(_) | serde_json::Value::Bool(_)) => {
                        value.to_string()
                    }
                    _ => return None,
                };
                (value.len() <= VALUE_LIMIT).then(|| (name.clone(), value))
            })
            .collect()
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || memchr::memmem::find(text, part).is_some()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn judge(change: impl Fn(&mut Journey)) -> Judge {
        let mut journey = Journey::default();
        change(&mut journey);
        Judge::new(&journey).unwrap()
    }

    #[test]
    fn without_an_expectation_any_success_or_redirect_will_do() {
        let judge = judge(|_| ());
        assert_eq!(judge.judge(204, true, b"").0, Outcome::Ok);
        assert_eq!(judge.judge(302, true, b"").0, Outcome::Ok);
        assert_eq!(judge.judge(404, true, b"").0, Outcome::WrongStatus);
    }

    #[test]
    fn a_header_or_a_text_that_is_missing_is_a_wrong_answer() {
        let judge = judge(|journey| {
            journey.expect.body = Some("total".to_owned());
            journey.expect.headers = vec![("Content-Type".to_owned(), "json".to_owned())];
        });
        let headers = [("content-type", &b"application/json"[..])];
        assert!(judge.keeps_headers(&headers));
        assert!(!judge.keeps_headers(&[("content-type", &b"text/html"[..])]));
        assert_eq!(judge.judge(200, true, b"{\"total\":1}").0, Outcome::Ok);
        assert_eq!(judge.judge(200, true, b"{}").0, Outcome::WrongAnswer);
        assert_eq!(judge.judge(200, false, b"total").0, Outcome::WrongAnswer);
    }

    #[test]
    fn an_acknowledgement_without_its_captured_value_is_a_wrong_answer() {
        let judge = judge(|journey| {
            journey.capture = BTreeMap::from([("id".to_owned(), "/order/id".to_owned())]);
        });
        let (outcome, values) = judge.judge(201, true, b"{\"order\":{\"id\":17}}");
        assert_eq!(outcome, Outcome::Ok);
        assert_eq!(values, [("id".to_owned(), "17".to_owned())]);
        for body in [&b"{}"[..], b"<html>", b"{\"order\":{\"id\":null}}"] {
            assert_eq!(judge.judge(201, true, body).0, Outcome::WrongAnswer);
        }
    }
}
