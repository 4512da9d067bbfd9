//! The nouns of gonogo and their arithmetic: no file, clock, network or async.

mod answer;
mod assessment;
mod baseline;
mod change;
mod counted;
mod decision;
mod evidence;
mod finding;
mod grade;
mod place;
mod policy;
#[cfg(test)]
mod properties;
mod service;
mod verdict;
mod versions;

pub use answer::{Answer, Question, Standing, State, Weight};
pub use assessment::{Assessment, Coverage, Excerpts, NextStep, StepKind};
pub use baseline::{BaseAnswer, Baseline, Worse};
pub use change::Change;
pub use counted::{counted, counted_as, listed};
pub use decision::{Decision, Ruling};
pub use evidence::{About, Evidence, EvidenceOutcome, Look};
pub use finding::{Finding, Sighting};
pub use grade::{Demand, Grade};
pub use place::{Place, Placed};
pub use policy::{Each, OwnRequirement, Policy, Terms};
pub use service::{Kind, Lifecycle, Tier};
pub use verdict::{Counts, PolicyName, ServiceVerdict, Verdict, Verdicts};
pub use versions::without_versions;
