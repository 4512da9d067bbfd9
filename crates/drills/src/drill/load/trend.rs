//! Whether a series of measurements grows: Theil-Sen's slope, and the Mann-Kendall test with its correction for ties.

/// Most points that are compared with one another; more are thinned out evenly.
const MOST_POINTS: usize = 240;
/// Above this the chance that there is no trend is below one in a thousand.
pub(super) const SURE: f64 = 3.1;

/// How a series moves.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Trend {
    /// Median of the slopes between all pairs of points, in units of y per unit of x.
    pub(super) slope: f64,
    /// Standard score of the Mann-Kendall test: above 0 it grows.
    pub(super) score: f64,
    /// From the first point to the last.
    pub(super) span: f64,
    /// How many points there were.
    pub(super) points: usize,
}

impl Trend {
    /// The trend of `points`, ordered by x.
    pub(super) fn of(points: &[(f64, f64)]) -> Self {
        let step = points.len().div_ceil(MOST_POINTS).max(1);
        let thin: Vec<(f64, f64)> = points.iter().copied().step_by(step).collect();
        let span = match (thin.first(), thin.last()) {
            (Some(first), Some(last)) => last.0 - first.0,
            _ => 0.0,
        };
        let (slope, score) = (theil_sen(&thin), mann_kendall(&thin));
        Self { slope, score, span, points: points.len() }
    }

    /// What it grew by, by its slope.
    pub(super) fn growth(&self) -> f64 {
        self.slope * self.span
    }

    /// Whether it surely grows.
    pub(super) fn is_sure(&self) -> bool {
        self.slope > 0.0 && self.score > SURE
    }
}

/// P. K. Sen, "Estimates of the regression coefficient based on Kendall's tau" (1968).
fn theil_sen(points: &[(f64, f64)]) -> f64 {
    let mut slopes = pairs(points)
        .filter(|(one, other)| other.0 > one.0)
        .map(|(one, other)| (other.1 - one.1) / (other.0 - one.0))
        .collect::<Vec<_>>();
    slopes.sort_by(f64::total_cmp);
    slopes.get(slopes.len() / 2).copied().unwrap_or(0.0)
}

/// M. G. Kendall, "Rank Correlation Methods" (1975): the standard score of S, continuity corrected.
fn mann_kendall(points: &[(f64, f64)]) -> f64 {
    let s: f64 = pairs(points).map(|(one, other)| sign(other.1 - one.1)).sum();
    let n = count(points.len());
    let spread = |n: f64| n * (n - 1.0) * (2.0 * n + 5.0);
    let mut values: Vec<f64> = points.iter().map(|point| point.1).collect();
    values.sort_by(f64::total_cmp);
    let ties: f64 = values
        .chunk_by(|one, other| one.total_cmp(other).is_eq())
        .map(|tie| spread(count(tie.len())))
        .sum();
    let variance = (spread(n) - ties) / 18.0;
    if variance <= 0.0 { 0.0 } else { (s - sign(s)) / variance.sqrt() }
}

fn pairs(points: &[(f64, f64)]) -> impl Iterator<Item = (&(f64, f64), &(f64, f64))> {
    points
        .iter()
        .enumerate()
        .flat_map(|(index, one)| points.iter().skip(index + 1).map(move |other| (one, other)))
}

fn sign(value: f64) -> f64 {
    if value > 0.0 {
        1.0
    } else if value < 0.0 {
        -1.0
    } else {
        0.0
    }
}

#[expect(clippy::cast_precision_loss, reason = "points of some minutes")]
fn count(points: usize) -> f64 {
    points as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(of: impl Fn(f64) -> f64) -> Trend {
        let points: Vec<_> = (0..100).map(f64::from).map(|x| (x, of(x))).collect();
        Trend::of(&points)
    }

    #[test]
    fn a_line_has_its_slope_whatever_single_points_do() {
        let trend = series(|x| if (x % 10.0 - 3.0).abs() < 0.5 { 1e6 } else { 2.0 * x });
        assert!((trend.slope - 2.0).abs() < 0.5, "{trend:?}");
        assert!(trend.is_sure());
        assert!((trend.growth() - 198.0).abs() < 50.0);
    }

    #[test]
    fn what_only_swings_does_not_grow() {
        assert!(!series(|x| (x * 1.7).sin()).is_sure());
        assert!(!series(|_| 5.0).is_sure());
        assert!(!series(|x| -x).is_sure());
    }

    #[test]
    fn one_step_up_is_no_trend() {
        let trend = series(|x| if x < 60.0 { 10.0 } else { 20.0 });
        assert!(trend.growth() < 5.0, "{trend:?}");
    }

    #[test]
    fn nothing_and_one_point_have_no_trend() {
        assert!(!Trend::of(&[]).is_sure());
        assert!(!Trend::of(&[(0.0, 1.0)]).is_sure());
    }

    #[test]
    fn the_score_is_that_of_the_textbook() {
        // Ten rising values: S = 45, variance 125, so 44 / 11.18.
        let points: Vec<_> = (0..10).map(f64::from).map(|x| (x, x)).collect();
        assert!((Trend::of(&points).score - 44.0 / 125.0_f64.sqrt()).abs() < 1e-9);
    }
}
