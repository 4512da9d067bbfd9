//! A first gonogo.yaml as text: what is known as it is, what may be so behind a `#`.

use std::fmt::Write as _;

use model::Kind;

use super::draft::{Draft, told};

/// Where the comments of short lines stand.
const NOTE_AT: usize = 30;

const HEAD: &str = "\
# What gonogo cannot see by itself. What stands behind a `#` counts for nothing: take the sign away
# where it is so, and put words of your own in place of CAPITALS and of numbers.
# `gonogo schema --markdown` describes every key.
";

/// The document of the service in `draft`.
pub(super) fn document(draft: &Draft) -> String {
    let mut text = String::new();
    if let Some(doubt) = &draft.doubt {
        let _ =
            writeln!(text, "# Perhaps no service: {}. Delete this document if so.", plain(doubt));
    }
    text.push_str(HEAD);
    known(&mut text, draft);
    let runs = !matches!(draft.kind, Kind::Library);
    if runs && draft.kind != Kind::Batch {
        journeys(&mut text, draft);
    }
    if runs {
        dependencies(&mut text, draft);
        run(&mut text, draft);
    }
    text
}

fn known(text: &mut String, draft: &Draft) {
    let assumed = |is_assumed: bool| if is_assumed { "assumed; " } else { "" };
    line(text, &format!("service: {}", scalar(&draft.name)), "");
    let kinds =
        format!("{}web | worker | batch | library | frontend", assumed(draft.is_kind_assumed));
    line(text, &format!("kind: {}", draft.kind.name()), &kinds);
    let tier = draft.tier.as_ref().map_or_else(|| "2".to_owned(), |tier| tier.value.to_string());
    let tiers = format!("{}1 critical, 2 important, 3 low risk", assumed(draft.tier.is_none()));
    line(text, &format!("tier: {tier}"), &tiers);
    match &draft.owner {
        Some(owner) => line(text, &format!("owner: {}", scalar(&owner.value)), &told(&owner.place)),
        None => line(text, "# owner: group:TEAM", "who answers at 2 AM"),
    }
    line(text, "# backup-owner: group:TEAM", "who answers when they cannot");
    let lives = "experimental | production | deprecated | retired";
    line(text, "# lifecycle: production", lives);
}

fn journeys(text: &mut String, draft: &Draft) {
    line(text, "# journeys:", "what users do with it");
    let (name, path, seen) = match &draft.journey {
        Some((name, path)) => (name.as_str(), path.as_str(), told(&path.place)),
        None => ("NAME", "/PATH", String::new()),
    };
    line(text, &format!("#   - name: {}", scalar(name)), &seen);
    line(text, &format!("#     request: {{method: GET, path: {}}}", scalar(path)), "");
    line(text, "#     expect: {status: 200}", "");
    line(text, "#     peak: 10/s", "the highest rate that is expected");
    let objectives = "#     objectives: {availability: 99.9%, latency: {p99: 500ms}, window: 28d}";
    line(text, objectives, "what is promised");
}

fn dependencies(text: &mut String, draft: &Draft) {
    let head = "what it calls or stores in";
    if draft.calls.is_empty() {
        line(text, "# dependencies: []", &format!("{head}; this says that there is nothing"));
        return;
    }
    line(text, "# dependencies:", &format!("{head}: these were seen, add what else there is"));
    for call in &draft.calls {
        line(text, &format!("#   - name: {}", scalar(&call.name)), &call.seen);
        match call.kind {
            Some(kind) => line(text, &format!("#     kind: {kind}"), ""),
            None => line(text, "#     kind: http", "what it speaks"),
        }
        line(text, "#     critical: true", "whether the service is of no use without it");
        line(text, "#     timeout: 2s", "");
        line(text, "#     on-failure: WHAT USERS SEE WHEN IT FAILS", "");
    }
}

fn run(text: &mut String, draft: &Draft) {
    line(text, "# run:", "how drills start it");
    match &draft.command {
        Some(command) => {
            let words: Vec<String> = command.value.iter().map(|word| scalar(word)).collect();
            line(text, &format!("#   command: [{}]", words.join(", ")), &told(&command.place));
        }
        None => line(text, "#   command: [PROGRAM, ARGUMENT]", ""),
    }
    let set = if draft.variables.is_empty() { "" } else { "what its manifests set" };
    line(text, "#   env:", set);
    let has_port = draft.variables.iter().any(|(_, value)| value.as_deref() == Some("{port}"))
        || draft.command.iter().flat_map(|command| &command.value).any(|w| w.contains("{port}"));
    if !has_port {
        line(text, "#     PORT: \"{port}\"", "whatever tells it where to listen");
    }
    for (name, value) in draft.variables.iter().filter(|(name, _)| has_port || name != "PORT") {
        let value = value.as_ref().map_or_else(|| "…".to_owned(), |value| scalar(value));
        line(text, &format!("#     {}: {value}", scalar(name)), "");
    }
    match &draft.ready {
        Some(path) => line(text, &format!("#   ready: {}", scalar(path)), &told(&path.place)),
        None => line(text, "#   ready: /PATH", "answers with 200 once it can be used"),
    }
    if let Some(path) = &draft.live {
        line(text, &format!("#   live: {}", scalar(path)), &told(&path.place));
    }
    if let Some(within) = &draft.stop_within_s {
        line(text, &format!("#   stop: {{within: {}s}}", within.value), &told(&within.place));
    }
}

/// One line, with a comment behind it.
fn line(text: &mut String, body: &str, note: &str) {
    if note.is_empty() {
        let _ = writeln!(text, "{body}");
    } else {
        let _ = writeln!(text, "{body:<width$} # {}", plain(note), width = NOTE_AT);
    }
}

/// A YAML scalar that reads back as `text` wherever it stands, quoted where it is not plain.
pub(super) fn scalar(text: &str) -> String {
    let is_plain = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && text
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | ':' | '@'))
        && !text.ends_with(':')
        && !["true", "false", "yes", "no", "on", "off", "null"]
            .contains(&text.to_ascii_lowercase().as_str());
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

/// `text` on one line, for a comment.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { '?' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_name_stays_one_scalar() {
        assert_eq!(scalar("a: b\nc"), r#""a: b\nc""#);
        assert_eq!(scalar("yes"), "\"yes\"");
        assert_eq!(scalar("group:payments"), "group:payments");
    }
}
