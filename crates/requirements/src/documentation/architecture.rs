//! An overview of the architecture exists.

use super::bringing_out::is_of_bringing_out;
use crate::about::{names, several_named, subject};
use crate::code_elsewhere::is_only_set_up;
use crate::prelude::*;
use crate::topic;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "documentation/architecture",
    title: "an overview of the architecture exists",
    why: "Without the picture of the parts and of what flows between them, every incident and \
          every newcomer begins with drawing it.",
    remedy: "Write docs/architecture.md: the parts, what each is for, what flows between them, \
             what is stored where, and what the service depends on.",
    references: &[Reference {
        title: "The C4 model for visualising software architecture",
        url: "https://c4model.com/",
    }],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Dependency, Change::Code],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::ALL,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("architecture.md"),
};

static HEADINGS: &[&str] = &[
    "architecture",
    "architectural overview",
    "design overview",
    "high level design",
    "how it works",
    "system design",
    "system overview",
    "topology",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut pages = pages(scope, Role::Architecture, HEADINGS, "architecture");
    pages.chapters.retain(|chapter| {
        !is_beside(chapter)
            && !chapter.is_of_local_setup()
            && !is_of_one_part(chapter, scope)
            && !is_of_decisions(chapter)
            && !is_of_processors(chapter)
            && !is_of_looks(chapter)
            && !is_of_calls(chapter)
            && !is_in_readme_of_part(chapter, scope)
            && !is_on_what_its_file_names(chapter, scope)
            && !is_of_assistants(chapter)
            && !is_of_bringing_out(chapter, scope)
    });
    // A page that is called after the whole says more than one that comes first by its path.
    pages.chapters.sort_by_key(|chapter| !is_called_whole(chapter, scope));
    let mut overviews = pages.chapters.iter().filter(|chapter| is_overview(chapter, scope));
    if let Some(first) = overviews.next() {
        let chapter = overviews.find(|other| is_whole_of(other, first)).unwrap_or(first);
        if is_around(chapter, scope) && is_only_set_up(scope) {
            let (path, line) = (&chapter.place().path, chapter.place().line);
            return Outcome::Unknown(format!(
                "`{}` ({path}:{line}) is on the tree that brings `{}` to its users, and the code of \
                 that stands elsewhere",
                chapter.name(),
                scope.service.name
            ));
        }
        if is_one_of_several(chapter, scope) {
            let (path, line) = (&chapter.place().path, chapter.place().line);
            return Outcome::Unknown(format!(
                "`{}` ({path}:{line}) is one of several pages on architecture, and is not called after \
                 the whole",
                chapter.name()
            ));
        }
        let is_part = chapter.document.role != Role::Architecture;
        if let Some(other) = several_named(chapter, scope).filter(|_| is_part) {
            let (path, line) = (&chapter.place().path, chapter.place().line);
            return Outcome::Unknown(format!(
                "`{}` ({path}:{line}) tells of `{other}` and others, and not of `{}`",
                chapter.name(),
                scope.service.name
            ));
        }
        return Outcome::met(chapter.place(), message(chapter, scope));
    }
    if let Some(drawing) = pages.chapters.iter().find_map(|chapter| drawn_beside(chapter)) {
        return Outcome::met(drawing.place(), format!("`{}` draws it", drawing.title()));
    }
    let outside = pages.chapters.iter().find_map(|chapter| outside(chapter, scope));
    match (pages.chapters.first(), outside) {
        (_, Some(unread)) => Outcome::Unknown(unread),
        (Some(chapter), None) if is_its_own(chapter, scope) && !is_on_a_page(chapter, scope) => {
            too_little(chapter)
        }
        (_, None) => pages.unknown(
            "overview of the architecture",
            "write docs/architecture.md, or say under `links: {architecture: …}` in gonogo.yaml \
             where it stands",
        ),
    }
}

/// Whether a page is on those programs that help to write the code, whose folder it leads to.
fn is_of_assistants(chapter: &Chapter<'_>) -> bool {
    let folders = [".claude/", ".cursor/"];
    let is_there = |text: &str| folders.iter().any(|folder| text.contains(folder));
    prose::mentions(chapter.document.title(), &["agent", "assistant"])
        && chapter.links().any(|link| is_there(link))
}

/// Whether the title or the name of a page says no more than that it is on the whole.
fn is_called_whole(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let own: Vec<String> =
        names(scope.service).into_iter().chain([scope.names.product().to_owned()]).collect();
    let is_of_whole = |word: &str| {
        prose::mentions(word, topic::WHOLE)
            || prose::mentions(word, OF_WHOLE)
            || own.iter().any(|own| prose::mentions(own, &[word]))
    };
    chapter.document.names().into_iter().filter(|name| !name.is_empty()).any(|name| {
        let name = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
        subject(name).split(' ').all(is_of_whole)
    })
}

/// Words of names of pages on the whole, beside those of every subject.
static OF_WHOLE: &[&str] = &[
    "architect*",
    "arc42",
    "c4",
    "component",
    "context",
    "diagram",
    "general",
    "high",
    "index",
    "level",
    "software",
    "solution",
    "structure",
];

/// Whether a page stands with others in a folder on architecture, none of which is called after the whole,
/// and names the service neither in its title nor in its own name.
fn is_one_of_several(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let document = chapter.document;
    let folder = document.place.folder();
    let last = folder.rsplit('/').next().unwrap_or_default();
    let mut beside = scope.documents_of(Role::Architecture);
    let is_other =
        |page: &&Document| page.place.folder() == folder && page.place.path != document.place.path;
    // Numbered pages are the chapters of one.
    let is_numbered = document.stem().starts_with(|c: char| c.is_ascii_digit());
    document.role == Role::Architecture
        && prose::mentions(last, &["architecture"])
        && !is_numbered
        && !is_called_whole(chapter, scope)
        && beside.any(|page| is_other(&page))
}

/// Whether it stands outside of the folder of the service, and names it nowhere.
fn is_around(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let names = names(scope.service);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let is_named = |text: &str| prose::mentions(text, &names);
    !path::is_below(chapter.document.place.folder(), &scope.service.folder)
        && !chapter.sections().any(|section| is_named(&section.title) || is_named(&section.text))
}

/// Whether a heading promises less than the whole: how one part works, with which tools it is made,
/// what those who write the code keep to, or what was decided one day.
fn is_beside(chapter: &Chapter<'_>) -> bool {
    let title = chapter.title();
    let role = chapter.document.role;
    let may_be_whole = matches!(role, Role::Readme | Role::Architecture) && !chapter.is_of_a_part();
    let is_of_part = prose::mentions(title, &["how it works"]) && !may_be_whole;
    is_of_part || prose::mentions(title, BESIDE) || is_step(title)
}

/// Whether a heading is that of a step of a plan: "Phase 1: Database Architecture Enhancement".
fn is_step(title: &str) -> bool {
    let mut words = title.split_whitespace();
    let (first, number) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_number = number.strip_suffix(':').is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()));
    is_number
        && !prose::mentions(first, &["appendix", "chapter", "diagram", "figure", "part", "section"])
}

/// Whether a heading or the name of a page tells of the architecture of one part, which is not what
/// the service itself is called by: "Authentication architecture".
fn is_of_one_part(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let is_named =
        |text: &str| prose::mentions(text, &["architecture"]) && prose::mentions(text, PARTS);
    let is_service = prose::mentions(&scope.service.name, PARTS);
    let document = chapter.document;
    let is_called = PARTS.contains(&prose::plain(document.stem()).as_str());
    let is_named =
        !is_service && (is_called || is_named(chapter.title()) || is_named(chapter.name()));
    // The logging of a service has an architecture of its own.
    let is_of_aid = document.role == Role::Other
        && document.is_called(AIDS)
        && !prose::mentions(document.title(), &["architecture", "design"]);
    is_named || is_of_aid || is_amid_code(document.place.folder(), &scope.service.folder)
}

/// Whether a chapter is on the processors for which something is built.
fn is_of_processors(chapter: &Chapter<'_>) -> bool {
    let own = chapter.sections().next();
    let says = own.is_some_and(|section| {
        prose::mentions(&section.text, PROCESSORS) || prose::mentions(&section.title, PROCESSORS)
    });
    chapter.document.role != Role::Architecture && says
}

/// Whether a page is on how pages look: "Design" over typography, colours and animations.
fn is_of_looks(chapter: &Chapter<'_>) -> bool {
    let looks = [
        "animation",
        "color",
        "colour",
        "dark mode",
        "design token",
        "font",
        "hover*",
        "icon",
        "spacing",
        "typography",
        "visual design",
    ];
    chapter.sections().filter(|section| prose::mentions(&section.title, &looks)).count() > 1
}

/// Whether a page goes through the calls of an interface, most of its headings being on one:
/// "Endpoints to call when an order is paid".
fn is_of_calls(chapter: &Chapter<'_>) -> bool {
    let titles = || chapter.sections().skip(1).map(|section| section.title.as_str());
    let calls = titles().filter(|title| prose::mentions(title, &["endpoint"])).count();
    calls > 1 && calls * 2 > titles().count()
}

/// Whether it stands in the README of a part: in a folder of a folder of the service, or beside a package of
/// its own where the service has one too.
fn is_in_readme_of_part(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let own = scope.service.folder.as_str();
    let folder = chapter.document.place.folder();
    let Some(below) = folder.strip_prefix(own).map(|below| below.trim_matches('/')) else {
        return false;
    };
    let is_of_pages = |part: &str| prose::mentions(part, &["architecture", "doc", "documentation"]);
    let has_package =
        |folder: &str| scope.all.packages.iter().any(|package| package.place.folder() == folder);
    chapter.document.role == Role::Readme
        && !below.is_empty()
        && !below.split('/').any(is_of_pages)
        && (below.contains('/') || (has_package(folder) && has_package(own)))
}

/// Whether a page is called after the architecture of what its file is called after, and that is
/// neither the service nor the whole: `validation_rules.md` with "Validation rule architecture".
fn is_on_what_its_file_names(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let document = chapter.document;
    let stem = prose::plain(document.stem());
    let title = document.title();
    let whole = ["architect*", "design", "overview", "structure"];
    let own: Vec<String> = names(scope.service);
    let is_other = |word: &&str| {
        word.len() > SHORTEST_NAME
            && !prose::mentions(word, topic::WHOLE)
            && !own.iter().any(|own| prose::mentions(own, &[*word]))
    };
    let words: Vec<&str> = stem.split_whitespace().filter(is_other).collect();
    document.role != Role::Readme
        && prose::mentions(title, &["architecture"])
        && !prose::mentions(&stem, &whole)
        && words.iter().any(|word| prose::mentions(title, &[word.trim_end_matches('s')]))
}

/// Words on processors, and on building for several of them.
static PROCESSORS: &[&str] = &[
    "aarch64",
    "amd64",
    "arm64",
    "armv7",
    "binfmt",
    "multi arch",
    "multi architecture",
    "qemu",
    "supported architecture",
    "x86 64",
];

/// Whether a page of the tree that a chapter leads to is called after the whole, or draws it: the
/// page of a framework is on that.
fn is_on_whole(page: &Document) -> bool {
    let words = ["architect*", "design", "how it works", "overview", "structure", "topology"];
    let title = page.title();
    page.role == Role::Architecture
        || Chapter::whole(page).is_some_and(|whole| whole.has_diagram())
        || prose::mentions(title, &words)
        || prose::mentions(&page.place.path, &words)
}

/// Whether a page is on all of what another one tells one part of, by their names:
/// `main_design_guide.md` beside `till_design_guide.md`.
fn is_whole_of(chapter: &Chapter<'_>, part: &Chapter<'_>) -> bool {
    let (of_all, of_part) = (&chapter.document.place, &part.document.place);
    let rest = |name: &str| Some(name.split_once(['_', '-'])?.1.to_owned());
    let is_first = |place: &Place| {
        place.file_name().split(['_', '-']).next().is_some_and(|word| WHOLE.contains(&word))
    };
    of_all.folder() == of_part.folder()
        && is_first(of_all)
        && !is_first(of_part)
        && rest(of_all.file_name()).is_some_and(|name| Some(name) == rest(of_part.file_name()))
}

/// First words of the names of pages on the whole.
static WHOLE: &[&str] = &["general", "main", "overall", "system"];

/// Whether a page stands amid the code of one part: `web/src/components/menu/`.
fn is_amid_code(folder: &str, of_service: &str) -> bool {
    let below = folder.strip_prefix(of_service).unwrap_or(folder).trim_start_matches('/');
    let mut parts = below.split('/');
    let holds_parts = ["components", "internal", "lib", "libs", "pkg"];
    let is_of_src = below.split('/').skip_while(|part| *part != "src").count() > 1;
    is_of_src || parts.any(|part| holds_parts.contains(&part))
}

/// Whether a page stands among the records of decisions: what it says of architecture is what a
/// record is, or what was decided one day.
fn is_of_decisions(chapter: &Chapter<'_>) -> bool {
    let holds_records = |part: &str| {
        let name = part.to_ascii_lowercase().replace(['_', ' '], "-");
        let known = ["adr", "adrs", "architecture-decisions", "decision-records", "decisions"];
        known.contains(&name.as_str())
    };
    chapter.document.place.folder().split('/').any(holds_records)
}

/// What helps to watch and try a service, as a page on it is called.
static AIDS: &[&str] =
    &["alerting", "logging", "monitoring", "observability", "telemetry", "testing", "tracing"];

/// What only a part of the whole is about.
static PARTS: &[&str] = &[
    "auth",
    "authentication",
    "authorisation",
    "authorization",
    "css",
    "module",
    "permission",
    "session",
    "terraform",
    "test",
    "testing",
];

static BESIDE: &[&str] = &[
    "convention",
    "decision",
    "guideline",
    "tech stack",
    "technology stack",
    "test*",
    "threat model",
];

/// Whether the chapter, or a page of the tree that it points to, draws the picture or describes it.
fn is_overview(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let folder = chapter.document.place.folder();
    is_long(chapter)
        || chapter.has_diagram()
        || chapter.links().any(|link| match follow(link, folder, &scope.sitemap) {
            Target::Document(document) => {
                is_on_whole(document) && Chapter::whole(document).is_some_and(|c| is_long(&c))
            }
            Target::File => is_picture(link),
            _ => false,
        })
}

/// The chapter of the same page that draws the parts which this one lists: "Diagram" below
/// "Architecture".
fn drawn_beside<'a>(chapter: &Chapter<'a>) -> Option<Chapter<'a>> {
    let names = ["diagram", "overview", "topology"];
    let is_drawing =
        |other: &Chapter<'a>| prose::mentions(other.title(), &names) && other.has_diagram();
    let mut others = chapters(chapter.document).filter(|_| chapter.says_something());
    others.find(is_drawing)
}

/// What shows the overview: the chapter by itself, or the page that it leads to.
fn message(chapter: &Chapter<'_>, scope: &Scope<'_>) -> String {
    let folder = chapter.document.place.folder();
    let is_drawn = chapter.has_diagram() || chapter.links().any(|link| is_picture(link));
    let is_short = chapter.word_count() < FEWEST_WORDS && !is_drawn;
    let mut pages = chapter.links().filter_map(|link| match follow(link, folder, &scope.sitemap) {
        Target::Document(page) if is_on_whole(page) => Chapter::whole(page).filter(is_long),
        _ => None,
    });
    match pages.next().filter(|_| is_short) {
        Some(page) => {
            let (path, words) = (&page.document.place.path, page.word_count());
            format!("`{}` leads to `{path}` of {words} words", chapter.name())
        }
        None => format!("`{}` of {} words", chapter.name(), chapter.word_count()),
    }
}

fn is_long(chapter: &Chapter<'_>) -> bool {
    chapter.word_count() >= FEWEST_WORDS
}

/// An overview with fewer words names the parts at best.
const FEWEST_WORDS: usize = 40;

fn is_picture(link: &str) -> bool {
    let extension = link.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["svg", "png", "jpg", "jpeg", "gif", "webp", "drawio", "puml", "d2"]
        .iter()
        .any(|known| extension.eq_ignore_ascii_case(known))
}

fn outside(chapter: &Chapter<'_>, scope: &Scope<'_>) -> Option<String> {
    let folder = chapter.document.place.folder();
    // What stands on the pages of a file for printing is not read.
    let is_printed = |link: &str| link.to_ascii_lowercase().ends_with(".pdf");
    let (name, path) = (chapter.name(), &chapter.document.place.path);
    chapter.links().find_map(|link| match follow(link, folder, &scope.sitemap) {
        Target::File if !is_printed(link) => None,
        Target::Outside | Target::File => {
            Some(format!("`{name}` of `{path}` points to {}, which was not read", link.value))
        }
        Target::Document(page) if Chapter::whole(page).is_some_and(|page| is_long(&page)) => {
            let page = &page.place.path;
            Some(format!("`{name}` of `{path}` leads to `{page}`, which may be on a part"))
        }
        _ => None,
    })
}

/// Whether a page promises the picture of the service: as its architecture, or in its README and not
/// in that of a part.
fn is_its_own(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let is_around = path::is_below(&scope.service.folder, chapter.document.place.folder());
    // A page called "Design" may be on how pages look.
    let is_look = prose::plain(chapter.title()).trim() == "design";
    !is_look && (chapter.document.role != Role::Readme || is_around)
}

/// Whether a page of its own is called after the architecture beside a chapter that says little: it
/// may tell of this service, though it names others.
fn is_on_a_page(chapter: &Chapter<'_>, scope: &Scope<'_>) -> bool {
    let mut pages = scope.documents_of(Role::Architecture).filter_map(Chapter::whole);
    pages.any(|page| {
        let is_other = page.document.place.path != chapter.document.place.path;
        is_other && is_overview(&page, scope) && !is_of_decisions(&page)
    })
}

fn too_little(chapter: &Chapter<'_>) -> Outcome {
    let message = format!("`{}` gives no overview of the architecture", chapter.name());
    Finding::at(chapter.place(), message)
        .help("describe the parts, what flows between them, and what is stored where; draw them")
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_guide_on_the_whole_comes_before_that_on_a_part() {
        let text =
            |title: &str| format!("# {title}\n\n{}\n", "Orders flow to the till. ".repeat(20));
        let (part, whole) = (text("Content system design guide"), text("The shop: design guide"));
        let files = [
            ("Dockerfile", "FROM rust:1\nEXPOSE 80\nCMD [\"/serve\"]\n"),
            ("docs/content_design_guide.md", part.as_str()),
            ("docs/main_design_guide.md", whole.as_str()),
        ];
        let Outcome::Met(seen) = crate::cases::judged(&files, judge) else { panic!("not met") };
        assert_eq!(&*seen[0].place.path, "docs/main_design_guide.md");
    }
}
