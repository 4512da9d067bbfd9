//! Kills the service under a load of writes, starts it again, and reads every write back that it had acknowledged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::filled::filled;
use super::heard::{Heard, Listening, plan};
use super::{Drill, shortfall, shown};
use crate::harness::send;
use crate::load::{Outcome, Watch};
use crate::{
    DrillError, Expectation, Instance, Journey, Progress, Proof, Rehearsal, Service, Shortfall,
    Site, Subject,
};

/// The requirement that this proves.
pub(super) const REQUIREMENT: &str = "reliability/crash-safety";
/// Load of writes before the kill.
const BEFORE: Duration = Duration::from_secs(3);
/// Load after the kill, which is all refused.
const AFTER: Duration = Duration::from_millis(200);
/// How long one reading may take.
const ANSWER: Duration = Duration::from_secs(2);
/// How long after the restart a write may be found at last.
const FOUND_WITHIN: Duration = Duration::from_secs(5);
/// Writes of which the reading is tried before the kill.
const TRIED: usize = 3;

/// A write that was acknowledged.
#[derive(Clone, Debug)]
pub(super) struct Write {
    /// Which of the writing journeys.
    pub(super) journey: usize,
    /// What was captured from its answer.
    pub(super) captured: Vec<(String, String)>,
    /// When it was acknowledged.
    pub(super) at: Instant,
}

impl Write {
    /// The acknowledged writes of what was heard.
    pub(super) fn of(heard: &[Heard]) -> Vec<Self> {
        let is_acknowledged = |heard: &&Heard| {
            heard.exchange.outcome == Outcome::Ok && !heard.exchange.captured.is_empty()
        };
        heard
            .iter()
            .filter(is_acknowledged)
            .map(|heard| Self {
                journey: heard.exchange.journey,
                captured: heard.exchange.captured.clone(),
                at: heard.ended,
            })
            .collect()
    }
}

/// What became of the acknowledged writes.
#[derive(Debug)]
struct Crash {
    killed: Instant,
    acknowledged: usize,
    /// Those not found again, with what was answered instead.
    lost: Vec<(Write, String)>,
    /// How long the restart took, or why it did not come.
    ready_after: Result<Duration, String>,
}

/// Carries it out and judges.
pub(super) fn prove(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Proof, DrillError> {
    let journeys = super::writes(drill.service);
    if journeys.is_empty() {
        return Ok(Proof::inconclusive(
            REQUIREMENT,
            "no journey says how what it writes is read back: add `capture` and `read-back` to one that writes",
        ));
    }
    let writes = Service { journeys, ..drill.service.clone() };
    let address = drill.well_instance(rehearsal, site)?;
    let acknowledged = rehearsal.step("kill it under a load of writes", |rehearsal| {
        killed_writes(rehearsal, site, (&writes, address), drill.rate_per_s)
    })?;
    let (killed, acknowledged) = match acknowledged {
        Ok(found) => found,
        Err(reason) => return Ok(Proof::inconclusive(REQUIREMENT, reason)),
    };
    let ready_after = started_again(drill, rehearsal, site)?;
    let mut crash =
        Crash { killed, acknowledged: acknowledged.len(), lost: Vec::new(), ready_after };
    if let Some(address) = site.instances.first().map(Instance::address) {
        crash.lost = rehearsal.step("read every acknowledged write back", |rehearsal| {
            unfound(rehearsal, &writes, address, acknowledged)
        })?;
    }
    Ok(judge(&writes, &crash))
}

type Killed = (Instant, Vec<Write>);

/// Sends writes, tries that they can be read back at all, and kills the service. The text says why nothing can be told from it.
fn killed_writes(
    rehearsal: &Rehearsal,
    site: &mut Site,
    (writes, address): (&Service, SocketAddr),
    rate_per_s: f64,
) -> Result<Result<Killed, String>, DrillError> {
    let first = plan(writes, address, rate_per_s, Duration::from_secs(1));
    let mut tried = Write::of(&Listening::start(first, Watch::Acknowledged).finish(rehearsal)?);
    tried.truncate(TRIED);
    if let Some((_, instead)) = unfound(rehearsal, writes, address, tried)?.into_iter().next() {
        return Ok(Err(format!(
            "what was written could not be read back even before the service was killed: {instead}"
        )));
    }
    let load =
        Listening::start(plan(writes, address, rate_per_s, BEFORE + AFTER), Watch::Acknowledged);
    load.attend(rehearsal, BEFORE)?;
    let killed = Instant::now();
    site.instances.iter_mut().for_each(|instance| instance.process.kill());
    site.instances.clear();
    rehearsal.tell(Progress::Note("it was killed".to_owned()));
    let acknowledged = Write::of(&load.finish(rehearsal)?);
    if acknowledged.is_empty() {
        return Ok(Err("no write was acknowledged before the service was killed".to_owned()));
    }
    Ok(Ok((killed, acknowledged)))
}

/// Starts it again, a second time if need be.
fn started_again(
    drill: &Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Result<Duration, String>, DrillError> {
    let mut last = String::new();
    for _ in 0..2 {
        match drill.one_more(rehearsal, site) {
            Ok(instance) => {
                let ready_after = instance.ready_after;
                site.instances.push(instance);
                return Ok(Ok(ready_after));
            }
            Err(DrillError::Step { reason, .. }) => last = reason,
            Err(error) => return Err(error),
        }
    }
    Ok(Err(last))
}

/// The `writes` that cannot be read back at `address` for [`FOUND_WITHIN`], each with what came instead.
pub(super) fn unfound(
    rehearsal: &Rehearsal,
    service: &Service,
    address: SocketAddr,
    writes: Vec<Write>,
) -> Result<Vec<(Write, String)>, DrillError> {
    let deadline = Instant::now() + FOUND_WITHIN;
    let mut left: Vec<_> = writes.into_iter().map(|write| (write, String::new())).collect();
    loop {
        let mut still = Vec::new();
        for (write, _) in left {
            rehearsal.go_on()?;
            if let Err(instead) = read_back(service, address, &write) {
                still.push((write, instead));
            }
        }
        left = still;
        if left.is_empty() || Instant::now() >= deadline {
            return Ok(left);
        }
        rehearsal.pass(Duration::from_millis(100))?;
    }
}

fn read_back(service: &Service, address: SocketAddr, write: &Write) -> Result<(), String> {
    let journey = service.journeys.get(write.journey);
    let Some((journey, read_back)) =
        journey.and_then(|journey| Some((journey, journey.read_back.as_ref()?)))
    else {
        return Ok(());
    };
    let identity = journey.identity.as_ref().and_then(|name| service.identities.get(name));
    let request = filled(&read_back.request, identity, &write.captured, 1)
        .ok_or("its `read-back` names a value that is not captured")?;
    let answer = send(address, &request, ANSWER).map_err(|error| error.to_string())?;
    instead(&read_back.expect, &answer).map_or(Ok(()), Err)
}

/// What is wrong with `answer`.
fn instead(expect: &Expectation, answer: &crate::Answer) -> Option<String> {
    let is_status =
        expect.status.map_or((200..400).contains(&answer.status), |status| status == answer.status);
    if !is_status {
        return Some(format!("status {}", answer.status));
    }
    if expect.body.as_ref().is_some_and(|text| !answer.body.contains(text)) {
        return Some("a body without the expected text".to_owned());
    }
    let has = |(name, text): &(String, String)| {
        answer.header(&name.to_ascii_lowercase()).is_some_and(|value| value.contains(text))
    };
    (!expect.headers.iter().all(has)).then(|| "an answer without the expected header".to_owned())
}

fn judge(writes: &Service, crash: &Crash) -> Proof {
    let ready_after = match &crash.ready_after {
        Ok(ready_after) => *ready_after,
        Err(reason) => {
            return Proof::judged(
                REQUIREMENT,
                vec![shortfall(
                    format!("killed under a load of writes, it does not start again: {reason}"),
                    "let it start from whatever a kill leaves behind: stale locks, half-written files",
                )],
                Vec::new(),
            );
        }
    };
    let seen = vec![
        format!(
            "{} acknowledged writes before SIGKILL, {} of them found afterwards",
            crash.acknowledged,
            crash.acknowledged - crash.lost.len().min(crash.acknowledged)
        ),
        format!("ready again {} after its restart", shown(ready_after)),
    ];
    let lost = writes
        .journeys
        .iter()
        .enumerate()
        .filter_map(|(index, journey)| lost(index, journey, crash));
    Proof::judged(REQUIREMENT, lost.collect(), seen)
}

fn lost(index: usize, journey: &Journey, crash: &Crash) -> Option<Shortfall> {
    let lost: Vec<_> = crash.lost.iter().filter(|(write, _)| write.journey == index).collect();
    let (_, instead) = lost.first()?;
    let oldest =
        lost.iter().map(|(write, _)| crash.killed.saturating_duration_since(write.at)).max()?;
    Some(Shortfall {
        about: Subject::Journey(journey.name.clone()),
        message: format!(
            "{} of {} writes acknowledged before a SIGKILL were gone after it ({instead}); the oldest was acknowledged {} before",
            lost.len(),
            crash.acknowledged,
            shown(oldest)
        ),
        help: "acknowledge a write only when it is stored: after the commit, and after the flush where the service keeps files itself".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome as Verdict;

    fn crash(lost: usize, ready_after: Result<Duration, String>) -> Proof {
        let killed = Instant::now() + Duration::from_secs(9);
        let write = |n| Write {
            journey: 0,
            captured: vec![("id".into(), "1".into())],
            at: killed.checked_sub(Duration::from_millis(100 * n)).unwrap(),
        };
        let lost = (1..=lost as u64).map(|n| (write(n), "status 404".to_owned())).collect();
        let service = Service {
            journeys: vec![Journey { name: "order".into(), ..Journey::default() }],
            ..Service::default()
        };
        judge(&service, &Crash { killed, acknowledged: 10, lost, ready_after })
    }

    #[test]
    fn a_lost_write_is_told_with_its_age() {
        let Verdict::FellShort(shortfalls) = crash(4, Ok(Duration::ZERO)).outcome else {
            panic!("kept")
        };
        assert_eq!(shortfalls[0].about, Subject::Journey("order".into()));
        assert!(shortfalls[0].message.starts_with("4 of 10 writes"));
        assert!(shortfalls[0].message.ends_with("400 ms before"), "{}", shortfalls[0].message);
    }

    #[test]
    fn a_service_that_keeps_all_writes_keeps_it_and_one_that_stays_down_does_not() {
        assert_eq!(crash(0, Ok(Duration::ZERO)).outcome, Verdict::Kept);
        assert!(matches!(crash(0, Err("no".into())).outcome, Verdict::FellShort(_)));
    }

    #[test]
    fn an_answer_is_held_against_status_header_and_body() {
        let answer = crate::Answer {
            status: 200,
            headers: vec![("etag".into(), "abc".into())],
            body: "{\"id\":1}".into(),
            took: Duration::ZERO,
        };
        let expect = |status, header: &str, body: Option<&str>| Expectation {
            status,
            headers: vec![("ETag".into(), header.into())],
            body: body.map(str::to_owned),
        };
        assert_eq!(instead(&expect(None, "b", Some("id")), &answer), None);
        assert!(instead(&expect(Some(201), "b", None), &answer).is_some());
        assert!(instead(&expect(None, "x", None), &answer).is_some());
        assert!(instead(&expect(None, "b", Some("name")), &answer).is_some());
    }
}
