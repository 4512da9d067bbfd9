//! What is said of a service that was told to stop.

use super::super::heard::tests::heard;
use super::*;

fn stopping(outcome: Outcome, ended: Stopped) -> Stopping {
    let start = Instant::now();
    let mut requests = vec![heard(start, 500, 600, Outcome::Ok)];
    requests.extend((0..5).map(|n| heard(start, 800 + n, 1200, outcome)));
    requests.extend((0..20).map(|n| heard(start, 1100 + n, 1101 + n, Outcome::Refused)));
    Stopping {
        asked: start + Duration::from_secs(1),
        requests,
        uploads: vec![Ok(()); 2],
        ended,
        is_still_listening: false,
        was_computing: false,
        survivors: 0,
        lateness: None,
    }
}

const WELL: Stopped = Stopped::Ended(Exit::Code(0), Duration::from_millis(300));

fn messages(stopping: &Stopping) -> Vec<String> {
    let proof = judge(&Service::default(), stopping);
    match proof.unwrap_or_else(|untold| untold.proof(REQUIREMENT)).outcome {
        Verdict::FellShort(shortfalls) => {
            shortfalls.into_iter().map(|shortfall| shortfall.message).collect()
        }
        Verdict::Kept => Vec::new(),
        Verdict::Inconclusive(reason) => vec![format!("inconclusive: {reason}")],
    }
}

#[test]
fn what_was_in_flight_is_answered_and_what_came_later_is_refused() {
    assert_eq!(messages(&stopping(Outcome::Ok, WELL)), Vec::<String>::new());
    let by_signal = Stopped::Ended(Exit::Signal(15), Duration::from_millis(300));
    assert_eq!(messages(&stopping(Outcome::Ok, by_signal)), Vec::<String>::new());
}

#[test]
fn each_loss_is_told_by_itself() {
    let lost = messages(&stopping(Outcome::Reset, WELL));
    assert!(lost.len() == 1 && lost[0].starts_with("5 of 5 requests in flight"), "{lost:?}");
    let mut one = stopping(Outcome::Ok, WELL);
    one.uploads.push(Err(Lost { instead: "it closed".into(), is_dropped: true }));
    one.is_still_listening = true;
    one.survivors = 2;
    assert_eq!(messages(&one).len(), 3);
    let crashed = Stopped::Ended(Exit::Signal(6), Duration::ZERO);
    assert!(messages(&stopping(Outcome::Ok, crashed))[0].contains("signal 6"));
    let late = Stopped::Killed(Duration::from_secs(30));
    assert!(messages(&stopping(Outcome::Ok, late))[0].contains("still ran 30.0 s after SIGTERM"));
}

#[test]
fn what_was_let_in_after_the_signal_and_dropped_is_told_but_not_the_moment_of_closing() {
    let mut one = stopping(Outcome::Ok, WELL);
    let start = one.asked.checked_sub(Duration::from_secs(1)).unwrap();
    one.requests.extend((0..2).map(|_| heard(start, 1010, 1011, Outcome::Reset)));
    assert_eq!(messages(&one), Vec::<String>::new());
    one.requests.extend((0..2).map(|_| heard(start, 1300, 1311, Outcome::ClosedEarly)));
    assert!(messages(&one)[0].starts_with("4 requests that came after"), "{:?}", messages(&one));
}

#[test]
fn without_requests_in_flight_or_with_failures_before_nothing_is_said() {
    let mut idle = stopping(Outcome::Ok, WELL);
    idle.requests.retain(|heard| heard.sent > idle.asked);
    idle.uploads.clear();
    assert!(messages(&idle)[0].contains("only 0 requests"));
    let mut broken = stopping(Outcome::Ok, WELL);
    let start = broken.asked.checked_sub(Duration::from_secs(1)).unwrap();
    broken.requests.extend((0..3).map(|_| heard(start, 100, 200, Outcome::WrongStatus)));
    assert!(messages(&broken)[0].starts_with("inconclusive: requests failed"));
}

#[test]
fn on_a_busy_machine_a_loss_is_told_only_where_no_load_makes_it() {
    let lost = |is_dropped| Err(Lost { instead: "reset".into(), is_dropped });
    let late = |uploads: Vec<Result<(), Lost>>, ended| {
        let mut one = stopping(Outcome::Reset, ended);
        (one.uploads, one.lateness) = (uploads, Some("the generator was late".into()));
        messages(&one)
    };
    let is_untold = |messages: Vec<String>| {
        assert_eq!(messages.len(), 1, "{messages:?}");
        messages[0].starts_with("inconclusive: this machine was too busy")
    };
    assert!(is_untold(late(vec![Ok(()); 4], WELL)), "requests may have waited to be accepted");
    assert!(is_untold(late(vec![lost(false); 4], WELL)), "nobody had accepted them");
    assert!(is_untold(late(vec![lost(true), Ok(()), Ok(())], WELL)), "one is chance");
    let slow = Stopped::Ended(Exit::Code(0), Duration::from_secs(9));
    assert!(is_untold(late(vec![lost(true); 4], slow)), "it may have waited in vain");
    let mut killed = stopping(Outcome::Ok, Stopped::Killed(Duration::from_secs(15)));
    (killed.lateness, killed.was_computing) = (Some("the generator was late".into()), true);
    assert!(is_untold(messages(&killed)), "it may have worked on its end");
    killed.was_computing = false;
    assert!(messages(&killed)[0].contains("still ran"), "it had nothing to do but to end");
    assert!(late(vec![lost(true); 4], WELL)[0].starts_with("4 of 4 uploads"));
    let crashed = Stopped::Ended(Exit::Signal(6), Duration::from_secs(3));
    assert!(late(vec![Ok(()); 4], crashed)[0].contains("signal 6"));
    let mut kept = stopping(Outcome::Ok, WELL);
    kept.lateness = Some("the generator was late".into());
    assert_eq!(messages(&kept), Vec::<String>::new(), "kept in spite of it is kept");
}

#[test]
fn failures_before_the_signal_are_tried_again_where_the_machine_was_busy() {
    let mut broken = stopping(Outcome::Ok, WELL);
    let start = broken.asked.checked_sub(Duration::from_secs(1)).unwrap();
    broken.requests.extend((0..3).map(|_| heard(start, 100, 200, Outcome::Timeout)));
    assert!(judge(&Service::default(), &broken).is_ok());
    broken.lateness = Some("the generator was late".into());
    assert!(judge(&Service::default(), &broken).is_err());
}
