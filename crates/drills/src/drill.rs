//! The drills: one module each, reading like its runbook.

mod axis;
mod baseline;
mod busy;
pub mod fault;
pub mod lifecycle;
pub mod load;
pub mod observe;
mod pulse;
mod strain;
mod telling;

use std::time::Duration;

/// Each drill and the requirements that it proves.
const PROVES: [(&str, &[&str]); 4] = [
    (
        "fault",
        &[
            "observability/error-visibility",
            "reliability/bounded-retries",
            "reliability/circuit-breaker",
            "reliability/failure-modes",
            "reliability/graceful-degradation",
            "reliability/health-is-honest",
            "reliability/no-cascade",
            "reliability/outbound-timeouts",
            "reliability/self-recovery",
        ],
    ),
    (
        "lifecycle",
        &[
            "delivery/configuration",
            "reliability/crash-safety",
            "reliability/failover",
            "reliability/graceful-shutdown",
            "reliability/health-checks",
        ],
    ),
    (
        "load",
        &[
            "capacity/cost",
            "capacity/headroom",
            "capacity/load-tested",
            "capacity/no-leaks",
            "capacity/pagination",
            "capacity/query-performance",
            "capacity/scales-out",
            "capacity/shared-bottleneck",
            "documentation/dependencies",
            "observability/golden-signals",
            "reliability/connection-limits",
        ],
    ),
    (
        "observe",
        &[
            "observability/log-correlation",
            "observability/no-secrets-in-logs",
            "observability/structured-logs",
            "observability/trace-propagation",
        ],
    ),
];

/// The drill that proves `requirement`, as `gonogo drill` calls it; `None`: no drill of this version does.
pub fn proves(requirement: &str) -> Option<&'static str> {
    PROVES.iter().find(|(_, proven)| proven.contains(&requirement)).map(|(drill, _)| *drill)
}

/// The middle one of `durations`; none of none.
fn median(mut durations: Vec<Duration>) -> Option<Duration> {
    durations.sort_unstable();
    durations.get(durations.len() / 2).copied()
}
