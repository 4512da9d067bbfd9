//! Trials to judge in tests: a service with one journey, a dependency, and what was seen of both.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::Method;

use super::health::Look;
use super::menu::{self, Dish, Purpose};
use super::signals::Count;
use super::trial::{Request, Trial};
use super::verdicts::Tried;
use crate::harness::{Line, Stream};
use crate::load::Outcome;
use crate::proxy::{self, Call, Exchange, HttpCall, HttpVersion};
use crate::{Dependency, DependencyKind, Journey, Service};

/// A service with one journey.
pub(super) fn service() -> Service {
    let journey =
        Journey { name: "place-order".into(), availability: Some(0.99), ..Journey::default() };
    Service {
        name: "orders".into(),
        ready: Some("/readyz".into()),
        journeys: vec![journey],
        ..Service::default()
    }
}

/// An HTTP dependency with a timeout of 300 ms and two retries.
pub(super) fn dependency(is_critical: bool) -> Dependency {
    Dependency {
        name: "payments".into(),
        kind: DependencyKind::Http,
        is_critical,
        address: None,
        command: None,
        timeout: Some(Duration::from_millis(300)),
        max_retries: Some(2),
        proxy: None,
        on_failure: Some("orders are refused with 503".into()),
    }
}

/// A trial of the menu's first fault of `purpose`, with nothing seen yet but that the fault landed.
pub(super) fn trial(purpose: Purpose) -> Trial {
    let dish: Dish = menu::faults(&dependency(true), 100)
        .into_iter()
        .find(|dish| dish.purpose == purpose)
        .unwrap();
    let from = Instant::now();
    Trial {
        dependency: "payments".into(),
        until: from + dish.lasts,
        dish,
        from,
        landed: 10,
        requests: Vec::new(),
        calls: Vec::new(),
        looks: Vec::new(),
        counts: Vec::new(),
        lines: Vec::new(),
        is_ours: true,
        exit: None,
        recovered_after: Some(Duration::ZERO),
        again: None,
        rate_per_s: 10.0,
        is_doubtful: false,
        lateness: None,
    }
}

/// What was tried on `dependency`, which got ten calls a second before.
pub(super) fn tried(dependency: &Dependency, trial: Trial) -> [Tried<'_>; 1] {
    let shapes = BTreeSet::from(["POST /charges".to_owned()]);
    let (trials, is_whole) = (vec![trial], true);
    [Tried { dependency, trials, is_whole, calls_per_s: 10.0, shapes, alike: BTreeSet::new() }]
}

impl Trial {
    /// A request due `after_ms` into the fault.
    pub(super) fn request(&mut self, after_ms: u64, took_ms: u64, status: Option<u16>) {
        let outcome = match status {
            Some(201) => Outcome::Ok,
            Some(_) => Outcome::WrongStatus,
            None => Outcome::Timeout,
        };
        let due = self.from + Duration::from_millis(after_ms);
        let took = Duration::from_millis(took_ms);
        self.requests.push(Request {
            due,
            took,
            journey: 0,
            outcome,
            status,
            has_body: status.is_some(),
        });
    }

    /// A call on which the fault landed, `after_ms` into it.
    pub(super) fn call(&mut self, after_ms: u64, took_ms: u64, key: Option<&str>, digest: u64) {
        let http = HttpCall {
            version: HttpVersion::Http11,
            method: Method::POST,
            path: "/charges".into(),
            idempotency_key: key.map(str::to_owned),
            traceparent: None,
            headers: Vec::new(),
            body_digest: Some(digest),
            status: Some(503),
            grpc_status: None,
            retry_after: None,
        };
        self.calls.push(Exchange {
            started: self.from + Duration::from_millis(after_ms),
            duration: Duration::from_millis(took_ms),
            first_byte: None,
            left_after: None,
            outcome: proxy::Outcome::Faulted,
            call: Box::new(Call::Http(http)),
            request_bytes: 1,
            answer_bytes: 1,
            faults: vec!["fault".into()],
            kept: Bytes::new(),
        });
    }

    /// A look at the service's health, `after_ms` into the fault.
    pub(super) fn look(&mut self, after_ms: u64, is_ready: bool, is_live: bool) {
        let at = self.from + Duration::from_millis(after_ms);
        self.looks.push(Look { at, is_ready: Some(is_ready), is_live: Some(is_live) });
    }

    /// What was counted and exported of errors by `after_ms` into the fault.
    pub(super) fn count(&mut self, after_ms: u64, errors: Option<f64>, spans: Option<u64>) {
        let at = self.from + Duration::from_millis(after_ms);
        self.counts.push(Count { at, errors, logs: 0, spans });
    }

    /// A printed line, `after_ms` into the fault.
    pub(super) fn line(&mut self, after_ms: u64, text: &str) {
        let at = self.from + Duration::from_millis(after_ms);
        self.lines.push(Line { at, stream: Stream::Out, text: text.into() });
    }
}
