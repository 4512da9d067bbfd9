//! Pipelines of hosts whose files are not read, known by their paths, and those of Azure by their tasks.

use memchr::memmem;
use model::Place;

use super::Source;
use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// Names of files that configure a pipeline, with the host that runs it.
static FILES: &[(&str, &str)] = &[
    ("buildspec.yaml", "AWS CodeBuild"),
    ("buildspec.yml", "AWS CodeBuild"),
    ("Jenkinsfile", "Jenkins"),
];

/// Such files that their hosts read in the root alone: elsewhere they came with the code of others.
static IN_ROOT: &[(&str, &str)] = &[
    (".circleci/config.yml", "CircleCI"),
    (".circleci/config.yaml", "CircleCI"),
    (".drone.yml", "Drone"),
    (".prow.yaml", "Prow"),
    (".semaphore/semaphore.yml", "Semaphore"),
    (".travis.yml", "Travis CI"),
    (".woodpecker.yml", "Woodpecker"),
    ("appveyor.yml", "AppVeyor"),
    ("bitbucket-pipelines.yml", "Bitbucket"),
];

/// Folders of such files.
static FOLDERS: &[(&str, &str)] = &[
    (".buildkite/", "Buildkite"),
    (".prow/", "Prow"),
    (".tekton/", "Tekton"),
    (".woodpecker/", "Woodpecker"),
    (".forgejo/workflows/", "Forgejo"),
    (".gitea/workflows/", "Gitea"),
];

const AZURE: &str = "Azure Pipelines";

/// Beginnings of names, each alone or before another word: `azure-pipelines-deploy.yml`, `cloudbuild.prod.yaml`.
static BEGINNINGS: &[(&str, &str)] =
    &[("azure-pipelines", AZURE), ("cloudbuild", "Google Cloud Build")];

/// Lists a pipeline that its host is told of by hand, whatever it is called: no other host has tasks of a version (`- task: Docker@2`).
pub(super) fn note(source: Source<'_>, facts: &mut Facts) {
    const TASK: &str = "task: ";
    let text = source.text;
    let is_task = |at: usize| {
        let named = text.get(at + TASK.len()..).unwrap_or_default();
        let name = named.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let (name, version) = named.split_at(name.unwrap_or(named.len()));
        let mut version = version.chars();
        !name.is_empty()
            && version.next() == Some('@')
            && version.next().is_some_and(|c| c.is_ascii_digit())
    };
    // Hardly any file has such a task, and this is asked of every one.
    if memmem::find_iter(text.as_bytes(), TASK).any(is_task) && host(source.path).is_none() {
        facts.unread_pipelines.push((source.path.clone(), AZURE));
    }
}

/// Lists them, once the paths of the tree are known, and says so of the first of each host.
pub(super) fn settle(facts: &mut Facts) {
    // What came with vendored code, or is a sample, runs for nobody here.
    let found = facts.paths.iter().filter_map(|path| Some((path.clone(), host(path)?)));
    let found = found.filter(|(path, _)| !is_sample(path));
    facts.unread_pipelines.retain(|(path, _)| !is_sample(path));
    facts.unread_pipelines.extend(found);
    facts.unread_pipelines.sort();
    let mut told: Vec<&str> = Vec::new();
    for (path, host) in &facts.unread_pipelines {
        if !told.contains(host) {
            told.push(host);
            let what = format!("pipelines of {host}: what they do was not looked at");
            facts.set_aside.push(Reason { what, place: Place::file(path.clone()) });
        }
    }
}

fn host(path: &str) -> Option<&'static str> {
    let is_file = |file: &str| {
        path.strip_suffix(file).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
    };
    let in_root = IN_ROOT.iter().find(|(file, _)| path == *file);
    let by_name = in_root.or_else(|| FILES.iter().find(|(file, _)| is_file(file)));
    let by_folder = || FOLDERS.iter().find(|(folder, _)| path.starts_with(folder));
    let by_ending = is_jenkinsfile(path).then_some("Jenkins");
    let by_jobs = is_of_prow(path).then_some("Prow");
    by_name
        .or_else(by_folder)
        .map(|(_, host)| *host)
        .or(by_ending)
        .or_else(|| by_words(path))
        .or(by_jobs)
}

/// Jobs of Prow for many repositories: `config/jobs/acme/shop.yaml`, `prow/jobs/…`, and those that
/// are named by when they run.
fn is_of_prow(path: &str) -> bool {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    let stem = name.strip_suffix(".yaml").or(name.strip_suffix(".yml")).unwrap_or_default();
    let sorts = ["periodics", "postsubmits", "presubmits"];
    let folders = format!("/{folders}/");
    let in_folder = ["/ci-operator/jobs/", "/prow/jobs/"].iter().any(|part| folders.contains(part));
    !stem.is_empty() && (in_folder || sorts.iter().any(|sort| stem.ends_with(sort)))
}

/// By how its name begins, or by the folder that is kept for pipelines of Azure.
fn by_words(path: &str) -> Option<&'static str> {
    let (folders, name) = path.rsplit_once('/').unwrap_or(("", path));
    if !matches!(name.rsplit_once('.'), Some((_, "yml" | "yaml"))) {
        return None;
    }
    let begins = BEGINNINGS.iter().find(|(beginning, _)| {
        name.strip_prefix(beginning).is_some_and(|rest| rest.starts_with(['.', '-', '_']))
    });
    let in_folder = path.starts_with(".azure/pipelines/")
        || folders.split('/').any(|part| matches!(part, "azure-pipelines" | ".azure-pipelines"));
    begins.map(|(_, host)| *host).or(in_folder.then_some(AZURE))
}

/// `Jenkinsfile_nightly`, `Jenkinsfile.deploy`, `deploy.jenkinsfile`: one for each job.
fn is_jenkinsfile(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let begins = name.strip_prefix("Jenkinsfile").is_some_and(|rest| {
        let ending = rest.rsplit('.').next().unwrap_or_default();
        rest.starts_with(['_', '-', '.']) && !matches!(ending, "md" | "txt")
    });
    begins || matches!(name.rsplit_once('.'), Some((_, "jenkinsfile" | "Jenkinsfile")))
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

    #[test]
    fn jenkins_may_have_a_file_for_each_job() {
        for path in ["Jenkinsfile_nightly", "ci/Jenkinsfile.deploy", "ci/release.jenkinsfile"] {
            assert_eq!(host(path), Some("Jenkins"), "{path}");
        }
        for path in ["Jenkinsfiles/readme", "Jenkinsfile.md", "jenkins.yaml"] {
            assert_eq!(host(path), None, "{path}");
        }
    }

    #[test]
    fn azure_may_have_a_file_for_each_stage_or_a_folder_of_them() {
        for path in [
            "azure-pipelines.yml",
            "azure-pipelines-release.yaml",
            "apps/mail/azure-pipelines_nightly.yml",
            ".azure/pipelines/build.yml",
            "azure-pipelines/steps/test.yaml",
        ] {
            assert_eq!(host(path), Some("Azure Pipelines"), "{path}");
        }
        for path in ["azure-pipelines.md", "docs/azure-pipelinesque.yml", ".azure/main.yml"] {
            assert_eq!(host(path), None, "{path}");
        }
    }

    #[test]
    fn cloud_build_may_have_a_file_for_each_stage() {
        assert_eq!(host("cloudbuild.yaml"), Some("Google Cloud Build"));
        assert_eq!(host("ci/cloudbuild-deploy.yml"), Some("Google Cloud Build"));
        assert_eq!(host("cloudbuilder.yaml"), None);
        assert_eq!(host("cloudbuild.md"), None);
    }

    #[test]
    fn a_pipeline_of_azure_is_known_by_its_tasks_wherever_it_stands() {
        let steps = "steps:\n  - task: Docker@2\n    inputs: {command: push}\n";
        let files = [
            ("pipelines/release.yml", steps),
            ("azure-pipelines.yml", steps),
            ("examples/ci.yml", steps),
            ("Taskfile.yml", "tasks:\n  all:\n    cmds: [{task: lint}]\n"),
            (".github/workflows/a.yml", "on: push\njobs: {a: {steps: [{uses: acme/task@2}]}}\n"),
        ];
        let facts = crate::discover::tests::tree(&files);
        let told: Vec<&str> = facts.unread_pipelines.iter().map(|(path, _)| &**path).collect();
        assert_eq!(told, ["azure-pipelines.yml", "pipelines/release.yml"]);
    }

    #[test]
    fn jobs_of_prow_are_known_by_folder_or_by_when_they_run() {
        for path in
            [".prow.yaml", "prow/jobs/shop.yaml", "jobs/shop/shop-presubmits.yaml", ".prow/a.yaml"]
        {
            assert_eq!(host(path), Some("Prow"), "{path}");
        }
        for path in ["jobs/shop.yaml", "docs/presubmits.md", "prow/README.md"] {
            assert_eq!(host(path), None, "{path}");
        }
    }

    #[test]
    fn pipelines_of_vendored_code_and_of_samples_run_for_nobody_here() {
        let files =
            [("vendor/example.org/acme/mail/.travis.yml", ""), ("examples/a/Jenkinsfile", "")];
        let facts = crate::discover::tests::tree(&files);
        assert_eq!(facts.unread_pipelines, []);
        let own = crate::discover::tests::tree(&[("vendor/Jenkinsfile", "")]);
        assert_eq!(own.unread_pipelines.len(), 1);
        assert_eq!((host(".travis.yml"), host("jsonnet/.travis.yml")), (Some("Travis CI"), None));
    }

    #[test]
    fn a_host_is_told_once_at_its_first_file() {
        let facts = crate::discover::tests::tree(&[("Jenkinsfile", ""), ("Jenkinsfile_two", "")]);
        let told: Vec<&str> = facts.set_aside.iter().map(|reason| reason.what.as_str()).collect();
        assert_eq!(told, ["pipelines of Jenkins: what they do was not looked at"]);
    }
}
