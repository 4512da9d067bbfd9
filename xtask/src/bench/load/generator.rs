//! Load generators, how each is called, and what each tells.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::bench::measure::{undisturbed, words};

/// One load generator.
pub(super) struct Generator {
    pub(super) name: &'static str,
    program: String,
    kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Gonogo,
    Wrk,
    Oha,
    /// Oha, asked for latencies from the intended start.
    OhaCorrected,
}

/// What one run told.
#[derive(Clone, Debug, Default)]
pub(super) struct Told {
    pub(super) requests: f64,
    pub(super) wall_s: f64,
    pub(super) cpu_s: f64,
    pub(super) peak_mb: f64,
    pub(super) p95_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p999_ms: f64,
    /// Own lateness, p50 and p99.
    pub(super) slip_us: Option<(f64, f64)>,
    pub(super) foreign_share: Option<f64>,
    pub(super) accounted: String,
}

impl Generator {
    /// The one under test.
    pub(super) fn gonogo(program: &Path) -> Self {
        Self { name: "gonogo", program: program.display().to_string(), kind: Kind::Gonogo }
    }

    /// Those of the others that this machine has; `OHA` names oha's program if it is not on the path.
    pub(super) fn installed() -> Vec<Self> {
        let oha = std::env::var("OHA").unwrap_or_else(|_| "oha".to_owned());
        [
            ("wrk", "wrk", Kind::Wrk),
            ("oha", oha.as_str(), Kind::Oha),
            ("oha --latency-correction", oha.as_str(), Kind::OhaCorrected),
        ]
        .into_iter()
        .filter(|(_, program, _)| Command::new(program).arg("--version").output().is_ok())
        .map(|(name, program, kind)| Self { name, program: program.to_owned(), kind })
        .collect()
    }

    /// Whether it can hold a rate.
    pub(super) fn is_paced(&self) -> bool {
        self.kind != Kind::Wrk
    }

    /// Whether it stands in the comparison at saturation; oha is there once.
    pub(super) fn saturates(&self) -> bool {
        self.kind != Kind::OhaCorrected
    }

    /// All connections always busy.
    pub(super) fn saturate(&self, address: &str, seconds: u64) -> Result<Told> {
        let url = format!("http://{address}/");
        let pinned = words("taskset -c 1");
        let (key, lasts) = (format!("seconds={seconds}"), format!("{seconds}s"));
        match self.kind {
            Kind::Gonogo => self.measure(&pinned, &[address, "connections=64", &key]),
            Kind::Wrk => self.measure(&pinned, &["-t1", "-c64", "--latency", "-d", &lasts, &url]),
            Kind::Oha | Kind::OhaCorrected => self.measure(
                &pinned,
                &["--no-tui", "--output-format", "json", "-c", "64", "-z", &lasts, &url],
            ),
        }
    }

    /// So many requests per second.
    pub(super) fn paced(
        &self,
        address: &str,
        rate: u64,
        seconds: u64,
        connections: u64,
    ) -> Result<Told> {
        let url = format!("http://{address}/");
        let (count, per_s, lasts) =
            (connections.to_string(), rate.to_string(), format!("{seconds}s"));
        if self.kind == Kind::Gonogo {
            let rate = format!("rate={rate}");
            let seconds = format!("seconds={seconds}");
            return self.measure(
                &undisturbed(),
                &[address, &rate, &seconds, &format!("connections={connections}")],
            );
        }
        let mut arguments =
            vec!["--no-tui", "--output-format", "json", "-c", &count, "-q", &per_s, "-z", &lasts];
        if self.kind == Kind::OhaCorrected {
            arguments.push("--latency-correction");
        }
        arguments.push(&url);
        self.measure(&undisturbed(), &arguments)
    }

    /// Runs it under GNU time, after the words that say how.
    fn measure(&self, how: &[String], arguments: &[&str]) -> Result<Told> {
        let log = std::env::temp_dir().join(format!("gonogo-bench-{}.load", std::process::id()));
        let started = Instant::now();
        let output = Command::new("env")
            .args(how)
            .args(["/usr/bin/time", "--quiet", "-f", "%U %S %M", "-o"])
            .arg(&log)
            .arg(&self.program)
            .args(arguments)
            .output()
            .context("running env")?;
        let wall_s = started.elapsed().as_secs_f64();
        if !output.status.success() {
            bail!("{} failed: {}", self.name, String::from_utf8_lossy(&output.stderr));
        }
        let times = std::fs::read_to_string(&log)?;
        let _ = std::fs::remove_file(&log);
        let parts: Vec<f64> =
            times.split_whitespace().filter_map(|part| part.parse().ok()).collect();
        let [user_s, system_s, peak_kib] = parts[..] else { bail!("GNU time wrote `{times}`") };
        let text = String::from_utf8_lossy(&output.stdout);
        let told = match self.kind {
            Kind::Gonogo => gonogo(&serde_json::from_str(&text)?),
            Kind::Wrk => wrk(&text),
            Kind::Oha | Kind::OhaCorrected => oha(&serde_json::from_str(&text)?),
        };
        Ok(Told { wall_s, cpu_s: user_s + system_s, peak_mb: peak_kib / 1024.0, ..told })
    }
}

fn number(value: &Value, pointer: &str) -> f64 {
    value.pointer(pointer).and_then(Value::as_f64).unwrap_or(0.0)
}

fn gonogo(told: &Value) -> Told {
    let ms = |quantile: &str| number(told, &format!("/latency_us/{quantile}")) / 1e3;
    let (sent, unsent, scheduled) =
        (number(told, "/sent"), number(told, "/unsent"), number(told, "/scheduled"));
    Told {
        requests: number(told, "/outcomes/ok"),
        p95_ms: ms("p95"),
        p99_ms: ms("p99"),
        p999_ms: ms("p99.9"),
        slip_us: Some((number(told, "/slip_us/p50"), number(told, "/slip_us/p99"))),
        foreign_share: Some(number(told, "/foreign_share")),
        accounted: format!("{sent} + {unsent} of {scheduled}"),
        ..Told::default()
    }
}

fn oha(told: &Value) -> Told {
    let ms = |quantile: &str| number(told, &format!("/latencyPercentiles/{quantile}")) * 1e3;
    let statuses = told.get("statusCodeDistribution").and_then(Value::as_object);
    Told {
        requests: statuses.map_or(0.0, |counts| counts.values().filter_map(Value::as_f64).sum()),
        p95_ms: ms("p95"),
        p99_ms: ms("p99"),
        p999_ms: ms("p99.9"),
        accounted: "not told".to_owned(),
        ..Told::default()
    }
}

fn wrk(text: &str) -> Told {
    let line = text.lines().find(|line| line.contains("requests in"));
    let requests = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
    Told { requests: requests.unwrap_or(0.0), ..Told::default() }
}
