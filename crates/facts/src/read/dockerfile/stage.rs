//! A stage of a Dockerfile, filled instruction by instruction.

use std::collections::HashMap;
use std::ops::Range;

use model::Placed;

use super::lines::Instruction;
use super::sources;
use crate::Stage;
use crate::cursor::Cursor;
use crate::read::variable;
use crate::read::words::unquoted;

/// What an instruction meant.
pub(super) enum Understanding {
    /// It was understood, or says nothing that matters here.
    Understood,
    /// It lacks what it needs.
    Incomplete,
    /// There is no such instruction.
    Unknown,
}

/// A stage, and what variables are worth in it.
pub(super) struct Draft {
    pub(super) stage: Stage,
    entrypoint: Option<Command>,
    arguments: Option<Command>,
    variables: HashMap<String, String>,
}

/// What `CMD` or `ENTRYPOINT` runs.
struct Command {
    text: Placed<String>,
    is_shell: bool,
}

impl Draft {
    /// A stage that has nothing but its base.
    pub(super) fn new(base: Placed<String>, is_local_base: bool, name: Option<String>) -> Self {
        let stage = Stage {
            base,
            written_base: None,
            is_local_base,
            name,
            user: None,
            ports: Vec::new(),
            health_check: None,
            entry: None,
            shell: None,
            stop_signal: None,
            environment: Vec::new(),
            runs: Vec::new(),
            remote_sources: Vec::new(),
            stage_sources: Vec::new(),
            takes_files: false,
            sources: Vec::new(),
        };
        let variables = HashMap::new();
        Self { stage, entrypoint: None, arguments: None, variables }
    }

    /// The stage with its entry: an `ENTRYPOINT` in exec form takes the `CMD` as its arguments,
    /// one in shell form ignores it.
    pub(super) fn finish(self) -> Stage {
        let entry = match (self.entrypoint, self.arguments) {
            (Some(Command { text, is_shell: false }), Some(arguments)) => {
                let joined = format!("{} {}", *text, *arguments.text);
                Some((Placed::new(joined.trim_end().to_owned(), text.place), false))
            }
            (entrypoint, arguments) => {
                entrypoint.or(arguments).map(|command| (command.text, command.is_shell))
            }
        };
        Stage { entry, ..self.stage }
    }

    /// Takes what an instruction other than `FROM` says; `globals` are the arguments before the
    /// first stage.
    pub(super) fn apply(
        &mut self,
        instruction: &Instruction<'_>,
        cursor: &mut Cursor<'_>,
        globals: &HashMap<String, String>,
    ) -> Understanding {
        let arguments = instruction.arguments();
        let text = instruction.line.text().get(arguments.clone()).unwrap_or_default();
        let keyword = instruction.keyword().to_ascii_uppercase();
        match keyword.as_str() {
            _ if text.is_empty() && keyword != "CMD" => {
                return if is_known(&keyword) {
                    Understanding::Incomplete
                } else {
                    Understanding::Unknown
                };
            }
            "USER" => self.stage.user = Some(self.expanded(instruction, arguments, cursor)),
            "SHELL" => {
                self.stage.shell = Some(command(instruction, arguments, cursor).text.value);
            }
            "STOPSIGNAL" => {
                self.stage.stop_signal = Some(self.expanded(instruction, arguments, cursor));
            }
            "EXPOSE" => self.expose(instruction, cursor),
            "ENV" => self.environment(instruction, cursor),
            "ARG" => self.argument(instruction, cursor, globals),
            "HEALTHCHECK" => return self.health_check(instruction, cursor),
            "CMD" => self.arguments = Some(command(instruction, arguments, cursor)),
            "ENTRYPOINT" => self.entrypoint = Some(command(instruction, arguments, cursor)),
            "RUN" => self.run(instruction, arguments, cursor),
            "COPY" => {
                self.stage.takes_files = true;
                self.stage.sources.extend(sources::taken(instruction));
                self.stage.remote_sources.extend(sources::copied(instruction, cursor));
            }
            "ADD" => self.added(instruction, cursor),
            _ if !is_known(&keyword) => return Understanding::Unknown,
            _ => {}
        }
        Understanding::Understood
    }

    /// A stretch of the line, its variables replaced where all are known.
    fn expanded(
        &self,
        instruction: &Instruction<'_>,
        stretch: Range<usize>,
        cursor: &mut Cursor<'_>,
    ) -> Placed<String> {
        let mut text = placed(instruction, stretch, cursor);
        let value = unquoted(&text);
        let value_of = |name: &str| self.variables.get(name).cloned();
        text.value = variable::expand(&value, &value_of).unwrap_or(value);
        text
    }

    fn expose(&mut self, instruction: &Instruction<'_>, cursor: &mut Cursor<'_>) {
        for word in instruction.words() {
            let port = self.expanded(instruction, word.stretch(), cursor);
            self.stage.ports.push(port);
        }
    }

    /// `NAME=value …`, or the older `NAME value`.
    fn environment(&mut self, instruction: &Instruction<'_>, cursor: &mut Cursor<'_>) {
        let mut assignments = instruction.words();
        let arguments = instruction.arguments();
        let first = assignments.next().filter(|first| !first.text.contains('='));
        if let Some(name) = first {
            let start = assignments.next().map_or(arguments.end, |value| value.at);
            self.set(name.text, instruction, start..arguments.end.max(start), cursor);
            return;
        }
        for word in instruction.words() {
            if let Some((name, value)) = word.split('=') {
                self.set(name.text, instruction, value.stretch(), cursor);
            }
        }
    }

    /// `NAME=default …` or `NAME`, which takes the default of the argument before the first stage.
    fn argument(
        &mut self,
        instruction: &Instruction<'_>,
        cursor: &mut Cursor<'_>,
        globals: &HashMap<String, String>,
    ) {
        for word in instruction.words() {
            if let Some((name, value)) = word.split('=') {
                self.set(name.text, instruction, value.stretch(), cursor);
                continue;
            }
            let place = placed(instruction, word.stretch(), cursor).place;
            let global = globals.get(word.text).cloned();
            let value = Placed::new(global.clone().unwrap_or_default(), place);
            self.stage.environment.push((word.text.to_owned(), value));
            self.variables.extend(global.map(|value| (word.text.to_owned(), value)));
        }
    }

    fn set(
        &mut self,
        name: &str,
        instruction: &Instruction<'_>,
        value: Range<usize>,
        cursor: &mut Cursor<'_>,
    ) {
        let mut written = placed(instruction, value, cursor);
        written.value = unquoted(&written);
        let value_of = |name: &str| self.variables.get(name).cloned();
        match variable::expand(&written, &value_of) {
            Some(value) => drop(self.variables.insert(name.to_owned(), value)),
            None => drop(self.variables.remove(name)),
        }
        self.stage.environment.push((name.to_owned(), written));
    }

    fn health_check(
        &mut self,
        instruction: &Instruction<'_>,
        cursor: &mut Cursor<'_>,
    ) -> Understanding {
        let arguments = instruction.arguments();
        let mut words = instruction.operands();
        let Some(kind) = words.next() else { return Understanding::Incomplete };
        let start = words.next().map_or(arguments.end, |word| word.at);
        let check = match kind.text.to_ascii_uppercase().as_str() {
            "NONE" => placed(instruction, kind.stretch(), cursor),
            "CMD" => command(instruction, start..arguments.end.max(start), cursor).text,
            _ => return Understanding::Incomplete,
        };
        self.stage.health_check = Some(check);
        Understanding::Understood
    }

    fn run(
        &mut self,
        instruction: &Instruction<'_>,
        arguments: Range<usize>,
        cursor: &mut Cursor<'_>,
    ) {
        let mut body = command(instruction, arguments, cursor).text;
        for document in &instruction.documents {
            body.value.push('\n');
            body.value.push_str(document);
        }
        self.stage.runs.push(body);
        self.stage.remote_sources.extend(sources::mounted(instruction, cursor));
    }

    /// Addresses that `ADD` loads, their variables replaced where all are known.
    fn added(&mut self, instruction: &Instruction<'_>, cursor: &mut Cursor<'_>) {
        self.stage.takes_files = true;
        self.stage.sources.extend(sources::taken(instruction));
        for word in sources::addresses(instruction) {
            let source = self.expanded(instruction, word.stretch(), cursor);
            self.stage.remote_sources.push(source);
        }
    }
}

/// A stretch of the line as it is written.
pub(super) fn placed(
    instruction: &Instruction<'_>,
    stretch: Range<usize>,
    cursor: &mut Cursor<'_>,
) -> Placed<String> {
    let text = instruction.line.text().get(stretch.clone()).unwrap_or_default();
    let source = instruction.line.source(stretch);
    Placed::new(text.to_owned(), cursor.place(source.start, source.end))
}

/// A command in exec form, a JSON list, or in shell form.
fn command(
    instruction: &Instruction<'_>,
    stretch: Range<usize>,
    cursor: &mut Cursor<'_>,
) -> Command {
    let mut text = placed(instruction, stretch, cursor);
    let words = serde_json::from_str::<Vec<String>>(&text).ok();
    let is_shell = words.is_none();
    if let Some(words) = words {
        text.value = words.join(" ");
    }
    Command { text, is_shell }
}

fn is_known(keyword: &str) -> bool {
    const KEYWORDS: [&str; 18] = [
        "ADD",
        "ARG",
        "CMD",
        "COPY",
        "ENTRYPOINT",
        "ENV",
        "EXPOSE",
        "FROM",
        "HEALTHCHECK",
        "LABEL",
        "MAINTAINER",
        "ONBUILD",
        "RUN",
        "SHELL",
        "STOPSIGNAL",
        "USER",
        "VOLUME",
        "WORKDIR",
    ];
    KEYWORDS.contains(&keyword)
}
