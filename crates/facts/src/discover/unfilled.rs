//! Manifests that a shell has to fill in before a cluster could take them, where no pipeline does so
//! and pipelines bring charts instead: they were left behind.

use super::candidate::{Candidate, Fact, Standing};
use super::name::last_part;
use crate::{Facts, Platform, Step, Subject, Workload};

/// What brings charts.
const CHARTS: &[&str] = &["helm upgrade", "helm install"];

/// What may bring manifests or fill them in, by itself or by what it calls.
const MANIFESTS: &[&str] = &[
    ".sh",
    "ansible",
    "argocd",
    "envsubst",
    "helmfile",
    "just ",
    "k8s-deploy",
    "kapp",
    "kubectl apply",
    "kubectl create",
    "kubectl patch",
    "kubectl replace",
    "kubectl set",
    "kustomize",
    "make ",
    "oc apply",
    "oc process",
    "skaffold",
    "task ",
];

/// Sets back what runs an image whose tag a shell fills in, where all that pipelines bring are charts.
pub(super) fn set_back(candidates: &mut [Candidate<'_>], facts: &Facts) {
    if !brings_only_charts(facts) {
        return;
    }
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let Fact::Workload(workload) = candidate.fact else { continue };
        if let Some(image) = image(workload) {
            candidate.standing = Standing::Follows(format!(
                "runs `{image}`, which no pipeline fills in: those that deploy bring a chart"
            ));
        }
    }
}

/// The image of what a cluster would run whose tag is a variable of a shell. What stands in braces
/// may be one that `oc` or Flux fills in.
pub(crate) fn image(workload: &Workload) -> Option<&str> {
    let is_variable = |tag: &str| {
        let name = tag.strip_prefix('$').unwrap_or_default();
        name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    let is_of_cluster = workload.platform == Platform::Kubernetes;
    let mut images = workload.images().map(|image| image.as_str()).filter(|_| is_of_cluster);
    images.find(|image| image.rsplit_once(':').is_some_and(|(_, tag)| is_variable(tag)))
}

/// Whether pipelines bring charts of the tree, and neither they nor anything that was not read may
/// bring a manifest.
pub(crate) fn brings_only_charts(facts: &Facts) -> bool {
    let says = |step: &Step, words: &[&str]| {
        let action = step.uses.iter().map(|uses| uses.value.as_str());
        let mut texts = action.chain(step.lines.iter().map(|line| line.value.as_str()));
        texts.any(|text| words.iter().any(|word| text.contains(word)))
    };
    let is_of_others = facts.pipelines.iter().any(|pipeline| {
        !pipeline.includes.is_empty() || pipeline.jobs.iter().any(|job| job.calls.is_some())
    });
    let is_unread = || {
        let mut gaps = facts.gaps.iter().chain(&facts.unread);
        !facts.unread_pipelines.is_empty()
            || !facts.cluster.deliveries.is_empty()
            || gaps.any(|gap| gap.subject == Some(Subject::Pipelines))
    };
    !is_of_others
        && !is_unread()
        && facts.steps().flat_map(|step| &step.lines).any(|line| brings_chart(line, facts))
        && !facts.steps().any(|step| says(step, MANIFESTS))
}

/// Whether a line brings a chart by its folder, or what bears the name of one.
fn brings_chart(line: &str, facts: &Facts) -> bool {
    let is_chart = |word: &str| {
        let word = word.trim_start_matches("./").trim_end_matches('/');
        let mut charts = facts.charts.iter();
        charts.any(|chart| word == chart.place.folder() || last_part(word) == chart.value)
    };
    let mut brought = CHARTS.iter().filter_map(|command| line.split_once(command));
    brought.any(|(_, arguments)| arguments.split_whitespace().any(is_chart))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};
    use crate::Facts;

    /// The facts of a tree with a chart and a manifest for `name` that runs `image`, whose pipeline
    /// runs `line`.
    fn facts(name: &str, image: &str, line: &str) -> Facts {
        let workflow = format!("on: push\njobs:\n  ship:\n    steps:\n    - run: {line}\n");
        let manifest = deployment(name, image);
        tree(&[
            ("helm/Chart.yaml", "apiVersion: v2\nname: till\nversion: 1.0.0\n"),
            ("helm/templates/deployment.yaml", "kind: Deployment\nspec: {{ .Values.x }}\n"),
            ("Dockerfile", "FROM python:3.14\nEXPOSE 80\nCMD [\"serve\"]\n"),
            ("kube/deployment.yml", &manifest),
            (".github/workflows/ship.yml", &workflow),
        ])
    }

    /// Names of the services of such a tree.
    fn found(image: &str, line: &str) -> Vec<String> {
        let services = discover(&facts("old-till", image, line)).services;
        services.into_iter().map(|service| service.name).collect()
    }

    #[test]
    fn it_tells_not_how_what_bears_the_name_of_the_chart_runs() {
        let workloads = |image: &str| {
            let facts = facts("till", image, "helm upgrade till ./helm");
            let services = discover(&facts).services;
            let scopes = crate::scopes(&facts, &services, jiff::civil::date(2026, 11, 22));
            assert_eq!(scopes.len(), 1);
            scopes.iter().map(|scope| scope.workloads.len()).sum::<usize>()
        };
        assert_eq!(workloads("acme/till:$COMMIT"), 0);
        assert_eq!(workloads("acme/till:1"), 1);
    }

    #[test]
    fn what_a_shell_would_fill_in_is_left_behind_where_pipelines_bring_charts() {
        let image = "acme/till:$COMMIT";
        let is_found = |image: &str, line: &str| found(image, line).iter().any(|n| n == "old-till");
        let charts = "helm upgrade till ./helm";
        assert!(!is_found(image, charts));
        assert!(!found(image, charts).is_empty(), "the chart is what runs");
        assert!(is_found("acme/till:1", charts), "anybody can apply it");
        assert!(is_found("acme/till:${COMMIT}", charts), "a template may be filled in elsewhere");
        assert!(is_found(image, "kubectl get pods"), "nothing is brought");
        assert!(is_found(image, "helm upgrade proxy acme/proxy"), "the chart is of others");
        let filled =
            "helm upgrade db ./helm && envsubst < kube/deployment.yml | kubectl apply -f -";
        assert!(is_found(image, filled));
        assert!(is_found(image, "helm upgrade db ./helm && scripts/ship.sh"), "a script may do it");
    }
}
