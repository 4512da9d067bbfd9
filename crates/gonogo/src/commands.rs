//! One module a command.

mod check;
mod decide;
mod demo;
mod doctor;
mod drill;
mod explain;
mod keep;
mod ledger;
mod next;
mod policy;
mod shell;

use jiff::Timestamp;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::terminal;

/// Runs the command and returns the exit code.
pub(crate) fn run(arguments: &Arguments) -> Result<u8, Failure> {
    keep::kept(arguments, || carry_out(arguments))
}

fn carry_out(arguments: &Arguments) -> Result<u8, Failure> {
    let global = &arguments.global;
    match &arguments.command {
        Command::Check(check) => check::run(check, global),
        Command::Next(next) => next::run(next, global),
        Command::Explain { id, markdown, policy } => {
            explain::run(id.as_deref(), *markdown, policy.as_deref(), global)
        }
        Command::Init { tree } => init(&tree.path, global),
        Command::Attest(attest) => decide::attest(attest, global),
        Command::Plan(plan) => decide::plan(plan, global),
        Command::Accept(accept) => decide::accept(accept, global),
        Command::NotApplicable(claim) => decide::not_applicable(claim, global),
        Command::Ledger(command) => ledger::run(command, global),
        Command::Policy(command) => policy::run(command, global),
        Command::Schema { markdown } => schema(*markdown),
        Command::Doctor { tree } => doctor::run(&tree.path, global),
        Command::Demo { keep, without_drill } => demo::run(keep.as_deref(), *without_drill, global),
        Command::SampleService { arguments } => Ok(gonogo_example_orders::run(arguments)),
        Command::Drill(drill) => drill::run(drill, global),
        Command::Review(_) | Command::Incident(_) => Err(later()),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { folder } => shell::man(folder.as_deref(), global),
    }
}

/// What requirements name as their way, and this version does not have.
fn later() -> Failure {
    Failure::usage("reviews and incidents come with a later version").hint(
        "until then `gonogo plan ID` says who will show it by when, and `gonogo accept ID` who takes the risk",
    )
}

fn init(root: &std::path::Path, global: &crate::arguments::Global) -> Result<u8, Failure> {
    let (path, names) = engine::init(root, Timestamp::now())?;
    terminal::print(&format!("{}\n", path.strip_prefix(".").unwrap_or(&path).display()))?;
    terminal::say(
        &format!(
            "wrote a first gonogo.yaml for {}: see whether what it calls assumed is so, fill in what \
             stands behind `#`, then run `gonogo check {}`",
            report::clean(&names.join(", ")),
            root.display()
        ),
        global,
    );
    Ok(0)
}

fn schema(is_markdown: bool) -> Result<u8, Failure> {
    let text = if is_markdown {
        facts::schema::reference()
    } else {
        let schema = facts::schema::json_schema();
        let text = serde_json::to_string_pretty(&schema);
        text.map_err(|error| Failure::broken(format!("the schema cannot be printed: {error}")))?
            + "\n"
    };
    terminal::print(&text)?;
    Ok(0)
}
