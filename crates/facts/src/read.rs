//! Which files are read, and by which reader: a file's bytes in, its facts out.

mod alertmanager;
mod backstage;
pub(crate) mod build;
mod cloudformation;
mod codeowners;
mod compass;
mod compose;
mod cortex;
mod datadog;
mod dockerfile;
mod dotenv;
mod duration;
mod embedded;
mod example;
mod fragments;
mod github;
mod gitlab;
mod golangci;
mod gonogo_yaml;
mod grafana;
mod indicator;
mod joined;
mod kubernetes;
mod lockfile;
mod maintainers;
mod makefile;
mod markdown;
#[cfg(test)]
mod mutation;
mod openapi;
mod openslo;
mod opslevel;
mod package_manifest;
mod platform;
mod port;
mod prometheus;
mod pyrra;
mod script;
mod signs;
mod sloth;
mod submodules;
mod systemd;
mod task;
mod template;
mod unread_deploys;
mod unread_languages;
mod unread_pipelines;
mod variable;
mod vendored;
mod words;
mod wrangler;

use std::borrow::Cow;
use std::sync::Arc;

use model::Place;

pub use kubernetes::{KeptManifests, is_called_production};

pub use fragments::Fragments;
pub(crate) use kubernetes::taken_by_overlays;
pub(crate) use platform::is_of_fly;
pub(crate) use systemd::starts_compose;
pub(crate) use unread_deploys::kamal_folder;
pub(crate) use vendored::is_vendored;

use crate::discover::copied::Copies;
use crate::discover::optional::Options;
use crate::discover::sample;
use crate::tree::{self, Node};
use crate::{Facts, Gap, Subject};

/// A file on its way to a reader.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Source<'a> {
    /// Path relative to the root of the tree.
    pub(crate) path: &'a Arc<str>,
    /// The last part of the path.
    pub(crate) name: &'a str,
    /// Its text, without a byte order mark.
    pub(crate) text: &'a str,
}

impl Source<'_> {
    /// The folder of the file, empty for the root.
    pub(crate) fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// What a service is called that the file gives no name: as its folder, of which hidden ones
    /// are passed over since tools keep their files there, beside the code.
    pub(crate) fn fallback_name(&self) -> &str {
        let mut names = self.folder().rsplit('/').filter(|name| !name.is_empty());
        names.find(|name| !name.starts_with('.')).unwrap_or("unnamed")
    }
}

/// A reader of files that are known by their name.
struct TextReader {
    subject: Subject,
    is_named: fn(path: &str, name: &str) -> bool,
    read: fn(Source<'_>, &mut Facts),
}

static TEXT_READERS: &[TextReader] = &[
    TextReader { subject: Subject::Images, is_named: dockerfile::is_named, read: dockerfile::read },
    TextReader { subject: Subject::Workloads, is_named: systemd::is_named, read: systemd::read },
    TextReader { subject: Subject::Workloads, is_named: dotenv::is_named, read: dotenv::read },
    TextReader {
        subject: Subject::Workloads,
        is_named: submodules::is_named,
        read: submodules::read,
    },
    TextReader {
        subject: Subject::Workloads,
        is_named: compose::is_named_template,
        read: compose::read_template,
    },
    TextReader {
        subject: Subject::Workloads,
        is_named: unread_languages::is_template,
        read: unread_languages::read_template,
    },
    TextReader {
        subject: Subject::Workloads,
        is_named: unread_languages::is_terraform,
        read: unread_languages::read_terraform,
    },
    TextReader { subject: Subject::Workloads, is_named: platform::is_named, read: platform::read },
    TextReader { subject: Subject::Workloads, is_named: wrangler::is_named, read: wrangler::read },
    TextReader { subject: Subject::Owners, is_named: codeowners::is_named, read: codeowners::read },
    TextReader {
        subject: Subject::Owners,
        is_named: maintainers::is_named,
        read: maintainers::read,
    },
    TextReader { subject: Subject::Packages, is_named: lockfile::is_named, read: lockfile::read },
    TextReader {
        subject: Subject::Packages,
        is_named: package_manifest::is_named,
        read: package_manifest::read,
    },
    TextReader { subject: Subject::Pipelines, is_named: script::is_named, read: script::read },
    TextReader {
        subject: Subject::Pipelines,
        is_named: script::may_build,
        read: script::note_builds,
    },
    TextReader { subject: Subject::Pipelines, is_named: makefile::is_named, read: makefile::read },
    TextReader { subject: Subject::Documents, is_named: markdown::is_named, read: markdown::read },
];

/// A reader of documents of YAML and JSON files.
struct TreeReader {
    subject: Subject,
    /// Whether a file of this name is meant for it, whatever stands in it.
    is_named: fn(path: &str, name: &str) -> bool,
    /// Whether text which is not valid YAML was probably meant for it.
    is_like: fn(text: &str) -> bool,
    /// Takes what it knows of the document; `false`: the document is not its kind.
    read: fn(Source<'_>, &Node, &mut Facts) -> bool,
}

/// In the order of asking: readers that go by the file's name come before those that go by content,
/// and the one whose files look like nothing special comes last.
static TREE_READERS: &[TreeReader] = &[
    tree_reader(Subject::Declaration, gonogo_yaml::is_named, never, gonogo_yaml::read),
    tree_reader(Subject::Pipelines, github::is_named, never, github::read),
    tree_reader(Subject::Pipelines, golangci::is_named, never, golangci::read),
    tree_reader(Subject::Workloads, compose::is_named, never, compose::read),
    tree_reader(Subject::Catalog, cortex::is_named, never, cortex::read),
    tree_reader(Subject::Catalog, opslevel::is_named, never, opslevel::read),
    tree_reader(Subject::Catalog, datadog::is_named, never, datadog::read),
    tree_reader(Subject::Catalog, compass::is_named, never, compass::read),
    tree_reader(Subject::Catalog, port::is_named, never, port::read),
    tree_reader(Subject::Catalog, backstage::is_named, backstage::is_like, backstage::read),
    tree_reader(Subject::Objectives, anonymous, sloth::is_like, sloth::read),
    tree_reader(Subject::Objectives, anonymous, openslo::is_like, openslo::read),
    tree_reader(Subject::Objectives, anonymous, pyrra::is_like, pyrra::read),
    tree_reader(Subject::Alerts, anonymous, prometheus::is_like, prometheus::read),
    tree_reader(Subject::Routes, alertmanager::is_named, alertmanager::is_like, alertmanager::read),
    tree_reader(Subject::Apis, anonymous, openapi::is_like, openapi::read),
    tree_reader(Subject::Dashboards, anonymous, grafana::is_like, grafana::read),
    tree_reader(Subject::Workloads, kubernetes::is_named, kubernetes::is_like, kubernetes::read),
    tree_reader(Subject::Pipelines, gitlab::is_named, gitlab::is_like, gitlab::read),
];

const fn tree_reader(
    subject: Subject,
    is_named: fn(&str, &str) -> bool,
    is_like: fn(&str) -> bool,
    read: fn(Source<'_>, &Node, &mut Facts) -> bool,
) -> TreeReader {
    TreeReader { subject, is_named, is_like, read }
}

fn never(_: &str) -> bool {
    false
}

fn anonymous(_: &str, _: &str) -> bool {
    false
}

/// Whether the file at `path` is opened at all.
pub fn is_wanted(path: &str) -> bool {
    let name = file_name(path);
    is_tree(name) || TEXT_READERS.iter().any(|reader| (reader.is_named)(path, name))
}

/// Whether nothing follows from that a file of this name was not read: it may be about anything, or only
/// adds to what pipelines say.
fn may_be_left_out(path: &str, name: &str) -> bool {
    let is_script = script::may_build(path, name) && !script::is_named(path, name);
    unread_languages::may_make_anything(path, name)
        || makefile::is_named(path, name)
        || dotenv::is_properties(path)
        || is_script
}

/// The subject that the file at `path` is about, where its name alone tells.
pub fn subject_of(path: &str) -> Option<Subject> {
    let name = file_name(path);
    let by_text = TEXT_READERS.iter().find(|reader| (reader.is_named)(path, name));
    let by_text = by_text.filter(|_| !may_be_left_out(path, name));
    by_text.map(|reader| reader.subject).or_else(|| named(path, name))
}

/// Reads the file at `path`. What cannot be read becomes a [`Gap`].
pub fn read(path: &Arc<str>, bytes: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let name = file_name(path);
    let text_reader = TEXT_READERS.iter().find(|reader| (reader.is_named)(path, name));
    let Ok(text) = std::str::from_utf8(bytes) else {
        // Its content tells what it was meant for all the same: one odd letter hides no manifest.
        let text = &*String::from_utf8_lossy(bytes);
        let by_content = || meant_for(Source { path, name, text });
        let named = text_reader.filter(|_| !may_be_left_out(path, name));
        let subject = named.map(|reader| reader.subject).or_else(by_content);
        facts.gaps.extend(subject.map(|subject| gap(path, subject, "is not UTF-8 text")));
        return facts;
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let source = Source { path, name, text };
    if unread_languages::take_pointer(source, &mut facts) {
        return facts;
    }
    if is_of_flux(text) {
        let what = "manifests of Flux itself, generated by Flux".to_owned();
        facts.set_aside.push(crate::Reason { what, place: Place::file(path.clone()) });
        return facts;
    }
    match text_reader {
        Some(reader) => (reader.read)(source, &mut facts),
        None => read_tree(source, &mut facts),
    }
    facts
}

/// Whether a file is what `flux install` writes of its own controllers, which nobody edits.
fn is_of_flux(text: &str) -> bool {
    let head = || text.lines().take(8);
    head().any(|line| line.starts_with("# This manifest was generated by flux."))
        && head().any(|line| line.starts_with("# Components:"))
}

/// Brings together what only several files tell; called once, when all files were read.
pub fn settle(facts: &mut Facts) {
    facts.paths.sort_unstable();
    facts.paths.dedup();
    unread_pipelines::settle(facts);
    unread_deploys::settle(facts);
    github::settle(facts);
    gitlab::settle(facts);
    script::settle(facts);
    task::settle(facts);
    dockerfile::settle(facts);
    openapi::settle(facts);
    openslo::settle(facts);
    let (options, copies) = (Options::of(facts), Copies::of(facts));
    kubernetes::settle(facts);
    sample::set_aside(facts, &options, &copies);
    submodules::settle(facts);
    unread_languages::settle(facts);
    prometheus::settle(facts);
    compose::settle(facts);
    systemd::settle(facts);
    package_manifest::settle(facts);
    backstage::settle(facts);
}

fn read_tree(source: Source<'_>, facts: &mut Facts) {
    kubernetes::note_chart_user(source, facts);
    kubernetes::note_chart_images(source, facts);
    platform::note_pushed(source, facts);
    compose::note(source, facts);
    cloudformation::note(source, facts);
    unread_pipelines::note(source, facts);
    let meant_for = meant_for(source);
    if meant_for.is_none() {
        return;
    }
    if meant_for == Some(Subject::Catalog) && backstage::is_template(source) {
        return;
    }
    let text = kubernetes::with_image(source.text);
    let source = Source { text: &text, ..source };
    let plain = if kubernetes::is_template(source) {
        match kubernetes::parted(source) {
            None => {
                kubernetes::name_template(source, facts);
                return;
            }
            Some((plain, templated)) => {
                kubernetes::name_template(Source { text: &templated, ..source }, facts);
                Cow::Owned(plain)
            }
        }
    } else {
        Cow::Borrowed(source.text)
    };
    let source = Source { text: &plain, ..source };
    let is_json = source.name.to_ascii_lowercase().ends_with(".json");
    let read = if is_json { tree::read_json } else { tree::read_yaml };
    let read = read(source.path, source.text);
    let comments = example::Comments::of(source.text);
    for document in &read.documents {
        if comments.call_example(&document.root) {
            kubernetes::set_example_aside(source, &document.root, facts);
            continue;
        }
        TREE_READERS.iter().any(|reader| (reader.read)(source, &document.root, facts));
    }
    if read.documents.is_empty() && read.troubles.is_empty() {
        facts.gaps.extend(gonogo_yaml::empty(source));
    }
    for trouble in read.troubles {
        if !gonogo_yaml::take_over(&trouble, facts) {
            facts.gaps.push(Gap {
                subject: meant_for,
                reason: format!("could not be read: {}", trouble.reason),
                place: trouble.place,
                name: None,
            });
        }
    }
}

/// The subject that the file is about, judged by its name, then by a look at its text. Most YAML
/// and JSON of a tree is about nothing that gonogo knows, and is not parsed.
fn meant_for(source: Source<'_>) -> Option<Subject> {
    named(source.path, source.name).or_else(|| {
        if !signs::are_in(source.text) {
            return None;
        }
        TREE_READERS.iter().find(|r| (r.is_like)(source.text)).map(|reader| reader.subject)
    })
}

fn named(path: &str, name: &str) -> Option<Subject> {
    TREE_READERS.iter().find(|r| (r.is_named)(path, name)).map(|reader| reader.subject)
}

fn gap(path: &Arc<str>, subject: Subject, reason: &str) -> Gap {
    Gap {
        subject: Some(subject),
        place: Place::file(path.clone()),
        reason: reason.to_owned(),
        name: None,
    }
}

/// Whether a line of `text` begins with `key`.
fn has_line(text: &str, key: &str) -> bool {
    text.match_indices(key).any(|(at, _)| begins_line(text, at))
}

/// Whether a line of `text` begins at the offset `at`.
fn begins_line(text: &str, at: usize) -> bool {
    text.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('\n'))
}

fn file_name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

fn is_tree(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    ["yaml", "yml", "json", "rules"].iter().any(|known| extension.eq_ignore_ascii_case(known))
        || name == "Kustomization"
}
