//! Charts of Helm: which of them start something.

use std::collections::{BTreeMap, HashMap, HashSet};

use model::{Place, Placed};

use super::name::{ancestors, folder_of, has_words, image_name, key, last_part, stem};
use super::provenance::Ties;
use super::third_party::{ThirdParty, is_base, named};
use crate::{ChartImage, Facts};

/// Folders of charts that start something, or may.
pub(super) struct Installing<'f> {
    /// Folders with a template or manifest of a workload somewhere below.
    starting: HashSet<&'f str>,
    /// Folders with any template below.
    templated: HashSet<&'f str>,
    /// Folders with a template below that Helm fills in by itself, and not only for other charts.
    filled: HashSet<&'f str>,
    /// Files that take charts from elsewhere, those of definitions left out.
    taking: HashSet<&'f str>,
}

impl<'f> Installing<'f> {
    pub(super) fn of(facts: &'f Facts) -> Self {
        let templates = facts.templates.iter().map(|template| &template.place);
        let workloads = facts.workloads.iter().map(|workload| &workload.name.place);
        let is_template =
            |path: &&str| path.contains("/templates/") || path.starts_with("templates/");
        let templates_of_charts = || facts.paths.iter().map(|path| &**path).filter(is_template);
        // A name that begins so holds definitions alone.
        let is_filled = |path: &&str| !last_part(path).starts_with('_');
        Self {
            starting: templates.chain(workloads).flat_map(|p| ancestors(p.folder())).collect(),
            taking: taking(facts),
            templated: templates_of_charts().flat_map(|p| ancestors(folder_of(p))).collect(),
            filled: templates_of_charts()
                .filter(is_filled)
                .flat_map(|p| ancestors(folder_of(p)))
                .collect(),
        }
    }

    /// Whether all templates of a chart are definitions that other charts take.
    pub(super) fn is_library(&self, chart: &Placed<String>) -> bool {
        let folder = folder_of(&chart.place.path);
        self.templated.contains(folder) && !self.filled.contains(folder)
    }

    /// Whether a chart starts something by itself, and not only by charts that it takes.
    pub(super) fn starts(&self, chart: &Placed<String>) -> bool {
        self.starting.contains(folder_of(&chart.place.path))
    }

    /// Whether a chart starts something. One without templates takes other charts, and may.
    pub(super) fn has(&self, chart: &Placed<String>) -> bool {
        let folder = folder_of(&chart.place.path);
        let takes_others = self.taking.contains(&*chart.place.path);
        takes_others
            || folder.is_empty()
            || self.starting.contains(folder)
            || !self.templated.contains(folder)
    }
}

/// Whether a chart holds definitions for others alone, as everybody knows.
fn is_of_definitions((name, repository): &(Placed<String>, String)) -> bool {
    name.value == "common" && repository.contains("bitnami")
}

fn taking(facts: &Facts) -> HashSet<&str> {
    let defining = facts.taken_charts.iter().filter(|taken| is_of_definitions(taken));
    let defining: HashSet<&Place> = defining.map(|(name, _)| &name.place).collect();
    let gaps = facts.gaps.iter().filter(|gap| !defining.contains(&gap.place));
    gaps.map(|gap| &*gap.place.path).collect()
}

/// Charts that bring nothing into a cluster but software of others, called as they are or known to
/// everybody: the paths of their files.
pub(super) fn of_others<'f>(facts: &'f Facts, ties: &Ties) -> HashSet<&'f str> {
    let taken = facts.taken_charts.iter().filter(|taken| !is_of_definitions(taken));
    let mut all: HashMap<&str, bool> = HashMap::new();
    for (name, repository) in taken {
        let path = &*name.place.path;
        let mut charts = facts.charts.iter().filter(|chart| *chart.place.path == *path);
        let is_called_so = charts.any(|chart| is_akin(&key(chart), &key(name)));
        let is_strange = ties.is_chart_of_others(&key(name), repository)
            && (is_called_so || named(&key(name)).is_some());
        *all.entry(path).or_insert(true) &= is_strange;
    }
    let keeping = keeping(facts);
    let strange = all.into_iter().filter(|(_, are_strange)| *are_strange).map(|(path, _)| path);
    let strange = strange.filter(|path| !keeping.contains(folder_of(path)));
    strange.chain(of_known_software(facts)).chain(of_strange_images(facts, ties)).collect()
}

/// The images that the values of a chart name, in its folder.
pub(super) fn images<'f>(
    chart: &'f Placed<String>,
    facts: &'f Facts,
) -> impl Iterator<Item = &'f ChartImage> {
    let folder = chart.place.folder();
    // They are in the order of their paths.
    let from = facts.chart_images.partition_point(|named| *named.image.place.path < *folder);
    let below = facts.chart_images.iter().skip(from);
    let below = below.take_while(move |named| named.image.place.path.starts_with(folder));
    below.filter(move |named| named.image.place.folder() == folder)
}

/// The only image of its own that a chart starts, by its values. A chart around charts of the tree
/// starts those, and what it names itself beside them, such as tests, is none of them.
pub(super) fn own_image<'f>(
    chart: &'f Placed<String>,
    facts: &'f Facts,
    ties: &Ties,
) -> Option<&'f str> {
    let inner = format!("{}/charts/", chart.place.folder());
    if facts.charts.iter().any(|other| other.place.path.starts_with(&inner)) {
        return None;
    }
    let own = images(chart, facts).map(|named| named.image.as_str());
    let is_own = |image: &&str| {
        ties.third_party(image).is_none() && !is_base(image) && !ties.is_foreign(image)
    };
    let all: BTreeMap<String, &str> =
        own.filter(is_own).filter_map(|image| Some((image_name(image)?, image))).collect();
    all.first_key_value().filter(|_| all.len() == 1).map(|(_, image)| *image)
}

/// Whether a chart names images and none of them is ever fetched: somebody puts them on his machine.
pub(super) fn is_never_fetched(chart: &Placed<String>, facts: &Facts) -> bool {
    let mut all = images(chart, facts).peekable();
    all.peek().is_some() && all.all(|named| named.is_never_pulled)
}

/// Charts whose own image is somebody else's in all their values, as everybody knows or since nothing
/// ties it to the tree. Charts begin as a copy of one that runs nginx, and are told their images later.
fn of_strange_images<'f>(facts: &'f Facts, ties: &Ties) -> impl Iterator<Item = &'f str> {
    let is_strange = |named: &ChartImage| match ties.third_party(&named.image) {
        Some(ThirdParty::Proxy) => false,
        Some(_) => true,
        None => ties.is_foreign(&named.image),
    };
    let all_strange = move |chart: &&Placed<String>| {
        let mut main = images(chart, facts).filter(|named| named.is_main).peekable();
        main.peek().is_some() && main.all(is_strange)
    };
    facts.charts.iter().filter(all_strange).map(|chart| &*chart.place.path)
}

/// Charts all of whose workloads are called like software of others that everybody knows, each in a
/// file of its own: `templates/keycloak.yaml`, `templates/redis-sts.yaml`.
fn of_known_software(facts: &Facts) -> impl Iterator<Item = &str> {
    let is_known = |place: &Place| stem(place).split('-').any(|word| named(word).is_some());
    let mut folders: HashMap<&str, bool> = HashMap::new();
    for template in &facts.templates {
        let is_known = is_known(&template.place);
        for folder in ancestors(template.place.folder()) {
            *folders.entry(folder).or_insert(true) &= is_known;
        }
    }
    let paths = facts.charts.iter().map(|chart| &*chart.place.path);
    paths.filter(move |path| folders.get(folder_of(path)).copied().unwrap_or_default())
}

/// Folders with a template of something that is kept running below, judged by its file: what a chart
/// does once for the software that it brings, such as a first setting, is none.
fn keeping(facts: &Facts) -> HashSet<&str> {
    let is_kept = |place: &&Place| !key(place.file_name()).split('-').any(|word| word == "job");
    let templates = facts.templates.iter().map(|template| &template.place).filter(is_kept);
    let workloads = facts.workloads.iter().filter(|workload| workload.is_long_running());
    let workloads = workloads.map(|workload| &workload.name.place);
    templates.chain(workloads).flat_map(|place| ancestors(place.folder())).collect()
}

/// Whether a chart is called like the one that it takes: `kueue`, `openbao` of `openbao-helm`.
fn is_akin(own: &str, taken: &str) -> bool {
    let is_short_for = own.len() >= SHORTEST_NAME && taken.starts_with(own);
    has_words(taken, own) || has_words(own, taken) || is_short_for
}

/// Shorter names begin others by chance.
const SHORTEST_NAME: usize = 4;

#[cfg(test)]
mod tests {
    use super::super::discover;
    use super::super::tests::{kept_by_acme, tree};

    fn found(chart: &str) -> Vec<String> {
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        kept_by_acme(&[
            ("charts/till/Chart.yaml", "apiVersion: v2\nname: till\nversion: 1.0.0\n"),
            ("charts/till/templates/a.yaml", template),
            ("charts/x/Chart.yaml", chart),
            ("charts/x/templates/settings.yaml", "kind: ConfigMap\nmetadata: {name: {{ .x }}}\n"),
        ])
    }

    fn taking(own: &str, name: &str, repository: &str) -> String {
        format!(
            "apiVersion: v2\nname: {own}\nversion: 1.0.0\ndependencies:\n- {{name: {name}, repository: '{repository}'}}\n"
        )
    }

    #[test]
    fn a_chart_that_only_brings_software_of_others_installs_that() {
        for (own, name, repository) in [
            ("bao-keeper", "bao-keeper", "https://bao.github.io/charts"),
            ("bao-keeper", "bao-keeper-helm", "oci://ghcr.io/bao/charts"),
            ("watching", "prometheus", "https://watchers.github.io/charts"),
            ("bao-keeper-of-acme", "bao-keeper", "https://charts.bao-keeper.example/stable"),
        ] {
            assert_eq!(found(&taking(own, name, repository)), ["till"], "{own} {repository}");
        }
        for (own, name, repository) in [
            ("stock", "application", "https://bao.github.io/charts"),
            ("stock", "stock", "https://acme.github.io/charts"),
            ("stock", "stock", "https://charts.example"),
        ] {
            assert_eq!(found(&taking(own, name, repository)), ["stock", "till"], "{repository}");
        }
    }

    #[test]
    fn what_a_release_runs_once_when_it_is_brought_in_is_no_service() {
        let keeper = taking("keeper-shop", "keeper", "https://keeper.github.io/charts");
        let job = |note: &str, kind: &str| {
            format!(
                "apiVersion: batch/v1\nkind: {kind}\nmetadata:\n  name: {{{{ .x }}}}\n  annotations: {{{note}: a}}\n"
            )
        };
        let found = |template: &str| {
            kept_by_acme(&[
                ("charts/x/Chart.yaml", &keeper),
                ("charts/x/templates/settled.yaml", template),
            ])
        };
        assert_eq!(found(&job("argocd.argoproj.io/hook", "Job")), [""; 0]);
        assert_eq!(found(&job("helm.sh/hook", "Job")), [""; 0]);
        assert_eq!(found(&job("helm.sh/hook", "Deployment")), ["keeper-shop"]);
        assert_eq!(found(&job("acme.example/x", "Job")), ["keeper-shop"]);
    }

    #[test]
    fn a_chart_of_nothing_but_known_software_brings_that() {
        let template =
            "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let files = |last: &'static str| {
            [
                ("charts/till/Chart.yaml", "apiVersion: v2\nname: till\nversion: 1.0.0\n"),
                ("charts/till/templates/a.yaml", template),
                ("charts/extra/Chart.yaml", "apiVersion: v2\nname: extra\nversion: 1.0.0\n"),
                ("charts/extra/templates/keycloak-sts.yaml", template),
                (last, template),
            ]
        };
        assert_eq!(kept_by_acme(&files("charts/extra/templates/redis.yaml")), ["till"]);
        assert_eq!(kept_by_acme(&files("charts/extra/templates/counter.yaml")), ["extra", "till"]);
        let secret = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef:\n    \
                      kind: {{ .Values.store }}\n";
        let with_secret = [("charts/extra/templates/counter.yaml", secret)];
        let chroma = files("charts/extra/templates/chromadb-statefulset.yaml");
        assert_eq!(kept_by_acme(&[&chroma[..], &with_secret].concat()), ["till"]);
    }

    #[test]
    fn definitions_that_everybody_takes_start_nothing() {
        let common = taking("stock", "common", "oci://docker.io/bitnamicharts");
        assert_eq!(found(&common), ["till"]);
    }

    #[test]
    fn a_chart_of_the_image_of_others_installs_that() {
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let with = |values: &str| {
            kept_by_acme(&[
                ("charts/x/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"),
                ("charts/x/templates/a.yaml", template),
                ("charts/x/values-prod.yaml", values),
            ])
        };
        let image = |name: &str| format!("image:\n  repository: {name}\n");
        for (name, is_service) in [
            ("keeper/keeper", false),
            ("docker.io/postgres", false),
            ("nginx", true),
            ("keepers/vault-door", false),
            ("keepers/shop-door", true),
            ("ghcr.io/acme/x", true),
            ("registry.corp.example/keeper/keeper", true),
        ] {
            assert_eq!(!with(&image(name)).is_empty(), is_service, "{name}");
        }
        let part = "door:\n  image:\n    repository: keeper/keeper\n";
        assert_eq!(with(part), ["x"]);
    }

    #[test]
    fn the_image_of_a_chart_joins_it_with_its_code_and_those_of_several_are_no_service() {
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let chart = ("charts/mall/Chart.yaml", "apiVersion: v2\nname: mall\nversion: 1.0.0\n");
        let build = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -t acme/mall-till till\n    \
                     - run: docker build -t acme/mall-stock stock\n";
        let image = "FROM rust:1.95\nEXPOSE 80\nCMD [\"/serve\"]\n";
        let found = |values: &str| {
            kept_by_acme(&[
                chart,
                ("charts/mall/templates/a.yaml", template),
                ("charts/mall/values.yaml", values),
                ("till/Dockerfile", image),
                ("stock/Dockerfile", image),
                (".github/workflows/a.yml", build),
            ])
        };
        let one = "image:\n  repository: acme/mall-till\n";
        assert_eq!(found(one), ["mall", "stock"]);
        let both = "till:\n  image:\n    repository: acme/mall-till\nstock:\n  image:\n    repository: acme/mall-stock\n";
        assert_eq!(found(both), ["stock", "till"]);
        assert_eq!(found("a: b\n"), ["mall", "stock", "till"]);
    }

    #[test]
    fn a_chart_around_charts_of_the_tree_is_none_of_the_images_that_it_names_itself() {
        let chart = |name: &str| format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n");
        let (mall, stock) = (chart("mall"), chart("mall-stock"));
        let template =
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {{ .Values.x }}\n";
        let build = "on: push\njobs:\n  a:\n    steps:\n    - run: docker build -t acme/mall-probe probe\n    \
                     - run: docker build -t acme/mall-stock stock\n";
        let image = "FROM rust:1.95\nEXPOSE 80\nCMD [\"/serve\"]\n";
        let probed = |inner: &str| {
            let facts = tree(&[
                ("charts/mall/Chart.yaml", &mall),
                ("charts/mall/templates/a.yaml", template),
                ("charts/mall/values.yaml", "x:\n  image:\n    repository: acme/mall-probe\n"),
                (&format!("{inner}/Chart.yaml"), &stock),
                (&format!("{inner}/templates/a.yaml"), template),
                ("probe/Dockerfile", image),
                ("probe/main.rs", ""),
                ("stock/main.rs", ""),
                ("stock/Dockerfile", image),
                (".github/workflows/a.yml", build),
            ]);
            let services = discover(&facts).services.into_iter();
            let mut probes = services.filter(|service| {
                service.reasons.iter().any(|reason| &*reason.place.path == "probe/Dockerfile")
            });
            probes.next().unwrap().reasons.len()
        };
        assert_eq!(probed("charts/mall-stock"), 2);
        assert_eq!(probed("charts/mall/charts/mall-stock"), 1);
    }
}
