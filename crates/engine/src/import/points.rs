//! What the points of a k6 run show: the load of each moment, and whether the objectives held at it.

use std::sync::Arc;

use drills::load_drill::latencies;
use drills::{Expectation, Journey, Proof, Service, Shortfall};
use facts::imported::{Points, Sent, Sorting, Span, Tags, Window, read_points};
use model::{counted, counted_as};

use super::journeys::of_tags;
use super::levels::{Stretch, levels};
use super::source::Opened;
use super::summary::{CHANCE, HELP, LASTS_S, LEAST, LOAD_TESTED, MOST};
use super::waiting::Users;
use super::{Import, ImportError, Judged, figure, float};

const HEADROOM: &str = "capacity/headroom";
/// Loads that have to be told apart to know a knee.
const LEVELS: usize = 3;
/// How long each of them has to last, in seconds.
const LEVEL_S: f64 = 10.0;
/// What belongs to the highest load, as a share of it.
const PLATEAU: f64 = 0.9;
/// How long a standstill after the last full load may last until it is seen, in seconds: k6 gives up a request after a minute.
const TAIL_S: f64 = 60.0;

/// Reads and judges the points in `opened`.
pub(super) fn judge(
    service: &Service,
    opened: &mut Opened,
    import: &Import,
) -> Result<Judged, ImportError> {
    let points = read(service, opened, import.journey.as_deref(), None)?;
    let load = Load { journeys: &service.journeys, points: &points };
    let mut notes = Vec::new();
    let strangers: u64 = points
        .windows
        .iter()
        .filter_map(|window| window.sent.get(service.journeys.len()))
        .map(Sent::requests)
        .sum();
    if strangers > 0 {
        notes.push(format!(
            "{} of no journey of gonogo.yaml, and load without a judgement",
            counted_as(strangers, "request is", "requests are")
        ));
    }
    if !points.thresholds.is_empty() {
        notes.push(format!(
            "the script has {}; points do not tell what was kept",
            counted(points.thresholds.len(), "threshold")
        ));
    }
    if points.checks != (0, 0) {
        notes.push(format!(
            "{} of the script passed, {} failed",
            counted(points.checks.0, "check"),
            points.checks.1
        ));
    }
    Ok(Judged { what: "k6 points", at: Some(points.began_at), proofs: load.proofs(), notes })
}

/// Reads the points in `opened`, sorted by the journeys of `service`.
pub(super) fn read(
    service: &Service,
    opened: &mut Opened,
    journey: Option<&str>,
    within: Option<Span>,
) -> Result<Points, ImportError> {
    let journeys = &service.journeys;
    let limits_ms: Vec<Vec<f64>> = journeys
        .iter()
        .map(|journey| {
            latencies(journey)
                .iter()
                .map(|objective| objective.within.as_secs_f64() * 1e3)
                .collect()
        })
        .collect();
    let all = journey.and_then(|name| journeys.iter().position(|journey| journey.name == name));
    let sorting = Sorting {
        place: &|tags| all.or_else(|| of_tags(journeys, tags)),
        has_failed: &|place, tags| has_failed(place.and_then(|place| journeys.get(place)), tags),
        limits_ms: &limits_ms,
        within,
    };
    let path: Arc<str> = opened.place_path();
    Ok(read_points(&path, opened.lines(), &sorting)?)
}

/// Whether a request failed by its status, as the journey expects it; `None`: its tags do not tell.
fn has_failed(journey: Option<&Journey>, tags: &Tags<'_>) -> Option<bool> {
    if let Ok(status) = tags.status.parse::<u16>() {
        let usual = Expectation::default();
        return Some(!journey.map_or(&usual, |journey| &journey.expect).takes(status));
    }
    match &*tags.expected_response {
        "true" => Some(false),
        "false" => Some(true),
        _ => None,
    }
}

struct Load<'a> {
    journeys: &'a [Journey],
    points: &'a Points,
}

impl Load<'_> {
    fn proofs(&self) -> Vec<Proof> {
        if let Some(reason) = self.untellable() {
            return vec![Proof::inconclusive(LOAD_TESTED, reason)];
        }
        let mut proofs = vec![self.load_tested()];
        proofs.extend(self.headroom());
        proofs
    }

    /// Why nothing at all can be said.
    fn untellable(&self) -> Option<String> {
        if self.journeys.is_empty() {
            return Some("gonogo.yaml names no journey with a request".to_owned());
        }
        if let Some(journey) =
            self.journeys.iter().find(|journey| journey.peak_per_s.is_none_or(|peak| peak <= 0.0))
        {
            return Some(format!(
                "gonogo.yaml names no `peak:` of `{}`, so that nobody knows what twice of it is",
                journey.name
            ));
        }
        let all = Stretch::of(self.points.windows.iter(), self.points.window_s);
        for (index, journey) in self.journeys.iter().enumerate() {
            let sent = all.window.sent.get(index);
            let name = &journey.name;
            if sent.is_none_or(|sent| sent.requests() == 0) {
                return Some(format!(
                    "no request of the run was of `{name}`, by its method and path or by a tag `journey`, `name`, `scenario` or `group`"
                ));
            }
            if sent.is_some_and(|sent| sent.failures().is_none()) {
                return Some(format!(
                    "the points do not tell which requests of `{name}` failed: leave the system tags `status` and `expected_response` on"
                ));
            }
        }
        None
    }

    fn times(&self, window: &Window) -> (f64, f64) {
        Stretch::of(std::iter::once(window), self.points.window_s)
            .times(self.journeys)
            .unwrap_or((0.0, 0.0))
    }

    fn is_asked(&self, window: &Window) -> bool {
        self.times(window).0 >= LEAST * (1.0 - CHANCE)
    }

    fn is_above(&self, window: &Window) -> bool {
        self.times(window).1 > MOST * (1.0 + CHANCE)
    }

    /// The windows until the service was sent more than is promised and broke: what comes after may be its aftermath.
    fn before_overload(&self) -> &[Window] {
        let windows = &self.points.windows;
        let broke = windows.iter().position(|window| {
            let one = Stretch::of(std::iter::once(window), self.points.window_s);
            self.is_above(window) && !one.broken(self.journeys).is_empty()
        });
        windows.get(..broke.unwrap_or(windows.len())).unwrap_or_default()
    }

    fn users(&self) -> Users {
        let most = |of: fn(&Window) -> f64| self.points.windows.iter().map(of).fold(0.0, f64::max);
        Users::of(Some(most(|window| window.users)), Some(most(|window| window.pool)))
    }

    fn load_tested(&self) -> Proof {
        let shortfalls = self.shortfalls();
        let Some(stretch) = self.stretch() else {
            if !shortfalls.is_empty() {
                return Proof::judged(LOAD_TESTED, shortfalls, self.seen(None));
            }
            return Proof::inconclusive(LOAD_TESTED, self.too_little());
        };
        if !shortfalls.is_empty() {
            return Proof::judged(LOAD_TESTED, shortfalls, self.seen(Some(&stretch)));
        }
        match self.doubt(&stretch) {
            Some(doubt) => Proof::inconclusive(LOAD_TESTED, doubt),
            None => Proof::kept(LOAD_TESTED, self.seen(Some(&stretch))),
        }
    }

    /// What was broken at loads that are asked of the service.
    fn shortfalls(&self) -> Vec<Shortfall> {
        let promised: Vec<Window> = self
            .before_overload()
            .iter()
            .filter(|window| !self.is_above(window))
            .cloned()
            .collect();
        let mut shortfalls: Vec<Shortfall> = Vec::new();
        for level in levels(self.journeys, self.points, &promised) {
            let (least, most) = level.times(self.journeys).unwrap_or((0.0, 0.0));
            for (about, how) in level.broken(self.journeys) {
                if shortfalls.iter().any(|known| known.about == about) {
                    continue;
                }
                shortfalls.push(Shortfall {
                    about,
                    message: format!(
                        "at {} times the peak, for {:.0} s: {how}",
                        range(least, most),
                        level.lasted_s
                    ),
                    help: HELP.to_owned(),
                });
            }
        }
        shortfalls
    }

    /// The stretch in which every journey was sent at twice its peak or more, with what came meanwhile and right after it.
    fn stretch(&self) -> Option<Stretch> {
        let (windows, each_s) = (&self.points.windows, self.points.window_s);
        let start = windows.iter().position(|window| self.is_asked(window))?;
        let from_start = windows.get(start..)?;
        let above =
            from_start.iter().position(|window| self.is_above(window)).unwrap_or(from_start.len());
        let long_enough = |part: &[Window]| {
            float(part.iter().filter(|window| self.is_asked(window)).count() as u64) * each_s
                >= LASTS_S
        };
        let promised = from_start.get(..above).filter(|part| long_enough(part));
        let part = promised.or(Some(from_start).filter(|part| long_enough(part)))?;
        let last = part.iter().rposition(|window| self.is_asked(window))?;
        let last_index = part.get(last)?.index;
        #[expect(clippy::cast_possible_truncation, reason = "some windows")]
        let tail = (TAIL_S / each_s).ceil() as i64;
        let kept = part.iter().filter(|window| window.index <= last_index + tail);
        Some(Stretch::of(kept, each_s))
    }

    fn too_little(&self) -> String {
        let best =
            self.points.windows.iter().map(|window| self.times(window).0).fold(0.0, f64::max);
        let window_s = self.points.window_s;
        let seconds =
            float(self.points.windows.iter().filter(|window| self.is_asked(window)).count() as u64)
                * window_s;
        if seconds > 0.0 {
            format!(
                "every journey was sent at {LEAST} times its peak for {seconds:.0} s only, and less than {LASTS_S} s show little"
            )
        } else {
            format!(
                "at no time was every journey sent at {LEAST} times its peak: at best all were at {best:.1} times for {window_s:.0} s"
            )
        }
    }

    /// Why `stretch` does not show that the objectives hold.
    fn doubt(&self, stretch: &Stretch) -> Option<String> {
        if let Some((_, how)) = stretch.broken(self.journeys).into_iter().next() {
            return Some(format!(
                "at {LEAST} times the peak and more {how}, but nothing is promised above {MOST} times"
            ));
        }
        if stretch.window.dropped > 0 {
            return Some(format!(
                "k6 dropped {} due, for want of virtual users: what they would have waited stands in no percentile",
                counted_as(stretch.window.dropped, "iteration that was", "iterations that were")
            ));
        }
        stretch.hides(self.journeys, self.users().cycle_ms(stretch.rate_per_s()))
    }

    fn seen(&self, stretch: Option<&Stretch>) -> Vec<String> {
        let all = Stretch::of(self.points.windows.iter(), self.points.window_s);
        let shown = stretch.unwrap_or(&all);
        let mut seen: Vec<String> = self
            .journeys
            .iter()
            .zip(&shown.window.sent)
            .map(|(journey, sent)| {
                let quantile = |quantile| figure(sent.durations.quantile_ms(quantile).unwrap_or(0.0));
                let rate_per_s = float(sent.requests()) / shown.lasted_s.max(f64::MIN_POSITIVE);
                format!(
                    "`{}`: {} requests in {:.0} s at {}/s, {:.1} times its peak, {} failed, p50 {} ms, p95 {} ms, p99 {} ms, at most {} ms",
                    journey.name, sent.requests(), shown.lasted_s, figure(rate_per_s),
                    rate_per_s / journey.peak_per_s.unwrap_or(f64::INFINITY),
                    sent.failures().unwrap_or(sent.failed), quantile(0.5), quantile(0.95), quantile(0.99), figure(sent.longest_ms)
                )
            })
            .collect();
        seen.push(counted_as(
            shown.window.dropped,
            "iteration was dropped",
            "iterations were dropped",
        ));
        seen.push(self.users().told());
        seen
    }

    /// The knee, where the run held several loads.
    fn headroom(&self) -> Option<Proof> {
        let levels: Vec<Stretch> = levels(self.journeys, self.points, self.before_aftermath())
            .into_iter()
            .filter(|level| level.lasted_s >= LEVEL_S)
            .collect();
        if levels.len() < LEVELS {
            return None;
        }
        let users = self.users();
        let is_good = |level: &&Stretch| {
            level.broken(self.journeys).is_empty()
                && level.window.dropped == 0
                && level.hides(self.journeys, users.cycle_ms(level.rate_per_s())).is_none()
        };
        let times = |level: &Stretch| level.times(self.journeys).unwrap_or((0.0, 0.0));
        let good = levels.iter().take_while(is_good).last();
        let bad = levels.iter().find(|level| !level.broken(self.journeys).is_empty());
        let least = good.map_or(0.0, |good| times(good).0);
        let told = |level: &Stretch| {
            format!(
                "the objectives are kept at {:.1} times the peak for {:.0} s, {}/s in all",
                times(level).0,
                level.lasted_s,
                figure(level.rate_per_s())
            )
        };
        let Some(bad) = bad else {
            let kept = good.map_or_else(String::new, |good| format!(": {}", told(good)));
            return Some(Proof::inconclusive(
                HEADROOM,
                format!(
                    "at none of {} loads did the objectives break, so that the knee is not known{kept}",
                    levels.len()
                ),
            ));
        };
        let how = bad.broken(self.journeys).into_iter().next();
        let (about, how) = how?;
        let broke = format!(
            "at {} times the peak, {}/s in all, {how}",
            range(times(bad).0, times(bad).1),
            figure(bad.rate_per_s())
        );
        if least >= LEAST * (1.0 - CHANCE) && least < times(bad).1 {
            return Some(Proof::kept(
                HEADROOM,
                vec![good.map(told).unwrap_or_default(), broke, users.told()],
            ));
        }
        if times(bad).1 <= LEAST {
            let message = format!("the knee is below {:.1} times the peak: {broke}", times(bad).1);
            return Some(Proof::judged(
                HEADROOM,
                vec![Shortfall { about, message, help: HELP.to_owned() }],
                vec![users.told()],
            ));
        }
        Some(Proof::inconclusive(
            HEADROOM,
            format!(
                "the objectives are kept at {least:.1} times the peak, and {broke}: where between them the knee is, the run does not tell"
            ),
        ))
    }

    /// The windows until load went down again after it was more than is promised: later ones may show the aftermath.
    fn before_aftermath(&self) -> &[Window] {
        let windows = &self.points.windows;
        let most = windows.iter().map(|window| self.times(window).1).fold(0.0, f64::max);
        let last = windows.iter().rposition(|window| self.times(window).1 >= most * PLATEAU);
        windows.get(..last.map_or(0, |last| last + 1)).unwrap_or_default()
    }
}

/// One figure, or two where they differ.
fn range(least: f64, most: f64) -> String {
    let (least, most) = (format!("{least:.1}"), format!("{most:.1}"));
    if least == most { least } else { format!("{least} to {most}") }
}
