//! The steps of the drill, in their order.

use std::thread;
use std::time::{Duration, Instant};

use super::super::baseline::{fails_outright, mend_first, most_fail};
use super::super::busy;
use super::super::telling;
use super::LoadSettings;
use super::knee::{Came, Knee, Search};
use super::pages::{List, lists};
use super::promise::needed;
use super::quiet::{Quiet, quiet};
use super::second::{second, spare_cores};
use super::settle::{PAUSE, settle};
use super::signals::{Counted, golden_signals};
use super::stretch::{Bench, Stretch, peak};
use super::verdicts::held::Second;
use crate::load::Outcome;
use crate::telemetry::{Exposition, read_exposition};
use crate::{DrillError, Proof, Rehearsal, Service, Site};

/// Load without pressure: this part of the peak, for so long.
const BASELINE: (f64, Duration) = (0.25, Duration::from_secs(4));
/// Shortest stretch.
pub(super) const SHORTEST: Duration = Duration::from_secs(3);
/// One rate of the search for the knee.
const WINDOW: Duration = Duration::from_secs(3);
/// The same while nothing is near its limit; what does not come good then is tried for longer.
const GLANCE: Duration = Duration::from_secs(1);
/// A stretch is lengthened up to this where that gives its rarest journey requests enough.
const LENGTHENED: Duration = Duration::from_mins(1);
/// How long the last good rate has to hold.
pub(super) const SUSTAINED: Duration = Duration::from_secs(6);
/// The search ends after so long, whatever it found.
const SEARCH: Duration = Duration::from_secs(150);
/// Requests one at a time while statements are counted, and while they are only timed.
const ALONE: [Duration; 2] = [Duration::from_secs(5), Duration::from_secs(3)];
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
    /// Each journey by itself: before the load, after three times the peak, and after the search.
    pub(super) quiet: [Quiet; 3],
    pub(super) queries: Proof,
    pub(super) signals: Proof,
}

impl Pressed {
    /// All stretches in their order.
    pub(super) fn all(&self) -> Vec<&Stretch> {
        [&self.baseline, &self.peak, &self.double, &self.triple]
            .into_iter()
            .chain(&self.search)
            .chain(self.second.stretches())
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
    let (first, _) = alone(rehearsal, &bench, ALONE[1])?;
    let before = scrape(service, &bench);
    let baseline = baseline(rehearsal, &bench)?;
    let meanwhile = scrape_later(service, &bench);
    let lasts = settings.duration.max(SHORTEST);
    let peak = bench.factor(rehearsal, "the expected peak", 1.0, lasts)?;
    let half = |factor: f64| bench.long_enough(factor * peak_per_s, (lasts / 2).max(SHORTEST));
    let mut double = bench.factor(rehearsal, "twice the peak", 2.0, half(2.0))?;
    let mut triple = bench.factor(rehearsal, "three times the peak", 3.0, half(3.0))?;
    let after = scrape(service, &bench);
    let seen = [&baseline, &peak, &double, &triple];
    let created = seen.iter().map(|stretch| created(service, stretch)).sum();
    let meanwhile = meanwhile.join().ok().flatten();
    let signals = signals(service, &[before, meanwhile, after], &seen);
    let again =
        |rehearsal: &mut Rehearsal| bench.factor(rehearsal, "twice the peak again", 2.0, half(2.0));
    (_, double) = settle(rehearsal, PAUSE, double, again)?;
    let again = |rehearsal: &mut Rehearsal| {
        bench.factor(rehearsal, "three times the peak again", 3.0, half(3.0))
    };
    (_, triple) = settle(rehearsal, PAUSE, triple, again)?;
    let (then, queries) = alone(rehearsal, &bench, ALONE[0])?;
    // Only now has the service worked off what it was pressed with.
    let lists_after = lists(service, bench.site.address);
    let up_to_per_s = settings.up_to_per_s(peak_per_s);
    let known = [&baseline, &peak, &double, &triple];
    let (knee, search) = search(rehearsal, &bench, up_to_per_s, &known)?;
    // By now there is more data, so that what gave out is compared with the quiet of now.
    let last = if knee.is_found() { alone(rehearsal, &bench, ALONE[1])?.0 } else { then.clone() };
    let top = search.iter().rfind(|stretch| matches!(stretch.came(), Came::Bad(_)));
    let wanted = top.map_or(Ok(()), spare_cores).and_then(|()| {
        if knee.is_found() {
            Ok(())
        } else if let Some(rate) = knee.stopped_at_per_s {
            Err(format!("one instance carried {rate:.0}/s, and the search went no further: `--up-to` lets it"))
        } else {
            Err("something else than one instance gave out first, so a second one would show nothing".to_owned())
        }
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
        quiet: [first, then, last],
        queries,
        signals,
    })
}

impl Bench<'_> {
    /// `lasts`, or as long as the rarest journey needs at `rate_per_s` where that is not out of all proportion.
    pub(super) fn long_enough(&self, rate_per_s: f64, lasts: Duration) -> Duration {
        let needed = needed(self.service, rate_per_s);
        if needed > LENGTHENED { lasts } else { lasts.max(needed) }
    }

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
    const NAME: &str = "a quarter of the peak";
    let once = |rehearsal: &mut Rehearsal| bench.factor(rehearsal, NAME, BASELINE.0, BASELINE.1);
    let late = |seen: &Stretch| match begins(bench.service, seen) {
        Begins::TooLate(lateness) => Some(lateness),
        Begins::Well | Begins::Short(_) => None,
    };
    let baseline = busy::patiently(rehearsal, once, late)?;
    match begins(bench.service, &baseline) {
        Begins::Well => Ok(baseline),
        Begins::Short(how) => Err(short_already(how)),
        Begins::TooLate(lateness) => {
            let seen = format!("{lateness}; what was seen meanwhile: {}", baseline.how());
            Err(busy::too_busy(&format!("send {NAME}"), &seen))
        }
    }
}

/// What load without pressure says about going on.
#[derive(Debug, PartialEq, Eq)]
enum Begins {
    Well,
    /// The service falls short, in this way, whatever the machine does.
    Short(String),
    /// Most requests fail, and this is why it may be the machine's doing.
    TooLate(String),
}

fn begins(service: &Service, baseline: &Stretch) -> Begins {
    match (baseline.came(), fails_outright(service, &baseline.record)) {
        (Came::Limited(_), Some(how)) | (Came::Bad(how), _) => Begins::Short(how),
        (Came::Limited(lateness), None) if most_fail(&baseline.record) => Begins::TooLate(lateness),
        (Came::Good | Came::Limited(_), _) => Begins::Well,
    }
}

fn short_already(reason: String) -> DrillError {
    DrillError::Baseline { reason, help: mend_first("load") }
}

fn scrape(service: &Service, bench: &Bench<'_>) -> Option<Exposition> {
    let text =
        telling::metrics(service.at(bench.site.address), service.metrics.as_deref(), SCRAPE)?;
    Some(read_exposition(&text))
}

/// Looks at the metrics once load runs.
fn scrape_later(service: &Service, bench: &Bench<'_>) -> thread::JoinHandle<Option<Exposition>> {
    let (path, address) = (service.metrics.clone(), bench.site.address);
    let speech = service.speech.clone();
    thread::spawn(move || {
        thread::park_timeout(SHORTEST / 2);
        let text = telling::metrics(speech.at(address), path.as_deref(), SCRAPE)?;
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

fn alone(
    rehearsal: &mut Rehearsal,
    bench: &Bench<'_>,
    lasts: Duration,
) -> Result<(Quiet, Proof), DrillError> {
    rehearsal.step("send requests one at a time", |rehearsal| quiet(rehearsal, bench, lasts))
}

/// How many things the journeys created.
pub(super) fn created(service: &Service, stretch: &Stretch) -> u64 {
    service
        .journeys
        .iter()
        .zip(&stretch.record.journeys)
        .filter(|(journey, _)| matches!(journey.request.method.as_str(), "POST" | "PUT"))
        .map(|(_, seen)| seen.counts().of(Outcome::Ok))
        .sum()
}

/// Searches the knee above what is known already.
fn search(
    rehearsal: &mut Rehearsal,
    bench: &Bench<'_>,
    up_to_per_s: Option<f64>,
    known: &[&Stretch],
) -> Result<(Knee, Vec<Stretch>), DrillError> {
    let mut search = Search::new(up_to_per_s);
    for stretch in known {
        search.told(stretch.rate_per_s, stretch.came());
    }
    let mut is_calm = known.last().is_some_and(|stretch| stretch.is_calm());
    let (began, mut stretches) = (Instant::now(), Vec::new());
    let attempt = |rehearsal: &mut Rehearsal, name: &str, rate_per_s: f64, lasts: Duration| {
        let step = format!("send {name}, {rate_per_s:.0}/s");
        rehearsal.step(&step, |rehearsal| {
            bench.stretch(rehearsal, name, rate_per_s, lasts, &[bench.site.address])
        })
    };
    while let Some(rate_per_s) = search.next().filter(|_| began.elapsed() < SEARCH) {
        let lasts = if is_calm && search.is_ramp() { GLANCE } else { WINDOW };
        let first = attempt(rehearsal, "search for the knee", rate_per_s, lasts)?;
        is_calm = first.is_calm();
        let again = |rehearsal: &mut Rehearsal| {
            attempt(rehearsal, "search for the knee again", rate_per_s, WINDOW)
        };
        let (before, last) = settle(rehearsal, PAUSE, first, again)?;
        search.told(rate_per_s, last.came());
        stretches.extend(before);
        stretches.push(last);
    }
    let mut knee = search.knee();
    for _ in 0..2 {
        let Some(good_per_s) = knee.good_per_s else { break };
        let lasts = bench.long_enough(good_per_s, SUSTAINED);
        let hold =
            |rehearsal: &mut Rehearsal| attempt(rehearsal, "the last good rate", good_per_s, lasts);
        let first = hold(rehearsal)?;
        let (before, last) = settle(rehearsal, PAUSE, first, hold)?;
        let came = last.came();
        stretches.extend(before);
        stretches.push(last);
        match came {
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
        Came::Bad(how) => {
            Knee { good_per_s, bad: Some((rate_per_s, how)), limited: None, stopped_at_per_s: None }
        }
        Came::Limited(what) => {
            Knee { good_per_s, limited: Some((rate_per_s, what)), stopped_at_per_s: None, ..knee }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::promise::broken;
    use super::super::stretch::tests::{limited, quiet};
    use super::*;
    use crate::Journey;
    use crate::load::JourneyRecord;

    /// What a baseline of 20 requests says of which so many ended like that, on a machine that is busy or not.
    fn begun(outcome: Outcome, count: u64, is_busy: bool) -> Begins {
        let service = Service { journeys: vec![Journey::default()], ..Service::default() };
        let mut seen = JourneyRecord::default();
        seen.on_new.add_many(outcome, count);
        seen.on_new.add_many(Outcome::Ok, 20 - count);
        let name = "a quarter of the peak";
        let mut stretch = if is_busy { limited(name, "it was late") } else { quiet(name, 5.0) };
        stretch.record.journeys.push(seen);
        stretch.broken = broken(&service, &stretch.record);
        begins(&service, &stretch)
    }

    #[test]
    fn a_service_that_refuses_or_resets_most_requests_is_not_pressed_on_a_busy_machine_either() {
        for outcome in [Outcome::Refused, Outcome::Reset, Outcome::WrongStatus] {
            for is_busy in [false, true] {
                let begun = begun(outcome, 20, is_busy);
                assert!(matches!(begun, Begins::Short(_)), "{outcome:?}: {begun:?}");
            }
        }
    }

    #[test]
    fn on_a_busy_machine_what_is_late_is_waited_for_and_some_failures_stop_nothing() {
        assert_eq!(begun(Outcome::Timeout, 20, true), Begins::TooLate("it was late".into()));
        assert!(matches!(begun(Outcome::Timeout, 20, false), Begins::Short(_)));
        assert_eq!(begun(Outcome::Timeout, 5, true), Begins::Well);
        assert_eq!(begun(Outcome::Reset, 5, true), Begins::Well);
        assert_eq!(begun(Outcome::Reset, 0, true), Begins::Well);
    }
}
