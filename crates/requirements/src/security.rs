//! The requirements of the dimension `security`. Written by `cargo xtask sync`.

mod authentication;
mod authorization;
mod code_scan;
mod compliance;
mod dependency_scan;
mod deploy_step;
mod encryption_at_rest;
mod input_validation;
mod least_privilege;
mod network_policy;
mod no_committed_secrets;
mod root;
mod rotation;
mod scan;
mod secret_value;
mod secrets_manager;
mod threat_model;
mod tls;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &authentication::REQUIREMENT,
    &authorization::REQUIREMENT,
    &code_scan::REQUIREMENT,
    &compliance::REQUIREMENT,
    &dependency_scan::REQUIREMENT,
    &encryption_at_rest::REQUIREMENT,
    &input_validation::REQUIREMENT,
    &least_privilege::REQUIREMENT,
    &network_policy::REQUIREMENT,
    &no_committed_secrets::REQUIREMENT,
    &rotation::REQUIREMENT,
    &secrets_manager::REQUIREMENT,
    &threat_model::REQUIREMENT,
    &tls::REQUIREMENT,
];
