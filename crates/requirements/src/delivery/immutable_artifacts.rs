//! Images and pipeline actions are pinned by digest.

use std::collections::{BTreeMap, HashSet};

use super::pin::{Pin, action_pin, image_pin, is_by_tag};
use crate::decide;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/immutable-artifacts",
    title: "images and pipeline actions are pinned by digest",
    why: "A tag is a name that somebody else may give to other bytes tomorrow. What was \
          tested is then not what runs, and whoever takes over the account of an action \
          runs in the pipeline.",
    remedy: "Pin base images and deployed images by digest, and the actions of pipelines \
             by their full commit, and let Renovate or Dependabot move the pins.",
    references: &[
        Reference {
            title: "GitHub: security hardening for GitHub Actions",
            url: "https://docs.github.com/en/actions/reference/security/secure-use",
        },
        Reference {
            title: "Kubernetes: image names",
            url: "https://kubernetes.io/docs/concepts/containers/images/#image-names",
        },
        Reference {
            title: "Docker: pin base image versions",
            url: "https://docs.docker.com/build/building/best-practices/#pin-base-image-versions",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Image, Change::Manifest, Change::Pipeline],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[Subject::Images, Subject::Pipelines, Subject::Workloads],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the cluster and the registry: whether the digests that run are those that \
             the pipeline built",
        ),
    ],
    cases: include_str!("immutable_artifacts.md"),
};

/// Findings of one sort that one file gets each for itself.
const MOST_FINDINGS: usize = 10;

/// Something that a file takes from elsewhere.
struct Taken<'a> {
    sort: Sort,
    name: &'a str,
    place: &'a Place,
    pin: Pin,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    Base,
    Image,
    Download,
    Action,
    /// An image that a job of a pipeline runs in, or that one of its steps is.
    Job,
}

impl Sort {
    fn words(self) -> &'static str {
        match self {
            Self::Base => "base image",
            Self::Image | Self::Job => "image",
            Self::Download => "download",
            Self::Action => "action",
        }
    }

    fn pin(self) -> &'static str {
        match self {
            Self::Base | Self::Image | Self::Job => "pinned by digest",
            Self::Download => "pinned by a checksum",
            Self::Action => "pinned by commit",
        }
    }

    fn help(self, name: &str) -> String {
        match self {
            Self::Base | Self::Image | Self::Job => format!("pin it: `{name}@sha256:<digest>`"),
            Self::Download => "give its digest: `ADD --checksum=sha256:<digest> …`".to_owned(),
            Self::Action => {
                let (action, version) = name.split_once('@').unwrap_or((name, "version"));
                format!("pin it: `{action}@<full commit> # {version}`")
            }
        }
    }
}

fn judge(scope: &Scope<'_>) -> Outcome {
    let taken: Vec<Taken<'_>> = of_workloads(scope)
        .chain(of_dockerfiles(&scope.dockerfiles, scope))
        .chain(of_pipelines(scope))
        .collect();
    Outcome::unmet_or(findings(&taken), || {
        if let Some(open) = taken.iter().find(|taken| taken.pin == Pin::LaterOn) {
            let path = &open.place.path;
            return Outcome::unknown(format!(
                "which bytes `{}` of `{path}` names is decided when it is deployed",
                open.name
            ));
        }
        let seen = taken.iter().map(|taken| {
            let Taken { sort, name, place, .. } = taken;
            Sighting::at(place, format!("{} `{name}` is {}", sort.words(), sort.pin()))
        });
        let seen: Vec<Sighting> = seen.collect();
        if seen.is_empty() {
            return Outcome::unknown(
                "no image, no Dockerfile and no action of a pipeline was found",
            );
        }
        let mut aside = of_dockerfiles(&scope.dockerfiles_aside, scope);
        if let Some(taken) = aside.find(|taken| taken.pin == Pin::None) {
            let (words, pin) = (taken.sort.words(), taken.sort.pin());
            let what = format!("{words} `{}` is not {pin}", taken.name);
            return Outcome::Unknown(decide::aside(&taken.place.path, &what));
        }
        if let Some(workload) = scope.workloads.iter().find(|w| !may_ship(w, scope)) {
            return decide::not_operated(workload);
        }
        let is_of_pipeline = |taken: &Taken<'_>| matches!(taken.sort, Sort::Action | Sort::Job);
        match of_nobody(scope).filter(|_| taken.iter().all(is_of_pipeline)) {
            Some(file) => Outcome::unknown(format!(
                "what its pipelines run is pinned, but by which image it ships was not found: `{}` was taken \
                 for none of its own",
                file.place.path
            )),
            None => Outcome::Met(seen),
        }
    })
}

/// A Dockerfile of the tree, where the service has none: it may be what the service ships by.
fn of_nobody<'a>(scope: &Scope<'a>) -> Option<&'a Dockerfile> {
    let may_ship = scope.service.kind != Kind::Library && scope.dockerfiles.is_empty();
    scope.all.dockerfiles.iter().find(|_| may_ship)
}

fn findings(taken: &[Taken<'_>]) -> Vec<Finding> {
    let mut files: BTreeMap<(&str, Sort), Vec<&Taken<'_>>> = BTreeMap::new();
    let mut known = HashSet::new();
    for taken in taken.iter().filter(|taken| taken.pin == Pin::None) {
        if known.insert((&*taken.place.path, taken.sort, taken.name)) {
            files.entry((&taken.place.path, taken.sort)).or_default().push(taken);
        }
    }
    files.into_iter().flat_map(|((_, sort), taken)| of_file(sort, &taken)).collect()
}

fn of_file(sort: Sort, taken: &[&Taken<'_>]) -> Vec<Finding> {
    let (words, pin) = (sort.words(), sort.pin());
    match taken {
        [first, others @ ..] if others.len() >= MOST_FINDINGS => {
            let message =
                format!("{words} `{}` and {} more are not {pin}", first.name, others.len());
            let finding = Finding::at(first.place, message).help(sort.help(first.name));
            vec![others.iter().take(MOST_FINDINGS).fold(finding, |finding, other| {
                finding.related(other.place, format!("`{}`", other.name))
            })]
        }
        each => {
            let finding = |taken: &&Taken<'_>| {
                let message = format!("{words} `{}` is not {pin}", taken.name);
                Finding::at(taken.place, message).help(sort.help(taken.name))
            };
            each.iter().map(finding).collect()
        }
    }
}

fn of_workloads<'a>(scope: &Scope<'a>) -> impl Iterator<Item = Taken<'a>> {
    let own = own_names(scope);
    let files: HashSet<_> = scope.workloads.iter().map(|w| &w.name.place.path).collect();
    let beside = scope.datastores.iter().filter(|store| files.contains(&store.name.place.path));
    let workloads = scope.workloads.iter().chain(beside).copied();
    let workloads: Vec<&'a Workload> = workloads.filter(|w| may_ship(w, scope)).collect();
    workloads.into_iter().flat_map(move |workload| {
        let containers = workload.containers.iter().chain(&workload.init_containers);
        let taken = containers.filter(|container| container.build.is_none()).filter_map(|c| {
            let image = c.image.as_ref()?;
            let pin = match image_pin(image) {
                // What this repository builds gets its digest when it was built, and OpenShift runs
                // the digest that a tag of a stream stands for.
                Pin::None if c.is_never_pulled || c.is_from_stream => Pin::LaterOn,
                Pin::None if own.contains(&called(image)) || is_called_alike(image, workload) => {
                    own_pin(image)
                }
                pin => pin,
            };
            Some(Taken { sort: Sort::Image, name: image, place: &image.place, pin })
        });
        taken.collect::<Vec<_>>()
    })
}

/// Whether its file may be how it runs for users: what only serves to try a service out ships nothing.
fn may_ship(workload: &Workload, scope: &Scope<'_>) -> bool {
    let name = prose::plain(workload.name.place.file_name());
    let mut words = name.split(|c: char| !c.is_alphanumeric());
    scope.is_operated(workload)
        || words.any(|word| ["deploy", "prod", "production"].contains(&word))
}

/// Names of the images that are built here.
fn own_names(scope: &Scope<'_>) -> HashSet<String> {
    let names = scope.workloads.iter().map(|workload| workload.name.value.clone());
    let aliases = scope.service.aliases.iter().cloned();
    let all = names.chain(aliases).chain([scope.service.name.clone()]);
    all.map(|name| name.to_ascii_lowercase()).collect()
}

/// Whether an image of some registry is called like what runs it, but for the ending by which that says
/// what sort of object it is: `acme.example/shop/till` of `till-deployment`. An image without a registry
/// is that of others.
fn is_called_alike(image: &str, workload: &Workload) -> bool {
    const ENDINGS: &[&str] = &["-deploy", "-deployment", "-statefulset"];
    let name = workload.name.to_ascii_lowercase();
    let mut alike = ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending));
    image.contains('/') && alike.any(|name| name == called(image))
}

/// The last part of the image's path, spelt as names are.
fn called(image: &str) -> String {
    let path = image.split(['@', ':']).next().unwrap_or(image);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.replace('_', "-").to_ascii_lowercase()
}

/// An own image by tag: the pipeline says whether the tag is ever given twice, but `latest` is,
/// `production.latest` as well, and the name of a branch.
fn own_pin(image: &str) -> Pin {
    let tag = image.rsplit('/').next().and_then(|name| name.split_once(':')).map(|(_, tag)| tag);
    let is_moved = |tag: &str| {
        let is_branch = ["develop", "edge", "main", "master", "nightly"].contains(&tag);
        is_branch || tag.split(['.', '-', '_']).any(|word| word == "latest")
    };
    if tag.is_some_and(is_moved) { Pin::None } else { Pin::LaterOn }
}

/// Images without a registry and a namespace that Compose or a pipeline makes of the tree.
fn made_here<'a>(scope: &Scope<'a>) -> HashSet<&'a str> {
    let containers = scope.all.workloads.iter().flat_map(|workload| &workload.containers);
    let composed = containers.filter(|container| container.build.is_some());
    let composed = composed.filter_map(|container| container.image.as_deref());
    let built = scope.all.builds.iter().map(|build| build.image.as_str());
    let bare = composed.map(String::as_str).chain(built).filter(|image| !image.contains('/'));
    bare.map(|image| image.split(':').next().unwrap_or(image)).collect()
}

fn of_dockerfiles<'a>(
    files: &[&'a Dockerfile],
    scope: &Scope<'a>,
) -> impl Iterator<Item = Taken<'a>> {
    let stages = files.iter().flat_map(|file| file.shipped_stages());
    let stages: Vec<&'a Stage> = stages.collect();
    let made = if stages.is_empty() { HashSet::new() } else { made_here(scope) };
    let bases = stages.clone().into_iter().filter(|stage| !stage.is_local_base).map(move |stage| {
        let base = &stage.base;
        let pin = match image_pin(base) {
            // What only the tree itself makes has no digest until then.
            Pin::None if made.contains(base.split(':').next().unwrap_or(base)) => Pin::LaterOn,
            pin => pin,
        };
        Taken { sort: Sort::Base, name: base, place: &base.place, pin }
    });
    let sources = stages.into_iter().flat_map(|stage| &stage.remote_sources).map(|source| {
        let is_address = source.contains("://");
        let sort = if is_address { Sort::Download } else { Sort::Image };
        let pin = if is_address { Pin::None } else { image_pin(source) };
        Taken { sort, name: source, place: &source.place, pin }
    });
    bases.chain(sources)
}

fn of_pipelines<'a>(scope: &Scope<'a>) -> impl Iterator<Item = Taken<'a>> {
    let pipelines = scope.pipelines.iter().copied().filter(|pipeline| !only_tidies(pipeline));
    let pipelines: Vec<&'a Pipeline> = pipelines.collect();
    let remotes: &'a [String] = &scope.all.remotes;
    pipelines.into_iter().flat_map(move |pipeline| {
        let uses = pipeline.steps().filter_map(|step| step.uses.as_ref());
        let calls = pipeline.jobs.iter().filter_map(|job| job.calls.as_ref());
        let is_github = pipeline.host == PipelineHost::GitHub;
        let actions = uses.chain(calls);
        let actions =
            actions.filter(move |uses| is_github && !is_of_tree(uses, remotes) && !is_by_tag(uses));
        let actions = actions.map(|uses| {
            let pin = action_pin(uses);
            // `docker://` runs an image and no action.
            let image = uses.strip_prefix("docker://");
            let sort = if image.is_some() { Sort::Job } else { Sort::Action };
            Taken { sort, name: image.unwrap_or(uses), place: &uses.place, pin }
        });
        // The first image of a job of GitLab is what it runs in, the others serve its tests.
        let images = pipeline.jobs.iter().filter_map(move |job| {
            let image = job.images.first().filter(|_| !is_github)?;
            Some(Taken { sort: Sort::Job, name: image, place: &image.place, pin: image_pin(image) })
        });
        actions.chain(images)
    })
}

/// Whether a workflow only keeps the issues and proposals of the repository in order: these or the clock
/// start it, it takes no code and runs none of its own, and is given nothing to bring anything out with.
fn only_tidies(pipeline: &Pipeline) -> bool {
    const STARTS: &[&str] = &[
        "discussion",
        "issue_comment",
        "issues",
        "label",
        "pull_request_target",
        "schedule",
        "workflow_dispatch",
    ];
    let triggers = || pipeline.triggers.iter().map(|trigger| trigger.value.as_str());
    let is_started_so = triggers().any(|trigger| trigger != "workflow_dispatch")
        && triggers().all(|trigger| STARTS.contains(&trigger));
    let jobs = || pipeline.jobs.iter();
    let mut rights = jobs().flat_map(|job| &job.permissions).chain(&pipeline.permissions);
    let may_bring_out = rights.any(|(name, access)| {
        !["actions", "discussions", "issues", "pull-requests"].contains(&name.as_str())
            && access.contains("write")
    });
    let is_secret = |text: &str| text.replace("secrets.GITHUB_TOKEN", "").contains("secrets.");
    let is_harmless = |step: &Step| {
        let takes = |uses: &Placed<String>| uses.contains("checkout") || uses.starts_with("./");
        step.lines.is_empty()
            && !step.uses.as_ref().is_some_and(takes)
            && !step.with.iter().chain(&step.env).any(|(_, value)| is_secret(value))
    };
    pipeline.host == PipelineHost::GitHub
        && is_started_so
        && !may_bring_out
        && jobs().all(|job| {
            job.calls.is_none() && job.environment.is_none() && job.steps.iter().all(is_harmless)
        })
}

/// Whether an action or a called workflow stands in the tree itself, also by its address.
fn is_of_tree(uses: &str, remotes: &[String]) -> bool {
    let is_own = |remote: &String| {
        let repository = remote.split_once('/').map_or("", |(_, repository)| repository);
        let start = uses.get(..repository.len()).unwrap_or_default();
        !repository.is_empty()
            && start.eq_ignore_ascii_case(repository)
            && uses.get(repository.len()..).is_some_and(|rest| rest.starts_with(['/', '@']))
    };
    ["./", "$/"].iter().any(|own| uses.starts_with(own)) || remotes.iter().any(is_own)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_tree_is_pinned_by_the_commit_of_the_tree() {
        let remotes = ["github.com/acme/shop".to_owned()];
        for (uses, is_own) in [
            ("./.github/actions/a", true),
            ("$/.github/workflows/ship.yml", true),
            ("Acme/shop/.github/workflows/ship.yml@main", true),
            ("acme/shop@main", true),
            ("acme/shop-tools/a@v1", false),
            ("actions/checkout@v4", false),
        ] {
            assert_eq!(is_of_tree(uses, &remotes), is_own, "{uses}");
        }
        assert!(!is_of_tree("acme/shop/a@v1", &[]));
    }
}
