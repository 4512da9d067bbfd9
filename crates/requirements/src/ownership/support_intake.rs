//! Customers' reports have an intake path and a response playbook.

use crate::prelude::*;

pub(super) static REQUIREMENT: Requirement = Requirement {
    id: "ownership/support-intake",
    title: "customers' reports have an intake path and a response playbook",
    why: "Users notice what no alert sees. Reports without a place to go and somebody to answer \
          them are lost, and so are the users.",
    remedy: "Write SUPPORT.md: where customers report problems, who reads the reports, how soon \
             they are answered, and how they become incidents.",
    references: &[
        Reference {
            title: "GitHub: adding support resources to your project",
            url: "https://docs.github.com/en/communities/setting-up-your-project-for-healthy-contributions/adding-support-resources-to-your-project",
        },
        Reference {
            title: "Google SRE book: dealing with interrupts",
            url: "https://sre.google/sre-book/dealing-with-interrupts/",
        },
    ],
    since: "0.1.0",
    effort: Effort::Hours(4),
    invalidated_by: &[Change::Document, Change::Owner],
    demands: [Demand::of(Grade::Declared), Demand::of(Grade::Declared), None],
    kinds: kinds::RUNNING,
    reads: &[Subject::Documents],
    proofs: &[Proof::Service(judge)],
    cases: include_str!("support_intake.md"),
};

static HEADINGS: &[&str] = &[
    "contact us",
    "customer support",
    "get help",
    "get support",
    "getting help",
    "getting support",
    "report a bug",
    "report a problem",
    "report an issue",
    "reporting a problem",
    "reporting bug",
    "reporting issue",
    "reporting problem",
    "support policy",
];

static RESPONSE: &[&str] = &[
    "acknowledg*",
    "answer*",
    "assign*",
    "escalat*",
    "first response",
    "reply",
    "replies",
    "respond*",
    "response time",
    "response",
    "sla",
    "triag*",
    "what happens next",
];

fn judge(scope: &Scope<'_>) -> Outcome {
    let mut pages = pages(scope, Role::Support, HEADINGS, "support");
    pages.chapters.extend(short_chapters(scope));
    let is_own = |chapter: &Chapter<'_>| chapter.document.role == Role::Support;
    let (own, others): (Vec<&Chapter<'_>>, Vec<&Chapter<'_>>) =
        pages.chapters.iter().partition(|chapter| is_own(chapter));
    // One page has to say both, but SUPPORT.md may be completed by what else is written.
    let told_by_one = others.iter().find_map(|chapter| told(&[chapter]));
    if let Some(outcome) = told(&own).or(told_by_one) {
        return outcome;
    }
    match (own.first(), others.iter().find_map(|chapter| way_in(chapter))) {
        (Some(page), _) if is_support(page.document) => {
            lacking(page, own.iter().any(|chapter| way_in(chapter).is_some()))
        }
        (Some(page), _) => Outcome::Unknown(format!(
            "`{}` does not say both where customers report problems and how they are answered: say so there \
             or in SUPPORT.md",
            page.place().path
        )),
        (None, Some(place)) => Outcome::Unknown(format!(
            "`{}` says where to report problems, and no SUPPORT.md how reports are answered",
            place.path
        )),
        (None, None) => pages.unknown(
            "intake path for customers' reports",
            "write SUPPORT.md, or say under `links: {support: …}` in gonogo.yaml where it stands",
        ),
    }
}

/// Whether it is called just "support": other names are of guides for those who answer.
fn is_support(document: &Document) -> bool {
    prose::plain(document.stem()) == "support"
}

/// Chapters whose whole heading is "Support" or "Contact".
fn short_chapters<'a>(scope: &Scope<'a>) -> Vec<Chapter<'a>> {
    let readmes = documents(scope).filter(|document| document.role == Role::Readme);
    let all = readmes.flat_map(chapters);
    all.filter(|chapter| ["support", "contact"].contains(&prose::plain(chapter.title()).trim()))
        .collect()
}

/// Met, where the chapters say both where to report and how reports are answered.
fn told(chapters: &[&Chapter<'_>]) -> Option<Outcome> {
    let way_in = chapters.iter().find_map(|chapter| way_in(chapter))?;
    let response = chapters.iter().find_map(|chapter| chapter.says(RESPONSE))?;
    Some(Outcome::Met(vec![
        Sighting::at(way_in, "where customers report problems"),
        Sighting::at(response, "how their reports are answered"),
    ]))
}

fn lacking(page: &Chapter<'_>, has_way_in: bool) -> Outcome {
    let name = page.name();
    let finding = |message: String, help: &str| Finding::at(page.place(), message).help(help);
    let no_way_in = (!has_way_in).then(|| {
        let help = "name the form, address or channel that customers use";
        finding(format!("`{name}` does not say where customers report problems"), help)
    });
    let no_response = page.says(RESPONSE).is_none().then(|| {
        let help = "write who reads reports, how soon they are answered, and when they become \
                    incidents";
        finding(format!("`{name}` does not say how reports are answered"), help)
    });
    Outcome::Unmet(no_way_in.into_iter().chain(no_response).collect())
}

/// Where a page names an address, a form or a channel. A link to another page of the tree is none,
/// unless the page is about support by its name.
fn way_in<'a>(chapter: &Chapter<'a>) -> Option<&'a Place> {
    let is_own = chapter.document.role == Role::Support;
    let leads_out = |link: &str| {
        link.contains("://") || link.starts_with("mailto:") || link.contains("/issues")
    };
    let link = chapter.links().find(|link| is_own || leads_out(link)).map(|link| &link.place);
    let channel = || {
        let section = chapter.sections().find(|section| {
            let mut words = section.text.split_whitespace();
            words.any(|word| is_channel(word.trim_matches(|c: char| "()[].,;:".contains(c))))
        });
        section.map(|section| &section.title.place)
    };
    link.or_else(channel)
}

/// An e-mail address, a chat channel or a web address.
fn is_channel(word: &str) -> bool {
    let is_mail = word.split_once('@').is_some_and(|(name, host)| {
        !name.is_empty() && host.contains('.') && !host.starts_with('.')
    });
    let is_chat = word.strip_prefix('#').is_some_and(|name| name.starts_with(char::is_alphabetic));
    is_mail || is_chat || word.starts_with("https://") || word.starts_with("http://")
}
