//! Laws that hold over all requirements.

use std::collections::BTreeSet;

use crate::{DIMENSIONS, DRILLS, Proof, Requirement, all};

/// Fails with every requirement for which `is_broken` says what is wrong.
fn law(is_broken: impl Fn(&Requirement) -> Option<String>) {
    let broken: Vec<String> = all()
        .filter_map(|requirement| {
            is_broken(requirement).map(|why| format!("{}: {why}", requirement.id))
        })
        .collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn ids_are_unique_and_stand_in_their_dimension() {
    let ids: BTreeSet<&str> = all().map(|requirement| requirement.id).collect();
    assert_eq!(ids.len(), all().count());
    for dimension in DIMENSIONS {
        for requirement in dimension.requirements {
            assert_eq!(requirement.dimension(), dimension.id);
        }
    }
}

#[test]
fn a_title_is_a_clause_in_the_present_and_short() {
    law(|r| {
        (r.title.is_empty() || r.title.ends_with('.') || r.title.contains("should"))
            .then(|| format!("title {:?}", r.title))
    });
}

#[test]
fn why_and_remedy_are_sentences() {
    law(|r| {
        let is_sentence = |text: &str| text.len() > 20 && text.ends_with('.');
        (!is_sentence(r.why) || !is_sentence(r.remedy)).then(|| "why or remedy".to_owned())
    });
}

#[test]
fn references_are_https() {
    law(|r| {
        r.references
            .iter()
            .find(|reference| !reference.url.starts_with("https://") || reference.title.is_empty())
            .map(|reference| reference.url.to_owned())
    });
}

#[test]
fn what_invalidates_the_evidence_is_said() {
    law(|r| r.invalidated_by.is_empty().then(|| "invalidated by nothing".to_owned()));
}

#[test]
fn every_requirement_applies_to_some_kind_and_is_asked_for_at_tier_1() {
    law(|r| (r.kinds.is_empty() || r.demands[0].is_none()).then(|| "kinds or demands".to_owned()));
}

#[test]
fn a_lower_tier_never_asks_for_more() {
    law(|r| {
        let grades: Vec<_> = r.demands.iter().map(|demand| demand.map(|d| d.grade)).collect();
        (!grades.is_sorted_by(|a, b| a >= b)).then(|| format!("{grades:?}"))
    });
}

#[test]
fn every_proof_says_what_it_needs_and_every_drill_exists() {
    law(|r| {
        r.proofs.iter().find_map(|proof| match proof {
            Proof::Drill(drill) if !DRILLS.contains(drill) => Some(format!("drill {drill:?}")),
            Proof::Unread(text) | Proof::Live(text) | Proof::Question(text) if text.len() < 10 => {
                Some(format!("{proof:?}"))
            }
            _ => None,
        })
    });
}

#[test]
fn what_can_be_declared_has_a_met_and_an_unmet_case_and_says_where_files_only_refute() {
    law(|r| {
        let is_declared = r.proofs.iter().any(|proof| {
            !matches!(
                proof,
                Proof::Unread(_) | Proof::Live(_) | Proof::Drill(_) | Proof::Question(_)
            )
        });
        let has = |heading: &str| r.cases.lines().any(|line| line.starts_with(heading));
        let shows = has("## met: ") || has("## unknown: files alone never show it");
        (is_declared && !(shows && has("## unmet: "))).then(|| "cases".to_owned())
    });
}
