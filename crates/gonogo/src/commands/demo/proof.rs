//! The second part of the demonstration: a real service that declares a timeout and has none, found by a drill, mended, and proven; and what other
//! drills prove of it.

use std::fs;
use std::path::Path;

use drills::Outcome;
use drills::fault::FaultSettings;
use drills::lifecycle::LifecycleSettings;
use drills::observe::ObserveSettings;
use engine::Drill;

use crate::arguments::Global;
use crate::commands::drill;
use crate::failure::Failure;
use crate::terminal;

const DECLARED: &str = include_str!("../../../../../examples/orders/gonogo.yaml");
/// How the sample is started by itself; in the demonstration gonogo stands for it.
const PROGRAM: &str = "../../target/release/orders,";

/// One drill of the story.
struct Scene {
    title: &'static str,
    text: &'static str,
    /// What is planted in the sample; empty for the good one.
    defect: &'static str,
    drill: Drill,
}

/// What is shown, in its order. Together it takes about two minutes, so that the demonstration stays below three on two slow cores.
fn scenes() -> [Scene; 4] {
    let payments = |fault: Option<&str>| {
        let (dependency, fault) = (Some("payments".to_owned()), fault.map(str::to_owned));
        Drill::Fault(FaultSettings { dependency, fault, ..FaultSettings::default() })
    };
    [
        Scene {
            title: "Declared is not proven",
            text: "Another service of the shop, `orders`, declares that it waits 300 ms for `payments` and tries again twice. The files cannot show\n\
                   whether that is so. A drill starts it, puts a proxy before `payments`, and lets `payments` fall silent under load.\n\n\
                   $ gonogo drill fault --dependency payments --fault \"does not answer\"",
            defect: "no-timeout",
            drill: payments(Some("does not answer")),
        },
        Scene {
            title: "The timeout is set, and proven",
            text: "One line of code later `payments` fails in every way that an HTTP service can, for a minute.\n\n\
                   $ gonogo drill fault --dependency payments",
            defect: "",
            drill: payments(None),
        },
        Scene {
            title: "Stopped, killed, and started with bad settings",
            text: "What was acknowledged before a kill has to be there after it, and a setting that makes no sense has to be refused by name.\n\n\
                   $ gonogo drill lifecycle",
            defect: "",
            drill: Drill::Lifecycle(LifecycleSettings::default()),
        },
        Scene {
            title: "Found again in traces and logs, but for its secrets",
            text: "Requests with known ids have to be found again, and secrets that are planted in them must not be.\n\n\
                   $ gonogo drill observe",
            defect: "",
            drill: Drill::Observe(ObserveSettings::default()),
        },
    ]
}

/// What a short form leaves out.
const LEFT_OUT: &str = "The other two dependencies of `orders`: `gonogo drill fault` disturbs all three, in about three minutes.\n\
    Load: `gonogo drill load` sends more and more of it until something gives out, to find the knee, leaks and slow queries. That takes some\n\
    minutes with nothing else running, and a short form would leave open just what it is for.\n\
    Nothing was recorded here. Of your own service a drill writes what it proved into the ledger, where `gonogo check` counts it; and it needs\n\
    no more than `run:`, `journeys:` and `dependencies:` in gonogo.yaml, as in examples/orders.";

/// Where a planted defect was not found.
const NOT_SEEN: &str = "This machine was too busy to tell the service's doing from its own, and a drill says so rather than blame the service. With\n\
    less running here, a request is held until `payments` speaks again, and `reliability/outbound-timeouts` falls short.";

/// Drills the sample in the folder `root` with a planted defect, and without.
pub(super) fn run(
    root: &Path,
    tell: impl Fn(&str, &str) -> Result<(), Failure>,
    global: &Global,
) -> Result<(), Failure> {
    for scene in scenes() {
        tell(scene.title, scene.text)?;
        let fell_short = play(root, &scene, global)?;
        if !scene.defect.is_empty() && !fell_short {
            tell("Not seen", NOT_SEEN)?;
        }
    }
    tell("What this left out", LEFT_OUT)
}

/// Carries a scene out; gives whether the service fell short.
fn play(root: &Path, scene: &Scene, global: &Global) -> Result<bool, Failure> {
    let broken =
        |error: std::io::Error| Failure::broken(format!("the sample cannot be set up: {error}"));
    fs::create_dir_all(root).map_err(broken)?;
    let program = std::env::current_exe().map_err(broken)?.display().to_string();
    fs::write(root.join("gonogo.yaml"), declared(&program, scene.defect)).map_err(broken)?;
    let drillable = engine::drillable(root, None)?;
    let account = drill::carry_out(&drillable, &scene.drill, global)?;
    terminal::print(&report::drill_text(&account, |shortfall| drillable.finding(shortfall)))?;
    Ok(account.proofs.iter().any(|proof| matches!(proof.outcome, Outcome::FellShort(_))))
}

/// What the sample declares, with `program` in its place and a defect planted.
fn declared(program: &str, defect: &str) -> String {
    let text = DECLARED.replace(PROGRAM, &format!("{program:?}, sample-service,"));
    if defect.is_empty() {
        return text;
    }
    let before = "    DATABASE_CONNECTIONS:";
    text.replace(before, &format!("    DEFECT: \"{defect}\"\n{before}"))
}
