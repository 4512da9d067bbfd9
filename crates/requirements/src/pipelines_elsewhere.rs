//! Pipelines of hosts that are not read.

use facts::Scope;

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

/// The first pipeline of the tree that a host runs whose files are not read, as a clause.
pub(crate) fn unread(scope: &Scope<'_>) -> Option<String> {
    scope.all.paths.iter().find_map(|path| {
        let is_file = |file: &str| {
            path.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        let by_name = FILES.iter().find(|(file, _)| is_file(file));
        let host = by_name.or_else(|| FOLDERS.iter().find(|(f, _)| path.starts_with(f)))?.1;
        Some(format!("`{path}` is a pipeline of {host}, which is not read"))
    })
}
