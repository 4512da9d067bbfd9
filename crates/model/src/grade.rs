//! How strong evidence is, and how strong it has to be.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::counted;

/// The strength of evidence, weakest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    /// A named person attested it.
    Claimed,
    /// It was read from files of the repository.
    Declared,
    /// It was read from a live system, or from another tool's report of a real run.
    Observed,
    /// It was exercised by a drill that could have failed, and measured.
    Proven,
}

impl Grade {
    /// All grades, weakest first.
    pub const ALL: [Self; 4] = [Self::Claimed, Self::Declared, Self::Observed, Self::Proven];

    /// The word that users read and write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Claimed => "claimed",
            Self::Declared => "declared",
            Self::Observed => "observed",
            Self::Proven => "proven",
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What a tier asks of a requirement's evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Demand {
    /// The least grade that satisfies.
    pub grade: Grade,
    /// For how many days evidence of that grade stays fresh; `None`: until something invalidates it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub days: Option<u16>,
}

impl Demand {
    /// Asks for `grade` without a date of expiry.
    pub const fn of(grade: Grade) -> Option<Self> {
        Some(Self { grade, days: None })
    }

    /// Asks for `grade`, fresh for `days`.
    pub const fn within(grade: Grade, days: u16) -> Option<Self> {
        Some(Self { grade, days: Some(days) })
    }

    /// Whether an attestation is enough, which is the word of a named person.
    pub const fn takes_a_word(self) -> bool {
        matches!(self.grade, Grade::Claimed)
    }
}

impl fmt::Display for Demand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.days {
            Some(days) => write!(f, "{}, at most {} old", self.grade, counted(days, "day")),
            None => write!(f, "{}", self.grade),
        }
    }
}
