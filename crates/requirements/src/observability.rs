//! The requirements of the dimension `observability`. Written by `cargo xtask sync`.

mod alert_fires;
mod alert_owners;
mod alert_quality;
mod alert_runbooks;
mod burn;
mod business_metrics;
mod dashboards;
mod degradation_alerts;
mod error_visibility;
mod golden_signals;
mod journey_monitoring;
mod log_correlation;
mod log_retention;
mod no_secrets_in_logs;
mod resource_metrics;
mod slo_alerts;
mod structured_logs;
mod symptom_alerts;
mod trace_propagation;

use crate::Requirement;

/// All of them, in the order of their ids.
pub(crate) static ALL: &[&Requirement] = &[
    &alert_fires::REQUIREMENT,
    &alert_owners::REQUIREMENT,
    &alert_quality::REQUIREMENT,
    &alert_runbooks::REQUIREMENT,
    &business_metrics::REQUIREMENT,
    &dashboards::REQUIREMENT,
    &degradation_alerts::REQUIREMENT,
    &error_visibility::REQUIREMENT,
    &golden_signals::REQUIREMENT,
    &journey_monitoring::REQUIREMENT,
    &log_correlation::REQUIREMENT,
    &log_retention::REQUIREMENT,
    &no_secrets_in_logs::REQUIREMENT,
    &resource_metrics::REQUIREMENT,
    &slo_alerts::REQUIREMENT,
    &structured_logs::REQUIREMENT,
    &symptom_alerts::REQUIREMENT,
    &trace_propagation::REQUIREMENT,
];
