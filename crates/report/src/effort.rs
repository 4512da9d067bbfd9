//! Effort in words.

use model::counted;

const HOUR_MIN: u32 = 60;
const DAY_MIN: u32 = 8 * HOUR_MIN;

/// `minutes` of one engineer in words, as exactly as anybody can know them: a day has eight hours, and of many
/// days nobody knows the last.
pub fn in_words(minutes: u32) -> String {
    let rounded = |to: u32| (minutes.saturating_add(to / 2) / to).max(1);
    let amount = match minutes {
        0 => return "no time".to_owned(),
        1..HOUR_MIN => counted(minutes, "minute"),
        HOUR_MIN..DAY_MIN => match rounded(HOUR_MIN) {
            8 => counted(1_u32, "day"),
            hours => counted(hours, "hour"),
        },
        _ => match rounded(DAY_MIN) {
            few @ ..15 => counted(few, "day"),
            _ => counted(rounded(5 * DAY_MIN) * 5, "day"),
        },
    };
    format!("about {amount}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn effort_is_told_no_more_exactly_than_it_is_known() {
        assert_eq!(in_words(45), "about 45 minutes");
        assert_eq!(in_words(60), "about 1 hour");
        assert_eq!(in_words(100), "about 2 hours");
        assert_eq!(in_words(470), "about 1 day");
        assert_eq!(in_words(600), "about 1 day");
        assert_eq!(in_words(8 * 60 * 31 + 75), "about 30 days");
        assert_eq!(in_words(0), "no time");
    }
}
