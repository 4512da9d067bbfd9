//! Canaries: made-up secrets, each planted at one place, that must not turn up where people or machines keep texts.

mod encodings;

use aho_corasick::BuildError;

use super::Search;

pub use encodings::Encoding;
pub(crate) use encodings::percent_all;

/// What a canary looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Secret {
    /// A number that passes the check of card numbers (Luhn), of no issuer that assigns it.
    Card,
    /// An e-mail address.
    Email,
    /// A bearer token or key.
    Token,
    /// A password.
    Password,
    /// The value of a session's cookie.
    Cookie,
}

impl Secret {
    /// Its name in messages.
    pub fn name(self) -> &'static str {
        match self {
            Self::Card => "card number",
            Self::Email => "e-mail address",
            Self::Token => "token",
            Self::Password => "password",
            Self::Cookie => "cookie",
        }
    }
}

/// One made-up secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// What it looks like.
    pub secret: Secret,
    /// Where it was planted: "the header `cookie` of `place-order`".
    pub place: String,
    /// The text.
    pub value: String,
}

/// All canaries of a drill.
#[derive(Clone, Debug, Default)]
pub struct Canaries {
    seed: u64,
    planted: Vec<Canary>,
}

impl Canaries {
    /// None yet; the same seed gives the same texts.
    pub fn new(seed: u64) -> Self {
        Self { seed, planted: Vec::new() }
    }

    /// Makes one for `place`, and gives its text.
    pub fn plant(&mut self, secret: Secret, place: &str) -> String {
        let number = u64::try_from(self.planted.len()).unwrap_or(u64::MAX);
        let bits = [0, 1].map(|part| mixed(self.seed ^ mixed(number * 2 + part)));
        let value = text(secret, bits);
        self.planted.push(Canary { secret, place: place.to_owned(), value: value.clone() });
        value
    }

    /// Those that were made.
    pub fn planted(&self) -> &[Canary] {
        &self.planted
    }

    /// Searches for all of them in all encodings.
    pub fn finder(&self) -> Result<Finder, BuildError> {
        let mut labels = Vec::new();
        let mut texts = Vec::new();
        for (number, canary) in self.planted.iter().enumerate() {
            for (encoding, text) in encodings::of(canary) {
                labels.push((number, encoding));
                texts.push(text);
            }
        }
        Ok(Finder { search: Search::new(&texts)?, labels })
    }
}

/// `SplitMix64`: bits that look random, the same for the same input.
fn mixed(number: u64) -> u64 {
    let mut bits = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

fn text(secret: Secret, [one, two]: [u64; 2]) -> String {
    match secret {
        Secret::Card => card(one),
        Secret::Email => format!("canary.{:012x}@example.com", one >> 16),
        Secret::Token => format!("gng_{one:016x}{two:016x}"),
        Secret::Password => format!("Cn{:012x}!&/\"", one >> 16),
        Secret::Cookie => format!("{two:016x}{one:016x}"),
    }
}

/// Sixteen digits, the last chosen so that all of them pass Luhn's check.
fn card(bits: u64) -> String {
    let body = format!("400000{:09}", bits % 1_000_000_000);
    let check = (0..10).find(|digit| luhn(&format!("{body}{digit}"))).unwrap_or(0);
    format!("{body}{check}")
}

/// Whether `digits` pass the check that ISO/IEC 7812 names for card numbers.
fn luhn(digits: &str) -> bool {
    let sum: u32 = digits
        .chars()
        .rev()
        .filter_map(|letter| letter.to_digit(10))
        .enumerate()
        .map(|(place, digit)| match (place % 2, digit * 2) {
            (0, _) => digit,
            (_, doubled) if doubled > 9 => doubled - 9,
            (_, doubled) => doubled,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// Searches texts for canaries.
#[derive(Clone, Debug)]
pub struct Finder {
    search: Search,
    labels: Vec<(usize, Encoding)>,
}

/// A canary that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sighting {
    /// Its number among those planted.
    pub canary: usize,
    /// How it was written.
    pub encoding: Encoding,
    /// Where, in bytes.
    pub at: usize,
}

impl Finder {
    /// The first sighting of each canary in `text`.
    pub fn find(&self, text: &str) -> Vec<Sighting> {
        let mut seen: Vec<Sighting> = Vec::new();
        for (pattern, at) in self.search.hits(text) {
            let Some(&(canary, encoding)) = self.labels.get(pattern) else { continue };
            if !seen.iter().any(|sighting| sighting.canary == canary) {
                seen.push(Sighting { canary, encoding, at });
            }
        }
        seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    fn planted() -> (Canaries, Finder) {
        let mut canaries = Canaries::new(7);
        for secret in [Secret::Card, Secret::Email, Secret::Token, Secret::Password, Secret::Cookie]
        {
            canaries.plant(secret, "a test");
        }
        let finder = canaries.finder().unwrap();
        (canaries, finder)
    }

    fn is_found(text: &str, canary: usize) -> bool {
        planted().1.find(text).iter().any(|sighting| sighting.canary == canary)
    }

    #[test]
    fn each_secret_is_found_in_each_usual_encoding() {
        let (canaries, _) = planted();
        for (number, canary) in canaries.planted().iter().enumerate() {
            let value = &canary.value;
            let hex = value.bytes().fold(String::new(), |text, byte| format!("{text}{byte:02X}"));
            let mut texts = vec![
                format!("x{value}x"),
                value.to_uppercase(),
                hex,
                serde_json::to_string(value).unwrap(),
                serde_json::to_string(&serde_json::to_string(value).unwrap()).unwrap(),
                format!("{value:?}"),
                value.replace('/', "\\/").replace('"', "\\\""),
                value.replace('&', "\\u0026").replace('"', "\\\""),
                value.replace('&', "&amp;").replace('"', "&quot;"),
                value
                    .replace('@', "%40")
                    .replace('&', "%26")
                    .replace('/', "%2F")
                    .replace('"', "%22")
                    .replace('!', "%21"),
                value
                    .replace('@', "%40")
                    .replace('&', "%26")
                    .replace('/', "%2f")
                    .replace('"', "%22"),
            ];
            for prefix in ["", "a", "ab", "user:"] {
                texts.push(STANDARD.encode(format!("{prefix}{value}\n")));
                texts.push(URL_SAFE_NO_PAD.encode(format!("{prefix}{value}?")));
            }
            for text in &texts {
                assert!(is_found(text, number), "{value} in {text}");
            }
            assert!(!is_found(&value[..value.len() / 2], number));
        }
    }

    #[test]
    fn each_secret_is_found_as_other_libraries_write_it() {
        for (number, canary) in planted().0.planted().iter().enumerate() {
            let value = &canary.value;
            let replaced = |pairs: &[(&str, &str)]| {
                pairs.iter().fold(value.clone(), |text, (from, to)| text.replace(from, to))
            };
            let xml = replaced(&[("&", "&amp;")]);
            let all: Vec<_> = value.chars().map(|c| format!("\\u{:04X}", u32::from(c))).collect();
            let body = serde_json::json!({ "a": value }).to_string();
            let base64 = STANDARD.encode(&body);
            let texts = [
                // Python's `quote`, Go's `PathEscape`, both cases.
                replaced(&[("!", "%21"), ("&", "%26"), ("\"", "%22"), ("@", "%40")]),
                replaced(&[("!", "%21"), ("/", "%2f"), ("\"", "%22")]),
                // A text of XML, alone and in a line of JSON.
                xml.clone(),
                serde_json::to_string(&xml).unwrap(),
                serde_json::to_string(&xml).unwrap().replace('&', "\\u0026"),
                replaced(&[("&", "&#38;"), ("\"", "&#34;"), ("@", "&#64;")]),
                replaced(&[("&", "&#x26;"), ("\"", "&#x22;"), ("/", "&#x2F;"), ("@", "&#x40;")]),
                // nginx, PHP, encoders that leave little as it is.
                replaced(&[("\"", "\\x22")]),
                replaced(&[("&", "\\u0026"), ("\"", "\\u0022"), ("/", "\\/")]),
                replaced(&[
                    ("\"", "\\u0022"),
                    ("/", "\\u002F"),
                    ("@", "\\u0040"),
                    ("!", "\\u0021"),
                ]),
                all.concat(),
                base64.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"),
                base64.replace('/', "\\/"),
                base64,
            ];
            for text in &texts {
                assert!(is_found(text, number), "{value} in {text}");
            }
        }
    }

    #[test]
    fn a_card_is_found_however_it_is_grouped_and_not_when_it_is_masked() {
        let value = planted().0.planted()[0].value.clone();
        assert!(luhn(&value), "{value}");
        let groups: Vec<_> =
            value.as_bytes().chunks(4).map(|group| std::str::from_utf8(group).unwrap()).collect();
        for separator in [" ", "-", ".", "%20", "+"] {
            assert!(is_found(&groups.join(separator), 0), "{separator}");
        }
        assert!(!is_found(&format!("{}******{}", &value[..6], &value[12..]), 0));
    }

    #[test]
    fn canaries_differ_from_one_another_and_from_run_to_run() {
        let mut texts = Vec::new();
        for seed in 0..20 {
            let mut canaries = Canaries::new(seed);
            texts.extend((0..20).map(|_| canaries.plant(Secret::Card, "a")));
        }
        texts.sort();
        texts.dedup();
        assert_eq!(texts.len(), 400);
    }
}
