//! Lets every dependency fail in every way that its kind can, under steady load, and measures what users, the dependency and the logs see.
//!
//! 1. Start dependencies, proxies and the service.
//! 2. Send load without any fault: a service that falls short of its own objectives then is not disturbed further.
//! 3. For each dependency and each fault: load, the fault, load until the service is well again.
//! 4. Judge. A fault counts only when the proxy saw it land.

mod back;
mod calls;
mod charts;
mod health;
mod menu;
mod refused;
#[cfg(test)]
mod sample;
mod signals;
mod trial;
mod verdicts;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use model::counted;

use crate::telemetry::Receiver;
use crate::{Account, Dependency, DrillError, Progress, Rehearsal, Service, Site, peak_per_s};

use super::baseline::{self, well};
use super::telling::{self, Following};
use calls::Usual;
use menu::Dish;
pub use menu::bound;
use trial::{Conditions, Trial};
use verdicts::{Rounds, Tried, proofs};

/// Slowest and fastest load: enough to see, too little to saturate.
const RATES_PER_S: (f64, f64) = (10.0, 30.0);

/// What a fault drill is asked to do.
#[derive(Clone, Debug, Default)]
pub struct FaultSettings {
    /// Only this dependency.
    pub dependency: Option<String>,
    /// Only the faults whose words begin so: "does not answer".
    pub fault: Option<String>,
    /// Where a running service is, instead of starting one.
    pub target: Option<SocketAddr>,
    /// Makes what is random repeatable.
    pub seed: u64,
}

/// Carries the drill out on `service`.
pub fn run(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &FaultSettings,
) -> Result<Account, DrillError> {
    has_something_to_do(service, settings)?;
    let mut site = opened(rehearsal, service, settings)?;
    let receiver = Arc::new(Receiver::start(site.runtime().handle())?);
    let service = &telling::exporting(service, receiver.address());
    let mut following = match settings.target {
        Some(_) => None,
        None => restart(rehearsal, &mut site, service)?,
    };
    let rate_per_s = peak_per_s(service).clamp(RATES_PER_S.0, RATES_PER_S.1);
    let before = rehearsal.step("send load without any fault", |rehearsal| {
        calls_without_fault(rehearsal, &site, service, rate_per_s)
    })?;
    rehearsal.tell(Progress::Word(extent(&site, service, settings)));
    let conditions = Conditions { service, rate_per_s, receiver: &receiver };
    let (mut tried, mut is_broken) = (Vec::new(), false);
    let mut notes = unpointed(service, settings, &before);
    for (dependency, usual) in service.dependencies.iter().zip(before) {
        if !is_disturbed(&site, settings, dependency) {
            continue;
        }
        let mut rounds = Rounds::default();
        while !is_broken && rounds.wants_another(service) {
            let mut trials = Vec::new();
            let dishes = brought(dependency, usual.longest_answer, settings);
            let again = rounds.again();
            if let Some(again) = &again {
                rehearsal.tell(Progress::Word(format!(
                    "{again}, since the machine is busy and something fell short: about {} more",
                    in_words(dishes.iter().map(trial::lasts).sum())
                )));
            }
            for dish in dishes {
                let mut step = format!("`{}` {}", dependency.name, dish.words);
                if let Some(again) = &again {
                    let _infallible = write!(step, " ({again})");
                }
                let trial = rehearsal.step(&step, |rehearsal| {
                    trial::patiently(rehearsal, &mut site, conditions, &dependency.name, &dish)
                })?;
                let broken = broken(&trial);
                trials.push(trial);
                if let Some(how) = broken {
                    if settings.target.is_some() {
                        notes.push(given_up(dependency, dish.words));
                        is_broken = true;
                        break;
                    }
                    rehearsal.tell(Progress::Word(format!(
                        "the service is started again for what comes next, since it {how}"
                    )));
                    drop(following.take());
                    following = restart(rehearsal, &mut site, service)?;
                }
            }
            let Usual { per_s: calls_per_s, shapes, alike, .. } = usual.clone();
            let is_whole = trials.len() == menu::faults(dependency, usual.longest_answer).len();
            rounds.push(Tried { dependency, trials, is_whole, calls_per_s, shapes, alike });
        }
        tried.push(rounds);
        if is_broken {
            break;
        }
    }
    let is_part = is_broken || settings.fault.is_some();
    Ok(account(rehearsal, service, &tried, is_part, notes))
}

fn account(
    rehearsal: &Rehearsal,
    service: &Service,
    tried: &[Rounds<'_>],
    is_part: bool,
    mut notes: Vec<String>,
) -> Account {
    notes.extend(seen_again_or_not(tried));
    let left_out = left_out(service, tried, is_part);
    notes.extend(partial(&left_out));
    Account {
        drill: "fault",
        service: service.name.clone(),
        began_at: rehearsal.began_at(),
        steps: rehearsal.steps().to_vec(),
        proofs: proofs(service, tried),
        charts: charts::charts(rehearsal.began(), tried),
        notes,
        left_out,
    }
}

/// The site without an instance yet, or that of the service that runs already.
fn opened(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &FaultSettings,
) -> Result<Site, DrillError> {
    match settings.target {
        Some(_) => Site::open(rehearsal, service, settings.target, settings.seed),
        None => Site::prepare(rehearsal, service, None, settings.seed),
    }
}

fn has_something_to_do(service: &Service, settings: &FaultSettings) -> Result<(), DrillError> {
    let missing = |reason: &str, help: &str| {
        Err(DrillError::Step {
            step: "see what there is to disturb".to_owned(),
            reason: reason.to_owned(),
            help: help.to_owned(),
        })
    };
    let is_meant = |name: &str| settings.dependency.as_ref().is_none_or(|only| only == name);
    let is_pointed = |one: &Dependency| one.proxy.is_some() && is_meant(&one.name);
    if settings.target.is_some() && !service.dependencies.iter().any(is_pointed) {
        return missing(
            "a service that runs already keeps its own way to its dependencies, and no proxy stands in between",
            "let the drill start the service (`run:` in gonogo.yaml), or give the dependency `proxy: 127.0.0.1:PORT` beside its `address:` in gonogo.yaml and point the service there",
        );
    }
    if service.journeys.is_empty() {
        return missing(
            "gonogo.yaml names no journey, so nobody would see a failure",
            "add `journeys:` with a request each",
        );
    }
    if service.dependencies.is_empty() {
        return missing(
            "gonogo.yaml names no dependency",
            "add `dependencies:`, or `dependencies: []` has nothing to drill",
        );
    }
    named(service, settings)
        .or_else(|unknown| missing(&unknown.to_string(), &unknown.known_in_words()))
}

/// What is asked for by a name that nothing has.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`")]
pub struct Unknown {
    what: &'static str,
    name: String,
    known: Vec<String>,
}

impl Unknown {
    /// The names that there are.
    pub fn known_in_words(&self) -> String {
        match self.known.as_slice() {
            [] => format!("gonogo.yaml names no {} at all", self.what),
            known => format!("those that there are: {}", known.join(", ")),
        }
    }
}

/// Refuses settings that speak of a dependency or a fault that there is not, before anything is started.
pub fn named(service: &Service, settings: &FaultSettings) -> Result<(), Unknown> {
    let is_meant =
        |one: &&Dependency| settings.dependency.as_ref().is_none_or(|only| *only == one.name);
    let meant: Vec<_> = service.dependencies.iter().filter(is_meant).collect();
    if let (Some(name), []) = (&settings.dependency, meant.as_slice()) {
        let known = service.dependencies.iter().map(|known| known.name.clone()).collect();
        return Err(Unknown { what: "dependency", name: name.clone(), known });
    }
    let Some(name) = &settings.fault else { return Ok(()) };
    if meant.is_empty() || meant.iter().any(|one| !brought(one, 0, settings).is_empty()) {
        return Ok(());
    }
    let words: BTreeSet<_> =
        meant.iter().flat_map(|one| menu::faults(one, 0)).map(|dish| dish.words).collect();
    let known = words.into_iter().map(str::to_owned).collect();
    Err(Unknown { what: "fault", name: name.clone(), known })
}

/// Sends load without any fault; gives what was seen of the calls to each dependency.
fn calls_without_fault(
    rehearsal: &Rehearsal,
    site: &Site,
    service: &Service,
    rate_per_s: f64,
) -> Result<Vec<Usual>, DrillError> {
    well(rehearsal, site, service, rate_per_s, "a fault")?;
    let calls_to = |name: &str| {
        let drained = site.proxy(name).map(crate::proxy::Proxy::drain).unwrap_or_default();
        Usual::of(&drained.events, baseline::LASTS)
    };
    Ok(service.dependencies.iter().map(|dependency| calls_to(&dependency.name)).collect())
}

fn is_disturbed(site: &Site, settings: &FaultSettings, dependency: &Dependency) -> bool {
    settings.dependency.as_ref().is_none_or(|only| *only == dependency.name)
        && site.proxy(&dependency.name).is_some()
}

/// The faults that are brought to `dependency`.
fn brought(dependency: &Dependency, longest_answer: u64, settings: &FaultSettings) -> Vec<Dish> {
    let mut dishes = menu::faults(dependency, longest_answer);
    if let Some(only) = &settings.fault {
        // Every name begins with nothing.
        dishes.retain(|dish| !only.is_empty() && dish.words.starts_with(only.as_str()));
    }
    dishes
}

/// How much there is to do, for whoever waits.
fn extent(site: &Site, service: &Service, settings: &FaultSettings) -> String {
    let disturbed = service.dependencies.iter().filter(|one| is_disturbed(site, settings, one));
    // How long answers are does not change how long it takes.
    let faults: Vec<_> = disturbed.flat_map(|one| brought(one, 0, settings)).collect();
    let (count, lasts) = (faults.len(), faults.iter().map(trial::lasts).sum());
    format!(
        "{} to bring, about {}; more where the service is slow to become well, and up to three times as long on a busy machine",
        counted(count, "fault"),
        in_words(lasts)
    )
}

/// A time to wait for, in words: `40 s`, `3 min`.
fn in_words(lasts: Duration) -> String {
    match lasts.as_secs() {
        seconds if seconds < 90 => format!("{seconds} s"),
        seconds => format!("{} min", seconds.div_ceil(60)),
    }
}

/// Starts the service, in the place of one that ended or stayed broken, so that the next fault meets a well one.
fn restart(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    service: &Service,
) -> Result<Option<Following>, DrillError> {
    site.instances.clear();
    let routes = site.routes.clone();
    let instance = site.stage.service(rehearsal, service, &routes)?;
    site.address = instance.address();
    let following = telling::follow_file(service, instance.process.output());
    site.instances.push(instance);
    Ok(following)
}

/// Of a service that runs already: which dependencies it does not reach through a proxy, so that they were not disturbed.
fn unpointed(service: &Service, settings: &FaultSettings, before: &[Usual]) -> Vec<String> {
    if settings.target.is_none() {
        return Vec::new();
    }
    let tell = |(dependency, usual): (&Dependency, &Usual)| {
        let name = &dependency.name;
        match &dependency.proxy {
            None => Some(format!("`{name}` was not disturbed: gonogo.yaml gives it no `proxy:`")),
            Some(proxy) if usual.per_s <= 0.0 => Some(format!(
                "no call to `{name}` came by {proxy} while no fault was there: is the service pointed there?"
            )),
            Some(_) => None,
        }
    };
    service.dependencies.iter().zip(before).filter_map(tell).collect()
}

/// How a trial left the service, where it has to be started again.
fn broken(trial: &Trial) -> Option<String> {
    match (&trial.exit, trial.recovered_after) {
        (Some(exit), _) => Some(format!("ended with {exit}")),
        (None, None) => Some("did not become well again".to_owned()),
        (None, Some(_)) => None,
    }
}

/// That a service that runs already is left alone once it is broken.
fn given_up(dependency: &Dependency, words: &str) -> String {
    let name = &dependency.name;
    format!(
        "the running service did not become well again after `{name}` {words}, so that nothing more was tried; it is not restarted"
    )
}

/// What it means that something was left out.
fn partial(left_out: &[String]) -> Option<String> {
    (!left_out.is_empty()).then(|| format!("left out: {}. What the others kept is no evidence about the service as a whole, and is not recorded", left_out.join(", ")))
}

/// The dependencies that were not disturbed, and what was not tried of the others.
fn left_out(service: &Service, tried: &[Rounds<'_>], is_part: bool) -> Vec<String> {
    let is_tried =
        |name: &str| tried.iter().flat_map(Rounds::all).any(|one| one.dependency.name == name);
    let left_out = service.dependencies.iter().filter(|one| !is_tried(&one.name));
    let left_out = left_out.map(|one| format!("`{}`", one.name));
    left_out.chain(is_part.then(|| "further faults".to_owned())).collect()
}

fn seen_again_or_not(tried: &[Rounds<'_>]) -> Vec<String> {
    let again = tried.iter().filter_map(Rounds::note);
    let last = tried.iter().filter_map(|rounds| rounds.all().last());
    let unseen = last.flat_map(|one| &one.trials)
        .filter(|trial| trial.landed == 0)
        .map(|trial| format!("it was not seen how the service takes it when `{}` {}: no call of it came by meanwhile", trial.dependency, trial.dish.words));
    again.chain(unseen).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(proxy: Option<&str>, only: Option<&str>) -> Option<String> {
        let dependency = Dependency { proxy: proxy.map(str::to_owned), ..sample::dependency(true) };
        let service = Service {
            journeys: vec![crate::Journey::default()],
            dependencies: vec![dependency],
            ..Service::default()
        };
        let settings = FaultSettings {
            dependency: only.map(str::to_owned),
            target: Some(SocketAddr::from(([127, 0, 0, 1], 1))),
            ..FaultSettings::default()
        };
        has_something_to_do(&service, &settings).err().map(|error| error.to_string())
    }

    #[test]
    fn one_fault_can_be_brought_alone_and_one_that_is_none_is_refused() {
        let words = |fault: &str| {
            let settings = FaultSettings { fault: Some(fault.into()), ..FaultSettings::default() };
            let brought = brought(&sample::dependency(true), 9, &settings);
            let service = Service {
                journeys: vec![crate::Journey::default()],
                dependencies: vec![sample::dependency(true)],
                ..Service::default()
            };
            let refused = has_something_to_do(&service, &settings).err();
            assert_eq!(brought.is_empty(), refused.is_some());
            (brought.len(), refused.map(|error| error.to_string()).unwrap_or_default())
        };
        assert_eq!(words("does not answer").0, 1);
        assert_eq!(words("is slow").0, 1, "with and without drips");
        assert_eq!(words("answers").0, 2);
        assert!(words("burns").1.contains("there is no fault `burns`"));
        assert!(words("").1.contains("there is no fault ``"), "every name begins with nothing");
    }

    #[test]
    fn what_there_is_not_is_told_with_the_names_that_there_are() {
        let told = |dependency: &str, fault: Option<&str>| {
            let dependencies = vec![sample::dependency(true)];
            let service = Service { dependencies, ..Service::default() };
            let settings = FaultSettings {
                dependency: Some(dependency.into()),
                fault: fault.map(str::to_owned),
                ..FaultSettings::default()
            };
            named(&service, &settings).map_err(|unknown| unknown.known_in_words())
        };
        let known = sample::dependency(true).name;
        assert_eq!(told(&known, Some("resets")), Ok(()));
        assert_eq!(told("mail", None), Err(format!("those that there are: {known}")));
        let faults = told(&known, Some("burns")).unwrap_err();
        assert!(faults.contains("does not answer, ") && faults.contains("resets"), "{faults}");
    }

    #[test]
    fn why_the_service_is_started_again_is_told() {
        let well = sample::trial(menu::Purpose::Silent);
        assert_eq!(broken(&well), None);
        let ill = Trial { recovered_after: None, ..well.clone() };
        assert_eq!(broken(&ill).unwrap(), "did not become well again");
        let ended = Trial { exit: Some("exit code 3".to_owned()), ..well };
        assert_eq!(broken(&ended).unwrap(), "ended with exit code 3");
    }

    #[test]
    fn what_there_is_to_wait_for_is_told_in_words() {
        assert_eq!(in_words(Duration::from_secs(89)), "89 s");
        assert_eq!(in_words(Duration::from_secs(121)), "3 min");
    }

    #[test]
    fn a_running_service_is_drilled_only_where_it_was_pointed_at_a_proxy() {
        let error = refused(None, None).unwrap();
        assert!(error.contains("no proxy stands in between"), "{error}");
        assert_eq!(refused(Some("127.0.0.1:1"), None), None);
        assert!(refused(Some("127.0.0.1:1"), Some("mail")).is_some());
    }
}
