//! Carries a plan out: one worker per thread, each with its part of the schedule and of the connections.

use std::net::{SocketAddr, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::assignment::Assignment;
use super::machine::{MachineWatch, thread_cpu_s};
use super::schedule::Schedule;
use super::script::Script;
use super::{Control, Http, LoadError, Part, Plan, Record, http1, http2, tls};

/// Time between the beginning and the first due time, for threads to start.
const LEAD: Duration = Duration::from_millis(5);

/// Sends what the plan says and brings back what came of it. Blocks until all is answered, timed out, or stopped by the handle.
///
/// After the schedule's end, what is queued is sent for as long as the timeout; what is left then is unsent.
pub fn run(plan: &Plan, control: &Control) -> Result<Record, LoadError> {
    let assignments = assignments(plan, control)?;
    let work = match plan.target.http {
        Http::One => http1::work,
        Http::Two => http2::work,
    };
    let watch = MachineWatch::start();
    let started_at = Timestamp::now() + LEAD;
    let records: Vec<Result<Record, LoadError>> = std::thread::scope(|scope| {
        let threads: Vec<_> = assignments
            .into_iter()
            .map(|assignment| {
                scope.spawn(move || {
                    let mut record = work(assignment)?;
                    record.machine.own_s = thread_cpu_s();
                    Ok(record)
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| {
                thread.join().unwrap_or_else(|_| {
                    Err(LoadError::System(std::io::Error::other(
                        "a thread of the load generator died",
                    )))
                })
            })
            .collect()
    });
    let mut merged: Option<Record> = None;
    for record in records {
        let record = record?;
        match &mut merged {
            Some(merged) => merged.merge(&record),
            None => merged = Some(record),
        }
    }
    let mut record = merged.ok_or_else(|| LoadError::Plan("there are no threads".to_owned()))?;
    let own_s = record.machine.own_s;
    record.machine = watch.stop();
    record.machine.own_s = own_s;
    record.started_at = started_at;
    Ok(record)
}

fn assignments(plan: &Plan, control: &Control) -> Result<Vec<Assignment>, LoadError> {
    let script = Arc::new(Script::new(plan, &|name| std::env::var(name).ok())?);
    let address = resolve(&plan.target.address)?;
    let secure = tls::secure(&plan.target)?;
    let threads = plan.threads.clamp(1, plan.connections.max(1));
    let started = Instant::now() + LEAD;
    (0..threads)
        .map(|worker| {
            let of = u64::try_from(threads).unwrap_or(1);
            let index = u64::try_from(worker).unwrap_or(0);
            let part =
                Part { index: plan.part.index + plan.part.of * index, of: plan.part.of * of };
            Ok(Assignment {
                script: Arc::clone(&script),
                schedule: Schedule::new(&plan.rate, part)?,
                control: control.clone(),
                address,
                authority: plan.target.address.clone(),
                secure: secure.clone(),
                connections: (plan.connections + worker) / threads,
                streams: plan.streams,
                timeout: plan.timeout,
                started,
                worker,
            })
        })
        .collect()
}

fn resolve(address: &str) -> Result<SocketAddr, LoadError> {
    let none = || std::io::Error::other("it has no address");
    address
        .to_socket_addrs()
        .and_then(|mut addresses| addresses.next().ok_or_else(none))
        .map_err(|source| LoadError::Address { address: address.to_owned(), source })
}
