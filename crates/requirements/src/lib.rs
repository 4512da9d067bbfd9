//! One requirement, one file: what ready means, and how each line is decided from facts.

mod about;
mod address;
pub mod calls;
mod capacity;
#[cfg(test)]
mod cases;
mod chapter;
mod claims;
mod code_elsewhere;
mod contradiction;
mod data;
mod decide;
mod delivery;
mod dimension;
mod documentation;
mod gate;
mod incidents;
mod kinds;
#[cfg(test)]
mod laws;
mod link;
mod manual;
mod observability;
mod open_choice;
mod outcome;
mod overlays;
mod ownership;
mod page;
mod pipelines_elsewhere;
mod pod;
mod prelude;
mod prose;
mod reliability;
mod requirement;
mod runbook_link;
mod security;
mod signal;
mod tool;
mod tool_names;
mod topic;
mod wish;

pub use claims::{CLAIMS, Claim};
pub use contradiction::loose_kind;
pub use decide::{OutOfTime, without_dependencies};
pub use dimension::{DIMENSIONS, Dimension, all, find};
pub use outcome::Outcome;
pub use requirement::{DRILLS, Effort, Proof, Reference, Requirement};
