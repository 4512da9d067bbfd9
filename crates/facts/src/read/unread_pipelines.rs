//! Pipelines of hosts whose files are not read, known by their paths.

use std::sync::Arc;

use crate::Facts;

/// Names of files that configure a pipeline, with the host that runs it.
static FILES: &[(&str, &str)] = &[
    (".circleci/config.yml", "CircleCI"),
    (".circleci/config.yaml", "CircleCI"),
    (".drone.yml", "Drone"),
    (".semaphore/semaphore.yml", "Semaphore"),
    (".travis.yml", "Travis CI"),
    (".woodpecker.yml", "Woodpecker"),
    ("appveyor.yml", "AppVeyor"),
    ("azure-pipelines.yaml", "Azure Pipelines"),
    ("azure-pipelines.yml", "Azure Pipelines"),
    ("bitbucket-pipelines.yml", "Bitbucket"),
    ("buildspec.yaml", "AWS CodeBuild"),
    ("buildspec.yml", "AWS CodeBuild"),
    ("cloudbuild.yaml", "Google Cloud Build"),
    ("cloudbuild.yml", "Google Cloud Build"),
    ("Jenkinsfile", "Jenkins"),
];

/// Folders of such files.
static FOLDERS: &[(&str, &str)] = &[
    (".buildkite/", "Buildkite"),
    (".tekton/", "Tekton"),
    (".woodpecker/", "Woodpecker"),
    (".forgejo/workflows/", "Forgejo"),
    (".gitea/workflows/", "Gitea"),
];

/// Lists them, once the paths of the tree are known.
pub(super) fn settle(facts: &mut Facts) {
    let found = facts.paths.iter().filter_map(|path| Some((path.clone(), host(path)?)));
    facts.unread_pipelines = found.collect::<Vec<(Arc<str>, &'static str)>>();
}

fn host(path: &str) -> Option<&'static str> {
    let is_file = |file: &str| {
        path.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    let by_name = FILES.iter().find(|(file, _)| is_file(file));
    let by_folder = || FOLDERS.iter().find(|(folder, _)| path.starts_with(folder));
    by_name.or_else(by_folder).map(|(_, host)| *host)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipeline_is_known_by_its_whole_name() {
        assert_eq!(host("Jenkinsfile"), Some("Jenkins"));
        assert_eq!(host("services/a/Jenkinsfile"), Some("Jenkins"));
        assert_eq!(host(".tekton/push.yaml"), Some("Tekton"));
        assert_eq!(host("docs/NotAJenkinsfile"), None);
    }
}
