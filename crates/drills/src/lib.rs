//! Exercises a running service and measures what happens: a harness that starts and stops it, a proxy before each of its dependencies,
//! a load generator, and one module per drill.
//!
//! A drill knows requirements only by their ids. What could not be carried out is an error of the drill and says nothing about the service.

mod account;
mod drill;
mod harness;
mod keeper;
pub mod load;
mod outcome;
pub mod proxy;
mod rehearsal;
mod service;
mod site;
mod speech;
mod stage;
pub mod telemetry;

pub use account::{Account, Chart, Series, Shade};
pub use drill::load as load_drill;
pub use drill::{fault, lifecycle, observe, proves};
pub use harness::{
    Answer, Exit, Line, Output, Process, Recovered, Sample, Sampler, Stopped, Stream,
    adopt_orphans, get, left_behind, recover, sample, send,
};
pub use keeper::{Keeper, TakenBack, end_with_keeper};
pub use outcome::{Outcome, Proof, Shortfall, Subject};
pub use rehearsal::{DrillError, Interrupt, Progress, Rehearsal, Step};
pub use service::{
    Command, Dependency, DependencyKind, Expectation, Identity, Journey, LatencyObjective,
    ReadBack, Request, Service, Stop,
};
pub use site::{Driving, Site, peak_per_s, plan};
pub use speech::{Door, Scheme, Speech};
pub use stage::{Instance, Stage, Upstream, stay_here};
