//! The README says how to set up, run and deploy it.

use super::heading::{is_headed, is_weak};
use super::hint::{hints, left_open};
use super::linked::{self, is_about, is_around_badge};
use super::need::{DEPLOY, Need, RUN, SET_UP, USE};
use super::site::own_site;
use super::{commands, deploying};
use crate::about::{another_told, folder_of_another, several_named};
use crate::code_elsewhere::{has_code_elsewhere, is_of_tree, is_only_set_up};
use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/readme",
    title: "the README says how to set up, run and deploy it",
    why: "Whoever has to change the service on its worst day may never have built it before.",
    remedy: "Write into the README, with the commands to copy, how to set the service up, how \
             to run it and how it is deployed.",
    references: &[
        Reference {
            title: "GitHub: about READMEs",
            url: "https://docs.github.com/en/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-readmes",
        },
        Reference {
            title: "Diátaxis: a systematic approach to documentation",
            url: "https://diataxis.fr/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(2),
    invalidated_by: &[Change::Document, Change::Code],
    demands: [
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
        Demand::of(Grade::Declared),
    ],
    kinds: kinds::ALL,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge), Proof::Drill("docs")],
    cases: include_str!("readme.md"),
};

fn judge(scope: &Scope<'_>) -> Outcome {
    let readmes = readmes(scope);
    let speaking = readmes.iter().find(|readme| says_anything(readme)).or(readmes.first());
    let Some(nearest) = speaking else { return no_readme(scope) };
    let needs: &[&Need] = match scope.service.kind {
        Kind::Library => &[&SET_UP, &USE],
        _ => &[&SET_UP, &RUN, &DEPLOY],
    };
    let mut missing = Vec::new();
    let mut outcomes = Vec::new();
    let is_elsewhere = is_only_set_up(scope) || has_code_elsewhere(scope);
    // What a heading leaves out, nobody has to write where no code stands.
    let is_for_code = |said: &Outcome| match said {
        Outcome::Unmet(_) => is_elsewhere,
        said => is_of_tree(said, &readmes, scope),
    };
    for need in needs {
        let (what, is_code) = (need.what, need.what != DEPLOY.what);
        match answer(need, &readmes, scope) {
            Some(said) if !is_code || !is_for_code(&said) => outcomes.push(said),
            said if is_code && (said.is_some() || is_elsewhere) => {
                let reason = format!("{what} stands beside its code, elsewhere");
                outcomes.push(Outcome::Unknown(reason));
            }
            _ => missing.push(what),
        }
    }
    let other = service_beside(scope).filter(|_| nearest.place.folder().is_empty());
    if let Some(other) = other.filter(|_| !missing.is_empty()) {
        outcomes.push(Outcome::unknown(format!(
            "the README beside the catalog file is that of `{other}`: it does not say {}",
            model::listed(&missing, "or")
        )));
    } else if !missing.is_empty() {
        let message = format!("the README does not say {}", model::listed(&missing, "or"));
        outcomes.push(Finding::at(&nearest.place, message).help(help(&missing)).into());
    }
    Outcome::all(outcomes).unwrap_or_else(|| Outcome::unknown("the README was not read"))
}

/// The service that the catalog describes in one file with a library without a folder of its own: what
/// stands beside that file is the service's.
fn service_beside<'a>(scope: &Scope<'a>) -> Option<&'a str> {
    if scope.service.kind != Kind::Library || !scope.service.folder.is_empty() {
        return None;
    }
    let path = scope.place().path;
    let is_service = |entry: &&CatalogEntry| {
        let kind = entry.kind.as_ref().filter(|kind| kind.eq_ignore_ascii_case("service"));
        entry.place.path == path && kind.is_some()
    };
    scope.all.catalog.iter().find(is_service).map(|entry| entry.name.as_str())
}

/// The READMEs that speak for the service: that of its folder, then those of the folders above.
fn readmes<'a>(scope: &Scope<'a>) -> Vec<&'a Document> {
    let mut found: Vec<&Document> = scope
        .documents_of(Role::Readme)
        .filter(|readme| path::is_below(&scope.service.folder, home(readme)))
        .collect();
    if found.iter().any(|readme| readme.place.folder().is_empty()) {
        // Hosts show the other ones only where the root has none: they tell of their own folder.
        found.retain(|readme| !matches!(readme.place.folder(), ".github" | "docs"));
    }
    found.sort_by_key(|readme| std::cmp::Reverse(home(readme).len()));
    found
}

/// The folder that a README speaks for: hosts show those in `.github` and `docs` for the root too.
fn home(readme: &Document) -> &str {
    match readme.place.folder() {
        ".github" | "docs" => "",
        folder => folder,
    }
}

/// Whether it has more than a title.
fn says_anything(readme: &Document) -> bool {
    chapters(readme).any(|chapter| chapter.says_something())
}

fn no_readme(scope: &Scope<'_>) -> Outcome {
    let unread = scope.all.paths.iter().find(|path| {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let is_readme = name.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("readme."));
        is_readme && path::is_below(&scope.service.folder, folder)
    });
    if let Some(path) = unread {
        return Outcome::unknown(format!("`{path}` is in a format that was not read"));
    }
    if let Some(readme) = copied_readme(scope) {
        return Outcome::unknown(format!(
            "`{}` stands in a folder that the image of `{}` is made of: whether it is on all of it was not \
             told",
            readme.place.path, scope.service.name
        ));
    }
    let message = format!("`{}` has no README", scope.service.name);
    let finding = Finding::at(&scope.place(), message)
        .help(format!("add README.md:\n\n# {}\n\n{}", scope.service.name, OUTLINE));
    Outcome::missing(finding, &[Subject::Documents], scope)
}

/// The README of a folder that the image of the service copies.
fn copied_readme<'a>(scope: &Scope<'a>) -> Option<&'a Document> {
    let sources = scope.dockerfiles.iter().flat_map(|dockerfile| {
        let home = dockerfile.place.folder();
        let stages = dockerfile.shipped_stages().flat_map(|stage| &stage.sources);
        stages.filter_map(move |source| path::join(home, source))
    });
    let folders: Vec<String> = sources
        .map(|folder| folder.trim_end_matches('/').to_owned())
        .filter(|folder| !folder.is_empty())
        .collect();
    let is_in = |readme: &&Document| folders.iter().any(|folder| readme.place.folder() == folder);
    scope.documents_of(Role::Readme).find(is_in)
}

const OUTLINE: &str = "## Set up\n\n## Run\n\n## Deploy";

fn help(missing: &[&str]) -> String {
    format!("add sections that say {}, with the commands to copy", model::listed(missing, "and"))
}

/// What the READMEs say of `need`, the nearest first; `None` where it does not come up.
fn answer(need: &Need, readmes: &[&Document], scope: &Scope<'_>) -> Option<Outcome> {
    let answers = || {
        let speaking = readmes.iter().filter(|readme| another_told(readme, scope).is_none());
        speaking.filter_map(|readme| answer_of(need, readme, scope))
    };
    let is_met = |outcome: &Outcome| matches!(outcome, Outcome::Met(_));
    answers()
        .find(is_met)
        .or_else(|| answers().next())
        .or_else(|| readmes.iter().find_map(|readme| answer_for_another(need, readme, scope)))
}

/// That a README says `need` of another service may hold for this one too; it does not say so.
fn answer_for_another(need: &Need, readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    let other = another_told(readme, scope)?;
    let _said = answer_of(need, readme, scope)?;
    Some(Outcome::Unknown(format!(
        "what `{}` says on {} may hold for `{other}` only: it does not name `{}`",
        readme.place.path, need.what, scope.service.name
    )))
}

fn answer_of(need: &Need, readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    said(need, readme, scope).or_else(|| unsaid(need, readme, scope))
}

/// Where a section, a command or a page that it leads to says how.
fn said(need: &Need, readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    let named =
        || chapters(readme).filter(|chapter| is_section(chapter) && is_headed(chapter, need));
    let is_its_own = |chapter: &Chapter<'_>| of_others(chapter, need, scope).is_none();
    if let Some(chapter) = named().filter(is_its_own).find(|chapter| says_how(chapter, need, scope))
    {
        return Some(Outcome::met(chapter.place(), format!("section `{}`", chapter.title())));
    }
    let by_command = chapters(readme).filter(is_its_own);
    if let Some(chapter) = by_command.into_iter().find(|chapter| is_by_command(chapter, need)) {
        let message = format!("commands under `{}`", chapter.title());
        return Some(Outcome::met(chapter.place(), message));
    }
    let link = linked::page(readme, need, scope)?;
    Some(Outcome::met(&link.place, format!("page `{}`", link.value)))
}

/// Of which other services of the tree a chapter tells, and not of this one. How all of them are set
/// up on one machine holds for each; what is deployed is told one by one.
fn of_others(chapter: &Chapter<'_>, need: &Need, scope: &Scope<'_>) -> Option<String> {
    let several = || {
        let is_told_one_by_one = need.what == DEPLOY.what;
        is_told_one_by_one.then(|| several_named(chapter, scope)).flatten()
    };
    folder_of_another(chapter, scope)
        .map(|folder| format!("`{folder}`"))
        .or_else(|| several().map(|other| format!("`{other}` and others")))
}

/// What else speaks of it, where nothing says how.
fn unsaid(need: &Need, readme: &Document, scope: &Scope<'_>) -> Option<Outcome> {
    let named =
        || chapters(readme).filter(|chapter| is_section(chapter) && is_headed(chapter, need));
    let links =
        readme.links.iter().filter(|link| is_about(link, need) && !is_around_badge(link, readme));
    let folder = readme.place.folder();
    let outside =
        |link: &&Placed<String>| matches!(follow(link, folder, &scope.sitemap), Target::Outside);
    // A word on releases or production promises less than a heading on deploying.
    let promises =
        |c: &Chapter<'_>| need.what != DEPLOY.what || deploying::is_on_deploying(c.title());
    let others = named().find_map(|chapter| Some((chapter, of_others(&chapter, need, scope)?)));
    if let Some((chapter, others)) = others {
        return Some(Outcome::Unknown(format!(
            "`{}` of `{}` tells of {others}, and not of `{}`",
            chapter.title(),
            readme.place.path,
            scope.service.name
        )));
    }
    if let Some(chapter) = named().filter(|_| need.what == DEPLOY.what).find(at_home) {
        return Some(Outcome::Unknown(format!(
            "`{}` of `{}` tells of a cluster on one's own machine, and not of that which serves users",
            chapter.title(),
            readme.place.path
        )));
    }
    let chapter = named().find(promises);
    let is_to_deploy = |_: &&Chapter<'_>| need.what == DEPLOY.what;
    if let Some(open) = chapter.as_ref().filter(is_to_deploy).and_then(|c| left_open(c, scope)) {
        return Some(open);
    }
    let inside: Vec<&Placed<String>> = match &chapter {
        Some(chapter) if need.what == DEPLOY.what => deploying::links(chapter).collect(),
        chapter => chapter.iter().flat_map(Chapter::links).collect(),
    };
    let outside = inside.into_iter().find(outside).or(links.clone().find(outside));
    match (chapter, outside) {
        (_, Some(link)) => Some(Outcome::Unknown(format!(
            "`{}` points to {} for {}, which was not read",
            readme.place.path, link.value, need.what
        ))),
        (Some(chapter), None) if is_weak(&chapter, need, scope) => Some(Outcome::Unknown(format!(
            "no command that starts it was recognised under `{}` of `{}`",
            chapter.title(),
            readme.place.path
        ))),
        (Some(chapter), None) => Some(says_nothing(&chapter, need)),
        (None, None) => further(readme, need, scope)
            .or_else(|| {
                let link = linked::promised(readme, need, scope)?;
                let path = &readme.place.path;
                Some(Outcome::Unknown(format!(
                    "`{path}` leads to {}, in which nothing was found on {}",
                    link.value, need.what
                )))
            })
            .or_else(|| {
                own_site(readme, scope).map(|site| {
                    let path = &readme.place.path;
                    Outcome::Unknown(format!(
                        "`{path}` points to {} for its documentation, which was not read",
                        site.value
                    ))
                })
            })
            .or_else(|| hints(need, readme, scope)),
    }
}

fn at_home(chapter: &Chapter<'_>) -> bool {
    deploying::is_on_own_machine(chapter) && chapter.says_something()
}

/// That a page which the README leads to leads on to one on deploying.
fn further(readme: &Document, need: &Need, scope: &Scope<'_>) -> Option<Outcome> {
    let (link, page) = linked::further(readme, need, scope)?;
    Some(Outcome::Unknown(format!(
        "`{}` leads to {}, and only that to `{}`, which may say {}: link it in the README",
        readme.place.path, link.value, page.place.path, need.what
    )))
}

/// Whether a heading is more than what the page is called: a title may say what is done, too.
fn is_section(chapter: &Chapter<'_>) -> bool {
    !chapter.is_title() || says_what_is_done(chapter.title())
}

fn says_what_is_done(title: &str) -> bool {
    let title = prose::plain(title);
    let title = title.trim_start_matches(|c: char| !c.is_alphabetic());
    ["how to run ", "how to set up ", "set up ", "setting up "].iter().any(|s| title.starts_with(s))
}

/// Whether a command right under the heading answers what is needed; what is brought to a cluster on
/// one's own machine is not deployed.
fn is_by_command(chapter: &Chapter<'_>, need: &Need) -> bool {
    let is_local = || {
        chapter.is_of_local_work()
            || prose::mentions(chapter.title(), AT_HOME)
            || deploying::is_on_own_machine(chapter)
    };
    let says = |section: &Section| {
        commands::has_command(section, need.commands)
            || says_it_runs(section, need)
            || (need.what == RUN.what && commands::starts_a_server(section))
            || (need.what == SET_UP.what && is_headed(chapter, &RUN) && lists_a_step(section))
    };
    let mut own = chapter.sections().take(1);
    own.any(says) && !(need.what == DEPLOY.what && is_local())
}

/// Whether a sentence says by which command it is run here: "Running locally: `make serve`".
fn says_it_runs(section: &Section, need: &Need) -> bool {
    let ways = ["run it locally", "run locally", "running it locally", "running locally"];
    let says = prose::mentions(&section.text, &ways) || says_what_is_done(&section.title);
    let by_it = |sentence: &str| {
        says_by_what(sentence)
            && (commands::names(sentence, need.commands) || commands::starts_a_file(sentence))
    };
    need.what == RUN.what
        && ((says && commands::names_command(section, need.commands))
            || prose::sentences(&section.text).any(by_it))
}

/// Whether a sentence begins with what runs the service as a whole: "Run with `docker compose up`",
/// "To start it, use …", and not "Start the database with …".
fn says_by_what(sentence: &str) -> bool {
    let text = prose::plain(sentence);
    let text = text.trim_start_matches(|c: char| !c.is_alphabetic());
    let text = text.strip_prefix("to ").unwrap_or(text);
    let run = text.strip_prefix("run ");
    let Some(rest) = run.or_else(|| text.strip_prefix("start ")) else { return false };
    let whole = ["it ", "it, ", "the app ", "the application ", "the server ", "the service "];
    let behind = whole.iter().find_map(|whole| rest.strip_prefix(whole));
    // "Start with" begins a tale more often than it starts a service.
    let rest = behind.or(run).unwrap_or_default();
    ["by ", "use ", "using ", "via ", "with "].iter().any(|by| rest.starts_with(by))
}

/// Whether a list of what to do to run it names a command that makes it ready: "1. Install the
/// dependencies by `pnpm install`".
fn lists_a_step(section: &Section) -> bool {
    !section.items.is_empty() && commands::names_command(section, SET_UP.commands)
}

pub(super) static AT_HOME: &[&str] = &["kind", "local", "locally", "minikube"];

fn says_nothing(chapter: &Chapter<'_>, need: &Need) -> Outcome {
    let title = chapter.title();
    let message = format!("section `{title}` of the README does not say {}", need.what);
    Finding::at(chapter.place(), message)
        .help("write the commands to copy, or link the page of this repository that has them")
        .into()
}

/// Whether a chapter says how: by a command, by a page of the tree, or in some words of its own.
pub(super) fn says_how(chapter: &Chapter<'_>, need: &Need, scope: &Scope<'_>) -> bool {
    if chapter.sections().any(|section| is_boilerplate(&section.text)) {
        return false;
    }
    if need.what == DEPLOY.what {
        return deploying::says_how(chapter, scope);
    }
    let starts = |section: &Section| commands::has_command(section, need.commands);
    if is_weak(chapter, need, scope) {
        return chapter.sections().any(starts);
    }
    let folder = chapter.document.place.folder();
    let starts_a_file =
        |section: &Section| need.what == RUN.what && commands::starts_a_file(&section.text);
    chapter.has_code()
        || chapter.sections().any(|section| commands::names_command(section, need.commands))
        || chapter.sections().any(starts_a_file)
        || chapter.links().any(|link| leads_somewhere(link, folder, scope))
        || (chapter.says_something() && chapter.word_count() >= FEWEST_WORDS && is_telling(chapter))
}

/// Whether the heading alone tells what the words under it are about. "Development" does not.
fn is_telling(chapter: &Chapter<'_>) -> bool {
    !prose::mentions(chapter.title(), &["command", "demo", "develop*", "local", "locally"])
}

/// Prose without a command that has fewer words names a tool and stops there.
const FEWEST_WORDS: usize = 8;

pub(super) fn leads_somewhere(link: &str, folder: &str, scope: &Scope<'_>) -> bool {
    match follow(link, folder, &scope.sitemap) {
        Target::Document(document) => chapters(document).any(|chapter| chapter.says_something()),
        Target::File => true,
        _ => false,
    }
}

/// Whether the text is what a host's template for a new project says there.
fn is_boilerplate(text: &str) -> bool {
    BOILERPLATE.iter().any(|known| text.contains(known))
}

static BOILERPLATE: &[&str] = &[
    "Within a particular ecosystem, there may be a common way of installing things",
    "Use examples liberally, and show the expected output if you can",
    "Use the built-in continuous integration in GitLab",
    "Already a pro? Just edit this README.md and make it your own",
];
