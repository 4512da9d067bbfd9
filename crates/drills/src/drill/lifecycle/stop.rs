//! Asks the service to stop under load. Requests are surely in flight: dependencies answer late, and some uploads wait for their last byte.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use model::counted_as;

use super::super::axis::{TIME, since};
use super::super::busy::{self, Findings, Untold, tightest};
use super::super::pulse::Pulse;
use super::super::strain::{Reading, pids};
use super::filled::filled;
use super::heard::{Heard, Listening, plan};
use super::{Drill, shortfall, shown};
use crate::Outcome as Verdict;
use crate::harness::{Exit, Held, Stopped, hold, send, signal_named};
use crate::load::{Outcome, Watch};
use crate::proxy::{Fault, Rule};
use crate::{
    Chart, Dependency, DrillError, Journey, Progress, Proof, Rehearsal, Series, Service, Shade,
    Shortfall, Site,
};

/// The requirement that this proves.
pub(super) const REQUIREMENT: &str = "reliability/graceful-shutdown";
const RULE: &str = "answers late";
/// How late a dependency answers at most, once for each of its answers.
const LATEST: Duration = Duration::from_millis(25);
/// Fastest load, which late answers must not turn into a queue.
const RATE_PER_S: f64 = 40.0;
/// Load before the signal.
const BEFORE: Duration = Duration::from_secs(2);
/// A request is taken to have reached the service when it was sent so long before the signal.
const SURELY: Duration = Duration::from_millis(50);
/// How long an upload's last byte comes after the signal.
const LAST_BYTE: Duration = Duration::from_millis(300);
/// How long an upload is waited for after its last byte.
const ANSWER: Duration = Duration::from_secs(5);
/// Uploads held open over the signal.
const UPLOADS: u64 = 4;
/// Load after the end, to see what stays behind.
const AFTER: Duration = Duration::from_millis(500);
/// Requests in flight that are too few to say anything.
const FEW: usize = 3;
/// A service that ends so soon has not waited for what it had, however slowly the machine lets it run.
const AT_ONCE: Duration = Duration::from_secs(1);
/// Signals by which a process ends of its own fault, and that no load on the machine sends.
const CRASHES: [Signal; 5] = [Signal::ILL, Signal::ABORT, Signal::BUS, Signal::FPE, Signal::SEGV];

/// What was seen of a stop.
#[derive(Debug)]
struct Stopping {
    asked: Instant,
    requests: Vec<Heard>,
    /// Each upload that waited for its last byte: what was wrong with it, or nothing.
    uploads: Vec<Result<(), Lost>>,
    ended: Stopped,
    /// Whether something still listens at its address after its end.
    is_still_listening: bool,
    /// Processes that it started and that outlive it.
    survivors: usize,
    /// Whether a thread of it wanted a core all the time from the signal on, so that a busy machine can be why it took long.
    was_computing: bool,
    /// How late the drill itself was, where that is too much to tell the service's doing from the machine's.
    lateness: Option<String>,
}

/// An upload that was not answered as expected.
#[derive(Clone, Debug)]
struct Lost {
    /// What came instead.
    instead: String,
    /// Whether the service surely had it when it was asked to stop, and closed the connection.
    is_dropped: bool,
}

/// Carries it out and judges.
pub(super) fn prove(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Proof, DrillError> {
    let service = drill.service;
    let rate_per_s = drill.rate_per_s.min(RATE_PER_S);
    let step = format!("ask it to stop by SIG{} under load", signal_name(service));
    let once = |rehearsal: &mut Rehearsal| {
        let address = drill.well_instance(rehearsal, site)?;
        let stopping = rehearsal.step(&step, |rehearsal| {
            answer_late(site, service)?;
            measure(rehearsal, site, (service, address), rate_per_s)
        })?;
        super::well_again(site)?;
        if !stopping.failed_before() {
            return Ok(stopping);
        }
        // A service that does not bear even a small delay is asked to stop without one.
        let address = drill.well_instance(rehearsal, site)?;
        rehearsal.step(&step, |rehearsal| measure(rehearsal, site, (service, address), rate_per_s))
    };
    let late = |stopping: &Stopping| judge(service, stopping).err().map(|untold| untold.lateness);
    let again = "once more, with the service started again, as it was stopped";
    let stopping = busy::patiently_as(again, rehearsal, once, late)?;
    drill.charts.push(chart(rehearsal, &stopping));
    Ok(judge(service, &stopping).unwrap_or_else(|untold| untold.proof(REQUIREMENT)))
}

fn signal_name(service: &Service) -> &str {
    service.stop.signal.trim_start_matches("SIG")
}

/// Lets every dependency answer late, but well within what the service waits for it.
fn answer_late(site: &Site, service: &Service) -> Result<(), DrillError> {
    for dependency in &service.dependencies {
        let Some(proxy) = site.proxy(&dependency.name) else { continue };
        proxy.set(Rule::new(RULE, Fault::latency(lateness(dependency)))).map_err(|misfit| {
            DrillError::Step {
                step: format!("let `{}` answer late", dependency.name),
                reason: misfit.to_string(),
                help: "mend the `kind` of the dependency in gonogo.yaml".to_owned(),
            }
        })?;
    }
    Ok(())
}

fn lateness(dependency: &Dependency) -> Duration {
    dependency.timeout.map_or(LATEST, |timeout| (timeout / 10).min(LATEST))
}

fn measure(
    rehearsal: &Rehearsal,
    site: &mut Site,
    (service, address): (&Service, SocketAddr),
    rate_per_s: f64,
) -> Result<Stopping, DrillError> {
    let within = service.stop.within;
    let mut plan =
        plan(service, address, rate_per_s, BEFORE + within + SURELY * 2 + ANSWER + AFTER);
    plan.fresh_share = 0.5;
    let load = Listening::start(plan, Watch::All);
    load.attend(rehearsal, BEFORE)?;
    let pulse = Pulse::start(service);
    let held = uploads(service, address);
    load.attend(rehearsal, SURELY * 2)?;
    let Some(instance) = site.instances.first_mut() else {
        return Err(DrillError::Interrupted);
    };
    let process = &mut instance.process;
    let working = pids(process.pid());
    let held: Vec<_> = held
        .into_iter()
        .map(|(held, journey)| (held.is_taken_by(&working), held, journey))
        .collect();
    let before = Reading::of(&working);
    let asked = Instant::now();
    process.signal(signal_named(&service.stop.signal).unwrap_or(Signal::TERM));
    rehearsal.tell(Progress::Note(format!("it was asked to stop by SIG{}", signal_name(service))));
    rehearsal.wait_for(LAST_BYTE, || process.exit())?;
    let uploads =
        held.into_iter().map(|(is_taken, held, journey)| finish(held, journey, is_taken)).collect();
    let left = within.saturating_sub(asked.elapsed());
    let ended = match rehearsal.wait_for(left, || process.exit())? {
        Some(exit) => Stopped::Ended(exit, asked.elapsed()),
        None => Stopped::Killed(asked.elapsed()),
    };
    let survivors = match ended {
        Stopped::Ended(..) => process.others_of_its_group().len(),
        Stopped::Killed(_) => 0,
    };
    let lateness = pulse.lateness();
    let was_computing = before.until(&Reading::of(&working)).is_full();
    process.kill();
    load.attend(rehearsal, AFTER)?;
    let is_still_listening = TcpStream::connect_timeout(&address, AFTER).is_ok();
    let (requests, record) = load.stop(rehearsal)?;
    let lateness = lateness.or_else(|| record.lateness(tightest(service)));
    site.instances.clear();
    Ok(Stopping {
        asked,
        requests,
        uploads,
        ended,
        is_still_listening,
        survivors,
        was_computing,
        lateness,
    })
}

/// Sends uploads of journeys whose request is answered as expected when it is sent whole, each but for its last byte.
fn uploads(service: &Service, address: SocketAddr) -> Vec<(Held, &Journey)> {
    let request = |journey: &Journey, sequence| {
        let identity = journey.identity.as_ref().and_then(|name| service.identities.get(name));
        filled(&journey.request, identity, &[], sequence)
    };
    let journey = service.journeys.iter().find(|journey| {
        !journey.request.body.is_empty()
            && request(journey, 900_000)
                .and_then(|request| send(service.at(address), &request, ANSWER).ok())
                .is_some_and(|answer| journey.expect.takes(answer.status))
    });
    journey
        .into_iter()
        .flat_map(|journey| (1..=UPLOADS).map(move |number| (journey, 900_000 + number)))
        .filter_map(|(journey, sequence)| {
            let held = hold(service.at(address), &request(journey, sequence)?, ANSWER).ok()??;
            Some((held, journey))
        })
        .collect()
}

fn finish(held: Held, journey: &Journey, is_taken: bool) -> Result<(), Lost> {
    match held.finish(ANSWER) {
        Ok(answer) if journey.expect.takes(answer.status) => Ok(()),
        Ok(answer) => Err(Lost { instead: format!("status {}", answer.status), is_dropped: false }),
        Err(error) => Err(Lost {
            instead: error.to_string(),
            is_dropped: is_taken && error.kind() != ErrorKind::TimedOut,
        }),
    }
}

/// How requests ended, in words.
fn tally<'h>(requests: impl Iterator<Item = &'h Heard>) -> String {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    for heard in requests {
        *counts.entry(heard.exchange.outcome.words()).or_default() += 1;
    }
    let parts: Vec<_> = counts.iter().map(|(name, count)| format!("{count} {name}")).collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join(", ") }
}

impl Stopping {
    /// Requests that the service surely had when it was asked to stop.
    fn in_flight(&self) -> impl Iterator<Item = &Heard> {
        self.requests.iter().filter(|heard| {
            heard.sent + SURELY <= self.asked
                && heard.ended >= self.asked
                && heard.exchange.outcome != Outcome::Refused
        })
    }

    fn before(&self) -> impl Iterator<Item = &Heard> {
        self.requests.iter().filter(|heard| heard.ended < self.asked)
    }

    /// Whether more failed before the signal than could be chance.
    fn failed_before(&self) -> bool {
        let failed = self.before().filter(|heard| is_lost(heard)).count();
        failed > self.before().count() / 50
    }

    /// Whether it ended at once and dropped most of the uploads that it surely had: that it was not let run would have kept it from ending too.
    fn dropped_at_once(&self) -> bool {
        let lost = self.uploads.iter().filter_map(|upload| upload.as_ref().err());
        let dropped = lost.filter(|lost| lost.is_dropped).count();
        matches!(self.ended, Stopped::Ended(_, after) if after < AT_ONCE)
            && dropped * 2 > self.uploads.len()
    }

    /// Whether it went on for all its time without a thread that wanted a core throughout: no busy machine keeps such a one from ending.
    fn waited_without_need(&self) -> bool {
        matches!(self.ended, Stopped::Killed(_)) && !self.was_computing
    }

    fn later(&self) -> impl Iterator<Item = &Heard> {
        self.requests
            .iter()
            .filter(|heard| heard.sent + SURELY > self.asked && heard.ended >= self.asked)
    }
}

fn judge(service: &Service, stopping: &Stopping) -> Result<Proof, Untold> {
    let late = stopping.lateness.as_deref();
    let mut findings = Findings::default();
    let is_certain = stopping.dropped_at_once();
    findings.unless_busy(late.filter(|_| !is_certain), lost_uploads(stopping));
    let is_its_own = crashed(&stopping.ended) || stopping.waited_without_need();
    findings.unless_busy(late.filter(|_| !is_its_own), ending(service, &stopping.ended));
    let others = [lost_in_flight(stopping), taken_and_dropped(stopping)];
    findings.unless_busy(late, others.into_iter().flatten().chain(left_behind(stopping)));
    if stopping.failed_before() {
        let failed = format!(
            "requests failed already before it was asked to stop: {}",
            tally(stopping.before())
        );
        let Some(lateness) = late else { return Ok(Proof::inconclusive(REQUIREMENT, failed)) };
        let mut findings = Findings::default();
        findings.unseen(failed, lateness);
        return findings.judged(REQUIREMENT, Vec::new());
    }
    let proof = findings.judged(REQUIREMENT, seen(stopping))?;
    let in_flight = stopping.in_flight().count() + stopping.uploads.len();
    if proof.outcome == Verdict::Kept && in_flight < FEW {
        let few = format!(
            "only {} in flight when it was asked to stop",
            counted_as(in_flight, "request was", "requests were")
        );
        return Ok(Proof::inconclusive(REQUIREMENT, few));
    }
    Ok(proof)
}

fn crashed(ended: &Stopped) -> bool {
    let is_crash = |signal: i32| CRASHES.iter().any(|crash| crash.as_raw() == signal);
    matches!(ended, Stopped::Ended(Exit::Signal(signal), _) if is_crash(*signal))
}

/// What is still there after its end.
fn left_behind(stopping: &Stopping) -> Vec<Shortfall> {
    let listening = stopping.is_still_listening.then(|| {
        shortfall(
            "something still listens at its address after it has ended".to_owned(),
            "stop the processes that it starts before it ends",
        )
    });
    let surviving = (stopping.survivors > 0).then(|| {
        shortfall(
            format!(
                "{} it",
                counted_as(
                    stopping.survivors,
                    "process that it started outlives",
                    "processes that it started outlive"
                )
            ),
            "pass the signal on to the processes that it starts and wait for them; `exec` in a start script lets the signal reach the service",
        )
    });
    listening.into_iter().chain(surviving).collect()
}

fn seen(stopping: &Stopping) -> Vec<String> {
    let on = |is_reused: bool| {
        (
            tally(stopping.in_flight().filter(move |heard| heard.exchange.is_reused == is_reused)),
            tally(stopping.later().filter(move |heard| heard.exchange.is_reused == is_reused)),
        )
    };
    let ((kept, kept_later), (new, new_later)) = (on(true), on(false));
    let ended = match stopping.ended {
        Stopped::Ended(exit, after) => {
            format!("ended with {exit} {} after the signal", shown(after))
        }
        Stopped::Killed(after) => format!("was killed {} after the signal", shown(after)),
    };
    let uploads = stopping.uploads.iter().filter(|upload| upload.is_ok()).count();
    vec![
        ended,
        format!("in flight at the signal: on kept connections {kept}; on new ones {new}"),
        format!(
            "uploads whose last byte came {} after the signal: {uploads} of {} answered",
            shown(LAST_BYTE),
            stopping.uploads.len()
        ),
        format!(
            "sent after the signal, which a router would have sent elsewhere: on kept connections {kept_later}; on new ones {new_later}"
        ),
    ]
}

fn is_lost(heard: &Heard) -> bool {
    !matches!(heard.exchange.outcome, Outcome::Ok | Outcome::ClosedIdle)
}

const DRAIN: &str = "on the signal, stop accepting, finish what is in flight, then end; most servers have a call for it (`Shutdown`, `graceful_shutdown`, `server.close`)";

fn lost_in_flight(stopping: &Stopping) -> Option<Shortfall> {
    let lost: Vec<_> = stopping.in_flight().filter(|heard| is_lost(heard)).collect();
    if lost.is_empty() {
        return None;
    }
    let kept = lost.iter().filter(|heard| heard.exchange.is_reused).count();
    Some(shortfall(
        format!(
            "{} of {} requests in flight when it was asked to stop were lost ({}): {kept} on kept connections, {} on new ones",
            lost.len(),
            stopping.in_flight().count(),
            tally(lost.iter().copied()),
            lost.len() - kept
        ),
        DRAIN,
    ))
}

fn lost_uploads(stopping: &Stopping) -> Option<Shortfall> {
    let lost: Vec<_> = stopping.uploads.iter().filter_map(|upload| upload.as_ref().err()).collect();
    let first = lost.first()?;
    Some(shortfall(
        format!(
            "{} of {} uploads whose last byte came {} after the signal were lost ({})",
            lost.len(),
            stopping.uploads.len(),
            shown(LAST_BYTE),
            first.instead
        ),
        DRAIN,
    ))
}

/// Requests that came after the signal, were let in, and were dropped. A few in the moment in which a listener closes are the kernel's, not the service's.
fn taken_and_dropped(stopping: &Stopping) -> Option<Shortfall> {
    let is_dropped = |heard: &&Heard| {
        matches!(
            heard.exchange.outcome,
            Outcome::Reset | Outcome::ClosedEarly | Outcome::Timeout | Outcome::Malformed
        )
    };
    let dropped = stopping.later().filter(is_dropped).count();
    let answered = stopping.later().filter(|heard| heard.exchange.outcome == Outcome::Ok).count();
    (dropped > 2.max(answered / 50)).then(|| {
        shortfall(
            format!("{dropped} requests that came after the signal were let in and dropped, {answered} answered"),
            "close the listener on the signal, and end only when every connection that was let in is answered",
        )
    })
}

fn ending(service: &Service, ended: &Stopped) -> Option<Shortfall> {
    let name = signal_name(service);
    let within = shown(service.stop.within);
    let number = signal_named(name).map_or(15, Signal::as_raw);
    match ended {
        Stopped::Killed(_) => Some(shortfall(
            format!(
                "it still ran {within} after SIG{name}, which is all the time that `run.stop.within` gives it"
            ),
            "handle the signal and end within that time; a start script has to pass it on (`exec`)",
        )),
        // Runtimes that end by the signal again after they have drained report it so.
        Stopped::Ended(Exit::Code(0), _) => None,
        Stopped::Ended(Exit::Code(code), _) if *code == 128 + number => None,
        Stopped::Ended(Exit::Signal(signal), _) if *signal == number => None,
        Stopped::Ended(exit, _) => Some(shortfall(
            format!(
                "asked to stop by SIG{name}, it ended with {exit}, which an orchestrator takes for a crash"
            ),
            "end with exit code 0 after a stop that was asked for",
        )),
    }
}

/// What users waited around the signal.
fn chart(rehearsal: &Rehearsal, stopping: &Stopping) -> Chart {
    let began = rehearsal.began();
    let points = |is_ok: bool| {
        let of = stopping
            .requests
            .iter()
            .filter(|heard| (heard.exchange.outcome == Outcome::Ok) == is_ok);
        let point = |heard: &Heard| {
            let waited = heard.ended.saturating_duration_since(heard.sent);
            (since(began, heard.sent), waited.as_secs_f64() * 1e3)
        };
        of.map(point).collect()
    };
    let (Stopped::Ended(_, after) | Stopped::Killed(after)) = stopping.ended;
    let from = since(began, stopping.asked);
    let (answered, failed) = (points(true), points(false));
    Chart {
        title: "Requests around the stop".to_owned(),
        x: TIME.to_owned(),
        y: "milliseconds until the answer".to_owned(),
        series: vec![
            Series { name: "answered as expected".to_owned(), points: answered },
            Series { name: "failed".to_owned(), points: failed },
        ],
        shaded: vec![Shade {
            from,
            to: from + after.as_secs_f64(),
            label: "from the signal to the end".to_owned(),
        }],
        ..Chart::default()
    }
}

#[cfg(test)]
mod tests;
