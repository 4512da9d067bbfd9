//! Languages that manifests are generated from, or infrastructure is described in, and that are not read, known by their endings.

use std::collections::BTreeMap;

use model::Place;

use crate::discover::is_sample;
use crate::{Facts, Reason};

/// Endings of such files, with the language.
static ENDINGS: &[(&str, &str)] = &[
    (".bicep", "Bicep"),
    (".cue", "CUE"),
    (".dhall", "Dhall"),
    (".jsonnet", "Jsonnet"),
    (".libsonnet", "Jsonnet"),
    (".nomad", "HCL of Nomad"),
    (".nomad.hcl", "HCL of Nomad"),
    (".pkl", "Pkl"),
    (".tf", "Terraform"),
    (".tofu", "Terraform"),
];

/// Says how many files of each stand in the tree, at the first of them.
pub(super) fn settle(facts: &mut Facts) {
    let mut found: BTreeMap<&str, (usize, Place)> = BTreeMap::new();
    for path in facts.paths.iter().filter(|path| !is_sample(path)) {
        if let Some((_, language)) = ENDINGS.iter().find(|(ending, _)| path.ends_with(ending)) {
            let (count, _) =
                found.entry(language).or_insert_with(|| (0, Place::file(path.clone())));
            *count += 1;
        }
    }
    facts.set_aside.extend(found.into_iter().map(|(language, (count, place))| {
        let files = if count == 1 { "file" } else { "files" };
        let what = format!("{count} {files} in {language}: what is made of them was not looked at");
        Reason { what, place }
    }));
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::tree;

    #[test]
    fn files_of_a_language_that_is_not_read_are_counted_at_the_first() {
        let facts = tree(&[("apps/b.dhall", "{}"), ("apps/a.dhall", "{}"), ("tests/c.cue", "{}")]);
        let told: Vec<(&str, &str)> =
            facts.set_aside.iter().map(|r| (r.what.as_str(), &*r.place.path)).collect();
        let expected = "2 files in Dhall: what is made of them was not looked at";
        assert_eq!(told, [(expected, "apps/a.dhall")]);
    }
}
