//! Deploy and rollback steps are written, for normal days and emergencies.

use super::rollback::{is_of_release, is_way_back_of_another};
use super::sentence;
use super::steps::{
    URGENT, gives_steps, goes_by_itself, is_about_deploying, is_brought_out, is_of_part,
    is_of_something_else, is_of_the_service, is_told, is_way_back, rolls_back, takes_back,
};
use super::trace::{on_a_page_of_upgrades, trace};
use crate::about::names;
use crate::manual::is_faq;
use crate::open_choice::{leaves_open, open_choice};
use crate::page::{foreign, is_for_developers, is_foreign};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "delivery/deploy-docs",
    title: "deploy and rollback steps are written, for normal days and emergencies",
    why: "Whoever deploys or rolls back in an emergency may never have done it here \
          before, and the pipeline may be what is broken.",
    remedy: "Write down, with the commands to copy, how the service is deployed and \
             rolled back, on normal days and when it is urgent.",
    references: &[
        Reference {
            title: "Google SRE book: release engineering",
            url: "https://sre.google/sre-book/release-engineering/",
        },
        Reference {
            title: "Google SRE book: emergency response",
            url: "https://sre.google/sre-book/emergency-response/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(3),
    invalidated_by: &[Change::Document, Change::Pipeline, Change::Manifest],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge), Proof::Drill("docs")],
    cases: include_str!("deploy_docs.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let all = all_chapters(scope);
    let (open, normal): (Vec<_>, Vec<_>) =
        about_deploying(&all, scope).into_iter().partition(|chapter| is_open(chapter, scope));
    let urgent = about_taking_back(&all, scope);
    let steps = |chapter: &&Chapter<'_>| gives_steps(chapter) || goes_by_itself(chapter);
    let back = |chapter: &&Chapter<'_>| gives_steps(chapter) || rolls_back(chapter);
    let inside = || normal.iter().find(|chapter| rolls_back(chapter));
    // A command that is known to take a release back says more than any other.
    let known = urgent.iter().find(|chapter| rolls_back(chapter));
    let way_back = known.or_else(|| urgent.iter().find(back)).or_else(inside);
    // Where a page says how each of several things is deployed, that which names the service is meant.
    let own = names(scope.service);
    let names_it = |chapter: &&Chapter<'_>| {
        own.iter().any(|name| prose::mentions(chapter.title(), &[name.as_str()]))
    };
    let first = normal.iter().find(steps);
    let is_beside = |chapter: &&Chapter<'_>| {
        first.is_some_and(|first| first.document.place == chapter.document.place)
    };
    let way = normal.iter().filter(is_beside).filter(steps).find(names_it).or(first);
    match (way, way_back) {
        (Some(normal), Some(urgent)) => Outcome::Met(vec![
            Sighting::at(normal.place(), format!("`{}` says how it is deployed", normal.title())),
            Sighting::at(urgent.place(), format!("`{}` says how it is taken back", urgent.title())),
        ]),
        (Some(way), None) => match (urgent.first(), way_back_of_another(&all, scope)) {
            (None, Some(other)) => Outcome::Unknown(format!(
                "`{}` of `{}` (line {}) takes back something else, and nothing was found on how the \
                 service is",
                other.title(),
                other.place().path,
                other.place().line
            )),
            (urgent, _) => urgent
                .and_then(|urgent| sentence::of_chapter(urgent, scope))
                .or_else(|| sentence::way_back(&all, &normal, scope))
                .or_else(|| trace(scope).filter(|_| urgent.is_none()))
                .or_else(|| on_a_page_of_upgrades(scope).filter(|_| urgent.is_none()))
                .unwrap_or_else(|| no_way_back(way, urgent, scope).into()),
        },
        (None, _) => match open.first() {
            Some(chapter) => Outcome::Unknown(format!(
                "`{}` of `{}` leaves open how it is deployed",
                chapter.name(),
                chapter.place().path
            )),
            None => no_steps(&normal, scope),
        },
    }
}

/// All chapters of what people deploy by: a page on deploying, or the README, comes before one on
/// something else that says so beside.
fn all_chapters<'a>(scope: &Scope<'a>) -> Vec<Chapter<'a>> {
    let wanted = |document: &&Document| {
        is_told(document) && !is_for_developers(document) && !is_faq(document, scope)
    };
    let mut told: Vec<&Document> = documents(scope).filter(wanted).collect();
    told.sort_by_key(|document| !matches!(document.role, Role::Deploy | Role::Readme));
    told.into_iter().flat_map(chapters).collect()
}

fn is_open(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    open_choice(chapter, scope).is_some() || leaves_open(chapter.document)
}

/// The chapter on deploying in which a line of its own, as in bold, stands above the command that takes a
/// release back: to people that is a heading.
pub(super) fn way_back_inside<'a>(scope: &Scope<'a>) -> Option<Chapter<'a>> {
    let is_line = |line: &str| {
        let line = line.trim();
        line.ends_with(':') && line.split_whitespace().count() <= MOST_WORDS && is_way_back(line)
    };
    let is_headed =
        |chapter: &Chapter<'_>| chapter.sections().any(|section| section.text.lines().any(is_line));
    let all = all_chapters(scope);
    about_deploying(&all, scope)
        .into_iter()
        .find(|chapter| !is_open(chapter, scope) && is_headed(chapter) && rolls_back(chapter))
}

/// A longer line is a sentence.
const MOST_WORDS: usize = 7;

/// Chapters on deploying; that of a whole document only where none in it is.
fn about_deploying<'a>(all: &[Chapter<'a>], scope: &Scope<'_>) -> Vec<Chapter<'a>> {
    let is_about = |chapter: &&Chapter<'a>| {
        (is_about_deploying(chapter.title()) && is_brought_out(chapter) || brings_it_there(chapter))
            && !is_of_part(chapter.document, scope)
            && !is_of_something_else(chapter, scope)
            && is_of_the_service(chapter, scope)
    };
    let found: Vec<Chapter<'a>> = all.iter().filter(is_about).copied().collect();
    let has_parts = |whole: &Chapter<'a>| {
        let mut others = found.iter().filter(|chapter| !chapter.is_title());
        // A page may have several headings of the first level: each is a chapter of its own.
        others.any(|part| whole.contains(part))
    };
    let is_kept = |chapter: &&Chapter<'a>| !chapter.is_title() || !has_parts(chapter);
    found.iter().filter(is_kept).copied().collect()
}

/// Headings on where it runs, under which commands tell whether it is brought there.
static RUNS: &[&str] = &[
    "going live",
    "run in kubernetes",
    "run in production",
    "run on kubernetes",
    "running in kubernetes",
    "running in production",
    "running on kubernetes",
];

/// Commands that bring something to where it runs.
static BRINGS: &[&str] = &[
    "docker stack deploy",
    "flux bootstrap",
    "flux install",
    "helm install",
    "helm upgrade",
    "kubectl apply",
    "kubectl create -f",
    "kustomize build",
    "oc apply",
];

/// Whether what stands under a heading on where it runs brings it there, and not to a machine at home.
fn brings_it_there(chapter: &Chapter<'_>) -> bool {
    let at_home = ["docker desktop", "k3d", "kind", "localhost", "microk8s", "minikube"];
    let code = || chapter.sections().flat_map(|section| &section.code);
    prose::mentions(chapter.title(), RUNS)
        && !chapter.mentions(&at_home)
        && code().any(|(_, code)| BRINGS.iter().any(|command| code.contains(command)))
}

fn about_taking_back<'a>(all: &[Chapter<'a>], scope: &Scope<'_>) -> Vec<Chapter<'a>> {
    let is_about = |chapter: &&Chapter<'a>| {
        let title = chapter.title();
        let goes_back =
            is_way_back(title) || (prose::mentions(title, URGENT) && takes_back(chapter));
        goes_back && is_of_release(chapter, scope)
    };
    all.iter().filter(is_about).copied().collect()
}

fn way_back_of_another<'c, 'a>(
    all: &'c [Chapter<'a>],
    scope: &Scope<'_>,
) -> Option<&'c Chapter<'a>> {
    let is_other = |chapter: &&Chapter<'_>| {
        is_way_back(chapter.title()) && is_way_back_of_another(chapter, scope)
    };
    all.iter().find(is_other)
}

/// Beginnings of commands that deploy, with what takes a release back where they do.
static WAYS_BACK: &[(&str, &str)] = &[
    ("flyctl deploy", "fly releases --image\n    fly deploy --image <that of the release before>"),
    ("fly deploy", "fly releases --image\n    fly deploy --image <that of the release before>"),
    ("git push heroku", "heroku rollback"),
    ("heroku container:release", "heroku rollback"),
    ("kamal deploy", "kamal rollback <version>"),
    ("vercel ", "vercel rollback"),
    ("wrangler ", "wrangler rollback"),
    ("helm ", "helm rollback <release>"),
    ("kubectl ", KUBERNETES),
];

const KUBERNETES: &str = "kubectl rollout undo deployment/<name>";

/// The way back of the platform that a chapter deploys to, else of that on which the service runs;
/// `None`: it is not known.
fn way_of_platform(normal: &Chapter<'_>, scope: &Scope<'_>) -> Option<&'static str> {
    let says = |command: &str| normal.sections().any(|section| section.text.contains(command));
    let written = WAYS_BACK.iter().find(|(command, _)| says(command)).map(|(_, way)| *way);
    let mut platforms = scope.workloads.iter().map(|workload| workload.platform);
    written.or_else(|| platforms.any(|p| p == Platform::Kubernetes).then_some(KUBERNETES))
}

fn no_way_back(normal: &Chapter<'_>, urgent: Option<&Chapter<'_>>, scope: &Scope<'_>) -> Finding {
    let help = match way_of_platform(normal, scope) {
        Some(way) => format!("add a section with the commands:\n\n## Rollback\n\n    {way}"),
        None => "add a section `## Rollback` with the commands to copy".to_owned(),
    };
    if let Some(urgent) = urgent {
        let message = format!("`{}` gives no steps", urgent.title());
        return Finding::at(urgent.place(), message).help(help);
    }
    let title = normal.title();
    let message =
        format!("`{title}` says how it is deployed, and nothing says how it is rolled back");
    Finding::at(normal.place(), message).help(help)
}

/// No chapter gives steps: that is wrong where there is one, else they may stand elsewhere.
fn no_steps(normal: &[Chapter<'_>], scope: &Scope<'_>) -> Outcome {
    if let Some(chapter) = normal.iter().find(|chapter| !chapter.says_something()) {
        let message = format!("`{}` gives no steps", chapter.title());
        let help = "write down the commands, in their order";
        return Finding::at(chapter.place(), message).help(help).into();
    }
    let link = ["deploy", "deployment", "releases"].iter().find_map(|what| scope.link(what));
    let foreign = foreign(Role::Deploy, scope);
    let foreign = foreign.map_or_else(String::new, |page| format!("; {}", is_foreign(page)));
    Outcome::Unknown(link.map_or_else(
        || {
            format!(
                "no section with steps of a deploy was found: write docs/deploy.md, or link it as \
                 `deploy` under `links:` in gonogo.yaml{foreign}"
            )
        },
        |link| format!("`{}` points to {}, which was not read", link.place.path, link.value),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_help_names_the_way_back_of_the_platform_that_the_section_deploys_to() {
        let help = |command: &str| {
            let page = format!("# Deploy\n\nOn main.\n\n```sh\n{command}\n```\n");
            let files = [("docs/deploy.md", page.as_str())];
            let Outcome::Unmet(findings) = crate::cases::judged(&files, judge) else {
                panic!("nothing is missing")
            };
            findings[0].help.clone().unwrap_or_default()
        };
        assert!(help("flyctl deploy --remote-only").contains("fly releases"));
        assert!(help("kubectl apply -f deploy/").contains("kubectl rollout undo"));
        assert!(help("helm upgrade till chart").contains("helm rollback"));
        let other = help("cap production deploy");
        assert!(other.contains("## Rollback") && !other.contains("kubectl"), "{other}");
    }
}
