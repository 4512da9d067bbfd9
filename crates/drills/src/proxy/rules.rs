//! The rules in force, and which of them hit what.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use super::chance::{around, draw, named, share};
use super::shape::Shape;
use super::{Call, Direction, Fault, Release, Rule};

/// The rules of one proxy.
#[derive(Debug)]
pub(super) struct Rules {
    seed: u64,
    is_any: AtomicBool,
    state: Mutex<State>,
    changed: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    active: Vec<Arc<Active>>,
    /// Outlives the rules, so that nothing that landed is forgotten.
    landed: BTreeMap<String, Arc<AtomicU64>>,
}

/// A rule in force.
#[derive(Debug)]
pub(super) struct Active {
    pub(super) name: Arc<str>,
    pub(super) rule: Rule,
    seed: u64,
    asked: AtomicU64,
    hits: AtomicU64,
    landed: Arc<AtomicU64>,
    is_cleared: AtomicBool,
}

/// A rule that hit, with the number drawn for it.
#[derive(Clone, Debug)]
pub(super) struct Hit {
    pub(super) active: Arc<Active>,
    pub(super) draw: u64,
    /// Whether it was counted already.
    pub(super) is_landed: bool,
}

impl Active {
    /// Counts that it landed.
    pub(super) fn land(&self) {
        self.land_on(1);
    }

    /// Counts that it landed on so many at once.
    pub(super) fn land_on(&self, count: u64) {
        self.landed.fetch_add(count, Ordering::Relaxed);
    }

    pub(super) fn is_cleared(&self) -> bool {
        self.is_cleared.load(Ordering::Acquire)
    }

    /// Decides about the next one.
    pub(super) fn ask(self: &Arc<Self>) -> Option<Hit> {
        let position = self.asked.fetch_add(1, Ordering::Relaxed);
        let draw = draw(self.seed, position);
        if share(draw) >= self.rule.toxicity {
            return None;
        }
        let earlier = self.hits.fetch_add(1, Ordering::Relaxed);
        if self.rule.at_most.is_some_and(|at_most| earlier >= at_most) {
            return None;
        }
        Some(Hit { active: Arc::clone(self), draw, is_landed: false })
    }

    /// Whether it is about a connection as a whole even where requests are understood.
    fn is_of_connection(&self) -> bool {
        matches!(self.rule.fault, Fault::SlowClose { .. } | Fault::Limit { .. })
    }

    /// Whether it can land where requests are not understood.
    fn is_of_plain(&self) -> bool {
        let is_answer = matches!(
            self.rule.fault,
            Fault::Refuse
                | Fault::HttpAnswer { .. }
                | Fault::PostgresError { .. }
                | Fault::RedisError { .. }
        );
        !is_answer && self.rule.only.is_none()
    }
}

impl Hit {
    /// The delay of a [`Fault::Latency`], for the `piece`th piece.
    pub(super) fn delay(&self, piece: u64) -> Option<Duration> {
        let Fault::Latency { delay, jitter } = self.active.rule.fault else { return None };
        let range = u64::try_from(jitter.as_nanos()).unwrap_or(u64::MAX / 4);
        let shift = around(draw(self.draw, piece), range);
        let by = Duration::from_nanos(shift.unsigned_abs());
        Some(if shift < 0 { delay.saturating_sub(by) } else { delay.saturating_add(by) })
    }
}

impl Rules {
    pub(super) fn new(seed: u64) -> Self {
        Self {
            seed,
            is_any: AtomicBool::new(false),
            state: Mutex::default(),
            changed: watch::Sender::new(0),
        }
    }

    /// Adds or replaces a rule.
    pub(super) fn set(&self, rule: Rule) -> Arc<Active> {
        let mut state = self.state();
        let landed = Arc::clone(state.landed.entry(rule.name.clone()).or_default());
        let active = Arc::new(Active {
            name: Arc::from(rule.name.as_str()),
            seed: named(self.seed, &rule.name),
            rule,
            asked: AtomicU64::new(0),
            hits: AtomicU64::new(0),
            landed,
            is_cleared: AtomicBool::new(false),
        });
        match state.active.iter_mut().find(|old| old.name == active.name) {
            Some(old) => {
                old.is_cleared.store(true, Ordering::Release);
                *old = Arc::clone(&active);
            }
            None => state.active.push(Arc::clone(&active)),
        }
        self.publish(&state);
        active
    }

    /// Takes a rule back; `false` when there is none of that name.
    pub(super) fn clear(&self, name: &str) -> bool {
        let mut state = self.state();
        let before = state.active.len();
        state.active.retain(|active| {
            let stays = &*active.name != name;
            if !stays {
                active.is_cleared.store(true, Ordering::Release);
            }
            stays
        });
        self.publish(&state);
        state.active.len() < before
    }

    pub(super) fn clear_all(&self) {
        let mut state = self.state();
        for active in state.active.drain(..) {
            active.is_cleared.store(true, Ordering::Release);
        }
        self.publish(&state);
    }

    /// Tells when rules change.
    pub(super) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Whether there is any rule.
    pub(super) fn is_any(&self) -> bool {
        self.is_any.load(Ordering::Acquire)
    }

    /// Which rules hit this request.
    pub(super) fn decide(&self, call: &Call) -> Plan {
        if !self.is_any() {
            return Plan::default();
        }
        let mut subject = None;
        let state = self.state();
        let hits = state
            .active
            .iter()
            .filter(|active| !active.is_of_connection() && concerns(&active.rule.fault, call))
            .filter(|active| match &active.rule.only {
                Some(only) => subject.get_or_insert_with(|| call.subject()).contains(only.as_str()),
                None => true,
            })
            .filter_map(Active::ask)
            .collect();
        Plan { hits }
    }

    /// Which rules are about a connection of which nothing is understood, or about connections as a whole.
    pub(super) fn of_connection(&self, direction: Direction, is_plain: bool) -> Vec<Arc<Active>> {
        if !self.is_any() {
            return Vec::new();
        }
        self.state()
            .active
            .iter()
            .filter(|active| active.rule.direction == direction)
            .filter(
                |active| {
                    if is_plain { active.is_of_plain() } else { active.is_of_connection() }
                },
            )
            .cloned()
            .collect()
    }

    /// Waits until a black hole is taken back, and says what becomes of what it held.
    pub(super) async fn released(&self, hole: &Hit) -> Release {
        let mut changes = self.changes();
        loop {
            let still = self.state().active.iter().any(|active| {
                active.name == hole.active.name
                    && matches!(active.rule.fault, Fault::BlackHole { .. })
                    && active.rule.direction == hole.active.rule.direction
            });
            if !still {
                break;
            }
            if changes.changed().await.is_err() {
                return Release::Close;
            }
        }
        match hole.active.rule.fault {
            Fault::BlackHole { release, .. } => release,
            _ => Release::Forward,
        }
    }

    /// Waits until the rule that hit is taken back.
    pub(super) async fn cleared(&self, hit: &Hit) {
        let mut changes = self.changes();
        while !hit.active.is_cleared() {
            if changes.changed().await.is_err() {
                return;
            }
        }
    }

    pub(super) fn refuses(&self) -> bool {
        self.state().active.iter().any(|active| matches!(active.rule.fault, Fault::Refuse))
    }

    pub(super) fn landed(&self) -> BTreeMap<String, u64> {
        let counts = &self.state().landed;
        counts.iter().map(|(name, count)| (name.clone(), count.load(Ordering::Relaxed))).collect()
    }

    fn publish(&self, state: &State) {
        self.is_any.store(!state.active.is_empty(), Ordering::Release);
        self.changed.send_modify(|version| *version += 1);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a fault can land on such a call.
fn concerns(fault: &Fault, call: &Call) -> bool {
    match fault {
        Fault::Refuse => false,
        Fault::HttpAnswer { .. } => matches!(call, Call::Http(_)),
        Fault::RedisError { .. } => matches!(call, Call::Command(_)),
        Fault::PostgresError { sqlstate, .. } => match call {
            Call::Connect { .. } => ends_session(sqlstate),
            Call::Statement(_) => true,
            _ => false,
        },
        _ => true,
    }
}

/// Whether an error with this SQLSTATE ends the session (Appendix A of the manual: connection exceptions, invalid authorization,
/// unknown database, too many connections, operator intervention other than a cancelled statement).
pub(super) fn ends_session(sqlstate: &str) -> bool {
    sqlstate.starts_with("08")
        || sqlstate.starts_with("28")
        || ["3D000", "53300"].contains(&sqlstate)
        || sqlstate.starts_with("57P")
}

/// Which rules hit one request.
#[derive(Clone, Debug, Default)]
pub(super) struct Plan {
    pub(super) hits: Vec<Hit>,
}

impl Plan {
    pub(super) fn is_empty(&self) -> bool {
        self.hits.is_empty()
    }

    /// The hits in one direction whose rules are still in force.
    pub(super) fn towards(&self, direction: Direction) -> impl Iterator<Item = &Hit> {
        self.hits
            .iter()
            .filter(move |hit| hit.active.rule.direction == direction && !hit.active.is_cleared())
    }

    /// The first hit, in either direction, whose fault is such.
    pub(super) fn find(
        &self,
        direction: Option<Direction>,
        is_such: impl Fn(&Fault) -> bool,
    ) -> Option<Hit> {
        self.hits
            .iter()
            .find(|hit| {
                direction.is_none_or(|direction| hit.active.rule.direction == direction)
                    && !hit.active.is_cleared()
                    && is_such(&hit.active.rule.fault)
            })
            .cloned()
    }

    /// How bytes of the request or the answer pass.
    pub(super) fn shape(&self, direction: Direction) -> Shape {
        Shape::of(self.towards(direction))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proxy::Command;

    fn get() -> Call {
        Call::Command(Command { name: "GET".to_owned(), ..Command::default() })
    }

    fn sequence(seed: u64, toxicity: f64) -> Vec<bool> {
        let rules = Rules::new(seed);
        rules.set(Rule::new("a", Fault::reset()).toxicity(toxicity));
        (0..200).map(|_| !rules.decide(&get()).is_empty()).collect()
    }

    #[test]
    fn a_seed_gives_the_same_sequence_and_another_seed_another() {
        assert_eq!(sequence(42, 0.5), sequence(42, 0.5));
        assert_ne!(sequence(42, 0.5), sequence(43, 0.5));
    }

    #[test]
    fn toxicity_zero_never_hits_and_one_always_does() {
        assert!(sequence(42, 0.0).iter().all(|hit| !hit));
        assert!(sequence(42, 1.0).iter().all(|hit| *hit));
    }

    #[test]
    fn a_rule_hits_at_most_so_many_and_only_its_subjects() {
        let rules = Rules::new(0);
        rules.set(Rule::new("a", Fault::reset()).at_most(2));
        assert_eq!((0..9).filter(|_| !rules.decide(&get()).is_empty()).count(), 2);
        rules.set(Rule::new("a", Fault::reset()).only("SET"));
        assert!(rules.decide(&get()).is_empty());
    }

    #[test]
    fn what_landed_is_remembered_after_the_rule_is_gone() {
        let rules = Rules::new(0);
        rules.set(Rule::new("a", Fault::reset())).land();
        assert!(rules.clear("a"));
        assert!(!rules.clear("a"));
        rules.set(Rule::new("a", Fault::reset())).land();
        assert_eq!(rules.landed()["a"], 2);
    }

    #[test]
    fn an_error_that_ends_sessions_hits_clients_that_connect_and_others_do_not() {
        let connect =
            Call::Connect { user: "a".to_owned(), database: "b".to_owned(), sqlstate: None };
        let rules = Rules::new(0);
        rules.set(Rule::new("a", Fault::postgres("53300")));
        assert!(!rules.decide(&connect).is_empty());
        rules.set(Rule::new("a", Fault::postgres("40001")));
        assert!(rules.decide(&connect).is_empty());
    }

    #[test]
    fn jitter_stays_within_its_range() {
        let rules = Rules::new(0);
        let ms = Duration::from_millis;
        rules.set(Rule::new("a", Fault::Latency { delay: ms(10), jitter: ms(5) }));
        let delays: Vec<_> =
            (0..200).map(|_| rules.decide(&get()).hits[0].delay(0).unwrap()).collect();
        assert!(delays.iter().all(|delay| (ms(5)..=ms(15)).contains(delay)));
        assert!(
            delays.iter().any(|delay| *delay < ms(7)) && delays.iter().any(|delay| *delay > ms(13))
        );
    }
}
