//! The runbook that an alert links: in an annotation for it, or by an address in its words.

use facts::Alert;
use model::Placed;

/// Names of the annotations that are for it, in lower case and with `_`.
static ANNOTATIONS: &[&str] = &[
    "playbook",
    "playbook_url",
    "runbook",
    "runbook_link",
    "runbook_uri",
    "runbook_url",
    "runbookurl",
];

/// What the path of an address has in it that leads to instructions.
static INSTRUCTIONS: &[&str] = &["playbook", "runbook", "run-book", "troubleshoot"];

/// Annotation and link; an annotation for it comes before an address in some other.
pub(crate) fn runbook_link(alert: &Alert) -> Option<(&str, Placed<String>)> {
    let written = alert.annotations.iter().filter(|(_, value)| !value.trim().is_empty());
    let named = written.clone().find(|(key, _)| {
        let key = key.to_lowercase().replace('-', "_");
        ANNOTATIONS.contains(&key.as_str())
    });
    let told = || {
        written.clone().find_map(|(key, value)| Some((key.as_str(), address(alert, key, value)?)))
    };
    named.map(|(key, link)| (key.as_str(), link.clone())).or_else(told)
}

/// The address of instructions in the words of an annotation: a path that is called so, or a heading
/// that is called like the alert.
fn address(alert: &Alert, key: &str, text: &Placed<String>) -> Option<Placed<String>> {
    if key.to_lowercase().contains("dashboard") {
        return None;
    }
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"' | '(' | ')' | '|');
    let name = squeezed(&alert.name);
    let leads = |word: &&str| {
        let path = word.split_once("://").and_then(|(_, rest)| rest.split_once('/'));
        path.is_some_and(|(_, path)| {
            let path = path.to_lowercase();
            let heading = path.split_once('#').map_or("", |(_, heading)| heading);
            INSTRUCTIONS.iter().any(|word| path.contains(word)) || squeezed(heading) == name
        })
    };
    let word = text
        .split(ends)
        .filter(|word| word.starts_with("http://") || word.starts_with("https://"))
        .find(leads)?;
    let word = word.trim_end_matches(['.', ',', ';', ':', '\'']);
    Some(Placed::new(word.to_owned(), text.place.clone()))
}

/// Letters and digits alone, in lower case: `high-error_rate` is `HighErrorRate`.
fn squeezed(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
