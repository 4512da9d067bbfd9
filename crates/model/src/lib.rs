//! The nouns of gonogo and their arithmetic: no file, clock, network or async.

mod change;
mod finding;
mod grade;
mod place;
mod service;

pub use change::Change;
pub use finding::{Finding, Sighting};
pub use grade::{Demand, Grade};
pub use place::{Place, Placed};
pub use service::{Kind, Lifecycle, Tier};
