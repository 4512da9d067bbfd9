//! How far apart the runs of a schedule are.

use jiff::ToSpan;
use jiff::civil::{Date, date};

const MINUTES_A_DAY: u32 = 24 * 60;

/// Days looked at: every schedule that runs at all within a year shows its longest pause.
const DAYS: usize = 800;

/// The longest pause between two runs of a cron expression, in seconds; `None` where it is not one,
/// or never runs.
pub(super) fn longest_pause_s(expression: &str) -> Option<u32> {
    let expression = expression.trim().trim_matches(['"', '\'']);
    let expression =
        MACROS.iter().find(|(name, _)| *name == expression).map_or(expression, |m| m.1);
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let [minute, hour, day, month, weekday] = fields.as_slice() else { return None };
    let times = times(&values(minute, 0, 59, &[])?, &values(hour, 0, 23, &[])?);
    let days = Days {
        of_month: values(day, 1, 31, &[])?,
        months: values(month, 1, 12, &MONTHS)?,
        of_week: values(weekday, 0, 7, &WEEKDAYS)?,
        is_any_of_month: day.starts_with(['*', '?']),
        is_any_of_week: weekday.starts_with(['*', '?']),
    };
    longest(&times, &days).map(|minutes| minutes * 60)
}

static MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

static MONTHS: [&str; 13] =
    ["", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

static WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The days on which a schedule runs.
struct Days {
    of_month: Vec<u32>,
    months: Vec<u32>,
    of_week: Vec<u32>,
    is_any_of_month: bool,
    is_any_of_week: bool,
}

impl Days {
    /// Where both a day of the month and a day of the week are named, either is enough.
    fn hold(&self, day: Date) -> bool {
        let has = |values: &[u32], value: i8| {
            values.iter().any(|known| i64::from(*known) == i64::from(value))
        };
        let weekday = day.weekday().to_sunday_zero_offset();
        let is_day = has(&self.of_month, day.day());
        let is_weekday = has(&self.of_week, weekday) || (weekday == 0 && has(&self.of_week, 7));
        let is_wanted = match (self.is_any_of_month, self.is_any_of_week) {
            (false, false) => is_day || is_weekday,
            _ => is_day && is_weekday,
        };
        has(&self.months, day.month()) && is_wanted
    }
}

/// The minutes of a day at which a schedule runs, in order.
fn times(minutes: &[u32], hours: &[u32]) -> Vec<u32> {
    hours.iter().flat_map(|hour| minutes.iter().map(move |minute| hour * 60 + minute)).collect()
}

fn longest(times: &[u32], days: &Days) -> Option<u32> {
    let (first, last) = (*times.first()?, *times.last()?);
    let within = times.windows(2).filter_map(|pair| Some(pair.last()? - pair.first()?)).max();
    let runs = date(2026, 1, 1).series(1.day()).take(DAYS).enumerate();
    let runs: Vec<usize> = runs.filter(|(_, day)| days.hold(*day)).map(|(at, _)| at).collect();
    let overnight = |pair: &[usize]| {
        let days = u32::try_from(pair.last()? - pair.first()?).ok()?;
        Some(days * MINUTES_A_DAY - last + first)
    };
    let between = runs.windows(2).filter_map(overnight).max();
    // A schedule that ran once in two years pauses for longer than was looked at.
    if runs.is_empty() { None } else { between.max(within).filter(|_| runs.len() > 1) }
}

/// The values of one field between `least` and `most`, in order.
fn values(field: &str, least: u32, most: u32, names: &[&str]) -> Option<Vec<u32>> {
    let mut found = Vec::new();
    for part in field.split(',') {
        let (range, step) = part.split_once('/').map_or((part, None), |(r, s)| (r, Some(s)));
        let step: u32 = step.map_or(Some(1), |step| step.parse().ok()).filter(|step| *step > 0)?;
        let (from, to) = match range.split_once('-') {
            _ if range == "*" || range == "?" => (least, most),
            Some((from, to)) => (value(from, names)?, value(to, names)?),
            None if part.contains('/') => (value(range, names)?, most),
            None => (value(range, names)?, value(range, names)?),
        };
        if from < least || to > most || from > to {
            return None;
        }
        let step = usize::try_from(step).ok()?;
        found.extend((from..=to).step_by(step));
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

fn value(text: &str, names: &[&str]) -> Option<u32> {
    let name = text.to_ascii_lowercase();
    let position = names.iter().position(|known| !known.is_empty() && *known == name);
    position.and_then(|at| u32::try_from(at).ok()).or_else(|| text.parse().ok())
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
