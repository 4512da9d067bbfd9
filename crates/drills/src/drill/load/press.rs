//! The steps of the drill, in their order.

use std::thread;
use std::time::{Duration, Instant};

use super::super::telling;
use super::LoadSettings;
use super::knee::{Came, Knee, Search};
use super::pages::{List, lists};
use super::queries::{attributed, query_performance};
use super::signals::{Counted, golden_signals};
use super::stretch::{Bench, Stretch, peak};
use super::usage::calls;
use super::verdicts::held::Second;
use crate::load::{Control, Outcome, Rate, Watch};
use crate::proxy::{Drained, Exchange};
use crate::telemetry::{Exposition, read_exposition};
use crate::{DependencyKind, DrillError, Driving, Proof, Rehearsal, Service, Site};

/// Load without pressure: this part of the peak, for so long.
const BASELINE: (f64, Duration) = (0.25, Duration::from_secs(4));
/// Shortest stretch.
const SHORTEST: Duration = Duration::from_secs(3);
/// One rate of the search for the knee.
const WINDOW: Duration = Duration::from_secs(3);
/// How long the last good rate has to hold.
const SUSTAINED: Duration = Duration::from_secs(6);
/// The search ends after so long, whatever it found.
const SEARCH: Duration = Duration::from_secs(75);
/// Requests one at a time: so many a second, for so long.
const ALONE: (f64, Duration) = (12.0, Duration::from_secs(5));
/// What two instances are given, in what one carries.
const TIMES_ONE: f64 = 1.6;
/// How long the metrics may take.
const SCRAPE: Duration = Duration::from_secs(5);

/// Everything that was seen.
#[derive(Debug)]
pub(super) struct Pressed {
    pub(super) peak_per_s: f64,
    pub(super) baseline: Stretch,
    pub(super) peak: Stretch,
    pub(super) double: Stretch,
    pub(super) triple: Stretch,
    /// Every rate of the search.
    pub(super) search: Vec<Stretch>,
    pub(super) knee: Knee,
    pub(super) second: Second,
    /// What journeys created until the lists were asked again.
    pub(super) created: u64,
    pub(super) lists: (Vec<List>, Vec<List>),
    pub(super) queries: Proof,
    pub(super) signals: Proof,
}

impl Pressed {
    /// All stretches in their order.
    pub(super) fn all(&self) -> Vec<&Stretch> {
        let second = match &self.second {
            Second::Tried(stretch, _) => Some(&**stretch),
            Second::NotTried(_) => None,
        };
        [&self.baseline, &self.peak, &self.double, &self.triple]
            .into_iter()
            .chain(&self.search)
            .chain(second)
            .collect()
    }

    /// The stretch at the lowest rate at which the service gave out.
    pub(super) fn top(&self) -> Option<&Stretch> {
        let rate_per_s = self.knee.bad.as_ref()?.0;
        let at_it = |stretch: &&Stretch| {
            (stretch.rate_per_s - rate_per_s).abs() < 1e-6 && matches!(stretch.came(), Came::Bad(_))
        };
        let mut stretches =
            [&self.peak, &self.double, &self.triple].into_iter().chain(&self.search);
        stretches.rfind(at_it)
    }
}

/// Presses the service, step by step.
pub(super) fn press(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &LoadSettings,
    site: &mut Site,
) -> Result<Pressed, DrillError> {
    let peak_per_s = peak(service, settings.peak_per_s);
    let bench = Bench { service, site, peak_per_s, seed: settings.seed };
    let lists_before = lists(service, bench.site.address);
    let before = scrape(service, &bench);
    let baseline = baseline(rehearsal, &bench)?;
    let meanwhile = scrape_later(service, &bench);
    let lasts = settings.duration.max(SHORTEST);
    let peak = bench.factor(rehearsal, "the expected peak", 1.0, lasts)?;
    let half = (lasts / 2).max(SHORTEST);
    let mut double = bench.factor(rehearsal, "twice the peak", 2.0, half)?;
    let mut triple = bench.factor(rehearsal, "three times the peak", 3.0, half)?;
    let after = scrape(service, &bench);
    let seen = [&baseline, &peak, &double, &triple];
    let created = seen.iter().map(|stretch| created(service, stretch)).sum();
    let meanwhile = meanwhile.join().ok().flatten();
    let signals = signals(service, &[before, meanwhile, after], &seen);
    // What may have been an accident of the moment is tried once more.
    if double.came() != Came::Good {
        double = bench.factor(rehearsal, "twice the peak again", 2.0, half)?;
    }
    if triple.came() != Came::Good {
        triple = bench.factor(rehearsal, "three times the peak again", 3.0, half)?;
    }
    let lists_after = lists(service, bench.site.address);
    let queries =
        rehearsal.step("send requests one at a time", |rehearsal| alone(rehearsal, &bench))?;
    let (knee, search) = search(rehearsal, &bench, &[&baseline, &peak, &double, &triple])?;
    let top = search.iter().rfind(|stretch| matches!(stretch.came(), Came::Bad(_)));
    let wanted = top.map_or(Ok(()), spare_cores).and_then(|()| {
        if knee.is_found() { Ok(()) } else { Err("something else than one instance gave out first, so a second one would show nothing".to_owned()) }
    });
    let second = match (wanted, settings.target, knee.good_per_s) {
        (_, Some(_), _) => {
            Second::NotTried("a service that runs already is not multiplied".to_owned())
        }
        (Err(why), ..) => Second::NotTried(why),
        (Ok(()), None, None) => {
            Second::NotTried("one instance kept its promises at no rate".to_owned())
        }
        (Ok(()), None, Some(good_per_s)) => {
            second(rehearsal, service, site, (peak_per_s, good_per_s), settings.seed)?
        }
    };
    Ok(Pressed {
        peak_per_s,
        baseline,
        peak,
        double,
        triple,
        search,
        knee,
        second,
        created,
        lists: (lists_before, lists_after),
        queries,
        signals,
    })
}

impl Bench<'_> {
    fn factor(
        &self,
        rehearsal: &mut Rehearsal,
        name: &str,
        factor: f64,
        lasts: Duration,
    ) -> Result<Stretch, DrillError> {
        let rate_per_s = self.peak_per_s * factor;
        rehearsal.step(&format!("send {name}, {rate_per_s:.0}/s"), |rehearsal| {
            self.stretch(rehearsal, name, rate_per_s, lasts, &[self.site.address])
        })
    }
}

fn baseline(rehearsal: &mut Rehearsal, bench: &Bench<'_>) -> Result<Stretch, DrillError> {
    let baseline = bench.factor(rehearsal, "a quarter of the peak", BASELINE.0, BASELINE.1)?;
    if baseline.record.reached_nothing() {
        return Err(short_already("the service does not listen any more".to_owned()));
    }
    match baseline.came() {
        Came::Bad(how) => Err(short_already(how)),
        Came::Good | Came::Limited(_) => Ok(baseline),
    }
}

fn short_already(reason: String) -> DrillError {
    let help = "mend that first: what load does to it could not be told apart".to_owned();
    DrillError::Baseline { reason, help }
}

fn scrape(service: &Service, bench: &Bench<'_>) -> Option<Exposition> {
    let text = telling::metrics(bench.site.address, service.metrics.as_deref(), SCRAPE)?;
    Some(read_exposition(&text))
}

/// Looks at the metrics once load runs.
fn scrape_later(service: &Service, bench: &Bench<'_>) -> thread::JoinHandle<Option<Exposition>> {
    let (path, address) = (service.metrics.clone(), bench.site.address);
    thread::spawn(move || {
        thread::park_timeout(SHORTEST / 2);
        let text = telling::metrics(address, path.as_deref(), SCRAPE)?;
        Some(read_exposition(&text))
    })
}

fn signals(service: &Service, scrapes: &[Option<Exposition>; 3], stretches: &[&Stretch]) -> Proof {
    const REQUIREMENT: &str = "observability/golden-signals";
    let Some(path) = &service.metrics else {
        return Proof::inconclusive(
            REQUIREMENT,
            "gonogo.yaml does not say where the metrics are: add `run.metrics`",
        );
    };
    let [Some(before), meanwhile, Some(after)] = scrapes else {
        return Proof::inconclusive(
            REQUIREMENT,
            format!("GET {path} did not answer with 2xx before and after the load"),
        );
    };
    let answered = [Outcome::Ok, Outcome::WrongStatus, Outcome::WrongAnswer];
    let of = |outcomes: &[Outcome]| -> u64 {
        stretches
            .iter()
            .map(|stretch| stretch.record.counts())
            .map(|counts| outcomes.iter().map(|outcome| counts.of(*outcome)).sum::<u64>())
            .sum()
    };
    let sent: u64 = stretches.iter().map(|stretch| stretch.record.sent()).sum();
    let answered = of(&answered);
    if (sent - answered.min(sent)) * 100 > sent {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{} of {sent} requests got no answer, so nobody can say whether the service should have counted them",
                sent - answered
            ),
        );
    }
    golden_signals(&Counted {
        before,
        meanwhile: meanwhile.as_ref().unwrap_or(after),
        after,
        sent: answered,
    })
}

/// How many things the journeys created.
fn created(service: &Service, stretch: &Stretch) -> u64 {
    service
        .journeys
        .iter()
        .zip(&stretch.record.journeys)
        .filter(|(journey, _)| matches!(journey.request.method.as_str(), "POST" | "PUT"))
        .map(|(_, seen)| seen.counts().of(Outcome::Ok))
        .sum()
}

/// Sends requests on one connection, each after the one before has ended, all journeys alike.
fn alone(rehearsal: &Rehearsal, bench: &Bench<'_>) -> Result<Proof, DrillError> {
    let databases: Vec<&str> = bench
        .service
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Postgres)
        .map(|dependency| dependency.name.as_str())
        .collect();
    let proxies = || databases.iter().filter_map(|name| bench.site.proxy(name));
    for proxy in proxies() {
        let _before = proxy.drain();
    }
    let mut plan = crate::plan(bench.service, bench.site.address, Rate::constant(ALONE.0, ALONE.1));
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
    let requests: Vec<_> = receiver
        .try_iter()
        .filter(|exchange| exchange.outcome == Outcome::Ok)
        .filter_map(|exchange| {
            let journey = bench.service.journeys.get(exchange.journey)?;
            Some((journey.name.as_str(), began + exchange.sent, began + exchange.ended))
        })
        .collect();
    let drained: Vec<Drained> = proxies().map(crate::proxy::Proxy::drain).collect();
    let calls: Vec<&Exchange> = drained.iter().flat_map(calls).collect();
    Ok(query_performance(&attributed(&requests, &calls)))
}

/// Searches the knee above what is known already.
fn search(
    rehearsal: &mut Rehearsal,
    bench: &Bench<'_>,
    known: &[&Stretch],
) -> Result<(Knee, Vec<Stretch>), DrillError> {
    let mut search = Search::new();
    for stretch in known {
        search.told(stretch.rate_per_s, stretch.came());
    }
    let (began, mut stretches) = (Instant::now(), Vec::new());
    let mut attempt = |rehearsal: &mut Rehearsal, name: &str, rate_per_s: f64, lasts: Duration| {
        let step = format!("send {name}, {rate_per_s:.0}/s");
        let stretch = rehearsal.step(&step, |rehearsal| {
            bench.stretch(rehearsal, name, rate_per_s, lasts, &[bench.site.address])
        })?;
        let came = stretch.came();
        stretches.push(stretch);
        Ok::<_, DrillError>(came)
    };
    while let Some(rate_per_s) = search.next().filter(|_| began.elapsed() < SEARCH) {
        let mut came = attempt(rehearsal, "search for the knee", rate_per_s, WINDOW)?;
        if !matches!(came, Came::Good) {
            // One bad moment of a shared machine is no knee.
            came = attempt(rehearsal, "search for the knee again", rate_per_s, WINDOW)?;
        }
        search.told(rate_per_s, came);
    }
    let mut knee = search.knee();
    for _ in 0..2 {
        let Some(good_per_s) = knee.good_per_s else { break };
        match attempt(rehearsal, "the last good rate", good_per_s, SUSTAINED)? {
            Came::Good => break,
            came => knee = lower(knee, good_per_s, came),
        }
    }
    Ok((knee, stretches))
}

/// What did not hold for longer is no good rate: a tenth less is taken for it, and tried.
fn lower(knee: Knee, rate_per_s: f64, came: Came) -> Knee {
    let good_per_s = Some(rate_per_s / 1.1);
    match came {
        Came::Good => knee,
        Came::Bad(how) => Knee { good_per_s, bad: Some((rate_per_s, how)), limited: None },
        Came::Limited(what) => Knee { good_per_s, limited: Some((rate_per_s, what)), ..knee },
    }
}

/// Whether the machine has cores left for what a second instance takes.
fn spare_cores(top: &Stretch) -> Result<(), String> {
    let machine = top.record.machine;
    let wall_s = machine.wall_s.max(1e-3);
    let free = machine.cores - (machine.busy_s + machine.stolen_s) / wall_s;
    let needed = top.service.cpu_s / top.until.duration_since(top.from).as_secs_f64().max(1e-3);
    if free >= needed {
        return Ok(());
    }
    Err(format!(
        "one instance at its knee takes {needed:.1} cores, and this machine of {:.0} has {:.1} left for another",
        machine.cores,
        free.max(0.0)
    ))
}

/// Starts a second instance and sends more than one carries to both.
fn second(
    rehearsal: &mut Rehearsal,
    service: &Service,
    site: &mut Site,
    (peak_per_s, good_per_s): (f64, f64),
    seed: u64,
) -> Result<Second, DrillError> {
    let routes = site.routes.clone();
    let instance = site.stage.service(rehearsal, service, &routes)?;
    let addresses = [site.address, instance.address()];
    let bench = Bench { service, site, peak_per_s, seed };
    let rate_per_s = good_per_s * TIMES_ONE;
    let step = format!("send {rate_per_s:.0}/s to two instances");
    let mut stretch = rehearsal.step(&step, |rehearsal| {
        bench.stretch(rehearsal, "two instances", rate_per_s, SUSTAINED, &addresses)
    })?;
    stretch.is_of_another = true;
    drop(instance);
    Ok(Second::Tried(Box::new(stretch), TIMES_ONE))
}
