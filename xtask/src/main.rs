//! `cargo xtask`: the one door for generation and checks of the workspace itself.

mod bench;
mod detect;
mod fuzz;
mod kills;
mod new_requirement;
mod sample;
mod sync;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  new requirement DIMENSION/ID   a requirement's two files, and its registration
  sync [--check]                 writes the registration of requirements; --check only compares
  tidy                           checks rules of style: floors, sizes, first lines, dead links
  fuzz [SECONDS [TARGET...]]     runs the fuzz targets, each for 600 s or so long
  bench                          times gonogo against ripgrep, and writes its part of docs/benchmarks.md
  bench load [SECONDS]           the load generator against wrk and oha, before nginx; writes its part too
  bench proxy [SECONDS]          the proxy against toxiproxy-server, before nginx; writes its part too
  detect [RUNS [JOBS [NAME...]]] plants each defect in the sample and runs the drill that has to find it, JOBS at once;
                                 what stands after `--` is given to the drill
  kills [COUNT [JOBS [SEED]]]    kills drills of the sample at random moments and looks for what they left, JOBS at once
  test                           checks everything that has to hold, naming what is missing
";

#[expect(clippy::print_stderr, reason = "a tool of the workspace speaks to its developer")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["new", "requirement", id] => new_requirement::run(&root(), id),
        ["sync"] => sync::write(&root()),
        ["bench"] => bench::run(&root()),
        ["bench", "load"] => bench::load::run(&root(), 4),
        ["bench", "load", seconds] => match seconds.parse() {
            Ok(seconds) => bench::load::run(&root(), seconds),
            Err(_) => Err(anyhow::anyhow!("`{seconds}` is no number of seconds\n\n{USAGE}")),
        },
        ["bench", "proxy"] => bench::proxy::run(&root(), 2),
        ["bench", "proxy", seconds] => match seconds.parse() {
            Ok(seconds) => bench::proxy::run(&root(), seconds),
            Err(_) => Err(anyhow::anyhow!("`{seconds}` is no number of seconds\n\n{USAGE}")),
        },
        ["fuzz"] => fuzz::run(&root(), 600, &[]),
        ["fuzz", seconds, targets @ ..] => match seconds.parse() {
            Ok(seconds) => fuzz::run(&root(), seconds, targets),
            Err(_) => Err(anyhow::anyhow!("`{seconds}` is no number of seconds\n\n{USAGE}")),
        },
        ["detect"] => detect::run(&root(), 1, 1, &[], &[]),
        ["detect", runs] => counted(runs).and_then(|runs| detect::run(&root(), runs, 1, &[], &[])),
        ["detect", runs, jobs, rest @ ..] => {
            let mut parts = rest.splitn(2, |word| *word == "--");
            let (only, options) =
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            counted(runs).and_then(|runs| {
                detect::run(&root(), runs, usize::try_from(counted(jobs)?)?, only, options)
            })
        }
        ["kills", rest @ ..] if rest.len() <= 3 => killed(rest),
        ["tidy"] => tidy::check(&root()),
        ["test"] => test::run(&root()),
        ["sync", "--check"] => sync::check(&root()),
        _ => Err(anyhow::anyhow!("{USAGE}")),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn counted(text: &str) -> anyhow::Result<u32> {
    text.parse().map_err(|_| anyhow::anyhow!("`{text}` is no number\n\n{USAGE}"))
}

fn killed(numbers: &[&str]) -> anyhow::Result<()> {
    let number = |index: usize, usual| numbers.get(index).map_or(Ok(usual), |text| counted(text));
    kills::run(&root(), number(0, 20)?, number(1, 2)?, u64::from(number(2, 1)?))
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new(".")).to_owned()
}
