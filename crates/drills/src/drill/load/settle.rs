//! How often one rate is tried until what came of it can be believed.

use std::mem::replace;
use std::time::Duration;

use super::knee::Came;
use super::stretch::Stretch;
use crate::drill::busy::PATIENCE;
use crate::{DrillError, Progress, Rehearsal};

/// A rate is bad when it came bad so often: one bad moment of a shared machine is no shortfall.
const BAD: u32 = 2;
/// How often what this machine gave out for under the load itself is tried again.
const ONCE_MORE: u32 = 1;
/// How long a busy moment is waited out before the first further try.
pub(super) const PAUSE: Duration = Duration::from_secs(1);

/// Carries `again` out until a rate came good, or bad twice. What the machine had no time for says nothing and is tried once more, or up to
/// [`PATIENCE`] times where something else kept it busy: such moments pass. Waits `pause` before the first of these tries, and twice as long
/// before each of the next. Returns the stretches before the last, which begin with `first`, and the last, which says what came of the rate.
pub(super) fn settle(
    rehearsal: &mut Rehearsal,
    pause: Duration,
    first: Stretch,
    mut again: impl FnMut(&mut Rehearsal) -> Result<Stretch, DrillError>,
) -> Result<(Vec<Stretch>, Stretch), DrillError> {
    let (mut before, mut last) = (Vec::new(), first);
    let (mut bad, mut limited) = (0, 0);
    loop {
        let why = match last.came() {
            Came::Good => return Ok((before, last)),
            Came::Bad(how) => {
                bad += 1;
                how
            }
            Came::Limited(what) => {
                limited += 1;
                what
            }
        };
        let is_moment = last.is_disturbed();
        let most = if is_moment { PATIENCE } else { ONCE_MORE };
        if bad == BAD || limited > most {
            return Ok((before, last));
        }
        rehearsal.tell(Progress::Word(format!("once more, since {why}")));
        if is_moment {
            rehearsal.pass(pause * (1 << (limited - 1)))?;
        }
        let next = again(rehearsal)?;
        before.push(replace(&mut last, next));
    }
}

#[cfg(test)]
mod tests {
    use super::super::stretch::tests::{limited, quiet};
    use super::*;
    use crate::Interrupt;
    use crate::drill::strain::Strain;

    /// How many stretches there were, and what the last said, where they came like that: good, bad, or limited by something (e)lse or by the
    /// (l)oad itself.
    fn settled(came: &str) -> (usize, char) {
        let root = tempfile::tempdir().unwrap();
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), None).unwrap();
        let mut stretches = came.chars().map(|came| {
            let is_limited = matches!(came, 'e' | 'l');
            let mut stretch =
                if is_limited { limited("x", "it was late") } else { quiet("x", 5.0) };
            stretch.is_given_up = came != 'g';
            stretch.record.machine.cores = 2.0;
            let lasts_s = stretch.until.duration_since(stretch.from).as_secs_f64();
            let cores = if came == 'l' { 1.3 } else { 0.5 };
            stretch.service = Strain { cpu_s: cores * lasts_s, ..Strain::default() };
            stretch
        });
        let first = stretches.next().unwrap();
        let again = |_: &mut Rehearsal| Ok(stretches.next().unwrap());
        let (before, last) = settle(&mut rehearsal, Duration::ZERO, first, again).unwrap();
        let last = match last.came() {
            Came::Good => 'g',
            Came::Bad(_) => 'b',
            Came::Limited(_) => 'l',
        };
        (before.len() + 1, last)
    }

    #[test]
    fn what_came_good_is_good_and_what_came_bad_twice_is_bad() {
        assert_eq!(settled("g"), (1, 'g'));
        assert_eq!(settled("bg"), (2, 'g'));
        assert_eq!(settled("bbg"), (2, 'b'));
        assert_eq!(settled("ebebg"), (4, 'b'));
    }

    #[test]
    fn busy_moments_are_waited_for_and_not_for_ever() {
        assert_eq!(settled("eeeeg"), (5, 'g'));
        assert_eq!(settled("eeeeeg"), (5, 'l'));
    }

    #[test]
    fn what_the_load_itself_makes_late_is_tried_once_more() {
        assert_eq!(settled("lg"), (2, 'g'));
        assert_eq!(settled("llg"), (2, 'l'));
    }
}
