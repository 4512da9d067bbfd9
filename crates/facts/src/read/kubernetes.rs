//! Kubernetes manifests, and what stands around them: charts of Helm, Kustomize's files.

mod build_config;
mod chart;
mod chart_image;
mod chart_user;
mod container;
mod delivery;
mod elsewhere;
mod environment;
mod field;
mod flux_image;
mod folders;
mod image_stream;
mod kinds;
mod kustomize;
mod manifest;
mod nais;
mod network;
mod openshift;
mod permission;
mod pod;
mod probe;
mod release;
mod route;
mod scaling;
mod secret;
mod security;
mod sniff;
mod split;
mod store;
mod template;
mod traffic;
mod update;
mod workload;

use crate::read::Source;
use crate::tree::Node;
use crate::{Facts, Reason};

pub(super) use build_config::Cloned;
pub(super) use chart_image::note as note_chart_images;
pub(super) use chart_user::note as note_chart_user;
pub(super) use flux_image::Renaming;
pub(super) use folders::Folders;
pub(crate) use kustomize::taken_by_overlays;
pub use kustomize::{KeptManifests, is_called_production};
pub(super) use sniff::{is_like, subjects as subjects_of_manifests};
pub(super) use template::{is_template, name_template, parted, with_image};

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(_path: &str, name: &str) -> bool {
    name == chart::NAME || kustomize::is_named(name)
}

/// Reads the document; `false`: it is not of this kind.
///
/// Manifests of kinds that bring no facts are taken silently.
pub(super) fn read(source: Source<'_>, document: &Node, facts: &mut Facts) -> bool {
    if source.name == chart::NAME {
        return chart::read(document, facts);
    }
    let is_kustomize = kustomize::is_named(source.name) && kustomize::is_one(document);
    if is_kustomize {
        facts.teams.extend(kustomize::team(document));
    }
    let is_taken = is_kustomize || kustomize::is_patch(document) || kinds::read(document, facts);
    if is_taken {
        kustomize::keep(source, facts);
    }
    is_taken
}

/// Sets an object aside that is said to be for reading, unless an overlay brings it all the same.
pub(super) fn set_example_aside(source: Source<'_>, object: &Node, facts: &mut Facts) {
    kustomize::keep(source, facts);
    let what = "manifest that is called an example in the comment above it".to_owned();
    facts.set_aside.push(Reason { what, place: object.place.clone() });
}

/// Brings together what only several files tell.
pub(super) fn settle(facts: &mut Facts) {
    kustomize::settle(facts);
    build_config::settle(facts);
    flux_image::settle(facts);
    folders::settle(facts);
    chart::settle(facts);
    nais::settle(facts);
}

/// The facts of one manifest file.
#[cfg(test)]
fn facts_of(text: &str) -> Facts {
    crate::read(&"k8s.yaml".into(), text.as_bytes())
}

/// Where something stands, as `LINE:COLUMN`.
#[cfg(test)]
fn at(place: &model::Place) -> String {
    format!("{}:{}", place.line, place.column)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::read as read_file;

    #[test]
    fn every_document_of_a_file_is_read_and_unknown_kinds_are_silent() {
        let text = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n---\n\
                    apiVersion: v1\nkind: Service\nmetadata:\n  name: b\nspec:\n  ports: [{port: 80}]\n\
                    ---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n";
        let facts = facts_of(text);
        assert_eq!(facts.cluster.services[0].name.value, "b");
        assert_eq!(at(&facts.cluster.services[0].name.place), "9:9");
        assert_eq!(facts.cluster.config_maps.len(), 1);
        assert_eq!(facts.gaps, []);
    }

    #[test]
    fn lists_are_read_item_by_item_also_where_items_leave_their_kind_to_the_list() {
        let mixed = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  \
                     metadata: {name: a}\n- apiVersion: v1\n  kind: List\n  items:\n  - apiVersion: v1\n    \
                     kind: ConfigMap\n    metadata: {name: b}\n";
        let names: Vec<_> =
            facts_of(mixed).cluster.config_maps.into_iter().map(|map| map.name.value).collect();
        assert_eq!(names, ["a", "b"]);
        let roles = "apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleList\nitems:\n\
                     - metadata: {name: a}\n  rules: []\n";
        assert_eq!(facts_of(roles).cluster.roles[0].name.value, "a");
    }

    #[test]
    fn lists_that_stand_too_deep_inside_one_another_are_named() {
        let open = "{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[";
        let text = format!("{}{}", open.repeat(6), "]}".repeat(6));
        let facts = crate::read(&"a.json".into(), text.as_bytes());
        assert!(facts.gaps[0].reason.contains("too many lists"));
    }

    #[test]
    fn json_manifests_are_read_with_their_places() {
        let text = "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Secret\",\n  \"metadata\": \
                    {\"name\": \"a\"},\n  \"stringData\": {\"k\": \"v\"}\n}\n";
        let facts = crate::read(&"a.json".into(), text.as_bytes());
        let (key, value) = &facts.cluster.secrets[0].entries[0];
        assert_eq!(
            (key.as_str(), value.value.as_str(), at(&value.place)),
            ("k", "v", "5:23".into())
        );
    }

    #[test]
    fn an_object_without_a_name_or_with_a_variable_for_it_is_named_as_not_read() {
        let facts = facts_of("apiVersion: v1\nkind: Pod\nspec:\n  containers: []\n");
        assert!(facts.gaps[0].reason.contains("without a name"));
        for name in ["${APP}", "'{{ app }}'", "${{values.name}}"] {
            let text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\n");
            let facts = facts_of(&text);
            assert_eq!(facts.cluster.config_maps, []);
            assert_eq!((at(&facts.gaps[0].place), facts.gaps.len()), ("4:9".to_owned(), 1));
        }
    }

    proptest! {
        #[test]
        fn mutated_manifests_never_break_the_reader_and_keep_places_inside_the_text(
            seed in 0..SEEDS.len(),
            edits in prop::collection::vec((any::<prop::sample::Index>(), 0..SNIPPETS.len()), 0..12),
        ) {
            let mut text = SEEDS[seed].to_owned();
            for (at, snippet) in edits {
                let mut at = at.index(text.len() + 1);
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                let rest = text.split_off(at);
                text.push_str(SNIPPETS[snippet]);
                text.push_str(rest.get(1..).unwrap_or(&rest));
            }
            let lines = u32::try_from(text.lines().count()).unwrap() + 1;
            for path in ["a.yaml", "c/templates/a.yaml", "kustomization.yaml", "Chart.yaml", "a.json"] {
                let mut facts = read_file(&path.into(), text.as_bytes());
                crate::settle(&mut facts);
                for workload in &facts.workloads {
                    prop_assert!(workload.specification.line <= lines);
                }
            }
        }
    }

    const SNIPPETS: &[&str] = &[
        "",
        "\n",
        "  ",
        "- ",
        ": ",
        "{",
        "}",
        "[",
        "]",
        "*a",
        "&a ",
        "|",
        "'",
        "\"",
        "é",
        "{{ x }}",
        "${A}",
        "null",
        "<<: *a\n",
        "\n---\n",
        "spec:\n",
        "items:\n",
        "!!x ",
        "0x1f",
        "- op: add\n",
    ];

    const SEEDS: &[&str] = &[
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: a\nspec:\n  replicas: 2\n  \
         selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n    \
         spec:\n      containers:\n      - name: a\n        image: a:1\n        env:\n        \
         - {name: A, value: b}\n        readinessProbe:\n          httpGet: {path: /, port: 80}\n",
        "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {name: t}\nparameters:\n\
         - {name: A, value: '3'}\nobjects:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: 'p${A}'}\n  \
         spec:\n    containers: [{name: a, image: '${A}${{A}}'}]\n",
        "resources:\n- a.yaml\npatches:\n- target: {kind: Deployment}\n  patch: |-\n    - op: replace\n      \
         path: /spec/replicas\n      value: 3\nimages:\n- name: a\n  newTag: b\n",
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata:\n  name: a\nspec:\n  tls:\n  \
         - hosts: [a.example]\n  rules:\n  - host: a.example\n    http:\n      paths:\n      - backend:\n          \
         service: {name: a}\n",
        "apiVersion: v2\nname: chart\ndependencies:\n- name: x\n  repository: https://x.example\n",
    ];
}
