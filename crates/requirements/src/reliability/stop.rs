//! How long a workload has to stop, and what it needs of that.

use facts::{Indicator, Platform, Scope, Workload};
use model::{Finding, Placed};

/// The time that a workload has to stop.
pub(super) struct Stop<'w> {
    /// Seconds from the order to stop until it is killed.
    pub(super) grace_s: f64,
    /// Where that is written; `None`: it is the platform's default.
    pub(super) written: Option<&'w Placed<f64>>,
    /// The hook that waits before the stop signal, and for how many seconds.
    wait: Option<(&'w Placed<String>, f64)>,
    workload: &'w Workload,
}

impl<'w> Stop<'w> {
    /// The time that `workload` has.
    pub(super) fn of(workload: &'w Workload) -> Self {
        let default_s = match workload.platform {
            Platform::Kubernetes => 30.0,
            Platform::Compose => 10.0,
            Platform::Systemd => 90.0,
        };
        // systemd takes 0 for no limit, as it once did.
        let written = workload.grace_period_s.as_ref();
        let grace_s = match written.map(|written| written.value) {
            Some(0.0) if workload.platform == Platform::Systemd => f64::INFINITY,
            written => written.unwrap_or(default_s),
        };
        let hooks = workload.containers.iter().filter_map(|container| container.pre_stop.as_ref());
        let waits = hooks.filter_map(|hook| Some((hook, sleep_s(hook)?)));
        let wait = waits.max_by(|(_, one), (_, other)| one.total_cmp(other));
        Self { grace_s, written, wait, workload }
    }

    /// The time is over before the stop signal is even sent.
    pub(super) fn too_short(&self) -> Option<Finding> {
        let name = self.workload.name.as_str();
        if let Some(written) = self.written.filter(|_| self.grace_s <= 0.0) {
            let message = format!("`{name}` is killed at once: it has 0 s to stop");
            return Some(
                Finding::at(&written.place, message)
                    .help("give it longer than its slowest request takes"),
            );
        }
        let (hook, wait_s) = self.wait.filter(|(_, wait_s)| *wait_s >= self.grace_s)?;
        let message = format!(
            "`{}` uses up the {} that `{name}` has to stop: it is killed before it can drain",
            **hook,
            seconds(self.grace_s)
        );
        let help = format!("terminationGracePeriodSeconds: {}", wait_s + 30.0);
        let finding = Finding::at(&hook.place, message).help(help);
        Some(match self.written {
            Some(written) => finding.related(&written.place, "the time that it has"),
            None => finding,
        })
    }

    /// What is left for draining is less than gonogo.yaml or an objective says that it takes.
    pub(super) fn shorter_than_promised(
        &self,
        workload: &Workload,
        scope: &Scope<'_>,
    ) -> Option<Finding> {
        let left_s = self.grace_s - self.wait.map_or(0.0, |(_, wait_s)| wait_s);
        let run = scope.declaration.and_then(|declaration| declaration.run.as_ref());
        let within = run.and_then(|run| run.stop_within_s.as_ref());
        let within = within.map(|within| (within.value, &within.place, "stopping may take"));
        let slowest =
            slowest(scope).map(|limit| (limit.value / 1e3, &limit.place, "a request may take"));
        let longer = within.into_iter().chain(slowest).filter(|(needed_s, ..)| *needed_s > left_s);
        let (needed_s, place, what) =
            longer.max_by(|(one, ..), (other, ..)| one.total_cmp(other))?;
        let message = format!(
            "`{}` is killed {} after the stop signal, and {what} {}",
            *workload.name,
            seconds(left_s),
            seconds(needed_s)
        );
        let at = self.written.map_or(&workload.name.place, |written| &written.place);
        let help = format!("give it at least {}", seconds(self.grace_s - left_s + needed_s));
        Some(Finding::at(at, message).help(help).related(place, "where that is promised"))
    }
}

/// The slowest that a request may be by the objectives.
fn slowest<'a>(scope: &Scope<'a>) -> Option<&'a Placed<f64>> {
    let latencies = scope.objectives.iter().filter(|o| o.indicator == Indicator::Latency);
    let limits = latencies.filter_map(|objective| objective.threshold_ms.as_ref());
    limits.max_by(|one, other| one.value.total_cmp(&other.value))
}

/// How long a hook sleeps.
fn sleep_s(hook: &str) -> Option<f64> {
    let is_edge = |c: char| "\"';&()".contains(c);
    let mut words = hook.split_whitespace().map(|word| word.trim_matches(is_edge));
    words.by_ref().find(|word| word.rsplit('/').next() == Some("sleep"))?;
    let length = words.next()?;
    let (number, factor) = match length.strip_suffix('m') {
        Some(minutes) => (minutes, 60.0),
        None => (length.strip_suffix('s').unwrap_or(length), 1.0),
    };
    number.parse::<f64>().ok().filter(|n| n.is_finite()).map(|n| n * factor)
}

/// Seconds for people.
pub(super) fn seconds(seconds: f64) -> String {
    if seconds.is_finite() { format!("{seconds} s") } else { "as long as it takes".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_a_hook_sleeps_is_read_from_its_command() {
        for (hook, expected) in [
            ("sleep 5", Some(5.0)),
            ("/bin/sh -c sleep 10 && nginx -s quit", Some(10.0)),
            ("sh -c /bin/sleep 2m", Some(120.0)),
            ("sh -c 'sleep 15; kill -QUIT 1'", Some(15.0)),
            ("GET /drain", None),
            ("sleep $DELAY", None),
        ] {
            assert_eq!(sleep_s(hook), expected, "{hook}");
        }
    }
}
