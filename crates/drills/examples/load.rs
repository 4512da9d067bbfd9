//! The load generator by itself, for benchmarks: `load ADDRESS KEY=VALUE…` sends GET requests and prints what it measured as JSON.
//!
//! Keys: `path`, `rate` (per second; without it the loop is closed), `seconds`, `connections`, `threads`, `timeout` (seconds), `http` (1 or
//! 2), `streams`, `roots` (file in PEM: TLS), `name` (of the certificate), `hlog` (file to write), `record` (file to write).

use std::collections::BTreeMap;
use std::error::Error;
use std::time::Duration;

use gonogo_drills::load::{self, Control, Http, Outcome, Plan, Rate, Share, Target, Tls, Trusted};
use gonogo_drills::{Journey, Request};

#[expect(clippy::print_stdout, reason = "a tool for benchmarks prints what it measured")]
fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let address = arguments.next().ok_or("load ADDRESS KEY=VALUE…")?;
    let options: BTreeMap<String, String> = arguments
        .filter_map(|argument| {
            argument.split_once('=').map(|(key, value)| (key.to_owned(), value.to_owned()))
        })
        .collect();
    let plan = plan(&address, &options)?;
    let record = load::run(&plan, &Control::new())?;
    if let Some(path) = options.get("hlog") {
        std::fs::write(path, record.hlog())?;
    }
    if let Some(path) = options.get("record") {
        std::fs::write(path, serde_json::to_vec(&record)?)?;
    }
    println!("{}", summary(&record));
    Ok(())
}

fn plan(address: &str, options: &BTreeMap<String, String>) -> Result<Plan, Box<dyn Error>> {
    let get = |key: &str| options.get(key).map(String::as_str);
    let number = |key: &str, default: f64| -> Result<f64, Box<dyn Error>> {
        Ok(get(key).map(str::parse).transpose()?.unwrap_or(default))
    };
    let count = |key: &str, default: usize| -> Result<usize, Box<dyn Error>> {
        Ok(get(key).map(str::parse).transpose()?.unwrap_or(default))
    };
    let lasts = Duration::from_secs_f64(number("seconds", 10.0)?);
    let rate = match get("rate") {
        Some(rate) => Rate::constant(rate.parse()?, lasts),
        None => Rate::Closed { lasts },
    };
    let request = Request {
        method: "GET".to_owned(),
        path: get("path").unwrap_or("/").to_owned(),
        ..Request::default()
    };
    let journey = Journey { name: "get".to_owned(), request, ..Journey::default() };
    let tls = match get("roots") {
        Some(path) => Some(Tls {
            trusted: Trusted::Only(std::fs::read(path)?),
            server_name: get("name").map(str::to_owned),
        }),
        None => None,
    };
    let http = if get("http") == Some("2") { Http::Two } else { Http::One };
    let target = Target { tls, http, ..Target::plain(address) };
    let mut plan = Plan::new(target, vec![Share::of(journey)], rate);
    plan.connections = count("connections", plan.connections)?;
    plan.streams = count("streams", plan.streams)?;
    plan.threads = count("threads", plan.threads)?;
    plan.timeout = Duration::from_secs_f64(number("timeout", 10.0)?);
    Ok(plan)
}

fn summary(record: &load::Record) -> serde_json::Value {
    let micros = |histogram: &load::Histogram| {
        let at = |quantile| histogram.quantile(quantile).as_secs_f64() * 1e6;
        serde_json::json!({
            "p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "p99.9": at(0.999),
            "max": histogram.max().as_secs_f64() * 1e6, "mean": histogram.mean().as_secs_f64() * 1e6,
        })
    };
    let counts: BTreeMap<&str, u64> = record
        .counts()
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(outcome, count)| (outcome.name(), count))
        .collect();
    #[expect(clippy::cast_precision_loss, reason = "a ratio to look at")]
    let answered = record.counts().of(Outcome::Ok) as f64;
    serde_json::json!({
        "scheduled": record.scheduled(), "sent": record.sent(), "unsent": record.unsent(), "late": record.late,
        "outcomes": counts,
        "per_s": answered / record.ended_after.as_secs_f64(),
        "cpu_us_per_request": record.machine.own_s * 1e6 / answered,
        "own_share": record.machine.own_share(), "foreign_share": record.machine.foreign_share(),
        "latency_us": micros(&record.latency()), "service_time_us": micros(&record.service_time()),
        "slip_us": micros(&record.slip),
        "connections": record.connections,
        "errors": record.errors,
        "trust": record.trust(None),
    })
}
