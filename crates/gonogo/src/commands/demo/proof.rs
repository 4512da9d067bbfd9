//! The second part of the demonstration: a real service that declares a timeout and has none, found by a drill, mended, and proven.

use std::fs;
use std::path::Path;

use drills::fault::FaultSettings;
use engine::Drill;

use crate::arguments::Global;
use crate::commands::drill;
use crate::failure::Failure;
use crate::terminal;

const DECLARED: &str = include_str!("../../../../../examples/orders/gonogo.yaml");
/// How the sample is started by itself; in the demonstration gonogo stands for it.
const PROGRAM: &str = "../../target/release/orders,";

/// Drills the sample in the folder `root` with a planted defect, and again without.
pub(super) fn run(
    root: &Path,
    tell: impl Fn(&str, &str) -> Result<(), Failure>,
    global: &Global,
) -> Result<(), Failure> {
    tell(
        "Declared is not proven",
        "Another service of the shop, `orders`, declares that it waits 300 ms for `payments` and tries again twice. The files cannot show\n\
         whether that is so. A drill starts it, puts a proxy before `payments`, and lets `payments` fail in seven ways under load.\n\n\
         $ gonogo drill fault --dependency payments",
    )?;
    drill_once(root, "no-timeout", global)?;
    tell(
        "The timeout is set, and proven",
        "One line of code later the same drill runs again.\n\n$ gonogo drill fault --dependency payments",
    )?;
    drill_once(root, "", global)
}

fn drill_once(root: &Path, defect: &str, global: &Global) -> Result<(), Failure> {
    let broken =
        |error: std::io::Error| Failure::broken(format!("the sample cannot be set up: {error}"));
    fs::create_dir_all(root).map_err(broken)?;
    let program = std::env::current_exe().map_err(broken)?;
    let program = format!("{:?}, sample-service,", program.display().to_string());
    let planted = format!("    DEFECT: \"{defect}\"\n    DATABASE_CONNECTIONS:");
    let text = DECLARED.replace(PROGRAM, &program).replace("    DATABASE_CONNECTIONS:", &planted);
    fs::write(root.join("gonogo.yaml"), text).map_err(broken)?;
    let drillable = engine::drillable(root, None)?;
    let settings =
        FaultSettings { dependency: Some("payments".to_owned()), ..FaultSettings::default() };
    let account = drill::carry_out(&drillable, &Drill::Fault(settings), global)?;
    terminal::print(&report::drill_text(&account, |shortfall| drillable.finding(shortfall)))
}
