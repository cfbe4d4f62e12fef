use std::{io, path::PathBuf};

use crate::KeyId;

/// Why a secret or a key cannot be had. Never holds any part of either.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error("sealed with master key {expected}, and this is master key {found}; give the one it was sealed with")]
    WrongKey { expected: KeyId, found: KeyId },
    /// Also when it was sealed for other URLs than it should be sent to now.
    #[error("{column} of {table} {row} cannot be opened: it was altered, or sealed for another place")]
    Altered { table: &'static str, row: String, column: &'static str },
    #[error("the check value of the master key is not one; was the database altered?")]
    BadCheckValue,
    /// Without the text, which may be a key that somebody pasted.
    #[error("{0}; write file:PATH, env:NAME or systemd-credential:NAME")]
    BadSource(&'static str),
    #[error("master key file {path}")]
    KeyFile { path: PathBuf, source: io::Error },
    #[error("master key file {path} is open to others (mode {mode:03o}); run: chmod 600 {path}")]
    KeyFileOpen { path: PathBuf, mode: u32 },
    #[error("{source_name} holds no master key; it is 64 hexadecimal digits")]
    BadKey { source_name: String },
    #[error("environment variable {0} is not set")]
    NoVariable(String),
    /// The system gives no random numbers, or no memory.
    #[error("cannot encrypt or hash")]
    Crypto,
}

impl From<aws_lc_rs::error::Unspecified> for VaultError {
    fn from(_: aws_lc_rs::error::Unspecified) -> VaultError {
        VaultError::Crypto
    }
}
