//! What a user is told when a command could not do its work: message, hint, exit code.

use engine::policy::PolicyError;
use engine::{AssessError, ImportError, InitError, RecordError, RehearseError};
use ledger::LedgerError;

/// Exit code for usage and configuration.
pub(crate) const USAGE: u8 = 2;

/// Exit code for what could not be decided: a source or a check broke.
pub(crate) const UNDECIDED: u8 = 4;

/// Why a command could not do its work.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What went wrong, and where.
    pub(crate) message: String,
    /// What to do.
    pub(crate) hint: Option<String>,
    /// Exit code.
    pub(crate) code: u8,
}

impl Failure {
    /// The command was not used as it is meant, or its configuration is wrong.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: USAGE }
    }

    /// Something broke on the way.
    pub(crate) fn broken(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, code: UNDECIDED }
    }

    /// Adds what to do.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            PolicyError::NotPinned { .. } | PolicyError::Several { .. } => failure,
            _ => failure.hint(
                "`gonogo policy show NAME` prints a policy, `gonogo policy fields` what own requirements \
                 may name; docs/policies.md in gonogo's repository says how to write one",
            ),
        }
    }
}

impl From<AssessError> for Failure {
    fn from(error: AssessError) -> Self {
        match error {
            AssessError::Policy(error) => error.into(),
            AssessError::NoSuchService { .. } => {
                Self::usage(error.to_string()).hint("`gonogo doctor` lists the services of a tree")
            }
            AssessError::NotRead { .. } => Self::usage(error.to_string()).hint(
                "mend it: nothing is judged on a guess of what it says. One that is not this tree's \
                 own is passed over in a folder called `examples`, `testdata` or `fixtures`",
            ),
            AssessError::Checkout(_) => {
                Self::usage(error.to_string()).hint("give the folder of a checked-out repository")
            }
        }
    }
}

impl From<RehearseError> for Failure {
    fn from(error: RehearseError) -> Self {
        match error {
            RehearseError::Assess(error) => error.into(),
            RehearseError::NotDeclared(_) => Self::usage(error.to_string()).hint(format!(
                "`gonogo init` writes a first one; then fill in its start, {}",
                drilled()
            )),
            RehearseError::NotRun { .. } => {
                Self::usage(error.to_string()).hint(format!("fill in its start, {}", drilled()))
            }
            RehearseError::Trouble { .. } => Self::usage(error.to_string())
                .hint("mend it first: a drill does not run on a guess"),
            RehearseError::Several(_) | RehearseError::NoSuchService { .. } => {
                Self::usage(error.to_string())
            }
        }
    }
}

/// What drills need, as an example.
fn drilled() -> String {
    let example = engine::DRILLED.trim_end().replace('\n', "\n  ");
    format!(
        "and what users do, such as\n\n  {example}\n\n\
         and below `dependencies:` what it calls (`gonogo schema --markdown` describes every key)"
    )
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        let text = report::clean(&error.to_string());
        match error {
            ImportError::Assess(error) => error.into(),
            ImportError::Declared(error) => error.into(),
            ImportError::Ledger(error) => error.into(),
            ImportError::NotDeclared(_) => Self::usage(text)
                .hint("`gonogo init` writes a first gonogo.yaml; reports are judged by its journeys and dependencies"),
            ImportError::NoTime(_) => {
                Self::usage(text).hint("pass `--at` with the moment at which the run began, such as `--at 2027-01-31T09:00:00Z`")
            }
            ImportError::Refused(_) | ImportError::Unfit(_) => {
                Self::usage(text).hint("nothing was recorded; `gonogo drill import --help` says which reports are read")
            }
            ImportError::Unreadable { .. } | ImportError::Time(_) => Self::usage(text),
        }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        let failure = Self::broken(error.to_string());
        match error {
            LedgerError::Broken { .. } => {
                failure.hint("`gonogo ledger verify` lists all that is wrong")
            }
            _ => failure,
        }
    }
}

impl From<RecordError> for Failure {
    fn from(error: RecordError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            RecordError::Assess(error) => error.into(),
            RecordError::Ledger(error) => error.into(),
            RecordError::NoSuchRequirement { .. } => {
                failure.hint("`gonogo explain` lists all requirements")
            }
            RecordError::SaysNothing { .. } => failure.hint(
                "say what a reviewer could check: what is so, since when, and where to see it",
            ),
            _ => failure,
        }
    }
}

impl From<InitError> for Failure {
    fn from(error: InitError) -> Self {
        let failure = Self::usage(error.to_string());
        match error {
            InitError::Assess(error) => error.into(),
            InitError::Exists(_) => {
                failure.hint("`gonogo check` reads it, `gonogo doctor` says what is wrong with it")
            }
            InitError::Io { .. } => failure,
        }
    }
}
