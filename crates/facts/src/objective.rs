//! What is promised: objectives of OpenSLO, Sloth, Pyrra and gonogo.yaml.

use model::{Place, Placed};

/// One objective.
#[derive(Clone, Debug, PartialEq)]
pub struct Objective {
    /// Its name.
    pub name: Placed<String>,
    /// Service that it is about, where it says so.
    pub service: Option<Placed<String>>,
    /// What it measures.
    pub indicator: Indicator,
    /// Target as a ratio from 0 to 1, at its place.
    pub target: Option<Placed<f64>>,
    /// Latency threshold in milliseconds, for a latency objective.
    pub threshold_ms: Option<Placed<f64>>,
    /// Window in days, at its place.
    pub window_d: Option<Placed<f64>>,
    /// Journey of gonogo.yaml.
    pub journey: Option<String>,
    /// Where it comes from: OpenSLO, `Sloth`, `Pyrra`, `gonogo.yaml`.
    pub format: &'static str,
    /// Whether the format generates burn-rate alerts from it (Sloth, Pyrra), and it is not switched off.
    pub generates_alerts: bool,
    /// Whether one of these alerts is to wake somebody.
    pub pages: bool,
    /// Where it starts.
    pub place: Place,
}

/// What an objective measures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Indicator {
    /// Share of requests that succeed.
    Availability,
    /// Share of requests that are fast enough.
    Latency,
    /// Anything else, or not to be told.
    Other,
}
