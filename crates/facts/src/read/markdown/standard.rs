//! Pages of a catalogue of controls: the text of a standard, as tools lay it out for those who answer
//! it. It tells what any service should do, and of none what it does.

use model::Placed;

use crate::Section;

/// Whether a page is one control: called by the control's number, with its statement under a heading.
pub(super) fn is_of_standard(title: Option<&Placed<String>>, sections: &[Section]) -> bool {
    let is_statement =
        |section: &Section| section.title.value.trim().eq_ignore_ascii_case("control statement");
    title.is_some_and(|title| is_numbered(&title.value)) && sections.iter().any(is_statement)
}

/// Whether a title begins with a family of two letters and a number: `pl-8 - …`, `RA-3.1 …`.
fn is_numbered(title: &str) -> bool {
    let first = title.split_whitespace().next().unwrap_or_default();
    let Some((family, number)) = first.split_once('-') else { return false };
    let is_number = |c: char| c.is_ascii_digit() || matches!(c, '.' | '(' | ')');
    family.len() == 2
        && family.chars().all(|c| c.is_ascii_alphabetic())
        && number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_has_a_family_and_a_number() {
        for title in ["pl-8 - [catalog] Architectures", "RA-3.1 Supply chain", "ac-2(4) Accounts"] {
            assert!(is_numbered(title), "{title}");
        }
        for title in ["Rollback", "p-8", "db-two", "api-2 - Architecture", "pl- 8", "k8-1x"] {
            assert!(!is_numbered(title), "{title}");
        }
    }
}
