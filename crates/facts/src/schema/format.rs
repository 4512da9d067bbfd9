//! How the texts of a gonogo.yaml look, and what they stand for.

use crate::cron::{self, Cron};

/// What a text must look like.
#[derive(Debug)]
pub(crate) struct Format {
    /// What is expected, with an article and an example.
    pub(super) words: &'static str,
    /// A regular expression that editors can check, where one says it.
    pub(super) pattern: Option<&'static str>,
    /// Whether numbers and booleans may stand for their text.
    pub(super) takes_any_scalar: bool,
    /// Why a text is not of the format.
    pub(super) fault: fn(&str) -> Option<String>,
}

/// Whether it is what `gonogo init` writes where somebody has to put words of their own.
pub(crate) fn is_to_be_filled_in(text: &str) -> bool {
    matches!(
        text.trim(),
        "NAME"
            | "/PATH"
            | "TEAM"
            | "group:TEAM"
            | "PROGRAM"
            | "ARGUMENT"
            | "WHAT USERS SEE WHEN IT FAILS"
            | "…"
    )
}

const fn format(
    words: &'static str,
    pattern: &'static str,
    fault: fn(&str) -> Option<String>,
) -> Format {
    Format { words, pattern: Some(pattern), takes_any_scalar: false, fault }
}

pub(super) static TEXT: Format = Format {
    words: "a text",
    pattern: None,
    takes_any_scalar: false,
    fault: |text| text.trim().is_empty().then(|| "is empty".to_owned()),
};

pub(super) static SCALAR: Format =
    Format { words: "a text or a number", pattern: None, takes_any_scalar: true, fault: |_| None };

pub(super) static NAME: Format = format(
    "a name of letters, digits, `-`, `_` and `.`",
    "^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$",
    |text| fault_unless(is_name(text), "is not a name of letters, digits, `-`, `_` and `.`"),
);

pub(super) static DURATION: Format = format(
    "a duration such as `800ms`, `15m` or `24h`",
    r"^([0-9]+(\.[0-9]+)?(ms|s|m|h|d|w|y))+$",
    |text| {
        let unitless = text.parse::<f64>().is_ok();
        let hint = if unitless { ": it has no unit" } else { "" };
        fault_unless(
            duration_s(text).is_some(),
            &format!("is not a duration such as `800ms`, `15m` or `24h`{hint}"),
        )
    },
);

pub(super) static RATE: Format =
    format("a rate such as `50/s` or `3000/min`", r"^[0-9]+(\.[0-9]+)?/(s|min|h|d)$", |text| {
        fault_unless(rate_per_s(text).is_some(), "is not a rate such as `50/s` or `3000/min`")
    });

pub(super) static PERCENTAGE: Format =
    format("a percentage such as `99.9%`", r"^(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?)%$", |text| {
        fault_unless(ratio(text).is_some(), "is not a percentage such as `99.9%`")
    });

pub(super) static QUANTILE: Format =
    format("a quantile such as `p99`", r"^p(100(\.0+)?|[0-9]{1,2}(\.[0-9]+)?|99[0-9]+)$", |text| {
        fault_unless(quantile(text).is_some(), "is not a quantile such as `p50`, `p99` or `p99.9`")
    });

pub(super) static CRON: Format =
    format("a cron expression such as `0 2 * * *`", r"^\s*\S+(\s+\S+){4}\s*$", no_cron);

fn no_cron(text: &str) -> Option<String> {
    let named = cron::meaning(text.trim());
    let named = named.map(|it| format!("is a name for a cron expression: write `{it}`"));
    named.or_else(|| Cron::read(text).err())
}

pub(super) static PATH: Format = format("a path such as `/orders`", r"^/\S*$", |text| {
    let is_path = text.starts_with('/');
    fault_unless(is_path, "is not a path: it does not start with `/`").or_else(|| blank(text))
});

pub(super) static TARGET: Format =
    format("a path such as `/readyz`, or an http address", r"^(/|https?://)\S*$", |text| {
        let is_target = ["/", "http://", "https://"].iter().any(|start| text.starts_with(start));
        fault_unless(is_target, "is neither a path that starts with `/` nor an http address")
            .or_else(|| blank(text))
    });

/// How a service that a drill starts is spoken to, and what it is called; its port is the drill's.
pub(super) static ORIGIN: Format = format(
    "an address such as `https://localhost:{port}`",
    r"^([Hh][Tt][Tt][Pp][Ss]?|[Hh]2[Cc])://(\[::1\]|[A-Za-z0-9._-]+):\{port\}$",
    |text| {
        let known = ["http", "https", "h2c"];
        let parts = text.split_once("://");
        let is_known = |scheme: &str| known.iter().any(|known| scheme.eq_ignore_ascii_case(known));
        let Some((_, rest)) = parts.filter(|(scheme, _)| is_known(scheme)) else {
            return Some("starts with none of `http://`, `https://` and `h2c://`".to_owned());
        };
        let is_letter = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let is_host =
            |host: &str| host == "[::1]" || (!host.is_empty() && host.chars().all(is_letter));
        let is_met = rest.strip_suffix(":{port}").is_some_and(is_host);
        fault_unless(is_met, "is no host with `:{port}` and nothing behind")
    },
);

/// What would end the path in the line of a request.
fn blank(text: &str) -> Option<String> {
    let is_plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    fault_unless(is_plain, "holds a blank or a line end: write it as `%20` or `%0A`")
}

pub(super) static POINTER: Format = format("a JSON pointer such as `/id`", "^(/.*)?$", |text| {
    let is_pointer = text.is_empty() || text.starts_with('/');
    fault_unless(is_pointer, "is not a JSON pointer: it does not start with `/`")
});

fn fault_unless(is_met: bool, fault: &str) -> Option<String> {
    (!is_met).then(|| fault.to_owned())
}

fn is_name(text: &str) -> bool {
    let is_end = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
        && is_end(text.chars().next())
        && is_end(text.chars().next_back())
}

/// Seconds in one of each unit of a duration; a year has 365 days.
const SECONDS: [(&str, f64); 7] = [
    ("ms", 0.001),
    ("s", 1.0),
    ("m", 60.0),
    ("h", 3_600.0),
    ("d", 86_400.0),
    ("w", 604_800.0),
    ("y", 31_536_000.0),
];

/// Seconds of a duration: `800ms`, `15m`, `1h30m`.
pub(super) fn duration_s(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut sum = 0.0;
    while !rest.is_empty() {
        let (number, after) = number(rest)?;
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let (unit, after) = after.split_at_checked(end)?;
        let (_, seconds) = SECONDS.iter().find(|(name, _)| *name == unit)?;
        // Dividing keeps what can be exact exact: 800 · 0.001 is not 0.8.
        sum += if *seconds < 1.0 { number / 1_000.0 } else { number * seconds };
        rest = after;
    }
    (!text.is_empty() && sum.is_finite()).then_some(sum)
}

/// Requests per second of a rate: `50/s`, `3000/min`.
pub(super) fn rate_per_s(text: &str) -> Option<f64> {
    let (count, unit) = text.split_once('/')?;
    let seconds = match unit {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        "d" => 86_400.0,
        _ => return None,
    };
    let (count, rest) = number(count)?;
    (rest.is_empty() && count.is_finite()).then_some(count / seconds)
}

/// The ratio that a percentage stands for: `99.9%` is 0.999.
pub(super) fn ratio(text: &str) -> Option<f64> {
    hundredth(text.strip_suffix('%')?)
}

/// The ratio that a quantile stands for: `p99` is 0.99; `p99.9` and `p999` are 0.999.
pub(super) fn quantile(text: &str) -> Option<f64> {
    let digits = text.strip_prefix('p')?;
    if digits.starts_with("99") && digits.len() > 2 && digits.bytes().all(|b| b.is_ascii_digit()) {
        return format!("0.{digits}").parse().ok();
    }
    hundredth(digits)
}

/// One hundredth of a decimal number from 0 to 100; moving the point keeps it exact.
fn hundredth(digits: &str) -> Option<f64> {
    let (_, rest) = number(digits)?;
    let whole = digits.split('.').next()?;
    let value = format!("{digits}e-2").parse().ok()?;
    let is_short = whole.len() <= 2 || whole == "100";
    (rest.is_empty() && is_short && value <= 1.0).then_some(value)
}

/// The decimal number that `text` starts with, and what follows it.
fn number(text: &str) -> Option<(f64, &str)> {
    let whole = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let fraction = text.get(whole..)?.strip_prefix('.').map_or(0, |fraction| {
        fraction.find(|c: char| !c.is_ascii_digit()).unwrap_or(fraction.len())
    });
    let end = if fraction > 0 { whole + 1 + fraction } else { whole };
    let (digits, rest) = text.split_at_checked(end)?;
    (whole > 0).then_some(())?;
    Some((digits.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_name_for_a_cron_expression_is_refused_with_the_expression() {
        let said = (CRON.fault)(" @daily").unwrap_or_default();
        assert!(said.contains("write `0 0 * * *`"), "{said}");
        assert_eq!((CRON.fault)("0 0 * * *"), None);
    }

    #[test]
    fn durations_are_read_in_seconds() {
        let cases = [
            ("800ms", 0.8),
            ("2s", 2.0),
            ("15m", 900.0),
            ("24h", 86_400.0),
            ("28d", 2_419_200.0),
            ("400d", 34_560_000.0),
            ("1.5h", 5_400.0),
            ("1h30m", 5_400.0),
            ("2w", 1_209_600.0),
            ("7y", 220_752_000.0),
        ];
        for (text, seconds) in cases {
            assert_eq!(duration_s(text), Some(seconds), "{text}");
        }
    }

    #[test]
    fn rates_percentages_and_quantiles_are_read_exactly() {
        assert_eq!(rate_per_s("50/s"), Some(50.0));
        assert_eq!(rate_per_s("3000/min"), Some(50.0));
        assert_eq!(rate_per_s("0.5/s"), Some(0.5));
        assert_eq!(ratio("99.9%"), Some(0.999));
        assert_eq!(ratio("99.95%"), Some(0.9995));
        assert_eq!(ratio("100%"), Some(1.0));
        assert_eq!(quantile("p99"), Some(0.99));
        assert_eq!(quantile("p50"), Some(0.5));
        assert_eq!(quantile("p99.9"), Some(0.999));
        assert_eq!(quantile("p999"), Some(0.999));
        assert_eq!(quantile("p100"), Some(1.0));
    }

    #[test]
    fn what_has_no_unit_or_is_out_of_range_is_refused() {
        for text in ["", "30", "s", "5 s", "-5s", "5sec", "1h30", ".5s", "1e3s", "٣s"] {
            assert_eq!(duration_s(text), None, "{text}");
        }
        for text in ["", "50", "50/", "/s", "50/second", "-1/s", "50/s/s", "1./s"] {
            assert_eq!(rate_per_s(text), None, "{text}");
        }
        for text in ["", "99.9", "0.999", "101%", "-1%", "%", "1e1%", "99,9%"] {
            assert_eq!(ratio(text), None, "{text}");
        }
        for text in ["", "99", "p", "p101", "p99%", "P99", "pp99", "p500"] {
            assert_eq!(quantile(text), None, "{text}");
        }
        let reason = (DURATION.fault)("30").unwrap();
        assert!(reason.ends_with("it has no unit"), "{reason}");
    }

    #[test]
    fn an_origin_is_any_name_or_loopback_address_with_the_drills_port() {
        for text in ["h2c://[::1]:{port}", "HTTP://127.0.0.1:{port}", "https://shop.example:{port}"]
        {
            assert_eq!((ORIGIN.fault)(text), None, "{text}");
        }
        for text in
            ["http://[::2]:{port}", "http://::1:{port}", "http://me:pw@x:{port}", "http://x:80"]
        {
            assert!((ORIGIN.fault)(text).is_some(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_an_editor_accepts_by_the_pattern_is_accepted_here(
            text in r"[0-9]{0,3}(\.[0-9]{0,2})?(ms|s|m|h|d|/s|/min|%|)|p[0-9]{0,4}(\.[0-9])?|[a-zA-Z0-9._/ -]{0,9}|(http|https|HTTP|h2C|ftp)://([a-z0-9.@ -]{0,4}|\[::[1:]\])(:\{port\}|:80)/?"
        ) {
            for format in [&NAME, &DURATION, &RATE, &PERCENTAGE, &QUANTILE, &PATH, &TARGET, &ORIGIN, &POINTER] {
                let pattern = regex::Regex::new(format.pattern.unwrap()).unwrap();
                let is_accepted = (format.fault)(&text).is_none();
                prop_assert_eq!(pattern.is_match(&text), is_accepted, "{} as {}", text, format.words);
            }
        }

        #[test]
        fn no_text_makes_a_format_panic(text in ".{0,40}") {
            for format in [&TEXT, &NAME, &DURATION, &RATE, &PERCENTAGE, &QUANTILE, &CRON, &PATH] {
                let _ = (format.fault)(&text);
            }
        }
    }
}
