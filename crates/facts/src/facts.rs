//! All facts of one tree.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::path;
use crate::read::Fragments;
use crate::{
    Alert, Alertmanager, Api, CatalogEntry, ChartImage, Cluster, Codeowners, Dashboard,
    Declaration, Dockerfile, Document, EnvironmentFile, Gap, ImageBuild, Job, KeptManifests,
    Lockfile, Maintainers, Objective, Package, Party, Pipeline, Pushed, Reason, Recording, Script,
    Step, Trigger, Worker, Workload,
};

/// All facts of one tree, each list in the order of path and line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    /// gonogo.yaml documents.
    pub declarations: Vec<Declaration>,
    /// Catalog entries.
    pub catalog: Vec<CatalogEntry>,
    /// APIs that the catalog knows, without the one that [`crate::settle`] takes for the service itself.
    pub catalog_apis: Vec<CatalogEntry>,
    /// Groups and users that the catalog knows.
    pub parties: Vec<Party>,
    /// CODEOWNERS files.
    pub codeowners: Vec<Codeowners>,
    /// Lists of those who maintain a folder, each with somebody in it.
    pub maintained: Vec<Maintainers>,
    /// Workloads of Kubernetes, Compose, systemd.
    pub workloads: Vec<Workload>,
    /// Timers and sockets of systemd, until the services that they start are known.
    pub triggers: Vec<Trigger>,
    /// `.env` files and `.properties`.
    pub environment_files: Vec<EnvironmentFile>,
    /// What stands around them in the cluster.
    pub cluster: Cluster,
    /// Dockerfiles.
    pub dockerfiles: Vec<Dockerfile>,
    /// Pipelines.
    pub pipelines: Vec<Pipeline>,
    /// Shell scripts that deploy by their names.
    pub scripts: Vec<Script>,
    /// Linters that golangci-lint is told to run, each where its file names it.
    pub linters: Vec<model::Placed<String>>,
    /// Alerting rules.
    pub alerts: Vec<Alert>,
    /// Recording rules.
    pub recordings: Vec<Recording>,
    /// Alertmanager configurations.
    pub alertmanagers: Vec<Alertmanager>,
    /// API descriptions.
    pub apis: Vec<Api>,
    /// Lock files.
    pub lockfiles: Vec<Lockfile>,
    /// Package manifests.
    pub packages: Vec<Package>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Dashboards.
    pub dashboards: Vec<Dashboard>,
    /// Objectives of OpenSLO, Sloth and Pyrra files; those of gonogo.yaml stand in its journeys.
    pub objectives: Vec<Objective>,
    /// Charts of Helm by name, at their Chart.yaml.
    pub charts: Vec<model::Placed<String>>,
    /// Charts of elsewhere that a Chart.yaml takes, each with its repository, where it names them.
    pub taken_charts: Vec<(model::Placed<String>, String)>,
    /// Folders of charts of the tree that a Chart.yaml takes, each where it names them.
    pub inner_charts: Vec<model::Placed<String>>,
    /// The first of the maintainers that a Chart.yaml names, of each chart that names one.
    pub maintainers: Vec<model::Placed<String>>,
    /// Owners that files of a catalog name for all that their repository holds.
    pub repository_owners: Vec<model::Placed<String>>,
    /// Teams that labels of Kustomize name for all that an overlay brings, with the name that labels
    /// give to that, where they do.
    pub teams: Vec<(model::Placed<String>, Option<String>)>,
    /// Lines of the values and templates of Helm charts that name a user other than root.
    pub chart_users: Vec<model::Placed<String>>,
    /// Images that the values of Helm charts name.
    pub chart_images: Vec<ChartImage>,
    /// Images that files of platforms run in place of what stands beside them; an empty one where
    /// a file is no more than called like one of a platform.
    pub platform_images: Vec<model::Placed<String>>,
    /// Commands by which files of platforms start what they run.
    pub platform_commands: Vec<model::Placed<String>>,
    /// Images that pipelines build from the tree, each with its recipe. What is filled in only when
    /// they run is as it is written.
    pub builds: Vec<ImageBuild>,
    /// Files of Kustomize's that were built, each with the files of the objects that come out of what
    /// takes it.
    pub overlays: BTreeMap<Arc<str>, BTreeSet<Arc<str>>>,
    /// Unrendered templates of manifests that start something, by the name written in them, which
    /// is empty where it is filled in too.
    pub templates: Vec<model::Placed<String>>,
    /// Folders of the projects that a .NET Aspire host starts, each where the host names it.
    pub hosted: Vec<model::Placed<String>>,
    /// Applications that a manifest of Cloud Foundry names.
    pub pushed: Vec<Pushed>,
    /// What configurations of Wrangler have Cloudflare run.
    pub workers: Vec<Worker>,
    /// What was not read.
    pub gaps: Vec<Gap>,
    /// Files in languages that are not read, templates and pointers: they do not weaken what is
    /// found, but what is not found may stand in them.
    pub unread: Vec<Gap>,
    /// Folders of examples, tests and vendored code, whose facts were taken out, overlays that were
    /// not built because others speak for production, submodules that are not checked out, and
    /// files that are generated from or stand for others.
    pub set_aside: Vec<Reason>,
    /// Folders of submodules, each where `.gitmodules` names it.
    pub submodules: Vec<model::Placed<String>>,
    /// Name of the folder that was scanned, empty where nobody told.
    pub root_name: String,
    /// Where the tree is kept, as `github.com/acme/shop`; empty where nobody told.
    pub remotes: Vec<String>,
    /// Texts that [`settle`](crate::settle) needs once more; empty afterwards.
    pub manifests: KeptManifests,
    /// Pipelines of hosts whose files are not read: path and host. Filled when all is settled.
    pub unread_pipelines: Vec<(Arc<str>, &'static str)>,
    /// Paths of all files of the tree, sorted.
    pub paths: Vec<Arc<str>>,
    /// What only makes sense together with other files; [`crate::settle`] turns it into facts.
    pub fragments: Fragments,
}

impl Facts {
    /// Takes over all facts of `other`, which stand after those that are here.
    pub fn append(&mut self, other: Self) {
        let Self {
            declarations,
            catalog,
            catalog_apis,
            parties,
            codeowners,
            maintained,
            workloads,
            triggers,
            environment_files,
            cluster,
            dockerfiles,
            pipelines,
            scripts,
            linters,
            alerts,
            recordings,
            alertmanagers,
            apis,
            lockfiles,
            packages,
            documents,
            dashboards,
            objectives,
            charts,
            taken_charts,
            inner_charts,
            maintainers,
            teams,
            chart_users,
            chart_images,
            platform_images,
            platform_commands,
            builds,
            overlays,
            templates,
            hosted,
            pushed,
            workers,
            gaps,
            unread,
            set_aside,
            submodules,
            repository_owners,
            root_name,
            remotes,
            manifests,
            paths,
            unread_pipelines,
            fragments,
        } = other;
        self.append_owners(declarations, codeowners, maintained, repository_owners);
        self.append_catalog(catalog, catalog_apis, parties);
        self.append_running(workloads, triggers, environment_files);
        self.cluster.append(cluster);
        self.append_images(dockerfiles, builds);
        self.append_platforms(platform_images, platform_commands, hosted, pushed, workers);
        self.append_pipelines(pipelines, scripts, linters, unread_pipelines);
        self.append_rules(alerts, recordings, alertmanagers);
        self.append_code(apis, lockfiles, packages);
        self.append_pages(documents, dashboards, objectives);
        self.append_charts(charts, taken_charts, maintainers, templates);
        self.append_values(chart_users, chart_images, inner_charts, teams);
        self.append_unseen(gaps, unread, set_aside, submodules);
        self.append_tree(root_name, remotes, paths);
        self.manifests.append(manifests);
        self.overlays.extend(overlays);
        self.fragments.append(fragments);
    }

    fn append_tree(&mut self, root_name: String, remotes: Vec<String>, paths: Vec<Arc<str>>) {
        if self.root_name.is_empty() {
            self.root_name = root_name;
        }
        self.remotes.extend(remotes);
        self.paths.extend(paths);
    }

    fn append_code(&mut self, apis: Vec<Api>, lockfiles: Vec<Lockfile>, packages: Vec<Package>) {
        self.apis.extend(apis);
        self.lockfiles.extend(lockfiles);
        self.packages.extend(packages);
    }

    fn append_pages(
        &mut self,
        documents: Vec<Document>,
        dashboards: Vec<Dashboard>,
        objectives: Vec<Objective>,
    ) {
        self.documents.extend(documents);
        self.dashboards.extend(dashboards);
        self.objectives.extend(objectives);
    }

    fn append_owners(
        &mut self,
        declarations: Vec<Declaration>,
        codeowners: Vec<Codeowners>,
        maintained: Vec<Maintainers>,
        of_repositories: Vec<model::Placed<String>>,
    ) {
        self.repository_owners.extend(of_repositories);
        self.declarations.extend(declarations);
        self.codeowners.extend(codeowners);
        self.maintained.extend(maintained);
    }

    fn append_pipelines(
        &mut self,
        pipelines: Vec<Pipeline>,
        scripts: Vec<Script>,
        linters: Vec<model::Placed<String>>,
        unread: Vec<(Arc<str>, &'static str)>,
    ) {
        self.pipelines.extend(pipelines);
        self.scripts.extend(scripts);
        self.linters.extend(linters);
        self.unread_pipelines.extend(unread);
    }

    fn append_rules(
        &mut self,
        alerts: Vec<Alert>,
        recordings: Vec<Recording>,
        alertmanagers: Vec<Alertmanager>,
    ) {
        self.alerts.extend(alerts);
        self.recordings.extend(recordings);
        self.alertmanagers.extend(alertmanagers);
    }

    fn append_unseen(
        &mut self,
        gaps: Vec<Gap>,
        unread: Vec<Gap>,
        set_aside: Vec<Reason>,
        submodules: Vec<model::Placed<String>>,
    ) {
        self.submodules.extend(submodules);
        self.gaps.extend(gaps);
        self.unread.extend(unread);
        self.set_aside.extend(set_aside);
    }

    fn append_images(&mut self, recipes: Vec<Dockerfile>, builds: Vec<ImageBuild>) {
        self.dockerfiles.extend(recipes);
        self.builds.extend(builds);
    }

    fn append_platforms(
        &mut self,
        images: Vec<model::Placed<String>>,
        commands: Vec<model::Placed<String>>,
        hosted: Vec<model::Placed<String>>,
        pushed: Vec<Pushed>,
        workers: Vec<Worker>,
    ) {
        self.workers.extend(workers);
        self.platform_images.extend(images);
        self.platform_commands.extend(commands);
        self.hosted.extend(hosted);
        self.pushed.extend(pushed);
    }

    fn append_charts(
        &mut self,
        charts: Vec<model::Placed<String>>,
        taken: Vec<(model::Placed<String>, String)>,
        maintainers: Vec<model::Placed<String>>,
        templates: Vec<model::Placed<String>>,
    ) {
        self.charts.extend(charts);
        self.taken_charts.extend(taken);
        self.maintainers.extend(maintainers);
        self.templates.extend(templates);
    }

    fn append_running(
        &mut self,
        workloads: Vec<Workload>,
        triggers: Vec<Trigger>,
        environment_files: Vec<EnvironmentFile>,
    ) {
        self.environment_files.extend(environment_files);
        self.workloads.extend(workloads);
        self.triggers.extend(triggers);
    }

    fn append_values(
        &mut self,
        users: Vec<model::Placed<String>>,
        images: Vec<ChartImage>,
        inner: Vec<model::Placed<String>>,
        teams: Vec<(model::Placed<String>, Option<String>)>,
    ) {
        self.teams.extend(teams);
        self.inner_charts.extend(inner);
        self.chart_users.extend(users);
        self.chart_images.extend(images);
    }

    fn append_catalog(
        &mut self,
        entries: Vec<CatalogEntry>,
        apis: Vec<CatalogEntry>,
        parties: Vec<Party>,
    ) {
        self.catalog.extend(entries);
        self.catalog_apis.extend(apis);
        self.parties.extend(parties);
    }

    /// All jobs of all pipelines.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = &Job> {
        self.pipelines.iter().flat_map(|pipeline| &pipeline.jobs)
    }

    /// All steps of all pipelines.
    pub(crate) fn steps(&self) -> impl Iterator<Item = &Step> {
        self.pipelines.iter().flat_map(Pipeline::steps)
    }

    /// Whether a file stands at `path`, relative to the root, without `./` or `..` in it.
    pub fn has_path(&self, path: &str) -> bool {
        self.paths.binary_search_by(|known| (**known).cmp(path)).is_ok()
    }

    /// The files that stand in or below `folder`, sorted; all of them where it is empty, the root.
    pub fn below<'f>(&'f self, folder: &str) -> impl Iterator<Item = &'f str> + use<'f> {
        path::below(&self.paths, folder)
    }

    /// Whether some file stands below the folder `path`, which is not the root.
    pub fn has_folder(&self, path: &str) -> bool {
        !path.is_empty() && self.below(path).next().is_some()
    }
}
