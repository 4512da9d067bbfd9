//! How many instances of a workload run at the least, and what a disruption budget leaves of them.

use facts::{Autoscaler, DisruptionBudget, Scope, Workload};
use model::{Finding, Placed, Sighting, counted};

use crate::pod;

/// How many instances of a workload run at the least, and what says so.
pub(super) struct Instances<'a> {
    autoscaler: Option<&'a Autoscaler>,
    written: Option<Placed<i64>>,
}

impl<'a> Instances<'a> {
    /// The instances of `workload`.
    pub(super) fn of(workload: &Workload, scope: &Scope<'a>) -> Self {
        let autoscaler = pod::autoscaler(workload, scope);
        let written = match autoscaler {
            Some(autoscaler) => autoscaler.min.clone(),
            None => workload.replicas.clone(),
        };
        Self { autoscaler, written }
    }

    /// At the least so many.
    fn count(&self) -> i64 {
        self.written.as_ref().map_or(1, |written| written.value)
    }

    /// Whether it is switched off: no instance, and nothing that starts one.
    pub(super) fn is_off(&self) -> bool {
        self.autoscaler.is_none() && self.count() <= 0
    }

    /// The finding where it is less than two.
    pub(super) fn single(&self, workload: &Workload) -> Option<Finding> {
        let name = workload.name.as_str();
        if self.count() >= 2 {
            return None;
        }
        let finding = match (self.autoscaler, &self.written) {
            (Some(autoscaler), Some(min)) => Finding::at(
                &min.place,
                format!(
                    "`{name}` may run as a single instance: `{}` scales from {}",
                    *autoscaler.name, min.value
                ),
            )
            .help("set its minimum to 2"),
            (Some(autoscaler), None) => Finding::at(
                &autoscaler.name.place,
                format!(
                    "`{name}` may run as a single instance: `{}` has no minimum",
                    *autoscaler.name
                ),
            )
            .help("minReplicas: 2"),
            (None, Some(replicas)) => {
                Finding::at(&replicas.place, format!("`{name}` runs as a single instance"))
                    .help("replicas: 2")
            }
            (None, None) => Finding::at(
                &workload.name.place,
                format!("`{name}` runs as a single instance: it has no `replicas`, which means 1"),
            )
            .help("add to its `spec`:\n\nreplicas: 2"),
        };
        Some(finding)
    }

    /// What shows that there are several.
    pub(super) fn seen(&self, workload: &Workload) -> Sighting {
        let place = self.written.as_ref().map_or(&workload.name.place, |written| &written.place);
        let message =
            format!("at least {} of `{}`", counted(self.count(), "instance"), *workload.name);
        Sighting::at(place, message)
    }
}

/// A budget that lets no instance go, or all of them.
pub(super) fn budget_faults(
    budget: &DisruptionBudget,
    instances: &Instances<'_>,
    workload: &Workload,
) -> Option<Finding> {
    let count = instances.count();
    let (written, stay) = match (&budget.min_available, &budget.max_unavailable) {
        (Some(min), _) => (min, amount(min, count)?),
        (None, Some(max)) => (max, count.saturating_sub(amount(max, count)?)),
        (None, None) => return None,
    };
    let (name, of) = (budget.name.as_str(), workload.name.as_str());
    // An autoscaler may run more than its minimum.
    let (message, help) = if stay >= count {
        (
            format!(
                "budget `{name}` lets none of the {count} instances of `{of}` go: no node can be drained"
            ),
            "maxUnavailable: 1",
        )
    } else if stay <= 0 {
        (format!("budget `{name}` lets all instances of `{of}` go at once"), "maxUnavailable: 1")
    } else {
        return None;
    };
    Some(Finding::at(&written.place, message).help(help))
}

/// A number or percentage of `count`, which Kubernetes rounds up.
fn amount(written: &str, count: i64) -> Option<i64> {
    match written.trim().strip_suffix('%') {
        Some(percent) => {
            let percent: i64 = percent.trim().parse().ok()?;
            Some(count.checked_mul(percent)?.checked_add(99)?.div_euclid(100))
        }
        None => written.trim().parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_of_instances_are_rounded_up() {
        assert_eq!(amount("50%", 3), Some(2));
        assert_eq!(amount("100%", 3), Some(3));
        assert_eq!(amount("0%", 3), Some(0));
        assert_eq!(amount("1", 3), Some(1));
        assert_eq!(amount("99999999999999999999%", 3), None);
        assert_eq!(amount("many", 3), None);
    }
}
