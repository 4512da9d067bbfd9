//! Makefiles: the targets that pipelines may ask for, and the lines by which they are made.
//!
//! Of make's own language only plain variables and rules with plain targets are read; what a
//! pattern, a function or another file makes of it is not followed.

use std::collections::HashMap;
use std::sync::Arc;

use model::{Place, Placed};

use super::script::gathered;
use super::task::Task;
use super::vendored::is_vendored;
use crate::Facts;
use crate::read::Source;

/// Targets of one file that are kept.
const MAX_TARGETS: usize = 10_000;

/// Bytes that the lines of one file may grow by when its variables are put in.
const MAX_GROWTH: usize = 1 << 20;

/// Whether it is a Makefile by its name.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    matches!(name, "GNUmakefile" | "Makefile" | "makefile") && !is_vendored(path)
}

/// A rule: the line where its recipe begins, what it makes and what that needs.
struct Rule<'t> {
    at: usize,
    targets: Vec<&'t str>,
    needs: Vec<String>,
    recipe: Vec<&'t str>,
}

/// Reads the rules of the file.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let mut variables: HashMap<&str, &str> = HashMap::from([("MAKE", "make")]);
    let mut rules: Vec<Rule<'_>> = Vec::new();
    let mut is_continued = false;
    for (n, line) in source.text.lines().enumerate() {
        let goes_on = line.ends_with('\\');
        if let Some(rule) = rules.last_mut().filter(|_| line.starts_with('\t') || is_continued) {
            rule.recipe.push(line);
        } else if let Some((name, value)) = variable(line) {
            variables.insert(name, value);
        } else if let Some(rule) = rule(n, line) {
            rules.push(rule);
        } else if let Some(rule) = rules.last_mut() {
            // Blank lines, comments and conditions between the lines of a recipe.
            rule.recipe.push("");
        }
        is_continued = goes_on && line.starts_with('\t');
    }
    let mut growth = MAX_GROWTH;
    let mut left = MAX_TARGETS;
    for rule in rules {
        let lines: Arc<[_]> = recipe(&rule, &variables, &mut growth, source).into();
        let needs: Arc<[_]> = rule.needs.into();
        let targets = rule.targets.iter().take(left);
        left -= targets.len();
        let task = |target: &&str| Task::target(target, source.folder(), &needs, &lines);
        facts.fragments.tasks.extend(targets.map(task));
    }
}

/// The name and the value of a plain variable: `GO ?= go`.
fn variable(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+']).trim();
    let name = name.strip_prefix("export ").unwrap_or(name);
    let is_name = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then(|| (name, value.trim()))
}

/// A rule whose recipe stands below it: `test lint: build`.
fn rule(n: usize, line: &str) -> Option<Rule<'_>> {
    let line = line.split('#').next().unwrap_or_default();
    let (targets, needs) =
        line.split_once(':').filter(|_| !line.starts_with(char::is_whitespace))?;
    let needs = needs.trim_start_matches(':');
    let needs = needs.split(['|', ';']).next().unwrap_or_default();
    let is_plain = |word: &&str| !word.contains(['$', '%']) && !word.starts_with('.');
    let targets = targets.split_whitespace().filter(is_plain).collect();
    let needs = needs.split_whitespace().filter(is_plain).map(str::to_owned).collect();
    Some(Rule { at: n + 1, targets, needs, recipe: Vec::new() })
}

/// The commands of a recipe. One whose failure make passes over (`-rm x`) is left out: it holds
/// nothing back.
fn recipe(
    rule: &Rule<'_>,
    variables: &HashMap<&str, &str>,
    growth: &mut usize,
    source: Source<'_>,
) -> Vec<Placed<String>> {
    if rule.targets.is_empty() {
        return Vec::new();
    }
    let place = |n: usize, line: &str| {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        let before = line.len() - line.trim_start().len();
        Place::point(source.path.clone(), count(rule.at + n), count(before))
    };
    let lines = gathered(&rule.recipe.join("\n"), place).into_iter();
    let lines = lines.map(|line| {
        let text = line.value.trim_start_matches(['@', '+']);
        Placed::new(filled(text, variables, growth), line.place)
    });
    lines.filter(|line| !line.starts_with('-')).collect()
}

/// A line with plain variables put in, once, as long as they fit into `growth`: `$(GO) vet` becomes
/// `go vet`.
fn filled(line: &str, variables: &HashMap<&str, &str>, growth: &mut usize) -> String {
    let mut filled = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        rest = after;
        if let Some(after) = rest.strip_prefix('$') {
            filled.push('$');
            rest = after;
            continue;
        }
        let end = match rest.chars().next() {
            Some('(') => rest.find(')'),
            Some('{') => rest.find('}'),
            _ => None,
        };
        let name = end.and_then(|end| rest.get(1..end));
        let value = name.and_then(|name| variables.get(name));
        match value.filter(|value| value.len() <= *growth).zip(end) {
            Some((value, end)) => {
                *growth -= value.len();
                filled.push_str(value);
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            None => filled.push('$'),
        }
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn variables_are_put_in_once_and_dollars_of_the_shell_kept() {
        let variables = HashMap::from([("GO", "go"), ("X", "$(X)$(X)")]);
        let filled = |line| filled(line, &variables, &mut 20);
        assert_eq!(
            filled("$(GO) vet ${GO} $(OTHER) $$HOME $(X)"),
            "go vet go $(OTHER) $HOME $(X)$(X)"
        );
        assert_eq!(filled("$"), "$");
        assert_eq!(filled("$(GO"), "$(GO");
        assert_eq!(filled("$(X)$(X)$(X)"), "$(X)$(X)$(X)$(X)$(X)", "the third no longer fits");
    }

    #[test]
    fn rules_and_variables_are_told_apart() {
        assert_eq!(variable("GO ?= go"), Some(("GO", "go")));
        assert_eq!(variable("export A := b=c"), Some(("A", "b=c")));
        assert!(variable("test: A=b").is_none() && variable("ifeq ($(A),b)").is_none());
        let rule = |line| rule(0, line).map(|rule| (rule.targets, rule.needs));
        assert_eq!(rule("a b: c | d # e: f"), Some((vec!["a", "b"], vec!["c".to_owned()])));
        assert_eq!(rule(".PHONY: a"), Some((vec![], vec!["a".to_owned()])));
        assert_eq!(rule("%.o: %.c"), Some((vec![], vec![])));
        assert_eq!(rule("include common.mk"), None);
    }

    #[test]
    fn what_may_fail_holds_nothing_back() {
        let text = "lint:\n\t-eslint .\n\n# more\n\t@tsc\n";
        let path: Arc<str> = "Makefile".into();
        let facts = crate::read::read(&path, text.as_bytes());
        let line = Placed::new("tsc".to_owned(), Place::point(path, 5, 2));
        let task = Task::target("lint", "", &[].into(), &[line].into());
        assert_eq!(facts.fragments.tasks, [task]);
    }

    #[test]
    fn a_hostile_file_does_not_grow() {
        let read = |text: String| {
            let facts = crate::read::read(&"Makefile".into(), text.as_bytes());
            facts.fragments.tasks
        };
        let variable = "x".repeat(100_000);
        let tasks = read(format!("V = {variable}\na:\n\t{}\n", "$(V)".repeat(100_000)));
        let [task] = tasks.as_slice() else { panic!("{} tasks", tasks.len()) };
        let size = task.lines.iter().map(|line| line.len()).sum::<usize>();
        assert!(size > MAX_GROWTH / 2 && size <= MAX_GROWTH + 400_000, "{size}");

        let tasks = read(format!("{}: {}\n\techo a\n", "t ".repeat(20_000), "n ".repeat(20_000)));
        assert_eq!(tasks.len(), MAX_TARGETS);
        let [first, .., last] = tasks.as_slice() else { panic!("{} tasks", tasks.len()) };
        assert!(Arc::ptr_eq(&first.lines, &last.lines) && Arc::ptr_eq(&first.needs, &last.needs));
    }
}
