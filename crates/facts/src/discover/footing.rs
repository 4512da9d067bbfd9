//! How firmly a service stands, and which are only told as ones that there may be.
//!
//! # Firm
//!
//! A person declared it; a cluster, a platform or an init system keeps it running; Compose builds
//! it; a pipeline ships its image and that listens; a schedule
//! starts an image that bears its name.
//!
//! # Not firm
//!
//! One sign that others leave as well: an image that only somebody's machine builds, a chart
//! without anything that it installs, a job that runs once, a schedule of a script in an image of
//! tools. Such things are services in some trees, and recipes, tools, stand-ins and chores in more.
//! Beside services that stand firmly they are told with what would make them ones and are not
//! judged; in a tree that has nothing firmer they are what there is to judge.

use std::collections::BTreeSet;

use super::candidate::{Candidate, Fact, Origin};
use super::charts::Installing;
use super::describe::common;
use super::group::{Group, Groups};
use super::name::{ancestors, folder_of, has_words, image_name, is_templated, key};
use super::provenance::words;
use crate::read::kamal_folder;
use crate::{Dockerfile, Facts, Reason, Service, Step, Workload, WorkloadKind};

/// Why each of `taken` may be no service, in their order; `None` for those that stand firmly, and
/// for all where none does.
pub(super) fn doubts(
    groups: &Groups<'_>,
    taken: &[&Group<'_>],
    facts: &Facts,
) -> Vec<Option<&'static str>> {
    let shipped = Shipped::of(facts);
    let members: Vec<Vec<&Candidate<'_>>> =
        taken.iter().map(|group| groups.members(group).filter(|c| c.founds()).collect()).collect();
    let mut doubts: Vec<Option<&'static str>> =
        members.iter().map(|members| doubt(members, &shipped)).collect();
    if !facts.charts.is_empty() {
        lift_charts(&members, &mut doubts, &Shelves::of(facts));
    }
    if doubts.iter().all(Option::is_some) {
        doubts.fill(None);
    }
    doubts
}

/// Takes the doubt from charts that stand on one shelf with those of services that stand firmly.
fn lift_charts(
    members: &[Vec<&Candidate<'_>>],
    doubts: &mut [Option<&'static str>],
    shelves: &Shelves<'_>,
) {
    let firm: BTreeSet<&str> = members
        .iter()
        .zip(doubts.iter())
        .filter(|(_, doubt)| doubt.is_none())
        .flat_map(|(members, _)| members.iter().filter_map(|member| shelves.of_chart(member)))
        .collect();
    for (members, doubt) in members.iter().zip(doubts) {
        let mut shelf = members.iter().filter_map(|member| shelves.of_chart(member));
        if shelf.any(|shelf| firm.contains(shelf)) {
            *doubt = None;
        }
    }
}

/// Why a service may be none, and how it becomes one; `None` for those that stand firmly.
pub(super) fn told(service: &Service) -> Option<Reason> {
    let Reason { what: doubt, place } = service.doubt.clone()?;
    let folder = match service.folder.as_str() {
        "" => place.folder(),
        folder => folder,
    };
    let path = if folder.is_empty() { String::new() } else { format!("{folder}/") };
    let name = &service.name;
    let what = format!("`{name}`: {doubt}; `service: {name}` in `{path}gonogo.yaml` makes it one");
    Some(Reason { what, place })
}

/// Why what all of `members` say makes no service for sure.
fn doubt(members: &[&Candidate<'_>], shipped: &Shipped<'_>) -> Option<&'static str> {
    let doubts: Option<Vec<&'static str>> =
        members.iter().map(|member| weakness(member, members, shipped)).collect();
    doubts?.first().copied()
}

fn weakness(
    member: &Candidate<'_>,
    all: &[&Candidate<'_>],
    shipped: &Shipped<'_>,
) -> Option<&'static str> {
    match member.fact {
        Fact::Workload(workload) => weakness_of_workload(workload, all),
        Fact::Chart(_) => all
            .iter()
            .all(|other| other.source == Origin::Helm)
            .then_some("nothing but a chart speaks of it, which was not rendered"),
        Fact::Dockerfile(file) if is_function(file) || shipped.is_by_kamal(member) => None,
        Fact::Dockerfile(file) if !listens(file) => {
            Some("nothing but a Dockerfile that opens no port speaks of it")
        }
        Fact::Dockerfile(file) => (!shipped.has(member, file))
            .then_some("nothing but a Dockerfile speaks of it, whose image no pipeline ships"),
        Fact::Declaration(_) | Fact::Entry(_) | Fact::Template | Fact::Platform => None,
    }
}

fn weakness_of_workload(workload: &Workload, all: &[&Candidate<'_>]) -> Option<&'static str> {
    let is_built = || all.iter().any(|other| matches!(other.fact, Fact::Dockerfile(_)));
    match workload.kind {
        WorkloadKind::Job => Some("nothing but a job that runs once starts it"),
        WorkloadKind::CronJob if is_built() || bears_its_name(workload) => None,
        WorkloadKind::CronJob => {
            Some("a schedule starts it in an image that is not called after it")
        }
        _ => None,
    }
}

/// Whether a cron job runs a program of its own: its image is called as it is.
fn bears_its_name(workload: &Workload) -> bool {
    let name = key(&workload.name);
    let images = workload.containers.iter().filter_map(|container| container.image.as_deref());
    images
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

/// Where charts are kept: those of services on one shelf, those of tools on another.
struct Shelves<'f> {
    /// The folder that holds all charts of the tree.
    all: &'f str,
    installing: Installing<'f>,
}

impl<'f> Shelves<'f> {
    fn of(facts: &'f Facts) -> Self {
        let folders = facts.charts.iter().map(|chart| folder_of(folder_of(&chart.place.path)));
        let all = folders.reduce(common).unwrap_or_default();
        Self { all, installing: Installing::of(facts) }
    }

    /// The shelf of a chart: the folder next below that of all charts. What only takes the charts of
    /// others may stand on any.
    fn of_chart<'c>(&self, candidate: &Candidate<'c>) -> Option<&'c str> {
        let Fact::Chart(chart) = candidate.fact else { return None };
        if !self.installing.starts(chart) {
            return None;
        }
        let kept_in = folder_of(folder_of(&chart.place.path));
        let is_next = |folder: &&str| folder_of(folder) == self.all;
        Some(ancestors(kept_in).find(is_next).unwrap_or(kept_in))
    }
}

/// What the steps of pipelines say that build, push or deploy.
struct Shipped<'f> {
    words: BTreeSet<String>,
    paths: BTreeSet<&'f str>,
    /// Folders of what Kamal deploys.
    by_kamal: Vec<&'f str>,
    /// Whether pipelines were not read.
    is_partial: bool,
}

impl<'f> Shipped<'f> {
    fn of(facts: &'f Facts) -> Self {
        let jobs = facts.pipelines.iter().flat_map(|pipeline| &pipeline.jobs);
        let steps = jobs.flat_map(|job| &job.steps).filter(|step| ships(step));
        let texts = steps.flat_map(|step| {
            let values = step.with.iter().map(|(_, value)| value.as_str());
            values.chain(step.lines.iter().map(|line| line.as_str()))
        });
        let mut shipped = Self {
            words: BTreeSet::new(),
            paths: BTreeSet::new(),
            by_kamal: facts.paths.iter().filter_map(|path| kamal_folder(path)).collect(),
            is_partial: !facts.unread_pipelines.is_empty(),
        };
        for word in texts.flat_map(words).filter(|word| !word.is_empty()) {
            shipped.words.extend(image_name(word).filter(|_| !is_templated(word)));
            shipped.paths.insert(word.trim_start_matches("./").trim_end_matches('/'));
        }
        shipped
    }

    fn is_by_kamal(&self, candidate: &Candidate<'_>) -> bool {
        candidate.home.as_deref().is_some_and(|home| self.by_kamal.contains(&home))
    }

    /// Whether a step names the image of a Dockerfile (its path, its folder, or the name), or may do
    /// so in a pipeline that was not read.
    fn has(&self, candidate: &Candidate<'_>, file: &Dockerfile) -> bool {
        let home = candidate.home.as_deref().filter(|home| !home.is_empty());
        self.is_partial
            || self.paths.contains(&*file.place.path)
            || home.is_some_and(|home| self.paths.contains(home))
            || (!candidate.key.is_empty()
                && self.words.iter().any(|word| has_words(word, &candidate.key)))
    }
}

/// Whether a step builds an image, pushes or deploys one.
fn ships(step: &Step) -> bool {
    const ACTIONS: &[&str] = &["build-push", "buildah", "deploy", "docker", "kaniko", "push"];
    const COMMANDS: &[&str] = &[
        "buildah ",
        "buildx bake",
        "deploy",
        "docker build",
        "docker compose build",
        "docker push",
        "kaniko",
        "podman push",
    ];
    step.uses.as_deref().is_some_and(|action| ACTIONS.iter().any(|word| action.contains(word)))
        || step.lines.iter().any(|line| COMMANDS.iter().any(|command| line.contains(command)))
}

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{deployment, tree};

    const SERVER: &str = "FROM rust:1.95\nEXPOSE 8080\nCMD [\"/serve\"]\n";
    const TOOL: &str = "FROM rust:1.95\nCMD [\"/pack\"]\n";

    /// Names of the services that are judged beside two that a cluster runs, and what is told of the
    /// others; all have code.
    fn beside_firm_ones(files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let till = deployment("till", "registry.acme.example/till:1");
        let tax = deployment("tax", "registry.acme.example/tax:1");
        let firm = [("deploy/till.yaml", till.as_str()), ("deploy/tax.yaml", tax.as_str())];
        let code = [("packing/main.go", ""), ("stock/main.go", "")];
        let found = discover(&tree(&[&firm, &code, files].concat()));
        let judged = found.services.iter().filter(|service| service.is_judged());
        let judged = judged.map(|service| service.name.clone());
        let judged = judged.filter(|name| name != "till" && name != "tax");
        (judged.collect(), found.possible.into_iter().map(|reason| reason.what).collect())
    }

    fn judged(files: &[(&str, &str)]) -> Vec<String> {
        beside_firm_ones(files).0
    }

    fn cron_job(image: &str) -> String {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: stock-count}}\nspec: {{schedule: '@daily', \
             jobTemplate: {{spec: {{template: {{spec: {{containers: [{{name: a, image: {image}}}]}}}}}}}}}}\n"
        )
    }

    #[test]
    fn an_image_without_a_port_is_told_and_becomes_a_service_as_told() {
        let image = ("packing/Dockerfile", TOOL);
        let (judged, told) = beside_firm_ones(&[image]);
        assert_eq!(judged, [""; 0]);
        assert_eq!(
            told,
            ["`packing`: nothing but a Dockerfile that opens no port speaks of it; \
              `service: packing` in `packing/gonogo.yaml` makes it one"]
        );
        let declared = [image, ("packing/gonogo.yaml", "service: packing\n")];
        assert_eq!(beside_firm_ones(&declared), (vec!["packing".to_owned()], Vec::new()));
    }

    #[test]
    fn one_sign_is_enough_where_nothing_stands_on_more() {
        let found = discover(&tree(&[("packing/Dockerfile", TOOL), ("stock/Dockerfile", SERVER)]));
        assert!(found.services.iter().all(super::Service::is_judged) && found.possible.is_empty());
        assert_eq!(found.services.len(), 2);
    }

    #[test]
    fn an_image_that_listens_is_a_service_once_a_pipeline_ships_it() {
        let image = ("stock/Dockerfile", SERVER);
        let with = |file: (&str, &str)| judged(&[image, file]);
        assert!(beside_firm_ones(&[image]).1[0].ends_with("`stock/gonogo.yaml` makes it one"));
        for line in [
            "docker build -f stock/Dockerfile .",
            "docker push acme/stock:1",
            "docker build ./stock/",
        ] {
            let workflow = format!("on: push\njobs:\n  ship:\n    steps:\n      - run: {line}\n");
            let ship = (".github/workflows/ship.yml", workflow.as_str());
            assert_eq!(with(ship), ["stock"], "{line}");
        }
        let workflow = "on: push\njobs:\n  ship:\n    steps:\n      - run: cargo test -p stock\n";
        assert_eq!(with((".github/workflows/test.yml", workflow)), [""; 0]);
        assert_eq!(with(("azure-pipelines.yml", "steps: [{script: make}]\n")), ["stock"]);
    }

    #[test]
    fn what_kamal_deploys_and_functions_of_a_cloud_open_no_port() {
        let by_kamal =
            [("packing/Dockerfile", TOOL), ("packing/config/deploy.yml", "service: packing\n")];
        assert_eq!(judged(&by_kamal), ["packing"]);
        let function = "FROM public.ecr.aws/lambda/nodejs:22\nCMD [\"app.handler\"]\n";
        assert_eq!(judged(&[("packing/Dockerfile", function)]), ["packing"]);
    }

    #[test]
    fn a_schedule_starts_a_service_where_its_image_is_called_after_it_or_built_here() {
        let tools = cron_job("registry.acme.example/kubectl-tools:1");
        let (own, tools) =
            (cron_job("registry.acme.example/stock-count:1"), ("cron.yaml", tools.as_str()));
        assert_eq!(judged(&[("cron.yaml", &own)]), ["stock-count"]);
        assert_eq!(judged(&[tools]), [""; 0]);
        assert_eq!(judged(&[tools, ("stock-count/Dockerfile", TOOL)]), ["stock-count"]);
    }

    #[test]
    fn charts_stand_as_firmly_as_those_on_their_shelf() {
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let (stock, wages, purge) = (chart("stock"), chart("wages"), chart("purge"));
        let queue = chart("queue")
            + "dependencies: [{name: queue, version: 1.0.0, repository: 'https://charts.example'}]\n";
        let files = [
            ("charts/services/stock/Chart.yaml", stock.as_str()),
            ("charts/services/stock/templates/a.yaml", template),
            ("charts/services/money/wages/Chart.yaml", wages.as_str()),
            ("charts/services/money/wages/templates/a.yaml", template),
            ("charts/tools/purge/Chart.yaml", purge.as_str()),
            ("charts/tools/purge/templates/a.yaml", template),
            ("charts/services/queue/Chart.yaml", queue.as_str()),
            ("stock/Dockerfile", SERVER),
        ];
        let (judged, told) = beside_firm_ones(&files);
        assert_eq!(judged, ["stock", "wages"]);
        let told: Vec<&str> = told.iter().map(|told| told.split(',').next().unwrap()).collect();
        let one = "nothing but a chart speaks of it";
        assert_eq!(told, [format!("`purge`: {one}"), format!("`queue`: {one}")]);
    }
}
