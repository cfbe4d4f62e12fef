//! A program that is built to be given away holds the console; a new console makes a new program. Others read the
//! files while they run.

use std::{fs, io};

const CONSOLE: &str = "../../ui/dist";

fn main() -> io::Result<()> {
    println!("cargo:rerun-if-changed=build.rs");
    // `rust-embed` wants the folder to be there, with or without a console in it.
    fs::create_dir_all(CONSOLE)?;
    if std::env::var_os("PROFILE").is_some_and(|it| it == "release") {
        println!("cargo:rerun-if-changed={CONSOLE}");
    }
    Ok(())
}
