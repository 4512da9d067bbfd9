//! What lines of pipelines start by the names of tasks: scripts of a package.json or
//! a composer.json, targets of make.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use model::Placed;

use crate::command::{Command, commands};
use crate::{Facts, PipelineHost, TaskCall, path};

/// Tasks that are followed one into the other.
const MAX_DEPTH: usize = 6;

/// Bytes of the tasks that are followed from all pipelines of a tree, and of their lines.
const MAX_BYTES: usize = 32 << 20;

/// Who runs a task by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Runner {
    /// Composer, from a composer.json.
    Composer,
    /// make, from a Makefile.
    Make,
    /// npm and those like it, from a package.json.
    Npm,
}

/// A task that may be started by its name, in the folder of its file.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    runner: Runner,
    folder: String,
    name: String,
    /// Tasks of the same file that run before it.
    pub(super) needs: Arc<[String]>,
    pub(super) lines: Arc<[Placed<String>]>,
}

impl Task {
    /// A script of a package.json.
    pub(super) fn script(name: &str, line: Placed<String>) -> Self {
        let folder = line.place.folder().to_owned();
        let (name, needs) = (name.to_owned(), [].into());
        Self { runner: Runner::Npm, folder, name, needs, lines: [line].into() }
    }

    /// A script of a composer.json, in which `@` stands before other scripts and before PHP.
    pub(super) fn of_composer(
        name: &str,
        lines: impl Iterator<Item = Placed<String>>,
    ) -> Option<Self> {
        let lines: Arc<[Placed<String>]> = lines.map(without_at).collect();
        let folder = lines.first()?.place.folder().to_owned();
        let (name, needs) = (name.to_owned(), [].into());
        Some(Self { runner: Runner::Composer, folder, name, needs, lines })
    }

    /// A target of a Makefile in `folder`, which waits for `needs`.
    pub(super) fn target(
        name: &str,
        folder: &str,
        needs: &Arc<[String]>,
        lines: &Arc<[Placed<String>]>,
    ) -> Self {
        let (name, folder) = (name.to_owned(), folder.to_owned());
        let (needs, lines) = (Arc::clone(needs), Arc::clone(lines));
        Self { runner: Runner::Make, folder, name, needs, lines }
    }
}

/// The command that a line of a composer.json stands for.
fn without_at(mut line: Placed<String>) -> Placed<String> {
    let Some(rest) = line.value.strip_prefix('@') else { return line };
    let (first, after) = rest.split_once(' ').unwrap_or((rest, ""));
    line.value = match first {
        "php" => {
            after.split(' ').skip_while(|word| word.starts_with('-')).collect::<Vec<_>>().join(" ")
        }
        "composer" => rest.to_owned(),
        "putenv" => format!("export {after}"),
        _ => format!("composer run {rest}"),
    };
    line
}

/// Puts beside the lines of all steps what they start of the tasks of the tree.
pub(super) fn settle(facts: &mut Facts) {
    let tasks = std::mem::take(&mut facts.fragments.tasks);
    if tasks.is_empty() || facts.pipelines.is_empty() {
        return;
    }
    let mut known = Known::of(&tasks);
    for pipeline in &mut facts.pipelines {
        for job in &mut pipeline.jobs {
            let mut folder = Some(String::new());
            for step in &mut job.steps {
                // A job of GitLab is one shell; each step of GitHub has its own.
                if pipeline.host == PipelineHost::GitHub {
                    let written = step.working_folder.as_ref().map_or("", |folder| folder.as_str());
                    folder = below("", written);
                }
                step.tasks = known.calls(&step.lines, &mut folder, &mut HashSet::new(), MAX_DEPTH);
            }
        }
    }
}

/// The tasks of a tree by what starts them.
struct Known<'t> {
    tasks: HashMap<(Runner, &'t str, &'t str), &'t Task>,
    /// The target that `make` makes in a folder without being told which.
    first: HashMap<&'t str, &'t Task>,
    /// Bytes that may still be taken.
    left: usize,
}

impl<'t> Known<'t> {
    fn of(tasks: &'t [Task]) -> Self {
        let mut known = Self { tasks: HashMap::new(), first: HashMap::new(), left: MAX_BYTES };
        for task in tasks {
            let key = (task.runner, task.folder.as_str(), task.name.as_str());
            known.tasks.entry(key).or_insert(task);
            if task.runner == Runner::Make {
                known.first.entry(&task.folder).or_insert(task);
            }
        }
        known
    }

    /// What `lines` start, whose shell stands in `folder` (`None`: nobody knows where), which a `cd` of
    /// theirs changes.
    fn calls(
        &mut self,
        lines: &[Placed<String>],
        folder: &mut Option<String>,
        seen: &mut HashSet<(Runner, &'t str, &'t str)>,
        depth: usize,
    ) -> Vec<TaskCall> {
        let mut calls = Vec::new();
        for (line, text) in lines.iter().enumerate().filter(|(_, text)| may_call(text)) {
            let before = folder.clone();
            // Behind what stands in brackets the shell is back where it was.
            let is_in_brackets = text.contains("(cd ");
            let is_unclear = is_in_brackets && !text.trim_end().ends_with(')');
            for (command, words) in commands(text).iter().enumerate() {
                match words.program() {
                    "cd" => *folder = folder.take().and_then(|now| below(&now, second(words))),
                    "popd" | "pushd" => *folder = None,
                    _ => {
                        let is_known = depth > 0 && !is_unclear;
                        let Some(now) = folder.as_deref().filter(|_| is_known) else { continue };
                        let Some(call) = Call::of(words, now) else { continue };
                        let mut taken = Vec::new();
                        for task in self.named(&call) {
                            self.take(task, seen, &mut taken);
                        }
                        if taken.is_empty() {
                            continue;
                        }
                        let mut inside = Some(call.folder);
                        let tasks = self.calls(&taken, &mut inside, seen, depth - 1);
                        calls.push(TaskCall { line, command, lines: taken, tasks });
                    }
                }
            }
            if is_in_brackets {
                *folder = before;
            }
            if depth == MAX_DEPTH {
                seen.clear();
            }
        }
        calls
    }

    fn named(&self, call: &Call<'_>) -> Vec<&'t Task> {
        if call.runner == Runner::Make && call.names.is_empty() {
            return self.first.get(call.folder.as_str()).copied().into_iter().collect();
        }
        let key = |name| (call.runner, call.folder.as_str(), name);
        call.names.iter().filter_map(|name| self.tasks.get(&key(*name)).copied()).collect()
    }

    /// Takes over the lines of a task, after those of what runs before it.
    fn take(
        &mut self,
        task: &'t Task,
        seen: &mut HashSet<(Runner, &'t str, &'t str)>,
        taken: &mut Vec<Placed<String>>,
    ) {
        // Last in, first out: what a task needs comes before its own lines.
        let mut open = vec![(task, false)];
        while let Some((task, is_ready)) = open.pop().filter(|(task, _)| self.pays(task)) {
            if is_ready {
                taken.extend_from_slice(&task.lines);
            } else if seen.insert((task.runner, &task.folder, &task.name)) {
                open.extend(self.around(task, "post").map(|task| (task, false)));
                open.push((task, true));
                open.extend(self.around(task, "pre").map(|task| (task, false)));
                let key = |name| (task.runner, task.folder.as_str(), name);
                let needs =
                    task.needs.iter().rev().filter_map(|n| self.tasks.get(&key(n.as_str())));
                open.extend(needs.map(|task| (*task, false)));
            }
        }
    }

    /// Takes from what is left what following a task costs, where there is as much.
    fn pays(&mut self, task: &Task) -> bool {
        let lines = task.lines.iter().map(|line| line.len() + size_of::<Placed<String>>());
        let needs = task.needs.len() * size_of::<&Task>();
        let left = self.left.checked_sub(size_of::<Task>() + needs + lines.sum::<usize>());
        self.left = left.unwrap_or_default();
        left.is_some()
    }

    /// The script that npm runs before (`pre`) or after (`post`) another.
    fn around(&self, task: &Task, when: &str) -> Option<&'t Task> {
        let name = format!("{when}{}", task.name);
        let is_script = task.runner == Runner::Npm && !task.name.starts_with(when);
        let found = self.tasks.get(&(task.runner, task.folder.as_str(), name.as_str()));
        found.copied().filter(|_| is_script)
    }
}

/// A command that starts tasks.
struct Call<'c> {
    runner: Runner,
    /// Where they run.
    folder: String,
    /// Their names; of make none where it is told none.
    names: Vec<&'c str>,
}

impl<'c> Call<'c> {
    fn of(command: &'c Command, folder: &str) -> Option<Self> {
        let words = command.words.get(1..)?.iter().map(String::as_str);
        match command.program() {
            "gmake" | "make" => Self::of_make(words, folder),
            program @ ("bun" | "npm" | "pnpm" | "yarn") => Self::of_npm(program, words, folder),
            "composer" => Self::of_composer(words, folder),
            "npm-run-all" | "run-p" | "run-s" => {
                let names = words.filter(|word| !word.starts_with('-')).collect();
                Some(Self { runner: Runner::Npm, folder: folder.to_owned(), names })
            }
            _ => None,
        }
    }

    fn of_composer(mut words: impl Iterator<Item = &'c str>, folder: &str) -> Option<Self> {
        let mut folder = folder.to_owned();
        while let Some(word) = words.next() {
            match word {
                "-d" | "--working-dir" => folder = below(&folder, words.next()?)?,
                "run" | "run-script" => {}
                _ => match word.strip_prefix("--working-dir=") {
                    Some(inner) => folder = below(&folder, inner)?,
                    None if word.starts_with('-') => {}
                    None => {
                        return Some(Self { runner: Runner::Composer, folder, names: vec![word] });
                    }
                },
            }
        }
        None
    }

    fn of_make(mut words: impl Iterator<Item = &'c str>, folder: &str) -> Option<Self> {
        let mut call = Self { runner: Runner::Make, folder: folder.to_owned(), names: Vec::new() };
        while let Some(word) = words.next() {
            match word {
                "-C" | "--directory" => call.folder = below(&call.folder, words.next()?)?,
                // Another file, nothing done, or a failure that counts for nothing.
                "-f" | "--file" | "--makefile" | "-i" | "--ignore-errors" | "-n" | "--dry-run" => {
                    return None;
                }
                "-j" | "-l" | "--jobs" => {}
                _ => match word.strip_prefix("--directory=").or_else(|| word.strip_prefix("-C")) {
                    Some(inner) => call.folder = below(&call.folder, inner)?,
                    None if is_target(word) => call.names.push(word),
                    None => {}
                },
            }
        }
        Some(call)
    }

    fn of_npm(
        program: &str,
        mut words: impl Iterator<Item = &'c str> + Clone,
        folder: &str,
    ) -> Option<Self> {
        // Which packages these mean is for the workspace to say.
        const WORKSPACE: &[&str] = &[
            "-F",
            "-r",
            "-T",
            "-w",
            "-ws",
            "--filter",
            "--recursive",
            "--top-level",
            "--workspace",
            "--workspaces",
            "workspace",
            "workspaces",
        ];
        let own = words.clone().take_while(|word| *word != "--");
        if own
            .map(|word| word.split('=').next())
            .any(|word| word.is_some_and(|w| WORKSPACE.contains(&w)))
        {
            return None;
        }
        let mut folder = folder.to_owned();
        let mut is_run = false;
        while let Some(word) = words.next() {
            let (option, given) = word.split_once('=').map_or((word, None), |(o, g)| (o, Some(g)));
            match option {
                "--prefix" | "-C" | "--cwd" | "--dir" => {
                    folder = below(&folder, given.or_else(|| words.next())?)?;
                }
                _ if word.starts_with('-') => {}
                "run" | "run-script" if !is_run => is_run = true,
                name => {
                    let name = match name {
                        name if is_run => name,
                        "t" | "tst" => "test",
                        "test" if program == "bun" => return None,
                        "restart" | "start" | "stop" | "test" => name,
                        _ if program == "npm" => return None,
                        name => name,
                    };
                    return Some(Self { runner: Runner::Npm, folder, names: vec![name] });
                }
            }
        }
        None
    }
}

/// Whether a line may start a task, or go to another folder.
fn may_call(line: &str) -> bool {
    ["bun", "cd ", "composer", "make", "npm", "popd", "pushd", "run-p", "run-s", "yarn"]
        .iter()
        .any(|word| line.contains(word))
}

/// Whether a word after `make` names a target: no option, no setting and no number of jobs.
fn is_target(word: &str) -> bool {
    !word.starts_with('-')
        && !word.contains('=')
        && !word.chars().all(|c| c.is_ascii_digit())
        && !word.starts_with(['>', '<', '2', '&'])
}

fn second(command: &Command) -> &str {
    command.words.get(1).map_or("", String::as_str)
}

/// The folder `inner` as seen from `folder`; `None` where that is not written, or leaves the tree.
fn below(folder: &str, inner: &str) -> Option<String> {
    const ROOTS: &[&str] =
        &["$GITHUB_WORKSPACE", "${GITHUB_WORKSPACE}", "${{ github.workspace }}", "$CI_PROJECT_DIR"];
    if let Some(rest) = ROOTS.iter().find_map(|root| inner.strip_prefix(root)) {
        return below("", rest.trim_start_matches('/'));
    }
    let is_written = !inner.starts_with(['/', '~']) && !inner.contains('$') && inner != "-";
    is_written.then(|| path::join(folder, inner))?
}

#[cfg(test)]
mod tests;
