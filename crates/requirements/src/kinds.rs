//! Sets of kinds that requirements apply to.

use model::Kind;

/// All kinds.
pub(crate) static ALL: &[Kind] = &Kind::ALL;

/// What runs by itself: all but libraries.
pub(crate) static RUNNING: &[Kind] = &[Kind::Web, Kind::Worker, Kind::Batch, Kind::Frontend];

/// What runs on servers of ours.
pub(crate) static BACKEND: &[Kind] = &[Kind::Web, Kind::Worker, Kind::Batch];

/// What runs on servers of ours all the time.
pub(crate) static LONG_RUNNING: &[Kind] = &[Kind::Web, Kind::Worker];

/// What runs all the time, wherever it stands.
pub(crate) static ALWAYS_ON: &[Kind] = &[Kind::Web, Kind::Worker, Kind::Frontend];

/// What answers requests.
pub(crate) static SERVING: &[Kind] = &[Kind::Web, Kind::Frontend];
