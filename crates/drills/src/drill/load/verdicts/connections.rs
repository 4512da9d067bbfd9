//! reliability/connection-limits: connections to the database are kept for many requests, and their number is bounded.

use super::super::promise::float;
use super::super::stretch::Stretch;
use super::super::usage::Usage;
use crate::{Dependency, DependencyKind, Proof, Service, Shortfall, Subject};

const REQUIREMENT: &str = "reliability/connection-limits";
/// More than so many new connections per request under steady load, and there is no pool.
const NOT_POOLED: f64 = 0.2;
/// Without a declared limit, more than so many open ones are taken for unbounded.
const UNBOUNDED: u64 = 100;
/// At the knee, connections may be this many times the limit while they are replaced.
const REPLACED: u64 = 3;
/// Calls without which nothing is said.
const FEWEST: u64 = 100;

/// Judges the connections in `steady` stretches, and the most that were open in `all`.
pub(in super::super) fn connection_limits(
    service: &Service,
    steady: &[&Stretch],
    all: &[&Stretch],
) -> Proof {
    let databases = service
        .dependencies
        .iter()
        .filter(|dependency| dependency.kind == DependencyKind::Postgres);
    let (mut shortfalls, mut seen, mut open) = (Vec::new(), Vec::new(), Vec::new());
    let declared = declared(service);
    for database in databases {
        let usages = |of: &[&Stretch]| -> Vec<Usage> {
            of.iter().filter_map(|stretch| stretch.usages.get(&database.name)).cloned().collect()
        };
        match judged(database, &usages(steady), &usages(all), steady, declared.as_ref()) {
            Ok(what) => seen.push(what),
            Err(Unkept::Short(shortfall)) => shortfalls.push(shortfall),
            Err(Unkept::Open(why)) => open.push(why),
        }
    }
    if shortfalls.is_empty() && !open.is_empty() {
        return Proof::inconclusive(REQUIREMENT, open.join("; "));
    }
    if shortfalls.is_empty() && seen.is_empty() {
        return Proof::inconclusive(
            REQUIREMENT,
            "the service has no database that gonogo's proxy stands before",
        );
    }
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

enum Unkept {
    Short(Shortfall),
    Open(String),
}

fn judged(
    database: &Dependency,
    steady: &[Usage],
    all: &[Usage],
    stretches: &[&Stretch],
    declared: Option<&(String, u64)>,
) -> Result<String, Unkept> {
    let name = &database.name;
    let short = |message: String, help: &str| {
        let about = Subject::Dependency(name.clone());
        Err(Unkept::Short(Shortfall { about, message, help: help.to_owned() }))
    };
    let calls: u64 = steady.iter().map(|usage| usage.calls).sum();
    if calls < FEWEST {
        return Err(Unkept::Open(format!("`{name}`: {calls} calls under load are too few")));
    }
    let opened: u64 = steady.iter().map(|usage| usage.opened).sum();
    let requests: u64 = stretches.iter().map(|stretch| stretch.record.sent()).sum();
    let most = all.iter().map(|usage| usage.max_open).max().unwrap_or(0);
    // On a machine that gives out, timeouts run out, and connections are replaced at any load.
    let calm = stretches
        .iter()
        .filter(|stretch| stretch.limit().is_none())
        .filter_map(|stretch| stretch.usages.get(name))
        .map(|usage| usage.max_open)
        .max()
        .unwrap_or(0);
    if float(opened) > NOT_POOLED * float(requests) {
        return short(
            format!(
                "{opened} connections to `{name}` were opened for {requests} requests under steady load: they are not kept, and at most {most} were open at a time"
            ),
            "take connections from a pool with a fixed largest size and a wait that ends",
        );
    }
    match declared {
        // Under more load than it carries, a pool that gives up on a connection has it and its successor for a while.
        Some((setting, limit)) if calm > *limit || most > limit * REPLACED => short(
            format!(
                "{most} connections to `{name}` were open at a time, and `{setting}` says {limit}"
            ),
            "let every part of the service take its connections from the one pool",
        ),
        Some((setting, limit)) => Ok(format!(
            "`{name}`: {opened} connections opened for {requests} requests, at most {most} at a time; `{setting}` says {limit}"
        )),
        None if most > UNBOUNDED => short(
            format!(
                "the connections to `{name}` grew to {most} with the load, and no setting bounds them"
            ),
            "bound the pool, and write the bound into `run.env`",
        ),
        None if most <= steady.iter().map(|usage| usage.max_open).max().unwrap_or(0) => {
            Ok(format!(
                "`{name}`: {opened} connections opened for {requests} requests, at most {most} at a time however much load there was"
            ))
        }
        None => Err(Unkept::Open(format!(
            "`{name}`: at most {most} connections were open, more at the knee than before it, and no setting in `run.env` says where they end"
        ))),
    }
}

/// The one setting of the service that bounds a pool: its name and value.
fn declared(service: &Service) -> Option<(String, u64)> {
    let environment = &service.command.as_ref()?.environment;
    let mut limits = environment.iter().filter_map(|(name, value)| {
        let upper = name.to_ascii_uppercase();
        let is_limit =
            ["CONNECTIONS", "MAX_CONNS", "POOL_SIZE", "POOL_MAX", "MAX_POOL", "MAXIMUM_POOL"]
                .iter()
                .any(|word| upper.contains(word))
                && !["MIN", "IDLE", "TIMEOUT", "REDIS", "HTTP"]
                    .iter()
                    .any(|word| upper.contains(word));
        let limit = value.parse().ok().filter(|limit| (1..=10_000).contains(limit))?;
        is_limit.then(|| (name.clone(), limit))
    });
    let first = limits.next();
    first.filter(|_| limits.next().is_none())
}

#[cfg(test)]
mod tests {
    use super::super::super::stretch::tests::quiet;
    use super::*;
    use crate::load::{JourneyRecord, Outcome as Ended};
    use crate::{Command, Outcome};

    fn service(setting: Option<&str>) -> Service {
        let database = Dependency {
            name: "db".into(),
            kind: DependencyKind::Postgres,
            is_critical: true,
            address: None,
            command: None,
            timeout: None,
            max_retries: None,
            proxy: None,
            on_failure: None,
        };
        let mut command = Command::default();
        if let Some(value) = setting {
            command.environment.insert("DATABASE_CONNECTIONS".into(), value.into());
        }
        Service { dependencies: vec![database], command: Some(command), ..Service::default() }
    }

    fn stretch(opened: u64, max_open: u64) -> Stretch {
        let mut stretch = quiet("3x", 100.0);
        let mut journey = JourneyRecord::default();
        journey.on_new.add_many(Ended::Ok, 1000);
        stretch.record.journeys.push(journey);
        let usage = Usage { opened, max_open, calls: 2000, ..Usage::default() };
        stretch.usages.insert("db".into(), usage);
        stretch
    }

    fn judged(setting: Option<&str>, steady: &Stretch, top: &Stretch) -> Outcome {
        connection_limits(&service(setting), &[steady], &[steady, top]).outcome
    }

    #[test]
    fn a_pool_within_its_limit_is_kept() {
        assert_eq!(judged(Some("8"), &stretch(3, 8), &stretch(0, 8)), Outcome::Kept);
        assert_eq!(judged(None, &stretch(3, 8), &stretch(0, 8)), Outcome::Kept);
    }

    #[test]
    fn a_connection_for_each_request_is_found() {
        let Outcome::FellShort(shortfalls) = judged(Some("8"), &stretch(2000, 4), &stretch(0, 4))
        else {
            panic!()
        };
        assert!(shortfalls[0].message.contains("2000 connections to `db`"), "{shortfalls:?}");
    }

    #[test]
    fn connections_that_are_being_replaced_at_the_knee_are_no_breach() {
        assert_eq!(judged(Some("8"), &stretch(3, 8), &stretch(90, 14)), Outcome::Kept);
    }

    #[test]
    fn more_than_the_limit_is_found_and_growth_without_one_is_open() {
        assert!(matches!(
            judged(Some("8"), &stretch(3, 8), &stretch(9, 25)),
            Outcome::FellShort(_)
        ));
        assert!(matches!(judged(None, &stretch(3, 8), &stretch(200, 300)), Outcome::FellShort(_)));
        assert!(matches!(judged(None, &stretch(3, 8), &stretch(9, 17)), Outcome::Inconclusive(_)));
    }
}
