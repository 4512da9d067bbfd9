//! The `gonogo` command: reads the command line, calls the use case, prints, and exits.

mod arguments;
mod commands;
mod failure;
mod files;
mod terminal;

use std::process::ExitCode;

use clap::Parser as _;

use crate::arguments::Arguments;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match commands::run(&arguments) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            terminal::complain(&failure, &arguments.global);
            ExitCode::from(failure.code)
        }
    }
}
