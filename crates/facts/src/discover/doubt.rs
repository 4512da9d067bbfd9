//! Why something may be no service although it speaks of one.

use std::fmt;

use model::Place;

use super::candidate::{Candidate, Fact, Origin};
use super::code::{DockerfileName, dockerfile_name};
use super::gather::{base_of, starts_nothing};
use super::name::{has_words, image_name, key};
use super::shipped::Shipped;
use super::third_party::is_base;
use crate::{Container, Dockerfile, Workload, WorkloadKind};

/// Why something may be no service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubt {
    /// It has a chart and nothing else.
    Chart,
    /// A release of a chart and nothing else speaks of it.
    Released,
    /// Compose starts it, and nobody keeps it, or only those who develop.
    Composed,
    /// It may be the code of something that a cluster runs by another name.
    Nameless,
    /// A schedule starts it, in an image with tools.
    Scheduled,
    /// No pipeline ships its image.
    Unshipped,
    /// Its image opens no port.
    OpensNoPort,
    /// Its image does not say what it starts.
    StartedElsewhere,
    /// Somebody's release, as it is published.
    Published,
    /// It ends by itself, once.
    RunsOnce,
    /// It is called like a tool, a chore or a stand-in.
    CalledTool,
    /// Its recipe is called after a language: it may serve all code in that.
    CalledLanguage,
    /// Its README, or one around it, is headed as that of an example.
    Example,
    /// The whole tree is a collection of samples.
    Collected,
    /// The catalog has a word for it that names nothing that runs.
    Catalogued,
}

impl Doubt {
    /// The firmer, the less.
    pub(super) const fn rank(self) -> u8 {
        match self {
            Self::Chart | Self::Composed | Self::Released => 0,
            Self::Nameless | Self::Scheduled | Self::Unshipped => 1,
            Self::OpensNoPort | Self::StartedElsewhere | Self::Published | Self::RunsOnce => 2,
            Self::CalledTool
            | Self::CalledLanguage
            | Self::Example
            | Self::Collected
            | Self::Catalogued => 3,
        }
    }

    /// Whether it is judged where nothing firmer is; `is_run`: somebody runs what the tree makes.
    pub(super) const fn is_enough(self, is_run: bool) -> bool {
        match self {
            Self::OpensNoPort => is_run,
            Self::Published | Self::Collected | Self::Catalogued => false,
            _ => true,
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Chart => "nothing but a chart speaks of it, which was not rendered",
            Self::Released => {
                "nothing but a release of a chart speaks of it, which was not rendered"
            }
            Self::Composed => {
                "nothing but Compose starts it, for developing or testing, or with nothing that says that it \
                 listens or is kept running"
            }
            Self::Nameless => {
                "nothing but a Dockerfile speaks of it, and a cluster runs images whose code was not \
                 found: this may be one of theirs"
            }
            Self::Scheduled => "a schedule starts it in an image that is not called after it",
            Self::Unshipped => {
                "nothing but a Dockerfile speaks of it, whose image no pipeline ships"
            }
            Self::OpensNoPort => "nothing but a Dockerfile that opens no port speaks of it",
            Self::StartedElsewhere => {
                "nothing but a Dockerfile speaks of it, which does not say what it starts"
            }
            Self::Published => {
                "a manifest starts it that is called after a release, as software of others is \
                 published"
            }
            Self::RunsOnce => "nothing but a job that runs once starts it",
            Self::CalledTool => "its name says that it is a tool, a chore or a stand-in",
            Self::CalledLanguage => {
                "nothing but a Dockerfile speaks of it, which is called after a language and may be the \
                 recipe of all code in that"
            }
            Self::Example => "its README is headed as that of an example",
            Self::Collected => "the README of the tree says that it is a collection of samples",
            Self::Catalogued => {
                "nothing but a catalog entry speaks of it, whose type is no word for something that runs"
            }
        })
    }
}

/// Why what all of `members` say makes no service for sure.
pub(super) fn doubt(members: &[&Candidate<'_>], shipped: &Shipped<'_>) -> Option<Doubt> {
    if !members.is_empty() && members.iter().all(|member| member.is_vague) {
        return Some(Doubt::Catalogued);
    }
    if members.iter().any(|member| member.source.is_declared()) {
        return None;
    }
    let doubts: Option<Vec<Doubt>> =
        members.iter().map(|member| weakness(member, members, shipped)).collect();
    let weakness = doubts.and_then(|doubts| doubts.into_iter().min_by_key(|doubt| doubt.rank()));
    let is_of_language = || members.iter().all(|member| says_language(member));
    let weakness =
        weakness.map(|weakness| if is_of_language() { Doubt::CalledLanguage } else { weakness });
    let is_called_tool = || members.iter().all(|member| says_tool(&member.key));
    weakness.or_else(|| is_called_tool().then_some(Doubt::CalledTool))
}

fn weakness(
    member: &Candidate<'_>,
    all: &[&Candidate<'_>],
    shipped: &Shipped<'_>,
) -> Option<Doubt> {
    match member.fact {
        Fact::Workload(workload) => weakness_of_workload(workload, member, all, shipped),
        Fact::Chart(_) => {
            let is_chart = |other: &&Candidate<'_>| matches!(other.fact, Fact::Chart(_));
            all.iter().all(is_chart).then_some(Doubt::Chart)
        }
        Fact::Dockerfile(file) if is_function(file) || shipped.is_by_kamal(member) => None,
        Fact::Dockerfile(_) if shipped.is_in_chart(&member.key) => None,
        Fact::Dockerfile(file) if shipped.is_only_tried(member, file) => Some(Doubt::Composed),
        Fact::Dockerfile(file) if starts_nothing(file) || only_exposes(file) => {
            Some(Doubt::StartedElsewhere)
        }
        Fact::Dockerfile(file) if !listens(file) => Some(Doubt::OpensNoPort),
        Fact::Dockerfile(file) if !shipped.has(member, file) => Some(Doubt::Unshipped),
        Fact::Dockerfile(_) => {
            (shipped.has_homeless && !shipped.is_named(&member.key)).then_some(Doubt::Nameless)
        }
        Fact::Release => {
            let is_of_tree = all.iter().any(|other| matches!(other.fact, Fact::Chart(_)));
            (member.image.is_none() && !is_of_tree).then_some(Doubt::Released)
        }
        Fact::Declaration(_) | Fact::Entry(_) | Fact::Template | Fact::Platform => None,
    }
}

/// Whether an image names a port and nothing that would listen there, upon a language alone.
fn only_exposes(file: &Dockerfile) -> bool {
    is_base(base_of(file)) && file.lineage().all(|stage| stage.entry.is_none())
}

fn weakness_of_workload(
    workload: &Workload,
    member: &Candidate<'_>,
    all: &[&Candidate<'_>],
    shipped: &Shipped<'_>,
) -> Option<Doubt> {
    let dockerfiles = || {
        all.iter().filter_map(|other| match other.fact {
            Fact::Dockerfile(file) => Some((other, file)),
            _ => None,
        })
    };
    match workload.kind {
        WorkloadKind::Job => Some(Doubt::RunsOnce),
        WorkloadKind::CronJob if dockerfiles().next().is_some() || bears_its_name(workload) => None,
        WorkloadKind::CronJob => Some(Doubt::Scheduled),
        WorkloadKind::ComposeService => {
            if shipped.tried.contains(&workload.name.place) {
                let mut recipes = dockerfiles();
                let is_shown = recipes.any(|(other, file)| shipped.shows(other, file))
                    || shipped.names(&member.key);
                return (!is_shown).then_some(Doubt::Composed);
            }
            let is_kept = is_kept(workload)
                || dockerfiles().any(|(other, file)| listens(file) || shipped.has(other, file))
                || shipped.is_named(&member.key);
            (!is_kept).then_some(Doubt::Composed)
        }
        _ if is_published(&member.reason.place) => Some(Doubt::Published),
        _ => None,
    }
}

/// Whether Compose says of what it starts that it is there to stay, or that it is asked.
fn is_kept(workload: &Workload) -> bool {
    let restarts = workload.restart.as_deref().is_some_and(|policy| policy != "no");
    let is_asked = |container: &Container| {
        !container.ports.is_empty() || container.readiness.is_some() || container.liveness.is_some()
    };
    restarts || workload.replicas.is_some() || workload.containers.iter().any(is_asked)
}

/// Whether a file is called after the release of something: `eventing-v1.16.7.yaml`.
fn is_published(place: &Place) -> bool {
    let stem = place.file_name().rsplit_once('.').map_or("", |(stem, _)| stem);
    stem.split(['-', '_']).any(|word| {
        let mut numbers = word.strip_prefix('v').unwrap_or(word).split('.');
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        numbers.clone().count() > 2 && numbers.all(is_number)
    })
}

/// Words for what serves services and is none, wherever they stand in a name, and those that tell it
/// only at its end; what is called after tests founds nothing anyway (`is_exerciser`).
const TOOLS: &[&str] = &[
    "benchmark",
    "fixtures",
    "migrate",
    "migration",
    "migrations",
    "migrator",
    "playground",
    "populate",
    "seed",
    "seeder",
    "seeding",
    "storybook",
    "toolbox",
];
const TOOLS_AT_END: &[&str] = &[
    "bench", "cli", "debug", "init", "setup", "stub", "tester", "testing", "tool", "tools", "utils",
];

/// Whether a name tells of a tool, a chore or a stand-in.
fn says_tool(key: &str) -> bool {
    let last = key.rsplit('-').next().unwrap_or_default();
    key.split('-').any(|word| TOOLS.contains(&word)) || TOOLS_AT_END.contains(&last)
}

/// Whether a recipe is called after a language alone: `Dockerfile.python`.
fn says_language(member: &Candidate<'_>) -> bool {
    let is_own_name =
        matches!(dockerfile_name(member.reason.place.file_name()), DockerfileName::Named(_));
    member.source == Origin::Dockerfile && is_own_name && is_base(&member.key)
}

/// Whether a cron job runs a program of its own: its image is called as it is.
fn bears_its_name(workload: &Workload) -> bool {
    let name = key(&workload.name);
    workload
        .images()
        .filter_map(|image| image_name(image))
        .any(|image| has_words(&name, &image) || has_words(&image, &name))
}

/// Whether it is the image of a function, which a cloud calls and which opens no port.
fn is_function(file: &Dockerfile) -> bool {
    let runtimes = ["aws-lambda-ric", "awslambdaric", "lambda.norpc"];
    file.stages.iter().any(|stage| {
        let mut runs = stage.runs.iter();
        stage.base.contains("/lambda/")
            || runs.any(|run| runtimes.iter().any(|runtime| run.contains(runtime)))
    })
}

fn listens(file: &Dockerfile) -> bool {
    file.lineage().any(|stage| !stage.ports.is_empty())
}
