//! Overlays that never end, grow without bound or say anything at all.

use proptest::prelude::*;

use super::*;

#[test]
fn overlays_that_stand_on_one_another_in_a_circle_end() {
    let facts = tree(&[
        ("a/kustomization.yaml", "resources: [../b]\n"),
        ("b/kustomization.yaml", "resources: [../c]\n"),
        ("c/kustomization.yaml", "resources: [../b]\n"),
    ]);
    assert!(facts.gaps.iter().any(|gap| gap.reason.contains("stands on itself")));
}

#[test]
fn overlays_that_grow_without_bound_are_cut_off_and_named() {
    for resources in ["[d.yaml]", "[]"] {
        let mut files = vec![("0/d.yaml".to_owned(), BASE.to_owned())];
        files.push(("0/kustomization.yaml".to_owned(), format!("resources: {resources}\n")));
        for n in 1..30 {
            let below = format!("../{}", n - 1);
            let text = format!("resources: [{below}, {below}, {below}]\n");
            files.push((format!("{n}/kustomization.yaml"), text));
        }
        let files: Vec<_> =
            files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
        let facts = tree(&files);
        assert!(facts.gaps.iter().any(|gap| gap.reason.contains("too much to be built")));
    }
}

proptest! {
    #[test]
    fn no_overlay_however_broken_stops_the_build(
        edits in prop::collection::vec((0..4_usize, any::<prop::sample::Index>(), 0..PIECES.len()), 0..10),
    ) {
        let mut texts = [
            BASE.to_owned(),
            "resources: [deployment.yaml]\ncommonLabels: {a: b}\nnamePrefix: x-\n".to_owned(),
            "resources: [../base]\npatches:\n- path: p.yaml\n- target: {kind: Deployment}\n  patch: |-\n    \
             - {op: add, path: /spec/a/b, value: 1}\nreplicas: [{name: api, count: 2}]\nimages:\n\
             - {name: registry.example/api, newTag: b}\nconfigMapGenerator:\n- {name: c, literals: [a=b]}\n"
                .to_owned(),
            BASE.replace("replicas: 1", "replicas: null\n  $patch: replace"),
        ];
        for (file, at, piece) in edits {
            let text = &mut texts[file];
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, PIECES[piece]);
        }
        let [base, below, above, patch] = &texts;
        let facts = tree(&[
            ("base/deployment.yaml", base),
            ("base/kustomization.yaml", below),
            ("prod/kustomization.yaml", above),
            ("prod/p.yaml", patch),
        ]);
        prop_assert!(facts.manifests == KeptManifests::default());
    }
}

const PIECES: &[&str] = &[
    "\n",
    "  ",
    "- ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    "é",
    "null",
    "\n---\n",
    "$patch: delete\n",
    "../",
    "/-",
    "~",
    "0",
    "resources: [../prod]\n",
    "components: [../base]\n",
    "$patch: replace\n",
    "spec:\n",
    "containers:\n",
    "env: 1\n",
    "- op: remove\n  path: /\n",
    "target: {name: '('}\n",
];
