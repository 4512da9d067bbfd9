//! Durations as Prometheus and its relatives write them: `1h30m`.

/// Seconds of a unit.
fn unit_s(unit: &str) -> Option<f64> {
    Some(match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        "w" => 604_800.0,
        "y" => 31_536_000.0,
        _ => return None,
    })
}

/// Seconds of a duration such as `1h30m`; a lone `0` needs no unit.
pub(crate) fn duration_s(text: &str) -> Option<f64> {
    let mut rest = text.trim();
    if rest == "0" {
        return Some(0.0);
    }
    let mut total = None;
    while !rest.is_empty() {
        let (digits, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) = split(after, |c| c.is_ascii_alphabetic());
        let amount: f64 = digits.parse().ok()?;
        total = Some(total.unwrap_or(0.0) + amount * unit_s(unit)?);
        rest = after;
    }
    total
}

/// Splits behind the characters at the start that `belongs` tells of.
fn split(text: &str, belongs: fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_add_up() {
        assert_eq!(duration_s("1h30m"), Some(5_400.0));
        assert_eq!(duration_s("90s"), Some(90.0));
        assert_eq!(duration_s("250ms"), Some(0.25));
        assert_eq!(duration_s("4w"), Some(2_419_200.0));
        assert_eq!(duration_s("0"), Some(0.0));
    }

    #[test]
    fn what_is_no_duration_has_no_seconds() {
        for text in ["", "5", "m", "5x", "5m ago", "1.2.3s", "{{ .For }}", "-5m"] {
            assert_eq!(duration_s(text), None, "{text}");
        }
    }
}
