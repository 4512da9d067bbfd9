//! What a reader looks at: what users waited while a dependency was disturbed, and what it was asked meanwhile.

use std::time::{Duration, Instant};

use super::super::axis::{TIME, since};
use super::trial::{Request, Trial};
use super::verdicts::{Rounds, Tried};
use crate::proxy::Exchange;
use crate::{Chart, Series, Shade};

/// Attempts are counted for so long at a time.
const STEP: Duration = Duration::from_millis(500);

/// For each round of each dependency what users waited, and the attempts that its proxy saw.
pub(super) fn charts(began: Instant, tried: &[Rounds<'_>]) -> Vec<Chart> {
    let rounds = tried.iter().flat_map(Rounds::all);
    rounds.flat_map(|one| [Some(requests(began, one)), attempts(began, one)]).flatten().collect()
}

/// What users waited, with the faults shaded.
fn requests(began: Instant, tried: &Tried<'_>) -> Chart {
    let points = |wanted: fn(&Request) -> bool| -> Vec<(f64, f64)> {
        let requests = tried.trials.iter().flat_map(|trial| &trial.requests);
        let wanted = requests.filter(|request| wanted(request));
        wanted.map(|one| (since(began, one.due), one.took.as_secs_f64() * 1e3)).collect()
    };
    Chart {
        title: format!(
            "Requests while `{}` is disturbed, {:.0} a second",
            tried.dependency.name,
            tried.trials.first().map_or(0.0, |trial| trial.rate_per_s)
        ),
        x: TIME.to_owned(),
        y: "milliseconds until the answer".to_owned(),
        series: vec![
            Series {
                name: "answered as expected".to_owned(),
                points: points(|request| !request.is_failure()),
            },
            Series { name: "failed".to_owned(), points: points(Request::is_failure) },
        ],
        shaded: shades(began, tried),
        ..Chart::default()
    }
}

/// The attempts that the proxy saw, and those of them that met the fault. `None` where it understands no call of
/// the dependency's kind.
fn attempts(began: Instant, tried: &Tried<'_>) -> Option<Chart> {
    let has_calls = tried.trials.iter().any(|trial| !trial.calls.is_empty());
    let series = |name: &str, wanted: fn(&Exchange) -> bool| Series {
        name: name.to_owned(),
        points: tried.trials.iter().flat_map(|trial| per_second(began, trial, wanted)).collect(),
    };
    has_calls.then(|| Chart {
        title: format!("Attempts at the proxy before `{}`", tried.dependency.name),
        x: TIME.to_owned(),
        y: "attempts a second".to_owned(),
        series: vec![
            series("all", |_| true),
            series("those that met the fault", |call| !call.faults.is_empty()),
        ],
        shaded: shades(began, tried),
        levels: vec![("without a fault".to_owned(), tried.calls_per_s)],
        is_bars: false,
    })
}

/// Calls a second that began in each step of the trial, at the middle of the step.
fn per_second(
    began: Instant,
    trial: &Trial,
    wanted: impl Fn(&Exchange) -> bool,
) -> Vec<(f64, f64)> {
    let started = trial.calls.iter().filter(|call| wanted(call)).map(|call| call.started);
    let started: Vec<Instant> = started.collect();
    let dues = || trial.requests.iter().map(|request| request.due);
    let Some((first, last)) = dues().min().zip(dues().max()) else { return Vec::new() };
    let steps = std::iter::successors(Some(first), |from| Some(*from + STEP));
    steps
        .take_while(|from| *from <= last)
        .map(|from| {
            let count = started.iter().filter(|at| **at >= from && **at < from + STEP).count();
            #[expect(clippy::cast_precision_loss, reason = "calls of half a second")]
            let per_s = count as f64 / STEP.as_secs_f64();
            (since(began, from + STEP / 2), per_s)
        })
        .collect()
}

fn shades(began: Instant, tried: &Tried<'_>) -> Vec<Shade> {
    let shade = |trial: &Trial| Shade {
        from: since(began, trial.from),
        to: since(began, trial.until),
        label: trial.dish.words.to_owned(),
    };
    tried.trials.iter().map(shade).collect()
}

#[cfg(test)]
mod tests {
    use super::super::menu::Purpose;
    use super::super::sample;
    use super::*;

    #[test]
    fn attempts_are_counted_by_the_half_second_and_told_from_those_that_met_the_fault() {
        let dependency = sample::dependency(true);
        let mut trial = sample::trial(Purpose::Failing);
        let began = trial.from;
        for after_ms in [0, 600, 1_100] {
            trial.request(after_ms, 10, Some(201));
        }
        for after_ms in [0, 100, 700] {
            trial.call(after_ms, 10, None, 1);
        }
        trial.calls[0].faults.clear();
        trial.calls[1].faults.clear();
        let tried = sample::tried(&dependency, trial);
        let chart = attempts(began, &tried[0]).unwrap();
        assert_eq!(chart.series[0].points, [(0.25, 4.0), (0.75, 2.0), (1.25, 0.0)]);
        assert_eq!(chart.series[1].points, [(0.25, 0.0), (0.75, 2.0), (1.25, 0.0)]);
        assert_eq!(chart.levels, [("without a fault".to_owned(), 10.0)]);
    }

    #[test]
    fn where_no_call_is_understood_there_is_nothing_to_draw() {
        let dependency = sample::dependency(true);
        let tried = sample::tried(&dependency, sample::trial(Purpose::Failing));
        assert_eq!(attempts(tried[0].trials[0].from, &tried[0]), None);
    }
}
