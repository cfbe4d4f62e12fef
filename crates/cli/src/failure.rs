//! How a command fails, and the exit code that says so to scripts.

use std::{io, process::ExitCode};

use api_types::validations::Validation;

/// Exit codes: 1 refused or failed, 2 wrong use, 3 not found, 4 no access, 5 unreachable.
#[derive(Debug)]
pub enum Failure {
    /// What was typed, or what is set, cannot mean anything.
    Usage(String),
    /// The same, told already.
    Misused,
    /// Nothing has the name that was given.
    NotFound(String),
    /// The server understood and said no.
    Refused(Box<Refusal>),
    /// No answer of a server.
    Unreachable {
        url: String,
        reason: String,
    },
    /// Told already, by a report or a table: only the exit code is left to say.
    Told,
    /// Whoever read our output has seen enough.
    PipeClosed,
    Other(anyhow::Error),
}

/// An error answer of the API.
#[derive(Debug)]
pub struct Refusal {
    pub status: u16,
    pub code: String,
    pub message: String,
    pub remedy: Option<String>,
    pub validation: Option<Validation>,
    /// Also in the server's log.
    pub request_id: String,
}

pub type Outcome<T = ()> = Result<T, Failure>;

impl Failure {
    pub fn usage(text: impl Into<String>) -> Self {
        Failure::Usage(text.into())
    }

    pub fn is_not_found(&self) -> bool {
        matches!(self, Failure::NotFound(_)) || matches!(self, Failure::Refused(it) if it.status == 404)
    }

    pub fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self {
            Failure::PipeClosed => 0,
            Failure::Usage(_) | Failure::Misused => 2,
            _ if self.is_not_found() => 3,
            Failure::Refused(it) if it.status == 401 || it.status == 403 => 4,
            Failure::Unreachable { .. } => 5,
            Failure::Refused(_) | Failure::NotFound(_) | Failure::Told | Failure::Other(_) => 1,
        })
    }
}

impl From<anyhow::Error> for Failure {
    fn from(err: anyhow::Error) -> Self {
        Failure::Other(err)
    }
}

/// Of writing to standard output.
impl From<io::Error> for Failure {
    fn from(err: io::Error) -> Self {
        match err.kind() {
            io::ErrorKind::BrokenPipe => Failure::PipeClosed,
            _ => Failure::Other(anyhow::Error::from(err).context("cannot write to standard output")),
        }
    }
}
