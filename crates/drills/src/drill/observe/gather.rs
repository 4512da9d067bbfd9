//! What was sent in a phase of the drill, and what the service told of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use model::counted;

use crate::harness::{Line, Stream};
use crate::load::{Control, Outcome, Plan, Watch};
use crate::proxy::{Call, Happening, HttpCall};
use crate::telemetry::lines::{self, Entry};
use crate::telemetry::{Batch, Collected, Receiver};
use crate::{DrillError, Driving, Rehearsal, Service, Site};

use super::super::busy::tightest;

/// How long nothing new may come until a phase counts as told.
const QUIET: Duration = Duration::from_millis(700);
/// How long is waited for that; the usual exporters send every second to every five.
const PATIENCE: Duration = Duration::from_secs(6);
/// How many of the last requests count for having been exported.
const LAST: usize = 20;

/// Whether spans of what is sent are waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Exports {
    /// They may come.
    Awaited,
    /// None came in all the time before, or none is needed.
    None,
}

/// One request that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// Its trace: 32 hexadecimal digits.
    pub(super) trace_id: String,
    /// The span that it said it comes from: 16 hexadecimal digits.
    pub(super) span_id: String,
    /// Its `x-request-id`.
    pub(super) request_id: String,
    /// Which of the plan's journeys.
    pub(super) journey: usize,
    /// Whether an answer came, of whatever status.
    pub(super) is_answered: bool,
    /// Whether a user saw a failure.
    pub(super) is_failure: bool,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Status of the answer, if one came.
    pub(super) status: Option<u16>,
}

/// One call of the service to a dependency.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Made {
    /// Name of the dependency.
    pub(super) dependency: String,
    /// The HTTP request, if it is one.
    pub(super) http: Option<HttpCall>,
    /// Its first bytes.
    pub(super) kept: String,
}

/// What was sent and seen in one phase of the drill.
#[derive(Clone, Debug)]
pub(super) struct Phase {
    /// When it began.
    pub(super) from: Instant,
    /// When all was told.
    pub(super) until: Instant,
    /// What was sent.
    pub(super) requests: Vec<Sent>,
    /// What the service called meanwhile.
    pub(super) calls: Vec<Made>,
    /// Events of proxies that were not kept.
    pub(super) dropped_events: u64,
    /// What it exported meanwhile.
    pub(super) collected: Collected,
    /// The dependency that refused connections.
    pub(super) broken: Option<String>,
    /// How late the load generator was, where that is too much to tell the service's doing from the machine's.
    pub(super) lateness: Option<String>,
}

/// Everything that was seen.
#[derive(Clone, Debug, Default)]
pub(super) struct Evidence {
    /// The requests with known ids.
    pub(super) known: Told,
    /// The requests with canaries.
    pub(super) secret: Told,
    /// The requests while a dependency refused connections; `None`: none was called that could.
    pub(super) failing: Option<Told>,
    /// The page of metrics after the canaries.
    pub(super) metrics: Option<String>,
    /// Exports that could not be read, with the reason.
    pub(super) unread_exports: Vec<String>,
    /// Exports, events and lines that were not kept.
    pub(super) dropped: u64,
    /// Records that it logged after the first canary was sent, but in neither of the phases from then on: a service that is not let run is late in that.
    pub(super) between: Vec<Entry>,
    /// How late the drill itself was in any part, where that is too much to tell the service's doing from the machine's.
    pub(super) lateness: Option<String>,
}

/// What was sent in a phase and what the service told of it.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) requests: Vec<Sent>,
    pub(super) calls: Vec<Made>,
    /// Records that it printed or logged into its file.
    pub(super) entries: Vec<Entry>,
    /// What it exported.
    pub(super) batch: Batch,
    /// The dependency that refused connections.
    pub(super) broken: Option<String>,
}

impl Told {
    /// The log: records that came by OTLP where there are any, since those are then what is kept of it, else those printed.
    pub(super) fn log(&self) -> Vec<Entry> {
        if self.batch.logs.is_empty() {
            return self.entries.clone();
        }
        self.batch.logs.iter().map(Entry::of_record).collect()
    }
}

/// Gives each request an `x-request-id` that says its number, unless its journey has one already.
pub(super) fn with_request_ids(mut plan: Plan) -> Plan {
    for share in &mut plan.journeys {
        let headers = &mut share.journey.request.headers;
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("x-request-id")) {
            headers.push(("x-request-id".to_owned(), request_id("{seq}")));
        }
    }
    plan
}

fn request_id(sequence: &str) -> String {
    format!("gonogo-{sequence}-observed")
}

/// The span that request `sequence` of the load generator says it comes from.
fn span_id(sequence: u64) -> String {
    format!("{:016x}", sequence.wrapping_add(1).max(1))
}

/// Sends `plan` with traces, and waits until the service has told of it.
pub(super) fn phase(
    rehearsal: &Rehearsal,
    (service, site): (&Service, &Site),
    receiver: &Receiver,
    mut plan: Plan,
    exports: Exports,
) -> Result<Phase, DrillError> {
    for (_, proxy) in site.proxies() {
        let _before = proxy.drain();
    }
    plan.traces = true;
    let control = Control::new();
    let exchanges = control.exchanges(Watch::All);
    let from = Instant::now();
    let lateness = Driving::start(plan, control).finish(rehearsal)?.lateness(tightest(service));
    let sent = exchanges
        .try_iter()
        .filter(|one| !matches!(one.outcome, Outcome::Stopped | Outcome::Unsent));
    let requests = sent.map(|exchange| Sent {
        trace_id: exchange.trace_id.unwrap_or_default(),
        span_id: span_id(exchange.sequence),
        request_id: request_id(&exchange.sequence.to_string()),
        journey: exchange.journey,
        is_answered: exchange.status.is_some(),
        is_failure: exchange.outcome.is_failure(false),
        outcome: exchange.outcome,
        status: exchange.status,
    });
    let requests: Vec<Sent> = requests.collect();
    settle(rehearsal, site, receiver, &last_traces(&requests, exports))?;
    let (mut calls, mut dropped_events) = (Vec::new(), 0);
    for (name, proxy) in site.proxies() {
        let drained = proxy.drain();
        dropped_events += drained.dropped;
        calls.extend(drained.events.into_iter().filter_map(|event| made(name, event.what)));
    }
    let (until, collected) = (Instant::now(), receiver.take());
    let broken = None;
    Ok(Phase { from, until, requests, calls, dropped_events, collected, broken, lateness })
}

fn made(dependency: &str, what: Happening) -> Option<Made> {
    let Happening::Exchange(exchange) = what else { return None };
    let kept = String::from_utf8_lossy(&exchange.kept).into_owned();
    let http = match *exchange.call {
        Call::Http(http) => Some(http),
        _ => None,
    };
    Some(Made { dependency: dependency.to_owned(), http, kept })
}

/// The traces sent last, of which a span is awaited.
fn last_traces(requests: &[Sent], exports: Exports) -> BTreeSet<&str> {
    match exports {
        Exports::Awaited => {
            requests.iter().rev().take(LAST).map(|sent| sent.trace_id.as_str()).collect()
        }
        Exports::None => BTreeSet::new(),
    }
}

/// Waits until no more lines and exports come, and a span of one of the traces `awaited` has come, if there are any.
fn settle(
    rehearsal: &Rehearsal,
    site: &Site,
    receiver: &Receiver,
    awaited: &BTreeSet<&str>,
) -> Result<(), DrillError> {
    let began = Instant::now();
    let (mut last, mut since) = ((0, 0), began);
    let _in_time = rehearsal.wait_for(PATIENCE, || {
        let instance = site.instances.first();
        let lines = instance.map_or(0, |one| one.process.output().since(began).len());
        let exported = receiver.look(|collected| collected.requests);
        if (lines, exported) != last {
            (last, since) = ((lines, exported), Instant::now());
        }
        let is_awaited = !awaited.is_empty()
            && receiver.look(|collected| {
                let mut traces = collected.batch.spans.iter().map(|span| span.trace_id.as_str());
                !traces.any(|trace| awaited.contains(trace))
            });
        (since.elapsed() >= QUIET && !is_awaited).then_some(())
    })?;
    Ok(())
}

impl Evidence {
    /// Puts together what was seen in the three phases, and `rest`, what was exported at the end.
    pub(super) fn new(
        service: &Service,
        [known, secret, failing]: [Option<Phase>; 3],
        rest: Collected,
        lines: &[Line],
        metrics: Option<String>,
    ) -> Self {
        let between = between(service, lines, secret.as_ref(), failing.as_ref());
        let mut evidence = Self { metrics, between, ..Self::default() };
        let mut told = |phase: Phase| {
            evidence.lateness = evidence.lateness.take().or(phase.lateness);
            evidence.dropped += phase.collected.dropped + phase.dropped_events;
            let refused = phase.collected.refused.iter();
            let reasons = refused.map(|refused| format!("`{}`: {}", refused.path, refused.reason));
            evidence.unread_exports.extend(reasons);
            Told {
                requests: phase.requests,
                calls: phase.calls,
                entries: entries(service, lines, |at| at >= phase.from && at < phase.until),
                batch: phase.collected.batch,
                broken: phase.broken,
            }
        };
        let known = known.map(&mut told).unwrap_or_default();
        let mut secret = secret.map(&mut told).unwrap_or_default();
        let failing = failing.map(&mut told);
        secret.batch.spans.extend(rest.batch.spans);
        secret.batch.logs.extend(rest.batch.logs);
        secret.batch.points.extend(rest.batch.points);
        evidence.dropped += rest.dropped;
        let (known, secret, failing) = with_late_spans(known, secret, failing);
        (evidence.known, evidence.secret, evidence.failing) = (known, secret, failing);
        evidence
    }

    /// Whether the service answered nearly all requests and exported no span, in no phase and not when it was stopped. A machine that lets it
    /// do the one lets it do the other: an exporter has all the time of the drill, more than two of the five seconds that usually lie between two exports.
    pub(super) fn is_silent(&self) -> bool {
        let phases = [Some(&self.known), Some(&self.secret), self.failing.as_ref()];
        let has_spans = phases.into_iter().flatten().any(|told| !told.batch.spans.is_empty());
        let requests = &self.known.requests;
        let answered = requests.iter().filter(|sent| sent.is_answered).count();
        !has_spans && self.dropped == 0 && answered * 10 >= requests.len() * 9
    }

    /// What a reader has to know besides the proofs.
    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = Vec::new();
        if let Some(first) = self.unread_exports.first() {
            notes.push(format!(
                "{} could not be read, the first to {first}",
                counted(self.unread_exports.len(), "export")
            ));
        }
        if self.dropped > 0 {
            notes.push(format!(
                "{} exports, calls and lines were more than the drill keeps",
                self.dropped
            ));
        }
        notes
    }
}

/// Spans that came later than the phase in which their request was sent belong to it all the same. They are copied: what later phases are searched
/// for is searched for in all that came.
fn with_late_spans(
    mut known: Told,
    secret: Told,
    failing: Option<Told>,
) -> (Told, Told, Option<Told>) {
    let traces: BTreeSet<&str> =
        known.requests.iter().map(|request| request.trace_id.as_str()).collect();
    let later = secret.batch.spans.iter().chain(failing.iter().flat_map(|told| &told.batch.spans));
    let late: Vec<_> =
        later.filter(|span| traces.contains(span.trace_id.as_str())).cloned().collect();
    known.batch.spans.extend(late);
    (known, secret, failing)
}

/// The records that were printed since the phase with canaries began, but in neither of the two.
fn between(
    service: &Service,
    lines: &[Line],
    secret: Option<&Phase>,
    failing: Option<&Phase>,
) -> Vec<Entry> {
    let Some(secret) = secret else { return Vec::new() };
    let is_in = |phase: &Phase, at: Instant| at >= phase.from && at < phase.until;
    entries(service, lines, |at| {
        at >= secret.from
            && !is_in(secret, at)
            && !failing.is_some_and(|failing| is_in(failing, at))
    })
}

/// The records of the lines that were printed at a `wanted` time, of each stream by itself.
fn entries(service: &Service, lines: &[Line], wanted: impl Fn(Instant) -> bool) -> Vec<Entry> {
    let is_file = service.logs.as_deref().is_some_and(|logs| logs != "stdout" && logs != "stderr");
    let streams: &[Stream] = if is_file {
        &[Stream::File, Stream::Out, Stream::Error]
    } else {
        &[Stream::Out, Stream::Error]
    };
    let mut entries = Vec::new();
    for stream in streams {
        let of_stream = lines.iter().filter(|line| line.stream == *stream && wanted(line.at));
        entries.extend(lines::read(of_stream.map(|line| line.text.as_str())));
    }
    entries
}
