//! Requests one at a time, with nothing else going on: how long each journey takes by itself, and what it waits for meanwhile.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use super::queries::{attributed, query_performance};
use super::stretch::Bench;
use super::usage::calls;
use crate::drill::median;
use crate::load::{Control, Outcome, Rate, Watch};
use crate::proxy::Exchange;
use crate::{DependencyKind, DrillError, Driving, Proof, Rehearsal};

/// Requests a second.
const RATE_PER_S: f64 = 12.0;
/// How often it is looked whether the service still works on what it was sent before, which it does for calls that nobody waits for any more, and how many times at most.
const LOOK: Duration = Duration::from_millis(250);
const MOST_LOOKS: usize = 40;
/// Calls between two looks that are none of requests, such as those of a look at readiness.
const FEW_CALLS: usize = 8;
/// Requests of each journey without which nothing is said of it.
const FEWEST: usize = 3;

/// What a journey takes by itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Own {
    /// Middle time of a request.
    pub(super) took: Duration,
    /// What each dependency has to do with it.
    pub(super) waits: Vec<Wait>,
}

/// What one request asks of one dependency.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Wait {
    /// Its name.
    pub(super) dependency: String,
    /// Calls.
    pub(super) calls: f64,
    /// Time of all of them.
    pub(super) took: Duration,
}

/// Each journey by itself, by name.
pub(super) type Quiet = BTreeMap<String, Own>;

/// One request: its journey's name, when it was sent and when it ended.
type Sent<'a> = (&'a str, Instant, Instant);

/// Sends requests on one connection for `lasts`, each after the one before has ended, all journeys alike.
pub(super) fn quiet(
    rehearsal: &Rehearsal,
    bench: &Bench<'_>,
    lasts: Duration,
) -> Result<(Quiet, Proof), DrillError> {
    settle(|| {
        rehearsal.pass(LOOK)?;
        let drained = bench.site.proxies().map(|(_, proxy)| calls(&proxy.drain()).count());
        Ok(drained.sum::<usize>() > FEW_CALLS)
    })?;
    let mut plan =
        crate::plan(bench.service, bench.site.address, Rate::constant(RATE_PER_S, lasts));
    (plan.connections, plan.seed) = (1, bench.seed);
    for share in &mut plan.journeys {
        share.weight = 1.0;
    }
    let control = Control::new();
    let receiver = control.exchanges(Watch::All);
    let (now, clock) = (Instant::now(), jiff::Timestamp::now());
    let record = Driving::start(plan, control).finish(rehearsal)?;
    let since = record.started_at.duration_since(clock);
    let began = now + Duration::try_from(since).unwrap_or_default();
    let requests: Vec<Sent<'_>> = receiver
        .try_iter()
        .filter(|exchange| exchange.outcome == Outcome::Ok)
        .filter_map(|exchange| {
            let journey = bench.service.journeys.get(exchange.journey)?;
            Some((journey.name.as_str(), began + exchange.sent, began + exchange.ended))
        })
        .collect();
    let drained: BTreeMap<&str, _> =
        bench.site.proxies().map(|(name, proxy)| (name, proxy.drain())).collect();
    let is_database = |name: &str| {
        let mut known = bench.service.dependencies.iter();
        known.any(|one| one.name == name && one.kind == DependencyKind::Postgres)
    };
    let databases = drained.iter().filter(|(name, _)| is_database(name));
    let statements: Vec<&Exchange> = databases.flat_map(|(_, drained)| calls(drained)).collect();
    let queries = query_performance(&attributed(&requests, &statements));
    let called: BTreeMap<&str, Vec<&Exchange>> =
        drained.iter().map(|(name, drained)| (*name, calls(drained).collect())).collect();
    Ok((owns(&requests, &called), queries))
}

/// Waits for as long as the service `is_busy` with what nobody waits for any more: its calls would be taken for those of others.
fn settle(mut is_busy: impl FnMut() -> Result<bool, DrillError>) -> Result<(), DrillError> {
    for _ in 0..MOST_LOOKS {
        if !is_busy()? {
            break;
        }
    }
    Ok(())
}

fn owns(requests: &[Sent<'_>], called: &BTreeMap<&str, Vec<&Exchange>>) -> Quiet {
    let mut journeys: BTreeMap<&str, Vec<Sent<'_>>> = BTreeMap::new();
    for request in requests {
        journeys.entry(request.0).or_default().push(*request);
    }
    journeys
        .into_iter()
        .filter(|(_, requests)| requests.len() >= FEWEST)
        .map(|(journey, requests)| {
            let took = requests.iter().map(|(_, sent, ended)| ended.duration_since(*sent));
            let took = median(took.collect()).unwrap_or_default();
            let waits = called.iter().filter_map(|(name, calls)| wait(name, &requests, calls));
            (journey.to_owned(), Own { took, waits: waits.collect() })
        })
        .collect()
}

/// What one of `requests` asks of the dependency `name`, in the middle of them.
fn wait(name: &str, requests: &[Sent<'_>], calls: &[&Exchange]) -> Option<Wait> {
    let all = attributed(requests, calls);
    let count: usize = all.iter().map(|one| one.statements.len()).sum();
    let took = all.iter().map(|one| one.statements.iter().map(|call| call.duration).sum());
    let took = median(took.collect())?;
    let calls = super::promise::float(count as u64) / super::promise::float(all.len() as u64);
    (count > 0).then(|| Wait { dependency: name.to_owned(), calls, took })
}

#[cfg(test)]
mod tests {
    use super::super::usage::tests::call;
    use super::*;
    use crate::proxy::Drained;

    #[test]
    fn nothing_is_sent_while_the_service_works_on_what_came_before() {
        let mut looks = 0;
        settle(|| {
            looks += 1;
            Ok(looks < 20)
        })
        .unwrap();
        assert_eq!(looks, 20);
        let mut looks = 0;
        settle(|| {
            looks += 1;
            Ok(true)
        })
        .unwrap();
        assert_eq!(looks, MOST_LOOKS);
    }

    #[test]
    fn what_a_request_waits_for_is_summed_up_over_its_calls() {
        let began = Instant::now();
        let later = |ms| began + Duration::from_millis(ms);
        let (mut events, mut requests) = (Vec::new(), Vec::new());
        for number in 0..4 {
            let sent = number * 1000;
            events.extend((0..100).map(|index| call(later(sent + index * 5), 5, "select", 1)));
            requests.push(("list", later(sent), later(sent + 520)));
        }
        let drained = Drained { events, dropped: 0 };
        let called = BTreeMap::from([("db", calls(&drained).collect())]);
        let quiet = owns(&requests, &called);
        let took = Duration::from_millis(500);
        let waits = vec![Wait { dependency: "db".into(), calls: 100.0, took }];
        assert_eq!(quiet["list"], Own { took: Duration::from_millis(520), waits });
        assert_eq!(owns(&requests[..2], &called), Quiet::new());
    }
}
