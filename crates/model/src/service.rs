//! What a service is to a verdict: its tier, kind and lifecycle.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// How bad it is when the service fails; decides the rigour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Tier {
    /// Critical.
    One,
    /// Important.
    Two,
    /// Low risk.
    Three,
}

impl Tier {
    /// All tiers, the most critical first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// 0 for tier 1, 1 for tier 2, 2 for tier 3.
    pub const fn index(self) -> usize {
        self as usize
    }
}

impl From<Tier> for u8 {
    fn from(tier: Tier) -> Self {
        tier as Self + 1
    }
}

impl TryFrom<u8> for Tier {
    type Error = String;

    fn try_from(number: u8) -> Result<Self, String> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            other => Err(format!("there is no tier {other}: a tier is 1, 2 or 3")),
        }
    }
}

impl FromStr for Tier {
    type Err = String;

    /// Reads `1`, `tier 1`, `tier-1`, `tier_1`, `T1`, in any case.
    fn from_str(text: &str) -> Result<Self, String> {
        let lower = text.trim().to_ascii_lowercase();
        let digits = lower.trim_start_matches("tier").trim_start_matches(['t', '-', '_', ' ']);
        digits
            .parse::<u8>()
            .map_err(|_| format!("`{}` is not a tier: a tier is 1, 2 or 3", text.trim()))?
            .try_into()
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", u8::from(*self))
    }
}

/// What sort of software the service is; decides which requirements apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Answers requests.
    Web,
    /// Takes work from a queue or a stream.
    Worker,
    /// Runs on a schedule or on demand, and ends.
    Batch,
    /// Is linked into others; nothing of it runs by itself.
    Library,
    /// Runs in a user's browser or device; served as files.
    Frontend,
}

impl Kind {
    /// All kinds.
    pub const ALL: [Self; 5] =
        [Self::Web, Self::Worker, Self::Batch, Self::Library, Self::Frontend];

    /// The word that users read and write.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Web => "web",
            Self::Worker => "worker",
            Self::Batch => "batch",
            Self::Library => "library",
            Self::Frontend => "frontend",
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == text)
            .ok_or_else(|| format!("`{text}` is not a kind of service: {}", names(&Self::ALL)))
    }
}

fn names(kinds: &[Kind]) -> String {
    kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// Where the service stands in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lifecycle {
    /// Not yet promised to anyone.
    Experimental,
    /// In use, and promised.
    Production,
    /// In use, to be replaced.
    Deprecated,
    /// No longer in use.
    Retired,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_is_read_in_the_ways_that_people_write_it() {
        for text in ["1", "tier 1", "tier-1", "Tier_1", "T1", " t1 "] {
            assert_eq!(text.parse(), Ok(Tier::One), "{text}");
        }
        for text in ["0", "4", "", "gold", "11"] {
            assert!(text.parse::<Tier>().is_err(), "{text}");
        }
    }
}
