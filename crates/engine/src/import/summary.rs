//! What a summary of k6 shows: whether each journey's objectives held while it was sent at twice its peak or more.
//!
//! A summary holds one figure for a whole run, so that it tells nothing of several rates, and often not which journey its requests were of.

use drills::load_drill::{DEFAULT_AVAILABILITY, is_beyond, latencies};
use drills::{Journey, LatencyObjective, Outcome, Proof, Service, Shortfall, Subject};
use facts::imported::{Form, Metric, Summary};
use jiff::SignedDuration;
use model::counted;

use super::waiting::Users;
use super::{Import, Judged, figure, percent};

pub(super) const LOAD_TESTED: &str = "capacity/load-tested";
/// How many times its peak a journey has to be sent at.
pub(super) const LEAST: f64 = 2.0;
/// Above this many times its peak nothing is promised.
pub(super) const MOST: f64 = 3.0;
/// How long the load has to last, in seconds.
pub(super) const LASTS_S: f64 = 30.0;
/// What arrivals may fall short of a rate by chance.
pub(super) const CHANCE: f64 = 0.02;
/// The tags of k6 that may name a journey.
const TAGS: [&str; 4] = ["journey", "name", "scenario", "group"];
/// What to do about requests that are too slow or fail.
pub(super) const HELP: &str =
    "find what gives out first: `gonogo drill load` says which dependency or resource it is";

/// What a summary tells of one journey.
struct Told<'a> {
    journey: &'a Journey,
    requests: f64,
    rate_per_s: f64,
    failed: f64,
    quantiles: Vec<(f64, f64)>,
}

/// Judges `summary`.
pub(super) fn judge(service: &Service, summary: &Summary, import: &Import) -> Judged {
    let lasted =
        summary.lasted_s.and_then(|lasted_s| SignedDuration::try_from_secs_f64(lasted_s).ok());
    let at = summary
        .ended_at
        .map(|end| lasted.and_then(|lasted| end.checked_sub(lasted).ok()).unwrap_or(end));
    Judged {
        what: match summary.form {
            Form::Export => "k6 summary export",
            Form::Handled => "k6 summary",
            Form::MachineReadable => "k6 machine-readable summary",
        },
        at,
        proofs: vec![load_tested(service, summary, import)],
        notes: vec![
            "a summary is about one run as a whole: of several rates, `capacity/headroom`, only the points tell (`k6 run --out json=points.json`)".to_owned(),
        ],
    }
}

fn load_tested(service: &Service, summary: &Summary, import: &Import) -> Proof {
    let told = match told(service, summary, import) {
        Ok(told) => told,
        Err(reason) => return Proof::inconclusive(LOAD_TESTED, reason),
    };
    let users = users(summary);
    let (mut shortfalls, mut doubts) = (Vec::new(), Vec::new());
    for told in &told {
        told.judge(users, &mut shortfalls, &mut doubts);
    }
    if !shortfalls.is_empty() {
        return Proof {
            requirement: LOAD_TESTED,
            outcome: Outcome::FellShort(shortfalls),
            seen: seen(&told, summary, users),
        };
    }
    doubts.extend(of_the_run(summary, &told));
    match doubts.into_iter().next() {
        Some(doubt) => Proof::inconclusive(LOAD_TESTED, doubt),
        None => Proof::kept(LOAD_TESTED, seen(&told, summary, users)),
    }
}

fn users(summary: &Summary) -> Users {
    let busy = summary.value("vus", "max").or_else(|| summary.value("vus", "value"));
    let pool = summary.value("vus_max", "max").or_else(|| summary.value("vus_max", "value"));
    Users::of(busy, pool)
}

/// What is told of each journey, or why it cannot be told.
fn told<'a>(
    service: &'a Service,
    summary: &Summary,
    import: &Import,
) -> Result<Vec<Told<'a>>, String> {
    if service.journeys.is_empty() {
        return Err("gonogo.yaml names no journey with a request".to_owned());
    }
    service.journeys.iter().map(|journey| told_of(journey, service, summary, import)).collect()
}

fn told_of<'a>(
    journey: &'a Journey,
    service: &Service,
    summary: &Summary,
    import: &Import,
) -> Result<Told<'a>, String> {
    let name = &journey.name;
    if journey.expect.status.is_some_and(|status| status >= 400) {
        return Err(format!(
            "`{name}` expects a status that k6 counts as a failure: import the points"
        ));
    }
    let tag = tag(journey, summary);
    let is_named = import.journey.as_ref() == Some(name);
    if tag.is_none() && !(is_named && service.journeys.len() == 1) {
        return Err(untagged(name, service, import));
    }
    let tag = tag.as_ref().map(|(tag, value)| (*tag, value.as_str()));
    let value = |metric: &str, value: &str| {
        summary.metric(metric, tag).and_then(|metric| metric.values.get(value)).copied()
    };
    let duration = summary.metric("http_req_duration", tag);
    let quantiles = duration.map(Metric::quantiles).unwrap_or_default();
    let (failed, passed) = (value("http_req_failed", "passes"), value("http_req_failed", "fails"));
    let both = failed.zip(passed).map(|(failed, passed)| failed + passed);
    let requests =
        value("http_reqs", "count").or(both).or_else(|| value("http_req_duration", "count"));
    let (Some(requests), Some(failed)) = (requests, failed) else {
        let tag = tag.map_or(String::new(), |(tag, value)| format!("{{{tag}:{value}}}"));
        return Err(format!(
            "the summary does not tell `http_reqs{tag}` and `http_req_failed{tag}`"
        ));
    };
    let rate = value("http_reqs", "rate").or_else(|| Some(requests / lasted_s(summary)?));
    let rate_per_s = rate.ok_or("the summary does not tell how long the run lasted")?;
    Ok(Told { journey, requests, rate_per_s, failed, quantiles })
}

/// The tag under which the summary tells of `journey`.
fn tag(journey: &Journey, summary: &Summary) -> Option<(&'static str, String)> {
    TAGS.into_iter().find_map(|tag| {
        let value =
            if tag == "group" { format!("::{}", journey.name) } else { journey.name.clone() };
        summary.metric("http_req_duration", Some((tag, &value)))?;
        Some((tag, value))
    })
}

fn untagged(name: &str, service: &Service, import: &Import) -> String {
    let what = format!("the summary does not tell which requests were of `{name}`");
    let tags = format!(
        "tag them `journey: '{name}'` and give `http_reqs{{journey:{name}}}`, `http_req_failed{{journey:{name}}}` and `http_req_duration{{journey:{name}}}` a threshold each, or import the points (`k6 run --out json=points.json`)"
    );
    match (service.journeys.len(), &import.journey) {
        (1, None) => format!("{what}: pass `--journey {name}` if all of them were, or {tags}"),
        _ => format!("{what}: {tags}"),
    }
}

fn lasted_s(summary: &Summary) -> Option<f64> {
    let of_rate = |metric: &str| {
        let (count, rate) = (summary.value(metric, "count")?, summary.value(metric, "rate")?);
        (rate > 0.0).then(|| count / rate)
    };
    summary.lasted_s.or_else(|| of_rate("http_reqs")).or_else(|| of_rate("iterations"))
}

impl Told<'_> {
    fn times(&self) -> Option<f64> {
        let peak = self.journey.peak_per_s.filter(|peak| *peak > 0.0)?;
        Some(self.rate_per_s / peak)
    }

    /// What `journey` fell short of, and why nothing may be concluded of it.
    fn judge(&self, users: Users, shortfalls: &mut Vec<Shortfall>, doubts: &mut Vec<String>) {
        let name = &self.journey.name;
        let Some(times) = self.times() else {
            doubts.push(format!(
                "gonogo.yaml names no `peak:` of `{name}`, so that nobody knows what twice of it is"
            ));
            return;
        };
        let at = format!("at {}/s, {times:.1} times its peak,", figure(self.rate_per_s));
        let mut broken = Vec::new();
        let allowed = 1.0 - self.journey.availability.unwrap_or(DEFAULT_AVAILABILITY);
        if is_beyond(whole(self.requests), whole(self.failed), allowed) {
            broken.push(format!(
                "{at} {:.0} of {:.0} requests of `{name}` failed, and {} % may",
                self.failed,
                self.requests,
                percent(allowed)
            ));
        }
        for objective in latencies(self.journey) {
            match self.latency(objective, users) {
                Latency::Kept => {}
                Latency::Broken(how) => broken.push(format!("{at} {how}")),
                Latency::Untold(why) => doubts.push(why),
            }
        }
        if times > MOST * (1.0 + CHANCE) {
            doubts.extend(
                broken
                    .into_iter()
                    .map(|broken| format!("{broken}: but nothing is promised above {MOST} times")),
            );
            return;
        }
        shortfalls.extend(broken.into_iter().map(|message| Shortfall {
            about: Subject::Journey(name.clone()),
            message: format!("{message}, on average over the run"),
            help: HELP.to_owned(),
        }));
        if times < LEAST * (1.0 - CHANCE) {
            doubts.push(format!(
                "`{name}` was sent at {}/s on average, {times:.1} times its peak of {}/s: at least {LEAST} times are asked",
                figure(self.rate_per_s), figure(self.journey.peak_per_s.unwrap_or(0.0))
            ));
        }
    }

    fn latency(&self, objective: LatencyObjective, users: Users) -> Latency {
        let name = &self.journey.name;
        let limit_ms = objective.within.as_secs_f64() * 1e3;
        let asked = percent(objective.quantile);
        let late = self.quantiles.iter().find(|(_, value)| *value > limit_ms);
        if let Some((quantile, value)) = late
            && *quantile <= objective.quantile + 1e-9
        {
            return Latency::Broken(format!(
                "`{name}` took {} ms at the {} % quantile, and {} ms at {asked} % are asked",
                figure(*value),
                percent(*quantile),
                figure(limit_ms)
            ));
        }
        // The highest quantile that is in time bounds the share of those that are late.
        let in_time = self.quantiles.iter().rfind(|(_, value)| *value <= limit_ms);
        let Some((quantile, _)) =
            in_time.filter(|(quantile, _)| *quantile >= objective.quantile - 1e-9)
        else {
            return Latency::Untold(format!(
                "the summary does not tell the {asked} % quantile of `{name}`: run k6 with `--summary-trend-stats \"med,p(95),p({asked}),p(99.9),max,count\"`, which its machine-readable summary leaves out, or import the points"
            ));
        };
        self.with_hidden(objective, (1.0 - quantile, limit_ms), users)
    }

    /// Whether the objective holds however much waiting k6 hid, when at most the share `late` of what was sent took longer than `limit_ms`.
    fn with_hidden(
        &self,
        objective: LatencyObjective,
        (late, limit_ms): (f64, f64),
        users: Users,
    ) -> Latency {
        let Some(cycle_ms) = users.cycle_ms(self.rate_per_s) else { return Latency::Kept };
        let name = &self.journey.name;
        let longest = self.quantiles.last().filter(|(quantile, _)| *quantile >= 1.0);
        let Some((_, longest_ms)) = longest else {
            return Latency::Untold(format!(
                "the summary does not tell the longest answer of `{name}` (`max`), and all virtual users may have waited for it"
            ));
        };
        if *longest_ms <= limit_ms {
            return Latency::Kept;
        }
        let hidden = if cycle_ms > 0.0 {
            ((longest_ms - limit_ms) / cycle_ms).floor()
        } else {
            f64::INFINITY
        };
        if hidden <= 0.0 || late * (1.0 + hidden) <= 1.0 - objective.quantile + 1e-9 {
            return Latency::Kept;
        }
        Latency::Untold(format!(
            "an answer of `{name}` took {} ms, and all virtual users may have waited for it: what was due meanwhile was not sent and stands in no percentile (coordinated omission). Send at a constant arrival rate with virtual users to spare, or import the points",
            figure(*longest_ms)
        ))
    }
}

enum Latency {
    Kept,
    Broken(String),
    Untold(String),
}

/// Why nothing may be concluded of the run as a whole.
fn of_the_run(summary: &Summary, told: &[Told<'_>]) -> Vec<String> {
    let mut doubts = Vec::new();
    let dropped = summary.value("dropped_iterations", "count").unwrap_or(0.0);
    if dropped > 0.0 {
        doubts.push(format!(
            "k6 dropped {dropped:.0} iterations that were due, for want of virtual users: what they would have waited stands in no percentile"
        ));
    }
    let failed: Vec<String> =
        thresholds(summary).filter(|(_, kept)| !kept).map(|(name, _)| name).collect();
    if !failed.is_empty() {
        doubts.push(format!("the script's own thresholds failed: {}", failed.join(", ")));
    }
    match lasted_s(summary) {
        None => doubts.push("the summary does not tell how long the run lasted".to_owned()),
        Some(lasted_s) if lasted_s < LASTS_S => doubts.push(format!(
            "the run lasted {} s, and less than {LASTS_S} s show little",
            figure(lasted_s)
        )),
        Some(_) => {}
    }
    if told.iter().any(|told| told.requests < 100.0) {
        doubts.push("fewer than 100 requests of a journey show little".to_owned());
    }
    doubts
}

/// All thresholds with the metric before them, and whether each was kept.
fn thresholds(summary: &Summary) -> impl Iterator<Item = (String, bool)> {
    summary.metrics.iter().flat_map(|metric| {
        let tags: Vec<_> =
            metric.tags.iter().map(|(name, value)| format!("{name}:{value}")).collect();
        let tags = if tags.is_empty() { String::new() } else { format!("{{{}}}", tags.join(",")) };
        metric
            .thresholds
            .iter()
            .map(move |(source, kept)| (format!("{}{tags}: {source}", metric.name), *kept))
    })
}

fn seen(told: &[Told<'_>], summary: &Summary, users: Users) -> Vec<String> {
    let mut seen: Vec<String> = told
        .iter()
        .map(|told| {
            let quantiles = told.quantiles.iter().filter(|(quantile, _)| *quantile >= 0.5);
            let quantiles: Vec<_> = quantiles
                .map(|(quantile, value)| match *quantile {
                    quantile if quantile >= 1.0 => format!("at most {} ms", figure(*value)),
                    quantile => format!("p{} {} ms", percent(quantile), figure(*value)),
                })
                .collect();
            format!(
                "`{}`: {:.0} requests at {}/s on average, {:.1} times its peak, {:.0} failed (status 4xx, 5xx or none), {}",
                told.journey.name, told.requests, figure(told.rate_per_s), told.times().unwrap_or(0.0), told.failed, quantiles.join(", ")
            )
        })
        .collect();
    let (kept, failed): (Vec<_>, Vec<_>) = thresholds(summary).partition(|(_, kept)| *kept);
    if !kept.is_empty() || !failed.is_empty() {
        seen.push(format!(
            "{} of the script kept, {} failed",
            counted(kept.len(), "threshold"),
            failed.len()
        ));
    }
    if summary.checks != (0, 0) {
        seen.push(format!(
            "{} passed, {} failed",
            counted(summary.checks.0, "check"),
            summary.checks.1
        ));
    }
    let dropped = summary.value("dropped_iterations", "count").unwrap_or(0.0);
    seen.push(format!("{dropped:.0} iterations were dropped"));
    seen.push(users.told());
    seen
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "counts, checked when they were read"
)]
fn whole(count: f64) -> u64 {
    count as u64
}
