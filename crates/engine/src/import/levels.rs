//! The run in stretches of like load: how many times its peak each journey was sent at, and whether its objectives held.

use drills::load_drill::{DEFAULT_AVAILABILITY, is_beyond, latencies};
use drills::{Journey, Subject};
use facts::imported::{Points, Sent, Window};

use super::waiting::hidden;
use super::{figure, float, percent};

/// How far the journeys' loads may be apart to be one level of all of them.
const BALANCE: f64 = 1.5;
/// Bounds of the levels, in times the peak; above, each is so many times the one before.
const BOUNDS: [f64; 5] = [0.0, 0.5, 1.2, 1.96, 3.06];
const GROWTH: f64 = 1.4;

/// Part of a run, with all that was sent in it.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    /// How long it was, in seconds.
    pub(super) lasted_s: f64,
    /// What was sent.
    pub(super) window: Window,
}

impl Stretch {
    /// All of `windows`, each of which lasted `each_s`.
    pub(super) fn of<'w>(windows: impl Iterator<Item = &'w Window>, each_s: f64) -> Self {
        let mut stretch = Self { lasted_s: 0.0, window: Window::default() };
        for window in windows {
            stretch.lasted_s += each_s;
            stretch.window.merge(window);
        }
        stretch
    }

    /// Requests of all kinds a second.
    pub(super) fn rate_per_s(&self) -> f64 {
        let requests: u64 = self.window.sent.iter().map(Sent::requests).sum();
        if self.lasted_s > 0.0 { float(requests) / self.lasted_s } else { 0.0 }
    }

    /// The least and the most times its peak that one of `journeys` was sent at; `None` where a peak is not declared.
    pub(super) fn times(&self, journeys: &[Journey]) -> Option<(f64, f64)> {
        let mut bounds: Option<(f64, f64)> = None;
        for (index, journey) in journeys.iter().enumerate() {
            let peak = journey.peak_per_s.filter(|peak| *peak > 0.0)?;
            let requests = self.window.sent.get(index).map_or(0, Sent::requests);
            let times = float(requests) / self.lasted_s.max(f64::MIN_POSITIVE) / peak;
            let (least, most) = bounds.unwrap_or((times, times));
            bounds = Some((least.min(times), most.max(times)));
        }
        bounds
    }

    /// The objectives that were broken, each with the journey that it is of.
    pub(super) fn broken(&self, journeys: &[Journey]) -> Vec<(Subject, String)> {
        let mut broken = Vec::new();
        for (journey, sent) in journeys.iter().zip(&self.window.sent) {
            let (name, requests) = (&journey.name, sent.requests());
            let mut tell = |message| broken.push((Subject::Journey(name.clone()), message));
            let allowed = 1.0 - journey.availability.unwrap_or(DEFAULT_AVAILABILITY);
            let failed = sent.failures().unwrap_or(sent.failed);
            if is_beyond(requests, failed, allowed) {
                tell(format!(
                    "{failed} of {requests} requests of `{name}` failed, and {} % may",
                    percent(allowed)
                ));
            }
            for (objective, late) in latencies(journey).iter().zip(&sent.late) {
                if is_beyond(requests, *late, 1.0 - objective.quantile) {
                    tell(format!(
                        "`{name}` took {} ms at the {} % quantile over {requests} requests, and {} ms are asked",
                        figure(sent.durations.quantile_ms(objective.quantile).unwrap_or(0.0)),
                        percent(objective.quantile),
                        figure(objective.within.as_secs_f64() * 1e3)
                    ));
                }
            }
        }
        broken
    }

    /// A journey whose objective would not hold if each virtual user had gone on sending every `cycle_ms`, with how.
    pub(super) fn hides(&self, journeys: &[Journey], cycle_ms: Option<f64>) -> Option<String> {
        let cycle_ms = cycle_ms?;
        journeys.iter().zip(&self.window.sent).find_map(|(journey, sent)| {
            latencies(journey).iter().zip(&sent.late).find_map(|(objective, late)| {
                let limit_ms = objective.within.as_secs_f64() * 1e3;
                let (more, more_late) = hidden(sent, limit_ms, cycle_ms);
                let (all, late) = (float(sent.requests()) + more, float(*late) + more_late);
                let allowed = 1.0 - objective.quantile;
                (more_late > 0.0 && late > all.max(1.0) * allowed).then(|| {
                    format!(
                        "`{}` keeps {} ms at the {} % quantile only because k6 did not send what was due while its virtual users waited, up to {} ms (coordinated omission): {}",
                        journey.name,
                        figure(limit_ms),
                        percent(objective.quantile),
                        figure(sent.longest_ms),
                        if more_late.is_finite() {
                            format!("with it {} % would be late, and {} % may", percent(late / all), percent(allowed))
                        } else {
                            "how much that was, the points do not tell".to_owned()
                        }
                    )
                })
            })
        })
    }
}

/// Stretches of like load, the lowest first, from windows in which all of `journeys` were sent at like shares of their peaks.
pub(super) fn levels(journeys: &[Journey], points: &Points, windows: &[Window]) -> Vec<Stretch> {
    let mut levels: Vec<(usize, Vec<&Window>)> = Vec::new();
    for window in windows {
        let stretch = Stretch::of(std::iter::once(window), points.window_s);
        let Some((least, most)) = stretch.times(journeys) else { continue };
        if least <= 0.0 || most / least > BALANCE {
            continue;
        }
        let level = level(f64::midpoint(least, most));
        match levels.iter_mut().find(|(known, _)| *known == level) {
            Some((_, windows)) => windows.push(window),
            None => levels.push((level, vec![window])),
        }
    }
    levels.sort_by_key(|(level, _)| *level);
    let stretch =
        |(_, windows): (usize, Vec<&Window>)| Stretch::of(windows.into_iter(), points.window_s);
    levels.into_iter().map(stretch).collect()
}

/// Which level `times` the peak is.
fn level(times: f64) -> usize {
    let listed = BOUNDS.iter().rposition(|bound| times >= *bound).unwrap_or(0);
    let mut level = listed;
    let mut bound = BOUNDS[BOUNDS.len() - 1] * GROWTH;
    while level >= BOUNDS.len() - 1 && times >= bound && level < 100 {
        level += 1;
        bound *= GROWTH;
    }
    level
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_grow_with_the_load() {
        let seen: Vec<_> = [0.0, 0.4, 0.6, 1.3, 2.0, 3.0, 3.2, 4.5, 6.5, 1e300].map(level).to_vec();
        assert_eq!(seen, [0, 0, 1, 2, 3, 3, 4, 5, 6, 100]);
    }
}
