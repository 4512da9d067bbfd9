//! Starts the service while a critical dependency refuses: it must not say that it is ready, and must become ready when the dependency answers.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use model::counted;

use super::super::busy::{self, Findings, Untold};
use super::super::pulse::Pulse;
use super::{Drill, shown};
use crate::harness::{Process, get};
use crate::proxy::{Fault, Rule};
use crate::stage::no_command;
use crate::{Dependency, DrillError, Proof, Rehearsal, Service, Shortfall, Site, Subject};

/// The requirement that this proves.
pub(super) const REQUIREMENT: &str = "reliability/health-checks";
const RULE: &str = "refuses at the start";
/// How long it is watched at least after it listens.
const WATCHED: Duration = Duration::from_millis(1500);
/// How long it may take to become ready after the dependency answers.
const READY_WITHIN: Duration = Duration::from_secs(30);
/// How long one look may take.
const LOOK: Duration = Duration::from_secs(1);
const PAUSE: Duration = Duration::from_millis(50);

/// What was seen of one start without a dependency.
#[derive(Debug, Default)]
struct Gated {
    /// Looks at readiness that were answered, while the dependency refused.
    looks: usize,
    /// When it said that it was ready although the dependency refused.
    ready_after: Option<Duration>,
    /// Looks at liveness that were answered otherwise than with 2xx, of all that were answered.
    live: (usize, usize),
    /// How it ended by itself, if it did.
    exit: Option<String>,
    /// How long after the dependency answered it was ready.
    recovered_after: Option<Duration>,
    /// How late the drill itself was, where that is too much to tell the service's doing from the machine's.
    lateness: Option<String>,
}

/// Carries it out for each critical dependency and judges.
pub(super) fn prove(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Proof, DrillError> {
    let service = drill.service;
    let Some(ready) = service.ready.as_deref() else {
        return Ok(Proof::inconclusive(
            REQUIREMENT,
            "gonogo.yaml names no path that tells readiness: add `run.ready`",
        ));
    };
    site.instances.clear();
    let mut tried = Vec::new();
    for dependency in service.dependencies.iter().filter(|dependency| dependency.is_critical) {
        if site.proxy(&dependency.name).is_none() {
            continue;
        }
        let step = format!("start it while `{}` refuses", dependency.name);
        let once = |rehearsal: &mut Rehearsal| {
            rehearsal.step(&step, |rehearsal| {
                measure(rehearsal, site, service, (dependency, ready), drill.usual)
            })
        };
        let late =
            |gated: &Gated| judge(&[(dependency, gated)]).err().map(|untold| untold.lateness);
        tried.push((dependency, busy::patiently(rehearsal, once, late)?));
    }
    let tried: Vec<_> = tried.iter().map(|(dependency, gated)| (*dependency, gated)).collect();
    Ok(judge(&tried).unwrap_or_else(|untold| untold.proof(REQUIREMENT)))
}

fn measure(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    service: &Service,
    (dependency, ready): (&Dependency, &str),
    usual: Duration,
) -> Result<Gated, DrillError> {
    let (mut gated, pulse) = (Gated::default(), Pulse::start(service));
    refuse(site, dependency)?;
    let mut process = launch(rehearsal, site, service)?;
    watch(rehearsal, &mut gated, (service, ready), &mut process, usual)?;
    let proxy = site.proxy(&dependency.name);
    proxy.map_or(Ok(false), |proxy| proxy.clear(RULE))?;
    let answers = Instant::now();
    // An orchestrator starts again what ended.
    if process.exit().is_some() {
        process = launch(rehearsal, site, service)?;
    }
    let limit = READY_WITHIN.max(usual * 3);
    let is_ready = rehearsal.wait_for(limit, || {
        get(service.at(process.address()), ready, LOOK)
            .is_ok_and(|answer| answer.is_ok())
            .then_some(())
    })?;
    gated.recovered_after = is_ready.map(|()| answers.elapsed());
    gated.lateness = pulse.lateness();
    Ok(gated)
}

fn refuse(site: &Site, dependency: &Dependency) -> Result<(), DrillError> {
    let Some(proxy) = site.proxy(&dependency.name) else { return Ok(()) };
    proxy.set(Rule::new(RULE, Fault::Refuse)).map_err(|misfit| DrillError::Step {
        step: format!("let `{}` refuse", dependency.name),
        reason: misfit.to_string(),
        help: "try again: another process may have taken the port of the proxy".to_owned(),
    })
}

fn launch(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    service: &Service,
) -> Result<Process, DrillError> {
    let command = service.command.as_ref().ok_or_else(no_command)?;
    let routes = site.routes.clone();
    site.stage.launch(rehearsal, service, &service.name, command, &routes)
}

/// Looks at readiness and liveness until it was watched long enough, said that it is ready, or ended.
fn watch(
    rehearsal: &Rehearsal,
    gated: &mut Gated,
    (service, ready): (&Service, &str),
    process: &mut Process,
    usual: Duration,
) -> Result<(), DrillError> {
    let started = Instant::now();
    let longest = Duration::from_secs(5).max(usual * 3);
    let mut listens_since: Option<Instant> = None;
    loop {
        if let Some(exit) = process.exit() {
            gated.exit = Some(exit.to_string());
            return Ok(());
        }
        look(gated, (service, ready), process.address(), started);
        if gated.looks > 0 {
            listens_since.get_or_insert_with(Instant::now);
        }
        let is_enough = listens_since.is_some_and(|since| since.elapsed() >= WATCHED.max(usual));
        if gated.ready_after.is_some() || is_enough || started.elapsed() >= longest {
            return Ok(());
        }
        rehearsal.pass(PAUSE)?;
    }
}

fn look(
    gated: &mut Gated,
    (service, ready): (&Service, &str),
    address: SocketAddr,
    started: Instant,
) {
    if let Ok(answer) = get(service.at(address), ready, LOOK) {
        gated.looks += 1;
        if answer.is_ok() {
            gated.ready_after = Some(started.elapsed());
        }
        let live = service.live.as_ref();
        if let Some(answer) = live.and_then(|live| get(service.at(address), live, LOOK).ok()) {
            gated.live.1 += 1;
            gated.live.0 += usize::from(!answer.is_ok());
        }
    }
}

fn judge(tried: &[(&Dependency, &Gated)]) -> Result<Proof, Untold> {
    if tried.is_empty() {
        return Ok(Proof::inconclusive(
            REQUIREMENT,
            "no critical dependency stands behind a proxy: say `critical: true` and `{NAME}` in `run.env` for what it cannot do without",
        ));
    }
    let (mut findings, mut seen) = (Findings::default(), Vec::new());
    for (dependency, gated) in tried {
        let name = &dependency.name;
        let late = gated.lateness.as_deref();
        let shortfall = |(message, help): (String, &str)| Shortfall {
            about: Subject::Dependency(name.clone()),
            message,
            help: help.to_owned(),
        };
        findings.certain(early(gated, name).map(shortfall));
        findings.unless_busy(late, shortcomings(gated, name).into_iter().map(shortfall));
        if let Some(lateness) = late.filter(|_| gated.is_unseen()) {
            findings.unseen(format!("it did not listen while `{name}` refused"), lateness);
        }
        seen.push(told(gated, name));
    }
    findings.judged(REQUIREMENT, seen)
}

impl Gated {
    /// Whether it neither answered nor ended, as a service also does that was not let run.
    fn is_unseen(&self) -> bool {
        self.looks == 0 && self.exit.is_none()
    }
}

/// That it said that it is ready, which no load on the machine makes it say.
fn early(gated: &Gated, name: &str) -> Option<(String, &'static str)> {
    gated.ready_after.map(|after| {
        (
            format!("started while `{name}` refused connections, it said that it is ready {} after its start", shown(after)),
            "let readiness fail until everything that is critical has answered once",
        )
    })
}

fn shortcomings(gated: &Gated, name: &str) -> Vec<(String, &'static str)> {
    let mut found = Vec::new();
    if gated.recovered_after.is_none() {
        found.push((
            format!("started while `{name}` refused connections, it did not become ready within {} after `{name}` answered", shown(READY_WITHIN)),
            "try the connection again until it comes about, with pauses that grow up to some seconds",
        ));
    }
    let (failed, looks) = gated.live;
    if looks > 0 && failed == looks {
        found.push((
            format!("started while `{name}` refused connections, its liveness failed, so it would have been restarted for what is not its fault"),
            "let liveness tell only whether the process itself works, and readiness what it depends on",
        ));
    }
    found
}

fn told(gated: &Gated, name: &str) -> String {
    let meanwhile = match (&gated.ready_after, &gated.exit) {
        (Some(after), _) => format!("ready {} after its start", shown(*after)),
        (None, Some(exit)) => format!("it ended with {exit} to be started again"),
        (None, None) if gated.looks > 0 => format!("not ready at {}", counted(gated.looks, "look")),
        (None, None) => "it did not listen".to_owned(),
    };
    let then = match (gated.recovered_after, gated.ready_after) {
        (None, _) => "not ready afterwards".to_owned(),
        (Some(_), Some(_)) => "and so it stayed".to_owned(),
        (Some(after), None) => format!("ready {} after it answered", shown(after)),
    };
    format!("while `{name}` refused: {meanwhile}; {then}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Outcome as Verdict;

    fn judged(gated: &Gated) -> Verdict {
        proven(gated).unwrap().outcome
    }

    fn proven(gated: &Gated) -> Result<Proof, Untold> {
        let dependency = Dependency {
            name: "db".into(),
            kind: crate::DependencyKind::Postgres,
            is_critical: true,
            address: None,
            command: None,
            timeout: None,
            max_retries: None,
            proxy: None,
            on_failure: None,
        };
        judge(&[(&dependency, gated)])
    }

    fn good() -> Gated {
        Gated {
            looks: 9,
            live: (0, 9),
            recovered_after: Some(Duration::from_millis(300)),
            ..Gated::default()
        }
    }

    #[test]
    fn a_service_that_waits_or_ends_and_is_started_again_is_gated() {
        assert_eq!(judged(&good()), Verdict::Kept);
        let ended = Gated { looks: 0, live: (0, 0), exit: Some("exit code 1".into()), ..good() };
        assert_eq!(judged(&ended), Verdict::Kept);
    }

    #[test]
    fn early_ready_never_ready_and_not_live_are_told_apart() {
        let cases = [
            (
                Gated { ready_after: Some(Duration::from_millis(20)), ..good() },
                "said that it is ready",
            ),
            (Gated { recovered_after: None, ..good() }, "did not become ready"),
            (Gated { live: (9, 9), ..good() }, "liveness failed"),
        ];
        for (gated, text) in cases {
            let Verdict::FellShort(shortfalls) = judged(&gated) else { panic!("kept: {text}") };
            assert!(
                shortfalls.len() == 1 && shortfalls[0].message.contains(text),
                "{shortfalls:?}"
            );
        }
        assert!(matches!(judge(&[]).unwrap().outcome, Verdict::Inconclusive(_)));
    }

    #[test]
    fn on_a_busy_machine_only_an_early_word_of_readiness_counts() {
        let late = |gated: Gated| proven(&Gated { lateness: Some("late".into()), ..gated });
        assert_eq!(late(good()).unwrap().outcome, Verdict::Kept);
        assert!(late(Gated { recovered_after: None, ..good() }).is_err(), "it may only be slow");
        assert!(late(Gated { live: (1, 1), ..good() }).is_err());
        let early = Gated { ready_after: Some(Duration::ZERO), recovered_after: None, ..good() };
        let Verdict::FellShort(shortfalls) = late(early).unwrap().outcome else { panic!("kept") };
        assert!(
            shortfalls.len() == 1 && shortfalls[0].message.contains("said that it is ready"),
            "{shortfalls:?}"
        );
        let unseen = || Gated { looks: 0, live: (0, 0), ..good() };
        assert!(late(unseen()).is_err(), "it may only not have come to listen");
        assert_eq!(judged(&unseen()), Verdict::Kept);
    }
}
