//! What builds, checks and ships: one shape for GitHub Actions and GitLab CI.

use model::{Place, Placed};

use crate::discover::dockerfile_path;

/// One workflow file, or one GitLab CI configuration.
#[derive(Clone, Debug, PartialEq)]
pub struct Pipeline {
    /// Who runs it.
    pub host: PipelineHost,
    /// The file, at its first key.
    pub place: Place,
    /// `name:`, else the file's name.
    pub name: String,
    /// What starts it: `push`, `pull_request`, `schedule`, `workflow_dispatch`, `merge_request_event` …
    pub triggers: Vec<Placed<String>>,
    /// Patterns of the branches that its push trigger is limited to, `!` before those that are
    /// left out, `refs/tags/` before those of tags; empty: any.
    pub branches: Vec<Placed<String>>,
    /// Patterns of the branches into which a change has to be proposed to start it, as written; empty:
    /// any.
    pub proposed_into: Vec<Placed<String>>,
    /// Patterns of the files of which one has to change for a push to start it, as written; empty: any.
    pub paths: Vec<Placed<String>>,
    /// Names of the pipelines after whose runs it runs (`workflow_run`).
    pub follows: Vec<Placed<String>>,
    /// Permissions of the token, as written: (`contents`, `write`), (`*`, `write-all`);
    /// (`*`, `none`) for `permissions: {}`; empty where nothing is written.
    pub permissions: Vec<(String, Placed<String>)>,
    /// What it includes, calls or uses of other files and what was not followed: GitHub's reusable
    /// workflows of other repositories as written; GitLab's templates and components by name,
    /// remote files by address, other projects' files as `group/project:/file.yml`.
    pub includes: Vec<Placed<String>>,
    /// Its jobs in the order of the file.
    pub jobs: Vec<Job>,
}

impl Pipeline {
    /// The steps of all its jobs.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.jobs.iter().flat_map(|job| &job.steps)
    }
}

/// Who runs a pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PipelineHost {
    /// GitHub Actions.
    GitHub,
    /// GitLab CI.
    GitLab,
}

/// One job of a [`Pipeline`].
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// Its id, at its key.
    pub id: Placed<String>,
    /// `name:`, where written.
    pub name: Option<String>,
    /// Jobs that must have succeeded before; GitLab: those of earlier stages too.
    pub needs: Vec<Placed<String>>,
    /// GitLab: the stage.
    pub stage: Option<String>,
    /// Failing does not fail the pipeline (`continue-on-error: true`, `allow_failure: true`).
    pub may_fail: Option<Place>,
    /// A person has to start it (`when: manual`). Whether `environment` asks for an approval is
    /// not written in the file.
    pub is_manual: Option<Place>,
    /// `if:` or `rules:`, as written.
    pub condition: Option<Placed<String>>,
    /// `environment:`, or the input of that name for the reusable workflow that it calls; GitLab:
    /// none for a job that only stops or looks at the environment.
    pub environment: Option<Placed<String>>,
    /// `timeout-minutes`, `timeout`.
    pub timeout: Option<Place>,
    /// Reusable workflow that the whole job is (`uses:` of a job), or child pipeline that it
    /// starts (`trigger:`). The steps of one that stands in the tree stand in `steps`.
    pub calls: Option<Placed<String>>,
    /// Whether it runs on a machine of its keepers, which is there afterwards.
    pub is_on_own_machine: bool,
    /// Images it runs in, its services' too.
    pub images: Vec<Placed<String>>,
    /// Permissions of the token for this job.
    pub permissions: Vec<(String, Placed<String>)>,
    /// Its steps in order; a GitLab script is one step per line of `script`. The steps of an
    /// action or workflow of the tree stand behind the step that uses it, with their own places:
    /// their file is another one.
    pub steps: Vec<Step>,
}

/// One step of a [`Job`].
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// `id:`, by which other steps read how it ended.
    pub id: Option<String>,
    /// `name:`, where written.
    pub name: Option<String>,
    /// Action that it uses, with its version: `actions/checkout@v4`.
    pub uses: Option<Placed<String>>,
    /// Its inputs.
    pub with: Vec<(String, Placed<String>)>,
    /// GitHub: variables of its own (`env:`), not those of its job.
    pub env: Vec<(String, Placed<String>)>,
    /// Shell lines, each at its place, comments and blanks left out.
    pub lines: Vec<Placed<String>>,
    /// What its lines start by the names of tasks that stand in the tree.
    pub tasks: Vec<TaskCall>,
    /// Folder that its lines run in, where one is written for it, for its job or for all of them.
    pub working_folder: Option<Placed<String>>,
    /// Failing does not fail the job.
    pub may_fail: Option<Place>,
    /// `if:`, as written.
    pub condition: Option<Placed<String>>,
    /// Where the step starts.
    pub place: Place,
}

/// What a command starts by the name of a task: `npm run lint`, `make -C web test`.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskCall {
    /// Index of the line, among those beside which this stands.
    pub line: usize,
    /// Index of the command among [`commands`](crate::command::commands) of that line.
    pub command: usize,
    /// What the task runs, after what runs before it; each line where it is written.
    pub lines: Vec<Placed<String>>,
    /// What these lines start in turn.
    pub tasks: Vec<TaskCall>,
}

impl TaskCall {
    /// The call among `calls` that stands in the command with index `command` of the line with index
    /// `line`.
    pub fn at(calls: &[Self], line: usize, command: usize) -> Option<&Self> {
        calls.iter().find(|call| (call.line, call.command) == (line, command))
    }
}

impl Step {
    /// What it is given as its input `name`.
    pub fn input(&self, name: &str) -> Option<&Placed<String>> {
        self.with.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The folder below which a matrix says where the step works: `services` of
    /// `services/${{ matrix.service }}`.
    pub fn folder_of_matrix(&self) -> Option<&str> {
        let is_folder = |name: &str| name.to_ascii_lowercase().ends_with("directory");
        let inputs = self.with.iter().filter(|(name, _)| is_folder(name)).map(|(_, value)| value);
        self.working_folder.iter().chain(inputs).find_map(|folder| {
            let (fixed, filled) = folder.trim().trim_start_matches("./").split_once("${{")?;
            let folder = fixed.strip_suffix('/').filter(|folder| !folder.is_empty())?;
            filled.trim_start().starts_with("matrix.").then_some(folder)
        })
    }

    /// Bytes that a copy takes, about.
    pub(crate) fn weight(&self) -> usize {
        let with = self.with.iter().chain(&self.env).map(|(key, value)| key.len() + value.len());
        let lines = self.lines.iter().map(|line| line.len());
        let texts = lines.chain(with).map(|bytes| bytes + size_of::<Placed<String>>());
        size_of::<Self>() + texts.sum::<usize>()
    }
}

/// An image that a pipeline, or a tool that it calls, builds from the tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageBuild {
    /// The image, with its tag where one is written.
    pub image: String,
    /// The folder that it is built from; empty for the root.
    pub context: String,
    /// The recipe, where it is not the Dockerfile of that folder.
    pub dockerfile: Option<String>,
    /// Names and values of the arguments that it is built with (`--build-arg`).
    pub arguments: Vec<(String, String)>,
    /// Whether a builder image makes it of the code in that folder, without any recipe (s2i).
    pub is_from_source: bool,
    /// Whether what builds it says that it is pushed to a registry.
    pub is_pushed: bool,
}

/// An application that a manifest of Cloud Foundry names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// Its name, without what is filled in when it is pushed; empty where nothing else is written.
    pub name: Placed<String>,
    /// What is pushed, from the folder of the manifest, where it says so.
    pub path: Option<String>,
}

/// What a configuration of Wrangler has Cloudflare run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worker {
    /// The file.
    pub place: Place,
    /// What it is called, where the file says so.
    pub name: Option<Placed<String>>,
    /// Whether it names a program, or files to show.
    pub runs: bool,
    /// Whether it says no more than what it is called and which release of the platform it is for.
    pub is_bare: bool,
    /// Whether a clock starts it, and nothing in the file has it asked.
    pub is_by_clock: bool,
}

/// A shell script of the tree that deploys by its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Script {
    /// The file.
    pub place: Place,
    /// What it runs, as far as it is written there.
    pub lines: Vec<Placed<String>>,
}

impl ImageBuild {
    /// The path of the Dockerfile that it is built by; `None` where it needs none.
    pub fn recipe(&self) -> Option<String> {
        (!self.is_from_source).then(|| dockerfile_path(&self.context, self.dockerfile.as_deref()))
    }
}
