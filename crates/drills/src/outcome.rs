//! What a drill found out: per requirement whether the service kept it, fell short, or whether nothing can be said.

/// What was found out about one requirement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Id of the requirement.
    pub requirement: &'static str,
    /// What came out.
    pub outcome: Outcome,
    /// What was measured, each a clause with its unit.
    pub seen: Vec<String>,
}

/// What came out for one requirement. The three are never mixed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The service kept it.
    Kept,
    /// The service fell short.
    FellShort(Vec<Shortfall>),
    /// Nothing can be said, and why: a fault that did not land, a generator that could not keep its pace, a part that is missing.
    Inconclusive(String),
}

/// One way in which the service fell short.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortfall {
    /// What it is about.
    pub about: Subject,
    /// What was seen: a clause with the thing's name in backquotes, and figures with units.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// What a shortfall is about, so that it can be shown at its place in gonogo.yaml.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// The service as a whole.
    Service,
    /// The journey of this name.
    Journey(String),
    /// The dependency of this name.
    Dependency(String),
}

impl Proof {
    /// The service kept `requirement`.
    pub fn kept(requirement: &'static str, seen: Vec<String>) -> Self {
        Self { requirement, outcome: Outcome::Kept, seen }
    }

    /// Nothing can be said of `requirement`.
    pub fn inconclusive(requirement: &'static str, reason: impl Into<String>) -> Self {
        Self { requirement, outcome: Outcome::Inconclusive(reason.into()), seen: Vec::new() }
    }

    /// The service fell short by `shortfalls`, or kept it when there is none.
    pub fn judged(
        requirement: &'static str,
        shortfalls: Vec<Shortfall>,
        seen: Vec<String>,
    ) -> Self {
        let outcome =
            if shortfalls.is_empty() { Outcome::Kept } else { Outcome::FellShort(shortfalls) };
        Self { requirement, outcome, seen }
    }
}
