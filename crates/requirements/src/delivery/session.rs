//! Sessions on other machines: `ssh`, and that of a cloud.

use facts::command::{Command, commands};

/// Whether something is run on another machine that may change what runs there.
pub(super) fn runs_there(command: &Command) -> bool {
    if command.is("gcloud compute ssh") {
        // Without it a person comes in.
        return command.values(&["--command"]).next().is_some_and(|there| !only_looks(there));
    }
    command.program() == "ssh"
        && command.words.len() > 2
        && !command.has(&["-T"])
        && !only_asks(command)
}

/// Whether what an action runs on another machine only looks or fetches data there: what its users
/// run stays as it was. Nothing at all is said of an empty script.
pub(super) fn only_tends(script: &str) -> bool {
    let known = [
        ".", "[", "cat", "cd", "date", "df", "du", "echo", "exit", "export", "hostname", "id",
        "ls", "mkdir", "printf", "pwd", "set", "sleep", "source", "test", "true",
    ];
    let tends = |command: &Command| {
        known.contains(&command.program())
            || (command.program() == "make" && fetches_by_make(command))
    };
    let lines = script.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with('#'));
    let commands: Vec<Command> = lines.flat_map(commands).collect();
    !commands.is_empty() && commands.iter().all(tends)
}

/// Whether all targets of make fetch, keep or tidy something: `make dl-models`, `make backup`.
fn fetches_by_make(command: &Command) -> bool {
    let verbs = ["backup", "clean", "dl", "download", "dump", "logs", "prune", "status"];
    let words = command.words.iter().skip(1);
    let mut targets = words.filter(|word| !word.starts_with('-') && !word.contains('=')).peekable();
    let first = |target: &String| {
        let first = target.split(|c: char| !c.is_ascii_alphanumeric()).next();
        first.is_some_and(|first| verbs.contains(&first))
    };
    targets.peek().is_some() && targets.all(first)
}

/// Whether a session on another machine only tries the connection, or looks at what is there:
/// `ssh -o BatchMode=yes till-host true`.
fn only_asks(command: &Command) -> bool {
    let with_value = ["-F", "-J", "-i", "-l", "-o", "-p"];
    let mut words = command.words.iter().skip(1).map(String::as_str);
    while let Some(word) = words.next() {
        if with_value.contains(&word) {
            words.next();
        } else if !word.starts_with('-') {
            break;
        }
    }
    // What is left after the host is run there.
    let there: Vec<&str> = words.collect();
    only_looks(&there.join(" "))
}

fn only_looks(there: &str) -> bool {
    let looks = ["cat", "date", "df", "echo", "exit", "hostname", "id", "ls", "pwd", "true"];
    let inner = commands(there);
    !inner.is_empty() && inner.iter().all(|command| looks.contains(&command.program()))
}
