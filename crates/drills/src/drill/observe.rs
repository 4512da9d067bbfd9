//! Sends requests with known ids and made-up secrets, and looks at what the service tells of them: spans, log lines, metrics, calls.
//!
//! 1. Start an OTLP receiver, dependencies, proxies and the service, which is told to export to the receiver.
//! 2. Send load: a service that falls short of its own objectives then is not observed further. Send it again; each request carries a trace and a request id of its own.
//! 3. Send every journey again with canaries in its headers, path, query and body.
//! 4. Let one dependency refuse connections under load, so that errors are logged.
//! 5. Stop the service, so that it hands over what it still holds, and judge.

mod gather;
mod logs;
mod plant;
mod propagation;
mod secrets;

use std::collections::BTreeSet;
use std::mem;
use std::time::{Duration, Instant};

use crate::load::Rate;
use crate::proxy::{Fault, Rule};
use crate::telemetry::Receiver;
use crate::{Account, DrillError, Instance, Proof, Rehearsal, Service, Site, peak_per_s};

use super::baseline::well;
use super::busy::{self, Untold};
use super::pulse::Pulse;
use super::telling::{self, Following};
use gather::{Evidence, Exports, Phase};

/// How long load with known ids is sent.
const KNOWN: Duration = Duration::from_secs(5);
/// How long a dependency refuses connections.
const BROKEN: Duration = Duration::from_secs(2);
/// Slowest and fastest load: enough to see, little enough to keep all that is told.
const RATES_PER_S: (f64, f64) = (10.0, 40.0);
/// Requests that carry each set of canaries.
const TIMES: f64 = 4.0;
/// How long the metrics may take.
const METRICS: Duration = Duration::from_secs(5);
/// Name of the rule that brings the fault.
const RULE: &str = "refused";

/// What an observe drill is asked to do.
#[derive(Clone, Debug, Default)]
pub struct ObserveSettings {
    /// Makes what is random repeatable.
    pub seed: u64,
}

/// Carries the drill out on `service`.
pub fn run(
    rehearsal: &mut Rehearsal,
    service: &Service,
    settings: &ObserveSettings,
) -> Result<Account, DrillError> {
    has_something_to_do(service)?;
    let mut site = Site::prepare_with(rehearsal, service, None, settings.seed, &|proxy| {
        proxy.keep_bytes = 4096;
        let wanted =
            ["tracestate", "baggage", "b3", "x-b3-traceid", "uber-trace-id", "x-datadog-trace-id"];
        proxy.headers = wanted.map(str::to_owned).to_vec();
    })?;
    let receiver = Receiver::start(site.runtime().handle())?;
    let exporting = telling::exporting(service, receiver.address());
    let planted = plant::plant(service, settings.seed);
    let mut judged: Vec<Judged> = Vec::new();
    let once = |rehearsal: &mut Rehearsal| {
        let evidence = observed(rehearsal, &mut site, (service, &exporting), &receiver, &planted)?;
        site.is_whole()?;
        // What was told before needs no second telling.
        let new = proofs(service, &evidence, &planted);
        let mut earlier = mem::take(&mut judged).into_iter();
        judged = new
            .into_iter()
            .map(|(id, proof)| match earlier.next() {
                Some((_, Ok(told))) => (id, Ok(told)),
                _ => (id, proof),
            })
            .collect();
        Ok((judged.clone(), evidence.notes()))
    };
    let late = |(judged, _): &(Vec<Judged>, Vec<String>)| {
        let mut untold = judged.iter().filter_map(|(_, proof)| proof.as_ref().err());
        untold.next().map(|untold| untold.lateness.clone())
    };
    let again = "once more, with the service started anew so that nothing of before is taken for what is sent now";
    let (judged, notes) = busy::patiently_as(again, rehearsal, once, late)?;
    let told = |(id, proof): Judged| proof.unwrap_or_else(|untold| untold.proof(id));
    Ok(Account {
        drill: "observe",
        service: service.name.clone(),
        began_at: rehearsal.began_at(),
        steps: rehearsal.steps().to_vec(),
        proofs: judged.into_iter().map(told).collect(),
        charts: Vec::new(),
        notes,
        left_out: Vec::new(),
    })
}

/// What was judged of one requirement.
type Judged = (&'static str, Result<Proof, Untold>);

/// Starts the service, sends it everything, and stops it; `exporting` is the service as it is started.
fn observed(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    (service, exporting): (&Service, &Service),
    receiver: &Receiver,
    planted: &plant::Planted,
) -> Result<Evidence, DrillError> {
    let _from_before = receiver.take();
    site.instances.clear();
    let instance = site.stage.service(rehearsal, exporting, &site.routes)?;
    site.address = instance.address();
    let following = telling::follow_file(service, instance.process.output());
    site.instances.push(instance);
    let rate_per_s = peak_per_s(service).clamp(RATES_PER_S.0, RATES_PER_S.1);
    rehearsal.step("send load without any fault", |rehearsal| {
        well(rehearsal, site, service, rate_per_s, "an observation")
    })?;
    let _of_the_baseline = receiver.take();
    let pulse = Pulse::start(service);
    let known = known(rehearsal, (service, site), receiver, rate_per_s)?;
    let exports =
        if known.collected.batch.spans.is_empty() { Exports::None } else { Exports::Awaited };
    let secret = rehearsal.step("send requests with canaries", |rehearsal| {
        let mut plan = site.plan(service, 1.0, KNOWN);
        plan.journeys.extend(planted.shares.iter().cloned());
        plan.takes_turns = true;
        #[expect(clippy::cast_precision_loss, reason = "a handful")]
        let seconds = (plan.journeys.len() as f64 * TIMES / rate_per_s).max(2.0);
        plan.rate = Rate::constant(rate_per_s, Duration::from_secs_f64(seconds));
        gather::phase(rehearsal, (service, site), receiver, plan, exports)
    })?;
    let metrics = telling::metrics(service.at(site.address), service.metrics.as_deref(), METRICS);
    let failing = broken(rehearsal, service, site, receiver, rate_per_s, &known)?;
    let (lines, dropped) =
        rehearsal.step("stop the service", |_| Ok(stopped(site, service, following)))?;
    let mut rest = receiver.take();
    rest.dropped += dropped;
    let mut evidence =
        Evidence::new(service, [Some(known), Some(secret), failing], rest, &lines, metrics);
    evidence.lateness = pulse.lateness().or(evidence.lateness);
    Ok(evidence)
}

/// Sends requests with known ids.
fn known(
    rehearsal: &mut Rehearsal,
    (service, site): (&Service, &Site),
    receiver: &Receiver,
    rate_per_s: f64,
) -> Result<Phase, DrillError> {
    rehearsal.step("send requests with known ids", |rehearsal| {
        let plan = site.plan(service, rate_per_s / peak_per_s(service), KNOWN);
        let plan = gather::with_request_ids(plan);
        gather::phase(rehearsal, (service, site), receiver, plan, Exports::Awaited)
    })
}

/// Everything that the drill can prove. Pure: the same evidence gives the same proofs.
fn proofs(service: &Service, evidence: &Evidence, planted: &plant::Planted) -> Vec<Judged> {
    vec![
        (propagation::ID, propagation::proof(service, evidence)),
        (logs::STRUCTURED, logs::structured(evidence)),
        (logs::CORRELATED, logs::correlation(evidence)),
        (secrets::ID, secrets::proof(evidence, planted)),
    ]
}

fn has_something_to_do(service: &Service) -> Result<(), DrillError> {
    let missing = |reason: &str, help: &str| {
        let (step, reason, help) =
            ("see what there is to observe".to_owned(), reason.to_owned(), help.to_owned());
        Err(DrillError::Step { step, reason, help })
    };
    if service.journeys.is_empty() {
        return missing("gonogo.yaml names no journey", "add `journeys:` with a request each");
    }
    Ok(())
}

/// Lets a dependency that was called refuse connections under load: a critical one, if there is any.
fn broken(
    rehearsal: &mut Rehearsal,
    service: &Service,
    site: &Site,
    receiver: &Receiver,
    rate_per_s: f64,
    known: &Phase,
) -> Result<Option<Phase>, DrillError> {
    let called: BTreeSet<&str> = known.calls.iter().map(|call| call.dependency.as_str()).collect();
    let mut candidates: Vec<_> =
        service.dependencies.iter().filter(|one| called.contains(one.name.as_str())).collect();
    candidates.sort_by_key(|one| !one.is_critical);
    let Some((dependency, proxy)) =
        candidates.first().and_then(|one| site.proxy(&one.name).map(|proxy| (one, proxy)))
    else {
        return Ok(None);
    };
    let step = format!("let `{}` refuse connections", dependency.name);
    let mut phase = rehearsal.step(&step, |rehearsal| {
        let refused =
            proxy.set(Rule::new(RULE, Fault::Refuse)).map_err(|misfit| misfit.to_string());
        if let Err(reason) = refused {
            let help =
                "run the drill again; the listener of the proxy could not be closed".to_owned();
            return Err(DrillError::Step { step: step.clone(), reason, help });
        }
        let plan =
            gather::with_request_ids(site.plan(service, rate_per_s / peak_per_s(service), BROKEN));
        let phase = gather::phase(rehearsal, (service, site), receiver, plan, Exports::None);
        proxy.clear(RULE)?;
        phase
    })?;
    phase.broken = Some(dependency.name.clone());
    Ok(Some(phase))
}

/// Stops the service as gonogo.yaml says, and gives all that it printed, and how many lines were not kept.
fn stopped(
    site: &mut Site,
    service: &Service,
    following: Option<Following>,
) -> (Vec<crate::Line>, u64) {
    let Some(Instance { process, .. }) = site.instances.first_mut() else {
        return (Vec::new(), 0);
    };
    process.stop(&service.stop);
    drop(following);
    let started = process.started();
    // Its last words are read by other threads; they are quick, and what comes later than this is not looked at.
    let deadline = Instant::now() + Duration::from_millis(200);
    let mut lines = process.output().since(started);
    while Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(20));
        lines = process.output().since(started);
    }
    (lines, process.output().dropped())
}
