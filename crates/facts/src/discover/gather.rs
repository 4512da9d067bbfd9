//! Brings together all that speaks of a service.

use std::collections::{HashMap, HashSet};

use model::{Kind, Place, Placed};

use super::candidate::{Candidate, Fact, Origin, Standing};
use super::code::{
    DockerfileName, around_recipe, beside_scripts, code_folder, dockerfile_name, helps_writing,
    is_bundler, is_command, is_exerciser, is_of_pipelines, is_of_start, is_runner,
    is_stand_in_page, only_lasts,
};
use super::name::{folder_of, image_name, is_templated, key, last_part};
use super::provenance::Ties;
use super::shipping::Shipping;
use super::third_party::{
    ThirdParty, brings_language, is_base, is_store_name, is_store_port, named,
};
use super::{
    bench, built, charts, client, device, entry, mirror, part, platform, proxy, recipe, release,
    retired, role, start, traffic, umbrella, unbuilt, unfilled, workload,
};
use crate::{Declaration, Dockerfile, Facts, ImageBuild, Reason, Stage, Workload, WorkloadKind};

/// All candidates of the tree, and what was passed over before it became one.
pub(super) fn gather(facts: &Facts) -> (Vec<Candidate<'_>>, Vec<Reason>) {
    let mut passed_over = Vec::new();
    let images: HashMap<&str, &Dockerfile> =
        facts.dockerfiles.iter().map(|file| (&*file.place.path, file)).collect();
    let mut candidates: Vec<Candidate<'_>> = facts.declarations.iter().map(declaration).collect();
    candidates.extend(entry::candidates(facts));
    let ties = Ties::of(facts);
    let kept = facts.builds.iter().filter(|build| build.image.contains('/'));
    let shipped: HashSet<String> = kept.filter_map(ImageBuild::recipe).collect();
    let workloads = facts.workloads.iter();
    candidates.extend(workloads.map(|w| workload::candidate(w, &images, &shipped, &ties)));
    candidates.extend(facts.templates.iter().filter_map(template));
    let installing = charts::Installing::of(facts);
    let of_others = charts::of_others(facts, &ties);
    let is_strange = |chart: &Placed<String>| {
        let name = key(chart);
        !ties.makes(&name) && (named(&name).is_some() || of_others.contains(&*chart.place.path))
    };
    let own = |c| charts::own_image(c, facts, &ties);
    let charts = facts.charts.iter().map(|c| (c, charts::is_never_fetched(c, facts)));
    let charts = charts.map(|(c, is_never)| (chart(c, own(c), &installing, &is_strange), is_never));
    candidates.extend(charts.map(|(mut candidate, is_never_fetched)| {
        if is_never_fetched && candidate.founds() {
            candidate.standing = Standing::Follows(workload::NEVER_FETCHED.into());
        }
        candidate
    }));
    umbrella::set_back(&mut candidates, facts, &installing);
    candidates.extend(release::candidates(facts, &ties));
    let recipes = facts.dockerfiles.iter();
    let recipes = recipes.filter(|file| {
        let beside = production_beside(&file.place.path, &images);
        passed_over.extend(beside.map(|beside| Reason {
            what: format!("Dockerfile for developing: `{beside}` stands beside it"),
            place: Place::file(file.place.path.clone()),
        }));
        beside.is_none()
    });
    let recipes: Vec<&Dockerfile> = recipes.collect();
    let shipping = Shipping::of(facts);
    for recipe in recipes {
        candidates.extend(dockerfile(recipe, facts, &shipping, &ties, &mut passed_over));
    }
    candidates.extend(platform::candidates(facts, &ties));
    mirror::relocate(&mut candidates, facts);
    built::name_images(&mut candidates, facts);
    modules(&mut candidates, facts);
    recipe::of_several(&mut candidates);
    stores(&mut candidates);
    passed_over.extend(start::by_command(&mut candidates, facts));
    start::by_package(&mut candidates, facts);
    start::by_base(&mut candidates, facts, &ties);
    candidates.retain(|candidate| !candidate.key.is_empty() || candidate.home.is_some());
    for candidate in &mut candidates {
        doubt_name(candidate, &ties);
    }
    stand_ins(&mut candidates);
    traffic::set_back(&mut candidates, facts);
    unfilled::set_back(&mut candidates, facts);
    unbuilt::set_back(&mut candidates, facts);
    client::set_back(&mut candidates);
    device::set_back(&mut candidates, facts);
    role::set_back(&mut candidates, facts, &ties);
    part::set_back(&mut candidates, facts);
    proxy::set_back(&mut candidates, facts, &ties);
    passed_over.extend(retired::left_behind(&mut candidates));
    passed_over.extend(bench::set_back(&mut candidates, facts));
    (candidates, passed_over)
}

/// Compose names images that a build tool makes of folders of the tree, without a word of Compose:
/// they are told by the names of those folders. A Dockerfile in the root is then the recipe of all.
fn modules(candidates: &mut [Candidate<'_>], facts: &Facts) {
    let mut folders: HashMap<String, Option<&str>> = HashMap::new();
    for package in &facts.packages {
        let folder = package.place.folder();
        let known = folders.entry(key(last_part(folder))).or_insert(Some(folder));
        *known = known.filter(|known| *known == folder && !folder.is_empty());
    }
    let mut built = 0;
    for candidate in candidates.iter_mut() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        let is_image = workload.kind == WorkloadKind::ComposeImage && !candidate.is_stranger();
        let image = candidate.image.as_deref().filter(|_| is_image);
        if let Some(folder) = image.and_then(|image| folders.get(image).copied().flatten()) {
            candidate.home = Some(folder.to_owned());
            candidate.standing = Standing::Founds;
            built += 1;
        }
    }
    let is_recipe = |candidate: &&mut Candidate<'_>| {
        candidate.source == Origin::Dockerfile && candidate.home.as_deref() == Some("")
    };
    if built > 1 {
        for candidate in candidates.iter_mut().filter(is_recipe) {
            let doubt = format!("is the recipe of {built} images of the tree");
            candidate.standing = Standing::Stranger(doubt);
        }
    }
}

/// What Compose builds only for stand-ins is one, whatever its folder is called: `stock-mock` of
/// `docker/stock/Dockerfile`.
fn stand_ins(candidates: &mut [Candidate<'_>]) {
    let mut builds: HashMap<String, bool> = HashMap::new();
    for candidate in candidates.iter() {
        let Fact::Workload(workload) = candidate.fact else { continue };
        for container in &workload.containers {
            let Some(path) = container.recipe() else { continue };
            let is_stand_in = is_exerciser(&candidate.key);
            let known = builds.entry(path).or_insert(is_stand_in);
            *known &= is_stand_in;
        }
    }
    let images = candidates.iter_mut().filter(|c| c.founds() && c.source == Origin::Dockerfile);
    for candidate in images {
        if builds.get(&*candidate.reason.place.path).copied().unwrap_or_default() {
            let doubt = "is built for a stand-in of a service";
            candidate.standing = Standing::Stranger(doubt.into());
        }
    }
}

/// What a cluster runs of a database that the tree only adds its settings to is that database: its
/// image bears the name of the folder, and is built upon somebody else's.
fn stores(candidates: &mut [Candidate<'_>]) {
    let mut recipes: HashMap<String, Option<Standing>> = HashMap::new();
    let built = candidates.iter().filter(|candidate| candidate.source == Origin::Dockerfile);
    for candidate in built {
        let name = key(last_part(candidate.home.as_deref().unwrap_or_default()));
        let standing = candidate.is_stranger().then(|| candidate.standing.clone());
        for name in candidate.image.clone().into_iter().chain([name]) {
            let known = recipes.entry(name).or_insert_with(|| standing.clone());
            *known = known.take().filter(|_| standing.is_some());
        }
    }
    recipes.remove("");
    for candidate in candidates.iter_mut().filter(|candidate| candidate.founds()) {
        let is_run = matches!(candidate.fact, Fact::Workload(_)) && candidate.home.is_none();
        let image = candidate.image.as_deref().filter(|_| is_run);
        if let Some(standing) = image.and_then(|image| recipes.get(image).cloned().flatten()) {
            candidate.standing = standing;
        }
    }
}

fn declaration(declaration: &Declaration) -> Candidate<'_> {
    let what = format!("gonogo.yaml document `{}`", *declaration.service);
    let folder = declaration.place.folder().to_owned();
    Candidate {
        home: Some(folder),
        is_library: declaration.kind.as_ref().is_some_and(|kind| kind.value == Kind::Library),
        ..Candidate::new(
            Fact::Declaration(declaration),
            Origin::Declaration,
            &declaration.service,
            what,
        )
    }
}

/// A manifest that a template engine fills in and that has a name already.
fn template(name: &Placed<String>) -> Option<Candidate<'_>> {
    let what = format!("unrendered manifest `{}`", **name);
    let candidate = Candidate::new(Fact::Template, Origin::Kubernetes, name, what);
    let is_of_chart = name.place.folder().split('/').any(|part| part == "templates");
    (!name.is_empty() && !is_of_chart).then_some(candidate)
}

fn chart<'f>(
    chart: &'f Placed<String>,
    image: Option<&str>,
    installing: &charts::Installing<'_>,
    is_strange: &dyn Fn(&Placed<String>) -> bool,
) -> Candidate<'f> {
    let mut candidate = Candidate::new(
        Fact::Chart(chart),
        Origin::Helm,
        chart,
        format!("Helm chart `{}`", **chart),
    );
    candidate.image_folder = image.and_then(workload::folder_of_image);
    candidate.image = image.and_then(image_name);
    if is_strange(chart) {
        candidate.standing = Standing::Stranger("installs third-party software".into());
    } else if installing.is_library(chart) {
        let doubt = "holds only definitions for other charts";
        candidate.standing = Standing::Stranger(doubt.into());
    } else if !installing.has(chart) {
        candidate.standing = Standing::Follows("has no template that starts something".into());
    }
    candidate
}

/// The folder around that of a recipe for pipelines or among scripts, where a pipeline builds what
/// it starts.
fn beside_pipelines<'f>(file: &'f Dockerfile, facts: &Facts) -> Option<&'f str> {
    let path = &*file.place.path;
    let around = around_recipe(path)?;
    // What has no name of a registry or a team is built for the job alone.
    let is_kept = |build: &ImageBuild| is_of_pipelines(path) || build.image.contains('/');
    let is_its = |build: &ImageBuild| build.dockerfile.as_deref() == Some(path) && is_kept(build);
    (starts(file) && facts.builds.iter().any(is_its)).then_some(around)
}

fn dockerfile<'f>(
    file: &'f Dockerfile,
    facts: &Facts,
    shipping: &Shipping<'_>,
    ties: &Ties,
    passed_over: &mut Vec<Reason>,
) -> Option<Candidate<'f>> {
    let is_only = facts.dockerfiles.len() == 1;
    let place = Place::file(file.place.path.clone());
    // Some keep the one recipe of their server among the scripts.
    let around = beside_scripts(&file.place.path).filter(|_| is_only && serves(file));
    let around = around.or_else(|| beside_pipelines(file, facts));
    // What a pipeline ships is told by its own name, wherever it stands.
    let path = if around.is_some() { last_part(&place.path) } else { &place.path };
    let own_name = match dockerfile_name(path) {
        DockerfileName::Plain => None,
        DockerfileName::Development if shipping.run(&place.path).is_some() => {
            return shipping.run(&place.path).map(|(by, context)| run_by(by, context, file, ties));
        }
        DockerfileName::Named(name) => Some(name),
        DockerfileName::Development if shipping.is_pushed(&place.path) && starts(file) => None,
        DockerfileName::Development => {
            let what = "Dockerfile for developing, building or testing".to_owned();
            passed_over.push(Reason { what, place });
            return None;
        }
    };
    let home = code_folder(around.unwrap_or_else(|| place.folder())).to_owned();
    let is_named = own_name.is_some();
    let name = own_name.unwrap_or_else(|| last_part(&home).to_owned());
    let name = Placed::new(name, file.place.clone());
    let is_page = is_named && proxy::shows_stand_in(file, ties);
    Some(Candidate {
        home: Some(home),
        standing: if is_page { stand_in_page() } else { standing(file, ties) },
        ..Candidate::new(Fact::Dockerfile(file), Origin::Dockerfile, &name, "Dockerfile".into())
    })
}

fn stand_in_page() -> Standing {
    Standing::Stranger("shows a page while a service is away".into())
}

/// What a cluster runs goes by the name of what runs it, whatever its recipe is called.
fn run_by<'f>(
    workload: &Workload,
    context: Option<&str>,
    file: &'f Dockerfile,
    ties: &Ties,
) -> Candidate<'f> {
    let name = Placed::new(workload.name.value.clone(), file.place.clone());
    Candidate {
        home: context.map(|context| code_folder(context).to_owned()),
        standing: standing(file, ties),
        ..Candidate::new(Fact::Dockerfile(file), Origin::Dockerfile, &name, "Dockerfile".into())
    }
}

/// The recipe for production that stands beside the one without a name.
fn production_beside(path: &str, images: &HashMap<&str, &Dockerfile>) -> Option<&'static str> {
    const NAMES: &[&str] =
        &["Dockerfile.prod", "Dockerfile.production", "prod.Dockerfile", "production.Dockerfile"];
    let folder = path
        .strip_suffix("Dockerfile")
        .filter(|folder| folder.is_empty() || folder.ends_with('/'))?;
    NAMES.iter().find(|name| images.contains_key(format!("{folder}{name}").as_str())).copied()
}

/// Whether an image says what it starts.
fn starts(file: &Dockerfile) -> bool {
    file.lineage().any(|stage| stage.entry.is_some())
}

/// Whether an image starts something that listens.
fn serves(file: &Dockerfile) -> bool {
    starts(file) && file.lineage().any(|stage| !stage.ports.is_empty())
}

/// Why an image without a command makes no service.
pub(super) const STARTS_NOTHING: &str = "starts nothing";

/// What an image built by `file` is good for, judged by what it is built upon.
pub(super) fn standing(file: &Dockerfile, ties: &Ties) -> Standing {
    if file.stages.is_empty() {
        return Standing::Follows("has no stage".into());
    }
    let base = base_of(file);
    if let Some(ThirdParty::Datastore | ThirdParty::Tool) = ties.third_party(base)
        && !is_base(base)
        && !(brings_language(base) && takes_code(file))
        && !(is_handy(base) && adds_program(file))
    {
        return Standing::Stranger(format!("is built upon the third-party image `{base}`"));
    }
    if !is_base(base) && image_name(base).is_some_and(|name| is_exerciser(&name)) {
        return Standing::Stranger(format!(
            "is built upon `{base}`, which stands in for a service"
        ));
    }
    let entry = file.lineage().find_map(|stage| stage.entry.as_ref());
    if let Some(deed) = entry.and_then(|(entry, _)| helps_writing(entry)) {
        return Standing::Stranger(deed.to_owned());
    }
    if starts_nothing(file) {
        return Standing::Follows(STARTS_NOTHING.into());
    }
    let exposed = file.lineage().flat_map(|stage| &stage.ports);
    if is_store_port(exposed.map(|port| port.split('/').next().and_then(|p| p.parse().ok()))) {
        return Standing::Stranger("listens only where databases do".into());
    }
    Standing::Founds
}

/// Whether neither the file nor what it is built upon says what the image starts.
pub(super) fn starts_nothing(file: &Dockerfile) -> bool {
    let is_started = |stage: &Stage| stage.entry.as_ref().is_some_and(|(entry, _)| !idles(entry));
    let starts = |stage: &Stage| is_started(stage) || !stage.ports.is_empty();
    !file.lineage().any(starts) && is_base(base_of(file))
}

/// Whether a command stands where one is still to be written: it says its version, or sleeps for good.
fn idles(entry: &str) -> bool {
    const MOST_WORDS: usize = 3;
    let plain = entry.replace(['[', ']', ',', '"', '\''], " ");
    let mut words = plain.split_whitespace();
    let is_short = words.clone().count() <= MOST_WORDS;
    only_lasts(&plain) || (is_short && matches!(words.next_back(), Some("--help" | "--version")))
}

/// Whether an image brings one small tool, which is there for health checks and the like of whatever
/// is put beside it.
fn is_handy(base: &str) -> bool {
    let tools = ["aws-cli", "bash", "curl", "git", "kubectl"];
    image_name(base).is_some_and(|name| tools.contains(&name.as_str()))
}

/// Whether the last stage starts what an earlier one has built.
fn adds_program(file: &Dockerfile) -> bool {
    let last = file.lineage().next();
    file.stages.len() > 1 && last.is_some_and(|stage| stage.entry.is_some() && stage.takes_files)
}

/// Whether some stage of what ships takes files of the tree.
fn takes_code(file: &Dockerfile) -> bool {
    file.shipped_stages().any(|stage| !stage.sources.is_empty())
}

/// The image that what runs is built upon, earlier stages of the file followed.
pub(super) fn base_of(file: &Dockerfile) -> &str {
    file.lineage().last().map_or("", |stage| stage.base.as_str())
}

/// Sets back what only exercises services, or has a name that nothing can be matched with.
fn doubt_name(candidate: &mut Candidate<'_>, ties: &Ties) {
    if candidate.source.is_declared() || !candidate.founds() {
        return;
    }
    let part = candidate.home.as_deref().map(|home| key(last_part(home)));
    let is_built = matches!(candidate.source, Origin::Dockerfile | Origin::Compose);
    let is_third_party = match candidate.source {
        _ if ties.makes(&candidate.key) => false,
        Origin::Systemd => named(&candidate.key).is_some(),
        _ => is_built && is_store_name(&candidate.key),
    };
    if is_third_party {
        candidate.standing = store_by_name();
    } else if candidate.source == Origin::Dockerfile && is_command(&candidate.key) {
        candidate.standing = Standing::Stranger("runs a command line tool".into());
    } else if (is_built || candidate.source == Origin::Platform)
        && is_stand_in_page(part.as_deref().unwrap_or(&candidate.key))
    {
        candidate.standing = stand_in_page();
    } else if is_built && is_bundler(&candidate.key) {
        candidate.standing = Standing::Stranger("makes what the code of another shows".into());
    } else if is_built && is_of_start(&candidate.key) {
        candidate.standing = Standing::Follows("runs once, before a service starts".into());
    } else if runs_jobs(candidate) {
        candidate.standing = Standing::Stranger("runs the jobs of pipelines".into());
    } else if is_exerciser(&candidate.key) || part.is_some_and(|part| is_exerciser(&part)) {
        let doubt = "exercises services or stands in for one";
        candidate.standing = Standing::Stranger(doubt.into());
    } else if is_templated(&candidate.name) {
        candidate.standing = Standing::Follows("has a name that is filled in later".into());
    }
}

/// Whether a name, a label or the image, by the folder of its registry too, says that it runs the jobs
/// of pipelines.
fn runs_jobs(candidate: &Candidate<'_>) -> bool {
    let told = candidate.image.iter().chain(&candidate.image_folder).chain(&candidate.aliases);
    is_runner(&candidate.key) || told.into_iter().any(|name| is_runner(name))
}

/// What bears the name of software of others.
pub(super) fn store_by_name() -> Standing {
    Standing::Stranger("is third-party software by its name".into())
}

/// The Dockerfile in `folder`, or the one named.
pub(crate) fn dockerfile_path(context: &str, dockerfile: Option<&str>) -> String {
    match dockerfile {
        Some(path) => path.to_owned(),
        None if matches!(context, "" | ".") => "Dockerfile".to_owned(),
        None => format!("{context}/Dockerfile"),
    }
}

/// The folder of the code that Compose builds from `context` by `dockerfile`; `None` where the
/// whole tree is the context and no Dockerfile says more.
pub(super) fn build_home(
    context: &str,
    dockerfile: Option<&str>,
    images: &HashMap<&str, &Dockerfile>,
) -> Option<String> {
    let context = if context == "." { "" } else { context };
    let is_known = images.contains_key(dockerfile_path(context, dockerfile).as_str());
    // A file that changes another is read as if it stood beside that: its own folder tells nothing.
    let is_of_build = code_folder(context) != context;
    if is_templated(context) || (!is_known && (context.is_empty() || is_of_build)) {
        return None;
    }
    let folder = dockerfile.map_or(context, folder_of);
    let home = code_folder(folder);
    // A recipe among scripts builds what stands around these.
    let around = dockerfile.filter(|_| is_known).and_then(|path| around_recipe(path));
    if let Some(around) = around.filter(|around| crate::path::is_below(around, context)) {
        return Some(around.to_owned());
    }
    // A Dockerfile outside of its context, or above it, says less than the context.
    let is_inside = crate::path::is_below(home, context);
    Some(if is_inside { home } else { code_folder(context) }.to_owned())
}
