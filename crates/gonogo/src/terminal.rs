//! What the terminal can show, and writing to it.

use std::io::{self, IsTerminal as _, Write as _};

use report::Style;

use crate::arguments::{Color, Global};
use crate::failure::Failure;

/// The width where none can be told.
const WIDTH: usize = 100;

/// How to write to standard output.
pub(crate) fn style(global: &Global) -> Style {
    let is_terminal = io::stdout().is_terminal();
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    let is_refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let color = match global.color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => is_terminal && !is_dumb && !is_refused,
    };
    Style {
        color,
        width: width().clamp(40, 200),
        unicode: !global.ascii && !is_dumb && speaks_utf8(),
        is_verbose: global.verbose,
        hyperlinks: color && is_terminal,
    }
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    columns.or_else(terminal_width).unwrap_or(WIDTH)
}

#[cfg(unix)]
fn terminal_width() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then_some(usize::from(size.ws_col))
}

#[cfg(not(unix))]
fn terminal_width() -> Option<usize> {
    None
}

/// Whether the locale is UTF-8; unset counts as UTF-8, as in containers and CI.
fn speaks_utf8() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}

/// Writes data to standard output. A reader that went away, such as `head`, is no failure.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::broken(format!("standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Says something that is not data, unless `--quiet` was given.
pub(crate) fn say(text: &str, global: &Global) {
    if !global.quiet {
        // Nobody to tell where standard error is closed.
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// Says why a command could not do its work.
pub(crate) fn complain(failure: &Failure, global: &Global) {
    // Indented, so that no line of a message can be taken for one of gonogo's own.
    let clean = report::clean_block(&failure.message).replace('\n', "\n  ");
    let _ = writeln!(io::stderr(), "error: {clean}");
    if let Some(hint) = failure.hint.as_ref().filter(|_| !global.quiet) {
        let _ = writeln!(io::stderr(), "hint: {hint}");
    }
}
