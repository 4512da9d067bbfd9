//! Whether a text is a cron expression of five fields.

/// A field: what it is called, its least and greatest number, names that stand for numbers from
/// the least on.
struct Field {
    name: &'static str,
    least: u32,
    most: u32,
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", least: 0, most: 59, words: &[] },
    Field { name: "hour", least: 0, most: 23, words: &[] },
    Field { name: "day of the month", least: 1, most: 31, words: &[] },
    Field { name: "month", least: 1, most: 12, words: &MONTHS },
    Field { name: "day of the week", least: 0, most: 7, words: &DAYS },
];

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

const MACROS: [(&str, &str); 7] = [
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
    ("@monthly", "0 0 1 * *"),
    ("@weekly", "0 0 * * 0"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@hourly", "0 * * * *"),
];

/// Why `text` is no cron expression; none if it is one.
pub(super) fn fault(text: &str) -> Option<String> {
    if let Some((_, meaning)) = MACROS.iter().find(|(name, _)| *name == text.trim()) {
        return Some(format!("is a name for a cron expression: write `{meaning}`"));
    }
    let parts: Vec<&str> = text.split_ascii_whitespace().take(FIELDS.len() + 1).collect();
    if parts.len() != FIELDS.len() {
        let count = text.split_ascii_whitespace().count();
        return Some(format!("is not a cron expression: it has {count} fields and not 5"));
    }
    FIELDS.iter().zip(parts).find(|(field, part)| !field.takes(part)).map(|(field, part)| {
        let Field { name, least, most, .. } = field;
        format!("is not a cron expression: `{part}` is no {name} ({least} to {most})")
    })
}

impl Field {
    /// Whether `part` is a list of `*`, numbers and ranges, each with or without a step.
    fn takes(&self, part: &str) -> bool {
        part.split(',').all(|item| {
            let (span, step) = item.split_once('/').map_or((item, None), |(a, b)| (a, Some(b)));
            self.takes_span(span) && step.is_none_or(|step| self.takes_step(step))
        })
    }

    fn takes_span(&self, span: &str) -> bool {
        if span == "*" || span == "?" && self.name.starts_with("day") {
            return true;
        }
        match span.split_once('-') {
            None => self.number(span).is_some(),
            Some((first, last)) => match (self.number(first), self.number(last)) {
                (Some(first), Some(last)) => first <= last,
                _ => false,
            },
        }
    }

    fn takes_step(&self, step: &str) -> bool {
        digits(step).is_some_and(|step| step >= 1 && step <= self.most)
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
            assert_eq!(fault(text), None, "{text}");
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
            ("@daily", "write `0 0 * * *`"),
            ("every night at 2 o'clock", "no minute"),
        ];
        for (text, reason) in cases {
            let said = fault(text).unwrap_or_default();
            assert!(said.contains(reason), "{text}: {said}");
        }
    }
}
