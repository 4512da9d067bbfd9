//! Starts a service and what it depends on, watches them, and takes everything back.
//!
//! Whatever happens, three things hold: the undo of a deed is on disk before the deed; every process of a run carries the run's mark and is
//! found by it; and what could not be carried out is an error of the drill, never a word about the service.

mod channel;
mod fill;
mod folder;
mod journal;
mod kin;
pub(crate) mod listening;
mod marked;
mod output;
mod probe;
mod probe2;
mod process;
mod recover;
mod resources;
mod ticker;

pub use kin::adopt_orphans;
pub use output::{Line, Output, Stream};
pub use probe::{Answer, get, send};
pub use process::{Exit, Process, Stopped};
pub use recover::{Recovered, left_behind, recover};
pub use resources::{Sample, Sampler, sample};

pub(crate) use channel::{agreed, greets};
pub(crate) use fill::{fill, fill_command, mentions};
pub(crate) use journal::{Journal, Undo};
pub(crate) use kin::{Register, below, bury_orphans, has_children, waited_for};
pub(crate) use listening::free_address;
pub(crate) use marked::{kill_all, members};
pub(crate) use probe::{Held, hold};
pub(crate) use process::{Inherited, Launch, signal_named, sweep};
pub(crate) use recover::{LIMIT as RECOVERY_LIMIT, recover_of};
pub(crate) use resources::{family, is_out_of_descriptors};
pub(crate) use ticker::Ticker;
