//! What runs of Gremlin show. A fault that was made shows nothing by itself: only health checks that watched the journeys, or the errors and
//! latency of the service, while it lasted.

use drills::fault::bound;
use drills::{Dependency, Outcome, Proof, Service, Shortfall, Subject};
use facts::imported::{Attack, Check, Experiment, Lifecycle, RunStatus};
use jiff::Timestamp;
use model::counted;

use super::journeys::of_request;
use super::{Judged, figure};

const DEGRADATION: &str = "reliability/graceful-degradation";
const TIMEOUTS: &str = "reliability/outbound-timeouts";
const FAILOVER: &str = "reliability/failover";
const RECOVERY: &str = "reliability/self-recovery";
/// Runs that are told one by one.
const TOLD: usize = 20;

/// What a run shows of one matter.
enum Came {
    /// It held, and what was checked.
    Kept(String),
    /// It did not.
    Short(String),
    /// The run does not tell.
    Open(String),
}

/// What a check has to watch for a matter.
#[derive(Clone, Copy)]
enum Watch<'a> {
    /// Every journey, or errors or latency of the service as a whole.
    Users,
    /// Every journey, each with a bound of its latency that the dependency's timeouts allow.
    Held(&'a Dependency),
    /// The same as users, until after the fault.
    After,
}

/// Judges `runs`.
pub(super) fn judge(service: &Service, runs: &[Experiment]) -> Judged {
    let judge = Judge { service, runs };
    let mut used: Vec<&Experiment> = Vec::new();
    let mut proofs = Vec::new();
    if runs.iter().any(|run| makes(run, "blackhole")) {
        proofs.extend(judge.of_dependencies(DEGRADATION, &mut used));
        proofs.extend(judge.of_dependencies(TIMEOUTS, &mut used));
    }
    if let Some(run) = newest(runs.iter().filter(|run| makes(run, "shutdown"))) {
        proofs.push(judge.of_shutdown(FAILOVER, run, Watch::Users));
        proofs.push(judge.of_shutdown(RECOVERY, run, Watch::After));
        used.push(run);
    }
    if proofs.is_empty() {
        proofs.extend([DEGRADATION, FAILOVER].map(|id| Proof::inconclusive(id, nothing(runs))));
    }
    if used.is_empty() {
        used.extend(runs);
    }
    Judged {
        what: "gremlin runs",
        at: oldest(&used),
        proofs,
        notes: runs.iter().take(TOLD).map(told).collect(),
    }
}

/// Why none of `runs` bears on any requirement.
fn nothing(runs: &[Experiment]) -> String {
    let has_attacks = runs.iter().any(|run| !run.attacks.is_empty());
    if has_attacks {
        "no run made a dependency unreachable (blackhole) or shut an instance down (shutdown)"
            .to_owned()
    } else {
        "the outcomes alone do not tell which fault was made and what was checked: take the runs with their graphs, `GET /reliability-tests/{id}/runs`".to_owned()
    }
}

fn makes(run: &Experiment, command: &str) -> bool {
    run.attacks.iter().any(|attack| attack.command == command)
}

fn newest<'a>(runs: impl Iterator<Item = &'a Experiment>) -> Option<&'a Experiment> {
    runs.max_by_key(|run| run.began_at)
}

/// When the oldest of `runs` began; `None` where one does not say.
fn oldest(runs: &[&Experiment]) -> Option<Timestamp> {
    let began: Option<Vec<_>> = runs.iter().map(|run| run.began_at).collect();
    began?.into_iter().min()
}

struct Judge<'a> {
    service: &'a Service,
    runs: &'a [Experiment],
}

impl<'a> Judge<'a> {
    /// What the newest blackhole of each dependency shows; `None` where `requirement` is not about any of them.
    fn of_dependencies(
        &self,
        requirement: &'static str,
        used: &mut Vec<&'a Experiment>,
    ) -> Option<Proof> {
        let is_meant =
            |dependency: &&Dependency| requirement == TIMEOUTS || !dependency.is_critical;
        let meant: Vec<&Dependency> = self.service.dependencies.iter().filter(is_meant).collect();
        if meant.is_empty() {
            return None;
        }
        let (mut seen, mut shortfalls, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for dependency in meant {
            let of_it =
                self.runs.iter().filter(|run| makes(run, "blackhole") && is_about(run, dependency));
            let Some(run) = newest(of_it) else {
                open.push(self.missing(dependency));
                continue;
            };
            used.push(run);
            let watch =
                if requirement == TIMEOUTS { Watch::Held(dependency) } else { Watch::Users };
            match self.came(run, "blackhole", watch) {
                Came::Kept(what) => seen.push(format!("`{}` unreachable: {what}", dependency.name)),
                // A check that fails tells that users saw something, not how long their requests were held.
                Came::Short(how) if requirement == TIMEOUTS => open.push(format!("how long requests were held while `{}` was unreachable is not told: {how}", dependency.name)),
                Came::Short(how) => shortfalls.push(Shortfall {
                    about: Subject::Dependency(dependency.name.clone()),
                    message: format!("with `{}` unreachable {how}", dependency.name),
                    help: "catch its errors where it is called, and answer without it as `on-failure` says".to_owned(),
                }),
                Came::Open(why) => open.push(why),
            }
        }
        Some(match (shortfalls.is_empty(), open.into_iter().next()) {
            (false, _) => Proof { requirement, outcome: Outcome::FellShort(shortfalls), seen },
            (true, Some(why)) => Proof::inconclusive(requirement, why),
            (true, None) => Proof::kept(requirement, seen),
        })
    }

    fn missing(&self, dependency: &Dependency) -> String {
        let named: Vec<_> = self
            .runs
            .iter()
            .filter(|run| makes(run, "blackhole"))
            .filter_map(|run| run.dependency.as_deref())
            .collect();
        let named =
            if named.is_empty() { "no dependency by name".to_owned() } else { named.join(", ") };
        format!("no run made `{}` unreachable: the blackholes were of {named}", dependency.name)
    }

    fn of_shutdown(&self, requirement: &'static str, run: &Experiment, watch: Watch<'_>) -> Proof {
        if run.service.is_none() && !run.is_bare_attack {
            return Proof::inconclusive(
                requirement,
                format!(
                    "{} is a scenario, which does not tell whose instance was shut down: take the run of a reliability test",
                    named(run)
                ),
            );
        }
        match self.came(run, "shutdown", watch) {
            Came::Kept(what) => {
                Proof::kept(requirement, vec![format!("an instance shut down: {what}")])
            }
            Came::Short(how) => Proof::judged(
                requirement,
                vec![Shortfall {
                    about: Subject::Service,
                    message: format!("with an instance shut down {how}"),
                    help: "run more than one instance, and let a stopping one take no new requests"
                        .to_owned(),
                }],
                Vec::new(),
            ),
            Came::Open(why) => Proof::inconclusive(requirement, why),
        }
    }

    /// What `run` shows of its fault `command`, as watched by those of its checks that count for `watch`.
    fn came(&self, run: &Experiment, command: &str, watch: Watch<'_>) -> Came {
        if let Some(why) = unusable(run) {
            return Came::Open(why);
        }
        let attacks: Vec<&Attack> =
            run.attacks.iter().filter(|attack| attack.command == command).collect();
        let times = attacks
            .iter()
            .map(|attack| attack.began_at.zip(attack.ended_at))
            .collect::<Option<Vec<_>>>();
        let span = times.and_then(|times| {
            let began = times.iter().map(|(began, _)| *began).min()?;
            Some((began, times.iter().map(|(_, ended)| *ended).max()?))
        });
        let Some((began, ended)) = span else {
            return Came::Open(format!(
                "{} does not tell from when until when its fault lasted",
                named(run)
            ));
        };
        let during = |check: &&Check| {
            check.began_at.zip(check.ended_at).is_some_and(|(from, until)| {
                let is_long_enough = !matches!(watch, Watch::After) || until >= ended;
                from <= ended && until >= began && is_long_enough
            })
        };
        let watching: Vec<&Check> =
            run.checks.iter().filter(during).filter(|check| self.watches(check, watch)).collect();
        let failed = watching.iter().find(|check| check.lifecycle == Lifecycle::Failed);
        let landed = attacks
            .iter()
            .all(|attack| matches!(attack.lifecycle, Lifecycle::Successful | Lifecycle::Halted));
        match (run.status, failed) {
            (Some(RunStatus::Failed), Some(check)) if landed => {
                let reason =
                    check.reason.as_ref().map_or_else(String::new, |reason| format!(": {reason}"));
                return Came::Short(format!("the check `{}` failed{reason}", check.name));
            }
            (_, Some(check)) => {
                return Came::Open(format!(
                    "{}: the check `{}` failed, and the run did not: it contradicts itself",
                    named(run),
                    check.name
                ));
            }
            _ => {}
        }
        if let Some(why) = not_passed(run) {
            return Came::Open(why);
        }
        self.kept(run, &watching, watch)
    }

    /// Whether what `watching` saw is enough.
    fn kept(&self, run: &Experiment, watching: &[&Check], watch: Watch<'_>) -> Came {
        let good: Vec<&&Check> =
            watching.iter().filter(|check| check.lifecycle == Lifecycle::Successful).collect();
        let names: Vec<_> = good.iter().map(|check| check_told(check)).collect();
        let is_golden =
            good.iter().any(|check| check.is_golden_signal) && !matches!(watch, Watch::Held(_));
        let journeys = &self.service.journeys;
        let unwatched = journeys
            .iter()
            .enumerate()
            .find(|(index, _)| !good.iter().any(|check| self.journey_of(check) == Some(*index)));
        match unwatched {
            _ if is_golden => Came::Kept(format!(
                "{} passed, and so did what it checked meanwhile: {}",
                named(run),
                names.join(", ")
            )),
            None if !journeys.is_empty() => Came::Kept(format!(
                "{} passed, and so did what it checked meanwhile: {}",
                named(run),
                names.join(", ")
            )),
            None => Came::Open("gonogo.yaml names no journey with a request".to_owned()),
            Some((_, journey)) => {
                let what = match watch {
                    Watch::Held(dependency) => format!(
                        "a health check with a bound of at most {} ms",
                        figure(bound(dependency).as_secs_f64() * 1e3)
                    ),
                    Watch::Users => "a health check that watched it meanwhile".to_owned(),
                    Watch::After => {
                        "a health check that watched it until after the fault".to_owned()
                    }
                };
                Came::Open(format!(
                    "{} passed, but the journey `{}` ({} {}) had not {what}",
                    named(run),
                    journey.name,
                    journey.request.method,
                    journey.request.path
                ))
            }
        }
    }

    fn watches(&self, check: &Check, watch: Watch<'_>) -> bool {
        let is_journey = self.journey_of(check).is_some();
        match watch {
            Watch::Users | Watch::After => is_journey || check.is_golden_signal,
            Watch::Held(dependency) => {
                let bound_ms = bound(dependency).as_secs_f64() * 1e3;
                is_journey && check.within_ms.is_some_and(|within_ms| within_ms <= bound_ms)
            }
        }
    }

    fn journey_of(&self, check: &Check) -> Option<usize> {
        of_request(
            &self.service.journeys,
            check.method.as_deref().unwrap_or("GET"),
            check.url.as_deref()?,
        )
    }
}

/// Whether `run` was about `dependency`: by its name, or the address that gonogo.yaml gives it.
fn is_about(run: &Experiment, dependency: &Dependency) -> bool {
    run.dependency.as_ref().is_some_and(|named| {
        let named = named.trim();
        named.eq_ignore_ascii_case(&dependency.name) || dependency.address.as_deref() == Some(named)
    })
}

/// Why nothing can be concluded of `run` whatever its checks say.
fn unusable(run: &Experiment) -> Option<String> {
    if run.is_bare_attack {
        return Some(format!(
            "{} is a single experiment: it tells that a fault was made, not what became of the service. Import the runs of a reliability test, which has health checks",
            named(run)
        ));
    }
    if run.passes_when_a_check_fails {
        return Some(format!(
            "{} passes when a check fails, so that its outcome does not tell what became of the service",
            named(run)
        ));
    }
    let open = run
        .attacks
        .iter()
        .find(|attack| matches!(attack.lifecycle, Lifecycle::Open | Lifecycle::Failed));
    open.map(|attack| {
        let how = if attack.lifecycle == Lifecycle::Failed {
            "could not be made"
        } else {
            "did not come to its end"
        };
        format!("in {} the fault `{}` {how}", named(run), attack.command)
    })
}

/// Why `run` cannot be a pass.
fn not_passed(run: &Experiment) -> Option<String> {
    if run.attacks.iter().any(|attack| attack.lifecycle == Lifecycle::Halted) {
        return Some(format!("{} was halted", named(run)));
    }
    match run.status {
        Some(RunStatus::Passed) => None,
        Some(RunStatus::Failed) => Some(format!(
            "{} failed, and no check that watched a journey meanwhile says why",
            named(run)
        )),
        Some(RunStatus::Unsure) => {
            Some(format!("Gremlin is unsure what came out of {}", named(run)))
        }
        None => Some(format!("{} does not say what came out", named(run))),
    }
}

fn named(run: &Experiment) -> String {
    format!("`{}`", run.name)
}

fn check_told(check: &Check) -> String {
    let url = check
        .url
        .as_ref()
        .filter(|url| **url != check.name)
        .map_or_else(String::new, |url| format!(" ({url})"));
    let within = check
        .within_ms
        .map_or_else(String::new, |within_ms| format!(" within {} ms", figure(within_ms)));
    format!("`{}`{url}{within}", check.name)
}

fn told(run: &Experiment) -> String {
    let status = match run.status {
        Some(RunStatus::Passed) => "passed",
        Some(RunStatus::Failed) => "failed",
        Some(RunStatus::Unsure) => "unsure",
        None => "no outcome",
    };
    let of = run.dependency.as_ref().map_or_else(String::new, |name| format!(" of `{name}`"));
    let commands: Vec<_> = run.attacks.iter().map(|attack| attack.command.as_str()).collect();
    let faults =
        if commands.is_empty() { "faults not told".to_owned() } else { commands.join(", ") };
    let when = run.began_at.map_or_else(String::new, |at| format!(", {at}"));
    format!("{}{of}: {status}, {faults}, {}{when}", named(run), counted(run.checks.len(), "check"))
}
