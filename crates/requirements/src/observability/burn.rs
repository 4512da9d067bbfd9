//! Burn rates: which windows an alert compares, and whether its limits fit a target.
//!
//! A burn rate is the share of failed requests over the share that the target allows. An alert at
//! burn rate B over a window W has spent B × W / period of the budget when it fires (Google SRE
//! workbook, chapter 5: 14.4 × 1 h of 30 days are 2 %).

use crate::signal::{Signal, has_word, signal};
use facts::{Alert, Indicator, Objective};

use crate::prose;

/// Windows from this length on tell of what is left of the budget, not of how fast it burns.
const LONGEST_BURN_S: f64 = 6.0 * 86_400.0;

/// How many times the longer window of a pair is at least as long as the shorter.
const PAIR: f64 = 3.0;

/// Days of the period where the objective names none.
const PERIOD_D: f64 = 30.0;

/// The least and the most of a period's budget that an alert may have spent when it fires.
const LEAST_SPENT: f64 = 0.008;
const MOST_SPENT: f64 = 0.16;

/// Below this burn rate the budget outlasts the period, so an alert needs to have seen it spent.
const SLOWEST: f64 = 0.9;
const SPENT_SLOWLY: f64 = 0.05;

/// An alert on how fast the budget of an objective burns.
#[derive(Debug)]
pub(super) struct Burn<'a> {
    /// The alert.
    pub(super) alert: &'a Alert,
    /// Its limits, each with the longest window that it stands for, in seconds.
    pub(super) limits: Vec<(f64, f64)>,
    /// Its windows, in seconds.
    pub(super) windows_s: Vec<f64>,
    /// Whether it compares burn rates themselves, and not shares of requests.
    is_rate: bool,
}

impl<'a> Burn<'a> {
    /// The alert as one on a burn rate, where it is one: by what it is called, or because it
    /// compares a share of failed requests over two windows.
    pub(super) fn of(alert: &'a Alert) -> Option<Self> {
        let windows = alert.windows_s.iter().copied();
        let windows_s: Vec<f64> = windows.filter(|s| *s > 0.0 && *s < LONGEST_BURN_S).collect();
        if windows_s.is_empty() || signal(alert) != Signal::Symptom {
            return None;
        }
        let limits = limits(alert, &windows_s);
        let is_pair = has_pair(&windows_s) && limits.iter().any(|(limit, _)| *limit < 1.0);
        if !is_called_so(alert) && !is_pair {
            return None;
        }
        let is_rate = limits.iter().all(|(limit, _)| *limit >= 0.9)
            && alert.metrics.iter().any(|metric| has_word(metric, &["burn", "burnrate"]));
        Some(Self { alert, limits, windows_s, is_rate })
    }

    /// Whether a long and a short window have to agree before it fires.
    pub(super) fn has_two_windows(&self) -> bool {
        has_pair(&self.windows_s)
    }

    /// The first limit that fits no sensible burn rate of `objective`, and the burn rate that it
    /// stands for; `None` where all fit or nothing can be reckoned.
    pub(super) fn misfit(&self, objective: &Objective) -> Option<(f64, f64)> {
        let target = objective.target.as_ref()?.value;
        let period_s = objective.window_d.as_ref().map_or(PERIOD_D, |days| days.value) * 86_400.0;
        let budget = 1.0 - target;
        if budget <= 0.0 || period_s <= 0.0 {
            return None;
        }
        let is_percentage = self.alert.expression.contains("100");
        self.limits.iter().find_map(|(limit, window_s)| {
            let burns = [
                Some(limit / budget).filter(|_| !self.is_rate && *limit < 1.0),
                Some(*limit).filter(|_| self.is_rate),
                Some((1.0 - limit) / budget).filter(|_| *limit >= 0.5 && *limit < 1.0),
                Some(limit / 100.0 / budget).filter(|_| is_percentage),
            ];
            let burns: Vec<f64> = burns.into_iter().flatten().collect();
            let fits = |burn: &f64| {
                let spent = burn * window_s / period_s;
                (LEAST_SPENT..=MOST_SPENT).contains(&spent)
                    && (*burn >= SLOWEST || spent >= SPENT_SLOWLY)
            };
            let first = burns.first().copied()?;
            (!burns.iter().any(fits)).then_some((*limit, first))
        })
    }

    /// How well it names the objective: 2 by name, 1 by what it measures, 0 not at all.
    pub(super) fn fit(&self, objective: &Objective) -> u8 {
        let name = prose::plain(&objective.name);
        let labels = self.alert.labels.iter().map(|(_, value)| value.value.as_str());
        let texts = labels.chain([
            self.alert.name.value.as_str(),
            &self.alert.expression,
            &self.alert.group,
        ]);
        let names = [name.as_str()];
        let mut texts = texts.map(|text| text.replace([':', '"', '{'], " "));
        if name.len() > 2 && texts.any(|text| prose::mentions(&text, &names)) {
            return 2;
        }
        let is_latency = objective.indicator == Indicator::Latency;
        u8::from(objective.indicator == Indicator::Other || is_latency == self.is_latency())
    }

    fn is_latency(&self) -> bool {
        let has = |text: &str| {
            let text = text.to_lowercase();
            ["latency", "slow", "duration_seconds_bucket", "le="].iter().any(|it| text.contains(it))
        };
        has(&self.alert.expression)
            || has(&self.alert.name)
            || self.alert.metrics.iter().any(|metric| metric.ends_with("_bucket"))
    }
}

fn is_called_so(alert: &Alert) -> bool {
    let name = alert.name.to_lowercase();
    ["burn", "errorbudget", "slo_"].iter().any(|part| name.contains(part))
        || alert.metrics.iter().any(|m| has_word(m, &["slo", "burn", "burnrate"]))
        || alert
            .labels
            .iter()
            .any(|(key, value)| key == "sloth_slo" || (key == "slo" && !is_yes_or_no(&value.value)))
}

/// Whether the label `slo` only sorts alerts and names no objective: `slo: "false"`.
fn is_yes_or_no(value: &str) -> bool {
    let value = value.trim().to_lowercase();
    ["", "false", "no", "true", "yes"].contains(&value.as_str())
}

fn has_pair(windows_s: &[f64]) -> bool {
    windows_s.iter().any(|long| windows_s.iter().any(|short| *long >= short * PAIR))
}

/// The limits of the alert with the longest window that each stands for.
///
/// As many limits as windows stand for one each, in order; else every limit stands for all of the
/// longer windows. A limit on the number of requests stands beside shares and is left out.
fn limits(alert: &Alert, windows_s: &[f64]) -> Vec<(f64, f64)> {
    let positive = || alert.thresholds.iter().copied().filter(|limit| *limit > 0.0);
    let has_shares = positive().any(|limit| limit < 1.0);
    let limits: Vec<f64> = positive().filter(|limit| !has_shares || *limit < 1.0).collect();
    let longest = windows_s.iter().copied().fold(0.0, f64::max);
    let mut found: Vec<(f64, f64)> = Vec::new();
    for (at, limit) in limits.iter().enumerate() {
        let own = windows_s.get(at).filter(|_| limits.len() == windows_s.len());
        let reach_s = own.copied().unwrap_or(longest);
        match found.iter_mut().find(|(known, _)| (known - limit).abs() <= limit * 1e-6) {
            Some((_, known_s)) => *known_s = known_s.max(reach_s),
            None => found.push((*limit, reach_s)),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use model::{Place, Placed};

    use super::*;

    fn alert(expression: &str) -> Alert {
        let text = expression.replace('\\', "\\\\").replace('"', "\\\"");
        let rules = format!(
            "groups:\n  - name: slo\n    rules:\n      - alert: BudgetBurn\n        expr: \"{text}\"\n"
        );
        facts::read(&"rules.yaml".into(), rules.as_bytes()).alerts.remove(0)
    }

    fn objective(target: f64, days: f64) -> Objective {
        let place = Place::file("slo.yaml");
        Objective {
            name: Placed::new("requests".to_owned(), place.clone()),
            service: None,
            indicator: Indicator::Availability,
            target: Some(Placed::new(target, place.clone())),
            threshold_ms: None,
            window_d: Some(Placed::new(days, place.clone())),
            journey: None,
            format: "OpenSLO",
            generates_alerts: false,
            pages: false,
            place,
        }
    }

    fn ratio(window: &str) -> String {
        format!("rate(errors_total[{window}]) / rate(requests_total[{window}])")
    }

    fn both(long: &str, short: &str, limit: &str) -> String {
        format!("{} > {limit} and {} > {limit}", ratio(long), ratio(short))
    }

    fn misfit(expression: &str, target: f64, days: f64) -> Option<(f64, f64)> {
        let alert = alert(expression);
        let burn = Burn::of(&alert).expect("burns");
        burn.misfit(&objective(target, days))
    }

    #[test]
    fn the_rates_of_the_workbook_and_of_generators_fit() {
        for (long, short, limit, days) in [
            ("1h", "5m", "(14.4 * (1 - 0.999))", 30.0),
            ("6h", "30m", "6 * 0.001", 30.0),
            ("1d", "2h", "0.003", 30.0),
            ("3d", "6h", "0.001", 30.0),
            ("1h", "5m", "13.44 * 0.001", 28.0),
            ("4d", "6h", "1 * 0.001", 28.0),
            ("6h", "30m", "7 * 0.001", 28.0),
            ("3d", "6h", "0.233 * 0.001", 7.0),
        ] {
            assert_eq!(misfit(&both(long, short, limit), 0.999, days), None, "{long} {limit}");
        }
        let combined =
            format!("({}) or ({})", both("1h", "5m", "0.0144"), both("6h", "30m", "0.006"));
        assert_eq!(misfit(&combined, 0.999, 30.0), None);
    }

    #[test]
    fn limits_of_another_target_do_not_fit() {
        for limit in ["(14.4 * (1 - 0.99))", "(14.4 * (1 - 0.9999))"] {
            assert!(misfit(&both("1h", "5m", limit), 0.999, 30.0).is_some(), "{limit}");
        }
        let (limit, burn) = misfit(&both("6h", "30m", "0.06"), 0.999, 30.0).unwrap();
        assert!((limit - 0.06).abs() < 1e-9 && (burn - 60.0).abs() < 1e-6);
        assert!(misfit(&both("3d", "6h", "0.0001"), 0.999, 30.0).is_some());
    }

    #[test]
    fn burn_rates_successes_and_percentages_are_reckoned_too() {
        let rates = "job:slo_burnrate:1h > 14.4 and job:slo_burnrate:5m > 14.4";
        let alert = alert(rates);
        let alert = Alert { windows_s: vec![3_600.0, 300.0], ..alert };
        let burn = Burn::of(&alert).unwrap();
        assert_eq!(burn.misfit(&objective(0.999, 30.0)), None);
        let successes = both("1h", "5m", "1").replace("> 1", "< 0.9856");
        assert_eq!(misfit(&successes, 0.999, 30.0), None);
        let percents = format!("100 * {} > 1.44 and 100 * {} > 1.44", ratio("1h"), ratio("5m"));
        let percents = percents.replace("errors_total", "slo_errors_total");
        assert_eq!(misfit(&percents, 0.999, 30.0), None);
    }

    #[test]
    fn a_count_of_requests_beside_shares_is_no_limit() {
        let guarded =
            format!("{} and sum(rate(requests_total[1h])) > 10", both("1h", "5m", "0.0144"));
        assert_eq!(misfit(&guarded, 0.999, 30.0), None);
    }

    #[test]
    fn one_window_is_no_pair_and_what_is_left_of_the_budget_no_burn_rate() {
        let one = alert(&format!("{} > 0.0144", ratio("1h")));
        assert!(!Burn::of(&one).unwrap().has_two_windows());
        assert!(Burn::of(&alert(&format!("{} > 0.001", ratio("30d")))).is_none());
    }
}
