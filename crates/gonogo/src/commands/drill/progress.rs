//! What a drill shows while it runs: one line that changes on a terminal, a line for each step elsewhere.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use drills::Progress;

/// The changing line is written at most so often.
const PACE: Duration = Duration::from_millis(200);

/// Shows what comes until the drill is over.
pub(super) fn show(receiver: &Receiver<Progress>, is_quiet: bool) {
    let is_live = stderr().is_terminal() && !is_quiet;
    let (mut step, mut shown) = (String::new(), Instant::now());
    for progress in receiver {
        match progress {
            Progress::Step(name) => {
                if !is_quiet {
                    line(is_live, &name);
                }
                step = name;
            }
            Progress::Load { rate_per_s, p50, p99, failed, left }
                if is_live && shown.elapsed() >= PACE =>
            {
                shown = Instant::now();
                let text = format!(
                    "{step}: {rate_per_s:.0}/s, p50 {} ms, p99 {} ms, {:.1} % failed, {} s left at most",
                    p50.as_millis(),
                    p99.as_millis(),
                    failed * 100.0,
                    left.as_secs()
                );
                let _unseen = write!(stderr(), "\r\u{1b}[2K{}", report::clean(&text))
                    .and_then(|()| stderr().flush());
            }
            Progress::Note(note) if is_live => line(is_live, &note),
            Progress::Word(word) if !is_quiet => line(is_live, &word),
            Progress::Load { .. } | Progress::Note(_) | Progress::Word(_) | Progress::Done(..) => {}
        }
    }
    if is_live {
        let _unseen = write!(stderr(), "\r\u{1b}[2K");
    }
}

fn line(is_live: bool, text: &str) {
    let start = if is_live { "\r\u{1b}[2K" } else { "" };
    let _unseen = writeln!(stderr(), "{start}{}", report::clean(text));
}
