//! `gonogo completions` and `gonogo man`.

use std::fs;
use std::path::Path;

use clap::CommandFactory as _;

use crate::arguments::{Arguments, Global};
use crate::failure::Failure;
use crate::terminal;

pub(crate) fn completions(shell: clap_complete::Shell) -> Result<u8, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "gonogo", &mut script);
    terminal::print(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

pub(crate) fn man(folder: Option<&Path>, global: &Global) -> Result<u8, Failure> {
    let command = Arguments::command();
    let Some(folder) = folder else {
        let mut page = Vec::new();
        clap_mangen::Man::new(command)
            .render(&mut page)
            .map_err(|error| Failure::broken(format!("the manual cannot be printed: {error}")))?;
        terminal::print(&String::from_utf8_lossy(&page))?;
        return Ok(0);
    };
    let failed = |error| Failure::usage(format!("{} cannot be written: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(failed)?;
    clap_mangen::generate_to(command, folder).map_err(failed)?;
    terminal::say(&format!("wrote the manual pages to {}", folder.display()), global);
    Ok(0)
}
