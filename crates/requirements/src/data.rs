//! The requirements of the dimension `data`. Written by `cargo xtask sync`.

mod backups;
mod isolation;
mod recovery_plan;
mod recovery_targets;
mod restore;
mod retention;
mod schedule;
mod store;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &backups::REQUIREMENT,
    &isolation::REQUIREMENT,
    &recovery_plan::REQUIREMENT,
    &recovery_targets::REQUIREMENT,
    &restore::REQUIREMENT,
    &retention::REQUIREMENT,
];
