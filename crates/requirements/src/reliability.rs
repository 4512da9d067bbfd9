//! The requirements of the dimension `reliability`. Written by `cargo xtask sync`.

mod bounded_retries;
mod circuit_breaker;
mod compose;
mod connection_limits;
mod crash_safety;
mod dead_letter_queue;
mod error_budget_policy;
mod failover;
mod failure_modes;
mod graceful_degradation;
mod graceful_shutdown;
mod health_checks;
mod health_is_honest;
mod health_port;
mod image;
mod instances;
mod no_cascade;
mod objective;
mod outbound_timeouts;
mod probe;
mod redundancy;
mod risk;
mod risk_assessment;
mod script;
mod self_recovery;
mod shell;
mod slo;
mod stop;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &bounded_retries::REQUIREMENT,
    &circuit_breaker::REQUIREMENT,
    &connection_limits::REQUIREMENT,
    &crash_safety::REQUIREMENT,
    &dead_letter_queue::REQUIREMENT,
    &error_budget_policy::REQUIREMENT,
    &failover::REQUIREMENT,
    &failure_modes::REQUIREMENT,
    &graceful_degradation::REQUIREMENT,
    &graceful_shutdown::REQUIREMENT,
    &health_checks::REQUIREMENT,
    &health_is_honest::REQUIREMENT,
    &no_cascade::REQUIREMENT,
    &outbound_timeouts::REQUIREMENT,
    &redundancy::REQUIREMENT,
    &risk_assessment::REQUIREMENT,
    &self_recovery::REQUIREMENT,
    &slo::REQUIREMENT,
];
