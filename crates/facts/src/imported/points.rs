//! k6's points (`--out json`), one a line: read as a stream, in windows of time, with bounded memory however long the run was.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, BufRead};
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use model::Place;
use serde::Deserialize;

use super::{BOM, Refused, Spread};

/// The longest line that is read, in bytes.
const LINE_BYTES: u64 = 1 << 20;
/// Windows that are kept; with more, each two are made one.
const WINDOWS: usize = 240;
/// How long the first windows last.
const FIRST_WINDOW_MS: i64 = 5_000;
/// The longest run that is believed, in milliseconds: eight days.
const LONGEST_MS: i64 = 8 * 86_400_000;
/// Thresholds that are kept.
const THRESHOLDS: usize = 1_000;

/// What the points of one run tell.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Points {
    /// When the first request was sent.
    pub began_at: Timestamp,
    /// When the last point was taken.
    pub ended_at: Timestamp,
    /// The windows of time in their order; some may be missing in between.
    pub windows: Vec<Window>,
    /// How long each window lasts.
    pub window_s: f64,
    /// What was asked for: all that fell into the span that the caller named.
    pub within: Option<Window>,
    /// Samples of `checks`, passed and failed.
    pub checks: (u64, u64),
    /// The thresholds of the script, whose outcome the points do not tell.
    pub thresholds: Vec<String>,
    /// Points that were read.
    pub points: u64,
}

/// One stretch of the run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Window {
    /// Which it is, counted from the one that holds the first point.
    pub index: i64,
    /// What was sent, one for each place that the caller's sorting knows.
    pub sent: Vec<Sent>,
    /// Iterations that were due and not begun.
    pub dropped: u64,
    /// The most virtual users that were active.
    pub users: f64,
    /// The most virtual users that there were.
    pub pool: f64,
}

/// Requests of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sent {
    /// How long they took.
    pub durations: Spread,
    /// Of them, how many took longer than each limit of the caller.
    pub late: Vec<u64>,
    /// Of them, how many failed by their own status.
    pub failed: u64,
    /// Of them, how many say nothing of how they ended.
    pub untold: u64,
    /// Points of `http_req_failed`, and of them those that say that a request failed.
    pub outcomes: (u64, u64),
    /// The longest that one took, in milliseconds.
    pub longest_ms: f64,
}

impl Sent {
    /// How many there were.
    pub fn requests(&self) -> u64 {
        self.durations.count()
    }

    /// How many failed: by their status, or where that is not told of each by k6's own word; `None` where neither tells.
    pub fn failures(&self) -> Option<u64> {
        match self.untold {
            0 => Some(self.failed),
            _ if self.outcomes.0 >= self.requests() => Some(self.failed.max(self.outcomes.1)),
            _ => None,
        }
    }

    /// What is left without `part`, which was counted in it; the longest is that of what is left.
    #[must_use]
    pub fn without(&self, part: &Self) -> Self {
        let durations = self.durations.without(&part.durations);
        let late = self.late.iter().enumerate();
        Self {
            longest_ms: durations.quantile_ms(1.0).unwrap_or(0.0).min(self.longest_ms),
            late: late
                .map(|(at, late)| late.saturating_sub(part.late.get(at).copied().unwrap_or(0)))
                .collect(),
            failed: self.failed.saturating_sub(part.failed),
            untold: self.untold.saturating_sub(part.untold),
            outcomes: (
                self.outcomes.0.saturating_sub(part.outcomes.0),
                self.outcomes.1.saturating_sub(part.outcomes.1),
            ),
            durations,
        }
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Self) {
        self.durations.merge(&other.durations);
        self.late.resize(self.late.len().max(other.late.len()), 0);
        for (late, more) in self.late.iter_mut().zip(&other.late) {
            *late += more;
        }
        self.failed += other.failed;
        self.untold += other.untold;
        self.outcomes = (self.outcomes.0 + other.outcomes.0, self.outcomes.1 + other.outcomes.1);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
    }
}

impl Window {
    /// Adds all of another; the index stays.
    pub fn merge(&mut self, other: &Self) {
        self.sent.resize_with(self.sent.len().max(other.sent.len()), Sent::default);
        for (sent, more) in self.sent.iter_mut().zip(&other.sent) {
            sent.merge(more);
        }
        self.dropped += other.dropped;
        self.users = self.users.max(other.users);
        self.pool = self.pool.max(other.pool);
    }
}

/// The tags of a point that tell what was sent; empty where it does not bear them.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Tags<'a> {
    /// A tag that the script's author chose for the journey.
    #[serde(borrow)]
    pub journey: Cow<'a, str>,
    /// `name`: the URL, or what groups URLs.
    #[serde(borrow)]
    pub name: Cow<'a, str>,
    /// `scenario`.
    #[serde(borrow)]
    pub scenario: Cow<'a, str>,
    /// `group`, such as `::cart::add`.
    #[serde(borrow)]
    pub group: Cow<'a, str>,
    /// `method`.
    #[serde(borrow)]
    pub method: Cow<'a, str>,
    /// `url`.
    #[serde(borrow)]
    pub url: Cow<'a, str>,
    /// `status`, `0` where no answer came.
    #[serde(borrow)]
    pub status: Cow<'a, str>,
    /// `expected_response`.
    #[serde(borrow)]
    pub expected_response: Cow<'a, str>,
}

/// A stretch of time that the caller asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Its first moment.
    pub from: Timestamp,
    /// Its last.
    pub until: Timestamp,
}

#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metric: Cow<'a, str>,
    #[serde(borrow)]
    data: Data<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Data<'a> {
    #[serde(borrow)]
    time: Cow<'a, str>,
    value: Option<f64>,
    #[serde(borrow)]
    tags: Option<Tags<'a>>,
    thresholds: Option<Vec<String>>,
}

/// Whether `line` is one of k6's.
pub(super) fn is_point(line: &[u8]) -> bool {
    serde_json::from_slice::<Line<'_>>(line.trim_ascii())
        .is_ok_and(|line| matches!(&*line.kind, "Point" | "Metric"))
}

/// How points are sorted.
pub struct Sorting<'s> {
    /// The place of a request by its tags, and whether its status is the expected one; `None`: nobody's.
    pub place: &'s dyn Fn(&Tags<'_>) -> Option<usize>,
    /// Whether a request of that place with that status failed; `None`: its tags do not tell.
    pub has_failed: &'s dyn Fn(Option<usize>, &Tags<'_>) -> Option<bool>,
    /// For each place the limits in milliseconds that its requests are held to.
    pub limits_ms: &'s [Vec<f64>],
    /// A stretch of time to count by itself.
    pub within: Option<Span>,
}

/// Reads points to their end. What is nobody's goes into one more place after the last.
pub fn read_points(
    path: &Arc<str>,
    lines: &mut dyn BufRead,
    sorting: &Sorting<'_>,
) -> Result<Points, Refused> {
    let mut reader = Reader {
        path,
        sorting,
        windows: BTreeMap::new(),
        window_ms: FIRST_WINDOW_MS,
        zero: None,
        points: Points::default(),
        last: None,
    };
    let mut line = Vec::new();
    let mut number = 0;
    while let Some(length) = next_line(lines, &mut line)
        .map_err(|error| reader.refused(number + 1, format!("cannot be read: {error}")))?
    {
        number += 1;
        if length > LINE_BYTES {
            return Err(reader.refused(number, format!("is longer than {LINE_BYTES} bytes")));
        }
        let text = if number == 1 { line.strip_prefix(BOM).unwrap_or(&line) } else { &line };
        if !text.trim_ascii().is_empty() {
            reader.line(number, text.trim_ascii())?;
        }
    }
    reader.finish()
}

/// Reads the next line into `line`, without its end and never more than is kept; its length, or `None` at the end.
fn next_line(lines: &mut dyn BufRead, line: &mut Vec<u8>) -> io::Result<Option<u64>> {
    line.clear();
    let mut limited = io::Read::take(&mut *lines, LINE_BYTES + 1);
    let length = limited.read_until(b'\n', line)?;
    Ok((length > 0).then_some(length as u64))
}

struct Reader<'a> {
    path: &'a Arc<str>,
    sorting: &'a Sorting<'a>,
    windows: BTreeMap<i64, Window>,
    window_ms: i64,
    zero: Option<Timestamp>,
    points: Points,
    last: Option<(Timestamp, Timestamp)>,
}

impl Reader<'_> {
    fn refused(&self, number: u64, reason: impl Into<String>) -> Refused {
        let line = u32::try_from(number).unwrap_or(u32::MAX);
        Refused { place: Place::point(self.path.clone(), line, 1), reason: reason.into() }
    }

    fn line(&mut self, number: u64, text: &[u8]) -> Result<(), Refused> {
        let line: Line<'_> = serde_json::from_slice(text).map_err(|error| {
            let what = if std::str::from_utf8(text).is_err() {
                "is not UTF-8".to_owned()
            } else {
                format!("is no point of k6's: {error}")
            };
            self.refused(number, what)
        })?;
        match &*line.kind {
            "Metric" => {
                let more = line.data.thresholds.unwrap_or_default();
                let named =
                    more.into_iter().map(|threshold| format!("{}: {threshold}", line.metric));
                let room = THRESHOLDS.saturating_sub(self.points.thresholds.len());
                self.points.thresholds.extend(named.take(room));
                Ok(())
            }
            "Point" => self.point(number, &line.metric, &line.data),
            other => {
                Err(self.refused(number, format!("`{other}` is no type of line that k6 writes")))
            }
        }
    }

    fn point(&mut self, number: u64, metric: &str, data: &Data<'_>) -> Result<(), Refused> {
        let value = data.value.ok_or_else(|| self.refused(number, "a point without a value"))?;
        self.points.points += 1;
        if !is_judged(metric) {
            return Ok(());
        }
        if !value.is_finite() || value < 0.0 {
            return Err(self.refused(number, format!("`{metric}` is {value}, which cannot be")));
        }
        let at: Timestamp = data.time.parse().map_err(|_| {
            self.refused(number, format!("`{}` is no moment", data.time.escape_debug()))
        })?;
        let tags = data.tags.clone().unwrap_or_default();
        let place = (self.sorting.place)(&tags);
        if metric == "checks" {
            let counted =
                if value > 0.0 { &mut self.points.checks.0 } else { &mut self.points.checks.1 };
            *counted += 1;
        }
        // A request's point is taken at its end; it was there from its beginning.
        let took = if metric == "http_req_duration" { value } else { 0.0 };
        let began = at
            .checked_sub(SignedDuration::try_from_secs_f64(took / 1e3).unwrap_or_default())
            .unwrap_or(at);
        self.covers(number, began, at)?;
        if metric == "http_req_duration" || metric == "http_req_failed" {
            let is_within =
                self.sorting.within.is_some_and(|span| began >= span.from && at <= span.until);
            if is_within {
                let mut within = self.points.within.take().unwrap_or_default();
                self.count(&mut within, metric, value, &tags, place);
                self.points.within = Some(within);
            }
        }
        let index = self.index(at);
        let mut window =
            self.windows.remove(&index).unwrap_or_else(|| Window { index, ..Window::default() });
        self.count(&mut window, metric, value, &tags, place);
        self.windows.insert(index, window);
        while self.windows.len() > WINDOWS {
            self.halve();
        }
        Ok(())
    }

    /// Keeps the first and the last moment, and refuses a run that cannot have lasted so long.
    fn covers(&mut self, number: u64, began: Timestamp, at: Timestamp) -> Result<(), Refused> {
        let (first, last) = self.last.unwrap_or((began, at));
        let (first, last) = (first.min(began), last.max(at));
        if last.as_millisecond() - first.as_millisecond() > LONGEST_MS {
            return Err(self.refused(
                number,
                format!("the points run from {first} to {last}: that is no one run"),
            ));
        }
        self.last = Some((first, last));
        Ok(())
    }

    fn index(&mut self, at: Timestamp) -> i64 {
        let zero = *self.zero.get_or_insert(at);
        (at.as_millisecond() - zero.as_millisecond()).div_euclid(self.window_ms)
    }

    fn count(
        &self,
        window: &mut Window,
        metric: &str,
        value: f64,
        tags: &Tags<'_>,
        place: Option<usize>,
    ) {
        let limits = self.sorting.limits_ms;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it saturates")]
        match metric {
            "vus" => window.users = window.users.max(value),
            "vus_max" => window.pool = window.pool.max(value),
            "dropped_iterations" => window.dropped = window.dropped.saturating_add(value as u64),
            "http_req_duration" | "http_req_failed" => {
                let others = limits.len();
                window.sent.resize_with(others + 1, Sent::default);
                let kept = place.filter(|place| *place < others);
                let Some(sent) = window.sent.get_mut(kept.unwrap_or(others)) else { return };
                if metric == "http_req_failed" {
                    sent.outcomes.0 += 1;
                    sent.outcomes.1 += u64::from(value > 0.0);
                    return;
                }
                let held_to =
                    kept.and_then(|place| limits.get(place)).map_or(&[][..], Vec::as_slice);
                sent.late.resize(held_to.len(), 0);
                for (late, limit) in sent.late.iter_mut().zip(held_to) {
                    *late += u64::from(value > *limit);
                }
                sent.durations.record(value);
                sent.longest_ms = sent.longest_ms.max(value);
                match (self.sorting.has_failed)(kept, tags) {
                    Some(has_failed) => sent.failed += u64::from(has_failed),
                    None => sent.untold += 1,
                }
            }
            _ => {}
        }
    }

    /// Makes each two windows one.
    fn halve(&mut self) {
        self.window_ms = self.window_ms.saturating_mul(2);
        let mut halved: BTreeMap<i64, Window> = BTreeMap::new();
        for (index, window) in std::mem::take(&mut self.windows) {
            let index = index.div_euclid(2);
            halved
                .entry(index)
                .or_insert_with(|| Window { index, ..Window::default() })
                .merge(&window);
        }
        self.windows = halved;
    }

    fn finish(mut self) -> Result<Points, Refused> {
        let Some((began_at, ended_at)) = self.last else {
            return Err(self.refused(1, "holds no point of a request"));
        };
        #[expect(clippy::cast_precision_loss, reason = "some days at most")]
        let window_s = self.window_ms as f64 / 1e3;
        self.points.windows = std::mem::take(&mut self.windows).into_values().collect();
        Ok(Points { began_at, ended_at, window_s, ..self.points })
    }
}

/// Whether a metric's points are looked at: the others are read, and not kept.
fn is_judged(metric: &str) -> bool {
    matches!(
        metric,
        "http_req_duration"
            | "http_req_failed"
            | "dropped_iterations"
            | "vus"
            | "vus_max"
            | "checks"
    )
}

#[cfg(test)]
mod tests;
