//! What is said of what users saw while a dependency failed.

use super::super::super::sample::{dependency, service, trial, tried};
use super::*;

fn message(proof: &Proof) -> &str {
    match &proof.outcome {
        crate::Outcome::FellShort(shortfalls) => &shortfalls[0].message,
        crate::Outcome::Kept => "kept",
        crate::Outcome::Inconclusive(reason) => reason,
    }
}

#[test]
fn only_what_is_declared_dispensable_is_asked_to_degrade() {
    let mut failing = trial(Purpose::Failing);
    (0..10).for_each(|n| failing.request(n * 100, 1, Some(503)));
    let dispensable = dependency(false);
    let proof = graceful_degradation(&service(), &tried(&dispensable, failing.clone()));
    assert_eq!(
        message(&proof),
        "10 of 10 requests of `place-order` failed while `payments` answers 503; it is declared as not critical"
    );
    let mut dead = trial(Purpose::Failing);
    dead.exit = Some("exit code 1".to_owned());
    assert_eq!(
        message(&graceful_degradation(&service(), &tried(&dispensable, dead.clone()))),
        "the service ended with exit code 1 while `payments` answers 503; it is declared as not critical"
    );
    let needed = dependency(true);
    assert!(
        message(&graceful_degradation(&service(), &tried(&needed, failing)))
            .contains("can do without")
    );
}

#[test]
fn on_a_machine_too_busy_nothing_is_told_but_that_the_service_ended() {
    let dispensable = dependency(false);
    let late = |dies: bool| {
        let mut late = trial(Purpose::Failing);
        (0..10).for_each(|n| late.request(n * 100, 1, Some(503)));
        late.lateness = Some("the generator was late".to_owned());
        late.exit = dies.then(|| "exit code 1".to_owned());
        late
    };
    let told = |dies| {
        let proof = graceful_degradation(&service(), &tried(&dispensable, late(dies)));
        message(&proof).to_owned()
    };
    assert_eq!(
        told(false),
        "this machine was too busy while `payments` answers 503: the generator was late"
    );
    assert!(told(true).starts_with("the service ended with exit code 1"));
    let mut well = late(false);
    well.requests.clear();
    let proof = self_recovery(&tried(&dispensable, well));
    assert!(message(&proof).contains("too busy"), "{proof:?}");
}

#[test]
fn a_critical_dependency_is_missed_by_more_than_chance() {
    let needed = dependency(true);
    let failing = |failed: u64| {
        let mut failing = trial(Purpose::Failing);
        (0..100).for_each(|n| failing.request(n * 10, 1, Some(if n < failed { 503 } else { 201 })));
        message(&failure_modes(&service(), &tried(&needed, failing))).to_owned()
    };
    assert_eq!(failing(90), "kept");
    assert_eq!(
        failing(1),
        "without `payments`, which is declared as critical, every journey kept its availability (failed requests: 1)"
    );
    assert_eq!(failing(0), "without `payments`, which is declared as critical, no request failed");
}

#[test]
fn a_clear_logged_error_is_no_cascade_and_a_hang_or_a_crash_is() {
    let needed = dependency(true);
    let mut clear = trial(Purpose::Failing);
    clear.request(100, 5, Some(503));
    let unlogged = clear.clone();
    clear.line(101, r#"{"level":"error","message":"the charge failed"}"#);
    assert_eq!(message(&no_cascade(&service(), &tried(&needed, clear.clone()))), "kept");
    assert_eq!(
        message(&no_cascade(&service(), &tried(&needed, unlogged))),
        "1 request failed while `payments` answers 503, and no error was logged"
    );
    let mut hung = clear.clone();
    hung.request(200, 10_000, None);
    assert!(
        message(&no_cascade(&service(), &tried(&needed, hung)))
            .contains("got no answer within 10 s")
    );
    let mut crashed = clear;
    crashed.exit = Some("signal 6".into());
    assert_eq!(
        message(&no_cascade(&service(), &tried(&needed, crashed))),
        "the service ended with signal 6 while `payments` answers 503"
    );
}

#[test]
fn a_service_that_stays_broken_has_not_recovered() {
    let needed = dependency(true);
    let mut stuck = trial(Purpose::Silent);
    assert_eq!(message(&self_recovery(&tried(&needed, stuck.clone()))), "kept");
    let mut both = tried(&needed, stuck.clone());
    let mut dead = trial(Purpose::Failing);
    dead.exit = Some("exit code 1".to_owned());
    both[0].trials.push(dead);
    assert_eq!(message(&self_recovery(&both)), "the service ended while `payments` answers 503");
    stuck.recovered_after = None;
    assert!(
        message(&self_recovery(&tried(&needed, stuck)))
            .contains("30.0 s after `payments` was well again")
    );
}

#[test]
fn what_users_saw_has_to_agree_with_what_is_declared() {
    let mut needed = dependency(true);
    let mut failing = trial(Purpose::Failing);
    (1..4).for_each(|n| failing.request(n * 100, 5, Some(503)));
    assert_eq!(message(&failure_modes(&service(), &tried(&needed, failing.clone()))), "kept");
    let mut other = failing.clone();
    other.request(200, 5, Some(500));
    assert!(
        message(&failure_modes(&service(), &tried(&needed, other))).contains("answered with 500")
    );
    assert!(
        message(&failure_modes(&service(), &tried(&needed, trial(Purpose::Failing))))
            .ends_with("declared as critical, no request failed")
    );
    needed.on_failure = None;
    assert!(
        message(&failure_modes(&service(), &tried(&needed, failing)))
            .contains("does not say what happens")
    );
}

#[test]
fn a_dependency_that_answers_something_else_is_not_down() {
    let needed = dependency(true);
    for purpose in [Purpose::Wrong, Purpose::Slow] {
        let mut other = trial(purpose);
        other.request(100, 5, Some(500));
        let mut both = tried(&needed, other);
        let proof = failure_modes(&service(), &both);
        assert!(message(&proof).ends_with(super::super::NOT_LANDED), "{proof:?}");
        let mut failing = trial(Purpose::Failing);
        (1..4).for_each(|n| failing.request(n * 100, 5, Some(503)));
        both[0].trials.push(failing);
        assert_eq!(message(&failure_modes(&service(), &both)), "kept");
    }
}

#[test]
fn what_one_fault_alone_cannot_tell_stays_open() {
    let needed = dependency(true);
    let mut part = tried(&needed, trial(Purpose::Silent));
    assert!(message(&failure_modes(&service(), &part)).ends_with("no request failed"));
    assert!(message(&error_visibility(&part)).starts_with("no error was logged"));
    part[0].is_whole = false;
    assert!(message(&failure_modes(&service(), &part)).ends_with(NOT_BROUGHT));
    assert!(message(&error_visibility(&part)).ends_with(NOT_BROUGHT));
    assert_eq!(message(&self_recovery(&part)), "kept");
}

#[test]
fn an_error_that_nobody_logged_is_not_visible() {
    let needed = dependency(true);
    let silent = trial(Purpose::Failing);
    assert!(
        message(&error_visibility(&tried(&needed, silent.clone())))
            .starts_with("no error was logged")
    );
    let mut told = silent;
    told.line(40, "level=error msg=\"charge failed\"");
    assert_eq!(message(&error_visibility(&tried(&needed, told))), "kept");
}

#[test]
fn what_a_running_service_logs_is_not_seen_and_so_not_judged() {
    let needed = dependency(true);
    let mut running = trial(Purpose::Failing);
    running.request(100, 5, Some(503));
    running.is_ours = false;
    assert_eq!(
        message(&no_cascade(&service(), &tried(&needed, running.clone()))),
        format!("`payments`: {NOT_READ}")
    );
    assert!(message(&error_visibility(&tried(&needed, running))).ends_with(NOT_READ));
}

#[test]
fn an_error_of_users_has_to_be_counted_and_traced_too() {
    let needed = dependency(true);
    let mut failing = trial(Purpose::Failing);
    failing.request(100, 5, Some(503));
    failing.line(101, "level=error msg=\"charge failed\"");
    let judged = |trial: Trial| message(&error_visibility(&tried(&needed, trial))).to_owned();
    assert!(judged(failing.clone()).contains("no metrics were seen"));
    failing.count(0, Some(0.0), None);
    failing.count(400, Some(0.0), None);
    assert!(judged(failing.clone()).starts_with("1 request failed, and no metric counted"));
    failing.count(700, Some(1.0), None);
    assert!(judged(failing.clone()).contains("no span came"));
    failing.count(900, Some(1.0), Some(0));
    assert!(judged(failing.clone()).starts_with("1 request failed, and no span says so"));
    failing.count(1100, Some(1.0), Some(1));
    assert_eq!(judged(failing), "kept");
}
