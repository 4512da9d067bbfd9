//! Takes the service through the moments of its life that hurt: stop, kill, start without its dependencies, start with bad settings.
//!
//! 1. Start dependencies, proxies and the service; load without any fault: a service that falls short of its own objectives then is not stopped or killed.
//! 2. Ask it to stop under load, with requests surely in flight.
//! 3. Kill it under a load of writes, start it again, and read every acknowledged write back.
//! 4. Kill one of two instances.
//! 5. Start it while a critical dependency refuses, once for each.
//! 6. Start it with its declared settings only, then with each of them missing, then with each of them nonsense.

mod crash;
mod failover;
mod filled;
mod gate;
mod heard;
mod settings;
mod stop;
mod unheard;

use std::net::SocketAddr;
use std::time::Duration;

use super::baseline::well;
use crate::{
    Account, DrillError, Instance, Journey, Outcome, Proof, Rehearsal, Service, Shortfall, Site,
    Subject, peak_per_s,
};

/// Slowest and fastest load: enough to see, too little to saturate.
const RATES_PER_S: (f64, f64) = (20.0, 60.0);

/// What a lifecycle drill is asked to do.
#[derive(Clone, Debug, Default)]
pub struct LifecycleSettings {
    /// Makes what is random repeatable.
    pub seed: u64,
}

/// Carries the drill out on `service`.
pub fn run(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &LifecycleSettings,
) -> Result<Account, DrillError> {
    has_something_to_do(service)?;
    let mut site = Site::open(rehearsal, service, None, settings.seed)?;
    let rate_per_s = peak_per_s(service).clamp(RATES_PER_S.0, RATES_PER_S.1);
    rehearsal.step("send load without any fault", |rehearsal| {
        well(rehearsal, &site, service, rate_per_s, "a stop")
    })?;
    let usual = site.instances.first().map_or(Duration::ZERO, |instance| instance.ready_after);
    let mut drill = Drill { service, rate_per_s, usual, charts: Vec::new() };
    let parts: [(&'static str, Part); 5] = [
        (stop::REQUIREMENT, stop::prove),
        (crash::REQUIREMENT, crash::prove),
        (failover::REQUIREMENT, failover::prove),
        (gate::REQUIREMENT, gate::prove),
        (settings::REQUIREMENT, settings::prove),
    ];
    let mut proofs = Vec::new();
    for (requirement, part) in parts {
        let proof = part(&mut drill, rehearsal, &mut site);
        proofs.push(or_inconclusive(requirement, proof)?);
        well_again(&site)?;
        site.is_whole()?;
    }
    Ok(Account {
        drill: "lifecycle",
        service: service.name.clone(),
        began_at: rehearsal.began_at(),
        steps: rehearsal.steps().to_vec(),
        charts: drill.charts,
        notes: notes(&proofs),
        left_out: Vec::new(),
        proofs,
    })
}

/// What all parts of the drill share.
struct Drill<'a> {
    service: &'a Service,
    rate_per_s: f64,
    /// How long the service usually takes until it is ready.
    usual: Duration,
    charts: Vec<crate::Chart>,
}

type Part = fn(&mut Drill<'_>, &mut Rehearsal, &mut Site) -> Result<Proof, DrillError>;

impl Drill<'_> {
    /// Lets the first instance of `site` be a well one: the one that runs, or a new one.
    fn well_instance(
        &self,
        rehearsal: &mut Rehearsal,
        site: &mut Site,
    ) -> Result<SocketAddr, DrillError> {
        site.instances.retain_mut(|instance| instance.process.exit().is_none());
        site.instances.truncate(1);
        if site.instances.is_empty() {
            let instance = self.one_more(rehearsal, site)?;
            site.instances.push(instance);
        }
        site.address = site.instances.first().map_or(site.address, Instance::address);
        Ok(site.address)
    }

    /// Starts one more instance.
    fn one_more(&self, rehearsal: &mut Rehearsal, site: &mut Site) -> Result<Instance, DrillError> {
        let routes = site.routes.clone();
        site.stage.service(rehearsal, self.service, &routes)
    }
}

fn has_something_to_do(service: &Service) -> Result<(), DrillError> {
    let missing = |reason: &str, help: &str| {
        Err(DrillError::Step {
            step: "see what there is to start and stop".to_owned(),
            reason: reason.to_owned(),
            help: help.to_owned(),
        })
    };
    if service.journeys.is_empty() {
        return missing(
            "gonogo.yaml names no journey, so nobody would see a failure",
            "add `journeys:` with a request each",
        );
    }
    Ok(())
}

/// The journeys that write something which can be read back.
fn writes(service: &Service) -> Vec<Journey> {
    let of = |journey: &&Journey| journey.read_back.is_some() && !journey.capture.is_empty();
    service.journeys.iter().filter(of).cloned().collect()
}

/// A part that could not be carried out says nothing about the service, and the others go on.
fn or_inconclusive(
    requirement: &'static str,
    proof: Result<Proof, DrillError>,
) -> Result<Proof, DrillError> {
    match proof {
        Err(DrillError::Step { step, reason, .. }) => {
            Ok(Proof::inconclusive(requirement, format!("{step}: {reason}")))
        }
        other => other,
    }
}

/// Takes every fault back that a part may have left behind when it was broken off.
fn well_again(site: &Site) -> Result<(), DrillError> {
    site.proxies().try_for_each(|(_, proxy)| proxy.clear_all()).map_err(DrillError::from)
}

fn notes(proofs: &[Proof]) -> Vec<String> {
    let is_kept = proofs
        .iter()
        .any(|proof| proof.requirement == failover::REQUIREMENT && proof.outcome == Outcome::Kept);
    if is_kept {
        vec!["of failover, the loss of one of two instances was tried, not that of a zone or of a primary datastore".to_owned()]
    } else {
        Vec::new()
    }
}

/// A shortfall of the service as a whole.
fn shortfall(message: String, help: &str) -> Shortfall {
    Shortfall { about: Subject::Service, message, help: help.to_owned() }
}

/// A duration for people: `12 ms`, `3.4 s`.
fn shown(duration: Duration) -> String {
    if duration < Duration::from_secs(1) {
        format!("{} ms", duration.as_millis())
    } else {
        format!("{:.1} s", duration.as_secs_f64())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_carried_out_says_nothing_and_an_interrupt_ends_all() {
        let broken =
            DrillError::Step { step: "start".into(), reason: "no".into(), help: "x".into() };
        let proof = or_inconclusive("a/b", Err(broken)).unwrap();
        assert_eq!(proof, Proof::inconclusive("a/b", "start: no"));
        assert!(or_inconclusive("a/b", Err(DrillError::Interrupted)).is_err());
    }

    #[test]
    fn without_a_journey_nobody_would_see_a_failure() {
        let service = Service { journeys: vec![Journey::default()], ..Service::default() };
        assert!(has_something_to_do(&service).is_ok());
        assert!(has_something_to_do(&Service::default()).is_err());
    }
}
