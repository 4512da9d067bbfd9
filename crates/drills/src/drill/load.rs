//! Sends more and more load, and measures what the service keeps of its promises, what it uses, and what gives out first.
//!
//! 1. Start dependencies, proxies and the service; ask for the lists and the metrics as they are, and for each journey by itself.
//! 2. Send load without pressure: a service that falls short of its own objectives then is not pressed further.
//! 3. Send the expected peak for a while, then twice and three times of it, and compare counts.
//! 4. Send requests one at a time, and count what each asks of the database.
//! 5. Search the knee: a ramp, bisection, and some time at the last good rate. Then try two instances. Requests one at a time before and after
//!    show what the amount of data did, which the drill's own writes change.
//! 6. Wait until all is quiet and compare what is still used. What grew and stayed has to go on growing under a second steady load to be a leak.
//!
//! What the machine or the generator cannot carry is never the service's fault.

mod causes;
mod charts;
mod knee;
mod leaks;
mod pages;
mod peers;
mod press;
mod promise;
mod queries;
mod quiet;
mod second;
mod settle;
mod signals;
mod steady;
mod stretch;
mod trend;
mod usage;
mod verdicts;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

use crate::{Account, DrillError, Proof, Rehearsal, Sample, Service, Site};

use causes::Causes;
use press::Pressed;
pub use promise::{DEFAULT_AVAILABILITY, is_beyond, latencies};
use stretch::{Stretch, peak};
pub use verdicts::Prices;

/// How long the expected peak lasts where nothing else is asked.
pub const USUAL: Duration = Duration::from_secs(20);

/// What a load drill is asked to do.
#[derive(Clone, Debug)]
pub struct LoadSettings {
    /// How long the expected peak lasts; every other stretch is in proportion.
    pub duration: Duration,
    /// Requests a second at the expected peak, all journeys together; `None`: as gonogo.yaml says.
    pub peak_per_s: Option<f64>,
    /// The rate at which the search for the knee stops.
    pub up_to: Option<UpTo>,
    /// What one hour of what the service uses costs.
    pub prices: Prices,
    /// Where a running service is, instead of starting one.
    pub target: Option<SocketAddr>,
    /// Makes what is random repeatable.
    pub seed: u64,
}

impl Default for LoadSettings {
    fn default() -> Self {
        Self {
            duration: USUAL,
            peak_per_s: None,
            up_to: None,
            prices: Prices::default(),
            target: None,
            seed: 1,
        }
    }
}

/// Where the search for the knee stops.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum UpTo {
    /// At so many requests a second.
    Rate(f64),
    /// At so many times the expected peak.
    Times(f64),
}

/// The drill sends this many times the peak whatever it is told: to a service that it did not start, no more unless it is asked to.
pub const ALWAYS: f64 = 3.0;

impl LoadSettings {
    /// The rate above which nothing is sent.
    pub fn up_to_per_s(&self, peak_per_s: f64) -> Option<f64> {
        match (self.up_to, self.target) {
            (Some(UpTo::Rate(rate)), _) => Some(rate),
            (Some(UpTo::Times(times)), _) => Some(times * peak_per_s),
            (None, Some(_)) => Some(ALWAYS * peak_per_s),
            (None, None) => None,
        }
    }

    /// Requests a second at the expected peak of `service`.
    pub fn peak_of(&self, service: &Service) -> f64 {
        peak(service, self.peak_per_s)
    }
}

/// Carries the drill out on `service`.
pub fn run(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &LoadSettings,
) -> Result<Account, DrillError> {
    has_something_to_do(service)?;
    let mut site = Site::open(rehearsal, service, settings.target, settings.seed)?;
    let watch = site.instances.first().map(|instance| peers::Watch::start(instance.process.pid()));
    let pressed = press::press(rehearsal, service, settings, &mut site)?;
    let peers = watch.map(peers::Watch::finish).unwrap_or_default();
    let (course, again) = steady::course(rehearsal, service, settings, &site, &pressed)?;
    site.is_whole()?;
    let samples = steady::samples(&site);
    let stretches: Vec<&Stretch> = pressed.all().into_iter().chain(&again).collect();
    Ok(Account {
        drill: "load",
        service: service.name.clone(),
        began_at: rehearsal.began_at(),
        steps: rehearsal.steps().to_vec(),
        proofs: proofs(service, settings, &site, &pressed, &peers, (&samples, &course)),
        charts: charts::charts(service, rehearsal.began(), &stretches, &samples),
        notes: notes(service, settings, &stretches),
        left_out: Vec::new(),
    })
}

fn has_something_to_do(service: &Service) -> Result<(), DrillError> {
    if service.journeys.is_empty() {
        return Err(DrillError::Step {
            step: "see what there is to send".to_owned(),
            reason: "gonogo.yaml names no journey with a request".to_owned(),
            help: "add `journeys:` with a request, what is expected, and `peak:` each".to_owned(),
        });
    }
    Ok(())
}

/// Everything that load can prove about `service`.
fn proofs(
    service: &Service,
    settings: &LoadSettings,
    site: &Site,
    pressed: &Pressed,
    peers: &peers::Peers,
    (samples, course): (&[Sample], &leaks::Course),
) -> Vec<Proof> {
    let all = pressed.all();
    // What a service does that is beyond its limit says nothing about its habits.
    let steady: Vec<&Stretch> = [&pressed.peak, &pressed.double, &pressed.triple]
        .into_iter()
        .filter(|stretch| !stretch.broken.iter().any(|broken| broken.is_failure))
        .collect();
    let pagination = pages::pagination(&pressed.lists.0, &pressed.lists.1, pressed.created);
    let named = [&pagination, &pressed.queries];
    let [before, then, last] = &pressed.quiet;
    let own = all.iter().filter(|stretch| !stretch.is_of_another);
    let at_peak = Causes { service, before, then, created: pressed.created, proofs: &named };
    let at_knee = Causes {
        then: last,
        created: own.map(|stretch| press::created(service, stretch)).sum(),
        ..at_peak
    };
    let top = pressed.top().map_or(&[][..], |top| &top.broken);
    let mut proofs = vec![
        verdicts::load_tested(&[&pressed.double, &pressed.triple], &at_peak),
        verdicts::headroom(&pressed.knee, pressed.peak_per_s, &all, (&at_knee, top)),
        leaks::no_leaks(course),
        verdicts::scales_out(&pressed.second, pressed.knee.good_per_s.unwrap_or(0.0), &at_knee),
        verdicts::shared_bottleneck(&pressed.knee, &pressed.peak, pressed.top(), &at_knee),
        pressed.queries.clone(),
        pagination.clone(),
        verdicts::cost(settings.prices, &pressed.peak, &pressed.double, samples),
        verdicts::connection_limits(service, &steady, &all),
        pressed.signals.clone(),
    ];
    let mut calls: BTreeMap<String, u64> = BTreeMap::new();
    for (name, usage) in all.iter().flat_map(|stretch| &stretch.usages) {
        *calls.entry(name.clone()).or_default() += usage.calls;
    }
    proofs.push(peers::dependencies(peers, &service.dependencies, &site.routes, &calls));
    proofs
}

fn notes(service: &Service, settings: &LoadSettings, stretches: &[&Stretch]) -> Vec<String> {
    let mut notes = Vec::new();
    let has_peak = service.journeys.iter().any(|journey| journey.peak_per_s.is_some());
    if !has_peak && settings.peak_per_s.is_none() {
        notes.push(format!(
            "gonogo.yaml names no `peak:`, so {:.0}/s were taken for it",
            peak(service, None)
        ));
    }
    if service.journeys.iter().any(|journey| journey.latencies.is_empty()) {
        notes.push(
            "journeys without a latency objective were held to 1 s at the 99 % quantile".to_owned(),
        );
    }
    notes.extend(stretches.iter().filter_map(|stretch| {
        stretch
            .limit()
            .map(|limit| format!("{} ({:.0}/s): {limit}", stretch.name, stretch.rate_per_s))
    }));
    notes
}
