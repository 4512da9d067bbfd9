//! `gonogo drill`: exercises the real service.

mod again;
mod import;
mod progress;

use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::mpsc::channel;
use std::thread;

use drills::fault::FaultSettings;
use drills::lifecycle::LifecycleSettings;
use drills::load_drill::{ALWAYS, LoadSettings, Prices};
use drills::observe::ObserveSettings;
use drills::{Account, DrillError, Interrupt, Outcome, Proof, Recovered, Service};
use engine::{Drill, Drillable, Target};
use model::counted;

use crate::arguments::{DrillCommand, Drilling, Global, Running};
use crate::failure::Failure;
use crate::{files, terminal};

/// Runs the drill and returns 0 when the service kept everything that it was asked, 1 when it fell short, 4 when nothing can be said.
pub(crate) fn run(command: &DrillCommand, global: &Global) -> Result<u8, Failure> {
    match command {
        DrillCommand::Fault { drilling, running, dependency, fault } => {
            let running = target_of(running)?;
            let settings = FaultSettings {
                dependency: dependency.clone(),
                fault: fault.clone(),
                target: running.as_ref().map(|target| target.address),
                seed: drilling.seed,
            };
            rehearse(drilling, running, &Drill::Fault(settings), global)
        }
        DrillCommand::Observe { drilling } => {
            let settings = ObserveSettings { seed: drilling.seed };
            rehearse(drilling, None, &Drill::Observe(settings), global)
        }
        DrillCommand::Lifecycle { drilling } => {
            let settings = LifecycleSettings { seed: drilling.seed };
            rehearse(drilling, None, &Drill::Lifecycle(settings), global)
        }
        DrillCommand::Load { drilling, running, duration, peak, up_to, core_hour, gib_hour } => {
            let running = target_of(running)?;
            let settings = LoadSettings {
                duration: *duration,
                peak_per_s: *peak,
                up_to: *up_to,
                prices: Prices { core_hour: *core_hour, gib_hour: *gib_hour },
                target: running.as_ref().map(|target| target.address),
                seed: drilling.seed,
            };
            rehearse(drilling, running, &Drill::Load(settings), global)
        }
        DrillCommand::Import(report) => import::run(report, global),
        DrillCommand::Recover { path } => recover(path, global),
    }
}

/// The running service that is named, if one is.
fn target_of(running: &Running) -> Result<Option<Target>, Failure> {
    let target = running.target.as_deref().map(engine::target).transpose();
    target.map_err(|error| Failure::usage(report::clean(&format!("`--target`: {error}"))))
}

fn rehearse(
    drilling: &Drilling,
    running: Option<Target>,
    drill: &Drill,
    global: &Global,
) -> Result<u8, Failure> {
    if let Some(path) = &drilling.html {
        files::try_write(path).map_err(|error| {
            Failure::usage(format!("{} cannot be written: {error}", path.display()))
                .hint("name a file in a folder that is there and yours to write")
        })?;
    }
    let mut drillable = engine::drillable(&drilling.path, drilling.service.as_deref())?;
    if let Some(speech) = running.and_then(|target| target.speech) {
        drillable.service.speech = speech;
    }
    let target = drill.target();
    match drill {
        Drill::Load(settings) => stops_above_what_is_sent(settings, &drillable.service)?,
        Drill::Fault(settings) => drills::fault::named(&drillable.service, settings)
            .map_err(|error| Failure::usage(error.to_string()).hint(error.known_in_words()))?,
        Drill::Lifecycle(_) | Drill::Observe(_) => {}
    }
    if let Some(left) = left_behind(&drillable.service.folder) {
        terminal::say(&left, global);
    }
    terminal::say(&announcement(&drillable.service, drill, target), global);
    drills::stay_here(&drillable.service, target.is_some())
        .map_err(|error| failure(&error, None))?;
    agree(drilling, &touched(&drillable.service, drill, target), global)?;
    let account = carry_out(&drillable, drill, global)?;
    // Whichever of these fails, the others are done: what took minutes to see is not lost.
    let text = report::drill_text(&account, |shortfall| drillable.finding(shortfall));
    let printed = terminal::print(&text);
    let reproduce = again::reproduce(drilling, &drillable.service, drill);
    let recorded = record(drilling, &drillable, &account, &reproduce, global);
    let drawn = draw(drilling, &drillable, &account, &reproduce);
    printed.and(recorded).and(drawn)?;
    Ok(code(&account.proofs))
}

/// Records what was proven, unless it was asked not to.
fn record(
    drilling: &Drilling,
    drillable: &Drillable,
    account: &Account,
    reproduce: &str,
    global: &Global,
) -> Result<(), Failure> {
    if drilling.no_record {
        return Ok(());
    }
    let filed = engine::file(drillable, account, reproduce)?;
    let folder = drilling.path.join(ledger::FOLDER);
    terminal::say(
        &format!("recorded {} in {}", counted(filed.len(), "entry"), folder.display()),
        global,
    );
    // A note for `gonogo next`; what is proven does not hang on it.
    let _next_says_less = engine::remember(drillable, account);
    Ok(())
}

/// Writes the page with its charts, where one was asked for.
fn draw(
    drilling: &Drilling,
    drillable: &Drillable,
    account: &Account,
    reproduce: &str,
) -> Result<(), Failure> {
    let Some(path) = &drilling.html else { return Ok(()) };
    let page = report::drill_page(account, |shortfall| drillable.finding(shortfall), reproduce);
    std::fs::write(path, page)
        .map_err(|error| Failure::broken(format!("{} cannot be written: {error}", path.display())))
}

/// Refuses a `--up-to` below what the drill sends in any case, which would not be kept to.
fn stops_above_what_is_sent(settings: &LoadSettings, service: &Service) -> Result<(), Failure> {
    let peak_per_s = settings.peak_of(service);
    let always_per_s = peak_per_s * ALWAYS;
    match settings.up_to_per_s(peak_per_s) {
        Some(up_to) if up_to < always_per_s * 0.999 => Err(Failure::usage(format!(
            "`--up-to` says {up_to:.0}/s, and three times the peak, {always_per_s:.0}/s, is sent in any case"
        ))
        .hint("give a lower `--peak`, or a higher `--up-to`")),
        _ => Ok(()),
    }
}

/// What a killed drill left in `folder`, and how it is taken back.
fn left_behind(folder: &Path) -> Option<String> {
    let left = drills::left_behind(folder).ok().filter(|left| !left.is_empty())?;
    let told = left
        .iter()
        .map(|run| format!("{}, {} of which still run", named(run), counted(run.left, "process")));
    let told = told.collect::<Vec<_>>().join(", and ");
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let is_here = here.is_some() && folder.canonicalize().ok() == here;
    let path = if is_here { String::new() } else { format!(" {}", folder.display()) };
    Some(report::clean(&format!(
        "note: {told}, was killed and left something behind: `gonogo drill recover{path}` takes it back"
    )))
}

/// Which drill of which service it was; one that was killed at once has not written it down.
fn named(run: &Recovered) -> String {
    match &run.what {
        Some((drill, service)) => format!("the drill {drill} of `{service}`"),
        None => format!("the drill {}, which had just begun", run.drill()),
    }
}

/// Carries `drill` out, showing its progress; a signal stops it and everything is taken back.
pub(super) fn carry_out(
    drillable: &Drillable,
    drill: &Drill,
    global: &Global,
) -> Result<Account, Failure> {
    // Without it, what a service starts and leaves is still found by its mark.
    let _old_kernel = drills::adopt_orphans();
    let interrupt = Interrupt::on_signals()
        .map_err(|error| Failure::broken(format!("signals cannot be taken: {error}")))?;
    let (sender, receiver) = channel();
    let quiet = global.quiet;
    let shower = thread::spawn(move || progress::show(&receiver, quiet));
    let outcome = engine::rehearse(drillable, drill, interrupt, Some(sender));
    let _panicked = shower.join();
    outcome.map_err(|error| failure(&error, engine::stays(&drillable.service, drill).as_deref()))
}

/// What will be run, so that nobody is surprised.
fn announcement(service: &Service, drill: &Drill, target: Option<SocketAddr>) -> String {
    if let Some(target) = target {
        let mut text = format!(
            "drill {} of `{}` as it runs at {}",
            drill.name(),
            report::clean(&service.name),
            service.at(target)
        );
        for dependency in &service.dependencies {
            if let (Some(proxy), Some(address)) = (&dependency.proxy, &dependency.address) {
                let line =
                    format!("{}: listens on {proxy}, passes on to {address}", dependency.name);
                let _infallible = write!(text, "\n  {}", report::clean(&line));
            }
        }
        return text;
    }
    let mut text = format!("drill {} of `{}` starts:", drill.name(), report::clean(&service.name));
    let named =
        service.dependencies.iter().map(|dependency| (&dependency.name, &dependency.command));
    for (name, command) in named.chain([(&service.name, &service.command)]) {
        if let Some(command) = command {
            let _infallible = write!(
                text,
                "\n  {}: {}",
                report::clean(name),
                report::clean(&format!("{:?}", command.arguments))
            );
        }
    }
    text
}

/// What the drill does to things that it did not start itself, as clauses.
fn touched(service: &Service, drill: &Drill, target: Option<SocketAddr>) -> Vec<String> {
    let standing: Vec<_> = service
        .dependencies
        .iter()
        .filter(|dependency| dependency.command.is_none())
        .filter_map(|dependency| {
            dependency.address.as_ref().map(|address| format!("`{}` at {address}", dependency.name))
        })
        .collect();
    let mut touched = Vec::new();
    if !standing.is_empty() {
        let standing = standing.join(", ");
        touched.push(format!("the drill's requests write into {standing}, which it did not start"));
    }
    if let Some(target) = target {
        touched.extend(touched_at(target, service, drill));
    }
    touched
}

/// What the drill does to a service that runs already at `target`.
fn touched_at(target: SocketAddr, service: &Service, drill: &Drill) -> Vec<String> {
    let place = service.at(target);
    let mut touched = Vec::new();
    let writes = service.journeys.iter().filter(|journey| journey.is_write());
    let writes: Vec<_> = writes.map(|journey| format!("`{}`", journey.name)).collect();
    if !writes.is_empty() {
        touched.push(format!(
            "the requests of {} write into what runs at {place}, which the drill did not start",
            writes.join(" and ")
        ));
    }
    if matches!(drill, Drill::Fault(_)) {
        touched.push(format!(
            "while dependencies fail, whoever uses the service at {place} sees it, and nothing restarts it"
        ));
    } else if !target.ip().is_loopback() {
        touched.push(format!("the drill's requests go to {place}, which is not this machine"));
    }
    touched
}

/// Asks before anything is touched that the drill did not start itself.
fn agree(drilling: &Drilling, touched: &[String], global: &Global) -> Result<(), Failure> {
    if touched.is_empty() || drilling.yes {
        return Ok(());
    }
    let what = report::clean(&touched.join("; "));
    let refused = || {
        Failure::usage(what.clone())
            .hint("pass `--yes` to go on, or let gonogo.yaml start a scratch one with `run:`")
    };
    if global.no_input || !std::io::stdin().is_terminal() {
        return Err(refused());
    }
    let mut asked = std::io::stderr();
    let _unseen = write!(asked, "{what}. Go on? [y/N] ").and_then(|()| asked.flush());
    let mut answer = String::new();
    let _nothing = std::io::stdin().read_line(&mut answer);
    if matches!(answer.trim(), "y" | "Y" | "yes") { Ok(()) } else { Err(refused()) }
}

/// `stays` is what the drill's requests wrote where nothing takes it back.
fn failure(error: &DrillError, stays: Option<&str>) -> Failure {
    let with = |hint: &str| match &stays {
        None => hint.to_owned(),
        Some(stays) => format!("{hint}; {}", report::clean(stays)),
    };
    let failure = Failure::broken(format!("the drill could not be carried out: {error}"));
    match error {
        DrillError::Step { help, .. } => failure.hint(help.clone()),
        DrillError::Baseline { reason, help } => Failure::broken(report::clean(&format!(
            "the drill went no further: with nothing done to the service, {reason}"
        )))
        .hint(with(help)),
        DrillError::Interrupted => {
            failure.hint(with("nothing that it started is left; nothing was recorded"))
        }
        DrillError::Journal(_) => {
            failure.hint("the folder of the service has to be writable, for `.gonogo/drills/`")
        }
    }
}

fn code(proofs: &[Proof]) -> u8 {
    let any = |wanted: fn(&Outcome) -> bool| proofs.iter().any(|proof| wanted(&proof.outcome));
    if any(|outcome| matches!(outcome, Outcome::FellShort(_))) {
        1
    } else if any(|outcome| *outcome == Outcome::Kept) {
        0
    } else {
        crate::failure::UNDECIDED
    }
}

fn recover(path: &Path, global: &Global) -> Result<u8, Failure> {
    let recovered = drills::recover(path)
        .map_err(|error| Failure::broken(format!("{}: {error}", path.display())))?;
    if recovered.is_empty() {
        terminal::say("no drill of yours was left behind here", global);
    }
    let mut left = 0;
    for run in &recovered {
        let step =
            run.step.as_ref().map_or_else(String::new, |step| format!(", in the step `{step}`"));
        let line = format!(
            "took back {}{step}: {} stopped",
            named(run),
            counted(run.processes - run.left.min(run.processes), "process")
        );
        terminal::print(&(report::clean(&line) + "\n"))?;
        left += run.left;
    }
    if left > 0 {
        return Err(Failure::broken(format!("{} could not be stopped", counted(left, "process")))
            .hint("run it again as the user who ran the drill"));
    }
    Ok(0)
}
