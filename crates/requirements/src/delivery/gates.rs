//! Tests, lint and security checks must pass before shipping.

use super::linter::called_like_a_linter;
use super::recipe;
use super::shipment::{Shipment, deploys, shipments};
use super::stage::Stage;
use super::waiting::{Before, before, ignores_failure};
use crate::gate::{self, Gate, GateKind};
use crate::pipelines_elsewhere;
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/gates",
    title: "tests, lint and security checks must pass before shipping",
    why: "A gate that can be passed with a failing test is a log line. What nobody has \
          to repair reaches users.",
    remedy: "Make the job that ships depend on the jobs that test, lint and scan, and \
             let each of them fail it.",
    references: &[
        Reference {
            title: "GitHub: using jobs in a workflow",
            url: "https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/use-jobs",
        },
        Reference {
            title: "GitLab: CI/CD YAML syntax reference",
            url: "https://docs.gitlab.com/ci/yaml/",
        },
        Reference {
            title: "Google SRE workbook: canarying releases",
            url: "https://sre.google/workbook/canarying-releases/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Pipeline],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Pipelines],
    proofs: &[
        Proof::Service(judge),
        Proof::Live(
            "the Git host: whether the protected branch requires these jobs, and who may \
             pass them by",
        ),
    ],
    cases: include_str!("gates.md"),
};

/// What has to pass before shipping.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sort {
    Tests,
    Lint,
    Security,
}

/// Jobs that ship, of which no more are judged.
const MOST_SHIPMENTS: usize = 50;

const SORTS: [Sort; 3] = [Sort::Tests, Sort::Lint, Sort::Security];

impl Sort {
    fn words(self) -> &'static str {
        match self {
            Self::Tests => "tests",
            Self::Lint => "lint",
            Self::Security => "security checks",
        }
    }

    fn holds(self, kind: GateKind) -> bool {
        match kind {
            GateKind::Tests => self == Self::Tests,
            GateKind::Lint => self == Self::Lint,
            GateKind::Dependencies | GateKind::Code | GateKind::Other => self == Self::Security,
        }
    }
}

fn judge(scope: &Scope<'_>) -> Outcome {
    let ships = ships(scope);
    if ships.is_empty() {
        return without_shipment(scope);
    }
    // Each is held against all others: more than these would cost too much, and are told.
    let judged = ships.iter().take(MOST_SHIPMENTS).map(|shipment| guarded(shipment, scope));
    let left = ships.len().checked_sub(MOST_SHIPMENTS).filter(|left| *left > 0);
    let left = left.map(|left| {
        Outcome::unknown(format!(
            "{} than are judged",
            counted_as(left, "more job ships", "more jobs ship")
        ))
    });
    let outcomes = judged.chain(left);
    Outcome::all(outcomes).unwrap_or_else(|| Outcome::unknown("nothing ships"))
}

/// Jobs that deploy to users; of a library those that publish it. An image that is pushed has not
/// reached anybody.
fn ships<'a>(scope: &Scope<'a>) -> Vec<Shipment<'a>> {
    if scope.service.kind != Kind::Library {
        return deploys(scope);
    }
    // What is linked into the image of something else is not published with that.
    let is_its = |s: &Shipment<'_>| !(pushes_image(s) && scope.dockerfiles.is_empty());
    shipments(scope).into_iter().filter(|s| s.stage == Stage::Registry && is_its(s)).collect()
}

/// Whether what a job publishes is an image.
fn pushes_image(shipment: &Shipment<'_>) -> bool {
    let tools = ["bake", "buildah", "docker", "image", "kaniko", "podman", "skopeo"];
    tools.iter().any(|tool| shipment.how.contains(tool))
}

fn guarded<'a>(shipment: &Shipment<'a>, scope: &Scope<'a>) -> Outcome {
    let before = before(shipment, scope);
    let mut findings: Vec<Finding> = ignores_failure(shipment, scope).into_iter().collect();
    let mut seen = Vec::new();
    let mut unknown = Vec::new();
    for sort in SORTS {
        match sorted(sort, shipment, &before, scope) {
            Outcome::Unmet(more) => findings.extend(more),
            Outcome::Met(more) => seen.extend(more),
            Outcome::Unknown(reason) | Outcome::NotApplicable(reason) => unknown.push(reason),
        }
    }
    Outcome::unmet_or(findings, || match unknown.first() {
        Some(reason) => Outcome::unknown(reason.clone()),
        None => Outcome::Met(seen),
    })
}

/// Whether the shipment waits for gates of one sort.
fn sorted(sort: Sort, shipment: &Shipment<'_>, before: &Before<'_>, scope: &Scope<'_>) -> Outcome {
    let of_sort: Vec<&Gate<'_>> = before.gates.iter().filter(|g| sort.holds(g.kind)).collect();
    if let Some(gate) = of_sort.iter().find(|gate| gate.flaw.is_none()) {
        let id = &shipment.job.id.value;
        let task = gate.task.as_ref().map(|task| format!(" of `{task}`")).unwrap_or_default();
        let message = format!("job `{id}` waits for `{}`{task}", gate.what);
        return Outcome::met(gate.place, message);
    }
    if let Some(gate) = of_sort.iter().find(|gate| is_read(gate)) {
        return Outcome::unknown(format!(
            "a later step reads how `{}` ended: whether that holds back job `{}` is not written",
            gate.what, shipment.job.id.value
        ));
    }
    if let Some(finding) = of_sort.iter().find_map(|gate| toothless(gate)) {
        return finding.into();
    }
    elsewhere(sort, shipment, before, scope)
}

/// Whether a later step reads how the gate ended.
fn is_read(gate: &Gate<'_>) -> bool {
    gate.flaw.as_ref().is_some_and(|flaw| flaw.read_by.is_some())
}

/// Whether only the clock starts a pipeline: what it looks at has been shipped long before.
fn is_by_clock(pipeline: &Pipeline) -> bool {
    let mut triggers = pipeline.triggers.iter().map(|trigger| trigger.value.as_str());
    triggers.clone().any(|trigger| trigger == "schedule")
        && triggers.all(|trigger| matches!(trigger, "schedule" | "workflow_dispatch"))
}

/// A gate that holds nothing back.
fn toothless(gate: &Gate<'_>) -> Option<Finding> {
    let flaw = gate.flaw.as_ref().filter(|flaw| flaw.read_by.is_none())?;
    Some(Finding::at(flaw.place, format!("`{}` {}", gate.what, flaw.clause)).help(flaw.help))
}

/// The first of gates of which it is written that each may fail; `None` where one may not. What a
/// scanner found may hold a change back by the report of it, however the scanner ends.
fn toothless_all<'g>(mut gates: impl Iterator<Item = Gate<'g>>) -> Option<Finding> {
    let may_fail = |gate: &Gate<'_>| {
        gate.flaw.as_ref().is_some_and(|flaw| flaw.clause.starts_with("may fail"))
    };
    let first = gates.next().filter(may_fail)?;
    gates.all(|gate| may_fail(&gate)).then(|| toothless(&first)).flatten()
}

/// Whether a tree without any code applies manifests of images that are built elsewhere. Terraform
/// and its like are code themselves.
fn ships_what_others_build(shipment: &Shipment<'_>, scope: &Scope<'_>) -> bool {
    let is_code = |path: &str| {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        CODE.contains(&ending)
    };
    let mut containers = scope.workloads.iter().flat_map(|workload| &workload.containers);
    let applies = ["apply", "helm", "kustomize"].iter().any(|word| shipment.how.contains(word));
    applies
        && !["terra", "tofu"].iter().any(|word| shipment.how.contains(word))
        && !scope.workloads.is_empty()
        && containers.all(|container| container.image.is_some() && container.build.is_none())
        && scope.all.dockerfiles.is_empty()
        && scope.all.packages.iter().all(|package| package.dependencies.is_empty())
        && !scope.all.paths.iter().any(|path| is_code(path))
}

/// Endings of the files that services are written in.
const CODE: &[&str] = &[
    "c", "cc", "clj", "cpp", "cs", "ex", "go", "java", "js", "jsx", "kt", "mjs", "php", "py", "rb",
    "rs", "scala", "swift", "tf", "ts", "tsx",
];

/// No gate of the sort stands before the shipment: it stands beside it, elsewhere, or nowhere.
fn elsewhere(
    sort: Sort,
    shipment: &Shipment<'_>,
    before: &Before<'_>,
    scope: &Scope<'_>,
) -> Outcome {
    let (words, id) = (sort.words(), &shipment.job.id.value);
    let is_beside = |gate: &Gate<'_>| sort.holds(gate.kind);
    // What comes after the shipment cannot be waited for.
    let after = gate::waiting_for(shipment.pipeline, shipment.job);
    let is_after =
        |gate: &Gate<'_>| gate.job.is_some_and(|job| after.contains(job.id.value.as_str()));
    let beside = gate::gates(shipment.pipeline).into_iter().find(|g| is_beside(g) && !is_after(g));
    let other_job = beside.and_then(|gate| gate.job).filter(|job| job.id != shipment.job.id);
    if let Some(job) = other_job {
        let message = format!("job `{id}` ships without waiting for job `{}`", job.id.value);
        let help = format!("let it wait:\n\nneeds: [{}]", job.id.value);
        let related = format!("the {words} that it does not wait for");
        return Finding::at(&shipment.job.id.place, message)
            .help(help)
            .related(&job.id.place, related)
            .into();
    }
    let others = scope.pipelines.iter().filter(|p| p.place != shipment.pipeline.place);
    // What people start, such as a smoke test of production, is for after a deploy; for what the
    // clock starts nothing can wait.
    let starts_by_itself = |pipeline: &&Pipeline| {
        let mut triggers = pipeline.triggers.iter().map(|trigger| trigger.value.as_str());
        let is_of_change = |trigger: &str| !matches!(trigger, "workflow_dispatch" | "schedule");
        pipeline.triggers.is_empty() || triggers.any(is_of_change)
    };
    let is_own = |pipeline: &&Pipeline| !gate::is_called_only(pipeline);
    let others: Vec<&Pipeline> = others.copied().filter(starts_by_itself).filter(is_own).collect();
    // What holds back changes may be waited for, whatever else looks at what came of them.
    let guards = |pipeline: &&&Pipeline| {
        guards_changes(pipeline, shipment.pipeline) || runs_ahead(pipeline, shipment.pipeline)
    };
    let guarding = others.iter().filter(guards).copied();
    let proposed: Vec<&Pipeline> = guarding.filter(|_| sort == Sort::Security).collect();
    let running = others.clone();
    let others: Vec<&Pipeline> =
        others.into_iter().filter(|p| gate::gates(p).iter().any(is_beside)).collect();
    let other = others.iter().find(guards).or(others.first());
    if let Some(other) = other {
        let of_sort = || others.iter().flat_map(|other| gate::gates(other)).filter(is_beside);
        let toothless = toothless_all(of_sort());
        return toothless.map_or_else(|| in_other_pipeline(sort, shipment, other), Outcome::from);
    }
    if let Some(reason) = unrecognised(sort, shipment, &proposed, &running, before, scope) {
        return Outcome::unknown(reason);
    }
    let message = format!("job `{id}` ships without {words} before it");
    let help = "add a job for them and let this one wait for it with `needs:`";
    Finding::at(&shipment.job.id.place, message).help(help).into()
}

/// Why what holds back the shipment may be there, where no gate of the sort was recognised: in what was not
/// read of `running` pipelines, of those for `proposed` changes, of the recipe or of other repositories.
fn unrecognised(
    sort: Sort,
    shipment: &Shipment<'_>,
    proposed: &[&Pipeline],
    running: &[&Pipeline],
    before: &Before<'_>,
    scope: &Scope<'_>,
) -> Option<String> {
    let (words, id) = (sort.words(), &shipment.job.id.value);
    if let Some(opaque) = before.opaque.first() {
        let were = if sort == Sort::Lint { "was" } else { "were" };
        return Some(format!(
            "no {words} {were} seen before job `{id}` ships, but what {} runs was not read",
            opaque.what
        ));
    }
    let scanner = gate::called_like_a_scanner(shipment.pipeline);
    let scanner = scanner.filter(|_| sort == Sort::Security);
    let scanner =
        scanner.or_else(|| proposed.iter().find_map(|other| gate::called_like_a_scanner(other)));
    if let Some(scanner) = scanner {
        return Some(format!(
            "no {words} were recognised before job `{id}` ships, but what `{}` does was not read",
            scanner.value
        ));
    }
    let mut running = running.iter().copied().chain([shipment.pipeline]);
    let linter = running.find_map(called_like_a_linter);
    if let Some(linter) = linter.filter(|_| sort == Sort::Lint) {
        return Some(format!(
            "no {words} was recognised before job `{id}` ships, but what `{}` does was not read",
            linter.value
        ));
    }
    if let Some(run) = recipe::gate_of_image(|kind| sort.holds(kind), shipment, scope) {
        return Some(format!(
            "job `{id}` ships without {words} before it, but `{}` (line {}) has {} run while the image is \
             built: whether that is built from it anew each time is not told",
            run.place.path, run.place.line, run.command
        ));
    }
    if let Some(unread) = pipelines_elsewhere::unread(scope) {
        return Some(format!("job `{id}` ships without {words} before it, but {unread}"));
    }
    if sort != Sort::Lint && ships_what_others_build(shipment, scope) {
        return Some(format!(
            "job `{id}` ships images that another repository builds, whose {words} run there"
        ));
    }
    None
}

fn in_other_pipeline(sort: Sort, shipment: &Shipment<'_>, other: &Pipeline) -> Outcome {
    let (words, id, path) = (sort.words(), &shipment.job.id.value, &other.place.path);
    if guards_changes(other, shipment.pipeline) {
        return Outcome::unknown(format!(
            "job `{id}` does not wait for the {words} of `{path}`, which run for proposed changes: \
             whether a merge waits for them is written in the protection of the branch"
        ));
    }
    if runs_ahead(other, shipment.pipeline) {
        return Outcome::unknown(format!(
            "job `{id}` does not wait for the {words} of `{path}`, which run on branches before they \
             are merged: whether a merge waits for them is written in the protection of the branch"
        ));
    }
    let message = format!("job `{id}` ships without waiting for the {words} of `{path}`");
    let help = "move both into one workflow and add `needs:`, or start this one by `workflow_run`";
    Finding::at(&shipment.job.id.place, message).help(help).into()
}

/// Whether a pipeline runs for changes that are proposed, and not only for those into branches from which
/// nothing is shipped.
fn guards_changes(pipeline: &Pipeline, shipped: &Pipeline) -> bool {
    let changes = ["pull_request", "merge_group", "merge_request_event", "pull_request_target"];
    let is_elsewhere = is_apart(&pipeline.proposed_into, &shipped.branches);
    // A push to whatever branch is one to that of a proposed change too.
    let is_of_change = |trigger: &str| {
        (changes.contains(&trigger) && !(trigger == "pull_request" && is_elsewhere))
            || (trigger == "push" && pipeline.branches.is_empty())
    };
    pipeline.triggers.iter().any(|trigger| is_of_change(&trigger.value))
}

/// Whether all of some branches are named in full on both sides, and none on both: `develop`, `main`.
fn is_apart(one: &[Placed<String>], other: &[Placed<String>]) -> bool {
    let is_name = |branch: &Placed<String>| {
        branch.starts_with(char::is_alphanumeric)
            && !branch.contains(['*', '?', '[', '+', '{'])
            && !branch.starts_with("refs/")
    };
    let is_named = |list: &[Placed<String>]| !list.is_empty() && list.iter().all(is_name);
    is_named(one) && is_named(other) && !one.iter().any(|a| other.iter().any(|b| **a == **b))
}

/// Whether only pushes to branches start a pipeline from which nothing is shipped: `release-*`, beside
/// `main`.
fn runs_ahead(pipeline: &Pipeline, shipped: &Pipeline) -> bool {
    const TRUNKS: &[&str] =
        &["default", "dev", "develop", "main", "master", "prod", "production", "trunk"];
    let is_pushed = pipeline.triggers.iter().any(|trigger| trigger.value == "push");
    let is_trunk =
        |branch: &str| branch.split(|c: char| !c.is_alphanumeric()).any(|w| TRUNKS.contains(&w));
    let is_shipped = |branch: &str| {
        let start = branch.split('*').next().unwrap_or_default();
        let mut others = shipped.branches.iter().map(|other| other.value.as_str());
        others.any(|other| other == branch || other.starts_with(start))
    };
    let is_ahead = |branch: &Placed<String>| {
        let is_branch = branch.starts_with(|c: char| c.is_alphanumeric());
        is_branch && !branch.starts_with("refs/") && !is_trunk(branch) && !is_shipped(branch)
    };
    is_pushed && !pipeline.branches.is_empty() && pipeline.branches.iter().all(is_ahead)
}

/// Nothing that ships was seen: what is wrong with the gates can still be said.
fn without_shipment(scope: &Scope<'_>) -> Outcome {
    let guards = |pipeline: &&&Pipeline| !gate::is_called_only(pipeline) && !is_by_clock(pipeline);
    let pipelines = scope.pipelines.iter().filter(guards);
    let gates: Vec<Gate<'_>> = pipelines.flat_map(|pipeline| gate::gates(pipeline)).collect();
    let has_teeth = |sort: Sort| gates.iter().any(|g| sort.holds(g.kind) && g.flaw.is_none());
    let findings = SORTS
        .into_iter()
        .filter(|sort| !has_teeth(*sort))
        .filter_map(|sort| gates.iter().filter(|gate| sort.holds(gate.kind)).find_map(toothless));
    Outcome::unmet_or(findings.collect(), || {
        let unread = pipelines_elsewhere::unread(scope);
        Outcome::Unknown(unread.or_else(|| published(scope)).unwrap_or_else(|| {
            "no job that ships was found, so what has to pass before it is not known".to_owned()
        }))
    })
}

/// That a job publishes what others deploy: users get it by something that is not in the tree.
fn published(scope: &Scope<'_>) -> Option<String> {
    let found = shipments(scope).into_iter().find(|s| s.stage == Stage::Registry)?;
    let (id, how, path) = (&found.job.id.value, &found.how, &found.place.path);
    Some(format!(
        "job `{id}` of `{path}` publishes it by {how}, and no job that deploys it was found: what \
         has to pass before users get it is not known"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::judged;

    #[test]
    fn a_job_that_pushes_an_image_is_named_where_nothing_deploys_it() {
        let pushes = "push:\n  script:\n  - docker push registry.example/till:1\n";
        let bakes = |push: &str| {
            format!(
                "on: push\njobs:\n  bake:\n    steps:\n    - uses: docker/bake-action@v7\n      \
                 with: {{push: {push}}}\n"
            )
        };
        let said = |path: &str, text: &str| {
            judged(&[("gonogo.yaml", "service: till\nkind: web\n"), (path, text)], judge)
        };
        let names = |outcome: Outcome, job: &str| matches!(outcome, Outcome::Unknown(reason) if reason.contains(job));
        assert!(names(said(".gitlab-ci.yml", pushes), "job `push` of `.gitlab-ci.yml`"));
        let workflow = ".github/workflows/a.yml";
        assert!(names(said(workflow, &bakes("true")), "job `bake`"));
        assert!(!names(said(workflow, &bakes("false")), "job `bake`"));
    }
}
