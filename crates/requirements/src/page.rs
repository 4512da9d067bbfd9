//! What the documents of a service hold on one subject, wherever it stands.

use facts::{Document, Role, Scope};
use model::{Place, Placed};

use crate::about::{elsewhere, objection, of_another_alone, of_folder, part};
use crate::chapter::{Chapter, chapters};
use crate::link::{Target, follow};
use crate::manual::{is_for_visitors, is_on_settings, manual};
use crate::{Outcome, prose};

/// What the tree holds on one subject.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pages<'a> {
    /// Whole documents on it, then chapters of others.
    pub(crate) chapters: Vec<Chapter<'a>>,
    /// Where it is said to stand, outside of what was read.
    pub(crate) outside: Option<&'a Placed<String>>,
    /// What was not counted, and why.
    pub(crate) passed_over: Option<(Chapter<'a>, String)>,
    /// A page in another language than English, where nothing was found: it may stand there.
    pub(crate) foreign: Option<&'a Document>,
}

/// What the service's documents hold on one subject: those of `role` or titled by one of
/// `headings`, chapters of others under such a heading, and the link of gonogo.yaml called `link`.
pub(crate) fn pages<'a>(scope: &Scope<'a>, role: Role, headings: &[&str], link: &str) -> Pages<'a> {
    let is_own = |document: &&Document| {
        let is_titled =
            || chapters(document).any(|c| c.is_title() && is_called(c.title(), headings));
        let may_be_titled = tells_of_today(document) && document.role != Role::Readme;
        document.role == role || (may_be_titled && is_titled())
    };
    let (own, others): (Vec<_>, Vec<_>) = told(scope).iter().copied().partition(is_own);
    let mut found: Vec<Chapter<'a>> = own.into_iter().filter_map(Chapter::whole).collect();
    let is_of_service = |d: &&Document| tells_of_today(d) && !is_of_library(d, scope);
    for document in others.into_iter().filter(is_of_service) {
        let named = chapters(document).filter(|chapter| !chapter.is_title());
        let wanted = |c: &Chapter<'_>| is_called(c.title(), headings) && !c.is_of_local_work();
        for chapter in named.filter(wanted) {
            let is_inside = found.last().is_some_and(|last| last.contains(&chapter));
            if !is_inside {
                found.push(chapter);
            }
        }
    }
    let passed_over = leave_out(&mut found, role, scope);
    let mut outside = None;
    if let Some(link) = scope.link(link) {
        match follow(link, link.place.folder(), &scope.sitemap) {
            Target::Document(document) | Target::NoAnchor(document) => {
                let is_known = found.iter().any(|chapter| chapter.document.place == document.place);
                found.extend(Chapter::whole(document).filter(|_| !is_known));
            }
            Target::Outside => outside = Some(link),
            Target::File | Target::Nowhere | Target::Unclear => {}
        }
    }
    let foreign = if found.is_empty() { foreign(role, scope) } else { None };
    Pages { chapters: found, outside, passed_over, foreign }
}

/// A page that is not written in English, one of `role` before others.
pub(crate) fn foreign<'a>(role: Role, scope: &Scope<'a>) -> Option<&'a Document> {
    let mut all = told(scope).iter().copied().filter(|page| scope.languages.is_foreign(page));
    let first = all.next()?;
    Some(if first.role == role { first } else { all.find(|p| p.role == role).unwrap_or(first) })
}

/// That a page is not read as others are.
pub(crate) fn is_foreign(page: &Document) -> String {
    format!(
        "`{}` is not written in English: of other languages only commands, links and words that are \
         the same are read",
        page.place.path
    )
}

/// Takes out what is about something else, and tells the first of it with the reason.
fn leave_out<'a>(
    found: &mut Vec<Chapter<'a>>,
    role: Role,
    scope: &Scope<'_>,
) -> Option<(Chapter<'a>, String)> {
    // How it is made is written down for those who change it.
    let is_for_all = role == Role::Architecture;
    let is_of_whole = matches!(
        role,
        Role::Architecture | Role::Capacity | Role::RecoveryPlan | Role::Troubleshooting
    );
    // What is limited or comes back is that of one service.
    let is_of_each = matches!(role, Role::Capacity | Role::RecoveryPlan);
    let is_of_settings = matches!(role, Role::Capacity | Role::Data);
    let of_manual = |chapter: &Chapter<'_>| {
        let folder = manual(chapter.document, scope)
            .map(|folder| format!("by `{folder}` it is of the manual for those who use it"));
        let of_visitors = || {
            is_for_visitors(chapter.document, scope)
                .then(|| "it is for the visitors of the site".to_owned())
        };
        folder.or_else(of_visitors).or_else(|| {
            (is_of_settings && is_on_settings(chapter, scope))
                .then(|| format!("`{}` is on what users may set", chapter.name()))
        })
    };
    let reason = |chapter: &Chapter<'_>| {
        let of_page =
            if is_for_all { elsewhere(chapter, scope) } else { objection(chapter, scope) };
        of_page
            .or_else(|| is_of_whole.then(|| part(chapter, scope)).flatten())
            .or_else(|| is_of_whole.then(|| of_folder(chapter, scope)).flatten())
            .or_else(|| is_of_each.then(|| of_another_alone(chapter, scope)).flatten())
            .or_else(|| of_manual(chapter))
    };
    let mut passed_over = None;
    found.retain(|chapter| match reason(chapter) {
        Some(reason) => {
            passed_over.get_or_insert((*chapter, reason));
            false
        }
        None => true,
    });
    passed_over
}

/// The service's documents, without those that tell of something else or are of a product's manual.
pub(crate) fn documents<'a>(scope: &Scope<'a>) -> impl Iterator<Item = &'a Document> + use<'a> {
    let told = told(scope).iter().copied();
    let documents: Vec<_> = told.filter(|document| manual(document, scope).is_none()).collect();
    documents.into_iter()
}

/// The same, pages of a manual included.
fn told<'s, 'a>(scope: &'s Scope<'a>) -> &'s [&'a Document] {
    let tells = |document: &&Document| {
        !document.is_aside && !is_for_users(document) && !is_of_scripts(document, scope)
    };
    scope.telling.get_or_init(|| scope.documents.iter().copied().filter(tells).collect())
}

/// Whether a document is for those who change the code, by its title or by its name.
pub(crate) fn is_for_developers(document: &Document) -> bool {
    prose::mentions(document.stem(), DEVELOPERS) || document.is_called(DEVELOPMENT)
}

/// Names of pages for those who change the code.
static DEVELOPERS: &[&str] =
    &["contributing", "contribute", "developing", "development", "hacking", "locally"];

/// Whether a page stands in a folder of pages for those who change the code.
pub(crate) fn is_among_developers(document: &Document) -> bool {
    let folder = document.place.folder();
    folder
        .split('/')
        .any(|part| prose::mentions(part, DEVELOPERS) || prose::mentions(part, &["developer"]))
}

static DEVELOPMENT: &[&str] =
    &["contribut*", "dev environment", "dev setup", "development environment", "local development"];

/// Whether a page explains a product to those who use it: where in its menus something stands, and
/// which operation of its API does the same. What it says of being on call or of backups is about
/// what the product offers, and not about how the team runs it.
fn is_for_users(document: &Document) -> bool {
    let is_of_the_system = matches!(
        document.role,
        Role::Architecture
            | Role::Capacity
            | Role::Decision
            | Role::Deploy
            | Role::Readme
            | Role::Runbook
            | Role::Security
    );
    let texts = || document.sections.iter().map(|section| section.text.as_str());
    // The host of documentation that understands such links is one for the users of a product.
    let is_hosted = document.links.iter().any(|link| link.starts_with("doc:"));
    let is_menu = |text: &str| ["Settings → ", "Settings > "].iter().any(|way| text.contains(way));
    let is_operation = |text: &&str| {
        let methods = ["GET /api/", "POST /api/", "PUT /api/", "PATCH /api/", "DELETE /api/"];
        methods.iter().any(|method| text.contains(method))
    };
    let operations = texts().filter(is_operation).count();
    is_hosted || !is_of_the_system && (operations > 2 || (operations > 0 && texts().any(is_menu)))
}

/// Whether a document tells how things are: records and reports tell how they were on one day.
fn tells_of_today(document: &Document) -> bool {
    !matches!(document.role, Role::Decision | Role::Postmortem)
}

/// Whether it stands in a folder of scripts and tells of them, its name saying nothing else.
fn is_of_scripts(document: &Document, scope: &Scope<'_>) -> bool {
    let may_tell_of_them = matches!(document.role, Role::Readme | Role::Other);
    may_tell_of_them && stands_in(document, scope, SCRIPTS)
}

/// Whether it is the README of code that others are linked with.
fn is_of_library(document: &Document, scope: &Scope<'_>) -> bool {
    document.role == Role::Readme && stands_in(document, scope, LINKED)
}

/// Whether one of `folders` below that of the service holds the document.
fn stands_in(document: &Document, scope: &Scope<'_>, folders: &[&str]) -> bool {
    let folder = document.place.folder();
    let below = folder.strip_prefix(scope.service.folder.as_str()).unwrap_or(folder);
    below.split('/').any(|part| folders.contains(&part))
}

/// Folders of what tends a tree and is no program of it.
pub(crate) static SCRIPTS: &[&str] = &["bin", "hack", "script", "scripts", "tools"];

static LINKED: &[&str] = &["common", "internal", "lib", "libs", "packages", "pkg"];

/// Whether a heading is one of `headings`, with few words around it: a long one is about more.
fn is_called(title: &str, headings: &[&str]) -> bool {
    title.split_whitespace().count() <= MOST_WORDS && prose::mentions(title, headings)
}

const MOST_WORDS: usize = 7;

impl<'a> Pages<'a> {
    /// The first sentence that says something of `phrases`.
    pub(crate) fn says(&self, phrases: &[&str]) -> Option<&'a Place> {
        self.chapters.iter().find_map(|chapter| chapter.says(phrases))
    }

    /// The first sentence that names one of `subjects` together with one of `deeds`.
    pub(crate) fn says_both(&self, subjects: &[&str], deeds: &[&str]) -> Option<&'a Place> {
        self.chapters.iter().find_map(|chapter| chapter.says_both(subjects, deeds))
    }

    /// Unknown: nothing was found, or what there is stands where it was not read.
    pub(crate) fn unknown(&self, what: &str, where_to_put_it: &str) -> Outcome {
        if let Some(link) = self.outside {
            let at = &link.place;
            return Outcome::Unknown(format!(
                "{what}: `{}` (line {}) points to {}, which was not read",
                at.path, at.line, link.value
            ));
        }
        let beside = self.passed_over.as_ref().map_or_else(String::new, |(chapter, why)| {
            let (path, line) = (&chapter.place().path, chapter.place().line);
            format!("; {path}:{line} was not counted: {why}")
        });
        let foreign =
            self.foreign.map_or_else(String::new, |page| format!("; {}", is_foreign(page)));
        Outcome::Unknown(format!(
            "no {what} was found among the documents: {where_to_put_it}{beside}{foreign}"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_found_nowhere_may_stand_in_a_page_that_is_not_read_as_english() {
        let judge = |scope: &Scope<'_>| {
            pages(scope, Role::RecoveryPlan, &["recovery"], "x").unknown("a", "b")
        };
        let reason = |text: &str| {
            let files = [("NOTES.md", text), ("gonogo.yaml", "service: till\n")];
            let Outcome::Unknown(reason) = crate::cases::judged(&files, judge) else {
                panic!("not unknown")
            };
            reason
        };
        let german = "# Sicherung\n\nDie Daten werden in der Nacht gesichert und mit der Hand eingespielt.\n";
        assert!(reason(german).ends_with("words that are the same are read"), "{}", reason(german));
        assert!(reason(german).contains("`NOTES.md` is not written in English"));
        let english = "# Notes\n\nThe data of the shop is copied with the tools that are there.\n";
        assert_eq!(reason(english), "no a was found among the documents: b");
    }
}
