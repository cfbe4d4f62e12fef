//! Secrets as they are given: never on the command line, where every user of the machine reads them.

use std::{
    env, fs,
    io::{self, IsTerminal, Read},
    path::{Path, PathBuf},
};

use anyhow::Context;
use clap::Args;
use secrecy::SecretString;

use crate::failure::{Failure, Outcome};

/// Where a password comes from; without any of these it is asked for.
#[derive(Debug, Clone, Default, Args)]
pub struct PasswordArgs {
    /// Read the secret from standard input
    #[arg(long, conflicts_with = "password_file")]
    pub password_stdin: bool,
    /// Read the secret from a file
    #[arg(long, value_name = "FILE")]
    pub password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// From standard input, a file, the environment variable, or a prompt.
    pub fn read(&self, what: &str, variable: &str) -> Outcome<SecretString> {
        if let Some(secret) = self.given()? {
            return Ok(secret);
        }
        if let Some(secret) = env::var(variable).ok().filter(|it| !it.is_empty()) {
            return Ok(SecretString::from(secret));
        }
        prompt(what, &format!("give --password-stdin, --password-file FILE or set {variable}"))
    }

    /// Only where one of the flags says so.
    pub fn given(&self) -> Outcome<Option<SecretString>> {
        match &self.password_file {
            Some(path) => Ok(Some(from_file(path)?)),
            None if self.password_stdin => Ok(Some(from_stdin()?)),
            None => Ok(None),
        }
    }
}

fn from_stdin() -> Outcome<SecretString> {
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("cannot read the secret from standard input")?;
    one_line(text, "standard input")
}

fn from_file(path: &Path) -> Outcome<SecretString> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    one_line(text, &path.display().to_string())
}

/// Without the end of its line, which an editor or `echo` adds.
fn one_line(mut text: String, from: &str) -> Outcome<SecretString> {
    let end = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(end);
    if text.is_empty() {
        return Err(Failure::usage(format!("{from} holds no secret")));
    }
    Ok(SecretString::from(text))
}

/// Asks the terminal, without showing what is typed.
pub fn prompt(what: &str, otherwise: &str) -> Outcome<SecretString> {
    if !io::stdin().is_terminal() {
        return Err(Failure::usage(format!("{what} is missing; {otherwise}")));
    }
    let secret = rpassword::prompt_password(format!("{what}: ")).context("cannot ask for the secret")?;
    if secret.is_empty() {
        return Err(Failure::usage(format!("{what} is empty")));
    }
    Ok(SecretString::from(secret))
}
