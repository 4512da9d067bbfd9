//! The command line: every command, argument and help text.

mod drill;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use engine::Deadline;
use jiff::Timestamp;
use jiff::civil::Date;

pub(crate) use drill::{DrillCommand, Drilling, ImportReport, Running};

const EXAMPLES: &str = "\
Examples:
  gonogo check                               judge the services of this folder
  gonogo check --format human,html=page.html print the report, and write it as a page
  gonogo check --ratchet ../main             fail only for what is worse than there
  gonogo next                                what to do first
  gonogo explain reliability/slo             what a requirement asks, and why

Exit codes: 0 GO or GO WITH CONDITIONS, 1 NO-GO, 2 usage or configuration,
3 nothing to judge, 4 could not be decided";

/// Stands over what every command takes.
const GLOBAL: &str = "Options of every command";

/// Decides whether a service is ready for production, and proves it.
#[derive(Debug, Parser)]
#[command(name = "gonogo", version, after_help = EXAMPLES, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    /// The process that keeps this one, which carries out a drill
    #[arg(long, value_name = "PID", hide = true)]
    pub(crate) kept_by: Option<i32>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Arguments of every command.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// When to use colour [`NO_COLOR` is honoured]
    #[arg(
        long,
        global = true,
        help_heading = GLOBAL,
        hide_possible_values = true,
        value_enum,
        value_name = "auto|always|never",
        default_value = "auto",
        env = "GONOGO_COLOR",
        hide_env = true
    )]
    pub(crate) color: Color,
    /// Draw with ASCII only
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) ascii: bool,
    /// Leave out hints and progress: print what was asked for, and errors
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub(crate) quiet: bool,
    /// Tell everything: all evidence, all findings, all that was not examined
    #[arg(short, long, global = true, help_heading = GLOBAL)]
    pub(crate) verbose: bool,
    /// Never ask: where a drill would, stop and name the option instead
    #[arg(long, global = true, help_heading = GLOBAL)]
    pub(crate) no_input: bool,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge the services of a repository: GO or NO-GO, with the proof
    Check(Check),
    /// List what to do first: most risk removed per effort
    Next(Next),
    /// Explain a requirement; without an id, list all
    Explain {
        /// Id of a requirement, such as `reliability/slo`, or a dimension
        id: Option<String>,
        /// Print Markdown
        #[arg(long)]
        markdown: bool,
        /// Policy file whose own requirements can be explained too
        #[arg(long, value_name = "NAME|FILE", env = "GONOGO_POLICY")]
        policy: Option<String>,
    },
    /// Write a first gonogo.yaml from what the repository already says
    Init {
        #[command(flatten)]
        tree: Tree,
    },
    /// Attest, by name, that a requirement holds: evidence of the lowest grade
    Attest(Attest),
    /// Plan a requirement that does not hold yet: who, what, by when
    Plan(Plan),
    /// Accept the risk of a requirement that does not hold, until a date
    Accept(Accept),
    /// Say that a requirement cannot be asked of this service, by a claim that the scan checks
    NotApplicable(NotApplicable),
    /// Read and verify the record of decisions and evidence
    #[command(subcommand)]
    Ledger(LedgerCommand),
    /// Show a policy, or try another one before it counts
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Print the JSON Schema of gonogo.yaml, for editors
    Schema {
        /// Print a reference page in Markdown instead
        #[arg(long)]
        markdown: bool,
    },
    /// Look for what keeps gonogo from working here: exit code 1 where something does
    Doctor {
        #[command(flatten)]
        tree: Tree,
    },
    /// Run a part of the sample service that `demo` drills
    #[command(hide = true)]
    SampleService {
        /// Which part, and its port
        arguments: Vec<String>,
    },
    /// Show on a sample service how NO-GO becomes GO WITH CONDITIONS, and drill another: three minutes
    Demo {
        /// Only what files show: without the drills, which take two minutes
        #[arg(long)]
        without_drill: bool,
        /// Keep the sample in this folder, which must not exist yet
        #[arg(long, value_name = "FOLDER")]
        keep: Option<PathBuf>,
    },
    /// Exercise the real service and prove how it behaves
    #[command(subcommand)]
    Drill(DrillCommand),
    /// Review a service with people, which a later version does
    #[command(hide = true)]
    Review(Later),
    /// Learn from incidents, which a later version does
    #[command(hide = true)]
    Incident(Later),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page, or write all of them into a folder
    Man {
        /// The folder
        #[arg(value_name = "FOLDER")]
        folder: Option<PathBuf>,
    },
}

/// Whatever is given to a command of a later version.
#[derive(Debug, Args)]
pub(crate) struct Later {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    _rest: Vec<String>,
}

/// The tree that a command is about.
#[derive(Clone, Debug, Args)]
pub(crate) struct Tree {
    /// Folder of the repository
    #[arg(default_value = ".")]
    pub(crate) path: PathBuf,
}

/// What judging needs.
#[derive(Clone, Debug, Args)]
pub(crate) struct Judging {
    /// Judge only this service; may be given several times
    #[arg(long = "service", value_name = "NAME")]
    pub(crate) services: Vec<String>,
    /// Policy to judge by: startup, standard, regulated, or a file
    #[arg(long, value_name = "NAME|FILE", env = "GONOGO_POLICY")]
    pub(crate) policy: Option<String>,
    /// Judge as of this moment instead of now (RFC 3339)
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub(crate) at: Option<Timestamp>,
    /// Judge no more after so many seconds: what was not judged is an error
    #[arg(long, value_name = "SECONDS", default_value_t = Deadline::USUAL.as_secs())]
    pub(crate) time_limit: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) tree: Tree,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Format to print, or to write as FORMAT=FILE; may be given several times:
    /// human, json, sarif, junit, markdown, html, github, gitlab
    #[arg(
        long = "format",
        value_name = "FORMAT[=FILE]",
        env = "GONOGO_FORMAT",
        value_delimiter = ','
    )]
    pub(crate) formats: Vec<String>,
    /// Exit with 1 only for what is worse than in BASE: a folder with another checkout, or the
    /// JSON of an earlier check
    #[arg(long, value_name = "BASE")]
    pub(crate) ratchet: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Next {
    #[command(flatten)]
    pub(crate) tree: Tree,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// How many steps to list for each service; 0: all
    #[arg(short = 'n', long, default_value_t = 10)]
    pub(crate) count: usize,
}

/// What every decision needs.
#[derive(Clone, Debug, Args)]
pub(crate) struct Deciding {
    /// Id of the requirement
    #[arg(value_name = "ID")]
    pub(crate) requirement: String,
    /// The service, where the repository has several
    #[arg(long, value_name = "NAME")]
    pub(crate) service: Option<String>,
    /// Who says so and is named in the record [default: `$GONOGO_USER`, else `$USER`]
    #[arg(long, value_name = "WHO")]
    pub(crate) by: Option<String>,
    /// Folder of the repository
    #[arg(long, default_value = ".")]
    pub(crate) path: PathBuf,
    /// Policy that says who may decide what: startup, standard, regulated, or a file
    #[arg(long, value_name = "NAME|FILE", env = "GONOGO_POLICY")]
    pub(crate) policy: Option<String>,
    /// Record as of this moment instead of now (RFC 3339)
    #[arg(long, value_name = "TIME", hide = true)]
    pub(crate) at: Option<Timestamp>,
}

#[derive(Debug, Args)]
pub(crate) struct Attest {
    #[command(flatten)]
    pub(crate) deciding: Deciding,
    /// What is so, and what you know it from
    #[arg(long, value_name = "TEXT")]
    pub(crate) statement: String,
    /// Where it can be looked up
    #[arg(long, value_name = "URL")]
    pub(crate) link: Option<String>,
    /// The last day on which it counts [default: in 90 days]
    #[arg(long, value_name = "DATE|DAYS", value_parser = day)]
    pub(crate) until: Option<Day>,
}

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[command(flatten)]
    pub(crate) deciding: Deciding,
    /// Who will see to it
    #[arg(long, value_name = "WHO")]
    pub(crate) owner: String,
    /// What will be done
    #[arg(long, value_name = "TEXT")]
    pub(crate) action: String,
    /// The last day on which the plan counts: `2027-01-31` or `30d`
    #[arg(long, value_name = "DATE|DAYS", value_parser = day)]
    pub(crate) due: Day,
}

#[derive(Debug, Args)]
pub(crate) struct Accept {
    #[command(flatten)]
    pub(crate) deciding: Deciding,
    /// Why the risk can be taken
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who takes the risk and has the right to, whoever (`--by`) records it
    #[arg(long, value_name = "WHO")]
    pub(crate) approver: String,
    /// The last day on which the acceptance counts: `2027-01-31` or `30d`
    #[arg(long, value_name = "DATE|DAYS", value_parser = day)]
    pub(crate) until: Day,
    /// Requirement that has to be met in its place
    #[arg(long, value_name = "ID")]
    pub(crate) compensating: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct NotApplicable {
    #[command(flatten)]
    pub(crate) deciding: Deciding,
    /// What is not there: no-datastore, no-dependencies, no-api, no-queue, no-feature-launch
    #[arg(long, value_name = "CLAIM")]
    pub(crate) claim: String,
    /// Why that is so
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LedgerCommand {
    /// Find any change to an entry, and entries that are missing: exit code 4 where there are any
    Verify {
        #[command(flatten)]
        tree: Tree,
    },
    /// List what is recorded
    List {
        #[command(flatten)]
        tree: Tree,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Print what a policy asks of each tier
    Show {
        /// startup, standard, regulated, or a file
        #[arg(default_value = "standard")]
        policy: String,
    },
    /// Print the fields that the expressions of own requirements may name
    Fields,
    /// Show whose verdict would change under another policy, and what it would cost
    Try {
        /// startup, standard, regulated, or a file
        policy: String,
        #[command(flatten)]
        tree: Tree,
        /// Judge as of this moment instead of now (RFC 3339)
        #[arg(long, value_name = "TIME", value_parser = moment)]
        at: Option<Timestamp>,
    },
}

/// A day, or a number of days from today.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Day {
    /// This day.
    On(Date),
    /// So many days from today.
    In(u16),
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse().map_err(|_| "not a moment such as `2027-01-31T09:00:00Z`".to_owned())
}

fn day(text: &str) -> Result<Day, String> {
    if let Some(days) = text.strip_suffix('d').and_then(|days| days.parse().ok()) {
        return Ok(Day::In(days));
    }
    text.parse().map(Day::On).map_err(|_| {
        "neither a day such as `2027-01-31` nor a number of days such as `30d`".to_owned()
    })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn a_day_is_a_date_or_a_number_of_days() {
        assert!(matches!(day("30d"), Ok(Day::In(30))));
        assert!(matches!(day("2027-01-31"), Ok(Day::On(_))));
        for bad in ["", "d", "-1d", "soon", "2027-02-30", "31.1.2027"] {
            assert!(day(bad).is_err(), "{bad}");
        }
    }
}
