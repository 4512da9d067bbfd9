//! The manual of a product: pages of a published site that tell those who run the product for
//! themselves, or use it, what it can do. Nothing there tells how a team runs it.

use facts::{Document, Role, Scope};

use crate::chapter::Chapter;
use crate::prose;

/// The folder by which a page is one of the manual.
///
/// What a page of its own is called after and that holds for the product itself stays: how it is
/// made, what was decided, what to do when it fails.
pub(crate) fn manual<'a>(document: &'a Document, scope: &Scope<'_>) -> Option<&'a str> {
    let may_be_of_it = matches!(
        document.role,
        Role::Capacity
            | Role::Data
            | Role::Deploy
            | Role::Other
            | Role::Playbook
            | Role::Support
            | Role::Troubleshooting
    );
    if !may_be_of_it {
        return None;
    }
    let folders = || document.place.folder().split('/').filter(|part| !part.is_empty());
    let name = document.place.file_name();
    let stem = name.split('.').next().unwrap_or(name);
    let is_first_steps = |name: &&str| stands_among(name, FIRST_STEPS);
    let folder = folders().find(|part| stands_among(part, MANUAL));
    let found = folder.or_else(|| Some(stem).filter(is_first_steps))?;
    let is_of_team = folders().any(|part| stands_among(part, OPERATIONS));
    (!is_of_team && scope.sitemap.is_of_site(document)).then_some(found)
}

/// Whether a page answers the questions of those who use the product of a published site.
pub(crate) fn is_faq(document: &Document, scope: &Scope<'_>) -> bool {
    document.role == Role::Troubleshooting && scope.sitemap.is_of_site(document)
}

/// Whether a page tells the visitors of a published site what becomes of their data.
pub(crate) fn is_for_visitors(document: &Document, scope: &Scope<'_>) -> bool {
    let name = prose::plain(document.place.file_name());
    document.role == Role::Data && name.starts_with("privacy") && scope.sitemap.is_of_site(document)
}

/// Whether a chapter of a published page is on what may be set: a limit that users may choose tells
/// none of those under which a team runs the product.
pub(crate) fn is_on_settings(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let is_flag = |text: &str| {
        let mut words = text.split(|c: char| c.is_whitespace() || "`[(\"'".contains(c));
        words.any(|word| {
            word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic))
        })
    };
    let own = || chapter.sections().take(1);
    let says_so = prose::mentions(chapter.title(), &["flag", "option", "optional", "setting"])
        || own().any(|section| is_flag(&section.text));
    chapter.document.role == Role::Other && says_so && scope.sitemap.is_of_site(chapter.document)
}

/// Whether a name is one of `known`, however its words are joined; asked of every page for every
/// service.
fn stands_among(part: &str, known: &[&str]) -> bool {
    let is_alike = |(written, known): (u8, u8)| {
        written.to_ascii_lowercase() == known || (known == b' ' && matches!(written, b'-' | b'_'))
    };
    known
        .iter()
        .any(|known| known.len() == part.len() && part.bytes().zip(known.bytes()).all(is_alike))
}

/// Folders of sites that hold pages for users.
static MANUAL: &[&str] = &[
    "advanced",
    "components",
    "configuration",
    "features",
    "getting started",
    "integration",
    "integrations",
    "migrate",
    "migration",
    "reference",
    "tutorial",
    "tutorials",
    "user",
    "user guide",
    "user guides",
    "user manual",
    "users",
];

/// Names of pages on how one begins with a product.
static FIRST_STEPS: &[&str] = &["getting started", "quick start", "quick tutorial", "quickstart"];

/// Folders that hold pages for those who run it.
static OPERATIONS: &[&str] = &[
    "admin",
    "administration",
    "incidents",
    "operating",
    "operation",
    "operations",
    "ops",
    "runbook",
    "runbooks",
    "sre",
];
