//! Manual pages, made from the command line itself.

use std::{fs, path::PathBuf};

use anyhow::Context;
use clap::Args;

use crate::{
    cli,
    failure::Outcome,
    output::{note, print},
};

pub const EXAMPLES: &str = "\
Without a directory the page of stackyard itself goes to standard output, as roff.

Examples:
  stackyard man | man -l -
  stackyard man /usr/local/share/man/man1";

#[derive(Debug, Args)]
pub struct ManArgs {
    /// Where to write a page for each command; made where it does not exist
    directory: Option<PathBuf>,
}

pub fn run(args: &ManArgs) -> Outcome {
    let Some(directory) = &args.directory else {
        let mut page = Vec::new();
        clap_mangen::Man::new(cli::command()).render(&mut page)?;
        return print(&String::from_utf8_lossy(&page));
    };
    fs::create_dir_all(directory).with_context(|| format!("cannot make {}", directory.display()))?;
    clap_mangen::generate_to(cli::command(), directory)
        .with_context(|| format!("cannot write to {}", directory.display()))?;
    note(&format!("the pages are in {}; read them with: man stackyard", directory.display()));
    Ok(())
}
