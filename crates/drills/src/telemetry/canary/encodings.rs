//! The ways in which a text is usually written where it was not meant to be.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::{Canary, Secret};

/// Shortest text that is searched for, so that none is found by chance.
const SHORTEST: usize = 10;

/// How a canary was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As it is, in upper or lower case.
    Plain,
    /// With escapes of URLs.
    Percent,
    /// With escapes of JSON or of a language's literals.
    Escaped,
    /// With entities of HTML.
    Html,
    /// In base64, at any alignment.
    Base64,
    /// In hexadecimal digits.
    Hex,
    /// In groups, with separators.
    Grouped,
}

impl Encoding {
    /// How it is called in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Plain => "in plain",
            Self::Percent => "URL-encoded",
            Self::Escaped => "escaped",
            Self::Html => "as HTML",
            Self::Base64 => "in base64",
            Self::Hex => "in hexadecimal digits",
            Self::Grouped => "in groups",
        }
    }
}

/// All that `canary` is searched as; what is the same as its plain text is left out.
pub(super) fn of(canary: &Canary) -> Vec<(Encoding, String)> {
    let value = canary.value.as_str();
    let mut all = vec![(Encoding::Plain, value.to_owned())];
    for text in spelled(value, percent) {
        all.push((Encoding::Percent, text.replace('%', "%25")));
        all.push((Encoding::Percent, text));
    }
    let escaped = spelled(value, escape);
    let twice = escaped.iter().map(|text| quoted(text)).collect::<Vec<_>>();
    let by_number: Vec<_> = value.chars().map(by_number).collect();
    all.extend(
        escaped
            .into_iter()
            .chain(twice)
            .chain([by_number.concat()])
            .map(|text| (Encoding::Escaped, text)),
    );
    for text in spelled(value, entity) {
        // Markup within JSON, as a body that is logged.
        let within = [
            quoted(&text),
            quoted(&text).replace('/', "\\/"),
            quoted(&text).replace('&', "\\u0026"),
        ];
        all.extend(within.map(|text| (Encoding::Html, text)));
        all.push((Encoding::Html, text));
    }
    // A whole body in base64 holds it as the body does.
    for text in [value.to_owned(), quoted(value), percent_all(value)] {
        all.extend(base64(&text).map(|text| (Encoding::Base64, text)));
    }
    all.push((
        Encoding::Hex,
        value.bytes().fold(String::new(), |mut text, byte| {
            let _infallible = write!(text, "{byte:02x}");
            text
        }),
    ));
    if canary.secret == Secret::Card {
        all.extend(
            [" ", "-", ".", "%20", "+"].map(|mark| (Encoding::Grouped, grouped(value, mark))),
        );
    }
    let mut seen = BTreeSet::new();
    all.retain(|(_, text)| text.len() >= SHORTEST && seen.insert(text.clone()));
    all
}

/// Every way to write `value` of which `ways` gives those of each letter: what is kept of them differs from one library to the next.
fn spelled(value: &str, ways: fn(char) -> Vec<String>) -> Vec<String> {
    value.chars().fold(vec![String::new()], |texts, letter| {
        let ways = ways(letter);
        let extended = |text: String| ways.iter().map(move |way| format!("{text}{way}"));
        texts.into_iter().flat_map(extended).collect()
    })
}

/// As it is, or by its number in a URL.
fn percent(letter: char) -> Vec<String> {
    let mut ways = vec![letter.to_string()];
    if !letter.is_ascii_alphanumeric() && !"-._~".contains(letter) {
        ways.push(percent_all(&letter.to_string()));
    }
    ways
}

/// In a URL: every byte by its number but those that never have a meaning there (RFC 3986, section 2.3).
pub(crate) fn percent_all(value: &str) -> String {
    value.bytes().fold(String::new(), |mut text, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _infallible = write!(text, "%{byte:02X}");
        }
        text
    })
}

/// In a text of JSON or of a language: quotes never as they are; slashes escaped by PHP, `&` by number by Go and others, quotes so by nginx.
fn escape(letter: char) -> Vec<String> {
    match letter {
        '"' => vec!["\\\"".to_owned(), by_number(letter), "\\x22".to_owned()],
        '\\' => vec!["\\\\".to_owned()],
        '/' => vec!["/".to_owned(), "\\/".to_owned(), by_number(letter)],
        '&' | '@' | '!' | '+' => vec![letter.to_string(), by_number(letter)],
        _ => vec![letter.to_string()],
    }
}

fn by_number(letter: char) -> String {
    format!("\\u{:04x}", u32::from(letter))
}

/// In a text or an attribute of XML or HTML, where quotes may stay as they are.
fn entity(letter: char) -> Vec<String> {
    let number = u32::from(letter);
    let numbers = [format!("&#{number};"), format!("&#x{number:x};")];
    let name = match letter {
        '"' => Some("&quot;"),
        '&' => Some("&amp;"),
        _ => None,
    };
    let named = name.map(str::to_owned).into_iter();
    match letter {
        '"' | '/' | '@' => named.chain(numbers).chain([letter.to_string()]).collect(),
        '&' => named.chain(numbers).collect(),
        _ => vec![letter.to_string()],
    }
}

/// As it stands within quotes.
fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// What of the text does not depend on what stands before and after it, at each of the three alignments; also in a URL, and with slashes escaped.
fn base64(value: &str) -> impl Iterator<Item = String> + '_ {
    (0..3_usize).flat_map(move |shift| {
        let mut bytes = vec![0; shift];
        bytes.extend(value.bytes());
        let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        let part = |text: String| text.get(from..to).unwrap_or_default().to_owned();
        let standard = part(STANDARD_NO_PAD.encode(&bytes));
        let (in_url, escaped) = (percent_all(&standard), standard.replace('/', "\\/"));
        [part(URL_SAFE_NO_PAD.encode(&bytes)), in_url, escaped, standard]
    })
}

fn grouped(digits: &str, mark: &str) -> String {
    let groups = digits.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(mark)
}
