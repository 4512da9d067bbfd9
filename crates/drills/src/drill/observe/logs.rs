//! Judges log records: whether machines read them, and whether they say which request they belong to.

use std::collections::BTreeMap;

use model::{counted, counted_as};

use crate::telemetry::Search;
use crate::telemetry::lines::{Entry, Level, Schema};
use crate::{Outcome, Proof, Shortfall, Subject};

use super::super::busy::{Findings, Untold};
use super::gather::{Evidence, Sent, Told};

pub(super) const STRUCTURED: &str = "observability/structured-logs";
pub(super) const CORRELATED: &str = "observability/log-correlation";
/// Records below which nothing is said about a log.
const FEWEST: usize = 10;
/// Share of records that may be written otherwise than the rest.
const ALLOWED: f64 = 0.01;
/// Share of records that may carry no id, for what a service logs by itself.
const WITHOUT: f64 = 0.1;
/// As many records may carry none in any case.
const FEW: usize = 3;
/// Share of records without an id that no busy machine makes a service write of itself.
const MOST: f64 = 0.5;
/// Records for each request from which on some have to be of requests.
const SPOKEN: f64 = 0.5;
/// Longest excerpt that is shown, in characters.
const SHOWN: usize = 120;

#[expect(clippy::cast_precision_loss, reason = "records of some seconds")]
fn share(count: usize, all: usize) -> f64 {
    count as f64 / all.max(1) as f64
}

fn excerpt(entry: &Entry) -> String {
    let line = entry.text.lines().next().unwrap_or_default();
    line.chars().take(SHOWN).collect::<String>().replace('`', "'")
}

fn about_service(message: String, help: &str) -> Shortfall {
    Shortfall { about: Subject::Service, message, help: help.to_owned() }
}

/// Whether the log is written for machines, in one form, with levels that mean something.
pub(super) fn structured(evidence: &Evidence) -> Result<Proof, Untold> {
    let mut entries = evidence.known.log();
    if let Some(failing) = &evidence.failing {
        entries.extend(failing.log());
    }
    if entries.len() < FEWEST {
        let reason = format!(
            "the service logged {} while {} sent, too few to judge",
            counted(entries.len(), "record"),
            counted_as(evidence.known.requests.len(), "request was", "requests were")
        );
        return Ok(Proof::inconclusive(STRUCTURED, reason));
    }
    let mut counts: BTreeMap<Schema, usize> = BTreeMap::new();
    for entry in &entries {
        *counts.entry(entry.schema).or_default() += 1;
    }
    let all = entries.len();
    let mut findings = Findings::default();
    findings.certain(forms(&entries, &counts));
    findings.certain(without_level(&entries));
    findings.unless_busy(evidence.lateness.as_deref(), all_errors(&evidence.known));
    let parts: Vec<_> =
        counts.iter().map(|(schema, count)| format!("{count} {}", schema.name())).collect();
    findings.judged(STRUCTURED, vec![format!("{all} log records: {}", parts.join(", "))])
}

fn forms(entries: &[Entry], counts: &BTreeMap<Schema, usize>) -> Vec<Shortfall> {
    let all = entries.len();
    let mut shortfalls = Vec::new();
    let bad: Vec<_> = entries.iter().filter(|entry| !entry.schema.is_structured()).collect();
    if let Some(first) = bad.first().filter(|_| share(bad.len(), all) > ALLOWED) {
        shortfalls.push(about_service(
            format!(
                "{} of {all} log records are not structured, such as `{}`",
                bad.len(),
                excerpt(first)
            ),
            "log one JSON object or one line of logfmt for each record, in all libraries that log",
        ));
    }
    let traces: Vec<_> = entries.iter().filter(|entry| entry.further_lines > 0).collect();
    if let Some(first) = traces.first() {
        shortfalls.push(about_service(
            format!("{} log records go over several lines, such as `{}`", traces.len(), excerpt(first)),
            "write stack traces and other long texts into a field of the record, with escaped line ends",
        ));
    }
    let mixed: Vec<_> = counts
        .iter()
        .filter(|(schema, count)| schema.is_structured() && share(**count, all) > ALLOWED)
        .map(|(schema, _)| schema.name())
        .collect();
    if mixed.len() > 1 {
        shortfalls.push(about_service(
            format!("the log mixes {}", mixed.join(" and ")),
            "let all libraries log through one logger",
        ));
    }
    shortfalls
}

fn without_level(entries: &[Entry]) -> Option<Shortfall> {
    let structured: Vec<_> = entries.iter().filter(|entry| entry.schema.is_structured()).collect();
    let without: Vec<_> = structured.iter().filter(|entry| entry.level.is_none()).collect();
    let first = without.first().filter(|_| share(without.len(), structured.len()) > ALLOWED)?;
    Some(about_service(
        format!(
            "{} of {} structured log records have no level, such as `{}`",
            without.len(),
            structured.len(),
            excerpt(first)
        ),
        "write the level of each record, under a name such as `level` or `severity`",
    ))
}

/// That most records are errors in the phase in which nothing was broken.
fn all_errors(calm: &Told) -> Option<Shortfall> {
    let has_failed = calm.requests.iter().any(|request| request.is_failure);
    let calm = calm.log();
    let bad = calm.iter().filter(|entry| entry.level >= Some(Level::Error)).count();
    (!has_failed && share(bad, calm.len()) > 0.5 && calm.len() >= FEWEST).then(|| {
        about_service(
            format!("{bad} of {} log records are errors while no request failed", calm.len()),
            "log what is normal at level info, so that errors can be told from it",
        )
    })
}

/// Whether the log says which request each record belongs to.
pub(super) fn correlation(evidence: &Evidence) -> Result<Proof, Untold> {
    let told = &evidence.known;
    let late = evidence.lateness.as_deref();
    let answered = told.requests.iter().filter(|request| request.is_answered).count();
    let log = told.log();
    let failing = evidence.failing.as_ref();
    // What is logged of a request that was not answered in time names it too.
    let requests = told.requests.iter().chain(failing.iter().flat_map(|told| &told.requests));
    let ids = match Ids::new(requests) {
        Ok(ids) => ids,
        Err(reason) => return Ok(Proof::inconclusive(CORRELATED, reason)),
    };
    let mut found = vec![false; told.requests.len()];
    let mut without: Vec<&Entry> = Vec::new();
    for entry in &log {
        match ids.of(entry) {
            Some(number) => {
                if let Some(slot) = found.get_mut(number) {
                    *slot = true;
                }
            }
            None if entry.level >= Some(Level::Info) || entry.level.is_none() => {
                without.push(entry);
            }
            None => {}
        }
    }
    let is_counted = |(request, is_found): &(&Sent, &bool)| request.is_answered && **is_found;
    let count = told.requests.iter().zip(&found).filter(is_counted).count();
    if !found.contains(&true) && share(log.len(), answered) < SPOKEN {
        let reason = format!(
            "the service logged {} for {}, and none names one, so that they may all be its own",
            counted(log.len(), "record"),
            counted(answered, "request")
        );
        return Ok(Proof::inconclusive(CORRELATED, reason));
    }
    let mut seen = vec![format!(
        "{count} of {answered} requests were found in {} by their ids",
        counted(log.len(), "log record")
    )];
    let mut findings = Findings::default();
    let missing = share(without.len(), log.len());
    let is_much = without.len() > FEW && missing > WITHOUT;
    let without_id = without.first().filter(|_| is_much).map(|first| {
        about_service(
            format!(
                "{} of {} log records carry no trace id or `x-request-id` of a request, such as `{}`",
                without.len(),
                log.len(),
                excerpt(first)
            ),
            "write the trace id of the request's `traceparent` into each record, in the logger for all records at once",
        )
    });
    findings.unless_busy(late.filter(|_| missing <= MOST), without_id);
    let Some(failing) = failing else { return findings.judged(CORRELATED, seen) };
    let log = failing.log();
    let errors: Vec<_> = log.iter().filter(|entry| is_error(entry)).collect();
    let name = failing.broken.as_deref().unwrap_or("a dependency");
    let records = counted(errors.len(), "record");
    seen.push(format!("{records} of errors while `{name}` refused connections"));
    findings.unless_busy(late, errors_without_id(&errors, &ids));
    findings.certain(bare_errors(&errors));
    let proof = findings.judged(CORRELATED, seen)?;
    let has_failed = failing.requests.iter().any(|request| request.is_failure);
    if proof.outcome == Outcome::Kept && has_failed && errors.is_empty() {
        let reason = "requests failed and no error was logged, so that it cannot be seen what records of errors carry";
        return Ok(Proof::inconclusive(CORRELATED, reason));
    }
    Ok(proof)
}

fn is_error(entry: &Entry) -> bool {
    entry.level >= Some(Level::Error)
}

/// Records of errors while a dependency was down have to carry an id.
fn errors_without_id(errors: &[&Entry], ids: &Ids) -> Option<Shortfall> {
    let without: Vec<_> =
        errors.iter().filter(|entry| ids.of(entry).is_none() && entry.id().is_none()).collect();
    let first = without.first().filter(|_| share(without.len(), errors.len()) > WITHOUT)?;
    Some(about_service(
        format!(
            "{} of {} records of errors carry no id of a request, such as `{}`",
            without.len(),
            errors.len(),
            excerpt(first)
        ),
        "write the trace id into records of errors too",
    ))
}

/// They have to say more than that something failed.
fn bare_errors(errors: &[&Entry]) -> Option<Shortfall> {
    let is_bare = |entry: &&&Entry| {
        entry.schema.is_structured()
            && entry.context() == 0
            && entry.message.split_whitespace().count() < 4
    };
    let bare: Vec<_> = errors.iter().filter(is_bare).collect();
    let first = bare.first().filter(|_| share(bare.len(), errors.len()) > 0.5)?;
    Some(about_service(
        format!(
            "{} of {} records of errors say nothing but that, such as `{}`",
            bare.len(),
            errors.len(),
            excerpt(first)
        ),
        "add what failed and why: the dependency's name, the operation, the error",
    ))
}

/// Finds the requests that records speak of.
struct Ids {
    search: Search,
    /// For each text that is searched for, the number of its request.
    owners: Vec<usize>,
}

impl Ids {
    fn new<'a>(requests: impl Iterator<Item = &'a Sent>) -> Result<Self, String> {
        let (mut texts, mut owners) = (Vec::new(), Vec::new());
        for (number, request) in requests.enumerate() {
            for text in written(request) {
                texts.push(text);
                owners.push(number);
            }
        }
        let search = Search::new(&texts)
            .map_err(|error| format!("the ids could not be searched for: {error}"))?;
        Ok(Self { search, owners })
    }

    /// The number of the first request that `entry` names.
    fn of(&self, entry: &Entry) -> Option<usize> {
        self.search.hits(&entry.text).next().and_then(|(text, _)| self.owners.get(text).copied())
    }
}

/// How an id is written: the trace as it is, with hyphens as a UUID, its lower half as a decimal number (Datadog), and the request's own id.
fn written(request: &Sent) -> Vec<String> {
    let trace = request.trace_id.as_str();
    let mut all = vec![request.request_id.clone(), trace.to_owned()];
    if let (Some(a), Some(b), Some(c), Some(d), Some(e)) =
        (trace.get(..8), trace.get(8..12), trace.get(12..16), trace.get(16..20), trace.get(20..))
    {
        all.push(format!("{a}-{b}-{c}-{d}-{e}"));
    }
    let low = trace.get(16..).and_then(|low| u64::from_str_radix(low, 16).ok());
    all.extend(low.map(|low| low.to_string()));
    all.retain(|text| text.len() >= 8);
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::lines::read;

    fn sent(number: usize) -> Sent {
        Sent {
            trace_id: format!("{:016x}{:016x}", number + 77, number + (1 << 60)),
            span_id: format!("{number:016x}"),
            request_id: format!("gonogo-{number}-observed"),
            journey: 0,
            is_answered: true,
            is_failure: false,
            outcome: crate::load::Outcome::Ok,
            status: Some(200),
        }
    }

    fn told(line: impl Fn(&Sent) -> String) -> Told {
        let requests: Vec<_> = (0..50).map(sent).collect();
        let lines: Vec<_> = requests.iter().map(line).collect();
        let text = lines.join("\n");
        Told { requests, entries: read(text.lines()), ..Told::default() }
    }

    fn evidence(line: impl Fn(&Sent) -> String) -> Evidence {
        Evidence { known: told(line), ..Evidence::default() }
    }

    fn messages(proof: Result<Proof, Untold>) -> String {
        match proof.unwrap().outcome {
            Outcome::Kept => "kept".to_owned(),
            Outcome::FellShort(all) => {
                all.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
            }
            Outcome::Inconclusive(reason) => format!("inconclusive: {reason}"),
        }
    }

    fn good(request: &Sent) -> String {
        format!(r#"{{"level":"info","msg":"done","time":1,"trace_id":"{}"}}"#, request.trace_id)
    }

    #[test]
    fn json_with_levels_and_ids_keeps_both() {
        assert_eq!(messages(structured(&evidence(good))), "kept");
        assert_eq!(messages(correlation(&evidence(good))), "kept");
    }

    #[test]
    fn plain_lines_stack_traces_mixtures_and_missing_levels_fall_short() {
        let plain = messages(structured(&evidence(|_| "GET /a ...\n    200 1.5".to_owned())));
        assert!(
            plain.contains("50 of 50 log records are not structured")
                && plain.contains("several lines"),
            "{plain}"
        );
        let mixed = messages(structured(&evidence(|request| match request.request_id.len() % 2 {
            0 => good(request),
            _ => format!("level=info msg=done trace_id={}", request.trace_id),
        })));
        assert_eq!(mixed, "the log mixes JSON and logfmt");
        let bare = messages(structured(&evidence(|_| r#"{"msg":"a","time":1}"#.to_owned())));
        assert!(bare.contains("have no level"), "{bare}");
        let loud = messages(structured(&evidence(|_| {
            r#"{"level":"error","msg":"a","time":1}"#.to_owned()
        })));
        assert!(loud.contains("are errors while no request failed"), "{loud}");
    }

    #[test]
    fn ids_are_found_however_they_are_written() {
        let low = |request: &Sent| u64::from_str_radix(&request.trace_id[16..], 16).unwrap();
        assert_eq!(
            messages(correlation(&evidence(|sent| format!(
                "level=info msg=a dd.trace_id={}",
                low(sent)
            )))),
            "kept"
        );
        assert_eq!(
            messages(correlation(&evidence(|sent| format!(
                "INFO {} done",
                sent.trace_id.to_uppercase()
            )))),
            "kept"
        );
        assert_eq!(
            messages(correlation(&evidence(|sent| format!("INFO [{}] done", sent.request_id)))),
            "kept"
        );
    }

    #[test]
    fn records_without_ids_fall_short() {
        let none = messages(correlation(&evidence(|_| r#"{"level":"info","msg":"a"}"#.to_owned())));
        assert!(none.starts_with("50 of 50 log records carry no trace id"), "{none}");
        let half =
            messages(correlation(&evidence(|sent| format!("{}\nlevel=info msg=more", good(sent)))));
        assert!(half.starts_with("50 of 100 log records carry no trace id"), "{half}");
        let some = |line: fn(&Sent) -> String| {
            let mut told = told(line);
            told.entries.truncate(12);
            messages(correlation(&Evidence { known: told, ..Evidence::default() }))
        };
        assert_eq!(some(good), "kept");
        assert!(some(|_| "level=info msg=tick".to_owned()).starts_with("inconclusive"));
        let silent = messages(correlation(&Evidence {
            known: Told { entries: Vec::new(), ..told(good) },
            ..Evidence::default()
        }));
        assert!(silent.starts_with("inconclusive"), "{silent}");
    }

    #[test]
    fn errors_have_to_carry_an_id_and_say_what_failed() {
        let with = |line: &str| {
            let line = line.to_owned();
            let failing = Told { broken: Some("payments".into()), ..told(move |_| line.clone()) };
            messages(correlation(&Evidence { failing: Some(failing), ..evidence(good) }))
        };
        assert!(
            with(r#"{"level":"error","msg":"the charge failed","reason":"x"}"#)
                .contains("50 of 50 records of errors carry no id")
        );
        assert!(
            with(r#"{"level":"error","msg":"oops","trace_id":"abc"}"#)
                .contains("say nothing but that")
        );
        assert_eq!(with(r#"{"level":"error","msg":"oops","trace_id":"abc","reason":"x"}"#), "kept");
    }

    #[test]
    fn what_is_logged_of_requests_that_got_no_answer_in_time_is_of_requests() {
        let mut slow = evidence(good);
        slow.known.requests.iter_mut().take(30).for_each(|sent| sent.is_answered = false);
        assert_eq!(messages(correlation(&slow)), "kept");
        let seen = correlation(&slow).unwrap().seen;
        assert!(seen[0].starts_with("20 of 20 requests were found in 50"), "{seen:?}");
    }

    #[test]
    fn on_a_busy_machine_only_what_most_records_show_counts() {
        let late = |evidence: Evidence| Evidence { lateness: Some("late".into()), ..evidence };
        let none = late(evidence(|_| r#"{"level":"info","msg":"a"}"#.to_owned()));
        assert!(messages(correlation(&none)).starts_with("50 of 50"));
        let own = |sent: &Sent| format!("{}\nlevel=warn msg=slow", good(sent));
        assert!(correlation(&late(evidence(own))).is_err(), "they may be of its being slow");
        let plain = late(evidence(|_| "GET /a 200".to_owned()));
        assert!(messages(structured(&plain)).contains("50 of 50 log records are not"));
        let loud = late(evidence(|_| r#"{"level":"error","msg":"a","time":1}"#.to_owned()));
        assert!(structured(&loud).is_err(), "dependencies may have been slow");
        let errors = r#"{"level":"error","msg":"the charge failed","reason":"x"}"#;
        let failing = Told { broken: Some("payments".into()), ..told(|_| errors.to_owned()) };
        let failing = late(Evidence { failing: Some(failing), ..evidence(good) });
        assert!(correlation(&failing).is_err(), "they may be of a task of its own");
    }
}
