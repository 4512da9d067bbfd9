//! The drill on the sample service: the good one keeps everything, and each planted defect is found by its requirement.

#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::OnceLock;

use gonogo_drills::lifecycle::{self, LifecycleSettings};
use gonogo_drills::observe::{ObserveSettings, run};
use gonogo_drills::{
    Account, Command, Dependency, DependencyKind, DrillError, Expectation, Interrupt, Journey,
    LatencyObjective, Outcome, ReadBack, Rehearsal, Request, Service,
};

/// The sample's program, which cargo builds beside this test; built now where only this test was asked for.
fn program() -> PathBuf {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(build).clone()
}

fn build() -> PathBuf {
    let folder = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().to_owned();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let built = std::process::Command::new(cargo)
        .args(["build", "--quiet", "--package", "gonogo-example-orders", "--target-dir"])
        .arg(folder.parent().unwrap())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .unwrap();
    assert!(built.success());
    folder.join("orders")
}

fn command(arguments: &[&str]) -> Command {
    let program = program().to_string_lossy().into_owned();
    let rest = arguments.iter().map(|argument| (*argument).to_owned());
    Command {
        arguments: std::iter::once(program).chain(rest).collect(),
        environment: BTreeMap::new(),
    }
}

fn dependency(name: &str, part: &str, kind: DependencyKind) -> Dependency {
    Dependency {
        name: name.to_owned(),
        kind,
        is_critical: name != "audit",
        address: None,
        command: Some(command(&[part, "{port}"])),
        timeout: None,
        max_retries: None,
        proxy: None,
        on_failure: None,
    }
}

fn journey(name: &str, method: &str, path: &str, body: &str, status: u16) -> Journey {
    Journey {
        name: name.to_owned(),
        request: Request {
            method: method.to_owned(),
            path: path.to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: body.to_owned(),
        },
        expect: Expectation { status: Some(status), ..Expectation::default() },
        peak_per_s: Some(20.0),
        ..Journey::default()
    }
}

fn orders(defect: Option<&str>) -> Service {
    let mut serve = command(&["serve"]);
    let settings = [
        ("LISTEN", "127.0.0.1:{port}"),
        ("DATABASE_URL", "postgres://orders@{orders-db}/orders"),
        ("PAYMENTS_URL", "http://{payments}"),
        ("AUDIT_URL", "http://{audit}"),
    ];
    let defect = defect.map(|defect| ("DEFECT", defect));
    for (name, value) in settings.into_iter().chain(defect) {
        serve.environment.insert(name.to_owned(), value.to_owned());
    }
    let mut place = journey("place-order", "POST", "/orders", "{\"sku\":\"a1\",\"n\":1}", 201);
    place.capture.insert("id".to_owned(), "/id".to_owned());
    Service {
        name: "orders".to_owned(),
        folder: PathBuf::from(env!("CARGO_MANIFEST_DIR")),
        command: Some(serve),
        ready: Some("/readyz".to_owned()),
        live: Some("/livez".to_owned()),
        metrics: Some("/metrics".to_owned()),
        logs: Some("stdout".to_owned()),
        journeys: vec![place, journey("read-order", "GET", "/orders/{id}", "", 200)],
        dependencies: vec![
            dependency("orders-db", "database", DependencyKind::Postgres),
            dependency("payments", "payments", DependencyKind::Http),
            dependency("audit", "audit", DependencyKind::Http),
        ],
        ..Service::default()
    }
}

/// What the drill found. On a busy machine it may find nothing and say that it could not tell: then it is asked again.
fn drilled(defect: Option<&str>) -> Account {
    let is_open = |account: &Account| {
        let mut proofs = account.proofs.iter();
        missed(account).is_empty()
            && proofs.any(|proof| matches!(proof.outcome, Outcome::Inconclusive(_)))
    };
    let mut account = drilled_once(defect);
    for _ in 0..3 {
        if !is_open(&account) {
            break;
        }
        account = drilled_once(defect);
    }
    account
}

fn drilled_once(defect: Option<&str>) -> Account {
    let root = tempfile::tempdir().unwrap();
    let service = orders(defect);
    let mut rehearsal =
        Rehearsal::begin(root.path(), "observe", "orders", Interrupt::default(), None).unwrap();
    run(&mut rehearsal, &service, &ObserveSettings { seed: 1 }).unwrap()
}

/// The requirements that the service fell short of.
fn missed(account: &Account) -> Vec<&'static str> {
    let proofs = account.proofs.iter();
    proofs
        .filter(|proof| matches!(proof.outcome, Outcome::FellShort(_)))
        .map(|proof| proof.requirement)
        .collect()
}

#[test]
fn the_good_service_keeps_everything() {
    let account = drilled(None);
    let kept = account.proofs.iter().filter(|proof| proof.outcome == Outcome::Kept).count();
    assert_eq!((kept, account.proofs.len()), (4, 4), "{account:#?}");
}

/// The sample, whose writes can be read back, and whose reads promise what no service keeps.
fn hasty() -> Service {
    let mut service = orders(None);
    let [place, read] = service.journeys.as_mut_slice() else { panic!("two journeys") };
    place.read_back = Some(ReadBack { request: read.request.clone(), expect: read.expect.clone() });
    read.latencies =
        vec![LatencyObjective { quantile: 0.5, within: std::time::Duration::from_nanos(1) }];
    service
}

/// That a drill went no further than the load without any fault.
fn goes_no_further(account: Result<Account, DrillError>) {
    match account {
        Err(DrillError::Baseline { reason, .. }) => assert!(reason.contains("`read-order`")),
        Err(DrillError::Step { reason, .. }) => assert!(reason.contains("too busy"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_service_that_misses_its_own_objectives_is_not_observed() {
    let root = tempfile::tempdir().unwrap();
    let mut rehearsal =
        Rehearsal::begin(root.path(), "observe", "orders", Interrupt::default(), None).unwrap();
    goes_no_further(run(&mut rehearsal, &hasty(), &ObserveSettings::default()));
}

#[test]
fn a_service_that_misses_its_own_objectives_is_neither_stopped_nor_killed() {
    let root = tempfile::tempdir().unwrap();
    let mut rehearsal =
        Rehearsal::begin(root.path(), "lifecycle", "orders", Interrupt::default(), None).unwrap();
    goes_no_further(lifecycle::run(&mut rehearsal, &hasty(), &LifecycleSettings::default()));
}

#[test]
fn a_dropped_trace_is_found() {
    assert_eq!(missed(&drilled(Some("drops-trace"))), ["observability/trace-propagation"]);
}

#[test]
fn spans_that_are_not_exported_are_found() {
    assert_eq!(missed(&drilled(Some("no-spans"))), ["observability/trace-propagation"]);
}

#[test]
fn logs_that_no_machine_reads_are_found() {
    assert_eq!(missed(&drilled(Some("plain-logs"))), ["observability/structured-logs"]);
}

#[test]
fn logs_without_ids_are_found() {
    assert_eq!(missed(&drilled(Some("no-log-ids"))), ["observability/log-correlation"]);
}

#[test]
fn logged_secrets_are_found() {
    assert_eq!(missed(&drilled(Some("logs-secrets"))), ["observability/no-secrets-in-logs"]);
}
