//! Scalars, and what plain ones mean.

use model::Place;

/// A text as the file means it, and how it is written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scalar {
    /// The text with its escapes and folds resolved; empty for a value that is left out.
    pub text: String,
    /// Whether it is unquoted and bears no tag that makes it text, so that it can be null, a
    /// boolean or a number.
    pub is_plain: bool,
    /// Where the lines of a literal block scalar stand.
    pub(super) lines: Option<Lines>,
}

/// Where the first line of a literal block scalar's text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lines {
    pub(super) line: u32,
    pub(super) column: u32,
}

impl Scalar {
    /// An unquoted scalar.
    pub(super) fn plain(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_plain: true, lines: None }
    }

    /// A quoted scalar.
    pub(super) fn quoted(text: impl Into<String>) -> Self {
        Self { text: text.into(), is_plain: false, lines: None }
    }

    /// Moves the lines of a literal block scalar that stands in a text which begins at `start` of
    /// another file; without `start` they are forgotten.
    pub(crate) fn move_lines(&mut self, start: Option<&Place>) {
        self.lines = self.lines.zip(start).map(|(lines, start)| Lines {
            line: lines.line.saturating_add(start.line).saturating_sub(1),
            column: lines.column.saturating_add(start.column).saturating_sub(1),
        });
    }

    /// Whether it is null: left out, `~` or `null`.
    pub fn is_null(&self) -> bool {
        self.is_plain && matches!(self.text.as_str(), "" | "~" | "null" | "Null" | "NULL")
    }

    /// Its boolean in the sense of YAML 1.1: `true`, `yes`, `on` and their opposites.
    pub fn bool(&self) -> Option<bool> {
        match self.unquoted()? {
            "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
            "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
            _ => None,
        }
    }

    /// Its whole number: decimal, `0x1f`, `0b1`, or octal as `0o644` and `0644`.
    pub fn int(&self) -> Option<i64> {
        let text = self.unquoted()?;
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        let (radix, digits) = radix_of(digits);
        if !digits.starts_with(|first: char| first.is_digit(radix)) {
            return None;
        }
        let sign = if text.starts_with('-') { "-" } else { "" };
        i64::from_str_radix(&format!("{sign}{}", digits.replace('_', "")), radix).ok()
    }

    /// Its number, whole or not, `.inf` and `.nan` included.
    pub fn float(&self) -> Option<f64> {
        let text = self.unquoted()?;
        match text.to_ascii_lowercase().as_str() {
            ".inf" | "+.inf" => return Some(f64::INFINITY),
            "-.inf" => return Some(f64::NEG_INFINITY),
            ".nan" => return Some(f64::NAN),
            _ => {}
        }
        if let Some(whole) = self.int() {
            #[expect(clippy::cast_precision_loss, reason = "a float is asked for")]
            return Some(whole as f64);
        }
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if !digits.starts_with(|first: char| first.is_ascii_digit() || first == '.') {
            return None;
        }
        text.replace('_', "").parse().ok()
    }

    fn unquoted(&self) -> Option<&str> {
        self.is_plain.then_some(self.text.as_str())
    }
}

/// The base of a number without sign, and its digits.
fn radix_of(digits: &str) -> (u32, &str) {
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(rest) = digits.strip_prefix(prefix) {
            return (radix, rest);
        }
    }
    let is_octal = digits.len() > 1
        && digits.starts_with('0')
        && digits.bytes().all(|digit| matches!(digit, b'0'..=b'7'));
    (if is_octal { 8 } else { 10 }, digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Scalar {
        Scalar::plain(text)
    }

    #[test]
    fn plain_scalars_are_null_boolean_or_number() {
        assert!(plain("").is_null() && plain("~").is_null() && plain("null").is_null());
        assert_eq!(plain("on").bool(), Some(true));
        assert_eq!(plain("No").bool(), Some(false));
        assert_eq!(plain("y").bool(), None);
        let whole = ["7", "-7", "+7", "0x1f", "0o17", "017", "08", "1_000", "0"];
        let numbers = whole.map(|text| plain(text).int());
        let expected = [7, -7, 7, 31, 15, 15, 8, 1000, 0].map(Some);
        assert_eq!(numbers, expected);
        assert_eq!(plain("1.5").float(), Some(1.5));
        assert_eq!(plain("-.5e3").float(), Some(-500.0));
        assert_eq!(plain("-.inf").float(), Some(f64::NEG_INFINITY));
        assert_eq!(plain("3").float(), Some(3.0));
    }

    #[test]
    fn other_texts_are_no_numbers() {
        for text in
            ["", "-", "--1", "-+1", "0x", "0x-1", "_1", "inf", "nan", "1.2.3", "22:22", "1 "]
        {
            assert_eq!(plain(text).int(), None, "{text}");
            assert_eq!(plain(text).float(), None, "{text}");
        }
        assert_eq!(plain("99999999999999999999").int(), None);
    }

    #[test]
    fn quoted_scalars_are_texts_only() {
        let quoted = |text: &str| Scalar::quoted(text);
        assert!(!quoted("").is_null());
        assert_eq!(quoted("true").bool(), None);
        assert_eq!(quoted("1").int(), None);
        assert_eq!(quoted("1").float(), None);
    }
}
