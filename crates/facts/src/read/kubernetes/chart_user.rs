//! Users that the values and templates of Helm charts name. Charts are not rendered: that they name
//! a user is all that is noted.

use model::{Place, Placed};

use super::sniff;
use crate::Facts;
use crate::read::Source;

/// Notes the first line of a chart that says, not as a comment, that something does not run as root.
pub(in crate::read) fn note(source: Source<'_>, facts: &mut Facts) {
    if !is_of_chart(source) || !source.text.contains("runAs") {
        return;
    }
    let lines = source.text.lines().zip(1..);
    let mut saying = lines.filter(|(line, _)| says_not_root(line));
    if let Some((line, number)) = saying.next() {
        let place = Place::point(source.path.clone(), number, 1);
        facts.chart_users.push(Placed::new(line.trim().to_owned(), place));
    }
}

/// Whether the file is called like the values of a chart, or is a template of what is started: a
/// policy on pods names users too.
fn is_of_chart(source: Source<'_>) -> bool {
    let is_among_templates = || source.folder().split('/').any(|part| part == "templates");
    is_values(source.name)
        || (is_yaml(source.name) && is_among_templates() && sniff::starts_something(source.text))
}

/// Whether a file is called like the values of a chart.
pub(super) fn is_values(name: &str) -> bool {
    let is_called =
        name.starts_with("values") || name.contains("-values") || name.contains(".values");
    is_called && is_yaml(name)
}

fn is_yaml(name: &str) -> bool {
    [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending))
}

fn says_not_root(line: &str) -> bool {
    let Some((key, value)) = line.trim_start().trim_start_matches("- ").split_once(':') else {
        return false;
    };
    let value = value.split(" #").next().unwrap_or_default().trim();
    match key.trim() {
        "runAsUser" => !matches!(value, "" | "0" | "null" | "~"),
        "runAsNonRoot" => !matches!(value, "" | "false" | "null" | "~"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    fn noted(path: &str, text: &str) -> Vec<String> {
        let facts = crate::read(&path.into(), text.as_bytes());
        facts.chart_users.iter().map(|user| format!("{}:{}", user.place.line, user.value)).collect()
    }

    #[test]
    fn the_first_user_that_a_chart_names_is_noted() {
        let values = "image: till\nsecurityContext:\n  runAsUser: 10001\n  runAsGroup: 1\n";
        assert_eq!(noted("charts/till/values.yaml", values), ["3:runAsUser: 10001"]);
        let template = "kind: Deployment\nspec:\n  runAsNonRoot: {{ .Values.nonRoot }}\n";
        let expected = ["3:runAsNonRoot: {{ .Values.nonRoot }}"];
        assert_eq!(noted("charts/till/templates/deployment.yaml", template), expected);
    }

    #[test]
    fn comments_root_and_other_files_say_nothing() {
        let none: [String; 0] = [];
        for (path, text) in [
            ("charts/till/values.yaml", "securityContext: {}\n  # runAsUser: 1000\n"),
            ("charts/till/values.yaml", "runAsUser: 0\nrunAsNonRoot: false\n"),
            ("docs/settings.yaml", "runAsUser: 1000\n"),
            ("charts/till/templates/policy.yaml", "kind: ClusterPolicy\nrunAsUser: {{ .x }}\n"),
            ("charts/till/values.md", "runAsUser: 1000\n"),
        ] {
            assert_eq!(noted(path, text), none, "{path}: {text}");
        }
    }
}
