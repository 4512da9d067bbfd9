//! Builds of `OpenShift`: which folder of a repository an image is made of, and how.

use crate::path::join;
use crate::read::build::built;
use crate::tree::Node;
use crate::{Facts, ImageBuild};

use super::field;
use super::manifest::Manifest;

/// A build, and the address of the repository that it clones, where one is written.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::read) struct Cloned {
    build: ImageBuild,
    repository: Option<String>,
}

/// Reads a build; one whose recipe stands in itself makes nothing of the tree that its folder names.
pub(super) fn read(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let text = |path: &[&str]| field::text(spec, path).map(|text| text.value);
    let Some(image) = text(&["output", "to", "name"]) else { return };
    if spec.at(&["source", "dockerfile"]).is_some() {
        return;
    }
    let folder = text(&["source", "contextDir"]).unwrap_or_default();
    let is_from_source = spec.at(&["strategy", "sourceStrategy"]).is_some();
    let recipe = text(&["strategy", "dockerStrategy", "dockerfilePath"])
        .filter(|path| !path.is_empty() && path != "Dockerfile")
        .map(|path| join(&folder, &path).unwrap_or(path));
    // A custom build or a pipeline says nothing of how the image is made.
    let is_by_recipe = spec.at(&["strategy", "dockerStrategy"]).is_some()
        || spec.at(&["strategy", "type"]).and_then(Node::str) == Some("Docker");
    if !is_from_source && !is_by_recipe {
        return;
    }
    let recipe = recipe.as_deref().filter(|_| !is_from_source);
    let Some(build) = built(&image, "", &folder, recipe) else { return };
    let given = spec.at(&["strategy", "dockerStrategy"]);
    let given = given.map(|docker| field::items(docker, &["buildArgs"])).unwrap_or_default();
    let given = given.iter().filter_map(|argument| {
        Some((argument.string("name")?.value, argument.string("value")?.value))
    });
    let arguments = given.collect();
    facts.fragments.cloned.push(Cloned {
        build: ImageBuild { arguments, is_from_source, ..build },
        repository: text(&["source", "git", "uri"]),
    });
}

/// Takes over what is built of this tree, as far as it is told where this one is kept.
pub(super) fn settle(facts: &mut Facts) {
    let cloned = std::mem::take(&mut facts.fragments.cloned);
    let names: Vec<&str> = facts.remotes.iter().map(|remote| last(remote)).collect();
    let is_own = |cloned: &Cloned| {
        let address = cloned.repository.as_deref().filter(|address| !address.contains('$'));
        names.is_empty()
            || address.is_none_or(|address| {
                names.iter().any(|name| name.eq_ignore_ascii_case(last(address)))
            })
    };
    let own: Vec<ImageBuild> =
        cloned.iter().filter(|cloned| is_own(cloned)).map(|c| c.build.clone()).collect();
    facts.builds.extend(own);
    facts.builds.sort_unstable();
    facts.builds.dedup();
}

/// What a repository is called at its address.
fn last(address: &str) -> &str {
    let address = address.trim_end_matches('/');
    let name = address.rsplit(['/', ':']).next().unwrap_or(address);
    name.strip_suffix(".git").unwrap_or(name)
}

#[cfg(test)]
mod tests {

    const TEMPLATE: &str = "\
apiVersion: template.openshift.io/v1
kind: Template
parameters: [{name: NAME, value: till-api}, {name: FOLDER, value: /backend}]
objects:
- apiVersion: v1
  kind: BuildConfig
  metadata: {name: '${NAME}'}
  spec:
    output: {to: {kind: ImageStreamTag, name: '${NAME}:latest'}}
    source: {contextDir: '${FOLDER}', git: {uri: 'https://github.com/acme/till.git'}}
    strategy: STRATEGY
";

    fn builds(strategy: &str, remote: &str) -> Vec<(String, String, Option<String>)> {
        let text = TEMPLATE.replace("STRATEGY", strategy);
        let mut facts = crate::read(&"openshift/bc.yaml".into(), text.as_bytes());
        assert_eq!(facts.gaps, []);
        facts.remotes = vec![remote.to_owned()];
        crate::settle(&mut facts);
        let builds = facts.builds.into_iter();
        builds.map(|build| (build.image.clone(), build.context.clone(), build.recipe())).collect()
    }

    #[test]
    fn a_build_leads_from_an_image_to_its_recipe_or_to_the_code() {
        let own = |recipe: Option<&str>| {
            let image = "till-api:latest".to_owned();
            vec![(image, "backend".to_owned(), recipe.map(str::to_owned))]
        };
        for (strategy, expected) in [
            ("{type: Docker}", own(Some("backend/Dockerfile"))),
            ("{dockerStrategy: {dockerfilePath: Dockerfile}}", own(Some("backend/Dockerfile"))),
            (
                "{dockerStrategy: {dockerfilePath: a/Dockerfile.b}}",
                own(Some("backend/a/Dockerfile.b")),
            ),
            ("{sourceStrategy: {from: {name: 'python:3'}}}", own(None)),
            ("{jenkinsPipelineStrategy: {jenkinsfilePath: J}}", Vec::new()),
        ] {
            assert_eq!(builds(strategy, "github.com/acme/till"), expected, "{strategy}");
        }
        assert_eq!(builds("{type: Docker}", "github.com/acme/stock"), []);
    }

    #[test]
    fn a_recipe_that_stands_in_the_build_is_none_of_the_tree() {
        let strategy = "{type: Docker}\n    source: {dockerfile: 'FROM x', contextDir: a}";
        let text = TEMPLATE.replace("STRATEGY", strategy);
        let text = text.replace("    source: {contextDir: '${FOLDER}', git: {uri: 'https://github.com/acme/till.git'}}\n", "");
        let mut facts = crate::read(&"openshift/bc.yaml".into(), text.as_bytes());
        crate::settle(&mut facts);
        assert_eq!(facts.builds, []);
    }
}
