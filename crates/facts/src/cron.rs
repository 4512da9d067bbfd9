//! Cron expressions of five fields: when they run, or why a text is none.

/// A field: what it is called, its least and greatest number, names that stand for numbers from
/// the least on.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
}

const MINUTE: Field = Field { name: "minute", least: 0, most: 59, words: &[] };
const HOUR: Field = Field { name: "hour", least: 0, most: 23, words: &[] };
const DAY: Field = Field { name: "day of the month", least: 1, most: 31, words: &[] };
const MONTH: Field = Field {
    name: "month",
    least: 1,
    most: 12,
    words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
};
const WEEKDAY: Field = Field {
    name: "day of the week",
    least: 0,
    most: 7,
    words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"],
};

const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// The expression that a name such as `@daily` stands for.
pub fn meaning(name: &str) -> Option<&'static str> {
    MACROS.iter().find(|(known, _)| *known == name).map(|(_, expression)| *expression)
}

/// When a cron expression runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    /// From 0, in order; so are the hours.
    minutes: Vec<u32>,
    hours: Vec<u32>,
    /// From 1; so are the months.
    days: Vec<u32>,
    months: Vec<u32>,
    /// From Sunday, which is 0 and 7.
    weekdays: Vec<u32>,
    is_any_day: bool,
    is_any_weekday: bool,
}

impl Cron {
    /// Reads five fields.
    ///
    /// # Errors
    ///
    /// What is wrong with the text, to be said after it.
    pub fn read(text: &str) -> Result<Self, String> {
        let fields: Vec<&str> = text.split_ascii_whitespace().take(6).collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            let count = text.split_ascii_whitespace().count();
            return Err(format!("is not a cron expression: it has {count} fields and not 5"));
        };
        Ok(Self {
            minutes: MINUTE.read(minute)?,
            hours: HOUR.read(hour)?,
            days: DAY.read(day)?,
            months: MONTH.read(month)?,
            weekdays: WEEKDAY.read(weekday)?,
            is_any_day: day.starts_with(['*', '?']),
            is_any_weekday: weekday.starts_with(['*', '?']),
        })
    }

    /// The minutes of a day at which it runs, in order.
    pub fn times(&self) -> Vec<u32> {
        let hours = self.hours.iter();
        hours.flat_map(|hour| self.minutes.iter().map(move |minute| hour * 60 + minute)).collect()
    }

    /// Whether it runs on a day: the month and the day in it from 1, the day of the week from Sunday, 0.
    /// Where both kinds of days are named, either is enough.
    pub fn runs_on(&self, month: i8, day: i8, weekday: i8) -> bool {
        let has = |values: &[u32], value: i8| {
            values.iter().any(|known| i64::from(*known) == i64::from(value))
        };
        let is_day = has(&self.days, day);
        let is_weekday = has(&self.weekdays, weekday) || (weekday == 0 && has(&self.weekdays, 7));
        let is_wanted = match (self.is_any_day, self.is_any_weekday) {
            (false, false) => is_day || is_weekday,
            _ => is_day && is_weekday,
        };
        has(&self.months, month) && is_wanted
    }
}

impl Field {
    /// The values of a list of `*`, numbers and ranges, each with or without a step, in order.
    fn read(&self, text: &str) -> Result<Vec<u32>, String> {
        let items: Option<Vec<_>> = text.split(',').map(|item| self.item(item)).collect();
        let Some(items) = items else {
            let Self { name, least, most, .. } = self;
            return Err(format!(
                "is not a cron expression: `{text}` is no {name} ({least} to {most})"
            ));
        };
        let mut values: Vec<u32> = items.into_iter().flatten().collect();
        values.sort_unstable();
        values.dedup();
        Ok(values)
    }

    fn item(&self, item: &str) -> Option<impl Iterator<Item = u32> + use<>> {
        let (span, step) = item.split_once('/').map_or((item, None), |(a, b)| (a, Some(b)));
        let (first, last) = match span.split_once('-') {
            _ if span == "*" || span == "?" && self.name.starts_with("day") => {
                (self.least, self.most)
            }
            Some((first, last)) => (self.number(first)?, self.number(last)?),
            None => {
                (self.number(span)?, if step.is_some() { self.most } else { self.number(span)? })
            }
        };
        let step = step.map_or(Some(1), digits).filter(|step| (1..=self.most).contains(step))?;
        (first <= last).then(|| (first..=last).step_by(usize::try_from(step).unwrap_or(1)))
    }

    fn number(&self, text: &str) -> Option<u32> {
        let word = self.words.iter().position(|word| text.eq_ignore_ascii_case(word));
        let number = match word {
            Some(position) => self.least.checked_add(u32::try_from(position).ok()?)?,
            None => digits(text)?,
        };
        (self.least..=self.most).contains(&number).then_some(number)
    }
}

fn digits(text: &str) -> Option<u32> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cron_expressions_that_cron_accepts_are_accepted() {
        for text in [
            "0 2 * * *",
            "*/15 * * * *",
            "0 0,12 1-15/2 jan-jun MON-FRI",
            "59 23 31 12 7",
            "0 3 * * sun",
            " 5  4 * * * ",
            "0 12 ? * 1",
        ] {
            assert_eq!(Cron::read(text).err(), None, "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused_with_what_is_wrong() {
        let cases = [
            ("", "0 fields"),
            ("0 2 * *", "4 fields"),
            ("0 0 2 * * *", "6 fields"),
            ("60 2 * * *", "`60` is no minute (0 to 59)"),
            ("0 24 * * *", "no hour"),
            ("0 0 0 * *", "no day of the month"),
            ("0 0 * 13 *", "no month"),
            ("0 0 * * 8", "no day of the week"),
            ("5-1 * * * *", "no minute"),
            ("*/0 * * * *", "no minute"),
            ("1,,2 * * * *", "no minute"),
            ("+1 * * * *", "no minute"),
            ("? * * * *", "no minute"),
            ("@daily", "1 fields"),
            ("every night at 2 o'clock", "no minute"),
        ];
        for (text, reason) in cases {
            let said = Cron::read(text).err().unwrap_or_default();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }
}
