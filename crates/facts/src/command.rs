//! Shell lines of pipelines, taken apart into commands.

/// Command lines inside of words (`bash -c '…'`) that are followed one into the other.
const MAX_DEPTH: u8 = 2;

/// Words of a command among which one that it starts is looked for.
const MOST_CARRIED: usize = 32;

/// One command of a shell line.
#[derive(Clone, Debug, PartialEq)]
pub struct Command {
    /// Its words without quotes; settings and wrappers (`FOO=1 sudo npx`) left out.
    pub words: Vec<String>,
    /// What is done instead of failing: `|| true`.
    pub excuse: Option<String>,
}

/// Words that only start another command.
static WRAPPERS: &[&[&str]] = &[
    &["!"],
    &["bundle", "exec"],
    &["bunx"],
    &["command"],
    &["do"],
    &["else"],
    &["env"],
    &["exec"],
    &["hatch", "run"],
    &["if"],
    &["mise", "exec", "--"],
    &["nice"],
    &["npx"],
    &["pdm", "run"],
    &["pipenv", "run"],
    &["pipx", "run"],
    &["pnpm", "dlx"],
    &["pnpm", "exec"],
    &["pnpx"],
    &["poetry", "run"],
    &["python", "-m"],
    &["python3", "-m"],
    &["rye", "run"],
    &["sudo"],
    &["then"],
    &["time"],
    &["until"],
    &["uv", "run"],
    &["uvx"],
    &["while"],
    &["xvfb-run"],
    &["yarn", "dlx"],
    &["yarn", "exec"],
];

/// Commands that run another one, which stands somewhere behind.
static CARRIERS: &[&str] = &[
    "bash",
    "docker",
    "docker-compose",
    "dotenv",
    "doppler",
    "nerdctl",
    "nix",
    "nix-shell",
    "podman",
    "retry",
    "sh",
    "ssh",
    "timeout",
];

/// The commands of a line, those inside of `bash -c '…'` too.
pub fn commands(line: &str) -> Vec<Command> {
    let mut found = Vec::new();
    collect(line, MAX_DEPTH, &mut found);
    found
}

impl Command {
    /// Whether it is what `pattern` says: the name of a program, then words that follow somewhere
    /// behind it in this order. A word that ends in `*` is the beginning of one.
    pub fn is(&self, pattern: &str) -> bool {
        let carries = || CARRIERS.contains(&self.program());
        matches(&self.words, pattern)
            || (carries()
                && (1..self.words.len().min(MOST_CARRIED))
                    .any(|start| matches(self.words.get(start..).unwrap_or_default(), pattern)))
    }

    /// Whether one of `words` is among its own.
    pub fn has(&self, words: &[&str]) -> bool {
        self.words.iter().any(|word| words.contains(&word.as_str()))
    }

    /// Whether a word begins with one of `starts`.
    pub fn has_start(&self, starts: &[&str]) -> bool {
        self.words.iter().any(|word| starts.iter().any(|start| word.starts_with(start)))
    }

    /// What one of `options` is told, each time: `--file ops.yaml`, and `--file=ops.yaml` of a long one.
    pub fn values<'c>(&'c self, options: &'c [&str]) -> impl Iterator<Item = &'c str> {
        let words = || self.words.iter().map(String::as_str);
        words().zip(words().skip(1).chain([""])).filter_map(|(word, next)| {
            if options.contains(&word) {
                return Some(next).filter(|value| !value.is_empty());
            }
            let (option, value) = word.split_once('=').filter(|_| word.starts_with("--"))?;
            options.contains(&option).then_some(value)
        })
    }

    /// Its name: the program without its folder and version.
    pub fn program(&self) -> &str {
        self.words.first().map_or("", |word| program(word))
    }

    /// The beginning of it, to name it by.
    pub fn short(&self) -> String {
        let is_plain = |word: &&String| !word.starts_with('-') && word.len() <= 40;
        let words: Vec<&str> =
            self.words.iter().take_while(is_plain).take(3).map(String::as_str).collect();
        if words.is_empty() { self.program().chars().take(40).collect() } else { words.join(" ") }
    }
}

/// The last part of a path, an image's tag left out. It is asked for each pattern, so that short words are
/// looked through byte by byte.
fn program(word: &str) -> &str {
    let start = word.bytes().rposition(|byte| byte == b'/').map_or(0, |at| at + 1);
    let name = word.get(start..).unwrap_or_default();
    let end = name.bytes().position(|byte| matches!(byte, b':' | b'@')).unwrap_or(name.len());
    name.get(..end).unwrap_or_default()
}

fn matches(words: &[String], pattern: &str) -> bool {
    let mut wanted = pattern.split(' ');
    let mut words = words.iter();
    let first = wanted.next().unwrap_or_default();
    if !words.next().is_some_and(|word| is_word(program(word), first)) {
        return false;
    }
    wanted.all(|wanted| words.any(|word| is_word(word, wanted)))
}

fn is_word(word: &str, wanted: &str) -> bool {
    wanted.strip_suffix('*').map_or_else(|| word == wanted, |start| word.starts_with(start))
}

fn collect(line: &str, depth: u8, found: &mut Vec<Command>) {
    let parts = parts(line);
    for (at, (words, _)) in parts.iter().enumerate() {
        let words = without_wrappers(words);
        let Some(first) = words.first() else { continue };
        let excuse = parts.get(at + 1).and_then(|(next, joint)| excuse(next, joint));
        if depth > 0 && CARRIERS.contains(&program(first)) {
            for inner in words.iter().filter(|word| word.contains(' ')) {
                let before = found.len();
                collect(inner, depth - 1, found);
                for command in found.iter_mut().skip(before) {
                    command.excuse = command.excuse.take().or_else(|| excuse.clone());
                }
            }
        }
        found.push(Command { words: words.to_vec(), excuse });
    }
}

/// What stands behind `||` and ends well whatever came before.
fn excuse(next: &[String], joint: &str) -> Option<String> {
    let first = next.first().map(String::as_str)?;
    let ends_well = matches!(first, "true" | ":" | "/bin/true" | "echo" | "printf")
        || (first == "exit" && next.get(1).is_some_and(|code| code == "0"));
    let shown = if first == "exit" { "exit 0" } else { first };
    (joint == "||" && ends_well).then(|| format!("|| {shown}"))
}

fn without_wrappers(mut words: &[String]) -> &[String] {
    loop {
        let is_setting = |word: &String| {
            word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            })
        };
        let is_there = |wrapper: &&&[&str]| {
            words.len() > wrapper.len()
                && words.iter().zip(wrapper.iter()).all(|(word, wanted)| word == wanted)
        };
        let count = if words.first().is_some_and(is_setting) {
            1
        } else if let Some(wrapper) = WRAPPERS.iter().find(is_there) {
            let options = words.iter().skip(wrapper.len()).take_while(|word| word.starts_with('-'));
            wrapper.len() + options.count()
        } else {
            return words;
        };
        words = words.get(count..).unwrap_or_default();
    }
}

/// The simple commands of a line, each with what joins it to the one before.
fn parts(line: &str) -> Vec<(Vec<String>, &'static str)> {
    let mut parts = vec![(Vec::new(), "")];
    let mut word = String::new();
    let mut quote = None;
    let mut is_word = false;
    let mut rest = line.char_indices().peekable();
    let mut may_fill_in = true;
    while let Some((at, c)) = rest.next() {
        if c == '$' && may_fill_in && line.get(at..).is_some_and(|rest| rest.starts_with("${{")) {
            let Some(expression) = filled_in(line, at) else {
                may_fill_in = false;
                word.push(c);
                is_word = true;
                continue;
            };
            word.push_str(expression);
            is_word = true;
            while rest.next_if(|(next, _)| *next < at + expression.len()).is_some() {}
            continue;
        }
        // `2>&1`, `&>log`: what is written goes elsewhere.
        let is_redirected =
            word.ends_with(['<', '>']) || rest.peek().is_some_and(|(_, next)| *next == '>');
        let joint = match (quote, c) {
            (Some(open), _) if c == open => {
                quote = None;
                continue;
            }
            (Some(_), _) => {
                word.push(c);
                continue;
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                is_word = true;
                continue;
            }
            (None, '\\') => {
                word.extend(rest.next().map(|(_, c)| c));
                is_word = true;
                continue;
            }
            (None, '&') if !is_redirected => match rest.next_if(|(_, next)| *next == '&') {
                Some(_) => "&&",
                None => "&",
            },
            (None, '|') => match rest.next_if(|(_, next)| *next == '|') {
                Some(_) => "||",
                None => "|",
            },
            (None, ';' | '(' | ')' | '`') => ";",
            (None, '#') if !is_word => break,
            (None, _) if c.is_whitespace() => " ",
            (None, _) => {
                word.push(c);
                is_word = true;
                continue;
            }
        };
        if is_word {
            push(&mut parts, std::mem::take(&mut word));
            is_word = false;
        }
        if joint != " " {
            parts.push((Vec::new(), joint));
        }
    }
    if is_word {
        push(&mut parts, word);
    }
    parts.retain(|(words, _)| !words.is_empty());
    parts
}

/// What a host fills in before a shell sees the line, up to its end: `${{ inputs.tag || 'edge' }}`.
fn filled_in(line: &str, at: usize) -> Option<&str> {
    let length = line.get(at..)?.find("}}")?;
    line.get(at..at + length + 2)
}

fn push(parts: &mut [(Vec<String>, &'static str)], word: String) {
    if let Some((words, _)) = parts.last_mut() {
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first(line: &str) -> Command {
        commands(line).remove(0)
    }

    #[test]
    fn a_command_is_told_by_its_program_and_by_words_in_order() {
        assert!(first("RUST_LOG=debug cargo +nightly test --all").is("cargo test"));
        assert!(first("npx eslint .").is("eslint"));
        assert!(first("npm --prefix web run test:unit").is("npm run test*"));
        assert!(first("/usr/bin/docker run --rm aquasec/trivy:0.50 image x").is("trivy image"));
        assert!(first("uv run --frozen pytest -q").is("pytest"));
        assert!(!first("echo cargo test").is("cargo test"));
        assert!(!first("cargo build --test x").is("cargo test"));
    }

    #[test]
    fn an_option_has_its_value_beside_it_or_after_an_equals_sign() {
        let values = |line: &str| -> Vec<String> {
            first(line).values(&["-f", "--file"]).map(str::to_owned).collect()
        };
        assert_eq!(
            values("compose -f a.yml --file b.yml --file=c.yml up"),
            ["a.yml", "b.yml", "c.yml"]
        );
        assert_eq!(values("compose --file='a b.yml' --file="), ["a b.yml", ""]);
        for line in ["compose up -f", "compose --files=a.yml", "compose -f=a.yml"] {
            assert_eq!(values(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn lines_are_taken_apart_at_joints_outside_of_quotes() {
        let names = |line: &str| -> Vec<String> {
            commands(line).iter().map(|command| command.program().to_owned()).collect()
        };
        assert_eq!(names("cd web && npm ci; npm test | tee log"), ["cd", "npm", "npm", "tee"]);
        assert_eq!(names("echo 'a && b'"), ["echo"]);
        assert_eq!(
            names("make 2>&1 | head; say >&2; run &>log && go"),
            ["make", "head", "say", "run", "go"]
        );
        assert_eq!(names("serve & wait"), ["serve", "wait"]);
        assert_eq!(names("bash -c 'cargo test && cargo clippy'"), ["cargo", "cargo", "bash"]);
        assert_eq!(names("if ! make test; then exit 1; fi"), ["make", "exit", "fi"]);
    }

    #[test]
    fn what_a_host_fills_in_is_part_of_a_word() {
        let words = |line: &str| first(line).words.join("|");
        assert_eq!(words("STAGE=${{ inputs.stage }} make helm-deploy"), "make|helm-deploy");
        assert_eq!(words("push a:${{ x || 'edge' }} now"), "push|a:${{ x || 'edge' }}|now");
        assert_eq!(words("push \"a ${{ b }} c\""), "push|a ${{ b }} c");
        assert_eq!(commands("echo ${{ a && true").len(), 2, "never closed");
    }

    #[test]
    fn what_forgives_a_failure_is_kept() {
        let excuse = |line: &str| first(line).excuse;
        assert_eq!(excuse("npm test || true"), Some("|| true".to_owned()));
        assert_eq!(excuse("npm audit || echo 'later'"), Some("|| echo".to_owned()));
        assert_eq!(excuse("npm test || exit 0"), Some("|| exit 0".to_owned()));
        assert_eq!(excuse("npm test || exit 1"), None);
        assert_eq!(excuse("npm test; true"), None);
        assert_eq!(excuse("sh -c 'cargo test || true'"), Some("|| true".to_owned()));
    }

    #[test]
    fn hostile_lines_cost_neither_stack_nor_time() {
        let line = "bash -c \"".repeat(20_000);
        assert!(commands(&line).len() <= 40_000);
        assert!(commands(&"|".repeat(100_000)).is_empty());
        assert_eq!(commands(&"${{".repeat(30_000)).len(), 1);
        assert_eq!(commands(&"${{}}".repeat(30_000)).len(), 1);
    }
}
