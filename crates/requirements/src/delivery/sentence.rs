//! A way back that a sentence tells, where no section does.

use std::collections::HashSet;

use facts::command::commands;

use super::shipment::deploys_itself;
use super::steps::{COMMANDS, ROLLBACK, is_about_data, is_of_the_service, is_way_back};
use crate::prelude::*;

/// Words of a sentence that are looked at: what it tells to run stands near its beginning.
const WORDS: usize = 40;

/// That a sentence on taking a release back names what is run for it: a program of the tree, or one that
/// is known to deploy. Whether that is all that has to be done is not told by it.
///
/// It stands on a page that says how the service is deployed, one of `normal`, in a README or a runbook:
/// what else is rolled back on other pages is rarely the service.
pub(super) fn way_back(
    all: &[Chapter<'_>],
    normal: &[Chapter<'_>],
    scope: &Scope<'_>,
) -> Option<Outcome> {
    let says_how: HashSet<&str> =
        normal.iter().map(|chapter| &*chapter.document.place.path).collect();
    let is_meant = |chapter: &&Chapter<'_>| {
        let document = chapter.document;
        (matches!(document.role, Role::Deploy | Role::Readme | Role::Runbook)
            || says_how.contains(&*document.place.path))
            && is_of_the_service(chapter, scope)
    };
    all.iter().filter(is_meant).find_map(|chapter| of_chapter(chapter, scope))
}

/// The same of one chapter; under a heading on the way back each sentence is on that.
pub(super) fn of_chapter(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<Outcome> {
    let text = &chapter.sections().next()?.text;
    let is_headed = is_way_back(chapter.title());
    let of_release = |sentence: &&str| {
        (is_headed || prose::mentions(sentence, ROLLBACK)) && !is_about_data(sentence)
    };
    let folder = chapter.document.place.folder();
    let mut said = prose::sentences(text).filter(of_release);
    let run = said.find_map(|said| run(said, folder, scope))?;
    Some(Outcome::Unknown(format!(
        "a sentence under `{}` of `{}` (line {}) names `{run}` for the way back: give the commands in a \
         block, under a heading of their own",
        chapter.title(),
        chapter.place().path,
        chapter.place().line
    )))
}

/// What a sentence tells to run.
fn run(sentence: &str, folder: &str, scope: &Scope<'_>) -> Option<String> {
    let words: Vec<&str> = sentence.split_whitespace().take(WORDS).collect();
    let bare = |word: &&str| {
        let word = word.trim_end_matches('.');
        word.trim_matches(['"', '\'', ',', ':', ';', '(', ')']).to_owned()
    };
    let program = words.iter().map(bare).find(|word| is_program(word, folder, scope));
    let known = || COMMANDS.iter().chain(COMPOSE).find(|command| sentence.contains(**command));
    let deploys = |at: usize| {
        let rest = words.get(at..)?.join(" ");
        let first = commands(&rest).into_iter().next()?;
        deploys_itself(&first, false).then(|| first.short())
    };
    program
        .or_else(|| known().map(|command| (*command).to_owned()))
        .or_else(|| (0..words.len()).find_map(deploys))
        .or_else(|| words.iter().map(bare).find(|word| is_version(word)))
}

/// What has Compose start a release, of which a sentence may leave out the beginning.
const COMPOSE: &[&str] = &["docker compose", "docker-compose", "up -d"];

/// Whether a word is the name of a variable that says which release runs: `TILL_TAG`.
fn is_version(word: &str) -> bool {
    const ENDS: &[&str] = &["_IMAGE", "_RELEASE", "_TAG", "_VERSION"];
    let name = word.split('=').next().unwrap_or_default();
    ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a word is the path of a file of the tree that may be run: "./bring-back".
fn is_program(word: &str, folder: &str, scope: &Scope<'_>) -> bool {
    const READ: &[&str] = &["json", "md", "txt", "yaml", "yml"];
    let ending = word.rsplit_once('.').map_or("", |(_, ending)| ending);
    let is_path = word.contains('/') && !word.contains("//");
    let has = |path: Option<String>| path.is_some_and(|path| scope.all.has_path(&path));
    is_path
        && !READ.contains(&ending)
        && (has(path::join(folder, word)) || has(path::join("", word)))
}
