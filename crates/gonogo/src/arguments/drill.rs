//! The arguments of `gonogo drill`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use drills::load_drill::UpTo;
use facts::imported::Format;
use jiff::Timestamp;

use super::moment;

/// Drills.
#[derive(Debug, Subcommand)]
pub(crate) enum DrillCommand {
    /// Let every dependency fail in every way under load: timeouts, retries, breakers, degradation, recovery
    Fault {
        #[command(flatten)]
        drilling: Drilling,
        #[command(flatten)]
        running: Running,
        /// Disturb only this dependency
        #[arg(long, value_name = "NAME")]
        dependency: Option<String>,
        /// Bring only the faults whose words begin so, as in "does not answer"
        #[arg(long, value_name = "WORDS")]
        fault: Option<String>,
    },
    /// Find known requests again in spans and logs, and planted secrets where they must not be
    Observe {
        #[command(flatten)]
        drilling: Drilling,
    },
    /// Stop it under load, kill it, start it without its dependencies and with bad settings
    Lifecycle {
        #[command(flatten)]
        drilling: Drilling,
    },
    /// Send more and more load: headroom, leaks, bottleneck, queries, paging, metrics that agree
    Load {
        #[command(flatten)]
        drilling: Drilling,
        #[command(flatten)]
        running: Running,
        /// How long the expected peak lasts, such as 20s or 5m; longer sees slower leaks
        #[arg(long, value_name = "TIME", default_value = "20s", value_parser = span)]
        duration: std::time::Duration,
        /// Requests a second at the expected peak, such as 200/s, instead of what gonogo.yaml says
        #[arg(long, value_name = "N/s", value_parser = rate)]
        peak: Option<f64>,
        /// Where the search for the knee stops: a rate, such as 500/s, or a multiple of the peak, such as 20x
        /// [default: where the service gives out; with --target, 3x, which is sent in any case]
        #[arg(long, value_name = "N/s|Nx", value_parser = up_to)]
        up_to: Option<UpTo>,
        /// What one hour of one core costs, to project cost
        #[arg(long, value_name = "PRICE")]
        core_hour: Option<f64>,
        /// What one hour of one GiB of memory costs
        #[arg(long, value_name = "PRICE")]
        gib_hour: Option<f64>,
    },
    /// Take another tool's report of a real run as observed evidence: k6, Gremlin, Toxiproxy
    Import(ImportReport),
    /// Take back what a killed drill left: its processes and its folder
    Recover {
        /// Folder of the service
        #[arg(default_value = ".")]
        path: PathBuf,
    },
}

impl DrillCommand {
    /// What it is told, where it starts anything.
    pub(crate) fn drilling(&self) -> Option<&Drilling> {
        match self {
            Self::Fault { drilling, .. }
            | Self::Observe { drilling }
            | Self::Lifecycle { drilling }
            | Self::Load { drilling, .. } => Some(drilling),
            Self::Import(_) | Self::Recover { .. } => None,
        }
    }
}

const IMPORT: &str = "\
Reports that are read:
  k6         the points of a run (`k6 run --out json=points.json`, gzipped or not), or its
             summary (`--summary-export`, what `handleSummary` is given, machine-readable)
  gremlin    runs of reliability tests or scenarios, as Gremlin's API returns them
  toxiproxy  {\"from\": …, \"until\": …, \"proxies\": GET /proxies, \"metrics\": [before, after]},
             with `--load` the points of a k6 run that went on meanwhile

Evidence of this kind is `observed`: it never counts as `proven`, which most of these
requirements ask of tiers 1 and 2.

Exit codes: 0 kept, 1 fell short, 2 the report or gonogo.yaml is not as it should be,
4 nothing can be said";

/// What an import is told.
#[derive(Debug, Args)]
#[command(after_help = IMPORT)]
pub(crate) struct ImportReport {
    /// The report
    pub(crate) file: PathBuf,
    /// Folder of the service, with its gonogo.yaml
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// The service, where several are declared
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// What it is a report of [default: what it looks like]
    #[arg(long, value_name = "k6|gremlin|toxiproxy", value_parser = format)]
    pub(crate) format: Option<Format>,
    /// When the run began (RFC 3339), where the report does not say so
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// k6: all requests were of this journey, by your word
    #[arg(long, value_name = "NAME")]
    pub(crate) journey: Option<String>,
    /// Toxiproxy: the points of the k6 run that went on meanwhile
    #[arg(long, value_name = "FILE")]
    pub(crate) load: Option<PathBuf>,
    /// Policy by which to say what the evidence is worth: startup, standard, regulated, or a file
    #[arg(long, value_name = "NAME|FILE", env = "GONOGO_POLICY")]
    pub(crate) policy: Option<String>,
    /// Do not record what was observed
    #[arg(long)]
    pub(crate) no_record: bool,
    /// Import as of this moment instead of now (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = moment, hide = true)]
    pub(crate) now: Option<Timestamp>,
}

fn format(text: &str) -> Result<Format, String> {
    let known = Format::ALL.into_iter().find(|format| format.name() == text);
    known.ok_or_else(|| "k6, gremlin and toxiproxy are known".to_owned())
}

/// What all drills are told.
#[derive(Debug, Args)]
pub(crate) struct Drilling {
    /// Folder of the service, with its gonogo.yaml
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
    /// The service, where several are declared
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Makes what is random repeatable
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Go on without asking, also where requests write into what the drill did not start
    #[arg(long)]
    pub(crate) yes: bool,
    /// Do not record what was proven
    #[arg(long)]
    pub(crate) no_record: bool,
    /// Write a page with charts into this file
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

/// What drills are told that need not start the service themselves.
#[derive(Debug, Args)]
pub(crate) struct Running {
    /// Drill a service that runs already, instead of starting one: HOST:PORT, or a URL with `https://` (TLS) or `h2c://`
    /// (HTTP/2 without TLS)
    // Not read here: what is wrong with it would be told with all of it, a password too.
    #[arg(long, value_name = "HOST:PORT|URL")]
    pub(crate) target: Option<String>,
}

/// A time as in gonogo.yaml: `500ms`, `20s`, `5m`, `1h`.
fn span(text: &str) -> Result<std::time::Duration, String> {
    let is_unit = |c: char| c.is_ascii_alphabetic();
    let (number, unit) = text.split_at(text.find(is_unit).unwrap_or(text.len()));
    let factor = match unit {
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return Err("give it with its unit, such as 20s or 5m".to_owned()),
    };
    let seconds =
        number.parse::<f64>().map_err(|_| format!("`{number}` is not a number"))? * factor;
    if !(1.0..=86_400.0).contains(&seconds) {
        return Err("it has to be from 1s to 24h".to_owned());
    }
    std::time::Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

/// Requests a second: `200/s` or `200`.
fn rate(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix("/s").unwrap_or(text);
    match number.parse::<f64>() {
        Ok(rate) if (0.1..=1e6).contains(&rate) => Ok(rate),
        _ => Err("give it in requests a second, such as 200/s".to_owned()),
    }
}

/// Where a search stops: `500/s`, `500`, or `20x`.
fn up_to(text: &str) -> Result<UpTo, String> {
    let Some(times) = text.strip_suffix('x') else { return rate(text).map(UpTo::Rate) };
    match times.parse::<f64>() {
        Ok(times) if (1.0..=1e5).contains(&times) => Ok(UpTo::Times(times)),
        _ => {
            Err("give it as a multiple of the peak, such as 20x, or a rate, such as 500/s"
                .to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_stops_at_a_rate_or_a_multiple() {
        assert_eq!(up_to("500/s"), Ok(UpTo::Rate(500.0)));
        assert_eq!(up_to("20x"), Ok(UpTo::Times(20.0)));
        assert!(up_to("x").is_err() && up_to("0x").is_err() && up_to("many").is_err());
    }
}
