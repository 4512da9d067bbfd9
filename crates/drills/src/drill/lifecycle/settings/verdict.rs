//! From starts with bad settings to what is proven. Pure: the same starts give the same proof.

use super::super::super::busy::{Findings, Untold};
use super::super::shortfall;
use super::{Alone, Bad, Fate, MOST, NONSENSE, REQUIREMENT, Start};
use crate::harness::{Exit, Line};
use crate::{Outcome, Proof, Shortfall};

/// Whether `line` names `variable`, or the nonsense that it was set to.
///
/// Libraries of settings write the name in their own way (`database-url`, `database.url`) and without the prefix of the service.
fn names(line: &str, variable: &str, bad: Bad) -> bool {
    if bad == Bad::Nonsense && line.contains(NONSENSE) {
        return true;
    }
    let line = plain(line);
    let mut tails = vec![variable];
    tails.extend(variable.split_once('_').map(|(_, tail)| tail).filter(|tail| tail.contains('_')));
    tails.iter().map(|name| plain(name)).any(|name| !name.is_empty() && line.contains(&name))
}

fn plain(text: &str) -> String {
    text.chars()
        .filter(|letter| !matches!(letter, '_' | '-' | '.' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The line of `lines` by which a reader learns that `variable` is meant: of those that name it the last, since traces show the code first and
/// end with what is wrong, and a frame of a trace only where no other does.
pub(super) fn naming(lines: &[Line], variable: &str, bad: Bad) -> Option<String> {
    let found = || lines.iter().rev().filter(|line| names(&line.text, variable, bad));
    let plain = found().find(|line| !is_trace(&line.text)).or_else(|| found().next());
    plain.map(|line| line.text.clone())
}

/// Whether only a crash prints such a line.
pub(super) fn is_trace(line: &str) -> bool {
    const STARTS: [&str; 6] = [
        "Traceback (most recent call last)",
        "Exception in thread ",
        "stack backtrace:",
        "Unhandled exception",
        "Segmentation fault",
        "panic: ",
    ];
    let line = line.trim_start();
    let is_frame = |start: &str| {
        line.strip_prefix(start)
            .is_some_and(|rest| rest.contains('(') && rest.ends_with(')') && rest.contains(':'))
    };
    STARTS.iter().any(|start| line.starts_with(start))
        || (line.starts_with("thread '") && line.contains("' panicked at")
            || line.contains(") panicked at"))
        || (line.starts_with("goroutine ") && line.ends_with("[running]:"))
        || is_frame("at ")
}

/// Whether the process says that its port is taken, which is this machine's fault.
pub(super) fn says_port_taken(line: &str) -> bool {
    let line = line.to_lowercase();
    line.contains("address already in use")
        || line.contains("eaddrinuse")
        || line.contains("port is already allocated")
}

/// What is proven by the start with the declared settings alone and by `starts` with bad ones.
pub(super) fn judge(alone: &Alone, starts: &[Start]) -> Result<Proof, Untold> {
    let mut findings = Findings::default();
    findings.unless_busy(alone.lateness.as_deref(), alone_short(alone));
    for start in starts {
        findings.unless_busy(doubt(start), falls_short(start));
    }
    let proof = findings.judged(REQUIREMENT, seen(starts))?;
    let untold: Vec<_> = starts
        .iter()
        .filter(|start| start.fate == Fate::PortTaken)
        .map(|start| format!("`{}` {}", start.variable, words(start.bad)))
        .collect();
    if proof.outcome == Outcome::Kept && !untold.is_empty() {
        let taken = untold.join(", ");
        return Ok(Proof::inconclusive(
            REQUIREMENT,
            format!("the port that it then listens on is taken by another process: {taken}"),
        ));
    }
    Ok(proof)
}

/// How late the drill was while the service was started, where that can have made what became of it.
///
/// That it ends as if all were well no load on the machine makes; that it waits, fails, or has not printed everything yet it does.
fn doubt(start: &Start) -> Option<&str> {
    let is_certain = matches!(start.fate, Fate::Ended(Exit::Code(0)));
    start.lateness.as_deref().filter(|_| !is_certain)
}

/// How late the drill was, where a start says nothing for that.
pub(super) fn late(start: &Start) -> Option<String> {
    falls_short(start).and(doubt(start)).map(str::to_owned)
}

fn alone_short(alone: &Alone) -> Option<Shortfall> {
    let what = match &alone.fate {
        Fate::Ready(0, _) | Fate::PortTaken => return None,
        Fate::Ready(failed, total) => format!("{failed} of {total} requests fail"),
        Fate::Elsewhere(address) => format!("it listens on {address}"),
        Fate::Ended(exit) => format!("it ended with {exit}"),
        Fate::Hanging => "it does not get ready".to_owned(),
    };
    let last = alone.printed.last().map_or_else(String::new, |line| {
        format!("; its last line: {}", line.text.chars().take(200).collect::<String>())
    });
    Some(shortfall(
        format!(
            "with the variables that gonogo.yaml declares, `PATH` and `HOME`, and nothing else, {what}{last}"
        ),
        "declare the variable that is missing under `run.env`, and in the service's documentation, or give it a default",
    ))
}

/// Whether the service ended with a line that names the variable, be that a refusal or a crash: it reads the variable, and misses it.
pub(super) fn is_missed(start: &Start) -> bool {
    matches!(start.fate, Fate::Ended(_)) && start.named.is_some()
}

/// Whether the service ended as it should: not by a crash, with a line that names the variable.
fn is_refused_by_name(start: &Start) -> bool {
    is_missed(start) && falls_short(start).is_none()
}

/// What the variable had to hold, where the service took nonsense for it without a word.
///
/// One that it does not start without it surely reads, and one that surely holds a number, an address or the like has no other reading.
fn swallowed(start: &Start) -> Option<&'static str> {
    let is_silent = start.named.is_none() && start.trace.is_none();
    start.demanded.filter(|_| start.bad == Bad::Nonsense && is_silent)
}

fn falls_short(start: &Start) -> Option<Shortfall> {
    let (name, words) = (&start.variable, words(start.bad));
    let clear = "check every setting before anything else, and end with a code other than 0 and one line that names the variable and what it should be";
    let message = match (&start.fate, &start.trace) {
        (Fate::PortTaken, _) => return None,
        (Fate::Ready(0, _), _) => format!(
            "with `{name}` {words}, it works, and no line names `{name}`; gonogo.yaml gives it {}, and without any the service does not start",
            swallowed(start)?
        ),
        (Fate::Ready(failed, total), _) => {
            format!(
                "with `{name}` {words}, it says that it is ready, and {failed} of {total} requests fail"
            )
        }
        (Fate::Elsewhere(address), _) => {
            format!(
                "with `{name}` {words}, it says that it is ready on {address}, where nothing told it to listen"
            )
        }
        (Fate::Hanging, _) if start.named.is_some() => return None,
        (Fate::Hanging, _) => {
            format!(
                "with `{name}` {words}, it neither ends nor gets ready, and no line names `{name}`"
            )
        }
        (Fate::Ended(Exit::Signal(signal)), _) => {
            format!("with `{name}` {words}, it crashes by signal {signal}")
        }
        (Fate::Ended(Exit::Code(_)), Some(trace)) => {
            let line = start.named.as_ref().unwrap_or(trace);
            format!(
                "with `{name}` {words}, it crashes rather than say what is wrong with it: {}",
                line.trim().chars().take(120).collect::<String>()
            )
        }
        (Fate::Ended(Exit::Code(0)), None) => {
            format!("with `{name}` {words}, it ends with exit code 0, as if all were well")
        }
        (Fate::Ended(_), None) if start.named.is_some() => return None,
        (Fate::Ended(exit), None) => {
            format!("with `{name}` {words}, it ends with {exit}, and no line names `{name}`")
        }
    };
    Some(shortfall(message, clear))
}

fn words(bad: Bad) -> &'static str {
    match bad {
        Bad::Missing => "missing",
        Bad::Nonsense => "set to nonsense",
    }
}

fn seen(starts: &[Start]) -> Vec<String> {
    let refused = starts.iter().filter(|start| is_refused_by_name(start)).count();
    let mut seen = vec![
        "starts with the variables that gonogo.yaml declares, `PATH` and `HOME` alone".to_owned(),
        format!(
            "of {} starts with a variable missing or nonsense, {refused} were refused by name",
            starts.len()
        ),
    ];
    let works_with = |bad: Bad| -> Vec<String> {
        let works = starts.iter().filter(|start| {
            start.bad == bad
                && matches!(start.fate, Fate::Ready(0, _))
                && falls_short(start).is_none()
        });
        works.map(|start| format!("`{}`", start.variable)).collect()
    };
    let (missing, nonsense) = (works_with(Bad::Missing), works_with(Bad::Nonsense));
    if !missing.is_empty() {
        seen.push(format!("works without {}, by a default", missing.join(", ")));
    }
    if !nonsense.is_empty() {
        seen.push(format!(
            "it could not be told whether {} may hold anything, is not used, or hides a mistake: with nonsense in it the service works",
            nonsense.join(", ")
        ));
    }
    if starts.len() >= MOST * 2 {
        seen.push(format!("only the first {MOST} variables were tried"));
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alone(fate: Fate) -> Alone {
        Alone { fate, printed: Vec::new(), lateness: None }
    }

    fn start(fate: Fate, named: bool, trace: Option<&str>) -> Start {
        Start {
            variable: "DATABASE_URL".into(),
            bad: Bad::Missing,
            fate,
            demanded: None,
            named: named.then(|| "DATABASE_URL is not set".to_owned()),
            trace: trace.map(str::to_owned),
            lateness: None,
        }
    }

    fn message(start: Start) -> Option<String> {
        match judge(&alone(Fate::Ready(0, 15)), &[start]).unwrap().outcome {
            Outcome::FellShort(mut shortfalls) => shortfalls.pop().map(|one| one.message),
            Outcome::Kept => None,
            Outcome::Inconclusive(reason) => Some(format!("inconclusive: {reason}")),
        }
    }

    #[test]
    fn a_clear_refusal_and_a_default_are_both_well() {
        assert_eq!(message(start(Fate::Ended(Exit::Code(1)), true, None)), None);
        assert_eq!(message(start(Fate::Ready(0, 15), false, None)), None);
        assert_eq!(message(start(Fate::Hanging, true, None)), None);
    }

    #[test]
    fn what_works_with_nonsense_is_not_called_harmless() {
        let nonsense = Start { bad: Bad::Nonsense, ..start(Fate::Ready(0, 15), false, None) };
        let starts = [start(Fate::Ready(0, 15), false, None), nonsense];
        let proof = judge(&alone(Fate::Ready(0, 15)), &starts).unwrap();
        assert_eq!(proof.outcome, Outcome::Kept);
        assert_eq!(
            proof.seen[1],
            "of 2 starts with a variable missing or nonsense, 0 were refused by name"
        );
        assert_eq!(proof.seen[2], "works without `DATABASE_URL`, by a default");
        assert!(proof.seen[3].starts_with("it could not be told whether `DATABASE_URL`"));
        assert!(!proof.seen.iter().any(|seen| seen.contains("harmless")));
    }

    #[test]
    fn nonsense_in_what_the_service_demands_is_a_finding_only_where_nothing_else_can_be_meant() {
        let taken = |bad, demanded, named| Start {
            bad,
            demanded,
            ..start(Fate::Ready(0, 15), named, None)
        };
        let told = message(taken(Bad::Nonsense, Some("a URL"), false)).unwrap();
        assert!(
            told.starts_with("with `DATABASE_URL` set to nonsense, it works, and no line names")
        );
        assert!(told.contains("gives it a URL, and without any the service does not start"));
        assert_eq!(message(taken(Bad::Nonsense, Some("a URL"), true)), None, "it says so");
        assert_eq!(message(taken(Bad::Nonsense, None, false)), None, "it may be any text");
        assert_eq!(message(taken(Bad::Missing, Some("a URL"), false)), None, "by a default");
        let late =
            Start { lateness: Some("late".into()), ..taken(Bad::Nonsense, Some("a URL"), false) };
        assert_eq!(super::late(&late).as_deref(), Some("late"), "its words may be on their way");
        let hidden = judge(&alone(Fate::Ready(0, 15)), &[taken(Bad::Nonsense, None, false)]);
        assert!(hidden.unwrap().seen.iter().any(|seen| seen.contains("could not be told")));
    }

    #[test]
    fn each_unclear_way_is_told() {
        let cases = [
            (start(Fate::Ended(Exit::Code(1)), false, None), "no line names"),
            (start(Fate::Ended(Exit::Code(0)), true, None), "as if all were well"),
            (start(Fate::Ended(Exit::Signal(11)), true, None), "signal 11"),
            (
                start(
                    Fate::Ended(Exit::Code(1)),
                    false,
                    Some("Traceback (most recent call last):"),
                ),
                "wrong with it: Traceback",
            ),
            (
                start(Fate::Ended(Exit::Code(1)), true, Some("Traceback (most recent call last):")),
                "wrong with it: DATABASE_URL is not set",
            ),
            (start(Fate::Hanging, false, None), "neither ends nor gets ready"),
            (start(Fate::Ready(4, 15), false, None), "4 of 15 requests fail"),
            (
                start(Fate::Elsewhere(([127, 0, 0, 1], 8080).into()), false, None),
                "ready on 127.0.0.1:8080, where nothing told it to listen",
            ),
            (start(Fate::PortTaken, false, None), "inconclusive"),
        ];
        for (start, text) in cases {
            let message = message(start).unwrap();
            assert!(message.contains(text), "{message} / {text}");
        }
    }

    #[test]
    fn a_service_that_needs_what_nobody_declared_falls_short() {
        let mut ended = alone(Fate::Ended(Exit::Code(2)));
        assert!(matches!(judge(&ended, &[]).unwrap().outcome, Outcome::FellShort(_)));
        assert_eq!(judge(&alone(Fate::Ready(0, 9)), &[]).unwrap().outcome, Outcome::Kept);
        ended.lateness = Some("late".into());
        assert!(judge(&ended, &[]).is_err(), "it may only have waited in vain");
    }

    #[test]
    fn on_a_busy_machine_a_start_counts_only_where_no_load_makes_it_so() {
        let late_one = |start: Start| Start { lateness: Some("it was late".into()), ..start };
        let judged = |starts: &[Start]| judge(&alone(Fate::Ready(0, 15)), starts);
        for fate in [Fate::Hanging, Fate::Ready(4, 15), Fate::Ended(Exit::Code(1))] {
            let start = start(fate, false, None);
            assert_eq!(late(&start), None);
            let start = late_one(start);
            assert_eq!(late(&start).unwrap(), "it was late");
            assert!(judged(&[start]).is_err());
        }
        let ended = || start(Fate::Ended(Exit::Code(0)), false, None);
        let told = judged(&[late_one(start(Fate::Hanging, false, None)), late_one(ended())]);
        let Outcome::FellShort(shortfalls) = told.unwrap().outcome else { panic!("kept") };
        assert!(
            shortfalls.len() == 1 && shortfalls[0].message.contains("as if all were well"),
            "{shortfalls:?}"
        );
        let well = late_one(start(Fate::Ended(Exit::Code(1)), true, None));
        assert_eq!(late(&well), None);
        assert_eq!(judged(&[well]).unwrap().outcome, Outcome::Kept);
    }

    #[test]
    fn a_crash_is_no_refusal_by_name_whatever_its_trace_names() {
        let trace = Some("Traceback (most recent call last):");
        let starts = [
            start(Fate::Ended(Exit::Code(1)), true, None),
            start(Fate::Ended(Exit::Code(1)), true, trace),
            start(Fate::Ended(Exit::Signal(6)), true, None),
            start(Fate::Ended(Exit::Code(0)), true, None),
        ];
        assert!(seen(&starts)[1].ends_with("1 were refused by name"), "{:?}", seen(&starts));
        assert!(starts.iter().all(is_missed), "all of them read it");
    }

    #[test]
    fn of_a_trace_the_line_is_shown_that_says_what_is_wrong() {
        let naming = |lines: &[&str]| {
            let line = |text: &&str| Line {
                at: std::time::Instant::now(),
                stream: crate::harness::Stream::Error,
                text: (*text).to_owned(),
            };
            let lines: Vec<_> = lines.iter().map(line).collect();
            naming(&lines, "DATABASE_URL", Bad::Missing)
        };
        let python = [
            "Traceback (most recent call last):",
            "    url = os.environ[\"DATABASE_URL\"]",
            "KeyError: 'DATABASE_URL'",
        ];
        assert_eq!(naming(&python).unwrap(), "KeyError: 'DATABASE_URL'");
        let node = ["Error: no DATABASE_URL", "    at read (/srv/database_url.js:3:9)"];
        assert_eq!(naming(&node).unwrap(), "Error: no DATABASE_URL");
        let java = "Exception in thread \"main\" java.lang.Error: DATABASE_URL is missing";
        assert_eq!(naming(&[java, "\tat Main.main(Main.java:5)"]).unwrap(), java);
        assert_eq!(naming(&["Traceback (most recent call last):"]), None);
    }

    #[test]
    fn names_are_found_as_libraries_write_them() {
        for line in [
            "DATABASE_URL is not set",
            "missing field `database-url`",
            "database.url: invalid",
            "invalid value \"%gonogo nonsense%\"",
        ] {
            assert!(names(line, "DATABASE_URL", Bad::Nonsense), "{line}");
        }
        assert!(names("missing field `database_url`", "SHOP_DATABASE_URL", Bad::Missing));
        assert!(!names("cannot connect", "DATABASE_URL", Bad::Missing));
        assert!(!names("the url is bad", "DATABASE_URL", Bad::Missing));
    }

    #[test]
    fn traces_of_many_languages_are_told_from_plain_lines() {
        for line in [
            "Traceback (most recent call last):",
            "thread 'main' (12) panicked at src/main.rs:3:5:",
            "thread 'main' panicked at 'x', src/main.rs:3:5",
            "goroutine 1 [running]:",
            "\tat com.acme.Main.main(Main.java:5)",
            "    at Object.<anonymous> (/srv/index.js:3:9)",
        ] {
            assert!(is_trace(line), "{line}");
        }
        for line in ["looking at the settings (all)", "at 10:00 (UTC)x", "fatal: PORT is not set"] {
            assert!(!is_trace(line), "{line}");
        }
    }
}
