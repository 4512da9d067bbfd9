//! capacity/query-performance: statements counted and timed at the database's proxy while requests come one at a time.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::promise::millis;
use crate::drill::median;
use crate::proxy::{Call, Exchange};
use crate::{Proof, Shortfall, Subject};

const REQUIREMENT: &str = "capacity/query-performance";
/// A statement that takes longer is slow.
const SLOW: Duration = Duration::from_millis(100);
/// The same statement so often in one request is one per row.
const REPEATED: usize = 5;
/// Requests of a journey without which nothing is said of it.
const FEWEST: usize = 3;
/// A statement that begins this long before its request was sent, by two clocks, is still of it.
const SLACK: Duration = Duration::from_millis(3);

/// One request that was alone, with the statements that it caused.
#[derive(Debug)]
pub(super) struct Alone<'a> {
    /// Name of the journey.
    pub(super) journey: &'a str,
    /// The calls to databases between its sending and its end.
    pub(super) statements: Vec<&'a Exchange>,
}

/// Gives each request, from `sent` to `ended`, the calls that began in its time.
pub(super) fn attributed<'a>(
    requests: &[(&'a str, Instant, Instant)],
    calls: &[&'a Exchange],
) -> Vec<Alone<'a>> {
    requests
        .iter()
        .map(|(journey, sent, ended)| Alone {
            journey,
            statements: calls
                .iter()
                .copied()
                .filter(|call| call.started + SLACK >= *sent && call.started <= *ended)
                .collect(),
        })
        .collect()
}

/// Judges what was seen at the database's proxy.
pub(super) fn query_performance(requests: &[Alone<'_>]) -> Proof {
    let executed =
        requests.iter().flat_map(|one| &one.statements).filter_map(|call| executed(call));
    if executed.count() == 0 {
        return Proof::inconclusive(
            REQUIREMENT,
            "no statement was seen at a proxy that reads PostgreSQL: the service has no such database, encrypts its connections to it, or was not started by the drill",
        );
    }
    let mut journeys: BTreeMap<&str, Vec<&Alone<'_>>> = BTreeMap::new();
    for one in requests {
        journeys.entry(one.journey).or_default().push(one);
    }
    let (mut shortfalls, mut seen) = (Vec::new(), Vec::new());
    for (journey, requests) in journeys.iter().filter(|(_, requests)| requests.len() >= FEWEST) {
        let about = || Subject::Journey((*journey).to_owned());
        if let Some((text, times)) = repeated(requests) {
            shortfalls.push(Shortfall {
                about: about(),
                message: format!(
                    "one request of `{journey}` sends the same statement {times} times, once for each row: `{}`",
                    short(&text)
                ),
                help: "fetch them by one statement, with a join or `where id = any($1)`".to_owned(),
            });
        }
        shortfalls.extend(slow(requests).into_iter().map(|(text, took)| Shortfall {
            about: about(),
            message: format!(
                "a statement of `{journey}` takes {} ms with nothing else going on: `{}`",
                millis(took),
                short(&text)
            ),
            help: "look at `explain (analyze, buffers)` of it, and add the index or the bound that it lacks".to_owned(),
        }));
        seen.push(summary(journey, requests));
    }
    if seen.is_empty() {
        return Proof::inconclusive(REQUIREMENT, "too few requests were watched one at a time");
    }
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

/// Text, rows and time of a call that executed a statement.
fn executed(call: &Exchange) -> Option<(&str, u64, Duration)> {
    match &*call.call {
        Call::Statement(statement) if statement.statements > 0 => {
            Some((&statement.text, statement.rows, call.duration))
        }
        _ => None,
    }
}

/// The statement that one request repeats most, in most requests; only reading ones, for what is written may be many things.
fn repeated(requests: &[&Alone<'_>]) -> Option<(String, usize)> {
    let mut repeated: Vec<(String, usize)> = requests
        .iter()
        .filter_map(|request| {
            let mut times: BTreeMap<&str, usize> = BTreeMap::new();
            for (text, ..) in request.statements.iter().filter_map(|call| executed(call)) {
                if is_reading(text) {
                    *times.entry(text).or_default() += 1;
                }
            }
            let (text, times) = times.into_iter().max_by_key(|(_, times)| *times)?;
            (times >= REPEATED).then(|| (text.to_owned(), times))
        })
        .collect();
    if repeated.len() * 2 <= requests.len() {
        return None;
    }
    repeated.sort_by_key(|(_, times)| *times);
    repeated.pop()
}

fn is_reading(text: &str) -> bool {
    let starts =
        |word: &str| text.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    starts("select") || starts("with")
}

/// Statements whose middle time is slow.
fn slow(requests: &[&Alone<'_>]) -> Vec<(String, Duration)> {
    let mut times: BTreeMap<&str, Vec<Duration>> = BTreeMap::new();
    let calls = requests.iter().flat_map(|request| &request.statements);
    for (text, _, took) in calls.filter_map(|call| executed(call)) {
        times.entry(text).or_default().push(took);
    }
    times
        .into_iter()
        .filter(|(_, times)| times.len() >= FEWEST)
        .filter_map(|(text, times)| {
            let middle = median(times)?;
            (middle > SLOW).then(|| (text.to_owned(), middle))
        })
        .collect()
}

fn summary(journey: &str, requests: &[&Alone<'_>]) -> String {
    let all = || requests.iter().flat_map(|request| &request.statements);
    let executed: Vec<_> = all().filter_map(|call| executed(call)).collect();
    let longest = executed.iter().map(|(.., took)| *took).max().unwrap_or_default();
    let rows: u64 = executed.iter().map(|(_, rows, _)| *rows).sum();
    let per = |count: f64| count / super::promise::float(requests.len() as u64);
    format!(
        "`{journey}`: {:.1} statements and {:.1} rows per request, the longest took {} ms",
        per(super::promise::float(executed.len() as u64)),
        per(super::promise::float(rows)),
        millis(longest)
    )
}

fn short(text: &str) -> String {
    text.chars().take(120).collect()
}

#[cfg(test)]
mod tests {
    use super::super::usage::{calls, tests::call};
    use super::*;
    use crate::Outcome;
    use crate::proxy::{Drained, Event};

    /// Five requests, 100 ms apart, each with these statements: text, time, rows.
    fn judged(statements: &[(&str, u64, u64)]) -> Proof {
        let began = Instant::now();
        let (mut events, mut requests): (Vec<Event>, _) = (Vec::new(), Vec::new());
        for number in 0..5 {
            let sent = began + Duration::from_secs(1) * number;
            let mut at = sent;
            for (text, took, rows) in statements {
                events.push(call(at, *took, text, *rows));
                at += Duration::from_millis(*took);
            }
            requests.push(("list", sent, at));
        }
        let drained = Drained { events, dropped: 0 };
        let calls: Vec<_> = calls(&drained).collect();
        query_performance(&attributed(&requests, &calls))
    }

    #[test]
    fn one_statement_for_each_row_is_found() {
        let mut statements = vec![("select id from orders limit ?", 1, 20)];
        statements.extend(vec![("select * from orders where id = $1", 1, 1); 20]);
        let Outcome::FellShort(shortfalls) = judged(&statements).outcome else { panic!() };
        assert!(shortfalls[0].message.contains("20 times"), "{shortfalls:?}");
    }

    #[test]
    fn a_slow_statement_is_found_and_a_quick_one_is_not() {
        let Outcome::FellShort(shortfalls) =
            judged(&[("select 1", 2, 1), ("select slow", 150, 1)]).outcome
        else {
            panic!()
        };
        assert_eq!(shortfalls.len(), 1);
        assert!(shortfalls[0].message.contains("150 ms"), "{shortfalls:?}");
        assert_eq!(judged(&[("select 1", 99, 1), ("insert", 2, 0)]).outcome, Outcome::Kept);
    }

    #[test]
    fn many_inserts_are_no_pattern_of_reading() {
        assert_eq!(judged(&[("insert into lines", 1, 0); 12]).outcome, Outcome::Kept);
    }

    #[test]
    fn without_statements_nothing_is_said() {
        assert!(matches!(judged(&[]).outcome, Outcome::Inconclusive(_)));
    }
}
