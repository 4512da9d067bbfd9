//! Guesses from a file's text what it is about, so that most files are not parsed.

use memchr::memmem;

use crate::Subject;

use super::kinds;
use crate::read::begins_line;

/// Kinds of manifests that other readers take.
const OF_OTHERS: &[(&str, Subject)] = &[
    ("PrometheusRule", Subject::Alerts),
    ("PrometheusServiceLevel", Subject::Objectives),
    ("ServiceLevelObjective", Subject::Objectives),
    ("AlertmanagerConfig", Subject::Routes),
    ("GrafanaDashboard", Subject::Dashboards),
];

/// The kind of definitions of custom kinds.
const DEFINITION: &str = "kind: CustomResourceDefinition";

/// Operations of JSON Patch.
const OPERATIONS: &[&str] = &["add", "replace", "remove", "test", "move", "copy"];

/// Whether the text holds a manifest that brings facts, as YAML or JSON, or a template of one,
/// which nobody else would name as not read.
pub(in crate::read) fn is_like(text: &str) -> bool {
    let subjects = subjects(text);
    let is_template = || memmem::find(text.as_bytes(), b"{{").is_some();
    subjects.contains(&Subject::Workloads)
        || (!subjects.is_empty() && is_template())
        || is_like_patch(text)
}

/// Whether the text may hold what an overlay merges into an object: Kustomize asks no version of it.
fn is_like_patch(text: &str) -> bool {
    let has = |part: &str| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    let is_whole = |(at, kind): (usize, &str)| begins_line(text, at) && kinds::is_known(kind);
    !has("apiVersion")
        && !has("{{")
        && values_of(text, "metadata").any(|(at, _)| begins_line(text, at))
        && values_of(text, "kind").any(is_whole)
}

/// What the manifests of a text are about.
pub(in crate::read) fn subjects(text: &str) -> Vec<Subject> {
    let mut subjects = Vec::new();
    if memmem::find(text.as_bytes(), b"apiVersion").is_some() {
        for kind in kinds_of(text) {
            let subject = subject_of(kind);
            subjects.extend(subject.filter(|subject| !subjects.contains(subject)));
        }
    }
    // Patches of Kustomize may be for other kinds than they name, or list operations.
    let is_patch = || {
        memmem::find(text.as_bytes(), b"$patch").is_some()
            || values_of(text, "op").any(|(_, op)| OPERATIONS.contains(&op))
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

/// Whether the manifests of a text only tell where traffic enters.
pub(super) fn is_of_entrances(text: &str) -> bool {
    const KINDS: &[&str] = &[
        "GRPCRoute",
        "Gateway",
        "HTTPProxy",
        "HTTPRoute",
        "Ingress",
        "IngressRoute",
        "Route",
        "TCPRoute",
        "TLSRoute",
        "VirtualService",
    ];
    let mut kinds = kinds_of(text).peekable();
    kinds.peek().is_some() && kinds.all(|kind| KINDS.contains(&kind))
}

/// Whether all that the manifests of a text start ends by itself, when a release is brought in: hooks
/// of Helm and of Argo CD.
pub(super) fn is_hook(text: &str) -> bool {
    let has = |part: &str| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    let lasts = |kind: &str| STARTING.contains(&kind) && !matches!(kind, "Job" | "Pod");
    (has("helm.sh/hook") || has("argocd.argoproj.io/hook"))
        && !kinds_of(text).any(|kind| lasts(kind) || is_filled_in(kind))
}

/// Kinds that start something.
const STARTING: &[&str] = &[
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

/// Whether a manifest of the text starts something, or may.
pub(super) fn starts_something(text: &str) -> bool {
    let has = |part: &str| memmem::find(text.as_bytes(), part.as_bytes()).is_some();
    kinds_of(text).any(|kind| {
        STARTING.contains(&kind)
            || is_filled_in(kind)
            || (kind == "Application" && has("nais.io/"))
            || (kind == "Service" && has("serving.knative.dev/"))
    }) || (subjects(text) == [Subject::Workloads] && kinds_of(text).next().is_none())
}

fn subject_of(kind: &str) -> Option<Subject> {
    if kinds::is_known(kind) || is_filled_in(kind) {
        return Some(Subject::Workloads);
    }
    OF_OTHERS.iter().find(|(other, _)| *other == kind).map(|(_, subject)| *subject)
}

/// Whether a template says which kind it is.
fn is_filled_in(kind: &str) -> bool {
    ["{{", "${", "<%"].iter().any(|sign| kind.starts_with(sign))
}

/// The kinds of a text. Definitions of custom kinds name these, and hold none; what a template fills in
/// further inside is the kind of something that an object refers to.
fn kinds_of(text: &str) -> impl Iterator<Item = &str> {
    let is_definition = memmem::find(text.as_bytes(), DEFINITION.as_bytes()).is_some();
    values_of(text, "kind")
        .filter(move |(at, kind)| begins_line(text, *at) || !(is_definition || is_filled_in(kind)))
        .map(|(_, kind)| kind)
}

/// Where each `key` stands, and what stands behind it.
fn values_of<'t>(text: &'t str, key: &'static str) -> impl Iterator<Item = (usize, &'t str)> {
    let found = memmem::find_iter(text.as_bytes(), key);
    found.filter_map(move |at| {
        let is_key = text.get(..at)?.ends_with(|c: char| !c.is_alphanumeric()) || at == 0;
        let rest = text.get(at + key.len()..).filter(|_| is_key)?;
        let rest = rest.strip_prefix(['"', '\'']).unwrap_or(rest).trim_start_matches([' ', '\t']);
        let value = rest.strip_prefix(':')?.trim_start_matches([' ', '\t']);
        let value = value.strip_prefix(['"', '\'']).unwrap_or(value);
        let end = value.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ',' | '}'));
        Some((at, value.get(..end.unwrap_or(value.len()))?))
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
            "kind: Deployment\nmetadata:\n  name: api\n",
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
            "kind: Deployment\nname: '{{ .Release.Name }}'\nmetadata: {}\n",
            "api:\n  kind: Deployment\n  metadata: {}\n",
            "kind: Component\nmetadata: {name: api}\n",
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec:\n  kind: Rollout\n",
            "{\"apiVersion\": {}, \"kind\": {\"type\": \"string\"}}",
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

    #[test]
    fn only_the_kind_of_an_object_says_that_it_may_start_something() {
        let secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef:\n    \
                      kind: {{ .Values.store | default \"ClusterSecretStore\" }}\n";
        assert!(!starts_something(secret));
        assert!(starts_something("apiVersion: apps/v1\nkind: {{ .Values.kind }}\n"));
    }
}
