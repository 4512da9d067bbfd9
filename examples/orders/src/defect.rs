//! Defects that can be planted, each against one requirement.

/// One defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// Payments are awaited without a timeout.
    NoTimeout,
    /// A failed charge is tried again at once, until the breaker opens or for 20 times.
    RetryStorm,
    /// A failed charge is tried again without an idempotency key.
    RetryWithoutKey,
    /// Payments are called however long they have been down.
    NoBreaker,
    /// An order fails when it cannot be audited.
    AuditRequired,
    /// The process ends when the database fails.
    CrashOnError,
    /// A failed charge is answered with 200.
    HidesFailure,
    /// A connection that broke is never replaced.
    NoRecovery,
    /// Always ready.
    AlwaysReady,
    /// Not ready without audit.
    TooStrict,
    /// Failures are neither logged nor counted.
    SilentErrors,
    /// Keeps a part of each request.
    LeaksMemory,
    /// Keeps a descriptor of each request.
    LeaksDescriptors,
    /// A list asks for each of its orders by itself.
    NPlusOne,
    /// Reading an order takes the database 150 ms.
    SlowQuery,
    /// Opens a connection to the database for each request.
    NoPool,
    /// Lists all orders at once.
    NoPaging,
    /// Counts every second request.
    WrongMetrics,
    /// Sends no `traceparent` on.
    DropsTrace,
    /// Exports no spans.
    NoSpans,
    /// Logs lines that no machine reads.
    PlainLogs,
    /// Logs without the ids of the request.
    NoLogIds,
    /// Logs the headers of the request.
    LogsSecrets,
    /// Ends at once when asked to stop.
    AbruptStop,
    /// Acknowledges an order before it is stored.
    AcknowledgesEarly,
    /// Ready before the database is.
    EarlyReady,
    /// Goes on with a made-up database when the setting is wrong.
    AcceptsBadSettings,
    /// Serves one request at a time.
    OneAtATime,
    /// Talks to something that nobody declared.
    UndeclaredDependency,
}

/// All of them with their names.
const ALL: &[(&str, Defect)] = &[
    ("no-timeout", Defect::NoTimeout),
    ("retry-storm", Defect::RetryStorm),
    ("retry-without-key", Defect::RetryWithoutKey),
    ("no-breaker", Defect::NoBreaker),
    ("audit-required", Defect::AuditRequired),
    ("crash-on-error", Defect::CrashOnError),
    ("hides-failure", Defect::HidesFailure),
    ("no-recovery", Defect::NoRecovery),
    ("always-ready", Defect::AlwaysReady),
    ("too-strict", Defect::TooStrict),
    ("silent-errors", Defect::SilentErrors),
    ("leaks-memory", Defect::LeaksMemory),
    ("leaks-descriptors", Defect::LeaksDescriptors),
    ("n-plus-one", Defect::NPlusOne),
    ("slow-query", Defect::SlowQuery),
    ("no-pool", Defect::NoPool),
    ("no-paging", Defect::NoPaging),
    ("wrong-metrics", Defect::WrongMetrics),
    ("drops-trace", Defect::DropsTrace),
    ("no-spans", Defect::NoSpans),
    ("plain-logs", Defect::PlainLogs),
    ("no-log-ids", Defect::NoLogIds),
    ("logs-secrets", Defect::LogsSecrets),
    ("abrupt-stop", Defect::AbruptStop),
    ("acknowledges-early", Defect::AcknowledgesEarly),
    ("early-ready", Defect::EarlyReady),
    ("accepts-bad-settings", Defect::AcceptsBadSettings),
    ("one-at-a-time", Defect::OneAtATime),
    ("undeclared-dependency", Defect::UndeclaredDependency),
];

impl Defect {
    /// The defect called `name`, as in `DEFECT=no-timeout`.
    pub fn named(name: &str) -> Option<Self> {
        ALL.iter().find(|(known, _)| *known == name).map(|(_, defect)| *defect)
    }

    /// The names of all defects.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|(name, _)| *name)
    }
}
