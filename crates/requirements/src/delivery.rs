//! The requirements of the dimension `delivery`. Written by `cargo xtask sync`.

mod aim;
mod by_name;
mod called;
mod change_record;
mod checkout;
mod configuration;
mod coverage;
mod deploy_docs;
mod feature_flags;
mod fetched;
mod gates;
mod immutable_artifacts;
mod launch_communication;
mod linter;
mod migrations_at_scale;
mod migrations_compatible;
mod migrations_reversible;
mod performance_gate;
mod pin;
mod pipeline;
mod progressive_rollout;
mod recipe;
mod rollback;
mod script;
mod sentence;
mod session;
mod shipment;
mod stage;
mod steps;
mod trace;
mod waiting;
mod whose;
mod zero_downtime;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &change_record::REQUIREMENT,
    &configuration::REQUIREMENT,
    &coverage::REQUIREMENT,
    &deploy_docs::REQUIREMENT,
    &feature_flags::REQUIREMENT,
    &gates::REQUIREMENT,
    &immutable_artifacts::REQUIREMENT,
    &launch_communication::REQUIREMENT,
    &migrations_at_scale::REQUIREMENT,
    &migrations_compatible::REQUIREMENT,
    &migrations_reversible::REQUIREMENT,
    &performance_gate::REQUIREMENT,
    &pipeline::REQUIREMENT,
    &progressive_rollout::REQUIREMENT,
    &rollback::REQUIREMENT,
    &zero_downtime::REQUIREMENT,
];
