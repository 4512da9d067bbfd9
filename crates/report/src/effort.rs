//! Effort in words.

use crate::count;

/// `minutes` of one engineer in words; a day has eight hours.
pub fn in_words(minutes: u32) -> String {
    let (days, hours, minutes) = (minutes / 480, minutes % 480 / 60, minutes % 60);
    let parts = [(days, "day"), (hours, "hour"), (minutes, "minute")];
    let shown: Vec<String> = parts
        .into_iter()
        .filter(|(amount, _)| *amount > 0)
        .take(2)
        .map(|(amount, unit)| count::of(amount as usize, unit))
        .collect();
    if shown.is_empty() { "no time".to_owned() } else { shown.join(" ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_has_eight_hours() {
        assert_eq!(in_words(45), "45 minutes");
        assert_eq!(in_words(60), "1 hour");
        assert_eq!(in_words(600), "1 day 2 hours");
        assert_eq!(in_words(0), "no time");
    }
}
