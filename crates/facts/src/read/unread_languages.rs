//! What manifests, rules and objectives are made from and that is not read: other languages and
//! templates of YAML, known by their endings, and pointers in place of content.
//!
//! Templates that are YAML as they stand are read all the same.
//! They do not weaken what is found elsewhere; but what is not found may stand in them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use model::Place;

use super::Source;
use super::kubernetes::subjects_of_manifests;
use crate::discover::is_sample;
use crate::{Facts, Gap, Reason, Subject};

/// Endings of such files, with the language.
static ENDINGS: &[(&str, &str)] = &[
    (".cue", "CUE"),
    (".dhall", "Dhall"),
    (".jsonnet", "Jsonnet"),
    (".libsonnet", "Jsonnet"),
    (".pkl", "Pkl"),
    (".tf", TERRAFORM),
    (".tofu", TERRAFORM),
];

const TERRAFORM: &str = "Terraform";

const TERRAGRUNT: &str = "Terragrunt";

/// What Terragrunt looks for in a folder.
const UNITS: [&str; 2] = ["terragrunt.hcl", "terragrunt.stack.hcl"];

/// Endings and names of files in the same language that are not Terragrunt's.
static OTHER_HCL: &[&str] =
    &[".lock.hcl", ".nomad.hcl", ".pkr.hcl", ".pkrvars.hcl", ".tflint.hcl", "docker-bake.hcl"];

/// What the templates are called, after their number.
const TEMPLATES: &str = "unrendered templates of YAML";

/// What the pointers are called, after their number.
const POINTERS: &str = "Git LFS pointers";

/// Endings that a template adds to that of what it makes.
static TEMPLATE_ENDINGS: &[&str] = &[
    "ejs", "erb", "gotmpl", "hbs", "j2", "jinja", "jinja2", "mustache", "template", "tmpl", "tpl",
];

/// What a pointer in place of a file's content begins with.
const POINTER: &str = "version https://git-lfs.github.com/spec/";

/// What is made from files whose language could hold anything of it.
const MADE: [Subject; 4] =
    [Subject::Workloads, Subject::Alerts, Subject::Dashboards, Subject::Objectives];

/// Parts of the types of Terraform's resources, with what they declare.
static RESOURCES: &[(&str, Subject)] = &[
    ("helm_release", Subject::Workloads),
    ("kubectl_manifest", Subject::Workloads),
    ("kubernetes_", Subject::Workloads),
    ("_alert", Subject::Alerts),
    ("_metric_alarm", Subject::Alerts),
    ("_monitor", Subject::Alerts),
    ("_rule_group", Subject::Alerts),
    ("_dashboard", Subject::Dashboards),
    ("_service_level_objective", Subject::Objectives),
    ("_slo", Subject::Objectives),
];

/// Whether the file is one of Terraform's.
pub(super) fn is_terraform(_: &str, name: &str) -> bool {
    language(name) == Some(TERRAFORM)
}

/// Notes what a file of Terraform declares.
pub(super) fn read_terraform(source: Source<'_>, facts: &mut Facts) {
    let mut seen = BTreeSet::new();
    for (line, number) in source.text.lines().zip(1..) {
        let resource = line.strip_prefix("resource ").and_then(|named| named.split('"').nth(1));
        let Some(resource) = resource else { continue };
        for (part, subject) in RESOURCES {
            if declares(resource, part) && seen.insert(*subject) {
                let place = Place::point(source.path.clone(), number, 1);
                facts.unread.push(gap(Some(*subject), place, "is Terraform, which is not read"));
            }
        }
    }
}

/// Whether a resource of the type declares what `part` stands for. Providers for clusters begin
/// the types of theirs so; others have the word within where they make a cluster.
fn declares(resource: &str, part: &str) -> bool {
    if part.starts_with('_') {
        return resource.contains(part);
    }
    let kind = resource.strip_prefix("kubernetes_");
    resource.starts_with(part)
        && !kind.is_some_and(|kind| AROUND.iter().any(|k| kind.starts_with(k)))
}

/// Objects of a cluster that start nothing and change nothing that is started.
static AROUND: &[&str] = &[
    "cluster_role",
    "config_map",
    "namespace",
    "persistent_volume",
    "role",
    "secret",
    "service_account",
    "storage_class",
];

/// Whether the file becomes YAML when it is rendered, or may.
pub(super) fn is_template(path: &str, name: &str) -> bool {
    rendered(name).is_some() || may_make_anything(path, name)
}

/// Whether the name of a template does not tell what is made of it: `deployment-production.tmpl`. What
/// begins with an underscore holds parts of others.
pub(super) fn may_make_anything(_: &str, name: &str) -> bool {
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "tmpl" | "tpl") && rendered(name).is_none() && !name.starts_with('_')
}

/// Reads a template that is YAML as it stands, such as one with `__IMAGE_TAG__` in it; of any other
/// notes what it makes.
pub(super) fn read_template(source: Source<'_>, facts: &mut Facts) {
    if let Some(plain) = plain(source) {
        facts.append(plain);
        facts.fragments.plain_templates.push(source.path.clone());
        return;
    }
    let named = || {
        let path: Arc<str> = rendered(source.path)?.into();
        let name = rendered(source.name)?;
        super::meant_for(Source { path: &path, name, text: source.text })
    };
    let mut subjects = subjects_of_manifests(source.text);
    if subjects.is_empty() {
        subjects.extend(named());
    }
    let place = || Place::file(source.path.clone());
    let told =
        subjects.into_iter().map(|s| gap(Some(s), place(), "is a template that was not rendered"));
    facts.unread.extend(told);
}

/// What manifests say that only leave values open; `None` where more is filled in, something else is
/// made, or what is made stands in for the service while that is down.
fn plain(source: Source<'_>) -> Option<Facts> {
    let is_filled_in = ["{{", "{%", "%{", "<%", "<#"].iter().any(|sign| source.text.contains(sign));
    let stands_in = source.folder().split(['/', '-', '_']).any(|part| part == "maintenance");
    if is_filled_in || stands_in || subjects_of_manifests(source.text).is_empty() {
        return None;
    }
    let mut facts = Facts::default();
    super::read_tree(source, &mut facts);
    facts.gaps.is_empty().then_some(facts)
}

/// The name without the ending of a template, where what remains is that of YAML.
fn rendered(name: &str) -> Option<&str> {
    let (rendered, ending) = name.rsplit_once('.')?;
    let (_, made) = rendered.rsplit_once('.')?;
    (matches!(made, "yaml" | "yml") && TEMPLATE_ENDINGS.contains(&ending)).then_some(rendered)
}

/// Takes a pointer that stands in place of the content of a file: a gap where its name tells what
/// it is about.
pub(super) fn take_pointer(source: Source<'_>, facts: &mut Facts) -> bool {
    if !source.text.starts_with(POINTER) {
        return false;
    }
    let reason = "is a Git LFS pointer: its content is not checked out";
    let subject = super::subject_of(source.path);
    let told = gap(subject, Place::file(source.path.clone()), reason);
    if subject.is_some() {
        facts.gaps.push(told.clone());
    }
    facts.unread.push(told);
    true
}

fn gap(subject: Option<Subject>, place: Place, reason: &str) -> Gap {
    Gap { subject, place, reason: reason.to_owned(), name: None }
}

fn language(path: &str) -> Option<&'static str> {
    ENDINGS.iter().find(|(ending, _)| path.ends_with(ending)).map(|(_, language)| *language)
}

/// Says how many files of each stand in the tree, at the first of them, and what could stand in
/// them.
pub(super) fn settle(facts: &mut Facts) {
    facts.unread.retain(|gap| !is_sample(&gap.place.path));
    let pointers = facts.unread.iter().filter(|gap| gap.reason.starts_with("is a Git LFS"));
    let pointers: Vec<Arc<str>> = pointers.map(|gap| gap.place.path.clone()).collect();
    let read: BTreeSet<&Arc<str>> = facts.fragments.plain_templates.iter().collect();
    let kinds = facts.paths.iter().filter_map(|path| Some((kind(path)?, path.clone())));
    let kinds = kinds.filter(|(_, path)| !is_sample(path) && !read.contains(path));
    let terragrunt = terragrunt(&facts.paths).into_iter().map(|path| (TERRAGRUNT, path.clone()));
    let of_manifests = facts.unread.iter().map(|gap| &gap.place.path).filter(|path| {
        let name = path.rsplit_once('/').map_or(&***path, |(_, name)| name);
        may_make_anything(path, name)
    });
    let of_manifests: BTreeSet<Arc<str>> = of_manifests.cloned().collect();
    let of_manifests = of_manifests.into_iter().map(|path| (TEMPLATES, path));
    let mut found: BTreeMap<&str, (usize, Arc<str>)> = BTreeMap::new();
    let pointers = pointers.into_iter().map(|path| (POINTERS, path));
    for (kind, path) in kinds.chain(terragrunt).chain(of_manifests).chain(pointers) {
        found.entry(kind).or_insert((0, path)).0 += 1;
    }
    facts.unread.extend(of_languages(&facts.paths));
    facts.set_aside.extend(found.into_iter().map(|(kind, (count, path))| {
        let files = in_words(kind, count);
        let what = if kind == POINTERS {
            format!("{count} {files}: what they stand for is not checked out")
        } else {
            format!("{count} {files}: what is made of them was not looked at")
        };
        Reason { what, place: Place::file(path) }
    }));
}

/// The files of Terragrunt: its units, and what stands in its language in the same folder of the
/// root as one of them.
fn terragrunt(paths: &[Arc<str>]) -> Vec<&Arc<str>> {
    let is_unit = |path: &str| path.rsplit('/').next().is_some_and(|name| UNITS.contains(&name));
    let top = |path: &Arc<str>| path.split_once('/').map(|(top, _)| top.to_owned());
    let is_counted = |path: &&Arc<str>| path.ends_with(".hcl") && !is_sample(path);
    let all = || paths.iter().filter(is_counted);
    let tops: BTreeSet<String> = all().filter(|path| is_unit(path)).filter_map(top).collect();
    let is_other = |path: &str| OTHER_HCL.iter().any(|ending| path.ends_with(ending));
    let is_beside = |path: &Arc<str>| top(path).is_some_and(|top| tops.contains(&top));
    all().filter(|path| is_unit(path) || (is_beside(path) && !is_other(path))).collect()
}

fn kind(path: &str) -> Option<&'static str> {
    language(path).or_else(|| rendered(path).map(|_| TEMPLATES))
}

fn in_words(kind: &str, count: usize) -> String {
    let files = if count == 1 { "file" } else { "files" };
    match kind {
        TEMPLATES | POINTERS if count == 1 => {
            kind.replacen("templates", "template", 1).replacen("pointers", "pointer", 1)
        }
        TEMPLATES | POINTERS => kind.to_owned(),
        _ => format!("{files} in {kind}"),
    }
}

/// What may be made from the languages, once for each folder; of Terraform its files tell more.
fn of_languages(paths: &[Arc<str>]) -> Vec<Gap> {
    let mut seen = BTreeSet::new();
    let first = paths.iter().filter_map(|path| {
        let language = language(path).filter(|language| *language != TERRAFORM)?;
        if is_sample(path) || is_of_page(path) {
            return None;
        }
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        seen.insert((language, folder)).then_some((path, language))
    });
    let told = first.flat_map(|(path, language)| {
        let reason = format!("is {language}, which is not read");
        MADE.map(|subject| gap(Some(subject), Place::file(path.clone()), &reason))
    });
    told.collect()
}

/// Whether a file belongs to an example of the documentation: `docs/migration-example/a.jsonnet`.
fn is_of_page(path: &str) -> bool {
    let folders = path.rsplit_once('/').map_or("", |(folder, _)| folder).to_ascii_lowercase();
    let mut parts = folders.split('/').skip_while(|part| !["doc", "docs"].contains(part));
    parts.any(|part| part.contains("example"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discover::tests::tree;

    fn told(facts: &Facts) -> Vec<(&str, &str)> {
        facts.set_aside.iter().map(|r| (r.what.as_str(), &*r.place.path)).collect()
    }

    fn unread(facts: &Facts) -> Vec<(&str, u32, Option<Subject>)> {
        facts.unread.iter().map(|g| (&*g.place.path, g.place.line, g.subject)).collect()
    }

    #[test]
    fn files_of_a_language_that_is_not_read_are_counted_at_the_first() {
        let facts = tree(&[("apps/b.dhall", "{}"), ("apps/a.dhall", "{}"), ("tests/c.cue", "{}")]);
        let expected = "2 files in Dhall: what is made of them was not looked at";
        assert_eq!(told(&facts), [(expected, "apps/a.dhall")]);
        let expected = MADE.map(|subject| ("apps/a.dhall", 1, Some(subject)));
        assert_eq!(unread(&facts), expected, "one file stands for its folder");
    }

    #[test]
    fn templates_of_yaml_are_counted_and_what_they_make_is_known() {
        let deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: {{ name }}}\n";
        let rules = "groups:\n- name: a\n  rules:\n  - alert: B\n    expr: up == 0\n";
        let facts = tree(&[
            ("a/deploy.yaml.tmpl", deployment),
            ("a/rules.yml.j2", rules),
            ("a/values.yaml.gotmpl", "a: 1\n"),
            ("tests/deploy.yaml.tmpl", deployment),
        ]);
        let expected = "3 unrendered templates of YAML: what is made of them was not looked at";
        assert_eq!(told(&facts), [(expected, "a/deploy.yaml.tmpl")]);
        assert_eq!(
            unread(&facts),
            [
                ("a/deploy.yaml.tmpl", 1, Some(Subject::Workloads)),
                ("a/rules.yml.j2", 1, Some(Subject::Alerts))
            ]
        );
        assert_eq!((facts.gaps.as_slice(), facts.workloads.len()), (&[][..], 0));
        assert!(!crate::is_wanted("a/page.html.j2") && !crate::is_wanted("a/_yaml.tmpl"));
    }

    #[test]
    fn a_template_that_is_yaml_as_it_stands_is_read() {
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: till}\nspec:\n  containers:\n  - name: till\n    \
                   image: till:__TAG__\n";
        for path in ["kubernetes/production.tmpl", "kubernetes/till.yaml.tpl"] {
            let facts = tree(&[(path, pod)]);
            assert_eq!(facts.workloads[0].name.value, "till");
            assert_eq!((told(&facts), unread(&facts)), (vec![], vec![]));
        }
        let more = pod.replace("spec:", "spec: {{ spec }}");
        let shell = format!("#!/bin/sh\nkubectl apply -f - <<END\n{pod}END\n");
        let facts = tree(&[
            ("kubernetes/a.tmpl", more.as_str()),
            ("kubernetes/b.tpl", &shell),
            ("pages/c.tmpl", "<p>{{ name }}</p>"),
        ]);
        let expected = "2 unrendered templates of YAML: what is made of them was not looked at";
        assert_eq!(told(&facts), [(expected, "kubernetes/a.tmpl")]);
        assert_eq!((facts.workloads.len(), facts.gaps.len()), (0, 0));
        assert_eq!(crate::subject_of("pages/c.tmpl"), None);
    }

    #[test]
    fn terraform_is_counted_and_its_resources_tell_what_could_stand_in_it() {
        let facts = tree(&[
            ("infra/a.tf", "# x\nresource \"kubernetes_deployment\" \"a\" {\n}\n"),
            ("infra/b.tf", "resource \"aws_s3_bucket\" \"kubernetes_x\" {\n}\n"),
            ("infra/c.tf", "resource \"azurerm_kubernetes_cluster\" \"c\" {\n}\n"),
            ("infra/d.tf", "resource \"kubernetes_namespace\" \"d\" {\n}\n"),
        ]);
        let expected = "4 files in Terraform: what is made of them was not looked at";
        assert_eq!(told(&facts), [(expected, "infra/a.tf")]);
        assert_eq!(unread(&facts), [("infra/a.tf", 2, Some(Subject::Workloads))]);
    }

    #[test]
    fn terragrunt_is_counted_and_what_else_is_written_in_its_language_is_not() {
        let facts = tree(&[
            ("infra/live/eu/terragrunt.hcl", "terraform {\n}\n"),
            ("infra/common/queue.hcl", "inputs = {}\n"),
            ("infra/live/eu/.terraform.lock.hcl", "\n"),
            ("images/till.pkr.hcl", "\n"),
            ("images/other.hcl", "\n"),
            ("docker-bake.hcl", "\n"),
        ]);
        let expected = "2 files in Terragrunt: what is made of them was not looked at";
        assert_eq!(told(&facts), [(expected, "infra/common/queue.hcl")]);
    }

    #[test]
    fn a_pointer_is_no_content() {
        let pointer = format!("{POINTER}v1\noid sha256:00\nsize 9\n");
        let facts = tree(&[("compose.yaml", &pointer), ("data/a.json", &pointer)]);
        let expected = "2 Git LFS pointers: what they stand for is not checked out";
        assert_eq!(told(&facts), [(expected, "compose.yaml")]);
        let gaps: Vec<&str> = facts.gaps.iter().map(|gap| &*gap.place.path).collect();
        assert_eq!(gaps, ["compose.yaml"]);
        assert_eq!(unread(&facts)[1], ("data/a.json", 1, None));
    }
}
