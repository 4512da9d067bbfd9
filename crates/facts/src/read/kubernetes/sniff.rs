//! Guesses from a file's text what it is about, so that most files are not parsed.

use memchr::memmem;

use crate::Subject;

use super::kinds;

/// Kinds of manifests that other readers take.
const OF_OTHERS: &[(&str, Subject)] = &[
    ("PrometheusRule", Subject::Alerts),
    ("PrometheusServiceLevel", Subject::Objectives),
    ("ServiceLevelObjective", Subject::Objectives),
    ("AlertmanagerConfig", Subject::Routes),
    ("GrafanaDashboard", Subject::Dashboards),
];

/// Operations of JSON Patch.
const OPERATIONS: &[&str] = &["add", "replace", "remove", "test", "move", "copy"];

/// Whether the text holds a manifest that brings facts, as YAML or JSON, or a template of one,
/// which nobody else would name as not read.
pub(in crate::read) fn is_like(text: &str) -> bool {
    let subjects = subjects(text);
    let is_template = || memmem::find(text.as_bytes(), b"{{").is_some();
    subjects.contains(&Subject::Workloads) || (!subjects.is_empty() && is_template())
}

/// What the manifests of a text are about.
pub(super) fn subjects(text: &str) -> Vec<Subject> {
    let mut subjects = Vec::new();
    if memmem::find(text.as_bytes(), b"apiVersion").is_some() {
        for kind in values_of(text, "kind") {
            let subject = subject_of(kind);
            subjects.extend(subject.filter(|subject| !subjects.contains(subject)));
        }
    }
    // Patches of Kustomize may be for other kinds than they name, or list operations.
    let is_patch = || {
        memmem::find(text.as_bytes(), b"$patch").is_some()
            || values_of(text, "op").any(|op| OPERATIONS.contains(&op))
    };
    if subjects.is_empty() && is_patch() {
        subjects.push(Subject::Workloads);
    }
    // Charts that stand on a library hold nothing but calls of its templates.
    if subjects.is_empty() && calls_template(text) {
        subjects.push(Subject::Workloads);
    }
    subjects
}

/// Whether a manifest of the text starts something, or may.
pub(super) fn starts_something(text: &str) -> bool {
    const KINDS: &[&str] = &[
        "CloneSet",
        "CronJob",
        "DaemonSet",
        "Deployment",
        "DeploymentConfig",
        "Job",
        "Naisjob",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "Rollout",
        "ScaledJob",
        "StatefulSet",
    ];
    let has = |part: &str| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    values_of(text, "kind").any(|kind| {
        KINDS.contains(&kind)
            || kind.starts_with(['{', '$', '<'])
            || (kind == "Application" && has("nais.io/"))
            || (kind == "Service" && has("serving.knative.dev/"))
    }) || (subjects(text) == [Subject::Workloads] && values_of(text, "kind").next().is_none())
}

fn subject_of(kind: &str) -> Option<Subject> {
    if kinds::is_known(kind) || kind.starts_with(['{', '$', '<']) {
        return Some(Subject::Workloads);
    }
    OF_OTHERS.iter().find(|(other, _)| *other == kind).map(|(_, subject)| *subject)
}

/// What stands behind each `key`.
fn values_of<'t>(text: &'t str, key: &'static str) -> impl Iterator<Item = &'t str> {
    let found = memmem::find_iter(text.as_bytes(), key);
    found.filter_map(move |at| {
        let is_key = text.get(..at)?.ends_with(|c: char| !c.is_alphanumeric()) || at == 0;
        let rest = text.get(at + key.len()..).filter(|_| is_key)?;
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start_matches([' ', '\t']);
        let value = rest.strip_prefix(':')?.trim_start_matches([' ', '\t']);
        let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}'));
        value.get(..end.unwrap_or(value.len()))
    })
}

/// Whether a line of a Helm template begins with a call of another one.
fn calls_template(text: &str) -> bool {
    ["include \"", "template \""].iter().any(|call| {
        memmem::find_iter(text.as_bytes(), call.as_bytes()).any(|at| {
            let before = text.get(..at).unwrap_or_default().trim_end_matches([' ', '-']);
            let line = before.strip_suffix("{{").map(|before| before.trim_end_matches(' '));
            line.is_some_and(|line| line.is_empty() || line.ends_with('\n'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn manifests_that_bring_facts_are_known_by_their_kind() {
        let texts = [
            "apiVersion: v1\nkind: Service\n",
            "kind: \"Deployment\"\napiVersion: apps/v1\n",
            "{\"apiVersion\":\"v1\",\"kind\":\"Pod\"}",
            "{'apiVersion': 'v1', 'kind' : 'ConfigMap'}",
            "apiVersion: v1\nkind: List\nitems: []\n",
            "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\n",
            "apiVersion: v1\nkind: {{ .Values.kind }}\n",
            "{{- include \"common.all\" . -}}\n",
            "  {{ template \"x\" . }}",
        ];
        for text in texts {
            assert!(is_like(text), "{text}");
        }
    }

    #[test]
    fn all_other_files_are_passed_over() {
        let texts = [
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  kind:\n",
            "kind: Deployment\n",
            "apiVersion: v1\nmankind: Service\n",
            "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\n",
            "title: '{{ template \"slack.title\" . }}'\n",
            "",
        ];
        for text in texts {
            assert!(!is_like(text), "{text}");
        }
        assert_eq!(subjects("apiVersion: x\nkind: PrometheusRule\n"), [Subject::Alerts]);
    }
}
