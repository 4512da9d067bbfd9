//! The findings of an assessment, each told once though several services share it.

use std::collections::{BTreeMap, BTreeSet};

use model::{Answer, Assessment, Finding, Place, ServiceVerdict, State, Weight};

use crate::Fingerprints;

/// From how many services on the same finding, but for the name in it, is told once for all.
const COMMON: usize = 3;

/// A finding with the services that share it.
#[derive(Debug)]
pub(crate) struct Matter<'a> {
    /// The answer that it belongs to, of the first of the services.
    pub(crate) answer: &'a Answer,
    /// The finding.
    pub(crate) finding: &'a Finding,
    /// The services, at least one.
    pub(crate) services: Vec<&'a ServiceVerdict>,
    /// Whether they are all of several services.
    pub(crate) is_everywhere: bool,
    /// Whether it blocks any of them.
    pub(crate) blocks: bool,
    /// What is said of at least [`COMMON`] services, each with its own name in it: the message with
    /// the name taken out.
    pub(crate) common: Option<String>,
    /// Its fingerprint.
    pub(crate) fingerprint: String,
}

/// The findings of failed answers, those that do not block first, then by dimension and place.
pub(crate) fn failures(assessment: &Assessment) -> Vec<Matter<'_>> {
    let fingerprints = Fingerprints::of(assessment);
    let mut known: BTreeMap<(&str, &Place, &str), usize> = BTreeMap::new();
    let mut matters: Vec<Matter<'_>> = Vec::new();
    for (service, answer, finding) in findings(assessment) {
        let key = (&*answer.requirement, &finding.place, &*finding.message);
        let at = *known.entry(key).or_insert(matters.len());
        let blocks = answer.weight == Weight::Blocks;
        if let Some(matter) = matters.get_mut(at) {
            matter.blocks |= blocks;
            if !matter.services.last().is_some_and(|last| std::ptr::eq(*last, service)) {
                matter.services.push(service);
            }
        } else {
            let fingerprint = fingerprints.get(&answer.requirement, finding);
            let services = vec![service];
            let is_everywhere = false;
            let common = None;
            matters.push(Matter {
                answer,
                finding,
                services,
                is_everywhere,
                blocks,
                common,
                fingerprint,
            });
        }
    }
    let all = assessment.verdicts.services.len();
    for matter in &mut matters {
        matter.is_everywhere = all > 1 && matter.services.len() == all;
    }
    mark_common(&mut matters);
    matters.sort_by_cached_key(|matter| {
        let requirement = matter.answer.requirement.clone();
        (matter.blocks, dimension_index(&requirement), requirement, matter.finding.place.clone())
    });
    matters
}

/// Notes what is said of many services in the same words.
fn mark_common(matters: &mut [Matter<'_>]) {
    let mut services: BTreeMap<(bool, &str, String), BTreeSet<&str>> = BTreeMap::new();
    for matter in matters.iter() {
        if let Some((service, message)) = nameless(matter) {
            let key = (matter.blocks, &*matter.answer.requirement, message);
            services.entry(key).or_default().insert(service);
        }
    }
    for matter in matters {
        let key = nameless(matter)
            .map(|(_, message)| (matter.blocks, &*matter.answer.requirement, message));
        let is_common = |key: &(bool, &str, String)| {
            services.get(key).is_some_and(|services| services.len() >= COMMON)
        };
        matter.common = key.filter(is_common).map(|(_, _, message)| message);
    }
}

/// The only service of a matter, and its message without that name, where it stands in it.
fn nameless<'a>(matter: &Matter<'a>) -> Option<(&'a str, String)> {
    let [service] = matter.services.as_slice() else { return None };
    let message = matter.finding.message.replace(&format!("`{}`", service.service), "``");
    (message != matter.finding.message).then_some((&*service.service, message))
}

fn findings(assessment: &Assessment) -> impl Iterator<Item = (&ServiceVerdict, &Answer, &Finding)> {
    assessment.verdicts.services.iter().flat_map(|service| {
        let failed = service.answers.iter().filter(|answer| answer.state == State::Failed);
        failed.flat_map(move |answer| {
            answer.findings.iter().map(move |finding| (service, answer, finding))
        })
    })
}

/// Why the answer is what it is, as one clause: what was decided, what was found, or what is missing.
pub(crate) fn why(answer: &Answer) -> String {
    if let Some(decision) = &answer.decision {
        return crate::human::decision_in_words(decision);
    }
    match (answer.state, answer.findings.as_slice()) {
        (State::Failed, [finding]) => finding.message.clone(),
        (State::Failed, [finding, rest @ ..]) => {
            format!("{} (and {})", finding.message, model::counted(rest.len(), "more finding"))
        }
        _ if answer.reason.is_empty() => "nothing is known".to_owned(),
        _ => answer.reason.clone(),
    }
}

/// The dimension of the requirement called `id`.
pub(crate) fn dimension(id: &str) -> &str {
    id.split_once('/').map_or(id, |(dimension, _)| dimension)
}

/// The place of the requirement's dimension in the order of reports; those of the policy come last.
pub(crate) fn dimension_index(id: &str) -> usize {
    let (dimensions, wanted) = (requirements::DIMENSIONS, dimension(id));
    dimensions.iter().position(|d| d.id == wanted).unwrap_or(dimensions.len())
}

/// Where a matter of the service as a whole is shown: where it was found.
pub(crate) fn place_of(service: &ServiceVerdict) -> Place {
    service.found.first().map_or_else(
        || match &*service.path {
            "" | "." => Place::file("gonogo.yaml"),
            folder => Place::file(format!("{folder}/gonogo.yaml")),
        },
        |seen| seen.place.clone(),
    )
}

/// Where `finding` about `service` is shown: a finding without a file stands where the service does.
pub(crate) fn place_of_finding(finding: &Finding, service: &ServiceVerdict) -> Place {
    if finding.place.path.is_empty() { place_of(service) } else { finding.place.clone() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;

    #[test]
    fn a_finding_that_two_services_share_is_told_once() {
        let mut assessment = sample::checkout();
        let mut other = assessment.verdicts.services[0].clone();
        other.service = "refunds".into();
        assessment.verdicts.services.push(other);
        let matters = failures(&assessment);
        assert_eq!(matters.len(), 2);
        for matter in matters {
            let names: Vec<&str> = matter.services.iter().map(|s| &*s.service).collect();
            assert_eq!(names, ["checkout", "refunds"]);
        }
    }
}
