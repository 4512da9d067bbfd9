//! Whether a heading of a README is on setting up, running or deploying the service.

use super::need::{self, DEPLOY, Need, RUN, SET_UP};
use crate::about::is_on_something_else;
use crate::prelude::*;

/// Whether the heading is on what is needed: "Deployment", and not "Recent releases".
pub(super) fn is_headed(chapter: &Chapter<'_>, need: &Need) -> bool {
    let title = chapter.title();
    let is_to_run = need.what == RUN.what || need.what == DEPLOY.what;
    if is_on_purpose(title) || (is_to_run && (runs_something_else(title) || is_on_joining(title))) {
        return false;
    }
    if need.what == SET_UP.what && runs_something_else(title) && prose::mentions(title, TRYING) {
        return false;
    }
    if need.what == RUN.what && is_on_use(title) && !opens_with_use(title) {
        return false;
    }
    let is_given_up = || chapter.headings_above().any(|above| prose::mentions(above, GIVEN_UP));
    let is_elsewhere = need.what == DEPLOY.what
        && (chapter.is_of_local_work()
            || is_on_looking(title)
            || names_edition(title)
            || is_on_letting_it_hold(title)
            || brings_another(title)
            || is_given_up());
    prose::mentions(title, need.headings)
        && !prose::mentions(title, need.beside)
        && !is_elsewhere
        && !is_on_the_neighbourhood(title, need)
}

/// Whether "local" is all that a heading has of what is needed, and stands there for a place where people
/// live: "Add a local race", and not "Local environment".
fn is_on_the_neighbourhood(title: &str, need: &Need) -> bool {
    let words = ["local", "locally"];
    let others = need.headings.iter().copied().filter(|word| !words.contains(word));
    let with_machines = [
        "cluster",
        "cod*",
        "compose",
        "container",
        "deploy*",
        "dev",
        "docker",
        "env",
        "environment",
        "host",
        "hosting",
        "instance",
        "machine",
        "mode",
        "run*",
        "server",
        "serving",
        "stack",
        "start*",
        "test*",
        "tunnel",
        "work*",
    ];
    let is_alone = prose::plain(title).split_whitespace().count() <= 2;
    prose::mentions(title, &words)
        && !is_alone
        && !prose::mentions(title, &others.collect::<Vec<_>>())
        && !prose::mentions(title, &with_machines)
        && !says_but(title, &words)
}

/// Whether a heading says what something is for or who has it, and not how: "What we are building
/// and why", "The deployment question".
fn is_on_purpose(title: &str) -> bool {
    let title = prose::plain(title);
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    let opens = ["what is ", "what we", "who ", "why "];
    opens.iter().any(|start| title.starts_with(start)) || title.trim_end().ends_with(" question")
}

/// Whether a heading is on looking at what would be deployed: "How to output and view Helm templates".
fn is_on_looking(title: &str) -> bool {
    let looks = ["dry run", "inspect*", "lint*", "output*", "preview*", "render*", "view*"];
    let brings = ["deploy*", "hosting", "install*", "release", "releasing", "self host*", "ship*"];
    prose::mentions(title, &looks) && !prose::mentions(title, &brings)
}

/// Whether a heading is on how a rule or a feature comes to hold for everybody, and not on bringing out a
/// release: "Rollout of the header".
fn is_on_letting_it_hold(title: &str) -> bool {
    let things =
        ["cookie", "csp", "experiment", "feature", "flag", "header", "policies", "policy", "rule"];
    let goes_out = ["roll out", "rollout"];
    let others = DEPLOY.headings.iter().copied().filter(|word| !goes_out.contains(word));
    prose::mentions(title, &goes_out)
        && prose::mentions(title, &things)
        && !prose::mentions(title, &others.collect::<Vec<_>>())
}

/// Whether a heading is on deploying what is none of the service's code: "Contract Deployment", and not
/// "Deployment contract".
fn brings_another(title: &str) -> bool {
    let title = prose::plain(title);
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    let things =
        ["contract", "contracts", "documentation", "docs", "smart contract", "smart contracts"];
    let deploy = ["deploy", "deployment", "deployments"];
    title
        .rsplit_once(' ')
        .is_some_and(|(thing, deed)| things.contains(&thing) && deploy.contains(&deed))
}

/// Whether a heading says what whoever joins in does first: "Start by saying hi".
fn is_on_joining(title: &str) -> bool {
    prose::plain(title).trim_start_matches(|c: char| !c.is_alphabetic()).starts_with("start by ")
}

/// Words of headings above what was done once, on the way from something that is gone.
static GIVEN_UP: &[&str] = &["deprecat*", "legacy"];

/// Whether only a word for use says that a heading is on running it: "Using AWS", and not "Running
/// it using Docker".
fn is_on_use(title: &str) -> bool {
    says_only(title, &["use", "using"])
}

/// Whether of all words for running only some of `words` stand in a heading.
fn says_only(title: &str, words: &[&str]) -> bool {
    prose::mentions(title, words) && !says_but(title, words)
}

fn says_but(title: &str, words: &[&str]) -> bool {
    let others = RUN.headings.iter().copied().filter(|word| !words.contains(word));
    prose::mentions(title, &others.collect::<Vec<_>>())
}

/// "Projects using Checkout" lists others.
fn opens_with_use(title: &str) -> bool {
    let title = prose::plain(title);
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    ["how to use", "use", "using"].iter().any(|start| {
        title.strip_prefix(start).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric))
    })
}

/// Whether a heading names data on somebody's machine, and not the service there: "By hand from a
/// local database".
fn is_on_local_data(title: &str) -> bool {
    let data = ["backup", "database", "db", "dump", "registry", "seed*"];
    prose::mentions(title, &data) && !says_but(title, &["local", "locally"])
}

/// Whether a heading may be on something else than running the service, unless a command starts it.
pub(super) fn is_weak(chapter: &Chapter<'_>, need: &Need, scope: &Scope<'_>) -> bool {
    let title = chapter.title();
    let is_of_another = || says_only(title, &["command", "usage"]) && is_of_part(chapter, scope);
    need.what == RUN.what && (is_on_use(title) || is_on_local_data(title) || is_of_another())
}

/// Whether a chapter stands under a heading that is called neither after the service or the whole
/// nor after what is done with it: "Usage" under "Gitmoji" is how that is used.
fn is_of_part(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let mut above = chapter.headings_above();
    above.any(|title| !need::is_on_work(title) && is_on_something_else(title, scope))
}

/// Whether a heading is on running what tries the code out, or on using a tool: "Running the tests".
fn runs_something_else(title: &str) -> bool {
    let others =
        ["asdf*", "dry run", "linter", "rspec", "spec", "test", "tool version", "unit test"];
    prose::mentions(title, &others)
        && !prose::mentions(title, &["and", "or"])
        && !title.contains('&')
}

static TRYING: &[&str] = &["run", "running"];

/// Whether "self-hosted" stands in the name of a product: "Checkout Self Hosted Dashboard".
fn names_edition(title: &str) -> bool {
    let title = prose::plain(title);
    let before = title.split("self hosted").next().unwrap_or_default();
    before.len() < title.len() && !before.trim().is_empty()
}
