//! The use cases, one file each, where the rooms below meet.

mod assess;
mod look;
pub mod policy;

pub use assess::{AssessError, Settings, Survey, assess, judge, survey};
