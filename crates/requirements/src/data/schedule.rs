//! How far apart the runs of a schedule are.

use facts::cron::{self, Cron};
use jiff::ToSpan;
use jiff::civil::{Date, date};

const MINUTES_A_DAY: u32 = 24 * 60;

/// Days looked at: every schedule that runs at all within a year shows its longest pause.
const DAYS: usize = 800;

/// The longest pause between two runs of a cron expression, in seconds; `None` where it is not one,
/// or never runs.
pub(super) fn longest_pause_s(expression: &str) -> Option<u32> {
    let expression = expression.trim().trim_matches(['"', '\'']);
    let cron = Cron::read(cron::meaning(expression).unwrap_or(expression)).ok()?;
    longest(&cron.times(), &cron).map(|minutes| minutes * 60)
}

fn longest(times: &[u32], cron: &Cron) -> Option<u32> {
    let (first, last) = (*times.first()?, *times.last()?);
    let within = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).max();
    let is_run =
        |day: Date| cron.runs_on(day.month(), day.day(), day.weekday().to_sunday_zero_offset());
    let runs = date(2026, 1, 1).series(1.day()).take(DAYS).enumerate();
    let runs = runs.filter(|(_, day)| is_run(*day));
    let runs: Vec<usize> = runs.map(|(at, _)| at).collect();
    let overnight = |pair: &[usize]| {
        let days = u32::try_from(pair.last()? - pair.first()?).ok()?;
        Some(days * MINUTES_A_DAY - last + first)
    };
    let between = runs.windows(2).filter_map(overnight).max();
    // A schedule that ran once in two years pauses for longer than was looked at.
    if runs.is_empty() { None } else { between.max(within).filter(|_| runs.len() > 1) }
}

#[cfg(test)]
mod tests {
    use super::longest_pause_s;

    const HOUR: u32 = 3_600;

    #[test]
    fn the_longest_pause_of_a_schedule_is_found() {
        for (expression, pause) in [
            ("0 2 * * *", 24 * HOUR),
            ("*/15 * * * *", HOUR / 4),
            ("0 */6 * * *", 6 * HOUR),
            ("0 8,20 * * *", 12 * HOUR),
            ("0 9-17 * * *", 16 * HOUR),
            ("0 2 * * MON-FRI", 72 * HOUR),
            ("0 3 * * 7", 168 * HOUR),
            ("30 1 1 * *", 31 * 24 * HOUR),
            ("0 0 1 jan *", 365 * 24 * HOUR),
            ("@daily", 24 * HOUR),
        ] {
            assert_eq!(longest_pause_s(expression), Some(pause), "{expression}");
        }
    }

    #[test]
    fn what_is_no_schedule_has_no_pause() {
        for expression in ["", "daily", "0 25 * * *", "0 0 30 2 *", "* * * *", "0 0/0 * * *"] {
            assert_eq!(longest_pause_s(expression), None, "{expression}");
        }
    }
}
