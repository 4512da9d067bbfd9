//! The verdict on a service: its answers, counted and weighed.

use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Answer, Kind, State, Tier, Weight};

/// May the service go to production?
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing blocks.
    Go,
    /// Only accepted risks and allowed plans stand between.
    GoWithConditions,
    /// It could not be decided: only looks that could not be taken block, or there is nothing to judge.
    Unknown,
    /// Something blocks.
    NoGo,
}

impl Verdict {
    /// Weighs `answers`. No average: one blocker is enough.
    pub fn of(answers: &[Answer]) -> Self {
        let blocks = |answer: &&Answer| answer.weight == Weight::Blocks;
        let is_asked = |answer: &Answer| answer.state != State::NotApplicable;
        if !answers.iter().any(is_asked) {
            Self::Unknown
        } else if answers.iter().filter(blocks).any(|answer| answer.state != State::Error) {
            Self::NoGo
        } else if answers.iter().any(|answer| blocks(&answer)) {
            Self::Unknown
        } else if answers.iter().any(|answer| answer.weight == Weight::Condition) {
            Self::GoWithConditions
        } else {
            Self::Go
        }
    }

    /// The words that users read.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Go => "GO",
            Self::GoWithConditions => "GO WITH CONDITIONS",
            Self::Unknown => "UNKNOWN",
            Self::NoGo => "NO-GO",
        }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.words())
    }
}

/// How many answers are in each state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([usize; 9]);

impl Counts {
    /// Counts `answers`.
    pub fn of(answers: &[Answer]) -> Self {
        let mut counts = Self::default();
        for answer in answers {
            counts.0[answer.state as usize] += 1;
        }
        counts
    }

    /// How many are in `state`.
    pub const fn get(&self, state: State) -> usize {
        self.0[state as usize]
    }
}

/// The verdict on one service, with its proof: every answer with its evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceVerdict {
    /// Name of the service.
    pub service: String,
    /// Its tier.
    pub tier: Tier,
    /// Whether nothing declares the tier and the policy's default was taken.
    pub is_tier_assumed: bool,
    /// Its kind.
    pub kind: Kind,
    /// Whether nothing declares the kind and it was judged by what was found.
    pub is_kind_assumed: bool,
    /// Its folder, `.` for the root of the tree.
    pub path: String,
    /// The commit, where the tree tells.
    pub revision: Option<String>,
    /// Why it was taken for a service, the strongest reason first, each with its place.
    pub found: Vec<crate::Sighting>,
    /// The verdict.
    pub verdict: Verdict,
    /// Its answers, in the order of the requirements.
    pub answers: Vec<Answer>,
}

impl ServiceVerdict {
    /// Its answers, counted.
    pub fn counts(&self) -> Counts {
        Counts::of(&self.answers)
    }
}

/// The policy that a verdict was made under.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyName {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// `sha256:` and the digest of its canonical JSON.
    pub digest: String,
}

/// The verdicts on all services of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdicts {
    /// The policy.
    pub policy: PolicyName,
    /// When they were made.
    pub at: Timestamp,
    /// One for each service, in the order of path and name.
    pub services: Vec<ServiceVerdict>,
}
