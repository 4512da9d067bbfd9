//! Base images that pipelines choose by the arguments that they give to a build.

use std::collections::{BTreeMap, HashMap};

use crate::read::variable::expand;
use crate::{Dockerfile, Facts};

/// The arguments of one build.
type Given = Vec<(String, String)>;

/// Puts what pipelines give to the builds of a Dockerfile into its base images, where none of them
/// leaves its defaults.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let mut builds: BTreeMap<String, Vec<&Given>> = BTreeMap::new();
    for build in &facts.builds {
        builds.entry(build.recipe()).or_default().push(&build.arguments);
    }
    for file in &mut facts.dockerfiles {
        let given = builds.get(&*file.place.path).map(Vec::as_slice).unwrap_or_default();
        if given.iter().any(|given| !given.is_empty()) {
            choose_bases(file, given);
        }
    }
}

fn choose_bases(file: &mut Dockerfile, builds: &[&Given]) {
    let arguments = std::mem::take(&mut file.arguments);
    for stage in &mut file.stages {
        let Some(written) = &stage.written_base else { continue };
        let bases = builds.iter().map(|given| {
            let known = values(&arguments, given);
            expand(written, &|name: &str| known.get(name).cloned())
        });
        let bases: Option<Vec<String>> = bases.collect();
        // What is the least pinned speaks for all builds.
        let base = bases.and_then(|bases| bases.into_iter().min_by_key(|base| firmness(base)));
        if let Some(base) = base {
            stage.base.value = base;
        }
    }
    file.arguments = arguments;
}

/// What the arguments before the first stage are worth in a build.
fn values(arguments: &[(String, Option<String>)], given: &Given) -> HashMap<String, String> {
    let mut known = HashMap::new();
    for (name, default) in arguments {
        let own = given.iter().rev().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        let value_of = |name: &str| known.get(name).cloned();
        let value = own.or_else(|| expand(default.as_deref()?, &value_of));
        if let Some(value) = value {
            known.insert(name.clone(), value);
        }
    }
    known
}

/// The firmer a base is pinned, the more: by a tag, by what only the pipeline knows, by digest.
fn firmness(base: &str) -> u8 {
    match base {
        _ if base.contains("@sha256:") => 2,
        _ if base.contains('$') => 1,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use crate::Facts;

    /// The bases of a Dockerfile that a workflow of these steps builds.
    fn bases(dockerfile: &str, steps: &str) -> Vec<String> {
        let workflow = format!("on: push\njobs:\n  ship:\n    steps:\n{steps}");
        let mut facts = Facts::default();
        let files = [("ops.Dockerfile", dockerfile), (".github/workflows/a.yml", &workflow)];
        for (path, text) in files {
            facts.append(crate::read::read(&path.into(), text.as_bytes()));
            facts.paths.push(path.into());
        }
        crate::settle(&mut facts);
        let stages = facts.dockerfiles.into_iter().flat_map(|file| file.stages);
        stages.map(|stage| stage.base.value).collect()
    }

    const OPS: &str = "ARG TAG=latest\nARG FROM=till\nARG BASE=${FROM}:${TAG}\nFROM ${BASE}\n";

    fn action(arguments: &str) -> String {
        format!(
            "    - uses: docker/build-push-action@v6\n      with: {{context: ., file: ops.Dockerfile, tags: 'acme/ops:1', build-args: {arguments}}}\n"
        )
    }

    #[test]
    fn what_a_pipeline_gives_to_a_build_is_its_base() {
        let action = action("\"TAG=${{ github.sha }}\\nFROM=acme/till\"");
        assert_eq!(bases(OPS, &action), ["acme/till:${{github.sha}}"]);
        let line = "    - run: docker build -f ops.Dockerfile --build-arg TAG=2 --build-arg FROM -t acme/ops .\n";
        assert_eq!(bases(OPS, line), ["${FROM}:2"]);
        let open = "ARG TAG\nFROM till:${TAG}\nFROM rust:1\n";
        assert_eq!(bases(open, line), ["till:2", "rust:1"]);
    }

    #[test]
    fn a_build_that_leaves_the_defaults_has_them() {
        let given = action("TAG=${{ github.sha }}");
        let plain = "    - run: docker build -f ops.Dockerfile -t acme/ops .\n";
        assert_eq!(bases(OPS, plain), ["till:latest"]);
        assert_eq!(bases(OPS, &format!("{plain}{given}")), ["till:latest"]);
        assert_eq!(bases(OPS, &action("OTHER=1")), ["till:latest"]);
        let other = given.replace("ops.Dockerfile", "other.Dockerfile");
        assert_eq!(bases(OPS, &other), ["till:latest"]);
    }
}
