//! The load generator: sends requests at absolute due times whatever the service does (open loop), and measures each from the time it was
//! meant to start.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let journey = gonogo_drills::Journey::default();
//! use std::time::Duration;
//! use gonogo_drills::load::{self, Control, Plan, Rate, Share, Target};
//!
//! let rate = Rate::constant(1000.0, Duration::from_secs(10));
//! let mut plan = Plan::new(Target::plain("127.0.0.1:8080"), vec![Share::of(journey)], rate);
//! plan.connections = 200;
//! let control = Control::new(); // a clone stops the run or shows its progress from another thread
//! let record = load::run(&plan, &control)?;
//! assert_eq!(record.sent() + record.unsent(), record.scheduled());
//! println!("p99 {:?}, {:?}", record.latency().quantile(0.99), record.trust(None));
//! # Ok(()) }
//! ```
//!
//! What is never mixed: the latency from the intended start, the service time from the first byte sent, and the generator's own slip. Each
//! scheduled request ends in exactly one [`Outcome`]; [`Record::trust`] says whether the generator itself was the bottleneck.

mod answer;
mod assignment;
mod connection;
mod control;
mod exchange2;
mod histogram;
mod hlog;
mod http1;
mod http2;
mod judge;
mod machine;
mod outcome;
mod pace;
mod plan;
mod random;
mod record;
mod run;
mod schedule;
mod script;
mod stream;
mod tally;
mod template;
mod tls;
mod trust;
mod wire;

pub use control::{Control, Exchange, Progress, Watch};
pub(crate) use exchange2::head;
pub use histogram::{Histogram, PackedHistogram};
pub use outcome::{Counts, Outcome};
pub use plan::{Http, LoadError, Part, Plan, Rate, Share, Step, Target, Tls, Trusted};
pub use record::{Connections, JourneyRecord, Machine, Record, Second};
pub use run::run;
pub(crate) use stream::Secure;
pub(crate) use tls::{config, named};
pub use trust::Trust;
pub(crate) use trust::{Late, too_late};
pub(crate) use wire::Wire;
