//! The requirements of the dimension `incidents`. Written by `cargo xtask sync`.

mod actions_done;
mod diagnosis_time;
mod learning;
mod playbook;
mod postmortems;
mod runbook;
mod runbook_quality;
mod runbooks;
mod toil;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &actions_done::REQUIREMENT,
    &diagnosis_time::REQUIREMENT,
    &learning::REQUIREMENT,
    &playbook::REQUIREMENT,
    &postmortems::REQUIREMENT,
    &runbook_quality::REQUIREMENT,
    &runbooks::REQUIREMENT,
    &toil::REQUIREMENT,
];
