//! The drills: one module each, reading like its runbook.

mod baseline;
pub mod fault;
pub mod lifecycle;
pub mod load;
pub mod observe;
