//! One stretch of load at one rate, and all that was seen meanwhile.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use super::knee::Came;
use super::promise::{Broken, broken, millis, percent, tightest};
use super::usage::{Overlap, Usage, overlap, usage};
use crate::drill::strain::{Reading, Strain, pids};
use crate::load::{Control, Rate, Record};
use crate::proxy::Proxy;
use crate::{DrillError, Driving, Rehearsal, Service, Site, peak_per_s, plan};

/// Connections of the generator: more than a service at its knee has requests under way.
const CONNECTIONS: usize = 512;
/// How long a user waits at most.
const TIMEOUT: Duration = Duration::from_secs(5);
/// Seconds of requests that wait in the generator until a stretch is given up: it will not come good any more.
const BACKLOG_S: f64 = 2.0;
const LOOK: Duration = Duration::from_millis(100);
/// A thread that wants a core for less of the time than this can take twice the load.
const CALM: f64 = 0.4;
/// Load that takes this share of the machine may itself be what makes the generator late.
const FILLED: f64 = 0.6;
/// Share of the objective that the generator may be late by.
const SLIP: u32 = 10;

/// What was seen.
#[derive(Debug)]
pub(super) struct Stretch {
    /// What it was for.
    pub(super) name: String,
    /// Requests a second that were due.
    pub(super) rate_per_s: f64,
    /// When it began.
    pub(super) from: Instant,
    /// When it ended.
    pub(super) until: Instant,
    /// What users saw.
    pub(super) record: Record,
    /// Whether it was given up because requests piled up.
    pub(super) is_given_up: bool,
    /// Promises that were broken.
    pub(super) broken: Vec<Broken>,
    /// What the service made of each dependency.
    pub(super) usages: BTreeMap<String, Usage>,
    /// How its calls to all of them overlapped.
    pub(super) overlap: Overlap,
    /// What the service's processes took.
    pub(super) service: Strain,
    /// What each dependency's processes took, where the drill started them.
    pub(super) dependencies: BTreeMap<String, Strain>,
    /// What gonogo itself took: generator and proxies.
    pub(super) own: Strain,
    /// Whether instances besides the first had a part in it.
    pub(super) is_of_another: bool,
    limit: Option<String>,
}

impl Stretch {
    /// What it says about its rate.
    pub(super) fn came(&self) -> Came {
        if self.broken.is_empty() && !self.is_given_up {
            return Came::Good;
        }
        match &self.limit {
            Some(limit) => Came::Limited(limit.clone()),
            None => Came::Bad(self.how()),
        }
    }

    /// Whether nothing is near its limit, so that twice the rate may be tried for a moment only.
    pub(super) fn is_calm(&self) -> bool {
        self.came() == Came::Good && self.strains().all(|strain| strain.busiest < CALM)
    }

    /// Why what was measured may not be the service's doing.
    pub(super) fn limit(&self) -> Option<&str> {
        self.limit.as_deref()
    }

    /// Whether the machine was late for something else than this load, which asked for little of it.
    pub(super) fn is_disturbed(&self) -> bool {
        let lasts_s = self.until.duration_since(self.from).as_secs_f64();
        self.limit.is_some()
            && !self.strains().any(Strain::is_full)
            && self.used_s() < FILLED * self.record.machine.cores * lasts_s
    }

    /// Seconds of processor time of all that has a part in the drill.
    pub(super) fn used_s(&self) -> f64 {
        self.strains().map(|strain| strain.cpu_s).sum()
    }

    fn strains(&self) -> impl Iterator<Item = &Strain> {
        self.dependencies.values().chain([&self.service, &self.own])
    }

    /// How the service fell short.
    pub(super) fn how(&self) -> String {
        match self.broken.first() {
            Some(broken) => broken.message.clone(),
            None => format!("requests piled up for {BACKLOG_S} s"),
        }
    }

    /// Requests that were answered a second.
    pub(super) fn answered_per_s(&self) -> f64 {
        let ended = self.record.counts().sent();
        let lasted_s = self.record.ended_after.as_secs_f64();
        if lasted_s > 0.0 { super::promise::float(ended) / lasted_s } else { 0.0 }
    }
}

/// Who sends, to what, and who is watched meanwhile.
#[derive(Debug)]
pub(super) struct Bench<'a> {
    /// The service.
    pub(super) service: &'a Service,
    /// The site.
    pub(super) site: &'a Site,
    /// Requests a second at the expected peak.
    pub(super) peak_per_s: f64,
    /// Makes what is random repeatable.
    pub(super) seed: u64,
}

impl Bench<'_> {
    /// Sends load at `rate_per_s` for `lasts` to each of `addresses` in equal parts.
    pub(super) fn stretch(
        &self,
        rehearsal: &Rehearsal,
        name: &str,
        rate_per_s: f64,
        lasts: Duration,
        addresses: &[SocketAddr],
    ) -> Result<Stretch, DrillError> {
        let open = self.drained_open();
        let (from, before) = (Instant::now(), self.readings());
        let part_per_s = rate_per_s / super::promise::float(addresses.len().max(1) as u64);
        let driving: Vec<_> = addresses
            .iter()
            .map(|address| {
                let mut plan = plan(self.service, *address, Rate::constant(part_per_s, lasts));
                (plan.connections, plan.timeout, plan.seed) = (CONNECTIONS, TIMEOUT, self.seed);
                Driving::start(plan, Control::new())
            })
            .collect();
        let is_given_up = attend(rehearsal, &driving, part_per_s)?;
        let mut record = Record::default();
        for (index, one) in driving.into_iter().enumerate() {
            let one = one.finish(rehearsal)?;
            if index == 0 { record = one } else { record.merge(&one) }
        }
        let (until, after) = (Instant::now(), self.readings());
        let strains: BTreeMap<_, _> = before
            .iter()
            .filter_map(|(name, reading)| Some((name.clone(), reading.until(after.get(name)?))))
            .collect();
        let drained: BTreeMap<_, _> =
            self.site.proxies().map(|(name, proxy)| (name.to_owned(), proxy.drain())).collect();
        let usages = drained
            .iter()
            .map(|(name, drained)| {
                let open = open.get(name).copied().unwrap_or(0);
                (name.clone(), usage(drained, open, (from, until)))
            })
            .collect();
        let mut stretch = Stretch {
            name: name.to_owned(),
            rate_per_s,
            from,
            until,
            broken: broken(self.service, &record),
            record,
            is_given_up,
            is_of_another: false,
            usages,
            overlap: overlap(drained.values()),
            service: strains.get(SERVICE).copied().unwrap_or_default(),
            own: strains.get(OWN).copied().unwrap_or_default(),
            dependencies: strains
                .into_iter()
                .filter(|(name, _)| name != SERVICE && name != OWN)
                .collect(),
            limit: None,
        };
        stretch.limit = limit(&stretch, tightest(self.service).within);
        Ok(stretch)
    }

    fn drained_open(&self) -> BTreeMap<String, u64> {
        let open = |proxy: &Proxy| {
            let _before = proxy.drain();
            proxy.counters().held
        };
        self.site.proxies().map(|(name, proxy)| (name.to_owned(), open(proxy))).collect()
    }

    fn readings(&self) -> BTreeMap<String, Reading> {
        let service: Vec<i32> =
            self.site.instances.iter().flat_map(|instance| pids(instance.process.pid())).collect();
        let own = i32::try_from(std::process::id()).unwrap_or_default();
        let dependencies = self.site.upstreams().filter_map(|upstream| {
            Some((upstream.name.clone(), Reading::of(&pids(upstream.process.as_ref()?.pid()))))
        });
        [(SERVICE.to_owned(), Reading::of(&service)), (OWN.to_owned(), Reading::of(&[own]))]
            .into_iter()
            .chain(dependencies)
            .collect()
    }
}

// A name that no dependency can have.
const SERVICE: &str = "\0service";
const OWN: &str = "\0own";

/// Waits for the end; gives up when more waits than can be caught up with, and says so.
fn attend(rehearsal: &Rehearsal, driving: &[Driving], part_per_s: f64) -> Result<bool, DrillError> {
    while driving.iter().any(|one| !one.is_over()) {
        rehearsal.wait_for(LOOK, || driving.iter().all(Driving::is_over).then_some(()))?;
        for one in driving {
            one.tell(rehearsal);
        }
        let is_hopeless = driving.iter().any(|one| {
            let now = one.control().progress();
            super::promise::float(now.queued) > part_per_s * BACKLOG_S
        });
        if is_hopeless {
            for one in driving {
                one.control().stop();
            }
            return Ok(true);
        }
    }
    Ok(false)
}

/// What else than the service may have given out.
fn limit(stretch: &Stretch, within: Duration) -> Option<String> {
    let slip = stretch.record.slip.quantile(0.99);
    // A machine that lets the generator be late lets timeouts run out elsewhere too.
    if slip > within / SLIP {
        return Some(format!("the generator itself was late by {} ms", millis(slip)));
    }
    if stretch.own.is_full() {
        return Some("gonogo's own generator or proxy had no more processor time".to_owned());
    }
    let starved = |strain: &Strain| {
        format!(
            "wanted a core all the time and got none for {:.0} % of it",
            percent(strain.starved)
        )
    };
    if stretch.service.is_starved() {
        return Some(format!("the machine gave out: the service {}", starved(&stretch.service)));
    }
    stretch
        .dependencies
        .iter()
        .find(|(_, strain)| strain.is_starved())
        .map(|(name, strain)| format!("the machine gave out: `{name}` {}", starved(strain)))
}

/// The peak to drill at: as asked, else as gonogo.yaml says.
pub(super) fn peak(service: &Service, asked: Option<f64>) -> f64 {
    asked.filter(|peak| *peak > 0.0).unwrap_or_else(|| peak_per_s(service))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A stretch with nothing special.
    pub(in super::super) fn quiet(name: &str, rate_per_s: f64) -> Stretch {
        let from = Instant::now();
        Stretch {
            name: name.into(),
            rate_per_s,
            from,
            until: from + Duration::from_secs(10),
            record: Record::default(),
            is_given_up: false,
            is_of_another: false,
            broken: Vec::new(),
            usages: BTreeMap::new(),
            overlap: Overlap::default(),
            service: Strain::default(),
            dependencies: BTreeMap::new(),
            own: Strain::default(),
            limit: None,
        }
    }

    /// A stretch that says nothing of the service, for the reason `why`.
    pub(in super::super) fn limited(name: &str, why: &str) -> Stretch {
        Stretch { limit: Some(why.to_owned()), ..quiet(name, 30.0) }
    }

    #[test]
    fn a_starved_service_is_not_blamed() {
        let mut stretch = quiet("3x", 30.0);
        stretch.is_given_up = true;
        assert!(matches!(stretch.came(), Came::Bad(_)));
        stretch.service = Strain { cpu_s: 5.0, busiest: 0.95, starved: 0.5 };
        stretch.limit = limit(&stretch, Duration::from_millis(200));
        assert!(
            matches!(stretch.came(), Came::Limited(text) if text.contains("the machine gave out"))
        );
    }

    #[test]
    fn a_good_stretch_is_good_whatever_the_machine_did() {
        let mut stretch = quiet("3x", 30.0);
        stretch.own = Strain { cpu_s: 5.0, busiest: 0.95, starved: 0.0 };
        stretch.limit = limit(&stretch, Duration::from_millis(200));
        assert!(stretch.limit().is_some());
        assert_eq!(stretch.came(), Came::Good);
    }
}
