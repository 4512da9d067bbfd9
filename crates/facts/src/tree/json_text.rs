//! The words of JSON: strings, numbers and literals.

/// Why a string cannot be read, and where in it.
pub(super) struct BadText {
    pub(super) offset: usize,
    pub(super) reason: &'static str,
}

/// The text of a string whose opening quote was read, and its length with the closing quote.
pub(super) fn unquote(rest: &str) -> Result<(String, usize), BadText> {
    let mut text = String::new();
    let mut at = 0;
    loop {
        let tail = rest.get(at..).unwrap_or_default();
        let Some(length) = memchr::memchr2(b'"', b'\\', tail.as_bytes()) else {
            let offset = rest.len();
            return Err(refuse(offset, "a string is not closed"));
        };
        let run = tail.get(..length).unwrap_or_default();
        if let Some(control) = run.bytes().position(|byte| byte < b' ') {
            return Err(refuse(at + control, "a string holds a control character"));
        }
        text.push_str(run);
        at += length;
        if tail.as_bytes().get(length) == Some(&b'"') {
            return Ok((text, at + 1));
        }
        let (character, length) = unescape(rest.get(at..).unwrap_or_default())
            .ok_or_else(|| refuse(at, "a string holds an unknown escape"))?;
        text.push(character);
        at += length;
    }
}

fn refuse(offset: usize, reason: &'static str) -> BadText {
    BadText { offset, reason }
}

/// The character that an escape stands for, and the escape's length.
fn unescape(rest: &str) -> Option<(char, usize)> {
    let character = match rest.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unescape_unit(rest),
        _ => return None,
    };
    Some((character, 2))
}

fn unescape_unit(rest: &str) -> Option<(char, usize)> {
    let first = unit(rest)?;
    if let Some(character) = char::from_u32(u32::from(first)) {
        return Some((character, 6));
    }
    let second = unit(rest.get(6..)?)?;
    let pair = char::decode_utf16([first, second]).next()?.ok()?;
    Some((pair, 12))
}

fn unit(rest: &str) -> Option<u16> {
    let digits = rest.strip_prefix("\\u")?.get(..4)?;
    let is_hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then(|| u16::from_str_radix(digits, 16).ok())?
}

/// The letters, digits and signs that `rest` begins with.
pub(super) fn word(rest: &str) -> &str {
    let is_part =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'_');
    let length = rest.bytes().take_while(|byte| is_part(*byte)).count();
    rest.get(..length).unwrap_or_default()
}

/// Whether `word` is a boolean or null.
pub(super) fn is_literal(word: &str) -> bool {
    matches!(word, "true" | "false" | "null")
}

/// Whether `word` is a number as JSON writes them.
pub(super) fn is_number(word: &str) -> bool {
    let word = word.strip_prefix('-').unwrap_or(word);
    let (mantissa, exponent) = match word.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (word, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    is_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(is_digits)
        && exponent
            .is_none_or(|digits| is_digits(digits.strip_prefix(['-', '+']).unwrap_or(digits)))
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_resolved() {
        let read = unquote("a\\n\\\"\\u00e9\\ud83d\\ude00\" rest");
        assert!(matches!(read, Ok((text, 24)) if text == "a\n\"é😀"));
    }

    #[test]
    fn half_a_pair_is_no_character() {
        for text in ["\\ud83d\"", "\\ud83d\\n\"", "\\ude00\"", "\\u00g0\"", "\\u+123\"", "\\u12"] {
            assert!(unquote(text).is_err(), "{text}");
        }
    }
}
