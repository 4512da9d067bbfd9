//! Commands of health checks that end well whatever the service does.

/// Whether a command ends well whatever the service does.
pub(super) fn cannot_fail(command: &str) -> bool {
    if let Some(program) = program_text(command) {
        return !program.is_empty() && program.split([';', '\n']).all(does_nothing);
    }
    let Script { text, stops_at_errors } = script(command);
    let text = text.trim_end_matches([';', ' ', '\n']);
    let last = text.rsplit(['|', ';', '&', '\n']).next().unwrap_or_default().trim();
    let goes_on = !stops_at_errors && text.contains([';', '\n']);
    let is_single = !text.contains(['|', ';', '&', '\n']);
    // What a command is given, or where its output goes, may fail for it.
    let is_plain = !last.contains(['<', '>', '`']) && !last.contains("$(");
    let exits = text.split("exit ").skip(1).all(|code| code.trim_start().starts_with('0'));
    is_plain && exits && (is_single || goes_on || text.contains("||")) && is_trivial(last)
}

/// Whether a command is a call of `curl` that ends well on whatever it is answered, an error of the
/// service included: without `--fail`, and with nothing that looks at the answer.
pub(super) fn takes_any_answer(command: &str) -> bool {
    let text = script(command).text;
    let text = ["|| exit 1", "|| false", "||exit 1"]
        .iter()
        .find_map(|end| text.strip_suffix(end))
        .unwrap_or(text);
    let mut words = text.split_whitespace();
    let is_curl = base_name(words.next().unwrap_or_default()) == "curl";
    let is_single = !text.contains(['|', ';', '&', '`', '$', '\n', '[']);
    let looks = words.any(|word| {
        let is_short = word.starts_with('-') && !word.starts_with("--");
        word.starts_with("--fail")
            || word == "--write-out"
            || (is_short && word.contains(['f', 'w', 'K']))
    });
    is_curl && is_single && !looks
}

/// The program that an interpreter is given on its command line: `python -c "…"`, `node -e "…"`.
fn program_text(command: &str) -> Option<&str> {
    let command = command.trim();
    let command = command.strip_prefix("CMD ").unwrap_or(command);
    let (interpreter, rest) = command.split_once(' ')?;
    let name = base_name(interpreter).trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let flag = match name {
        "python" => "-c ",
        "node" | "ruby" | "perl" => "-e ",
        _ => return None,
    };
    Some(rest.trim_start().strip_prefix(flag)?.trim().trim_matches(['"', '\'']))
}

/// Whether a statement of such a program ends well and looks at nothing.
fn does_nothing(statement: &str) -> bool {
    let statement = statement.trim();
    let ends = ["exit", "quit", "sys.exit", "os._exit", "process.exit"];
    let ends_well =
        |arguments: &str| matches!(arguments.trim(), "" | "()" | "(0)" | "0" | "(None)");
    let is_end = || ends.iter().any(|end| statement.strip_prefix(end).is_some_and(ends_well));
    let is_import = statement
        .strip_prefix("import ")
        .is_some_and(|names| names.split(',').all(|name| matches!(name.trim(), "os" | "sys")));
    is_import || matches!(statement, "" | "pass") || is_end()
}

/// What a shell is given, or the command itself.
struct Script<'a> {
    text: &'a str,
    stops_at_errors: bool,
}

fn script(command: &str) -> Script<'_> {
    let command = command.trim();
    let healthcheck = ["CMD-SHELL ", "CMD "];
    let command = healthcheck.iter().find_map(|word| command.strip_prefix(word)).unwrap_or(command);
    let (program, rest) = command.split_once(' ').unwrap_or((command, ""));
    let is_shell = ["sh", "bash", "ash", "dash"].contains(&base_name(program));
    let (flag, text) = rest.trim_start().split_once(' ').unwrap_or((rest, ""));
    let is_script = is_shell && flag.starts_with('-') && flag.ends_with('c');
    let text = if is_script { text } else { command };
    let stops_at_errors = is_script && flag.contains('e') || text.contains("set -e");
    Script { text: text.trim().trim_matches(['"', '\'']), stops_at_errors }
}

fn is_trivial(command: &str) -> bool {
    let mut words = command.split_whitespace();
    let program = base_name(words.next().unwrap_or_default());
    match program {
        "true" | ":" | "echo" | "printf" | "sleep" => true,
        // What they tell of the machine, they tell of any that runs.
        "date" | "hostname" | "id" | "ls" | "pwd" | "uname" | "whoami" => words.next().is_none(),
        "exit" => words.next() == Some("0"),
        _ => false,
    }
}

fn base_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_that_ends_well_whatever_happens_is_told_from_one_that_may_fail() {
        for command in [
            "true",
            "/bin/true",
            "pwd",
            "/bin/ls",
            "exit 0",
            "sh -c exit 0",
            "/bin/sh -ec 'echo ok'",
            "sh -c curl -f localhost || true",
            "pg_isready || exit 0",
            "pg_isready >/dev/null 2>&1 || true",
            "pg_isready; exit 0",
            "pg_isready\necho done",
            "python -c import sys; sys.exit(0)",
            "/usr/bin/python3.12 -c 'import os, sys; sys.exit()'",
            "CMD node -e process.exit(0)",
        ] {
            assert!(cannot_fail(command), "{command}");
        }
        for command in [
            "pg_isready",
            "ls /tmp/alive",
            "sh -c curl -f localhost || exit 1",
            "echo ruok | nc localhost 2181",
            "test -f /tmp/alive && echo ok",
            "bash -c 'echo > /dev/tcp/localhost/8080'",
            "curl -f localhost; exit $?",
            "sh -ec curl -f localhost; echo ok",
            "if ! pg_isready; then exit 1; fi; exit 0",
            "",
            "/app/true-check",
            "python -c import sys; sys.exit(1)",
            "python -c import requests; sys.exit(0)",
            "python -c import sys, till; sys.exit(till.check())",
            "python -c ",
            "python check.py",
            "node -e require('./check')",
        ] {
            assert!(!cannot_fail(command), "{command}");
        }
    }

    #[test]
    fn curl_without_fail_takes_any_answer() {
        for command in [
            "CMD-SHELL curl http://localhost:3000/health",
            "curl -s -o /dev/null http://localhost || exit 1",
            "CMD curl --silent http://localhost",
        ] {
            assert!(takes_any_answer(command), "{command}");
        }
        for command in [
            "curl -fsS http://localhost",
            "CMD-SHELL curl --fail http://localhost || exit 1",
            "curl -s http://localhost | grep ok",
            "curl -s -w '%{http_code}' http://localhost",
            "wget -q http://localhost",
        ] {
            assert!(!takes_any_answer(command), "{command}");
        }
    }
}
