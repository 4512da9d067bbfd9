//! Carries a plan out: one worker per thread, each with its part of the schedule and of the connections.

use std::net::{SocketAddr, TcpStream, ToSocketAddrs as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::assignment::Assignment;
use super::machine::{MachineWatch, thread_cpu_s};
use super::record::Machine;
use super::schedule::Schedule;
use super::script::Script;
use super::{Control, Http, LoadError, Part, Plan, Record, http1, http2, tls};

/// Time between the beginning and the first due time, for threads to start.
const LEAD: Duration = Duration::from_millis(5);

/// How long one of several addresses may take to show that somebody listens there.
const LISTENS_WITHIN: Duration = Duration::from_secs(1);

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
    let mut record = merge(records)?;
    record.machine = Machine { own_s: record.machine.own_s, ..watch.stop() };
    record.started_at = started_at;
    Ok(record)
}

fn merge(records: Vec<Result<Record, LoadError>>) -> Result<Record, LoadError> {
    let mut records = records.into_iter();
    let none = || Err(LoadError::Plan("there are no threads".to_owned()));
    let mut merged = records.next().unwrap_or_else(none)?;
    for record in records {
        merged.merge(&record?);
    }
    Ok(merged)
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
                authority: plan.target.authority().to_owned(),
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

/// The address behind a name. Of several, as `localhost` often has, the first that somebody listens at.
fn resolve(address: &str) -> Result<SocketAddr, LoadError> {
    let none = || std::io::Error::other("it has no address");
    let choose = |addresses: Vec<SocketAddr>| {
        let answers = |address: &&SocketAddr| {
            addresses.len() == 1 || TcpStream::connect_timeout(address, LISTENS_WITHIN).is_ok()
        };
        addresses.iter().find(answers).or(addresses.first()).copied().ok_or_else(none)
    };
    address
        .to_socket_addrs()
        .and_then(|addresses| choose(addresses.collect()))
        .map_err(|source| LoadError::Address { address: address.to_owned(), source })
}
