//! Durations as Compose and systemd write them.

/// Seconds of a text such as `1m30s`, `500ms` or `2min 200ms`; a number without a unit counts
/// seconds. `None` for all else, `infinity` included.
///
/// The units are those of systemd.time(7), of which those of Compose are a part.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    let mut sum = 0.0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let (number, after) = split_where(rest, |c| !c.is_ascii_digit() && c != '.');
        let (unit, after) = split_where(after.trim_start(), |c| !c.is_alphabetic());
        let number = number.parse::<f64>().ok()?;
        sum += number * seconds_per(unit)?;
        rest = after.trim_start();
    }
    Some(sum)
}

fn split_where(text: &str, is_end: fn(char) -> bool) -> (&str, &str) {
    text.split_at_checked(text.find(is_end).unwrap_or(text.len())).unwrap_or((text, ""))
}

fn seconds_per(unit: &str) -> Option<f64> {
    Some(match unit {
        "ns" => 1e-9,
        "us" | "µs" | "μs" | "usec" => 1e-6,
        "ms" | "msec" => 1e-3,
        "" | "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3_600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn durations_of_compose_and_systemd_are_seconds() {
        let texts = ["1m30s", "500ms", "1.5s", "90", "2min 200ms", "1h", "5 min", "0"];
        let read = texts.map(seconds);
        assert_eq!(read, [90.0, 0.5, 1.5, 90.0, 120.2, 3600.0, 300.0, 0.0].map(Some));
    }

    #[test]
    fn what_is_no_duration_has_no_seconds() {
        for text in ["", " ", "infinity", "s", "-1s", "1.2.3s", "1y2", "${WAIT}", "."] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
