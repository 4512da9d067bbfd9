//! Lines of the shell scripts in pipelines, and of those that pipelines may start, each at its place.

use std::collections::{BTreeSet, HashMap};

use model::{Place, Placed};

use super::build;
use super::vendored::is_vendored;
use crate::path::join;
use crate::read::Source;
use crate::tree::Node;
use crate::{Facts, Script};

/// Builds of one script that are kept, and those of all that pipelines start.
const MAX_BUILDS: usize = 256;

/// Bytes of a line that is taken for one that somebody wrote.
const MAX_LINE: usize = 16 << 10;

/// Words of a line among which the path of a script is looked for.
const MAX_WORDS: usize = 64;

/// Whether a file of this name deploys by that name: `ops/deploy-shop.sh`.
pub(super) fn is_named(path: &str, name: &str) -> bool {
    let stem = name.strip_suffix(".sh").or_else(|| name.strip_suffix(".bash"));
    let first = stem.and_then(|stem| stem.split(|c: char| !c.is_ascii_alphanumeric()).next());
    first == Some("deploy") && !is_vendored(path)
}

/// Whether a file is a shell script, in which pipelines may build images.
pub(super) fn may_build(path: &str, name: &str) -> bool {
    let is_script = [".sh", ".bash"].iter().any(|end| name.ends_with(end));
    is_script && !is_vendored(path)
}

/// Keeps the lines of the script that build images.
pub(super) fn note_builds(source: Source<'_>, facts: &mut Facts) {
    let lines = gathered(source.text, |_, _| Place::file(source.path.clone()));
    let building = lines.into_iter().map(|line| line.value).filter(|line| builds(line));
    let building: Vec<String> = building.take(MAX_BUILDS).collect();
    if !building.is_empty() {
        facts.fragments.building.push((source.path.clone(), building));
    }
}

fn builds(line: &str) -> bool {
    line.len() <= MAX_LINE && line.contains("build") && !build::of_line(line, "").is_empty()
}

/// Takes what scripts build that steps of pipelines start by their paths, from the folders that they
/// are started in.
pub(super) fn settle(facts: &mut Facts) {
    let building = std::mem::take(&mut facts.fragments.building);
    let building: HashMap<&str, &[String]> =
        building.iter().map(|(path, lines)| (&**path, lines.as_slice())).collect();
    if building.is_empty() {
        return;
    }
    // Each once from each folder, however many steps start it.
    let mut started = BTreeSet::new();
    for step in facts.steps() {
        let folder = step.working_folder.as_ref().map_or("", |folder| folder.as_str());
        let words = step.lines.iter().flat_map(|line| line.split_whitespace().take(MAX_WORDS));
        let paths = words.filter(|word| word.ends_with("sh")).filter_map(|word| join(folder, word));
        started
            .extend(paths.filter(|path| building.contains_key(&**path)).map(|path| (path, folder)));
    }
    let mut found = BTreeSet::new();
    for (path, folder) in started.into_iter().take(MAX_BUILDS) {
        let lines = building.get(&*path).into_iter().copied().flatten();
        found.extend(lines.flat_map(|line| build::of_line(line, folder)));
        if found.len() > MAX_BUILDS {
            break;
        }
    }
    facts.builds.extend(found);
    facts.builds.sort_unstable();
    facts.builds.dedup();
}

/// Reads what the script runs.
pub(super) fn read(source: Source<'_>, facts: &mut Facts) {
    let place = |n: usize, line: &str| {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).saturating_add(1);
        let before = line.len() - line.trim_start().len();
        Place::point(source.path.clone(), count(n), count(before))
    };
    let lines = gathered(source.text, place);
    facts.scripts.push(Script { place: Place::file(source.path.clone()), lines });
    note_builds(source, facts);
}

/// The lines that a script runs: comments, blank lines and texts that it only writes to a file
/// left out, continued lines joined.
///
/// Places are exact for literal blocks (`|`) and, where the file's `source` lines are at hand,
/// for folded blocks; else they are that of the whole script.
pub(super) fn lines(script: &Node, source: &[&str]) -> Vec<Placed<String>> {
    let text = script.str().unwrap_or_default();
    let mut placer = Placer::new(script, source);
    gathered(text, |n, line| placer.place(n, line))
}

/// The lines that `text` runs, each where `place_of` says that it stands.
pub(super) fn gathered(
    text: &str,
    mut place_of: impl FnMut(usize, &str) -> Place,
) -> Vec<Placed<String>> {
    let mut quoted = Quoted::new(text);
    let mut joined = Vec::new();
    let mut open: Option<Placed<String>> = None;
    for (n, line) in text.lines().enumerate() {
        let place = place_of(n, line);
        let line = line.trim();
        if quoted.hides(n, line) {
            continue;
        }
        let is_left_out = line.is_empty() || line.starts_with('#');
        if is_left_out {
            joined.extend(open.take());
            continue;
        }
        let (line, goes_on) = continuation(line);
        let mut whole = match open.take() {
            Some(before) => append(before, line, &place),
            None => Placed::new(line.to_owned(), place),
        };
        if goes_on {
            open = Some(whole);
        } else {
            whole.value.truncate(whole.value.trim_end().len());
            joined.push(whole);
        }
    }
    joined.extend(open);
    joined
}

fn append(mut before: Placed<String>, line: &str, place: &Place) -> Placed<String> {
    before.value.push(' ');
    before.value.push_str(line);
    (before.place.end_line, before.place.end_column) = (place.end_line, place.end_column);
    before
}

/// The line without the backslash that continues it, and whether the command goes on.
fn continuation(line: &str) -> (&str, bool) {
    let backslashes = line.len() - line.trim_end_matches('\\').len();
    if backslashes % 2 == 1 {
        return (line.strip_suffix('\\').unwrap_or(line).trim_end(), true);
    }
    // What a command is piped into, or what forgives its failure, belongs to it.
    (line, line.ends_with('|'))
}

/// Finds the places of the lines of a text.
struct Placer<'a> {
    node: &'a Node,
    start: Option<Place>,
    source: &'a [&'a str],
    /// Index of the source line where the next line may stand.
    at: usize,
}

impl<'a> Placer<'a> {
    fn new(node: &'a Node, source: &'a [&'a str]) -> Self {
        let at = usize::try_from(node.place.line).unwrap_or(usize::MAX);
        Self { node, start: node.literal_start(), source, at }
    }

    /// The place of the `n`th line; called for one line after the other.
    fn place(&mut self, n: usize, line: &str) -> Place {
        let exact = if self.start.is_some() { self.literal(n, line) } else { self.folded(n, line) };
        exact.unwrap_or_else(|| self.node.place.clone())
    }

    fn literal(&self, n: usize, line: &str) -> Option<Place> {
        let start = self.start.as_ref()?;
        let number = start.line.checked_add(u32::try_from(n).ok()?)?;
        self.stretch(number, start.column, line)
    }

    /// Searches the source for the line that begins the folded `line`.
    fn folded(&mut self, n: usize, line: &str) -> Option<Place> {
        let line = line.trim();
        if n == 0 || line.is_empty() {
            return None;
        }
        let last = usize::try_from(self.node.place.end_line).ok()?;
        while self.at < last {
            let written = *self.source.get(self.at)?;
            self.at += 1;
            if !written.trim().is_empty() && line.starts_with(written.trim()) {
                return self.stretch(u32::try_from(self.at).ok()?, 1, written);
            }
        }
        None
    }

    /// The place of `line` without its outer blanks, whose first character stands at `column`.
    fn stretch(&self, number: u32, column: u32, line: &str) -> Option<Place> {
        let count = |text: &str| u32::try_from(text.chars().count()).ok();
        let column = column.checked_add(count(line)? - count(line.trim_start())?)?;
        let end_column = column.checked_add(count(line.trim())?)?;
        let path = self.node.place.path.clone();
        Some(Place { end_column, ..Place::point(path, number, column) })
    }
}

/// Follows the here-documents that are only written to a file, and the words of lists.
struct Quoted<'t> {
    /// Where each text stands alone on a line; empty without here-documents.
    lines: HashMap<&'t str, Vec<usize>>,
    end: Option<usize>,
    /// The last line that ends a list.
    last_list_end: Option<usize>,
    is_in_list: bool,
}

impl<'t> Quoted<'t> {
    fn new(text: &'t str) -> Self {
        let mut lines: HashMap<_, Vec<_>> = HashMap::new();
        if text.contains("<<") {
            for (n, line) in text.lines().enumerate() {
                lines.entry(line.trim()).or_default().push(n);
            }
        }
        let ends = text.lines().enumerate().filter(|(_, line)| ends_list(line.trim()));
        let last_list_end = ends.map(|(n, _)| n).last();
        Self { lines, end: None, last_list_end, is_in_list: false }
    }

    /// Whether the line is the text of such a here-document, its end, or words of a list.
    fn hides(&mut self, n: usize, line: &str) -> bool {
        if let Some(end) = self.end {
            self.end = (n < end).then_some(end);
            return true;
        }
        if self.is_in_list {
            self.is_in_list = !ends_list(line);
            return !line.contains("$(");
        }
        self.is_in_list = line.ends_with("=(") && self.last_list_end.is_some_and(|end| n < end);
        let ends = delimiter(line).and_then(|word| self.lines.get(word));
        self.end = ends.and_then(|ends| ends.get(ends.partition_point(|end| *end <= n)).copied());
        false
    }
}

/// Whether a line ends a list that one before began: `NAME=(`.
fn ends_list(line: &str) -> bool {
    line.starts_with(')') || (line.ends_with(')') && !line.contains('('))
}

/// The word that ends the here-document which the line writes to a file.
fn delimiter(line: &str) -> Option<&str> {
    let (command, after) = line.split_once("<<")?;
    let is_written = ["cat", "tee"].contains(&command.split_whitespace().next()?)
        || command.contains("| tee ")
        || command.contains("| cat ");
    let word = after.trim_start_matches('-').trim_start().trim_start_matches(['\'', '"', '\\']);
    let end = word.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(word.len());
    word.get(..end).filter(|word| is_written && !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::read_yaml;

    /// The lines of the script `s` in `text`, each with its place.
    fn read(text: &str) -> Vec<String> {
        let root = read_yaml(&"a".into(), text).documents.remove(0).root;
        let source: Vec<&str> = text.lines().collect();
        let lines = lines(root.get("s").unwrap(), &source);
        lines.iter().map(|line| format!("{} {}", line.place, line.value)).collect()
    }

    #[test]
    fn what_a_script_builds_that_a_step_starts_is_built_by_the_pipeline() {
        let script = "# Ships.\nset -e\ndocker build -t acme/till:$1 \\\n  -f docker/till/Dockerfile .\n\
                      docker push acme/till:$1\n";
        let built = |line: &str| {
            let flow = format!("on: push\njobs:\n  a:\n    steps:\n    - run: {line}\n");
            let files = [(".github/workflows/a.yml", &*flow), ("ops/ship.sh", script)];
            crate::discover::tests::tree(&files).builds
        };
        let [only] = &built("bash ./ops/ship.sh 1.2")[..] else { panic!("one build") };
        assert_eq!((only.image.as_str(), only.context.as_str()), ("acme/till:$1", ""));
        assert_eq!(only.dockerfile.as_deref(), Some("docker/till/Dockerfile"));
        assert_eq!(built("bash ops/other.sh"), []);
    }

    #[test]
    fn each_line_of_a_literal_block_stands_at_its_place() {
        let text = "s: |\n  # first\n  make test\n\n  if true; then\n    make é\n  fi\n";
        assert_eq!(
            read(text),
            ["a:3:3 make test", "a:5:3 if true; then", "a:6:5 make é", "a:7:3 fi"]
        );
    }

    #[test]
    fn continued_lines_are_one_line_at_the_place_of_the_first() {
        let text = "s: |\n  docker build \\\n    --pull \\\n    .\n  make test ||\n    true\n  echo \\\\\n  ls\n";
        assert_eq!(
            read(text),
            [
                "a:2:3 docker build --pull .",
                "a:5:3 make test || true",
                "a:7:3 echo \\\\",
                "a:8:3 ls"
            ]
        );
        let root = read_yaml(&"a".into(), text).documents.remove(0).root;
        let place = &lines(root.get("s").unwrap(), &[])[0].place;
        assert_eq!((place.end_line, place.end_column), (4, 6));
    }

    #[test]
    fn lines_of_folded_blocks_stand_where_they_begin() {
        let text = "s: >\n  make\n  test\n\n  make\n  lint\n";
        assert_eq!(read(text), ["a:2:3 make test", "a:5:3 make lint"]);
    }

    #[test]
    fn plain_and_quoted_scripts_stand_where_they_are_written() {
        assert_eq!(read("s: make test\n"), ["a:1:4 make test"]);
        assert_eq!(read("s: \"make test\\nmake lint\"\n"), ["a:1:4 make test", "a:1:4 make lint"]);
        assert_eq!(read("s:\n"), Vec::<String>::new());
    }

    #[test]
    fn a_text_that_is_written_to_a_file_is_no_command_but_one_that_is_run_is() {
        let text = "s: |\n  cat > a.md <<'EOF'\n  make deploy\n  EOF\n  ssh host <<EOF\n  make deploy\n  EOF\n";
        assert_eq!(
            read(text),
            ["a:2:3 cat > a.md <<'EOF'", "a:5:3 ssh host <<EOF", "a:6:3 make deploy", "a:7:3 EOF"]
        );
        assert_eq!(read("s: |\n  cat <<EOF\n  make\n").len(), 2);
    }

    #[test]
    fn the_words_of_a_list_are_no_commands_but_what_gives_them_is() {
        let text = "s: |\n  PAGES=(\n    ops/deploy-shop\n    $(make pages)\n  )\n  make test\n";
        assert_eq!(read(text), ["a:2:3 PAGES=(", "a:4:5 $(make pages)", "a:6:3 make test"]);
        let text = "s: |\n  A=(\n    one\n    two)\n  make test\n  B=(\n  make lint\n";
        assert_eq!(read(text), ["a:2:3 A=(", "a:5:3 make test", "a:6:3 B=(", "a:7:3 make lint"]);
    }

    #[test]
    fn a_script_that_deploys_by_its_name_is_read() {
        let text = "#!/bin/sh\nif true; then\n  kubectl apply \\\n    -f k8s/\nfi\n";
        let facts = crate::read(&"ops/deploy-shop.sh".into(), text.as_bytes());
        let lines: Vec<_> =
            facts.scripts[0].lines.iter().map(|l| (l.place.line, l.value.as_str())).collect();
        assert_eq!(lines, [(2, "if true; then"), (3, "kubectl apply -f k8s/"), (5, "fi")]);
        assert!(!is_named("ops/undeploy.sh", "undeploy.sh") && !is_named("deploy.py", "deploy.py"));
    }

    #[test]
    fn a_line_that_is_continued_into_nothing_is_kept() {
        assert_eq!(read("s: |\n  make \\\n\n  ls \\\n"), ["a:2:3 make", "a:4:3 ls"]);
    }
}
