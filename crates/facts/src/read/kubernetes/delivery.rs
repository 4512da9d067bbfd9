//! Objects by which Argo CD and Flux bring what stands in a repository into the cluster.

use model::{Place, Placed};

use crate::tree::Node;
use crate::{Delivery, Facts};

use super::manifest::Manifest;
use super::{elsewhere, field, flux_image, folders, release};

/// Reads an Application of Argo CD.
pub(super) fn read_application(manifest: &Manifest<'_>, facts: &mut Facts) {
    elsewhere::read_application(manifest, facts);
    let Some(spec) = manifest.spec() else { return };
    push(manifest, sources(spec), unsynced(manifest, spec), facts);
}

/// Reads an `ApplicationSet` of Argo CD: what it makes stands in its template.
pub(super) fn read_application_set(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.at(&["spec", "template", "spec"]) else { return };
    folders::note(manifest, spec, facts);
    push(manifest, sources(spec), unsynced(manifest, spec), facts);
}

/// Reads a Kustomization of Flux.
pub(super) fn read_kustomization(manifest: &Manifest<'_>, facts: &mut Facts) {
    let Some(spec) = manifest.spec() else { return };
    let paths: Vec<_> = spec.string("path").into_iter().collect();
    let components = field::list(spec, "components").into_iter().flat_map(|component| {
        let below = |path: &Placed<String>| format!("{}/{}", path.value, component.value);
        paths
            .iter()
            .map(|path| Placed::new(below(path), component.place.clone()))
            .collect::<Vec<_>>()
    });
    let paths = paths.iter().cloned().chain(components).collect();
    push(manifest, paths, suspended(manifest), facts);
    if let (Some(source), Some(last)) = (spec.get("sourceRef"), facts.cluster.deliveries.last_mut())
    {
        let text = |key: &str| source.string(key).map(|text| text.value);
        last.source = text("kind").zip(text("name"));
    }
    flux_image::read(manifest, facts);
}

/// Reads a `HelmRelease` of Flux.
pub(super) fn read_release(manifest: &Manifest<'_>, facts: &mut Facts) {
    elsewhere::read_release(manifest, facts);
    release::read(manifest, facts);
    let path = manifest.spec().and_then(|spec| field::text(spec, &["chart", "spec", "chart"]));
    let paths = path.into_iter().filter(|path| path.contains('/')).collect();
    push(manifest, paths, suspended(manifest), facts);
}

fn sources(spec: &Node) -> Vec<Placed<String>> {
    let sources = spec.get("source").into_iter().chain(field::items(spec, &["sources"]));
    sources.filter_map(|source| source.string("path")).collect()
}

/// Where Argo CD is told, or not told otherwise, to wait for a person.
fn unsynced(manifest: &Manifest<'_>, spec: &Node) -> Option<Place> {
    let policy = spec.get("syncPolicy").filter(|policy| !policy.is_null());
    let automated = policy.and_then(|policy| policy.get("automated"));
    let Some(automated) = automated.filter(|automated| !automated.is_null()) else {
        let key = spec.key("syncPolicy").map(|key| &key.place);
        return Some(key.unwrap_or(&manifest.name.place).clone());
    };
    let enabled = automated.get("enabled").filter(|enabled| enabled.bool() == Some(false));
    enabled.map(|enabled| enabled.place.clone())
}

fn suspended(manifest: &Manifest<'_>) -> Option<Place> {
    let suspend = manifest.spec()?.get("suspend")?;
    (suspend.bool() == Some(true)).then(|| suspend.place.clone())
}

fn push(
    manifest: &Manifest<'_>,
    paths: Vec<Placed<String>>,
    is_manual: Option<Place>,
    facts: &mut Facts,
) {
    facts.cluster.deliveries.push(Delivery {
        kind: manifest.header.kind.to_owned(),
        name: manifest.name.clone(),
        paths,
        source: None,
        is_manual,
        unapplied: is_off(&manifest.name.place.path)
            .then_some("its folder is called after what is off"),
    });
}

/// Whether a folder says by its name that what stands in it is not applied: `_disabled-apps`,
/// `_archive`. Without the line before it an archive may be a program.
fn is_off(path: &str) -> bool {
    let mut folders = path.split('/').rev().skip(1);
    folders.any(|folder| {
        let plain = folder.trim_start_matches(['.', '_']);
        let word = plain.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
        word == "disabled" || (plain != folder && matches!(&*word, "archive" | "archived"))
    })
}

impl Delivery {
    /// Whether Flux takes it from what is surely not this tree: from another repository, or from a
    /// registry where no pipeline puts the tree.
    pub fn is_elsewhere(&self, facts: &Facts) -> bool {
        let Some((kind, name)) = &self.source else { return false };
        if kind != "GitRepository" {
            let mut lines = facts.steps().flat_map(|step| &step.lines);
            return !lines.any(|line| line.contains("flux push"));
        }
        let sources = facts.cluster.chart_sources.iter();
        let same = sources.filter(|source| source.kind == *kind && source.name.value == *name);
        let mut addresses = same.map(|source| folders::plain(&source.url)).peekable();
        !facts.remotes.is_empty()
            && addresses.peek().is_some()
            && addresses.all(|address| !facts.remotes.iter().any(|own| is_copy(own, &address)))
    }
}

/// Whether two repositories are one, or bear one name: a fork keeps the addresses of what it stems from.
fn is_copy(own: &str, other: &str) -> bool {
    own.rsplit('/').zip(other.rsplit('/')).next().is_some_and(|(a, b)| a.eq_ignore_ascii_case(b))
}

#[cfg(test)]
mod tests {
    use super::super::{at, facts_of};
    use crate::Delivery;

    fn delivery(text: &str) -> Delivery {
        facts_of(&format!("apiVersion: {text}")).cluster.deliveries.remove(0)
    }

    #[test]
    fn an_application_is_automatic_where_its_policy_says_so() {
        let application = |policy: &str| {
            delivery(&format!(
                "argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: a}}\nspec:\n  \
                 source: {{path: deploy/api}}\n{policy}"
            ))
        };
        let automatic = application("  syncPolicy: {automated: {prune: true}}\n");
        assert_eq!((automatic.is_manual, automatic.paths[0].value.as_str()), (None, "deploy/api"));
        assert_eq!(application("  syncPolicy: {automated: {}}\n").is_manual, None);
        assert_eq!(at(&application("").is_manual.unwrap()), "3:18");
        let other = application("  syncPolicy: {syncOptions: [x]}\n");
        assert_eq!(at(&other.is_manual.unwrap()), "6:3");
        let off = application("  syncPolicy: {automated: {enabled: false}}\n");
        assert_eq!(at(&off.is_manual.unwrap()), "6:37");
    }

    #[test]
    fn a_folder_may_say_that_what_stands_in_it_is_off() {
        for path in ["a/_disabled_apps/prod/b.yaml", "disabled/b.yaml", "_archive/b.yaml"] {
            assert!(super::is_off(path), "{path}");
        }
        for path in ["archive/b.yaml", "a/not-disabled/b.yaml", "a/disabled.yaml"] {
            assert!(!super::is_off(path), "{path}");
        }
    }

    #[test]
    fn flux_goes_by_itself_unless_it_is_suspended() {
        let kustomization = "kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n\
                             metadata: {name: a}\nspec: {path: ./deploy";
        let running = delivery(&format!("{kustomization}}}\n"));
        assert_eq!((running.is_manual, running.paths[0].value.as_str()), (None, "./deploy"));
        let suspended = delivery(&format!("{kustomization}, suspend: true}}\n"));
        assert_eq!(at(&suspended.is_manual.unwrap()), "4:33");
    }

    #[test]
    fn what_flux_takes_of_another_repository_or_registry_is_elsewhere() {
        let is_elsewhere = |kind: &str, url: &str, remotes: &[&str]| {
            let mut facts = facts_of(&format!(
                "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: a}}\n\
                 spec: {{path: ./, sourceRef: {{kind: {kind}, name: b}}}}\n---\n\
                 apiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: b}}\n\
                 spec: {{url: '{url}'}}\n"
            ));
            facts.remotes = remotes.iter().map(|remote| (*remote).to_owned()).collect();
            facts.cluster.deliveries[0].is_elsewhere(&facts)
        };
        let own = ["github.com/acme/shop"];
        assert!(!is_elsewhere("GitRepository", "ssh://git@github.com/Acme/shop.git", &own));
        assert!(!is_elsewhere("GitRepository", "https://github.com/upstream/shop", &own), "a fork");
        assert!(is_elsewhere("GitRepository", "https://github.com/fluxcd/flux2", &own));
        assert!(!is_elsewhere("GitRepository", "https://github.com/fluxcd/flux2", &[]));
        assert!(is_elsewhere("OCIRepository", "oci://ghcr.io/acme/shop", &own));
    }
}
