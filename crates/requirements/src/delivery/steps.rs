//! Steps of deploying and of rolling back, as documents give them.

use crate::about::{
    is_of_other_platform, is_of_product, other_subject, own_sections, speaks_for, subject,
};
use crate::chapter::holds_no_commands;
use crate::prelude::*;
use crate::topic::SURROUNDINGS;

/// Beginnings of headings on deploying.
static DEPLOY_STARTS: &[&str] = &[
    "deploy",
    "deploying",
    "deployment",
    "deployments",
    "making a release",
    "releasing",
    "release process",
    "rolling out",
];

/// Other headings on deploying.
static DEPLOY: &[&str] = &[
    "and deploying",
    "and deployment",
    "build and deploy",
    "continuous deployment",
    "deploy to production",
    "deploying to production",
    "deployment guide",
    "deployment instruction",
    "how it is deployed",
    "how to deploy",
    "how to release",
    "production deployment",
];

/// Words of headings that are about deployments and not about how to make one.
static NOT_STEPS: &[&str] = &[
    "architecture",
    "checklist",
    "completeness",
    "control",
    "decommission*",
    "demo",
    "deploy a cluster",
    "deploy the cluster",
    "deploy your cluster",
    "deploying a cluster",
    "deploying the cluster",
    "deploying your cluster",
    "diagram",
    "error",
    "example",
    "fail*",
    "history",
    "infrastructure",
    "overview",
    "prerequisite",
    "resource",
    "sample",
    "test environment",
    "topology",
    "view",
];

/// Headings on taking a release back.
pub(super) static ROLLBACK: &[&str] = &[
    "how to revert",
    "revert a deploy*",
    "revert a release",
    "revert the deploy*",
    "revert the release",
    "reverting a deploy*",
    "reverting a release",
    "roll back",
    "roll forward",
    "rollback",
    "rolling back",
];

/// Whether a heading is on taking a release back: "Reverting production to the previous release" says
/// so too.
pub(super) fn is_way_back(title: &str) -> bool {
    let before = ["earlier", "last good", "last known good", "older", "previous", "prior"];
    let releases = ["deploy*", "production", "release"];
    prose::mentions(title, ROLLBACK) && !prose::mentions(title, &["rollback.yaml", "rollback.yml"])
        || (prose::mentions(
            title,
            &["go back", "going back", "re deploy*", "redeploy*", "revert*"],
        ) && prose::mentions(title, &before)
            && prose::mentions(title, &releases))
}

/// Headings on deploying in a hurry.
pub(super) static URGENT: &[&str] = &[
    "emergency change",
    "emergency deploy*",
    "emergency release",
    "hotfix",
    "hotfixes",
    "urgent deploy*",
];

/// Commands that take a release back.
pub(super) static COMMANDS: &[&str] = &[
    "argocd app rollback",
    "argo rollouts abort",
    "argo rollouts undo",
    "cap production deploy:rollback",
    "docker service rollback",
    "eb deploy --version",
    "flyctl deploy --image",
    "fly deploy --image",
    "gcloud run services update-traffic",
    "git revert",
    "helm rollback",
    "heroku releases:rollback",
    "heroku rollback",
    "just rollback",
    "kamal rollback",
    "kubectl rollout undo",
    "make rollback",
    "nomad job revert",
    "npm run rollback",
    "oc rollback",
    "oc rollout undo",
    "rollback.sh",
    "vercel rollback",
    "wrangler rollback",
];

/// What says that a pipeline does it.
static BY_ITSELF: &[&str] = &[
    "argo cd",
    "argocd",
    "automatically",
    "circleci",
    "flux",
    "github action",
    "gitlab ci",
    "jenkins",
    "merge to main",
    "merged to main",
    "merged into main",
    "merging to main",
    "on merge",
    "pipeline",
    "workflow",
];

/// Whether a document is one that people deploy by.
pub(super) fn is_told(document: &Document) -> bool {
    let roles = [
        Role::Deploy,
        Role::OnCall,
        Role::Other,
        Role::Playbook,
        Role::Readme,
        Role::Runbook,
        Role::Troubleshooting,
    ];
    let path = document.place.path.to_lowercase();
    let is_aside = |part: &str| {
        let word = part.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap_or_default();
        matches!(
            word,
            "agents"
                | "archive"
                | "archived"
                | "audit"
                | "changelog"
                | "claude"
                | "commands"
                | "contributing"
                | "pull"
                | "dev"
                | "development"
                | "e2e"
                | "examples"
                | "gemini"
                | "local"
                | "proposal"
                | "proposals"
                | "reference"
                | "references"
                | "skills"
                | "test"
                | "tests"
        ) || part.starts_with(".claude")
    };
    !document.is_aside && roles.contains(&document.role) && !path.split('/').any(is_aside)
}

/// Whether the heading is on deploying.
pub(super) fn is_about_deploying(title: &str) -> bool {
    let plain = prose::plain(title);
    let plain = plain.trim_start_matches(|c: char| !c.is_alphabetic());
    let starts = DEPLOY_STARTS.iter().any(|start| {
        plain.strip_prefix(start).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    });
    (starts || prose::mentions(title, DEPLOY))
        && !prose::mentions(title, NOT_STEPS)
        && !is_way_back(title)
}

/// Whether what is said under a heading on releasing, and not on deploying, brings it anywhere: a
/// version that is only tagged and published runs nowhere yet.
pub(super) fn is_brought_out(chapter: &Chapter<'_>) -> bool {
    let places = [
        "deploy*",
        "live",
        "prod",
        "production",
        "roll out",
        "rolled out",
        "server",
        "stage",
        "staging",
    ];
    prose::mentions(chapter.title(), &["deploy*", "rolling out"]) || chapter.mentions(&places)
}

/// Whether the chapter stands under a heading that names something else than the service: what is
/// said of deploying under "Workers" is about those.
pub(super) fn is_of_something_else(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let names = [scope.service.name.as_str()];
    let names: Vec<String> = names
        .into_iter()
        .chain(scope.service.aliases.iter().map(String::as_str))
        .map(prose::plain)
        .collect();
    chapter.headings_above().any(|title| {
        let plain = prose::plain(title);
        let is_general = prose::mentions(title, AROUND) || is_about_deploying(title);
        !is_general && !names.iter().any(|name| plain.contains(name.as_str()))
    })
}

/// Whether a README stands beside a package of its own, in a folder in which the service does not:
/// it says how that part is brought out.
pub(super) fn is_of_part(document: &Document, scope: &Scope<'_>) -> bool {
    let folder = document.place.folder();
    let own = scope.service.folder.as_str();
    let is_apart = !path::is_below(own, folder) && (own.is_empty() || !path::is_below(folder, own));
    document.role == Role::Readme
        && is_apart
        && scope.all.packages.iter().any(|package| package.place.folder() == folder)
}

/// Words of headings that stand above what is said of deploying.
static AROUND: &[&str] = &[
    "admin*",
    "aws",
    "azure",
    "build*",
    "cd",
    "ci",
    "cloud*",
    "continuous",
    "deliver*",
    "deploy*",
    "developer",
    "developing",
    "development",
    "docker*",
    "documentation",
    "environment",
    "fly*",
    "gcp",
    "getting started",
    "github",
    "gitlab",
    "gitops",
    "guide*",
    "helm",
    "heroku",
    "host*",
    "how",
    "infrastructure",
    "install*",
    "kubernetes",
    "live",
    "maintain*",
    "maintenance",
    "operat*",
    "pipeline",
    "procedure",
    "process*",
    "production",
    "project",
    "publish*",
    "quick start",
    "release",
    "releasing",
    "roll*",
    "run*",
    "self host*",
    "service",
    "set up",
    "setup",
    "staging",
    "step",
    "task",
    "usage",
    "using",
    "workflow",
];

/// Whether a word belongs to headings on deploying, whatever is deployed.
pub(super) fn is_around(word: &str) -> bool {
    prose::mentions(word, AROUND) || is_way_back(word)
}

/// Whether the chapter gives commands to copy.
pub(super) fn has_commands(chapter: &Chapter<'_>) -> bool {
    let mut code = sections(chapter).flat_map(|section| &section.code);
    code.any(|(language, code)| {
        !holds_no_commands(language) && !code.value.trim().is_empty() && !is_drawn(&code.value)
    })
}

/// Whether code is a picture made of lines and corners.
fn is_drawn(code: &str) -> bool {
    code.contains(|c| ('\u{2500}'..='\u{257F}').contains(&c))
}

/// Whether the chapter is about data and not about a release: by its heading, or as all that it runs
/// goes to a database.
pub(super) fn is_on_data(chapter: &Chapter<'_>) -> bool {
    let goes_there =
        |text: &str| [".sql", "mysql ", "psql "].iter().any(|sign| text.contains(sign));
    let is_run = |line: &&str| !line.trim().is_empty() && !line.trim_start().starts_with('#');
    let code = || chapter.sections().flat_map(|section| &section.code);
    let texts = || chapter.sections().map(|section| section.text.as_str());
    let all_goes_there = || {
        (texts().any(goes_there) || code().next().is_some())
            && code().flat_map(|(_, code)| code.value.lines()).filter(is_run).all(goes_there)
    };
    is_about_data(chapter.title())
        || (!rolls_back(chapter) && !chapter.mentions(BEFORE) && all_goes_there())
}

/// Whether the heading is about data and not about a release.
pub(super) fn is_about_data(title: &str) -> bool {
    let words =
        ["configuration", "data", "database", "migration", "schema", "setting", "transaction"];
    prose::mentions(title, &words)
}

/// Whether the chapter is about bringing out this service, where it runs: neither about something
/// else nor about a product or a platform beside it.
pub(super) fn is_of_the_service(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    speaks_for(chapter, scope)
        && !is_of_product(chapter, scope)
        && !is_of_other_platform(chapter, scope)
        && !is_of_canary(chapter, scope)
        && !is_of_another_subject(chapter, scope)
}

/// Whether a chapter stands in a page that is called neither after the service or the whole nor after
/// deploying or operating: "Deployment" in a page on feature flags is that of those. A runbook is
/// called after what fails, and its way back is that of the release, but for one on an upgrade.
fn is_of_another_subject(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let document = chapter.document;
    let is_upgrade = |title: &str| prose::mentions(title, &["upgrad*"]);
    let is_on_it = |title: &str| {
        let subject = subject(title);
        let is_alone = subject.split_whitespace().count() == 1 && is_upgrade(&subject);
        is_alone
            || subject.is_empty()
            || is_about_deploying(title)
            || is_way_back(title)
            || prose::mentions(&subject, AROUND)
    };
    let is_apart = |title: &str| match document.role {
        Role::Other => true,
        Role::Runbook => is_upgrade(title),
        _ => false,
    };
    let other = if chapter.is_title() { None } else { other_subject(document, scope) };
    other.is_some_and(|title| is_apart(title) && !is_on_it(title))
}

/// Whether it is on what a few users get beside the release: taking that away takes no release back.
fn is_of_canary(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let words = ["canaries", "canary"];
    let title = chapter.document.title.as_ref().map(|title| title.value.as_str());
    let mut headings = chapter
        .headings_above()
        .chain([chapter.title(), chapter.document.place.file_name()])
        .chain(title);
    headings.any(|heading| prose::mentions(heading, &words))
        && !prose::mentions(&scope.service.name, &words)
}

/// Whether nothing in the chapter is on data or on products beside the service.
pub(super) fn is_all_about_it(chapter: &Chapter<'_>) -> bool {
    sections(chapter).count() == chapter.sections().count()
}

/// Its sections, those on data, on products beside the service and on what watches it left out.
fn sections<'a>(chapter: &Chapter<'a>) -> impl Iterator<Item = &'a Section> + use<'a> {
    let is_wanted = |title: &str| !is_about_data(title) && !prose::mentions(title, SURROUNDINGS);
    own_sections(chapter, is_wanted).into_iter()
}

/// Whether the chapter names a command that takes a release back.
pub(super) fn rolls_back(chapter: &Chapter<'_>) -> bool {
    sections(chapter).any(|section| {
        let code = section.code.iter().map(|(_, code)| code.value.as_str());
        let mut texts = code.chain([section.text.as_str()]);
        texts.any(|text| {
            COMMANDS.iter().any(|command| text.contains(command))
                || text.lines().any(takes_back_with_options)
        })
    })
}

/// Whether a line is a command that takes a release back, with options before what it does:
/// `helm --namespace shop rollback till 3`.
fn takes_back_with_options(line: &str) -> bool {
    let mut words = line.trim_start_matches(['$', '#', '>', ' ']).split_whitespace();
    let wanted: &[&str] = match words.next() {
        Some("helm") => &["rollback"],
        Some("kubectl" | "oc") => &["rollout", "undo"],
        _ => return false,
    };
    // What comes before is an option or its value; a word of another command is neither.
    let mut before = words.by_ref().take_while(|word| Some(word) != wanted.first());
    let others = ["history", "install", "list", "rollout", "status", "template", "upgrade"];
    let is_of_it = before.all(|word| !others.contains(&word));
    is_of_it && words.next().is_some_and(|next| wanted.get(1).is_none_or(|second| next == *second))
}

/// Whether the chapter speaks of a release before: what is urgent may be brought out by hand, which
/// takes nothing back.
pub(super) fn takes_back(chapter: &Chapter<'_>) -> bool {
    rolls_back(chapter) || chapter.mentions(ROLLBACK) || chapter.mentions(BEFORE)
}

/// Words on what ran before a release, and on going back to it.
static BEFORE: &[&str] = &[
    "known good",
    "last good",
    "last known",
    "last stable",
    "last working",
    "older image",
    "older release",
    "older version",
    "previous build",
    "previous image",
    "previous release",
    "previous tag",
    "previous version",
    "revert*",
    "rolled back",
];

/// Whether the chapter gives steps: commands, or a list of what to do.
pub(super) fn gives_steps(chapter: &Chapter<'_>) -> bool {
    let items = sections(chapter).flat_map(|section| &section.items);
    let items = items.filter(|item| prose::says_something(item) && !only_points(item)).count();
    has_commands(chapter) || items >= 2
}

/// Whether an item only says where something stands: a path or an address, and some words on what is
/// there.
fn only_points(item: &str) -> bool {
    let is_pointer = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.contains("://") || word.rsplit_once('.').is_some_and(|(_, ending)| ending == "md")
    };
    let mut words = item.split_whitespace();
    let is_led_to = |word: &str| word.eq_ignore_ascii_case("see");
    let first = words.next().unwrap_or_default();
    let is_first = is_pointer(first) || (is_led_to(first) && words.next().is_some_and(is_pointer));
    is_first && item.split_whitespace().count() <= FEW_WORDS
}

/// So many words beside a path say what is there, and not what to do.
const FEW_WORDS: usize = 8;

/// Whether the chapter says that a pipeline deploys.
pub(super) fn goes_by_itself(chapter: &Chapter<'_>) -> bool {
    chapter.says_something() && chapter.mentions(BY_ITSELF)
}
