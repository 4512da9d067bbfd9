//! Carries out a drill on a service of a tree, and files what it proved.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::mpsc::Sender;
use std::time::Duration;

use drills::{
    Account, Command, Dependency, DependencyKind, DrillError, Expectation, Identity, Interrupt,
    Journey, LatencyObjective, Outcome, Progress, Proof, ReadBack, Rehearsal, Request, Service,
    Shortfall, Speech, Stop, Subject,
};
use facts::{Declaration, Indicator};
use ledger::{Filed, LedgerError, Record, SubjectDigest};
use model::{About, Evidence, EvidenceOutcome, Finding, Grade, Place, Sighting};
use sources::Limits;

use crate::survey::survey_whole;
use crate::{AssessError, Survey};

/// A service of a tree, ready to be drilled.
#[derive(Clone, Debug)]
pub struct Drillable {
    /// What the drill is told.
    pub service: Service,
    declaration: Declaration,
    commit: Option<String>,
    /// That the files are not those of the commit.
    not_committed: Option<String>,
    root: PathBuf,
}

/// Which drill, and what it is asked to do.
#[derive(Clone, Debug)]
pub enum Drill {
    /// Every dependency fails in every way.
    Fault(drills::fault::FaultSettings),
    /// The moments of its life that hurt: stop, kill, start without dependencies, start with bad settings.
    Lifecycle(drills::lifecycle::LifecycleSettings),
    /// What it tells of itself: spans, logs, and secrets that must not be in them.
    Observe(drills::observe::ObserveSettings),
    /// More and more load.
    Load(drills::load_drill::LoadSettings),
}

impl Drill {
    /// Its name, as in `gonogo drill NAME`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Fault(_) => "fault",
            Self::Lifecycle(_) => "lifecycle",
            Self::Observe(_) => "observe",
            Self::Load(_) => "load",
        }
    }

    /// The running service that is drilled, where the drill does not start one.
    /// `None` of drills that stop it or need what it prints.
    pub fn target(&self) -> Option<SocketAddr> {
        match self {
            Self::Fault(settings) => settings.target,
            Self::Load(settings) => settings.target,
            Self::Lifecycle(_) | Self::Observe(_) => None,
        }
    }
}

/// Why there is nothing to drill.
#[derive(Debug, thiserror::Error)]
pub enum RehearseError {
    /// The tree could not be read.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// There is no gonogo.yaml.
    #[error("there is no gonogo.yaml in {} that says how the service is started", .0.display())]
    NotDeclared(PathBuf),
    /// The service's gonogo.yaml does not tell how to run it.
    #[error("{place}: `{service}` is declared, and how it is started and used is not")]
    NotRun {
        /// Where it is declared.
        place: Place,
        /// The service.
        service: String,
    },
    /// Several do.
    #[error("several services are declared here ({0}): say which with `--service`")]
    Several(String),
    /// None of that name.
    #[error("no service `{name}` is declared here: {known}")]
    NoSuchService {
        /// The name asked for.
        name: String,
        /// Those that are.
        known: String,
    },
    /// gonogo.yaml has mistakes, and a drill must not run on a guess.
    #[error("{place}: {trouble}")]
    Trouble {
        /// Where.
        place: Place,
        /// What.
        trouble: String,
    },
}

/// Finds the service called `name`, or the only one, in the tree at `root`: of those whose gonogo.yaml tells how they are run, or what is
/// asked of one that runs already.
pub fn drillable(root: &Path, name: Option<&str>) -> Result<Drillable, RehearseError> {
    let survey = survey_whole(root, Limits::default())?;
    let mut declared: Vec<&Declaration> = survey.facts.declarations.iter().collect();
    if declared.is_empty() {
        return Err(RehearseError::NotDeclared(root.to_owned()));
    }
    if name.is_none() && declared.iter().any(|known| is_drillable(known)) {
        declared.retain(|known| is_drillable(known));
    }
    let drillable = Drillable::of(root, &survey, &declared, name)?;
    let declaration = &drillable.declaration;
    if !is_drillable(declaration) {
        let (place, service) = (declaration.place.start(), declaration.service.value.clone());
        return Err(RehearseError::NotRun { place, service });
    }
    Ok(drillable)
}

fn is_drillable(declaration: &Declaration) -> bool {
    declaration.run.is_some() || declaration.journeys.is_some()
}

/// Carries out `drill`. Whatever happens, nothing of it is left when this returns.
pub fn rehearse(
    drillable: &Drillable,
    drill: &Drill,
    interrupt: Interrupt,
    progress: Option<Sender<Progress>>,
) -> Result<Account, DrillError> {
    let mut rehearsal = Rehearsal::begin(
        &drillable.service.folder,
        drill.name(),
        &drillable.service.name,
        interrupt,
        progress,
    )?;
    let account = match drill {
        Drill::Fault(settings) => drills::fault::run(&mut rehearsal, &drillable.service, settings),
        Drill::Observe(settings) => {
            drills::observe::run(&mut rehearsal, &drillable.service, settings)
        }
        Drill::Lifecycle(settings) => {
            drills::lifecycle::run(&mut rehearsal, &drillable.service, settings)
        }
        Drill::Load(settings) => {
            drills::load_drill::run(&mut rehearsal, &drillable.service, settings)
        }
    };
    let ended = rehearsal.end();
    let mut account = account?;
    ended?;
    account.notes.extend(drillable.not_committed.clone());
    account.notes.extend(spoken(&drillable.service, drill));
    account.notes.extend(stays(&drillable.service, drill));
    debug_assert!(
        account.proofs.iter().all(|proof| drills::proves(proof.requirement) == Some(account.drill)),
        "what a drill proves stands in its list"
    );
    Ok(account)
}

/// How the drill spoke with the service, where that has to be said.
fn spoken(service: &Service, drill: &Drill) -> Option<String> {
    let started = SocketAddr::from(([127, 0, 0, 1], 0));
    service.at(drill.target().unwrap_or(started)).note()
}

/// What stays of `drill` when it is over: what its requests wrote into what it did not start.
pub fn stays(service: &Service, drill: &Drill) -> Option<String> {
    let writes: Vec<_> = service
        .journeys
        .iter()
        .filter(|journey| journey.is_write())
        .map(|journey| format!("`{}`", journey.name))
        .collect();
    let into: Vec<_> = match drill.target() {
        Some(target) => vec![format!("what the service at {} stores in", service.at(target))],
        None => service
            .dependencies
            .iter()
            .filter(|one| one.command.is_none())
            .filter_map(|one| Some(format!("`{}` at {}", one.name, one.address.as_ref()?)))
            .collect(),
    };
    (!writes.is_empty() && !into.is_empty()).then(|| {
        format!(
            "whatever {} wrote stays in {}: the drill did not start it, and takes back only what it started",
            writes.join(" and "),
            into.join(" and ")
        )
    })
}

/// Files what `account` proved, one entry for each requirement of which something can be said: where a part of the service was left out, only what fell
/// short. `reproduce` is the command that does it again.
pub fn file(
    drillable: &Drillable,
    account: &Account,
    reproduce: &str,
) -> Result<Vec<Filed>, LedgerError> {
    let ledger = crate::ledger(&drillable.root);
    let digest = SubjectDigest { git_commit: drillable.commit.clone(), sha256: None };
    let evidence =
        account.proofs.iter().filter_map(|proof| drillable.evidence(account, proof, reproduce));
    evidence
        .map(|evidence| {
            let subject =
                ledger::Subject { name: drillable.service.name.clone(), digest: digest.clone() };
            ledger.append(subject, Record::Evidence(Box::new(evidence)))
        })
        .collect()
}

impl Drillable {
    /// The service called `name` among those `declared`, or the only one of them.
    pub(crate) fn of(
        root: &Path,
        survey: &Survey,
        declared: &[&Declaration],
        name: Option<&str>,
    ) -> Result<Self, RehearseError> {
        let names = || {
            let names: Vec<_> = declared.iter().map(|known| known.service.as_str()).collect();
            names.join(", ")
        };
        let declaration = match (name, declared) {
            (Some(name), all) => {
                *all.iter().find(|known| known.service.value == name).ok_or_else(|| {
                    RehearseError::NoSuchService { name: name.to_owned(), known: names() }
                })?
            }
            (None, [only]) => *only,
            (None, _) => return Err(RehearseError::Several(names())),
        };
        if let Some(trouble) = declaration.troubles.first() {
            return Err(RehearseError::Trouble {
                place: trouble.place.clone(),
                trouble: trouble.value.clone(),
            });
        }
        Ok(Self {
            service: service_of(root, declaration),
            declaration: declaration.clone(),
            commit: survey.commit.clone(),
            not_committed: survey.coverage.not_committed(),
            root: root.to_owned(),
        })
    }

    /// What the team says of it.
    pub(crate) fn declaration(&self) -> &Declaration {
        &self.declaration
    }

    /// Root of the tree that it stands in.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// The evidence in `proof`; none where nothing can be said.
    fn evidence(&self, account: &Account, proof: &Proof, reproduce: &str) -> Option<Evidence> {
        let (outcome, findings) = match &proof.outcome {
            Outcome::Kept if !account.left_out.is_empty() => return None,
            Outcome::Kept => (EvidenceOutcome::Pass, Vec::new()),
            Outcome::FellShort(shortfalls) => (
                EvidenceOutcome::Fail,
                shortfalls.iter().map(|shortfall| self.finding(shortfall)).collect(),
            ),
            Outcome::Inconclusive(_) => return None,
        };
        let place = self.declaration.place.start();
        Some(Evidence {
            requirement: proof.requirement.to_owned(),
            grade: Grade::Proven,
            outcome,
            at: account.began_at,
            fresh_until: None,
            source: format!("drill {}", account.drill),
            about: About { commit: self.commit.clone(), image: None },
            reproduce: reproduce.to_owned(),
            seen: proof.seen.iter().map(|seen| Sighting::at(&place, seen.clone())).collect(),
            findings,
            error: None,
        })
    }

    /// `shortfall` at its place in gonogo.yaml.
    pub fn finding(&self, shortfall: &Shortfall) -> Finding {
        let declaration = &self.declaration;
        let place = match &shortfall.about {
            Subject::Service => declaration.run.as_ref().map(|run| &run.place),
            Subject::Journey(name) => declaration
                .journeys
                .iter()
                .flatten()
                .find(|journey| journey.name.value == *name)
                .map(|journey| &journey.place),
            Subject::Dependency(name) => declaration
                .dependencies
                .iter()
                .flatten()
                .find(|dependency| dependency.name.value == *name)
                .map(|dependency| &dependency.place),
        };
        Finding::at(place.unwrap_or(&declaration.place), shortfall.message.clone())
            .help(shortfall.help.clone())
    }
}

fn service_of(root: &Path, declaration: &Declaration) -> Service {
    let run = declaration.run.as_ref();
    let text = |of: fn(&facts::Run) -> &Option<model::Placed<String>>| {
        run.and_then(|run| of(run).as_ref()).map(|text| text.value.clone())
    };
    let command = run.filter(|run| !run.arguments.is_empty()).map(|run| Command {
        arguments: run.arguments.clone(),
        environment: run
            .environment
            .iter()
            .map(|(name, text)| (name.clone(), text.value.clone()))
            .collect(),
    });
    let default = Stop::default();
    Service {
        name: declaration.service.value.clone(),
        folder: root.join(declaration.place.folder()),
        command,
        speech: text(|run| &run.url).and_then(|url| Speech::declared(&url)).unwrap_or_default(),
        ready: text(|run| &run.ready),
        live: text(|run| &run.live),
        metrics: text(|run| &run.metrics),
        logs: text(|run| &run.logs),
        stop: Stop {
            signal: text(|run| &run.stop_signal).unwrap_or(default.signal),
            within: run
                .and_then(|run| run.stop_within_s.as_ref())
                .map_or(default.within, |seconds| duration(seconds.value)),
        },
        journeys: declaration.journeys.iter().flatten().filter_map(journey_of).collect(),
        identities: declaration
            .identities
            .iter()
            .map(|identity| {
                (identity.name.value.clone(), Identity { headers: identity.headers.clone() })
            })
            .collect(),
        dependencies: declaration.dependencies.iter().flatten().map(dependency_of).collect(),
    }
}

/// The journey, if it says what is sent.
fn journey_of(declared: &facts::Journey) -> Option<Journey> {
    let exchange = declared.exchange.as_ref()?;
    let (request, expect) = exchange_of(exchange);
    let availability =
        declared.objectives.iter().find(|objective| objective.indicator == Indicator::Availability);
    let latencies = declared.objectives.iter().filter_map(|objective| {
        let (target, threshold_ms) = (objective.target.as_ref()?, objective.threshold_ms.as_ref()?);
        Some(LatencyObjective {
            quantile: target.value,
            within: duration(threshold_ms.value / 1e3),
        })
    });
    Some(Journey {
        name: declared.name.value.clone(),
        request,
        expect,
        capture: declared
            .capture
            .iter()
            .map(|(name, pointer)| (name.clone(), pointer.value.clone()))
            .collect(),
        read_back: declared.read_back.as_ref().map(|read_back| {
            let (request, expect) = exchange_of(read_back);
            ReadBack { request, expect }
        }),
        identity: declared.identity.as_ref().map(|name| name.value.clone()),
        peak_per_s: declared.peak_per_s.as_ref().map(|peak| peak.value),
        availability: availability
            .and_then(|objective| objective.target.as_ref())
            .map(|target| target.value),
        latencies: latencies.collect(),
    })
}

fn exchange_of(declared: &facts::Exchange) -> (Request, Expectation) {
    let request = Request {
        method: declared.method.clone(),
        path: declared.path.clone(),
        headers: declared.headers.clone(),
        body: declared.body.clone().unwrap_or_default(),
    };
    let expect = Expectation {
        status: declared.status.and_then(|status| u16::try_from(status).ok()),
        headers: declared.expected_headers.clone(),
        body: declared.expected_body.clone(),
    };
    (request, expect)
}

fn dependency_of(declared: &facts::Dependency) -> Dependency {
    let command = (!declared.stand_in.is_empty()).then(|| Command {
        arguments: declared.stand_in.clone(),
        environment: declared.stand_in_environment.iter().cloned().collect::<BTreeMap<_, _>>(),
    });
    Dependency {
        name: declared.name.value.clone(),
        kind: match declared.kind.as_ref().map(|kind| kind.value.as_str()) {
            Some("http") => DependencyKind::Http,
            Some("grpc") => DependencyKind::Grpc,
            Some("postgres") => DependencyKind::Postgres,
            Some("redis") => DependencyKind::Redis,
            _ => DependencyKind::Tcp,
        },
        // What nobody calls dispensable is taken for needed, which asks more of the service's readiness and nothing of its degradation.
        is_critical: declared.is_critical.as_ref().is_none_or(|critical| critical.value),
        address: declared.address.as_ref().map(|address| address.value.clone()),
        proxy: declared.proxy.as_ref().map(|proxy| proxy.value.clone()),
        command,
        timeout: declared.timeout_s.as_ref().map(|seconds| duration(seconds.value)),
        max_retries: declared.max_retries.as_ref().and_then(|max| u32::try_from(max.value).ok()),
        on_failure: declared.on_failure.as_ref().map(|text| text.value.clone()),
    }
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::ZERO)
}

#[cfg(test)]
mod tests;
