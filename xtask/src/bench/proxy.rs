//! `cargo xtask bench proxy`: the proxy beside Toxiproxy, in turn, before the same nginx: what a request costs, how much is passed on, and how
//! much later an answer comes.

mod contender;

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::measure::{examples, median, undisturbed, words};
use super::page;
use super::server::Nginx;
use contender::Contender;

/// Runs of each proxy that count.
const ROUNDS: usize = 5;

/// Requests a second at which costs are compared besides saturation.
const BUSY: &str = "rate=10000";

/// Requests a second at which latencies are compared.
const MODEST: &str = "rate=1000";

/// Where generator and server run, where the proxy does, and how that is called.
const PLACEMENTS: [(&str, &str, &str); 2] =
    [("1", "1", "Everything on one core"), ("0", "1", "The proxy has a core of its own")];

const HEAD: &str = "\
## Proxy

Written by `cargo xtask bench proxy`: each proxy in turn, with one thread, between one load generator and one nginx worker (143 bytes an answer); no fault is set. Processor time is user and system time of the
proxy's process, from `/proc`. gonogo's proxy observes: it reads every request and answer, and logs each exchange. toxiproxy-server runs with `GOMAXPROCS=1` and no toxic. Everything runs in real time
(`chrt -f 10`) if the user may, so that others on the machine do not decide. On one core nothing has to wake another core, which in a virtual machine costs more than a proxy does and varies from run to run.

Goals: at most 8 µs of processor time a request observing HTTP/1.1, and at most 0.6 times toxiproxy's; added p50 under 25 µs; no stalls. A proxy that leaves Nagle's algorithm on stalls answers of several
writes for 40 ms: the right half of the second table is for answers of 40,000 bytes.

";

/// What one run through a proxy told.
#[derive(Clone, Copy, Debug, Default)]
struct Run {
    cpu_us: f64,
    per_s: f64,
    p50_us: f64,
    p99_us: f64,
    longest_ms: f64,
}

/// How to ask.
struct Load<'a> {
    program: &'a Path,
    how: &'a [String],
    seconds: u64,
}

/// What all runs through one proxy told.
#[derive(Debug, Default)]
struct Runs {
    full: Vec<Run>,
    busy: Vec<Run>,
    short: Vec<Run>,
    long: Vec<Run>,
}

/// Measures for about `seconds` a run, and writes the page's part.
pub(crate) fn run(root: &Path, seconds: u64) -> Result<()> {
    let examples = examples(root)?;
    let mut part = String::from(HEAD);
    for (side, middle, name) in PLACEMENTS {
        let on = |core: &str| [undisturbed(), words(&format!("taskset -c {core}"))].concat();
        let nginx = Nginx::start(&on(side))?;
        let contenders = Contender::start(&examples, nginx.address, &on(middle))?;
        let load = Load { program: &examples.join("load"), how: &on(side), seconds };
        let (direct, runs) = rounds(&load, nginx.address, &contenders)?;
        let _ = writeln!(part, "### {name}\n");
        cost(&mut part, &contenders, &runs);
        latency(&mut part, &contenders, &direct, &runs);
    }
    page::replace(root, "proxy", &part)
}

/// All rounds: without a proxy, and through each.
fn rounds(load: &Load<'_>, nginx: &str, contenders: &[Contender]) -> Result<(Runs, Vec<Runs>)> {
    let (mut direct, mut runs) = (Runs::default(), Vec::new());
    runs.resize_with(contenders.len(), Runs::default);
    let short = [MODEST, "connections=16"];
    let long = [MODEST, "connections=16", "path=/long"];
    for round in 0..=ROUNDS {
        let without = (load.ask(nginx, &short)?.0, load.ask(nginx, &long)?.0);
        // The first round warms up.
        if round > 0 {
            direct.short.push(without.0);
            direct.long.push(without.1);
        }
        for (contender, runs) in contenders.iter().zip(&mut runs) {
            let full = load.through(contender, &["connections=64"])?;
            let busy = load.through(contender, &[BUSY, "connections=64"])?;
            let modest = (load.through(contender, &short)?, load.through(contender, &long)?);
            if round > 0 {
                runs.full.push(full);
                runs.busy.push(busy);
                runs.short.push(modest.0);
                runs.long.push(modest.1);
            }
        }
    }
    Ok((direct, runs))
}

/// Processor time of one request, at saturation and at a rate that every proxy keeps up with.
fn cost(part: &mut String, contenders: &[Contender], runs: &[Runs]) {
    part.push_str("| proxy, 64 connections | CPU a request at saturation, median (min–max) | of toxiproxy's, pair by pair | requests/s, median | CPU a request at 10,000/s, median (min–max) | of toxiproxy's, pair by pair |\n|---|---|---|---|---|---|\n");
    let reference = contenders.iter().position(Contender::is_reference);
    let reference = reference.and_then(|index| runs.get(index));
    for (contender, runs) in contenders.iter().zip(runs) {
        let _ = writeln!(
            part,
            "| {} | {} | {} | {:.0} | {} | {} |",
            contender.name,
            spread(&runs.full, |run| run.cpu_us),
            part_of(&runs.full, reference.map(|reference| &reference.full)),
            median(runs.full.iter().map(|run| run.per_s)),
            spread(&runs.busy, |run| run.cpu_us),
            part_of(&runs.busy, reference.map(|reference| &reference.busy)),
        );
    }
    if reference.is_none() {
        part.push_str("\ntoxiproxy-server is not on this machine (`TOXIPROXY` names it if it is not on the path): nothing is compared.\n");
    }
    part.push('\n');
}

/// How much later answers come than without the proxy.
fn latency(part: &mut String, contenders: &[Contender], direct: &Runs, runs: &[Runs]) {
    part.push_str("| proxy, 1,000 requests/s, 16 connections | added p50, median (min–max) | p99, median | longest of all | 40,000 bytes: added p50 | p99, median | longest of all |\n|---|---|---|---|---|---|---|\n");
    let _ = writeln!(
        part,
        "| none | (p50 {:.0} µs) | {} | (p50 {:.0} µs) | {} |",
        median(direct.short.iter().map(|run| run.p50_us)),
        tail(&direct.short),
        median(direct.long.iter().map(|run| run.p50_us)),
        tail(&direct.long),
    );
    for (contender, runs) in contenders.iter().zip(runs) {
        let _ = writeln!(
            part,
            "| {} | {} | {} | {} | {} |",
            contender.name,
            spread(&less(&runs.short, &direct.short), |run| run.p50_us),
            tail(&runs.short),
            spread(&less(&runs.long, &direct.long), |run| run.p50_us),
            tail(&runs.long),
        );
    }
    part.push('\n');
}

/// The runs with the median latency of their round without a proxy taken off.
fn less(runs: &[Run], direct: &[Run]) -> Vec<Run> {
    let off = |(run, direct): (&Run, &Run)| Run { p50_us: run.p50_us - direct.p50_us, ..*run };
    runs.iter().zip(direct).map(off).collect()
}

fn tail(runs: &[Run]) -> String {
    let longest = runs.iter().map(|run| run.longest_ms).fold(0.0, f64::max);
    format!("{:.0} µs | {longest:.1} ms", median(runs.iter().map(|run| run.p99_us)))
}

fn spread(runs: &[Run], of: impl Fn(&Run) -> f64) -> String {
    let values = || runs.iter().map(&of);
    let (least, most) =
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    format!("{:.1} µs ({least:.1}–{most:.1})", median(values()))
}

fn part_of(runs: &[Run], reference: Option<&Vec<Run>>) -> String {
    let Some(reference) = reference else { return "–".to_owned() };
    let ratios = runs.iter().zip(reference).map(|(run, other)| run.cpu_us / other.cpu_us);
    format!("{:.2}", median(ratios))
}

impl Load<'_> {
    /// Asks through a proxy, and takes its processor time.
    fn through(&self, contender: &Contender, arguments: &[&str]) -> Result<Run> {
        let before = contender.cpu_s()?;
        let (run, requests) = self.ask(&contender.address, arguments)?;
        let cpu_s = contender.cpu_s()? - before;
        Ok(Run { cpu_us: cpu_s * 1e6 / requests, ..run })
    }

    /// Asks whoever listens there: what was told, and how many answers came.
    fn ask(&self, address: &str, arguments: &[&str]) -> Result<(Run, f64)> {
        let output = Command::new("env")
            .args(self.how)
            .arg(self.program)
            .args([address, &format!("seconds={}", self.seconds)])
            .args(arguments)
            .output()
            .context("running env")?;
        if !output.status.success() {
            bail!("the load failed: {}", String::from_utf8_lossy(&output.stderr));
        }
        let told: Value = serde_json::from_slice(&output.stdout)?;
        let number = |pointer| told.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0);
        let requests = number("/outcomes/ok");
        if requests < 1.0 || number("/sent") > requests {
            bail!("not every request to {address} was answered well: {told}");
        }
        let run = Run {
            per_s: number("/per_s"),
            p50_us: number("/service_time_us/p50"),
            p99_us: number("/service_time_us/p99"),
            longest_ms: number("/service_time_us/max") / 1e3,
            ..Run::default()
        };
        Ok((run, requests))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(cpu_us: f64, p50_us: f64) -> Run {
        Run { cpu_us, p50_us, ..Run::default() }
    }

    #[test]
    fn what_a_proxy_adds_is_taken_round_by_round() {
        let added = less(&[run(0.0, 50.0), run(0.0, 90.0)], &[run(0.0, 30.0), run(0.0, 60.0)]);
        assert_eq!(spread(&added, |run| run.p50_us), "30.0 µs (20.0–30.0)");
        assert_eq!(part_of(&[run(6.0, 0.0)], Some(&vec![run(12.0, 0.0)])), "0.50");
        assert_eq!(part_of(&[run(6.0, 0.0)], None), "–");
    }
}
