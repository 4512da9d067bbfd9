//! Whether a chapter of a README says how the service is brought to its users.

use super::commands;
use super::need::DEPLOY;
use super::readme::leads_somewhere;
use crate::chapter::holds_no_commands;
use crate::open_choice::open_choice;
use crate::prelude::*;
use crate::topic::SURROUNDINGS;

/// Whether the chapter says how: a heading on deploying by commands, by a page of the tree or by
/// some words on the way it goes; one on releases, on a cluster or on production only where what
/// stands under it deploys.
pub(super) fn says_how(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let title = chapter.title();
    let folder = chapter.document.place.folder();
    if is_on_own_machine(chapter) {
        return false;
    }
    let deploys = || {
        let mut sections = chapter.sections();
        sections.any(|section| commands::names_command(section, DEPLOY.commands))
    };
    let leads = || links(chapter).any(|link| leads_somewhere(link, folder, scope));
    let words = chapter.word_count();
    if is_of_what_runs(title) {
        return has_call(chapter) || deploys() || chapter.mentions(BY_ITSELF);
    }
    if is_on_deploying(title) {
        let told = without_surroundings(chapter);
        let words: usize = told.iter().map(|section| words_of_sentences(&section.text)).sum();
        let says_a_way = |section: &&Section| {
            prose::says_something(&section.text) && prose::mentions(&section.text, WAYS)
        };
        let has_code = |section: &&Section| {
            section.code.iter().any(|(_, c)| !c.trim().is_empty()) && !only_builds(section)
        };
        // Words around a page on which the choice is still open are no way either.
        let is_chosen = || open_choice(chapter, scope).is_none();
        return told.iter().any(has_code)
            || deploys()
            || (is_chosen()
                && (leads()
                    || words >= MANY_WORDS
                    || (words >= FEWEST_WORDS && told.iter().any(says_a_way))));
    }
    // A drawing shows what is there, and not what to do.
    let has_more =
        || !chapter.has_diagram() && (chapter.has_code() || leads() || words >= FEWEST_WORDS);
    // A cluster on one's own machine is none that users reach.
    let is_at_home = chapter.mentions(&["localhost"]);
    let is_ready_to_use =
        prose::mentions(title, &["helm", "hosting", "kubernetes", "self host*"]) && !is_at_home;
    // Which settings hold where, and how people log in there, says nothing of how anything gets there.
    let is_of_settings = prose::mentions(title, SETTINGS);
    if is_of_settings && !has_call(chapter) {
        return deploys();
    }
    deploys()
        || (has_more() && chapter.mentions(&["deploy*", "rolled out", "roll out"]))
        || (is_ready_to_use && (chapter.has_code() || leads_to_deploying(chapter, scope)))
        || (prose::mentions(title, &["production"])
            && (has_call(chapter) && !chapter.sections().all(only_builds)
                || starts_containers(chapter)))
}

/// Words of headings on what is set where.
static SETTINGS: &[&str] = &["auth*", "config*", "login", "oauth*", "setting", "sso"];

/// How many words of a text stand in sentences: "Router: 0x367e" tells what is there.
fn words_of_sentences(text: &str) -> usize {
    let gives_a_value = |line: &str| {
        line.split_once(':').is_some_and(|(name, value)| {
            let value = value.trim();
            let is_value = |c: char| c.is_ascii_digit() || "./@".contains(c);
            name.split_whitespace().count() <= MOST_WORDS_OF_NAME
                && !value.starts_with("//")
                && !value.contains(char::is_whitespace)
                && value.contains(is_value)
        })
    };
    let lines = text.lines().filter(|line| !gives_a_value(line));
    lines.map(|line| line.split_whitespace().count()).sum()
}

/// What is called by more words than so many is told about.
const MOST_WORDS_OF_NAME: usize = 5;

/// Whether all that is run under a heading builds or fetches, which brings nothing anywhere.
fn only_builds(section: &Section) -> bool {
    section.code.iter().all(|(_, code)| commands::only_builds(code))
}

/// Whether some line of its code calls a program: settings and drawings tell what is there, and
/// what is written in a language of programs is called by something else.
fn has_call(chapter: &Chapter<'_>) -> bool {
    let is_of_name = |letter: char| letter.is_ascii_alphanumeric() || "./_-~".contains(letter);
    let is_call = |line: &str| {
        let mut words = commands::without_prompt(line).split_whitespace();
        let is_program = |word: &str| {
            word.chars().all(is_of_name)
                && word.starts_with(|c: char| c.is_ascii_lowercase() || "./~".contains(c))
        };
        let Some(program) = words.next().filter(|word| is_program(word)) else { return false };
        match words.next() {
            Some(word) => !word.starts_with(['=', ':']),
            None => program.starts_with("./") || program.rsplit('.').next() == Some("sh"),
        }
    };
    let code = chapter.sections().flat_map(|section| &section.code);
    let of_shell = code.into_iter().filter(|(language, _)| !holds_no_commands(language));
    of_shell.into_iter().any(|(_, code)| code.lines().any(is_call))
}

/// Whether a link of the chapter leads to files, or to a page that is called after deploying.
fn leads_to_deploying(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let folder = chapter.document.place.folder();
    let ways = [
        "chart*",
        "deploy*",
        "guide",
        "helm",
        "host*",
        "install*",
        "k8s",
        "kubernetes",
        "self host*",
    ];
    links(chapter).any(|link| match follow(link, folder, &scope.sitemap) {
        Target::File => true,
        Target::Document(_) => prose::mentions(link, &ways) && leads_somewhere(link, folder, scope),
        _ => false,
    })
}

/// Whether a chapter brings it to a cluster on the machine of who reads it, and nowhere else; one
/// that is not on deploying, where what stands right under its heading does.
pub(super) fn is_on_own_machine(chapter: &Chapter<'_>) -> bool {
    let title = chapter.title();
    let is_at_home = |text: &dyn Fn(&[&str]) -> bool| text(OWN_MACHINE) && !text(ELSEWHERE);
    let own = chapter.sections().next();
    let says = |phrases: &[&str]| own.is_some_and(|own| prose::mentions(&own.text, phrases));
    !prose::mentions(title, ELSEWHERE)
        && (is_at_home(&|phrases| chapter.mentions(phrases))
            || (!is_on_deploying(title) && is_at_home(&says)))
}

/// Words on clusters that run on one machine, and on what writes to them while code is written.
static OWN_MACHINE: &[&str] = &[
    "docker desktop",
    "k3d",
    "local cluster",
    "local k8s cluster",
    "local kubernetes",
    "microk8s",
    "minikube",
    "rancher desktop",
    "tilt up",
];

/// Words on where users are served.
static ELSEWHERE: &[&str] = &[
    "aks",
    "aws",
    "azure",
    "cloud*",
    "ecs",
    "eks",
    "gcp",
    "gke",
    "heroku",
    "openshift",
    "pipeline*",
    "prod",
    "production",
    "staging",
];

/// Whether a sentence names a command that starts containers.
fn starts_containers(chapter: &Chapter<'_>) -> bool {
    let mut sections = chapter.sections();
    sections.any(|section| commands::names_command(section, commands::CONTAINERS))
}

/// The sections under a heading on deploying, without those on what is there and on what watches it.
fn without_surroundings<'a>(chapter: &Chapter<'a>) -> Vec<&'a Section> {
    let mut left_out: Option<u8> = None;
    let mut kept = Vec::new();
    for (at, section) in chapter.sections().enumerate() {
        if left_out.is_some_and(|level| section.level > level) {
            continue;
        }
        let is_kept = at == 0 || !prose::mentions(&section.title, SURROUNDINGS);
        left_out = (!is_kept).then_some(section.level);
        kept.extend(is_kept.then_some(section));
    }
    kept
}

/// The links under a heading on deploying that may lead to how.
pub(super) fn links<'a>(chapter: &Chapter<'a>) -> impl Iterator<Item = &'a Placed<String>> {
    let told: Vec<u32> =
        without_surroundings(chapter).iter().map(|section| section.title.place.line).collect();
    let all: Vec<u32> = chapter.sections().map(|section| section.title.place.line).collect();
    let is_told = move |link: &&Placed<String>| {
        let around = all.iter().rev().find(|line| **line <= link.place.line);
        around.is_none_or(|line| told.contains(line)) && !is_picture(link)
    };
    chapter.links().filter(is_told)
}

/// Whether a link leads to a picture, which shows what is there and not what to do.
fn is_picture(link: &str) -> bool {
    let endings = ["drawio", "gif", "jpeg", "jpg", "png", "svg", "webp"];
    link.rsplit_once('.')
        .is_some_and(|(_, ending)| endings.iter().any(|known| ending.eq_ignore_ascii_case(known)))
}

/// Whether a page is on deploying: by its name, not by that of a folder around it.
pub(super) fn is_page(page: &Document) -> bool {
    let name = page.place.file_name();
    let stem = name.split('.').next().unwrap_or(name);
    let is_first = ["index", "readme"].iter().any(|known| stem.eq_ignore_ascii_case(known));
    let folder = page.place.folder().rsplit('/').next().unwrap_or_default();
    let named = if is_first { folder } else { stem };
    let is_certain = prose::mentions(named, &["deploy*", "releasing", "self host*"]);
    let has_command = |chapter: &Chapter<'_>| {
        let mut sections = chapter.sections();
        sections.any(|section| commands::has_command(section, DEPLOY.commands))
    };
    // Some list what is deployed, and do not say how.
    let says_how = |chapter: &Chapter<'_>| {
        (chapter.has_code() && chapter.mentions(WAYS)) || chapter.mentions(BY_ITSELF)
    };
    prose::mentions(named, DEPLOY.pages)
        && Chapter::whole(page)
            .is_some_and(|chapter| has_command(&chapter) || (is_certain && says_how(&chapter)))
}

/// What says that a pipeline does it.
static BY_ITSELF: &[&str] = &[
    "argo*",
    "automatic*",
    "cd",
    "ci",
    "flux",
    "github action",
    "gitlab ci",
    "gitops",
    "merge*",
    "pipeline*",
    "trigger*",
];

/// Whether a heading is on what is deployed more often than on how: "Kubernetes deployments".
fn is_of_what_runs(title: &str) -> bool {
    prose::plain(title).split_whitespace().any(|word| word == "deployments")
}

/// Whether a heading is on deploying, whatever else it says.
pub(super) fn is_on_deploying(title: &str) -> bool {
    let deploys = ["deploy*", "going live", "roll out", "rollout"];
    let runs = ["go*", "install*", "launch*", "run*", "set up", "setting up"];
    prose::mentions(title, &deploys)
        || (prose::mentions(title, &["production"]) && prose::mentions(title, &runs))
}

/// Fewer words name a tool and stop there.
const FEWEST_WORDS: usize = 8;

/// So many words under a heading on deploying say how, whatever they are.
const MANY_WORDS: usize = 40;

/// What is done, or does it by itself, where something is deployed.
static WAYS: &[&str] = &[
    "aks",
    "ansible",
    "appl*",
    "argo*",
    "automatic*",
    "aws",
    "azure",
    "branch*",
    "cd",
    "ci",
    "circleci",
    "cloud*",
    "docker compose",
    "eks",
    "flux",
    "gcp",
    "github",
    "gitlab",
    "gitops",
    "gke",
    "helm",
    "heroku",
    "image*",
    "install*",
    "jenkins",
    "kubectl",
    "kubernetes",
    "kustomize",
    "main",
    "master",
    "merge*",
    "nais",
    "openshift",
    "pipeline*",
    "push*",
    "rolled out",
    "script*",
    "server*",
    "systemd",
    "tag*",
    "terraform",
    "trigger*",
    "workflow*",
];
