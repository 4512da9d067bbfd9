//! Judges where canaries turned up.

use std::collections::{BTreeMap, BTreeSet};

use model::{counted, counted_as, listed};

use crate::telemetry::canary::{Encoding, Finder, Secret};
use crate::telemetry::{Attributes, Batch};
use crate::{Proof, Shortfall, Subject};

use super::super::busy::{Findings, Untold};
use super::gather::{Evidence, Made, Told};
use super::plant::Planted;

pub(super) const ID: &str = "observability/no-secrets-in-logs";
/// Longest excerpt that is shown, in characters.
const SHOWN: usize = 120;

/// Where a canary turned up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Where {
    Log,
    Span,
    Metric,
    Address,
}

impl Where {
    fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Log => (
                "the log",
                "leave it out of what is logged, or mask it in the logger for all lines at once",
            ),
            Self::Span => (
                "a span",
                "leave it out of the span's attributes, or remove it in a span processor",
            ),
            Self::Metric => (
                "a metric's labels",
                "label metrics only with values of which there are few, such as the route",
            ),
            Self::Address => (
                "the address of a call",
                "send it in the body or in a header: addresses are logged on every way",
            ),
        }
    }
}

/// Whether none of the canaries turned up where texts are kept.
///
/// What was found was written by the service, however busy the machine was.
pub(super) fn proof(evidence: &Evidence, planted: &Planted) -> Result<Proof, Untold> {
    let canaries = planted.canaries.planted();
    let finder = match planted.canaries.finder() {
        Ok(finder) => finder,
        Err(error) => {
            let reason = format!("the canaries could not be searched for: {error}");
            return Ok(Proof::inconclusive(ID, reason));
        }
    };
    let mut found = Found { finder, seen: BTreeMap::new(), passed: BTreeMap::new() };
    let searched = found.search(evidence, planted);
    let shortfalls = found.shortfalls(planted);
    // What was found is certain, whatever was not answered.
    if shortfalls.is_empty()
        && let Some(reason) = nothing_to_search(evidence, planted)
    {
        return not_searched(evidence, reason);
    }
    let mut seen = vec![format!(
        "{} planted in {} of requests, and searched for in {searched}",
        counted_as(canaries.len(), "canary was", "canaries were"),
        counted(planted.shares.len(), "kind")
    )];
    seen.extend(found.passed.iter().map(|(dependency, secrets)| {
        let secrets: Vec<_> = secrets.iter().map(|secret| secret.name()).collect();
        format!("`{dependency}` was sent on: {}", secrets.join(", "))
    }));
    if !planted.unplanted.is_empty() {
        seen.push(format!("none were planted in {}", planted.unplanted.join(", ")));
    }
    if shortfalls.is_empty() && evidence.dropped + evidence.unread_exports.len() as u64 > 0 {
        return Ok(Proof::inconclusive(ID, evidence.notes().join("; ")));
    }
    Ok(Proof::judged(ID, shortfalls, seen))
}

fn not_searched(evidence: &Evidence, reason: String) -> Result<Proof, Untold> {
    let Some(lateness) = &evidence.lateness else {
        return Ok(Proof::inconclusive(ID, reason));
    };
    let mut findings = Findings::default();
    findings.unseen(reason, lateness);
    findings.judged(ID, Vec::new())
}

fn nothing_to_search(evidence: &Evidence, planted: &Planted) -> Option<String> {
    let told = &evidence.secret;
    if told.log().is_empty() && told.batch.spans.is_empty() {
        return Some("the service logged and exported nothing while canaries were sent".to_owned());
    }
    let is_answered = |journey: usize| {
        told.requests.iter().any(|request| request.journey == journey && request.is_answered)
    };
    let unanswered =
        (0..planted.shares.len()).filter(|share| !is_answered(planted.first + share)).count();
    (unanswered > 0).then(|| {
        format!(
            "{unanswered} of {} kinds of requests with canaries got no answer",
            planted.shares.len()
        )
    })
}

/// Sightings: the first for each canary and place.
struct Found {
    finder: Finder,
    seen: BTreeMap<(Where, usize), (Encoding, String)>,
    /// What went on to which dependency.
    passed: BTreeMap<String, BTreeSet<Secret>>,
}

impl Found {
    fn search(&mut self, evidence: &Evidence, planted: &Planted) -> String {
        let mut counts = [0_usize; 4];
        for told in [Some(&evidence.secret), evidence.failing.as_ref()].into_iter().flatten() {
            counts[0] += told.entries.len() + told.batch.logs.len();
            counts[1] += told.batch.spans.len();
            self.told(told, planted);
        }
        counts[0] += evidence.between.len();
        for entry in &evidence.between {
            self.look(Where::Log, &entry.text);
        }
        for line in evidence.metrics.as_deref().unwrap_or_default().lines() {
            counts[2] += 1;
            self.look(Where::Metric, line);
        }
        counts[3] = evidence.secret.calls.len();
        let [records, spans, lines, calls] = counts;
        format!(
            "{}, {}, {} of metrics, {}",
            counted(records, "log record"),
            counted(spans, "span"),
            counted(lines, "line"),
            counted(calls, "call")
        )
    }

    fn told(&mut self, told: &Told, planted: &Planted) {
        for entry in &told.entries {
            self.look(Where::Log, &entry.text);
        }
        self.batch(&told.batch);
        for call in &told.calls {
            self.pass_on(call, planted);
            let Some(http) = &call.http else { continue };
            self.look(Where::Address, &format!("{} of `{}`", http.path, call.dependency));
            for (name, value) in &http.headers {
                self.look(Where::Address, &format!("{name}: {value}"));
            }
        }
    }

    /// What a dependency is sent may belong there, so it is told and not judged.
    fn pass_on(&mut self, call: &Made, planted: &Planted) {
        for sighting in self.finder.find(&call.kept) {
            if let Some(canary) = planted.canaries.planted().get(sighting.canary) {
                self.passed.entry(call.dependency.clone()).or_default().insert(canary.secret);
            }
        }
    }

    fn batch(&mut self, batch: &Batch) {
        for span in &batch.spans {
            self.look(
                Where::Span,
                &format!("{} {} {}", span.name, span.status_message, span.trace_state),
            );
            self.attributes(Where::Span, &span.attributes);
            for event in &span.events {
                self.look(Where::Span, &event.name);
                self.attributes(Where::Span, &event.attributes);
            }
        }
        for record in &batch.logs {
            self.look(Where::Log, &record.body);
            self.attributes(Where::Log, &record.attributes);
        }
        for point in &batch.points {
            self.attributes(Where::Metric, &point.attributes);
        }
    }

    fn attributes(&mut self, place: Where, attributes: &Attributes) {
        for (name, value) in attributes {
            self.look(place, &format!("{name}={value}"));
        }
    }

    fn look(&mut self, place: Where, text: &str) {
        for sighting in self.finder.find(text) {
            let excerpt = || (sighting.encoding, excerpt(text, sighting.at));
            self.seen.entry((place, sighting.canary)).or_insert_with(excerpt);
        }
    }

    /// One shortfall for each place where canaries turned up and kind of secret, with all inputs that they came from.
    fn shortfalls(&self, planted: &Planted) -> Vec<Shortfall> {
        let mut grouped: BTreeMap<_, (Vec<&str>, Encoding, &str)> = BTreeMap::new();
        for ((place, number), (encoding, excerpt)) in &self.seen {
            let Some(canary) = planted.canaries.planted().get(*number) else { continue };
            let group =
                grouped.entry((*place, canary.secret)).or_insert((Vec::new(), *encoding, excerpt));
            group.0.push(&canary.place);
        }
        let shortfalls =
            grouped.into_iter().map(|((place, secret), (inputs, encoding, excerpt))| {
                let (words, help) = place.words();
                let inputs = inputs_in_words(&inputs);
                let (secret, encoding) = (secret.name(), encoding.name());
                Shortfall {
                    about: Subject::Service,
                    message: format!(
                        "the {secret} sent in {inputs} is in {words}, {encoding}: `{excerpt}`"
                    ),
                    help: help.to_owned(),
                }
            });
        shortfalls.collect()
    }
}

/// Inputs that are named of one journey; of more, the first.
const NAMED: usize = 6;

/// `inputs`, each as `the header `x` of `journey``, with the journeys together that have the same: `the header `x` and the field `y` of `buy`, `list``.
fn inputs_in_words(inputs: &[&str]) -> String {
    let mut by_journey: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for input in inputs {
        let (what, journey) = input.rsplit_once(" of ").unwrap_or((input, ""));
        by_journey.entry(journey).or_default().push(what);
    }
    let mut by_inputs: BTreeMap<Vec<&str>, Vec<&str>> = BTreeMap::new();
    for (journey, inputs) in by_journey {
        by_inputs.entry(inputs).or_default().push(journey);
    }
    let told = by_inputs.into_iter().map(|(inputs, journeys)| {
        let named: Vec<&str> = inputs.iter().take(NAMED).copied().collect();
        let more = match inputs.len() - named.len() {
            0 => String::new(),
            1 => " and one more input".to_owned(),
            more => format!(" and {more} more inputs"),
        };
        let named = if more.is_empty() { listed(&named, "and") } else { named.join(", ") };
        match listed(&journeys, "and") {
            journeys if journeys.is_empty() => format!("{named}{more}"),
            journeys => format!("{named}{more} of {journeys}"),
        }
    });
    told.collect::<Vec<_>>().join(", and in ")
}

/// What stands around `at`.
fn excerpt(text: &str, at: usize) -> String {
    let mut from = at.saturating_sub(SHOWN / 3);
    while !text.is_char_boundary(from) {
        from -= 1;
    }
    let shown: String = text.get(from..).unwrap_or_default().chars().take(SHOWN).collect();
    shown.replace(['\n', '\r', '`'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drill::observe::gather::Sent;
    use crate::drill::observe::plant::plant;
    use crate::telemetry::{Point, Span, lines};
    use crate::{Journey, Outcome, Service};

    fn planted() -> Planted {
        let journey = Journey { name: "place-order".into(), ..Journey::default() };
        plant(&Service { journeys: vec![journey], ..Service::default() }, 1)
    }

    /// Every kind of request was answered, and one line logged.
    fn evidence(line: &str) -> Evidence {
        let requests = (0..=planted().shares.len()).map(|journey| Sent {
            trace_id: String::new(),
            span_id: String::new(),
            request_id: String::new(),
            journey,
            is_answered: true,
            is_failure: false,
            outcome: crate::load::Outcome::Ok,
            status: Some(200),
        });
        let secret =
            Told { requests: requests.collect(), entries: lines::read([line]), ..Told::default() };
        Evidence { secret, ..Evidence::default() }
    }

    fn value(secret: Secret) -> String {
        let planted = planted();
        let found = planted.canaries.planted().iter().find(|canary| canary.secret == secret);
        found.unwrap().value.clone()
    }

    fn told(evidence: &Evidence) -> String {
        match proof(evidence, &planted()).unwrap().outcome {
            Outcome::Kept => "kept".to_owned(),
            Outcome::FellShort(all) => {
                all.into_iter().map(|one| one.message).collect::<Vec<_>>().join("; ")
            }
            Outcome::Inconclusive(reason) => format!("inconclusive: {reason}"),
        }
    }

    #[test]
    fn all_inputs_that_a_secret_came_from_are_named_and_those_of_several_journeys_once() {
        let of = |inputs: &[&str]| inputs_in_words(inputs);
        assert_eq!(of(&["the header `a` of `buy`"]), "the header `a` of `buy`");
        assert_eq!(
            of(&[
                "the header `a` of `buy`",
                "the header `b` of `buy`",
                "the header `a` of `list`",
                "the header `b` of `list`",
                "the field `c` of `pay`",
            ]),
            "the field `c` of `pay`, and in the header `a` and the header `b` of `buy` and `list`"
        );
        let many: Vec<_> = (0..9).map(|index| format!("the field `f{index}` of `buy`")).collect();
        let many = of(&many.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(many.ends_with("the field `f5` and 3 more inputs of `buy`"), "{many}");
    }

    #[test]
    fn a_log_without_canaries_is_kept_and_one_with_names_the_input() {
        assert_eq!(told(&evidence("level=info msg=done")), "kept");
        let message = told(&evidence(&format!("level=info cookie={}", value(Secret::Cookie))));
        assert!(
            message.starts_with("the cookie sent in the header `cookie` of `place-order` is in the log, in plain: `level=info"),
            "{message}"
        );
    }

    #[test]
    fn what_a_service_logs_late_is_searched_too() {
        let line = format!("level=info cookie={}", value(Secret::Cookie));
        let late = Evidence { between: lines::read([line.as_str()]), ..evidence("a") };
        assert!(told(&late).contains("is in the log"), "{}", told(&late));
    }

    #[test]
    fn spans_labels_and_addresses_are_searched_too() {
        let mut span = evidence("a");
        let held = format!("Basic {}", value(Secret::Token));
        let attributes = vec![("header".to_owned(), held)];
        span.secret.batch.spans.push(Span { attributes: attributes.clone(), ..Span::default() });
        assert!(told(&span).contains("is in a span, in plain"), "{}", told(&span));
        let mut point = evidence("a");
        point.secret.batch.points.push(Point { attributes, ..Point::default() });
        assert!(told(&point).contains("is in a metric's labels"));
        let mut page = evidence("a");
        let email = value(Secret::Email).replace('@', "%40");
        page.metrics = Some(format!("requests{{user=\"{email}\"}} 1"));
        assert!(told(&page).contains("is in a metric's labels, URL-encoded"), "{}", told(&page));
    }

    #[test]
    fn what_was_found_is_told_whatever_was_not_answered() {
        let mut unanswered = evidence(&format!("level=info cookie={}", value(Secret::Cookie)));
        unanswered.secret.requests.pop();
        unanswered.lateness = Some("late".into());
        assert!(told(&unanswered).contains("is in the log"), "{}", told(&unanswered));
    }

    #[test]
    fn what_was_not_sent_kept_or_read_leaves_it_open() {
        let mut unanswered = evidence("a");
        unanswered.secret.requests.pop();
        assert!(told(&unanswered).starts_with("inconclusive: 1 of"), "{}", told(&unanswered));
        unanswered.lateness = Some("late".into());
        assert!(proof(&unanswered, &planted()).is_err(), "the next time they may be answered");
        let silent = Evidence {
            secret: Told { entries: Vec::new(), ..evidence("a").secret },
            ..Evidence::default()
        };
        assert!(told(&silent).starts_with("inconclusive"));
        let dropped = Evidence { dropped: 1, ..evidence("a") };
        assert!(told(&dropped).starts_with("inconclusive"));
    }
}
