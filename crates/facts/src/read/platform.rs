//! Files of hosting platforms: whether they run what stands beside them, an image, or nothing, and by
//! which command they start it.

use model::{Place, Placed};

use super::Source;
use crate::cursor::Cursor;
use crate::path::join;
use crate::{Facts, ImageBuild, Pushed};

pub(super) fn is_named(_: &str, name: &str) -> bool {
    matches!(name, "Procfile" | "railway.json" | "railway.toml") || is_of_fly(name)
}

/// Whether a file is called as those that Fly is told by: `fly.toml`, `fly.production.toml`, `fly-prod.toml`.
pub(crate) fn is_of_fly(name: &str) -> bool {
    let stage = name.strip_prefix("fly").and_then(|rest| rest.strip_suffix(".toml"));
    stage.is_some_and(|stage| stage.is_empty() || stage.starts_with(['.', '-']))
}

fn is_of_cloud_foundry(name: &str) -> bool {
    let stem = name.strip_suffix(".yml").or(name.strip_suffix(".yaml"));
    stem.is_some_and(|stem| stem.contains("manifest"))
}

/// Reads the command that the file names, and the image, or the recipe that Fly builds one by; the image
/// of a file without any word of its platform is empty.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    facts.platform_commands.extend(command(source));
    if source.name == "railway.json" {
        let words = ["\"$schema\"", "\"build\"", "\"deploy\""];
        if !words.iter().any(|word| source.text.contains(word)) {
            let place = Place::file(source.path.clone());
            facts.platform_images.push(Placed::new(String::new(), place));
        }
    }
    if !is_of_fly(source.name) {
        return;
    }
    let mut cursor = Cursor::new(source.path, source.text);
    let (mut start, mut is_build) = (0, false);
    for line in source.text.split_inclusive('\n') {
        let text = line.trim();
        if text.starts_with('[') {
            is_build = text == "[build]";
        }
        let setting = text.split_once('=').filter(|_| is_build);
        match setting.map(|(key, value)| (key.trim(), plain(value))) {
            Some(("image", image)) => {
                facts.platform_images.push(Placed::new(image.to_owned(), cursor.point(start)));
            }
            Some(("dockerfile", recipe)) => facts.builds.extend(built(source, recipe)),
            _ => {}
        }
        start += line.len();
    }
}

/// What Fly builds by a recipe, and keeps.
fn built(source: Source<'_>, recipe: &str) -> Option<ImageBuild> {
    let context = source.folder().to_owned();
    let mut settings = source.text.lines().take_while(|line| !line.starts_with('['));
    let app = settings.find_map(|line| line.split_once('=').filter(|(key, _)| key.trim() == "app"));
    Some(ImageBuild {
        image: app.map_or_else(|| source.fallback_name(), |(_, name)| plain(name)).to_owned(),
        dockerfile: Some(join(&context, recipe)?),
        context,
        arguments: Vec::new(),
        is_from_source: false,
        is_pushed: true,
    })
}

/// The command that starts what answers requests.
fn command(source: Source<'_>) -> Option<Placed<String>> {
    let mut lines = source.text.lines().filter_map(|line| line.split_once(['=', ':']));
    let is_start = |key: &str| matches!(plain(key), "app" | "startCommand" | "web");
    let command = lines.find(|(key, value)| is_start(key) && value.trim().contains(' '))?.1;
    let command = command.trim().trim_end_matches(',').trim_matches(['"', '\'']);
    Some(Placed::new(command.to_owned(), Place::file(source.path.clone())))
}

/// Takes the applications that a manifest of Cloud Foundry names. It may be called as manifests of
/// Kubernetes are.
pub(super) fn note_pushed(source: Source<'_>, facts: &mut Facts) {
    if is_of_cloud_foundry(source.name) {
        facts.pushed.extend(applications(source));
    }
}

/// What stands below `applications:`, of each entry the name and the path that are its own.
fn applications(source: Source<'_>) -> Vec<Pushed> {
    let mut cursor = Cursor::new(source.path, source.text);
    let (mut start, mut is_inside, mut depth) = (0, false, None);
    let mut found: Vec<(Option<Placed<String>>, Option<String>)> = Vec::new();
    for line in source.text.split_inclusive('\n') {
        let text = line.trim();
        let indent = line.len() - line.trim_start().len();
        if indent == 0 && !text.is_empty() && !text.starts_with(['#', '-']) {
            is_inside = text == "applications:";
            depth = None;
        }
        let entry =
            text.strip_prefix("- ").filter(|_| is_inside && depth.is_none_or(|d| d == indent));
        if entry.is_some() {
            depth = Some(indent);
            found.push((None, None));
        }
        let is_own = |depth: usize| indent == depth + 2 || entry.is_some();
        let setting = entry
            .unwrap_or(text)
            .split_once(':')
            .filter(|_| is_inside && depth.is_some_and(is_own));
        match (setting.map(|(key, value)| (key.trim(), value)), found.last_mut()) {
            (Some(("name", name)), Some((own, _))) => {
                *own = Some(Placed::new(fixed_part(name), cursor.point(start + indent)));
            }
            (Some(("path", path)), Some((_, own))) => *own = Some(plain(path).to_owned()),
            _ => {}
        }
        start += line.len();
    }
    found.into_iter().filter_map(|(name, path)| Some(Pushed { name: name?, path })).collect()
}

/// A value without its quotes and a remark behind it.
fn plain(value: &str) -> &str {
    value.split(" #").next().unwrap_or_default().trim().trim_matches(['"', '\''])
}

/// A name without its quotes and what is filled in: `till` of `"till-((env))"`.
fn fixed_part(name: &str) -> String {
    let mut parts = plain(name).split("((");
    let first = parts.next().unwrap_or_default();
    let rest = parts.filter_map(|part| Some(part.split_once("))")?.1));
    let all: Vec<&str> =
        std::iter::once(first).chain(rest).map(|part| part.trim_matches('-')).collect();
    all.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use crate::discover::tests::kept_by_acme as found;

    #[test]
    fn a_platform_that_runs_an_image_of_others_runs_no_service_of_the_tree() {
        let file = |image: &str| {
            format!("app = \"a\"\n[build]\n  image = '{image}'\n[env]\n  image = 'x'\n")
        };
        let own = ("apps/till/fly.toml", "app = \"till\"\n");
        for (image, names) in
            [("ghcr.io/keeper/log-shipper:1", vec!["till"]), ("acme/log:1", vec!["log", "till"])]
        {
            let file = file(image);
            assert_eq!(found(&[own, ("apps/log/fly.toml", &file)]), names, "{image}");
        }
    }

    #[test]
    fn fly_builds_by_the_recipe_that_the_file_of_any_stage_names() {
        let file = "app = 'acme-till' # ours\n[build]\n  dockerfile = \"ops/Dockerfile.web\"\n";
        for (name, is_one) in [
            ("fly.toml", true),
            ("fly.production.toml", true),
            ("fly-prod.toml", true),
            ("flyer.toml", false),
        ] {
            let path = format!("apps/till/{name}");
            let facts = crate::discover::tests::tree(&[(&*path, file)]);
            let built = facts.builds.iter().map(|build| (&*build.image, build.recipe().unwrap()));
            let recipe = ("acme-till", "apps/till/ops/Dockerfile.web".to_owned());
            assert_eq!(built.collect::<Vec<_>>(), if is_one { vec![recipe] } else { vec![] });
            assert_eq!(found(&[(&*path, file)]).len(), usize::from(is_one), "{name}");
        }
    }

    #[test]
    fn data_that_is_called_like_a_platform_makes_no_service() {
        let own = ("apps/till/railway.json", "{\"build\": {}}\n");
        let data = ("apps/web/figures/railway.json", "{\"regions\": [\"ams\"]}\n");
        assert_eq!(found(&[own, data]), ["till"]);
    }

    #[test]
    fn a_manifest_of_cloud_foundry_names_its_applications() {
        let manifest = "---\ndefault: &default\n  memory: 1G\napplications:\n  - name: \"till-((env))\" # by stage\n    \
                        processes:\n      - type: web\n        name: x\n  - memory: 1G\n    name: ((who))-counter\n";
        let place = |files: &[(&str, &str)]| {
            let facts = crate::discover::tests::tree(files);
            let named = facts.pushed.iter();
            named.map(|one| (one.name.value.clone(), one.name.place.line)).collect::<Vec<_>>()
        };
        let expected = [("till".to_owned(), 5), ("counter".to_owned(), 10)];
        assert_eq!(place(&[("manifest.yml", manifest)]), expected);
        assert_eq!(
            place(&[("manifest.yml", "name: x\nversion: 1\n"), ("manifest.json", "{}")]),
            []
        );
        let deployment = crate::discover::tests::deployment("till", "acme/till:1");
        let cluster = crate::discover::tests::tree(&[("manifest.yml", &deployment)]);
        assert_eq!((cluster.workloads.len(), cluster.pushed.len()), (1, 0));
        let told = crate::discover::tests::tree(&[("manifest.yml", manifest)]).set_aside;
        assert!(told.len() == 1 && told[0].what.contains("Cloud Foundry"), "{told:?}");
        let page = ("maintenance_page/manifest.yml", "applications:\n- name: shop-page\n");
        let code = [("shop/manifest.yml", manifest), ("shop/main.go", ""), page];
        assert_eq!(found(&code), ["shop"]);
    }
}
