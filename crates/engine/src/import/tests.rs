//! Reports of other tools over a small service, from the file to what is concluded.

mod faults;

use std::fmt::Write as _;
use std::fs;

use drills::Outcome;
use tempfile::TempDir;

use super::*;
use crate::policy;

const NOW: &str = "2026-11-21T12:00:00Z";

const SERVICE: &str = "service: shop\nkind: web\ntier: 1\njourneys:\n  - name: buy\n    request: {method: POST, path: /orders}\n    expect: {status: 201}\n    peak: 10/s\n    objectives: {availability: 99%, latency: {p99: 300ms}, window: 28d}\n  - name: look\n    request: {path: \"/orders/{id}\"}\n    peak: 20/s\n    objectives: {availability: 99%, latency: {p99: 300ms}, window: 28d}\ndependencies:\n  - {name: payments, kind: http, critical: true, timeout: 200ms, retries: {max: 0}}\n  - {name: audit, kind: http, critical: false, address: 127.0.0.1:9001, timeout: 200ms, retries: {max: 0}}\n";

/// The same with one journey only.
const SMALL: &str = "service: shop\nkind: web\ntier: 1\njourneys:\n  - name: buy\n    request: {method: POST, path: /orders}\n    peak: 10/s\n    objectives: {availability: 99%, latency: {p99: 300ms}, window: 28d}\ndependencies:\n  - {name: audit, kind: http, critical: false, timeout: 200ms, retries: {max: 0}}\n";

struct Desk {
    root: TempDir,
    import: Import,
}

impl Desk {
    fn new(service: &str) -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("gonogo.yaml"), service).unwrap();
        let import = Import {
            file: root.path().join("report.json"),
            format: None,
            at: None,
            journey: None,
            load: None,
            now: NOW.parse().unwrap(),
        };
        Self { root, import }
    }

    fn import(&self, report: &str) -> Result<Imported, ImportError> {
        fs::write(&self.import.file, report).unwrap();
        let standard = policy::starter("standard").unwrap();
        import(self.root.path(), None, &PolicyChoice::Given(Box::new(standard)), &self.import)
    }

    fn outcome(&self, report: &str, requirement: &str) -> Outcome {
        let imported = self.import(report).unwrap();
        let proof = imported.proofs.into_iter().find(|proof| proof.requirement == requirement);
        proof.unwrap_or_else(|| panic!("nothing of {requirement}")).outcome
    }

    /// Why nothing can be said of `requirement`.
    fn doubt(&self, report: &str, requirement: &str) -> String {
        match self.outcome(report, requirement) {
            Outcome::Inconclusive(reason) => reason,
            other => panic!("{other:?}"),
        }
    }

    /// How it fell short of `requirement`.
    fn shortfall(&self, report: &str, requirement: &str) -> String {
        match self.outcome(report, requirement) {
            Outcome::FellShort(shortfalls) => shortfalls[0].message.clone(),
            other => panic!("{other:?}"),
        }
    }
}

const LOAD_TESTED: &str = "capacity/load-tested";
const HEADROOM: &str = "capacity/headroom";

/// How a request at a second and a load ends: milliseconds and status, where not as usual.
type Ending = fn(u32, f64, u32) -> Option<(f64, &'static str)>;

/// Points of a run in stages, each so many times the peak for so many seconds.
struct Run {
    stages: &'static [(f64, u32)],
    ending: Ending,
    users: (u32, u32),
    dropped_at: Option<u32>,
}

impl Default for Run {
    fn default() -> Self {
        Self {
            stages: &[(1.0, 20), (2.5, 60)],
            ending: |_, _, _| None,
            users: (5, 50),
            dropped_at: None,
        }
    }
}

impl Run {
    fn points(&self) -> String {
        let mut text = String::new();
        let mut second = 0;
        for (times, lasts) in self.stages {
            for _ in 0..*lasts {
                for (method, url, status, peak) in [
                    ("POST", "http://x/orders", "201", 10.0),
                    ("GET", "http://x/orders/7", "200", 20.0),
                ] {
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a few requests"
                    )]
                    let count = (times * peak) as u32;
                    for index in 0..count {
                        let (took_ms, status) =
                            (self.ending)(second, *times, index).unwrap_or((20.0, status));
                        let tags = format!(
                            r#"{{"method":"{method}","url":"{url}","name":"{url}","status":"{status}"}}"#
                        );
                        point(
                            &mut text,
                            "http_req_duration",
                            (second, index * 1000 / count),
                            took_ms,
                            &tags,
                        );
                    }
                }
                point(&mut text, "vus", (second, 0), f64::from(self.users.0), "null");
                point(&mut text, "vus_max", (second, 0), f64::from(self.users.1), "null");
                if self.dropped_at == Some(second) {
                    point(&mut text, "dropped_iterations", (second, 0), 3.0, "null");
                }
                second += 1;
            }
        }
        text
    }
}

fn point(text: &mut String, metric: &str, (second, ms): (u32, u32), value: f64, tags: &str) {
    let (minutes, seconds) = (second / 60, second % 60);
    let _infallible = writeln!(
        text,
        r#"{{"metric":"{metric}","type":"Point","data":{{"time":"2026-11-20T12:{minutes:02}:{seconds:02}.{ms:03}Z","value":{value},"tags":{tags}}}}}"#
    );
}

#[test]
fn points_that_keep_the_objectives_at_twice_the_peak_are_observed_and_not_proven() {
    let desk = Desk::new(SERVICE);
    let imported = desk.import(&Run::default().points()).unwrap();
    assert_eq!(imported.proofs[0].outcome, Outcome::Kept, "{:?}", imported.proofs);
    assert!(imported.proofs[0].seen[0].contains("2.5 times its peak"), "{:?}", imported.proofs);
    assert!(imported.weights()[0].contains("does not meet it: the policy asks for proven"));
    let filed = file_imported(&imported, "gonogo drill import report.json").unwrap();
    let Record::Evidence(evidence) = &filed[0].entry.record else { panic!() };
    assert_eq!((evidence.grade, evidence.outcome), (Grade::Observed, EvidenceOutcome::Pass));
    assert!(
        evidence.source.contains("k6 points imported from report.json (sha256:"),
        "{evidence:?}"
    );
    assert_eq!(evidence.at.to_string(), "2026-11-20T11:59:59.98Z");
    assert_eq!(evidence.about, About::default());
    assert_eq!(file_imported(&imported, "again").unwrap(), []);
}

#[test]
fn slow_and_failed_requests_at_twice_the_peak_fall_short() {
    let desk = Desk::new(SERVICE);
    let slow = Run {
        ending: |_, times, index| (times > 2.0 && index % 10 == 0).then_some((400.0, "200")),
        ..Run::default()
    };
    assert!(desk.shortfall(&slow.points(), LOAD_TESTED).contains("at 2.5 times the peak"));
    let failing = Run {
        ending: |second, _, index| (second > 30 && index % 10 == 0).then_some((5.0, "503")),
        ..Run::default()
    };
    assert!(desk.shortfall(&failing.points(), LOAD_TESTED).contains("failed, and 1 % may"));
    // `buy` expects 201, whatever k6 takes for success.
    let wrong = Run {
        ending: |second, _, index| (second > 30 && index % 10 == 0).then_some((5.0, "202")),
        ..Run::default()
    };
    assert!(desk.shortfall(&wrong.points(), LOAD_TESTED).contains("requests of `buy` failed"));
}

#[test]
fn what_breaks_above_three_times_the_peak_is_no_shortfall_and_no_pass() {
    let desk = Desk::new(SERVICE);
    let beyond = Run {
        stages: &[(1.0, 20), (5.0, 60)],
        ending: |_, times, index| (times > 3.0 && index % 5 == 0).then_some((900.0, "200")),
        ..Run::default()
    };
    assert!(desk.doubt(&beyond.points(), LOAD_TESTED).contains("nothing is promised above"));
}

#[test]
fn load_that_was_too_little_too_short_or_of_something_else_shows_nothing() {
    let desk = Desk::new(SERVICE);
    let low = Run { stages: &[(1.5, 60)], ..Run::default() };
    assert!(desk.doubt(&low.points(), LOAD_TESTED).contains("at no time"));
    let short = Run { stages: &[(1.0, 20), (2.5, 10)], ..Run::default() };
    assert!(desk.doubt(&short.points(), LOAD_TESTED).contains("less than 30 s"));
    let other = Run::default().points().replace("/orders/7", "/healthz");
    assert!(desk.doubt(&other, LOAD_TESTED).contains("no request of the run was of `look`"));
    let blind = Run::default().points().replace(",\"status\":\"200\"", "");
    assert!(
        desk.doubt(&blind, LOAD_TESTED).contains("do not tell which requests of `look` failed")
    );
    let no_peak = Desk::new(&SERVICE.replace("    peak: 20/s\n", ""));
    assert!(no_peak.doubt(&Run::default().points(), LOAD_TESTED).contains("no `peak:` of `look`"));
}

#[test]
fn waiting_that_k6_hides_is_no_pass() {
    let desk = Desk::new(SERVICE);
    let stalled: Ending = |second, _, index| (second == 50 && index < 8).then_some((2000.0, "201"));
    let closed = Run { ending: stalled, users: (8, 8), ..Run::default() };
    assert!(desk.doubt(&closed.points(), LOAD_TESTED).contains("coordinated omission"));
    let dropped = Run { dropped_at: Some(50), ..Run::default() };
    assert!(desk.doubt(&dropped.points(), LOAD_TESTED).contains("dropped 3 iterations"));
    // Before the load that is asked, what was dropped is of no concern.
    let early = Run { dropped_at: Some(5), ..Run::default() };
    assert_eq!(desk.outcome(&early.points(), LOAD_TESTED), Outcome::Kept);
}

#[test]
fn a_standstill_at_the_end_of_the_load_is_seen() {
    let desk = Desk::new(SERVICE);
    let stopped = Run {
        stages: &[(2.5, 40), (0.1, 30)],
        ending: |second, _, _| (second > 45).then_some((20_000.0, "0")),
        ..Run::default()
    };
    assert_ne!(desk.outcome(&stopped.points(), LOAD_TESTED), Outcome::Kept);
}

#[test]
fn the_knee_is_known_only_where_the_run_went_past_it() {
    let desk = Desk::new(SERVICE);
    let steps: &[(f64, u32)] = &[(1.0, 20), (2.5, 40), (4.0, 20), (6.0, 20), (8.0, 20)];
    let knee = Run {
        stages: steps,
        ending: |_, times, index| (times > 5.0 && index % 5 == 0).then_some((900.0, "200")),
        ..Run::default()
    };
    assert_eq!(desk.outcome(&knee.points(), HEADROOM), Outcome::Kept);
    assert_eq!(desk.outcome(&knee.points(), LOAD_TESTED), Outcome::Kept);
    let endless = Run { stages: steps, ..Run::default() };
    assert!(desk.doubt(&endless.points(), HEADROOM).contains("the knee is not known"));
    let early = Run {
        stages: steps,
        ending: |_, times, index| (times < 1.1 && index % 5 == 0).then_some((900.0, "200")),
        ..Run::default()
    };
    assert!(desk.shortfall(&early.points(), HEADROOM).contains("the knee is below"));
    let one = desk.import(&Run::default().points()).unwrap();
    assert!(one.proofs.iter().all(|proof| proof.requirement != HEADROOM));
}

/// What `handleSummary` is given of one journey: requests a second for a minute, the trend's values, and more metrics.
fn handled(rate: u32, trend: &str, more: &str) -> String {
    let count = rate * 60;
    format!(
        r#"{{"state": {{"testRunDurationMs": 60000}}, "metrics": {{
  "http_reqs": {{"values": {{"count": {count}, "rate": {rate}}}}},
  "http_req_failed": {{"values": {{"rate": 0, "passes": 0, "fails": {count}}}}},
  "http_req_duration": {{"values": {{{trend}}}, "thresholds": {{"p(95)<900": {{"ok": true}}}}}},
  "vus": {{"values": {{"value": 3, "min": 1, "max": 5}}}}{more}}}}}"#
    )
}

const FAST: &str = r#""med": 20, "max": 90, "p(95)": 50, "p(99)": 80"#;
const POOL: &str = r#", "vus_max": {"values": {"value": 50, "min": 50, "max": 50}}"#;

fn small() -> Desk {
    let mut desk = Desk::new(SMALL);
    desk.import.journey = Some("buy".to_owned());
    desk.import.at = Some("2026-11-20T12:00:00Z".parse().unwrap());
    desk
}

#[test]
fn a_summary_of_the_only_journey_counts_by_the_word_of_whoever_imports_it() {
    let mut desk = small();
    let report = handled(25, FAST, POOL);
    let imported = desk.import(&report).unwrap();
    assert_eq!(imported.proofs[0].outcome, Outcome::Kept, "{:?}", imported.proofs);
    assert!(
        imported.proofs[0].seen[0].contains("p99 80.0 ms, at most 90.0 ms"),
        "{:?}",
        imported.proofs
    );
    desk.import.journey = None;
    assert!(desk.doubt(&report, LOAD_TESTED).contains("pass `--journey buy`"));
    desk.import.journey = Some("sell".to_owned());
    assert!(matches!(desk.import(&report), Err(ImportError::Unfit(_))));
}

#[test]
fn a_summary_of_several_journeys_counts_where_its_metrics_are_tagged() {
    let mut desk = Desk::new(&SERVICE.replace("    expect: {status: 201}\n", ""));
    desk.import.at = Some("2026-11-20T12:00:00Z".parse().unwrap());
    let of = |name: &str, rate: u32, p99: u32| {
        let count = rate * 60;
        format!(
            r#", "http_reqs{{journey:{name}}}": {{"values": {{"count": {count}, "rate": {rate}}}}},
  "http_req_failed{{journey:{name}}}": {{"values": {{"rate": 0, "passes": 0, "fails": {count}}}}},
  "http_req_duration{{journey:{name}}}": {{"values": {{"med": 20, "max": 900, "p(99)": {p99}}}}}"#
        )
    };
    let report = |look: u32, p99: u32| {
        handled(70, FAST, &format!("{POOL}{}{}", of("buy", 25, 80), of("look", look, p99)))
    };
    assert_eq!(desk.outcome(&report(45, 80), LOAD_TESTED), Outcome::Kept);
    assert!(
        desk.shortfall(&report(45, 500), LOAD_TESTED)
            .contains("`look` took 500 ms at the 99 % quantile")
    );
    assert!(desk.doubt(&report(25, 80), LOAD_TESTED).contains("`look` was sent at 25.0/s"));
    assert!(
        desk.doubt(&handled(70, FAST, &format!("{POOL}{}", of("buy", 25, 80))), LOAD_TESTED)
            .contains("which requests were of `look`")
    );
}

#[test]
fn a_summary_that_does_not_show_it_is_no_pass() {
    let desk = small();
    let cases = [
        (handled(15, FAST, POOL), "1.5 times its peak"),
        (
            handled(25, r#""med": 20, "p(95)": 50, "max": 900"#, POOL),
            "does not tell the 99 % quantile",
        ),
        (handled(25, r#""med": 20, "p(99)": 80, "max": 900"#, ""), "coordinated omission"),
        (
            handled(25, FAST, &POOL.replace("50", "5").replace("90", "5"))
                .replace("\"max\": 90", "\"max\": 1900"),
            "coordinated omission",
        ),
        (
            handled(
                25,
                FAST,
                &format!(
                    r#"{POOL}, "dropped_iterations": {{"values": {{"count": 4, "rate": 0.06}}}}"#
                ),
            ),
            "dropped 4 iterations",
        ),
        (
            handled(25, FAST, POOL).replace("\"ok\": true", "\"ok\": false"),
            "http_req_duration: p(95)<900",
        ),
        (handled(25, FAST, POOL).replace("60000", "6000").replace("1500", "150"), "lasted 6.00 s"),
        (handled(50, r#""med": 20, "p(99)": 800, "max": 900"#, POOL), "nothing is promised above"),
    ];
    for (report, reason) in cases {
        let doubt = desk.doubt(&report, LOAD_TESTED);
        assert!(doubt.contains(reason), "{reason}: {doubt}");
    }
    let slow = handled(25, r#""med": 20, "p(95)": 350, "max": 900"#, POOL);
    assert!(desk.shortfall(&slow, LOAD_TESTED).contains("350 ms at the 95 % quantile"));
    let failing = handled(25, FAST, POOL).replace(
        r#""rate": 0, "passes": 0, "fails": 1500"#,
        r#""rate": 0.1, "passes": 150, "fails": 1350"#,
    );
    assert!(desk.shortfall(&failing, LOAD_TESTED).contains("150 of 1500 requests"));
}

#[test]
fn without_its_time_a_report_is_not_taken_and_a_time_of_its_own_is_not_overruled() {
    let mut desk = small();
    desk.import.at = None;
    assert!(matches!(desk.import(&handled(25, FAST, POOL)), Err(ImportError::NoTime(_))));
    desk.import.at = Some("2026-12-01T00:00:00Z".parse().unwrap());
    assert!(matches!(desk.import(&handled(25, FAST, POOL)), Err(ImportError::Time(_))));
    assert!(matches!(desk.import(&Run::default().points()), Err(ImportError::Time(_))));
    assert!(!desk.root.path().join(".gonogo").exists());
}

#[test]
fn the_machine_readable_summary_cannot_show_a_99_percent_quantile() {
    let mut desk = small();
    desk.import.at = None;
    let report = r#"{"version": "1.0.0", "config": {"duration": 60, "execution": "local", "script": "a.js"},
      "metadata": {"generated_at": "2026-11-20T12:00:00Z", "k6_version": "2.2.0"}, "results": {"metrics": [
        {"name": "http_reqs", "type": "counter", "contains": "default", "values": {"count": 1500}},
        {"name": "http_req_failed", "type": "rate", "contains": "default", "values": {"matches": 0, "total": 1500, "rate": 0}},
        {"name": "http_req_duration", "type": "trend", "contains": "time", "values": {"avg": 9, "max": 900, "med": 9, "min": 1, "p90": 20, "p95": 30}}]}}"#;
    assert!(desk.doubt(report, LOAD_TESTED).contains("machine-readable summary leaves out"));
    assert_eq!(desk.import(report).unwrap().at.to_string(), "2026-11-20T11:59:00Z");
    // Where the slowest was in time, every quantile was.
    assert_eq!(
        desk.outcome(&report.replace("\"max\": 900", "\"max\": 90"), LOAD_TESTED),
        Outcome::Kept
    );
}

#[test]
fn what_is_no_report_is_refused_and_nothing_is_written() {
    let desk = Desk::new(SERVICE);
    for report in ["", "{}", "[]", "{\"metrics\": 1}", "<html>", "\u{feff}"] {
        assert!(matches!(desk.import(report), Err(ImportError::Refused(_))), "{report:?}");
    }
    let truncated = Run::default().points();
    let truncated = &truncated[..truncated.len() - 20];
    let Err(ImportError::Refused(refused)) = desk.import(truncated) else { panic!() };
    assert!(refused.place.line > 1000 && refused.place.path.ends_with("report.json"), "{refused}");
    assert!(!desk.root.path().join(".gonogo").exists());
    let mut folder = Desk::new(SERVICE);
    folder.import.file = folder.root.path().to_owned();
    let standard = PolicyChoice::Given(Box::new(policy::starter("standard").unwrap()));
    assert!(matches!(
        import(folder.root.path(), None, &standard, &folder.import),
        Err(ImportError::Unreadable { .. })
    ));
}
