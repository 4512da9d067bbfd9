//! One requirement, one file: what ready means, and how each line is decided from facts.

mod decide;
mod kinds;
mod outcome;
mod prelude;
mod requirement;

pub use outcome::Outcome;
pub use requirement::{DRILLS, Effort, Proof, Reference, Requirement};
