//! `maildocket completions` and `maildocket man`: what the command line says of itself.

use std::{fs, path::Path};

use clap_complete::Shell;

use crate::{
    config,
    failure::{Failure, Outcome},
    process::out,
};

pub(crate) fn completions(shell: Shell) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut config::command(), "maildocket", &mut script);
    out::whole(format_args!("{}", String::from_utf8_lossy(&script)))
}

pub(crate) fn pages(folder: &Path) -> Outcome {
    let written =
        fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(config::command(), folder));
    written.map_err(|error| Failure::because(format!("{} cannot be written", folder.display()), error))?;
    out::print(format_args!(
        "The manual's pages are in {0}. `man -l {0}/maildocket.1` shows the first.",
        folder.display()
    ))
}
