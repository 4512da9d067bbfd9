//! What is held by a set of objectives, and what is wrong with one.

use facts::{Indicator, Objective};
use model::{Finding, Sighting, counted};

/// Which sorts of objectives there are.
#[derive(Clone, Copy, Default)]
pub(super) struct Held {
    availability: bool,
    latency: bool,
    /// Whether what some measure is not to be told.
    pub(super) has_unclear: bool,
}

impl Held {
    /// The sorts of `objectives`.
    pub(super) fn of<'a>(objectives: impl Iterator<Item = &'a Objective>) -> Self {
        objectives.fold(Self::default(), |mut held, objective| {
            match objective.indicator {
                Indicator::Availability => held.availability = true,
                Indicator::Latency => held.latency = true,
                Indicator::Other => held.has_unclear = true,
            }
            held
        })
    }

    /// What is missing in these and those that are known from elsewhere.
    pub(super) fn missing(self, availability: bool, latency: bool) -> Option<&'static str> {
        match (self.availability || availability, self.latency || latency) {
            (true, true) => None,
            (true, false) => Some("latency objective"),
            (false, true) => Some("availability objective"),
            (false, false) => Some("availability objective and no latency objective"),
        }
    }
}

/// What is wrong with `objectives`, each by itself.
pub(super) fn faults(objectives: &[&Objective]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for objective in objectives {
        findings.extend(target(objective));
        // The objectives of a journey share one window: it is missing once.
        let journey = objective.journey.as_ref();
        let is_first = journey.is_none()
            || objectives
                .iter()
                .find(|other| other.journey.as_ref() == journey)
                .is_some_and(|first| first.place == objective.place);
        findings.extend(window(objective).filter(|_| is_first));
    }
    findings
}

fn target(objective: &Objective) -> Option<Finding> {
    let name = &objective.name;
    let Some(target) = &objective.target else {
        let message = format!("objective `{}` has no target", **name);
        return Some(Finding::at(&name.place, message).help("set one below 100 %, such as 99.9 %"));
    };
    let message = if target.value >= 1.0 {
        format!("objective `{}` has a target of 100 %, which leaves no error budget", **name)
    } else if target.value <= 0.0 {
        format!("objective `{}` has a target of 0 %, which promises nothing", **name)
    } else {
        return None;
    };
    Some(Finding::at(&target.place, message).help("set it to what users need, such as 99.9 %"))
}

fn window(objective: &Objective) -> Option<Finding> {
    let (name, help) = match &objective.journey {
        Some(journey) => (journey, "add beside it:\n\nwindow: 28d"),
        None => (&objective.name.value, "set a window, such as 28 days"),
    };
    let message = match &objective.window_d {
        None => format!("the objectives of `{name}` have no window"),
        Some(window) if window.value <= 0.0 => format!("the window of `{name}` is empty"),
        Some(_) => return None,
    };
    let place = objective.window_d.as_ref().map_or(&objective.place, |window| &window.place);
    Some(Finding::at(place, message).help(help))
}

/// An objective as it was seen.
pub(super) fn seen(objective: &Objective) -> Sighting {
    let percent = objective.target.as_ref().map_or(0.0, |target| round(target.value * 100.0));
    let window = objective.window_d.as_ref().map_or(0.0, |window| round(window.value));
    let within = objective
        .threshold_ms
        .as_ref()
        .map_or_else(String::new, |limit| format!(" within {} ms", round(limit.value)));
    let message =
        format!("`{}`: {percent} %{within} over {}", *objective.name, counted(window, "day"));
    Sighting::at(&objective.place, message)
}

/// Takes away what multiplying did to decimals.
fn round(number: f64) -> f64 {
    (number * 1e6).round() / 1e6
}
