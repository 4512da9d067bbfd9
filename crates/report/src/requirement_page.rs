//! One requirement as a page of the documentation.

use std::fmt::Write as _;

use model::{Tier, counted};
use requirements::Requirement;

use crate::case::{self, Part};
use crate::{effort, way};

/// One requirement as a page in Markdown; its cases are shown as they are tested.
pub fn requirement_page(requirement: &Requirement) -> String {
    let mut page = format!("# {}\n\n", requirement.id);
    let _ = writeln!(page, "This service is ready when {}.", requirement.title);
    part(&mut page, "Why", requirement.why);
    part(&mut page, "What to do", requirement.remedy);
    part(&mut page, "Asked of", &asked(requirement));
    part(&mut page, "How it is proven", &proofs(requirement));
    let changes = requirement.invalidated_by.iter().map(|change| format!("- {}", change.words()));
    part(&mut page, "What takes its evidence away", &changes.collect::<Vec<_>>().join("\n"));
    let effort = effort::in_words(requirement.effort.minutes());
    part(&mut page, "Effort", &format!("{effort}, where it is missing altogether."));
    part(&mut page, "Cases", &cases(requirement));
    let references = requirement.references.iter();
    let references =
        references.map(|reference| format!("- [{}]({})", reference.title, reference.url));
    part(&mut page, "Read more", &references.collect::<Vec<_>>().join("\n"));
    let _ = write!(page, "\nSince gonogo {}.\n", requirement.since);
    page
}

fn part(page: &mut String, title: &str, text: &str) {
    if !text.is_empty() {
        let _ = write!(page, "\n## {title}\n\n{text}\n");
    }
}

fn asked(requirement: &Requirement) -> String {
    let kinds: Vec<&str> = requirement.kinds.iter().map(|kind| kind.name()).collect();
    let mut text = format!(
        "Kinds of service: {}.\n\n| tier | least grade | fresh for |\n|---|---|---|",
        kinds.join(", ")
    );
    for (tier, demand) in Tier::ALL.iter().zip(requirement.demands) {
        let grade = demand.map_or("nothing", |demand| demand.grade.name());
        let days = demand.and_then(|demand| demand.days);
        let fresh =
            days.map_or_else(|| "until invalidated".to_owned(), |days| counted(days, "day"));
        let fresh = if demand.is_none() { "" } else { &fresh };
        let _ = write!(text, "\n| {tier} | {grade} | {fresh} |");
    }
    text
}

fn proofs(requirement: &Requirement) -> String {
    let ways = way::all(requirement).into_iter();
    ways.map(|(grade, way)| format!("- {grade}: {way}")).collect::<Vec<_>>().join("\n")
}

fn cases(requirement: &Requirement) -> String {
    let parts: Vec<String> = case::parts(requirement.cases).iter().map(case).collect();
    parts.join("\n\n")
}

fn case(part: &Part<'_>) -> String {
    match part {
        Part::Title(title) => format!("### {title}"),
        Part::Prose(text) => text.clone(),
        Part::File { language, path, lines } => {
            let longest = lines.iter().map(|line| ticks(line)).max().unwrap_or(0);
            let fence = "`".repeat(longest.max(2) + 1);
            let name = if path.is_empty() { String::new() } else { format!("`{path}`:\n\n") };
            format!("{name}{fence}{language}\n{}\n{fence}", lines.join("\n"))
        }
    }
}

fn ticks(line: &str) -> usize {
    line.len() - line.trim_start_matches('`').len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_has_a_row_for_each_tier() {
        let page = requirement_page(&crate::sample::REQUIREMENT);
        assert!(page.starts_with("# data/backups\n\nThis service is ready when backups run by"));
        assert!(page.contains("\n| 1 | observed | 7 days |\n| 2 | observed | 30 days |\n"));
        assert!(page.contains("\n| 3 | declared | until invalidated |\n"));
        assert!(
            page.contains(
                "### unmet: no schedule\n\nNobody runs it.\n\n`gonogo.yaml`:\n\n```yaml\n"
            )
        );
        assert!(
            page.ends_with("- [On backups](https://backups.example/)\n\nSince gonogo 0.1.0.\n")
        );
        assert!(!page.contains("\n\n\n"), "{page}");
    }

    #[test]
    fn a_file_of_a_case_that_holds_a_fence_gets_a_longer_one() {
        let part = Part::File { language: "md", path: "a.md", lines: vec!["```", "x", "```"] };
        assert_eq!(case(&part), "`a.md`:\n\n````md\n```\nx\n```\n````");
    }
}
