//! Manifests of platforms that are not read, known by what stands in them.

use model::Place;

use super::Source;
use crate::discover::sample::is_sample;
use crate::{Facts, Reason};

/// Says of a manifest of Cloud Foundry that what it runs was not looked at.
pub(super) fn note(source: Source<'_>, facts: &mut Facts) {
    if !is_of_cloud_foundry(source) || is_sample(source.path) {
        return;
    }
    let what = "manifest of Cloud Foundry: what it runs was not looked at".to_owned();
    facts.set_aside.push(Reason { what, place: Place::file(source.path.clone()) });
}

/// Whether the file is called like a manifest that `cf push` takes, and lists applications.
fn is_of_cloud_foundry(source: Source<'_>) -> bool {
    let name = source.name;
    let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
    let is_list = |line: &str| line.trim_end() == "applications:";
    is_yaml && name.contains("manifest") && source.text.lines().any(is_list)
}

#[cfg(test)]
mod tests {
    fn told(path: &str, text: &str) -> usize {
        crate::read(&path.into(), text.as_bytes()).set_aside.len()
    }

    #[test]
    fn a_manifest_of_cloud_foundry_is_told_and_no_other_is() {
        let text = "---\napplications:\n- name: till\n  memory: 1G\n";
        assert_eq!(told("manifest.yml", text), 1);
        assert_eq!(told("till/manifest-prod.yaml", text), 1);
        assert_eq!(told("settings.yml", text), 0, "another name");
        assert_eq!(told("manifest.yml", "name: till\n"), 0, "no list");
        assert_eq!(told("examples/manifest.yml", text), 0, "a sample");
    }
}
