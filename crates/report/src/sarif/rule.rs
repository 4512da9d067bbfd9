//! Requirements as SARIF's rules.

use requirements::Requirement;
use serde_json::{Value, json};

use crate::way;

/// GitHub takes no longer description.
const LONGEST_DESCRIPTION: usize = 1024;

/// The rule for the requirement called `id`; one of the policy's own is known by its id alone.
pub(super) fn print(id: &str) -> Value {
    match requirements::find(id) {
        Some(requirement) => built_in(requirement),
        None => json!({
            "id": id,
            "name": name(id),
            "shortDescription": {"text": format!("Requirement {id} of the policy.")},
            "fullDescription": {"text": format!("Requirement {id} of the policy.")},
            "help": {"text": format!("The policy says what {id} asks for.")},
            "properties": {"tags": ["readiness"], "precision": "high", "problem.severity": "warning"},
        }),
    }
}

fn built_in(requirement: &Requirement) -> Value {
    let title = format!("This service is ready when {}.", requirement.title);
    let full: String =
        format!("{title} {}", requirement.why).trim().chars().take(LONGEST_DESCRIPTION).collect();
    let mut rule = json!({
        "id": requirement.id,
        "name": name(requirement.id),
        "shortDescription": {"text": title},
        "fullDescription": {"text": full},
        "help": {"text": help(requirement)},
        "properties": {
            "tags": ["readiness", requirement.dimension()],
            "precision": "high",
            "problem.severity": "warning",
        },
    });
    if let (Some(reference), Some(rule)) = (requirement.references.first(), rule.as_object_mut()) {
        rule.insert("helpUri".to_owned(), reference.url.into());
    }
    if requirement.dimension() == "security" {
        rule["properties"]["security-severity"] = security_severity(requirement).into();
    }
    rule
}

/// By how many tiers ask for it: only what concerns security may carry one.
fn security_severity(requirement: &Requirement) -> &'static str {
    match requirement.demands.iter().flatten().count() {
        3.. => "8.0",
        2 => "6.0",
        _ => "4.0",
    }
}

fn help(requirement: &Requirement) -> String {
    let ways = way::all(requirement).into_iter();
    let ways: Vec<String> = ways.map(|(grade, way)| format!("- {grade}: {way}")).collect();
    let text = format!("{}\n\nHow it is proven:\n{}", requirement.remedy, ways.join("\n"));
    text.trim().to_owned()
}

/// `reliability/health-checks` as `ReliabilityHealthChecks`.
fn name(id: &str) -> String {
    let words = id.split(|c: char| !c.is_alphanumeric());
    let capital = |word: &str| {
        let mut chars = word.chars();
        let first = chars.next().map(|first| first.to_uppercase().to_string());
        first.unwrap_or_default() + chars.as_str()
    };
    words.map(capital).collect::<String>().chars().take(255).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_rules_about_security_carry_its_severity() {
        for requirement in requirements::all() {
            let rule = print(requirement.id);
            let severity = rule["properties"]["security-severity"].as_str();
            assert_eq!(severity.is_some(), requirement.dimension() == "security", "{rule}");
        }
    }

    #[test]
    fn a_rule_is_named_in_pascal_case() {
        assert_eq!(name("reliability/health-checks"), "ReliabilityHealthChecks");
    }
}
