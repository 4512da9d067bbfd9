//! Base images that pipelines choose by the arguments that they give to a build.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::discover::name::repository;
use crate::read::variable::expand;
use crate::{Dockerfile, Facts};

/// The arguments of one build.
type Given = Vec<(String, String)>;

/// Puts what pipelines give to the builds of a Dockerfile into its base images, where none of them
/// leaves its defaults.
pub(in crate::read) fn settle(facts: &mut Facts) {
    let mut builds: BTreeMap<String, Vec<&Given>> = BTreeMap::new();
    let mut own = HashSet::new();
    for build in &facts.builds {
        own.insert(repository(&build.image));
        if let Some(recipe) = build.recipe() {
            builds.entry(recipe).or_default().push(&build.arguments);
        }
    }
    for file in &mut facts.dockerfiles {
        let given = builds.get(&*file.place.path).map(Vec::as_slice).unwrap_or_default();
        if given.iter().any(|given| !given.is_empty()) {
            choose_bases(file, given, &own);
        }
    }
}

fn choose_bases(file: &mut Dockerfile, builds: &[&Given], own: &HashSet<&str>) {
    // By which version of a known image something is built changes nothing of how firm that is.
    let is_telling = |base: &String| {
        let image = repository(base);
        !base.contains('$') || image.contains('$') || own.contains(image)
    };
    let arguments = std::mem::take(&mut file.arguments);
    let names: HashSet<String> = file
        .stages
        .iter()
        .filter_map(|stage| stage.name.as_deref())
        .map(str::to_ascii_lowercase)
        .collect();
    for stage in &mut file.stages {
        let Some(written) = &stage.written_base else { continue };
        let bases = builds.iter().map(|given| {
            let known = values(&arguments, given);
            expand(written, &|name: &str| known.get(name).cloned())
        });
        let bases: Option<Vec<String>> = bases.collect();
        // What is the least pinned speaks for all builds.
        let base = bases.and_then(|bases| bases.into_iter().min_by_key(|base| firmness(base)));
        if let Some(base) = base.filter(is_telling) {
            let name = base.to_ascii_lowercase();
            stage.is_local_base = name == "scratch" || names.contains(&name);
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
        let till = "    - run: docker build -t acme/till:$X .\n";
        assert_eq!(bases(OPS, &format!("{till}{action}")), ["acme/till:${{github.sha}}"]);
        assert_eq!(bases(OPS, &action), ["till:latest"]);
        let line = "    - run: docker build -f ops.Dockerfile --build-arg TAG=2 --build-arg FROM -t acme/ops .\n";
        assert_eq!(bases(OPS, line), ["${FROM}:2"]);
        let open = "ARG TAG\nFROM till:${TAG}\nFROM rust:1\n";
        assert_eq!(bases(open, line), ["till:2", "rust:1"]);
    }

    #[test]
    fn what_only_a_person_gives_to_a_pipeline_hides_no_build() {
        let tag = action("\"TAG=${{ env.REF }}\\nFROM=${{ env.HOST }}/till\"");
        let tag = tag.replace("acme/ops:1", "acme/ops:${{ env.REF }}");
        let steps = format!("{tag}env: {{REF: '${{{{ inputs.ref || github.sha }}}}'}}\n");
        assert_eq!(bases(OPS, &steps), ["${{env.HOST}}/till:${{inputs.ref||github.sha}}"]);
    }

    #[test]
    fn a_build_may_choose_a_stage_to_build_upon() {
        let dockerfile = "ARG WITH=rust:1\nFROM rust:2 AS Tools\nFROM ${WITH}\n";
        let workflow = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build --build-arg WITH=tools -t a .\n";
        let mut facts = crate::read::read(&"Dockerfile".into(), dockerfile.as_bytes());
        facts.append(crate::read::read(&".github/workflows/a.yml".into(), workflow.as_bytes()));
        crate::settle(&mut facts);
        let stages = facts.dockerfiles[0].stages.iter();
        let found: Vec<_> = stages.map(|s| (s.base.as_str(), s.is_local_base)).collect();
        assert_eq!(found, [("rust:2", false), ("tools", true)]);
    }

    #[test]
    fn a_build_that_leaves_the_defaults_has_them() {
        let given = action("'TAG=${{ github.sha }}'");
        let plain = "    - run: docker build -f ops.Dockerfile -t acme/ops .\n";
        assert_eq!(bases(OPS, plain), ["till:latest"]);
        assert_eq!(bases(OPS, &format!("{plain}{given}")), ["till:latest"]);
        assert_eq!(bases(OPS, &action("OTHER=1")), ["till:latest"]);
        let other = given.replace("ops.Dockerfile", "other.Dockerfile");
        assert_eq!(bases(OPS, &other), ["till:latest"]);
    }
}
