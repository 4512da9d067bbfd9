//! Starts the service with its declared settings only, then with each of them missing and each of them nonsense.

mod meaning;
mod verdict;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use super::super::busy;
use super::super::pulse::Pulse;
use super::Drill;
use super::heard::{Heard, Listening, plan};
use crate::harness::{Exit, Inherited, Line, Process, listening, members};
use crate::load::{Outcome, Watch};
use crate::stage::{listens, look, no_command};
use crate::{Command, DrillError, Proof, Rehearsal, Service, Site};

use meaning::meaning;
use verdict::judge;

/// The requirement that this proves.
pub(super) const REQUIREMENT: &str = "delivery/configuration";
/// What no setting of a port, an address, a number or a switch can mean.
const NONSENSE: &str = "%gonogo nonsense%";
/// What a setting that says where to listen holds.
const PORT: &str = "{port}";
/// How long a start with bad settings is watched at least before it counts as hanging.
const WATCHED: Duration = Duration::from_secs(5);
/// How long lines may come in after the end of a process.
const LAST_LINES: Duration = Duration::from_millis(500);
/// Load on a service that got ready in spite of a bad setting.
const LOAD: Duration = Duration::from_secs(1);
const RATE_PER_S: f64 = 15.0;
/// How often it may show that it works.
const TRIES: usize = 3;
/// Variables that are tried at most.
const MOST: usize = 24;

/// In which way a setting is bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bad {
    Missing,
    Nonsense,
}

/// What became of one start.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Fate {
    /// It ended by itself.
    Ended(Exit),
    /// It was ready, and so many of so many requests failed by its fault.
    Ready(usize, usize),
    /// It was ready here, although the setting that says where to listen was nonsense.
    Elsewhere(SocketAddr),
    /// It ran, and was not ready when it was given up.
    Hanging,
    /// It could not have its port.
    PortTaken,
}

/// The start with the declared settings alone.
#[derive(Clone, Debug)]
struct Alone {
    fate: Fate,
    /// What it printed last.
    printed: Vec<Line>,
    /// How late the drill itself was, where that is too much to tell the service's doing from the machine's.
    lateness: Option<String>,
}

/// One start with a bad setting.
#[derive(Clone, Debug)]
struct Start {
    variable: String,
    bad: Bad,
    fate: Fate,
    /// What the variable surely holds, where the service had not started without it and had named it.
    demanded: Option<&'static str>,
    /// The line that names the variable or its value.
    named: Option<String>,
    /// A line that only a crash prints.
    trace: Option<String>,
    /// How late the drill itself was, where that is too much to tell the service's doing from the machine's.
    lateness: Option<String>,
}

/// Carries it out and judges.
pub(super) fn prove(
    drill: &mut Drill<'_>,
    rehearsal: &mut Rehearsal,
    site: &mut Site,
) -> Result<Proof, DrillError> {
    site.instances.clear();
    let service = drill.service;
    let command = service.command.as_ref().ok_or_else(no_command)?;
    let limit = WATCHED.max(drill.usual * 3);
    let alone = rehearsal.step("start it with its declared settings only", |rehearsal| {
        let once = |rehearsal: &mut Rehearsal| {
            let pulse = Pulse::start(service);
            let mut process = launch(rehearsal, site, service, (command, Inherited::Bare))?;
            let fate = match settle(rehearsal, service, &mut process, limit * 2)? {
                Settled::Ready(address) => asked_to_work(rehearsal, service, address)?,
                Settled::Not(fate) => fate,
            };
            let (printed, lateness) = (process.output().tail(8), pulse.lateness());
            Ok(Alone { fate, printed, lateness })
        };
        let late = |alone: &Alone| judge(alone, &[]).err().map(|untold| untold.lateness);
        busy::patiently(rehearsal, once, late)
    })?;
    let mut starts = Vec::new();
    for (variable, value) in command.environment.iter().take(MOST) {
        let step = format!("start it with a bad `{variable}`");
        rehearsal.step(&step, |rehearsal| {
            let mut demanded = None;
            for bad in [Bad::Missing, Bad::Nonsense] {
                let once = |rehearsal: &mut Rehearsal| {
                    let of = (variable.as_str(), bad, demanded);
                    start(rehearsal, site, (service, command), of, limit)
                };
                let start = busy::patiently(rehearsal, once, verdict::late)?;
                // What a service does not start without it surely reads.
                if verdict::is_missed(&start) && !value.contains(PORT) {
                    demanded = meaning(variable, value, &service.dependencies);
                }
                starts.push(start);
            }
            Ok(())
        })?;
    }
    Ok(judge(&alone, &starts).unwrap_or_else(|untold| untold.proof(REQUIREMENT)))
}

fn launch(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    service: &Service,
    (command, inherited): (&Command, Inherited<'_>),
) -> Result<Process, DrillError> {
    let routes = site.routes.clone();
    site.stage.launch_in(rehearsal, service, &service.name, command, (&routes, inherited))
}

fn start(
    rehearsal: &mut Rehearsal,
    site: &mut Site,
    (service, command): (&Service, &Command),
    (variable, bad, demanded): (&str, Bad, Option<&'static str>),
    limit: Duration,
) -> Result<Start, DrillError> {
    let mut command = command.clone();
    let told_where_to_listen =
        command.environment.get(variable).is_some_and(|value| value.contains(PORT));
    match bad {
        Bad::Missing => command.environment.remove(variable),
        Bad::Nonsense => command.environment.insert(variable.to_owned(), NONSENSE.to_owned()),
    };
    let pulse = Pulse::start(service);
    let mut process = launch(rehearsal, site, service, (&command, Inherited::AllBut(variable)))?;
    let fate = match settle(rehearsal, service, &mut process, limit)? {
        Settled::Ready(address)
            if bad == Bad::Nonsense
                && told_where_to_listen
                && is_elsewhere(rehearsal, &process, address, limit)? =>
        {
            Fate::Elsewhere(address)
        }
        Settled::Ready(address) => asked_to_work(rehearsal, service, address)?,
        Settled::Not(fate) => fate,
    };
    // What it printed last may still be on its way.
    if matches!(fate, Fate::Ended(_)) {
        process.output().await_end(LAST_LINES);
    }
    let named = |lines: &[Line]| verdict::naming(lines, variable, bad);
    let found = rehearsal.wait_for(LAST_LINES, || named(&process.output().tail(usize::MAX)))?;
    let lines = process.output().tail(usize::MAX);
    let refused = lines.iter().any(|line| line.text.contains(NONSENSE));
    let fate = if !refused && lines.iter().any(|line| verdict::says_port_taken(&line.text)) {
        Fate::PortTaken
    } else {
        fate
    };
    let trace = lines.iter().find(|line| verdict::is_trace(&line.text));
    let trace = trace.map(|line| line.text.clone());
    let lateness = pulse.lateness();
    let variable = variable.to_owned();
    Ok(Start { variable, bad, fate, demanded, named: found, trace, lateness })
}

/// What a start came to before it was asked to work.
enum Settled {
    /// It is ready here.
    Ready(SocketAddr),
    /// It is not.
    Not(Fate),
}

/// Waits until `process` has ended or is ready, wherever it listens.
fn settle(
    rehearsal: &Rehearsal,
    service: &Service,
    process: &mut Process,
    limit: Duration,
) -> Result<Settled, DrillError> {
    let mut next_search = Instant::now() + Duration::from_millis(300);
    let mut elsewhere = Vec::new();
    let settled = rehearsal.wait_for(limit, || {
        if let Some(exit) = process.exit() {
            return Some(Err(exit));
        }
        if Instant::now() >= next_search {
            elsewhere = addresses(process);
            next_search = Instant::now() + Duration::from_millis(300);
        }
        let mut candidates = vec![process.address()];
        candidates.extend(&elsewhere);
        let is_ready =
            |address: &SocketAddr| look(service.at(*address), service.ready.as_deref()).is_ok();
        candidates.into_iter().find(is_ready).map(Ok)
    })?;
    Ok(match settled {
        None => Settled::Not(Fate::Hanging),
        Some(Err(exit)) => Settled::Not(Fate::Ended(exit)),
        Some(Ok(address)) => Settled::Ready(address),
    })
}

/// Whether a service that is ready at `address` does not listen where it would have been told, now and for as long as a start may take: a second
/// listener, such as one for metrics, may be there before the first.
fn is_elsewhere(
    rehearsal: &Rehearsal,
    process: &Process,
    address: SocketAddr,
    limit: Duration,
) -> Result<bool, DrillError> {
    let told = process.address();
    if address.port() == told.port() {
        return Ok(false);
    }
    let came = rehearsal.wait_for(limit, || listens(told).is_ok().then_some(()))?;
    Ok(came.is_none())
}

/// Sends it load; what fails in one of several tries only is this machine's hurry, not the setting's doing.
fn asked_to_work(
    rehearsal: &Rehearsal,
    service: &Service,
    address: SocketAddr,
) -> Result<Fate, DrillError> {
    let mut fewest = (usize::MAX, 0);
    for _ in 0..TRIES {
        let load = plan(service, address, RATE_PER_S, LOAD);
        let requests = Listening::start(load, Watch::All).finish(rehearsal)?;
        let failed = requests.iter().filter(|heard| is_its_fault(heard)).count();
        fewest = fewest.min((failed, requests.len()));
        if failed == 0 {
            break;
        }
    }
    Ok(Fate::Ready(fewest.0, fewest.1))
}

/// Where the process and its children listen, as seen from this machine.
fn addresses(process: &Process) -> Vec<SocketAddr> {
    let Ok(group) = i32::try_from(process.pid()) else { return Vec::new() };
    let on_loopback = |address: SocketAddr| match address.ip() {
        ip if ip.is_loopback() => Some(address),
        ip if ip.is_unspecified() => {
            Some(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), address.port()))
        }
        _ => None,
    };
    listening::addresses_of(members(group)).into_iter().filter_map(on_loopback).collect()
}

/// Whether a request failed by the service's fault; one that it turned away (4xx) may be right in doing so.
fn is_its_fault(heard: &Heard) -> bool {
    match heard.exchange.outcome {
        Outcome::Ok | Outcome::ClosedIdle | Outcome::WrongAnswer => false,
        Outcome::WrongStatus => heard.exchange.status.is_some_and(|status| status >= 500),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Interrupt;

    /// Listens on the port that it is told, or on any where that is no number.
    const LAX: &str = "import os, http.server as h\n\
        class H(h.BaseHTTPRequestHandler):\n\
        \tdef do_GET(self): self.send_response(200); self.end_headers()\n\
        port = os.environ.get('PORT', '')\n\
        h.HTTPServer(('127.0.0.1', int(port) if port.isdigit() else 0), H).serve_forever()";

    #[test]
    fn a_port_of_nonsense_that_is_replaced_in_silence_is_seen_by_where_it_listens() {
        let root = tempfile::tempdir().unwrap();
        let command = Command {
            arguments: vec!["python3".into(), "-c".into(), LAX.into()],
            environment: [("PORT".to_owned(), PORT.to_owned())].into(),
        };
        let service = Service {
            name: "shop".into(),
            folder: root.path().to_owned(),
            command: Some(command.clone()),
            ready: Some("/".into()),
            ..Service::default()
        };
        let mut rehearsal =
            Rehearsal::begin(root.path(), "lifecycle", "shop", Interrupt::default(), None).unwrap();
        let mut site = Site::prepare(&mut rehearsal, &service, None, 1).unwrap();
        let bad = ("PORT", Bad::Nonsense, None);
        let start = start(&mut rehearsal, &mut site, (&service, &command), bad, WATCHED).unwrap();
        assert!(matches!(start.fate, Fate::Elsewhere(_)), "{start:?}");
        assert_eq!(start.named, None);
    }
}
