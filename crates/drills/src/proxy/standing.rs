//! What stands against a connection as a whole, in one direction: decided once for each rule, and anew when rules change.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::watch;

use super::rules::{Active, Hit, Rules};
use super::shape::Shape;
use super::{Direction, Fault};

/// The decisions about one direction of one connection.
#[derive(Debug)]
pub(super) struct Standing {
    direction: Direction,
    is_plain: bool,
    is_fresh: bool,
    changes: watch::Receiver<u64>,
    decided: Vec<Decided>,
}

#[derive(Debug)]
struct Decided {
    active: Arc<Active>,
    hit: Option<Hit>,
    /// Bytes that had passed when it was decided.
    base: u64,
}

impl Standing {
    /// `is_plain`: nothing of the connection is understood.
    pub(super) fn new(rules: &Rules, direction: Direction, is_plain: bool) -> Self {
        let changes = rules.changes();
        Self { direction, is_plain, is_fresh: false, changes, decided: Vec::new() }
    }

    /// Decides about rules that are new since the last time. `passed`: bytes until now.
    pub(super) fn refresh(&mut self, rules: &Rules, passed: u64) {
        if self.is_fresh && !self.has_changed() {
            return;
        }
        self.is_fresh = true;
        self.changes.borrow_and_update();
        let active = rules.of_connection(self.direction, self.is_plain);
        self.decided.retain(|old| active.iter().any(|active| Arc::ptr_eq(active, &old.active)));
        for active in active {
            if !self.decided.iter().any(|old| Arc::ptr_eq(&active, &old.active)) {
                let hit = active.ask();
                self.decided.push(Decided { active, hit, base: passed });
            }
        }
    }

    /// Waits for the next change of rules, which wakes the connection's task.
    pub(super) async fn changed(&self) {
        poll_fn(|_| if self.has_changed() { Poll::Ready(()) } else { Poll::Pending }).await;
    }

    fn has_changed(&self) -> bool {
        self.changes.has_changed().unwrap_or(false)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.decided.is_empty()
    }

    pub(super) fn hits(&self) -> impl Iterator<Item = &Hit> {
        let in_force = |hit: &&Hit| !hit.active.is_cleared();
        self.decided.iter().filter_map(|decided| decided.hit.as_ref()).filter(in_force)
    }

    /// The first hit whose fault is such.
    pub(super) fn find(&self, is_such: impl Fn(&Fault) -> bool) -> Option<Hit> {
        self.hits().find(|hit| is_such(&hit.active.rule.fault)).cloned()
    }

    pub(super) fn shape(&self) -> Shape {
        Shape::of(self.hits())
    }

    /// How many bytes may still pass, and the rule that says so.
    pub(super) fn room(&self, passed: u64) -> Option<(u64, &Hit)> {
        self.decided
            .iter()
            .filter_map(|decided| {
                let hit = decided.hit.as_ref().filter(|hit| !hit.active.is_cleared())?;
                let bytes = match hit.active.rule.fault {
                    Fault::Limit { bytes } => bytes,
                    Fault::Cut { after } if self.is_plain => after,
                    _ => return None,
                };
                Some((bytes.saturating_sub(passed.saturating_sub(decided.base)), hit))
            })
            .min_by_key(|(room, _)| *room)
    }

    /// Counts those hits that are such and were not counted for this connection; their names.
    pub(super) fn land(&mut self, is_such: impl Fn(&Fault) -> bool) -> Vec<Arc<str>> {
        let mut names = Vec::new();
        for hit in self.decided.iter_mut().filter_map(|decided| decided.hit.as_mut()) {
            if !hit.is_landed && !hit.active.is_cleared() && is_such(&hit.active.rule.fault) {
                hit.is_landed = true;
                hit.active.land();
                names.push(Arc::clone(&hit.active.name));
            }
        }
        names
    }
}
