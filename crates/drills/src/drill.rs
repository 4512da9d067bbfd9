//! The drills: one module each, reading like its runbook.

pub mod fault;
pub mod observe;
