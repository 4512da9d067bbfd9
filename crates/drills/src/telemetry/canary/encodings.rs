//! The ways in which a text is usually written where it was not meant to be.

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
    for kept in ["-._~", "-._~!'()*", "-._~!'()*;,/?:@&=+$#"] {
        let once = percent(value, kept);
        all.push((Encoding::Percent, once.replace('%', "%25")));
        all.push((Encoding::Percent, once));
    }
    all.extend(escaped(value).map(|text| (Encoding::Escaped, text)));
    for quote in ["&quot;", "&#34;", "&#x22;"] {
        let text = value.replace('&', "&amp;").replace('"', quote);
        all.push((Encoding::Html, text.replace('/', "&#x2F;")));
        all.push((Encoding::Html, text));
    }
    all.extend(base64(value).map(|text| (Encoding::Base64, text)));
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
    let mut seen = Vec::new();
    all.retain(|(_, text)| {
        let is_new = text.len() >= SHORTEST && !seen.contains(text);
        if is_new {
            seen.push(text.clone());
        }
        is_new
    });
    all
}

fn percent(value: &str, kept: &str) -> String {
    value.chars().fold(String::new(), |mut text, letter| {
        if letter.is_ascii_alphanumeric() || kept.contains(letter) {
            text.push(letter);
        } else {
            let mut bytes = [0; 4];
            for byte in letter.encode_utf8(&mut bytes).bytes() {
                let _infallible = write!(text, "%{byte:02X}");
            }
        }
        text
    })
}

/// Quotes escaped; slashes too (PHP); `&` by number (Go); quotes as well (.NET); and all of it once more, as JSON within JSON.
fn escaped(value: &str) -> impl Iterator<Item = String> {
    let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
    let slashes = quoted.replace('/', "\\/");
    let go = quoted.replace('&', "\\u0026");
    let net = value.replace('"', "\\u0022").replace('&', "\\u0026").replace('+', "\\u002B");
    let all = [quoted, slashes, go, net];
    let twice = all.clone().map(|text| text.replace('\\', "\\\\").replace('"', "\\\""));
    all.into_iter().chain(twice)
}

/// What of the text does not depend on what stands before and after it, at each of the three alignments.
fn base64(value: &str) -> impl Iterator<Item = String> + '_ {
    (0..3_usize).flat_map(move |shift| {
        let mut bytes = vec![0; shift];
        bytes.extend(value.bytes());
        let (from, to) = ((shift * 8).div_ceil(6), bytes.len() * 8 / 6);
        [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)]
            .map(|text| text.get(from..to).unwrap_or_default().to_owned())
    })
}

fn grouped(digits: &str, mark: &str) -> String {
    let groups = digits.as_bytes().chunks(4).map(String::from_utf8_lossy);
    groups.collect::<Vec<_>>().join(mark)
}
