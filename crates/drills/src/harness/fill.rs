//! Fills `{port}`, `{NAME}` of a dependency and `${VARIABLE}` of the environment into commands.

use std::collections::BTreeMap;

use crate::Command;

/// Replaces each `{key}` of `values` in `text`; any other brace stays as it is, so that JSON may stand in a variable.
pub(crate) fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let (mut filled, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(open) = rest.find('{') {
        let (before, after) = rest.split_at(open);
        filled.push_str(before);
        let inside = after.get(1..).unwrap_or_default();
        let known =
            inside.find('}').and_then(|close| Some((close, values.get(inside.get(..close)?)?)));
        if let Some((close, value)) = known {
            filled.push_str(value);
            rest = inside.get(close + 1..).unwrap_or_default();
        } else {
            filled.push('{');
            rest = inside;
        }
    }
    filled + rest
}

/// `command` with `values` filled into its arguments and variables.
pub(crate) fn fill_command(command: &Command, values: &BTreeMap<String, String>) -> Command {
    Command {
        arguments: command.arguments.iter().map(|text| fill(text, values)).collect(),
        environment: command
            .environment
            .iter()
            .map(|(name, text)| (name.clone(), fill(text, values)))
            .collect(),
    }
}

/// Whether `command` speaks of `{key}` anywhere.
pub(crate) fn mentions(command: &Command, key: &str) -> bool {
    let wanted = format!("{{{key}}}");
    command.arguments.iter().chain(command.environment.values()).any(|text| text.contains(&wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(text: &str) -> String {
        let values = BTreeMap::from([
            ("port".to_owned(), "8080".to_owned()),
            ("orders-db".to_owned(), "127.0.0.1:1".to_owned()),
        ]);
        fill(text, &values)
    }

    #[test]
    fn known_names_are_filled_in_and_other_braces_stay() {
        assert_eq!(
            filled("postgres://app@{orders-db}/orders?p={port}"),
            "postgres://app@127.0.0.1:1/orders?p=8080"
        );
        assert_eq!(filled(r#"{"a": {"port": {port}}}"#), r#"{"a": {"port": 8080}}"#);
        assert_eq!(filled("{unknown} {"), "{unknown} {");
        assert_eq!(filled("${port}x{"), "$8080x{");
    }
}
