//! The requirements of the dimension `documentation`. Written by `cargo xtask sync`.

mod api;
mod architecture;
mod bringing_out;
mod commands;
mod customers;
mod decisions;
mod dependencies;
mod deploying;
mod freshness;
mod heading;
mod hint;
mod linked;
mod need;
mod readme;
mod site;
mod troubleshooting;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &api::REQUIREMENT,
    &architecture::REQUIREMENT,
    &customers::REQUIREMENT,
    &decisions::REQUIREMENT,
    &dependencies::REQUIREMENT,
    &freshness::REQUIREMENT,
    &readme::REQUIREMENT,
    &troubleshooting::REQUIREMENT,
];
