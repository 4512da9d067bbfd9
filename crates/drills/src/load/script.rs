//! The journeys of a plan, made ready to be sent: templates cut, what never changes written once.

use std::fmt::Write as _;

use super::judge::Judge;
use super::plan::{Http, LoadError, Plan, Share};
use super::random::Random;
use super::template::{Filling, Names, Position, Template, Unfillable};

/// What random numbers of one request are drawn for.
const MIX: u64 = 1;
const FILL: u64 = 2;
const TRACE: u64 = 3;
const FRESH: u64 = 4;

/// Values kept of each captured name, the latest ones.
const POOL: usize = 256;

/// All journeys.
#[derive(Debug)]
pub(super) struct Script {
    pub(super) journeys: Vec<Scene>,
    /// Upper ends of the journeys' shares, from 0 to 1.
    shares: Vec<f64>,
    /// Names of captured values.
    values: Vec<String>,
    seed: u64,
    takes_turns: bool,
    has_traces: bool,
    fresh_share: f64,
    has_expiring_connections: bool,
}

/// One journey.
#[derive(Debug)]
pub(super) struct Scene {
    pub(super) name: String,
    pub(super) method: String,
    pub(super) judge: Judge,
    /// The request as sent over HTTP/1.1, if it is always the same.
    fixed: Option<Vec<u8>>,
    path: Template,
    pub(super) headers: Vec<(String, Template)>,
    body: Template,
    body_position: Position,
    needs: Vec<usize>,
    /// Numbers of captured values, in the order of the judge's captures.
    captures: Vec<usize>,
}

/// Values captured so far by one worker.
#[derive(Debug, Default)]
pub(super) struct Captured {
    values: Vec<Vec<String>>,
    next: Vec<usize>,
}

/// One request's own parts.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Filled {
    pub(super) path: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Script {
    /// Makes the plan's journeys ready.
    pub(super) fn new(
        plan: &Plan,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, LoadError> {
        let weights: f64 = plan.journeys.iter().map(|share| share.weight).sum();
        let are_weights = plan.journeys.iter().all(|share| share.weight >= 0.0) && weights > 0.0;
        if !are_weights || !weights.is_finite() {
            return Err(LoadError::Plan("no journey has a weight above 0".to_owned()));
        }
        let mut values: Vec<String> =
            plan.journeys.iter().flat_map(|share| share.journey.capture.keys().cloned()).collect();
        values.sort();
        values.dedup();
        let names = Names { captured: &values, variable };
        let mut journeys = Vec::new();
        let mut shares = Vec::new();
        let mut sum = 0.0;
        for share in &plan.journeys {
            sum += share.weight / weights;
            shares.push(sum);
            journeys.push(Scene::new(share, plan, &names)?);
        }
        let script = Self {
            journeys,
            shares,
            values,
            seed: plan.seed,
            takes_turns: plan.takes_turns,
            has_traces: plan.traces,
            fresh_share: plan.fresh_share,
            has_expiring_connections: plan.fresh_share > 0.0,
        };
        script.check_values()?;
        Ok(script)
    }

    /// Some journey has to be possible before anything was captured.
    fn check_values(&self) -> Result<(), LoadError> {
        if self.journeys.iter().any(|scene| scene.needs.is_empty()) {
            return Ok(());
        }
        Err(LoadError::Plan(
            "every journey needs a value that another has to capture first".to_owned(),
        ))
    }

    /// Which journey request `sequence` is of. One whose values nobody has captured yet gives way to the one that captures them.
    pub(super) fn choose(&self, sequence: u64, captured: &Captured) -> usize {
        let mut chosen = 0;
        if self.takes_turns {
            let count = u64::try_from(self.journeys.len()).unwrap_or(1).max(1);
            chosen = usize::try_from(sequence % count).unwrap_or(0);
        } else if self.journeys.len() > 1 {
            let share = Random::new(self.seed, sequence, MIX).share();
            let found = self.shares.iter().position(|end| share < *end);
            chosen = found.unwrap_or(self.journeys.len() - 1);
        }
        for _ in 0..self.journeys.len() {
            let missing = self.missing(chosen, captured);
            let Some(missing) = missing else { return chosen };
            let source = self.journeys.iter().position(|scene| scene.captures.contains(&missing));
            chosen = source.unwrap_or(0);
        }
        self.journeys.iter().position(|scene| scene.needs.is_empty()).unwrap_or(0)
    }

    fn missing(&self, journey: usize, captured: &Captured) -> Option<usize> {
        let scene = self.journeys.get(journey)?;
        scene.needs.iter().copied().find(|value| captured.is_empty(*value))
    }

    /// Whether request `sequence` gets a connection of its own.
    pub(super) fn is_fresh(&self, sequence: u64) -> bool {
        self.has_expiring_connections
            && Random::new(self.seed, sequence, FRESH).share() < self.fresh_share
    }

    /// The trace id of request `sequence`, if requests carry one.
    pub(super) fn trace_id(&self, sequence: u64) -> Option<String> {
        let mut random = self.has_traces.then(|| Random::new(self.seed, sequence, TRACE))?;
        Some(format!("{:016x}{:016x}", random.next() | 1, random.next()))
    }

    /// The value of the `traceparent` header, sampled.
    pub(super) fn traceparent(trace_id: &str, sequence: u64) -> String {
        format!("00-{trace_id}-{:016x}-01", sequence.wrapping_add(1).max(1))
    }

    /// Writes request `sequence` of the journey for HTTP/1.1.
    pub(super) fn write(
        &self,
        journey: usize,
        sequence: u64,
        captured: &Captured,
        out: &mut Vec<u8>,
    ) {
        let Some(scene) = self.journeys.get(journey) else { return };
        if let Some(fixed) = scene.fixed.as_ref().filter(|_| !self.has_traces) {
            out.extend_from_slice(fixed);
            return;
        }
        let filled = self.fill(journey, sequence, captured);
        out.extend_from_slice(scene.wire(&filled).as_bytes());
    }

    /// Fills the journey's templates for request `sequence`.
    pub(super) fn fill(&self, journey: usize, sequence: u64, captured: &Captured) -> Filled {
        let mut filled = Filled::default();
        let Some(scene) = self.journeys.get(journey) else { return filled };
        let random = Random::new(self.seed, sequence, FILL);
        let mut filling = Filling { sequence, random, captured: &captured.values };
        scene.path.fill(&mut filling, Position::Path, &mut filled.path);
        for (name, value) in &scene.headers {
            let mut text = String::new();
            value.fill(&mut filling, Position::Header, &mut text);
            filled.headers.push((name.clone(), text));
        }
        if let Some(trace_id) = self.trace_id(sequence) {
            let value = Self::traceparent(&trace_id, sequence);
            filled.headers.push(("traceparent".to_owned(), value));
        }
        scene.body.fill(&mut filling, scene.body_position, &mut filled.body);
        filled
    }

    /// Keeps what the answer to a journey's request was asked for, for later requests.
    pub(super) fn keep(
        &self,
        journey: usize,
        values: &[(String, String)],
        captured: &mut Captured,
    ) {
        captured.values.resize_with(self.values.len(), Vec::new);
        captured.next.resize(self.values.len(), 0);
        let numbers = self.journeys.get(journey).map_or(&[][..], |scene| &scene.captures);
        for (number, (_, value)) in numbers.iter().zip(values) {
            captured.keep(*number, value);
        }
    }
}

impl Captured {
    fn is_empty(&self, value: usize) -> bool {
        self.values.get(value).is_none_or(Vec::is_empty)
    }

    fn keep(&mut self, number: usize, value: &str) {
        let (Some(pool), Some(next)) = (self.values.get_mut(number), self.next.get_mut(number))
        else {
            return;
        };
        match pool.get_mut(*next) {
            Some(oldest) => value.clone_into(oldest),
            None => pool.push(value.to_owned()),
        }
        *next = (*next + 1) % POOL;
    }
}

impl Scene {
    fn new(share: &Share, plan: &Plan, names: &Names) -> Result<Self, LoadError> {
        let journey = &share.journey;
        let request = &journey.request;
        let template = |text: &str, position| {
            Template::new(text, position, names).map_err(|unfillable| match unfillable {
                Unfillable::Variable(name) => {
                    LoadError::MissingVariable { journey: journey.name.clone(), name }
                }
                Unfillable::Value(name) => {
                    LoadError::UnknownValue { journey: journey.name.clone(), name }
                }
            })
        };
        let body_position = if request.body.trim_start().starts_with(['{', '[']) {
            Position::JsonBody
        } else {
            Position::Body
        };
        let mut headers = Vec::new();
        for (name, value) in share.identity.headers.iter().chain(&request.headers) {
            check_header(&journey.name, name, value)?;
            headers.push((name.to_ascii_lowercase(), template(value, Position::Header)?));
        }
        let mut scene = Self {
            name: journey.name.clone(),
            method: method(&journey.name, &request.method)?,
            judge: Judge::new(journey).map_err(LoadError::Plan)?,
            fixed: None,
            path: template(path(&journey.name, &request.path)?, Position::Path)?,
            headers,
            body: template(&request.body, body_position)?,
            body_position,
            needs: Vec::new(),
            captures: journey
                .capture
                .keys()
                .filter_map(|name| names.captured.iter().position(|known| known == name))
                .collect(),
        };
        if plan.target.http == Http::One {
            scene.add_header("host", plan.target.authority());
        }
        scene.add_header("user-agent", concat!("gonogo/", env!("CARGO_PKG_VERSION")));
        scene.needs = scene.all_needs();
        scene.fixed = scene.write_once();
        Ok(scene)
    }

    fn add_header(&mut self, name: &str, value: &str) {
        let names = Names { captured: &[], variable: &|_| None };
        if self.headers.iter().all(|(known, _)| known != name) {
            let value = Template::new(value, Position::Header, &names).unwrap_or_default();
            self.headers.insert(0, (name.to_owned(), value));
        }
    }

    fn all_needs(&self) -> Vec<usize> {
        let headers = self.headers.iter().flat_map(|(_, value)| value.needs());
        let mut needs: Vec<usize> =
            self.path.needs().chain(headers).chain(self.body.needs()).collect();
        needs.sort_unstable();
        needs.dedup();
        needs
    }

    fn write_once(&self) -> Option<Vec<u8>> {
        let mut filled = Filled {
            path: self.path.fixed()?.to_owned(),
            headers: Vec::new(),
            body: self.body.fixed()?.to_owned(),
        };
        for (name, value) in &self.headers {
            filled.headers.push((name.clone(), value.fixed()?.to_owned()));
        }
        Some(self.wire(&filled).into_bytes())
    }

    /// The request as HTTP/1.1 writes it.
    fn wire(&self, filled: &Filled) -> String {
        let mut text = format!("{} {} HTTP/1.1\r\n", self.method, filled.path);
        for (name, value) in &filled.headers {
            // Writing to a string cannot fail.
            let _ = write!(text, "{name}: {value}\r\n");
        }
        let has_length = filled.headers.iter().any(|(name, _)| name == "content-length");
        let takes_body = matches!(self.method.as_str(), "POST" | "PUT" | "PATCH");
        if (takes_body || !filled.body.is_empty()) && !has_length {
            let _ = write!(text, "content-length: {}\r\n", filled.body.len());
        }
        text.push_str("\r\n");
        text.push_str(&filled.body);
        text
    }

    /// Whether RFC 9110 calls the method idempotent.
    pub(super) fn is_idempotent(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD" | "OPTIONS" | "TRACE" | "PUT" | "DELETE")
    }
}

fn method(journey: &str, method: &str) -> Result<String, LoadError> {
    let method = if method.is_empty() { "GET" } else { method };
    match http::Method::from_bytes(method.as_bytes()) {
        Ok(method) if method != http::Method::CONNECT => Ok(method.as_str().to_owned()),
        _ => Err(LoadError::Plan(format!("journey `{journey}` has the method `{method}`"))),
    }
}

fn path<'a>(journey: &str, path: &'a str) -> Result<&'a str, LoadError> {
    let is_path = path.starts_with('/') || path == "*";
    if !is_path || path.contains(|c: char| c.is_whitespace() || c.is_control() || !c.is_ascii()) {
        return Err(LoadError::Plan(format!(
            "journey `{journey}` has the path `{}`, which cannot be sent as it is",
            path.escape_debug()
        )));
    }
    Ok(path)
}

fn check_header(journey: &str, name: &str, value: &str) -> Result<(), LoadError> {
    let is_name = http::HeaderName::from_bytes(name.as_bytes()).is_ok();
    if !is_name || value.contains(|c: char| c.is_control() && c != '\t') {
        let name = name.escape_debug();
        return Err(LoadError::Plan(format!(
            "journey `{journey}` has a header `{name}` that cannot be sent"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::time::Duration;

    use super::super::plan::{Rate, Target};
    use super::*;
    use crate::service::{Identity, Journey, Request};

    fn journey(name: &str, method: &str, path: &str, body: &str) -> Journey {
        let request = Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: Vec::new(),
            body: body.to_owned(),
        };
        Journey { name: name.to_owned(), request, ..Journey::default() }
    }

    fn script(journeys: Vec<Journey>, change: impl Fn(&mut Plan)) -> Result<Script, LoadError> {
        let shares = journeys.into_iter().map(Share::of).collect();
        let rate = Rate::constant(1.0, Duration::from_secs(1));
        let mut plan = Plan::new(Target::plain("127.0.0.1:1"), shares, rate);
        plan.seed = 5;
        change(&mut plan);
        Script::new(&plan, &|_| None)
    }

    fn written(script: &Script, journey: usize, sequence: u64, captured: &Captured) -> String {
        let mut out = Vec::new();
        script.write(journey, sequence, captured, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_request_has_its_host_its_identity_and_its_length() {
        let mut post = journey("post", "POST", "/orders", "{\"n\":{seq}}");
        post.request.headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        let identity = Identity { headers: vec![("Authorization".to_owned(), "b".to_owned())] };
        let script =
            script(vec![post], |plan| plan.journeys[0].identity = identity.clone()).unwrap();
        let text = written(&script, 0, 12, &Captured::default());
        assert!(text.starts_with("POST /orders HTTP/1.1\r\n"), "{text}");
        for line in ["host: 127.0.0.1:1", "authorization: b", "content-length: 8"] {
            assert!(text.contains(&format!("\r\n{line}\r\n")), "{line} in {text}");
        }
        assert!(text.ends_with("\r\n\r\n{\"n\":12}"), "{text}");
    }

    #[test]
    fn a_request_whose_value_is_not_there_yet_gives_way_to_the_one_that_brings_it() {
        let mut create = journey("create", "POST", "/o", "");
        create.capture = BTreeMap::from([("id".to_owned(), "/id".to_owned())]);
        let read = journey("read", "GET", "/o/{id}", "");
        let script = script(vec![create, read], |plan| plan.journeys[0].weight = 0.0).unwrap();
        let mut captured = Captured::default();
        assert_eq!(script.choose(1, &captured), 0);
        script.keep(0, &[("id".to_owned(), "o 1".to_owned())], &mut captured);
        assert_eq!(script.choose(1, &captured), 1);
        assert!(written(&script, 1, 1, &captured).starts_with("GET /o/o%201 HTTP"));
    }

    #[test]
    fn journeys_are_chosen_by_their_weights() {
        let journeys = vec![journey("a", "GET", "/a", ""), journey("b", "GET", "/b", "")];
        let script = script(journeys, |plan| plan.journeys[0].weight = 3.0).unwrap();
        let captured = Captured::default();
        let first = (0..10_000).filter(|seq| script.choose(*seq, &captured) == 0).count();
        assert!((7_300..7_700).contains(&first), "{first}");
    }

    #[test]
    fn journeys_that_take_turns_are_all_sent() {
        let journeys = ["a", "b", "c"].map(|name| journey(name, "GET", "/", "")).to_vec();
        let script = script(journeys, |plan| plan.takes_turns = true).unwrap();
        let sent: Vec<_> = (0..6).map(|seq| script.choose(seq, &Captured::default())).collect();
        assert_eq!(sent, [0, 1, 2, 0, 1, 2]);
    }

    #[test]
    fn each_request_has_a_trace_of_its_own_when_asked() {
        let script = script(vec![journey("a", "GET", "/", "")], |plan| plan.traces = true).unwrap();
        let text = written(&script, 0, 1, &Captured::default());
        let trace_id = script.trace_id(1).unwrap();
        assert_eq!(trace_id.len(), 32);
        assert!(text.contains(&format!("\r\ntraceparent: 00-{trace_id}-")), "{text}");
        assert_ne!(script.trace_id(2).unwrap(), trace_id);
    }

    #[test]
    fn what_cannot_be_sent_is_refused_before_the_run() {
        for (method, path) in [("GET", "o"), ("GET", "/a b"), ("GET", "/\r\nx: y"), ("G T", "/")] {
            assert!(script(vec![journey("a", method, path, "")], |_| ()).is_err(), "{path}");
        }
        let mut headed = journey("a", "GET", "/", "");
        headed.request.headers.push(("x".to_owned(), "a\r\nb: c".to_owned()));
        assert!(script(vec![headed], |_| ()).is_err());
        assert!(script(Vec::new(), |_| ()).is_err());
    }
}
