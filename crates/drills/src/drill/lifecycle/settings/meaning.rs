//! What a setting surely means, by the value that gonogo.yaml gives it: only of such a one nonsense is surely a mistake.

use crate::Dependency;

/// Words in the name of a setting that holds a quantity. A value of digits alone may be a name or a password too.
const QUANTITIES: [&str; 34] = [
    "ATTEMPTS",
    "BACKLOG",
    "BYTES",
    "CAPACITY",
    "CONCURRENCY",
    "CONNECTIONS",
    "COUNT",
    "DAYS",
    "DELAY",
    "DEPTH",
    "DURATION",
    "HOURS",
    "INTERVAL",
    "LIMIT",
    "MAX",
    "MILLIS",
    "MIN",
    "MINUTES",
    "MS",
    "PERIOD",
    "PORT",
    "RATE",
    "REPLICAS",
    "RETRIES",
    "SECONDS",
    "SECS",
    "SIZE",
    "THREADS",
    "THRESHOLD",
    "TIMEOUT",
    "TTL",
    "WEIGHT",
    "WINDOW",
    "WORKERS",
];
const UNITS: [&str; 9] = ["ns", "us", "ms", "s", "m", "h", "d", "sec", "min"];

/// What the setting `variable` surely holds, in words; `None` where it may be any text.
pub(super) fn meaning(
    variable: &str,
    value: &str,
    dependencies: &[Dependency],
) -> Option<&'static str> {
    let value = value.trim();
    let is_quantity = variable.split('_').any(|word| {
        let word = word.to_ascii_uppercase();
        QUANTITIES.iter().any(|quantity| *quantity == word)
    });
    let digits = value.trim_start_matches(|letter: char| letter.is_ascii_digit());
    let begins_with_digits = digits.len() < value.len();
    if is_quantity && begins_with_digits && digits.is_empty() {
        return Some("a number");
    }
    if is_quantity && begins_with_digits && UNITS.contains(&digits) {
        return Some("a duration");
    }
    if value.eq_ignore_ascii_case("true") || value.eq_ignore_ascii_case("false") {
        return Some("true or false");
    }
    let names_dependency =
        dependencies.iter().any(|one| value.contains(&format!("{{{}}}", one.name)));
    let is_url = value.split_once("://").is_some_and(|(scheme, rest)| {
        let is_letter = |letter: char| letter.is_ascii_alphanumeric() || "+-.".contains(letter);
        !scheme.is_empty() && scheme.chars().all(is_letter) && !rest.is_empty()
    });
    match (is_url, names_dependency) {
        (true, _) => Some("a URL"),
        (false, true) => Some("an address"),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DependencyKind;

    #[test]
    fn only_what_no_text_could_mean_has_a_meaning() {
        let dependencies = [Dependency {
            name: "cache".to_owned(),
            kind: DependencyKind::Redis,
            is_critical: false,
            address: None,
            proxy: None,
            command: None,
            timeout: None,
            max_retries: None,
            on_failure: None,
        }];
        for (variable, value, expected) in [
            ("POOL_SIZE", "8", Some("a number")),
            ("ADMIN_PORT", "9090", Some("a number")),
            ("PAYMENTS_TIMEOUT", "300ms", Some("a duration")),
            ("requestTimeout", "300", None),
            ("TENANT", "42", None),
            ("DB_PASSWORD", "12345", None),
            ("MAX_NAME", "3rd", None),
            ("POOL_SIZE", "small", None),
            ("VERBOSE", "false", Some("true or false")),
            ("PAYMENTS", "http://{payments}", Some("a URL")),
            ("DOCS", "https://docs.example/x", Some("a URL")),
            ("REDIS", "{cache}", Some("an address")),
            ("REDIS", "{other}", None),
            ("GREETING", "hello: there", None),
            ("LEVEL", "info", None),
            ("EMPTY", "", None),
        ] {
            assert_eq!(meaning(variable, value, &dependencies), expected, "{variable}={value}");
        }
    }
}
