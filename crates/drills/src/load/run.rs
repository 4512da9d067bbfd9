//! Carries a plan out.

use super::{Control, LoadError, Plan, Record};

/// Sends what the plan says and brings back what came of it. Blocks until all is answered, timed out, or stopped by the handle.
pub fn run(_plan: &Plan, _control: &Control) -> Result<Record, LoadError> {
    Err(LoadError::Plan("the engine is not there yet".to_owned()))
}
