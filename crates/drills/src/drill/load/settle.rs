//! How often one rate is tried until what came of it can be believed.

use std::mem::replace;

use super::knee::Came;
use super::stretch::Stretch;
use crate::{DrillError, Progress, Rehearsal};

/// A rate is bad when it came bad so often: one bad moment of a shared machine is no shortfall.
const BAD: u32 = 2;

/// Carries `again` out until a rate came good, or bad twice. What the machine had no time for says nothing, and is tried at most `patience` times
/// more: busy moments pass. Returns the stretches before the last, which begin with `first`, and the last, which says what came of the rate.
pub(super) fn settle(
    rehearsal: &mut Rehearsal,
    patience: u32,
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
        if bad == BAD || limited > patience {
            return Ok((before, last));
        }
        rehearsal.tell(Progress::Word(format!("once more, since {why}")));
        let next = again(rehearsal)?;
        before.push(replace(&mut last, next));
    }
}

#[cfg(test)]
mod tests {
    use super::super::stretch::tests::{limited, quiet};
    use super::*;
    use crate::Interrupt;

    /// How many stretches there were, and what the last said, where they came like that: good, bad or limited.
    fn settled(patience: u32, came: &str) -> (usize, char) {
        let root = tempfile::tempdir().unwrap();
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), None).unwrap();
        let mut stretches = came.chars().map(|came| {
            let mut stretch =
                if came == 'l' { limited("x", "it was late") } else { quiet("x", 5.0) };
            stretch.is_given_up = came != 'g';
            stretch
        });
        let first = stretches.next().unwrap();
        let again = |_: &mut Rehearsal| Ok(stretches.next().unwrap());
        let (before, last) = settle(&mut rehearsal, patience, first, again).unwrap();
        let last = match last.came() {
            Came::Good => 'g',
            Came::Bad(_) => 'b',
            Came::Limited(_) => 'l',
        };
        (before.len() + 1, last)
    }

    #[test]
    fn what_came_good_is_good_and_what_came_bad_twice_is_bad() {
        assert_eq!(settled(0, "g"), (1, 'g'));
        assert_eq!(settled(0, "bg"), (2, 'g'));
        assert_eq!(settled(0, "bbg"), (2, 'b'));
    }

    #[test]
    fn busy_moments_are_waited_for_and_not_for_ever() {
        assert_eq!(settled(2, "llg"), (3, 'g'));
        assert_eq!(settled(2, "lllg"), (3, 'l'));
        assert_eq!(settled(2, "lblbg"), (4, 'b'));
        assert_eq!(settled(0, "lg"), (1, 'l'));
    }
}
