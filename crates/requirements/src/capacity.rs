//! The requirements of the dimension `capacity`. Written by `cargo xtask sync`.

mod autoscaling;
mod caching;
mod cost;
mod expected_traffic;
mod headroom;
mod known_limits;
mod load_tested;
mod no_leaks;
mod pagination;
mod query_performance;
mod resource_limits;
mod scales_out;
mod shared_bottleneck;
mod thresholds;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &autoscaling::REQUIREMENT,
    &caching::REQUIREMENT,
    &cost::REQUIREMENT,
    &expected_traffic::REQUIREMENT,
    &headroom::REQUIREMENT,
    &known_limits::REQUIREMENT,
    &load_tested::REQUIREMENT,
    &no_leaks::REQUIREMENT,
    &pagination::REQUIREMENT,
    &query_performance::REQUIREMENT,
    &resource_limits::REQUIREMENT,
    &scales_out::REQUIREMENT,
    &shared_bottleneck::REQUIREMENT,
    &thresholds::REQUIREMENT,
];
