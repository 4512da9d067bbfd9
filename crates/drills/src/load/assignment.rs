//! What one worker is given.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::control::Control;
use super::schedule::Schedule;
use super::script::Script;
use super::stream::Secure;

/// One worker's part of a plan.
pub(super) struct Assignment {
    pub(super) script: Arc<Script>,
    pub(super) schedule: Schedule,
    pub(super) control: Control,
    pub(super) address: SocketAddr,
    /// What the target is called by in requests.
    pub(super) authority: String,
    pub(super) secure: Option<Secure>,
    pub(super) connections: usize,
    pub(super) streams: usize,
    pub(super) timeout: Duration,
    pub(super) started: Instant,
    pub(super) worker: usize,
}
