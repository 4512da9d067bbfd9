//! Dockerfiles.
//!
//! Variables are replaced in base images, users, ports and the stop signal where each has a value
//! that the file itself gives (`ARG` with a default, `ENV`); else the text stays as it is written.
//! In base images, what pipelines give instead comes first.
//! An instruction that is not understood is a gap, and the others are read all the same.

mod given;
mod lines;
mod sources;
mod stage;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

pub(super) use given::settle;
use lines::Instruction;
use model::{Place, Placed};
use stage::{Draft, Understanding};

use super::vendored::is_vendored;
use super::{template, variable, words};
use crate::cursor::Cursor;
use crate::read::Source;
use crate::{Dockerfile, Facts, Gap, Reason, Stage, Subject};

/// Endings of files that are about Dockerfiles, and are none.
const OTHER_ENDINGS: &[&str] = &[
    "adoc",
    "bak",
    "diff",
    "dockerignore",
    "golden",
    "hcl",
    "html",
    "json",
    "lock",
    "log",
    "md",
    "orig",
    "patch",
    "png",
    "rst",
    "snap",
    "snapshot",
    "sum",
    "svg",
    "swp",
    "toml",
    "txt",
    "vim",
    "xml",
    "yaml",
    "yml",
];

/// Endings of source files, which may be the Dockerfile for that language as well.
const SOURCE_ENDINGS: &[&str] = &[
    "bash", "bat", "cs", "go", "java", "js", "kt", "mjs", "php", "ps1", "py", "rb", "rs", "sh",
    "ts", "tsx",
];

/// Endings of templates.
const TEMPLATE_ENDINGS: &[&str] = &[
    "j2", "jinja", "jinja2", "tmpl", "tpl", "template", "erb", "in", "mustache", "hbs", "gotmpl",
    "ejs", "m4",
];

/// Whether a file of this name is meant for this reader.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let (stem, ending) = name.rsplit_once('.').unwrap_or((&name, ""));
    if OTHER_ENDINGS.contains(&ending) || is_vendored(path) {
        return false;
    }
    matches!(ending, "dockerfile" | "containerfile")
        || ["dockerfile", "containerfile"].iter().any(|word| {
            let rest = stem.strip_prefix(word);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
                || stem.strip_suffix(word).is_some_and(|rest| rest.ends_with(['.', '-', '_']))
        })
}

/// Reads the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let instructions = lines::instructions(source.text);
    let begins = instructions.first().is_some_and(|first| first.is("FROM") || first.is("ARG"));
    if !begins && SOURCE_ENDINGS.contains(&ending(source.name).as_str()) {
        return;
    }
    if let Some(place) = template_at(source) {
        facts.gaps.push(gap(place, "is an unrendered template of a Dockerfile"));
        return;
    }
    if let Some(line) = says_for_trying(source.text) {
        let place = Place::point(source.path.clone(), line, 1);
        let what = "Dockerfile is for testing or developing, as it says itself".to_owned();
        facts.set_aside.push(Reason { what, place });
        return;
    }
    let mut reader = Reader::new(source.path, source.text);
    for instruction in &instructions {
        reader.take(instruction);
    }
    facts.gaps.append(&mut reader.gaps);
    let file = Place::file(source.path.clone());
    match reader.finish() {
        Some(dockerfile) => facts.dockerfiles.push(dockerfile),
        None => facts.gaps.push(gap(file, "has no `FROM`, so that no image can be built by it")),
    }
}

/// The line of the comment above all instructions which says that the image is for trying out only.
fn says_for_trying(text: &str) -> Option<u32> {
    const WAYS: &[&str] = &[
        "for development only",
        "for development purposes only",
        "for local development only",
        "for testing only",
        "for testing purposes only",
        "only for development",
        "only for local development",
        "only for testing",
    ];
    let comments = text.lines().zip(1..).take_while(|(line, _)| line.starts_with('#'));
    let says = |line: &str| WAYS.iter().any(|way| line.to_lowercase().contains(way));
    comments.into_iter().find(|(line, _)| says(line)).map(|(_, number)| number)
}

/// Where a template shows itself: in the file's name, in a line that is an action, or in a base
/// image that is one.
fn template_at(source: Source<'_>) -> Option<Place> {
    if TEMPLATE_ENDINGS.contains(&ending(source.name).as_str()) {
        return Some(Place::file(source.path.clone()));
    }
    let is_action = |line: &str| {
        let line = line.trim_start();
        let is_from = line.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("from "));
        ["{%", "{{", "<%"]
            .iter()
            .any(|sign| line.starts_with(sign) || (is_from && line.contains(sign)))
    };
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    if let Some(place) = template::action_where(source, |line| !is_comment(line)) {
        return Some(place);
    }
    let at = source.text.lines().position(is_action)?;
    Some(Place::point(source.path.clone(), u32::try_from(at + 1).ok()?, 1))
}

/// What stands behind the last dot of a file's name, in lower case.
fn ending(name: &str) -> String {
    name.rsplit_once('.').map_or("", |(_, ending)| ending).to_ascii_lowercase()
}

struct Reader<'t> {
    cursor: Cursor<'t>,
    first: Option<Place>,
    /// Arguments before the first stage that have a default.
    globals: HashMap<String, String>,
    /// The same as written, and those without a default.
    arguments: Vec<(String, Option<String>)>,
    /// Names of the stages so far, in lower case.
    names: HashSet<String>,
    stages: Vec<Stage>,
    draft: Option<Draft>,
    gaps: Vec<Gap>,
}

impl<'t> Reader<'t> {
    fn new(path: &Arc<str>, text: &'t str) -> Self {
        Self {
            cursor: Cursor::new(path, text),
            first: None,
            globals: HashMap::new(),
            arguments: Vec::new(),
            names: HashSet::new(),
            stages: Vec::new(),
            draft: None,
            gaps: Vec::new(),
        }
    }

    fn take(&mut self, instruction: &Instruction<'_>) {
        let keyword = stage::placed(instruction, 0..instruction.keyword().len(), &mut self.cursor);
        self.first.get_or_insert_with(|| Place {
            end_line: keyword.place.line,
            end_column: keyword.place.column,
            ..keyword.place.clone()
        });
        if instruction.is_open {
            let reason = "a here-document never ends: what follows was not read";
            self.gaps.push(gap(keyword.place.clone(), reason));
        }
        if instruction.is("FROM") {
            self.from(instruction, &keyword);
        } else if let Some(draft) = &mut self.draft {
            let understanding = draft.apply(instruction, &mut self.cursor, &self.globals);
            self.report(&understanding, &keyword);
        } else if instruction.is("ARG") {
            self.global(instruction);
        } else {
            self.report(&Understanding::Unknown, &keyword);
        }
    }

    fn from(&mut self, instruction: &Instruction<'_>, keyword: &Placed<String>) {
        let mut words = instruction.operands();
        let Some(image) = words.next() else {
            self.report(&Understanding::Incomplete, keyword);
            return;
        };
        let named = words.next().filter(|word| word.text.eq_ignore_ascii_case("as"));
        let name = named.and(words.next()).map(|name| name.text.to_owned());
        let mut base = stage::placed(instruction, image.stretch(), &mut self.cursor);
        let value_of = |name: &str| self.globals.get(name).cloned();
        let image = words::unquoted(&base);
        base.value = variable::expand(&image, &value_of).unwrap_or_else(|| image.clone());
        self.end_stage();
        let lower = base.to_ascii_lowercase();
        let is_local = lower == "scratch" || self.names.contains(&lower);
        let mut draft = Draft::new(base, is_local, name);
        draft.stage.written_base = Some(image).filter(|image| image.contains('$'));
        self.draft = Some(draft);
    }

    fn end_stage(&mut self) {
        let Some(draft) = self.draft.take() else { return };
        let mut stage = draft.finish();
        let names = &self.names;
        let sources = std::mem::take(&mut stage.remote_sources).into_iter();
        let (own, remote): (Vec<Placed<String>>, Vec<_>) =
            sources.partition(|source| is_stage(source, names, self.stages.len()));
        stage.stage_sources = own.into_iter().map(|source| source.value).collect();
        stage.remote_sources = remote;
        self.names.extend(stage.name.as_ref().map(|name| name.to_ascii_lowercase()));
        self.stages.push(stage);
    }

    fn global(&mut self, instruction: &Instruction<'_>) {
        for word in instruction.words() {
            let Some((name, value)) = word.split('=') else {
                self.arguments.push((word.text.to_owned(), None));
                continue;
            };
            self.arguments.push((name.text.to_owned(), Some(words::unquoted(value.text))));
            let value_of = |name: &str| self.globals.get(name).cloned();
            if let Some(value) = variable::expand(&words::unquoted(value.text), &value_of) {
                self.globals.insert(name.text.to_owned(), value);
            }
        }
    }

    fn report(&mut self, understanding: &Understanding, keyword: &Placed<String>) {
        let reason = match understanding {
            Understanding::Understood => return,
            Understanding::Incomplete => format!("`{}` lacks what it needs", **keyword),
            Understanding::Unknown => format!("`{}` was not understood", **keyword),
        };
        // One is enough to make what depends on the file unknown.
        if self.gaps.is_empty() {
            self.gaps.push(gap(keyword.place.clone(), reason));
        }
    }

    fn finish(mut self) -> Option<Dockerfile> {
        self.end_stage();
        let place = self.first?;
        let (arguments, stages) = (self.arguments, self.stages);
        (!stages.is_empty()).then_some(Dockerfile { place, arguments, stages })
    }
}

/// Whether the source of a `COPY --from=` is an earlier stage, by name or by number.
fn is_stage(source: &str, names: &HashSet<String>, count: usize) -> bool {
    names.contains(&source.to_ascii_lowercase())
        || source.parse::<usize>().is_ok_and(|number| number < count)
}

fn gap(place: Place, reason: impl Into<String>) -> Gap {
    Gap { subject: Some(Subject::Images), place, reason: reason.into(), name: None }
}

#[cfg(test)]
mod tests;
