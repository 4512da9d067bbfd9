//! Kills the service under a load of writes, starts it again, and reads every write back that it had acknowledged.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::busy::{self, Findings, Untold};
use super::super::pulse::Pulse;
use super::filled::filled;
use super::heard::{Heard, Listening, plan};
use super::unheard;
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

/// What came instead of a write that was to be read back.
#[derive(Clone, Debug, Default)]
pub(super) struct Instead {
    words: String,
    /// Whether it is an answer that a service gives which has no such write, as no load on the machine makes it.
    pub(super) is_certain: bool,
}

/// The writes that could not be read back.
#[derive(Debug, Default)]
pub(super) struct Unfound {
    /// Each with what came instead the last time.
    pub(super) writes: Vec<(Write, Instead)>,
    /// How late the drill itself was meanwhile, where that is too much to tell the service's doing from the machine's.
    pub(super) lateness: Option<String>,
    /// How often each was waited for.
    waits: u32,
}

impl Unfound {
    /// How late the drill was, where by that some of them may only not have been answered, or not be there yet.
    pub(super) fn untold(&self) -> Option<String> {
        let is_open = self.writes.iter().any(|(_, instead)| !instead.is_certain);
        let is_early = !self.writes.is_empty() && self.waits < 2;
        self.lateness.clone().filter(|_| is_open || is_early)
    }
}

/// A start after the kill.
#[derive(Debug)]
struct Restart {
    /// How long it took, or why it did not come.
    ready_after: Result<Duration, String>,
    /// How late the drill itself was meanwhile, where that is too much.
    lateness: Option<String>,
}

/// What became of the acknowledged writes.
#[derive(Debug)]
struct Crash {
    killed: Instant,
    acknowledged: usize,
    restart: Restart,
    /// Those not found again.
    lost: Unfound,
    /// Why it says nothing that writes were found.
    blind: Option<String>,
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
    let Killed { at: killed, acknowledged, blind } = match acknowledged {
        Ok(found) => found,
        Err(reason) => return Ok(Proof::inconclusive(REQUIREMENT, reason)),
    };
    let restart = busy::patiently(
        rehearsal,
        |rehearsal| started_again(drill, rehearsal, site),
        |restart| restart.lateness.clone().filter(|_| restart.ready_after.is_err()),
    )?;
    let (count, lost) = (acknowledged.len(), Unfound::default());
    let mut crash = Crash { killed, acknowledged: count, restart, lost, blind };
    if let Some(address) = site.instances.first().map(Instance::address) {
        crash.lost = rehearsal.step("read every acknowledged write back", |rehearsal| {
            unfound(rehearsal, &writes, address, acknowledged)
        })?;
    }
    Ok(judge(&writes, &crash).unwrap_or_else(|untold| untold.proof(REQUIREMENT)))
}

/// What is known when the service has been killed.
struct Killed {
    at: Instant,
    acknowledged: Vec<Write>,
    blind: Option<String>,
}

/// Sends writes, tries that they can be read back at all, and kills the service. The text says why nothing can be told from it.
fn killed_writes(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    (writes, address): (&Service, SocketAddr),
    rate_per_s: f64,
) -> Result<Result<Killed, String>, DrillError> {
    let first = plan(writes, address, rate_per_s, Duration::from_secs(1));
    let mut tried = Write::of(&Listening::start(first, Watch::Acknowledged).finish(rehearsal)?);
    let blind = unheard::accepted(writes, address, &tried);
    tried.truncate(TRIED);
    let unfound = unfound(rehearsal, writes, address, tried)?;
    if let Some((_, instead)) = unfound.writes.first() {
        return Ok(Err(format!(
            "what was written could not be read back even before the service was killed: {}",
            instead.words
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
    Ok(Ok(Killed { at: killed, acknowledged, blind }))
}

/// Starts it again, a second time if need be.
fn started_again(
    drill: &Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Restart, DrillError> {
    let pulse = Pulse::start(drill.service);
    let mut ready_after = Err(String::new());
    for _ in 0..2 {
        match drill.one_more(rehearsal, site) {
            Ok(instance) => {
                ready_after = Ok(instance.ready_after);
                site.instances.push(instance);
                break;
            }
            Err(DrillError::Step { reason, .. }) => ready_after = Err(reason),
            Err(error) => return Err(error),
        }
    }
    Ok(Restart { ready_after, lateness: pulse.lateness() })
}

/// The `writes` that cannot be read back at `address` for [`FOUND_WITHIN`], or for some times that while the machine is too busy.
pub(super) fn unfound(
    rehearsal: &mut Rehearsal,
    service: &Service,
    address: SocketAddr,
    writes: Vec<Write>,
) -> Result<Unfound, DrillError> {
    let mut left: Vec<_> = writes.into_iter().map(|write| (write, Instead::default())).collect();
    let mut waits = 0;
    let once = |rehearsal: &mut Rehearsal| {
        let pulse = Pulse::start(service);
        read_all_back(rehearsal, service, address, &mut left)?;
        waits += 1;
        Ok(Unfound { writes: left.clone(), lateness: pulse.lateness(), waits })
    };
    busy::patiently(rehearsal, once, Unfound::untold)
}

/// Reads what is `left` until nothing is, or [`FOUND_WITHIN`] is over.
fn read_all_back(
    rehearsal: &Rehearsal,
    service: &Service,
    address: SocketAddr,
    left: &mut Vec<(Write, Instead)>,
) -> Result<(), DrillError> {
    let deadline = Instant::now() + FOUND_WITHIN;
    loop {
        let mut still = Vec::new();
        for (write, _) in left.drain(..) {
            rehearsal.go_on()?;
            if let Err(instead) = read_back(service, address, &write) {
                still.push((write, instead));
            }
        }
        *left = still;
        if left.is_empty() || Instant::now() >= deadline {
            return Ok(());
        }
        rehearsal.pass(Duration::from_millis(100))?;
    }
}

pub(super) fn read_back(
    service: &Service,
    address: SocketAddr,
    write: &Write,
) -> Result<(), Instead> {
    let journey = service.journeys.get(write.journey);
    let Some((journey, read_back)) =
        journey.and_then(|journey| Some((journey, journey.read_back.as_ref()?)))
    else {
        return Ok(());
    };
    let open = |words: String| Instead { words, is_certain: false };
    let identity = journey.identity.as_ref().and_then(|name| service.identities.get(name));
    let request = filled(&read_back.request, identity, &write.captured, 1)
        .ok_or_else(|| open("its `read-back` names a value that is not captured".to_owned()))?;
    let answer =
        send(service.at(address), &request, ANSWER).map_err(|error| open(error.to_string()))?;
    let Some(words) = instead(&read_back.expect, &answer) else { return Ok(()) };
    Err(Instead { words, is_certain: !may_be_hurry(answer.status) })
}

/// Whether a service gives such an answer because it, or what it depends on, is not let run.
fn may_be_hurry(status: u16) -> bool {
    matches!(status, 408 | 425 | 429) || status >= 500
}

/// What is wrong with `answer`.
fn instead(expect: &Expectation, answer: &crate::Answer) -> Option<String> {
    if !expect.takes(answer.status) {
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

fn judge(writes: &Service, crash: &Crash) -> Result<Proof, Untold> {
    let mut findings = Findings::default();
    let ready_after = match &crash.restart.ready_after {
        Ok(ready_after) => *ready_after,
        Err(reason) => {
            let stays_down = shortfall(
                format!("killed under a load of writes, it does not start again: {reason}"),
                "let it start from whatever a kill leaves behind: stale locks, half-written files",
            );
            findings.unless_busy(crash.restart.lateness.as_deref(), [stays_down]);
            return findings.judged(REQUIREMENT, Vec::new());
        }
    };
    let seen = vec![
        format!(
            "{} acknowledged writes before SIGKILL, {} of them found afterwards",
            crash.acknowledged,
            crash.acknowledged - crash.lost.writes.len().min(crash.acknowledged)
        ),
        format!("ready again {} after its restart", shown(ready_after)),
    ];
    let late = crash.lost.untold();
    for (index, journey) in writes.journeys.iter().enumerate() {
        let of = |is_told: &dyn Fn(&Instead) -> bool| {
            let lost = crash.lost.writes.iter();
            let lost = lost.filter(|(write, instead)| write.journey == index && is_told(instead));
            lost_of(journey, crash, &lost.collect::<Vec<_>>())
        };
        match &late {
            None => findings.certain(of(&|_| true)),
            Some(late) => {
                findings.certain(of(&|instead| instead.is_certain));
                findings.unless_busy(Some(late), of(&|instead| !instead.is_certain));
            }
        }
    }
    let proof = findings.judged(REQUIREMENT, seen)?;
    Ok(unheard::unless_blind(proof, crash.blind.as_deref()))
}

fn lost_of(journey: &Journey, crash: &Crash, lost: &[&(Write, Instead)]) -> Option<Shortfall> {
    let (_, instead) = lost.first()?;
    let oldest =
        lost.iter().map(|(write, _)| crash.killed.saturating_duration_since(write.at)).max()?;
    Some(Shortfall {
        about: Subject::Journey(journey.name.clone()),
        message: format!(
            "{} of {} writes acknowledged before a SIGKILL were gone after it ({}); the oldest was acknowledged {} before",
            lost.len(),
            crash.acknowledged,
            instead.words,
            shown(oldest)
        ),
        help: "acknowledge a write only when it is stored: after the commit, and after the flush where the service keeps files itself".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome as Verdict;

    impl Unfound {
        /// So many writes that were waited for twice, all of them answered for certain or not.
        pub(crate) fn of(count: usize, is_certain: bool, lateness: Option<&str>) -> Self {
            let write = Write { journey: 0, captured: Vec::new(), at: Instant::now() };
            let instead = Instead { words: "status 404".into(), is_certain };
            let writes = vec![(write, instead); count];
            Self { writes, lateness: lateness.map(str::to_owned), waits: 2 }
        }
    }

    /// A crash that cost `lost` writes with a definite answer and `unanswered` without one.
    fn crash(
        (lost, unanswered): (u64, u64),
        ready_after: Result<Duration, String>,
        lateness: Option<&str>,
    ) -> Result<Proof, Untold> {
        let killed = Instant::now() + Duration::from_secs(9);
        let lateness = lateness.map(str::to_owned);
        let write = |n| {
            let at = killed.checked_sub(Duration::from_millis(100 * n)).unwrap();
            let captured = vec![("id".into(), "1".into())];
            let is_certain = n <= lost;
            let instead = Instead { words: format!("as {is_certain}"), is_certain };
            (Write { journey: 0, captured, at }, instead)
        };
        let writes = (1..=lost + unanswered).map(write).collect();
        let service = Service {
            journeys: vec![Journey { name: "order".into(), ..Journey::default() }],
            ..Service::default()
        };
        let restart = Restart { ready_after, lateness: lateness.clone() };
        let lost = Unfound { writes, lateness, waits: 2 };
        judge(&service, &Crash { killed, acknowledged: 10, lost, restart, blind: None })
    }

    const READY: Result<Duration, String> = Ok(Duration::ZERO);

    fn shortfalls(proof: Result<Proof, Untold>) -> Vec<Shortfall> {
        let Verdict::FellShort(shortfalls) = proof.unwrap().outcome else { panic!("kept") };
        shortfalls
    }

    #[test]
    fn a_lost_write_is_told_with_its_age() {
        let shortfalls = shortfalls(crash((3, 1), READY, None));
        assert_eq!(shortfalls[0].about, Subject::Journey("order".into()));
        assert!(shortfalls[0].message.starts_with("4 of 10 writes"));
        assert!(shortfalls[0].message.ends_with("400 ms before"), "{}", shortfalls[0].message);
    }

    #[test]
    fn a_service_that_keeps_all_writes_keeps_it_and_one_that_stays_down_does_not() {
        assert_eq!(crash((0, 0), READY, None).unwrap().outcome, Verdict::Kept);
        assert_eq!(crash((0, 0), READY, Some("late")).unwrap().outcome, Verdict::Kept);
        assert_eq!(shortfalls(crash((0, 0), Err("no".into()), None)).len(), 1);
    }

    #[test]
    fn on_a_busy_machine_only_writes_that_are_surely_gone_count() {
        let told = shortfalls(crash((2, 3), READY, Some("late")));
        assert!(told.len() == 1 && told[0].message.starts_with("2 of 10 writes"), "{told:?}");
        assert!(crash((0, 3), READY, Some("late")).is_err(), "they may be there");
        assert!(crash((0, 0), Err("no".into()), Some("late")).is_err(), "it may start");
    }

    #[test]
    fn a_busy_machine_is_given_a_second_wait_before_a_write_is_gone() {
        let mut unfound = Unfound::of(1, true, Some("late"));
        assert_eq!(unfound.untold(), None);
        unfound.waits = 1;
        assert!(unfound.untold().is_some());
        unfound.writes.clear();
        assert_eq!(unfound.untold(), None);
    }

    #[test]
    fn an_answer_for_want_of_time_is_no_word_about_the_write() {
        assert!([503, 500, 504, 429].into_iter().all(may_be_hurry));
        assert!(![404, 410, 200, 403].into_iter().any(may_be_hurry));
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
