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
use super::server::{LONG, Nginx};
use contender::Contender;

/// Runs of each proxy that count.
const ROUNDS: usize = 7;

/// Requests a second at which costs are compared besides saturation.
const BUSY: u64 = 10_000;

/// Requests a second at which latencies are compared.
const MODEST: u64 = 1000;

const HEAD: &str = "\
## Proxy

Written by `cargo xtask bench proxy`: each proxy in turn, with one thread, between one load generator and one nginx worker (143 bytes an answer); no fault is set. Processor time is user and system time of the
proxy's process, from `/proc`. gonogo's proxy observes: it reads every request and answer, and logs each exchange. toxiproxy-server runs with `GOMAXPROCS=1` and no toxic. Everything runs in real time
(`chrt -f 10`) if the user may, so that others on the machine do not decide.

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

/// Measures for about `seconds` a run, and writes the page's part.
pub(crate) fn run(root: &Path, seconds: u64) -> Result<()> {
    let examples = examples(root)?;
    let load = examples.join("load");
    let mut part = String::from(HEAD);
    cost(&mut part, &examples, &load, seconds)?;
    latency(&mut part, &examples, &load, seconds)?;
    page::replace(root, "proxy", &part)
}

/// Processor time of one request, at saturation and at a rate that every proxy keeps up with.
fn cost(part: &mut String, examples: &Path, load: &Path, seconds: u64) -> Result<()> {
    let on = |core: &str| [undisturbed(), words(&format!("taskset -c {core}"))].concat();
    let nginx = Nginx::start(&on("0"))?;
    let contenders = Contender::start(examples, nginx.address, &on("1"))?;
    let how = on("0");
    let load = Load { program: load, how: &how, seconds };
    let mut runs = vec![(Vec::new(), Vec::new()); contenders.len()];
    for round in 0..=ROUNDS {
        for (contender, (full, paced)) in contenders.iter().zip(&mut runs) {
            let one = load.through(contender, &["connections=64"])?;
            let other = load.through(contender, &[&format!("rate={BUSY}"), "connections=64"])?;
            // The first run of each warms up.
            if round > 0 {
                full.push(one);
                paced.push(other);
            }
        }
    }
    let _ = writeln!(
        part,
        "### Cost of a request, 64 connections\n\nThe proxy has one core, generator and nginx have the other. Goal: at most 8 µs observing HTTP/1.1, and at most 0.6 times toxiproxy's.\n\n\
         | proxy | CPU a request at saturation, median (min–max) | of toxiproxy's, pair by pair | requests/s, median (best) | CPU a request at {BUSY}/s, median (min–max) | of toxiproxy's, pair by pair |\n|---|---|---|---|---|---|"
    );
    let reference = contenders.iter().position(Contender::is_reference);
    let reference = reference.and_then(|index| runs.get(index));
    for (contender, (full, paced)) in contenders.iter().zip(&runs) {
        let rates = || full.iter().map(|run| run.per_s);
        let _ = writeln!(
            part,
            "| {} | {} | {} | {:.0} ({:.0}) | {} | {} |",
            contender.name,
            spread(full, |run| run.cpu_us, "µs"),
            part_of(full, reference.map(|(full, _)| full)),
            median(rates()),
            rates().fold(0.0, f64::max),
            spread(paced, |run| run.cpu_us, "µs"),
            part_of(paced, reference.map(|(_, paced)| paced)),
        );
    }
    part.push('\n');
    if reference.is_none() {
        part.push_str("toxiproxy-server is not on this machine (`TOXIPROXY` names it if it is not on the path): nothing is compared.\n\n");
    }
    Ok(())
}

/// How much later answers come than without the proxy.
fn latency(part: &mut String, examples: &Path, load: &Path, seconds: u64) -> Result<()> {
    let how = undisturbed();
    let nginx = Nginx::start(&how)?;
    let contenders = Contender::start(examples, nginx.address, &how)?;
    let load = Load { program: load, how: &how, seconds };
    let rate = format!("rate={MODEST}");
    let short = [rate.as_str(), "connections=16"];
    let long = [rate.as_str(), "connections=16", "path=/long"];
    let mut direct = (Vec::new(), Vec::new());
    let mut runs = vec![(Vec::new(), Vec::new()); contenders.len()];
    for round in 0..=ROUNDS {
        let one = load.at(nginx.address, &short)?;
        let other = load.at(nginx.address, &long)?;
        if round > 0 {
            direct.0.push(one);
            direct.1.push(other);
        }
        for (contender, (brief, lengthy)) in contenders.iter().zip(&mut runs) {
            let one = load.through(contender, &short)?;
            let other = load.through(contender, &long)?;
            if round > 0 {
                brief.push(one);
                lengthy.push(other);
            }
        }
    }
    let _ = writeln!(
        part,
        "### Added latency at {MODEST}/s, 16 connections\n\nThe p50 through the proxy less the p50 without it, of the same round. Goal: under 25 µs. A proxy that leaves Nagle's algorithm on stalls answers of several writes for 40 ms: \
         the right half is for answers of {LONG} bytes. Goal: none.\n\n\
         | proxy | added p50, median (min–max) | p99, median | longest of all | {LONG} bytes: added p50 | p99, median | longest of all |\n|---|---|---|---|---|---|---|"
    );
    let _ = writeln!(
        part,
        "| none | (p50 {:.0} µs) | {} | (p50 {:.0} µs) | {} |",
        median(direct.0.iter().map(|run| run.p50_us)),
        tail(&direct.0),
        median(direct.1.iter().map(|run| run.p50_us)),
        tail(&direct.1),
    );
    for (contender, (brief, lengthy)) in contenders.iter().zip(&runs) {
        let _ = writeln!(
            part,
            "| {} | {} | {} | {} | {} |",
            contender.name,
            spread(&less(brief, &direct.0), |run| run.p50_us, "µs"),
            tail(brief),
            spread(&less(lengthy, &direct.1), |run| run.p50_us, "µs"),
            tail(lengthy),
        );
    }
    Ok(())
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

fn spread(runs: &[Run], of: impl Fn(&Run) -> f64, unit: &str) -> String {
    let values = || runs.iter().map(&of);
    let (least, most) =
        (values().fold(f64::INFINITY, f64::min), values().fold(f64::NEG_INFINITY, f64::max));
    format!("{:.1} {unit} ({least:.1}–{most:.1})", median(values()))
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

    /// Asks without a proxy.
    fn at(&self, address: &str, arguments: &[&str]) -> Result<Run> {
        Ok(self.ask(address, arguments)?.0)
    }

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
        assert_eq!(spread(&added, |run| run.p50_us, "µs"), "30.0 µs (20.0–30.0)");
        assert_eq!(part_of(&[run(6.0, 0.0)], Some(&vec![run(12.0, 0.0)])), "0.50");
        assert_eq!(part_of(&[run(6.0, 0.0)], None), "–");
    }
}
