//! The load generator against services that stall, fail, and lie.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

mod server;
mod speech;
mod versions;

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

use gonogo_drills::load::{
    self, Control, Counts, Outcome, Part, Plan, Rate, Record, Share, Target, Trust, Watch,
};
use gonogo_drills::{Journey, LatencyObjective, Request};
use server::Server;

fn journey(method: &str, path: &str) -> Journey {
    let request =
        Request { method: method.to_owned(), path: path.to_owned(), ..Request::default() };
    Journey { name: path.to_owned(), request, ..Journey::default() }
}

fn plan(server: &Server, path: &str, per_s: f64, ms: u64) -> Plan {
    let rate = Rate::constant(per_s, Duration::from_millis(ms));
    let target = Target::plain(&server.address.to_string());
    let mut plan = Plan::new(target, vec![Share::of(journey("GET", path))], rate);
    plan.seed = 1;
    plan
}

fn run(plan: &Plan) -> Record {
    let record = load::run(plan, &Control::new()).unwrap();
    assert_eq!(record.sent() + record.unsent(), record.scheduled());
    assert_eq!(record.latency().count(), record.scheduled());
    record
}

/// Five requests, one after the other on one connection if it stays.
fn five(path: &str) -> Record {
    let server = Server::start();
    let mut plan = plan(&server, path, 50.0, 100);
    plan.connections = 1;
    plan.timeout = Duration::from_secs(20);
    run(&plan)
}

#[track_caller]
fn assert_counts(counts: Counts, expected: &[(Outcome, u64)]) {
    let found: Vec<_> = counts.iter().filter(|(_, count)| *count > 0).collect();
    assert_eq!(found, expected);
}

#[test]
fn latencies_tell_of_a_stall_what_the_service_knows_of_it() {
    let server = Server::start();
    let mut plan = plan(&server, "/n?{seq}", 500.0, 2000);
    plan.connections = 20;
    plan.timeout = Duration::from_secs(30);
    let stall = server.stall(Duration::from_millis(500), Duration::from_millis(400));
    let record = run(&plan);
    stall.join().unwrap();
    assert_counts(record.counts(), &[(Outcome::Ok, 1000)]);
    // Request n was due n times 2 ms after the start, and the service knows when it answered: nothing less may be told.
    let started_at = SystemTime::from(record.started_at);
    let mut truth_s: Vec<f64> = server
        .seen
        .answers
        .lock()
        .unwrap()
        .iter()
        .map(|(path, at)| {
            let number: u32 = path.rsplit('?').next().unwrap().parse().unwrap();
            let due = started_at + Duration::from_millis(2) * number;
            at.duration_since(due).map_or(0.0, |late| late.as_secs_f64())
        })
        .collect();
    truth_s.sort_by(f64::total_cmp);
    for (quantile, rank) in [(0.9, 899), (0.95, 949), (0.99, 989), (0.999, 998)] {
        let told_s = record.latency().quantile(quantile).as_secs_f64();
        let truth_s = truth_s[rank];
        assert!(told_s > truth_s * 0.998 - 0.001, "{quantile}: {told_s} of {truth_s}");
        assert!(told_s < truth_s + 0.3, "{quantile}: {told_s} of {truth_s}");
    }
    // Evenly from the whole stall down to nothing: a closed loop would have told of 20 requests only.
    assert!(truth_s[899] > 0.15, "{}", truth_s[899]);
    let worst = record.seconds.iter().map(|second| second.latency.unpack().max()).max().unwrap();
    assert!(worst > Duration::from_millis(350), "{worst:?}");
}

#[test]
fn answers_are_read_however_they_end() {
    for path in ["/ok", "/chunked", "/until-close"] {
        assert_counts(five(path).counts(), &[(Outcome::Ok, 5)]);
    }
}

#[test]
fn each_failure_is_told_apart() {
    for (path, outcome) in [
        ("/missing", Outcome::WrongStatus),
        ("/garbage", Outcome::Malformed),
        ("/half", Outcome::ClosedEarly),
        ("/reset", Outcome::Reset),
    ] {
        let record = five(path);
        assert_counts(record.counts(), &[(outcome, 5)]);
        assert_eq!(record.failures(), 5, "{path}");
    }
}

#[test]
fn a_timeout_is_recorded_as_at_least_the_timeout() {
    let server = Server::start();
    let mut plan = plan(&server, "/never", 50.0, 100);
    plan.timeout = Duration::from_millis(150);
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Timeout, 5)]);
    assert!(record.latency().quantile(0.0) >= Duration::from_millis(149));
}

#[test]
fn a_connection_closed_while_idle_is_told_from_one_closed_on_a_request() {
    // On a busy machine the reset may come too late to be told from one that was meant.
    let idle = five("/closed-when-idle").journeys.remove(0);
    assert_counts(idle.on_new, &[(Outcome::Ok, 3)]);
    let untaken = [Outcome::ClosedIdle, Outcome::Reset].map(|outcome| idle.on_reused.of(outcome));
    assert_eq!((untaken.iter().sum::<u64>(), idle.on_reused.total()), (2, 2));
    assert_eq!(idle.failures(), idle.on_reused.of(Outcome::Reset));
    let taken = five("/taken-and-closed").journeys.remove(0);
    assert_counts(taken.on_new, &[(Outcome::Ok, 3)]);
    assert_counts(taken.on_reused, &[(Outcome::ClosedEarly, 2)]);
    assert_eq!(taken.failures(), 2);
}

#[test]
fn a_service_that_is_not_there_is_refused_and_not_timed() {
    let server = Server::start();
    let mut plan = plan(&server, "/", 100.0, 100);
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    plan.target = Target::plain(&free.to_string());
    let record = run(&plan);
    assert_counts(record.counts(), &[(Outcome::Refused, 10)]);
    assert!(record.reached_nothing());
    assert_eq!(record.errors.values().sum::<u64>(), 10);
}

#[test]
fn what_finds_no_connection_is_unsent_and_the_generator_is_not_trusted() {
    let server = Server::start();
    let mut plan = plan(&server, "/never", 200.0, 200);
    plan.connections = 2;
    plan.timeout = Duration::from_millis(100);
    let record = run(&plan);
    assert_eq!(record.scheduled(), 40);
    assert!(record.unsent() > 20, "{}", record.unsent());
    assert_eq!(record.counts().of(Outcome::Timeout), record.sent());
    // With an objective that the service keeps as far as it was asked.
    let objective = LatencyObjective { quantile: 0.99, within: Duration::from_secs(10) };
    let Trust::Inconclusive(reasons) = record.trust(Some(objective)) else { panic!("trusted") };
    assert!(reasons.iter().any(|reason| reason.contains("not sent")), "{reasons:?}");
}

#[test]
fn a_run_stops_at_once_when_told() {
    let server = Server::start();
    let mut plan = plan(&server, "/never", 100.0, 600_000);
    plan.timeout = Duration::from_mins(10);
    let control = Control::new();
    let stopper = control.clone();
    let thread = std::thread::spawn(move || {
        while stopper.progress().in_flight == 0 {
            std::thread::park_timeout(Duration::from_millis(1));
        }
        stopper.stop();
        Instant::now()
    });
    let record = load::run(&plan, &control).unwrap();
    assert!(thread.join().unwrap().elapsed() < Duration::from_secs(2));
    assert!(record.is_stopped);
    assert!(record.counts().of(Outcome::Stopped) > 0);
    assert_eq!(record.sent() + record.unsent(), record.scheduled());
}

#[test]
fn each_acknowledged_write_is_told_with_what_was_captured() {
    let server = Server::start();
    let mut plan = plan(&server, "/created", 500.0, 200);
    let mut create = journey("POST", "/created");
    create.request.body = "{\"n\":{seq}}".to_owned();
    create.capture = BTreeMap::from([("id".to_owned(), "/id".to_owned())]);
    let read = journey("GET", "/read?id={id}");
    plan.journeys = vec![Share::of(create), Share::of(read)];
    plan.traces = true;
    let control = Control::new();
    let told = control.exchanges(Watch::Acknowledged);
    let record = load::run(&plan, &control).unwrap();
    drop(control);
    let mut ids: Vec<String> =
        told.try_iter().map(|exchange| exchange.captured[0].1.clone()).collect();
    let count = u64::try_from(ids.len()).unwrap();
    ids.sort();
    ids.dedup();
    assert_eq!(u64::try_from(ids.len()).unwrap(), count);
    assert_eq!(record.journeys[0].counts().of(Outcome::Ok), count);
    let requests = server.requests();
    assert!(requests.iter().any(|request| request.contains("/read?id=o-")));
    let traced = requests.iter().filter(|request| request.contains("\r\ntraceparent: 00-"));
    assert_eq!(traced.count(), 100);
}

#[test]
fn threads_and_processes_share_a_schedule_and_their_records_are_one() {
    let server = Server::start();
    let mut plan = plan(&server, "/n?{seq}", 1000.0, 300);
    plan.threads = 2;
    let mut merged: Option<Record> = None;
    for index in 0..2 {
        plan.part = Part { index, of: 2 };
        let record = run(&plan);
        let text = serde_json::to_string(&record).unwrap();
        let mut back: Record = serde_json::from_str(&text).unwrap();
        // JSON may round the last digit of a fraction.
        back.machine = record.machine;
        assert_eq!(back, record);
        match &mut merged {
            Some(merged) => merged.merge(&back),
            None => merged = Some(back),
        }
    }
    let merged = merged.unwrap();
    assert_eq!((merged.scheduled(), merged.latency().count()), (300, 300));
    assert_eq!(merged.seconds.iter().map(|second| second.counts.total()).sum::<u64>(), 300);
    let mut numbers: Vec<u64> = server
        .requests()
        .iter()
        .map(|request| request.split(['?', ' ']).nth(2).unwrap().parse().unwrap())
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..300).collect::<Vec<u64>>());
}

#[test]
fn a_closed_loop_keeps_its_connections_busy() {
    let server = Server::start();
    let mut plan = plan(&server, "/ok", 1.0, 1);
    plan.rate = Rate::Closed { lasts: Duration::from_millis(200) };
    plan.connections = 3;
    let record = run(&plan);
    assert_eq!(record.connections.most, 3);
    assert_eq!(record.connections.opened, 3);
    assert_eq!(record.counts().of(Outcome::Ok), record.scheduled());
    assert!(record.scheduled() > 10);
}

#[test]
fn fresh_connections_are_counted_apart() {
    let server = Server::start();
    let mut plan = plan(&server, "/ok", 200.0, 500);
    plan.fresh_share = 0.5;
    plan.connections = 1;
    let record = run(&plan);
    let journey = &record.journeys[0];
    assert!((10..45).contains(&journey.on_reused.total()), "{}", journey.on_reused.total());
    assert_eq!(journey.on_new.total(), record.connections.opened);
    assert_counts(record.counts(), &[(Outcome::Ok, 100)]);
}
