//! Asks the service for its health while a trial runs, from a thread of its own.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Service;
use crate::harness::{Ticker, get};

const INTERVAL: Duration = Duration::from_millis(200);
/// An answer that takes longer counts as none, as with the default of an orchestrator's probe.
const LIMIT: Duration = Duration::from_secs(1);

/// One look at the service's health.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    /// When it was asked.
    pub(super) at: Instant,
    /// Whether it said that it is ready; `None`: it has no such path.
    pub(super) is_ready: Option<bool>,
    /// Whether it said that it lives; `None`: it has no such path.
    pub(super) is_live: Option<bool>,
}

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct Health {
    looks: Arc<Mutex<Vec<Look>>>,
    ticker: Ticker,
}

impl Health {
    /// Asks `service` at `address` whether it is ready and alive, five times a second.
    pub(super) fn watch(service: &Service, address: SocketAddr) -> Self {
        let looks: Arc<Mutex<Vec<Look>>> = Arc::default();
        let speech = service.speech.clone();
        let (ready, live) = (service.ready.clone(), service.live.clone());
        let is_ok = move |path: &Option<String>| {
            let get = |path: &String| get(speech.at(address), path, LIMIT);
            path.as_ref().map(|path| get(path).is_ok_and(|answer| answer.is_ok()))
        };
        let ticker = Ticker::start({
            let looks = looks.clone();
            move || {
                let at = Instant::now();
                let look = Look { at, is_ready: is_ok(&ready), is_live: is_ok(&live) };
                looks.lock().unwrap_or_else(PoisonError::into_inner).push(look);
                Some(INTERVAL.saturating_sub(at.elapsed()))
            }
        });
        Self { looks, ticker }
    }

    /// All looks, after the last one.
    pub(super) fn finish(self) -> Vec<Look> {
        drop(self.ticker);
        std::mem::take(&mut *self.looks.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
