//! The shape of a requirement: plain data, and pure functions from facts to an outcome.

use facts::{Alert, Dependency, Pipeline, Scope, Subject, Workload};
use model::{Change, Demand, Kind};

use crate::Outcome;

/// One line of what ready means.
#[derive(Debug)]
pub struct Requirement {
    /// `dimension/good-state`, equal to the path of its file.
    pub id: &'static str,
    /// Read it after "This service is ready when": a clause in the present, without a full stop.
    pub title: &'static str,
    /// What happens to users or to the team where it does not hold.
    pub why: &'static str,
    /// What to do, as an imperative.
    pub remedy: &'static str,
    /// Where to read more.
    pub references: &'static [Reference],
    /// The version of gonogo that brought it.
    pub since: &'static str,
    /// What it costs to get there, where it is missing altogether.
    pub effort: Effort,
    /// What takes the ground from under its evidence before its date.
    pub invalidated_by: &'static [Change],
    /// What each tier asks for by default, tier 1 first; `None`: nothing.
    pub demands: [Option<Demand>; 3],
    /// The kinds of service that it applies to.
    pub kinds: &'static [Kind],
    /// Subjects that it stands on beside that of its proof: a gap there keeps it from being met.
    pub reads: &'static [Subject],
    /// How it is proven, one for each grade that gonogo knows a way to.
    pub proofs: &'static [Proof],
    /// Its cases: prose and files, run as tests and shown as documentation.
    pub cases: &'static str,
}

/// Where to read more.
#[derive(Debug)]
pub struct Reference {
    /// Title of the page.
    pub title: &'static str,
    /// Address, https.
    pub url: &'static str,
}

/// What it costs one engineer who knows the service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effort {
    /// Minutes.
    Minutes(u16),
    /// Hours.
    Hours(u16),
    /// Working days of eight hours.
    Days(u16),
}

impl Effort {
    /// The effort in minutes.
    pub const fn minutes(self) -> u32 {
        match self {
            Self::Minutes(n) => n as u32,
            Self::Hours(n) => n as u32 * 60,
            Self::Days(n) => n as u32 * 8 * 60,
        }
    }
}

/// One way to prove a requirement.
#[derive(Clone, Copy, Debug)]
pub enum Proof {
    /// Declared: the service as a whole is judged.
    Service(fn(&Scope<'_>) -> Outcome),
    /// Declared: each workload is judged, and all have to hold.
    EachWorkload(fn(&Workload, &Scope<'_>) -> Outcome),
    /// Declared: each pipeline is judged, and all have to hold.
    EachPipeline(fn(&Pipeline, &Scope<'_>) -> Outcome),
    /// Declared: each alert is judged, and all have to hold.
    EachAlert(fn(&Alert, &Scope<'_>) -> Outcome),
    /// Declared: each dependency of gonogo.yaml is judged, and all have to hold.
    EachDependency(fn(&Dependency, &Scope<'_>) -> Outcome),
    /// Declared: files would answer, and no reader decides it yet; the text names what to read.
    Unread(&'static str),
    /// Observed: a live system would answer; the text names it and what to ask it.
    Live(&'static str),
    /// Proven: this drill answers.
    Drill(&'static str),
    /// Claimed: only a person can answer this question.
    Question(&'static str),
}

/// The drills that proofs may name.
pub const DRILLS: [&str; 11] = [
    "load",
    "fault",
    "observe",
    "lifecycle",
    "deploy",
    "restore",
    "migrate",
    "api",
    "docs",
    "page",
    "gameday",
];

impl Requirement {
    /// The first part of the id.
    pub fn dimension(&self) -> &'static str {
        self.id.split_once('/').map_or(self.id, |(dimension, _)| dimension)
    }

    /// Whether it applies to services of `kind`.
    pub fn applies_to(&self, kind: Kind) -> bool {
        self.kinds.contains(&kind)
    }
}
