//! Reports of faults: Gremlin and Toxiproxy.

use super::*;

const DEGRADATION: &str = "reliability/graceful-degradation";
const TIMEOUTS: &str = "reliability/outbound-timeouts";
const FAILOVER: &str = "reliability/failover";
const RECOVERY: &str = "reliability/self-recovery";

fn health(journey: &str, method: &str, url: &str, lifecycle: &str) -> String {
    format!(
        r#"{{"type": "ContinuousStatusCheck", "guid": "{journey}", "name": "{journey}", "endpointConfiguration": {{"url": "{url}", "method": "{method}"}},
        "evaluationConfiguration": {{"okStatusCodes": ["2xx"], "okLatencyMaxMs": 300}},
        "state": {{"lifecycle": "{lifecycle}", "failedReason": "status 500", "startTime": "2026-11-20T11:59:00Z", "endTime": "2026-11-20T12:06:00Z"}}}}"#
    )
}

/// A run of one fault with its checks.
fn test_run(command: &str, of: &str, status: &str, checks: &[String]) -> String {
    format!(
        r#"{{"guid": "t", "serviceId": "s", {of} "runNumber": 1, "run": {{"scenarioId": "c", "runNumber": 1, "name": "test", "createdAt": "2026-11-20T11:59:00Z",
        "results": {{"status": "{status}"}}, "passCriteria": "ALL_PASS", "graph": {{"nodes": {{"0": {{"type": "InfraAttack", "guid": "a",
        "impactDefinition": {{"infraCommandType": "{command}"}}, "state": {{"lifecycle": "Successful", "startTime": "2026-11-20T12:00:00Z", "endTime": "2026-11-20T12:05:00Z"}}}}}},
        "observers": [{}]}}}}}}"#,
        checks.join(",")
    )
}

fn both(lifecycle: &str) -> Vec<String> {
    vec![
        health("buy", "POST", "https://shop.example/orders", lifecycle),
        health("look", "GET", "https://shop.example/orders/1", "Successful"),
    ]
}

const AUDIT: &str = "\"dependencyName\": \"audit\",";

#[test]
fn a_blackhole_that_the_journeys_survive_shows_degradation() {
    let desk = Desk::new(SERVICE);
    let report = test_run("Blackhole", AUDIT, "Passed", &both("Successful"));
    assert_eq!(desk.outcome(&report, DEGRADATION), Outcome::Kept);
    // Of `payments` it tells nothing, and timeouts are asked of every dependency.
    assert!(desk.doubt(&report, TIMEOUTS).contains("no run made `payments` unreachable"));
    let imported = desk.import(&report).unwrap();
    assert_eq!(imported.at.to_string(), "2026-11-20T12:00:00Z");
    let small = Desk::new(SMALL);
    let report = test_run("blackhole", AUDIT, "Passed", &both("Successful"));
    assert_eq!(small.outcome(&report, TIMEOUTS), Outcome::Kept);
    let slow = report.replace("\"okLatencyMaxMs\": 300", "\"okLatencyMaxMs\": 30000");
    assert!(small.doubt(&slow, TIMEOUTS).contains("with a bound of at most"));
}

#[test]
fn a_check_that_failed_meanwhile_falls_short() {
    let desk = Desk::new(SERVICE);
    let report = test_run("Blackhole", AUDIT, "Failed", &both("Failed"));
    assert!(desk.shortfall(&report, DEGRADATION).contains("the check `buy` failed: status 500"));
    let before = report.replace("2026-11-20T12:06:00Z", "2026-11-20T11:59:30Z");
    assert!(desk.doubt(&before, DEGRADATION).contains("no check that watched"));
}

#[test]
fn a_run_that_does_not_show_what_became_of_the_service_shows_nothing() {
    let desk = Desk::new(SERVICE);
    let good = test_run("Blackhole", AUDIT, "Passed", &both("Successful"));
    let checks = |list: &[String]| test_run("Blackhole", AUDIT, "Passed", list);
    let cases = [
        (good.replace("\"Passed\"", "\"Unsure\""), "unsure"),
        (good.replace("\"Passed\"", "\"Failed\""), "no check that watched"),
        (good.replace("\"results\": {\"status\": \"Passed\"},", ""), "does not say what came out"),
        (good.replace("ALL_PASS", "AT_LEAST_ONE_FAILED"), "passes when a check fails"),
        (
            good.replacen("\"lifecycle\": \"Successful\"", "\"lifecycle\": \"Halted\"", 1),
            "was halted",
        ),
        (
            good.replacen("\"lifecycle\": \"Successful\"", "\"lifecycle\": \"Failed\"", 1),
            "could not be made",
        ),
        (
            good.replacen("\"lifecycle\": \"Successful\"", "\"lifecycle\": \"Active\"", 1),
            "did not come to its end",
        ),
        (test_run("Blackhole", AUDIT, "Passed", &both("Failed")), "contradicts itself"),
        (checks(&[]), "had not a health check"),
        (
            checks(&[health("live", "GET", "https://shop.example/healthz", "Successful")]),
            "had not a health check",
        ),
        (checks(&both("Successful")[..1]), "the journey `look`"),
        (good.replace("2026-11-20T12:06:00Z", "2026-11-20T11:59:30Z"), "had not a health check"),
        (good.replace("\"audit\"", "\"mail\""), "the blackholes were of mail"),
    ];
    for (report, reason) in cases {
        let doubt = desk.doubt(&report, DEGRADATION);
        assert!(doubt.contains(reason), "{reason}: {doubt}");
    }
    let attack = r#"{"guid": "a", "stage": "Successful", "stageLifecycle": "Complete", "args": ["blackhole"], "startTime": "2026-11-20T12:00:00Z"}"#;
    assert!(!matches!(desk.outcome(attack, DEGRADATION), Outcome::Kept | Outcome::FellShort(_)));
    let outcome = r#"[{"serviceId": "s", "reliabilityTestId": "r", "reliabilityTestName": "Dependency Failure", "dependencyName": "audit", "status": "Passed", "endTime": "2026-11-20T12:00:00Z"}]"#;
    assert!(desk.doubt(outcome, DEGRADATION).contains("the outcomes alone do not tell"));
}

#[test]
fn an_instance_that_is_shut_down_shows_failover_where_it_was_the_services() {
    let desk = Desk::new(SERVICE);
    let report = test_run("Shutdown", "", "Passed", &both("Successful"));
    assert_eq!(desk.outcome(&report, FAILOVER), Outcome::Kept);
    assert_eq!(desk.outcome(&report, RECOVERY), Outcome::Kept);
    let ended = report.replace("2026-11-20T12:06:00Z", "2026-11-20T12:04:00Z");
    assert!(desk.doubt(&ended, RECOVERY).contains("until after the fault"));
    let failed = test_run("Shutdown", "", "Failed", &both("Failed"));
    assert!(
        desk.shortfall(&failed, FAILOVER)
            .contains("with an instance shut down the check `buy` failed")
    );
    let scenario = report.replace("\"serviceId\": \"s\",", "");
    assert!(desk.doubt(&scenario, FAILOVER).contains("whose instance"));
}

const TOXICS: &str = r#"{"from": "2026-11-20T12:00:30Z", "until": "2026-11-20T12:01:00Z", "proxies": {"audit": {"name": "audit", "listen": "127.0.0.1:1",
  "upstream": "127.0.0.1:9001", "enabled": true, "toxics": [{"name": "t", "type": "timeout", "stream": "downstream", "toxicity": 1, "attributes": {"timeout": 0}}]}},
  "metrics": ["", "toxiproxy_proxy_received_bytes_total{direction=\"upstream\",proxy=\"audit\"} 9\n"]}"#;

fn with_load(run: &Run) -> Desk {
    let mut desk = Desk::new(SMALL);
    let load = desk.root.path().join("points.json");
    fs::write(&load, run.points()).unwrap();
    desk.import.load = Some(load);
    desk
}

const MINUTES: &[(f64, u32)] = &[(2.0, 90)];

#[test]
fn toxics_show_something_only_with_the_load_of_that_time_and_where_they_landed() {
    assert!(Desk::new(SMALL).doubt(TOXICS, DEGRADATION).contains("pass `--load`"));
    let desk = with_load(&Run { stages: MINUTES, ..Run::default() });
    assert_eq!(desk.outcome(TOXICS, DEGRADATION), Outcome::Kept);
    assert_eq!(desk.outcome(TOXICS, TIMEOUTS), Outcome::Kept);
    let cases = [
        (TOXICS.replace("\\\"} 9", "\\\"} 0"), "no byte came"),
        (TOXICS.replace("\"enabled\": true", "\"enabled\": false"), "refused connections"),
        (TOXICS.replace("\"toxicity\": 1", "\"toxicity\": 0.5"), "not unreachable"),
        (TOXICS.replace("audit", "mail"), "knows no dependency"),
        (TOXICS.replace("12:01:00Z", "12:09:00Z"), "have to begin before"),
    ];
    for (report, reason) in cases {
        let doubt = desk.doubt(&report, DEGRADATION);
        assert!(doubt.contains(reason), "{reason}: {doubt}");
    }
}

#[test]
fn users_that_saw_the_toxics_are_a_shortfall() {
    let failing = Run {
        stages: MINUTES,
        ending: |second, _, index| {
            ((31..59).contains(&second) && index % 4 == 0).then_some((5.0, "500"))
        },
        ..Run::default()
    };
    assert!(
        with_load(&failing).shortfall(TOXICS, DEGRADATION).contains("with `audit` unreachable")
    );
    let always = Run {
        stages: MINUTES,
        ending: |_, _, index| (index % 4 == 0).then_some((5.0, "500")),
        ..Run::default()
    };
    assert!(with_load(&always).doubt(TOXICS, DEGRADATION).contains("also without the toxics"));
    let held = Run {
        stages: MINUTES,
        ending: |second, _, index| (second == 40 && index == 0).then_some((9000.0, "200")),
        ..Run::default()
    };
    assert!(with_load(&held).shortfall(TOXICS, TIMEOUTS).contains("took 9000 ms"));
}
