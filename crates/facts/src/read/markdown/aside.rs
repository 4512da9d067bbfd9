//! Documents that do not tell of the service as it is: of samples, of tests, of what was, or that
//! instruct tools. Judged by their path alone.

/// Whether the document called `name` in `folder` tells of something else.
pub(super) fn is_aside(folder: &str, name: &str) -> bool {
    let is_aside = |part: &str| ASIDE.contains(&part.to_lowercase().as_str());
    let is_hidden = |part: &str| part.starts_with('.') && folder != ".github";
    folder.split('/').any(|part| is_aside(part) || is_hidden(part) || is_dated(part))
        || is_put_away(folder)
        || is_among_code(folder, name)
        || is_record(name)
        || is_of_one_change(folder, name)
        || is_ticket(name)
        || is_form(name)
        || is_licence(name)
        || is_for_tools(name)
}

/// Whether the name says that the page instructs the tools of developers.
fn is_for_tools(name: &str) -> bool {
    const NAMES: &[&str] = &["agents.md", "claude.md", "copilot-instructions.md", "gemini.md"];
    name.starts_with('.') || NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether the name says that it lists what was (a changelog, a history), or that it was written on
/// one day: `AUDIT_2026-04-29.md`.
fn is_record(name: &str) -> bool {
    let name = name.to_lowercase();
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).collect();
    let is_list = |word: &&str| ["changelog", "changelogs", "history", "histories"].contains(word);
    words.iter().any(is_list) || words.windows(3).any(is_day)
}

/// Whether the name is that of a form which nobody has filled in: `runbook-template.md`.
fn is_form(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_lowercase();
    stem.rsplit(['-', '_', ' ']).next() == Some("template")
}

/// Whether a page is one of many designs, each of one change, which are counted as records are:
/// `docs/design/0004-gift-cards.md`. Two digits put the chapters of one design in order.
fn is_of_one_change(folder: &str, name: &str) -> bool {
    let last = folder.rsplit('/').next().unwrap_or(folder).to_lowercase();
    let is_of_designs = matches!(last.as_str(), "design" | "designs" | "design-docs");
    let digits = name.chars().take_while(char::is_ascii_digit).count();
    is_of_designs && digits >= 3
}

/// Whether a page is one piece of work among others, by its number: `task-71 - Tell who is on call.md`.
fn is_ticket(name: &str) -> bool {
    const KINDS: &[&str] = &["bug", "epic", "issue", "story", "task", "ticket"];
    let name = name.to_lowercase();
    let Some((kind, rest)) = name.split_once(['-', '_', ' ']) else { return false };
    KINDS.contains(&kind) && rest.starts_with(|c: char| c.is_ascii_digit())
}

/// A year of this century, a month and a day.
fn is_day(words: &[&str]) -> bool {
    let within = |word: &str, digits: usize, most: u16| {
        word.len() == digits && word.parse::<u16>().is_ok_and(|number| (1..=most).contains(&number))
    };
    match words {
        [year, month, day] => {
            year.starts_with("20")
                && within(year, 4, 2099)
                && within(month, 2, 12)
                && within(day, 2, 31)
        }
        _ => false,
    }
}

/// Whether the name is that of a licence, whose questions are those of lawyers.
fn is_licence(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).to_lowercase();
    ["copying", "eula", "licence", "license"].contains(&stem.as_str())
}

/// Whether a folder of pages keeps those apart that are done with: `docs/cleanup-history/`.
fn is_put_away(folder: &str) -> bool {
    let parts = || folder.split('/').map(str::to_lowercase);
    let pages = parts().position(|part| PAGES.iter().any(|word| part.contains(word)));
    let is_past =
        |part: &str| part.split(['-', '_', '.']).any(|word| PAST.binary_search(&word).is_ok());
    pages.is_some_and(|pages| parts().skip(pages + 1).any(|part| is_past(&part)))
}

/// Words of folders among pages whose pages tell of what was.
static PAST: [&str; 5] = ["completed", "deprecated", "history", "obsolete", "old"];

/// Whether a page stands beside source files and not in a folder of pages: it belongs to the code, as
/// test data or as text that the program shows. Names in capitals (README.md, SECURITY.md) are pages.
fn is_among_code(folder: &str, name: &str) -> bool {
    let parts = || folder.split('/').map(str::to_lowercase);
    let is_of_pages = |part: &str| PAGES.iter().any(|word| part.contains(word));
    let stem = name.split('.').next().unwrap_or(name);
    let is_shouted = stem.chars().any(char::is_alphabetic) && stem == stem.to_uppercase();
    // Below `crates/x/src` stand modules, whatever they are called.
    let is_module = parts().skip_while(|part| part != "crates").any(|part| part == "src");
    let is_page = !is_module && parts().any(|part| is_of_pages(&part));
    !is_shouted && parts().any(|part| part == "src") && !is_page
}

/// Parts of the names of folders that hold pages.
static PAGES: [&str; 7] = ["doc", "runbook", "playbook", "adr", "decision", "ops", "wiki"];

/// Folders whose documents do not tell of the service.
static ASIDE: &[&str] = &[
    "agents",
    "archive",
    "archived",
    "assets",
    "e2e",
    "evidence",
    "example",
    "examples",
    "fixture",
    "fixtures",
    "issue_template",
    "legacy",
    "licences",
    "licenses",
    "node_modules",
    "prompts",
    "proposals",
    "rfc",
    "rfcs",
    "sample",
    "samples",
    "skeleton",
    "skeletons",
    "skills",
    "template",
    "templates",
    "test",
    "testdata",
    "tests",
    "third_party",
    "vendor",
];

/// Whether a folder holds what was written on one day and is not kept up: `audit-2026-04-29`.
fn is_dated(part: &str) -> bool {
    let mut words = part.split(['-', '_', '.']);
    words.any(|word| word.len() == 4 && (word.starts_with("20") && word.parse::<u16>().is_ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_beside_source_files_is_of_the_code_unless_its_folder_or_name_says_otherwise() {
        assert!(is_aside("crates/x/src/rules", "on_call.md"));
        assert!(is_aside("crates/x/src/documentation", "readme.md"));
        assert!(!is_aside("src/checkout", "README.md"));
        assert!(!is_aside("src/checkout/docs/runbooks", "errors.md"));
        assert!(!is_aside("docs", "on-call.md"));
    }

    #[test]
    fn samples_records_and_what_was_written_on_one_day_are_aside() {
        assert!(is_aside("docs/examples", "a.md"));
        assert!(is_aside("", "CHANGELOG.md"));
        assert!(is_aside("docs", "technical-documentation-template.md"));
        assert!(!is_aside("docs", "email-templates.md"));
        assert!(is_aside("docs/audit-2026-04-29", "a.md"));
        assert!(is_aside("docs", "AUDIT_FINDINGS_2026-04-29.md"));
        assert!(is_aside("docs/cleanup-history/done", "plan.md"));
        assert!(is_aside("LICENSES", "Licence guide.md") && is_aside("", "LICENSE.md"));
        assert!(!is_aside("docs/2x", "error-2026.md") && !is_aside("order-history", "README.md"));
        assert!(!is_aside("order-history/docs", "runbook.md"));
        assert!(!is_aside(".github", "SECURITY.md"));
        assert!(is_aside("docs/design", "0004-gift-cards.md"));
        assert!(!is_aside("docs/design", "04-data.md") && !is_aside("docs", "0004-a.md"));
        assert!(is_aside("", "AGENTS.md") && is_aside("", ".knowledge.md"));
        assert!(is_aside("work", "task-71 - Tell who is on call.md"));
        assert!(!is_aside("docs/tasks", "on-call.md") && !is_aside("docs", "task-queue.md"));
    }
}
