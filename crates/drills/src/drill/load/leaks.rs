//! capacity/no-leaks: what the service uses is flat under steady load, and comes back afterwards.

mod course;
mod growth;

use model::counted;

use super::promise::float;
use crate::{Proof, Shortfall, Subject};

pub(super) use course::{Again, Course, Steady};
use growth::{Growth, RESOURCES, Resource, Told};

const REQUIREMENT: &str = "capacity/no-leaks";
/// Samples and requests without which nothing can be said.
const FEWEST: (usize, u64) = (32, 300);

/// Whether something grew and stayed, so that a second steady load has to tell whether it goes on.
pub(super) fn is_suspected(course: &Course) -> bool {
    let Some(quiet) = course.quiet else { return false };
    course.shows_a_slope()
        && RESOURCES.iter().any(|resource| Growth::of(resource, course, &quiet).is_suspected())
}

/// Judges `course`.
pub(super) fn no_leaks(course: &Course) -> Proof {
    let requests = course.steady.requests;
    if !course.shows_a_slope() {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{} and {} under steady load are too few to see a slope: {}",
                counted(course.steady.samples.len(), "sample"),
                counted(requests, "request"),
                course.longer()
            ),
        );
    }
    let Some(quiet) = course.quiet else {
        return Proof::inconclusive(REQUIREMENT, "the process was gone when its use was compared");
    };
    let (mut shortfalls, mut seen, mut untold) = (Vec::new(), Vec::new(), None);
    for resource in &RESOURCES {
        let growth = Growth::of(resource, course, &quiet);
        match growth.told() {
            Told::Leaks => shortfalls.push(leak(resource, &growth, course)),
            Told::Untold(why) => untold = untold.or(Some(why)),
            Told::Flat => {}
        }
        seen.push(moved(resource, &growth, course));
    }
    if !shortfalls.is_empty() {
        return Proof::judged(REQUIREMENT, shortfalls, seen);
    }
    if requests < course.needed() {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{}; over so few requests a leak of {:.0} bytes each would not be seen: {}",
                seen.join("; "),
                course.visible_bytes() / float(requests),
                course.longer()
            ),
        );
    }
    if let Some(why) = untold {
        return Proof::inconclusive(
            REQUIREMENT,
            format!(
                "{}; it grew and did not come back, {why}: pass `--duration {}s`",
                seen.join("; "),
                (course.lasts * 2).as_secs().next_multiple_of(10)
            ),
        );
    }
    let least = Growth::of(&RESOURCES[0], course, &quiet).unseen_per_request();
    seen.push(format!("a leak of fewer than {least:.0} bytes a request would not be seen"));
    Proof::judged(REQUIREMENT, shortfalls, seen)
}

fn leak(resource: &Resource, growth: &Growth<'_>, course: &Course) -> Shortfall {
    let each = growth.per_request();
    let each =
        if resource.name == "memory" { format!("{each:.0} bytes") } else { format!("{each:.2}") };
    let again = course.again.as_ref().map_or_else(String::new, |again| {
        format!(
            "; after load up to its limit and some quiet it grew on, over {} requests of steady load once more",
            again.steady.requests
        )
    });
    Shortfall {
        about: Subject::Service,
        message: format!(
            "{} grew by {} over {} requests of steady load, {each} per request, and had not come back when all was quiet{again}",
            resource.name,
            (resource.shown)(growth.grown),
            course.steady.requests,
        ),
        help: resource.help.to_owned(),
    }
}

fn moved(resource: &Resource, growth: &Growth<'_>, course: &Course) -> String {
    let again = course.again.as_ref().map_or_else(String::new, |again| {
        let then = |sample| (resource.shown)(float((resource.of)(sample)));
        format!(
            ", {} after {} requests of steady load once more",
            then(&again.rests[1]),
            again.sent
        )
    });
    format!(
        "{} from {} to {} over {} requests, {} when all was quiet after {} requests{again}",
        resource.name,
        (resource.shown)(growth.first),
        (resource.shown)(growth.first + growth.grown),
        course.steady.requests,
        (resource.shown)(growth.quiet),
        course.all_requests
    )
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::{Outcome, Sample};

    const MIB: u64 = 1 << 20;
    const LASTS: Duration = Duration::from_secs(20);
    /// Requests of the first steady load, and of all load until it was quiet.
    const SERVED: (u64, u64) = (1000, 15_000);
    /// Requests of the second steady load, with those of its warming up.
    const AGAIN: (u64, u64) = (4800, 6400);

    /// When a service is looked at.
    #[derive(Clone, Copy, PartialEq)]
    enum When {
        First,
        Quiet,
        Again,
    }

    fn sample(began: Instant, tick: u32, (memory_bytes, descriptors): (u64, u64)) -> Sample {
        let at = began + Duration::from_millis(250) * tick;
        Sample { at, memory_bytes, descriptors, threads: 4, cpu_s: 0.0 }
    }

    fn ticks(many: u32, requests: u64, from: u64, of: impl Fn(u64) -> (u64, u64)) -> Steady {
        let began = Instant::now();
        let at = |tick| from + requests * u64::from(tick) / u64::from(many);
        let samples = (0..many).map(|tick| sample(began, tick, of(at(tick)))).collect();
        Steady { samples, requests }
    }

    /// The course of a service that holds so many bytes and descriptors after so many requests.
    fn course(holds: impl Fn(When, u64) -> (u64, u64)) -> Course {
        let rest = |served| sample(Instant::now(), 0, holds(When::Quiet, served));
        let before = SERVED.1 + AGAIN.1 - AGAIN.0;
        let again = Again {
            steady: ticks(30, AGAIN.0, before, |served| holds(When::Again, served)),
            sent: AGAIN.1,
            rests: [rest(SERVED.1), rest(SERVED.1 + AGAIN.1)],
        };
        Course {
            steady: ticks(60, SERVED.0, 0, |served| holds(When::First, served)),
            lasts: LASTS,
            quiet: Some(rest(SERVED.1)),
            all_requests: SERVED.1,
            is_out_of_descriptors: false,
            again: Some(again),
        }
    }

    fn judged(holds: impl Fn(When, u64) -> (u64, u64)) -> Outcome {
        no_leaks(&course(holds)).outcome
    }

    fn found(outcome: Outcome) -> String {
        let Outcome::FellShort(shortfalls) = outcome else { panic!("{outcome:?}") };
        assert_eq!(shortfalls.len(), 1, "{shortfalls:?}");
        shortfalls[0].message.clone()
    }

    fn untold(outcome: Outcome) -> String {
        let Outcome::Inconclusive(why) = outcome else { panic!("{outcome:?}") };
        why
    }

    #[test]
    fn memory_that_grows_with_each_request_under_both_steady_loads_is_a_leak() {
        let message = found(judged(|_, served| (10 * MIB + served * 16_384, 30)));
        assert!(message.contains("memory grew by 15.4 MiB over 1000 requests"), "{message}");
        assert!(message.contains("it grew on, over 4800 requests"), "{message}");
        let with_room = |when, served: u64| {
            let overload = if when == When::First { 0 } else { 40 * MIB };
            (10 * MIB + overload + served * 16_384, 30)
        };
        found(judged(with_room));
    }

    #[test]
    fn a_heap_that_an_overload_has_grown_is_none() {
        // 640 bytes a request while it warms up, and then much more at once, which stays.
        let heap = |plateau: u64| {
            move |when, served: u64| {
                let grown = if when == When::First { served * 640 } else { plateau };
                (MIB / 2 + grown, 30)
            }
        };
        assert_eq!(judged(heap(5 * MIB)), Outcome::Kept);
        // What is free now could take up a leak of that size for long.
        let why = untold(judged(heap(60 * MIB)));
        assert!(why.contains("may have covered that: pass `--duration 40s`"), "{why}");
        let suspected = course(heap(5 * MIB));
        assert!(is_suspected(&suspected), "nobody would have looked again");
    }

    #[test]
    fn a_heap_that_warms_up_and_then_is_flat_is_not_even_suspected() {
        let heap = course(|when, served| {
            (MIB + if when == When::First { served * 16_384 } else { 14 * MIB }, 30)
        });
        assert!(!is_suspected(&heap));
        assert_eq!(no_leaks(&heap).outcome, Outcome::Kept);
    }

    #[test]
    fn a_leak_behind_the_warming_up_of_a_heap_is_not_said_to_be_kept() {
        // A kilobyte and a half a request, and at first twice that of a heap that warms up; later what was swept up takes it in for long.
        let heap = course(|when, served| {
            (10 * MIB + if when == When::First { served * 4096 } else { 26_000_000 }, 30)
        });
        assert!(is_suspected(&heap));
        untold(no_leaks(&heap).outcome);
        // Where there is no room for a kilobyte each, there is none for a leak that counts.
        let low = course(|when, served| {
            (10 * MIB + if when == When::First { served * 4096 } else { 15_000_000 }, 30)
        });
        assert_eq!(no_leaks(&low).outcome, Outcome::Kept);
        let seen = no_leaks(&low).seen;
        assert_eq!(seen[3], "a leak of fewer than 701 bytes a request would not be seen");
    }

    #[test]
    fn memory_that_is_swept_up_now_and_then_is_no_leak() {
        // Up to 64 MiB of garbage, 20 KiB a request: the first steady load sees it only grow.
        let swept = |_, served: u64| (20 * MIB + served * 20_480 % (64 * MIB), 30);
        assert_eq!(judged(swept), Outcome::Kept);
        // The same where what is there at the end is by chance what a leak would have come to.
        let wide = |_, served: u64| (20 * MIB + served * 20_480 % (310 * MIB), 30);
        assert!(is_suspected(&course(wide)));
        assert_eq!(judged(wide), Outcome::Kept, "later there was no room for so much");
        // Nor is it said to be kept while what is swept up hides what a leak would add.
        untold(judged(|when, served: u64| {
            let garbage = match when {
                When::First => served * 20_480,
                When::Quiet => 150 * MIB,
                When::Again => 150 * MIB - served % 4000 * 20_480,
            };
            (10 * MIB + garbage, 30)
        }));
    }

    #[test]
    fn a_slow_leak_is_seen_by_a_drill_that_is_long_enough_for_it() {
        let slow = |_, served: u64| (2 * MIB + served * 100, 30);
        assert_eq!(judged(slow), Outcome::Kept, "100 KB cannot be told from chance");
        let mut long = course(|when, served| slow(when, served * 20));
        (long.steady.requests, long.all_requests) = (SERVED.0 * 20, SERVED.1 * 20);
        let again = long.again.as_mut().unwrap();
        (again.steady.requests, again.sent) = (AGAIN.0 * 20, AGAIN.1 * 20);
        assert!(found(no_leaks(&long).outcome).contains(" 98 bytes per request"));
        let swept = |when, served: u64| (slow(when, served).0 + served % 300 * 700, 30);
        found(judged(|when, served| (swept(when, served).0 + served * 1000, 30)));
    }

    #[test]
    fn a_slow_leak_that_fits_into_what_an_overload_left_free_is_not_said_to_be_kept() {
        let covered = |when, served: u64| {
            (MIB + if when == When::First { served * 1000 } else { 40 * MIB }, 30)
        };
        untold(judged(covered));
        // A heap that is given back while something leaks shows nothing either.
        let shrinks = |when, served: u64| {
            let slack = if when == When::First { 0 } else { (30_000 - served) * 1000 };
            (MIB + served * 1000 + slack, 30)
        };
        untold(judged(shrinks));
    }

    #[test]
    fn what_grows_only_under_overload_is_not_said_to_grow_under_steady_load() {
        let overload = |when, _| if when == When::First { (10 * MIB, 30) } else { (90 * MIB, 500) };
        assert!(!is_suspected(&course(overload)));
        assert_eq!(judged(overload), Outcome::Kept);
    }

    #[test]
    fn descriptors_that_come_back_or_stop_growing_are_none_and_those_that_go_on_are() {
        let comes_back =
            |when, served: u64| (10 * MIB, 22 + if when == When::Quiet { 0 } else { served / 10 });
        assert_eq!(judged(comes_back), Outcome::Kept);
        let pool =
            |when, served: u64| (10 * MIB, if when == When::First { 14 + served / 80 } else { 60 });
        assert!(is_suspected(&course(pool)));
        assert_eq!(judged(pool), Outcome::Kept);
        let message = found(judged(|_, served| (10 * MIB, 20 + served)));
        assert!(message.starts_with("descriptors grew by 983"), "{message}");
        found(judged(|_, served| (10 * MIB, 20 + served / 50)));
    }

    #[test]
    fn a_service_that_has_no_descriptors_left_needs_no_second_load_to_be_found() {
        let mut course = course(|when, served| {
            (10 * MIB, if when == When::First { 20 + served / 10 } else { 1024 })
        });
        course.again = None;
        let why = untold(no_leaks(&course).outcome);
        assert!(why.contains("no second steady load could show whether it goes on"), "{why}");
        course.is_out_of_descriptors = true;
        found(no_leaks(&course).outcome);
        // Nor does one that found no more under the second load stop leaking by that.
        let mut last = self::course(|_, served| (10 * MIB, (20 + served).min(17_000)));
        last.is_out_of_descriptors = true;
        found(no_leaks(&last).outcome);
        // The same of what has a limit that nobody can look up.
        last.is_out_of_descriptors = false;
        let why = untold(no_leaks(&last).outcome);
        assert!(why.contains("where it may have come to a limit"), "{why}");
    }

    #[test]
    fn a_little_growth_and_a_jump_are_none() {
        assert_eq!(judged(|_, served| (20 * MIB + served / 12, 30)), Outcome::Kept);
        let jump = |when, served: u64| {
            let is_low = when == When::First && served < 700;
            (if is_low { 10 * MIB } else { 30 * MIB }, 30)
        };
        assert_eq!(judged(jump), Outcome::Kept);
    }

    #[test]
    fn memory_that_grows_in_steps_and_stays_is_not_said_to_be_kept() {
        // A runtime that takes memory rarely: flat in the last third, and more by the end.
        let steps = |when, served: u64| {
            let first = served.min(700) / 140 * MIB / 2;
            (10 * MIB + if when == When::First { first } else { served * 2500 }, 30)
        };
        let why = untold(judged(steps));
        assert!(why.contains("not steadily enough to tell a leak from warming up"), "{why}");
        assert!(why.ends_with("pass `--duration 40s`"), "{why}");
    }

    #[test]
    fn too_few_samples_say_nothing() {
        let mut course = course(|_, served| (MIB + served * 16_384, 30));
        course.steady.samples.truncate(31);
        assert!(!is_suspected(&course));
        untold(no_leaks(&course).outcome);
    }

    #[test]
    fn too_few_requests_name_the_run_that_would_decide() {
        let judged = |requests| {
            let mut course = course(|_, _| (50 * MIB, 30));
            (course.steady.requests, course.all_requests) = (requests, requests);
            no_leaks(&course).outcome
        };
        // 3 % of 50 MiB, at 1 KiB a request, is what 1536 requests leak.
        let why = untold(judged(240));
        assert!(why.ends_with("too few to see a slope: pass `--duration 150s`"), "{why}");
        let why = untold(judged(400));
        assert!(why.contains("a leak of 3932 bytes each would not be seen"), "{why}");
        assert!(why.ends_with("pass `--duration 90s`"), "{why}");
        assert_eq!(judged(1600), Outcome::Kept);
    }
}
