//! Counts in words, and the line that every report ends with.

use std::fmt::Write as _;

use jiff::civil::Date;
use model::{Answer, Assessment, Counts, ServiceVerdict, State, Verdict, counted};

use crate::visible;

/// The order in which counts are told: what stands in the way first.
pub(crate) const ORDER: [State; 9] = [
    State::Failed,
    State::Error,
    State::Unknown,
    State::Stale,
    State::Weak,
    State::Met,
    State::Planned,
    State::Accepted,
    State::NotApplicable,
];

/// The line that a report ends with: the verdict on everything, with its counts.
pub(crate) fn last_line(assessment: &Assessment) -> String {
    let verdict = assessment.verdict();
    let mut line = match assessment.verdicts.services.as_slice() {
        [] => format!("{verdict}: no service was found, there is nothing to judge"),
        [service] => service_line(service, verdict),
        services => all_line(services, verdict),
    };
    if !assessment.troubles.is_empty() {
        let count = counted(assessment.troubles.len(), "trouble");
        line.push_str("; ");
        line.push_str(&count);
        // What blocks does so whatever broke.
        let is_decided = verdict == Verdict::NoGo;
        line.push_str(if is_decided { " besides" } else { " kept it from being decided" });
    }
    if !assessment.caveats.is_empty() {
        line.push_str("; ");
        line.push_str(&counted(assessment.caveats.len(), "caveat"));
    }
    line
}

/// The line on one service.
pub(crate) fn service_line(service: &ServiceVerdict, verdict: Verdict) -> String {
    let counts = in_words(&service.counts(), next_expiry(&service.answers));
    format!("{verdict} {} (tier {}): {counts}", name(service), service.tier)
}

/// The service's name with its revision.
pub(crate) fn name(service: &ServiceVerdict) -> String {
    let name = visible::line(&service.service);
    match &service.revision {
        Some(revision) => {
            let short: String = revision.chars().take(7).collect();
            format!("{name}@{}", visible::line(&short))
        }
        None => name,
    }
}

fn all_line(services: &[ServiceVerdict], verdict: Verdict) -> String {
    let verdicts = [Verdict::NoGo, Verdict::Unknown, Verdict::GoWithConditions, Verdict::Go]
        .into_iter()
        .filter_map(|verdict| {
            let count = services.iter().filter(|service| service.verdict == verdict).count();
            (count > 0).then(|| format!("{count} {verdict}"))
        })
        .collect::<Vec<_>>()
        .join(", ");
    let mut counts = vec![0; ORDER.len()];
    for service in services {
        let own = service.counts();
        for (sum, state) in counts.iter_mut().zip(ORDER) {
            *sum += own.get(state);
        }
    }
    let expiry = services.iter().filter_map(|service| next_expiry(&service.answers)).min();
    let counts = told(ORDER.into_iter().zip(counts), expiry);
    format!("{verdict} {} ({verdicts}): {counts}", counted(services.len(), "service"))
}

/// Counts in words, those that are zero left out.
pub(crate) fn in_words(counts: &Counts, next_expiry: Option<Date>) -> String {
    told(ORDER.into_iter().map(|state| (state, counts.get(state))), next_expiry)
}

fn told(counts: impl Iterator<Item = (State, usize)>, next_expiry: Option<Date>) -> String {
    let parts: Vec<String> = counts
        .filter(|(_, count)| *count > 0)
        .map(|(state, count)| format!("{count} {}", word(state)))
        .collect();
    let mut text =
        if parts.is_empty() { "no requirement applies".to_owned() } else { parts.join(", ") };
    if let Some(day) = next_expiry {
        let _ = write!(text, " (next expiry {day})");
    }
    text
}

/// The state's name as it is read in a sentence.
pub(crate) const fn word(state: State) -> &'static str {
    match state {
        State::NotApplicable => "not applicable",
        _ => state.name(),
    }
}

/// The first day on which an acceptance or a plan among `answers` ends.
pub(crate) fn next_expiry(answers: &[Answer]) -> Option<Date> {
    answers
        .iter()
        .filter(|answer| matches!(answer.state, State::Planned | State::Accepted))
        .filter_map(|answer| answer.decision.as_ref()?.ruling.last_day())
        .min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn the_last_line_tells_the_verdict_and_its_counts() {
        assert_eq!(
            last_line(&sample::checkout()),
            "NO-GO checkout@3f2c1a9 (tier 1): 2 failed, 2 unknown, 1 weak, 1 met, 1 planned, \
             1 accepted, 1 not applicable (next expiry 2026-12-04)"
        );
        assert_eq!(
            last_line(&sample::two()),
            "NO-GO 2 services (1 NO-GO, 1 GO): 2 failed, 2 unknown, 1 weak, 2 met, 1 planned, \
             1 accepted, 1 not applicable (next expiry 2026-12-04)"
        );
    }

    #[test]
    fn what_could_not_be_relied_on_takes_the_go_away() {
        let mut assessment = sample::go();
        assert!(last_line(&assessment).starts_with("GO search (tier 2)"));
        assessment.troubles.push("the ledger could not be read".into());
        let line = last_line(&assessment);
        assert!(line.starts_with("UNKNOWN search"), "{line}");
        assert!(line.ends_with("; 1 trouble kept it from being decided"), "{line}");
        let mut blocked = sample::checkout();
        blocked.troubles.push("the ledger could not be read".into());
        let line = last_line(&blocked);
        assert!(line.starts_with("NO-GO ") && line.ends_with("; 1 trouble besides"), "{line}");
    }

    #[test]
    fn what_is_so_by_the_tree_s_own_word_only_is_counted_beside_the_verdict() {
        let mut assessment = sample::go();
        assessment.caveats = vec!["the policy is `startup`".into(), "2 by attestation".into()];
        let line = last_line(&assessment);
        assert!(line.ends_with("; 2 caveats"), "{line}");
    }

    #[test]
    fn a_tree_without_services_ends_with_unknown() {
        assert!(last_line(&sample::nothing()).starts_with("UNKNOWN: no service was found"));
    }
}
