//! Load whose requests are heard of one by one, each with the moment it was sent and ended on the drill's clock.

use std::net::SocketAddr;
use std::sync::mpsc::Receiver;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::load::{Control, Exchange, Outcome, Plan, Record, Watch};
use crate::{DrillError, Driving, Rehearsal, Service};

/// One request and when it was sent and ended.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// When it was sent.
    pub(super) sent: Instant,
    /// When it ended.
    pub(super) ended: Instant,
    /// How it went.
    pub(super) exchange: Exchange,
}

/// Load that runs, and what is heard of it.
#[derive(Debug)]
pub(super) struct Listening {
    driving: Driving,
    thread: JoinHandle<(Option<Instant>, Vec<Exchange>)>,
}

impl Listening {
    /// Starts `plan` and hears of the requests that `watch` names.
    pub(super) fn start(plan: Plan, watch: Watch) -> Self {
        let control = Control::new();
        let receiver = control.exchanges(watch);
        let driving = Driving::start(plan, control);
        Self { driving, thread: thread::spawn(move || hear(&receiver)) }
    }

    /// Lets `lasts` pass, telling progress.
    pub(super) fn attend(&self, rehearsal: &Rehearsal, lasts: Duration) -> Result<(), DrillError> {
        let until = Instant::now() + lasts;
        while Instant::now() < until {
            let left = until.saturating_duration_since(Instant::now());
            rehearsal.pass(left.min(Duration::from_millis(250)))?;
            self.driving.tell(rehearsal);
        }
        Ok(())
    }

    /// Stops the load and gives what was heard, and what the generator recorded; what was on its way then, or never sent, is left out.
    pub(super) fn stop(self, rehearsal: &Rehearsal) -> Result<(Vec<Heard>, Record), DrillError> {
        self.driving.control().stop();
        self.finish_recorded(rehearsal)
    }

    /// Waits for the end of the load and gives what was heard.
    pub(super) fn finish(self, rehearsal: &Rehearsal) -> Result<Vec<Heard>, DrillError> {
        Ok(self.finish_recorded(rehearsal)?.0)
    }

    /// The same, with what the generator recorded.
    pub(super) fn finish_recorded(
        self,
        rehearsal: &Rehearsal,
    ) -> Result<(Vec<Heard>, Record), DrillError> {
        let record = self.driving.finish(rehearsal)?;
        let (start, exchanges) = self.thread.join().unwrap_or_default();
        let Some(start) = start else { return Ok((Vec::new(), record)) };
        let is_told =
            |exchange: &Exchange| !matches!(exchange.outcome, Outcome::Stopped | Outcome::Unsent);
        let heard = exchanges.into_iter().filter(is_told).map(|exchange| Heard {
            sent: start + exchange.sent,
            ended: start + exchange.ended,
            exchange,
        });
        Ok((heard.collect(), record))
    }
}

/// Hears until the load is over. No exchange is told before it ended, so the earliest difference is the start of the run.
fn hear(receiver: &Receiver<Exchange>) -> (Option<Instant>, Vec<Exchange>) {
    let (mut start, mut exchanges) = (None::<Instant>, Vec::new());
    for exchange in receiver {
        let at = Instant::now().checked_sub(exchange.ended);
        start = start.into_iter().chain(at).min();
        exchanges.push(exchange);
    }
    (start, exchanges)
}

/// The journeys of `service` at `address`, at `rate_per_s` in all, for `lasts`.
pub(super) fn plan(
    service: &Service,
    address: SocketAddr,
    rate_per_s: f64,
    lasts: Duration,
) -> Plan {
    crate::plan(service, address, crate::load::Rate::constant(rate_per_s, lasts))
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A request that was sent `sent_ms` and ended `ended_ms` after `start`.
    pub(crate) fn heard(start: Instant, sent_ms: u64, ended_ms: u64, outcome: Outcome) -> Heard {
        let (sent, ended) = (Duration::from_millis(sent_ms), Duration::from_millis(ended_ms));
        let exchange = Exchange {
            sequence: 0,
            journey: 0,
            due: sent,
            sent,
            ended,
            outcome,
            status: None,
            is_reused: false,
            trace_id: None,
            captured: Vec::new(),
            body: String::new(),
        };
        Heard { sent: start + sent, ended: start + ended, exchange }
    }
}
