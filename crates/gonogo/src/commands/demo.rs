//! `gonogo demo`.

use std::path::Path;

use crate::arguments::Global;
use crate::failure::Failure;

/// Shows on a sample service how NO-GO becomes GO WITH CONDITIONS.
pub(crate) fn run(_keep: Option<&Path>, _global: &Global) -> Result<u8, Failure> {
    Err(Failure::usage("the sample service is not part of this build"))
}
