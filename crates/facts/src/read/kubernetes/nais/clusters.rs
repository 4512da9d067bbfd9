//! Manifests for several clusters of nais: one for users, and those for trying out.

use std::collections::HashSet;

use model::Placed;

use super::super::template::OF_OTHERS;
use crate::scope::is_rehearsal_of_nais;
use crate::{Facts, Gap, Subject, Workload};

/// What the manifest of a cluster for trying out brings is set aside where one for users is read as
/// well; where that one is not, nothing of it tells how the service runs, as of any template.
pub(in crate::read::kubernetes) fn settle(facts: &mut Facts) {
    let is_for_users = |workload: &&Workload| !is_rehearsal_of_nais(&workload.name.place.path);
    let for_users = facts.workloads.iter().filter(is_for_users);
    let for_users: HashSet<String> =
        for_users.map(|workload| workload.name.value.clone()).collect();
    let cluster = &mut facts.cluster;
    let is_kept = |name: &Placed<String>| {
        !is_rehearsal_of_nais(&name.place.path) || !for_users.contains(&name.value)
    };
    cluster.autoscalers.retain(|object| is_kept(&object.name));
    cluster.disruption_budgets.retain(|object| is_kept(&object.name));
    cluster.entrances.retain(|object| is_kept(&object.name));
    cluster.network_policies.retain(|object| is_kept(&object.name));
    let alone = facts.workloads.extract_if(.., |workload| {
        is_rehearsal_of_nais(&workload.name.place.path)
            && is_filled_in(workload)
            && !for_users.contains(&workload.name.value)
    });
    let alone: Vec<Workload> = alone.collect();
    for Workload { name, labels, .. } in alone {
        let cluster = &mut facts.cluster;
        let is_other = |other: &Placed<String>| other.place.path != name.place.path;
        cluster.autoscalers.retain(|object| is_other(&object.name));
        cluster.disruption_budgets.retain(|object| is_other(&object.name));
        cluster.entrances.retain(|object| is_other(&object.name));
        cluster.network_policies.retain(|object| is_other(&object.name));
        let has_team = labels.iter().any(|(label, _)| label == "team");
        let subjects = [Some(Subject::Workloads), has_team.then_some(Subject::Owners)];
        facts.gaps.extend(subjects.into_iter().flatten().map(|subject| Gap {
            subject: Some(subject),
            place: name.place.clone(),
            reason: OF_OTHERS.to_owned(),
            name: Some(name.value.clone()),
        }));
        facts.templates.push(name);
    }
}

/// Whether its image is filled in when it is deployed.
fn is_filled_in(workload: &Workload) -> bool {
    workload.images().any(|image| image.starts_with("{{"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const APPLICATION: &str = "apiVersion: nais.io/v1alpha1\nkind: Application\nmetadata: {name: api, \
                               labels: {team: shop}}\nspec:\n  image: {{image}}\n  \
                               ingresses: [https://api.example]\n  replicas: {min: 2, max: 4}\n";

    fn of(paths: &[&str]) -> Facts {
        let mut facts = Facts::default();
        for path in paths {
            facts.append(crate::read(&(*path).into(), APPLICATION.as_bytes()));
        }
        crate::settle(&mut facts);
        facts
    }

    #[test]
    fn what_a_cluster_for_trying_out_has_is_set_aside_where_that_for_users_is_read() {
        let facts = of(&["nais/nais-dev.yaml", "nais/nais-prod.yaml"]);
        let paths: Vec<_> =
            facts.cluster.autoscalers.iter().map(|a| a.name.place.path.to_string()).collect();
        assert_eq!((paths, facts.workloads.len()), (vec!["nais/nais-prod.yaml".to_owned()], 2));
        assert_eq!((facts.cluster.entrances.len(), facts.gaps.len()), (1, 0));
    }

    #[test]
    fn a_manifest_for_trying_out_alone_is_a_template_that_was_not_rendered() {
        let facts = of(&["nais/nais-dev.yaml"]);
        assert_eq!((facts.workloads.len(), facts.cluster.autoscalers.len()), (0, 0));
        let subjects: Vec<_> = facts.gaps.iter().filter_map(|gap| gap.subject).collect();
        assert_eq!(subjects, [Subject::Workloads, Subject::Owners]);
        assert_eq!((facts.gaps[0].name.as_deref(), facts.templates.len()), (Some("api"), 1));
    }
}
