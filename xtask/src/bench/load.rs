//! `cargo xtask bench load`: the load generator beside wrk and oha, in turn, before the same nginx: what a request costs, whether latencies
//! are true, and how even the pace is.

mod generator;

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;

use super::measure::{examples, median, undisturbed, words};
use super::page;
use super::server::{Arrivals, Nginx};
use generator::{Generator, Told};

/// Runs of each generator that count.
const ROUNDS: usize = 7;

/// Runs of each generator in the tests of truth and pace.
const FEW_ROUNDS: usize = 3;

const HEAD: &str = "\
## Load generator

Written by `cargo xtask bench load`: each generator in turn, with one thread, before one nginx worker (143 bytes an answer); processor time from the operating system. wrk is Debian's, oha is `cargo
install oha`. At saturation the server has the first core and the generator the second. In the tests of truth and pace, generators and servers run in real time (`chrt -f 10`) if the user may, so that others
on the machine do not decide. `foreign` is the share of the machine that others took while gonogo ran, the server included.

";

/// Measures for about `seconds` a run, and writes the page's part.
pub(crate) fn run(root: &Path, seconds: u64) -> Result<()> {
    let examples = examples(root)?;
    let nginx = Nginx::start(&words("taskset -c 0"))?;
    let mut generators = vec![Generator::gonogo(&examples.join("load"))];
    generators.extend(Generator::installed());
    let mut part = String::from(HEAD);
    let (paced, all): (Vec<&Generator>, Vec<&Generator>) = (
        generators.iter().filter(|generator| generator.is_paced()).collect(),
        generators.iter().filter(|generator| generator.saturates()).collect(),
    );
    cost(&mut part, &all, &nginx, seconds)?;
    drop(nginx);
    let nginx = Nginx::start(&undisturbed())?;
    truth(&mut part, &paced, &nginx)?;
    drop(nginx);
    pace(&mut part, &paced, &examples.join("arrivals"), seconds)?;
    page::replace(root, "load", &part)
}

/// Processor time of one request at saturation.
fn cost(part: &mut String, generators: &[&Generator], nginx: &Nginx, seconds: u64) -> Result<()> {
    let mut told: Vec<Vec<Told>> = vec![Vec::new(); generators.len()];
    for round in 0..=ROUNDS {
        for (generator, told) in generators.iter().zip(&mut told) {
            let one = generator.saturate(nginx.address, seconds)?;
            // The first run of each warms up.
            if round > 0 {
                told.push(one);
            }
        }
    }
    let long = generators.first().map(|gonogo| gonogo.saturate(nginx.address, seconds * 10));
    part.push_str("### Cost of a request at saturation, 64 connections\n\nGoal: at most 1.0 times wrk, at most 0.65 times oha, under 20 MB however long.\n\n");
    part.push_str("| generator | CPU a request, median (min–max) | gonogo's part of it, pair by pair | requests/s, best | peak memory | foreign |\n|---|---|---|---|---|---|\n");
    for (generator, runs) in generators.iter().zip(&told) {
        let cpu = |told: &Told| told.cpu_s * 1e6 / told.requests;
        let costs = || runs.iter().map(cpu);
        let ratio = median(
            told.first().into_iter().flatten().zip(runs).map(|(own, other)| cpu(own) / cpu(other)),
        );
        let _ = writeln!(
            part,
            "| {} | {:.2} µs ({:.2}–{:.2}) | {ratio:.2} | {:.0} | {:.1} MB | {} |",
            generator.name,
            median(costs()),
            costs().fold(f64::MAX, f64::min),
            costs().fold(0.0, f64::max),
            runs.iter().map(|told| told.requests / told.wall_s).fold(0.0, f64::max),
            runs.iter().map(|told| told.peak_mb).fold(0.0, f64::max),
            foreign(runs)
        );
    }
    if let Some(long) = long.transpose()? {
        let _ = writeln!(
            part,
            "\nIn a run of {} s with {:.0} requests gonogo's peak memory was {:.1} MB.\n",
            seconds * 10,
            long.requests,
            long.peak_mb
        );
    }
    Ok(())
}

fn foreign(runs: &[Told]) -> String {
    let shares: Vec<f64> = runs.iter().filter_map(|told| told.foreign_share).collect();
    if shares.is_empty() {
        "–".to_owned()
    } else {
        format!("{:.0} %", median(shares.into_iter()) * 100.0)
    }
}

/// A server stopped for one second in ten.
fn truth(part: &mut String, generators: &[&Generator], nginx: &Nginx) -> Result<()> {
    part.push_str("### Truth of latency: nginx stopped for 1 s in 10 s at 1,000 requests/s, 50 connections\n\nA stop of S seconds in D delays the share S/D of all requests, evenly from S down to nothing: p95, p99 and p99.9 are S − 0.05 D, S − 0.01 D and S − 0.001 D. \
Goal: within 2 % of it, and sent + unsent = scheduled. S is measured at each stop.\n\n");
    part.push_str("| generator | p95 (truth) | p99 (truth) | p99.9 (truth) | furthest off | sent + unsent of scheduled |\n|---|---|---|---|---|---|\n");
    for _ in 0..FEW_ROUNDS {
        for generator in generators {
            let stop = nginx.stop_worker_after(4.0);
            let told = generator.paced(nginx.address, 1000, 10, 50)?;
            let stopped_ms =
                stop.join().map_err(|_| anyhow::anyhow!("nginx was not stopped"))??;
            let truths = [0.05, 0.01, 0.001].map(|left| stopped_ms - left * 10_000.0);
            let quantiles = [told.p95_ms, told.p99_ms, told.p999_ms];
            let off =
                quantiles.iter().zip(truths).map(|(told, truth)| (told / truth - 1.0) * 100.0);
            let furthest = off.max_by(|a, b| a.abs().total_cmp(&b.abs())).unwrap_or(0.0);
            let _ = write!(part, "| {} |", generator.name);
            for (told, truth) in quantiles.iter().zip(truths) {
                let _ = write!(part, " {told:.0} ({truth:.0}) ms |");
            }
            let _ = writeln!(part, " {furthest:+.1} % | {} |", told.accounted);
        }
    }
    part.push('\n');
    Ok(())
}

/// How even requests arrive.
fn pace(part: &mut String, generators: &[&Generator], program: &Path, seconds: u64) -> Result<()> {
    part.push_str("### Pace, 64 connections, as the server saw it\n\nGoal: the rate met within 0.1 %, a coefficient of variation of the time between arrivals of at most 0.2 at 1,000/s and 1.5 at 10,000/s (0 is a metronome, 1 is chance).\n\n");
    part.push_str("| generator | rate | arrived | variation, best (all) | own lateness p50 / p99, best | CPU a request | foreign |\n|---|---|---|---|---|---|---|\n");
    let arrivals = Arrivals::start(program)?;
    for rate in [1000, 10_000] {
        for generator in generators {
            let mut runs = Vec::new();
            for _ in 0..FEW_ROUNDS {
                arrivals.report()?;
                let told = generator.paced(arrivals.address, rate, seconds * 2, 64)?;
                runs.push((told, arrivals.report()?));
            }
            let mut variations: Vec<f64> = runs.iter().map(|(_, seen)| seen.variation).collect();
            variations.sort_by(f64::total_cmp);
            let all: Vec<String> = variations.iter().map(|cov| format!("{cov:.2}")).collect();
            let arrived: u64 = runs.iter().map(|(_, seen)| seen.count).sum();
            #[expect(clippy::cast_precision_loss, reason = "a share to look at")]
            let arrived = arrived as f64 / (rate * seconds * 2 * runs.len() as u64) as f64;
            let slips = runs.iter().filter_map(|(told, _)| told.slip_us);
            let slip = slips.min_by(|a, b| a.1.total_cmp(&b.1));
            let told: Vec<Told> = runs.iter().map(|(told, _)| told.clone()).collect();
            let _ = writeln!(
                part,
                "| {} | {rate}/s | {:.2} % | {} ({}) | {} | {:.1} µs | {} |",
                generator.name,
                arrived * 100.0,
                all.first().map_or("", String::as_str),
                all.join(", "),
                slip.map_or("not told".to_owned(), |(p50, p99)| format!("{p50:.0} / {p99:.0} µs")),
                median(told.iter().map(|told| told.cpu_s * 1e6 / told.requests)),
                foreign(&told)
            );
        }
    }
    part.push_str("\ngonogo sleeps to each due time on a kernel timer and does not spin: spinning the last 100 µs took the median of its lateness from 25–30 µs to 1 µs, for two to three times the processor time; what it did to p99 was not clear in six noisy pairs.\n");
    Ok(())
}
