//! Takes another tool's report of a real run as evidence of the grade `observed`, for those requirements that it bears on.
//!
//! What is not in the report is not concluded: a requirement is kept only where the report itself shows it, with its own figures.

mod gremlin;
mod journeys;
mod levels;
mod points;
mod source;
mod summary;
#[cfg(test)]
mod tests;
mod toxiproxy;
mod waiting;

use std::path::{Path, PathBuf};

use drills::{Outcome, Proof};
use facts::imported::{Format, Refused, Report};
use jiff::Timestamp;
use ledger::{Filed, LedgerError, Record, Subject, SubjectDigest};
use model::{About, Demand, Evidence, EvidenceOutcome, Grade, Sighting};
use sources::Limits;

use crate::rehearse::{Drillable, RehearseError};
use crate::survey::survey_whole;
use crate::{AssessError, PolicyChoice};

/// How far a report's clock may be ahead of this machine's, in seconds.
const AHEAD_S: i64 = 300;

/// What is to be imported.
#[derive(Clone, Debug)]
pub struct Import {
    /// The report.
    pub file: PathBuf,
    /// What it is a report of, where its looks do not tell.
    pub format: Option<Format>,
    /// When the run was, for a report that does not say so.
    pub at: Option<Timestamp>,
    /// The journey that all requests of a k6 run were of, by the word of whoever imports it.
    pub journey: Option<String>,
    /// For Toxiproxy: the points of the k6 run that went on meanwhile.
    pub load: Option<PathBuf>,
    /// The clock.
    pub now: Timestamp,
}

/// A report that was read and judged.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The service that it is evidence of.
    pub drillable: Drillable,
    /// What it is: `k6 points`, `gremlin runs`.
    pub what: &'static str,
    /// When the run began.
    pub at: Timestamp,
    /// Its name and digest.
    pub source: String,
    /// What can be said, per requirement.
    pub proofs: Vec<Proof>,
    /// What a reader has to know besides.
    pub notes: Vec<String>,
    /// What the policy asks for each of the requirements.
    pub demands: Vec<(&'static str, Option<Demand>)>,
}

/// Why a report was not imported.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The tree could not be read, or its policy.
    #[error(transparent)]
    Assess(#[from] AssessError),
    /// The service is not declared, or not as it should be.
    #[error(transparent)]
    Declared(#[from] RehearseError),
    /// The tree declares no service.
    #[error("no gonogo.yaml in {} declares a service", .0.display())]
    NotDeclared(PathBuf),
    /// The report could not be opened.
    #[error("{}: {reason}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The report is not as it should be.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// Nobody knows when the run was.
    #[error("{0} does not say when the run was")]
    NoTime(String),
    /// The times do not fit.
    #[error("{0}")]
    Time(String),
    /// What was asked for does not fit the report.
    #[error("{0}")]
    Unfit(String),
    /// The ledger could not be read or written.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// What the judges say of a report.
#[derive(Debug)]
struct Judged {
    what: &'static str,
    /// When the run began, by the report.
    at: Option<Timestamp>,
    proofs: Vec<Proof>,
    notes: Vec<String>,
}

/// Reads the report that `import` names and judges what it shows of the service called `service`, or of the only one, in the tree at `root`.
/// Nothing is written.
pub fn import(
    root: &Path,
    service: Option<&str>,
    policy: &PolicyChoice,
    import: &Import,
) -> Result<Imported, ImportError> {
    let survey = survey_whole(root, Limits::default())?;
    let declared: Vec<_> = survey.facts.declarations.iter().collect();
    if declared.is_empty() {
        return Err(ImportError::NotDeclared(root.to_owned()));
    }
    let drillable = Drillable::of(root, &survey, &declared, service)?;
    let policy = policy.of(&survey).map_err(AssessError::from)?;
    let tier = drillable.declaration().tier.as_ref();
    let tier = tier.map_or(policy.default_tier, |tier| tier.value);
    let (judged, source) = judged(&drillable, import)?;
    let at = when(import, judged.at, &source)?;
    let demands = judged.proofs.iter().map(|proof| {
        let terms = policy.requirements.get(proof.requirement);
        (proof.requirement, terms.and_then(|terms| terms.demands[tier.index()]))
    });
    Ok(Imported {
        what: judged.what,
        at,
        source,
        demands: demands.collect(),
        proofs: judged.proofs,
        notes: judged.notes,
        drillable,
    })
}

/// What the report shows, and its name with its digest.
fn judged(drillable: &Drillable, import: &Import) -> Result<(Judged, String), ImportError> {
    let service = &drillable.service;
    if let Some(name) = &import.journey
        && !service.journeys.iter().any(|journey| journey.name == *name)
    {
        let known: Vec<_> = service.journeys.iter().map(|journey| journey.name.as_str()).collect();
        return Err(ImportError::Unfit(format!(
            "gonogo.yaml has no journey `{name}` with a request: it has {}",
            if known.is_empty() { "none".to_owned() } else { known.join(", ") }
        )));
    }
    let mut opened = source::open(&import.file)?;
    if opened.is_points() {
        if import.format.is_some_and(|format| format != Format::K6) {
            let reason = "holds points of k6, and `--format` says otherwise";
            return Err(ImportError::Unfit(format!("{} {reason}", opened.name())));
        }
        let judged = points::judge(service, &mut opened, import)?;
        return Ok((judged, opened.digest()?));
    }
    let (path, bytes) = opened.whole()?;
    let source = opened.digest()?;
    let judged = match facts::imported::read_report(&path, &bytes, import.format)? {
        Report::K6(read) => summary::judge(service, &read, import),
        Report::Gremlin(runs) => gremlin::judge(service, &runs),
        Report::Toxiproxy(read) => toxiproxy::judge(service, &read, import)?,
    };
    Ok((judged, source))
}

/// When the run was: by the report, or by whoever imports it where the report does not say.
fn when(import: &Import, told: Option<Timestamp>, source: &str) -> Result<Timestamp, ImportError> {
    let at = match (told, import.at) {
        (Some(_), Some(_)) => {
            return Err(ImportError::Time(format!(
                "{source} says itself when the run was: leave out `--at`"
            )));
        }
        (Some(at), None) | (None, Some(at)) => at,
        (None, None) => return Err(ImportError::NoTime(source.to_owned())),
    };
    if at.as_second() > import.now.as_second() + AHEAD_S {
        return Err(ImportError::Time(format!(
            "the run would have begun at {at}, which is yet to come"
        )));
    }
    Ok(at)
}

/// Files what `imported` shows, one entry for each requirement of which something can be said and that was not filed before.
/// `reproduce` is the command that does it again.
pub fn file_imported(imported: &Imported, reproduce: &str) -> Result<Vec<Filed>, ImportError> {
    let drillable = &imported.drillable;
    let ledger = crate::ledger(drillable.root());
    let known = ledger.verified()?;
    let name = &drillable.service.name;
    let evidence: Vec<Evidence> = imported
        .proofs
        .iter()
        .filter_map(|proof| imported.evidence(proof, reproduce))
        .filter(|new| {
            !known.evidence(name).any(|old| {
                (&old.requirement, &old.source, old.at) == (&new.requirement, &new.source, new.at)
            })
        })
        .collect();
    let filed = evidence.into_iter().map(|evidence| {
        let subject = Subject { name: name.clone(), digest: SubjectDigest::default() };
        ledger.append(subject, Record::Evidence(Box::new(evidence)))
    });
    Ok(filed.collect::<Result<_, _>>()?)
}

impl Imported {
    /// The evidence in `proof`; none where nothing can be said. Which commit was run, no report tells.
    fn evidence(&self, proof: &Proof, reproduce: &str) -> Option<Evidence> {
        let (outcome, findings) = match &proof.outcome {
            Outcome::Kept => (EvidenceOutcome::Pass, Vec::new()),
            Outcome::FellShort(shortfalls) => (
                EvidenceOutcome::Fail,
                shortfalls.iter().map(|shortfall| self.drillable.finding(shortfall)).collect(),
            ),
            Outcome::Inconclusive(_) => return None,
        };
        let place = self.drillable.declaration().place.start();
        let seen = proof.seen.iter().chain(&self.notes);
        Some(Evidence {
            requirement: proof.requirement.to_owned(),
            grade: Grade::Observed,
            outcome,
            at: self.at,
            fresh_until: None,
            source: format!("{} imported from {}", self.what, self.source),
            about: About::default(),
            reproduce: reproduce.to_owned(),
            seen: seen.map(|seen| Sighting::at(&place, seen.clone())).collect(),
            findings,
            error: None,
        })
    }

    /// For each requirement that is kept or fell short, what the policy makes of evidence of this grade.
    pub fn weights(&self) -> Vec<String> {
        self.proofs
            .iter()
            .zip(&self.demands)
            .filter(|(proof, _)| proof.outcome == Outcome::Kept)
            .map(|(proof, (_, demand))| match demand {
                Some(demand) if demand.grade > Grade::Observed => format!(
                    "{} is observed, which does not meet it: the policy asks for {demand}",
                    proof.requirement
                ),
                Some(demand) => {
                    format!("{} is observed, and the policy asks for {demand}", proof.requirement)
                }
                None => format!("{} is not asked of this tier", proof.requirement),
            })
            .collect()
    }
}

/// A figure with as many digits as it deserves.
fn figure(value: f64) -> String {
    if value >= 100.0 {
        format!("{value:.0}")
    } else if value >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.2}")
    }
}

/// Counts as they are compared with rates.
#[expect(clippy::cast_precision_loss, reason = "counts of some days")]
fn float(count: u64) -> f64 {
    count as f64
}

/// A share in percent without needless digits.
fn percent(share: f64) -> f64 {
    (share * 100_000.0).round() / 1000.0
}
