//! Images that pipelines build: which Dockerfile each is made from.

use std::collections::BTreeMap;

use super::words::{unquoted, words};
use crate::ImageBuild;
use crate::path::join;

/// Names and what they stand for where a build is written: `env.IMAGE`, `matrix.service`.
pub(crate) type Scope = BTreeMap<String, String>;

/// What a tool calls with an image as its only result.
const TOOLS: &[&[&str]] = &[
    &["docker", "build"],
    &["docker", "buildx", "build"],
    &["docker", "image", "build"],
    &["podman", "build"],
    &["buildah", "build"],
    &["buildah", "bud"],
    &["/kaniko/executor"],
];

/// Options of those tools that stand alone; all others take a value.
const FLAGS: &[&str] = &[
    "--compress",
    "--debug",
    "--force-rm",
    "--load",
    "--no-cache",
    "--pull",
    "--push",
    "--quiet",
    "--rm",
    "--squash",
    "-D",
    "-q",
];

/// Bytes that a text may take with all put in.
const MAX_TEXT: usize = 4096;

/// `text` with all that `scope` knows put in: `${{ matrix.x }}`, and `$X` for `env.X`. What it does
/// not know stays, as one word: `${{matrix.y}}`.
pub(crate) fn fill(text: &str, scope: &Scope) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        let (name, len) = variable(after);
        match name.and_then(|name| scope.get(&name)) {
            Some(value) if filled.len() + value.len() <= MAX_TEXT => filled.push_str(value),
            _ => {
                filled.push('$');
                let unknown = after.get(..len).unwrap_or_default();
                filled.extend(unknown.chars().filter(|letter| !letter.is_whitespace()));
            }
        }
        rest = after.get(len..).unwrap_or_default();
    }
    filled.push_str(rest);
    filled
}

/// The name of the variable that starts behind a `$`, and the bytes that it takes.
fn variable(after: &str) -> (Option<String>, usize) {
    if let Some(inner) = after.strip_prefix("{{") {
        let Some(end) = inner.find("}}") else { return (None, 0) };
        let name = inner.get(..end).unwrap_or_default().trim().to_owned();
        return (Some(name), end + 4);
    }
    let is_name = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let (inner, around) = match after.strip_prefix('{') {
        Some(inner) => (inner, 2),
        None => (after, 0),
    };
    let end = inner.find(|letter| !is_name(letter)).unwrap_or(inner.len());
    let name = inner.get(..end).unwrap_or_default();
    if name.is_empty() || (around > 0 && !inner.get(end..).is_some_and(|r| r.starts_with('}'))) {
        return (None, 0);
    }
    (Some(format!("env.{name}")), end + around)
}

/// What a line of a script builds that runs in `folder`.
pub(super) fn of_line(line: &str, folder: &str) -> Vec<ImageBuild> {
    let all: Vec<String> = words(line).map(|word| unquoted(word.text)).collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    let commands = all.split(|word| matches!(*word, "|" | ";" | "&&" | "||"));
    commands.flat_map(|command| of_command(command, folder)).collect()
}

fn of_command(words: &[&str], folder: &str) -> Vec<ImageBuild> {
    let starts = |at: usize, tool: &[&str]| words.get(at..).is_some_and(|w| w.starts_with(tool));
    let found = (0..words.len())
        .find_map(|at| TOOLS.iter().find(|tool| starts(at, tool)).map(|tool| at + tool.len()));
    let Some(mut arguments) = found.and_then(|at| words.get(at..)) else { return Vec::new() };
    let (mut images, mut file, mut context) = (Vec::new(), None, ".");
    let mut given = Vec::new();
    let is_pushed = arguments.contains(&"--push");
    while let Some((word, others)) = arguments.split_first() {
        arguments = others;
        if !word.starts_with('-') {
            context = word;
            continue;
        }
        let (option, value) = match word.split_once('=') {
            Some((option, value)) => (option, value),
            None if FLAGS.contains(word) => continue,
            None => {
                let value = others.first().copied().unwrap_or_default();
                arguments = others.get(1..).unwrap_or_default();
                (*word, value)
            }
        };
        match option {
            "-t" | "--tag" | "-d" | "--destination" => images.push(value),
            "-f" | "--file" | "--dockerfile" => file = Some(value),
            "-c" | "--context" => context = value,
            "--build-arg" => given.extend(argument(value)),
            _ => {}
        }
    }
    let builds = images.into_iter().filter_map(|image| built(image, folder, context, file));
    builds.map(|build| ImageBuild { arguments: given.clone(), is_pushed, ..build }).collect()
}

/// The name and the value of an argument of a build; one without a value has that of the variable of
/// its name.
pub(super) fn argument(text: &str) -> Option<(String, String)> {
    let (name, value) = match text.trim().split_once('=') {
        Some((name, value)) => (name, unquoted(value)),
        None => (text.trim(), format!("${{{}}}", text.trim())),
    };
    (!name.is_empty()).then(|| (name.to_owned(), value))
}

/// The build of an image whose context and recipe are written as they are seen from `folder`; `None`
/// where they lead out of the tree.
pub(super) fn built(
    image: &str,
    folder: &str,
    context: &str,
    recipe: Option<&str>,
) -> Option<ImageBuild> {
    let dockerfile = match recipe {
        Some(recipe) => Some(join(folder, recipe)?),
        None => None,
    };
    let context = join(folder, context)?;
    Some(ImageBuild {
        image: image.to_owned(),
        context,
        dockerfile,
        arguments: Vec::new(),
        is_from_source: false,
        is_pushed: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(String, String, Option<String>)> {
        let builds = of_line(line, "");
        builds.into_iter().map(|b| (b.image, b.context, b.dockerfile)).collect()
    }

    #[test]
    fn a_command_tells_image_context_and_dockerfile() {
        let one = |image: &str, context: &str, file: Option<&str>| {
            vec![(image.to_owned(), context.to_owned(), file.map(str::to_owned))]
        };
        for (line, expected) in [
            ("docker build -t acme/till:1 till", one("acme/till:1", "till", None)),
            ("docker build .", Vec::new()),
            (
                "cd x && docker buildx build --push --tag=till --file ./a/Dockerfile .",
                one("till", "", Some("a/Dockerfile")),
            ),
            (
                "podman build --build-arg A=b --pull -f 'x.dockerfile' -t \"q/till\" ./till/ | tee log",
                one("q/till", "till", Some("x.dockerfile")),
            ),
            (
                "/kaniko/executor --context=. --dockerfile till/Dockerfile -d acme/till",
                one("acme/till", "", Some("till/Dockerfile")),
            ),
            ("echo docker", Vec::new()),
        ] {
            assert_eq!(found(line), expected, "{line}");
        }
        assert_eq!(of_line("docker build -t a .", "till")[0].context, "till");
        assert_eq!(of_line("docker build -t a ..", "shop/till")[0].context, "shop");
        assert_eq!(of_line("docker build -t a ../..", "till"), []);
    }

    #[test]
    fn what_is_known_is_put_in_and_all_else_stays() {
        let scope: Scope = [("env.A", "x"), ("matrix.part.name", "till")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        for (text, filled) in [
            ("$A/${A}/${{ env.A }}/${{matrix.part.name}}", "x/x/x/till"),
            ("$B ${B} ${{ env.B }} $AB ${A-1} $", "$B ${B} ${{env.B}} $AB ${A-1} $"),
            ("100 % ${{ env.A", "100 % ${{ env.A"),
        ] {
            assert_eq!(fill(text, &scope), filled);
        }
    }
}
