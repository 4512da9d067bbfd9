//! The use cases, one file each, where the rooms below meet.

mod assess;
mod caveat;
mod deadline;
mod import;
mod init;
mod kept;
mod look;
mod nearest;
mod next;
mod own;
pub mod policy;
mod record;
mod rehearse;
mod setup;
mod survey;
mod target;
mod untold;

pub use assess::{AssessError, PolicyChoice, Settings, assess, judge};
pub use deadline::Deadline;
pub use import::{Import, ImportError, Imported, file_imported, import};
pub use init::{InitError, init};
pub use kept::{ledger, ledger_of};
pub use nearest::nearest;
pub use next::{Ground, next, steps};
pub use record::{Draft, RecordError, Recorded, record};
pub use rehearse::{Drill, Drillable, RehearseError, drillable, file, rehearse, stays};
pub use setup::{DRILLED, Unset};
pub use survey::{Survey, survey};
pub use target::{Target, target};
pub use untold::{Untold, remember};
