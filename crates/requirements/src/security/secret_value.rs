//! Whether a setting holds a secret that is written down: by its name and by the form of its value.

use std::borrow::Cow;

/// How a value that is called like a secret looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    /// A secret, for whoever reads the file.
    Secret,
    /// What everybody knows: `postgres`, `changeme`.
    WellKnown,
    /// Nothing: empty, a placeholder, a reference to where it is kept.
    Nothing,
}

/// Last words of names of secrets.
static WORDS: &[&str] = &[
    "apikey",
    "credential",
    "credentials",
    "passphrase",
    "passwd",
    "password",
    "pwd",
    "secret",
    "secretkey",
    "token",
];

/// Last two words of names of secrets.
static PAIRS: &[(&str, &str)] = &[
    ("access", "key"),
    ("account", "key"),
    ("api", "key"),
    ("auth", "key"),
    ("encryption", "key"),
    ("key", "base"),
    ("master", "key"),
    ("private", "key"),
    ("secret", "key"),
    ("shared", "key"),
    ("signing", "key"),
];

/// What stands before those that make names of something public of them.
static PUBLIC: &[&str] =
    &["public", "publishable", "site", "max", "page", "next", "csrf", "design"];

/// Values that everybody knows.
static WELL_KNOWN: &[&str] = &[
    "admin",
    "changeit",
    "changeme",
    "default",
    "demo",
    "dev",
    "development",
    "docker",
    "dummy",
    "example",
    "foo",
    "foobar",
    "guest",
    "letmein",
    "local",
    "minio",
    "minio123",
    "minioadmin",
    "mongo",
    "mysql",
    "pass",
    "passw0rd",
    "passwd",
    "password",
    "password123",
    "postgres",
    "postgresql",
    "qwerty",
    "rabbitmq",
    "redis",
    "root",
    "secret",
    "supersecret",
    "test",
    "testing",
    "user",
    "1234",
    "12345",
    "123456",
    "12345678",
];

/// Beginnings of values that say where the secret is kept, or that there is none.
static REFERENCES: &[&str] = &[
    "$",
    "%",
    "/",
    "{",
    "<",
    "!",
    "ENC[",
    // The alias of a key that AWS KMS keeps.
    "alias/",
    "arn:",
    "aws-sm:",
    "awssm://",
    "azurekeyvault",
    "file:",
    "gcpsm://",
    "keyvault",
    "op://",
    "projects/",
    "ref+",
    "secret://",
    "secretref:",
    "ssm:",
    "vault:",
    "vault://",
    "@Microsoft.KeyVault",
];

/// Parts of values that still have to be filled in.
static PLACEHOLDERS: &[&str] = &[
    "***",
    "...",
    "{{",
    "${",
    "<",
    "change-me",
    "change_me",
    "changethis",
    "change this",
    "dummy",
    "example",
    "fake",
    "fill",
    "insert",
    "paste_",
    "paste-",
    "placeholder",
    "redacted",
    "replace",
    "set-me",
    "setme",
    "tbd",
    "todo",
    "xxx",
    "your-",
    "your_",
];

/// How `value` looks under `name`; `Nothing` where the name is not that of a secret.
pub(super) fn written(name: &str, value: &str) -> Written {
    let value = value.trim();
    if names_network(name, value) {
        Written::Nothing
    } else if is_secret_name(name) {
        of_secret(value)
    } else {
        of_address(value)
    }
}

/// Whether a passphrase is that by which a network of many is told from others: it says so in words.
pub(super) fn names_network(name: &str, value: &str) -> bool {
    name.to_lowercase().ends_with("network_passphrase") && value.to_lowercase().contains("network ")
}

/// Whether a file that a Secret holds has a secret in it: a private key, or a setting.
pub(super) fn holds_secret(text: &str) -> bool {
    let setting = |line: &str| {
        let (name, value) = line.split_once(['=', ':'])?;
        let value = value.trim().trim_matches(['"', '\'']);
        Some(written(name.trim(), value) != Written::Nothing)
    };
    text.contains("PRIVATE KEY-----")
        || text.lines().any(|line| setting(line).unwrap_or_default())
        || text.trim_start().starts_with('{') && text.contains("private_key")
}

/// How the value of something that is known to be secret looks.
pub(super) fn of_secret(value: &str) -> Written {
    let lower = value.to_lowercase();
    let is_switch =
        matches!(lower.as_str(), "" | "true" | "false" | "none" | "null" | "nil" | "no" | "yes");
    let is_reference = REFERENCES.iter().any(|start| value.starts_with(start));
    let is_address = value.contains("://") && !has_password(value);
    let is_number = value.len() < 4 && value.bytes().all(|byte| byte.is_ascii_digit());
    let is_open = is_marked(value) || PLACEHOLDERS.iter().any(|part| lower.contains(part));
    // A plain word, or a value that says what it is, was not made by a generator.
    let is_word =
        value.len() <= 20 && value.bytes().all(|b| b.is_ascii_lowercase() || b"_-".contains(&b));
    let is_spoken = ["password", "passw0rd", "secret", "localhost"].iter().any(|w| lower.contains(w))
            // What Django makes begins so, and is a key like others.
            || (lower.contains("insecure") && !lower.starts_with("django-insecure"))
            || is_one_letter(&lower);
    if is_switch || is_reference || is_address || is_number || is_open {
        Written::Nothing
    } else if is_word || is_spoken || WELL_KNOWN.contains(&lower.as_str()) {
        Written::WellKnown
    } else {
        Written::Secret
    }
}

/// Whether a value repeats one letter, as test keys do: `0x0000000000`.
fn is_one_letter(value: &str) -> bool {
    let value = value.strip_prefix("0x").unwrap_or(value);
    let mut letters = value.chars().filter(|c| *c != '-');
    letters.next().is_some_and(|first| letters.all(|letter| letter == first))
}

/// Whether a value is a name between signs, which whoever deploys puts something else for:
/// `__DB_PASSWORD__`, `@@TOKEN@@`, `<TOKEN>`.
pub(super) fn is_marked(value: &str) -> bool {
    const SIGNS: &[(&str, &str)] =
        &[("__", "__"), ("@@", "@@"), ("##", "##"), ("%%", "%%"), ("<", ">")];
    SIGNS.iter().any(|(ahead, behind)| {
        let inner = value.strip_prefix(ahead).and_then(|rest| rest.strip_suffix(behind));
        inner.is_some_and(|name| {
            name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
    })
}

/// An address with a password in it, under whatever name.
fn of_address(value: &str) -> Written {
    password_of(value).map_or(Written::Nothing, of_secret)
}

fn has_password(value: &str) -> bool {
    password_of(value).is_some()
}

/// The password in `scheme://user:password@host`.
fn password_of(value: &str) -> Option<&str> {
    let (scheme, rest) = value.split_once("://")?;
    let is_scheme = scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.:".contains(&b));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (user, _) = authority.rsplit_once('@')?;
    let (_, password) = user.split_once(':')?;
    (is_scheme && !password.is_empty()).then_some(password)
}

/// Whether what is called so is secret.
pub(super) fn is_secret_name(name: &str) -> bool {
    let words = words(name);
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    let is_public = words.iter().any(|word| PUBLIC.contains(word));
    let is_secret = match words.as_slice() {
        [.., a, b] if PAIRS.contains(&(*a, *b)) => true,
        [.., last] => WORDS.contains(&last.trim_end_matches(|c: char| c.is_ascii_digit())),
        [] => false,
    };
    is_secret && !is_public
}

/// Words of a name in lower case, numbers and environments at its end left out.
fn words(name: &str) -> Vec<Cow<'_, str>> {
    let mut words: Vec<Cow<'_, str>> = Vec::new();
    for part in name.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty()) {
        if part.chars().any(char::is_lowercase) {
            words.extend(camel(part).map(|word| Cow::Owned(word.to_lowercase())));
        } else {
            words.push(Cow::Owned(part.to_lowercase()));
        }
    }
    let is_ending = |word: &str| {
        matches!(word, "dev" | "prod" | "staging" | "test" | "value" | "old" | "new")
            || word.trim_start_matches('v').bytes().all(|byte| byte.is_ascii_digit())
    };
    while words.last().is_some_and(|word| is_ending(word)) {
        words.pop();
    }
    words
}

/// The words of `camelCase`.
fn camel(text: &str) -> impl Iterator<Item = &str> {
    let mut was_lower = false;
    let mut starts = vec![0];
    for (at, c) in text.char_indices() {
        if c.is_uppercase() && was_lower {
            starts.push(at);
        }
        was_lower = c.is_lowercase();
    }
    starts.push(text.len());
    let pairs: Vec<(usize, usize)> =
        starts.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))).collect();
    pairs
        .into_iter()
        .filter_map(|(start, end)| text.get(start..end))
        .filter(|word| !word.is_empty())
}

/// The text that base64 stands for, where it is text.
pub(super) fn decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u8);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => continue,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xFF_FFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xFF).ok()?);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_secrets_are_told_by_their_last_words() {
        for name in [
            "DB_PASSWORD",
            "apiKey",
            "STRIPE_SECRET_KEY",
            "session.secret",
            "GITHUB_TOKEN",
            "token2",
            "SECRET_KEY_BASE",
            "smtpPassword",
            "AWS_SECRET_ACCESS_KEY",
            "JWT_SECRET_PROD",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "PASSWORD_FILE",
            "TOKEN_URL",
            "MAX_TOKENS",
            "SECRET_NAME",
            "PUBLIC_KEY",
            "TOKEN_TTL_S",
            "KEY",
            "AUTH_TOKEN_HEADER",
            "RECAPTCHA_SITE_KEY",
            "SORT_KEY",
            "NEXT_TOKEN",
            "",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn values_are_secrets_unless_they_are_empty_references_or_placeholders() {
        assert_eq!(of_secret("alias/aws/s3"), Written::Nothing);
        assert_eq!(written("DB_PASSWORD", "tr0ub4dor&3"), Written::Secret);
        assert_eq!(written("DB_PASSWORD", "postgres"), Written::WellKnown);
        for value in [
            "",
            "${DB_PASSWORD}",
            "$(DB_PASSWORD)",
            "/run/secrets/db",
            "vault:kv/db#password",
            "<password>",
            "your-password-here",
            "REPLACE_ME",
            "true",
            "{{ .Values.password }}",
        ] {
            assert_eq!(written("DB_PASSWORD", value), Written::Nothing, "{value}");
        }
        assert_eq!(written("LOG_LEVEL", "tr0ub4dor&3"), Written::Nothing);
        for test_key in ["STATIC-INSECURE-KEY-FOR-TESTS", "0x00000000000000000000", "AAAA-AAAA"] {
            assert_eq!(written("CHAT_SECRET", test_key), Written::WellKnown, "{test_key}");
        }
        assert_eq!(written("SECRET_KEY", "django-insecure-x7!k2m@9q"), Written::Secret);
    }

    #[test]
    fn the_passphrase_that_names_a_public_network_is_none() {
        let passphrase = "Trial Network of Acme ; May 2019";
        assert_eq!(written("CHAIN_NETWORK_PASSPHRASE", passphrase), Written::Nothing);
        assert_eq!(written("CHAIN_NETWORK_PASSPHRASE", "tr0ub4dor&3 horse"), Written::Secret);
        assert_eq!(written("KEY_PASSPHRASE", passphrase), Written::Secret);
    }

    #[test]
    fn addresses_may_hold_passwords() {
        assert_eq!(written("DATABASE_URL", "postgres://app:tr0ub4dor@db/shop"), Written::Secret);
        assert_eq!(written("DATABASE_URL", "postgres://app:postgres@db/shop"), Written::WellKnown);
        assert_eq!(written("DATABASE_URL", "postgres://app:${PW}@db/shop"), Written::Nothing);
        assert_eq!(written("DATABASE_URL", "postgres://app@db/shop"), Written::Nothing);
        assert_eq!(written("REDIS_URL", "redis://cache:6379/0"), Written::Nothing);
    }

    #[test]
    fn base64_is_read() {
        assert_eq!(decoded("c2VjcmV0").as_deref(), Some("secret"));
        assert_eq!(decoded("cGFzcw==").as_deref(), Some("pass"));
        assert_eq!(decoded("not base64!"), None);
    }
}
