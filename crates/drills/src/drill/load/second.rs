//! A second instance: what two carry of what one does not.

use super::knee::Came;
use super::press::SUSTAINED;
use super::settle::{PAUSE, settle};
use super::stretch::{Bench, Stretch};
use super::verdicts::held::Second;
use crate::{DrillError, Rehearsal, Service, Site};

/// What two instances are given, in what one carries.
const TIMES_ONE: f64 = 1.6;

/// Whether the drill leaves cores for what a second instance takes. What else runs on the machine comes and goes, and the load on two shows it.
pub(super) fn spare_cores(top: &Stretch) -> Result<(), String> {
    let lasts_s = top.until.duration_since(top.from).as_secs_f64().max(1e-3);
    let cores = top.record.machine.cores;
    let (free, needed) = (cores - top.used_s() / lasts_s, top.service.cpu_s / lasts_s);
    if free >= needed {
        return Ok(());
    }
    Err(format!(
        "one instance at its knee takes {needed:.1} cores, and this drill leaves {:.1} of the {cores:.0} of this machine for another",
        free.max(0.0)
    ))
}

/// Starts a second instance and sends more than one carries to both.
pub(super) fn second(
    rehearsal: &mut Rehearsal,
    service: &Service,
    site: &mut Site,
    (peak_per_s, good_per_s): (f64, f64),
    seed: u64,
) -> Result<Second, DrillError> {
    let routes = site.routes.clone();
    let instance = site.stage.service(rehearsal, service, &routes)?;
    let addresses = [site.address, instance.address()];
    let bench = Bench { service, site, peak_per_s, seed };
    let rate_per_s = good_per_s * TIMES_ONE;
    let step = format!("send {rate_per_s:.0}/s to two instances");
    let lasts = bench.long_enough(rate_per_s, SUSTAINED);
    let both = |rehearsal: &mut Rehearsal| {
        rehearsal.step(&step, |rehearsal| {
            bench.stretch(rehearsal, "two instances", rate_per_s, lasts, &addresses)
        })
    };
    let both = |rehearsal: &mut Rehearsal| {
        let first = both(rehearsal)?;
        let (_, mut last) = settle(rehearsal, PAUSE, first, both)?;
        last.is_of_another = true;
        Ok(last)
    };
    let step = format!("send {good_per_s:.0}/s to one instance once more");
    let lasts = bench.long_enough(good_per_s, SUSTAINED);
    let one = |rehearsal: &mut Rehearsal| {
        rehearsal.step(&step, |rehearsal| {
            let name = "one instance once more";
            bench.stretch(rehearsal, name, good_per_s, lasts, &[bench.site.address])
        })
    };
    let second = compare(rehearsal, both, one);
    drop(instance);
    second
}

/// Two instances, which were given `TIMES_ONE` times as much, beside one. Where they fall short, one is given its own rate on the same data, of
/// which there is more than when it carried that, and both are tried again: what held them up may have been over when one was tried.
fn compare(
    rehearsal: &mut Rehearsal,
    mut both: impl FnMut(&mut Rehearsal) -> Result<Stretch, DrillError>,
    mut one: impl FnMut(&mut Rehearsal) -> Result<Stretch, DrillError>,
) -> Result<Second, DrillError> {
    let is_bad = |stretch: &Stretch| matches!(stretch.came(), Came::Bad(_));
    let mut two = both(rehearsal)?;
    if !is_bad(&two) {
        return Ok(Second::Tried(Box::new(two), TIMES_ONE));
    }
    let mut alone = one(rehearsal)?;
    two = both(rehearsal)?;
    if !is_bad(&two) {
        return Ok(Second::Tried(Box::new(two), TIMES_ONE));
    }
    if is_bad(&alone) {
        alone = one(rehearsal)?;
    }
    Ok(Second::Compared(Box::new(two), TIMES_ONE, Box::new(alone)))
}

#[cfg(test)]
mod tests {
    use super::super::stretch::tests::quiet;
    use super::*;
    use crate::Interrupt;

    /// What is compared where two instances and one came like that, try by try: (g)ood or (b)ad.
    fn compared(two: &str, one: &str) -> String {
        let root = tempfile::tempdir().unwrap();
        let mut rehearsal =
            Rehearsal::begin(root.path(), "load", "shop", Interrupt::default(), None).unwrap();
        let next = |came: &mut std::str::Chars<'_>| {
            let mut stretch = quiet("x", 5.0);
            stretch.is_given_up = came.next().unwrap() == 'b';
            Ok(stretch)
        };
        let (mut two, mut one) = (two.chars(), one.chars());
        let second = compare(&mut rehearsal, |_| next(&mut two), |_| next(&mut one)).unwrap();
        let came = |stretch: &Stretch| if stretch.came() == Came::Good { 'g' } else { 'b' };
        let of = match &second {
            Second::NotTried(why) => why.clone(),
            Second::Tried(two, _) => came(two).to_string(),
            Second::Compared(two, _, one) => [came(two), came(one)].iter().collect(),
        };
        assert_eq!((two.next(), one.next()), (None, None), "not all was tried");
        of
    }

    #[test]
    fn two_instances_fall_short_only_where_one_carries_its_rate_between_two_tries() {
        assert_eq!(compared("g", ""), "g");
        assert_eq!(compared("bg", "g"), "g");
        assert_eq!(compared("bb", "g"), "bg");
        assert_eq!(compared("bg", "b"), "g");
        assert_eq!(compared("bb", "bg"), "bg");
        assert_eq!(compared("bb", "bb"), "bb");
    }

    #[test]
    fn a_second_instance_needs_the_cores_that_the_drill_leaves_and_not_those_that_others_take() {
        let mut top = quiet("the knee", 100.0);
        let lasts_s = top.until.duration_since(top.from).as_secs_f64();
        top.record.machine.cores = 2.0;
        top.record.machine.busy_s = 2.0 * lasts_s;
        top.service.cpu_s = 0.5 * lasts_s;
        assert_eq!(spare_cores(&top), Ok(()));
        top.own.cpu_s = 1.2 * lasts_s;
        let why = spare_cores(&top).unwrap_err();
        assert!(why.contains("takes 0.5 cores") && why.contains("leaves 0.3 of the 2"), "{why}");
    }
}
