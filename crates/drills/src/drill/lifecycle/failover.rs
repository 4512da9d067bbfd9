//! Runs two instances, kills one under load, and looks at what the users of each see.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::super::busy::{self, Findings, Untold, tightest};
use super::crash::{Unfound, Write, unfound};
use super::heard::{Heard, Listening, plan};
use super::unheard;
use super::{Drill, shortfall, shown};
use crate::load::{self, Rate, Step, Watch};
use crate::{
    DrillError, Instance, Journey, Outcome, Progress, Proof, Rehearsal, Service, Shortfall, Site,
    Subject,
};

/// The requirement that this proves.
pub(super) const REQUIREMENT: &str = "reliability/failover";
/// Load on both before one is killed.
const BEFORE: Duration = Duration::from_secs(2);
/// Load on the other alone afterwards.
const AFTER: Duration = Duration::from_secs(3);
/// Writes that were acknowledged so long before have surely left the killed instance, where anything of it is kept elsewhere.
const SETTLED: Duration = Duration::from_secs(1);

/// Requests that fail on a loaded machine may do so by chance: so many losses have to come out alike, once one fell short.
const AGREEING: usize = 2;

/// What was seen when one of two instances was lost.
#[derive(Debug)]
struct Loss {
    killed: Instant,
    /// Requests to the one that was killed.
    lost: Vec<Heard>,
    /// Requests to the other, which takes all of them from then on.
    other: Vec<Heard>,
    /// How the other ended, if it did.
    other_exit: Option<String>,
    /// Writes that the killed one had acknowledged long before.
    writes: usize,
    /// Those of them that the other does not know.
    unknown: Unfound,
    /// Why it says nothing that it knows the others.
    blind: Option<String>,
    /// How late the generator itself was, where that is too much to tell the service's doing from the machine's.
    lateness: Option<String>,
}

impl Loss {
    /// Whether it shows what no load on the machine makes: the other instance ended, or does not know a write.
    fn is_certain(&self) -> bool {
        self.other_exit.is_some() || self.is_forgotten()
    }

    fn is_forgotten(&self) -> bool {
        self.unknown.untold().is_none() && !self.unknown.writes.is_empty()
    }
}

/// Carries it out and judges.
pub(super) fn prove(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Proof, DrillError> {
    let (mut kept, mut fallen) = (0, Vec::new());
    let service = drill.service;
    loop {
        let late = |loss: &Loss| judge(service, loss).err().map(|untold| untold.lateness);
        let again = "once more, with another instance in the place of the one that was killed";
        let once = |rehearsal: &mut Rehearsal| lose(drill, rehearsal, site);
        let loss = busy::patiently_as(again, rehearsal, once, late)?;
        let mut proof = match judge(service, &loss) {
            Ok(proof) => proof,
            Err(untold) => return Ok(untold.proof(REQUIREMENT)),
        };
        match &proof.outcome {
            Outcome::FellShort(shortfalls) => {
                let why = shortfalls.first().map_or("", |first| first.message.as_str()).to_owned();
                rehearsal.tell(Progress::Note(why.clone()));
                fallen.push(why);
                if fallen.len() == AGREEING || loss.is_certain() {
                    return Ok(proof);
                }
            }
            Outcome::Kept => {
                kept += 1;
                let Some(why) = fallen.first() else { return Ok(proof) };
                if kept == AGREEING {
                    proof.seen.push(format!("one of {} losses went otherwise: {why}", kept + 1));
                    return Ok(proof);
                }
            }
            Outcome::Inconclusive(_) => return Ok(proof),
        }
    }
}

/// Starts two instances and kills one.
fn lose(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Loss, DrillError> {
    drill.well_instance(rehearsal, site)?;
    let second = drill.one_more(rehearsal, site)?;
    site.instances.push(second);
    let (service, rate_per_s) = (drill.service, drill.rate_per_s);
    rehearsal.step("kill one of two instances under load", |rehearsal| {
        measure(rehearsal, site, service, rate_per_s)
    })
}

fn measure(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    service: &Service,
    rate_per_s: f64,
) -> Result<Loss, DrillError> {
    let addresses: Vec<_> = site.instances.iter().map(Instance::address).collect();
    let [first, second] = addresses.as_slice() else {
        return Err(DrillError::Interrupted);
    };
    let on_first =
        Listening::start(plan(service, *first, rate_per_s / 2.0, BEFORE + AFTER), Watch::All);
    let mut to_second = plan(service, *second, rate_per_s, BEFORE);
    to_second.rate = Rate::Steps(vec![
        Step { per_s: rate_per_s / 2.0, lasts: BEFORE },
        Step { per_s: rate_per_s, lasts: AFTER },
    ]);
    let on_second = Listening::start(to_second, Watch::All);
    on_second.attend(rehearsal, BEFORE)?;
    let killed = Instant::now();
    let mut gone = site.instances.remove(0);
    gone.process.kill();
    rehearsal.tell(Progress::Note("one of two instances was killed".to_owned()));
    let ((other, record), lost) =
        (on_second.finish_recorded(rehearsal)?, on_first.finish(rehearsal)?);
    let lateness = record.lateness(tightest(service));
    let other_exit = site.instances.first_mut().and_then(|instance| instance.process.exit());
    let (writes, unknown, blind) =
        unknown_to_the_other(rehearsal, (service, *second), &lost, killed)?;
    let other_exit = other_exit.map(|exit| exit.to_string());
    Ok(Loss { killed, lost, other, other_exit, writes, unknown, blind, lateness })
}

/// How many writes were settled in the killed instance, those of them that the other does not know, and why it says nothing that it knows the rest.
fn unknown_to_the_other(
    rehearsal: &mut Rehearsal,
    (service, other): (&Service, SocketAddr),
    lost: &[Heard],
    killed: Instant,
) -> Result<(usize, Unfound, Option<String>), DrillError> {
    let mut writes = Write::of(lost);
    writes.retain(|write| {
        write.at + SETTLED <= killed
            && service
                .journeys
                .get(write.journey)
                .is_some_and(|journey| journey.read_back.is_some())
    });
    let count = writes.len();
    let blind = unheard::accepted(service, other, &writes);
    Ok((count, unfound(rehearsal, service, other, writes)?, blind))
}

fn is_failed(service: &Service, heard: &Heard) -> bool {
    let method = service
        .journeys
        .get(heard.exchange.journey)
        .map_or("GET", |journey| journey.request.method.as_str());
    let is_idempotent = !matches!(method, "POST" | "PATCH");
    heard.exchange.outcome.is_failure(is_idempotent)
}

/// How many failures the journey allows among `total` requests.
fn allowed(journey: &Journey, total: usize) -> usize {
    #[expect(clippy::cast_precision_loss, reason = "requests of some seconds")]
    let share = total as f64 * (1.0 - journey.availability.unwrap_or(0.99));
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a count below that of some seconds"
    )]
    let count = share.max(1.0) as usize;
    count
}

fn judge(service: &Service, loss: &Loss) -> Result<Proof, Untold> {
    let after: Vec<_> = loss.other.iter().filter(|heard| heard.sent >= loss.killed).collect();
    if after.len() < 3 {
        let few = "too few requests went to the other instance";
        return Ok(Proof::inconclusive(REQUIREMENT, few));
    }
    let mut findings = Findings::default();
    let journeys = service.journeys.iter().enumerate();
    // That requests fail while the other instance is gone too, or has forgotten what it acknowledged, is no chance.
    let late = loss.lateness.as_deref().filter(|_| !loss.is_certain());
    findings.unless_busy(
        late,
        journeys.filter_map(|(index, journey)| failing(service, (index, journey), &after)),
    );
    findings.certain(loss.other_exit.as_ref().map(|exit| {
        shortfall(
            format!("the other instance ended too, with {exit}"),
            "let no instance depend upon another: share state in a datastore, elect leaders with a lease",
        )
    }));
    findings.unless_busy(loss.unknown.untold().as_deref(), forgotten(loss));
    let proof = findings.judged(REQUIREMENT, seen(service, loss, after.len()))?;
    Ok(unheard::unless_blind(proof, loss.blind.as_deref()))
}

fn forgotten(loss: &Loss) -> Option<Shortfall> {
    let (writes, unknown) = (loss.writes, loss.unknown.writes.len());
    (unknown > 0).then(|| {
        shortfall(
            format!("{unknown} of {writes} writes that the killed instance had acknowledged more than {} before are not known to the other", shown(SETTLED)),
            "keep what is acknowledged in a datastore that all instances share, not in the memory or on the disk of one",
        )
    })
}

fn failing(
    service: &Service,
    (index, journey): (usize, &Journey),
    after: &[&Heard],
) -> Option<Shortfall> {
    let of: Vec<_> = after.iter().filter(|heard| heard.exchange.journey == index).collect();
    let failed: Vec<_> = of.iter().filter(|heard| is_failed(service, heard)).collect();
    if failed.len() <= allowed(journey, of.len()) {
        return None;
    }
    Some(Shortfall {
        about: Subject::Journey(journey.name.clone()),
        message: format!(
            "with one of two instances killed, {} of {} requests to the other failed ({})",
            failed.len(),
            of.len(),
            tally(failed.iter().map(|heard| heard.exchange.outcome))
        ),
        help: "give each instance all that it needs by itself, and the headroom for the load of the others".to_owned(),
    })
}

fn tally(outcomes: impl Iterator<Item = load::Outcome>) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for outcome in outcomes {
        *counts.entry(outcome.words()).or_default() += 1;
    }
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}

fn seen(service: &Service, loss: &Loss, after: usize) -> Vec<String> {
    let failed =
        loss.other.iter().filter(|heard| heard.sent >= loss.killed && is_failed(service, heard));
    let broken: Vec<_> = loss
        .lost
        .iter()
        .filter(|heard| {
            heard.ended >= loss.killed && heard.exchange.outcome != load::Outcome::Refused
        })
        .filter(|heard| is_failed(service, heard))
        .map(|heard| heard.exchange.outcome)
        .collect();
    let refused =
        loss.lost.iter().filter(|heard| heard.exchange.outcome == load::Outcome::Refused).count();
    let mut seen = vec![
        format!(
            "requests to the other instance after the loss: {after}, {} of them failed",
            failed.count()
        ),
        format!(
            "clients of the killed instance: {} requests broken off, {refused} refused in the {} until a router would have noticed",
            broken.len(),
            shown(AFTER)
        ),
    ];
    if loss.writes > 0 {
        seen.push(format!(
            "{} of {} writes acknowledged by the killed instance known to the other",
            loss.writes - loss.unknown.writes.len().min(loss.writes),
            loss.writes
        ));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::super::heard::tests::heard;
    use super::*;
    use crate::Outcome as Verdict;

    fn loss(failed: u64) -> (Service, Loss) {
        let start = Instant::now();
        let outcome = |n| if n < failed { load::Outcome::WrongStatus } else { load::Outcome::Ok };
        let service = Service {
            journeys: vec![Journey { name: "read".into(), ..Journey::default() }],
            ..Service::default()
        };
        let loss = Loss {
            killed: start + Duration::from_secs(1),
            lost: vec![heard(start, 1500, 1501, load::Outcome::Refused)],
            other: (0..50).map(|n| heard(start, 1100 + n, 1200 + n, outcome(n))).collect(),
            other_exit: None,
            writes: 5,
            unknown: Unfound::default(),
            blind: None,
            lateness: None,
        };
        (service, loss)
    }

    #[test]
    fn what_clients_of_the_killed_one_saw_is_counted_and_not_held_against_it() {
        let (service, loss) = loss(1);
        let proof = judge(&service, &loss).unwrap();
        assert_eq!(proof.outcome, Verdict::Kept);
        assert!(proof.seen[1].contains("1 refused"), "{:?}", proof.seen);
    }

    #[test]
    fn failures_of_the_other_are_a_shortfall_and_so_is_lost_state() {
        let (service, loss_of) = loss(9);
        assert!(matches!(judge(&service, &loss_of).unwrap().outcome, Verdict::FellShort(_)));
        let (service, mut local) = loss(0);
        local.unknown = Unfound::of(5, true, None);
        assert!(matches!(judge(&service, &local).unwrap().outcome, Verdict::FellShort(_)));
        let (service, mut idle) = loss(0);
        idle.other.clear();
        assert!(matches!(judge(&service, &idle).unwrap().outcome, Verdict::Inconclusive(_)));
    }

    #[test]
    fn a_loss_on_a_machine_too_busy_says_nothing_but_what_is_certain() {
        let is_untold = |failed: u64, unknown: Unfound, is_late: bool| {
            let (service, mut loss) = loss(failed);
            loss.unknown = unknown;
            loss.lateness = is_late.then(|| "the generator was late".to_owned());
            judge(&service, &loss).is_err()
        };
        let none = Unfound::default;
        assert!(is_untold(9, none(), true));
        assert!(!is_untold(9, none(), false));
        assert!(!is_untold(0, none(), true), "what was kept in spite of it was kept");
        let gone = |is_certain| Unfound::of(5, is_certain, Some("late"));
        assert!(!is_untold(9, gone(true), true), "a lost write is certain");
        assert!(is_untold(0, gone(false), true), "a write that was not answered for is not lost");
    }
}
