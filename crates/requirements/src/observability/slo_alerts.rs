//! Each SLO has multi-window burn-rate alerts.

use super::burn::Burn;
use crate::outcome::condensed;
use crate::prelude::*;
use crate::signal::concerning;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "observability/slo-alerts",
    title: "each SLO has multi-window burn-rate alerts",
    why: "Without a burn-rate alert the error budget is gone before anybody looks; with a single window it pages too late, or for an hour after all is well.",
    remedy: "Alert on each objective's burn rate over a long and a short window at once: 14.4 times over 1h and 5m, 6 times over 6h and 30m.",
    references: &[
        Reference {
            title: "Google SRE workbook: alerting on SLOs",
            url: "https://sre.google/workbook/alerting-on-slos/",
        },
        Reference {
            title: "Prometheus: recording rules",
            url: "https://prometheus.io/docs/practices/rules/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Monitoring],
    demands: [Demand::within(Grade::Proven, 90), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Alerts, Subject::Objectives, Subject::Declaration],
    proofs: &[Proof::Service(judge), Proof::Drill("page")],
    cases: include_str!("slo_alerts.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let burns: Vec<Burn<'_>> = concerning(scope).into_iter().filter_map(Burn::of).collect();
    let narrow: Vec<Outcome> =
        burns.iter().filter(|burn| !burn.has_two_windows()).map(|b| narrow(b).into()).collect();
    let each = scope.objectives.iter().filter_map(|objective| covered(objective, &burns, scope));
    let each: Vec<Outcome> = each.collect();
    if scope.objectives.is_empty() && narrow.is_empty() {
        return without_objective(&burns);
    }
    let misfits = burns.iter().filter_map(|burn| misfit(burn, &scope.objectives));
    let misfits: Vec<Outcome> = misfits.map(Outcome::from).collect();
    let judged = [narrow, misfits, each].into_iter().flat_map(condensed);
    Outcome::all(judged).unwrap_or_else(|| without_objective(&burns))
}

fn without_objective(burns: &[Burn<'_>]) -> Outcome {
    let what = "declare them under `objectives:` of the journeys in gonogo.yaml";
    Outcome::Unknown(match burns.first() {
        Some(burn) => format!(
            "`{}` alerts on a burn rate, but no objective says which target it has to fit: {what}",
            burn.alert.name.value
        ),
        None => format!("no objective was found that would need an alert: {what}"),
    })
}

fn narrow(burn: &Burn<'_>) -> Finding {
    let windows: Vec<String> = burn.windows_s.iter().map(|s| window(*s)).collect();
    let message = format!(
        "burn-rate alert `{}` reads no second window beside {}",
        burn.alert.name.value,
        windows.join(", ")
    );
    Finding::at(&burn.alert.expression.place.start(), message).help(
        "ask a window of a twelfth of the length too, so that it stops soon after the trouble \
         does:\n\nexpr: ratio_rate1h > 14.4 * 0.001 and ratio_rate5m > 14.4 * 0.001",
    )
}

/// Whether two windows of some alert watch the objective; `None` where one does alone, which is
/// told at the alert.
fn covered(objective: &Objective, burns: &[Burn<'_>], scope: &Scope<'_>) -> Option<Outcome> {
    let name = &objective.name;
    if objective.generates_alerts {
        let message =
            format!("{} makes burn-rate alerts of objective `{}`", objective.format, name.value);
        return Some(Outcome::met(&name.place, message));
    }
    let mut own = burns.iter().filter(|burn| is_about(burn, objective, &scope.objectives));
    let Some(first) = own.next() else {
        return Some(unwatched(objective, scope));
    };
    let burn = std::iter::once(first).chain(own).find(|burn| burn.has_two_windows())?;
    let alert = &burn.alert.name;
    Some(Outcome::met(&alert.place, format!("`{}` watches `{}`", alert.value, name.value)))
}

/// No alert on the burn rate of the objective was found.
fn unwatched(objective: &Objective, scope: &Scope<'_>) -> Outcome {
    let name = &objective.name;
    if ["Sloth", "Pyrra"].contains(&objective.format) {
        let message = format!("objective `{}` has its alerts switched off", name.value);
        let help = "delete what switches them off under its `alerting:`";
        return Finding::at(&name.place, message).help(help).into();
    }
    let alerts = concerning(scope);
    let mut unjudged = alerts.iter().filter_map(|alert| Some((alert, alert.unjudged.as_ref()?)));
    if let Some((alert, reason)) = unjudged.next() {
        return Outcome::Unknown(format!(
            "no burn-rate alert was found for objective `{}`, but `{}` (`{}` line {}) was not \
             understood: {reason}",
            name.value, alert.name.value, alert.place.path, alert.place.line
        ));
    }
    if alerts.is_empty() {
        return Outcome::Unknown(format!(
            "no alerting rule of the service was found in the tree that could watch objective `{}`",
            name.value
        ));
    }
    let message = format!("no burn-rate alert watches objective `{}`", name.value);
    Finding::at(&name.place, message).help(help(objective)).into()
}

/// Whether the alert is about this objective: it names it, or names none and measures the same.
fn is_about(burn: &Burn<'_>, objective: &Objective, all: &[&Objective]) -> bool {
    let best = all.iter().map(|objective| burn.fit(objective)).max().unwrap_or(0);
    best > 0 && burn.fit(objective) == best
}

/// What is wrong with the alert's limits, where they fit none of the objectives that it is about.
fn misfit(burn: &Burn<'_>, objectives: &[&Objective]) -> Option<Finding> {
    let about = objectives.iter().filter(|objective| is_about(burn, objective, objectives));
    let misfits: Option<Vec<_>> =
        about.map(|objective| Some((objective, burn.misfit(objective)?))).collect();
    let (objective, (limit, rate)) = misfits?.into_iter().next()?;
    let target = objective.target.as_ref()?;
    let message = format!(
        "the limit {} of `{}` does not fit the target {} % of `{}`: it is {} times its budget",
        rounded(limit),
        burn.alert.name.value,
        rounded(target.value * 100.0),
        objective.name.value,
        rounded(rate)
    );
    let finding = Finding::at(&burn.alert.expression.place.start(), message)
        .related(&target.place, "the target")
        .help(help(objective));
    Some(finding)
}

fn help(objective: &Objective) -> String {
    let target = objective.target.as_ref().map_or(0.999, |target| target.value);
    let budget = rounded(1.0 - target);
    format!(
        "add both pairs of windows, the ratio being that of failed to all requests:\n\n\
         - alert: FastBurn\n  expr: ratio_rate1h > 14.4 * {budget} and ratio_rate5m > 14.4 * {budget}\n  \
         labels: {{severity: page}}\n\
         - alert: SlowBurn\n  expr: ratio_rate6h > 6 * {budget} and ratio_rate30m > 6 * {budget}\n  \
         labels: {{severity: page}}"
    )
}

/// `value` with six digits behind the point at most.
fn rounded(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

/// A window as Prometheus writes it.
fn window(seconds: f64) -> String {
    let units = [(86_400.0, "d"), (3_600.0, "h"), (60.0, "m")];
    let whole = units.iter().find(|(unit, _)| seconds >= *unit && seconds % unit == 0.0);
    let (unit, name) = whole.copied().unwrap_or((1.0, "s"));
    format!("{}{name}", seconds / unit)
}
