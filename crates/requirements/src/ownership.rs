//! The requirements of the dimension `ownership`. Written by `cargo xtask sync`.

mod backup_owner;
mod catalog_entry;
mod claim;
mod code_owner;
mod decommission_plan;
mod escalation;
mod handoff;
mod maintained;
mod on_call;
mod on_call_expectations;
mod on_call_load;
mod owner;
mod reviewed;
mod support_brief;
mod support_intake;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &backup_owner::REQUIREMENT,
    &catalog_entry::REQUIREMENT,
    &decommission_plan::REQUIREMENT,
    &escalation::REQUIREMENT,
    &handoff::REQUIREMENT,
    &on_call::REQUIREMENT,
    &on_call_expectations::REQUIREMENT,
    &on_call_load::REQUIREMENT,
    &owner::REQUIREMENT,
    &reviewed::REQUIREMENT,
    &support_brief::REQUIREMENT,
    &support_intake::REQUIREMENT,
];
