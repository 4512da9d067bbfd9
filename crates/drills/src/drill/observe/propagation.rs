//! Judges whether the trace of each request went on: to the spans that the service exports, and to what it calls.

use std::collections::{BTreeMap, BTreeSet};

use http::Method;

use crate::telemetry::Span;
use crate::{Dependency, DependencyKind, Outcome, Proof, Service, Shortfall, Subject};

use super::super::busy::{Findings, Untold};
use super::gather::{Evidence, Made, Sent};

pub(super) const ID: &str = "observability/trace-propagation";
/// Share of calls or traces that may be without, for what a service does by itself meanwhile.
const ALLOWED: f64 = 0.05;
/// As many calls may be without in any case: what a service fetches by itself every second or two.
const FEW: usize = 3;
/// Calls that are seldom part of a request.
const OWN_CALLS: [&str; 6] = ["health", "ready", "live", "ping", "status", "metrics"];
/// Variables by which other exporters of traces are told where to send.
const OTHER_EXPORTERS: [&str; 7] =
    ["DD_AGENT", "DD_TRACE", "JAEGER_", "ZIPKIN", "ELASTIC_APM", "NEW_RELIC", "SENTRY_DSN"];

/// Whether traces go on.
///
/// What a call carries is the service's own word on any machine; which spans were exported by the end is not.
pub(super) fn proof(service: &Service, evidence: &Evidence) -> Result<Proof, Untold> {
    let told = &evidence.known;
    let sent: BTreeMap<&str, &Sent> =
        told.requests.iter().map(|request| (request.trace_id.as_str(), request)).collect();
    let late = evidence.lateness.as_deref();
    let mut judged = Judged { sent, late, ..Judged::default() };
    let spans: Vec<&Span> = told.batch.spans.iter().collect();
    for dependency in service.dependencies.iter().filter(|one| speaks_http(one)) {
        let calls: Vec<_> =
            told.calls.iter().filter(|call| call.dependency == dependency.name).collect();
        judged.calls(dependency, &calls, &spans);
    }
    judged.spans(service, evidence, &spans);
    let proof = judged.findings.judged(ID, judged.seen)?;
    if proof.outcome == Outcome::Kept && !judged.untold.is_empty() {
        return Ok(Proof::inconclusive(ID, judged.untold.join("; ")));
    }
    Ok(proof)
}

fn speaks_http(dependency: &Dependency) -> bool {
    matches!(dependency.kind, DependencyKind::Http | DependencyKind::Grpc)
}

#[derive(Default)]
struct Judged<'a> {
    /// All requests, also those that were not answered: what is done for them carries their traces all the same.
    sent: BTreeMap<&'a str, &'a Sent>,
    late: Option<&'a str>,
    findings: Findings,
    seen: Vec<String>,
    untold: Vec<String>,
}

impl Judged<'_> {
    fn calls(&mut self, dependency: &Dependency, calls: &[&Made], spans: &[&Span]) {
        let name = &dependency.name;
        let calls: Vec<_> = calls
            .iter()
            .filter_map(|call| call.http.as_ref())
            .filter(|call| !is_own(&call.method, &call.path))
            .collect();
        if calls.is_empty() {
            self.untold.push(format!("no request made the service call `{name}` over HTTP"));
            return;
        }
        let (mut with, mut without, mut other, mut unknown) = (0, 0, 0, 0);
        let exported: BTreeSet<_> =
            spans.iter().map(|span| (span.trace_id.as_str(), span.span_id.as_str())).collect();
        let traces: BTreeSet<_> = exported.iter().map(|(trace, _)| *trace).collect();
        for call in &calls {
            match call.traceparent.as_deref().and_then(parsed) {
                None => without += 1,
                Some((trace, span)) if self.sent.contains_key(trace) => {
                    with += 1;
                    unknown +=
                        usize::from(traces.contains(trace) && !exported.contains(&(trace, span)));
                }
                Some(_) => other += 1,
            }
        }
        let all = calls.len();
        self.seen
            .push(format!("{with} of {all} calls of `{name}` carried the trace of their request"));
        let other_format = calls.iter().find_map(|call| {
            call.headers.iter().find(|(name, _)| !matches!(name.as_str(), "tracestate" | "baggage"))
        });
        let about = || Subject::Dependency(name.clone());
        if is_more(without, all) {
            let instead = other_format
                .map_or_else(String::new, |(header, _)| format!("; they carried `{header}`"));
            self.findings.certain([Shortfall {
                about: about(),
                message: format!("{without} of {all} calls of `{name}` carried no `traceparent`{instead}"),
                help: "let the HTTP client send the W3C `traceparent` of the request that it works for".to_owned(),
            }]);
        }
        if is_more(other, all) {
            self.findings.certain([Shortfall {
                about: about(),
                message: format!(
                    "{other} of {all} calls of `{name}` carried a trace that no request came with"
                ),
                help: "continue the trace of the request rather than beginning one for each call"
                    .to_owned(),
            }]);
        }
        if is_more(unknown, with) {
            self.findings.unless_busy(self.late, [Shortfall {
                about: about(),
                message: format!("{unknown} of {with} calls of `{name}` named a parent span that the service did not export"),
                help: "export a client span for each call, and send its id in `traceparent`".to_owned(),
            }]);
        }
    }

    fn spans(&mut self, service: &Service, evidence: &Evidence, spans: &[&Span]) {
        if spans.is_empty() {
            return self.no_spans(service, evidence);
        }
        let mut traces: BTreeMap<&str, Vec<&Span>> = BTreeMap::new();
        for span in spans {
            traces.entry(span.trace_id.as_str()).or_default().push(span);
        }
        let answered = || self.sent.iter().filter(|(_, sent)| sent.is_answered);
        let all = answered().count();
        let told: Vec<_> = answered()
            .filter_map(|(trace, sent)| traces.get(trace).map(|spans| (*sent, spans)))
            .collect();
        if told.is_empty() {
            self.findings.unless_busy(self.late, [Shortfall {
                about: Subject::Service,
                message: format!("{} spans were exported, and none belongs to a trace that one of {all} requests came with", spans.len()),
                help: "take trace id and parent from the request's `traceparent`".to_owned(),
            }]);
            return;
        }
        let is_below = |(sent, spans): &&(&Sent, &Vec<&Span>)| {
            spans.iter().any(|span| span.parent_id == sent.span_id)
        };
        let lost = told.len() - told.iter().filter(is_below).count();
        let orphans = told.iter().filter(|(sent, spans)| has_orphan(sent, spans)).count();
        self.seen.push(format!("spans of {} of {all} requests were exported", told.len()));
        if is_more(lost, told.len()) {
            self.findings.unless_busy(self.late, [Shortfall {
                about: Subject::Service,
                message: format!("the spans of {lost} of {} requests do not hang below the span that the request came from", told.len()),
                help: "make the server's span a child of the one in the request's `traceparent`".to_owned(),
            }]);
        } else if is_more(orphans, told.len()) {
            self.findings.unless_busy(
                self.late,
                [Shortfall {
                    about: Subject::Service,
                    message: format!(
                        "{orphans} of {} requests have spans whose parent was not exported",
                        told.len()
                    ),
                    help: "export every span of a trace, or none of it".to_owned(),
                }],
            );
        }
    }

    fn no_spans(&mut self, service: &Service, evidence: &Evidence) {
        let names = service.command.iter().flat_map(|command| command.environment.keys());
        let other = names
            .into_iter()
            .find(|name| OTHER_EXPORTERS.iter().any(|known| name.starts_with(known)));
        if let Some(unread) = evidence.unread_exports.first() {
            self.untold.push(format!("what the service exported could not be read, {unread}"));
        } else if let Some(other) = other {
            self.untold.push(format!("it exported no spans by OTLP, and `{other}` says that it exports otherwise, which the drill does not read"));
        } else if service.dependencies.iter().any(speaks_http) {
            // Some come late on a busy machine; none of a service that answered and was let stop do not come at all.
            let late = self.late.filter(|_| !evidence.is_silent());
            self.findings.unless_busy(late, [Shortfall {
                about: Subject::Service,
                message: format!("no span of {} requests was exported to `OTEL_EXPORTER_OTLP_ENDPOINT`", evidence.known.requests.len()),
                help: "export spans by OTLP to where OTEL_EXPORTER_OTLP_ENDPOINT says, at least one for each request".to_owned(),
            }]);
        } else {
            self.untold.push("it calls nothing over HTTP, and exported no spans".to_owned());
        }
    }
}

/// Whether a span hangs below one that is neither the request's nor exported.
fn has_orphan(sent: &Sent, spans: &[&Span]) -> bool {
    let known: BTreeSet<&str> = spans.iter().map(|span| span.span_id.as_str()).collect();
    spans.iter().any(|span| {
        let parent = span.parent_id.as_str();
        !parent.is_empty() && parent != sent.span_id && !known.contains(parent)
    })
}

/// Trace id and span id of a `traceparent`.
fn parsed(traceparent: &str) -> Option<(&str, &str)> {
    let mut parts = traceparent.trim().split('-').skip(1);
    let (trace, span) = (parts.next()?, parts.next()?);
    (trace.len() == 32 && span.len() == 16).then_some((trace, span))
}

fn is_own(method: &Method, path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.starts_with("/grpc.health.")
        || matches!(*method, Method::GET | Method::HEAD)
            && OWN_CALLS.iter().any(|word| path.contains(word))
}

fn is_more(count: usize, all: usize) -> bool {
    #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
    let share = count as f64 / all.max(1) as f64;
    share > ALLOWED && (count > FEW || count == all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::observe::gather::Told;
    use crate::proxy::{HttpCall, HttpVersion};

    fn service() -> Service {
        let payments = Dependency {
            name: "payments".into(),
            kind: DependencyKind::Http,
            is_critical: true,
            address: None,
            command: None,
            timeout: None,
            max_retries: None,
            proxy: None,
            on_failure: None,
        };
        Service {
            dependencies: vec![payments],
            command: Some(crate::Command::default()),
            ..Service::default()
        }
    }

    fn made(path: &str, traceparent: Option<String>) -> Made {
        let http = HttpCall {
            version: HttpVersion::Http11,
            method: Method::GET,
            path: path.into(),
            idempotency_key: None,
            traceparent,
            headers: Vec::new(),
            body_digest: None,
            status: Some(200),
            grpc_status: None,
            retry_after: None,
        };
        Made { dependency: "payments".into(), http: Some(http), kept: String::new() }
    }

    /// Twenty requests, each with a server span, a client span and a call.
    fn evidence() -> Evidence {
        let mut told = Told::default();
        for number in 1..=20_u64 {
            let (trace_id, span_id) = (format!("{number:032x}"), format!("{number:016x}"));
            let (server, client) = (format!("a{number:015x}"), format!("b{number:015x}"));
            told.calls.push(made("/charges", Some(format!("00-{trace_id}-{client}-01"))));
            for (span, parent) in [(&server, &span_id), (&client, &server)] {
                told.batch.spans.push(Span {
                    trace_id: trace_id.clone(),
                    span_id: span.clone(),
                    parent_id: parent.clone(),
                    ..Span::default()
                });
            }
            told.requests.push(Sent {
                trace_id,
                span_id,
                request_id: String::new(),
                journey: 0,
                is_answered: true,
                is_failure: false,
                outcome: crate::load::Outcome::Ok,
                status: Some(200),
            });
        }
        Evidence { known: told, ..Evidence::default() }
    }

    fn shortfall(evidence: &Evidence) -> String {
        match proof(&service(), evidence).unwrap().outcome {
            Outcome::FellShort(shortfalls) => {
                shortfalls.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
            }
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn a_trace_that_goes_on_is_kept_and_calls_of_its_own_do_not_count() {
        let mut evidence = evidence();
        evidence.known.calls.extend((0..50).map(|_| made("/healthz", None)));
        evidence.known.calls.extend((0..3).map(|_| made("/config", None)));
        assert_eq!(proof(&service(), &evidence).unwrap().outcome, Outcome::Kept);
    }

    #[test]
    fn calls_without_the_trace_are_counted() {
        let mut evidence = evidence();
        for call in &mut evidence.known.calls {
            call.http.as_mut().unwrap().traceparent = None;
        }
        assert_eq!(shortfall(&evidence), "20 of 20 calls of `payments` carried no `traceparent`");
        for call in &mut evidence.known.calls {
            call.http.as_mut().unwrap().traceparent =
                Some(format!("00-{}-b000000000000001-01", "f".repeat(32)));
        }
        assert!(shortfall(&evidence).contains("carried a trace that no request came with"));
    }

    #[test]
    fn parents_have_to_be_right_and_exported() {
        let mut wrong = evidence();
        wrong
            .known
            .batch
            .spans
            .iter_mut()
            .for_each(|span| span.parent_id = "c000000000000001".into());
        assert!(shortfall(&wrong).contains("do not hang below"), "{}", shortfall(&wrong));
        let mut no_client = evidence();
        no_client.known.batch.spans.retain(|span| span.span_id.starts_with('a'));
        assert!(
            shortfall(&no_client).contains("named a parent span that the service did not export")
        );
        let mut no_server = evidence();
        no_server.known.batch.spans.retain(|span| span.span_id.starts_with('b'));
        assert!(shortfall(&no_server).contains("do not hang below"));
        let mut new = evidence();
        new.known.batch.spans.iter_mut().for_each(|span| span.trace_id = "e".repeat(32));
        assert!(shortfall(&new).contains("none belongs to a trace"));
    }

    #[test]
    fn no_spans_fall_short_only_where_nothing_else_exports_them() {
        let mut evidence = evidence();
        evidence.known.batch.spans.clear();
        assert!(shortfall(&evidence).contains("no span of 20 requests was exported"));
        evidence.unread_exports.push("`/v1/traces`: cut".into());
        assert!(matches!(proof(&service(), &evidence).unwrap().outcome, Outcome::Inconclusive(_)));
        evidence.unread_exports.clear();
        let mut other = service();
        other.command.as_mut().unwrap().environment.insert("DD_AGENT_HOST".into(), "x".into());
        assert!(matches!(proof(&other, &evidence).unwrap().outcome, Outcome::Inconclusive(_)));
    }

    #[test]
    fn a_dependency_that_is_never_called_leaves_it_open() {
        let mut evidence = evidence();
        evidence.known.calls.clear();
        assert!(matches!(proof(&service(), &evidence).unwrap().outcome, Outcome::Inconclusive(_)));
    }

    #[test]
    fn what_is_done_for_a_request_that_got_no_answer_in_time_carries_a_known_trace() {
        let mut slow = evidence();
        slow.known.requests.iter_mut().take(10).for_each(|sent| sent.is_answered = false);
        assert_eq!(proof(&service(), &slow).unwrap().outcome, Outcome::Kept);
    }

    #[test]
    fn on_a_busy_machine_spans_that_are_missing_say_nothing_and_calls_without_the_trace_do() {
        let late = |change: fn(&mut Told)| {
            let mut evidence = Evidence { lateness: Some("late".into()), ..evidence() };
            change(&mut evidence.known);
            evidence
        };
        let open: [fn(&mut Told); 4] = [
            |told| {
                told.batch.spans.clear();
                told.requests.iter_mut().take(3).for_each(|sent| sent.is_answered = false);
            },
            |told| told.batch.spans.retain(|span| span.span_id.starts_with('a')),
            |told| told.batch.spans.retain(|span| span.span_id.starts_with('b')),
            |told| told.batch.spans.iter_mut().for_each(|span| span.trace_id = "e".repeat(32)),
        ];
        assert!(open.into_iter().all(|change| proof(&service(), &late(change)).is_err()));
        let dropped = late(|told| {
            told.calls = (0..20).map(|_| made("/charges", None)).collect();
        });
        assert_eq!(shortfall(&dropped), "20 of 20 calls of `payments` carried no `traceparent`");
        let mut silent = late(|told| told.batch.spans.clear());
        assert!(shortfall(&silent).contains("no span of 20 requests was exported"));
        silent.secret.batch.spans.push(Span::default());
        assert!(proof(&service(), &silent).is_err(), "some came late");
        assert_eq!(proof(&service(), &late(|_| ())).unwrap().outcome, Outcome::Kept);
    }
}
