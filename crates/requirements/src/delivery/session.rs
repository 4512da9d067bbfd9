//! Sessions on other machines: `ssh`.

use crate::command::{Command, commands};

/// Whether something is run on another machine that may change what runs there.
pub(super) fn runs_there(command: &Command) -> bool {
    command.program() == "ssh"
        && command.words.len() > 2
        && !command.has(&["-T"])
        && !only_asks(command)
}

/// Whether a session on another machine only tries the connection, or looks at what is there:
/// `ssh -o BatchMode=yes till-host true`.
fn only_asks(command: &Command) -> bool {
    let looks = ["cat", "date", "df", "echo", "exit", "hostname", "id", "ls", "pwd", "true"];
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
    let inner = commands(&there.join(" "));
    !inner.is_empty() && inner.iter().all(|command| looks.contains(&command.program()))
}
