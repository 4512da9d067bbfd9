//! One trial: steady load, a fault in the middle, and the time after it until the service is well again.

use std::sync::Arc;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::harness::Line;
use crate::load::{self, Control, Outcome, Rate, Watch};
use crate::proxy::{self, Event, Fault, Happening, Misfit, Rule};
use crate::stage::listens;
use crate::telemetry::Receiver;
use crate::{DrillError, Driving, Journey, Progress, Rehearsal, Service, Site};

use super::super::busy::{self, tightest};
use super::back::Back;
use super::health::{Health, Look};
use super::menu::{Dish, Purpose};
use super::refused;
use super::signals::{Count, Counts};
use super::verdicts::is_bad;

/// Load before the fault.
const BEFORE: Duration = Duration::from_secs(1);
/// Load without a bad request after which the service counts as well again.
pub(super) const WELL: Duration = Duration::from_secs(2);
/// How long it may take until then.
pub(super) const RECOVERY: Duration = Duration::from_secs(30);
/// Share of the machine that others take, above which chance may have its part in a shortfall.
const BUSY: f64 = 0.5;
/// What is taken for the shortest time where nothing is declared.
const USUAL: Duration = Duration::from_millis(200);
/// Between two looks at what has to be done.
const TICK: Duration = Duration::from_millis(20);

/// One request of a user.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    /// When it was due.
    pub(super) due: Instant,
    /// How long the user waited.
    pub(super) took: Duration,
    /// Which journey.
    pub(super) journey: usize,
    /// How it ended.
    pub(super) outcome: Outcome,
    /// Status of the answer.
    pub(super) status: Option<u16>,
    /// Whether the answer had a body.
    pub(super) has_body: bool,
}

impl Request {
    /// Whether a user saw a failure.
    pub(super) fn is_failure(&self) -> bool {
        self.outcome.is_failure(false)
    }
}

/// What was seen in one trial.
#[derive(Clone, Debug)]
pub(super) struct Trial {
    /// Name of the dependency.
    pub(super) dependency: String,
    /// The fault.
    pub(super) dish: Dish,
    /// When it was brought.
    pub(super) from: Instant,
    /// When it was taken back.
    pub(super) until: Instant,
    /// How often it landed, by the proxy's own count; of a refusal, [as far as is known](refused).
    pub(super) landed: u64,
    /// What users saw, from before the fault to the end.
    pub(super) requests: Vec<Request>,
    /// What the service said to the dependency meanwhile.
    pub(super) calls: Vec<proxy::Exchange>,
    /// What it said of its own health.
    pub(super) looks: Vec<Look>,
    /// What it counted and exported of errors, from before the fault on.
    pub(super) counts: Vec<Count>,
    /// What it printed, from before the fault on.
    pub(super) lines: Vec<Line>,
    /// Whether the drill started the service, so that what it prints and exports was seen.
    pub(super) is_ours: bool,
    /// How it ended, if it did.
    pub(super) exit: Option<String>,
    /// From the end of the fault until the last bad request was due; `None`: it did not become well in time.
    pub(super) recovered_after: Option<Duration>,
    /// The time in which it was looked last whether calls to the dependency returned; `None`: they were not waited for.
    pub(super) again: Option<(Instant, Instant)>,
    /// Requests a second that were sent.
    pub(super) rate_per_s: f64,
    /// Whether the machine was so busy that a shortfall has to be seen again before it is held against the service.
    pub(super) is_doubtful: bool,
    /// How late the generator itself was, where that is too much to tell the service's doing from the machine's.
    pub(super) lateness: Option<String>,
}

impl Trial {
    /// The requests that were due while the fault lasted.
    pub(super) fn during(&self) -> impl Iterator<Item = &Request> {
        self.requests.iter().filter(|request| request.due >= self.from && request.due < self.until)
    }
}

/// How long a trial lasts of a service that becomes well at once.
pub(super) fn lasts(dish: &Dish) -> Duration {
    BEFORE + dish.lasts + WELL
}

/// What all trials of a drill have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Conditions<'a> {
    /// What is known of the service.
    pub(super) service: &'a Service,
    /// Requests a second that are sent.
    pub(super) rate_per_s: f64,
    /// Where comes what the service exports.
    pub(super) receiver: &'a Arc<Receiver>,
}

/// Carries out one trial, and again while the machine is too busy to tell anything by it.
pub(super) fn patiently(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    conditions: Conditions<'_>,
    dependency: &str,
    dish: &Dish,
) -> Result<Trial, DrillError> {
    let late = |trial: &Trial| {
        let is_well = trial.exit.is_none() && trial.recovered_after.is_some();
        trial.lateness.clone().filter(|_| is_well)
    };
    let once = |rehearsal: &mut Rehearsal| run(rehearsal, site, conditions, dependency, dish);
    busy::patiently(rehearsal, once, late)
}

/// Carries out one trial.
fn run(
    rehearsal: &Rehearsal,
    site: &mut Site,
    conditions: Conditions<'_>,
    dependency: &str,
    dish: &Dish,
) -> Result<Trial, DrillError> {
    let Conditions { service, rate_per_s, receiver } = conditions;
    let is_bad = |request: &Request| is_bad(&service.journeys, request);
    let proxy = site.proxy(dependency).ok_or_else(|| no_proxy(dependency))?;
    let _before = proxy.drain();
    let rules = rules(dish);
    let (landed_before, called) = (landed(proxy, &rules), requests(proxy));
    let mut plan = site.plan(service, 1.0, Duration::ZERO);
    plan.rate = Rate::constant(rate_per_s, BEFORE + dish.lasts + RECOVERY + WELL);
    plan.traces = true;
    let control = Control::new();
    let mut seen = Seen {
        receiver: control.exchanges(Watch::All),
        began: Instant::now(),
        requests: Vec::new(),
    };
    let health = Health::watch(service, site.address);
    let counts = Counts::watch(service, site.address, receiver.clone());
    let driving = Driving::start(plan, control.clone());

    attend(rehearsal, &driving, &mut seen, BEFORE)?;
    let called = requests(proxy) - called;
    let from = Instant::now();
    bring(proxy, &rules).map_err(|misfit| not_brought(dependency, dish, &misfit.to_string()))?;
    rehearsal.tell(Progress::Note(format!("`{dependency}` {}", dish.words)));
    attend(rehearsal, &driving, &mut seen, dish.lasts)?;
    let landed = landed(proxy, &rules) - landed_before;
    take_back(proxy, &rules)?;
    let until = Instant::now();
    let back = Back { until, count: requests(proxy), per_s: called };
    rehearsal.tell(Progress::Note(format!("`{dependency}` is well again")));
    let mut is_gone = || is_gone(site);
    let recovered_after =
        recovery(rehearsal, &driving, &mut seen, (until, rate_per_s), &is_bad, &mut is_gone)?;
    let again = match site.proxy(dependency) {
        Some(proxy) if dish.purpose == Purpose::Failing && recovered_after.is_some() => {
            let pass = |seen: &mut Seen| attend(rehearsal, &driving, seen, TICK * 5);
            Some(back.awaited(&|| requests(proxy), &mut || pass(&mut seen), RECOVERY)?)
        }
        _ => None,
    };
    control.stop();
    let record = driving.finish(rehearsal)?;
    site.is_whole()?;
    seen.take();

    let events = site.proxy(dependency).map(proxy::Proxy::drain).unwrap_or_default().events;
    let (looks, counts) = (health.finish(), counts.finish());
    let (is_ours, lines, exit) = printed(site, seen.began);
    let refuses = dish.faults.contains(&Fault::Refuse);
    let met = if refuses { refused::met(&events, (from, until), exit.is_some()) } else { 0 };
    Ok(Trial {
        dependency: dependency.to_owned(),
        dish: dish.clone(),
        from,
        until,
        landed: landed + met,
        requests: seen.requests,
        calls: exchanges(events),
        looks,
        counts,
        lines,
        is_ours,
        exit,
        recovered_after,
        again,
        rate_per_s,
        is_doubtful: record.machine.foreign_share() > BUSY
            || record.lateness(tightest(service)).is_some(),
        lateness: record.lateness_beside(shortest(service)),
    })
}

/// The shortest time that something seen in a trial is compared with, by the drill or by the service itself: of a journey the loosest objective, of a
/// dependency its timeout. What lasts for seconds, or is counted, can be told by a generator that was a fraction of it late.
fn shortest(service: &Service) -> Duration {
    let of_journey =
        |journey: &Journey| journey.latencies.iter().map(|objective| objective.within).max();
    let objectives = service.journeys.iter().filter_map(of_journey);
    let timeouts = service.dependencies.iter().filter_map(|dependency| dependency.timeout);
    objectives.chain(timeouts).min().unwrap_or(USUAL)
}

/// Whether the drill started the service, what it printed since, and how it ended, if it did.
fn printed(site: &mut Site, since: Instant) -> (bool, Vec<Line>, Option<String>) {
    let Some(instance) = site.instances.first_mut() else { return (false, Vec::new(), None) };
    let lines = instance.process.output().since(since);
    (true, lines, instance.process.exit().map(|exit| exit.to_string()))
}

fn requests(proxy: &proxy::Proxy) -> u64 {
    proxy.counters().requests
}

/// The rules that bring a dish.
fn rules(dish: &Dish) -> Vec<Rule> {
    let named =
        |(number, fault): (usize, &Fault)| Rule::new(format!("fault {number}"), fault.clone());
    (1..).zip(&dish.faults).map(named).collect()
}

fn bring(proxy: &proxy::Proxy, rules: &[Rule]) -> Result<(), Misfit> {
    rules.iter().try_for_each(|rule| proxy.set(rule.clone()))
}

fn take_back(proxy: &proxy::Proxy, rules: &[Rule]) -> std::io::Result<()> {
    rules.iter().try_for_each(|rule| proxy.clear(&rule.name).map(drop))
}

/// How often any of `rules` landed so far.
fn landed(proxy: &proxy::Proxy, rules: &[Rule]) -> u64 {
    let counters = proxy.counters();
    rules.iter().map(|rule| counters.landed(&rule.name)).sum()
}

fn exchanges(events: Vec<Event>) -> Vec<proxy::Exchange> {
    let exchange = |event: Event| match event.what {
        Happening::Exchange(exchange) => Some(exchange),
        _ => None,
    };
    events.into_iter().filter_map(exchange).collect()
}

fn no_proxy(dependency: &str) -> DrillError {
    DrillError::Step {
        step: format!("disturb `{dependency}`"),
        reason: "no proxy stands before it".to_owned(),
        help: format!(
            "say `{{{dependency}}}` in `run.env` where the service takes its address from, and give it `address:` or `run:`"
        ),
    }
}

fn not_brought(dependency: &str, dish: &Dish, reason: &str) -> DrillError {
    DrillError::Step {
        step: format!("let it be that `{dependency}` {}", dish.words),
        reason: reason.to_owned(),
        help: "mend the `kind` of the dependency in gonogo.yaml".to_owned(),
    }
}

/// What users saw so far.
struct Seen {
    receiver: mpsc::Receiver<load::Exchange>,
    began: Instant,
    requests: Vec<Request>,
}

impl Seen {
    fn take(&mut self) {
        let began = self.began;
        let ended = self
            .receiver
            .try_iter()
            .filter(|exchange| !matches!(exchange.outcome, Outcome::Stopped | Outcome::Unsent));
        self.requests.extend(ended.map(|exchange| Request {
            due: began + exchange.due,
            took: exchange.ended.saturating_sub(exchange.due),
            journey: exchange.journey,
            outcome: exchange.outcome,
            status: exchange.status,
            has_body: !exchange.body.is_empty(),
        }));
    }
}

/// Lets `lasts` pass while load runs.
fn attend(
    rehearsal: &Rehearsal,
    driving: &Driving,
    seen: &mut Seen,
    lasts: Duration,
) -> Result<(), DrillError> {
    let until = Instant::now() + lasts;
    while Instant::now() < until && !driving.is_over() {
        rehearsal.pass(TICK.min(until.saturating_duration_since(Instant::now())))?;
        seen.take();
        driving.tell(rehearsal);
    }
    Ok(())
}

/// Whether the service has ended and left nobody behind that listens in its place, so that it will not become well by itself.
fn is_gone(site: &mut Site) -> bool {
    let Some(instance) = site.instances.first_mut() else { return false };
    instance.process.exit().is_some() && listens(instance.address()).is_err()
}

/// Waits until no request that was due in the last [`WELL`] was bad; says when the last bad one was due. A service that `is_gone` is not waited for.
fn recovery(
    rehearsal: &Rehearsal,
    driving: &Driving,
    seen: &mut Seen,
    (until, rate_per_s): (Instant, f64),
    is_bad: &impl Fn(&Request) -> bool,
    is_gone: &mut dyn FnMut() -> bool,
) -> Result<Option<Duration>, DrillError> {
    loop {
        if is_gone() {
            return Ok(None);
        }
        attend(rehearsal, driving, seen, TICK * 5)?;
        let last_bad =
            seen.requests.iter().filter(|request| is_bad(request)).map(|request| request.due).max();
        let last_bad = last_bad.unwrap_or(until).max(until);
        let answered = seen
            .requests
            .iter()
            .filter(|request| request.due >= last_bad && !is_bad(request))
            .count();
        // Requests that hang are not bad yet, so the good ones have to be there too: half of those that were due.
        #[expect(clippy::cast_precision_loss, reason = "requests of two seconds")]
        let are_answered = answered as f64 >= rate_per_s * WELL.as_secs_f64() / 2.0;
        if Instant::now() >= last_bad + WELL && are_answered {
            return Ok(Some(last_bad.duration_since(until)));
        }
        if driving.is_over() || until.elapsed() >= RECOVERY {
            return Ok(None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::service::LatencyObjective;
    use crate::{Command, Dependency, Interrupt, Stop};

    #[test]
    fn a_service_that_has_ended_is_gone_and_is_not_waited_for() {
        let root = tempfile::tempdir().unwrap();
        let listening = "import socket, sys, time\n\
            l = socket.create_server(('127.0.0.1', int(sys.argv[1])))\ntime.sleep(600)";
        let arguments = vec!["python3".into(), "-c".into(), listening.into(), "{port}".into()];
        let service = Service {
            name: "shop".into(),
            folder: root.path().to_owned(),
            command: Some(Command { arguments, ..Command::default() }),
            ..Service::default()
        };
        let mut rehearsal =
            Rehearsal::begin(root.path(), "fault", "shop", Interrupt::default(), None).unwrap();
        let mut site = Site::open(&mut rehearsal, &service, None, 1).unwrap();
        assert!(!is_gone(&mut site));
        site.instances[0].process.stop(&Stop::default());
        assert!(is_gone(&mut site));
    }

    #[test]
    fn lateness_is_measured_by_what_a_trial_compares_with() {
        let promises = |within_ms: &[u64], timeout_ms: Option<u64>| {
            let objective =
                |ms: &u64| LatencyObjective { quantile: 0.9, within: Duration::from_millis(*ms) };
            let mut service = sample::service();
            for journey in &mut service.journeys {
                journey.latencies = within_ms.iter().map(objective).collect();
            }
            let timeout = timeout_ms.map(Duration::from_millis);
            service.dependencies = vec![Dependency { timeout, ..sample::dependency(true) }];
            shortest(&service).as_millis()
        };
        assert_eq!(promises(&[20, 400], Some(900)), 400, "only the loosest is asked of a request");
        assert_eq!(promises(&[400], Some(300)), 300);
        assert_eq!(promises(&[], None), USUAL.as_millis());
    }
}
