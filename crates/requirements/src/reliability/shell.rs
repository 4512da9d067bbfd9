//! Whether a shell that an image starts gives its place to what it runs, so that a stop signal arrives
//! there. Measured: dash stays before whatever it runs; the shell of `BusyBox` and bash give their
//! place to the last command, but not in a pipe or after `||`, and bash not where it sends output
//! elsewhere.

use facts::Stage;

/// Where a stop signal ends that is sent to a shell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// At the shell, which keeps it to itself.
    Kept,
    /// At what the shell runs last.
    Arrives,
    /// The base is not known, or the command is not simple enough.
    Unclear,
}

/// The shells that images have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shell {
    Dash,
    BusyBox,
    Bash,
    Unknown,
}

/// What becomes of a signal to the shell that runs `entry` in an image of `stages`, the last first.
pub(super) fn signal(entry: &str, stages: &[&Stage]) -> Signal {
    let words = |text: &str| text.split_whitespace().next().map(|word| base_name(word).to_owned());
    // These pass signals on, or make way for what follows.
    let hands_on = |word: &str| ["exec", "tini", "dumb-init", "s6-svscan"].contains(&word);
    if words(entry).is_some_and(|first| hands_on(&first)) {
        return Signal::Arrives;
    }
    let List { last, is_piped, has_choice, is_behind, is_redirected } = list(entry);
    let first = words(last).unwrap_or_default();
    let stays = is_piped || ["wait", "true", ":"].contains(&first.as_str());
    match shell(stages) {
        _ if first == "exec" && !stays => Signal::Arrives,
        Shell::Dash => Signal::Kept,
        _ if stays => Signal::Kept,
        Shell::Unknown => Signal::Unclear,
        _ if has_choice || is_behind || STAYING.contains(&first.as_str()) => Signal::Unclear,
        Shell::Bash if is_redirected => Signal::Kept,
        Shell::Bash | Shell::BusyBox => Signal::Arrives,
    }
}

/// First words after which the shell itself goes on: it reads a script, or decides.
static STAYING: &[&str] = &[
    "", ".", "case", "done", "esac", "eval", "fi", "for", "if", "source", "until", "while", "{",
    "}",
];

/// What a shell is given to run.
#[derive(Debug, Default, PartialEq)]
struct List<'a> {
    /// The last command.
    last: &'a str,
    /// Whether that stands in a pipe, or runs only where another one failed.
    is_piped: bool,
    /// Whether something before it stands in a pipe or behind `||`.
    has_choice: bool,
    /// Whether something runs behind it.
    is_behind: bool,
    /// Whether it sends its output elsewhere.
    is_redirected: bool,
}

/// Takes a command line apart at what joins commands, outside of quotes and brackets.
fn list(text: &str) -> List<'_> {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || c == ';');
    let mut found = List { last: text, ..List::default() };
    let (mut quote, mut depth, mut before) = (None, 0_usize, ' ');
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let is_escaped = std::mem::replace(&mut before, c) == '\\' && quote != Some('\'');
        if is_escaped {
            before = ' ';
            continue;
        }
        match (c, quote) {
            (_, Some(open)) => quote = (c != open).then_some(open),
            ('"' | '\'' | '`', None) => quote = Some(c),
            ('(', None) => depth += 1,
            (')', None) => depth = depth.saturating_sub(1),
            ('>' | '<', None) if depth == 0 => found.is_redirected = true,
            ('|' | '&' | ';' | '\n', None) if depth == 0 => {
                let is_doubled = characters.next_if(|(_, next)| *next == c).is_some();
                let is_of_output = c == '&' && text.get(..at).is_some_and(|t| t.ends_with('>'));
                if is_of_output {
                    continue;
                }
                found.has_choice |= found.is_piped;
                found.is_piped = c == '|' || (found.is_piped && c == '&' && !is_doubled);
                found.is_behind |= c == '&' && !is_doubled;
                found.is_redirected = false;
                let next = at + if is_doubled { 2 } else { 1 };
                found.last = text.get(next..).unwrap_or_default();
            }
            _ => {}
        }
    }
    found.last = found.last.trim();
    found
}

/// The shell that runs commands in an image: that of `SHELL`, else that of what it is built upon.
fn shell(stages: &[&Stage]) -> Shell {
    let written = stages.iter().find_map(|stage| stage.shell.as_deref());
    if let Some(written) = written {
        let program = written.split_whitespace().next().unwrap_or_default();
        match base_name(program) {
            "bash" => return Shell::Bash,
            "ash" => return Shell::BusyBox,
            "dash" => return Shell::Dash,
            "sh" => {}
            _ => return Shell::Unknown,
        }
    }
    let base = stages.last().filter(|stage| !stage.is_local_base);
    base.map_or(Shell::Unknown, |stage| shell_of(&stage.base))
}

/// The `sh` of a public image, by the system that its name or its tag names.
fn shell_of(image: &str) -> Shell {
    let image = image.split('@').next().unwrap_or(image).to_ascii_lowercase();
    let words: Vec<&str> = image.split(|c: char| !c.is_ascii_alphanumeric()).collect();
    let names = |systems: &[&str]| {
        words.iter().any(|word| {
            let name = word.trim_end_matches(|c: char| c.is_ascii_digit());
            systems.contains(&name) || systems.contains(word)
        })
    };
    if names(&["alpine", "busybox"]) {
        return Shell::BusyBox;
    }
    if names(BASH) {
        return Shell::Bash;
    }
    let path = image.strip_prefix("docker.io/").unwrap_or(&image);
    let path = path.strip_prefix("library/").unwrap_or(path);
    let name = path.split(':').next().unwrap_or(path);
    let is_debian = UPON_DEBIAN.contains(&name) || name.starts_with("mcr.microsoft.com/dotnet/");
    if names(DEBIAN) || is_debian { Shell::Dash } else { Shell::Unknown }
}

/// Systems whose `sh` is bash.
static BASH: &[&str] = &[
    "al2023",
    "almalinux",
    "amazonlinux",
    "centos",
    "fedora",
    "oracle",
    "oraclelinux",
    "redhat",
    "rhel",
    "rockylinux",
    "ubi",
];

/// Systems whose `sh` is dash, and their releases.
static DEBIAN: &[&str] = &[
    "bionic", "bookworm", "bullseye", "buster", "debian", "focal", "jammy", "noble", "slim",
    "stretch", "trixie", "ubuntu",
];

/// Official images that are built upon Debian or Ubuntu where their tag names no other system.
static UPON_DEBIAN: &[&str] = &[
    "buildpack-deps",
    "eclipse-temurin",
    "elixir",
    "erlang",
    "gcc",
    "golang",
    "gradle",
    "httpd",
    "maven",
    "nginx",
    "node",
    "perl",
    "php",
    "postgres",
    "pypy",
    "python",
    "ruby",
    "rust",
    "tomcat",
];

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of a signal in an image of this base.
    fn told(base: &str, entry: &str) -> Signal {
        let text = format!("FROM {base}\nCMD {entry}\n");
        told_of(&text, entry)
    }

    fn told_of(text: &str, entry: &str) -> Signal {
        let facts = facts::read(&"Dockerfile".into(), text.as_bytes());
        let stages: Vec<&Stage> = facts.dockerfiles[0].lineage().collect();
        signal(entry, &stages)
    }

    #[test]
    fn busybox_and_bash_give_their_place_to_the_last_command() {
        for entry in [
            "till --port 80",
            "$TILL",
            "PORT=80 till",
            "true && till",
            "true; till",
            "([ -z \"$X\" ] || enable x) && till",
            "cd / && till",
            "echo 'a | b' && till",
            "x || y; exec till",
        ] {
            for base in [
                "python:3.14-alpine",
                "nginx:stable-alpine3.20",
                "registry.access.redhat.com/ubi9/ubi",
            ] {
                assert_eq!(told(base, entry), Signal::Arrives, "{base}: {entry}");
            }
            let of_dash = if entry.contains("exec") { Signal::Arrives } else { Signal::Kept };
            assert_eq!(told("python:3.14-slim", entry), of_dash, "{entry}");
        }
    }

    #[test]
    fn no_shell_gives_its_place_to_what_stands_in_a_pipe_or_behind_a_choice() {
        for entry in ["till | tee log", "till || echo gone", "till & wait"] {
            for base in ["python:3.14-alpine", "rockylinux:9", "debian:12", "acme.example/base:1"] {
                assert_eq!(told(base, entry), Signal::Kept, "{base}: {entry}");
            }
        }
        assert_eq!(told("fedora:41", "till > log"), Signal::Kept);
        assert_eq!(told("alpine:3.20", "till > log 2>&1"), Signal::Arrives);
    }

    #[test]
    fn what_is_not_known_of_the_base_or_the_command_stays_open() {
        for base in ["acme.example/base:1", "openjdk:17", "eclipse-mosquitto:2"] {
            assert_eq!(told(base, "till"), Signal::Unclear, "{base}");
        }
        for entry in ["if x; then till; fi", ". run.sh", "x || y; till", "x & till"] {
            assert_eq!(told("alpine", entry), Signal::Unclear, "{entry}");
        }
    }

    #[test]
    fn the_shell_that_a_recipe_names_counts_and_a_stage_has_that_of_its_base() {
        let text =
            "FROM python:3.14-slim AS base\nSHELL [\"/bin/bash\", \"-c\"]\nFROM base\nCMD till\n";
        assert_eq!(told_of(text, "till"), Signal::Arrives);
        assert_eq!(told_of(&text.replace("/bin/bash", "/bin/sh"), "till"), Signal::Kept);
    }
}
