//! Which port of its own container a health command asks.

use std::sync::LazyLock;

use facts::{Container, Stage, VariableValue};
use regex::Regex;

static OWN_PORT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1?\])[:/ ](\d{2,5})\b").ok()
});

/// The port that `command` asks where the container, as far as was read, opens others only: neither
/// its own ports nor the image's say it, and no variable or start command names it.
pub(super) fn not_opened(
    command: &str,
    container: &Container,
    stages: &[&Stage],
) -> Option<String> {
    let asked = OWN_PORT.as_ref()?.captures(command)?.get(1)?.as_str();
    let exposed = || stages.iter().flat_map(|stage| &stage.ports);
    let is_silent = container.ports.is_empty() && exposed().next().is_none();
    let of_container = || {
        container.ports.iter().any(|port| match port.number {
            Some(number) => number.to_string() == asked,
            None => true,
        })
    };
    // `8080/tcp`, and `8000-8100` or a variable, which may be any.
    let of_image = || {
        exposed().any(|port| {
            let number = port.split('/').next().unwrap_or_default();
            number == asked || number.parse::<u16>().is_err()
        })
    };
    let is_opened = is_silent || of_container() || of_image();
    (!is_opened && !is_named(asked, container, stages)).then(|| asked.to_owned())
}

/// Whether something else that the container is told holds the number: a variable or its command.
fn is_named(port: &str, container: &Container, stages: &[&Stage]) -> bool {
    let told = container.environment.iter().filter_map(|variable| match &variable.value {
        VariableValue::Literal(text) => Some(text.as_str()),
        _ => None,
    });
    let of_image = stages.iter().flat_map(|stage| {
        let values = stage.environment.iter().map(|(_, value)| value.as_str());
        values.chain(stage.entry.iter().map(|(entry, _)| entry.as_str()))
    });
    let mut texts = told.chain(of_image).chain(container.command.as_deref().map(String::as_str));
    texts.any(|text| text.split(|c: char| !c.is_ascii_digit()).any(|number| number == port))
}
